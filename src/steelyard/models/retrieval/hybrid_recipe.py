"""``hybrid``: words and meaning fused, as it is built and tuned."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace
from functools import partial
from typing import Any

from steelyard.domain import Cases, Surface
from steelyard.models.building import Bench, Part, Work
from steelyard.models.ports import Parts
from steelyard.models.recipe import REFUSED, Need, Plan, Recipe, Variant
from steelyard.models.retrieval.dense import dense_forms, floor_part, nearest_to_whole, whole_of
from steelyard.models.retrieval.hybrid import HybridRetriever, open_hybrid
from steelyard.models.retrieval.hybrid_tuning import tune_hybrid
from steelyard.models.retrieval.lexical_recipe import LEXICAL_INDEX, lexical_tuned
from steelyard.models.text.parts import learnt_mark, network_of, text_vectors, unlearnt_queries, upkeep_of

__all__ = ["HybridRecipe"]

MAX_TUNING_QUERIES = 500
"""Fusion has a handful of numbers to fit; more queries cost time and change nothing."""


class HybridRecipe(Recipe):
    """Candidates by words and by meaning, put into one order."""

    surface = Surface.SEARCH
    needs = frozenset({Need.TEXT, Need.ENCODER})

    def variants(self, plan: Plan) -> Iterable[Variant]:
        """Every encoder with the vectors that suit it, fused with words."""
        for encoder, vectors, parts in dense_forms(plan):
            tuned = _fusion(plan, encoder, parts["encoder"])
            roles = {**parts, "lexical": LEXICAL_INDEX}
            name = f"hybrid-{encoder}-{vectors}"
            yield Variant(name, roles, tuned, upkeep=upkeep_of(encoder), whole=whole_of("hybrid", plan, name))

    def open(self, parts: Parts, options: Mapping[str, Any]) -> HybridRetriever:
        """The roles ``lexical``, ``encoder`` and ``vectors``; options as ``tune_hybrid`` gave them."""
        return open_hybrid(parts, options)


def _fusion(plan: Plan, form: str, encoder: Part) -> Part:
    """Fusion fitted once for each encoder, with the vectors nearest to whole ones."""
    config = plan.config
    vectors = plan.form("vectors", text_vectors(config), nearest_to_whole(config))
    parts = {"encoder": encoder, "vectors": vectors, "lexical": LEXICAL_INDEX}
    floor = floor_part(plan, form)
    words = lexical_tuned(config)
    network = network_of(config)
    made_from = (*parts.values(), words, floor, *(() if network is None else (network,)))
    make = partial(_tuned, parts, (words, floor), (network, encoder))
    return Part(f"tuned/hybrid{learnt_mark(config)}-{form}", make, made_from, work=Work.COMPRESS)


def _tuned(
    parts: Mapping[str, Part], tuned: tuple[Part, Part], learners: tuple[Part | None, ...], bench: Bench
) -> Mapping[str, Any]:
    words, floor = tuned
    lexical, near = bench.values(words), bench.values(floor)
    options = {name: value for name, value in near.items() if name != REFUSED}
    retriever = open_hybrid(bench.open(parts), {"lexical": lexical, **options})
    cases = _first(unlearnt_queries(learners, bench), MAX_TUNING_QUERIES)
    return {"lexical": dict(lexical), **near, **tune_hybrid(retriever, cases)}


def _first(cases: Cases, n: int) -> Cases:
    return replace(
        cases, ids=cases.ids[:n], requests=cases.requests[:n], relevant=cases.relevant[:n], gains=cases.gains[:n]
    )
