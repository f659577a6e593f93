"""``two-tower``: a tower for items and one for shoppers as they are built, in two forms, and refused."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from functools import partial
from typing import Annotated, Any, ClassVar, Literal

import numpy as np
from pydantic import Field

from steelyard.config.section import Count, Section
from steelyard.domain import Bilingual, State, Surface, VectorArray
from steelyard.errors import ConfigError
from steelyard.models.building import Bench, Fill, Part, Values, Work
from steelyard.models.ports import Parts
from steelyard.models.recipe import REFUSED, Companion, Need, Plan, Recipe, Variant
from steelyard.models.refusals import untaught
from steelyard.models.sequence.history_length import check_length
from steelyard.models.sequence.spectral import spectral_factors
from steelyard.models.sequence.transformer_recipe import WORD_FACTORS
from steelyard.models.text.parts import text_vectors
from steelyard.models.towers.basic_facts import basic_facts
from steelyard.models.towers.item_content import ItemContent, item_content
from steelyard.models.towers.tower_lessons import TowerSettings, shop_towers
from steelyard.models.towers.two_tower import NEAR_HISTORY, OF_BASICS, TwoTower, served_state

__all__ = ["TwoTowerOptions", "TwoTowerRecipe"]

_FORMAT = 1
_BITS = {"fp32": 16, "int8": 8}
"""Of each number of an item's vector as it is stored, by the form."""
_NOTHING = {
    "en": "nobody has two different items in the train period, and nothing else is known of anybody",
    "zh": "训练期内没有任何用户有两件不同的商品，也没有其他用户信息可学",
}
"""Why there was nothing to learn."""


class TwoTowerOptions(Section):
    """Table ``[models.two-tower]``."""

    width: int = Field(64, ge=4, le=1024)
    """Numbers of a vector."""
    length: int = Field(50, ge=1, le=1000)
    """Latest items of a history that are read; ``[models] max_history`` must not be less."""
    attention: bool = True
    """Whether an item of a history counts by how it agrees with the latest one too, not only by how far back it is."""
    texts: Literal["none", "words", "encoder"] = "words"
    """What is read of an item's text: nothing; its words, category and brand, in few numbers; or its vector by the
    encoder of ``[models.encoder]``, which must be installed and read the catalogue's language."""
    attributes: bool = True
    """Whether an item's categories, brand and band of price are read, each by a vector of its own."""
    basics: tuple[Annotated[str, Field(min_length=1)], ...] | None = None
    """Attributes of ``[data.users]`` that are read of a shopper, as ``["age band", "region"]``; all of them where left
    out, none where empty. A value counts where ``[privacy] least_people`` users have it."""
    id_dropout: float = Field(0.1, ge=0, lt=1)
    """Share of the items that are read and compared by their content alone while it learns: new ones have nothing
    else."""
    dropout: float = Field(0.35, ge=0, lt=1)
    """Share of the shopper's numbers that are left out at each step of training, so that nobody is learnt by heart."""
    negatives: Annotated[int, Field(ge=2, le=65_536)] = 1024
    """Items that all shoppers of a step are compared with, half of them wanted by the others of the step."""
    epochs: Count = 200
    """How often each history is read at most."""
    patience: Count = 6
    """After so many epochs that brought nothing on the validation period training ends."""
    minutes: float = Field(20, gt=0, le=1440)
    """Training takes at most so long."""
    warm_start: bool = True
    """Whether items start from spectral factors of what occurs together, as far as texts say them from the texts."""
    forms: tuple[Literal["fp32", "int8"], ...] = Field(("fp32", "int8"), min_length=1)
    """Item vectors as they were trained, or with numbers of 8 bits: each is measured and priced."""


class TwoTowerRecipe(Recipe):
    """A tower makes vectors of items from their content, another of shoppers from what they did and are."""

    surface = Surface.RECOMMEND
    options = TwoTowerOptions
    needs = frozenset({Need.BEHAVIOUR})
    reads_basics = True
    companion = Companion.SAME_PEOPLE
    reasons: ClassVar[Mapping[str, Bilingual]] = {
        NEAR_HISTORY: Bilingual("The model places it near {item}", "模型认为它与 {item} 相近"),
        OF_BASICS: Bilingual("The model places it near shoppers with {words}", "模型认为它适合具有“{words}”的顾客"),
    }

    def variants(self, plan: Plan) -> Iterable[Variant]:
        """The form with the widest numbers first."""
        check_length(plan, "two-tower")
        _check_basics(plan)
        learnt, texts = _learnt(plan)
        tuned = Part("tuned/two-tower", partial(_tuned, learnt), (learnt,), _FORMAT, work=Work.COMPRESS)
        forms = [form for form in _BITS if form in plan.options.forms]
        for form in forms:
            name = "two-tower" if form == "fp32" else f"two-tower-{form}"
            whole = "two-tower" if form != "fp32" and "fp32" in forms else ""
            yield Variant(name, {"model": _served(plan, learnt, texts, form)}, tuned, _nothing, whole=whole)

    def open(self, parts: Parts, options: Mapping[str, Any]) -> TwoTower:
        """The part in the role ``model``."""
        return TwoTower(parts.state("model"))


def _nothing(tuned: Mapping[str, Any]) -> Mapping[str, Any]:
    """What was learnt is for the record: nothing of it is needed to open the model."""
    return {}


def _check_basics(plan: Plan) -> None:
    """Refuse basics that the shop names and that its table of users does not have."""
    users = plan.config.data.users
    given = [] if users is None else users.columns.attributes
    known = [given] if isinstance(given, str) else list(given)
    named = plan.options.basics or ()
    lacking = [name for name in named if not any(name == one or name.startswith(f"{one}.") for one in known)]
    if lacking:
        there = f"its attributes are {', '.join(map(repr, known))}" if known else "there is no such table"
        raise ConfigError(
            f"[models.two-tower] basics names {', '.join(map(repr, lacking))}, which [data.users] does not have "
            f"({there}): name attributes of [data.users.columns], or take it out"
        )


def _learnt(plan: Plan) -> tuple[Part, Part | None]:
    """The trained towers, and vectors of the texts."""
    options: TwoTowerOptions = plan.options
    texts = {"none": None, "words": WORD_FACTORS, "encoder": text_vectors(plan.config)}[options.texts]
    settings = [_FORMAT, options.model_dump(mode="json", exclude={"forms"})]
    made_from = () if texts is None else (texts,)
    network = Part("networks/two-tower", partial(_taught, options, texts), made_from, settings, learns_all=True)
    return network, texts


def _content(options: TwoTowerOptions, texts: Part | None, bench: Bench) -> ItemContent:
    shop = bench.shop
    vectors: VectorArray | None = None
    if texts is not None:
        vectors = np.asarray(bench.state(texts).arrays["vectors"], np.float32)[shop.facts.text_of_item]
    if not options.attributes:
        return ItemContent(vectors, np.zeros((len(shop.item_ids), 1), np.int64), ())
    return item_content(shop.facts, shop.texts, shop.price, vectors=vectors)


def _taught(options: TwoTowerOptions, texts: Part | None, bench: Bench) -> Fill:
    shop = bench.shop
    names = ("width", "length", "dropout", "negatives", "epochs", "patience", "minutes")
    chosen = {name: getattr(options, name) for name in names}
    settings = TowerSettings(**chosen, attends=options.attention, no_id=options.id_dropout)
    start = spectral_factors(shop.learn, width=options.width, seed=bench.seed) if options.warm_start else None
    lessons = shop_towers(
        shop.learn,
        shop.recommend_tuning,
        settings,
        seed=bench.seed,
        content=_content(options, texts, bench),
        basics=basic_facts(shop.basics, columns=options.basics, learnt=shop.learn.users),
        everything=shop.learn_all,
        start=start,
    )
    return lambda folder: folder.learn_towers(lessons)


def _served(plan: Plan, learnt: Part, texts: Part | None, form: str) -> Part:
    """One form of the item vectors with the shopper's tower: what is served."""
    options: TwoTowerOptions = plan.options

    def make(bench: Bench) -> State:
        state = bench.state(learnt)
        return served_state(
            state,
            _content(options, texts, bench),
            length=options.length,
            attends=options.attention,
            basics=state.facts["basics"],
            bits=_BITS[form],
        )

    made_from = (learnt, *(() if texts is None else (texts,)))
    settings = [_FORMAT, options.length, options.attention, options.attributes]
    return Part(f"parts/recommend/two-tower.{form}", make, made_from, settings, work=Work.COMPRESS)


def _tuned(learnt: Part, bench: Bench) -> Values:
    learning = dict(bench.state(learnt).facts["learning"])
    return {"learning": learning, REFUSED: untaught(learning, nothing=_NOTHING)}
