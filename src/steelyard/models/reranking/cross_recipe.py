"""``cross``: a cross-encoder on the best candidates of a cheap first stage, as it is built, and refused."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import partial
from typing import Annotated, Any, Literal

from pydantic import Field

from steelyard.config.section import Section
from steelyard.domain import State, Surface, Upkeep
from steelyard.models.building import Bench, Fill, Folder, Part, Values, Work
from steelyard.models.learning.lessons import MIN_QUERIES
from steelyard.models.ports import Parts
from steelyard.models.recipe import REFUSED, Need, Plan, Recipe, Variant
from steelyard.models.reranking.cross import CrossReranker, Reranking
from steelyard.models.reranking.first_stage import WORDS_ALONE, first_roles, open_first
from steelyard.models.reranking.fusion_fit import ask, fit_fusion
from steelyard.models.reranking.gate import Gate
from steelyard.models.reranking.pair_lessons import PairSettings, parted, shop_pairs
from steelyard.models.reranking.pair_network import PairNetwork
from steelyard.models.reranking.pair_texts import PairTexts, fit_pair_texts, pair_passages
from steelyard.models.retrieval.lexical import open_lexical
from steelyard.models.retrieval.lexical_recipe import LEXICAL_INDEX, lexical_tuned

__all__ = ["CrossOptions", "CrossRecipe", "refusal"]

NETWORK, TOKENIZER = "network.onnx", "tokenizer.json"
_FORMAT = 1
_Text = Literal["title", "brand", "category", "attributes", "description"]


class CrossOptions(Section):
    """Table ``[models.cross]``."""

    layers: list[Annotated[int, Field(ge=1, le=24)]] = Field([6, 3, 2], min_length=1)
    """Depths of the networks, each a configuration of its own. The deepest learns from the judgements, the others from
    it as well; none may be deeper than the encoder of ``[models.encoder]``."""
    candidates: list[Annotated[int, Field(ge=5, le=200)]] = Field([20, 50], min_length=1)
    """So many of the best texts of the first stage are re-ranked, each number a configuration of its own."""
    first: list[Literal["lexical", "ltr-words", "ltr-static"]] = Field(["lexical"], min_length=1)
    """What finds them, each a configuration of its own: lexical search, or learning to rank over it, by words alone or
    with a table of token vectors."""
    mean_cpu_ms: float = Field(8, gt=0, le=1000)
    """Processor milliseconds that re-ranking may take for a query on average, those that pass through included."""
    minutes: float = Field(45, gt=0, le=1440)
    """At most so many minutes the networks are trained, all of them together."""
    text: list[_Text] = Field(["title", "brand", "category", "attributes"], min_length=1)
    """What the network reads of a product, the most telling first: it is cut at ``max_tokens``."""
    max_tokens: int = Field(64, ge=16, le=512)
    """Tokens of a query and a text together."""


class CrossRecipe(Recipe):
    """A cheap first stage finds candidates; a network that reads query and text together orders them, where it pays."""

    surface = Surface.SEARCH
    options = CrossOptions
    needs = frozenset({Need.TEXT, Need.JUDGEMENTS, Need.ENCODER})

    def variants(self, plan: Plan) -> Iterable[Variant]:
        """One for each depth and number of candidates, the deepest first."""
        options: CrossOptions = plan.options
        learnt, texts = _learnt(plan), _texts(plan)
        words = lexical_tuned(plan.config)
        for first in dict.fromkeys(options.first):
            for layers in _depths(options):
                roles = {**first_roles(plan, first), "network": _network(plan, learnt, layers), "texts": texts}
                for n in dict.fromkeys(options.candidates):
                    name = f"cross-{layers}-{n}" + ("" if first == WORDS_ALONE else f"-{first}")
                    make = partial(_tuned, roles, words, options, _Asked(first, n))
                    settings = {"format": _FORMAT, "mean_cpu_ms": options.mean_cpu_ms}
                    tuned = Part(f"tuned/{name}", make, (*roles.values(), words), settings, work=Work.COMPRESS)
                    yield Variant(name, roles, tuned, upkeep=Upkeep(has_transformer=True))

    def open(self, parts: Parts, options: Mapping[str, Any]) -> CrossReranker:
        """The roles ``lexical``, ``network`` and ``texts``; options as the tuned part gave them."""
        lexical = open_lexical(parts, options.get("lexical", {}))
        if not options.get("has_network", False):
            return CrossReranker(lexical, lexical)
        gate = options.get("gate")
        return CrossReranker(
            open_first(parts, lexical, str(options.get("first", WORDS_ALONE))),
            lexical,
            network=_opened(parts),
            gate=None if gate is None else Gate.of(gate),
            options=Reranking(**options.get("reranking", {})),
        )


def refusal(note: Mapping[str, Any]) -> dict[str, str]:
    """Why a cross-encoder is not measured, in words.

    Args:
        note: Fact ``learning`` of the tuned values.

    Returns:
        A sentence for each language; nothing where it pays.
    """
    if note.get("why") == "few_judgements":
        return {
            "en": "{queries} queries judged by people are too few to train a cross-encoder on; it takes {least}".format(
                **note
            ),
            "zh": "经人工标注的查询只有 {queries} 个，不足以训练交叉编码器，至少需要 {least} 个".format(**note),
        }
    if note.get("why") == "first_no_gain":
        return {
            "en": "{first} was to find the candidates, and is not clearly better than lexical search here".format(
                **note
            ),
            "zh": "指定由 {first} 召回候选，但它在此并不明显优于词法检索".format(**note),
        }
    if note.get("why") == "no_network":
        return {"en": "no cross-encoder was trained", "zh": "没有训练交叉编码器"}
    if note.get("why") == "no_gain":
        return {
            "en": "called for {called:.0%} of the queries within {mean_cpu_ms:g} CPU ms on average, it gained "
            "{gain:+.4f} nDCG@10 (standard error {error:.4f}) over its first stage on {queries} judged queries "
            "it had not seen, which is not clearly more than nothing (called for all of them: {gain_of_all:+.4f})"
            "".format(**note),
            "zh": "平均每个查询不超过 {mean_cpu_ms:g} CPU 毫秒时，对 {called:.0%} 的查询调用，"
            "在 {queries} 个未见过的标注查询上相对第一阶段 nDCG@10 变化 {gain:+.4f}（标准误 {error:.4f}），"
            "不能确定有提升（对全部查询调用：{gain_of_all:+.4f}）".format(**note),
        }
    return {}


@dataclass(frozen=True, slots=True)
class _Asked:
    """What a configuration is made of."""

    first: str
    candidates: int


def _depths(options: CrossOptions) -> list[int]:
    return sorted(set(options.layers), reverse=True)


def _learnt(plan: Plan) -> Part:
    """The networks of all depths."""
    options, encoder, words = plan.options, plan.config.models.encoder, lexical_tuned(plan.config)
    read = options.model_dump(mode="json", include={"layers", "minutes", "text", "max_tokens"})
    settings = {"format": _FORMAT, **read, "encoder": encoder.model_dump(mode="json")}
    return Part(
        f"encoders/{encoder.name}-cross",
        partial(_taught, words, options, settings),
        (LEXICAL_INDEX, words),
        settings,
        outside=lambda bench: bench.encoder_digest(),
    )


def _taught(words: Part, options: CrossOptions, settings: Any, bench: Bench) -> State | Fill:
    parts = parted(bench.search_tuning, seed=bench.seed)
    if parts is None:
        return State({}, {"networks": {}})
    learning, stopping, _ = parts
    lexical = open_lexical(bench.open({"lexical": LEXICAL_INDEX}), bench.values(words))
    taught = PairSettings(
        pair_passages(bench.shop.texts, options.text),
        _depths(options),
        options.max_tokens,
        options.minutes,
        bench.seed,
        [bench.encoder_digest(), settings],
    )
    lessons = shop_pairs(learning, stopping, lexical, taught)
    return lambda folder: folder.learn_pairs(lessons)


def _network(plan: Plan, learnt: Part, layers: int) -> Part:
    """One network with its tokenizer: what is served; neither where nothing was learnt."""
    max_tokens = plan.options.max_tokens

    def make(bench: Bench) -> State | Fill:
        note = bench.state(learnt).facts["networks"].get(str(layers))
        if note is None:
            return State({}, {"has_network": False, "max_tokens": max_tokens})
        opened = bench.open({"learnt": learnt})
        facts = {"has_network": True, "max_tokens": max_tokens, "layers": layers, **note}
        files = {NETWORK: opened.content("learnt", f"{layers}.onnx"), TOKENIZER: opened.content("learnt", TOKENIZER)}
        return partial(_write, State({}, facts), files)

    return Part(f"parts/cross-{layers}", make, (learnt,), [_FORMAT, max_tokens], work=Work.COMPRESS, uses_tables=False)


def _texts(plan: Plan) -> Part:
    """Token numbers of all texts; none where nothing was learnt."""
    options: CrossOptions = plan.options
    learnt = _learnt(plan)

    def make(bench: Bench) -> State:
        if not bench.state(learnt).facts["networks"]:
            return State()
        tokenizer = bench.open({"learnt": learnt}).content("learnt", TOKENIZER)
        return fit_pair_texts(pair_passages(bench.shop.texts, options.text), tokenizer, max_tokens=options.max_tokens)

    return Part("parts/cross-texts", make, (learnt,), [_FORMAT, *options.text, options.max_tokens], work=Work.COMPRESS)


def _write(state: State, files: Mapping[str, bytes], folder: Folder) -> None:
    folder.write_state(state)
    for name, content in files.items():
        folder.write_bytes(name, content)


def _opened(parts: Parts) -> PairNetwork:
    facts = parts.state("network").facts
    graph, tokenizer = parts.content("network", NETWORK), parts.content("network", TOKENIZER)
    return PairNetwork(graph, tokenizer, PairTexts(parts.state("texts")), max_tokens=int(facts["max_tokens"]))


def _tuned(roles: Mapping[str, Part], words: Part, options: CrossOptions, asked: _Asked, bench: Bench) -> Values:
    """Options of the retriever, what they rest on, and why it is not to be measured where it does not pay."""
    lexical = dict(bench.values(words))
    plain = {"lexical": lexical, "has_network": False}
    divided, facts = parted(bench.search_tuning, seed=bench.seed), bench.state(roles["network"]).facts
    if divided is None or not facts["has_network"]:
        few = {"why": "few_judgements", "queries": len(bench.search_tuning.ids), "least": MIN_QUERIES}
        return _said(plain, few if divided is None else {"why": "no_network"})
    opened = bench.open(roles)
    base = open_lexical(opened, lexical)
    first = open_first(opened, base, asked.first)
    if asked.first != WORDS_ALONE and first is base:
        return _said(plain, {"why": "first_no_gain", "first": asked.first})
    reranker = CrossReranker(first, base, network=_opened(opened), options=Reranking(candidates=asked.candidates))
    mean_tokens = options.mean_cpu_ms / float(facts["ms_per_token"])
    read = ask(reranker, divided[2], progress=bench.progress)
    fitted = fit_fusion(read, reranker.options, mean_tokens=mean_tokens, seed=bench.seed)
    note = {
        **fitted.note,
        "gain": round(fitted.gain.mean, 5),
        "error": round(fitted.gain.error, 5),
        "mean_cpu_ms": options.mean_cpu_ms,
    }
    if not fitted.gain.is_certain:
        return _said(plain, {**note, "why": "no_gain"})
    found = fitted.options
    reranking = {"candidates": found.candidates, "weight": found.weight, "is_tiered": found.is_tiered}
    values = {"lexical": lexical, "first": asked.first, "has_network": True, "reranking": reranking}
    return _said({**values, "gate": fitted.gate.facts()}, note)


def _said(values: Mapping[str, Any], note: Mapping[str, Any]) -> Values:
    return {**values, "learning": dict(note), REFUSED: refusal(note)}
