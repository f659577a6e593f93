"""Promises a plugin must keep. Subclass a suite in your tests and say how to make the plugin; pytest does the rest."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Sequence
from dataclasses import replace
from functools import cache

import numpy as np

from steelyard.domain import NONE, Interactions, Ranked, Request, State, Surface
from steelyard.models.blending.pool import Scoring
from steelyard.models.pipeline import Pipeline
from steelyard.models.ports import Recommender, Retriever
from steelyard.models.ranking.rules import Rules
from steelyard.models.retrieval.popularity import Popularity
from steelyard.testing.toy_shop import ToyShop, toy_shop

__all__ = ["RecommenderContract", "RetrieverContract"]

_SEED = 7
_MOST_REASONS = 3


@cache
def _shop() -> ToyShop:
    return toy_shop(seed=_SEED)


class RetrieverContract(ABC):
    """Promises of ``steelyard.models.ports.Retriever``, for search and for recommendation."""

    @property
    def shop(self) -> ToyShop:
        """The shop the retriever answers for; the same for the whole suite."""
        return _shop()

    @abstractmethod
    def open(self) -> Retriever:
        """A retriever for ``self.shop``, ready to answer."""

    def requests(self) -> Sequence[Request]:
        """Questions to ask: the search cases, unless overridden."""
        return self.shop.search_cases.requests[:8]

    def test_scores_do_not_increase_along_a_row(self) -> None:
        ranked = self.open().retrieve(self.requests(), k=12)
        for scores in ranked.scores:
            finite = scores[np.isfinite(scores)]
            assert (np.diff(finite) <= 0).all()

    def test_short_lists_are_padded_not_truncated(self) -> None:
        k = len(self.shop.facts.text_of_item) + 5
        ranked = self.open().retrieve(self.requests(), k=k)
        assert ranked.items.shape == ranked.scores.shape == (len(self.requests()), k)
        assert (ranked.items[:, -1] == NONE).all()
        np.testing.assert_array_equal(ranked.items == NONE, ranked.scores == -np.inf)

    def test_padding_comes_last_and_nothing_comes_twice(self) -> None:
        ranked = self.open().retrieve(self.requests(), k=len(self.shop.facts.text_of_item) + 5)
        for items in ranked.items:
            n_found = int((items != NONE).sum())
            assert (items[:n_found] != NONE).all()
            assert len(set(items[:n_found].tolist())) == n_found

    def test_a_batch_equals_its_requests_one_by_one(self) -> None:
        retriever = self.open()
        batch = retriever.retrieve(self.requests(), k=9)
        for row, request in enumerate(self.requests()):
            alone = retriever.retrieve([request], k=9)
            np.testing.assert_array_equal(batch.items[row], alone.items[0])
            np.testing.assert_allclose(batch.scores[row], alone.scores[0], rtol=1e-6)

    def test_a_shorter_list_is_the_beginning_of_a_longer_one(self) -> None:
        retriever = self.open()
        short, long = (retriever.retrieve(self.requests(), k=k).items for k in (3, 9))
        np.testing.assert_array_equal(short, long[:, :3])

    def test_the_same_question_has_the_same_answer(self) -> None:
        _assert_equal(*(self.open().retrieve(self.requests(), k=9) for _ in range(2)))

    def test_an_empty_batch_has_an_empty_answer(self) -> None:
        assert self.open().retrieve([], k=4).items.shape == (0, 4)

    def test_reasons_are_few_and_their_shares_sum_to_at_most_one(self) -> None:
        retriever = self.open()
        for request in self.requests():
            found = retriever.retrieve([request], k=5).items[0]
            reasons = retriever.explain(request, found[found != NONE])
            assert len(reasons) == int((found != NONE).sum())
            for of_item in reasons:
                shares = [reason.contribution for reason in of_item]
                assert len(shares) <= _MOST_REASONS
                assert all(0 <= share <= 1 + 1e-9 for share in shares)
                assert shares == sorted(shares, reverse=True)


class RecommenderContract(RetrieverContract):
    """Promises of ``steelyard.models.ports.Recommender``."""

    @abstractmethod
    def make(self) -> Recommender:
        """A fresh, unfitted model with its default options."""

    @abstractmethod
    def restore(self, state: State) -> Recommender:
        """The model back from its state (``from_state`` of its class)."""

    def fit(self, interactions: Interactions, *, seed: int = _SEED) -> Recommender:
        """A fresh model that has learnt; override where a model needs more than behaviour."""
        return self.make().fit(interactions, seed=seed)

    def open(self) -> Recommender:
        return self.fit(self.shop.interactions)

    def requests(self) -> Sequence[Request]:
        """Personal, similar-item and basket questions, and one of a new user."""
        histories = self.shop.cases.requests[:6]
        return [*histories, Request(items=(0,)), Request(items=(1, 20)), Request()]

    def test_what_was_seen_does_not_come_back_through_the_pipeline(self) -> None:
        ranked = self._pipeline().answer(self.shop.cases.requests, k=10)
        for items, request in zip(ranked.items, self.shop.cases.requests, strict=True):
            assert not set(items.tolist()) & set(request.history)

    def test_what_was_asked_about_or_excluded_does_not_come_back(self) -> None:
        requests = [Request(items=(0, 2), exclude=(1,)), Request(history=(5, 6), exclude=(7, 4))]
        ranked = self.open().retrieve(requests, k=len(self.shop.facts.text_of_item))
        for items, request in zip(ranked.items, requests, strict=True):
            assert not set(items.tolist()) & {*request.items, *request.exclude}

    def test_a_new_user_gets_a_full_list_through_the_pipeline(self) -> None:
        assert (self._pipeline().answer([Request()], k=10).items != NONE).all()

    def test_numbers_the_model_never_saw_are_ignored(self) -> None:
        recommender = self.open()
        strange = recommender.retrieve([Request(history=(0, 10**6)), Request(items=(10**6,))], k=5)
        assert strange.items.shape == (2, 5)

    def test_the_same_seed_gives_the_same_model(self) -> None:
        first, second = (self.fit(self.shop.interactions, seed=3).state() for _ in range(2))
        _assert_same_state(first, second)

    def test_a_stored_model_gives_the_same_answers(self) -> None:
        model = self.open()
        back = self.restore(model.state())
        _assert_equal(model.retrieve(self.requests(), k=9), back.retrieve(self.requests(), k=9))
        _assert_same_state(model.state(), back.state())

    def test_scores_of_given_items_are_those_of_its_lists(self) -> None:
        model = self.open()
        if not isinstance(model, Scoring):
            return  # it need not be able to
        for request in self.requests():
            ranked = model.retrieve([request], k=9)
            shown = ranked.items[0] != NONE
            items, scores = ranked.items[0][shown], ranked.scores[0][shown]
            order = np.argsort(items)
            np.testing.assert_allclose(model.score_items(request, items[order]), scores[order], rtol=1e-6)
            every = model.score_items(request, np.arange(len(self.shop.facts.text_of_item)))
            assert not np.isinf(every).any()

    def test_learning_changes_nothing_it_was_given(self) -> None:
        given = self.shop.interactions
        before = [array.copy() for array in (given.users, given.items, given.times_s, given.weights)]
        self.fit(given)
        for kept, array in zip(before, (given.users, given.items, given.times_s, given.weights), strict=True):
            np.testing.assert_array_equal(kept, array)

    def test_a_shop_without_any_behaviour_is_learnt_too(self) -> None:
        nothing = np.empty(0, np.int64)
        empty = replace(
            self.shop.interactions, users=nothing, items=nothing, times_s=np.empty(0), weights=np.empty(0), n_users=0
        )
        pipeline = self._pipeline(self.fit(empty), Popularity().fit(empty, seed=_SEED))
        assert (pipeline.answer([Request(), Request(history=(0, 1))], k=5).items != NONE).all()

    def _pipeline(self, model: Retriever | None = None, fallback: Retriever | None = None) -> Pipeline:
        return Pipeline(
            model or self.open(),
            self.shop.facts,
            surface=Surface.RECOMMEND,
            rules=Rules(),
            fallback=fallback or Popularity().fit(self.shop.interactions, seed=_SEED),
        )


def _assert_equal(first: Ranked, second: Ranked) -> None:
    np.testing.assert_array_equal(first.items, second.items)
    np.testing.assert_array_equal(first.scores, second.scores)


def _assert_same_state(first: State, second: State) -> None:
    assert dict(first.facts) == dict(second.facts)
    assert sorted(first.arrays) == sorted(second.arrays)
    for name, array in first.arrays.items():
        np.testing.assert_array_equal(array, second.arrays[name])
        assert array.dtype == second.arrays[name].dtype
