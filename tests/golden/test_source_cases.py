"""The worked examples of the source documents: where they are right we agree, where they are wrong we refuse."""

from datetime import date
from decimal import Decimal

import pytest

from steelyard.cost import shares_by_kind
from steelyard.cost.units import total
from steelyard.domain import Bill, CostLine, Fact, FactKind, LineKey, Money, Price, Stage, Unpriced
from steelyard.errors import PriceError

DAY = date(2026, 11, 1)


def line(stage, item, quantity, unit, price, currency="CNY"):
    amount = Fact(Decimal(str(quantity)), unit, FactKind.ASSUMED, "worked example", DAY)
    if price is None:
        return CostLine(stage, LineKey.OTHER, amount, Unpriced(item, unit, "nobody named a price"), detail=item)
    each = Price(item, Money(Decimal(str(price)), currency), unit, FactKind.ASSUMED, "worked example", DAY)
    return CostLine(stage, LineKey.OTHER, amount, each, detail=item)


def compute(gpu_hours, stored_gb, moved_gb):
    return Bill(
        "compute",
        (
            line(Stage.TRAINING, "GPU", gpu_hours, "gpu_hour", 12),
            line(Stage.STORAGE, "storage", stored_gb, "GB_month", "0.12"),
            line(Stage.BANDWIDTH, "transfer", moved_gb, "GB", "0.50"),
        ),
        "CNY",
    )


@pytest.mark.parametrize("amounts", [(1000, 5, 20), (400, 3, 10)])
def test_gpu_hours_gigabytes_and_bandwidth_are_not_added_up(amounts):
    units = ("gpu_hour", "GB", "GB/second")

    with pytest.raises(PriceError, match="price each of them and add the money"):
        total(zip(map(Decimal, amounts), units, strict=True), unit="gpu_hour")


def test_priced_they_are():
    whole, small = compute(1000, 5, 20).total, compute(400, 3, 10).total

    assert (whole.amount, small.amount) == (Decimal("12010.60"), Decimal("4805.36"))
    assert (whole - small).amount == Decimal("7205.24")
    assert round((whole - small).amount / whole.amount * 100, 2) == Decimal("59.99")


def life(parts):
    lines = [
        line(stage, f"part {n}", 1, "label", cost)
        for stage, costs in parts.items()
        for n, cost in enumerate(costs, start=1)
    ]
    return Bill("life", tuple(lines), "CNY")


def test_the_lifecycle_table_and_the_lifecycle_code_are_two_sums():
    table = {Stage.DATA: [20], Stage.TRAINING: [10], Stage.TUNING: [30], Stage.MAINTENANCE: [40]}
    code = {Stage.DATA: [10, 5, 15], Stage.TRAINING: [5, 3], Stage.TUNING: [20, 5], Stage.MAINTENANCE: [10, 7]}

    assert life(table).total.amount == 100
    assert life(code).total.amount == 80
    of_stage = {stage: sum(each.cost.amount for each in life(code).lines if each.stage is stage) for stage in code}
    assert list(of_stage.values()) == [30, 8, 25, 17]


def test_an_environment_without_a_price_leaves_the_bill_incomplete():
    parts = [(Stage.TRAINING, 10_000), (Stage.SERVING, 5_000), (Stage.STORAGE, 3_000)]
    priced = tuple(line(stage, str(stage), 1, "billing_month", cost, "USD") for stage, cost in parts)
    environment = line(Stage.HARDWARE, "8 cores, 64 GB, 1 TB", 1, "billing_month", None)

    assert Bill("needs", priced, "USD").total == Money(Decimal(18_000), "USD")
    assert Bill("needs", (*priced, environment), "USD").total is None
    with pytest.raises(PriceError, match="no price for 8 cores, 64 GB, 1 TB"):
        shares_by_kind(Bill("needs", (*priced, environment), "USD"))
