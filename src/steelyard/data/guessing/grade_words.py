"""What words and letters of grades are worth, from the scales that judges of search results use."""

from __future__ import annotations

from collections.abc import Iterable

__all__ = ["grades_of"]

_SCALES: tuple[tuple[tuple[str, ...], ...], ...] = (
    (("e",), ("s",), ("c",), ("i",)),
    (
        ("exact", "exact match", "exakt", "完全匹配", "完全一致"),
        ("substitute", "替代"),
        ("complement", "互补"),
        ("irrelevant", "无关"),
    ),
    (
        ("exact", "exact match", "exakt", "完全匹配", "完全一致"),
        ("partial", "partial match", "teilweise", "部分匹配", "部分一致"),
        ("irrelevant", "no match", "无关", "不匹配", "不一致", "irrelevant"),
    ),
    (("perfect", "vital"), ("excellent",), ("good", "useful"), ("fair",), ("bad",)),
    (
        ("highly relevant", "高度相关", "完全相关"),
        ("relevant", "相关", "関連"),
        ("partially relevant", "somewhat relevant", "部分相关", "弱相关"),
        ("not relevant", "irrelevant", "不相关", "无关", "無関係"),
    ),
    (("high",), ("medium",), ("low",)),
    (("yes", "true", "match"), ("no", "false", "no match")),
    (("a",), ("b",), ("c",), ("d",), ("e", "f")),
)
"""Each from the best step to the worst, with the words of each step."""


def grades_of(values: Iterable[str]) -> dict[str, float]:
    """A worth for each value of a column of grades in words.

    Args:
        values: The different values.

    Returns:
        From 0 for the worst step upwards in steps of one; empty where no known scale has them all.
    """
    written = {value: value.strip().lower().replace("_", " ") for value in values}
    for scale in _SCALES:
        worth = {word: float(len(scale) - 1 - at) for at, words in enumerate(scale) for word in words}
        if written and set(written.values()) <= worth.keys():
            return {
                value: worth[word] for value, word in sorted(written.items(), key=lambda pair: (-worth[pair[1]], pair))
            }
    return {}
