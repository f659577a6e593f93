"""Ways to buy the hour of a machine: on demand, committed to for a term, spot. And what was committed to twice."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from itertools import pairwise

from steelyard.cost.facts import BILLING_MONTH_HOURS, EXACT
from steelyard.cost.prices.prices import Instance, PriceBook
from steelyard.cost.prices.row_terms import Discount, Purchase
from steelyard.domain import FactKind, Money, Price
from steelyard.errors import PriceError

__all__ = ["Commitment", "Offer", "Purchase", "check_commitments", "offers"]


@dataclass(frozen=True, slots=True)
class Offer:
    """One way to buy the hours of a machine."""

    price: Price
    """Of an hour, all told: what is paid at the start is spread over the term."""
    purchase: Purchase
    term_months: int = 0
    upfront_share: Decimal = Decimal(0)
    """Share of the whole term that is paid at its start."""
    low: Decimal | None = None
    high: Decimal | None = None

    @property
    def upfront(self) -> Money:
        """What is paid at the start of the term, for one machine; zero where nothing is."""
        return self.price.per_unit * (BILLING_MONTH_HOURS * self.term_months * self.upfront_share)


@dataclass(frozen=True, slots=True)
class Commitment:
    """Machines that were paid for, or must be, whether they are used or not."""

    instance: str
    count: int
    start: date
    end: date
    """The first day it no longer covers."""
    hourly: Money
    """Paid for each hour of one machine."""
    upfront: Money
    """Paid for one machine at the start."""
    id: str = ""
    """The shop's or the cloud's own name of it."""
    source: str = ""
    """The contract or the invoice."""

    def __post_init__(self) -> None:
        amounts = (self.hourly, self.upfront)
        if self.count < 1 or self.start >= self.end or any(each.amount < 0 for each in amounts):
            raise PriceError(
                f"commitment to {self.instance}: {self.count} machines from {self.start} until {self.end} at "
                f"{self.hourly.amount} an hour and {self.upfront.amount} at the start: "
                "it needs at least one machine, an end after its start, and no amount below zero"
            )
        if self.hourly.currency != self.upfront.currency:
            raise PriceError(
                f"commitment to {self.instance}: {self.hourly.currency} by the hour and {self.upfront.currency} at the "
                "start; convert one of them first"
            )


def offers(book: PriceBook, instance: str) -> tuple[Offer, ...]:
    """Every way the book knows to buy one machine.

    Args:
        book: Prices.
        instance: Its row's name; what stands before the last slash may be left out.

    Returns:
        On demand first, with the very price of the machine's row; then commitments, shortest term and least upfront
        first; then spot. A commitment without a row of its own is worked out from the book's discounts, which are
        averages over machines without an accelerator: none are worked out for one that has it. Its price is derived,
        or assumed where the discount is.

    Raises:
        PriceError: The book has no such machine; the message offers near ones.
    """
    (machine,) = book.instances([instance])
    own = [
        Offer(
            row.price,
            row.offered.purchase,
            row.offered.term_months,
            row.offered.upfront_share,
            low=row.low,
            high=row.high,
        )
        for row in book.extras.values()
        if row.offered is not None and row.offered.of == machine.name
    ]
    known = {(each.term_months, each.upfront_share) for each in own if each.purchase is Purchase.RESERVED}
    own += [
        _discounted(machine, discount)
        for discount in book.discounts.values()
        if not machine.gpu and (discount.term_months, discount.upfront_share) not in known
    ]
    order = list(Purchase)
    own.sort(key=lambda each: (order.index(each.purchase), each.term_months, each.upfront_share, each.price.name))
    return (Offer(machine.price, Purchase.ON_DEMAND), *own)


def check_commitments(commitments: Sequence[Commitment], needed: Mapping[str, int]) -> tuple[str, ...]:
    """Where more machines are committed to than are needed.

    Args:
        commitments: All of them, past and future.
        needed: Machines needed at the same time, by instance; none where it is left out.

    Returns:
        One sentence for each run of days on which commitments cover more than is needed, by instance and day;
        empty when none does. Several commitments on the same days are named together: an overlap.
    """
    return tuple(
        sentence
        for instance in sorted({each.instance for each in commitments})
        for sentence in _too_many([each for each in commitments if each.instance == instance], needed.get(instance, 0))
    )


def _discounted(machine: Instance, discount: Discount) -> Offer:
    price, share = machine.price, discount.share
    assumed = FactKind.ASSUMED in (discount.kind, price.kind)
    made = Price(
        f"{price.name}/{discount.name.rsplit('/', 1)[-1]}",
        price.per_unit * (1 - share),
        price.unit,
        FactKind.ASSUMED if assumed else FactKind.DERIVED,
        f"{price.per_unit.amount} x (1 - {share}): {price.source}; discount: {discount.source}",
        min(price.as_of, discount.as_of),
    )
    ends = [None if end is None else EXACT.multiply(machine.hourly, 1 - end) for end in (discount.high, discount.low)]
    return Offer(made, Purchase.RESERVED, discount.term_months, discount.upfront_share, *ends)


def _too_many(commitments: Sequence[Commitment], needed: int) -> Iterator[str]:
    """One sentence for each run of days with the same commitments, where they are too many."""
    days = sorted({day for each in commitments for day in (each.start, each.end)})
    for start, end in pairwise(days):
        active = [each for each in commitments if each.start <= start and end <= each.end]
        covered = sum(each.count for each in active)
        if covered > needed:
            spans = " and ".join(f"{each.count} from {each.start} until {each.end}" for each in active)
            what = "overlap" if len(active) > 1 else "cover too many"
            yield (
                f"commitments to {active[0].instance} {what} from {start} until {end}: {covered} machines ({spans}) "
                f"for {needed} needed"
            )
