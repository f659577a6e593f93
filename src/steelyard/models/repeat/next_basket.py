"""Next basket: what a user buys again, what people alike buy, what everybody buys, and what completes a basket."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field, replace
from typing import Any, Self

import numpy as np

from steelyard.domain import FloatArray, IntArray, Interactions, Ranked, Reason, Request, State
from steelyard.models.fitted import fitted
from steelyard.models.ranking.explain import MOST_REASONS, reasons_from
from steelyard.models.repeat.baskets import Baskets, Items
from steelyard.models.repeat.habits import Decay, Habits, habits_of
from steelyard.models.repeat.links_of_baskets import links_in_baskets, links_of_people
from steelyard.models.retrieval.links import Links
from steelyard.models.retrieval.shortlists import Shortlist, best, distinct_numbers, excluded_items, stacked

__all__ = ["Contributions", "NextBasket", "Weights"]

MAX_EVENTS = 1_000
"""Latest events of a person that are learnt from: as many as ``Request.past`` holds."""
_MOST_ITEMS = 200
_OFTEN = 2
_DUE = float(np.log(2.0))
"""Due: from half a cycle to two after the last purchase."""


@dataclass(frozen=True, slots=True)
class Weights:
    """What each part of the score weighs; ``steelyard.models.repeat.tuning`` finds them for a shop."""

    own: Decay = field(default_factory=lambda: Decay(1.0, 0.9, 1))
    """How a user's own baskets count by age."""
    repeat: float = 0.25
    """Exponent of the item's share of buyers who buy again, >= 0."""
    cycle: float = 0.1
    """How fast an item counts less the further it is from being due, >= 0."""
    people: float = 1.0
    """What the best of the items that people alike buy counts, in purchases of the user's own, >= 0."""
    popularity: float = 0.1
    """What the most popular item counts, in the same, > 0: what nothing else is known of goes by popularity."""
    basket: float = 4.0
    """What the item that goes best with a basket counts, in the same, >= 0."""

    @classmethod
    def of(cls, values: Mapping[str, Any]) -> Weights:
        """From what ``values`` gave; the defaults where something is left out."""
        own = Decay(**values["own"]) if "own" in values else cls().own
        return cls(own=own, **{name: float(value) for name, value in values.items() if name != "own"})

    def values(self) -> dict[str, Any]:
        """As JSON holds them."""
        return asdict(self)


@dataclass(frozen=True, slots=True)
class Contributions:
    """What each part adds to the scores of some items."""

    items: IntArray
    """Ascending, each once. Shape (n,)."""
    own: FloatArray
    people: FloatArray
    basket: FloatArray
    popularity: FloatArray

    @property
    def scores(self) -> FloatArray:
        """Their sum. Shape (n,)."""
        return np.asarray(self.own + self.people + self.basket + self.popularity, np.float64)


class NextBasket:
    r"""What is in a user's next basket, by the user's own baskets, those of people alike, and popularity.

    .. math:: s(i) = r_i^\rho e^{-\gamma d_{ui}} \sum_{b \ni i} w(age(b)) + \alpha \hat n_{ui} + \beta p_i
              + \delta \hat g_i

    :math:`w` are the group decays of TIFU-KNN, :math:`r_i` the share of its buyers who buy the item again (over the
    mean), :math:`d_{ui}` how far it is from being due (``Habits.distance``), :math:`\hat n_{ui}` the sum of all
    people's vectors by cosine and :math:`\hat g_i` what shares baskets with ``Request.items``, each over its largest
    value, and :math:`p_i` the popularity. A user is folded in from ``Request.past``; the model holds sums over people,
    no row of one.

    Args:
        weights: Of the parts.
        max_neighbours: Links kept of each item, >= 1.
    """

    def __init__(self, weights: Weights | None = None, *, max_neighbours: int = 200) -> None:
        self.weights = weights or Weights()
        self.max_neighbours = max_neighbours
        self._items: Items | None = None
        self._people = self._baskets = _no_links(0)
        self._order: IntArray = np.empty(0, np.int64)

    @property
    def items_(self) -> Items:
        """What was learnt of every item.

        Raises:
            StageError: Nothing was: call ``fit`` or ``from_state`` first.
        """
        return fitted(self._items, "the next-basket model is")

    @property
    def n_items(self) -> int:
        """Items of the catalogue it was fitted on."""
        return len(self.items_.popularity)

    def fit(self, interactions: Interactions, *, seed: int) -> Self:
        """Sum over all people; linear in the pairs of items within people, memory bounded."""
        baskets = Baskets.of(interactions, at_most=MAX_EVENTS)
        most = {"most_items": _MOST_ITEMS, "max_neighbours": self.max_neighbours}
        none = _no_links(interactions.n_items)
        self._people = links_of_people(baskets, decay=_PUBLISHED, **most) if self.weights.people else none
        self._baskets = links_in_baskets(baskets, **most) if self.weights.basket else none
        self._set(baskets.about_items())
        return self

    def retrieve(self, requests: Sequence[Request], *, k: int) -> Ranked:
        """The ``k`` items with the highest scores for each request: every item of the catalogue has one."""
        return stacked((self._best(request, k) for request in requests), k=k)

    def explain(self, request: Request, items: IntArray) -> list[list[Reason]]:
        """What the parts of each score say: ``due_again``, ``bought_often``, ``bought_together``, ``popular``."""
        habits = self._habits(request)
        told = self.contributions(request, also=np.asarray(items, np.int64))
        at = np.searchsorted(told.items, items)
        distance = habits.distance(self.items_.cycle_s[habits.items])
        kinds = {
            int(item): "due_again"
            if count >= _OFTEN and far <= _DUE
            else "bought_often"
            if count >= _OFTEN
            else "bought_before"
            for item, count, far in zip(habits.items, habits.counts, distance, strict=True)
        }
        links = self._linked(request, habits)
        return [self._reasons(told, int(place), kinds, links) for place in at]

    def contributions(self, request: Request, *, also: IntArray | None = None) -> Contributions:
        """What each part adds, of the items that any part but popularity knows.

        Args:
            request: One question.
            also: Item numbers that are wanted in any case.

        Returns:
            Items ascending.
        """
        weights, about = self.weights, self.items_
        habits = self._habits(request)
        people, basket = self._near(request, habits)
        wanted = (habits.items, people[0], basket[0], *(() if also is None else (also,)))
        items = distinct_numbers(np.concatenate(wanted))
        distance = habits.distance(about.cycle_s[habits.items])
        own = habits.weights * about.repeat[habits.items] ** weights.repeat * np.exp(-weights.cycle * distance)
        return Contributions(
            items,
            _spread(items, habits.items, own),
            _spread(items, people[0], weights.people * _of_largest(people[1])),
            _spread(items, basket[0], weights.basket * _of_largest(basket[1])),
            weights.popularity * about.popularity[items],
        )

    def state(self) -> State:
        """What was learnt of items and the links between them; float32."""
        about = self.items_
        arrays = {
            "popularity": about.popularity.astype(np.float32),
            "repeat": about.repeat.astype(np.float32),
            "cycle_s": about.cycle_s.astype(np.float32),
        }
        for name, links in (("people", self._people), ("baskets", self._baskets)):
            arrays |= {f"{name}_{key}": array for key, array in links.arrays().items()}
        return State(arrays, {"weights": self.weights.values(), "max_neighbours": self.max_neighbours})

    @classmethod
    def from_state(cls, state: State) -> Self:
        """The model back."""
        model = cls(Weights.of(state.facts["weights"]), max_neighbours=state.facts["max_neighbours"])
        model._people, model._baskets = (_links(state, name) for name in ("people", "baskets"))
        model._set(Items(*(state.arrays[name].astype(np.float64) for name in ("popularity", "repeat", "cycle_s"))))
        return model

    def most_popular(self, n: int) -> IntArray:
        """The ``n`` most popular items, the most popular first."""
        return self._order[:n]

    def weighing(self, weights: Weights) -> NextBasket:
        """The same with other weights; what was learnt is shared."""
        model = NextBasket(weights, max_neighbours=self.max_neighbours)
        model._items, model._people, model._baskets = self._items, self._people, self._baskets
        model._order = self._order
        return model

    def _set(self, items: Items) -> None:
        # Stored as float32: a model that was just fitted answers as one that was opened.
        rounded = (
            np.asarray(a, np.float32).astype(np.float64) for a in (items.popularity, items.repeat, items.cycle_s)
        )
        self._items = Items(*rounded)
        self._order = np.argsort(-self._items.popularity, kind="stable")

    def _habits(self, request: Request) -> Habits:
        return habits_of(request, decay=self.weights.own, n_items=self.n_items)

    def _best(self, request: Request, k: int) -> Shortlist:
        told = self.contributions(request)
        without = excluded_items(request)
        # Of what nothing but popularity speaks for, so many of the most popular are enough.
        popular = self._order[: k + len(without) + len(told.items)]
        is_told = np.zeros(self.n_items, bool)
        is_told[told.items] = True
        popular = popular[~is_told[popular]]
        ids = np.concatenate((told.items, popular))
        scores = np.concatenate((told.scores, self.weights.popularity * self.items_.popularity[popular]))
        order = np.argsort(ids)
        return best(ids[order], scores[order], k=k, without=without)

    def _sources(self, request: Request) -> tuple[IntArray, FloatArray]:
        items = distinct_numbers(np.asarray(request.items, np.int64))
        items = items[(items >= 0) & (items < self.n_items)]
        return items, np.ones(len(items))

    def _near(self, request: Request, habits: Habits) -> tuple[Shortlist, Shortlist]:
        people = self._people.totals(habits.items, habits.weights)
        return people, self._baskets.totals(*self._sources(request))

    def _linked(self, request: Request, habits: Habits) -> tuple[tuple[IntArray, IntArray, FloatArray], ...]:
        """Of both kinds of links: where each begins and ends, and its share of the largest sum."""
        found = []
        for links, (sources, weights) in (
            (self._people, (habits.items, habits.weights)),
            (self._baskets, self._sources(request)),
        ):
            ids, values, lengths = links.parts(sources, weights)
            found.append((np.repeat(sources, lengths), np.asarray(ids, np.int64), np.asarray(values, np.float64)))
        return tuple(found)

    def _reasons(
        self,
        told: Contributions,
        place: int,
        kinds: Mapping[int, str],
        links: tuple[tuple[IntArray, IntArray, FloatArray], ...],
    ) -> list[Reason]:
        item, total = int(told.items[place]), float(told.scores[place])
        if total <= 0:
            return []
        reasons = []
        if told.own[place] > 0:
            reasons.append(Reason(kinds[item], float(told.own[place]) / total))
        for part, (sources, ids, values) in zip((told.people, told.basket), links, strict=True):
            if part[place] > 0:
                share = float(part[place]) / total
                those = reasons_from("bought_together", sources[ids == item], values[ids == item])
                reasons += [replace(one, contribution=one.contribution * share) for one in those]
        if told.popularity[place] > 0:
            reasons.append(Reason("popular", float(told.popularity[place]) / total))
        return sorted(reasons, key=lambda one: -one.contribution)[:MOST_REASONS]


_PUBLISHED = Decay(0.9, 0.7, 7)
"""Of the vectors whose likeness counts, as published for TIFU-KNN."""


def _kind(count: float, distance: float) -> str:
    """How a user's own purchases of an item are told."""
    if count < _OFTEN:
        return "bought_before"
    return "due_again" if distance <= _DUE else "bought_often"


def _no_links(n_items: int) -> Links:
    starts = np.zeros(n_items + 1, np.int64)
    return Links(starts, np.empty(0, np.int32), np.empty(0, np.float32), np.ones(n_items, np.float32))


def _links(state: State, name: str) -> Links:
    return Links(*(state.arrays[f"{name}_{key}"] for key in ("starts", "neighbours", "strengths", "scales")))


def _spread(items: IntArray, some: IntArray, values: FloatArray) -> FloatArray:
    """Values of some of the items in the places of all, 0 elsewhere."""
    found = np.zeros(len(items))
    found[np.searchsorted(items, some)] = values
    return found


def _of_largest(values: FloatArray) -> FloatArray:
    largest = float(values.max(initial=0.0))
    return values / largest if largest > 0 else values
