"""``ltr``: learning to rank from the shop's own judgements, as it is built, and refused where it does not pay."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import partial
from typing import Any

import numpy as np
import numpy.typing as npt
from pydantic import Field, field_validator

from steelyard.config.schema import Config
from steelyard.config.section import Section
from steelyard.data.dividing.held_back import chosen
from steelyard.domain import Cases, State, Surface, Texts, Upkeep, VectorArray
from steelyard.models.building import Bench, Fill, Folder, Part
from steelyard.models.learned_ranking.candidate_features import Describer, state_of
from steelyard.models.learned_ranking.forest import Growth
from steelyard.models.learned_ranking.learning import MIN_CASES, Told, describe, learn, lessons_in, usable
from steelyard.models.learned_ranking.ltr import FOREST, LearnedRanker, Nearest, open_ltr
from steelyard.models.learned_ranking.meaning_space import AXES, fit_space
from steelyard.models.learning.lessons import teaching
from steelyard.models.ports import Encoder, Parts
from steelyard.models.recipe import REFUSED, Need, Plan, Recipe, Variant
from steelyard.models.refusals import refusal as untaught_refusal
from steelyard.models.retrieval.learnt_recipe import LearntOptions
from steelyard.models.retrieval.lexical import Lexical, open_lexical
from steelyard.models.retrieval.lexical_recipe import LEXICAL_INDEX, lexical_tuned
from steelyard.models.retrieval.vectors import open_vectors
from steelyard.models.text.parts import (
    STATIC,
    full_encoder,
    held_share,
    is_for_ranking,
    network_of,
    taught_for_ranking,
    text_vectors,
    unlearnt_queries,
    upkeep_of,
)
from steelyard.models.text.segment import FUNCTION_WORDS, MEASURES, cut

__all__ = ["LEARNT", "LtrOptions", "LtrRecipe", "Shop", "brands_of", "kinds_of", "learn_ranking", "refusal"]

WORDS = "words"
"""The variant that looks at no meaning, and needs no encoder."""
LEARNT = "learnt-"
"""Before the form of an encoder that half of the judged queries taught."""
_NEVER_LEARNT = (WORDS, "static-ranked")
_FORMAT = 4
_SHOWN = 15
_CLAUSE = re.compile(r",|\(| with | for | from | - |，|（", re.IGNORECASE)
_INCHES = re.compile(r"(?<=\d) in\b\.?", re.IGNORECASE)


class LtrOptions(Section):
    """Options of learning to rank."""

    encoders: list[str] = Field(["words", "static", "int8"], min_length=1)
    """How a query's meaning is looked at, each a configuration of its own: ``words`` not at all, ``static`` by a table
    of token vectors, ``int8``, ``3l-int8`` … by a form of the encoder; ``learnt-static``, ``learnt-int8`` … by a form
    of one that half of the judged queries teach, in ``[models.learnt] minutes``, and trees are grown on the others."""
    candidates: int = Field(100, ge=10, le=1000)
    """Texts that lexical search brings and the trees put in order."""
    near: int = Field(40, ge=0, le=1000)
    """Texts nearest in meaning that are put in order beside them, with the forms of the encoder that run a network, and
    all of one that learnt."""
    leaves: int = Field(15, ge=2, le=255)
    """Leaves of each tree."""

    @field_validator("encoders")
    @classmethod
    def _can_be_taught(cls, encoders: list[str]) -> list[str]:
        """Refuse what has no encoder to be taught, and what learns from the queries that trees are grown on."""
        wrong = [name for name in encoders if name.removeprefix(LEARNT) in _NEVER_LEARNT and name.startswith(LEARNT)]
        if wrong:
            raise ValueError(f"there is no {', '.join(wrong)}: write learnt-static, learnt-int8 or learnt-3l-int8")
        return encoders


class LtrRecipe(Recipe):
    """Orders the candidates of lexical search by what the shop's judges preferred."""

    surface = Surface.SEARCH
    options = LtrOptions
    needs = frozenset({Need.TEXT, Need.JUDGEMENTS, Need.ENCODER})

    def variants(self, plan: Plan) -> Iterable[Variant]:
        """One for each way to look at a query's meaning."""
        for name in dict.fromkeys(plan.options.encoders):
            taught, form = _looking(plan, name)
            roles = {"lexical": LEXICAL_INDEX}
            if form != WORDS:
                roles["encoder"] = taught.form("encoder", full_encoder(taught.config), form)
            if _n_near(plan.options, name):
                vectors = plan.config.compress.vectors[-1]
                roles["vectors"] = taught.form("vectors", text_vectors(taught.config), vectors)
            words = lexical_tuned(plan.config)
            ranking = _ranking(taught, name, roles)
            tuned = Part(f"tuned/ltr-{name}", partial(_tuned, ranking, words), (ranking, words), uses_tables=False)
            upkeep = upkeep_of(form) if form != WORDS else Upkeep()
            yield Variant(f"ltr-{name}", {**roles, "ranking": ranking}, tuned, upkeep=upkeep)

    def open(self, parts: Parts, options: Mapping[str, Any]) -> LearnedRanker:
        """The roles ``lexical``, ``ranking`` and ``encoder``; options as the tuned part gave them."""
        return open_ltr(parts, options)


def _looking(plan: Plan, name: str) -> tuple[Plan, str]:
    """The plan with the encoder that a variant looks at meaning by, and the form of that encoder."""
    if not name.startswith(LEARNT):
        return plan, name
    learnt: LearntOptions = plan.config.models.tables.get("learnt") or LearntOptions()
    return Plan(taught_for_ranking(plan.config, minutes=learnt.minutes), plan.options), name.removeprefix(LEARNT)


def _ranking(plan: Plan, name: str, roles: Mapping[str, Part]) -> Part:
    """The forest and what it looks at."""
    options: LtrOptions = plan.options
    has_meaning = "encoder" in roles
    vectors = text_vectors(plan.config) if has_meaning else None
    network = network_of(plan.config) if has_meaning else None
    words = lexical_tuned(plan.config)
    made_from = (*roles.values(), words, *(part for part in (vectors, network) if part is not None))
    n_near = options.near if "vectors" in roles else 0
    settings = {"format": _FORMAT, "candidates": options.candidates, "near": n_near, "leaves": options.leaves}
    make = partial(_made, dict(roles), (words, vectors), plan)
    return Part(f"parts/ltr-{name}", make, made_from, settings)


def _n_near(options: LtrOptions, name: str) -> int:
    """How many texts meaning brings: none where a query must cost next to nothing."""
    return 0 if name == WORDS or name.startswith(STATIC) else options.near


def _tuned(ranking: Part, words: Part, bench: Bench) -> Mapping[str, Any]:
    """Options of the retriever, and what they rest on."""
    facts = bench.state(ranking).facts
    return {"lexical": dict(bench.values(words)), **facts, REFUSED: refusal(facts["learning"])}


def refusal(note: Mapping[str, Any]) -> dict[str, str]:
    """Why nothing was learnt, in words.

    Args:
        note: Of ``learn_ranking``, its fact ``learning``; ``encoder`` is what its encoder learnt, where one was taught.

    Returns:
        A sentence for each language; nothing where a forest was adopted.
    """
    if note.get("why") == "untaught":
        return dict(untaught_refusal(note["encoder"]).get(REFUSED, {}))
    if note.get("why") == "few_judgements":
        return {
            "en": "{queries} queries judged by people, with something relevant among what was judged, are too few to "
            "learn a ranking from; it takes {least}".format(**note),
            "zh": "经人工标注且含相关商品的查询只有 {queries} 个，不足以学习排序，至少需要 {least} 个".format(**note),
        }
    if note.get("why") == "no_gain":
        return {
            "en": "what it learnt from {queries} judged queries gained {held_out_gain:+.4f} nDCG@10 (standard error "
            "{held_out_error:.4f}) over tuned lexical search on queries it had not seen, which is not clearly "
            "more than nothing".format(**note),
            "zh": "从 {queries} 个标注查询学到的排序，在未见过的查询上相对调优后的词法检索 nDCG@10 变化 "
            "{held_out_gain:+.4f}（标准误 {held_out_error:.4f}），不能确定有提升".format(**note),
        }
    return {}


def _made(roles: Mapping[str, Part], beside: tuple[Part, Part | None], plan: Plan, bench: Bench) -> Fill:
    """Learn, and write the forest, or a note of why there is none."""
    words, vectors = beside
    options: LtrOptions = plan.options
    network = network_of(plan.config) if is_for_ranking(plan.config) else None
    told = {} if network is None else {"encoder": dict(bench.state(network).facts)}
    if told and not told["encoder"]["pays"]:
        return partial(_write, State({}, {"is_adopted": False, "learning": {"why": "untaught", **told}}), None)
    parts = bench.open(roles)
    lexical = open_lexical(parts, bench.values(words))
    encoder = parts.encoder("encoder") if vectors is not None else None
    of_texts = bench.state(vectors).arrays["vectors"] if vectors is not None else None
    nearest = Nearest(open_vectors(parts.state("vectors"), {}), options.near) if "vectors" in roles else None
    cases, besides = _judged(plan.config, roles.get("encoder"), bench)
    shop = Shop(bench.shop.texts, lexical, encoder, of_texts, nearest, besides)
    growth = Growth(leaves=options.leaves, seed=bench.seed, threads=bench.threads)
    state, graph = learn_ranking(shop, cases, growth, candidates=options.candidates, progress=bench.progress)
    noted = State(state.arrays, {**state.facts, "learning": {**state.facts["learning"], **told}})
    return partial(_write, noted, graph)


def _judged(config: Config, encoder: Part | None, bench: Bench) -> tuple[Cases, Cases | None]:
    """The queries that trees are grown on and judged by, none that the encoder learnt from; and those that it did."""
    if encoder is None:
        return bench.search_tuning, None
    if not is_for_ranking(config):
        return unlearnt_queries((network_of(config), encoder), bench), None
    known = teaching(bench, share=held_share(config))
    if known is None or known.held.origin != bench.search_tuning.origin:
        return chosen(bench.search_tuning, []), None
    return known.held, known.learning


@dataclass(frozen=True, slots=True)
class Shop:
    """What a ranking is learnt over."""

    texts: Texts
    lexical: Lexical
    """Tuned."""
    encoder: Encoder | None
    """Of queries; None where meaning is not looked at."""
    vectors: VectorArray | None
    """Of all texts by the full encoder. Shape (texts, width)."""
    nearest: Nearest | None = None
    """Brings candidates that the words miss."""
    besides: Cases | None = None
    """Judged queries that the encoder learnt from: they tell which words go together, and trees never see them."""
    axes: int = AXES
    """Of the space that vectors are looked at in, at most."""


def learn_ranking(
    shop: Shop, judged: Cases, growth: Growth, *, candidates: int, progress: Told
) -> tuple[State, bytes | None]:
    """What the role ``ranking`` holds.

    Args:
        shop: What is to be ranked, and by what.
        judged: Queries; ``relevant`` are text numbers.
        growth: How the forest is grown; its seed draws queries and folds.
        candidates: Texts that are put in order.
        progress: Told how far it has come.

    Returns:
        Arrays and facts, and the forest; without either where nothing was adopted. The facts are the options of
        ``open_ltr``.
    """
    has_meaning = shop.encoder is not None and shop.vectors is not None
    near = 0 if shop.nearest is None else shop.nearest.n
    facts: dict[str, Any] = {"is_adopted": False, "has_meaning": has_meaning, "candidates": candidates, "near": near}
    cases = usable(judged, seed=growth.seed)
    if len(cases.ids) < MIN_CASES:
        note = {"queries": len(cases.ids), "why": "few_judgements", "least": MIN_CASES}
        return State({}, {**facts, "learning": note}), None
    space = fit_space(shop.vectors, width=shop.axes) if shop.vectors is not None else None
    readings = [shop.lexical.read(request.query) for request in cases.requests]
    asked = _query_vectors(shop.encoder, cases)
    describer = Describer(shop.lexical, brands=brands_of(shop.texts), kinds=kinds_of(shop.texts), space=space)
    ranker = LearnedRanker(
        shop.lexical, describer, None, encoder=shop.encoder, candidates=candidates, nearest=shop.nearest
    )
    material = describe(ranker, cases, readings, asked, progress=progress)
    if shop.besides is not None:
        material = replace(material, besides=lessons_in(ranker, usable(shop.besides, seed=growth.seed)))
    learned = learn(material, growth, seed=growth.seed, progress=progress)
    if learned.forest is None or learned.pairs is None:
        return State({}, {**facts, "learning": learned.note}), None
    describer = describer.told(learned.pairs)
    share = dict(zip(describer.names, learned.forest.importance().round(4).tolist(), strict=True))
    looked_at = sorted(share.items(), key=lambda pair: -pair[1])[:_SHOWN]
    note = {**learned.note, "looked_at": dict(looked_at)}
    arrays = {**state_of(describer).arrays, **learned.forest.trees()}
    return State(arrays, {**facts, "is_adopted": True, "learning": note}), learned.forest.graph()


def _write(state: State, graph: bytes | None, folder: Folder) -> None:
    folder.write_state(state)
    if graph is not None:
        folder.write_bytes(FOREST, graph)


def _query_vectors(encoder: Encoder | None, cases: Cases) -> VectorArray | None:
    """Vectors of judged queries; None where meaning is not looked at."""
    if encoder is None:
        return None
    prefix = str(getattr(encoder, "query_prefix", ""))
    return encoder.encode([prefix + request.query for request in cases.requests])


def brands_of(texts: Texts) -> npt.NDArray[np.int32]:
    """Number of each text's brand: its own, or the first word of its title, which mostly is one.

    Args:
        texts: Of the shop.

    Returns:
        Shape (texts,), >= 0; equal numbers for equal brands.
    """
    named = [brand.casefold() or _first(title) for brand, title in zip(texts.brand, texts.title, strict=True)]
    return _numbered(named)


def kinds_of(texts: Texts) -> npt.NDArray[np.int32]:
    """Number of what each text is: its category, or what its title names, the last word before a comma, with or for.

    Args:
        texts: Of the shop.

    Returns:
        Shape (texts,), >= 0; equal numbers for equal kinds.
    """
    pairs = zip(texts.category, texts.title, strict=True)
    return _numbered([category.casefold() or _head(title, texts.language) for category, title in pairs])


def _numbered(names: Sequence[str]) -> npt.NDArray[np.int32]:
    numbers: dict[str, int] = {}
    return np.array([numbers.setdefault(name, len(numbers)) for name in names], np.int32)


def _first(title: str) -> str:
    return title.split(maxsplit=1)[0].casefold() if title.strip() else ""


def _head(title: str, language: str) -> str:
    clause = _CLAUSE.split(_INCHES.sub(" inch", title), maxsplit=1)[0]
    units = cut(clause, language=language).units
    words = [unit for unit in units if unit.isalpha() and unit not in FUNCTION_WORDS and unit not in MEASURES]
    return words[-1] if words else ""
