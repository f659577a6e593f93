"""Weights of the next-basket model for a shop, found on tuning cases by coordinate search over what each part adds."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from steelyard.domain import Cases, FloatArray, IntArray, Request
from steelyard.models.repeat.habits import Decay, habits_of
from steelyard.models.repeat.next_basket import NextBasket, Weights
from steelyard.models.retrieval.shortlists import to_find

__all__ = ["MAX_CASES", "tune_weights"]

MAX_CASES = 1_500
"""Tuning cases that are looked at, evenly spread over all."""
_MAX_BASKETS = 400
"""Of them, those whose halves say what a basket counts."""
_K = 10
_NEAREST = 100
_POPULAR = 50
_DECAYS = (
    *(Decay(1.0, between, 1) for between in (1.0, 0.95, 0.9, 0.8)),
    *(Decay(0.9, between, 7) for between in (0.9, 0.7)),
)
"""Every basket counts alike, exponential decay, and the group decays of TIFU-KNN."""
_GRID = {
    "people": (0.0, 0.25, 0.5, 1.0, 1.5, 2.0, 3.0, 5.0),
    "popularity": (0.001, 0.05, 0.1, 0.2, 0.4, 0.8),
    "repeat": (0.0, 0.25, 0.5, 0.75, 1.0),
    "cycle": (0.0, 0.05, 0.1, 0.2, 0.4),
}
_BASKET = (0.0, 1.0, 2.0, 4.0, 8.0, 16.0)
_ROUNDS = 2


@dataclass(frozen=True, slots=True)
class _Table:
    """Candidates of each case and what the parts are made of. All arrays have the shape (cases, candidates)."""

    own: FloatArray
    log_repeat: FloatArray
    distance: FloatArray
    people: FloatArray
    popularity: FloatArray
    gains: FloatArray
    """-1 in the places that no candidate fills."""
    ideal: FloatArray
    """Best discounted gain of each case. Shape (cases,)."""

    def quality(self, weights: Weights) -> float:
        """Mean nDCG@10 over the cases; 0 where there are none."""
        if not len(self.ideal):
            return 0.0
        scores = self.own * np.exp(weights.repeat * self.log_repeat - weights.cycle * self.distance)
        scores = scores + weights.people * self.people + weights.popularity * self.popularity
        scores[self.gains < 0] = -1.0
        cut = min(_K, scores.shape[1])
        top = np.argpartition(-scores, cut - 1, axis=1)[:, :cut]
        order = np.argsort(-np.take_along_axis(scores, top, 1), axis=1, kind="stable")
        gains = np.maximum(np.take_along_axis(self.gains, np.take_along_axis(top, order, 1), 1), 0.0)
        return float(np.mean(gains @ (1 / np.log2(np.arange(2, cut + 2))) / self.ideal))


def tune_weights(model: NextBasket, cases: Cases) -> Weights:
    """The weights for a shop.

    Args:
        model: Fitted on what happened before the cases' targets; left as it is.
        cases: Tuning cases. Where seen items never come back they are neither offered nor to be found, so that the
            search is for what the shop will judge.

    Returns:
        Those with the best mean nDCG@10 that the search came by; the model's own where no case has anything to find.
    """
    chosen = _asked(cases, MAX_CASES)
    found: list[tuple[float, Weights]] = []
    for decay in _DECAYS if chosen else ():
        table = _table(model.weighing(replace(model.weights, own=decay)), chosen)
        found.append(_climb(table, replace(model.weights, own=decay)))
    if not any(quality for quality, _ in found):
        return model.weights
    best = max(found, key=lambda one: one[0])[1]
    return replace(best, basket=_basket_weight(model, best, chosen))


_Asked = tuple[Request, dict[int, float]]


def _asked(cases: Cases, most: int) -> list[_Asked]:
    """Some of the cases that have something to find, with what is to be found."""
    found = to_find(cases)
    places = np.unique(np.linspace(0, len(found) - 1, min(most, len(found))).astype(np.int64)) if found else ()
    return [found[place] for place in places]


def _climb(table: _Table, start: Weights) -> tuple[float, Weights]:
    best = (table.quality(start), start)
    for _ in range(_ROUNDS):
        before = best
        for name, values in _GRID.items():
            for value in values:
                tried = Weights.of({**best[1].values(), name: value})
                quality = table.quality(tried)
                best = max(best, (quality, tried), key=lambda one: one[0])
        if best is before:
            break
    return best


def _table(model: NextBasket, asked: Sequence[_Asked]) -> _Table:
    rows = [_row(model, request, wanted) for request, wanted in asked]
    width = max(rows_of.shape[1] for rows_of in rows)
    filled = np.zeros((6, len(rows), width))
    filled[5] = -1.0
    for place, row in enumerate(rows):
        filled[:, place, : row.shape[1]] = row
    own, log_repeat, distance, people, popularity, gains = filled
    ideal = np.array([_ideal(wanted) for _, wanted in asked])
    return _Table(own, log_repeat, distance, people, popularity, gains, ideal)


def _row(model: NextBasket, request: Request, wanted: dict[int, float]) -> FloatArray:
    """Of the candidates of one case, ascending: what the parts are made of, and the gains. Shape (6, candidates)."""
    plain = Weights(model.weights.own, repeat=0.0, cycle=0.0, people=1.0, popularity=1.0, basket=0.0)
    about = model.items_
    told = model.weighing(plain).contributions(request, also=model.most_popular(_POPULAR))
    nearest = np.argsort(-told.people, kind="stable")[:_NEAREST]
    is_kept = (told.own > 0) | np.isin(told.items, model.most_popular(_POPULAR))
    is_kept[nearest] = True
    is_kept &= ~np.isin(told.items, np.array([*request.exclude, *request.items], np.int64))
    items = told.items[is_kept]
    habits = habits_of(request, decay=model.weights.own, n_items=model.n_items)
    distance = np.zeros(model.n_items)
    distance[habits.items] = habits.distance(about.cycle_s[habits.items])
    gains = [wanted.get(item, 0.0) for item in items.tolist()]
    parts = (told.own[is_kept], np.log(about.repeat[items]), distance[items])
    return np.stack((*parts, told.people[is_kept], about.popularity[items], np.array(gains)))


def _ideal(wanted: dict[int, float]) -> float:
    best = np.sort(np.array(list(wanted.values())))[::-1][:_K]
    return float(best @ (1 / np.log2(np.arange(2, len(best) + 2))))


def _basket_weight(model: NextBasket, weights: Weights, asked: Sequence[_Asked]) -> float:
    """What goes with every second item of what is to be found should find the others."""
    halves = []
    for request, wanted in asked:
        items = sorted(wanted)
        if len(items) > 1:
            halves.append((replace(request, items=tuple(items[::2])), {item: wanted[item] for item in items[1::2]}))
    halves = halves[:: max(len(halves) // _MAX_BASKETS, 1)]
    if not halves:
        return weights.basket
    found = {value: _found(model.weighing(replace(weights, basket=value)), halves) for value in _BASKET}
    return max(found, key=found.__getitem__)


def _found(model: NextBasket, asked: Sequence[_Asked]) -> float:
    """Mean nDCG@10."""
    ranked: IntArray = model.retrieve([request for request, _ in asked], k=_K).items
    discounts = 1 / np.log2(np.arange(2, _K + 2))
    rows = zip(ranked.tolist(), asked, strict=True)
    return float(np.mean([discounts @ [w.get(item, 0.0) for item in row] / _ideal(w) for row, (_, w) in rows]))
