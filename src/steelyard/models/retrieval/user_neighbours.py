"""User neighbours: what people chose whose latest items are like this shopper's.

A row of the model is what one person interacted with. It has no name and no number of that person: rows are ordered by
what they hold. It is a person's row all the same, so whoever is erased is in the model until it is fitted again.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Annotated, Any, ClassVar, Self

import numpy as np
import numpy.typing as npt
from pydantic import Field

from steelyard.config.section import Count, Section
from steelyard.domain import Bilingual, Cases, FloatArray, IntArray, Interactions, Ranked, Reason, Request, State
from steelyard.models.building import Bench
from steelyard.models.fitted import fitted
from steelyard.models.ports import Parts
from steelyard.models.ranking.explain import reasons_from
from steelyard.models.recipe import Companion, FittedRecipe
from steelyard.models.retrieval.link_batches import MANY, Interests, TuningCases, link_matrix, product_rows
from steelyard.models.retrieval.links import Links
from steelyard.models.retrieval.neighbours import latest_events
from steelyard.models.retrieval.shortlists import Shortlist, best, excluded_items, interest, nearest_level, stacked
from steelyard.models.searching import Make, Real, SearchSpace, Whole

if TYPE_CHECKING:
    from scipy import sparse

__all__ = ["UserKnnRecipe", "UserNeighbours", "tune_user_neighbours"]

DECAYS = (0.4, 0.6, 0.8, 0.9, 1.0)
NEIGHBOURS = (50, 100, 200, 500, 1000)
"""What ``tune_user_neighbours`` tries."""
_ORDERED_BY = 8
"""Latest items that rows are ordered by."""


class UserNeighbours:
    r"""Items of the people whose decayed item vectors are most like that of the history.

    .. math:: s(i) = \sum_{u \in N_k} \frac{q \cdot v_u}{|v_u|}\, decay^{age_u(i)}, \quad
              v_{uj} = decay^{age_u(j)} \log(1 + \tfrac{N}{n_j}), \quad q_j = decay^{age(j)} \log(1 + \tfrac{N}{n_j})

    The latest item of a person has age 0, as that of the history; :math:`n_j` of the :math:`N` people interacted with
    j. A person counts once per item and with the latest ``max_events`` distinct items. :math:`N_k` are the
    ``neighbours`` people with the highest cosines, which are those sums over :math:`|q|`, the same for all. Somebody
    whom the model was learnt from is among their own neighbours; that adds only to what they interacted with. New users
    are answered alike: nothing but the history is looked at.

    Args:
        decay: In (0, 1]; see ``tune_user_neighbours``.
        neighbours: People looked at, >= 1.
        max_events: Latest distinct items of a person that count.
    """

    def __init__(self, decay: float = 0.8, *, neighbours: int = 200, max_events: int = 100) -> None:
        if not 0 < decay <= 1:
            raise ValueError(f"decay must be in (0, 1], got {decay}")
        if neighbours < 1:
            raise ValueError(f"neighbours must be at least 1, got {neighbours}: without any nothing is offered")
        self.decay = decay
        self.neighbours = neighbours
        self.max_events = max_events
        self._people: Links | None = None
        self._items: Links | None = None
        self._rarity: FloatArray = np.empty(0)

    @property
    def people_(self) -> Links:
        """For each person the items, oldest first, and what each of them adds.

        Raises:
            StageError: Nothing was learnt: call ``fit`` or ``from_state`` first.
        """
        return fitted(self._people, "the user neighbours are")

    @property
    def items_(self) -> Links:
        """For each item the people who interacted with it, and its share of their vectors of length 1.

        Raises:
            StageError: Nothing was learnt: call ``fit`` or ``from_state`` first.
        """
        return fitted(self._items, "the user neighbours are")

    def fit(self, interactions: Interactions, *, seed: int) -> Self:  # the port's; nothing here is random
        """Keep the latest distinct items of every person.

        Args:
            interactions: Oldest first.
            seed: Not used; nothing here is random.

        Returns:
            The model itself.
        """
        users, items = latest_events(interactions, at_most=self.max_events)
        starts = np.searchsorted(users, np.arange(interactions.n_users + 1))
        self._set(*_nameless(starts, items), n_items=interactions.n_items)
        return self

    def retrieve(self, requests: Sequence[Request], *, k: int) -> Ranked:
        """The ``k`` items with the highest scores; nothing for a request that shares no item with anybody."""
        withouts = [excluded_items(request) for request in requests]
        lists = self._lists(requests) if len(requests) >= MANY else map(self._scored, requests)
        return stacked((best(*each, k=k, without=w) for each, w in zip(lists, withouts, strict=True)), k=k)

    def explain(self, request: Request, items: IntArray) -> list[list[Reason]]:
        """For each item, the items of the history that its neighbours were found by, and that add most to its score."""
        sources, weights = self._question(request)
        people, _ = self._nearest(*self.items_.totals(sources, weights))
        found, owners, lengths = self.items_.parts(sources, weights)
        origin = np.repeat(sources, lengths)
        place = np.minimum(np.searchsorted(people, found), max(len(people) - 1, 0))
        near = people[place] == found if len(people) else np.zeros(len(found), np.bool_)
        taken, adds, counts = self.people_.parts(people, np.ones(len(people)))
        reasons = []
        for item in items.tolist():
            by_person = np.zeros(len(people))
            np.add.at(by_person, np.repeat(np.arange(len(people)), counts)[taken == item], adds[taken == item])
            shares = owners[near] * by_person[place[near]]
            reasons.append(reasons_from("same_taste", origin[near], shares))
        return reasons

    def state(self) -> State:
        """Items of every person, oldest first, without a name; how many items there are; and the options."""
        people = self.people_
        n_items = self.items_.n_rows
        facts = {"decay": self.decay, "neighbours": self.neighbours, "max_events": self.max_events, "n_items": n_items}
        items = people.neighbours.astype(np.uint16 if n_items <= 1 << 16 else np.int32)
        return State({"starts": people.starts.astype(np.int64), "items": items}, facts)

    @classmethod
    def from_state(cls, state: State) -> Self:
        """The model back."""
        facts = dict(state.facts)
        n_items = int(facts.pop("n_items"))
        model = cls(**facts)
        model._set(state.arrays["starts"], state.arrays["items"].astype(np.int64), n_items=n_items)
        return model

    def reopened(self, *, decay: float, neighbours: int) -> UserNeighbours:
        """The same people with other options.

        Args:
            decay: As for the class.
            neighbours: As for the class.

        Returns:
            Another model.
        """
        model = UserNeighbours(decay, neighbours=neighbours, max_events=self.max_events)
        model._set(self.people_.starts, self.people_.neighbours, n_items=self.items_.n_rows)
        return model

    def _set(self, starts: IntArray, items: IntArray, *, n_items: int) -> None:
        lengths = np.diff(starts)
        n_people = len(lengths)
        owners = np.repeat(np.arange(n_people), lengths)
        ages = np.repeat(starts[1:], lengths) - 1 - np.arange(len(items))
        weights = self.decay ** ages.astype(np.float64)
        taken = np.bincount(items, minlength=n_items)
        self._rarity = np.where(taken > 0, np.log1p(n_people / np.maximum(taken, 1)), 0.0)
        vectors = weights * self._rarity[items]
        norms = np.sqrt(np.bincount(owners, weights=vectors**2, minlength=n_people))
        order = np.argsort(items, kind="stable")
        inside = np.concatenate(([0], np.cumsum(taken)))
        shares = (vectors / norms[owners])[order] if len(items) else vectors
        self._people = Links(starts, items, weights, np.ones(n_people, np.float32))
        self._items = Links(inside, owners[order], shares, np.ones(n_items, np.float32))

    def _question(self, request: Request) -> Shortlist:
        sources, weights = interest(request, decay=self.decay, n_items=self.items_.n_rows)
        return sources, weights * self._rarity[sources]

    def _scored(self, request: Request) -> Shortlist:
        people, cosines = self._nearest(*self.items_.totals(*self._question(request)))
        return self.people_.totals(people, cosines)

    def _nearest(self, people: npt.NDArray[Any], cosines: FloatArray) -> Shortlist:
        """The most similar people, by ascending row; of equal ones the first rows are taken."""
        kept = best(people, cosines, k=self.neighbours, without=frozenset())
        order = np.argsort(kept[0])
        return kept[0][order], kept[1][order]

    def _lists(self, requests: Sequence[Request]) -> Iterator[Shortlist]:
        """As ``_scored`` gives them, of many requests."""
        rows = Interests(requests, n_items=self.items_.n_rows).rows(self.decay)
        yield from product_rows(self._near(rows), link_matrix(self.people_, n_items=self.items_.n_rows))

    def _near(self, rows: sparse.csr_array) -> sparse.csr_array:
        """Cosines with the most similar people. Shape (requests, people)."""
        from scipy import sparse  # noqa: PLC0415 - only batches need it; a server that loads it starts a second later

        asked = sparse.csr_array((rows.data * self._rarity[rows.indices], rows.indices, rows.indptr), shape=rows.shape)
        found = [
            self._nearest(*each) for each in product_rows(asked, link_matrix(self.items_, n_items=self.people_.n_rows))
        ]
        starts = np.concatenate(([0], np.cumsum([len(people) for people, _ in found]))).astype(np.int64)
        people = np.concatenate([np.empty(0, np.int64), *(people for people, _ in found)])
        cosines = np.concatenate([np.empty(0), *(cosines for _, cosines in found)])
        return sparse.csr_array((cosines, people, starts), shape=(len(found), self.people_.n_rows))

    def judged(self, asked: TuningCases) -> FloatArray:
        """nDCG@10 of tuning cases.

        Args:
            asked: Laid out before.

        Returns:
            Shape (cases,).
        """
        people = link_matrix(self.people_, n_items=self.items_.n_rows)
        return asked.ndcgs(self._near(asked.interests.rows(self.decay)), people)


def tune_user_neighbours(
    interactions: Interactions, cases: Cases, *, seed: int = 0, given: Mapping[str, Any] | None = None
) -> dict[str, Any]:
    """Decay and number of neighbours for a shop, one after the other.

    Of each option's values the one nearest to the default is taken that the best one does not clearly beat.

    Args:
        interactions: What happened before the cases' targets.
        cases: Tuning cases of the recommendation surface; at most ``MOST_CASES`` of them are looked at.
        seed: Draws them.
        given: Options that are not to be tuned.

    Returns:
        ``decay``, ``neighbours``, and ``cases``, how many were looked at.
    """
    asked = TuningCases(cases, n_items=interactions.n_items, seed=seed)
    model = UserNeighbours().fit(interactions, seed=seed)
    found: dict[str, Any] = {"decay": model.decay, "neighbours": model.neighbours, **(given or {})}

    def judged(name: str, value: float) -> FloatArray:
        return model.reopened(**{**found, name: value}).judged(asked)

    if "decay" not in (given or {}):
        found["decay"] = nearest_level({d: judged("decay", d) for d in DECAYS}, at=model.decay)
    if "neighbours" not in (given or {}):
        sized = {n: judged("neighbours", n) for n in NEIGHBOURS}
        found["neighbours"] = nearest_level(sized, at=model.neighbours, distance=lambda a, b: abs(np.log(a / b)))
    return {**found, "cases": len(asked.requests)}


def _nameless(starts: IntArray, items: npt.NDArray[Any]) -> tuple[IntArray, IntArray]:
    """Rows that hold something, ordered by their latest items, so that a row's place tells nothing of whose it is."""
    lengths = np.diff(starts)
    keys = [
        np.where(lengths > back, items[np.maximum(starts[1:] - 1 - back, 0)] if len(items) else -1, -1)
        for back in range(_ORDERED_BY)
    ]
    order = np.lexsort((lengths, *reversed(keys)))
    order = order[lengths[order] > 0]
    kept = lengths[order]
    ends = np.cumsum(kept)
    places = np.arange(int(kept.sum())) + np.repeat(starts[:-1][order] - ends + kept, kept)
    return np.concatenate(([0], ends)).astype(np.int64), items[places].astype(np.int64)


class UserKnnOptions(Section):
    """Table ``[models.user-knn]``."""

    decay: Annotated[float, Field(gt=0, le=1)] | None = None
    """How much each older item counts, of the shopper and of the others; tuned on the validation period where left
    out."""
    neighbours: Count | None = None
    """People looked at for an answer; tuned where left out."""
    max_events: Count = 100
    """Latest distinct items of a person that are kept."""


class UserKnnRecipe(FittedRecipe):
    """``user-knn``: what people chose whose latest items are like this shopper's."""

    name = "user-knn"
    options = UserKnnOptions
    space: ClassVar[SearchSpace] = {"decay": Real(0.3, 1.0), "neighbours": Whole(10, 2000, is_log=True)}
    companion = Companion.SAME_PEOPLE
    reasons: ClassVar[Mapping[str, Bilingual]] = {
        "same_taste": Bilingual("Chosen by others who also went for {item}", "同样选了 {item} 的人也选了它")
    }

    def tune(self, bench: Bench, options: UserKnnOptions) -> Mapping[str, Any]:
        """Decay and number of neighbours, unless the shop sets them."""
        shop = bench.shop
        return tune_user_neighbours(shop.learn, shop.recommend_tuning, seed=bench.seed, given=_given(options))

    def fit(self, bench: Bench, options: UserKnnOptions, tuned: Mapping[str, Any]) -> State:
        """The latest items of every person, without a name."""
        chosen = {**_given(options), **{name: tuned[name] for name in ("decay", "neighbours") if name in tuned}}
        model = UserNeighbours(**chosen, max_events=options.max_events)
        return model.fit(bench.shop.learn_all, seed=bench.seed).state()

    def trials(self, bench: Bench, options: UserKnnOptions, tuned: Mapping[str, Any]) -> Make:
        """What is searched only acts when answering: people are counted once."""
        model = UserNeighbours(max_events=options.max_events).fit(bench.shop.learn, seed=bench.seed)
        fixed = {"decay": model.decay, "neighbours": model.neighbours, **_given(options)}
        return lambda values: model.reopened(**{**fixed, **values})

    def opening(self, tuned: Mapping[str, Any]) -> Mapping[str, Any]:
        """Nothing: the options are stored with the model."""
        return {}

    def open(self, parts: Parts, options: Mapping[str, Any]) -> UserNeighbours:
        """The part in the role ``model``."""
        return UserNeighbours.from_state(parts.state("model"))


def _given(options: UserKnnOptions) -> dict[str, Any]:
    values = {"decay": options.decay, "neighbours": options.neighbours}
    return {name: value for name, value in values.items() if value is not None}
