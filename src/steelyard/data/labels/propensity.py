r"""Who looks at which place: propensities of the position-based model, estimated from a log of what was shown.

.. math:: P(\text{click} \mid q, i, k) = \gamma_k \, \alpha_{qi}

A place is looked at with probability :math:`\gamma_k` whatever stands there; what is looked at is clicked with
probability :math:`\alpha_{qi}`. The first place is set to 1, since a factor could move from one to the other.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy.sparse import coo_array
from scipy.sparse.csgraph import connected_components

from steelyard.domain import FloatArray, IntArray

__all__ = ["Propensities", "Shows", "attraction", "effective_size", "estimate", "harvest"]

_LEAST = 1e-6
_TURNS = 50
_SMOOTHING = 1.0
"""Shows of average attraction that each pair is given beforehand."""


@dataclass(frozen=True, slots=True)
class Shows:
    """How often each pair was shown at each place, and how often it was clicked there. Shape (cells,) each."""

    pair: IntArray
    """Number of the pair of query and item, 0 to n_pairs − 1."""
    place: IntArray
    """Place in the list, 0 for the first."""
    shown: FloatArray
    """>= 1."""
    clicked: FloatArray
    """In [0, shown]."""

    @property
    def n_pairs(self) -> int:
        """How many pairs."""
        return int(self.pair.max()) + 1 if len(self.pair) else 0

    @property
    def n_places(self) -> int:
        """How many places."""
        return int(self.place.max()) + 1 if len(self.place) else 0


@dataclass(frozen=True, slots=True)
class Propensities:
    """How likely each place is looked at, as a share of the first."""

    of_place: FloatArray
    """In (0, 1] where the model holds; NaN where the log does not say. Shape (places,)."""
    shown: FloatArray
    """Shows at each place. Shape (places,)."""
    moved_share: float
    """Share of the shows whose pair was also shown at another place: what the estimate rests on."""
    iterations: int
    largest_gap: float
    """Largest difference to ``harvest``, over places both know; NaN where there is none."""

    def weights(self, place: IntArray, *, most: float) -> FloatArray:
        """Inverse propensities, clipped; 0 where the propensity is not known. Shape of ``place``."""
        found = 1 / np.maximum(self.of_place[place], 1 / most)
        known: FloatArray = np.where(np.isnan(found), 0.0, found)
        return known


def estimate(shows: Shows, *, iterations: int = 200, tolerance: float = 1e-5) -> Propensities:
    """Propensities by expectation maximisation.

    Args:
        shows: What was shown and clicked.
        iterations: At most so many.
        tolerance: Ends when no propensity moves by more.

    Returns:
        Places that no chain of pairs ties to the first one are NaN.

    Source:
        Richardson, Dominowska & Ragno 2007, doi:10.1145/1242572.1242643; expectation maximisation as in Chuklin,
        Markov & de Rijke 2015, doi:10.2200/S00654ED1V01Y201507ICR043.

    Trust:
        Not where ranks hardly change: a place whose pairs were never shown elsewhere cannot be told from the
        attraction of its pairs (``moved_share``). Not where people read until they are satisfied (a cascade), where
        what stands above matters. A ``largest_gap`` above about .1 says that the model does not hold.
    """
    n = _summed(shows.place, shows.shown, shows.n_places)
    drawn, turns = _Attraction(shows), 0
    looked, attraction = _begin(shows, drawn, n)
    unclicked = shows.shown - shows.clicked
    while turns < iterations:
        turns += 1
        gamma, alpha = looked[shows.place], attraction[shows.pair]
        neither = np.maximum(1 - gamma * alpha, _LEAST)
        looks = shows.clicked + unclicked * gamma * (1 - alpha) / neither
        attracted = shows.clicked + unclicked * alpha * (1 - gamma) / neither
        fresh = np.bincount(shows.place, weights=looks, minlength=len(n)) / np.where(n > 0, n, np.nan)
        attraction = np.clip(drawn.mean(attracted) * fresh[0], _LEAST, 1 - _LEAST)
        fresh = np.clip(fresh / fresh[0], _LEAST, 1.0)
        moved, looked = float(np.nanmax(np.abs(fresh - looked))), fresh
        if moved < tolerance:
            break
    of_place = _tied(shows, looked)
    gap = np.abs(of_place - harvest(shows))[1:]
    known = gap[~np.isnan(gap)]
    return Propensities(of_place, n, _moved_share(shows), turns, float(known.max()) if len(known) else float("nan"))


def _begin(shows: Shows, drawn: _Attraction, n: FloatArray) -> tuple[FloatArray, FloatArray]:
    """Where to begin: clicks as if they were counts, of which places and pairs are fitted in turn."""
    clicks = np.bincount(shows.place, weights=shows.clicked, minlength=len(n))
    looked = np.where(n > 0, 1.0, np.nan)
    attraction = drawn.mean(shows.clicked)
    for _ in range(_TURNS):
        expected = np.bincount(shows.place, weights=shows.shown * attraction[shows.pair], minlength=len(n))
        looked = np.where(n > 0, clicks / np.maximum(expected, _LEAST), np.nan)
        looked = looked / max(looked[0], _LEAST)
        attraction = drawn.mean(shows.clicked, shows.shown * looked[shows.place])
    return np.clip(looked, _LEAST, 1.0), attraction


class _Attraction:
    """Mean of what was found of each pair, drawn towards that of all.

    Args:
        shows: What was shown.
    """

    def __init__(self, shows: Shows) -> None:
        self._pair, self._n_pairs = shows.pair, shows.n_pairs
        self._shown = shows.shown

    def mean(self, attracted: FloatArray, looked: FloatArray | None = None) -> FloatArray:
        """Attraction of each pair, of shows that were all looked at where it is not said. Shape (pairs,)."""
        of_pair = np.bincount(self._pair, weights=attracted, minlength=self._n_pairs)
        weights = self._shown if looked is None else looked
        below = np.bincount(self._pair, weights=weights, minlength=self._n_pairs)
        usual = of_pair.sum() / max(below.sum(), _LEAST)
        mean: FloatArray = np.clip((of_pair + _SMOOTHING * usual) / (below + _SMOOTHING), _LEAST, 1 - _LEAST)
        return mean


def harvest(shows: Shows) -> FloatArray:
    r"""Propensities from pairs that were shown at neighbouring places: what differs between the two is the place.

    .. math:: \frac{\gamma_{k+1}}{\gamma_k} = \frac{\sum_p h_p c_{p,k+1} / n_{p,k+1}}{\sum_p h_p c_{p,k} / n_{p,k}},
              \quad h_p = \frac{n_{p,k} n_{p,k+1}}{n_{p,k} + n_{p,k+1}}

    Args:
        shows: What was shown and clicked.

    Returns:
        Shape (places,), the first 1; NaN from the first place on that shares no clicked pair with the one before.

    Source:
        Agarwal, Zaitsev, Wang, Li, Najork & Joachims 2019, doi:10.1145/3289600.3291017 (adjacent chain).

    Trust:
        Only where the moves between the places have nothing to do with the query: errors add up down the list.
    """
    size = (shows.n_pairs, shows.n_places)
    at = (shows.pair, shows.place)
    shown = coo_array((shows.shown, at), shape=size).tocsc()
    clicked = coo_array((shows.clicked, at), shape=size).tocsc()
    found = np.full(shows.n_places, np.nan)
    found[:1] = 1.0
    for place in range(1, shows.n_places):
        here, before = shown[:, [place]].toarray()[:, 0], shown[:, [place - 1]].toarray()[:, 0]
        both = (here > 0) & (before > 0)
        weight = here[both] * before[both] / (here[both] + before[both])
        above = weight @ (clicked[:, [place]].toarray()[both, 0] / here[both])
        below = weight @ (clicked[:, [place - 1]].toarray()[both, 0] / before[both])
        if above <= 0 or below <= 0:
            break
        found[place] = found[place - 1] * above / below
    return found


def attraction(shows: Shows, propensities: Propensities, *, most: float) -> tuple[FloatArray, FloatArray]:
    r"""How attractive each pair is, its places allowed for.

    .. math:: \hat\alpha_{p} = \sum_k c_{pk} \min(1 / \gamma_k, m) \Big/ \sum_k n_{pk} \gamma_k \min(1 / \gamma_k, m)

    Args:
        shows: What was shown and clicked; clicks may be worth less than 1 each.
        propensities: Of the places.
        most: Largest weight :math:`m`, >= 1. Beyond it a show counts as less than one, so that the clipping does not
            make low places look unattractive.

    Returns:
        Estimate of each pair, NaN where no place of it is known; and the shows that were looked at, summed
        :math:`n_{pk} \gamma_k`. Shape (pairs,) each.
    """
    gamma = np.nan_to_num(propensities.of_place[shows.place])
    weights = propensities.weights(shows.place, most=most)
    size = shows.n_pairs
    above = _summed(shows.pair, shows.clicked * weights, size)
    below = _summed(shows.pair, shows.shown * np.minimum(gamma * weights, 1.0), size)
    looked = _summed(shows.pair, shows.shown * gamma, size)
    found = np.full(size, np.nan)
    np.divide(above, below, out=found, where=below > 0)
    return found, looked


def effective_size(weights: FloatArray) -> float:
    r"""Kish's effective number of observations, :math:`(\sum w)^2 / \sum w^2`; 0 without any."""
    squares = float((weights**2).sum())
    return float(weights.sum()) ** 2 / squares if squares > 0 else 0.0


def _summed(number: IntArray, values: FloatArray, size: int) -> FloatArray:
    sums: FloatArray = np.bincount(number, weights=values, minlength=size).astype(np.float64)
    return sums


def _tied(shows: Shows, looked: FloatArray) -> FloatArray:
    """NaN for places that no chain of clicked pairs ties to the first."""
    n_pairs, n_places = shows.n_pairs, shows.n_places
    if not n_places:
        return looked
    of_pair = np.bincount(shows.pair, weights=shows.clicked, minlength=n_pairs)
    tells = of_pair[shows.pair] > 0
    ones = np.ones(int(tells.sum()))
    size = n_pairs + n_places
    edges = coo_array((ones, (shows.pair[tells], n_pairs + shows.place[tells])), shape=(size, size))
    _, group = connected_components(edges, directed=False)
    tied: FloatArray = np.where(group[n_pairs:] == group[n_pairs], looked, np.nan)
    return tied


def _moved_share(shows: Shows) -> float:
    places = np.bincount(shows.pair, minlength=shows.n_pairs)
    total = shows.shown.sum()
    return float(shows.shown[places[shows.pair] > 1].sum() / total) if total else 0.0
