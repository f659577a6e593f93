"""Why a fusion is not measured, in words."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

__all__ = ["refusal", "tree_refusal"]


def refusal(note: Mapping[str, Any]) -> dict[str, str]:
    """Why fusion by weights does not pay.

    Args:
        note: Of ``choosing.choose``.

    Returns:
        A sentence for each language; nothing where it pays, or where cases are too few to tell.
    """
    why = note.get("why")
    if why == "nothing_offered":
        return {
            "en": "none of the recommenders to be fused offered anything for the validation cases",
            "zh": "参与融合的推荐模型对验证样本均未给出任何候选",
        }
    if why == "alone":
        return {
            "en": "only {best} is left to be fused: the fusion would be its list again".format(**note),
            "zh": "可融合的推荐模型只剩 {best}，融合的结果与它单独的列表相同".format(**note),
        }
    if why == "one_member":
        return {
            "en": "no weighted fusion was clearly better than {best} alone on validation users that it was not fitted "
            "on (NDCG@10 {best_alone:.4f})".format(**note),
            "zh": "在未参与拟合的验证用户上，没有任何加权融合明显优于单独使用 {best}"
            "（NDCG@10 {best_alone:.4f}）".format(**note),
        }
    if why == "no_gain":
        return {
            "en": "fusion by weights gained {gain:+.4f} NDCG@10 (standard error {error:.4f}) over {best} alone on "
            "validation users that it was not fitted on, which is not clearly more than nothing".format(**note),
            "zh": "在未参与拟合的验证用户上，加权融合相对单独使用 {best} 使 NDCG@10 变化 {gain:+.4f}"
            "（标准误 {error:.4f}），不能确定有提升".format(**note),
        }
    return {}


def tree_refusal(note: Mapping[str, Any]) -> dict[str, str]:
    """Why fusion by trees does not pay.

    Args:
        note: Of ``growing.learn_trees``.

    Returns:
        A sentence for each language; nothing where trees were adopted.
    """
    if note.get("why") == "few_cases":
        return {
            "en": "{useful_cases} validation cases with something right among the candidates are too few to grow trees "
            "on; it takes {least}".format(**{"useful_cases": 0, "least": 0, **note}),
            "zh": "候选中含正确商品的验证样本只有 {useful_cases} 个，不足以训练树模型，至少需要 {least} 个".format(
                **{"useful_cases": 0, "least": 0, **note}
            ),
        }
    if note.get("why") == "no_gain":
        return {
            "en": "trees gained {gain:+.4f} NDCG@10 (standard error {error:.4f}) over the weights on {cases} "
            "validation users that they were not grown on, which is not clearly more than nothing".format(**note),
            "zh": "在 {cases} 个未参与训练的验证用户上，树模型相对加权融合使 NDCG@10 变化 {gain:+.4f}"
            "（标准误 {error:.4f}），不能确定有提升".format(**note),
        }
    return {}
