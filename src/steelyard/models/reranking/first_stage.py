"""What finds the candidates that a cross-encoder puts in order: lexical search as it is, or learning to rank over it.

Where the first stage learns from judged queries it learns from those that the network learns from as well, never from
those held back: on queries that a forest was grown on it looks better than it is, and the network would be given too
little weight.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial
from typing import Any

from steelyard.models.building import Bench, Fill, Folder, Part
from steelyard.models.learned_ranking.candidate_features import describer_from
from steelyard.models.learned_ranking.forest import Growth, open_forest
from steelyard.models.learned_ranking.ltr import FOREST, LearnedRanker
from steelyard.models.learned_ranking.ltr_recipe import Shop, learn_ranking
from steelyard.models.ports import Parts, Retriever
from steelyard.models.recipe import Plan
from steelyard.models.reranking.pair_lessons import parted
from steelyard.models.retrieval.lexical import Lexical, open_lexical
from steelyard.models.retrieval.lexical_recipe import LEXICAL_INDEX, lexical_tuned
from steelyard.models.text.parts import full_encoder, text_vectors

__all__ = ["FIRST_STAGES", "WORDS_ALONE", "first_roles", "open_first"]

WORDS_ALONE = "lexical"
_LTR = "ltr-"
_BY_WORDS = "words"
FIRST_STAGES = (WORDS_ALONE, "ltr-words", "ltr-static")
"""What may come first."""
_CANDIDATES = 100


def first_roles(plan: Plan, first: str) -> dict[str, Part]:
    """Parts of a first stage, by role.

    Args:
        plan: The shop's settings.
        first: Of ``FIRST_STAGES``.

    Returns:
        ``lexical``, and what learning to rank needs besides.
    """
    roles: dict[str, Part] = {"lexical": LEXICAL_INDEX}
    if first == WORDS_ALONE:
        return roles
    form = first.removeprefix(_LTR)
    vectors = None
    if form != _BY_WORDS:
        roles["encoder"] = plan.form("encoder", full_encoder(plan.config), form)
        vectors = text_vectors(plan.config)
    words = lexical_tuned(plan.config)
    make = partial(_grown, dict(roles), (words, vectors))
    made_from = (*roles.values(), words, *(() if vectors is None else (vectors,)))
    roles["ranking"] = Part(f"parts/cross-first-{first}", make, made_from, settings=1)
    return roles


def open_first(parts: Parts, lexical: Lexical, first: str) -> Retriever:
    """A first stage, ready to find.

    Args:
        parts: By the roles of ``first_roles``.
        lexical: Opened already, tuned.
        first: Of ``FIRST_STAGES``.

    Returns:
        Lexical search itself where nothing else was asked for, or what was learnt did not pay.
    """
    if first == WORDS_ALONE:
        return lexical
    state = parts.state("ranking")
    if not state.facts["is_adopted"]:
        return lexical
    encoder = parts.encoder("encoder") if state.facts["has_meaning"] else None
    forest = open_forest(parts.content("ranking", FOREST))
    return LearnedRanker(lexical, describer_from(state, lexical), forest, encoder=encoder, candidates=_CANDIDATES)


def _grown(roles: Mapping[str, Part], beside: tuple[Part, Part | None], bench: Bench) -> Fill:
    """A forest grown on the queries to learn from, or a note of why there is none."""
    words, vectors = beside
    opened = bench.open(roles)
    encoder = opened.encoder("encoder") if vectors is not None else None
    of_texts = bench.state(vectors).arrays["vectors"] if vectors is not None else None
    shop = Shop(bench.shop.texts, open_lexical(opened, bench.values(words)), encoder, of_texts)
    parts = parted(bench.search_tuning, seed=bench.seed)
    cases = bench.search_tuning if parts is None else parts[0]
    growth = Growth(seed=bench.seed, threads=bench.threads)
    state, graph = learn_ranking(shop, cases, growth, candidates=_CANDIDATES, progress=bench.progress)

    def fill(folder: Folder) -> Any:
        folder.write_state(state)
        if graph is not None:
            folder.write_bytes(FOREST, graph)

    return fill
