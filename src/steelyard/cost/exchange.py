"""Exchange rates: dated, sourced, never guessed. Money of two currencies is added only after one was converted."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal, InvalidOperation
from typing import Any

from steelyard.cost.facts import EXACT, derived
from steelyard.domain import Fact, FactKind, Money, is_currency
from steelyard.errors import PriceError

__all__ = ["RateTable", "parse_rates"]

_KEYS = frozenset({"from", "to", "rate", "as_of", "source"})


@dataclass(frozen=True, slots=True)
class RateTable:
    """Rates by pair of currencies, each pair's by date."""

    rates: Mapping[tuple[str, str], Sequence[Fact]]
    """By (from, to), oldest first: units of ``to`` for one of ``from``."""

    def rate(self, source: str, target: str, *, on: date, max_age_days: int = 31) -> Fact:
        """The latest rate that was known on a day.

        Args:
            source: ISO 4217 code.
            target: ISO 4217 code.
            on: The day of the cost.
            max_age_days: An older rate is refused.

        Returns:
            Quoted as the table has it; derived where only the opposite pair is in the table.

        Raises:
            PriceError: No rate of the pair, none so early, or only an old one.
        """
        direct = self._known(source, target, on)
        opposite = self._known(target, source, on)
        if direct is None and opposite is None:
            raise PriceError(
                f"no rate from {source} to {target} on {on}: add a row with from, to, rate, as_of and source to the "
                "table of rates; currencies are never added without one"
            )
        if direct is None or (opposite is not None and opposite.as_of > direct.as_of):
            assert opposite is not None
            value = EXACT.divide(Decimal(1), opposite.value)
            found = derived(value, f"1 / rate from {target} to {source}", (opposite,), unit=f"{target}/{source}")
        else:
            found = direct
        age = (on - found.as_of).days
        if age > max_age_days:
            raise PriceError(
                f"the latest rate from {source} to {target} is of {found.as_of}, {age} days before {on} (at most "
                f"{max_age_days}): add a newer one"
            )
        return found

    def convert(self, money: Money, to: str, *, on: date, max_age_days: int = 31) -> tuple[Money, Fact | None]:
        """Money in another currency, and the rate that was used.

        Args:
            money: What is converted.
            to: ISO 4217 code.
            on: The day of the cost.
            max_age_days: As ``rate``.

        Returns:
            The amount, not rounded, and its rate; no rate where the currency is the same.

        Raises:
            PriceError: As ``rate``.
        """
        if money.currency == to:
            return money, None
        found = self.rate(money.currency, to, on=on, max_age_days=max_age_days)
        return Money(EXACT.multiply(money.amount, found.value), to), found

    def _known(self, source: str, target: str, on: date) -> Fact | None:
        return next((rate for rate in reversed(self.rates.get((source, target), ())) if rate.as_of <= on), None)


def parse_rates(document: Any, *, where: str) -> RateTable:
    """A table of rates from what its file holds.

    Args:
        document: ``{"rows": [{"from": "USD", "to": "CNY", "rate": "7.12", "as_of": "2026-11-01", "source": …}, …]}``.
        where: The file, for messages.

    Returns:
        The table.

    Raises:
        PriceError: Rows are wrong, or a pair has two rates of one day; all problems at once.
    """
    rows = document.get("rows") if isinstance(document, Mapping) else None
    if not isinstance(rows, Sequence) or isinstance(rows, str):
        raise PriceError(f"{where}: not a table of rates: it needs rows")
    found: dict[tuple[str, str], dict[date, Fact]] = {}
    problems: list[str] = []
    for number, row in enumerate(rows, start=1):
        try:
            pair, fact = _row(row)
        except ValueError as error:
            problems.append(f"row {number}: {error}")
            continue
        of_pair = found.setdefault(pair, {})
        if fact.as_of in of_pair:
            problems.append(f"row {number}: a second rate from {pair[0]} to {pair[1]} of {fact.as_of}")
        of_pair[fact.as_of] = fact
    if problems:
        raise PriceError("\n".join(f"{where}: {problem}" for problem in problems))
    return RateTable({pair: [of_pair[day] for day in sorted(of_pair)] for pair, of_pair in found.items()})


def _row(row: Any) -> tuple[tuple[str, str], Fact]:
    if not isinstance(row, Mapping) or set(row) != _KEYS:
        raise ValueError(f"it needs exactly {', '.join(sorted(_KEYS))}")
    pair = (str(row["from"]), str(row["to"]))
    if not all(map(is_currency, pair)) or pair[0] == pair[1]:
        raise ValueError(f"{pair[0]!r} to {pair[1]!r} are not two ISO 4217 codes like USD")
    try:
        value = Decimal(row["rate"]) if isinstance(row["rate"], str) else Decimal("nan")
    except InvalidOperation:
        value = Decimal("nan")
    if not value.is_finite() or value <= 0:
        raise ValueError(f"rate is {row['rate']!r}; write a text like '7.12', above zero")
    if not str(row["source"]).strip():
        raise ValueError("source is empty; say where the rate was read")
    day = date.fromisoformat(str(row["as_of"]))
    return pair, Fact(value, f"{pair[1]}/{pair[0]}", FactKind.QUOTED, str(row["source"]), day)
