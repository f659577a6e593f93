r"""Thompson sampling over a linear model of rewards, with propensities that are exact.

What is known of the weights is normal, :math:`\theta \sim N(A^{-1} b, v^2 A^{-1})` with :math:`A = \lambda I + \sum x
x^\top` over what was shown and :math:`b = \sum x` over what was rewarded. A sample of weights picks the candidate that
it likes best. How often each is picked has no closed form, so a fixed number of samples from a seed is taken, and what
is shown is *drawn from the shares that they give*, mixed with a floor: the chance that is logged is the chance that it
was drawn with, not an estimate of it.

Source: Agrawal & Goyal 2013, "Thompson Sampling for Contextual Bandits with Linear Payoffs", PMLR 28(3):127-135.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, field

import numpy as np

from steelyard.domain import FloatArray

__all__ = ["LinearThompson", "drawn", "propensities", "uniform"]


def uniform(*names: object) -> float:
    """A number in [0, 1) that the names alone decide, the same on every machine."""
    told = "\x1f".join(str(name) for name in names).encode("utf-8", "surrogatepass")
    return int.from_bytes(hashlib.sha256(told).digest()[:7], "big") / 2**56


def drawn(chances: FloatArray, at: float) -> int:
    """The place that a number in [0, 1) falls on.

    Args:
        chances: Sum to 1. Shape (n,), n >= 1.
        at: In [0, 1).

    Returns:
        A place whose chance is above 0.
    """
    place = int(np.searchsorted(np.cumsum(chances), at, side="right"))
    return min(place, int(np.flatnonzero(chances > 0)[-1]))


def propensities(scores: FloatArray, *, floor: float) -> FloatArray:
    """The chance of each candidate, from what samples think of them.

    Args:
        scores: Of each sample of weights for each candidate. Shape (samples, candidates), both >= 1; not NaN.
        floor: The least chance of any candidate; one above 1 over their number leaves all of them alike.

    Returns:
        Sum to 1, each >= the floor or 1 over their number. A sample that likes several best gives each its share.
        Shape (candidates,).
    """
    is_best = scores == scores.max(axis=1, keepdims=True)
    share = (is_best / is_best.sum(axis=1, keepdims=True)).mean(axis=0)
    n = scores.shape[1]
    least = min(floor, 1 / n)
    found: FloatArray = least + (1 - n * least) * share
    return np.asarray(found / found.sum(), np.float64)


@dataclass(slots=True)
class LinearThompson:
    """What is known of the weights. Not thread-safe; the order of what it learns does not count."""

    width: int
    """Of a row of features."""
    prior: float = 1.0
    """:math:`\\lambda`: so many rows of a feature are taken to have been shown without reward."""
    spread: float = 0.5
    """:math:`v`: deviation of a single reward; .5 is the largest that a reward of 0 or 1 can have."""
    samples: int = 256
    seed: int = 0
    shown_: FloatArray = field(init=False)
    rewarded_: FloatArray = field(init=False)
    n_shown_: int = 0

    def __post_init__(self) -> None:
        self.shown_ = np.asarray(self.prior * np.eye(self.width), np.float64)
        self.rewarded_ = np.zeros(self.width, np.float64)

    def show(self, row: FloatArray) -> None:
        """Learn that a row was shown."""
        self.shown_ = np.asarray(self.shown_ + np.outer(row, row), np.float64)
        self.n_shown_ += 1

    def reward(self, row: FloatArray) -> None:
        """Learn that a row that was shown was rewarded, once."""
        self.rewarded_ = np.asarray(self.rewarded_ + row, np.float64)

    @property
    def mean(self) -> FloatArray:
        """Most likely weights. Shape (width,)."""
        return np.asarray(np.linalg.solve(self.shown_, self.rewarded_), np.float64)

    def chances(self, rows: FloatArray, *, floor: float) -> FloatArray:
        """The chance that each candidate is shown, the same for the same candidates and knowledge.

        Args:
            rows: Of the candidates. Shape (candidates, width).
            floor: As of ``propensities``.

        Returns:
            Sum to 1. Shape (candidates,).
        """
        normal = np.random.default_rng([self.seed, 9]).standard_normal((self.samples, self.width))
        factor = np.linalg.cholesky(self.shown_)
        weights = self.mean + self.spread * np.linalg.solve(factor.T, normal.T).T
        return propensities(weights @ rows.T, floor=floor)
