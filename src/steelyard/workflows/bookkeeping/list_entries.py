"""``cost ledger entries``: what was booked in a month, posting by posting."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from decimal import Decimal

import msgspec

from steelyard.ledger.entries import CostCentre, Entry, Posting, View
from steelyard.workflows.bookkeeping.opened_ledger import month_of, open_ledger
from steelyard.workflows.open_shop import AccountsShop

__all__ = ["Entries", "PostingRow", "list_entries"]


class PostingRow(msgspec.Struct, frozen=True, kw_only=True):
    """One posting, beside the entry it is part of."""

    entry: str
    on: date
    text: str
    kind: str
    source: str
    account: str
    stage: str | None
    """``None``, like the rest of the cost centre, where the posting is no cost."""
    model: str | None
    configuration: str | None
    team: str | None
    experiment: str | None
    amount: Decimal
    currency: str


@dataclass(frozen=True, slots=True)
class Entries:
    """Entries of a month."""

    month: str
    n_entries: int
    rows: tuple[PostingRow, ...]


def list_entries(shop: AccountsShop, *, month: str | None, view: str, account: str, limit: int) -> Entries:
    """Entries of a month, the largest first.

    Args:
        shop: The shop.
        month: ``2026-11``; this month where it is ``None``.
        view: One of ``VIEWS``.
        account: Only entries that touch this account or one below it; all where it is empty.
        limit: At most so many.

    Returns:
        All postings of each entry.
    """
    wanted = month_of(month, shop)
    with open_ledger(shop) as ledger:
        found = ledger.entries(wanted, view=View(view), account=account, limit=limit)
    rows = tuple(_row(entry, posting) for entry in found for posting in entry.postings)
    return Entries(str(wanted), len(found), rows)


def _row(entry: Entry, posting: Posting) -> PostingRow:
    centre: CostCentre | None = posting.centre
    return PostingRow(
        entry=entry.id,
        on=entry.on,
        text=entry.text,
        kind=str(entry.kind),
        source=entry.source,
        account=posting.account,
        stage=str(centre.stage) if centre else None,
        model=centre.model if centre else None,
        configuration=centre.configuration if centre else None,
        team=centre.team if centre else None,
        experiment=centre.experiment if centre else None,
        amount=posting.amount.amount,
        currency=posting.amount.currency,
    )
