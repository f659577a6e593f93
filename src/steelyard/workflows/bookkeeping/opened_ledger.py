"""The ledger that a shop's configuration names, opened, and the words in which a view or a month is asked for."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from steelyard.ledger.entries import LedgerPort, Month, View
from steelyard.workflows.open_shop import AccountsShop

__all__ = ["VIEWS", "month_of", "open_ledger"]

VIEWS = tuple(str(view) for view in View)
"""What a view can be asked for by: what was used, or what was billed."""


@contextmanager
def open_ledger(shop: AccountsShop) -> Iterator[LedgerPort]:
    """The shop's ledger: in PostgreSQL where ``[cost] ledger`` says so, else the file in the work folder.

    Args:
        shop: The shop.

    Yields:
        A ``LedgerPort``, made where there was none; closed at the end.

    Raises:
        ConfigError: The environment variable is not set, or does not hold an address.
        MissingExtra: psycopg is not installed.
        StorageError: It cannot be opened.
        ArtefactError: What is there is no ledger.
    """
    accounting = shop.tools.accounting
    ledger = accounting.ledger(shop.work, accounting.ledger_address(shop.config.cost.ledger))
    try:
        yield ledger
    finally:
        ledger.close()


def month_of(text: str | None, shop: AccountsShop) -> Month:
    """The month that was asked for, ``2026-11``; this one where none was."""
    return Month.parse(text) if text else Month.of(shop.tools.clock.now().date())
