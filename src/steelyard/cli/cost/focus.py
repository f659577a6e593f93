"""``steelyard cost focus``."""

from __future__ import annotations

import sys
from pathlib import Path

import click

from steelyard.assembly import Tools
from steelyard.cli.cost.tables import form_option, print_rows
from steelyard.cli.opening import config_option, open_shop
from steelyard.errors import ConfigError
from steelyard.workflows.bookkeeping.export_focus import PoolRest, check_focus, export_focus

__all__ = ["command"]

_COLUMNS = ("rule", "column", "rows", "first_line", "found")
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
    if check is not None:
        _check(check, form, out)
        return
    if out is None:
        raise ConfigError("say where to write: --out costs.csv, or check a file with --check FILE")
    written = export_focus(open_shop(path), out, month=month)
    click.echo(f"{written.n_rows:,} rows written to {out}", err=True)
    for rest in written.rests:
        _say_rest(rest)


def _say_rest(rest: PoolRest) -> None:
    """What of the month's cost is in no stage's rows, or in the rows and on no invoice."""
    if rest.money.amount > 0:
        click.echo(
            f"{rest.account} holds {rest.money} of {rest.month} that nobody bears yet: a row of its own (x_PoolRest) "
            "has it, so that EffectiveCost sums to the month's cost; `steelyard cost ledger allocate` charges it",
            err=True,
        )
    else:
        click.echo(
            f"{rest.account}: {rest.money * -1} of {rest.month} were metered and are on no invoice yet", err=True
        )


def _check(path: Path, form: str, out: Path | None) -> None:
    rows = check_focus(Tools().accounting.bill_files(), path)
    print_rows(f"{path.name} against FOCUS 1.2", _COLUMNS, rows, form, out=out)
    if rows:
        click.echo(f"{len(rows)} rules are broken", err=True)
        sys.exit(1)
    click.echo("no rule is broken", err=True)
