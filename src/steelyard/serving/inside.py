"""What an engine is made of, for whoever makes another one of nearly the same parts."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from steelyard.serving.cards import Cards, ItemIds
from steelyard.serving.pipelines import Pipeline, SearchPipeline

if TYPE_CHECKING:
    from steelyard.serving.engine import Beside

__all__ = ["Inside"]


@dataclass(frozen=True, slots=True)
class Inside:
    """The parts, as ``Engine`` was given them."""

    search: SearchPipeline | None
    recommend: Pipeline | None
    similar: Pipeline | None
    cards: Cards
    ids: ItemIds
    beside: Beside
