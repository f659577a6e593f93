"""What a user's past says of each item: in how many baskets, how lately, and how regularly."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from steelyard.domain import FloatArray, IntArray, Request

__all__ = ["Decay", "Habits", "basket_ages", "habits_of"]

_WIDEST = 16.0
"""How far from due an item can be: bought a sixteenth of its cycle ago, or sixteen cycles ago."""


@dataclass(frozen=True, slots=True)
class Decay:
    r"""How much a basket counts by its age, in groups as TIFU has them.

    .. math:: w(a) = within^{a \bmod size} \times between^{\lfloor a / size \rfloor}

    The latest basket has age 0. With both at 1 every basket counts alike.

    Source:
        Hu et al. 2020, Modeling personalized item frequency information for next-basket recommendation,
        doi:10.1145/3397271.3401066.
    """

    within: float = 1.0
    """In (0, 1]: from one basket of a group to the one before."""
    between: float = 1.0
    """In (0, 1]: from one group to the one before."""
    size: int = 7
    """Baskets of a group, >= 1."""

    def weights(self, ages: IntArray) -> FloatArray:
        """Weight of baskets of these ages. Shape of ``ages``, in (0, 1]."""
        return np.asarray(self.within ** (ages % self.size) * self.between ** (ages // self.size), np.float64)


@dataclass(frozen=True, slots=True)
class Habits:
    """Of each item that a user bought, how."""

    items: IntArray
    """Known item numbers, ascending, each once. Shape (n,)."""
    counts: FloatArray
    """Baskets that hold the item. Shape (n,), >= 1."""
    weights: FloatArray
    """The same, each basket weighted by its age. Shape (n,), > 0."""
    elapsed_s: FloatArray
    """Time since the last of these baskets. Shape (n,), >= 0; NaN where it is not known."""
    cycle_s: FloatArray
    """Mean time between two of them. Shape (n,), > 0; NaN where there is one only, or no time is known."""

    def distance(self, usual_s: FloatArray) -> FloatArray:
        """How far each item is from being due: 0 where a cycle has just passed.

        Args:
            usual_s: Cycle of each item among all people, where the user's own is not known; NaN where unknown too.
                Shape (n,).

        Returns:
            Absolute natural logarithm of time since the last purchase over the cycle, at most that of 16. Shape (n,);
            1 where either is not known: neither due nor far from it.
        """
        cycle = np.where(np.isnan(self.cycle_s), usual_s, self.cycle_s)
        is_known = (cycle > 0) & ~np.isnan(self.elapsed_s)
        ratio = np.divide(self.elapsed_s, cycle, out=np.full(len(cycle), np.e), where=is_known)
        found = np.abs(np.log(np.clip(ratio, 1 / _WIDEST, _WIDEST)))
        return np.where(is_known, found, 1.0)


def habits_of(request: Request, *, decay: Decay, n_items: int) -> Habits:
    """What is known of a user from ``Request.past``; where that is empty, from ``Request.history`` in its order.

    Args:
        request: One question. An item that is several times in one basket counts once. Where only a history is given,
            every item of it is a basket of its own and no time is known. A past that reaches beyond ``asked_s`` (a
            client's clock is ahead) was bought just now.
        decay: By the age of baskets.
        n_items: Numbers outside [0, n_items) are unknown: their baskets count as baskets, they themselves do not.

    Returns:
        Empty for somebody of whom nothing is known.
    """
    has_past = bool(request.past.items)
    items = np.asarray(request.past.items if has_past else request.history, np.int64)
    times_s = np.asarray(request.past.times_s if has_past else range(len(items)), np.float64)
    ages = basket_ages(times_s)
    is_known = (items >= 0) & (items < n_items)
    items, times_s, ages = items[is_known], times_s[is_known], ages[is_known]
    order = np.lexsort((-ages, items))
    items, times_s, ages = items[order], times_s[order], ages[order]
    is_new = np.ones(len(items), bool)
    is_new[1:] = (items[1:] != items[:-1]) | (ages[1:] != ages[:-1])
    items, times_s, ages = items[is_new], times_s[is_new], ages[is_new]
    firsts = np.flatnonzero(np.concatenate(([True], items[1:] != items[:-1]))) if len(items) else np.empty(0, np.int64)
    lasts = np.concatenate((firsts[1:], [len(items)]))[: len(firsts)] - 1
    counts = (lasts - firsts + 1).astype(np.float64)
    weights = np.add.reduceat(decay.weights(ages), firsts) if len(firsts) else np.empty(0)
    unknown = np.full(len(firsts), np.nan)
    cycle_s = np.divide(times_s[lasts] - times_s[firsts], counts - 1, out=unknown.copy(), where=counts > 1)
    is_timed = has_past and request.asked_s is not None
    elapsed_s = np.maximum(float(request.asked_s or 0.0) - times_s[lasts], 0.0) if is_timed else unknown
    return Habits(items[firsts], counts, weights, elapsed_s, cycle_s if has_past else unknown)


def basket_ages(times_s: FloatArray) -> IntArray:
    """How many baskets ago each event was: events of one time are one basket.

    Args:
        times_s: Non-decreasing. Shape (events,).

    Returns:
        0 for the latest basket. Shape (events,).
    """
    if not len(times_s):
        return np.empty(0, np.int64)
    places = np.concatenate(([0], np.cumsum(times_s[1:] != times_s[:-1])))
    return np.asarray(places[-1] - places, np.int64)
