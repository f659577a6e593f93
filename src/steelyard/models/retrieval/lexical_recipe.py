"""``lexical``: search by words, as it is built and tuned."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from steelyard.domain import Surface
from steelyard.models.building import Bench, Fill, Folder, Part
from steelyard.models.ports import Parts
from steelyard.models.recipe import Need, Plan, Recipe, Variant
from steelyard.models.retrieval.lexical import Lexical, documents, fit_lexical, open_lexical, tune_lexical
from steelyard.models.retrieval.lexical_fit import FORMAT

__all__ = ["LEXICAL_INDEX", "LEXICAL_TUNED", "LexicalRecipe"]


def _index(bench: Bench) -> Fill:
    texts = bench.shop.texts
    state = fit_lexical(texts)

    def fill(folder: Folder) -> None:
        folder.write_state(state)
        folder.write_index("tantivy", documents(texts))

    return fill


def _tuned(bench: Bench) -> Mapping[str, Any]:
    retriever = open_lexical(bench.open({"lexical": LEXICAL_INDEX}), {})
    return tune_lexical(retriever, bench.search_tuning, seed=bench.seed)


LEXICAL_INDEX = Part("parts/lexical", _index, settings={"format": FORMAT})
"""Postings and term index over the distinct texts."""
LEXICAL_TUNED = Part("tuned/lexical", _tuned, (LEXICAL_INDEX,))
"""Weights of fields and of what else the titles say, tuned on the tuning queries."""


class LexicalRecipe(Recipe):
    """Finds products by the words they are described with; needs no model and little processor time."""

    surface = Surface.SEARCH
    needs = frozenset({Need.TEXT})

    def variants(self, plan: Plan) -> Iterable[Variant]:
        """The one there is."""
        yield Variant("lexical", {"lexical": LEXICAL_INDEX}, LEXICAL_TUNED)

    def open(self, parts: Parts, options: Mapping[str, Any]) -> Lexical:
        """The role ``lexical``; options as ``tune_lexical`` gave them."""
        return open_lexical(parts, options)
