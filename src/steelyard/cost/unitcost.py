"""Cost per 1,000 requests, three ways, and the hourly cost of a machine of one's own."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal

from steelyard.cost.facts import EXACT
from steelyard.domain import Bill, Money, Price, UnitCost
from steelyard.errors import PriceError

__all__ = ["OwnHardware", "at_capacity", "fully_loaded", "marginal", "own_hardware_per_hour", "unit_cost"]

_THOUSAND = Decimal(1000)
_HOUR_S = Decimal(3600)
_YEAR_HOURS = Decimal(8760)


def marginal(cpu_s: Decimal, *, per_hour: Money, cores: Decimal) -> Money:
    """Cost of the processor time of 1,000 more requests: ``1000 · cpu_s · p / (3600 · cores)``.

    Args:
        cpu_s: Processor seconds of one request, HTTP included, >= 0.
        per_hour: Price of one instance for one hour.
        cores: Cores the instance can use without end, > 0.

    Returns:
        Per 1,000 requests, >= 0, in the currency of ``per_hour``; not rounded to cents.
    """
    return Money(EXACT.divide(_THOUSAND * cpu_s * per_hour.amount, _HOUR_S * cores), per_hour.currency)


def at_capacity(per_hour: Money, *, rate_rps: Decimal, utilisation: Decimal = Decimal(1)) -> Money:
    """Instance cost of 1,000 requests: ``1000 · p / (3600 · L · u)``.

    Args:
        per_hour: Price of one instance for one hour.
        rate_rps: ``L``, the highest rate one instance carries within the latency limit.
        utilisation: ``u``, the share of that rate that really arrives, in (0, 1].

    Returns:
        Per 1,000 requests, >= 0, in the currency of ``per_hour``; not rounded to cents.

    Raises:
        PriceError: The rate or the share is not above zero: then nothing is served, at any price.
    """
    if rate_rps <= 0 or not 0 < utilisation <= 1:
        raise PriceError(
            f"no unit cost at {rate_rps} requests/s and utilisation {utilisation}: "
            "the rate must be above 0 and the utilisation in (0, 1]"
        )
    return Money(EXACT.divide(_THOUSAND * per_hour.amount, _HOUR_S * rate_rps * utilisation), per_hour.currency)


def fully_loaded(bill: Bill, *, requests_per_month: int) -> Money | None:
    """The whole bill for each 1,000 requests of the month; ``None`` when the bill is incomplete."""
    total = bill.total
    if total is None:
        return None
    return Money(EXACT.divide(_THOUSAND * total.amount, Decimal(requests_per_month)), total.currency)


def unit_cost(
    bill: Bill,
    *,
    per_hour: Money,
    cores: Decimal,
    cpu_s: Decimal,
    rate_rps: Decimal,
    requests_per_month: int,
    egress: tuple[Price, Decimal] | None = None,
) -> UnitCost:
    """All three unit costs of one configuration on one instance type; ``egress`` is price and GB of 1,000 answers."""
    more = marginal(cpu_s, per_hour=per_hour, cores=cores)
    return UnitCost(
        more if egress is None else more + egress[0].per_unit * egress[1],
        at_capacity(per_hour, rate_rps=rate_rps),
        fully_loaded(bill, requests_per_month=requests_per_month),
    )


@dataclass(frozen=True, slots=True)
class OwnHardware:
    """What an hour of a machine of one's own costs."""

    depreciation: Decimal
    energy: Decimal

    @property
    def total(self) -> Decimal:
        """Both together; people and space are not in it."""
        return self.depreciation + self.energy

    def per_used_unit(self, units: int, *, utilisation: Decimal) -> Decimal:
        """Cost of one unit (a GPU, a core) for each hour it is really used."""
        return EXACT.divide(self.total, Decimal(units) * utilisation)


def own_hardware_per_hour(
    *,
    capex: Decimal,
    residual_share: Decimal,
    life_years: Decimal,
    power_kw: Decimal,
    pue: Decimal,
    tariff_per_kwh: Decimal,
) -> OwnHardware:
    """Depreciation and energy of an hour: ``capex·(1 − residual)/life hours`` and ``kW · PUE · tariff``.

    Args:
        capex: What was paid for it.
        residual_share: Share of that it is still worth at the end, in [0, 1].
        life_years: Years it is used, > 0.
        power_kw: Power it draws, averaged.
        pue: Power of the room for each unit of power of the machine, >= 1.
        tariff_per_kwh: Price of energy.

    Returns:
        Both per hour, in the one currency of ``capex`` and ``tariff_per_kwh``; people and space are not in it.
    """
    depreciation = EXACT.divide(capex * (1 - residual_share), life_years * _YEAR_HOURS)
    return OwnHardware(depreciation, power_kw * pue * tariff_per_kwh)
