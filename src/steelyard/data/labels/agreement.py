"""How far raters agree, and what is true where they do not: kappa, alpha, and Dawid and Skene's model.

Ratings are whole classes 0, 1, 2 …; ``MISSING`` is where a rater said nothing. Rows are pairs of query and item,
columns are raters: people, rules or models alike.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import numpy as np

from steelyard.domain import FloatArray, IntArray

__all__ = [
    "MISSING",
    "DawidSkene",
    "Metric",
    "Weights",
    "cohen_kappa",
    "dawid_skene",
    "fleiss_kappa",
    "krippendorff_alpha",
]

MISSING = -1
_ITERATIONS = 200
_TOLERANCE = 1e-6
Weights = Literal["none", "linear", "quadratic"]
Metric = Literal["nominal", "ordinal", "interval"]


def cohen_kappa(one: IntArray, other: IntArray, *, weights: Weights = "none") -> tuple[float, int]:
    r"""Agreement of two raters beyond chance.

    .. math:: \kappa = 1 - \frac{\sum_{ij} d_{ij} o_{ij}}{\sum_{ij} d_{ij} e_{ij}}

    with :math:`d_{ij}` 0 or 1, :math:`|i - j|` or :math:`(i - j)^2`, :math:`o` the shares of what both said and
    :math:`e` those expected of independent raters with the same frequencies.

    Args:
        one: Classes by the first rater. Shape (pairs,).
        other: Classes of the same pairs by the second.
        weights: How far apart two classes are: all alike, by steps, or by their square.

    Returns:
        At most 1; NaN where both always say the same one class, or have no pair in common. And the pairs in common.

    Source:
        Cohen 1960, doi:10.1177/001316446002000104; weighted: Cohen 1968, doi:10.1037/h0026256.

    Trust:
        Where nearly all pairs are of one class it is low though raters rarely differ: look at the share they agree on.
    """
    both = (one != MISSING) & (other != MISSING)
    first, second, n = one[both], other[both], int(both.sum())
    if not n:
        return float("nan"), 0
    classes = int(max(first.max(), second.max())) + 1
    observed = np.zeros((classes, classes))
    np.add.at(observed, (first, second), 1 / n)
    expected = np.outer(observed.sum(axis=1), observed.sum(axis=0))
    steps = np.abs(np.subtract.outer(np.arange(classes), np.arange(classes))).astype(np.float64)
    apart = {"none": (steps > 0).astype(np.float64), "linear": steps, "quadratic": steps**2}[weights]
    chance = float((apart * expected).sum())
    return (1 - float((apart * observed).sum()) / chance if chance > 0 else float("nan")), n


def fleiss_kappa(ratings: IntArray) -> tuple[float, int]:
    r"""Agreement of several raters beyond chance, over the pairs that all of them rated.

    .. math:: \kappa = \frac{\bar P - \bar P_e}{1 - \bar P_e}, \quad
              P_i = \frac{\sum_j n_{ij}(n_{ij} - 1)}{r (r - 1)}, \quad \bar P_e = \sum_j p_j^2

    Args:
        ratings: Shape (pairs, raters).

    Returns:
        NaN with fewer than two raters, without such a pair, or where all is of one class. And the pairs.

    Source:
        Fleiss 1971, doi:10.1037/h0031619.
    """
    full = ratings[(ratings != MISSING).all(axis=1)]
    n, raters = full.shape
    if not n or raters < 2:
        return float("nan"), n
    counts = np.stack([(full == each).sum(axis=1) for each in range(int(full.max()) + 1)], axis=1).astype(np.float64)
    alike = float((counts * (counts - 1)).sum(axis=1).mean()) / (raters * (raters - 1))
    chance = float(((counts.sum(axis=0) / (n * raters)) ** 2).sum())
    return ((alike - chance) / (1 - chance) if chance < 1 else float("nan")), n


def krippendorff_alpha(ratings: IntArray, *, metric: Metric = "nominal") -> tuple[float, int]:
    r"""Agreement of any number of raters, any of whom may have said nothing: :math:`\alpha = 1 - D_o / D_e`.

    Args:
        ratings: Shape (pairs, raters).
        metric: How far apart two classes are: all alike, by what lies between them, or by the square of the steps.

    Returns:
        NaN where no pair has two ratings or all are of one class. And the pairs with two ratings or more.

    Source:
        Krippendorff 2011, Computing Krippendorff's Alpha-Reliability, University of Pennsylvania.
    """
    useful = ratings[(ratings != MISSING).sum(axis=1) > 1]
    n_pairs = len(useful)
    if not n_pairs:
        return float("nan"), 0
    classes = int(useful.max()) + 1
    counts = np.stack([(useful == each).sum(axis=1) for each in range(classes)], axis=1).astype(np.float64)
    rated = counts.sum(axis=1)
    together = (counts / (rated - 1)[:, None]).T @ counts - np.diag((counts / (rated - 1)[:, None]).sum(axis=0))
    of_class = together.sum(axis=1)
    n = float(of_class.sum())
    expected = (np.outer(of_class, of_class) - np.diag(of_class)) / (n - 1)
    apart = _apart(of_class, metric)
    chance = float((apart * expected).sum())
    return (1 - float((apart * together).sum()) / chance if chance > 0 else float("nan")), n_pairs


def _apart(of_class: FloatArray, metric: Metric) -> FloatArray:
    classes = np.arange(len(of_class))
    if metric == "nominal":
        differs: FloatArray = (classes[:, None] != classes[None, :]).astype(np.float64)
        return differs
    if metric == "interval":
        squared: FloatArray = (classes[:, None] - classes[None, :]).astype(np.float64) ** 2
        return squared
    middle = of_class.cumsum() - of_class / 2
    between: FloatArray = (middle[:, None] - middle[None, :]) ** 2
    return between


@dataclass(frozen=True, slots=True)
class DawidSkene:
    """What is true, and how often each rater says what."""

    chances: FloatArray
    """Chance of each class. Shape (pairs, classes), rows sum to 1."""
    said: FloatArray
    """Chance that a rater says a class, given the true one. Shape (raters, true, said); the last said is nothing, where
    silence tells something, else raters are taken as they speak."""
    shares: FloatArray
    """Of the classes. Shape (classes,)."""
    iterations: int

    @property
    def accuracy(self) -> FloatArray:
        """How often what each rater says is true. Shape (raters,)."""
        classes = len(self.shares)
        right = np.einsum("rcc,c->r", self.said[:, :, :classes], self.shares)
        spoken = np.einsum("rcs,c->r", self.said[:, :, :classes], self.shares)
        share: FloatArray = right / np.maximum(spoken, 1e-12)
        return share


def dawid_skene(
    ratings: IntArray, *, classes: int, known: IntArray | None = None, silence_tells: bool = False
) -> DawidSkene:
    r"""True classes and the raters' errors at once, by expectation maximisation.

    .. math:: P(t_i = c) \propto p_c \prod_r \pi^{(r)}_{c, x_{ir}}

    Begun at the shares of the votes; each :math:`\pi` is given one vote beforehand, most of it for the truth.

    Args:
        ratings: Shape (pairs, raters).
        classes: How many there are, >= 2.
        known: True class of the pairs that somebody is sure of, ``MISSING`` for the others. Shape (pairs,).
        silence_tells: Whether saying nothing is something a rater says: true of rules that only ever speak for a class.

    Returns:
        Chances of every pair; of one that nobody rated the shares of all.

    Source:
        Dawid & Skene 1979, doi:10.2307/2346806.

    Trust:
        Raters who make the same mistake together are believed: rules that look at the same words are not independent.
        Without ``known`` pairs it needs at least three raters who are right more often than not.
    """
    truth = np.full(len(ratings), MISSING, np.int64) if known is None else known
    spoken = [*range(classes), *([MISSING] if silence_tells else [])]
    votes = np.stack([ratings == each for each in spoken], axis=2).astype(np.float64)
    chances = _fixed(_normed(votes[:, :, :classes].sum(axis=1) + 1 / classes), truth)
    beforehand = np.full((classes, len(spoken)), 0.3 / max(len(spoken) - 1, 1))
    np.fill_diagonal(beforehand, 0.7)
    done, moved = 0, np.inf
    while done < _ITERATIONS and moved > _TOLERANCE:
        done += 1
        said = np.einsum("ic,irs->rcs", chances, votes) + beforehand[None]
        said /= said.sum(axis=2, keepdims=True)
        shares = (chances.sum(axis=0) + 1) / (len(chances) + classes)
        logs = np.log(shares)[None, :] + np.einsum("irs,rcs->ic", votes, np.log(said))
        fresh = _fixed(_normed(np.exp(logs - logs.max(axis=1, keepdims=True))), truth)
        moved, chances = float(np.abs(fresh - chances).max(initial=0)), fresh
    return DawidSkene(chances, said, shares, done)


def _normed(values: FloatArray) -> FloatArray:
    normed: FloatArray = values / values.sum(axis=1, keepdims=True)
    return normed


def _fixed(chances: FloatArray, known: IntArray) -> FloatArray:
    is_known = known != MISSING
    fixed = chances.copy()
    fixed[is_known] = np.eye(chances.shape[1])[known[is_known]]
    return fixed
