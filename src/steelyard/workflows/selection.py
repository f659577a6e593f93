"""By how much the best of a surface is flattered, and what its requests can show, as a key of the decision document."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

import numpy as np

from steelyard.config.schema import Config
from steelyard.decision.choose import Limits
from steelyard.decision.wording import percent
from steelyard.domain import Said, Surface
from steelyard.evaluation.selection import detectable_loss, split_optimism
from steelyard.workflows.price import Priced, surface_floor

__all__ = ["limits_of", "selection"]


def limits_of(config: Config, surface: Surface, priced: Sequence[Priced]) -> Limits:
    """The floors of a surface; those of the best are counted from its mean corrected for having been picked."""
    floor = surface_floor(config, surface)
    flattered = _flattered(config, priced) if floor.reference == "best" else 0.0
    return Limits(floor.max_p99_ms, floor.min_quality, floor.min_quality_share, floor.reference, flattered)


def selection(config: Config, surface: Surface, priced: Sequence[Priced]) -> dict[str, Any]:
    """What choosing the best of many on the same requests does to its mean, and how small a loss they show.

    Args:
        config: Floors and seed.
        surface: Which.
        priced: All of its configurations.

    Returns:
        JSON: ``selection`` with ``best``, ``mean``, ``corrected_mean``, ``flattered_by``, ``detectable_loss`` (a share
        of the best's mean, for the one that comes next; null where it cannot be told), ``says`` and ``says_zh``.
    """
    ranked = sorted(priced, key=_rank)
    best, mean = ranked[0].candidate, ranked[0].candidate.measured.quality.mean
    flattered = limits_of(config, surface, priced).flattered_by
    n, loss = len(best.measured.per_request), None
    if len(ranked) > 1:
        loss = detectable_loss(ranked[1].candidate.measured.per_request, best.measured.per_request)
    said = _said(len(priced), n, flattered=flattered, loss=loss)
    return {
        "selection": {
            "best": best.name,
            "mean": None if math.isnan(mean) else round(mean, 6),
            "corrected_mean": None if math.isnan(mean) else round(mean - flattered, 6),
            "flattered_by": round(flattered, 6),
            "detectable_loss": None if loss is None else round(loss, 6),
            "says": said.en,
            "says_zh": said.zh,
        }
    }


def _flattered(config: Config, priced: Sequence[Priced]) -> float:
    measured = [each.candidate.measured for each in priced if not math.isnan(each.candidate.measured.quality.mean)]
    if len(measured) < 2 or len({len(each.per_request) for each in measured}) > 1:
        return 0.0
    found = split_optimism(np.stack([each.per_request for each in measured]), seed=config.seed)
    return min(found, max(0.0, *(each.quality.mean for each in measured)))


def _rank(each: Priced) -> tuple[float, str]:
    mean = each.candidate.measured.quality.mean
    return math.inf if math.isnan(mean) else -mean, each.candidate.name


def _said(n_configurations: int, n: int, *, flattered: float, loss: float | None) -> Said:
    en = f"the best of {n_configurations} on the same {n:,} requests is flattered by {flattered:.4f}"
    zh = f"在同样的 {n:,} 个请求上取 {n_configurations} 个配置中的最优，其质量约高估 {flattered:.4f}"
    if flattered:
        en += ", and floors are counted from what is left"
        zh += "，下限按扣除后的值计算"
    if loss is None:
        return Said(en, zh)
    return Said(
        f"{en}; with {n:,} requests a loss of {percent(loss)} against the best can be shown",
        f"{zh}；{n:,} 个请求足以证实 {percent(loss, 'zh')} 的质量损失",
    )
