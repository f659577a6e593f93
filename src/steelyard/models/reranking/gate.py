r"""Which queries are worth re-ranking: a small model of the expected gain, from what the first stage says anyway.

.. math:: \hat g(q) = \beta_0 + \beta \cdot x(q)

fitted by ridge regression on queries held back from training. A query is re-ranked where its expected gain, for each
token that would have to be read, is above a threshold: the lowest one, and never below nothing, at which the mean
processor time over these queries stays within what is allowed. That is the greedy answer to the knapsack, best gain
per cost first.

Trust: the gain of one query is nearly all noise (a few hundredths, give or take a third). What can be told apart are
kinds of queries. Whether the choice is worth anything is judged on queries that the model was not fitted on.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from steelyard.domain import FloatArray, IntArray

__all__ = ["FEATURES", "Gate", "features", "fit_gate"]

FEATURES = (
    "words",
    "unknown_words",
    "found",
    "gap_to_second",
    "gap_to_tenth",
    "gap_to_last",
    "spread",
    "best_of_ceiling",
    "exact",
    "exact_among_10",
)
"""What is looked at."""
_RIDGE = 0.1
_TOP = 10
_LEVEL = 1e-9
"""Relative difference below which two ratios are one: the first that is too much is not taken."""


@dataclass(frozen=True, slots=True)
class Gate:
    """Says which queries are worth it."""

    weights: tuple[float, ...]
    """Of ``FEATURES`` in standard units."""
    centre: tuple[float, ...]
    spread: tuple[float, ...]
    level: float
    """Mean gain."""
    threshold: float
    """Expected gain for 1,000 tokens that a query must exceed."""

    def expected(self, rows: FloatArray) -> FloatArray:
        """Expected gain of queries. ``rows`` has shape (queries, features), the result (queries,)."""
        return np.asarray((rows - self.centre) / self.spread @ np.array(self.weights) + self.level, np.float64)

    def takes(self, row: FloatArray, *, tokens: int) -> bool:
        """Whether a query is re-ranked.

        Args:
            row: What is known of it. Shape (features,).
            tokens: That would have to be read.

        Returns:
            Whether its expected gain pays for them.
        """
        return bool(float(self.expected(row[None])[0]) > self.threshold * tokens / 1000)

    def facts(self) -> dict[str, Any]:
        """As JSON holds it."""
        return {
            "weights": dict(zip(FEATURES, self.weights, strict=True)),
            "centre": list(self.centre),
            "spread": list(self.spread),
            "level": self.level,
            "threshold": self.threshold,
        }

    @classmethod
    def of(cls, facts: Mapping[str, Any]) -> Gate:
        """Back from what ``facts`` gave."""
        weights = tuple(float(facts["weights"][name]) for name in FEATURES)
        centre, spread = (tuple(float(value) for value in facts[name]) for name in ("centre", "spread"))
        return cls(weights, centre, spread, float(facts["level"]), float(facts["threshold"]))


def features(scores: FloatArray, is_exact: Any, *, n: int, ceiling: float, words: tuple[int, int]) -> FloatArray:
    """What is known of a query before anything is re-ranked.

    Args:
        scores: By words, of the best candidates, highest first. Shape (<= n,).
        is_exact: Whether the title of each holds every word of the query. Shape as ``scores``.
        n: Candidates that are looked at.
        ceiling: What no score by words exceeds, > 0.
        words: Of the query: those with a wish of their own, and those of them that the catalogue does not hold.

    Returns:
        Shape (features,), in the order of ``FEATURES``.
    """
    best = float(scores[0]) if len(scores) else 0.0
    known = scores / best if best > 0 else np.zeros(max(len(scores), 1))
    at = [1.0 - float(known[min(place, len(known) - 1)]) for place in (1, _TOP - 1, len(known) - 1)]
    n_exact = float(np.count_nonzero(is_exact))
    return np.array(
        [
            *(float(count) for count in words),
            len(scores) / n,
            *at,
            float(known[:_TOP].std()),
            best / ceiling,
            np.log1p(n_exact),
            float(np.count_nonzero(is_exact[:_TOP])) / _TOP,
        ]
    )


def fit_gate(rows: FloatArray, gains: FloatArray, tokens: IntArray, *, mean_tokens: float) -> Gate:
    """The model of the gain, and the threshold that keeps the mean within what is allowed.

    Args:
        rows: What is known of each query. Shape (queries, features).
        gains: Of each query, by re-ranking it. Shape (queries,).
        tokens: That re-ranking each query reads. Shape (queries,).
        mean_tokens: That may be read for a query on average, those that pass through included.

    Returns:
        The gate.
    """
    centre, spread = rows.mean(axis=0), rows.std(axis=0)
    spread = np.where(spread > 1e-9, spread, 1.0)
    standard, level = (rows - centre) / spread, float(gains.mean())
    penalty = _RIDGE * len(rows) * np.eye(rows.shape[1])
    weights = np.linalg.solve(standard.T @ standard + penalty, standard.T @ (gains - level))
    numbers = (tuple(weights.tolist()), tuple(centre.tolist()), tuple(spread.tolist()), level)
    ratio = 1000 * Gate(*numbers, 0.0).expected(rows) / np.maximum(tokens, 1)
    return Gate(*numbers, _threshold(ratio, tokens, mean_tokens=mean_tokens))


def _threshold(ratio: FloatArray, tokens: IntArray, *, mean_tokens: float) -> float:
    """The lowest one, >= 0, above which so few queries lie that the mean is kept."""
    order = np.argsort(-ratio, kind="stable")
    spent = np.cumsum(tokens[order]) / max(len(tokens), 1)
    n_kept = int(np.searchsorted(spent, mean_tokens, side="right"))
    if n_kept >= len(order):
        return 0.0
    return max(float(ratio[order[n_kept]]) * (1 + _LEVEL), 0.0)
