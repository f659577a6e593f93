"""Named columns of a file as arrays; whatever cannot be used is found in all rows before anything is computed."""

from __future__ import annotations

import difflib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from steelyard.data.schema import Role, SourcePort, Wanted
from steelyard.domain import FloatArray
from steelyard.errors import DataError

__all__ = ["Bounds", "Columns", "Number", "read_columns"]

_TABLE = "experiment"
_MAX_PROBLEMS = 8


@dataclass(frozen=True, slots=True)
class Bounds:
    """What a number may be."""

    low: float = float("-inf")
    high: float = float("inf")
    is_low_excluded: bool = False

    def holds(self, values: FloatArray) -> np.ndarray[tuple[int], np.dtype[np.bool_]]:
        """Which values lie within; one that is not finite lies nowhere."""
        above = values > self.low if self.is_low_excluded else values >= self.low
        within: np.ndarray[tuple[int], np.dtype[np.bool_]] = np.isfinite(values) & above & (values <= self.high)
        return within

    def __str__(self) -> str:
        return f"{'(' if self.is_low_excluded else '['}{self.low:g}, {self.high:g}]"


@dataclass(frozen=True, slots=True)
class Number:
    """A column of numbers."""

    column: str
    option: str
    """How the command line names it."""
    todo: str
    """What to do about a row without such a number."""
    bounds: Bounds = Bounds()

    @property
    def lacks(self) -> str:
        """What a row has that has no such number."""
        where = "" if self.bounds == Bounds() else f" in {self.bounds}"
        return f"no number{where} in {self.column!r}"


@dataclass(frozen=True, slots=True)
class Columns:
    """The rows of a file, column by column."""

    n_rows: int
    texts: Mapping[str, Sequence[str]]
    """By role."""
    numbers: Mapping[str, FloatArray]
    """By role. Shape (n_rows,) each."""


def read_columns(
    sources: SourcePort, name: str, *, texts: Mapping[str, tuple[str, str]], numbers: Mapping[str, Number]
) -> Columns:
    """The named columns of a file.

    Args:
        sources: Opened on the file's folder.
        name: Of the file: CSV, JSON lines or Parquet.
        texts: By role, a column of texts and the option that names it.
        numbers: By role, a column of numbers.

    Returns:
        All rows; no text is empty, and all numbers lie within their bounds.

    Raises:
        SourceError: The file cannot be read.
        DataError: A column is missing, the file has no row, or a row lacks what it needs; all is told at once.
    """
    named = {role: (column, option) for role, (column, option) in texts.items()}
    named |= {role: (number.column, number.option) for role, number in numbers.items()}
    _refuse_missing(name, sources.columns(name), named.values())
    roles = [Role(role, (column,)) for role, (column, _) in texts.items()]
    roles += [Role(role, (number.column,), "number") for role, number in numbers.items()]
    wanted = Wanted(_TABLE, name, tuple(roles))
    found = _gathered(sources, wanted)
    n_rows, malformed = sources.count(wanted), sources.malformed(_TABLE)
    if not n_rows and not malformed:
        raise DataError(f"{name} has no row below its header: nothing to compute from")
    problems = [f"{len(malformed)} lines cannot be cut into columns (first: line {malformed[0]})"] if malformed else []
    for role, (column, _) in texts.items():
        problems += _told(np.array([not value for value in found[role]]), f"nothing in {column!r}", "fill it in")
    arrays = {
        role: np.array([np.nan if value is None else value for value in found[role]], np.float64) for role in numbers
    }
    for role, number in numbers.items():
        problems += _told(~number.bounds.holds(arrays[role]), number.lacks, number.todo)
    if problems:
        raise DataError(f"{name} cannot be used, nothing was computed:\n  " + "\n  ".join(problems[:_MAX_PROBLEMS]))
    return Columns(n_rows, {role: [str(value) for value in found[role]] for role in texts}, arrays)


def _gathered(sources: SourcePort, wanted: Wanted) -> dict[str, list[str | float | None]]:
    """By role, the values of all rows; a text or a number that is not there is ``None``."""
    found: dict[str, list[str | float | None]] = {role.name: [] for role in wanted.roles}
    for batch in sources.batches(sources.scan(wanted, pseudonym=str)):
        for role, values in found.items():
            values.extend(batch[role])
    return found


def _refuse_missing(name: str, there: Sequence[str], named: Iterable[tuple[str, str]]) -> None:
    problems = []
    for column, option in named:
        if column not in there:
            near = difflib.get_close_matches(column, there, n=1, cutoff=0.5)
            hint = f"; did you mean {near[0]!r}?" if near else ""
            problems.append(f"no column {column!r}: name it with {option} COLUMN{hint}")
    if problems:
        listed = ", ".join(there[:20]) + (" …" if len(there) > 20 else "")
        raise DataError(f"{name} lacks columns; it has {listed}\n  " + "\n  ".join(dict.fromkeys(problems)))


def _told(is_wrong: np.ndarray[tuple[int], np.dtype[np.bool_]], what: str, todo: str) -> list[str]:
    n = int(is_wrong.sum())
    if not n:
        return []
    first = int(is_wrong.argmax()) + 1
    return [f"{n:,} row{'s have' if n > 1 else ' has'} {what} ({'first: ' if n > 1 else ''}row {first:,}): {todo}"]
