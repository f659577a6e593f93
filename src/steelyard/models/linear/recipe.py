"""How the linear model is tuned, fitted and opened: the recipe ``ease``."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Annotated, Any, ClassVar, Literal

import numpy as np
from pydantic import Field

from steelyard.config.section import Count, Section
from steelyard.domain import Cases, CatalogueFacts, IntArray, State, Texts
from steelyard.models.building import Bench
from steelyard.models.linear.counts import Counts, counted
from steelyard.models.linear.ease import Ease
from steelyard.models.linear.solving import TextSide
from steelyard.models.ports import Parts, Retriever
from steelyard.models.recipe import Companion, FittedRecipe
from steelyard.models.retrieval.content import alike_texts, text_matrix
from steelyard.models.retrieval.shortlists import nearest_to_default, some_cases
from steelyard.models.searching import Make, Real, SearchSpace

__all__ = ["DECAYS", "DIRECTIONS", "RIDGES", "TEXTS", "EaseRecipe", "text_side", "tune_ease"]

RIDGES = (30.0, 100.0, 400.0)
DIRECTIONS = (0.0, 2.0)
DECAYS = (0.5, 0.6, 0.7, 0.8, 0.9, 1.0)
TEXTS = (0.0, 5.0, 20.0)
"""What ``tune_ease`` tries. Texts that are the same count as much as so many users."""
TEXT_WIDTH = 64
"""Dimensions of the texts' vectors."""
ALIKE = 20
"""Items of like text that join a neighbourhood."""


def tune_ease(
    counts: Counts, cases: Cases, *, texts: TextSide | None = None, given: Mapping[str, Any]
) -> dict[str, Any]:
    """Ridge, order, text and decay for a shop, one after the other: of what is level with the best, the default.

    Args:
        counts: Of what happened before the cases' targets.
        cases: Tuning cases of the recommendation surface; of more than 2,000 every so-manieth is looked at.
        texts: Of all items, where they may count.
        given: Options of ``Ease`` that the shop set itself.

    Returns:
        Options of ``Ease``; the defaults where no case has anything to find. ``text`` is 0 unless it clearly pays.
    """
    chosen: dict[str, Any] = dict(given)
    few = some_cases(cases)
    tries: list[tuple[str, Sequence[float], float]] = [("ridge", RIDGES, 100.0), ("directed", DIRECTIONS, 2.0)]
    if texts is not None:
        tries.append(("text", TEXTS, 0.0))
    for name, values, default in tries:
        if name not in given:
            chosen[name] = nearest_to_default(_refitted(counts, texts, chosen, name), values, few, at=default)
    if "decay" not in given:
        model = Ease(**chosen).with_texts(texts).fit_counts(counts)

        def faded(decay: float) -> Retriever:
            model.decay = decay
            return model

        chosen["decay"] = nearest_to_default(faded, DECAYS, few, at=Ease().decay)
    return chosen


def _refitted(
    counts: Counts, texts: TextSide | None, chosen: Mapping[str, Any], name: str
) -> Callable[[float], Retriever]:
    def tried(value: float) -> Retriever:
        return Ease(**{**chosen, name: value}).with_texts(texts).fit_counts(counts)

    return tried


def text_side(texts: Texts, facts: CatalogueFacts, *, seed: int) -> TextSide | None:
    """What texts say of items, as the linear model takes it.

    Args:
        texts: Distinct texts of the catalogue.
        facts: Which item has which text.
        seed: Of the first vector of the decomposition.

    Returns:
        Vectors of items by the leading directions of the TF-IDF of the words, and the items most alike; None where the
        texts share no words.
    """
    matrix = text_matrix(texts)
    vectors = _leading(matrix, seed=seed)
    if vectors is None:
        return None
    of_text = facts.text_of_item.astype(np.int64)
    links = alike_texts(matrix, at_most=ALIKE)
    items_of: list[list[int]] = [[] for _ in range(matrix.shape[0])]
    for item, text in enumerate(of_text.tolist()):
        if len(items_of[text]) < ALIKE:
            items_of[text].append(item)
    others = np.split(links.neighbours, links.starts[1:-1])
    alike = [_nearest(near.tolist(), items_of, text) for text, near in enumerate(others)]
    lengths = np.array([len(alike[text]) for text in of_text.tolist()], np.int64)
    starts = np.concatenate([[0], np.cumsum(lengths)]).astype(np.int64)
    found = [alike[text] for text in of_text.tolist()]
    return TextSide(vectors[of_text], starts, np.concatenate([np.empty(0, np.int64), *found]))


def _nearest(others: Sequence[int], items_of: Sequence[Sequence[int]], text: int) -> IntArray:
    """Items of one text, and of those like it; at most ``ALIKE`` of each text."""
    return np.unique(np.array([item for each in (text, *others) for item in items_of[each][:3]], np.int64))


def _leading(matrix: Any, *, seed: int) -> Any:
    from scipy.sparse.linalg import svds  # noqa: PLC0415 - only learning needs it

    width = min(TEXT_WIDTH, min(matrix.shape) - 1)
    if width < 1 or not matrix.nnz:
        return None
    start = np.random.default_rng(seed).standard_normal(min(matrix.shape))
    left, sizes, _ = svds(matrix.astype(np.float64), k=width, v0=start)
    vectors = left * sizes
    lengths = np.sqrt((vectors**2).sum(axis=1, keepdims=True))
    return np.asarray(vectors / np.where(lengths > 1e-9, lengths, 1.0), np.float32)


class EaseOptions(Section):
    """Table ``[models.ease]``."""

    decay: Annotated[float, Field(gt=0, le=1)] | None = None
    """How much each older item of a history counts; tuned on the validation period where left out."""
    ridge: Annotated[float, Field(gt=0, le=1e9)] | None = None
    """How far weights are drawn to 0, in users; tuned where left out."""
    directed: Annotated[float, Field(ge=0, le=1e6)] | None = None
    """What the order of items counts beside their being together; tuned where left out."""
    text: Annotated[float, Field(ge=0, le=1e6)] | None = None
    """What texts that are the same count, in users; tuned where left out, 0 where it does not pay."""
    neighbourhood: Count = 50
    """Items that each item's weights are solved on: work grows with the cube of it, memory with the square."""
    forms: tuple[Literal["full", "50x8bit", "20x8bit"], ...] = Field(("full", "50x8bit", "20x8bit"), min_length=1)
    """All weights, or the best 50 or 20 of each item at 8 bits: each is measured and priced."""


class EaseRecipe(FittedRecipe):
    """``ease``: what the shopper's items lead to, each told apart from what the others say already."""

    name = "ease"
    options = EaseOptions
    space: ClassVar[SearchSpace] = {
        "decay": Real(0.3, 1.0),
        "ridge": Real(1.0, 5000.0, is_log=True),
        "directed": Real(0.0, 10.0),
        "text": Real(0.0, 50.0),
    }
    companion = Companion.SAME_PEOPLE
    forms = ("neighbours", "forms")

    def tune(self, bench: Bench, options: EaseOptions) -> Mapping[str, Any]:
        """Ridge, order, text and decay, unless the shop sets them."""
        shop = bench.shop
        counts = counted(shop.learn, max_events=Ease().max_events)
        texts = text_side(shop.texts, shop.facts, seed=bench.seed) if options.text != 0 else None
        return tune_ease(counts, shop.recommend_tuning, texts=texts, given=_given(options))

    def trials(self, bench: Bench, options: EaseOptions, tuned: Mapping[str, Any]) -> Make:
        """Counts and texts are the same for all trials; each solves its own weights."""
        shop, fixed = bench.shop, {**_given(options), **tuned}
        counts = counted(shop.learn, max_events=Ease().max_events)
        texts = text_side(shop.texts, shop.facts, seed=bench.seed) if options.text != 0 else None
        return lambda values: Ease(**{**fixed, **values}).with_texts(texts).fit_counts(counts)

    def fit(self, bench: Bench, options: EaseOptions, tuned: Mapping[str, Any]) -> State:
        """Weights between items."""
        model = Ease(**{**_given(options), **tuned})
        texts = text_side(bench.shop.texts, bench.shop.facts, seed=bench.seed) if model.text > 0 else None
        return model.with_texts(texts).fit(bench.shop.learn_all, seed=bench.seed).state()

    def opening(self, tuned: Mapping[str, Any]) -> Mapping[str, Any]:
        """The decay: all else acts in learning."""
        return {name: value for name, value in tuned.items() if name == "decay"}

    def open(self, parts: Parts, options: Mapping[str, Any]) -> Ease:
        """The part in the role ``model``; option ``decay`` wins over the stored one."""
        model = Ease.from_state(parts.state("model"))
        model.decay = float(options.get("decay", model.decay))
        return model


def _given(options: EaseOptions) -> dict[str, Any]:
    names = ("decay", "ridge", "directed", "text")
    given = {name: getattr(options, name) for name in names if getattr(options, name) is not None}
    return {**given, "neighbourhood": options.neighbourhood}
