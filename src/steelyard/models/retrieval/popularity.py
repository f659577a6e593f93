"""Popularity in a window of time: what many people bought or viewed lately. The answer to an unknown shopper."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Annotated, Any, Self

import numpy as np
import numpy.typing as npt
from pydantic import Field

from steelyard.config.section import Section
from steelyard.domain import Cases, FloatArray, IntArray, Interactions, Ranked, Reason, Request, State
from steelyard.models.building import Bench
from steelyard.models.fitted import fitted
from steelyard.models.ports import Parts
from steelyard.models.recipe import FittedRecipe
from steelyard.models.retrieval.doubts import STRENGTHS, kept_shares
from steelyard.models.retrieval.pairs import runs_of_users
from steelyard.models.retrieval.shortlists import Shortlist, excluded_items, mean_ndcg, nearest_to_default, stacked

__all__ = ["HALF_LIVES_DAYS", "Popularity", "PopularityRecipe", "tune_dislikes", "tune_window"]

HALF_LIVES_DAYS: tuple[float | None, ...] = (1.0, 3.0, 7.0, 14.0, 30.0, 90.0, 365.0, None)
"""What ``tune_window`` tries; ``None`` is all of time alike."""
_DAY_S = 86_400.0


class Popularity:
    r"""Items by how many people interacted with them, recent events counting more.

    .. math:: s(i) = keep_i^{dislikes} \sum_{user} \max_{events\ of\ user\ on\ i} weight \times 2^{-age / half\_life}

    Age is counted from the last event of the log. Each person counts once per item, so nobody can push an item
    by repeating it. Items nobody interacted with have score 0 and come last, in order of number: a shop without any
    data still has something to show.

    Args:
        half_life_days: Age at which an event counts half, > 0; ``None`` counts all of time alike.
        dislikes: >= 0: how strongly an item is held back that others dislike more than usual (``doubts``); nothing
            where ``with_kept`` was given nothing.
    """

    def __init__(self, half_life_days: float | None = None, *, dislikes: float = 0.0) -> None:
        if half_life_days is not None and half_life_days <= 0:
            raise ValueError(f"half_life_days must be above 0 or None, got {half_life_days}")
        self.half_life_days = half_life_days
        self.dislikes = dislikes
        self._kept: FloatArray | None = None
        self._scores: FloatArray | None = None
        self._order: IntArray = np.empty(0, np.int64)

    @property
    def scores_(self) -> FloatArray:
        """Score of each item. Shape (n_items,).

        Raises:
            StageError: Nothing was learnt: call ``fit`` or ``from_state`` first.
        """
        return fitted(self._scores, "the popularity model is")

    def with_kept(self, kept: FloatArray | None) -> Self:
        """Let dislikes count: what each item keeps of its score at strength 1, shape (n_items,); or None."""
        self._kept = kept
        return self

    def fit(self, interactions: Interactions, *, seed: int) -> Self:
        """Count people per item."""
        users, items, n_items = interactions.users, interactions.items, interactions.n_items
        counted = np.zeros(n_items)
        for places in runs_of_users(users):
            values = interactions.weights[places].astype(np.float64)
            if self.half_life_days is not None:
                age_days = (interactions.times_s[-1] - interactions.times_s[places]) / _DAY_S
                values = values * np.exp2(-age_days / self.half_life_days)
            pairs, where = np.unique(users[places] * n_items + items[places], return_inverse=True)
            most = np.zeros(len(pairs))
            np.maximum.at(most, where, values)
            np.add.at(counted, pairs % max(n_items, 1), most)
        if self._kept is not None:
            counted *= self._kept**self.dislikes
        self._set(counted.astype(np.float32))
        return self

    def retrieve(self, requests: Sequence[Request], *, k: int) -> Ranked:
        """The same most popular items for everybody, without those asked about or excluded."""
        return stacked((self._best(request, k) for request in requests), k=k)

    def explain(self, request: Request, items: IntArray) -> list[list[Reason]]:
        """``popular`` for items that somebody interacted with, nothing for the others."""
        return [[Reason("popular", 1.0)] if self.scores_[item] > 0 else [] for item in items.tolist()]

    def score_items(self, request: Request, items: IntArray) -> FloatArray:
        """Scores of some items, whoever asks. Shape (items,)."""
        return np.asarray(self.scores_[items], np.float64)

    def state(self) -> State:
        """Scores, float32."""
        return State({"scores": self.scores_.astype(np.float32)}, {"half_life_days": self.half_life_days})

    @classmethod
    def from_state(cls, state: State) -> Self:
        """The model back."""
        model = cls(state.facts["half_life_days"])
        model._set(state.arrays["scores"])
        return model

    def _set(self, scores: npt.NDArray[np.float32]) -> None:
        self._scores = scores.astype(np.float64)
        self._order = np.argsort(-self._scores, kind="stable")

    def _best(self, request: Request, k: int) -> Shortlist:
        without = excluded_items(request)
        scores = self.scores_
        found = self._order[: k + len(without)]
        if without:
            found = found[[item not in without for item in found.tolist()]]
        return found[:k], scores[found[:k]]


def tune_dislikes(
    interactions: Interactions, cases: Cases, *, kept: FloatArray, half_life_days: float | None, seed: int = 0
) -> dict[str, float]:
    """The strength by which others' dislikes count: of those that the best does not clearly beat, the nearest to none.

    Args:
        interactions: What happened before the cases' targets.
        cases: Tuning cases of the recommendation surface.
        kept: What each item keeps of its score at strength 1. Shape (n_items,).
        half_life_days: Chosen before.
        seed: Passed on to ``fit``.

    Returns:
        ``{"dislikes": …}``; 0 where it brings nothing.
    """

    def tried(strength: float) -> Popularity:
        return Popularity(half_life_days, dislikes=strength).with_kept(kept).fit(interactions, seed=seed)

    return {"dislikes": nearest_to_default(tried, STRENGTHS, cases, at=0.0)}


def tune_window(interactions: Interactions, cases: Cases, *, seed: int = 0) -> dict[str, float | None]:
    """The half-life with the best nDCG@10 on tuning cases.

    Args:
        interactions: What happened before the cases' targets.
        cases: Tuning cases of the recommendation surface.
        seed: Passed on to ``fit``.

    Returns:
        ``{"half_life_days": …}``, the arguments of ``Popularity``; of equals the shortest. All of time where no
        case has anything to find.
    """
    found = {days: mean_ndcg(Popularity(days).fit(interactions, seed=seed), cases) for days in HALF_LIVES_DAYS}
    return {"half_life_days": max(found, key=found.__getitem__) if any(found.values()) else None}


class PopularityOptions(Section):
    """Table ``[models.popularity]``."""

    half_life_days: Annotated[float, Field(gt=0, le=36_500)] | None = None
    """Age in days at which an event counts half; tuned on the validation period where left out."""
    dislikes: Annotated[float, Field(ge=0, le=20)] | None = None
    """How strongly an item is held back from everybody that many dislike (a low rating, a return, a hide); tuned where
    left out, and 0 where the validation period does not clearly gain by it."""


class PopularityRecipe(FittedRecipe):
    """``popularity``: the same best sellers for everybody, of late."""

    name = "popularity"
    options = PopularityOptions

    def tune(self, bench: Bench, options: PopularityOptions) -> Mapping[str, Any]:
        """What would have served best of the options that the shop does not set."""
        learn, cases = bench.shop.learn, bench.shop.recommend_tuning
        found: dict[str, float | None] = {"half_life_days": options.half_life_days}
        if options.half_life_days is None:
            found = dict(tune_window(learn, cases, seed=bench.seed))
        kept = kept_shares(learn, bench.shop.dislikers[0] if bench.shop.dislikers else None)
        if kept is None or options.dislikes is not None:
            return found
        days = found["half_life_days"]
        return {**found, **tune_dislikes(learn, cases, kept=kept, half_life_days=days, seed=bench.seed)}

    def fit(self, bench: Bench, options: PopularityOptions, tuned: Mapping[str, Any]) -> State:
        """People counted per item."""
        window = tuned.get("half_life_days", options.half_life_days)
        strength = tuned.get("dislikes", 0.0) if options.dislikes is None else options.dislikes
        learn, dislikers = bench.shop.learn_all, bench.shop.dislikers
        model = Popularity(window, dislikes=strength).with_kept(kept_shares(learn, dislikers[1] if dislikers else None))
        return model.fit(learn, seed=bench.seed).state()

    def opening(self, tuned: Mapping[str, Any]) -> Mapping[str, Any]:
        """Nothing: the window is in the scores."""
        return {}

    def open(self, parts: Parts, options: Mapping[str, Any]) -> Popularity:
        """The model from the part in the role ``model``."""
        return Popularity.from_state(parts.state("model"))
