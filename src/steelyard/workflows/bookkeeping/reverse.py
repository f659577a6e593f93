"""``cost ledger reverse``: takes an entry back with one of opposite signs."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from steelyard.errors import DataError
from steelyard.ledger.entering import reversals
from steelyard.workflows.bookkeeping.opened_ledger import open_ledger
from steelyard.workflows.open_shop import AccountsShop

__all__ = ["Reversal", "reverse"]


@dataclass(frozen=True, slots=True)
class Reversal:
    """What was reversed."""

    booked: tuple[tuple[str, str], ...]
    """Id and month of each new entry; none where all were reversed before."""
    left: tuple[str, ...]
    """The same cost in the other view, which was not asked for and stays."""


def reverse(shop: AccountsShop, entry_id: str, *, on: date | None, text: str) -> Reversal:
    """Reverse an entry, or all that were booked under an id.

    Args:
        shop: The shop.
        entry_id: As the ledger has it, or as it was entered.
        on: A day of an open month; today where it is ``None``.
        text: Why.

    Returns:
        What was booked, and what stays.

    Raises:
        DataError: The ledger has no such entry.
    """
    with open_ledger(shop) as ledger:
        found = reversals(entry_id, ledger, on=on or shop.tools.clock.now().date(), text=text)
        if not found.entries and not found.n_before:
            raise DataError(f"no entry {entry_id!r}; `steelyard cost ledger entries` lists them")
        ledger.append(found.entries)
    return Reversal(tuple((new.id, str(new.month)) for new in found.entries), tuple(found.left))
