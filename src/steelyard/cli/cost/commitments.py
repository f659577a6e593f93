"""``steelyard cost prices commitments``: what a shop has committed to, against what it needs; booked when asked."""

from __future__ import annotations

from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import click

from steelyard.cli.cost.tables import form_option, out_option, print_rows
from steelyard.cli.opening import config_option, open_shop
from steelyard.cli.values import DAY
from steelyard.errors import PriceError
from steelyard.workflows.bookkeeping.commitments import book_commitments, excess, read_commitments

__all__ = ["command"]

_COLUMNS = ("id", "instance", "count", "start", "end", "hourly_all_told", "on_demand", "paid_at_start", "per_month",
            "whole", "currency", "source")  # fmt: skip


@click.command("commitments")
@click.argument("file", type=click.Path(path_type=Path, dir_okay=False))
@config_option
@click.option("--needed", multiple=True, metavar="NAME=N",
              help="Machines needed at the same time; those of the decision when left out.")  # fmt: skip
@click.option("--on", "on", type=DAY, help="The day it is; today when left out.")
@click.option("--book", "is_booked", is_flag=True, help="Book them. Not those whose bill is imported: it has them.")
@click.option("--accept", is_flag=True, help="Book also where more is committed to than needed.")
@form_option
@out_option
def command(
    file: Path, path: Path, needed: tuple[str, ...], on: date | None, is_booked: bool, accept: bool, **shown: Any
) -> None:
    """List the commitments in FILE, and name where they overlap or cover more machines than are needed.

    A CSV file with id, instance, count, start, end (the first day not covered), hourly and upfront (of one machine),
    currency, source. Booked: cash when paid, expense accrued by the day; what nobody used stays in pool/machines until
    `steelyard cost ledger allocate`.
    """
    opened = open_shop(path)
    found = read_commitments(opened, file)
    day = on or datetime.now(UTC).date()
    print_rows(f"{file.name}, {len(found.rows)} commitments", _COLUMNS, found.rows, shown["form"], out=shown["out"])
    problems = excess(opened, found, needed=needed)
    for problem in problems:
        click.echo(f"{file.name}: {problem}", err=True)
    if problems and not (is_booked and accept):
        hint = "end or sell one, or move work to it"
        raise PriceError(f"{len(problems)} stretches of too many commitments; nothing was booked: {hint}"
                         + ("; --accept books them all the same" if is_booked else ""))  # fmt: skip
    if is_booked:
        n = book_commitments(opened, found, until=day)
        noun = "entry" if n == 1 else "entries"
        click.echo(f"{n} {noun} booked, hours up to {day}" if n else "already booked: the commitments are unchanged")
