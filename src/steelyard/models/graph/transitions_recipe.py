"""``transitions`` as a recipe: which texts it reads, how it is tuned, fitted and opened."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from functools import partial
from typing import Annotated, Any, ClassVar, Literal

from pydantic import Field

from steelyard.config.schema import Config
from steelyard.config.section import Count, Section, Share
from steelyard.domain import Bilingual, State, Surface
from steelyard.models.building import Bench, Part
from steelyard.models.graph.text_space import TextSpace
from steelyard.models.graph.transitions import AFTER, Transitions, tune_transitions
from steelyard.models.ports import Parts
from steelyard.models.recipe import Companion, Need, Plan, Recipe, Variant
from steelyard.models.retrieval.content import text_matrix
from steelyard.models.searching import Make, Real, Search, SearchSpace, Whole
from steelyard.models.text.parts import encoder_name, text_vectors

__all__ = ["TransitionsOptions", "TransitionsRecipe"]

_TUNED = ("back", "text", "steps", "last", "decay")


class TransitionsOptions(Section):
    """Table ``[models.transitions]``."""

    texts: tuple[Literal["words", "encoder"], ...] = Field(("words",), min_length=1)
    """What says how alike texts are, a configuration for each: ``words`` weighs words, category and brand;
    ``encoder`` takes the vectors that ``[models.encoder]`` gives, which are made once and cost nothing when
    answering."""
    text: Annotated[float, Field(ge=0, le=100)] | None = None
    """What the likeness of texts counts against edges; tuned on the validation period where left out."""
    back: Share | None = None
    """What an edge counts against its direction; tuned where left out."""
    steps: Annotated[int, Field(ge=1, le=3)] | None = None
    """Of a walk at most; tuned where left out."""
    last: Count | None = None
    """Latest items of a history that walks start from; tuned where left out."""
    decay: Annotated[float, Field(gt=0, le=1)] | None = None
    """How much each older one of them counts; tuned where left out."""
    newness: Annotated[float, Field(ge=0, le=100)] = 2.0
    """What the likeness of its text counts for an item that nobody interacted with, against 1 for others: with 1 it
    stands behind what is as much alike and was chosen before. Not tuned: how much is shown of what is new is the shop's
    decision."""
    links: Count = 200
    """The strongest so many items are kept for each."""


class TransitionsRecipe(Recipe):
    """``transitions``: where a few steps from the latest items lead, along what followed and what reads alike."""

    surface = Surface.RECOMMEND
    options = TransitionsOptions
    needs = frozenset({Need.BEHAVIOUR, Need.TEXT})
    companion = Companion.SAME_PEOPLE
    space: ClassVar[SearchSpace] = {
        "back": Real(0.0, 1.0),
        "text": Real(0.02, 5.0, is_log=True),
        "steps": Whole(1, 3),
        "last": Whole(1, 30, is_log=True),
        "decay": Real(0.1, 1.0),
    }
    reasons: ClassVar[Mapping[str, Bilingual]] = {
        AFTER: Bilingual("Often chosen after {item}", "选了 {item} 之后常选"),
    }

    def variants(self, plan: Plan) -> Iterable[Variant]:
        """One for each kind of texts, named after it."""
        for texts in dict.fromkeys(plan.options.texts):
            tuned, model = _parts(plan.config, plan.options, texts, self.search_space(plan.options))
            yield Variant(f"transitions-{texts}", {"model": model}, tuned, lambda values: {})

    def open(self, parts: Parts, options: Mapping[str, Any]) -> Transitions:
        """The part in the role ``model``; its options are stored with it."""
        return Transitions.from_state(parts.state("model"))


def _parts(config: Config, options: TransitionsOptions, texts: str, varied: SearchSpace) -> tuple[Part, Part]:
    """The tuned values and the fitted model over one kind of texts."""
    vectors = text_vectors(config) if texts == "encoder" else None
    given = {name: getattr(options, name) for name in _TUNED if getattr(options, name) is not None}
    space = partial(_space, vectors)
    settings = options.model_dump(mode="json", exclude={"texts"})
    made_from = () if vectors is None else (vectors,)
    name = f"transitions-{texts}" if vectors is None else f"transitions-{encoder_name(config)}"

    def tune(bench: Bench) -> Mapping[str, Any]:
        shop = bench.shop
        if not shop.recommend_tuning.requests:
            return {}
        fixed = {**given, "newness": options.newness, "max_links": options.links}
        swept = tune_transitions(space(bench), shop.learn, shop.recommend_tuning, seed=bench.seed, given=fixed)
        begin = {name: swept[name] for name in varied}
        trials = partial(_trials, partial(space, bench), {**begin, **fixed}, bench)
        search = Search(f"tuned/{name}", varied, begin, shop.recommend_tuning, trials, settings)
        return {**swept, **(bench.search(search) if varied else {})}

    tuned = Part(f"tuned/{name}", tune, made_from, settings, is_searched=bool(varied))

    def fit(bench: Bench) -> State:
        chosen = {**given, **{name: value for name, value in bench.values(tuned).items() if name in _TUNED}}
        model = Transitions(**chosen, newness=options.newness, max_links=options.links).reading(space(bench))
        state = model.fit(bench.shop.learn_all, seed=bench.seed).state()
        return state

    return tuned, Part(f"parts/recommend/{name}", fit, (*made_from, tuned), settings)


def _trials(space: Callable[[], TextSpace], fixed: Mapping[str, Any], bench: Bench) -> Make:
    """Each trial draws and walks its own graph, over texts that are read once."""
    read = space()
    return lambda values: Transitions(**{**fixed, **values}).reading(read).fit(bench.shop.learn, seed=bench.seed)


def _space(vectors: Part | None, bench: Bench) -> TextSpace:
    """How alike texts are, by an encoder's vectors or by words."""
    shop = bench.shop
    read = text_matrix(shop.texts) if vectors is None else bench.state(vectors).arrays["vectors"]
    return TextSpace(read, shop.facts)
