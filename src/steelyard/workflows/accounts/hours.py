"""Hours that come again: the same are booked once, corrected ones replace those before, or are asked about."""

from __future__ import annotations

import re
from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace

from steelyard.errors import DataError
from steelyard.ledger.entering import in_open_month
from steelyard.ledger.entries import CostCentre, Entry, LedgerPort, Month, View, reversal

__all__ = ["HoursChange", "change_of"]

_TAKEN_BACK = "/taken-back"
_PREFIX = "people/"
_OWED = "accrued/people"
_ALL = 1_000_000
_MOVED = re.compile(r", of (\d{4}-\d{2}-\d{2})$")
"""End of the source of hours whose month was closed when they came."""
_Work = tuple[str, str, CostCentre | None, str]
"""Day, account of the role, cost centre and note: whose hours there can be once."""


@dataclass(frozen=True, slots=True)
class HoursChange:
    """What lists of hours change in a ledger."""

    entries: tuple[Entry, ...]
    """To be appended."""
    n_taken_back: int
    """Of them, those that take back what a list says otherwise now."""


def change_of(entries: Sequence[Entry], ledger: LedgerPort, *, replaces: bool | None) -> HoursChange:
    """The entries to append for lists of hours, beside what earlier lists said of the same work.

    Args:
        entries: Of the lists, as ``hours_entries`` makes them.
        ledger: Where earlier lists were booked.
        replaces: Whether other hours of the same day, role, cost centre and note are reversed; ``False`` where these
            come in addition; ``None`` where nobody said.

    Returns:
        What is new; what falls into a closed month is in the next open one.

    Raises:
        DataError: Nobody said, and the ledger holds other hours of the same work, or these were reversed before.
    """
    held = _held(entries, ledger)
    new = [entry for entry in entries if entry.id not in held]
    again = [held[entry.id].last for entry in entries if entry.id in held and held[entry.id].is_taken_back]
    given, works = {entry.id for entry in entries}, {_work(entry) for entry in (*new, *again)}
    stale = [
        line.last for name, line in held.items() if line.counts and name not in given and _work(line.last) in works
    ]
    if replaces is None and (stale or again):
        first = (stale or again)[0]
        raise DataError(
            f"the ledger holds {len(stale or again)} entries of hours of which these lists say something else, the "
            f"first: {first.text} on {_work(first)[0]} ({first.id}). Nothing was booked. Were they corrected? "
            "--same-bill replace takes the earlier ones back. Are these hours further work? --same-bill add books both"
        )
    back = [_taken_back(entry, "corrected in a later list") for entry in (stale if replaces else [])]
    back += [_taken_back(entry, "in the list again") for entry in again]
    closed = ledger.closed()
    return HoursChange(tuple(_in_open_month(entry, closed) for entry in (*new, *back)), len(stale) if replaces else 0)


@dataclass(frozen=True, slots=True)
class _Line:
    """A line of an earlier list."""

    last: Entry
    """Its entry, or the newest that took it back or booked it again."""
    is_by_hand: bool
    """Reversed by somebody, not by a later list."""

    @property
    def is_taken_back(self) -> bool:
        """Whether a later list took it back."""
        return self.last.id.count(_TAKEN_BACK) % 2 == 1

    @property
    def counts(self) -> bool:
        """Whether it is an expense now."""
        return not self.is_taken_back and not self.is_by_hand


def _held(entries: Sequence[Entry], ledger: LedgerPort) -> dict[str, _Line]:
    """Lines of earlier lists, by the id of their first entry."""
    first = min((entry.month for entry in entries), default=None)
    months = [month for month in ledger.months() if first is not None and month >= first]
    held = [
        entry
        for month in months
        for entry in ledger.entries(month, view=View.ACCRUAL, account=_OWED, limit=_ALL)
        if entry.id.startswith(_PREFIX)
    ]
    by_list = [entry for entry in held if not entry.corrects or entry.id.endswith(_TAKEN_BACK)]
    by_hand = {entry.corrects for entry in held if entry.corrects and not entry.id.endswith(_TAKEN_BACK)}
    return {
        entry.id.split(_TAKEN_BACK)[0]: _Line(entry, entry.id in by_hand)
        for entry in sorted(by_list, key=lambda each: each.id.count(_TAKEN_BACK))
    }


def _work(entry: Entry) -> _Work:
    moved = _MOVED.search(entry.source)
    note = entry.text.rpartition(f", of {moved[1][:7]}, which is closed")[0] if moved else entry.text
    centre = next(each.centre for each in entry.postings if each.centre is not None)
    owed = next(each.account for each in entry.postings if each.account.startswith(_OWED))
    day = moved[1] if moved else entry.on.isoformat()
    return day, owed, centre, _note(note)


def _note(text: str) -> str:
    """What is said of the hours, behind their number, role and price, and behind why they were reversed."""
    _, _, behind = text.partition(" at ")
    return behind.partition(": ")[2]


def _taken_back(entry: Entry, why: str) -> Entry:
    text = entry.text if not entry.corrects else entry.text.partition("; ")[2]
    return reversal(entry, entry_id=f"{entry.id}{_TAKEN_BACK}", on=entry.on, text=f"{why}; {text}")


def _in_open_month(entry: Entry, closed: Collection[Month]) -> Entry:
    found = in_open_month(entry, closed)
    is_moved = found is not entry and _MOVED.search(entry.source) is None
    return replace(found, source=f"{entry.source}, of {entry.on}") if is_moved else found
