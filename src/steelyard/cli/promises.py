"""``steelyard promises``."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from decimal import Decimal
from pathlib import Path

import click
from rich.console import Console
from rich.table import Table

from steelyard.cli import VERBS
from steelyard.cli.opening import config_option, open_shop
from steelyard.documents.promises import FigureSummary, PromiseRecord, PromiseRow, promises_builtins

__all__ = ["command"]

_NAMES = {"cpu": "processor time", "p99": "p99", "machines": "machines a month"}


@click.command("promises", help=VERBS["promises"])
@config_option
@click.option("--json", "as_json", is_flag=True, help="Print the record as JSON.")
def command(path: Path, as_json: bool) -> None:
    """The record of promises."""
    opened = open_shop(path)
    from steelyard.workflows.promises.promises import summary  # noqa: PLC0415 - not needed to refuse a file
    from steelyard.workflows.promises.record import read_record  # noqa: PLC0415 - as above
    from steelyard.workflows.run import Run  # noqa: PLC0415 - as above

    rows = read_record(Run.of(opened))
    if as_json:
        click.echo(
            json.dumps(promises_builtins(PromiseRecord(rows=rows, summary=summary(rows))), ensure_ascii=False, indent=1)
        )
    elif rows:
        _show(rows, summary(rows))
    else:
        click.echo("No promise was checked yet: run `steelyard verify`, or `steelyard run` for all.")


def _show(rows: Sequence[PromiseRow], found: Mapping[str, FigureSummary]) -> None:
    out = Console()
    table = Table(box=None, pad_edge=False, padding=(0, 1, 0, 0))
    table.add_column("configuration", overflow="fold")
    for name in ("rps", "p99 ms", "", "CPU ms", "", "machines", ""):
        table.add_column(name, justify="right", no_wrap=True)
    for row in rows:
        table.add_row(
            row.configuration,
            f"{row.rate_rps:.0f}",
            _pair(row.p99_promised_ms, row.p99_measured_ms, 1),
            _error(row.p99_error) if row.is_valid else "busy",
            _pair(row.cpu_promised_ms, row.cpu_measured_ms, 2),
            _error(row.cpu_error),
            _money(row.machines_promised, row.machines_metered),
            _error(row.machines_error),
        )
    out.print(table)
    for figure, facts in found.items():
        if facts.median is not None and facts.largest is not None:
            out.print(
                f"{_NAMES[figure]}: {facts.n_within} of {facts.n} within {facts.tolerance:.0%}; "
                f"median {facts.median:.1%}, largest {facts.largest:.1%}"
            )


def _pair(promised: float, found: float | None, digits: int) -> str:
    return f"{promised:.{digits}f} → {'–' if found is None else f'{found:.{digits}f}'}"


def _money(promised: Decimal | None, found: Decimal | None) -> str:
    said, metered = ("–" if amount is None else f"{amount:f}" for amount in (promised, found))
    return said if promised is not None and promised == found else f"{said} → {metered}"


def _error(share: float | None) -> str:
    return "" if share is None else f"{share:+.0%}"
