"""A first stage fitted on the train period alone, so that the validation period can say what is added to it.

The stored one has learnt from the validation period, and would look better there than it is.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

from steelyard.domain import Cases, State
from steelyard.errors import ConfigError
from steelyard.models.building import Bench
from steelyard.models.ports import CandidateIndex, ChatModel, Encoder, Retriever
from steelyard.models.recipe import REFUSED, FittedRecipe

__all__ = ["EarlyFirst", "opened_early"]


@dataclass(frozen=True, slots=True)
class EarlyFirst:
    """A first stage, and cases that it has not learnt from."""

    retriever: Retriever
    cases: Cases


class _EarlyBench:
    """A bench whose log ends before the validation period."""

    def __init__(self, bench: Bench) -> None:
        self._bench = bench
        self.shop = replace(bench.shop, learn_all=bench.shop.learn)

    def __getattr__(self, name: str) -> Any:
        return getattr(self._bench, name)


class _OneState:
    """The parts of a model that is one state."""

    def __init__(self, state: State) -> None:
        self._state = state

    def state(self, role: str) -> State:
        """The state, whatever the role."""
        return self._state

    def content(self, role: str, name: str) -> bytes:
        """A model that is one state has no files."""
        raise KeyError(f"{role}/{name}")

    def candidate_index(self, role: str) -> CandidateIndex:
        """It has no index."""
        raise KeyError(role)

    def encoder(self, role: str) -> Encoder:
        """It has no encoder."""
        raise KeyError(role)

    def chat_model(self, role: str) -> ChatModel:
        """It asks nobody."""
        raise KeyError(role)


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
    early: Any = _EarlyBench(bench)
    state = whole.make(early)
    if not isinstance(state, State):
        raise ConfigError(
            f"the recommendation {recipe.name!r} writes files of its own and cannot come first: name another"
        )
    values = {name: value for name, value in bench.values(tuned).items() if name != REFUSED}
    return EarlyFirst(recipe.open(_OneState(state), recipe.opening(values)), bench.shop.recommend_tuning)
