"""What must be said of configurations that ask a model behind an address: judged on a sample, answers that failed."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from steelyard.domain import Bilingual, Measurement
from steelyard.workflows.pricing.price import Priced

__all__ = ["endpoint_said"]

_WHY = {
    "late": ("late", "超时"),
    "busy": ("not given", "繁忙或出错"),
    "unread": ("of no use", "无法使用"),
    "withheld": ("not asked for, as the query names a person", "因查询词含个人信息而未询问"),
}


def endpoint_said(measured: Measurement, priced: Sequence[Priced]) -> list[Bilingual]:
    """What must be said of a configuration beside its figures.

    Args:
        measured: Its measurement.
        priced: All of the surface.

    Returns:
        Sentences; none for one that asks no model.
    """
    return [said for said in (_sampled(measured, priced), _failed(measured)) if said is not None]


def _sampled(measured: Measurement, priced: Sequence[Priced]) -> Bilingual | None:
    """That it was judged on a sample, and how the best of the others did on the same requests."""
    sample: dict[str, int] | None = measured.facts.get("sample")
    if not sample:
        return None
    is_asked = ~np.isnan(measured.per_request)
    whole = [each.candidate.measured for each in priced if "sample" not in each.candidate.measured.facts]
    best = max(whole, key=lambda each: each.quality.mean, default=None)
    low, high = measured.quality.low, measured.quality.high
    en = (
        f"{measured.configuration} was judged on {sample['asked']:,} of {sample['of']:,} requests, drawn at random: "
        f"{measured.quality.mean:.4f} ({low:.4f}–{high:.4f})"
    )
    zh = (
        f"{measured.configuration} 仅用 {sample['of']:,} 个请求中随机抽取的 {sample['asked']:,} 个评估："
        f"{measured.quality.mean:.4f}（{low:.4f}–{high:.4f}）"
    )
    if best is None:
        return Bilingual(en, zh)
    same = float(np.nanmean(best.per_request[is_asked])) if is_asked.any() else float("nan")
    return Bilingual(
        f"{en}; on the same ones {best.configuration} has {same:.4f}",
        f"{zh}；{best.configuration} 在同样的请求上为 {same:.4f}",
    )


def _failed(measured: Measurement) -> Bilingual | None:
    """How many answers of the model could not be used, of those that were timed."""
    counts: dict[str, int] = {}
    rounds: Any = measured.facts.get("rounds", ())
    for each in rounds:
        for name, count in (each.get("asked_timed") or {}).items():
            counts[name] = counts.get(name, 0) + count
    failed = [(name, counts[name]) for name in _WHY if counts.get(name)]
    if not failed:
        return None
    en = ", ".join(f"{count:,} {_WHY[name][0]}" for name, count in failed)
    zh = "，".join(f"{count:,} 个{_WHY[name][1]}" for name, count in failed)
    n = len(measured.service_s)
    return Bilingual(
        f"{measured.configuration}: of {n:,} timed requests these answers of the model were not used: {en}; "
        "the first stage answered",
        f"{measured.configuration}：在 {n:,} 个计时请求中，未采用的模型应答为：{zh}；由第一阶段给出结果",
    )
