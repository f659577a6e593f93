"""The probability that the configuration chosen stays the choice, as a part of the decision.

Requests are resampled, the load moves by half, prices move within their ranges. Every candidate is placed once at each
point of a grid of loads; a load between two points is carried by the machines of the higher one.
"""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from steelyard.config.schema import Config
from steelyard.cost import PriceBook
from steelyard.decision.choose import Choice
from steelyard.decision.sensitivity import Driver, draw
from steelyard.decision.stability import chosen_in, quality_kept
from steelyard.decision.wording import Language, percent
from steelyard.documents.choice import StaysChosen
from steelyard.domain import Bilingual, FactKind, FloatArray, Surface
from steelyard.workflows.deciding.selection import limits_of
from steelyard.workflows.evidence.one_scale import resampled_on_one_scale
from steelyard.workflows.pricing.price import Priced, Pricing, surface_load
from steelyard.workflows.pricing.reprice import Repricer, with_setting

__all__ = ["stays_chosen"]

DRAWS = 2000
LOAD = (0.5, 1.5)
"""Of the plan's, peak and month together."""
_GRID = tuple(round(0.5 + 0.05 * k, 2) for k in range(21))
_LIST_PRICE = (0.95, 1.05)
"""Of a quoted price of a machine: lists change within a year."""


def stays_chosen(config: Config, pricing: Pricing, surface: Surface, choice: Choice) -> StaysChosen | None:
    """How sure the choice of a surface is.

    Args:
        config: As decided with.
        pricing: As decided with.
        surface: Which.
        choice: What was chosen on it.

    Returns:
        None where nothing was chosen.
    """
    if choice.chosen is None:  # no configuration gave a right answer: there is no choice to stay
        return None
    priced = pricing.surfaces[surface]
    names = [each.candidate.name for each in priced]
    per_request = np.stack([each.candidate.measured.per_request for each in priced])
    limits = limits_of(config, surface, priced)
    means = resampled_on_one_scale([each.candidate.measured for each in priced], n=DRAWS, seed=config.seed)
    place = None if limits.reference == "best" else names.index(choice.reference)
    apart = np.array(["sample" in each.candidate.measured.facts for each in priced])
    kept = quality_kept(means, per_request, limits, reference=place, apart=apart)
    found = chosen_in(_costs(config, pricing, surface, names), means, kept)
    shares = {name: round(float(share), 4) for name, share in zip(names, found.chosen, strict=True) if share > 0}
    ranked = dict(sorted(shares.items(), key=lambda pair: (-pair[1], pair[0])))
    own = ranked.get(choice.chosen, 0.0)
    said = _said(choice.chosen, ranked, none=found.none)
    return StaysChosen(
        draws=DRAWS,
        probability=own,
        by_configuration=ranked,
        none=round(found.none, 4),
        load=LOAD,
        says=said.en,
        says_zh=said.zh,
    )


def _costs(config: Config, pricing: Pricing, surface: Surface, names: list[str]) -> FloatArray:
    """Cost of every configuration in every draw, infinite where it cannot be had. Shape (draws, configurations)."""
    again = Repricer(config, pricing, surface, frozenset(names))
    load = surface_load(config, surface)
    points = []
    for times in _GRID:
        moved = with_setting(config, f"load.{surface}.peak_rps", load.peak_rps * times)
        moved = with_setting(moved, f"load.{surface}.requests_per_month", max(1, int(load.requests_per_month * times)))
        points.append({each.candidate.name: _by_price(each) for each in again.priced(config=moved)})
    prices = sorted({price for point in points for costs in point.values() for price in costs})
    table = np.full((len(_GRID), len(names), len(prices)), 0.0)
    is_had = np.zeros((len(_GRID), len(names)), bool)
    for at, point in enumerate(points):
        for row, name in enumerate(names):
            is_had[at, row] = name in point
            table[at, row] = [point.get(name, {}).get(price, 0.0) for price in prices]
    drivers = [Driver("load", 1.0, *LOAD), *(_driver(pricing.terms.book, price) for price in prices)]
    draws = draw(drivers, n=DRAWS, seed=config.seed)
    at_load = np.searchsorted(np.asarray(_GRID), draws[:, 0] - 1e-9).clip(0, len(_GRID) - 1)
    costs = np.einsum("dcp,dp->dc", table[at_load], draws[:, 1:])
    return np.where(is_had[at_load], costs, np.inf)


def _by_price(priced: Priced) -> dict[str, float]:
    """A bill by the price its lines are charged at."""
    sums: dict[str, float] = {}
    for line in priced.candidate.bill.lines if priced.candidate.bill else ():
        if line.cost is not None:
            sums[line.price.name] = sums.get(line.price.name, 0.0) + float(line.cost.amount)
    return sums


def _driver(book: PriceBook, name: str) -> Driver:
    """How a price may move, as multiples of what it is."""
    row = book.rows.get(name)
    now = row.price.per_unit.amount if row is not None else None
    if row is None or not now:
        return Driver(name, 1.0, 1.0, 1.0)
    if row.low is not None and row.high is not None:
        return Driver(name, 1.0, min(1.0, float(row.low / now)), max(1.0, float(row.high / now)))
    if row.price.kind is FactKind.QUOTED and row.vcpus:
        return Driver(name, 1.0, *_LIST_PRICE)
    return Driver(name, 1.0, 1.0, 1.0)


def _said(chosen: str, ranked: Mapping[str, float], *, none: float) -> Bilingual:
    what = f"{DRAWS:,} draws of requests, load (half to one and a half times) and prices"
    what_zh = f"{DRAWS:,} 次抽样（请求、0.5 至 1.5 倍负载、价格）"
    others = [(name, share) for name, share in ranked.items() if name != chosen][:2]
    en = [f"{name} is chosen in {_shown(share)}" for name, share in others]
    zh = [f"{name} 占 {_shown(share, 'zh')}" for name, share in others]
    if none > 0:
        en.append(f"nothing keeps every floor in {_shown(none)}")
        zh.append(f"{_shown(none, 'zh')} 没有配置达标")
    own = ranked.get(chosen, 0.0)
    return Bilingual(
        "; ".join([f"{chosen} stays the choice in {_shown(own)} of {what}", *en]),
        "，".join([f"{what_zh}中 {chosen} 有 {_shown(own, 'zh')} 仍被选中", *zh]),
    )


def _shown(share: float, language: Language = "en") -> str:
    """Whole percents, with a decimal near either end, where the whole ones would say always or never."""
    return percent(share, language, 1 if share < 0.01 or share > 0.99 else 0)
