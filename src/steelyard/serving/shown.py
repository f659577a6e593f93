"""What an answer shows of an item, and why."""

from __future__ import annotations

import msgspec

__all__ = ["Explored", "Option", "RuleApplied", "Shown", "Why"]


class Why(msgspec.Struct, frozen=True, omit_defaults=True):
    """One reason for showing an item."""

    kind: str
    """``bought_together``, ``matches_words``, ``similar_meaning``, ``similar_content``, ``popular`` …"""
    contribution: float
    """Share of the score that this reason explains, in [0, 1]."""
    item_id: str = ""
    """The shopper's own item that led here, where there is one."""
    title: str = ""
    """Title of that item."""
    words: tuple[str, ...] = ()
    """Words of the query that matched, where there are some."""
    text: str = ""
    """The reason as a sentence, where the model brings its own; pages word the others themselves."""
    text_zh: str = ""


class RuleApplied(msgspec.Struct, frozen=True):
    """A rule that was in force when a list was made."""

    name: str
    """As in ``[rules]``."""
    value: str
    """What it is set to; empty where it only is in force."""
    text: str
    text_zh: str


class Option(msgspec.Struct, frozen=True):
    """One size of a product."""

    id: str
    size: str
    """As it ends the title; empty for the item whose title names none."""
    price: str | None


class Shown(msgspec.Struct, frozen=True):
    """One item of an answer."""

    id: str
    title: str
    price: str | None
    """Exact decimal in the shop's currency; null when unknown."""
    brand: str
    category: tuple[str, ...]
    image: str
    score: float
    """Comparable within one answer only."""
    reasons: list[Why]
    highlight: str | msgspec.UnsetType = msgspec.UNSET
    """The title as HTML, escaped, with ``<mark>`` round what matches; only where it is asked for, and the
    search looks at words."""
    options: list[Option] | msgspec.UnsetType = msgspec.UNSET
    """Sizes of the same product, this one among them; only where lists are laid out and there is a choice."""


class Explored(msgspec.Struct, frozen=True):
    """What was shown to learn about it."""

    request_id: str
    """To be sent with the events that follow, in ``request_id``."""
    slot: int
    """Place in the list, from 1."""
    item_id: str
    propensity: float
    """The chance that this item was shown there, above 0."""
    usual: str
    """Identifier of the item that would stand there otherwise."""
    candidates: int
    """How many could have been shown there."""
    learnt_from: int
    """Showings that the choice rests on."""
