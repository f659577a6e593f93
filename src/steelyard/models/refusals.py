"""Why something that was taught is not measured: it learnt nothing, or what it learnt does not pay."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from steelyard.models.recipe import REFUSED

__all__ = ["refusal", "untaught"]


def refusal(facts: Mapping[str, Any]) -> dict[str, Any]:
    """Values that leave a variant out where what was learnt for it does not pay: it would be the untaught one again.

    Args:
        facts: Of the part that learnt; those of a part that learns nothing are without ``pays``.

    Returns:
        ``REFUSED`` with a sentence for each language; empty where it pays, or nothing was to be learnt.
    """
    if facts.get("pays", True):
        return {}
    if "gain" not in facts:
        return {
            REFUSED: {
                "en": "nothing was learnt: there are too few queries for tuning that people judged",
                "zh": "没有学习：可用于调优的人工标注查询太少",
            }
        }
    figures = {"gain": facts["gain"], "error": facts["error"], "n": facts["decided_by"]}
    return {
        REFUSED: {
            "en": "what the encoder learnt gained {gain:+.4f} nDCG@10 (standard error {error:.4f}) on {n} judged "
            "queries it had not seen, which is not clearly more than nothing".format(**figures),
            "zh": "编码器学到的内容在 {n} 个未见过的标注查询上使 nDCG@10 变化 {gain:+.4f}（标准误 {error:.4f}），"
            "不能确定有提升".format(**figures),
        }
    }


def untaught(learning: Mapping[str, Any], *, nothing: Mapping[str, str]) -> dict[str, str]:
    """Why a network is not measured, in words.

    Args:
        learning: Fact ``learning`` of the trained part.
        nothing: A sentence for each language that says why there was nothing to learn.

    Returns:
        A sentence for each language; nothing where something was learnt.
    """
    if learning.get("best", -1.0) >= 0:
        return {}
    if not learning.get("steps"):
        return dict(nothing)
    return {
        "en": "its training gave no finite numbers within {steps} steps".format(**learning),
        "zh": "训练在 {steps} 步内没有得到有限的数值".format(**learning),
    }
