"""How an answer to a query came about: how it was read, what found its items, what their scores are made of, and time.

A score is told in parts that add up to it. What a model does not tell stays empty; nothing is made up in its place.
"""

from __future__ import annotations

from typing import Any

import msgspec

from steelyard.documents.encoding import as_builtins

__all__ = [
    "CorrectionRead",
    "Derivation",
    "Feature",
    "ItemExplained",
    "ItemScore",
    "Meant",
    "Moved",
    "QueryRead",
    "ScorePart",
    "SearchExplanation",
    "StageTime",
    "StepCount",
    "SynonymRead",
    "TermRead",
    "counted",
    "explanation_builtins",
]


class ScorePart(msgspec.Struct, frozen=True, omit_defaults=True):
    """A part of a score."""

    kind: str
    """``words`` and ``meaning`` of a fused score; ``term`` and in it ``field``; ``all_words``, ``title_words``,
    ``title_order``, ``popularity``, ``category_named``, ``category_bought``; ``tier`` for what stays above the others;
    ``learned``; ``rule`` for what a rule of curation did; ``personal`` for what a shopper's history added, in it
    ``personal_repeat``, ``personal_category``, ``personal_brand``, ``personal_price``. Another model's parts have names
    of their own."""
    value: float
    """What it adds to the score."""
    of: str = ""
    """The term, field or rule that it is of."""
    raw: float | None = None
    """The figure behind it, before its weight: a cosine, a share, a number of occurrences."""
    weight: float | None = None
    """What the figure was multiplied by, where it was multiplied."""
    counted: bool = True
    """False for an alternative beside one that counted: the query's word was found under another form, too."""
    parts: tuple[ScorePart, ...] = ()
    """What it is made of itself; those that counted add up to it."""


class Feature(msgspec.Struct, frozen=True):
    """What a learned ranking looked at."""

    name: str
    value: float


class ItemScore(msgspec.Struct, frozen=True):
    """How a model came to the score of one item."""

    tier: str
    """``exact_phrase``, ``all_words``, ``most_words``, ``some_words``, ``corrected``, ``meaning``; empty where the
    model does not find it at all."""
    score: float
    parts: tuple[ScorePart, ...]
    features: tuple[Feature, ...] = ()


class TermRead(msgspec.Struct, frozen=True):
    """A term that the query was read as."""

    term: str
    """As the index holds it."""
    word: str
    """As the shopper wrote it, or as it was corrected; empty for one that stands beside another."""
    kind: str
    """``word``, ``stem``, ``form`` (the word's own form, beside its stem), ``piece`` of a model number, ``character``,
    ``head`` (last character of a Chinese word), ``joined`` (several words as one), ``pair`` (both must be held),
    ``other_form``, ``synonym``, ``correction``."""
    weight: float
    """What holding it counts at most."""
    idf: float
    """How rare it is; 0 for a pair."""
    texts: int
    """Texts of the catalogue that hold it."""
    stands_for: tuple[str, ...]
    """Words of the query that it stands for."""
    group: int
    """Of terms with the same number the best counts."""


class CorrectionRead(msgspec.Struct, frozen=True):
    """A reading of a word that the catalogue does not hold."""

    typed: str
    words: tuple[str, ...]
    weight: float
    """Trust in it beside the best one, in (0, 1]."""
    trust: str
    """``offered``, ``guessed``, ``sure`` (a slip of the pen), ``written`` (two words written together)."""
    applied: bool
    """Whether it was searched for."""


class SynonymRead(msgspec.Struct, frozen=True):
    """Other names that were searched for, too."""

    words: tuple[str, ...]
    """What the query says."""
    names: tuple[str, ...]
    replaced: bool
    """Whether the words themselves were no longer searched for."""


class Meant(msgspec.Struct, frozen=True, omit_defaults=True):
    """What a query is taken to say of one thing."""

    kind: str
    """``category``, ``brand``, ``attribute``, ``measure``, ``model_number``."""
    value: str
    field: str = ""
    """Field of an attribute."""
    words: tuple[str, ...] = ()
    """Words that say it; empty where it follows from what is bought."""
    probability: float | None = None
    """Of a category: its share of what people buy, or of what there is, among items that hold the words; smoothed."""


class QueryRead(msgspec.Struct, frozen=True):
    """How a query was read."""

    folded: str
    """In one spelling: letters, signs, numbers and measures; of a very long query the beginning."""
    language: str
    """``zh``, ``en``, ``other`` for other letters, ``mixed``; empty without letters."""
    words: tuple[str, ...]
    stop_words: tuple[str, ...]
    """Words that carry no wish: an item need not hold them."""
    terms: tuple[TermRead, ...]
    unknown: tuple[str, ...]
    """Words that the catalogue does not hold."""
    corrections: tuple[CorrectionRead, ...]
    synonyms: tuple[SynonymRead, ...]
    meant: tuple[Meant, ...] = ()
    """What the query says of category, brand, attributes and measures."""


class StepCount(msgspec.Struct, frozen=True):
    """How many were left after one step, or were taken out by it."""

    kind: str
    """Counting what was found: ``holding_a_word``, ``first_phase``, ``by_words``, ``by_meaning``, ``fused``,
    ``ranked`` (texts). Counting what was taken out: ``below_floor`` (texts that are too far away in meaning),
    ``sold_out``, ``hidden``, ``filter``, ``price``, ``grouped`` (items)."""
    n: int
    of: str = ""
    """The filter or rule."""


class StageTime(msgspec.Struct, frozen=True):
    """What one stage took when it was done once more, on its own, with nothing remembered."""

    name: str
    """``read``, ``plan``, ``first_phase``, ``second_phase``, ``encode``, ``nearest``, ``fusion``, ``learned_ranking``,
    ``rules``, ``list`` (filters, variants, order, page, facets), ``cards``; another model's have their own names."""
    us: float


class Derivation(msgspec.Struct, frozen=True):
    """What a model says of one answer."""

    items: tuple[ItemScore, ...]
    """In the order they were asked for."""
    read: QueryRead | None = None
    steps: tuple[StepCount, ...] = ()
    stages: tuple[StageTime, ...] = ()


class Moved(msgspec.Struct, frozen=True):
    """What a rule of curation did to one item."""

    rule: str
    """Its id."""
    action: str
    """``pin``, ``boost``, ``bury``."""


class ItemExplained(msgspec.Struct, frozen=True):
    """One item of the answer."""

    id: str
    title: str
    tier: str
    """As ``ItemScore``; ``item_number`` where the query is its number, ``pinned`` where a rule put it first."""
    score: float
    """As in the answer."""
    parts: tuple[ScorePart, ...]
    """They add up to the score; empty where the model does not tell."""
    features: tuple[Feature, ...] = ()
    moved: tuple[Moved, ...] = ()
    place_without_rules: int | None = None
    """From 1, by relevance and before any filter; only where rules moved something."""


class SearchExplanation(msgspec.Struct, frozen=True, kw_only=True):
    """How an answer came about."""

    format: int = 1
    model: str
    """Name of the configuration that answered; empty where it has none."""
    tells: bool
    """Whether the model tells how it scores; where it does not, items have scores without parts."""
    note: str = ""
    """What is missing, and why."""
    read: QueryRead | None
    """Null where the model looks at no words, or does not tell."""
    tiers: tuple[StepCount, ...]
    """How many of the items shown each tier holds, the best tier first."""
    items: tuple[ItemExplained, ...]
    steps: tuple[StepCount, ...]
    stages: tuple[StageTime, ...]
    total_us: float
    """What finding, arranging and showing the answer took, the explanation itself left out."""


def counted(parts: tuple[ScorePart, ...]) -> float:
    """The sum of parts that counted."""
    return sum(part.value for part in parts if part.counted)


def explanation_builtins(explanation: SearchExplanation) -> dict[str, Any]:
    """An explanation as JSON's own types."""
    return as_builtins(explanation)
