"""A bench whose log ends before the validation period, and the parts of a model that was never stored."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from steelyard.domain import State
from steelyard.models.building import Bench
from steelyard.models.ports import CandidateIndex, ChatModel, Encoder

__all__ = ["EarlyBench", "OneState"]


class EarlyBench:
    """A bench whose log ends before the validation period. What it has besides is the bench's own.

    Args:
        bench: The real one.
    """

    def __init__(self, bench: Bench) -> None:
        self._bench = bench
        bought = bench.shop.bought
        early = None if bought is None else bought[: len(bench.shop.learn.items)]
        self.shop = replace(bench.shop, learn_all=bench.shop.learn, bought=early)

    def __getattr__(self, name: str) -> Any:
        return getattr(self._bench, name)


class OneState:
    """The parts of a model that is one state.

    Args:
        state: As the recipe's ``fit`` gave it.
    """

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
