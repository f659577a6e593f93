"""How the answer to a search came about, told after it was given: the answer itself is the same with and without.

The model is asked how it came to its scores, what the rules of curation did to them is added, and what was taken out on
the way is counted. Every stage is done once more, on its own, to be timed; an answer that nobody asks to explain takes
no time for any of it.
"""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Protocol, runtime_checkable

import msgspec
import numpy as np

from steelyard.documents.explanation import (
    Derivation,
    ItemExplained,
    ItemScore,
    Moved,
    QueryRead,
    ScorePart,
    SearchExplanation,
    StepCount,
    counted,
)
from steelyard.domain import IntArray, Request
from steelyard.models.deriving import Stopwatch
from steelyard.serving.engine import Engine
from steelyard.serving.lists.curation import Curation
from steelyard.serving.lists.kept import Lists
from steelyard.serving.lists.listing import Checked, List, PriceAsked
from steelyard.serving.lists.personal import PersonalPart
from steelyard.serving.shown import Shown
from steelyard.serving.understanding import Understanding

__all__ = ["TIERS", "DerivingPipeline", "Explainer"]

TIERS = (
    "item_number", "pinned", "exact_phrase", "all_words", "most_words", "some_words", "corrected", "meaning", "",
)  # fmt: skip
"""The best first; empty where the model does not say."""
_SILENT = "the model does not tell how it scores: it has no method `derivation` (steelyard.models.deriving)"
_NEARLY = 1e-4


@runtime_checkable
class DerivingPipeline(Protocol):
    """A pipeline that can tell how it came to an answer (``steelyard.models.pipeline.Pipeline``)."""

    def derivation(self, request: Request, items: IntArray, *, k: int | None, watch: Stopwatch) -> Derivation | None:
        """How the scores of some items came about; ``None`` where its model does not tell."""
        ...


@runtime_checkable
class HoldingPipeline(Protocol):
    """A pipeline that knows which items hold all words of a query."""

    def holding(self, request: Request) -> IntArray:
        """Numbers of these items, ascending."""
        ...


class Explainer:
    """Explains answers of one search.

    Args:
        engine: What answers.
        lists: Of the same search.
        curation: Rules of merchandisers.
        model: Name of the configuration that answers.
    """

    def __init__(self, engine: Engine, lists: Lists, *, curation: Curation | None, model: str = "") -> None:
        self._engine = engine
        self._lists = lists
        self._curation = curation
        self._model = model
        self._understanding = Understanding(engine.fields, sold=engine.sold)

    def of(
        self, asked: Checked, items: Sequence[Shown], *, price: PriceAsked | None, took_ns: int
    ) -> SearchExplanation:
        """How an answer came about.

        Args:
            asked: The question, as it was answered in the end.
            items: Of the answer, in its order.
            price: That the words asked for.
            took_ns: What the answer took.

        Returns:
            One entry for each item.
        """
        watch = Stopwatch(time.perf_counter_ns)
        pipeline, question = self._engine.require_search(), asked.question
        numbers = np.array([self._engine.number(shown.id) for shown in items], np.int64)
        told = None
        if isinstance(pipeline, DerivingPipeline):
            k = None if asked.needs_whole else self._engine.depth(question.k, is_laid_out=question.diversify)
            told = pipeline.derivation(question.request, numbers, k=k, watch=watch)
        steps, made = self._taken_out(asked, price, watch)
        with watch.stage("cards"):
            for number in numbers.tolist():
                self._engine.brief(number)
        explained = self._items(asked, items, numbers, told, made.personal)
        tiers = Counter(each.tier for each in explained)
        return SearchExplanation(
            model=self._model,
            tells=told is not None,
            note=_note(told, explained),
            read=self._read(told, question.request),
            tiers=tuple(StepCount(tier, tiers[tier]) for tier in TIERS if tiers[tier]),
            items=explained,
            steps=(*(() if told is None else told.steps), *steps),
            stages=watch.stages,
            total_us=round(took_ns / 1000, 1),
        )

    def _read(self, told: Derivation | None, request: Request) -> QueryRead | None:
        """How the query was read, and what it says of the shop's own fields."""
        pipeline = self._engine.require_search()
        if told is None or told.read is None:
            return None
        none = np.empty(0, np.int64)
        holding = pipeline.holding(request) if isinstance(pipeline, HoldingPipeline) else none
        return msgspec.structs.replace(told.read, meant=self._understanding.meant(told.read, holding))

    def _items(
        self,
        asked: Checked,
        items: Sequence[Shown],
        numbers: IntArray,
        told: Derivation | None,
        personal: Mapping[int, PersonalPart],
    ) -> tuple[ItemExplained, ...]:
        of_models = told.items if told is not None else [ItemScore("", shown.score, ()) for shown in items]
        named = self._engine.named(self._engine.require_search(), asked.question.query)
        places = self._places(asked)
        of_models = [_with_taste(own, personal.get(n)) for own, n in zip(of_models, numbers.tolist(), strict=True)]
        return tuple(
            self._item(asked, shown, number, own=own, is_named=number in named, place=places.get(number))
            for shown, number, own in zip(items, numbers.tolist(), of_models, strict=True)
        )

    def _item(
        self, asked: Checked, shown: Shown, number: int, *, own: ItemScore, is_named: bool, place: int | None
    ) -> ItemExplained:
        rules = [] if self._curation is None else self._curation.moving(asked.rules, number)
        moved = tuple(Moved(rule.id, rule.action) for rule in rules)
        is_pinned = any(rule.action == "pin" for rule in rules)
        parts, score = own.parts, own.score
        if is_named:
            parts, score = (ScorePart("item_number", shown.score),), shown.score
        for rule in rules if not is_named else ():
            factor = {"boost": rule.factor, "bury": 1 / rule.factor}.get(rule.action, 1.0)
            after = (score * factor if score >= 0 else score / factor) if not is_pinned else score
            if after != score:
                parts, score = (*parts, ScorePart("rule", after - score, rule.id, weight=factor)), after
        if is_pinned and not is_named:
            pin = next(rule.id for rule in rules if rule.action == "pin")
            parts = (*parts, ScorePart("rule", shown.score - score, pin))
        return ItemExplained(
            shown.id,
            shown.title,
            "item_number" if is_named else "pinned" if is_pinned else own.tier,
            shown.score,
            parts if own.parts or is_named else (),
            own.features,
            moved,
            place,
        )

    def _places(self, asked: Checked) -> dict[int, int]:
        """Place of each item before rules, by relevance; nothing where no rule is in force."""
        if self._curation is None or not asked.rules:
            return {}
        whole = self._lists.all(asked.question.request).whole
        return {item: place for place, item in enumerate(whole.items.tolist(), start=1)}

    def _taken_out(self, asked: Checked, price: PriceAsked | None, watch: Stopwatch) -> tuple[list[StepCount], List]:
        """What rules, filters and variants took out of the whole list, and what filled it up; and the list."""
        is_whole = asked.needs_whole  # else the head of the ranking is enough
        timed = watch if is_whole else Stopwatch(time.perf_counter_ns)
        before = self._lists.all(asked.question.request).whole
        with timed.stage("rules"):
            found = self._lists.arranged(asked)
        with timed.stage("list"):
            made = self._lists.listed(found, asked)
        steps = [
            StepCount("found", len(before.items)),
            StepCount("hidden", len(np.setdiff1d(before.items, found.whole.items))),
        ]
        left = found.whole.items[: found.whole.n_matched]
        kept = np.ones(len(left), bool)
        is_price = price is not None and price.applied
        name = self._lists.fields.names[self._lists.fields.price_field]
        for one in asked.filters:
            passes = self._lists.fields.mask(one)[left]
            steps.append(
                StepCount("price" if is_price and one.field == name else "filter", int((~passes).sum()), one.field)
            )
            kept &= passes
        steps.append(StepCount("grouped", int(kept.sum()) - made.n_matched))
        steps.append(StepCount("filled_up", made.n_results - made.n_matched))
        return [step for step in steps if step.n or step.kind in ("found", "filter", "price")], made


def _with_taste(own: ItemScore, done: PersonalPart | None) -> ItemScore:
    """The score with what a taste added to it."""
    if done is None or not done.added or not own.parts:
        return own
    return msgspec.structs.replace(own, score=own.score + done.added, parts=(*own.parts, done.part))


def _note(told: Derivation | None, items: Sequence[ItemExplained]) -> str:
    if told is None:
        return _SILENT
    off = [each.id for each in items if each.parts and not _adds_up(each)]
    return (
        f"the model's parts do not add up to the score of {', '.join(off[:3])}: it tells less than it does"
        if off
        else ""
    )


def _adds_up(item: ItemExplained) -> bool:
    return abs(counted(item.parts) - item.score) <= _NEARLY * max(1.0, abs(item.score))
