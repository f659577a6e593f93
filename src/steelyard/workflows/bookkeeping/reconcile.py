"""``cost reconcile``: what was metered or planned beside what bills say."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path

from steelyard.domain import Money
from steelyard.errors import ConfigError
from steelyard.ledger.entries import Month, View
from steelyard.ledger.invoices.charges import Charge, charges_of
from steelyard.ledger.invoices.reconcile import Compared, Match, Reconciliation, month_of, reconcile
from steelyard.workflows.accounting_ports import BillFiles
from steelyard.workflows.accounts.read_bills import BillSource, read_bills
from steelyard.workflows.bookkeeping.opened_ledger import open_ledger
from steelyard.workflows.open_shop import AccountsShop

__all__ = ["Comparison", "Reconciled", "ReconciledRow", "names_of", "reconcile_bills"]


@dataclass(frozen=True, slots=True)
class Comparison:
    """What is compared, and how closely."""

    paths: tuple[Path, ...]
    """Files of bills; those in the ledger where there is none."""
    source: BillSource
    """How they are read."""
    keys: tuple[str, ...]
    """One or more: service, sku, resource, month, stage …"""
    view: str
    month: str | None
    """``2026-11``; all months where it is ``None``."""
    within: Decimal
    """A difference up to so much is none."""
    within_share: Decimal
    """Nor is one up to this share of the bill."""
    names: Mapping[str, str]
    """What the bill calls a name of the ledger."""


@dataclass(frozen=True, slots=True)
class ReconciledRow:
    """One key, or the sum of a currency."""

    keys: tuple[str, ...]
    """Values of the keys that were compared by."""
    ledger: Money | None
    bill: Money | None
    difference: Money | None
    share: Decimal | None
    """Of the bill."""
    result: str


@dataclass(frozen=True, slots=True)
class Reconciled:
    """Both sides, row by row."""

    rows: tuple[ReconciledRow, ...]
    is_matched: bool


def reconcile_bills(shop: AccountsShop, asked: Comparison, *, note: Callable[[str], None]) -> Reconciled:
    """Compare the ledger with bills.

    Args:
        shop: The shop.
        asked: What is compared.
        note: Takes what is to be known of the files that were read.

    Returns:
        A row for each key, and one for the sum of each currency.

    Raises:
        ConfigError: A key is unknown, there is none, or a tolerance is below zero.
        DataError: A file is wrong.
    """
    view = View(asked.view)
    with open_ledger(shop) as ledger:
        months = ledger.months() if asked.month is None else [Month.parse(asked.month)]
        held = charges_of(entry for each in months for entry in ledger.iter_entries(each, view=view))
    metered = [charge for charge in held if "x_EntryId" in charge.other]
    bill: list[Charge] = [charge for charge in held if "x_EntryId" not in charge.other]
    if asked.paths:
        read = read_bills(asked.paths, asked.source)
        told = month_of(view)
        bill = [charge for charge in read.charges if asked.month is None or told(charge) == str(months[0])]
        for each in read.notes:
            note(each)
    found = reconcile(
        metered, bill, by=asked.keys, view=view, within=asked.within, within_share=asked.within_share, names=asked.names
    )
    return Reconciled((*map(_row, found.rows), *_sums(found, len(asked.keys))), found.is_matched)


def names_of(path: Path | None, files: BillFiles) -> dict[str, str]:
    """Names of the ledger and what a bill calls them.

    Args:
        path: A JSON object; none when left out.
        files: Reads it.

    Returns:
        By the ledger's name.

    Raises:
        ConfigError: It is not an object of texts.
    """
    found = {} if path is None else files.document(path)
    if not isinstance(found, dict) or not all(isinstance(value, str) for value in found.values()):
        raise ConfigError(f"{path}: write an object of names, like {json.dumps({'serving/instances': 'AmazonEC2'})}")
    return found


def _row(row: Compared) -> ReconciledRow:
    difference = None if row.match is Match.HOURS else row.difference
    return ReconciledRow(tuple(row.key), row.ledger, row.bill, difference, row.share, str(row.match))


def _sums(found: Reconciliation, n_keys: int) -> list[ReconciledRow]:
    sums = [found.total(currency) for currency in found.currencies]
    keys = ("sum", *[""] * (n_keys - 1))
    return [ReconciledRow(keys, ledger, bill, bill - ledger, None, "") for ledger, bill in sums]
