"""What every ledger asks of entries before it keeps them, wherever they are kept."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping
from itertools import islice

from steelyard.errors import DataError
from steelyard.ledger.entries import Entry, Month

__all__ = ["batches", "names_in", "new_among"]

_SIZE = 500
"""Entries looked up and written together."""


def batches(entries: Iterable[Entry]) -> Iterator[list[Entry]]:
    """Entries in order, as lists that one look-up and one statement can take."""
    remaining = iter(entries)
    while batch := list(islice(remaining, _SIZE)):
        yield batch


def names_in(batch: Iterable[Entry]) -> list[str]:
    """Ids of the entries and of those they correct, each once: what must be looked up before they are booked."""
    return list(dict.fromkeys(name for entry in batch for name in (entry.id, entry.corrects) if name))


def new_among(batch: Iterable[Entry], kept: Mapping[str, Entry], closed: Collection[Month]) -> list[Entry]:
    """The entries that are to be booked.

    Args:
        batch: Asked for, in order.
        kept: By id, the entries of ``names_in(batch)`` that the ledger holds.
        closed: Months that take nothing any more.

    Returns:
        Those not kept yet, in order, each once.

    Raises:
        DataError: An entry differs from the one kept under its id, falls into a closed month, or corrects an entry
            that is not there.
    """
    known = dict(kept)
    found = []
    for entry in batch:
        there = known.get(entry.id)
        if there == entry:
            continue
        if there is not None:
            raise DataError(
                f"entry {entry.id} is in the ledger already, and differs: nothing was booked. "
                "Book a correction of it under a new id"
            )
        if closed and entry.month in closed:
            raise DataError(f"entry {entry.id}: {entry.month} is closed; nothing was booked. Book it in an open month")
        if entry.corrects and entry.corrects not in known:
            raise DataError(
                f"entry {entry.id} corrects {entry.corrects}, which is not in the ledger; nothing was booked"
            )
        known[entry.id] = entry
        found.append(entry)
    return found
