"""Promises of a source of the shop's tables. Subclass the suite and say how to open yours; pytest does the rest."""

from __future__ import annotations

import csv
import json
from abc import ABC, abstractmethod
from collections.abc import Mapping, Sequence
from contextlib import AbstractContextManager
from decimal import Decimal
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from steelyard.data.schema import Role, StoredType, Wanted
from steelyard.errors import SourceError
from steelyard.testing.refusals import refused
from steelyard.workflows.ports import Sources

if TYPE_CHECKING:
    from steelyard.data.schema import Frame

__all__ = ["SourceContract"]

_EVENTS: Mapping[str, Sequence[str]] = {
    "who": ["ann", "bo", "ann", "", "cy"],
    "sku": ["1", "x-2", "", "007", "1"],
    "when": ["2024-05-01 10:00:00", "2024-05-02 00:00:00", "soon", "", "2024-05-01 10:00:00"],
    "paid": ["12.5", "two", "", "0", "-3"],
    "said": ["plain", "with, comma", 'a "quoted" word', "红色连衣裙", "two\nlines"],
}
_WHO = Role("user", ("who",), is_personal=True)
_SKU = Role("item_id", ("sku",))
_WHEN = Role("time", ("when",), "time")
_PAID = Role("price", ("paid",), "number")
_SAID = Role("title", ("said",))
_FIRST_S = 1714557600
"""2024-05-01 10:00 UTC."""
_STORED: Mapping[str, StoredType] = {
    "number": "int",
    "share": "float",
    "word": "text",
    "price": "decimal",
    "levels": "texts",
    "is_new": "flag",
}
_MANY = 120_000
"""Rows of a table that no source gives in one batch."""


class SourceContract(ABC):
    """Promises of ``steelyard.workflows.ports.Sources``: what the pipeline asks of a shop's tables.

    Every test gets an empty folder of its own (pytest's ``tmp_path``).
    """

    @abstractmethod
    def open(self, folder: Path) -> AbstractContextManager[Sources]:
        """The source whose paths are relative to ``folder``; left, it forgets its intermediate tables."""

    def store(self, folder: Path, name: str, columns: Mapping[str, Sequence[str]]) -> str:
        """Put a table of texts where the source finds it; a CSV file, unless overridden.

        Args:
            folder: That of the test.
            name: Of the table.
            columns: Their texts, all of one length; empty where nothing is known.

        Returns:
            The path as ``steelyard.toml`` would name it.
        """
        with (folder / f"{name}.csv").open("w", encoding="utf-8", newline="") as file:
            writer = csv.writer(file)
            writer.writerows([list(columns), *zip(*columns.values(), strict=True)])
        return f"{name}.csv"

    def test_columns_are_named_in_their_order(self, tmp_path: Path) -> None:
        path = self.store(tmp_path, "events", _EVENTS)
        with self.open(tmp_path) as sources:
            assert list(sources.columns(path)) == list(_EVENTS)

    def test_rows_are_numbered_from_one_and_keep_their_order(self, tmp_path: Path) -> None:
        assert self._scanned(tmp_path, _SAID)["row"] == [1, 2, 3, 4, 5]

    def test_texts_come_as_they_are_and_empty_ones_as_nothing(self, tmp_path: Path) -> None:
        read = self._scanned(tmp_path, _SKU, _SAID)
        assert read["item_id"] == ["1", "x-2", None, "007", "1"]
        assert read["title"] == list(_EVENTS["said"])

    def test_what_is_no_number_is_nothing_and_its_text_is_kept(self, tmp_path: Path) -> None:
        read = self._scanned(tmp_path, _PAID)
        assert read["price"] == [12.5, None, None, 0.0, -3.0]
        assert read["price_text"][1] == "two"
        assert read["price_text"][2] is None

    def test_times_are_seconds_since_1970_and_what_is_no_time_is_nothing(self, tmp_path: Path) -> None:
        read = self._scanned(tmp_path, _WHEN)
        assert read["time"] == [_FIRST_S, _FIRST_S + 14 * 3600, None, None, _FIRST_S]
        assert read["time_text"][2] == "soon"

    def test_a_list_comes_as_numbered_columns_even_where_it_is_one(self, tmp_path: Path) -> None:
        titles = Role("title", ("said", "sku"), is_list=True)
        read = self._scanned(tmp_path, titles, Role("category", ("sku",), is_list=True))
        assert read["title_0"] == list(_EVENTS["said"])
        assert read["title_1"] == read["category_0"] == ["1", "x-2", None, "007", "1"]

    def test_one_column_may_play_two_roles(self, tmp_path: Path) -> None:
        read = self._scanned(tmp_path, _SKU, Role("brand", ("sku",)))
        assert read["item_id"] == read["brand"]

    def test_personal_values_come_as_pseudonyms_and_never_raw(self, tmp_path: Path) -> None:
        asked: list[str] = []

        def pseudonym(raw: str) -> str:
            asked.append(raw)
            return f"p{len(raw)}"

        path = self.store(tmp_path, "events", _EVENTS)
        with self.open(tmp_path) as sources:
            frame = sources.scan(Wanted("events", path, (_WHO, _SKU)), pseudonym=pseudonym)
            read = _rows(sources, frame)
        assert read["user"] == ["p3", "p2", "p3", None, "p2"]
        assert set(asked) == {"ann", "bo", "cy"}
        assert not {"ann", "bo", "cy"} & {value for values in read.values() for value in values}

    def test_rows_are_counted_apart_from_a_scan(self, tmp_path: Path) -> None:
        path = self.store(tmp_path, "events", _EVENTS)
        with self.open(tmp_path) as sources:
            assert sources.count(Wanted("events", path, (_SKU,))) == 5

    def test_a_clean_table_has_no_malformed_lines_and_no_remarks(self, tmp_path: Path) -> None:
        wanted = Wanted("events", self.store(tmp_path, "events", _EVENTS), (_WHO, _SKU))
        with self.open(tmp_path) as sources:
            _rows(sources, sources.scan(wanted, pseudonym=str))
            assert list(sources.malformed("events")) == []
            assert list(sources.remarks("events")) == []
            assert list(sources.cutting_notes("events")) == []

    def test_a_table_without_rows_is_refused_by_name_or_has_its_columns(self, tmp_path: Path) -> None:
        path = self.store(tmp_path, "empty", {name: [] for name in _EVENTS})
        wanted = Wanted("events", path, (_WHO, _SKU, _WHEN))
        with self.open(tmp_path) as sources:
            try:
                sources.check([wanted])
            except SourceError as error:
                assert "[data.events]" in str(error)
                assert path in str(error)
                return
            frame = sources.scan(wanted, pseudonym=str)
            assert frame.collect_schema().names() == ["row", "user", "item_id", "time", "time_text"]
            assert sources.count(wanted) == 0

    def test_all_problems_of_all_tables_are_named_at_once_with_their_section(self, tmp_path: Path) -> None:
        path = self.store(tmp_path, "events", _EVENTS)
        missing = [Role("title", ("sayd",)), Role("brand", ("no such column",))]
        wanted = [Wanted("items", path, tuple(missing)), Wanted("judgements", "nowhere.csv", (_SKU,))]
        with self.open(tmp_path) as sources:
            sources.check([Wanted("events", path, (_SKU, _SAID))])
            with refused(SourceError, "[data.items]", "sayd", "said", "no such column", "[data.judgements]", "nowhere"):
                sources.check(wanted)

    def test_a_sample_has_the_first_rows_as_texts_and_as_the_numbers_they_are_read_as(self, tmp_path: Path) -> None:
        path = self.store(tmp_path, "events", _EVENTS)
        with self.open(tmp_path) as sources:
            n_rows, texts, numbers = sources.sample(path, 3)
        assert n_rows == 5
        assert list(texts) == list(_EVENTS)
        assert texts["sku"] == ["1", "x-2", None]
        assert numbers["paid"] == [12.5, None, None]

    def test_a_kept_frame_is_the_same_and_is_found_by_its_name(self, tmp_path: Path) -> None:
        path = self.store(tmp_path, "events", _EVENTS)
        with self.open(tmp_path) as sources:
            frame = sources.scan(Wanted("events", path, (_SKU, _PAID)), pseudonym=str)
            whole = _rows(sources, frame)
            assert _rows(sources, sources.keep(frame, "seen")) == whole
            assert _rows(sources, sources.table("seen")) == whole

    def test_what_is_written_batch_by_batch_comes_back_in_its_types(self, tmp_path: Path) -> None:
        first: dict[str, Any] = {"number": np.array([3, 1]), "share": [0.5, None], "word": ["a", None]}
        first |= {"price": [Decimal("1.25"), None], "levels": [["x", "y"], []], "is_new": [True, False]}
        second: dict[str, Any] = {
            "number": [7],
            "share": [1.0],
            "word": ["é"],
            "price": [None],
            "levels": [["z"]],
            "is_new": [True],
        }
        with self.open(tmp_path) as sources:
            with sources.writing(_STORED, name="made") as rows:
                rows.write(first)
                rows.write(second)
            read = _gathered(sources, sources.table("made"))
        assert read["number"] == [3, 1, 7]
        assert read["share"] == [0.5, None, 1.0]
        assert read["word"] == ["a", None, "é"]
        assert read["price"] == [Decimal("1.25"), None, None]
        assert read["levels"] == [["x", "y"], [], ["z"]]
        assert read["is_new"] == [True, False, True]

    def test_a_table_that_nothing_was_written_to_has_its_columns(self, tmp_path: Path) -> None:
        with self.open(tmp_path) as sources:
            with sources.writing(_STORED, name="made"):
                pass
            assert sources.table("made").collect_schema().names() == list(_STORED)

    def test_batches_are_bounded_and_keep_the_order_of_the_rows(self, tmp_path: Path) -> None:
        with self.open(tmp_path) as sources:
            with sources.writing({"number": "int"}, name="many") as rows:
                rows.write({"number": np.arange(_MANY)[::-1]})
            batches = [batch["number"] for batch in sources.batches(sources.table("many").sort("number"))]
        assert len(batches) > 1
        assert [number for batch in batches for number in batch] == list(range(_MANY))

    def test_numbers_come_as_arrays_by_column(self, tmp_path: Path) -> None:
        with self.open(tmp_path) as sources:
            with sources.writing({"number": "int", "share": "float"}, name="made") as rows:
                rows.write({"number": [2, 1], "share": [0.5, 0.25]})
            arrays = sources.arrays(sources.table("made").sort("number"))
        np.testing.assert_array_equal(arrays["number"], [1, 2])
        np.testing.assert_array_equal(arrays["share"], [0.25, 0.5])

    def test_results_are_parquet_files_and_documents_and_their_folder_is_made(self, tmp_path: Path) -> None:
        path = self.store(tmp_path, "events", _EVENTS)
        targets = [tmp_path / "frames" / "events.parquet", tmp_path / "rows" / "made.parquet"]
        with self.open(tmp_path) as sources:
            sources.write(sources.scan(Wanted("events", path, (_SKU,)), pseudonym=str), str(targets[0]))
            with sources.writing({"number": "int"}, target=str(targets[1])) as rows:
                rows.write({"number": [1]})
            sources.write_document({"名": [1, None]}, str(tmp_path / "facts.json"))
        assert [target.read_bytes()[:4] for target in targets] == [b"PAR1", b"PAR1"]
        assert json.loads((tmp_path / "facts.json").read_text("utf-8")) == {"名": [1, None]}

    def test_reading_changes_nothing_of_the_shop_s(self, tmp_path: Path) -> None:
        path = self.store(tmp_path, "events", _EVENTS)
        before = {each.name: each.read_bytes() for each in tmp_path.iterdir() if each.is_file()}
        with self.open(tmp_path) as sources:
            _rows(sources, sources.scan(Wanted("events", path, (_WHO, _PAID)), pseudonym=str))
        assert {name: (tmp_path / name).read_bytes() for name in before} == before

    def _scanned(self, folder: Path, *roles: Role) -> dict[str, list[Any]]:
        wanted = Wanted("events", self.store(folder, "events", _EVENTS), roles)
        with self.open(folder) as sources:
            sources.check([wanted])
            read = _rows(sources, sources.scan(wanted, pseudonym=str))
        assert list(read) == ["row", *(name for role in roles for name in role.outputs)]
        return read


def _rows(sources: Sources, frame: Frame) -> dict[str, list[Any]]:
    return _gathered(sources, frame.sort("row"))


def _gathered(sources: Sources, frame: Frame) -> dict[str, list[Any]]:
    read: dict[str, list[Any]] = {}
    for batch in sources.batches(frame):
        for name, values in batch.items():
            read.setdefault(name, []).extend(values)
    return read
