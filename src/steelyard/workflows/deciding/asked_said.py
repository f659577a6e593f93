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
    own = float(np.nanmean(measured.per_request)) if is_asked.any() else float("nan")
    whole = [each.candidate.measured for each in priced if "sample" not in each.candidate.measured.facts]
    best = max(whole, key=lambda each: each.quality.mean, default=None)
    n, of = f"{sample['asked']:,}", f"{sample['of']:,}"
    en = f"{measured.configuration} was judged on {n} of {of} requests, drawn at random: {own:.4f} there"
    zh = f"{measured.configuration} 仅用 {of} 个请求中随机抽取的 {n} 个评估，其上为 {own:.4f}"
    if best is None or not is_asked.any():
        return Bilingual(en, zh)
    same = float(np.nanmean(best.per_request[is_asked]))
    gains = [value - best.quality.mean for value in (own - same + best.quality.mean, *_ends(measured))]
    between = f"{gains[0]:+.4f}, {gains[1]:+.4f} to {gains[2]:+.4f}"
    between_zh = f"{gains[0]:+.4f}，{gains[1]:+.4f} 至 {gains[2]:+.4f}"
    return Bilingual(
        f"{en}, where {best.configuration} has {same:.4f}; its quality is shown as that of {best.configuration} on all "
        f"requests with this difference ({between})",
        f"{zh}，{best.configuration} 在同样的请求上为 {same:.4f}；所示质量为 {best.configuration} 在全部请求上的质量"
        f"加上该差值（{between_zh}）",
    )


def _ends(measured: Measurement) -> tuple[float, float]:
    return measured.quality.low, measured.quality.high


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
