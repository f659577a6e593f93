"""Whether a price can be right: beside the book's own, and by the units it may have been mistaken for.

A price a hundred times off is refused, and so is one that is off by what a day, a working month, a month or a year has
hours; one that is off by more than a few times is said, for whoever reads the bill.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from decimal import Decimal
from statistics import median

from steelyard.cost.facts import EXACT
from steelyard.cost.prices.rows import Row, Service
from steelyard.domain import Bilingual

__all__ = ["IMPLAUSIBLE", "Judged", "judge", "odd_ones_out"]

IMPLAUSIBLE = Decimal(100)
"""A price this many times the book's own is refused."""
DOUBTFUL = Decimal(4)
"""A price this many times the book's own is said."""
_NEAR = Decimal("1.35")
_MACHINE_SLIPS = ((24, "a day", "24 hours", "一天"), (730, "a month", "730 hours", "一个月"),
                  (8760, "a year", "8,760 hours", "一年"))  # fmt: skip
_PEOPLE_SLIPS = ((8, "a day", "8 working hours", "一天"), (40, "a week", "40 working hours", "一周"),
                 (160, "a month", "about 160 working hours", "一个月"),
                 (1920, "a year", "about 1,920 working hours", "一年"))  # fmt: skip
_PEERS = (Service.EGRESS, Service.BLOCK_STORAGE, Service.OBJECT_STORAGE, Service.PEOPLE)


@dataclass(frozen=True, slots=True)
class Judged:
    """A price that does not fit beside the book's."""

    said: Bilingual
    is_refused: bool


def judge(row: Row, rows: Mapping[str, Row], extras: Mapping[str, Row]) -> Judged | None:
    """What is odd about one of a shop's own rows.

    Args:
        row: The shop's.
        rows: The book's rows.
        extras: The book's extras.

    Returns:
        ``None`` where nothing is, or where the book has nothing to compare with.
    """
    old = rows.get(row.price.name) or extras.get(row.price.name)
    if old is not None:
        usual = old.price.per_unit.amount
    elif row.offered is not None and row.offered.of in rows:
        usual = rows[row.offered.of].price.per_unit.amount
    elif row.service is Service.INSTANCE and not row.gpu:
        usual = _per_vcpu(rows.values()) * row.vcpus
    else:
        usual = _peer(row, rows.values())
    return _compare(row, usual, "what the book would say", "价格表所载价格", is_same=old is not None)


def odd_ones_out(rows: Mapping[str, Row], extras: Mapping[str, Row]) -> list[str]:
    """Machines a hundred times dearer or cheaper by the vCPU than the book's others, and offers than their machine."""
    cpu_only = [row for row in rows.values() if row.service is Service.INSTANCE and not row.gpu]
    usual = _per_vcpu(rows.values()) if len(cpu_only) > 2 else Decimal(0)
    found = [_compare(row, usual * row.vcpus, "what its neighbours cost by the vCPU", "") for row in cpu_only]
    found += [
        _compare(row, rows[row.offered.of].price.per_unit.amount, "the machine on demand", "")
        for row in extras.values()
        if row.offered is not None and row.offered.of in rows
    ]
    return [each.said.en for each in found if each is not None and each.is_refused]


def _compare(row: Row, usual: Decimal, than: str, than_zh: str, *, is_same: bool = False) -> Judged | None:
    price = row.price.per_unit.amount
    ratio = EXACT.divide(price, usual) if usual else Decimal(1)
    if not ratio or 1 / DOUBTFUL < ratio < DOUBTFUL:
        return None
    slip = _slip(row, ratio)
    is_far = not 1 / IMPLAUSIBLE < ratio < IMPLAUSIBLE
    what = f"{price:f} per {row.price.unit}"
    question, question_zh = (
        "is it the price of another unit? A month is 730 hours",
        "是否为其他单位的价格？一个月为 730 小时",
    )
    if slip is not None:
        _, of, hours, of_zh = slip
        question = f"is it the price of {of} ({hours})? Write that of one {row.price.unit}"
        question_zh = f"是否为{of_zh}的价格？请填写每 {row.price.unit} 的价格"
    elif not is_far:
        question, question_zh = "check it, and its unit", "请核对价格及其单位"
    return Judged(
        Bilingual(
            f"row {row.price.name}: price: {what} is {float(ratio):.3g} times {than}; {question}",
            f"{row.price.name}：价格 {price:f}（每 {row.price.unit}）为{than_zh}的 {float(ratio):.3g} 倍；"
            f"{question_zh}",
        ),
        is_far or (slip is not None and is_same and ratio >= _LEAST_SLIP),
    )


_LEAST_SLIP = Decimal(15)
"""A slip of a unit by less than this may be a price that is really so."""


def _slip(row: Row, ratio: Decimal) -> tuple[int, str, str, str] | None:
    """The unit whose price it may be: the nearest, where it is near."""
    slips = _MACHINE_SLIPS if row.price.unit == "hour" else _PEOPLE_SLIPS if row.price.unit == "person_hour" else ()
    wide = _NEAR if row.price.unit == "hour" else Decimal(2)
    near = [each for each in slips if each[0] / wide <= ratio <= each[0] * wide]
    return min(near, key=lambda each: abs(ratio - each[0]) / each[0]) if near else None


def _peer(row: Row, rows: Iterable[Row]) -> Decimal:
    """What other rows of its service cost; 0 where there is none to compare with."""
    if row.service not in _PEERS:
        return Decimal(0)
    costs = [each.price.per_unit.amount for each in rows if each.service is row.service and each.price.per_unit.amount]
    return median(costs) if costs else Decimal(0)


def _per_vcpu(rows: Iterable[Row]) -> Decimal:
    peers = [row for row in rows if row.service is Service.INSTANCE and not row.gpu]
    return (
        median([EXACT.divide(row.price.per_unit.amount, Decimal(row.vcpus)) for row in peers]) if peers else Decimal(0)
    )
