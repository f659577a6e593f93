"""The recommenders' part of ``train``: tuned on the validation period, fitted on all before the judging period."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from steelyard.domain import State
from steelyard.models.retrieval.content import Content, tune_content
from steelyard.models.retrieval.factorization import Factorization
from steelyard.models.retrieval.neighbours import ItemNeighbours, tune_decay
from steelyard.models.retrieval.popularity import Popularity, tune_window
from steelyard.workflows.training import Training

__all__ = ["part_of", "train_recommender"]


def part_of(kind: str) -> str:
    """Name of the part that training a recommender writes."""
    return f"parts/recommend/{kind}.full" if kind == "item-knn" else f"parts/recommend/{kind}"


def train_recommender(training: Training, kind: str) -> None:
    """Tune and fit one recommender; its options go to ``tuned/<kind>``.

    Args:
        training: Configuration, store and tables.
        kind: ``popularity``, ``item-knn``, ``ials`` or ``content``.
    """
    if kind not in _KINDS:
        return  # a plugin of somebody else's: it brings its own training
    models = training.config.models
    key = training.key(kind, training.config.data.event_weights, models.ials_factors, models.ials_iterations)
    work = _KINDS[kind]

    def step() -> None:
        state, tuned = work(training)
        training.store.write_state(part_of(kind), state)
        training.store.write_json(f"tuned/{kind}", dict(tuned))

    training.steps.once(f"train/{kind}", key, [part_of(kind), f"tuned/{kind}"], step)


_Fitted = tuple[State, Mapping[str, Any]]


def _popularity(training: Training) -> _Fitted:
    shop, seed = training.shop, training.config.seed
    tuned = tune_window(shop.learn, shop.recommend_tuning, seed=seed) if shop.recommend_tuning.requests else {}
    return Popularity(**tuned).fit(shop.learn_all, seed=seed).state(), {}


def _neighbours(training: Training) -> _Fitted:
    shop, seed = training.shop, training.config.seed
    tuned: dict[str, Any] = (
        dict(tune_decay(shop.learn, shop.recommend_tuning, seed=seed)) if shop.recommend_tuning.requests else {}
    )
    return ItemNeighbours(**tuned).fit(shop.learn_all, seed=seed).state(), tuned


def _factors(training: Training) -> _Fitted:
    shop, models, seed = training.shop, training.config.models, training.config.seed
    model = Factorization(factors=models.ials_factors, iterations=models.ials_iterations)
    return model.fit(shop.learn_all, seed=seed).state(), {}


def _content(training: Training) -> _Fitted:
    shop = training.shop
    model = Content().fit_texts(shop.texts, shop.facts, shop.learn)
    tuned = tune_content(model, shop.recommend_tuning) if shop.recommend_tuning.requests else {}
    return Content(**tuned).fit_texts(shop.texts, shop.facts, shop.learn_all).state(), tuned


_KINDS: dict[str, Callable[[Training], _Fitted]] = {
    "popularity": _popularity,
    "item-knn": _neighbours,
    "ials": _factors,
    "content": _content,
}
