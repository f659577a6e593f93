"""A first stage fitted on the train period alone, so that the validation period can say what is added to it.

The stored one has learnt from the validation period, and would look better there than it is.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from steelyard.domain import Cases, State
from steelyard.errors import ConfigError
from steelyard.models.building import Bench
from steelyard.models.early_bench import EarlyBench, OneState
from steelyard.models.ports import Retriever
from steelyard.models.recipe import REFUSED, FittedRecipe

__all__ = ["EarlyFirst", "opened_early"]


@dataclass(frozen=True, slots=True)
class EarlyFirst:
    """A first stage, and cases that it has not learnt from."""

    retriever: Retriever
    cases: Cases


def opened_early(recipe: FittedRecipe, options: Any, bench: Bench) -> EarlyFirst:
    """The first stage fitted before the validation period.

    Args:
        recipe: Of the first stage.
        options: Its own; the tuned values of its part were made.
        bench: Where it is made.

    Returns:
        It, and the cases of the validation period.

    Raises:
        ConfigError: What it fits is no state, so that it cannot be fitted beside the store.
    """
    tuned, whole = recipe.part(options)
    early: Any = EarlyBench(bench)
    state = whole.make(early)
    if not isinstance(state, State):
        raise ConfigError(
            f"the recommendation {recipe.name!r} writes files of its own and cannot come first: name another"
        )
    values = {name: value for name, value in bench.values(tuned).items() if name != REFUSED}
    return EarlyFirst(recipe.open(OneState(state), recipe.opening(values)), bench.shop.recommend_tuning)
