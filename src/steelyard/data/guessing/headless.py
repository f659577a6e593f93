"""Files without a header line: told by a first line that looks like data, and named by what the columns hold."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import replace

from steelyard.data.guessing.event_words import event_kind_of
from steelyard.data.guessing.profiles import HAN, ColumnProfile, TableProfile, profile
from steelyard.data.guessing.role_names import ROLE_NAMES
from steelyard.data.guessing.roles import LISTED, whole_name_score

__all__ = ["is_among_kinds", "is_id", "with_header_told", "wordy"]

_NUMBER = re.compile(r"[-+]?\d+(?:[.,]\d+)?(?:[eE][-+]?\d+)?")
_TIME = re.compile(r"(19|20)\d\d[-/.]\d\d?[-/.]\d\d?.*|\d\d?[./]\d\d?[./](19|20)\d\d.*")
_FIRST_LOGS = 8.2e8
"""Seconds from 1970 to 1996, before which no public log of a shop begins."""
_REPEATED = re.compile(r"_\d+$")


def with_header_told(
    table: TableProfile, columns: Mapping[str, Sequence[str | None]], *, first: Sequence[str] = ()
) -> TableProfile:
    """The table, its columns named by what they hold where the file names none.

    Args:
        table: As it was read, the first line taken for names.
        columns: The sampled values.
        first: Cells of the first line where the reader has told already that it is data; it is among the values then.

    Returns:
        The same where the first line names the columns; otherwise with that line as a row, and ``names``.
    """
    if first:
        names = _named(table.columns)
        told = tuple(replace(column, name=new) for column, new in zip(table.columns, names, strict=True))
        return replace(table, columns=told, names=tuple(names), header_values=tuple(first))
    written = list(columns)
    if not _is_data(written, table):
        return table
    values = {
        name: [_REPEATED.sub("", name) if name not in rows[:1] else name, *rows] for name, rows in columns.items()
    }
    numbers = {name: [_number(value) for value in rows] for name, rows in values.items()}
    unnamed = [profile(name, rows, numbers[name]) for name, rows in values.items()]
    names = _named(unnamed)
    named = tuple(replace(column, name=new) for column, new in zip(unnamed, names, strict=True))
    return TableProfile(table.path, table.n_rows + 1, named, names=tuple(names), header_values=tuple(written))


def _is_data(written: Sequence[str], table: TableProfile) -> bool:
    """Whether names of columns look like values: numbers, times, kinds of events, or what the column holds below."""
    if len(written) < 2:
        return False
    if any(_is_name(name) for name in written if not event_kind_of(name)):
        return False
    like_data = sum(
        bool(_NUMBER.fullmatch(name) or _TIME.fullmatch(name)) or _is_among(name, column)
        for name, column in zip(written, table.columns, strict=False)
    )
    has_number = any(_NUMBER.fullmatch(name) or _TIME.fullmatch(name) for name in written)
    return has_number and like_data >= 0.5 * len(written)


def _is_name(name: str) -> bool:
    """Whether a whole name is one that columns have."""
    return any(whole_name_score(name, role) >= LISTED for role in ROLE_NAMES)


def _is_among(name: str, column: ColumnProfile) -> bool:
    return name in column.all_values or (event_kind_of(name) is not None and column.n_distinct <= 30)


def _number(value: str | None) -> float | None:
    if not value or not _NUMBER.fullmatch(value.strip()):
        return None
    return float(value.strip().replace(",", "."))


def _named(columns: Sequence[ColumnProfile]) -> list[str]:
    """Names by content: times and kinds first, then ids in the usual order of user, item and category."""
    names: dict[int, str] = {}
    for at, column in enumerate(columns):
        if column.time_share > 0.8 or (
            column.numeric_share > 0.95 and 1e8 < column.low <= column.high < 1e20 and _grows(column)
        ):
            names.setdefault(at, "time" if "time" not in names.values() else f"time_{at + 1}")
        elif is_among_kinds(column):
            names[at] = "event_type" if "event_type" not in names.values() else f"column_{at + 1}"
    is_log = "time" in names.values()
    ids = [at for at, column in enumerate(columns) if at not in names and is_id(column)]
    rest = [at for at in range(len(columns)) if at not in names and at not in ids]
    if is_log:
        names |= dict(zip(ids, _id_names(columns, ids), strict=False))
    else:
        names |= _catalogue_names(columns, ids, rest)
    return [names.get(at, f"column_{at + 1}") for at in range(len(columns))]


def _id_names(columns: Sequence[ColumnProfile], ids: Sequence[int]) -> list[str]:
    """User, item, then what has fewer values than the items: a category, else a rating."""
    usual = ["user_id", "item_id"]
    for at in ids[2:]:
        column = columns[at]
        is_scale = column.numeric_share > 0.9 and 0 <= column.low <= column.high <= 10 and column.n_distinct <= 21
        usual.append(
            "rating"
            if is_scale and "rating" not in usual
            else ("category_id" if "category_id" not in usual else f"column_{at + 1}")
        )
    return usual


def _catalogue_names(columns: Sequence[ColumnProfile], ids: Sequence[int], rest: Sequence[int]) -> dict[int, str]:
    unique = [at for at in ids if columns[at].distinct_share > 0.95]
    names = {unique[0]: "item_id"} if unique else {}
    texts = [at for at in (*rest, *ids) if at not in names and columns[at].numeric_share < 0.5]
    longest = max(texts, key=lambda at: columns[at].distinct_share * wordy(columns[at]), default=None)
    if longest is not None:
        names[longest] = "title"
    shared = [at for at in texts if at not in names and columns[at].distinct_share < 0.7]
    if shared:
        names[shared[0]] = "category"
    priced = [at for at in range(len(columns)) if at not in names and columns[at].money_share > 0.5]
    if priced:
        names[priced[0]] = "price"
    return names


def is_among_kinds(column: ColumnProfile) -> bool:
    """Whether a column's few values are kinds of events, some of them known."""
    return column.n_distinct <= 60 and any(map(event_kind_of, column.all_values))


def wordy(column: ColumnProfile) -> float:
    """How many words a value has; of languages without blanks a third of its letters."""
    is_asian = any(HAN.search(value) for value in column.values)
    return column.mean_chars / 3 if is_asian else column.mean_words


def is_id(column: ColumnProfile) -> bool:
    """Whether the values are written as identifiers are: one word, and no amount of money."""
    return column.mean_words <= 1.2 and column.mean_chars <= 70 and column.money_share < 0.5


def _grows(column: ColumnProfile) -> bool:
    """Epoch times lie close together beside their size; ids of items need not."""
    is_of_nineties = _FIRST_LOGS <= column.low <= column.high < 1e9
    is_long = len(str(int(column.high))) in (10, 13, 16, 19)
    return column.high - column.low < 0.6 * column.high and (is_long or is_of_nineties)
