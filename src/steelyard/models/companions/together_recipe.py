"""``bought-together`` as a model of the product: how strongly popularity is corrected for, and whether it pays."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Any

import numpy as np
from pydantic import Field

from steelyard.config.section import Section
from steelyard.domain import State
from steelyard.models.building import Bench
from steelyard.models.companions.held_out import (
    basket_questions,
    halves,
    held_back,
    information,
    judged,
    leader,
    mean_and_error,
)
from steelyard.models.companions.together import BoughtTogether
from steelyard.models.companions.visits import Baskets, when
from steelyard.models.ports import Parts
from steelyard.models.recipe import Companion, FittedRecipe
from steelyard.models.retrieval.popularity import Popularity
from steelyard.models.retrieval.shortlists import is_clearly_worse

__all__ = ["STRENGTHS", "BoughtTogetherOptions", "BoughtTogetherRecipe", "tune_together"]

STRENGTHS = (0.0, 0.15, 0.25, 0.35, 0.5)
"""What ``tune_together`` tries."""
QUESTIONS = 1200
"""Baskets that are held out: half of them to choose by, half to judge by."""


class BoughtTogetherOptions(Section):
    """Table ``[models.bought-together]``."""

    popularity: Annotated[float, Field(ge=0, le=1)] | None = None
    """How strongly what everybody buys is moved down: 0 not at all, 1 entirely; tuned on held-out baskets where left
    out."""


class BoughtTogetherRecipe(FittedRecipe):
    """``bought-together``: what lies in the same baskets."""

    name = "bought-together"
    options = BoughtTogetherOptions
    companion = Companion.BOUGHT_TOGETHER

    def tune(self, bench: Bench, options: BoughtTogetherOptions) -> Mapping[str, Any]:
        """The strength of the correction, and what held-out baskets say of it."""
        return tune_together(bench, popularity=options.popularity)

    def fit(self, bench: Bench, options: BoughtTogetherOptions, tuned: Mapping[str, Any]) -> State:
        """Which texts lie in one basket; facts say how the model was judged."""
        shop = bench.shop
        given = options.popularity if options.popularity is not None else BoughtTogether().popularity
        model = BoughtTogether(tuned.get("popularity", given)).of_catalogue(shop.facts)
        state = model.fit(when(shop.learn_all, shop.bought), seed=bench.seed).state()
        return State(state.arrays, {**state.facts, "judged": dict(tuned.get("judged", {}))})

    def opening(self, tuned: Mapping[str, Any]) -> Mapping[str, Any]:
        """Nothing: all is stored."""
        return {}

    def open(self, parts: Parts, options: Mapping[str, Any]) -> BoughtTogether:
        """The part in the role ``model``."""
        return BoughtTogether.from_state(parts.state("model"))


def tune_together(bench: Bench, *, popularity: float | None = None) -> dict[str, Any]:
    """How strongly to correct for popularity, by leave-one-out within the baskets of the validation period.

    Half of the baskets choose: of the strengths that the best one does not clearly beat, the nearest to the default,
    by nDCG@10 with each product worth its bits. The other half judges, against the most bought items.

    Args:
        bench: ``bench.shop.learn`` came before the baskets that are held out.
        popularity: Set by the shop; then nothing is chosen, but it is judged.

    Returns:
        ``popularity``, and ``judged``: figures of the model and of the best sellers, their errors, and ``pays``,
        whether the model is clearly better than the best sellers. Empty where no basket is held out.
    """
    shop = bench.shop
    learn = when(shop.learn, shop.bought)
    later = held_back(when(shop.learn_all, shop.bought), len(learn.items))
    asked = basket_questions(
        Baskets.of(later, shop.facts.text_of_item), shop.facts.representative, at_most=QUESTIONS, seed=bench.seed
    )
    choosing, judging = halves(asked)
    if not judging or not len(learn.items):
        return {} if popularity is None else {"popularity": popularity}
    model = BoughtTogether().of_catalogue(shop.facts).fit(learn, seed=bench.seed)
    of_item = shop.facts.text_of_item
    bits = np.maximum(information(model.n_baskets_, len(Baskets.of(learn, of_item))), 0.0)
    strengths = STRENGTHS if popularity is None else (popularity,)
    figures = {a: judged(model.at(a), choosing, of_item, bits).informed for a in strengths}
    chosen = leader(figures, at=BoughtTogether().popularity, is_worse=is_clearly_worse)
    own = judged(model.at(chosen), judging, of_item, bits)
    plain = judged(Popularity().fit(learn, seed=bench.seed), judging, of_item, bits)
    told = {}
    for name, one, other in (("informed", own.informed, plain.informed), ("ndcg", own.ndcg, plain.ndcg)):
        told[name], told[f"{name}_popular"] = float(one.mean()), float(other.mean())
        told[f"{name}_gain"], told[f"{name}_error"] = mean_and_error(one - other)
    told |= {"recall": float(own.recall.mean()), "recall_popular": float(plain.recall.mean()), "baskets": len(judging)}
    return {"popularity": chosen, "judged": {**told, "pays": is_clearly_worse(plain.informed, own.informed)}}
