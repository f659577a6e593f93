"""``tifu-knn``: the next basket of a shopper, by own habits and those of people alike."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar

from steelyard.config.section import Count, Section
from steelyard.domain import Bilingual, State
from steelyard.models.building import Bench
from steelyard.models.ports import Parts
from steelyard.models.recipe import FittedRecipe
from steelyard.models.repeat.frequency import REASONS
from steelyard.models.repeat.next_basket import NextBasket, Weights
from steelyard.models.repeat.tuning import tune_weights

__all__ = ["TifuKnnOptions", "TifuKnnRecipe"]


class TifuKnnOptions(Section):
    """Table ``[models.tifu-knn]``."""

    max_neighbours: Count = 200
    """Links kept of each item, of both kinds."""


class TifuKnnRecipe(FittedRecipe):
    """``tifu-knn``: what belongs into this shopper's next basket, or goes with the one at hand."""

    name = "tifu-knn"
    options = TifuKnnOptions
    reads_past = True
    reasons: ClassVar[Mapping[str, Bilingual]] = REASONS

    def tune(self, bench: Bench, options: TifuKnnOptions) -> Mapping[str, Any]:
        """What each part of the score weighs."""
        model = NextBasket(max_neighbours=options.max_neighbours).fit(bench.shop.learn, seed=bench.seed)
        return {"weights": tune_weights(model, bench.shop.recommend_tuning).values()}

    def fit(self, bench: Bench, options: TifuKnnOptions, tuned: Mapping[str, Any]) -> State:
        """Links between items, and what is known of each."""
        weights = Weights.of(tuned.get("weights", {}))
        model = NextBasket(weights, max_neighbours=options.max_neighbours)
        return model.fit(bench.shop.learn_all, seed=bench.seed).state()

    def opening(self, tuned: Mapping[str, Any]) -> Mapping[str, Any]:
        """Nothing: the weights are in the part."""
        return {}

    def open(self, parts: Parts, options: Mapping[str, Any]) -> NextBasket:
        """The part in the role ``model``."""
        return NextBasket.from_state(parts.state("model"))
