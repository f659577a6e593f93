"""``steelyard cost focus``."""

from __future__ import annotations

import sys
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path

import click

from steelyard.assembly import Tools
from steelyard.cli.cost.opened_ledger import open_ledger
from steelyard.cli.cost.tables import form_option, print_rows
from steelyard.cli.opening import config_option, open_shop
from steelyard.errors import ConfigError, DataError
from steelyard.ledger.closing import pools
from steelyard.ledger.entries import Balance, Entry, LedgerPort, Month, View
from steelyard.ledger.invoices.charges import charges_of
from steelyard.ledger.invoices.focus_check import check_rows
from steelyard.ledger.invoices.focus_export import header_of, pool_rests, to_rows
from steelyard.ledger.invoices.problems import BillProblems
from steelyard.workflows.accounts.ports import BillFiles

__all__ = ["command"]

_FILE = click.Path(path_type=Path, dir_okay=False)


@click.command("focus")
@config_option
@click.option("--month", metavar="YYYY-MM", help="Only this month; all when left out.")
@click.option("--out", "out", type=_FILE, help="File to write, .csv or .csv.gz; with --check, what was found.")
@click.option(
    "--check", "check", type=_FILE, metavar="FILE", help="Check a file against the rules of FOCUS 1.2 instead."
)
@form_option
def command(path: Path, month: str | None, out: Path | None, check: Path | None, form: str) -> None:
    """Write the ledger as FOCUS 1.2, the common format of cloud bills, or check such a file."""
    files = Tools().accounting.bill_files()
    if check is not None:
        _check(files, check, form, out)
        return
    if out is None:
        raise ConfigError("say where to write: --out costs.csv, or check a file with --check FILE")
    with open_ledger(open_shop(path)) as ledger:
        months = ledger.months() if month is None else [Month.parse(month)]
        charges = charges_of(_entries(ledger, months), months=None if month is None else months)
        rests = {each: ledger.balances(each, view=View.ACCRUAL) for each in months}
    charges += [rest for each, found in rests.items() for rest in pool_rests(each, found)]
    if not charges:
        raise DataError(
            f"the ledger holds nothing{f' in {month}' if month else ''}; `steelyard cost import` books bills"
        )
    rows = to_rows(charges)
    n = files.write(out, header_of(rows), rows)
    click.echo(f"{n:,} rows written to {out}", err=True)
    for each, found in rests.items():
        _say_rests(each, found)


def _say_rests(month: Month, found: Sequence[Balance]) -> None:
    """What of the month's cost is in no stage's rows, or in the rows and on no invoice."""
    for (account, _), rest in sorted(pools(found).items()):
        if rest.amount > 0:
            click.echo(
                f"{account} holds {rest} of {month} that nobody bears yet: a row of its own (x_PoolRest) has it, so "
                "that EffectiveCost sums to the month's cost; `steelyard cost ledger allocate` charges it",
                err=True,
            )
        else:
            click.echo(f"{account}: {rest * -1} of {month} were metered and are on no invoice yet", err=True)


def _entries(ledger: LedgerPort, months: Iterable[Month]) -> Iterator[Entry]:
    for each in months:
        for view in View:
            yield from ledger.iter_entries(each, view=view)


def _check(files: BillFiles, path: Path, form: str, out: Path | None) -> None:
    problems = BillProblems(path.name)
    file = files.open(path, problems)
    found = check_rows(file.header, file.lines)
    BillProblems.refuse([problems])
    rows = [
        {"rule": broken.rule, "column": broken.column, "rows": broken.n, "first_line": broken.line or None,
         "found": broken.found}
        for broken in found
    ]  # fmt: skip
    print_rows(f"{path.name} against FOCUS 1.2", ("rule", "column", "rows", "first_line", "found"), rows, form, out=out)
    if rows:
        click.echo(f"{len(rows)} rules are broken", err=True)
        sys.exit(1)
    click.echo("no rule is broken", err=True)
