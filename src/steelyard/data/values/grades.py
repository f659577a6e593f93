"""Grades of relevance in letters and words, brought to gains by the scale that the whole column fits."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

__all__ = ["GradeScale", "likely_gains", "scale_of_grades"]

_SCALES: tuple[Mapping[str, float], ...] = (
    {"e": 3, "s": 2, "c": 1, "i": 0},
    {"exact": 3, "substitute": 2, "complement": 1, "irrelevant": 0},
    {"完全匹配": 3, "替代": 2, "互补": 1, "无关": 0},
    {"exact": 2, "exact match": 2, "partial": 1, "partial match": 1, "irrelevant": 0, "no match": 0},
    {"exakt": 2, "teilweise": 1, "irrelevant": 0},
    {"完全匹配": 2, "完全一致": 2, "部分匹配": 1, "部分一致": 1, "不匹配": 0, "不一致": 0, "无关": 0},
    {"yes": 1, "no": 0},
    {"y": 1, "n": 0},
    {"true": 1, "false": 0},
    {"t": 1, "f": 0},
    {"match": 1, "no match": 0, "mismatch": 0},
    {"relevant": 1, "irrelevant": 0, "not relevant": 0, "non relevant": 0, "nonrelevant": 0},
    {
        **{"perfect": 4, "vital": 4, "excellent": 3, "very good": 3, "good": 2, "useful": 2, "fair": 1, "ok": 1},
        **{"okay": 1, "average": 1},
        **{"bad": 0, "poor": 0},
    },
    {
        **{"highly relevant": 3, "very relevant": 3, "relevant": 2, "fairly relevant": 2, "somewhat relevant": 1},
        **{"partially relevant": 1, "marginally relevant": 1, "slightly relevant": 1, "partly relevant": 1},
        **{"irrelevant": 0, "not relevant": 0, "non relevant": 0, "nonrelevant": 0},
    },
    {"high": 3, "medium": 2, "low": 1, "none": 0, "no": 0},
    {"a": 3, "b": 2, "c": 1, "d": 0},
    {"a": 4, "b": 3, "c": 2, "d": 1, "e": 0},
    {"a": 4, "b": 3, "c": 2, "d": 1, "f": 0},
    {"関連": 1, "無関係": 0},
    {"相关": 1, "不相关": 0, "无关": 0},
    {"是": 1, "否": 0},
    {
        **{"完全相关": 3, "非常相关": 3, "高度相关": 3, "强相关": 3, "精准": 3, "相关": 2, "比较相关": 2, "一般": 1},
        **{"一般相关": 1, "部分相关": 1, "弱相关": 1, "不相关": 0, "无关": 0, "完全不相关": 0},
    },
    {"好": 2, "中": 1, "一般": 1, "差": 0},
    {"relevant": 2, "teilweise relevant": 1, "nicht relevant": 0, "irrelevant": 0},
    {"passend": 2, "teilweise passend": 1, "nicht passend": 0, "unpassend": 0},
    {"gut": 2, "mittel": 1, "schlecht": 0},
    {"ja": 1, "nein": 0},
    {"oui": 1, "non": 0},
    {"pertinent": 2, "partiellement pertinent": 1, "non pertinent": 0, "pas pertinent": 0},
    {"bon": 2, "moyen": 1, "mauvais": 0},
    {"relevante": 2, "parcialmente relevante": 1, "no relevante": 0, "irrelevante": 0},
    {"bueno": 2, "regular": 1, "malo": 0},
    {"sí": 1, "si": 1, "no": 0},
)
_PERCENT = re.compile(r"(\d+(?:[.,]\d+)?)\s*%")
_OUT_OF = re.compile(r"(\d+(?:[.,]\d+)?)\s*(?:/|of|out of|von|aus|из|sur|de|su|z|av|van)\s*(\d+)", re.IGNORECASE)
_STARS = re.compile(r"([★⭐*]+)[☆✩\ufe0f]*")
_BLANK = re.compile(r"[\s_-]+")


@dataclass(frozen=True, slots=True)
class GradeScale:
    """What the grades of a column mean."""

    gains: Mapping[str, float]
    """By each grade as it is written."""
    unknown: tuple[str, ...] = ()
    """Grades that the scale does not have."""
    is_told: bool = False
    """Whether the shop said what they mean."""

    def listed(self) -> str:
        """The grades and their gains, the best first."""
        best_first = sorted(self.gains.items(), key=lambda pair: (-pair[1], pair[0]))
        return ", ".join(f"{grade} = {gain:g}" for grade, gain in best_first[:10])


def scale_of_grades(written: Mapping[str, int], *, grades: Mapping[str, float]) -> GradeScale:
    """What the grades of a column mean.

    Args:
        written: The grades that are no numbers, and the rows of each.
        grades: The shop's own; where there are any, no other scale is tried.

    Returns:
        Points, stars and percent as they count, else the first known scale that has all of them; one without any gain
        where none has, or where two that have them do not put them in the same order.
    """
    folded = {text: _folded(text) for text in written}
    if grades:
        own = {_folded(grade): gain for grade, gain in grades.items()}
        gains = {text: own[form] for text, form in folded.items() if form in own}
        return GradeScale(gains, tuple(text for text in written if text not in gains), is_told=True)
    if counted := _counted(written):
        return GradeScale(counted)
    percents = {text: _PERCENT.fullmatch(text.strip()) for text in written}
    if written and all(percents.values()):
        return GradeScale({text: float(found[1].replace(",", ".")) / 100 for text, found in percents.items() if found})
    fitting = [scale for scale in _SCALES if all(form in scale for form in folded.values())]
    if not written or not fitting or not _agree(fitting, sorted(set(folded.values()))):
        return GradeScale({}, tuple(written))
    return GradeScale({text: fitting[0][form] for text, form in folded.items()})


def likely_gains(written: Sequence[str]) -> Mapping[str, float]:
    """Gains of those grades that the known scale with most of them has.

    Args:
        written: Grades that no known scale has all of.

    Returns:
        By grade, without those that the scale does not have; the first of several scales that have as many.
    """
    folded = {text: _folded(text) for text in written}
    best = max(_SCALES, key=lambda scale: sum(form in scale for form in folded.values()))
    return {text: best[form] for text, form in folded.items() if form in best}


def _counted(written: Mapping[str, int]) -> dict[str, float]:
    """Gains of grades that are all points of one highest number (``3/5``) or all stars; the lowest possible is 0."""
    points = {text: _OUT_OF.fullmatch(text.strip()) for text in written}
    stars = {text: _STARS.fullmatch(text.strip()) for text in written}
    if points and all(points.values()) and len({found[2] for found in points.values() if found}) == 1:
        worth = {text: float(found[1].replace(",", ".")) for text, found in points.items() if found}
    elif stars and all(stars.values()):
        worth = {text: float(len(found[1])) for text, found in stars.items() if found}
    else:
        return {}
    least = 1.0 if min(worth.values()) >= 1 else 0.0
    return {text: value - least for text, value in worth.items()}


def _agree(scales: Sequence[Mapping[str, float]], grades: Sequence[str]) -> bool:
    """Whether scales put grades in one order; of a single grade, whether they give it one gain."""
    if len(grades) < 2:
        return len({scale[grade] for scale in scales for grade in grades}) == 1
    return len({tuple(sorted(grades, key=lambda grade: (scale[grade], grade))) for scale in scales}) == 1


def _folded(text: str) -> str:
    return _BLANK.sub(" ", unicodedata.normalize("NFKC", text)).strip().casefold()
