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
from steelyard.models.searching import Make, Real, SearchSpace, Whole

__all__ = ["TifuKnnOptions", "TifuKnnRecipe"]


class TifuKnnOptions(Section):
    """Table ``[models.tifu-knn]``."""

    max_neighbours: Count = 200
    """Links kept of each item, of both kinds."""


class TifuKnnRecipe(FittedRecipe):
    """``tifu-knn``: what belongs into this shopper's next basket, or goes with the one at hand."""

    name = "tifu-knn"
    options = TifuKnnOptions
    space: ClassVar[SearchSpace] = {
        "people": Real(0.0, 6.0),
        "popularity": Real(0.001, 1.0, is_log=True),
        "repeat": Real(0.0, 1.5),
        "cycle": Real(0.0, 0.6),
        "within": Real(0.5, 1.0),
        "between": Real(0.3, 1.0),
        "size": Whole(1, 14),
    }
    reads_past = True
    reasons: ClassVar[Mapping[str, Bilingual]] = REASONS

    def tune(self, bench: Bench, options: TifuKnnOptions) -> Mapping[str, Any]:
        """What each part of the score weighs."""
        model = NextBasket(max_neighbours=options.max_neighbours).fit(bench.shop.learn, seed=bench.seed)
        return {"weights": tune_weights(model, bench.shop.recommend_tuning).values()}

    def start(self, options: TifuKnnOptions, tuned: Mapping[str, Any]) -> Mapping[str, Any]:
        """The weights, those of the decay among the others. What goes with a basket is not asked by these cases."""
        weights = tuned["weights"]
        every = {**weights, **weights["own"]}
        return {name: every[name] for name in self.space}

    def taken(self, tuned: Mapping[str, Any], values: Mapping[str, Any]) -> Mapping[str, Any]:
        """The weights with what was found in their place."""
        found = dict(values)
        own = {name: found.pop(name) for name in ("within", "between", "size")}
        return {**tuned, "weights": {**tuned["weights"], **found, "own": own}}

    def trials(self, bench: Bench, options: TifuKnnOptions, tuned: Mapping[str, Any]) -> Make:
        """Weights only act when answering: links are counted once."""
        model = NextBasket(max_neighbours=options.max_neighbours).fit(bench.shop.learn, seed=bench.seed)
        return lambda values: model.weighing(Weights.of(self.taken(tuned, values)["weights"]))

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
