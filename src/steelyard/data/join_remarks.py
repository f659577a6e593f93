"""What is said of files that are joined to a table: how their keys met, and what was added up."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol

from steelyard.data.remarks import Remark
from steelyard.data.schema import Clock, Lookup

__all__ = ["KeyCounts", "derived", "joined_file", "refused_none", "refused_repeats"]

_KINDS = {
    "number": "written as a number by a table tool (101.0, 1E+05)",
    "marks": "blanks or quotation marks",
    "case": "small and capital letters",
    "zeros": "zeros at the front",
}


@dataclass(frozen=True, slots=True)
class KeyCounts:
    """How the keys of a table's rows met the keys of a joined file."""

    empty: int = 0
    """Rows with no key."""
    asked: int = 0
    """Rows with one."""
    found: int = 0
    repaired: int = 0
    """Of those found, rows whose key is written otherwise in the file."""

    @property
    def unknown(self) -> int:
        """Rows whose key the file does not have."""
        return self.asked - self.found

    def remarks(self, file: str, lookup: Lookup, *, kinds: Mapping[str, int]) -> list[Remark]:
        """What is to be said of them.

        Args:
            file: Name of the joined file.
            lookup: How its rows are found.
            kinds: Keys that were repaired, by the kind of repair.

        Returns:
            One for each that there is.
        """
        on = " and ".join(lookup.on)
        said = []
        if self.empty:
            says = f"the key {on} is empty, so nothing of {file} belongs to the row: its columns are empty"
            said.append(Remark("join_key_missing", "warning", self.empty, says, {file: self.empty}))
        if self.unknown:
            says = f"no row of {file} has this {on}: its columns are empty"
            said.append(Remark("join_key_unknown", "warning", self.unknown, says, {file: self.unknown}))
        if self.repaired:
            listed = ", ".join(f"{_KINDS[kind]}: {n:,} keys" for kind, n in kinds.items())
            says = f"the key {on} is written otherwise in {file}, and means exactly one of its rows ({listed})"
            said.append(Remark("join_key_repaired", "warning", self.repaired, says, {file: self.repaired}))
        return said


class _Elapsed(Protocol):
    """What was added up (``adapters.shop.relative_times.Elapsed``)."""

    @property
    def people(self) -> int: ...

    @property
    def orders(self) -> int: ...

    @property
    def longest(self) -> float: ...

    @property
    def n_longest(self) -> int: ...

    @property
    def n_skipped(self) -> int: ...


def joined_file(file: str, lookup: Lookup, counts: KeyCounts, *, columns: Sequence[str]) -> Remark:
    """Which columns of a file were looked up, and for how many rows.

    Args:
        file: Its name.
        lookup: How its rows are found.
        counts: How the keys met.
        columns: Those that were read; none where the file is not needed.

    Returns:
        To be shown in the report.
    """
    if not columns:
        says = f"none of the columns of {file} is used: it is joined and was not read"
        return Remark("file_looked_up", "info", 0, says)
    key = " and ".join(lookup.on)
    says = f"looked up by {key} for every row: {', '.join(columns)} of {file}; no row was added or lost by it"
    return Remark("file_looked_up", "info", counts.found, says, {file: counts.found})


def derived(file: str, clock: Clock, elapsed: _Elapsed, *, n: int) -> Remark:
    """That the times were added up, and what they are good for.

    Args:
        file: With the days between orders.
        clock: What was added up.
        elapsed: Of how many people and orders.
        n: Rows of the table with such a time.

    Returns:
        To be shown in the report.
    """
    says = (
        f"derived: the export has no dates. {clock.column} is the sum of {clock.days} in {file} since "
        f"{clock.begins.isoformat()}, a day that is assumed. One person's order of events and the days between them "
        "hold; dates, seasons and which of two people came first do not"
    )
    if elapsed.n_longest > 1:
        says += f". {elapsed.n_longest:,} gaps are {elapsed.longest:g} days, the longest: if cut off, they were longer"
    if elapsed.n_skipped:
        says += f". {elapsed.n_skipped:,} people lack an order in between: what came after it is too early"
    values = {"orders": elapsed.orders, "people": elapsed.people, f"gaps of {elapsed.longest:g}": elapsed.n_longest}
    return Remark("time_added_up", "warning", n, says, values)


def refused_repeats(
    file: str, lookup: Lookup, *, n_keys: int, n_rows: int, rows: Sequence[Sequence[int]], keys: Sequence[str]
) -> str:
    """Why a file with a key twice is not joined.

    Args:
        file: Its name.
        lookup: How its rows are found.
        n_keys: Keys that it has more than once.
        n_rows: Rows with such a key.
        rows: Of some keys the first row, the last, and how many.
        keys: Those keys; empty where they name people or visits.

    Returns:
        Found, where, what to do.
    """
    places = [f"rows {first:,} to {last:,}, {n} times" for first, last, n in rows]
    shown = [f"{key!r} ({place})" for key, place in zip(keys, places, strict=False)] or places
    hidden = "" if keys else "; the keys are not shown, since they may name people or visits"
    return (
        f"{file} has {n_keys:,} values of {' and '.join(lookup.key)} more than once, in {n_rows:,} rows: "
        f"{'; '.join(shown)}{hidden}. A row of the table would be multiplied. Name the columns that make a row of it "
        "unique in on and key, or take the repeated rows out"
    )


def refused_none(file: str, lookup: Lookup, counts: KeyCounts, *, table: str) -> str:
    """Why a file that has not one of the keys is not joined.

    Args:
        file: Its name.
        lookup: How its rows are found.
        counts: How the keys met.
        table: Of the configuration.

    Returns:
        Found, where, what to do.
    """
    return (
        f"[data.{table}.join] not one of {counts.asked:,} values of {' and '.join(lookup.on)} is in the column "
        f"{' and '.join(lookup.key)} of {file}: name the columns that hold the same ids in on and key, or join another "
        "file"
    )
