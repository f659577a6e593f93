"""The figures of a decision that nobody measured, each with its plausible range and what the bills become with it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from decimal import Decimal
from functools import partial

from steelyard.cost import PriceBook
from steelyard.cost.facts import exact
from steelyard.cost.prices.rows import Service
from steelyard.decision.assumptions import Assumption, Costs, Shape
from steelyard.decision.breakeven import HOURS
from steelyard.domain import Bilingual, FactKind, Money, Unpriced, filled_zh
from steelyard.workflows.pricing.price import Priced, surface_load
from steelyard.workflows.pricing.reprice import Repricer, total, with_setting

__all__ = ["Figure", "assumed_figures"]

_TWICE, _HALF, _ONE = Decimal(2), Decimal("0.5"), Decimal(1)
_MOST_HOURS = Decimal(8)
"""A working day a month: upkeep beyond it is another kind of work."""


@dataclass(frozen=True, slots=True)
class Figure:
    """An assumed figure."""

    assumption: Assumption
    subject: Bilingual
    """What it is: ``the upkeep of an encoder``."""
    verb: str
    """Between the subject and the value, in English: ``took``."""
    unit: Bilingual
    costs: Callable[[Decimal], Costs]


def assumed_figures(again: Repricer, priced: tuple[Priced, ...], chosen: Priced) -> Iterator[Figure]:
    """All that a choice may hang on; those that are the same for every candidate among them.

    Args:
        again: Prices the surface again.
        priced: Candidates whose quality keeps the floors, as they are priced now.
        chosen: The one that was chosen.

    Yields:
        People's hours and prices first, then what sizes machines.
    """
    yield from _people(again, priced, chosen)
    yield from _prices(again, priced)
    yield from _settings(again)
    yield from _sizing(again)


def _people(again: Repricer, priced: tuple[Priced, ...], chosen: Priced) -> Iterator[Figure]:
    hours = again.config.cost.people.encoder_hours_per_month
    yield _setting(
        again, "cost.people.encoder_hours_per_month", hours, ends=(Decimal(0), max(_MOST_HOURS, hours)),
        words=("the upkeep of an encoder", "took", "h a month", "编码器每月的维护时间", "小时"),
    )  # fmt: skip
    kind = _kind(chosen)
    rate = again.pricing.terms.book.person(again.config.cost.people.role)
    alike = {each.candidate.name for each in priced if _kind(each) == kind}
    if len(alike) == len(priced) or isinstance(rate, Unpriced):
        return
    now, hour = {each.candidate.name: total(each).amount for each in priced}, rate.per_unit.amount
    sort, has_transformer = kind
    with_ = "with" if has_transformer else "without"
    yield Figure(
        Assumption(f"upkeep of {sort} {with_} a transformer", Decimal(0), Decimal(0), _MOST_HOURS),
        Bilingual(
            f"the upkeep of {sort} configurations {with_} a transformer, beyond what is billed,",
            f"{sort} 类配置（{'含' if has_transformer else '不含'} Transformer）每月在账单之外的维护时间",
        ),
        "took",
        Bilingual("h a month", "小时"),
        lambda value: {name: cost + (value * hour if name in alike else 0) for name, cost in now.items()},
    )


def _kind(each: Priced) -> tuple[str, bool]:
    """Configurations that take the same looking after."""
    configuration = each.candidate.configuration
    return configuration.kind, configuration.upkeep.has_transformer


def _prices(again: Repricer, priced: tuple[Priced, ...]) -> Iterator[Figure]:
    """Prices that are assumed themselves, within their own range, and the price of traffic."""
    book, seen = again.pricing.terms.book, set[str]()

    def costs(names: frozenset[str], now: Decimal, value: Decimal) -> Costs:
        return again.costs(book=_priced_at(book, names, value / now))

    for line in (line for each in priced if each.candidate.bill for line in each.candidate.bill.lines):
        name = line.price.name
        row = book.rows.get(name)
        if name in seen or row is None or row.price.kind is not FactKind.ASSUMED:
            continue
        seen.add(name)
        now = row.price.per_unit.amount
        ends = (min(now, row.low or now * _HALF), max(now, row.high or now * _TWICE))
        said = Bilingual(name, filled_zh("{name} 的价格", name=name))
        if name.startswith("person/"):
            role = name.removeprefix("person/")
            said = Bilingual(f"an hour of the {role}", filled_zh("{role}每小时的价格", role=_ROLES.get(role, role)))
        yield Figure(
            Assumption(f"price of {name}", now, *ends), said, "cost", Bilingual(book.currency, book.currency),
            partial(costs, frozenset({name}), now),
        )  # fmt: skip
    traffic = frozenset(name for name, row in book.rows.items() if row.service is Service.EGRESS) - seen
    if traffic:
        yield Figure(
            Assumption("price of traffic", _ONE, _HALF, _TWICE), Bilingual("traffic", "流量价格"), "cost",
            Bilingual("times the list price", "倍目录价"), partial(costs, traffic, _ONE),
        )  # fmt: skip


_ROLES = {"engineer": "工程师", "labeller": "标注员"}


def _settings(again: Repricer) -> Iterator[Figure]:
    cost, load = again.config.cost, surface_load(again.config, again.surface)
    kb, often, months = exact(load.response_kb), exact(cost.retrainings_per_month), Decimal(cost.horizon_months)
    yield _setting(
        again, f"load.{again.surface}.response_kb", kb, ends=(kb * _HALF, kb * _TWICE), shape=Shape.STEPS, points=2,
        words=("an answer", "had", "kB", "每个应答的大小", "kB"),
    )  # fmt: skip
    yield _setting(
        again, "cost.retrainings_per_month", often, ends=(Decimal(0), max(Decimal(31), often * _TWICE)),
        words=("the models", "were retrained", "times a month", "每月重新训练的次数", "次"),
    )  # fmt: skip
    yield _setting(
        again, "cost.horizon_months", months, ends=(min(months, Decimal(6)), max(months, Decimal(36))),
        shape=Shape.WHOLE, words=("one-off costs", "were spread over", "months", "一次性成本的分摊时间", "个月"),
    )  # fmt: skip


def _sizing(again: Repricer) -> Iterator[Figure]:
    decide, load = again.config.decide, surface_load(again.config, again.surface)
    peak, mean = exact(load.peak_rps), exact(load.requests_per_month / (HOURS * 3600))
    yield _setting(
        again, f"load.{again.surface}.peak_rps", peak, ends=(min(peak, max(peak * _HALF, mean)), peak * _TWICE),
        shape=Shape.STEPS, words=("the peak", "were", "requests a second", "高峰每秒请求数", "次"),
    )  # fmt: skip
    share, spare = exact(decide.max_utilisation), Decimal(decide.spare_replicas)
    yield _setting(
        again, "decide.max_utilisation", share, ends=(min(share, _HALF), max(share, Decimal("0.9"))),
        shape=Shape.STEPS, points=6,
        words=("machines", "were allowed to be busy for", "of their time", "机器允许的利用率", ""),
    )  # fmt: skip
    yield _setting(
        again, "decide.spare_replicas", spare, ends=(Decimal(0), max(Decimal(3), spare)), shape=Shape.WHOLE,
        words=("the spare machines", "were", "", "备用机器数", "台"),
    )  # fmt: skip
    yield Figure(
        Assumption("speed of a core", _ONE, _HALF, _TWICE, Shape.STEPS, points=6),
        Bilingual("the speed of a core", "机器每核的速度"),
        "were",
        Bilingual("times that of the one measured on", "倍于测量所用的核"),
        lambda value: again.costs(speed=float(value)),
    )


def _setting(
    again: Repricer, path: str, now: Decimal, *, ends: tuple[Decimal, Decimal], words: tuple[str, str, str, str, str],
    shape: Shape = Shape.LINE, points: int = 12,
) -> Figure:  # fmt: skip
    """A figure of the configuration; words are subject, verb, unit, and subject and unit in Chinese."""
    subject, verb, unit, subject_zh, unit_zh = words

    def costs(value: Decimal) -> Costs:
        return again.costs(config=with_setting(again.config, path, value))

    said = Bilingual(subject, subject_zh), Bilingual(unit, unit_zh)
    return Figure(Assumption(path, now, *ends, shape, points), said[0], verb, said[1], costs)


def _priced_at(book: PriceBook, names: frozenset[str], times: Decimal) -> PriceBook:
    rows = dict(book.rows)
    for name in names:
        price = rows[name].price
        moved = Money(price.per_unit.amount * times, price.per_unit.currency)
        rows[name] = replace(rows[name], price=replace(price, per_unit=moved))
    return replace(book, rows=rows)
