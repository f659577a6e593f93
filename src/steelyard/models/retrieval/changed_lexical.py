"""Lexical search over a catalogue of which some texts are gone and others came: what was fitted, and a few beside it.

The texts that came are cut, numbered and scored as those that were fitted, with the weights of terms, the mean lengths
and the categories of the fitted ones, so that scores of both compare. What a term weighs changes only with the next
fit; a term that no fitted text holds weighs as if it were held by those that came alone.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any

import numpy as np
import numpy.typing as npt

from steelyard.domain import CatalogueFacts, FloatArray, IntArray, State, Texts, VectorArray
from steelyard.models.retrieval.category_match import Categories
from steelyard.models.retrieval.first_phase import Impacts
from steelyard.models.retrieval.lexical import Lexical
from steelyard.models.retrieval.lexical_fit import FurtherTexts
from steelyard.models.retrieval.lexical_kernel import Scored, kernel_of
from steelyard.models.retrieval.lexical_query import Reading
from steelyard.models.retrieval.lexical_scoring import Postings
from steelyard.models.retrieval.shortlists import distinct_numbers

__all__ = ["ChangedLexical", "ChangedTexts", "Numbered"]

_FIELDS = ("title", "description", "category", "brand", "attributes")
_REMEMBERED = 4096


@dataclass(frozen=True, slots=True)
class ChangedTexts:
    """What became of the texts of a catalogue."""

    n_before: int
    """Texts that were fitted, numbered from 0."""
    gone: IntArray
    """Numbers of those that no item has any more, ascending. Shape (gone,)."""
    came: Texts
    """The others, numbered from ``n_before``."""
    popularity_of: IntArray
    """For each text that came, the text whose popularity is its own: the item's before; -1 where there was none.
    Shape (came,)."""

    @property
    def are_same(self) -> bool:
        """Whether no text is gone and none came."""
        return not len(self.gone) and not len(self.came)

    @property
    def n(self) -> int:
        """Texts in all, those that are gone among them."""
        return self.n_before + len(self.came)

    def left(self, numbers: IntArray) -> npt.NDArray[np.bool_]:
        """Which of some fitted texts an item still has."""
        at = np.searchsorted(self.gone, numbers)
        found = at < len(self.gone)
        is_gone = np.zeros(len(numbers), bool)
        is_gone[found] = self.gone[at[found]] == numbers[found]
        return ~is_gone


class Numbered:
    """Texts by the vocabulary of one lexical search, each cut only once however often the catalogue changes.

    Args:
        lexical: As it was opened.
        facts: Of the same catalogue: what tells the categories of its texts.
    """

    def __init__(self, lexical: Lexical, facts: CatalogueFacts) -> None:
        self.lexical = lexical
        self._further = FurtherTexts(lexical.state)
        self._known: dict[tuple[str, ...], Any] = {}
        self._category_of = _category_numbers(lexical.categories, facts)
        lengths = lexical.state.arrays["lengths"].astype(np.float32)
        self._mean = lengths.mean(axis=0) if len(lengths) else np.ones(lengths.shape[1], np.float32)

    def changed(self, texts: ChangedTexts) -> ChangedLexical:
        """The search over the texts as they are now.

        Args:
            texts: What became of those that were fitted.

        Returns:
            Another search; the one it is made of is left as it is.
        """
        return ChangedLexical(self.lexical, texts, self._beside(texts.came, texts.popularity_of))

    def _beside(self, came: Texts, popularity_of: IntArray) -> _Beside:
        lexical, further = self.lexical, self._further
        rows = list(zip(*(getattr(came, name) for name in _FIELDS), strict=True))
        self._known = {row: self._known.get(row) or further.read(dict(zip(_FIELDS, row, strict=True))) for row in rows}
        arrays = further.arrays([self._known[row] for row in rows]) if rows else {}
        bought = lexical.postings.popularity
        if bought is not None and rows:
            arrays["popularity"] = np.where(popularity_of >= 0, bought[popularity_of], 0).astype(np.float32)
        categories = [self._category_of.get(path, -1) for path in came.category]
        numbers = further.numbers() if further.has_new else None
        return _Beside(arrays, numbers, further.n_terms, self._mean, np.array(categories, np.int64))


@dataclass(frozen=True, slots=True)
class _Beside:
    """Texts beside the fitted ones, numbered."""

    arrays: dict[str, npt.NDArray[Any]] = field(default_factory=dict)
    numbers: Mapping[str, int] | None = None
    """Of all terms; None where there is no new one."""
    n_terms: int = 0
    mean: VectorArray = field(default_factory=lambda: np.ones(1, np.float32))
    """Mean length of each field of the fitted texts. Shape (fields,)."""
    categories: IntArray = field(default_factory=lambda: np.empty(0, np.int64))
    """Number of each text's category among the fitted ones'; -1 of one that is new. Shape (texts,)."""


class ChangedLexical(Lexical):
    """Lexical search over both.

    Args:
        base: Over the fitted texts.
        texts: What became of them.
        beside: The texts that came.
    """

    def __init__(self, base: Lexical, texts: ChangedTexts, beside: _Beside) -> None:
        vars(self).update(vars(base))
        self._texts = texts
        self._kernel = None
        numbers = beside.numbers
        held = _held_by(beside, base.postings)
        postings = base.postings if numbers is None else _widened(base, beside, held)
        self._reader = self._reader if numbers is None else self._reader.extended(numbers, postings)
        self._old = _Old(base, postings, n_terms=beside.n_terms)
        self._new = _New(base, beside, idf=postings.idf) if len(texts.came) else None
        self.categories = _with_more(base.categories, beside)
        self.postings = _Both(postings, self._new.postings.popularity if self._new is not None else None)

    @property
    def came(self) -> Lexical | None:
        """Over the texts that came, numbered from 0; ``None`` where none did."""
        return self._new

    def candidates(self, reading: Reading, *, k: int = 0) -> IntArray:
        """Texts of the first phase, ascending: as of the fitted ones, and of those that came all that hold a word."""
        wanted = max(k, self.options.candidates)
        n_gone = len(self._texts.gone)
        found = self._old.candidates(reading, k=wanted + min(n_gone, wanted) if n_gone else k)
        if n_gone:
            found = found[self._texts.left(found)]
        if self._new is None:
            return found
        return np.concatenate([found, self._new.holding(reading) + self._texts.n_before])

    def best(self, query: str, k: int, *, verbatim: bool = False) -> tuple[IntArray, FloatArray]:
        """Best ``k`` texts of one query and their scores; fewer where fewer hold any of it."""
        reading = self.read(query, verbatim=verbatim)
        texts = self.candidates(reading, k=k)
        scores = self.score(reading, texts).scores
        order = np.argsort(-scores, kind="stable")[: min(k, np.count_nonzero(scores > 0))]
        return texts[order], scores[order]

    def score(self, reading: Reading, texts: IntArray) -> Scored:
        """What the formula says of some texts, which are distinct and ascending."""
        at = int(np.searchsorted(texts, self._texts.n_before))
        found = self._old.score(reading, texts[:at])
        if at < len(texts) and self._new is not None:
            more = self._new.score(reading, texts[at:] - self._texts.n_before)
            found = Scored(np.concatenate([found.scores, more.scores]), np.concatenate([found.is_exact, more.is_exact]))
        if not self._asks_categories:
            return found
        more_of = self.of_categories(reading.plan, texts)
        return Scored(np.where(found.scores > 0, found.scores + more_of, found.scores), found.is_exact)

    def beside(self, query: str) -> tuple[IntArray, FloatArray]:
        """The texts that came and hold a word of a query, with their scores; numbered with the fitted ones."""
        reading = self.read(query)
        if self._new is None:
            return np.empty(0, np.int64), np.empty(0)
        texts = self._new.holding(reading) + self._texts.n_before
        return texts, self.score(reading, texts).scores

    def _held(self, reading: Reading, texts: IntArray) -> list[int]:
        at = int(np.searchsorted(texts, self._texts.n_before))
        held = self._old.held(reading, texts[:at])
        if at == len(texts) or self._new is None:
            return held
        return [*held, *self._new.held(reading, texts[at:] - self._texts.n_before)]


class _Part(Lexical):
    """A search over some of the texts, by postings of its own; categories are looked at by the whole."""

    def held(self, reading: Reading, texts: IntArray) -> list[int]:
        """As ``Lexical`` knows it of its own texts."""
        return self._held(reading, texts)


class _Old(_Part):
    """Over the fitted texts, with terms that they do not have."""

    def __init__(self, base: Lexical, postings: Postings, *, n_terms: int) -> None:
        vars(self).update(vars(base))
        self.categories = None
        if postings is base.postings:
            return
        self.postings = postings
        self._most_popular = lru_cache(maxsize=_REMEMBERED)(postings.most_popular)
        if self._kernel is not None:
            self._kernel = self._kernel.over(postings, self._scale, options=self.options, n_terms=n_terms)


class _New(_Part):
    """Over the texts that came."""

    def __init__(self, base: Lexical, beside: _Beside, *, idf: FloatArray) -> None:
        vars(self).update(vars(base))
        self.categories = None
        facts = {"fields": base.postings.fields, "n_texts": len(beside.categories)}
        self.postings = Postings(State(beside.arrays, facts))
        self.postings.idf = idf
        self._scale = self._of_lengths(beside)
        if self._kernel is not None:
            nothing = Impacts(
                np.zeros(len(beside.arrays["documents"]), np.float32), np.zeros(beside.n_terms, np.float32)
            )
            self._kernel = kernel_of(self.postings, self._scale, options=self.options, impacts=nothing)

    def holding(self, reading: Reading) -> IntArray:
        """Texts that hold a word of a query, ascending."""
        found = [self.postings.documents(term) for term in _looked_up(reading)]
        return distinct_numbers(np.concatenate(found)) if found else np.empty(0, np.int64)

    def _of_lengths(self, beside: _Beside) -> VectorArray:
        lengths = beside.arrays["lengths"].astype(np.float32)
        names, options = self.postings.fields, self.options
        b = np.array([options.b[name] for name in names], np.float32)
        weights = np.array([options.weights[name] for name in names], np.float32)
        mean = np.maximum(beside.mean, 1e-9)
        return np.asarray(weights / np.maximum(1 - b + b * lengths / mean, 1e-3), np.float32)


class _Both(Postings):
    """Postings of the fitted texts, and how popular all are."""

    def __init__(self, fitted: Postings, popularity: VectorArray | None) -> None:
        vars(self).update(vars(fitted))
        if fitted.popularity is not None and popularity is not None:
            self.popularity = np.concatenate([fitted.popularity, popularity])


def _looked_up(reading: Reading) -> Sequence[int]:
    """Terms of a plan, pairs taken apart."""
    plan = reading.plan
    pairs = {term for pair in plan.together for term in pair}
    return [*dict.fromkeys([*(term for term in plan.terms.tolist() if term >= 0), *sorted(pairs)])]


def _held_by(beside: _Beside, fitted: Postings) -> IntArray:
    """How many of the texts that came hold each term that no fitted one has. Shape (new terms,)."""
    n_known = len(fitted.idf)
    starts = beside.arrays.get("starts")
    return np.empty(0, np.int64) if starts is None else np.diff(starts)[n_known:]


def _widened(base: Lexical, beside: _Beside, held: IntArray) -> Postings:
    """The fitted postings with terms behind theirs that none of their texts holds."""
    arrays = dict(base.state.arrays)
    starts = arrays["starts"]
    arrays["starts"] = np.concatenate([starts, np.full(beside.n_terms + 1 - len(starts), starts[-1], starts.dtype)])
    found = Postings(State(arrays, base.state.facts))
    found.idf = np.concatenate([base.postings.idf, np.log1p((found.n - held + 0.5).clip(0.5) / (held + 0.5))])
    return found


def _category_numbers(categories: Categories | None, facts: CatalogueFacts) -> dict[str, int]:
    """Number of each category's path among those of the fitted texts."""
    if categories is None:
        return {}
    numbers, items = np.unique(facts.category, return_index=True)
    return {
        facts.categories[number] if number >= 0 else "": int(categories.of_document[facts.text_of_item[item]])
        for number, item in zip(numbers.tolist(), items.tolist(), strict=True)
    }


def _with_more(categories: Categories | None, beside: _Beside) -> Categories | None:
    """Categories of all texts, over all terms."""
    return None if categories is None else categories.widened(beside.categories, n_terms=beside.n_terms)
