"""How much a search may use: the share of one model in what ``[tune]`` allows, and when it is used up."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal

from steelyard.config.schema import Cost
from steelyard.config.tune import Tune
from steelyard.cost import PriceBook, training_instance
from steelyard.cost.facts import EXACT, exact
from steelyard.documents.tuning import StoppedBy
from steelyard.domain import Money
from steelyard.errors import ConfigError

__all__ = ["Budget", "budget_of", "core_second"]


@dataclass(frozen=True, slots=True)
class Budget:
    """What one search may use; ``None`` sets no end."""

    minutes: float | None = None
    money: Decimal | None = None
    trials: int | None = None
    per_core_second: Money | None = None
    """What a second of a core costs; ``None`` where the book has no price for it."""

    def reached(self, *, trials: int, seconds: float, cpu_s: float) -> StoppedBy:
        """The end that was reached.

        Args:
            trials: Begun so far.
            seconds: By the clock so far.
            cpu_s: Of processors so far.

        Returns:
            ``minutes``, ``money`` or ``trials``; empty while none is reached.
        """
        if self.minutes is not None and seconds >= 60 * self.minutes:
            return "minutes"
        spent = self.cost(cpu_s)
        if self.money is not None and spent is not None and spent.amount >= self.money:
            return "money"
        return "trials" if self.trials is not None and trials >= self.trials else ""

    def cost(self, cpu_s: float) -> Money | None:
        """What processor seconds cost; ``None`` where they have no price."""
        price = self.per_core_second
        return None if price is None else Money(EXACT.multiply(price.amount, exact(cpu_s)), price.currency)


def core_second(book: PriceBook, cost: Cost) -> Money:
    """What a second of a core costs, on the machine that training is booked at.

    Args:
        book: The shop's prices.
        cost: Names the machine, or those to choose from.

    Returns:
        Not rounded.

    Raises:
        PriceError: The book has no such machine.
    """
    named = book.instances((cost.machine,))[0] if cost.machine else None
    machine = named or training_instance(book, peak_rss_bytes=0, names=cost.instances)
    price = machine.price.per_unit
    return Money(EXACT.divide(price.amount, 3600 * machine.cores), price.currency)


def budget_of(tune: Tune, *, per_core_second: Money | None, searches: int) -> Budget:
    """The share of one search.

    Args:
        tune: What all searches together may use.
        per_core_second: What a second of a core costs; ``None`` where it has no price.
        searches: How many there are, >= 1.

    Returns:
        Minutes and money divided evenly; so many trials of each.

    Raises:
        ConfigError: Money is set, and a second of a core has no price, or one in another currency.
    """
    if tune.money is not None and per_core_second is None:
        raise ConfigError("[tune] money is set, but machine time has no price: set [cost] machine, or use minutes")
    if tune.currency and per_core_second is not None and tune.currency != per_core_second.currency:
        raise ConfigError(
            f"[tune] money is in {tune.currency}, the price book in {per_core_second.currency}: give it in "
            f"{per_core_second.currency}, or name a book in {tune.currency} in [cost] book"
        )
    minutes = None if tune.minutes is None else tune.minutes / searches
    money = None if tune.money is None else EXACT.divide(tune.money, Decimal(searches))
    return Budget(minutes, money, tune.trials, per_core_second)
