"""Own purchase frequency: what a user bought in most baskets, ties by popularity, then what everybody buys."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Any, ClassVar

from pydantic import Field

from steelyard.config.section import Section
from steelyard.domain import Bilingual, Cases, Interactions, State
from steelyard.models.building import Bench
from steelyard.models.ports import Parts
from steelyard.models.recipe import FittedRecipe
from steelyard.models.repeat.habits import Decay
from steelyard.models.repeat.next_basket import NextBasket, Weights
from steelyard.models.retrieval.shortlists import nearest_to_default

__all__ = ["DECAYS", "REASONS", "FrequencyOptions", "FrequencyRecipe", "frequency", "tune_frequency"]

DECAYS = (0.7, 0.8, 0.9, 0.95, 1.0)
"""What ``tune_frequency`` tries."""
_TIE = 1e-6
"""What the most popular item counts, in purchases of the user's own: it decides between equals alone."""
REASONS: Mapping[str, Bilingual] = {
    "bought_often": Bilingual("You buy this often", "您经常购买"),
    "due_again": Bilingual("You usually buy this again about now", "按您的购买周期，差不多该再买了"),
    "bought_before": Bilingual("You bought this before", "您以前买过"),
}
"""Sentences of what a user's own purchases say."""


def frequency(decay: float = 1.0) -> NextBasket:
    """A model that counts a user's own baskets and nothing else but popularity.

    Args:
        decay: From one basket to the one before, in (0, 1].

    Returns:
        Not fitted yet; it keeps three numbers of each item, and no link.

    Raises:
        ValueError: ``decay`` is out of range.
    """
    if not 0 < decay <= 1:
        raise ValueError(f"decay must be in (0, 1], got {decay}")
    own = Decay(1.0, decay, 1)
    return NextBasket(Weights(own, repeat=0.0, cycle=0.0, people=0.0, popularity=_TIE, basket=0.0))


def tune_frequency(interactions: Interactions, cases: Cases, *, seed: int = 0) -> dict[str, float]:
    """The decay for a shop: of those the best nDCG@10 does not clearly beat, the nearest to the plain count.

    Args:
        interactions: What happened before the cases' targets.
        cases: Tuning cases of the recommendation surface.
        seed: Passed on to ``fit``.

    Returns:
        ``{"decay": …}``; 1 where no case has anything to find.
    """
    model = frequency().fit(interactions, seed=seed)
    decay = nearest_to_default(lambda tried: model.weighing(frequency(tried).weights), DECAYS, cases, at=1.0)
    return {"decay": decay}


class FrequencyOptions(Section):
    """Table ``[models.frequency]``."""

    decay: Annotated[float, Field(gt=0, le=1)] | None = None
    """How much a basket counts of the one after it; tuned on the validation period where left out."""


class FrequencyRecipe(FittedRecipe):
    """``frequency``: what this shopper bought most often."""

    name = "frequency"
    options = FrequencyOptions
    reads_past = True
    reasons: ClassVar[Mapping[str, Bilingual]] = REASONS

    def tune(self, bench: Bench, options: FrequencyOptions) -> Mapping[str, Any]:
        """The decay, unless the shop sets it."""
        if options.decay is not None:
            return {"decay": options.decay}
        return tune_frequency(bench.shop.learn, bench.shop.recommend_tuning, seed=bench.seed)

    def fit(self, bench: Bench, options: FrequencyOptions, tuned: Mapping[str, Any]) -> State:
        """Baskets counted per item."""
        decay = float(tuned.get("decay", options.decay or 1.0))
        return frequency(decay).fit(bench.shop.learn_all, seed=bench.seed).state()

    def opening(self, tuned: Mapping[str, Any]) -> Mapping[str, Any]:
        """Nothing: the decay is in the part."""
        return {}

    def open(self, parts: Parts, options: Mapping[str, Any]) -> NextBasket:
        """The part in the role ``model``."""
        return NextBasket.from_state(parts.state("model"))
