"""By how much the best of a surface is flattered, and what its requests can show, as a part of the decision."""

from __future__ import annotations

import math
from collections.abc import Sequence
from decimal import Decimal

import numpy as np

from steelyard.config.schema import Config
from steelyard.decision.choose import Limits
from steelyard.decision.pareto import frontier
from steelyard.decision.wording import percent
from steelyard.documents.choice import Along, Selection
from steelyard.domain import Bilingual, Surface
from steelyard.evaluation.selection import LEAST_SPLIT, detectable_loss, split_optimism
from steelyard.workflows.pricing.price import Priced, surface_floor

__all__ = ["floor_quality", "limits_of", "on_frontier", "selection"]


def limits_of(config: Config, surface: Surface, priced: Sequence[Priced]) -> Limits:
    """The floors of a surface; those of the best are counted from its mean corrected for having been picked."""
    floor = surface_floor(config, surface)
    flattered = _flattered(config, priced) if floor.reference == "best" else 0.0
    return Limits(floor.max_p99_ms, floor.min_quality, floor.min_quality_share, floor.reference, flattered)


def selection(config: Config, surface: Surface, priced: Sequence[Priced]) -> Selection:
    """What choosing the best of many on the same requests does to its mean, and how small a loss they show.

    Args:
        config: Floors and seed.
        surface: Which.
        priced: All of its configurations.

    Returns:
        The detectable loss is for the one that comes next and is not as far from the best on every request, since that
        would say that any loss can be shown; none where it cannot be told. Each configuration on the frontier is
        corrected as the best of all that cost no more.
    """
    ranked = sorted([each for each in priced if "sample" not in each.candidate.measured.facts] or priced, key=_rank)
    best, mean = ranked[0].candidate, ranked[0].candidate.measured.quality.mean
    flattered, is_floor = _flattered(config, priced), surface_floor(config, surface).reference == "best"
    n = len(best.measured.per_request)
    losses = (detectable_loss(each.candidate.measured.per_request, best.measured.per_request) for each in ranked[1:])
    loss = next(filter(None, losses), None)
    along = _along(config, priced)
    most = max((each.mean - each.corrected_mean for each in along), default=0.0)
    said = _said(len(priced), n, flattered=flattered, is_floor=is_floor, most=most, loss=loss)
    return Selection(
        best=best.name,
        mean=None if math.isnan(mean) else round(mean, 6),
        corrected_mean=None if math.isnan(mean) else round(mean - flattered, 6),
        flattered_by=round(flattered, 6),
        detectable_loss=None if loss is None else round(loss, 6),
        frontier=tuple(along),
        says=said.en,
        says_zh=said.zh,
    )


def on_frontier(priced: Sequence[Priced]) -> set[str]:
    """Names of those that nothing beats at their price or below."""
    points = _points(priced)
    is_on = frontier([(cost, mean) for _, cost, mean in points])
    return {each.candidate.name for (each, _, _), on in zip(points, is_on, strict=True) if on}


def floor_quality(config: Config, surface: Surface, priced: Sequence[Priced], reference: str | None) -> float | None:
    """The mean that the floors ask for, of several the highest; of the best's where it is corrected.

    Args:
        config: Floors and seed.
        surface: Which.
        priced: All of its configurations.
        reference: What a share is a share of.

    Returns:
        ``None`` without a floor.
    """
    limits = limits_of(config, surface, priced)
    wanted = [] if limits.min_quality is None else [limits.min_quality]
    means = [each.candidate.measured.quality.mean for each in priced if each.candidate.name == reference]
    if limits.min_quality_share is not None and means and not math.isnan(means[0]):
        wanted.append(limits.min_quality_share * (means[0] - limits.flattered_by))
    return round(max(wanted), 6) if wanted else None


def _points(priced: Sequence[Priced]) -> list[tuple[Priced, Decimal, float]]:
    found = []
    for each in priced:
        total = each.candidate.bill.total if each.candidate.bill else None
        mean = each.candidate.measured.quality.mean
        if total is not None and not math.isnan(mean):
            found.append((each, total.amount, mean))
    return found


def _along(config: Config, priced: Sequence[Priced]) -> list[Along]:
    points, names, rows = _points(priced), on_frontier(priced), []
    for each, cost, mean in sorted(points, key=lambda point: (point[1], point[0].candidate.name)):
        if each.candidate.name in names:
            beaten = [other for other, price, _ in points if price <= cost]
            corrected = mean - _flattered(config, beaten)
            rows.append(Along(each.candidate.name, round(mean, 6), round(corrected, 6)))
    return rows


def _flattered(config: Config, priced: Sequence[Priced]) -> float:
    defined = [each.candidate.measured for each in priced if not math.isnan(each.candidate.measured.quality.mean)]
    measured = [each for each in defined if "sample" not in each.facts]  # fewer requests would say less of the others
    if len(measured) < 2 or len({len(each.per_request) for each in measured}) > 1:
        return 0.0
    found = split_optimism(np.stack([each.per_request for each in measured]), seed=config.seed)
    return min(found, max(0.0, *(each.quality.mean for each in measured)))


def _rank(each: Priced) -> tuple[float, str]:
    mean = each.candidate.measured.quality.mean
    return math.inf if math.isnan(mean) else -mean, each.candidate.name


def _said(
    n_configurations: int, n: int, *, flattered: float, is_floor: bool, most: float, loss: float | None
) -> Bilingual:
    if n_configurations < 2:
        return Bilingual("", "")
    if n < LEAST_SPLIT:
        return Bilingual(
            f"by how much the best of {n_configurations} is flattered cannot be told from fewer than {LEAST_SPLIT} "
            f"requests ({n} here)",
            f"请求少于 {LEAST_SPLIT} 个（此处 {n} 个），无法得知 {n_configurations} 个配置中的最优被高估多少",
        )
    en = f"the best of {n_configurations} on the same {n:,} requests is flattered by {flattered:.4f}"
    zh = f"在同样的 {n:,} 个请求上取 {n_configurations} 个配置中的最优，其质量约高估 {flattered:.4f}"
    if flattered and is_floor:
        en += ", and floors are counted from what is left"
        zh += "，下限按扣除后的值计算"
    if round(most, 4) > round(flattered, 4):
        en += f" (along the frontier by up to {most:.4f})"
        zh += f"（前沿上最多高估 {most:.4f}）"
    if loss is None:
        return Bilingual(en, zh)
    return Bilingual(
        f"{en}; with {n:,} requests a loss of {percent(loss)} against the best can be shown",
        f"{zh}；{n:,} 个请求足以证实 {percent(loss, 'zh')} 的质量损失",
    )
