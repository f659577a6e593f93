"""An engine of a bundle and the changes since: every part of it, made of the bundle's own and what changed."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import cast

import numpy as np

from steelyard.data.offered import NotOffered
from steelyard.documents.changes import Standing
from steelyard.domain import CatalogueFacts, IntArray, Ranked, Reason, Request, Surface, Understood
from steelyard.models.companions.substitutes import Substitutes
from steelyard.models.pipeline import Pipeline as ModelPipeline
from steelyard.models.ports import Retriever
from steelyard.models.retrieval.changed_items import ChangedItems, Likeness
from steelyard.models.retrieval.changed_lexical import ChangedLexical, ChangedTexts
from steelyard.models.retrieval.changed_search import ChangedSearch
from steelyard.models.retrieval.content import Content
from steelyard.models.retrieval.lexical import Lexical
from steelyard.serving.bought_with import BoughtWith
from steelyard.serving.changes.columns import FieldValues, browse_after, fields_after, numbers_after
from steelyard.serving.changes.items import Items, Known, facts_after, items_after
from steelyard.serving.changes.keys import CardKeys
from steelyard.serving.changes.suggestions import ChangedSuggestions
from steelyard.serving.engine import Engine
from steelyard.serving.pipelines import Pipeline, SearchPipeline
from steelyard.serving.stacked import Stacked

__all__ = ["ChangedEngines"]


@dataclass(frozen=True, slots=True)
class _Now:
    """What the pipelines of one state share."""

    items: Items
    facts: CatalogueFacts | None
    """None where no pipeline of models was packaged."""
    texts: ChangedTexts | None
    words: ChangedLexical | None
    """Search by words over all texts."""


@dataclass(frozen=True, slots=True)
class _Last:
    """What was made last."""

    standing: Mapping[str, Standing]
    now: _Now
    engine: Engine

    def is_of(self, standing: Mapping[str, Standing]) -> bool:
        """Whether it was made of the same changes."""
        before = self.standing
        return len(before) == len(standing) and all(before.get(item_id) is one for item_id, one in standing.items())


class ChangedEngines:
    """Makes engines of one bundle and of the changes since. What of it is dear is made once for the bundle.

    Args:
        engine: Of the bundle.
        not_offered: Words in a title or category by which an item is never shown.
    """

    def __init__(self, engine: Engine, *, not_offered: Sequence[str] = ()) -> None:
        self.base = engine
        self._not_offered = NotOffered(not_offered)
        self._inside = engine.inside
        self._keys = CardKeys(engine.inside.cards, engine.inside.beside.keys)
        self._known: Known = {}
        self._values = FieldValues(engine.fields)
        found = [one for one in self._pipelines() if isinstance(one, ModelPipeline)]
        self._facts = found[0].facts if found else None
        self._search = None if self._facts is None else ChangedSearch(self._facts)
        self._last: _Last | None = None

    @property
    def waiting(self) -> int:
        """Texts that are found by their words only until they have a vector: another engine finds more."""
        return 0 if self._search is None else self._search.waiting

    def prepare(self) -> None:
        """Make ready what the first change would otherwise wait for."""
        _ = self._keys.state
        self._values.prepare()
        if self._search is not None:
            self._search.prepare([words for one in self._pipelines() if (words := _words_of(one)) is not None])

    def after(self, standing: Mapping[str, Standing]) -> Engine:
        """The engine after changes.

        Args:
            standing: What the changes of each item come to.

        Returns:
            The bundle's own where there are none.
        """
        if not standing:
            return self.base
        if self._last is None or not self._last.is_of(standing):
            self._last = self._made(standing)
        elif self.waiting:
            self._last = self._with_vectors(self._last)
        return self._last.engine

    def _made(self, standing: Mapping[str, Standing]) -> _Last:
        inside, beside = self._inside, self._inside.beside
        items = items_after(
            inside.cards, inside.ids, standing, keys=self._keys, known=self._known, not_offered=self._not_offered
        )
        now = self._now(items)
        more = np.zeros(items.n_new)
        engine = Engine(
            search=cast("SearchPipeline | None", self._changed(inside.search, now, Surface.SEARCH)),
            recommend=self._changed(inside.recommend, now, Surface.RECOMMEND),
            similar=self._changed(inside.similar, now, Surface.SIMILAR),
            cards=items.cards,
            ids=items.ids,
            beside=replace(
                beside,
                words=cast("SearchPipeline | None", self._changed(beside.words, now, Surface.SEARCH)),
                bought_with=self._changed(beside.bought_with, now, None),
                browse=browse_after(self.base.browse, items),
                fields=fields_after(self._values, items),
                sold=None if beside.sold is None else np.concatenate([beside.sold, more]),
                suggestions=None if beside.suggestions is None else ChangedSuggestions(beside.suggestions, items),
                numbers=None if beside.numbers is None else numbers_after(beside.numbers, items),
                n_gone=len(items.gone),
            ),
        )
        return _Last(standing, now, engine)

    def _with_vectors(self, last: _Last) -> _Last:
        """The same changes, of which some more texts have a vector now: nothing but the search is another."""
        made = last.engine.inside
        engine = Engine(
            search=cast("SearchPipeline | None", self._changed(self._inside.search, last.now, Surface.SEARCH)),
            recommend=made.recommend,
            similar=made.similar,
            cards=made.cards,
            ids=made.ids,
            beside=made.beside,
        )
        return _Last(last.standing, last.now, engine)

    def _pipelines(self) -> Sequence[Pipeline | None]:
        inside, beside = self._inside, self._inside.beside
        found: list[Pipeline | None] = [inside.search, beside.words]
        for one in (inside.similar, inside.recommend):
            found += one.both if isinstance(one, Stacked) else [one]
        return found

    def _now(self, items: Items) -> _Now:
        if self._facts is None or self._search is None:
            return _Now(items, None, None, None)
        lexical = next((words for one in self._pipelines() if (words := _words_of(one)) is not None), None)
        language = "en" if lexical is None else str(lexical.state.facts["language"])
        sold = self._inside.beside.sold
        facts, texts = facts_after(self._facts, items, sold=sold, language=language)
        words = None if lexical is None else self._search.by_words(lexical, texts)
        return _Now(items, facts, texts, words)

    def _changed(self, pipeline: Pipeline | None, now: _Now, surface: Surface | None) -> Pipeline | None:
        """A pipeline over the catalogue as it is now; ``surface`` is None for what is bought with an item."""
        if pipeline is None:
            return None
        if isinstance(pipeline, Stacked):
            first, then = (self._changed(one, now, surface) for one in pipeline.both)
            assert first is not None
            assert then is not None
            return Stacked(first, then)
        if isinstance(pipeline, BoughtWith):
            inner = self._changed(pipeline.pipeline, now, surface)
            assert inner is not None
            return BoughtWith(inner, np.concatenate([pipeline.popularity, np.zeros(now.items.n_new)]))
        if not isinstance(pipeline, ModelPipeline) or now.facts is None or now.texts is None or self._search is None:
            return _OfItems(pipeline, now.items)
        if surface is Surface.SEARCH:
            retriever = self._search.of(pipeline.retriever, now.texts)
            return _over(pipeline, now.facts, retriever, None)
        likeness = None
        is_like = surface is Surface.SIMILAR and isinstance(pipeline.retriever, Content | Substitutes)
        if is_like and now.words is not None:
            cards = now.items.cards
            likeness = Likeness(now.words, now.facts, lambda item: cards.brief(item).title)
        return self._of_items(pipeline, now, likeness)

    def _of_items(self, pipeline: ModelPipeline, now: _Now, likeness: Likeness | None) -> ModelPipeline:
        items, facts = now.items, now.facts
        assert facts is not None
        anew = frozenset(n for n, one in items.changed.items() if one.before is not None and one.is_read_anew)
        retriever = ChangedItems(
            pipeline.retriever, n_items=items.n_before, gone=items.gone, likeness=likeness, read_anew=anew
        )
        fallback = pipeline.fallback
        if fallback is not None:
            fallback = ChangedItems(fallback, n_items=items.n_before, gone=items.gone)
        return _over(pipeline, facts, retriever, fallback)


def _words_of(pipeline: Pipeline | None) -> Lexical | None:
    """The search by words that a pipeline rests on."""
    if not isinstance(pipeline, ModelPipeline):
        return None
    by_words = getattr(pipeline.retriever, "by_words", None)
    found = None if by_words is None else by_words()
    return found if isinstance(found, Lexical) else None


def _over(
    pipeline: ModelPipeline, facts: CatalogueFacts, retriever: Retriever, fallback: Retriever | None
) -> ModelPipeline:
    """A pipeline with another retriever over other facts, and the rules that it has."""
    return ModelPipeline(
        retriever,
        facts,
        surface=pipeline.surface,
        rules=pipeline.rules,
        fallback=fallback,
        candidates=pipeline.candidates,
        known=pipeline.known,
    )


class _Asked:
    """A pipeline as a retriever."""

    def __init__(self, pipeline: Pipeline) -> None:
        self._pipeline = pipeline
        self.explain = pipeline.explain

    def retrieve(self, requests: Sequence[Request], *, k: int) -> Ranked:
        """As the pipeline answers."""
        return self._pipeline.answer(requests, k=k)


class _OfItems:
    """A pipeline that is no model's: without items that are gone, and never asked for items that it does not know.

    Args:
        base: Over the items of the bundle.
        items: What became of them.
    """

    def __init__(self, base: Pipeline, items: Items) -> None:
        self._base, self._items = base, items
        self._retriever = ChangedItems(_Asked(base), n_items=items.n_before, gone=items.gone)

    def answer(self, requests: Sequence[Request], *, k: int) -> Ranked:
        """As the pipeline answers."""
        return self._retriever.retrieve(requests, k=k)

    def explain(self, request: Request, items: IntArray) -> list[list[Reason]]:
        """As the pipeline explains."""
        return self._retriever.explain(request, items)

    def offers(self, item: int) -> bool:
        """Whether it is there, has not run out, and the pipeline offers it where it knows it."""
        changed = self._items.changed.get(item)
        if item in self._items.gone or (changed is not None and changed.card.stock == 0):
            return False
        return item >= self._items.n_before or cast("SearchPipeline", self._base).offers(item)

    def understand(self, request: Request, items: IntArray) -> Understood:
        """As the pipeline understands its own items."""
        return cast("SearchPipeline", self._base).understand(request, items[items < self._items.n_before])
