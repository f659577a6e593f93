"""``steelyard cost prices commitments``: what a shop has committed to, against what it needs; booked when asked."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import click

from steelyard.cli.cost.opened_ledger import open_ledger
from steelyard.cli.cost.priced import asked, shop_total, stored_bills
from steelyard.cli.cost.tables import form_option, out_option, print_rows
from steelyard.cli.opening import Opened, config_option, open_shop
from steelyard.cli.values import DAY
from steelyard.cost.prices.commitments import COMMITMENT_COLUMNS, all_in_hourly, parse_commitments
from steelyard.cost.prices.offers import Commitment, check_commitments
from steelyard.cost.prices.prices import PriceBook
from steelyard.errors import ConfigError, PriceError, StageError
from steelyard.ledger.commitments import borne, commitment_entries

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
    book = opened.book()
    rows = opened.tools.accounting.table(file, needed=COMMITMENT_COLUMNS)
    found = parse_commitments(rows, book=book, where=file.name)
    day = on or datetime.now(UTC).date()
    print_rows(f"{file.name}, {len(found)} commitments", _COLUMNS, list(_rows(found, book)), shown["form"],
               out=shown["out"])  # fmt: skip
    problems = check_commitments(found, _needed(needed, opened, book))
    for problem in problems:
        click.echo(f"{file.name}: {problem}", err=True)
    if problems and not (is_booked and accept):
        hint = "end or sell one, or move work to it"
        raise PriceError(f"{len(problems)} stretches of too many commitments; nothing was booked: {hint}"
                         + ("; --accept books them all the same" if is_booked else ""))  # fmt: skip
    if is_booked:
        _book(found, opened, day)


def _rows(found: Sequence[Commitment], book: PriceBook) -> Iterator[dict[str, Any]]:
    for each in found:
        months = borne(each)
        upfront, whole = each.upfront * each.count, each.upfront * each.count
        for month in months:
            whole = whole + month.hourly
        (machine,) = book.instances([each.instance])
        is_same = machine.price.per_unit.currency == each.hourly.currency
        sums = [month.upfront + month.hourly for month in months]
        low, high = (str(pick(sums, key=lambda money: money.amount).rounded().amount) for pick in (min, max))
        yield {
            "id": each.id, "instance": each.instance, "count": each.count, "start": each.start, "end": each.end,
            "hourly_all_told": round(all_in_hourly(each), 6), "on_demand": machine.hourly if is_same else None,
            "paid_at_start": upfront.amount, "per_month": low if low == high else f"{low} to {high}",
            "whole": whole.amount, "currency": each.hourly.currency, "source": each.source,
        }  # fmt: skip


def _needed(given: Sequence[str], opened: Opened, book: PriceBook) -> dict[str, int]:
    """Machines by the book's name: as given, or those of the chosen configurations."""
    if not given:
        if not opened.store.has("bills"):
            raise StageError("how many machines are needed is unknown: run `steelyard decide`, or give --needed NAME=N")
        _, bills = stored_bills(opened.store)
        total = shop_total(opened.store)
        if total is not None and total.instance and total.replicas:
            return {total.instance: total.replicas}
        sums: Counter[str] = Counter()
        for _, entry in asked(opened.store, bills, None):
            sums[str(entry.instance)] += entry.replicas or 0
        return dict(sums)
    found: dict[str, int] = {}
    for each in given:
        name, _, number = each.rpartition("=")
        if not name or not number.isdigit():
            raise ConfigError(f"--needed {each}: write the machine and how many, like c5.large=4")
        (machine,) = book.instances([name])
        found[machine.name] = int(number)
    return found


def _book(found: Sequence[Commitment], opened: Opened, day: date) -> None:
    entries = commitment_entries(found, until=day, team=opened.config.cost.team)
    with open_ledger(opened) as ledger:
        n = ledger.append(entries)
    noun = "entry" if n == 1 else "entries"
    click.echo(f"{n} {noun} booked, hours up to {day}" if n else "already booked: the commitments are unchanged")
