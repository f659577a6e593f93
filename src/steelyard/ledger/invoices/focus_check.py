"""Checks a file against the rules of FOCUS 1.2 that can be seen in the file: what MUST hold, with counts and lines.

Not checked, since a file does not show it: that ids are unique at the provider, that names are spelt as in its console,
that an invoice's lines sum to the invoice (``steelyard cost import --invoice-total`` does), that every charge is there.
An empty field and the word NULL are null.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from steelyard.ledger.invoices.focus_columns import ALLOWED, COLUMNS, SUBCATEGORIES, TOGETHER, Level, Type

__all__ = ["Broken", "check_rows"]

Row = Mapping[str, str]
_Test = Callable[[Row], bool]
_Rule = tuple[str, str, _Test]
"""Rule, its column, and whether a row breaks it; asked only where the file has the column."""

_NUMBER = re.compile(r"-?\d+(\.\d+)?(E-?\d+)?")
_TIME = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ")
_PRICED = (
    "ContractedUnitPrice", "ListUnitPrice", "PricingCategory", "PricingCurrencyContractedUnitPrice",
    "PricingCurrencyListUnitPrice", "PricingQuantity", "SkuId", "SkuPriceId",
)  # fmt: skip
_PAIRS = (
    ("CommitmentDiscountCategory", "CommitmentDiscountId"), ("CommitmentDiscountType", "CommitmentDiscountId"),
    ("CommitmentDiscountUnit", "CommitmentDiscountQuantity"), ("ConsumedUnit", "ConsumedQuantity"),
    ("PricingUnit", "PricingQuantity"), ("RegionName", "RegionId"), ("ResourceType", "ResourceId"),
    ("SubAccountName", "SubAccountId"), ("SubAccountType", "SubAccountId"),
)  # fmt: skip
"""The first is null exactly where the second is."""
_WITHOUT = (
    ("CommitmentDiscountName", "CommitmentDiscountId"), ("ResourceName", "ResourceId"), ("SkuMeter", "SkuId"),
    ("SkuPriceDetails", "SkuPriceId"),
)  # fmt: skip
"""The first is null where the second is."""
_STATUS = (
    ("CommitmentDiscountStatus", "CommitmentDiscountId"), ("CapacityReservationStatus", "CapacityReservationId"),
)  # fmt: skip
_ONE_EACH = (
    ("ServiceName", "ServiceCategory"),
    ("SkuPriceId", "SkuId"),
    ("CommitmentDiscountId", "CommitmentDiscountUnit"),
)
"""Each value of the first has one value of the second in the whole file."""
_POOL = "pool/"
_NEARLY = Decimal("0.001")
_HALF_CENT = Decimal("0.005")


@dataclass(frozen=True, slots=True)
class Broken:
    """A rule that a file breaks."""

    rule: str
    column: str
    n: int
    """Rows that break it; 1 for a rule about the columns."""
    line: int
    """The first; 0 for a rule about the columns."""
    found: str


def check_rows(header: Sequence[str], lines: Iterable[tuple[int, Row]]) -> list[Broken]:
    """Every rule that a file breaks.

    Args:
        header: Of the file.
        lines: Line number and values by the header's names.

    Returns:
        One for each rule and column, by column; empty for a file that keeps all rules checked here.
    """
    found: dict[tuple[str, str], Broken] = {(broken.rule, broken.column): broken for broken in _of_header(header)}
    rules = [rule for rule in _rules() if rule[1] in header]
    pools: dict[tuple[str, str], tuple[Decimal, int]] = {}
    pairs: dict[tuple[str, str], dict[str, str]] = {pair: {} for pair in _ONE_EACH if set(pair) <= set(header)}
    for number, line in lines:
        row = {name: value for name, value in line.items() if value not in ("", "NULL")}
        wrong = [(rule, column) for rule, column, is_broken in rules if is_broken(row)]
        wrong += [(f"one {second} for each {first}", first) for first, second in _twofold(row, pairs)]
        _add_to_pools(row, number, pools)
        for key in wrong:
            known = found.get(key)
            found[key] = (
                Broken(*key, 1, number, row.get(key[1], "null")[:60]) if known is None
                else Broken(*key, known.n + 1, known.line, known.found)
            )  # fmt: skip
    rests = [_left(*pool, *rest) for pool, rest in pools.items() if rest[0] > _HALF_CENT]
    return sorted([*found.values(), *rests], key=lambda broken: (broken.column, broken.rule))


def _add_to_pools(row: Row, number: int, pools: dict[tuple[str, str], tuple[Decimal, int]]) -> None:
    """What went to a pool less what those bear who used it: the identity of an export of Steelyard."""
    pool = row.get("x_Pool") or row.get("BillingAccountId", "").removeprefix(_POOL)
    is_drawn = row.get("BillingAccountId", "").startswith(_POOL)
    if not pool or not (is_drawn or "x_Pool" in row):
        return
    name, sign = ("EffectiveCost", -1) if is_drawn else ("x_PoolCost", 1)
    key = (pool, row.get("BillingCurrency", ""))
    rest, line = pools.get(key, (Decimal(0), number))
    pools[key] = (rest + sign * (_number(row, name) or 0), line)


def _left(pool: str, currency: str, rest: Decimal, line: int) -> Broken:
    rule = "what went to a pool is in the EffectiveCost of somebody"
    return Broken(rule, "x_PoolCost", 1, line, f"{pool}: {rest:.2f} {currency} in none")


def _of_header(header: Sequence[str]) -> Iterator[Broken]:
    for name, column in COLUMNS.items():
        if column.level is Level.MANDATORY and name not in header:
            yield Broken("the column must be present", name, 1, 0, "not there")
    for name in header:
        if name not in COLUMNS and not name.startswith("x_"):
            yield Broken("a column of one's own begins with x_", name, 1, 0, name)
    for group in TOGETHER:
        for name in group:
            if name not in header and any(each in header for each in group):
                yield Broken(f"present where {group[0]} or another of its group is", name, 1, 0, "not there")


def _twofold(row: Row, pairs: Mapping[tuple[str, str], dict[str, str]]) -> Iterator[tuple[str, str]]:
    for (first, second), known in pairs.items():
        if first in row and second in row and known.setdefault(row[first], row[second]) != row[second]:
            yield first, second


def _rules() -> Iterator[_Rule]:
    for name, column in COLUMNS.items():
        if not column.is_nullable:
            yield "not null", name, _is_null(name)
        yield from _of_type(name, column.type)
    for name, values in ALLOWED.items():
        yield f"one of {', '.join(values[:5])}{' …' if len(values) > 5 else ''}", name, _is_not_in(name, values)
    yield from _of_nulls()
    yield from _of_values()


def _of_type(name: str, kind: Type) -> Iterator[_Rule]:
    if kind is Type.DECIMAL:
        yield "a plain number, or one like 1.2E-7", name, lambda row: name in row and not _NUMBER.fullmatch(row[name])
    elif kind is Type.TIME:
        yield "a time in UTC like 2026-11-01T00:00:00Z", name, lambda row: name in row and _time(row, name) is None
    elif kind is Type.JSON:
        yield "a JSON object of plain values", name, lambda row: name in row and not _is_flat(row[name])


def _of_nulls() -> Iterator[_Rule]:
    for name in _PRICED:
        yield "null for a tax", name, _both(_has(name), lambda row: _is(row, "Tax"))
        yield "not null for usage and purchases", name, _both(_is_null(name), _is_priced)
    for first, second in _PAIRS:
        yield f"null exactly where {second} is", first, _differ(_has(first), _has(second))
    for first, second in (*_WITHOUT, *_STATUS):
        yield f"null where {second} is", first, _both(_has(first), _is_null(second))
    for first, second in _STATUS:
        yield (
            f"not null for usage that has a {second}",
            first,
            _both(_is_null(first), _has(second), lambda row: _is(row, "Usage")),
        )
    yield (
        "null but for usage that is not unused",
        "ConsumedQuantity",
        lambda row: "ConsumedQuantity" in row and not _is_consumed(row),
    )
    yield (
        "not null for usage",
        "ConsumedQuantity",
        lambda row: "ConsumedQuantity" not in row and _is_consumed(row) and "ChargeClass" not in row,
    )
    yield (
        "not null for usage and purchases of a commitment",
        "CommitmentDiscountQuantity",
        _both(_is_null("CommitmentDiscountQuantity"), _has("CommitmentDiscountId"), _is_priced),
    )
    yield (
        "null where there is no commitment",
        "CommitmentDiscountQuantity",
        lambda row: (
            "CommitmentDiscountQuantity" in row
            and not ("CommitmentDiscountId" in row and _is(row, "Usage", "Purchase"))
        ),
    )


def _of_values() -> Iterator[_Rule]:
    yield (
        "three capital letters of ISO 4217",
        "BillingCurrency",
        lambda row: re.fullmatch("[A-Z]{3}", row.get("BillingCurrency", "XXX")) is None,
    )
    yield (
        "not Usage-Based for a purchase",
        "ChargeFrequency",
        lambda row: row.get("ChargeFrequency") == "Usage-Based" and _is(row, "Purchase"),
    )
    yield "a subcategory of its ServiceCategory", "ServiceSubcategory", _is_misplaced
    yield "Committed for usage under a commitment", "PricingCategory", _both(
        _has("CommitmentDiscountId"), _has("PricingCategory"), lambda row: _is(row, "Usage"), _is_priced,
        lambda row: row["PricingCategory"] != "Committed",
    )  # fmt: skip
    yield (
        "0 for the purchase of a commitment",
        "EffectiveCost",
        lambda row: "CommitmentDiscountId" in row and _is(row, "Purchase") and bool(_number(row, "EffectiveCost")),
    )
    for name in ("EffectiveCost", "ContractedCost", "ListCost"):
        yield "equal to BilledCost for a credit", name, _is_other_credit(name)
    for name in ("ContractedUnitPrice", "ListUnitPrice"):
        cost = name.replace("UnitPrice", "Cost")
        yield "not below zero", name, _is_below_zero(name)
        yield f"{cost} = {name} x PricingQuantity, to 0.1 % or half a cent", name, _is_other_product(name, cost)
    for name in ("ChargePeriod", "BillingPeriod"):
        yield "its end is after its start", f"{name}Start", _ends_first(name)
    yield "usage lies in its billing period", "ChargePeriodStart", _is_outside


def _has(name: str) -> _Test:
    return lambda row: name in row


def _both(*tests: _Test) -> _Test:
    return lambda row: all(test(row) for test in tests)


def _differ(one: _Test, other: _Test) -> _Test:
    return lambda row: one(row) != other(row)


def _is_null(name: str) -> _Test:
    return lambda row: name not in row


def _is_not_in(name: str, values: Sequence[str]) -> _Test:
    known = frozenset(values)
    return lambda row: name in row and row[name] not in known


def _is(row: Row, *categories: str) -> bool:
    return row.get("ChargeCategory") in categories


def _is_priced(row: Row) -> bool:
    return _is(row, "Usage", "Purchase") and "ChargeClass" not in row


def _is_consumed(row: Row) -> bool:
    return _is(row, "Usage") and row.get("CommitmentDiscountStatus") != "Unused"


def _is_misplaced(row: Row) -> bool:
    category, below = row.get("ServiceCategory", ""), row.get("ServiceSubcategory", "")
    return bool(below) and below not in (*SUBCATEGORIES.get(category, ()), f"Other ({category})")


def _is_other_credit(name: str) -> _Test:
    return lambda row: _is(row, "Credit") and _number(row, name) != _number(row, "BilledCost")


def _is_below_zero(name: str) -> _Test:
    return lambda row: (_number(row, name) or 0) < 0


def _is_other_product(price: str, cost: str) -> _Test:
    def is_other(row: Row) -> bool:
        unit, quantity, total = (_number(row, name) for name in (price, "PricingQuantity", cost))
        if "ChargeClass" in row or unit is None or quantity is None or total is None:
            return False
        return abs(unit * quantity - total) > max(_HALF_CENT, _NEARLY * abs(total))

    return is_other


def _ends_first(name: str) -> _Test:
    def is_before(row: Row) -> bool:
        start, end = _time(row, f"{name}Start"), _time(row, f"{name}End")
        return start is not None and end is not None and end <= start

    return is_before


def _is_outside(row: Row) -> bool:
    if not _is(row, "Usage") or "ChargeClass" in row:
        return False
    times = [_time(row, f"{name}{end}") for name in ("ChargePeriod", "BillingPeriod") for end in ("Start", "End")]
    start, end, first, last = times
    if start is None or end is None or first is None or last is None:
        return False
    return start < first or end > last


def _number(row: Row, name: str) -> Decimal | None:
    text = row.get(name, "")
    return Decimal(text) if _NUMBER.fullmatch(text) else None


def _time(row: Row, name: str) -> datetime | None:
    text = row.get(name, "")
    try:
        return datetime.fromisoformat(text) if _TIME.fullmatch(text) else None
    except ValueError:
        return None


def _is_flat(text: str) -> bool:
    try:
        found = json.loads(text)
    except ValueError:
        return False
    return isinstance(found, dict) and not any(isinstance(value, (dict, list)) for value in found.values())
