"""What a managed service would charge for the shop's traffic: tiers, least charges, and what nobody knows.

A driver that is not known makes a line without a price, never a line that costs nothing.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, fields
from datetime import date
from decimal import ROUND_CEILING, Decimal

from steelyard.cost.facts import EXACT, assumed, billing_month, derived
from steelyard.cost.prices.prices import PriceBook
from steelyard.cost.prices.row_terms import METER_UNITS, Meter, Metered
from steelyard.cost.prices.rows import Row
from steelyard.domain import CostLine, Fact, FactKind, LineKey, Price, Stage, Unpriced
from steelyard.errors import PriceError

__all__ = ["ManagedService", "Volume", "managed_services"]

_HOUR_S = Decimal(3600)
_STAGES = {Meter.TRAININGS: Stage.TRAINING, Meter.USERS: Stage.STORAGE, Meter.ITEMS: Stage.STORAGE}
_COUNTS = {
    Meter.REQUESTS: ("requests_per_month", "request"),
    Meter.PEAK_RPS: ("peak_rps", "request_per_second"),
    Meter.MEAN_RPS: ("requests_per_month", "request"),
    Meter.USERS: ("n_users", "user"),
    Meter.ITEMS: ("n_items", "item"),
    Meter.TRAININGS: ("n_trainings", "1"),
    Meter.UNITS: ("peak_rps", "request_per_second"),
}
"""What of a volume each meter counts, and its unit."""


@dataclass(frozen=True, slots=True)
class Volume:
    """What a managed service would have to carry in a month."""

    requests_per_month: int
    peak_rps: Decimal
    n_users: int | None = None
    """Users with a profile; ``None`` when nobody knows."""
    n_items: int | None = None
    n_trainings: Decimal = Decimal(0)

    def __post_init__(self) -> None:
        negative = [
            f"{each.name} is {value}"
            for each in fields(self)
            if (value := getattr(self, each.name)) is not None and value < 0
        ]
        if negative:
            raise PriceError(f"a volume is counted from 0: {', '.join(negative)}")


@dataclass(frozen=True, slots=True)
class ManagedService:
    """A service that searches or recommends, priced by what it counts."""

    name: str
    surfaces: tuple[str, ...]
    """What it can serve: ``search``, ``recommend``."""
    charges: Mapping[Meter, tuple[Row, ...]]
    """By what is counted, first tier first."""

    def lines(self, volume: Volume, *, on: date) -> tuple[CostLine, ...]:
        """A month of it, line by line.

        Args:
            volume: What it would carry.
            on: Day of the calculation, the date of assumed quantities.

        Returns:
            One line for each charge, and for each tier that is reached; a line without a price where a driver or a
            tier is not known.

        Trust:
            Rates by the hour are taken at the month's mean: a service that bills each hour's own rate, with a least
            charge, costs more where traffic is uneven.
        """
        return tuple(
            line for meter, rows in self.charges.items() for line in _charge(self.name, meter, rows, volume, on)
        )


def managed_services(book: PriceBook) -> tuple[ManagedService, ...]:
    """The managed services a book has charges of, by name.

    Args:
        book: Prices.

    Returns:
        Each service once; none when the book has none.

    Raises:
        PriceError: Tiers of one charge end at the same volume, or do not share their terms.
    """
    by_name: dict[str, dict[Meter, list[Row]]] = {}
    surfaces: dict[str, tuple[str, ...]] = {}
    for row in book.every.values():
        if row.metered is not None:
            by_name.setdefault(row.metered.of, {}).setdefault(row.metered.meter, []).append(row)
            surfaces[row.metered.of] = tuple(dict.fromkeys((*surfaces.get(row.metered.of, ()), *row.metered.surfaces)))
    return tuple(
        ManagedService(name, surfaces[name], {meter: _tiers(rows) for meter, rows in sorted(charges.items())})
        for name, charges in sorted(by_name.items())
    )


def _tiers(rows: Sequence[Row]) -> tuple[Row, ...]:
    ends = [_terms(row).up_to for row in rows]
    same = {(row.price.unit, terms.at_least, terms.step, terms.each) for row in rows for terms in (_terms(row),)}
    if len(set(ends)) != len(ends) or len(same) > 1:
        names = ", ".join(row.price.name for row in rows)
        raise PriceError(
            f"{names}: tiers of one charge end at different volumes (up_to), and share unit, at_least, step and each"
        )
    return tuple(sorted(rows, key=lambda row: (_terms(row).up_to is None, _terms(row).up_to or Decimal(0))))


def _terms(row: Row) -> Metered:
    assert row.metered is not None
    return row.metered


def _charge(name: str, meter: Meter, rows: Sequence[Row], volume: Volume, on: date) -> Iterator[CostLine]:
    stage, unit = _STAGES.get(meter, Stage.SERVING), rows[0].price.unit
    quantity = _quantity(meter, rows[0], volume, on)
    if isinstance(quantity, str):
        nothing = Fact(Decimal(0), unit, FactKind.ASSUMED, quantity, on)
        missing = Unpriced(rows[0].price.name, unit, quantity)
        yield CostLine(stage, LineKey.SERVICE_CHARGE, nothing, missing, detail=f"{name}, {meter}")
        return
    start = Decimal(0)
    for row in rows:
        end = _terms(row).up_to
        stop = quantity.value if end is None else min(end, quantity.value)
        if stop > start:
            part, charge = _part(quantity, start, stop), f"{name}, {_last(row.price)}"
            yield CostLine(stage, LineKey.SERVICE_CHARGE, part, row.price, detail=charge)
        start = max(start, stop)
    if quantity.value > start:
        why = f"the price list ends at {start.normalize():f} {unit} a month: ask for an offer, and add it as a tier"
        missing = Unpriced(f"{name} above its last tier", unit, why)
        part = _part(quantity, start, quantity.value)
        yield CostLine(stage, LineKey.SERVICE_ABOVE_TIERS, part, missing, detail=name)


def _part(quantity: Fact, start: Decimal, stop: Decimal) -> Fact:
    if not start and stop == quantity.value:
        return quantity
    rule = (
        f"the part of {quantity.value.normalize():f} {quantity.unit} from {start.normalize():f} to {stop.normalize():f}"
    )
    return derived(stop - start, rule, (quantity,), unit=quantity.unit)


def _quantity(meter: Meter, row: Row, volume: Volume, on: date) -> Fact | str:
    """What is billed, in the row's unit; in words why it is not known."""
    key, counted_in = _COUNTS[meter]
    value = getattr(volume, key)
    if value is None:
        return f"it is not known ({key}): a charge of {row.price.name} counts it"
    count = assumed(value, counted_in, source=f"volume: {key}", as_of=on)
    if meter is Meter.UNITS:
        return _units(row, count, on)
    if meter is Meter.MEAN_RPS:
        return _rate_hours(row, count, on)
    terms, per_unit = _terms(row), METER_UNITS[meter][row.price.unit]
    if terms.each is not None:
        each = assumed(terms.each, row.price.unit, source=f"each: {terms.each_source}", as_of=row.price.as_of)
        found = derived(
            count.value * each.value, f"{counted_in} x {row.price.unit} each", (count, each), unit=each.unit
        )
    elif per_unit is not None:
        found = derived(EXACT.divide(count.value, per_unit), f"{key} / {per_unit}", (count,), unit=row.price.unit)
    elif not count.value:
        return count
    else:
        return f"how many {row.price.unit} each takes is not known: add `each` to the row {row.price.name}"
    return _billed(found, terms)


def _billed(found: Fact, terms: Metered) -> Fact:
    """With the least charge, in whole steps; nothing stays nothing unless there is a least charge."""
    value = max(found.value, terms.at_least)
    if terms.step:
        value = EXACT.divide(value, terms.step).to_integral_value(ROUND_CEILING) * terms.step
    if value == found.value:
        return found
    rule = f"at least {terms.at_least.normalize():f}, in steps of {terms.step.normalize():f}"
    return derived(value, rule, (found,), unit=found.unit)


def _rate_hours(row: Row, count: Fact, on: date) -> Fact:
    """Requests per second times hours: the month's mean rate, or the least that is billed."""
    month, terms = billing_month(on), _terms(row)
    mean = EXACT.divide(count.value, _HOUR_S * month.value)
    billed = max(mean, terms.at_least)
    rule = f"mean rate, at least {terms.at_least.normalize():f} per second, x hours of a month"
    return derived(billed * month.value, rule, (count, month), unit=row.price.unit)


def _units(row: Row, peak: Fact, on: date) -> Fact:
    month, terms = billing_month(on), _terms(row)
    inputs: tuple[Fact, ...] = (month,)
    number, rule = terms.at_least, f"{terms.at_least.normalize():f} units x hours of a month"
    if terms.each is not None:
        each = assumed(terms.each, peak.unit, source=f"each: {terms.each_source}", as_of=row.price.as_of)
        needed = EXACT.divide(peak.value, each.value).to_integral_value(ROUND_CEILING)
        number, inputs = max(needed, terms.at_least), (peak, each, month)
        rule = f"units for the peak, at least {terms.at_least.normalize():f}, x hours of a month"
    return derived(number * month.value, rule, inputs, unit="hour")


def _last(price: Price) -> str:
    return price.name.rsplit("/", 1)[-1]
