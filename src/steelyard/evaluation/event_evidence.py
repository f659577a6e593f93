r"""What an event of each kind, and a rating of each grade, says of purchases that were held out.

An item is scored by what goes with the history, everything weighed: with :math:`X` the sums of the events' weights by
user and item, :math:`n_i = \sum_u X_{ui}^2` and a purchase weighing 1,

.. math:: s_u(i) = \frac{1}{\sqrt{n_i + 5}} \sum_j \frac{X_{uj}}{\sqrt{n_j + 5}} \sum_v X_{vj} X_{vi}

The weights are searched for one after another, and kept where people they were not fitted on are served better.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt
from scipy import sparse

from steelyard.domain import FloatArray, IntArray, Interval, PurchaseEvidence
from steelyard.evaluation.compare import paired_interval

__all__ = ["FittedWeights", "Scales", "fit_weights", "ndcg_of_weights"]

BoolArray = npt.NDArray[np.bool_]
SHARES = (0.0, 0.03, 0.1, 0.2, 0.4, 0.7, 1.0, 1.5)
"""Weights of a kind that are tried, as shares of that of a purchase; of a grade, as shares of that of the best one."""
_CUT_OFF = 10
_PASSES = 3
"""Every weight is tried at most so many times."""
_SMOOTHING = 5.0
_BLOCK = 256
"""People scored at a time: bounds memory to 256 rows of the catalogue."""


@dataclass(frozen=True, slots=True)
class Scales:
    """Weights of kinds and grades: an event weighs that of its kind, a rating times that of its grade."""

    kinds: FloatArray
    """Shape (kinds,), >= 0."""
    grades: FloatArray
    """Worst first. Shape (grades,), >= 0."""
    is_free_kind: BoolArray
    """Which of them may be changed. Shape (kinds,)."""
    is_free_grade: BoolArray
    """Shape (grades,)."""
    reference: int = 0
    """The kind that the others are measured by: its weight is > 0 and stays."""
    is_monotone: bool = True
    """Whether a better grade must not weigh less than a worse one."""

    def of_events(self, evidence: PurchaseEvidence) -> FloatArray:
        """Weight of each event, one of the reference kind weighing 1. Shape (events,)."""
        by_kind: FloatArray = self.kinds[evidence.kinds] / self.kinds[self.reference]
        if not len(self.grades):
            return by_kind
        graded: FloatArray = np.where(evidence.grades >= 0, by_kind * self.grades[evidence.grades], by_kind)
        return graded


@dataclass(frozen=True, slots=True)
class FittedWeights:
    """The weights that serve, and what they are worth."""

    scales: Scales
    """The fitted ones where they pay, else those declared."""
    pays: bool
    declared: float
    """nDCG@10 of the declared weights over the people asked for."""
    fitted: float
    """Of weights that were fitted on other people."""
    gain: Interval
    """Of the second over the first, of the same people."""


def ndcg_of_weights(evidence: PurchaseEvidence, scales: Scales) -> FloatArray:
    """How well what goes with the weighed histories finds what was bought.

    Args:
        evidence: Histories and purchases.
        scales: Weights; not all of them 0.

    Returns:
        nDCG@10 of each of the people asked for, in [0, 1]; 0 where nothing of the history weighs anything.
    """
    values = scales.of_events(evidence)
    shape = (evidence.n_users, evidence.n_items)
    table = sparse.csr_array((values, (evidence.users, evidence.items)), shape=shape)
    table.sum_duplicates()
    table.eliminate_zeros()
    squares = np.bincount(table.indices, weights=table.data**2, minlength=evidence.n_items)
    scaled = sparse.csr_array(table @ sparse.diags_array(1 / np.sqrt(squares + _SMOOTHING)))
    together = sparse.csr_array(scaled.T @ scaled)
    n = len(evidence.wanted)
    found = np.zeros(n)
    for start in range(0, n, _BLOCK):
        rows = table[start : min(n, start + _BLOCK)]
        scores = sparse.csr_array(rows @ together).toarray()
        if evidence.leave_out_seen:
            scores[rows.nonzero()] = 0
        for row, each in enumerate(scores):
            found[start + row] = _ndcg(each, evidence.wanted[start + row])
    return found


def fit_weights(evidence: PurchaseEvidence, declared: Scales, *, seed: int) -> FittedWeights:
    """Weights that find what was bought best, if people they were not fitted on are served better by them.

    The people asked for are halved by chance; weights fitted on one half are judged on the other. Only where the paired
    interval of all of them lies above 0 are weights fitted on everybody taken.

    Args:
        evidence: At least two people are asked for.
        declared: Where the search starts, and what stays where it does not pay.
        seed: Of the halves and of the interval.

    Returns:
        The weights, and the evidence for them.

    Trust:
        It says which events announce purchases of this shop's page, and nothing of what would be bought on another.
    """
    n = len(evidence.wanted)
    tried: dict[bytes, FloatArray] = {}
    is_first = np.zeros(n, dtype=np.bool_)
    is_first[np.random.default_rng(seed).permutation(n)[: n // 2]] = True
    before = _quality(evidence, declared, tried)
    after = np.empty(n)
    for part in (is_first, ~is_first):
        after[~part] = _quality(evidence, _searched(evidence, declared, part, tried), tried)[~part]
    gain = paired_interval(after, before, seed=seed)
    pays = gain.low > 0
    scales = _searched(evidence, declared, np.ones(n, dtype=np.bool_), tried) if pays else declared
    return FittedWeights(scales, pays, float(before.mean()), float(after.mean()), gain)


def _searched(evidence: PurchaseEvidence, start: Scales, people: BoolArray, tried: dict[bytes, FloatArray]) -> Scales:
    """One weight after the other, each at its best while the others stay."""
    best, value = start, float(_quality(evidence, start, tried)[people].mean())
    for _ in range(_PASSES):
        before = value
        for place in (*np.flatnonzero(start.is_free_kind), *(~np.flatnonzero(start.is_free_grade))):
            for other in _steps(best, int(place)):
                found = float(_quality(evidence, other, tried)[people].mean())
                if found > value + 1e-9:
                    best, value = other, found
        if value <= before:
            break
    return best


def _steps(scales: Scales, place: int) -> list[Scales]:
    """The scales with one weight changed: of a kind, or of a grade where the place is negative."""
    if place >= 0:
        if place == scales.reference:
            return []
        top = scales.kinds[scales.reference]
        return [replace(scales, kinds=_with(scales.kinds, place, share * top)) for share in SHARES]
    grade, most = ~place, len(scales.grades) - 1
    if grade == most:
        return []  # what the others are measured by
    top = scales.grades[most]
    low, high = 0.0, SHARES[-1] * top
    if scales.is_monotone:
        low, high = float(scales.grades[:grade].max(initial=0.0)), float(scales.grades[grade + 1 :].min())
    values = [share * top for share in SHARES if low <= share * top <= high]
    return [replace(scales, grades=_with(scales.grades, grade, value)) for value in values]


def _with(values: FloatArray, place: int, value: float) -> FloatArray:
    changed = values.copy()
    changed[place] = value
    return changed


def _quality(evidence: PurchaseEvidence, scales: Scales, tried: dict[bytes, FloatArray]) -> FloatArray:
    key = scales.kinds.tobytes() + scales.grades.tobytes()
    if key not in tried:
        tried[key] = ndcg_of_weights(evidence, scales)
    return tried[key]


def _ndcg(scores: FloatArray, wanted: IntArray) -> float:
    k = min(_CUT_OFF, len(scores))
    first = np.argpartition(-scores, k - 1)[:k] if k < len(scores) else np.arange(len(scores))
    order = first[np.lexsort((first, -scores[first]))]
    is_hit = np.isin(order, wanted) & (scores[order] > 0)
    discounts = 1 / np.log2(np.arange(2, k + 2))
    return float((discounts * is_hit).sum() / discounts[: len(wanted)].sum())
