"""Says what was booked of what the meters saw."""

from __future__ import annotations

from collections.abc import Iterable
from decimal import Decimal

import click

from steelyard.cli.opening import Opened
from steelyard.domain import Money
from steelyard.errors import SteelyardError
from steelyard.workflows.accounts.book import Booked
from steelyard.workflows.bookkeeping.book_usage import book_usage

__all__ = ["book_after_work", "print_booked", "said_booked"]


def print_booked(booked: Booked, *, is_quiet: bool = False) -> None:
    """Say what is new in one line, and what could not be booked.

    Args:
        booked: What was booked.
        is_quiet: Whether nothing is said where nothing is new.
    """
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
        print_booked(book_usage(opened), is_quiet=True)
    except SteelyardError as error:
        click.echo(f"not booked yet ({error}); mend that and run `steelyard cost ledger book`", err=True)
