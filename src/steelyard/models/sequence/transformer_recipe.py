"""``transformer``: a sequential transformer as it is built, with weights of 32 and of 8 bits, and refused."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
from functools import partial
from typing import Annotated, Any, ClassVar, Literal

import numpy as np
from pydantic import Field

from steelyard.config.section import Count, Section
from steelyard.domain import Bilingual, State, Surface, Upkeep, VectorArray
from steelyard.models.building import Bench, Fill, Part, Values, Work
from steelyard.models.listed_options import each_size
from steelyard.models.ports import Parts
from steelyard.models.recipe import REFUSED, Companion, Need, Plan, Recipe, Variant
from steelyard.models.refusals import untaught
from steelyard.models.retrieval.content import text_matrix
from steelyard.models.sequence.history_length import check_length
from steelyard.models.sequence.sequence_lessons import SequenceSettings, shop_sequences
from steelyard.models.sequence.spectral import spectral_factors, word_factors
from steelyard.models.sequence.transformer import READ_TOGETHER, Transformer, served_state
from steelyard.models.text.parts import text_vectors

__all__ = ["WORD_FACTORS", "TransformerOptions", "TransformerRecipe"]

_FORMAT = 1
_WORD_WIDTH = 128
_BITS = {"fp32": 16, "int8": 8}
"""Of each number of an item's vector, by the form of the graph."""


_Width = Annotated[int, Field(ge=4, le=1024)]
_NOTHING = {
    "en": "nobody has two different items in the train period, so there is no order to learn from",
    "zh": "训练期内没有任何用户有两件不同的商品，没有先后顺序可学",
}
"""Why there was nothing to learn."""


class TransformerOptions(Section):
    """Table ``[models.transformer]``."""

    width: _Width | Annotated[tuple[_Width, ...], Field(min_length=1)] = 64
    """Numbers of an item's vector, and of all that the network holds for a place of a history; of several widths each
    is a model of its own, trained, measured and priced."""
    blocks: int = Field(1, ge=1, le=8)
    """Layers of attention; one is enough for most shops, and each further one costs as much time again."""
    length: int = Field(50, ge=1, le=1000)
    """Latest items of a history that are read; ``[models] max_history`` must not be less."""
    dropout: float = Field(0.35, ge=0, lt=1)
    """Share of the network's numbers that are left out at each step of training, so that nobody is learnt by heart."""
    negatives: Annotated[int, Field(ge=2, le=65_536)] = 1024
    """Items that all histories of a step are compared with; more come nearer to comparing with all and take longer."""
    epochs: Count = 200
    """How often each history is read at most."""
    patience: Count = 6
    """After so many epochs that brought nothing on the validation period training ends."""
    minutes: float = Field(20, gt=0, le=1440)
    """Training takes at most so long."""
    warm_start: bool = True
    """Whether items start from spectral factors of what occurs together, which takes seconds and saves epochs."""
    times: bool = False
    """Whether it looks at how long ago each item was, besides their order."""
    texts: Literal["none", "words", "encoder"] = "none"
    """What is read of an item's text besides: nothing; its words, category and brand, in few numbers; or its vector by
    the encoder of ``[models.encoder]``, which must be installed and read the catalogue's language. With a text new
    items can be offered."""
    forms: tuple[Literal["fp32", "int8"], ...] = Field(("fp32", "int8"), min_length=1)
    """The network as it was trained, or with numbers of 8 bits: each is measured and priced."""


class TransformerRecipe(Recipe):
    """A network reads the shopper's history item by item and says what comes next."""

    surface = Surface.RECOMMEND
    options = TransformerOptions
    needs = frozenset({Need.BEHAVIOUR})
    reads_past = True
    companion = Companion.SAME_PEOPLE
    size = "width"
    reasons: ClassVar[Mapping[str, Bilingual]] = {
        READ_TOGETHER: Bilingual(
            "The model, which reads what shoppers took one after another, places it near {item}",
            "模型按顾客先后浏览或购买的顺序学习，认为它与 {item} 相近",
        )
    }

    def variants(self, plan: Plan) -> Iterable[Variant]:
        """Of each width the form with the widest numbers first."""
        check_length(plan, "transformer")
        for width, options in each_size(plan.options, self.size).items():
            yield from _forms(replace(plan, options=options), f"transformer-{width}" if width else "transformer")

    def looks_back(self, options: Mapping[str, Any]) -> bool:
        """Where times count."""
        return bool(options.get("times", False))

    def open(self, parts: Parts, options: Mapping[str, Any]) -> Transformer:
        """The part in the role ``model``."""
        return Transformer(parts.state("model"))


def _forms(plan: Plan, name: str) -> Iterator[Variant]:
    learnt = _learnt(plan, name)
    tuned = Part(f"tuned/{name}", partial(_tuned, learnt), (learnt,), _FORMAT, work=Work.COMPRESS)
    forms = [form for form in _BITS if form in plan.options.forms]
    for form in forms:
        own = name if form == "fp32" else f"{name}-{form}"
        whole = name if form != "fp32" and "fp32" in forms else ""
        part = _served(learnt, name, form, plan.options)
        opened = partial(_opened, times=plan.options.times)
        yield Variant(own, {"model": part}, tuned, opened, Upkeep(has_transformer=True), whole)


def _opened(tuned: Mapping[str, Any], *, times: bool) -> Mapping[str, Any]:
    """What was learnt is for the record: nothing of it is needed to open the model."""
    return {"times": True} if times else {}


def _factored(bench: Bench) -> State:
    return State({"vectors": word_factors(text_matrix(bench.shop.texts), width=_WORD_WIDTH, seed=bench.seed)})


WORD_FACTORS = Part("vectors/word-factors", _factored, settings=_WORD_WIDTH)
"""Words, category and brand of every distinct text in few numbers."""


def _learnt(plan: Plan, name: str) -> Part:
    """The trained network."""
    options: TransformerOptions = plan.options
    texts = {"none": None, "words": WORD_FACTORS, "encoder": text_vectors(plan.config)}[options.texts]
    settings = [_FORMAT, options.model_dump(mode="json", exclude={"forms"})]
    made_from = () if texts is None else (texts,)
    return Part(f"networks/{name}", partial(_taught, options, texts), made_from, settings, learns_all=True)


def _taught(options: TransformerOptions, texts: Part | None, bench: Bench) -> Fill:
    shop = bench.shop
    names = ("width", "blocks", "length", "dropout", "negatives", "epochs", "patience", "minutes", "times")
    assert isinstance(options.width, int)  # a model is of one size
    settings = SequenceSettings(**{name: getattr(options, name) for name in names})
    start = spectral_factors(shop.learn, width=options.width, seed=bench.seed) if options.warm_start else None
    of_items: VectorArray | None = None
    if texts is not None:
        of_items = np.asarray(bench.state(texts).arrays["vectors"], np.float32)[shop.facts.text_of_item]
    lessons = shop_sequences(
        shop.learn,
        shop.recommend_tuning,
        settings,
        seed=bench.seed,
        everything=shop.learn_all,
        vectors=(start, of_items),
    )
    return lambda folder: folder.learn_sequences(lessons)


def _served(learnt: Part, name: str, form: str, options: TransformerOptions) -> Part:
    """One form of the network with the vectors of the items: what is served."""

    def make(bench: Bench) -> State:
        state = bench.state(learnt)
        graph = bench.open({"learnt": learnt}).content("learnt", f"{form}.onnx") if state.arrays else b""
        return served_state(state, graph, length=options.length, bits=_BITS[form], times=options.times)

    return Part(
        f"parts/recommend/{name}.{form}",
        make,
        (learnt,),
        [_FORMAT, options.length, options.times],
        work=Work.COMPRESS,
        uses_tables=False,
    )


def _tuned(learnt: Part, bench: Bench) -> Values:
    learning = dict(bench.state(learnt).facts["learning"])
    return {"learning": learning, REFUSED: untaught(learning, nothing=_NOTHING)}
