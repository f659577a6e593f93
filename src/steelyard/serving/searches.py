"""What a search answers: items, and how the query was understood."""

from __future__ import annotations

import msgspec

from steelyard.domain import Understood
from steelyard.serving.answers import Answer

__all__ = ["ReadAs", "SearchAnswer", "understood_answer"]


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


def understood_answer(answer: Answer, understood: Understood) -> SearchAnswer:
    """An answer with how its query was understood."""
    read_as = tuple(ReadAs(guess.typed, guess.words, guess.is_applied) for guess in understood.guesses)
    return SearchAnswer(
        **msgspec.structs.asdict(answer), match=understood.match, weak=understood.is_weak, read_as=read_as
    )
