"""``sparse``: learned weights and expansions of words, stored as impacts; refused where they do not pay."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from functools import partial
from typing import Any, ClassVar

import numpy as np
from pydantic import Field

from steelyard.config.schema import Config
from steelyard.config.section import Section
from steelyard.data.dividing.held_back import chosen, joined
from steelyard.domain import Bilingual, Cases, State, Surface, VectorArray
from steelyard.models.building import Bench, Part
from steelyard.models.learned_sparse.asked_queries import ask, asked_units, asked_words
from steelyard.models.learned_sparse.impacts import LEAST_TEXTS, TermImpacts, build_impacts, flops, no_impacts
from steelyard.models.learned_sparse.sparse import EXPANDED, SparseRetriever, open_sparse
from steelyard.models.learned_sparse.term_learning import Learned, Meaning, Tables, learn_tables
from steelyard.models.learning.lessons import MIN_QUERIES, teaching
from steelyard.models.learning.training_queries import Taught
from steelyard.models.ports import Parts
from steelyard.models.recipe import REFUSED, Need, Plan, Recipe, Variant
from steelyard.models.retrieval.lexical import Lexical, open_lexical
from steelyard.models.retrieval.lexical_fit import pack, unpack
from steelyard.models.retrieval.lexical_recipe import LEXICAL_INDEX, lexical_tuned
from steelyard.models.text.parts import full_encoder, text_vectors
from steelyard.models.text.segment import cut

__all__ = ["SparseOptions", "SparseRecipe", "centred", "drawn", "meaning_of", "refusal"]

WORDS, ENCODER = "words", "encoder"
_FORMAT = 1
_MAX_CASES = 6000


class SparseOptions(Section):
    """Options of sparse search."""

    expand_by: list[str] = Field([WORDS, ENCODER], min_length=1)
    """What products are expanded by, each a configuration of its own: ``words`` by the words that judged queries ask
    for products with theirs, ``encoder`` also by what the encoder says they mean. Neither encodes a query."""
    terms: int = Field(128, ge=0, le=1000)
    """Words that a product is expanded by at most; each takes five bytes. 0 for weights of its own words alone."""
    candidates: int = Field(100, ge=10, le=1000)
    """Texts that lexical search brings."""
    added: int = Field(50, ge=0, le=1000)
    """Texts that the impacts bring besides."""


class SparseRecipe(Recipe):
    """Finds products by words they do not hold, with no encoder asked while a shopper waits."""

    surface = Surface.SEARCH
    options = SparseOptions
    needs = frozenset({Need.TEXT, Need.JUDGEMENTS, Need.ENCODER})
    reasons: ClassVar[Mapping[str, Bilingual]] = {EXPANDED: Bilingual("goes with {words}", "与 {words} 相关")}

    def variants(self, plan: Plan) -> Iterable[Variant]:
        """One for each way to expand."""
        for form in plan.options.expand_by:
            learnt = _learnt_part(plan, form)
            impacts = _impacts_part(plan, form, learnt)
            words = lexical_tuned(plan.config)
            numbers = {"candidates": plan.options.candidates, "added": plan.options.added}
            make = partial(_tuned, learnt, words, numbers)
            tuned = Part(f"tuned/sparse-{form}", make, (learnt, words), numbers, uses_tables=False)
            yield Variant(f"sparse-{form}", {"lexical": LEXICAL_INDEX, "impacts": impacts}, tuned)

    def open(self, parts: Parts, options: Mapping[str, Any]) -> SparseRetriever:
        """The roles ``lexical`` and ``impacts``; options as the tuned part gave them."""
        return open_sparse(parts, options)


def _learnt_part(plan: Plan, form: str) -> Part:
    """What was learnt: a part of its own, so that a build that was interrupted does not learn again."""
    beside = _encoding(plan.config, form)
    words = lexical_tuned(plan.config)
    settings = {"format": _FORMAT, "form": form, "candidates": plan.options.candidates}
    make = partial(_learnt, plan.config, form, plan.options.candidates)
    return Part(f"parts/sparse/{form}-learnt", make, (LEXICAL_INDEX, words, *beside), settings)


def _impacts_part(plan: Plan, form: str, learnt: Part) -> Part:
    beside = _encoding(plan.config, form)[1:]
    make = partial(_impacts, plan.config, form, (learnt, plan.options.terms))
    settings = {"format": _FORMAT, "terms": plan.options.terms}
    return Part(f"parts/sparse/{form}", make, (LEXICAL_INDEX, learnt, *beside), settings)


def _encoding(config: Config, form: str) -> tuple[Part, ...]:
    return (full_encoder(config), text_vectors(config)) if form == ENCODER else ()


def _learnt(config: Config, form: str, candidates: int, bench: Bench) -> State:
    """The tables as they are stored, or a note of why there are none."""
    known = teaching(bench)
    if known is None:
        return State({}, {"why": "few_judgements", "least": MIN_QUERIES})
    lexical = open_lexical(bench.open({"lexical": LEXICAL_INDEX}), bench.values(lexical_tuned(config)))
    learning, deciding = _asked_of(known, seed=bench.seed)
    words = asked_words(lexical, learning)
    asked, decides = (ask(lexical, cases, words=words, k=candidates) for cases in (learning, deciding))
    meaning = _meaning(config, lexical, words, bench) if form == ENCODER else None
    found = learn_tables(lexical, asked, meaning=meaning, seed=bench.seed, progress=bench.progress, deciding=decides)
    arrays = {**_arrays(found.tables), "asked": pack(list(words))}
    return State(arrays, _facts(found, known, [each.units for each in asked]))


def drawn(cases: Cases, *, seed: int) -> Cases:
    """At most so many queries as memory is meant for.

    Args:
        cases: Judged queries.
        seed: Draws 6,000 where there are more.

    Returns:
        In their order.
    """
    if len(cases.ids) <= _MAX_CASES:
        return cases
    return chosen(
        cases, np.sort(np.random.default_rng(seed).choice(len(cases.ids), _MAX_CASES, replace=False)).tolist()
    )


def _asked_of(known: Taught, *, seed: int) -> tuple[Cases, Cases]:
    """Queries to learn from, and queries to decide by: none where folds of the former decide, being of one source."""
    if known.learning.origin != known.held.origin:
        return drawn(known.learning, seed=seed), drawn(known.held, seed=seed)
    return drawn(joined(known.learning, known.held), seed=seed), chosen(known.held, [])


def _facts(found: Learned, known: Taught, units: list[Any]) -> dict[str, Any]:
    gained = {"gain": round(found.gain.mean, 5), "error": round(found.gain.error, 5), **found.parts}
    why = {} if found.tables is not None else {"why": "no_gain"}
    words = {int(unit) for each in units for unit in each}
    head = {"queries": len(units), "words_asked": len(words), "taught_by": known.facts}
    tuned = {"weight": found.weight, "is_tiered": found.is_tiered, "epochs": found.epochs}
    return {**head, **tuned, **gained, **why}


def _arrays(tables: Tables | None) -> dict[str, Any]:
    if tables is None:
        return {}
    moved = np.flatnonzero(tables.trust)
    arrays: dict[str, Any] = {"pairs": tables.pairs[moved], "trust": tables.trust[moved]}
    if tables.words is not None:
        known = np.flatnonzero(tables.words.any(axis=1))
        arrays |= {"known": known, "words": tables.words[known].astype(np.float16)}
    return arrays


def _impacts(config: Config, form: str, by: tuple[Part, int], bench: Bench) -> State:
    learnt, terms = by
    state, words = bench.state(learnt), bench.state(LEXICAL_INDEX)
    if "why" in state.facts:
        return no_impacts(len(bench.shop.texts))
    arrays, asked, table = state.arrays, unpack(state.arrays["asked"]), None
    if form == ENCODER:
        n_words = len(words.arrays["starts"]) - 1 + len(asked)
        table = np.zeros((n_words, arrays["words"].shape[1]), np.float32)
        table[arrays["known"]] = arrays["words"]
    meaning = Meaning(table, centred(_vectors(config, bench))) if table is not None else None
    tables = Tables(arrays["pairs"], arrays["trust"], table)
    made = build_impacts(words, tables, meaning, asked=asked, terms=terms, progress=bench.progress)
    lexical = open_lexical(bench.open({"lexical": LEXICAL_INDEX}), {})
    numbers, idf = TermImpacts.of(made).asked, lexical.postings.idf
    queries = [lexical.read(request.query) for request in bench.search_tuning.requests[:1000]]
    read = round(flops(made, [asked_units(each, idf, numbers)[0] for each in queries]), 1)
    return State(made.arrays, {**made.facts, "postings": len(made.arrays["documents"]), "postings_read": read})


def _vectors(config: Config, bench: Bench) -> VectorArray:
    return np.asarray(bench.state(text_vectors(config)).arrays["vectors"], np.float32)


def _meaning(config: Config, lexical: Lexical, asked: Mapping[str, int], bench: Bench) -> Meaning:
    encoder = config.models.encoder

    def encode(words: Sequence[str]) -> VectorArray:
        return bench.encode(full_encoder(config), [encoder.query_prefix + word for word in words])

    return meaning_of(lexical, asked, _vectors(config, bench), encode)


def meaning_of(
    lexical: Lexical,
    asked: Mapping[str, int],
    vectors: VectorArray,
    encode: Callable[[Sequence[str]], VectorArray],
) -> Meaning:
    """What an encoder says of the catalogue's words and texts.

    Args:
        lexical: Knows the words, and how each is mostly written.
        asked: Words that only queries hold, with their numbers.
        vectors: Of all texts. Shape (texts, width).
        encode: A vector for each word.

    Returns:
        Nothing of words that hardly any title holds.
    """
    arrays = lexical.state.arrays
    terms = unpack(arrays["terms"])
    wanted = np.flatnonzero(np.bincount(arrays["title_units"], minlength=len(terms)) >= LEAST_TEXTS)
    written = _written(lexical)
    strings = [*(written.get(terms[term], terms[term]) for term in wanted.tolist()), *asked]
    words = np.zeros((len(terms) + len(asked), vectors.shape[1]), np.float32)
    if strings:
        words[np.concatenate([wanted, np.array(list(asked.values()), np.int64)])] = encode(strings)
    return Meaning(words, centred(vectors))


def centred(vectors: VectorArray) -> VectorArray:
    """Vectors without what all of them share.

    Args:
        vectors: Shape (texts, width).

    Returns:
        Their mean taken off.
    """
    return np.asarray(vectors - vectors.mean(axis=0), np.float32)


def _written(lexical: Lexical) -> dict[str, str]:
    """How each stem is mostly written in the catalogue."""
    arrays, language = lexical.state.arrays, str(lexical.state.facts["language"])
    most: dict[str, tuple[int, str]] = {}
    for word, count in zip(unpack(arrays["surfaces"]), arrays["surface_counts"].tolist(), strict=True):
        units = cut(word, language=language).units
        if len(units) == 1:
            most[units[0]] = max(most.get(units[0], (0, "")), (count, word))
    return {unit: word for unit, (_, word) in most.items()}


def _tuned(learnt: Part, words: Part, numbers: Mapping[str, int], bench: Bench) -> Mapping[str, Any]:
    """Options of the retriever, and what they rest on."""
    facts = bench.state(learnt).facts
    weight = {"weight": float(facts.get("weight", 0.0)), "is_tiered": bool(facts.get("is_tiered", True))}
    lexical = dict(bench.values(words))
    return {"lexical": lexical, **weight, **numbers, "learning": dict(facts), REFUSED: refusal(facts)}


def refusal(facts: Mapping[str, Any]) -> dict[str, str]:
    """Why nothing was learnt, in words.

    Args:
        facts: Of the part that learnt.

    Returns:
        A sentence for each language; nothing where it pays.
    """
    if facts.get("why") == "few_judgements":
        return {
            "en": "there are fewer than {least} queries that people judged or that a log could teach by, to learn "
            "weights of words from; made ones would only be judged by others of their own making".format(**facts),
            "zh": "人工标注或日志可用于学习的查询不足 {least} 个，无法学习词权重；"
            "自动生成的查询不能由同类查询来评判".format(**facts),
        }
    if facts.get("why") == "no_gain":
        facts = {"source": facts.get("taught_by", {}).get("source", "judged"), **facts}
        return {
            "en": "weights and expansions of words learnt from {queries} queries ({source}) gained {gain:+.4f} nDCG@10 "
            "(standard error {error:.4f}) over tuned lexical search on queries they had not seen, which is not "
            "clearly more than nothing (weights alone {weights_alone:+.4f}, expansion alone "
            "{expansion_alone:+.4f})".format(**facts),
            "zh": "从 {queries} 个查询（{source}）学到的词权重与扩展，在未见过的查询上相对调优后的词法检索 "
            "nDCG@10 变化 {gain:+.4f}（标准误 {error:.4f}），不能确定有提升（仅权重 {weights_alone:+.4f}，"
            "仅扩展 {expansion_alone:+.4f}）".format(**facts),
        }
    return {}
