"""How a search understood what was typed, and how well its answer fits."""

from __future__ import annotations

from dataclasses import dataclass

__all__ = ["Guess", "Match", "Understood"]


class Match:
    """How an answer fits its query; strings, so that a page can name them."""

    ITEM_NUMBER = "item_number"
    """The query is an item's own number."""
    ALL_WORDS = "all_words"
    """The best items hold every word that carries a wish."""
    SOME_WORDS = "some_words"
    """The best items hold some of them."""
    GUESSED = "guessed"
    """Words were read as others; nothing holds all of them as they were typed."""
    MEANING = "meaning"
    """No word is held: the items are only near in meaning."""
    NOTHING = "nothing"
    """There are no items."""


@dataclass(frozen=True, slots=True)
class Guess:
    """What a word that the catalogue does not hold may have been meant to be."""

    typed: str
    """The word as the shopper wrote it, in lower case."""
    words: tuple[str, ...]
    """The likeliest reading."""
    is_applied: bool
    """Whether it was searched for; otherwise it is only worth asking about."""
    is_sure: bool = False
    """Whether it is more likely a slip of the pen than another word."""


@dataclass(frozen=True, slots=True)
class Understood:
    """How one query was understood."""

    match: str = ""
    """A word of ``Match``; empty where the model does not say."""
    is_weak: bool = False
    """Whether the items are likely not what was asked for: nothing was found, or less than half of the words."""
    guesses: tuple[Guess, ...] = ()
    is_reranked: bool | None = None
    """Whether a re-ranker was asked for this query, or let the list pass as it was; None where there is none."""
