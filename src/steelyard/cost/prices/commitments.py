"""Machines a shop has committed to, as its list of them says. What is wrong with the list is said all at once."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from decimal import Decimal
from typing import Any

from steelyard.cost.facts import EXACT
from steelyard.cost.prices.fields import Fields
from steelyard.cost.prices.offers import Commitment
from steelyard.cost.prices.plausible import IMPLAUSIBLE
from steelyard.cost.prices.prices import Instance, PriceBook
from steelyard.domain import Money, is_currency
from steelyard.errors import PriceError

__all__ = ["COMMITMENT_COLUMNS", "all_in_hourly", "parse_commitments"]

COMMITMENT_COLUMNS = ("id", "instance", "count", "start", "end", "hourly", "upfront", "currency", "source")


def parse_commitments(rows: Iterable[Mapping[Any, Any]], *, book: PriceBook, where: str) -> list[Commitment]:
    """Commitments from the rows of their list.

    Args:
        rows: With ``COMMITMENT_COLUMNS``; ``hourly`` and ``upfront`` are for one machine. The first is line 2.
        book: Knows the machines; their names may leave out what stands before the last slash.
        where: The file, for messages.

    Returns:
        In order, each under the book's name of its machine.

    Raises:
        PriceError: Anything is wrong; the message lists file, line and field of everything that is.
    """
    problems: list[str] = []
    found: list[Commitment] = []
    first: dict[str, int] = {}
    for number, row in enumerate(rows, start=2):
        noted: list[str] = []
        read = _commitment(row, book, noted)
        if read is not None and (earlier := first.setdefault(read.id, number)) != number:
            noted.append(f"id: line {earlier} has it too; two commitments have two ids, one is listed once")
        problems += [f"{where}: line {number} ({row.get('id') or 'no id'}): {problem}" for problem in noted]
        if read is not None and not noted:
            found.append(read)
    if not problems and not found:
        problems.append(f"{where}: no commitments in it, only a header")
    if problems:
        raise PriceError("\n".join(problems))
    return found


def all_in_hourly(commitment: Commitment) -> Decimal:
    """What an hour of one machine costs, with what is paid at the start spread over the term."""
    hours = Decimal(24 * (commitment.end - commitment.start).days)
    return commitment.hourly.amount + EXACT.divide(commitment.upfront.amount, hours)


def _commitment(row: Mapping[Any, Any], book: PriceBook, problems: list[str]) -> Commitment | None:
    reader = Fields(row, problems)
    texts = {name: str(row.get(name) or "").strip() for name in ("id", "instance", "currency", "source")}
    problems += [f"{name}: missing" for name, text in texts.items() if not text]
    currency = texts["currency"]
    if currency and not is_currency(currency):
        problems.append(f"currency: {currency!r} is not an ISO 4217 code like USD")
    count, hourly, upfront = reader.count("count"), reader.number("hourly"), reader.number("upfront")
    start, end = reader.day("start"), reader.day("end")
    problems += [f"{name}: missing" for name in ("start", "end") if not row.get(name)]
    if problems or start is None or end is None or hourly is None or upfront is None:
        return None
    try:
        (machine,) = book.instances([texts["instance"]])
        money = Money(hourly, currency), Money(upfront, currency)
        made = Commitment(machine.name, count, start, end, *money, id=texts["id"], source=texts["source"])
    except PriceError as error:
        problems.append(str(error))
        return None
    _check_price(made, machine, problems)
    return made


def _check_price(made: Commitment, machine: Instance, problems: list[str]) -> None:
    """What was left blank as 0, and a month's price taken for an hour's."""
    hourly = all_in_hourly(made)
    if not hourly:
        problems.append("hourly, upfront: both are 0, which is usually a price nobody filled in; write what is paid")
    elif made.hourly.currency == machine.price.per_unit.currency:
        ratio = EXACT.divide(hourly, machine.hourly)
        if not 1 / IMPLAUSIBLE < ratio < IMPLAUSIBLE:
            problems.append(
                f"hourly, upfront: {hourly:.6g} an hour all told is {float(ratio):.3g} times the machine on demand; "
                "is it the price of a month, or of all machines together? A month is 730 hours"
            )
