"""Quality of recommendation where little is known, judged apart: new items, new users, short histories.

A mean over all users hides them: most requests have a long history and want items that many had before.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

import numpy as np

from steelyard.domain import Cases, FloatArray, IntArray, Surface
from steelyard.evaluation.judge import judge_items, metric_names

__all__ = ["GROUPS", "cold_start", "history_kind"]

GROUPS: Mapping[str, tuple[str, ...]] = {
    "history": ("none", "upto_2", "upto_5", "upto_20", "longer"),
    "wanted": ("new_items", "known_items"),
}
"""Kinds by group, in the order in which they are shown."""
_UPTO = {2: "upto_2", 5: "upto_5", 20: "upto_20"}


def cold_start(
    items: IntArray,
    cases: Cases,
    *,
    is_known: np.ndarray[tuple[int], np.dtype[np.bool_]],
    new_users: Sequence[IntArray],
    k: int,
) -> dict[str, FloatArray]:
    """NDCG of each request of each kind.

    Args:
        items: Item numbers shown for each request, and for nobody behind them where that was asked (``Cases.beside``).
            Shape (requests or more, ranks).
        cases: The requests and what was wanted.
        is_known: Whether anybody interacted with an item before the period. Shape (n_items,).
        new_users: What each user wanted of whom nothing was known.
        k: Cut-off rank, >= 1.

    Returns:
        Values by ``group/kind``, for the kinds that occur. ``new_items`` and ``known_items`` count those alone as
        wanted, so a request may be of both; a list without any new item has 0 where one was wanted.
    """
    n, metric = len(cases.requests), metric_names(k)["ndcg"]
    found: dict[str, FloatArray] = {}
    if new_users and len(items) > n:
        shown = np.repeat(items[n : n + 1], len(new_users), axis=0)
        found["history/none"] = judge_items(shown, _cases(tuple(new_users)), k=k)[metric]
    whole = judge_items(items[:n], cases, k=k)[metric]
    kinds = np.array([history_kind(len(request.history) + len(request.seen)) for request in cases.requests], dtype=str)
    for kind in GROUPS["history"]:
        if (kinds == kind).any():
            found.setdefault(f"history/{kind}", whole[kinds == kind])
    for kind, wanted in (("new_items", ~is_known), ("known_items", is_known)):
        masks = [wanted[relevant] for relevant in cases.relevant]
        if any(mask.any() for mask in masks):
            relevant = tuple(each[mask] for each, mask in zip(cases.relevant, masks, strict=True))
            gains = tuple(each[mask] for each, mask in zip(cases.gains, masks, strict=True))
            values = judge_items(items[:n], replace(cases, relevant=relevant, gains=gains), k=k)[metric]
            found[f"wanted/{kind}"] = values[~np.isnan(values)]
    return found


def history_kind(n_items: int) -> str:
    """The kind of a history by its number of distinct items."""
    if not n_items:
        return "none"
    return next((kind for upto, kind in _UPTO.items() if n_items <= upto), "longer")


def _cases(relevant: tuple[IntArray, ...]) -> Cases:
    ids = tuple(map(str, range(len(relevant))))
    return Cases(Surface.RECOMMEND, ids, (), relevant, tuple(np.ones(len(each)) for each in relevant))
