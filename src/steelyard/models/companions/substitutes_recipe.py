"""``substitutes`` as a model of the product: how much behaviour and popularity count, and how well it is told."""

from __future__ import annotations

from collections.abc import Mapping
from itertools import product
from typing import Annotated, Any, ClassVar

import numpy as np
from pydantic import Field

from steelyard.config.section import Section
from steelyard.data.tables import ShopTables
from steelyard.domain import Bilingual, FloatArray, Interactions, State
from steelyard.models.building import Bench
from steelyard.models.companions.held_out import halves, judged, switch_questions
from steelyard.models.companions.substitutes import Substitutes, Wares
from steelyard.models.companions.switching import Pairs, looked_at_together, switches
from steelyard.models.companions.visits import Baskets, when
from steelyard.models.ports import Parts
from steelyard.models.recipe import Companion, FittedRecipe, Need

__all__ = ["SubstitutesOptions", "SubstitutesRecipe", "considered", "tune_substitutes"]

PRIORS = (5.0, 20.0, 80.0)
POPULARITIES = (0.25, 0.5, 1.0)
"""What ``tune_substitutes`` tries."""
QUESTIONS = 1200
"""Switches that are held out: half of them to choose by, half to judge by."""


class SubstitutesOptions(Section):
    """Table ``[models.substitutes]``."""

    price: Annotated[float, Field(ge=0, le=10)] = 0.5
    """How much what costs more or less is moved down: 0 not at all; 0.5 halves the score of what costs four times as
    much, or a quarter."""


class SubstitutesRecipe(FittedRecipe):
    """``substitutes``: what could be bought instead; knows new items too."""

    name = "substitutes"
    options = SubstitutesOptions
    needs = frozenset({Need.TEXT})
    companion = Companion.SUBSTITUTES
    reasons: ClassVar[Mapping[str, Bilingual]] = {
        "instead_of": Bilingual("Could be bought instead of {item}", "可替代 {item}"),
    }

    def tune(self, bench: Bench, options: SubstitutesOptions) -> Mapping[str, Any]:
        """How much popularity and the texts count, and what held-out switches say of it."""
        return tune_substitutes(bench, price=options.price)

    def fit(self, bench: Bench, options: SubstitutesOptions, tuned: Mapping[str, Any]) -> State:
        """Substitutes of each text; facts say how the model was judged."""
        shop = bench.shop
        chosen = {name: tuned[name] for name in ("popularity", "prior") if name in tuned}
        model = Substitutes(price=options.price, **chosen).fit_texts(_wares(shop))
        model.learn(_taken(shop.learn_all), considered(shop, shop.learn_all))
        state = model.state()
        return State(state.arrays, {**state.facts, "judged": dict(tuned.get("judged", {}))})

    def opening(self, tuned: Mapping[str, Any]) -> Mapping[str, Any]:
        """Nothing: all is stored."""
        return {}

    def open(self, parts: Parts, options: Mapping[str, Any]) -> Substitutes:
        """The part in the role ``model``."""
        return Substitutes.from_state(parts.state("model"))


def considered(shop: ShopTables, events: Interactions) -> Pairs:
    """What shoppers weighed against each other: switches between purchases, and what was looked at in one visit.

    Args:
        shop: Says which events are purchases; where nobody knows, all of them are taken to be.
        events: ``shop.learn`` or ``shop.learn_all``.

    Returns:
        Pairs of texts.
    """
    of_item, category = shop.facts.text_of_item, _category_of_text(shop)
    found = switches(Baskets.of(when(events, shop.bought), of_item), category)
    if shop.bought is None or shop.bought[: len(events.items)].all():
        return found
    looked = looked_at_together(when(events, ~shop.bought), of_item, category)
    names = ("sources", "targets", "times_s")
    return Pairs(*(np.concatenate([getattr(found, name), getattr(looked, name)]) for name in names))


def tune_substitutes(bench: Bench, *, price: float) -> dict[str, Any]:
    """How much popularity counts, and how many switches the texts are worth, by the switches that came after.

    Half of the held-out switches choose, the other half judges, against the best sellers of the same category.

    Args:
        bench: ``bench.shop.learn`` came before the switches that are held out.
        price: As in ``Substitutes``.

    Returns:
        ``popularity``, ``prior``, and ``judged``; empty where nobody switched in the validation period.
    """
    shop = bench.shop
    begins_s = float(shop.learn.times_s[-1]) if len(shop.learn.times_s) else np.inf
    later = considered(shop, shop.learn_all).since(np.nextafter(begins_s, np.inf))
    asked = switch_questions(later, shop.facts.representative, at_most=QUESTIONS, seed=bench.seed)
    choosing, judging = halves(asked)
    if not judging:
        return {}
    model = Substitutes(price=price).fit_texts(_wares(shop))
    of_item, taken, known = shop.facts.text_of_item, _taken(shop.learn), considered(shop, shop.learn)
    ones = np.ones(len(shop.texts))
    figures: dict[tuple[float, float], FloatArray] = {}
    for model.popularity, model.prior in product(POPULARITIES, PRIORS):
        figures[model.popularity, model.prior] = judged(model.learn(taken, known), choosing, of_item, ones).ndcg
    model.popularity, model.prior = max(figures, key=lambda each: float(figures[each].mean()))
    own = judged(model.learn(taken, known), judging, of_item, ones)
    texts_alone = judged(model.learn(taken, None), judging, of_item, ones)
    told = {
        "ndcg": float(own.ndcg.mean()),
        "recall": float(own.recall.mean()),
        "ndcg_texts_alone": float(texts_alone.ndcg.mean()),
        "switches": len(judging),
    }
    return {"popularity": model.popularity, "prior": model.prior, "judged": told}


def _wares(shop: ShopTables) -> Wares:
    return Wares(shop.texts, shop.facts, shop.price)


def _taken(events: Interactions) -> FloatArray:
    return np.bincount(events.items, minlength=events.n_items).astype(np.float64)


def _category_of_text(shop: ShopTables) -> Any:
    """Narrowest category of each text: that of the item which stands for it. Shape (n_texts,)."""
    return shop.facts.category[shop.facts.representative]
