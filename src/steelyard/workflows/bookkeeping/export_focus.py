"""``cost focus``: the ledger in the common format of cloud bills, and files checked against its rules."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

import msgspec

from steelyard.domain import Money
from steelyard.errors import DataError
from steelyard.ledger.closing import pools
from steelyard.ledger.entries import Entry, LedgerPort, Month, View
from steelyard.ledger.invoices.charges import charges_of
from steelyard.ledger.invoices.focus_check import check_rows
from steelyard.ledger.invoices.focus_export import header_of, pool_rests, to_rows
from steelyard.ledger.invoices.problems import BillProblems
from steelyard.workflows.accounting_ports import BillFiles
from steelyard.workflows.bookkeeping.opened_ledger import open_ledger
from steelyard.workflows.open_shop import AccountsShop

__all__ = ["BrokenRow", "ExportedFocus", "PoolRest", "check_focus", "export_focus"]


class BrokenRow(msgspec.Struct, frozen=True, kw_only=True):
    """A rule that a file breaks."""

    rule: str
    column: str
    rows: int
    first_line: int | None
    found: str


@dataclass(frozen=True, slots=True)
class PoolRest:
    """What of a month's cost nobody bears yet, or, below zero, is on no invoice yet."""

    month: str
    account: str
    money: Money


@dataclass(frozen=True, slots=True)
class ExportedFocus:
    """What was written."""

    n_rows: int
    rests: tuple[PoolRest, ...]


def export_focus(shop: AccountsShop, out: Path, *, month: str | None) -> ExportedFocus:
    """Write the ledger as FOCUS 1.2.

    Args:
        shop: The shop.
        out: ``.csv`` or ``.csv.gz``.
        month: ``2026-11``; all months where it is ``None``.

    Returns:
        How many rows, and what of the month's cost is in no stage's rows, or in the rows and on no invoice.

    Raises:
        DataError: The ledger holds nothing.
    """
    with open_ledger(shop) as ledger:
        months = ledger.months() if month is None else [Month.parse(month)]
        charges = charges_of(_entries(ledger, months), months=None if month is None else months)
        balances = {each: ledger.balances(each, view=View.ACCRUAL) for each in months}
    charges += [rest for each, found in balances.items() for rest in pool_rests(each, found)]
    if not charges:
        raise DataError(
            f"the ledger holds nothing{f' in {month}' if month else ''}; `steelyard cost import` books bills"
        )
    rows = to_rows(charges)
    n_rows = shop.tools.accounting.bill_files().write(out, header_of(rows), rows)
    rests = tuple(
        PoolRest(str(each), account, money)
        for each, found in balances.items()
        for (account, _), money in sorted(pools(found).items())
    )
    return ExportedFocus(n_rows, rests)


def check_focus(files: BillFiles, path: Path) -> tuple[BrokenRow, ...]:
    """The rules of FOCUS 1.2 that a file breaks.

    Args:
        files: Opens it.
        path: The file.

    Returns:
        None where it keeps them all.

    Raises:
        DataError: It cannot be read as a table.
    """
    problems = BillProblems(path.name)
    file = files.open(path, problems)
    found = check_rows(file.header, file.lines)
    BillProblems.refuse([problems])
    return tuple(
        BrokenRow(rule=each.rule, column=each.column, rows=each.n, first_line=each.line or None, found=each.found)
        for each in found
    )


def _entries(ledger: LedgerPort, months: Iterable[Month]) -> Iterator[Entry]:
    for each in months:
        for view in View:
            yield from ledger.iter_entries(each, view=view)
