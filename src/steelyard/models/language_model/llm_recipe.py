"""``llm``: a search whose best a language model behind an endpoint puts in order, or whose queries it rewrites."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from decimal import Decimal
from functools import partial
from typing import Annotated, Any, Literal

from pydantic import Field

from steelyard.config.endpoint import EndpointAddress
from steelyard.config.section import Section
from steelyard.domain import Endpoint, State, Surface
from steelyard.errors import ConfigError
from steelyard.models.building import Part
from steelyard.models.language_model.products import PRODUCTS, open_products
from steelyard.models.language_model.reranker import LanguageModelSearch, LlmOptions
from steelyard.models.ports import Parts
from steelyard.models.recipe import Need, Plan, Recipe, Variant, find_recipe

__all__ = ["LlmRecipe", "LlmTable"]

_TABLE = "[models.llm]"
_OWN = "llm"
_ASKED = ("mode", "depth", "timeout_s", "concurrency", "structured", "cache")

Price = Annotated[Decimal, Field(ge=0, le=1_000_000)]
"""Of a million tokens."""


class LlmTable(Section):
    """A language model behind an OpenAI-compatible endpoint, asked while shoppers wait."""

    endpoint: EndpointAddress = ""
    """Address up to and with ``/v1``. Plain ``http`` only for this machine."""
    model: str = ""
    """The model, as the endpoint calls it."""
    key_env: str = "STEELYARD_LLM_KEY"
    """Environment variable that holds the key; none is sent where it is not set. The key itself stands in no file."""
    modes: Annotated[tuple[Literal["rerank", "rewrite"], ...], Field(min_length=1)] = ("rerank",)
    """What it is asked, each a configuration of its own: to put the first stage's best in order, or to rewrite the
    query, whose result is fused with that of the typed words."""
    first: str = "lexical"
    """Name of the configuration that is the first stage."""
    depth: Annotated[int, Field(ge=2, le=100)] = 10
    """Products of the first stage that it puts in order."""
    send: Annotated[tuple[Literal["brand", "price"], ...], Field()] = ("brand", "price")
    """What it is shown of each product besides the title. Nothing of a shopper but the query is ever sent, and no query
    that names a person."""
    timeout_s: Annotated[float, Field(gt=0, le=600)] = 2.0
    """An answer that comes later is not waited for; less where the shopper's answer is due before."""
    concurrency: Annotated[int, Field(ge=1, le=1000)] = 4
    """Questions under way at once; with more the first stage answers."""
    structured: bool = True
    """Whether the endpoint is told the JSON schema of the answer (``response_format``); false for one that refuses it.
    Answers are read with care in any case."""
    cache: Annotated[int, Field(ge=0, le=10_000_000)] = 10_000
    """Answers that a server remembers. None is used while it is measured what asking takes and costs."""
    prompt_price: Price | None = None
    """Of a million tokens that are sent, as it is paid, tax included. Without it, and without rows of the price book,
    the configuration is measured and cannot be chosen."""
    completion_price: Price | None = None
    """Of a million tokens that it writes."""
    currency: Annotated[str, Field(pattern=r"^([A-Z]{3})?$")] = ""
    """Of both prices; that of the price book when empty."""
    price: str = ""
    """Rows of the price book, ``tokens/<price>/input`` and ``…/output``, where no price stands here; the model's name
    when empty."""
    machine: str = ""
    """Instance type that the model runs on, where it is the shop's own: then so many machines as the peak needs are
    priced, by the time that answers took here, and no tokens."""
    at_once: Annotated[int, Field(ge=1, le=10_000)] = 1
    """Questions that one such machine answers at the same time in that time."""
    judge_queries: Annotated[int, Field(ge=0, le=1_000_000)] = 0
    """At most so many of the judged queries are asked, drawn with the seed, and it is said; 0 asks all."""


class LlmRecipe(Recipe):
    """Nothing is trained: a first stage, and a model that somebody else serves."""

    surface = Surface.SEARCH
    options = LlmTable
    needs = frozenset({Need.TEXT})

    def variants(self, plan: Plan) -> Iterable[Variant]:
        """One for each mode, over the first stage."""
        table: LlmTable = plan.options
        if not table.endpoint or not table.model:
            raise ConfigError(
                f"no language model to ask: set endpoint and model in {_TABLE}, or take llm out of search"
            )
        kind, first = _first_stage(plan, table.first)
        endpoint = Endpoint(
            model=table.model,
            prompt_price=table.prompt_price,
            completion_price=table.completion_price,
            currency=table.currency,
            price_rows=table.price or table.model,
            machine=table.machine,
            at_once=table.at_once,
            concurrency=table.concurrency,
            judged_on=table.judge_queries,
        )
        roles = {**first.parts, "products": PRODUCTS, "model": _model(table)}
        for mode in table.modes:
            options = partial(_options, kind, first, table, mode)
            yield Variant(f"llm-{mode}", roles, first.tuned, options, first.upkeep, endpoint=endpoint)

    def open(self, parts: Parts, options: Mapping[str, Any]) -> LanguageModelSearch:
        """The first stage's roles, ``products`` and ``model``; options as the variant gave them."""
        first = find_recipe(str(options["kind"])).open(parts, options["first"])
        send = options["send"]
        products = open_products(parts, "products", has_brand="brand" in send, has_price="price" in send)
        asked = LlmOptions(**{name: options[name] for name in _ASKED if name in options})
        return LanguageModelSearch(first, parts.chat_model("model"), products, options=asked)


def _first_stage(plan: Plan, name: str) -> tuple[str, Variant]:
    """Kind and variant of the configuration of this name."""
    known = []
    for kind in dict.fromkeys(("lexical", *plan.config.models.search)):
        if kind == _OWN:
            continue
        recipe = find_recipe(kind)
        options = plan.config.models.tables.get(kind) or recipe.options()
        for variant in recipe.variants(Plan(plan.config, options)):
            if variant.name == name:
                return kind, variant
            known.append(variant.name)
    raise ConfigError(f"{_TABLE} first: there is no configuration {name!r}; there are {', '.join(known)}")


def _model(table: LlmTable) -> Part:
    """Whom to ask: an address and a name, never a key."""
    facts = {
        "endpoint": table.endpoint,
        "model": table.model,
        "key_env": table.key_env,
        "timeout_s": table.timeout_s,
    }
    return Part("parts/llm", lambda bench: State({}, facts), settings=facts, uses_tables=False)


def _options(kind: str, first: Variant, table: LlmTable, mode: str, tuned: Mapping[str, Any]) -> Mapping[str, Any]:
    asked = {name: getattr(table, name) for name in _ASKED if name != "mode"}
    return {"kind": kind, "first": dict(first.options(tuned)), "mode": mode, "send": list(table.send), **asked}
