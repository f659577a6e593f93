"""Money and facts. Exact, dated, sourced; an unknown price is never zero."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date
from decimal import ROUND_HALF_EVEN, Decimal
from enum import StrEnum

from steelyard.domain.line_key import LineKey
from steelyard.domain.written import is_currency
from steelyard.errors import PriceError

_PLACES = {
    **dict.fromkeys("BIF CLP DJF GNF ISK JPY KMF KRW PYG RWF UGX VND VUV XAF XOF XPF".split(), 0),
    **dict.fromkeys("BHD IQD JOD KWD LYD OMR TND".split(), 3),
}
"""Decimals of the smallest coin, where they are not two (ISO 4217)."""


@dataclass(frozen=True, slots=True)
class Money:
    """An amount in one currency. Exact: never built from a float.

    Raises:
        TypeError: The amount is no Decimal.
        PriceError: The currency is not three capital letters.
    """

    amount: Decimal
    currency: str
    """ISO 4217 code, upper case."""

    def __post_init__(self) -> None:
        if not isinstance(self.amount, Decimal):
            raise TypeError(f"Money takes a Decimal, got {type(self.amount).__name__}: {self.amount!r}")
        if not is_currency(self.currency):
            raise PriceError(f"{self.currency!r} is not a currency: write an ISO 4217 code like USD")

    def __add__(self, other: Money) -> Money:
        """Sum in the same currency.

        Args:
            other: What is added; may be negative.

        Returns:
            A new amount in that currency, not rounded to cents.

        Raises:
            PriceError: The currencies differ.
        """
        if other.currency != self.currency:
            raise PriceError(f"cannot add {other.currency} to {self.currency}: convert first")
        return Money(self.amount + other.amount, self.currency)

    def __sub__(self, other: Money) -> Money:
        """Difference in the same currency."""
        return self + Money(-other.amount, other.currency)

    def __mul__(self, factor: Decimal | int) -> Money:
        """Multiple of an amount, exact."""
        return Money(self.amount * factor, self.currency)

    def rounded(self, places: int = 2) -> Money:
        """Rounded half to even, for showing only: sums are made before rounding. Zero is never negative."""
        found = self.amount.quantize(Decimal(1).scaleb(-places), ROUND_HALF_EVEN)
        return Money(found or abs(found), self.currency)

    def to_the_cent(self) -> Decimal:
        """The amount in whole coins of its currency, as bills are compared: half to even."""
        return self.rounded(_PLACES.get(self.currency, 2)).amount

    def __str__(self) -> str:
        return f"{self.rounded().amount:,} {self.currency}"


class FactKind(StrEnum):
    """Where a number comes from."""

    MEASURED = "measured"
    INVOICED = "invoiced"
    QUOTED = "quoted"
    ASSUMED = "assumed"
    DERIVED = "derived"


@dataclass(frozen=True, slots=True)
class Fact:
    """A number that knows where it comes from."""

    value: Decimal
    unit: str
    """Spelt out: ``hour``, ``GB``, ``core_second``, ``request_per_second`` …"""
    kind: FactKind
    source: str
    """A command, a page with its date, a person, or the formula of a derived fact."""
    as_of: date
    low: Decimal | None = None
    """Low end of the interval; ``None`` when none is known."""
    high: Decimal | None = None
    inputs: tuple[Fact, ...] = field(default=())
    """For a derived fact, the facts that went in."""


@dataclass(frozen=True, slots=True)
class Price:
    """What one unit costs, where that was read, and when."""

    name: str
    """What is sold, for example ``aws/us-east-1/c5.large``."""
    per_unit: Money
    unit: str
    """The unit sold: ``hour``, ``GB_month``, ``GB``, ``person_hour``."""
    kind: FactKind
    source: str
    as_of: date


@dataclass(frozen=True, slots=True)
class Unpriced:
    """A thing that has no known price. It makes totals incomplete; it is never counted as zero."""

    name: str
    unit: str
    why: str
    """What was looked for, where, and how to add it."""


class Stage(StrEnum):
    """Stages of a model's life that cost money."""

    DATA = "data"
    LABELLING = "labelling"
    TRAINING = "training"
    TUNING = "tuning"
    HARDWARE = "hardware"
    SOFTWARE = "software"
    DEPLOYMENT = "deployment"
    SERVING = "serving"
    MAINTENANCE = "maintenance"
    RETRAINING = "retraining"
    STORAGE = "storage"
    BANDWIDTH = "bandwidth"
    OVERHEAD = "overhead"


@dataclass(frozen=True, slots=True)
class CostLine:
    """One line of a monthly bill: quantity × unit price."""

    stage: Stage
    key: LineKey
    """What is paid for."""
    quantity: Fact
    price: Price | Unpriced
    is_one_off: bool = False
    """True where the whole amount falls once and ``quantity`` holds this month's share of it."""
    detail: str = ""
    """Which of several: a part, a machine type, a row of the price list; a name, never a sentence."""

    @property
    def cost(self) -> Money | None:
        """Cost of the line; ``None`` when its price is unknown (unknown is not free)."""
        if isinstance(self.price, Unpriced):
            return None
        return self.price.per_unit * self.quantity.value


@dataclass(frozen=True, slots=True)
class Bill:
    """A month's cost of one configuration, line by line."""

    configuration: str
    lines: tuple[CostLine, ...]
    currency: str

    @property
    def unpriced(self) -> tuple[CostLine, ...]:
        """The lines without a price; a bill with any is incomplete."""
        return tuple(line for line in self.lines if line.cost is None)

    @property
    def total(self) -> Money | None:
        """Exact sum; ``None`` when a line has no price: a partial sum would read as a cheaper deployment.

        Raises:
            PriceError: A line is in another currency.
        """
        result = Decimal(0)  # plain decimals: a decision prices thousands of bills
        for line in self.lines:
            if isinstance(line.price, Unpriced):
                return None
            per_unit = line.price.per_unit
            if per_unit.currency != self.currency:
                raise PriceError(f"cannot add {per_unit.currency} to {self.currency}: convert first")
            result += per_unit.amount * line.quantity.value
        return Money(result, self.currency)
