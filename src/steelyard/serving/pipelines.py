"""What answers a surface, as the engine of a bundle sees it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol

from steelyard.domain import IntArray, Ranked, Reason, Request, Understood

__all__ = ["Pipeline", "SearchPipeline"]


class Pipeline(Protocol):
    """What answers one surface (``steelyard.models.pipeline.Pipeline``)."""

    def answer(self, requests: Sequence[Request], *, k: int) -> Ranked:
        """Item numbers for each request, best first, rules applied."""
        ...

    def explain(self, request: Request, items: IntArray) -> list[list[Reason]]:
        """Reasons of each item, strongest first."""
        ...


class SearchPipeline(Pipeline, Protocol):
    """A pipeline that answers queries."""

    def offers(self, item: int) -> bool:
        """Whether the rules allow an item at all: it is on sale and in stock."""
        ...

    def understand(self, request: Request, items: IntArray) -> Understood:
        """How the query was understood, and how well the items of its answer fit."""
        ...
