"""``lexical``: search by words, as it is built and tuned."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING, Any, ClassVar

from steelyard.config.schema import Config
from steelyard.domain import Cases, FloatArray, Interactions, Surface
from steelyard.models.building import Bench, Fill, Folder, Part
from steelyard.models.ports import Parts
from steelyard.models.recipe import Need, Plan, Recipe, Variant
from steelyard.models.retrieval.best_sellers import (
    WEIGHTS,
    behaviour_cases,
    best_weight,
    people_of_texts,
    popularity_of_texts,
)
from steelyard.models.retrieval.category_match import Categories, fit_categories
from steelyard.models.retrieval.lexical import Lexical, documents, fit_lexical, open_lexical, tune_lexical
from steelyard.models.retrieval.lexical_fit import FORMAT
from steelyard.models.retrieval.lexical_scoring import FIELDS
from steelyard.models.retrieval.lexical_tuning import quality_of
from steelyard.models.searching import Make, Real, Search, SearchSpace

if TYPE_CHECKING:
    from steelyard.data.tables import ShopTables

__all__ = ["LEXICAL_INDEX", "LexicalRecipe", "fit_popular", "lexical_tuned"]


_WEIGHT = "weights."
"""Before the name of a field whose weight is varied."""
_SPACE: SearchSpace = {
    "k1": Real(0.05, 3.0, is_log=True),
    "all_units": Real(0.0, 1.5),
    "title_units": Real(0.0, 1.0),
    "title_order": Real(0.0, 0.6),
    "extra": Real(0.0, 1.0),
    "category_named": Real(0.0, 0.8),
    "category_bought": Real(0.0, 1.2),
    **{f"{_WEIGHT}{name}": Real(0.01, 5.0, is_log=True) for name in FIELDS[1:]},
}
"""The title's weight is the unit of the other fields' weights."""


def _index(bench: Bench) -> Fill:
    shop = bench.shop
    texts = shop.texts
    known = shop.learn_all
    state = fit_lexical(texts, popularity=_popularity(shop, known), people=_people(shop, known))

    def fill(folder: Folder) -> None:
        folder.write_state(state)
        folder.write_index("tantivy", documents(texts))

    return fill


def _tuned(names: Mapping[str, Any], bench: Bench) -> Mapping[str, Any]:
    parts = bench.open({"lexical": LEXICAL_INDEX})
    swept = {**tune_lexical(open_lexical(parts, names), bench.search_tuning, seed=bench.seed), **names}
    tuned = _searched(parts, swept, bench)
    shop = bench.shop
    earlier = _popularity(shop, shop.learn)
    if earlier is None:
        return tuned
    later = behaviour_cases(shop.texts, shop.recommend_tuning, shop.facts.text_of_item, seed=bench.seed)
    retriever = open_lexical(parts, {**tuned, "popular": 0.1})
    judged = None if bench.search_tuning.is_synthetic else _tried(retriever, bench.search_tuning, seed=bench.seed)
    _as_of(retriever, earlier, _people(shop, shop.learn))
    return {**tuned, **fit_popular(retriever, later, judged=judged, seed=bench.seed)}


def _searched(parts: Parts, swept: Mapping[str, Any], bench: Bench) -> dict[str, Any]:
    """Options with what a search found in their place, where there is a budget for one."""
    begin = {name: swept[name] for name in _SPACE if not name.startswith(_WEIGHT)}
    begin |= {name: swept["weights"][name.removeprefix(_WEIGHT)] for name in _SPACE if name.startswith(_WEIGHT)}
    search = Search("tuned/lexical", _SPACE, begin, bench.search_tuning, partial(_trials, parts, swept))
    return _taken(swept, bench.search(search))


def _trials(parts: Parts, swept: Mapping[str, Any]) -> Make:
    return lambda values: open_lexical(parts, _taken(swept, values))


def _taken(swept: Mapping[str, Any], values: Mapping[str, Any]) -> dict[str, Any]:
    plain = {name: value for name, value in values.items() if not name.startswith(_WEIGHT)}
    weights = {name.removeprefix(_WEIGHT): value for name, value in values.items() if name.startswith(_WEIGHT)}
    return {**swept, **plain, "weights": {**swept["weights"], **weights}}


def _popularity(shop: ShopTables, known: Interactions) -> FloatArray | None:
    """Popularity of each text by what is known; None without behaviour."""
    if not len(known.items):
        return None
    return popularity_of_texts(known, shop.facts.text_of_item, n_texts=len(shop.texts))


def _people(shop: ShopTables, known: Interactions) -> FloatArray | None:
    """How many people took each text by what is known; None without behaviour."""
    if not len(known.items):
        return None
    return people_of_texts(known, shop.facts.text_of_item, n_texts=len(shop.texts))


def _as_of(retriever: Lexical, popularity: FloatArray, people: FloatArray | None) -> None:
    """Let a retriever know no more of behaviour than this."""
    retriever.postings.popularity = popularity.astype("float32")
    arrays = retriever.state.arrays
    if retriever.categories is not None:
        in_path = arrays["frequencies"][:, retriever.postings.fields.index("category")] > 0
        starts, documents = arrays["starts"], arrays["documents"]
        known = fit_categories(retriever.categories.of_document, starts, documents, in_path=in_path, people=people)
        retriever.categories = Categories(known)


def _tried(retriever: Lexical, cases: Cases, *, seed: int) -> list[FloatArray]:
    """Quality of each case under each weight of popularity."""
    return quality_of(retriever, cases, [replace(retriever.options, popular=weight) for weight in WEIGHTS], seed=seed)


def fit_popular(
    retriever: Lexical, later: Cases, *, judged: Sequence[FloatArray] | None = None, seed: int
) -> dict[str, Any]:
    """The weight of popularity, by what was bought later.

    Args:
        retriever: With the options as tuned on queries; it knows nothing of what was bought later.
        later: Short queries and what was bought later.
        judged: Quality of the queries that people judged under each weight.
        seed: Draws cases.

    Returns:
        The option ``popular``, and ``popularity``, a note of what it rests on.
    """
    weight, note = best_weight(_tried(retriever, later, seed=seed), judged=judged)
    return {"popular": weight, "popularity": note}


LEXICAL_INDEX = Part("parts/lexical", _index, settings={"format": FORMAT, "popularity": 1, "people": 1})
"""Postings and term index over the distinct texts."""


def lexical_tuned(config: Config) -> Part:
    """Weights of fields and of what else the titles say, tuned on the tuning queries, and the shop's other names.

    Args:
        config: The shop's settings.

    Returns:
        Options for ``open_lexical``.
    """
    names = {"synonyms": list(config.models.synonyms)} if config.models.synonyms else {}
    settings = [names] if names else None
    return Part("tuned/lexical", partial(_tuned, names), (LEXICAL_INDEX,), settings=settings, is_searched=True)


class LexicalRecipe(Recipe):
    """Finds products by the words they are described with; needs no model and little processor time."""

    surface = Surface.SEARCH
    needs = frozenset({Need.TEXT})
    space: ClassVar[SearchSpace] = _SPACE

    def variants(self, plan: Plan) -> Iterable[Variant]:
        """The one there is."""
        yield Variant("lexical", {"lexical": LEXICAL_INDEX}, lexical_tuned(plan.config))

    def open(self, parts: Parts, options: Mapping[str, Any]) -> Lexical:
        """The role ``lexical``; options as ``tune_lexical`` gave them."""
        return open_lexical(parts, options)
