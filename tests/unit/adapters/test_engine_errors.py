from pathlib import Path

import duckdb
import narwhals.stable.v2 as nw
import pyarrow as pa
import pytest

from steelyard.adapters.shop.engine_errors import explained, told
from steelyard.adapters.shop.sources import Sources
from steelyard.errors import DataError, SourceError, StorageError

SCRATCH = Path("/shop/work/tmp/steelyard-tables-1")


@pytest.mark.parametrize(
    ("error", "kind", "says"),
    [
        (duckdb.OutOfMemoryException("failed to pin block"), SourceError, "more than the 2 GB allowed.*max_memory_gb"),
        (MemoryError(), SourceError, "raise max_memory_gb"),
        (duckdb.IOException("write: No space left on device"), StorageError, "no space is left under /shop/work/tmp"),
        (duckdb.OutOfMemoryException("exceeds max_temp_directory_size"), StorageError, "no space is left"),
        (OSError(28, "No space left on device"), StorageError, "no space is left"),
        (OSError(5, "Input/output error", "/shop/x.parquet"), SourceError, r"\(/shop/x.parquet\): Input/output error"),
        (duckdb.ConversionException("string 'eva@mail.example' to INT64"), SourceError, "cannot be read: string … to"),
        (duckdb.BinderException("column eva@mail.example"), DataError, r"\(BinderException\): a defect of Steelyard"),
        (duckdb.InvalidInputException("Python exception: 'eva'"), DataError, "a defect of Steelyard"),
        (pa.ArrowInvalid("Could not convert 'eva@mail.example'"), DataError, r"\(ArrowInvalid\): a defect"),
    ],
)
def test_each_error_of_the_engine_says_what_to_do_and_quotes_nothing(error, kind, says):
    found = told(error, SCRATCH, max_memory_gb=2)

    assert type(found) is kind
    assert "eva" not in str(found)
    with pytest.raises(kind, match=says), explained(SCRATCH, max_memory_gb=2):
        raise error


def wrong(sources):
    with sources.writing({"x": "text"}, name="texts") as rows:
        rows.write({"x": ["eva@mail.example"]})
    return sources.table("texts").select(nw.col("x").cast(nw.Int64()))


@pytest.mark.parametrize(
    "ask",
    [
        lambda sources: wrong(sources).collect(),
        lambda sources: sources.keep(wrong(sources), "kept"),
        lambda sources: sources.write(wrong(sources), str(sources.look("a.csv").path.with_suffix(".parquet"))),
        lambda sources: list(sources.batches(wrong(sources))),
        lambda sources: sources.arrays(wrong(sources)),
        lambda sources: sources.table("of no such name"),
        lambda sources: sources.table("texts").select("y").collect(),
    ],
)
def test_whatever_call_fails_the_project_says_so(tmp_path, ask):
    (tmp_path / "a.csv").write_text("x\n1\n", "utf-8")

    with pytest.raises(DataError) as raised, Sources(tmp_path, threads=1) as sources:
        ask(sources)

    assert "eva" not in str(raised.value)


def test_rows_that_cannot_be_stored_are_a_defect_without_their_values(tmp_path):
    with (
        pytest.raises(DataError, match="a defect of Steelyard") as raised,
        Sources(tmp_path, threads=1) as sources,
        sources.writing({"x": "int"}, name="x") as rows,
    ):
        rows.write({"x": ["eva@mail.example"]})

    assert "eva" not in str(raised.value)


def test_an_error_of_the_project_passes_unchanged(tmp_path):
    with pytest.raises(DataError, match=r"^mine$"), Sources(tmp_path, threads=1):
        raise DataError("mine")
