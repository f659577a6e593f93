r"""What people buy, as a part of lexical search: of products whose words fit alike, the best-selling one comes first.

The popularity of a text is how many people interacted with its items, on a logarithmic scale,

.. math:: p_d = \frac{\ln(1 + n_d)}{\ln(1 + \max_{d'} n_{d'})}

so that two buyers and twenty differ as much as twenty and two hundred. Its weight is fitted to behaviour that the
counts have not seen: short queries of words that many products hold, and as their gains what was bought of
these products later. Queries made to find one known product would say that popularity never helps.

Trust: who bought may have searched otherwise. What is fitted is which of many fitting products is meant, not which
words mean it.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Sequence
from itertools import pairwise
from typing import Any

import numpy as np

from steelyard.domain import Cases, FloatArray, IntArray, Interactions, Request, Surface, Texts
from steelyard.models.retrieval.pairs import runs_of_users
from steelyard.models.text.segment import FUNCTION_WORDS, cut

__all__ = ["WEIGHTS", "behaviour_cases", "best_weight", "people_of_texts", "popularity_of_texts"]

WEIGHTS = (0.0, 0.05, 0.1, 0.2, 0.3, 0.4, 0.6, 0.8)
"""Weights that are tried, ascending from none."""
_TRUSTED = 0.4
"""The most that behaviour sets by itself: it never says of a product that it does not fit, so more needs judges."""
_MIN_CASES = 20
_MAX_CASES = 600
_MIN_HOLDING = 5
"""Products that must hold a word or pair before its query says which of them is meant."""
_MIN_LETTERS = 3


def people_of_texts(interactions: Interactions, text_of_item: IntArray, *, n_texts: int) -> FloatArray:
    """How many people interacted with the items of each text.

    Args:
        interactions: Before anything that models are judged by.
        text_of_item: Shape (n_items,).
        n_texts: How many texts there are.

    Returns:
        Shape (n_texts,), >= 0.
    """
    counts, n = np.zeros(n_texts), max(n_texts, 1)
    for places in runs_of_users(interactions.users):
        pairs = interactions.users[places].astype(np.int64) * n + text_of_item[interactions.items[places]]
        counts += np.bincount(np.unique(pairs) % n, minlength=n_texts)[:n_texts]
    return counts


def popularity_of_texts(interactions: Interactions, text_of_item: IntArray, *, n_texts: int) -> FloatArray:
    """Popularity of each text, by the formula of this module.

    Args:
        interactions: Before anything that models are judged by.
        text_of_item: Shape (n_items,).
        n_texts: How many texts there are.

    Returns:
        Shape (n_texts,), in [0, 1]; all 0 without interactions.
    """
    counts = people_of_texts(interactions, text_of_item, n_texts=n_texts)
    return np.asarray(np.log1p(counts) / max(float(np.log1p(counts.max(initial=0))), 1.0), np.float64)


def behaviour_cases(texts: Texts, later: Cases, text_of_item: IntArray, *, seed: int) -> Cases:
    """Short queries and what was bought later of the products that hold their words.

    Args:
        texts: Of the shop.
        later: Cases of recommendation: what people interacted with after the counts ended.
        text_of_item: Shape (n_items,).
        seed: Draws the queries, those of often bought words more likely.

    Returns:
        Cases of search; ``relevant`` are text numbers, gains the logarithm of one more than how often each was bought.
    """
    bought = Counter[int]()
    for items in later.relevant:
        bought.update(text_of_item[items].tolist())
    holding: Counter[str] = Counter()
    for title, category in zip(texts.title, texts.category, strict=True):
        holding.update(_phrases(title, category, texts.language))
    gains: dict[str, dict[int, float]] = defaultdict(dict)
    for text, times in bought.items():
        for phrase in _phrases(texts.title[text], texts.category[text], texts.language):
            if holding[phrase] >= _MIN_HOLDING:
                gains[phrase][text] = float(np.log1p(times))
    names = sorted(gains)
    total = np.array([sum(gains[name].values()) for name in names])
    if len(names) > _MAX_CASES:
        rng = np.random.default_rng(seed)
        names = sorted(rng.choice(names, _MAX_CASES, replace=False, p=total / total.sum()).tolist())
    return Cases(
        Surface.SEARCH,
        tuple(f"bought-{name}" for name in names),
        tuple(Request(query=name) for name in names),
        tuple(np.array(list(gains[name]), np.int64) for name in names),
        tuple(np.array(list(gains[name].values())) for name in names),
        is_synthetic=True,
    )


def best_weight(
    quality: Sequence[FloatArray], *, judged: Sequence[FloatArray] | None = None
) -> tuple[float, dict[str, Any]]:
    """The smallest weight that the best one does not clearly beat, among those that people's judgements allow.

    Args:
        quality: Of each case of behaviour, for each of ``WEIGHTS``. Shape (weights, cases).
        judged: Of each query that people judged, for each of ``WEIGHTS``: where there are twenty, a weight under which
            they lose clearly against the best is not taken. Without them behaviour goes no further than .4.

    Returns:
        The weight, and a note of what it rests on: 0 with fewer than twenty cases.
    """
    n_cases = len(quality[0])
    if n_cases < _MIN_CASES:
        return 0.0, {"cases": n_cases}
    allowed = _allowed(judged)
    means = [float(each.mean()) for each in quality]
    best = quality[max(allowed, key=lambda i: means[i])]
    chosen = next(i for i in allowed if not _is_clear(best - quality[i]))
    note = {"cases": n_cases, "before": round(means[0], 5), "after": round(means[chosen], 5)}
    return WEIGHTS[chosen], {**note, "most_allowed": WEIGHTS[allowed[-1]]}


def _allowed(judged: Sequence[FloatArray] | None) -> list[int]:
    """Places of the weights that may be taken, ascending; the best for the judges is among them."""
    if judged is None or len(judged[0]) < _MIN_CASES:
        return [i for i, weight in enumerate(WEIGHTS) if weight <= _TRUSTED]
    best = max(judged, key=lambda each: float(each.mean()))
    return [i for i, each in enumerate(judged) if not _is_clear(best - each)]


def _is_clear(loss: FloatArray) -> bool:
    return bool(loss.mean() > loss.std(ddof=1) / np.sqrt(len(loss)))


def _phrases(title: str, category: str, language: str) -> set[str]:
    """Words of a title and category, and pairs of neighbours, as a shopper may type them."""
    found: set[str] = set()
    for text in (title, category):
        words = [
            surface if surface.isascii() or len(surface) > 1 else ""
            for surface in cut(text, language=language).surfaces
        ]
        plain = [word if _is_plain(word) else "" for word in words]
        found.update(word for word in plain if word)
        found.update(f"{left} {right}" for left, right in pairwise(plain) if left and right)
    return found


def _is_plain(word: str) -> bool:
    least = _MIN_LETTERS if word.isascii() else 2
    return len(word) >= least and word.isalpha() and word not in FUNCTION_WORDS
