"""The built-in source keeps the promises of a source."""

import pytest

from steelyard.testing import SourceContract


class TestFiles(SourceContract):
    @pytest.fixture(autouse=True)
    def _needs_tables(self):
        pytest.importorskip("duckdb", reason="duckdb is not installed: the extra train brings it")

    def open(self, folder):
        from steelyard.assembly import Tools

        return Tools().shop.sources(folder, scratch=folder / "scratch", threads=1)


class TestFilesInJsonLines(TestFiles):
    def store(self, folder, name, columns):
        import json

        lines = [json.dumps(dict(zip(columns, row, strict=True))) for row in zip(*columns.values(), strict=True)]
        (folder / f"{name}.jsonl").write_text("".join(f"{line}\n" for line in lines), "utf-8")
        return f"{name}.jsonl"


class TestFilesInParquet(TestFiles):
    def store(self, folder, name, columns):
        import pyarrow as pa
        import pyarrow.parquet as pq

        table = pa.table({column: pa.array(values, pa.string()) for column, values in columns.items()})
        pq.write_table(table, folder / f"{name}.parquet")
        return f"{name}.parquet"
