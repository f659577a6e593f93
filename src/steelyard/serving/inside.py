"""What an engine is made of."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from steelyard.domain import Bilingual, FloatArray, State
from steelyard.serving.browse import Browse
from steelyard.serving.cards import Cards, ItemIds
from steelyard.serving.lists.fields import Fields
from steelyard.serving.numbers import Numbers
from steelyard.serving.pipelines import Pipeline, SearchPipeline
from steelyard.serving.suggest import Suggestions

__all__ = ["Beside", "Inside"]


@dataclass(frozen=True, slots=True)
class Beside:
    """What a bundle answers besides its surfaces; each is ``None`` where the bundle does not hold it."""

    words: SearchPipeline | None = None
    """Search by words alone: cheap enough to answer when there is no time for the whole search."""
    bought_with: Pipeline | None = None
    """What is often bought with an item."""
    browse: Browse | None = None
    """Shelves without a question; made from the cards where it is left out."""
    fields: Fields | None = None
    """What is filtered by and counted; made from the cards where it is left out."""
    sold: FloatArray | None = None
    """How often each item was bought. Shape (n_items,)."""
    suggestions: Suggestions | None = None
    """What the search box may propose."""
    numbers: Numbers | None = None
    """Items by their number, however it is typed; without it only the exact one finds its item."""
    keys: State | None = None
    """What tells which items read the same, for changes of the catalogue; made when needed where it is left out."""
    n_gone: int = 0
    """Cards of items that are no longer of the catalogue."""
    sentences: Mapping[str, Bilingual] = field(default_factory=dict)
    """Sentences of reasons that the models bring themselves, by kind; ``{item}`` and ``{words}`` are filled in."""


@dataclass(frozen=True, slots=True)
class Inside:
    """All parts of an engine, for whoever makes another one of nearly the same."""

    search: SearchPipeline | None
    recommend: Pipeline | None
    similar: Pipeline | None
    cards: Cards
    ids: ItemIds
    beside: Beside
