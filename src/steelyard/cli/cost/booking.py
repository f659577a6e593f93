"""Books what the meters saw: the journal of the runs, and that of the server."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, datetime
from decimal import Decimal

import click

from steelyard.cli.cost.opened_ledger import open_ledger
from steelyard.cli.opening import USAGE, Opened
from steelyard.domain import Money
from steelyard.errors import ConfigError, SteelyardError
from steelyard.workflows.accounts.book import book_metered

__all__ = ["book_after_work", "book_usage", "said_booked"]


def book_usage(opened: Opened, *, is_quiet: bool = False) -> None:
    """Book what is new, and say so in one line.

    Args:
        opened: The shop.
        is_quiet: Whether nothing is said where nothing is new.

    Raises:
        ConfigError: A journal that the configuration names is not there.
        PriceError: The price book has no machine to price core-seconds on.
    """
    open_journal = opened.tools.accounting.journal
    cost = opened.config.cost
    elsewhere = [opened.base / path for path in cost.journals]
    missing = [str(path) for path in elsewhere if not path.is_file()]
    if missing:
        raise ConfigError(f"[cost] journals: {', '.join(missing)} is not there; tiers need all of a month's traffic")
    places = (opened.work / USAGE, opened.work / "bundles" / "state" / USAGE, *elsewhere)
    now = datetime.now(UTC).isoformat(timespec="milliseconds")
    open_journal(places[0]).append(
        {"id": f"{now}/keep", "what": "keep", "began": now, "ended": now, "cpu_s": 0,
         "stored_bytes": opened.store.total_bytes()}
    )  # fmt: skip
    readings = [reading for path in places for reading in open_journal(path).read()]
    book = opened.book()
    with open_ledger(opened) as ledger:
        booked = book_metered(readings, book=book, cost=cost, ledger=ledger)
    if booked.n_readings or not is_quiet:
        click.echo(said_booked(booked.n_readings, booked.totals.values()), err=True)
    for refused in booked.refused:
        click.echo(f"not booked: {refused}", err=True)
    for each in booked.unpriced:
        click.echo(f"not booked, no price: {each.name} per {each.unit}: {each.why}", err=True)


def said_booked(n_readings: int, totals: Iterable[Money]) -> str:
    """What was booked, in one line: ``Booked 1 meter reading: < 0.01 USD``."""
    readings = "1 meter reading" if n_readings == 1 else f"{n_readings:,} meter readings"
    sums = ", ".join(f"{_cents(money)} {money.currency}" for money in totals)
    return f"Booked {readings}{f': {sums}' if sums else ''}"


def _cents(money: Money) -> str:
    return "< 0.01" if 0 < money.amount < Decimal("0.01") else f"{money.amount:,.2f}"


def book_after_work(opened: Opened) -> None:
    """Book what is new. Where that fails, the work is not called failed: the journal keeps what was metered."""
    try:
        book_usage(opened, is_quiet=True)
    except SteelyardError as error:
        click.echo(f"not booked yet ({error}); mend that and run `steelyard cost ledger book`", err=True)
