"""What a search answers: items, and how the query was understood."""

from __future__ import annotations

from dataclasses import dataclass

import msgspec
from msgspec import UNSET, UnsetType

from steelyard.documents.explanation import SearchExplanation
from steelyard.domain import Understood
from steelyard.serving.answers import Answer
from steelyard.serving.lists.facets import Facet
from steelyard.serving.lists.listing import PriceAsked

__all__ = ["ReadAs", "SearchAnswer", "Searches", "understood_answer"]


class ReadAs(msgspec.Struct, frozen=True):
    """A word that the catalogue does not hold, and what it may have been meant to be."""

    typed: str
    words: tuple[str, ...]
    """The likeliest reading: one word, or two that were written together."""
    applied: bool
    """Whether the list was searched for with it (``verbatim`` asks for the list without), or may be offered."""


class SearchAnswer(Answer, frozen=True, kw_only=True):
    """A list of items for a query, and how the query was understood."""

    match: str = ""
    """``item_number``: the query is an item's own number; ``all_words`` and ``some_words``: what the best items hold;
    ``guessed``: words were read as others; ``meaning``: near in meaning only; ``nothing``: no items; empty where the
    model does not say."""
    weak: bool = False
    """Whether the items are likely not what was asked for: none, less than half of the words, or by a guess only."""
    read_as: tuple[ReadAs, ...] = ()
    """Words that the catalogue does not hold, with what they may have been meant to be."""
    price: PriceAsked | UnsetType = UNSET
    """A price that the words ask for; only where they do (``verbatim`` takes them as words)."""
    rules: tuple[str, ...] | UnsetType = UNSET
    """Ids of the rules of curation that the list was made under; only where there are some."""
    redirect: str | UnsetType = UNSET
    """Where a rule leads who searches for this; only where one does."""
    reranked: bool | UnsetType = UNSET
    """Whether a network read the query beside each of the best items, or the list passed unchanged since that would not
    have paid; only where the model has such a network."""
    n_results: int | UnsetType = UNSET
    """Results of the whole list, all pages together; this and what follows only where a page was asked for."""
    n_matched: int | UnsetType = UNSET
    """Those of them that hold words of the query or are among the nearest by meaning; the others fill up a short list
    with what is nearest of what is left."""
    next: str | UnsetType | None = UNSET
    """Cursor of the next page; null on the last."""
    facets: list[Facet] | UnsetType = UNSET
    """What is counted over the whole list; only where it was asked for."""
    explanation: SearchExplanation | UnsetType = UNSET
    """How the answer came about; only where it was asked for, by somebody who may see it, and there was time for a full
    answer."""


@dataclass(slots=True)
class Searches:
    """How many searches were answered since the start, and how many of them badly."""

    n: int = 0
    n_without_result: int = 0
    n_weak: int = 0

    def count(self, *, n_shown: int, is_weak: bool, is_narrowed: bool) -> None:
        """Count a first page that was given in full; an empty one is the query's doing unless filters narrowed it."""
        self.n += 1
        self.n_without_result += not (n_shown or is_narrowed)
        self.n_weak += bool(n_shown) and is_weak


def understood_answer(answer: Answer, understood: Understood) -> SearchAnswer:
    """An answer with how its query was understood."""
    read_as = tuple(ReadAs(guess.typed, guess.words, guess.is_applied) for guess in understood.guesses)
    return SearchAnswer(
        **msgspec.structs.asdict(answer),
        match=understood.match,
        weak=understood.is_weak,
        read_as=read_as,
        reranked=UNSET if understood.is_reranked is None else understood.is_reranked,
    )
