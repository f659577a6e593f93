"""Parts that every shop has, whichever models it names: the catalogue's facts, cards for the pages, histories."""

from __future__ import annotations

from steelyard.models.building import Part
from steelyard.models.pipeline import catalogue_state
from steelyard.models.ranking.list_facts import ListFacts

__all__ = ["BASICS", "CARDS", "CATALOGUE", "HISTORIES", "LIST_FACTS", "PASTS"]


CATALOGUE = Part("parts/catalogue", lambda bench: catalogue_state(bench.shop.facts))
"""Texts, stock and categories of the items."""
LIST_FACTS = Part(
    "parts/list-facts",
    lambda bench: ListFacts.of(bench.shop.texts, bench.shop.facts, bench.shop.learn_all).state(),
)
"""Words, brands and ages of the items, for re-ranking."""
CARDS = Part("parts/cards", lambda bench: lambda folder: folder.write_cards())
"""What the pages show of each item."""
HISTORIES = Part("parts/histories", lambda bench: bench.histories())
"""Every user's latest items, for serving."""
BASICS = Part("parts/basics", lambda bench: bench.basics())
"""What the shop's table of users says of each; made where a model of the shop reads it."""
PASTS = Part("parts/pasts", lambda bench: bench.pasts())
"""Every user's latest events with repeats and times; made where a model of the shop reads them."""
