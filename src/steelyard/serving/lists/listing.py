"""The list of a search: what filters let through, in the order that was asked for, and facets over all of it.

Everything is done on the whole result of a query, so that it is exact whichever model ranks: a filter loses nothing, a
facet counts what pages would show, and pages part the list without gaps.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum

import msgspec
import numpy as np
import numpy.typing as npt

from steelyard.domain import FloatArray, IntArray, Request
from steelyard.errors import AskError
from steelyard.models.ranking.personal import WINDOW
from steelyard.models.whole import Whole
from steelyard.serving.lists.curation import NO_RULES, InForce
from steelyard.serving.lists.cursors import read_cursor
from steelyard.serving.lists.facets import Facet, Found, count_field, usual_fields
from steelyard.serving.lists.fields import Condition, Fields, Filter
from steelyard.serving.lists.personal import Ordered, Personal, PersonalPart, Shown, in_order_of

__all__ = [
    "ALL_FACETS",
    "FILLED_UP_TO",
    "LOOKED_AT",
    "All",
    "Checked",
    "List",
    "PriceAsked",
    "Question",
    "Sort",
    "Unit",
    "asked_of",
    "checked",
    "list_of",
]

Mask = npt.NDArray[np.bool_]
ALL_FACETS = "*"
"""Asks for the facets that suit the result."""
FILLED_UP_TO = 20
"""A list that matches fewer is filled up with the nearest by meaning, where the model has any."""
_LEAST_MORE = 10
"""At least so many are added then, each where its score puts it: the first page is that of an exact search."""
LOOKED_AT = 3
"""So many of the best items are looked at to say how well they fit."""
_MAX_FACETS = 30


class Sort(StrEnum):
    """In which order results come."""

    RELEVANCE = "relevance"
    PRICE_UP = "price_up"
    """Cheapest first; what has no price comes last."""
    PRICE_DOWN = "price_down"
    """Dearest first; what has no price comes last."""
    NEWEST = "newest"
    """What was added to the catalogue last comes first."""
    BEST_SELLING = "best_selling"
    """What was bought most often comes first."""


@dataclass(frozen=True, slots=True)
class Question:
    """A search for a page of its whole result."""

    query: str
    k: int = 10
    """Length of the page."""
    filters: Mapping[str, Condition] = field(default_factory=dict)
    facets: tuple[str, ...] = ()
    """Names of fields; ``*`` for those that suit the result."""
    sort: Sort = Sort.RELEVANCE
    cursor: str = ""
    explain: bool = True
    diversify: bool = False
    """One result a product, with its sizes, instead of one a text."""
    highlight: bool = False
    verbatim: bool = False
    """Whether the words are taken as they were typed, and none is guessed."""
    is_paged: bool = False
    """Whether the answer says how long the whole list is and where the next page begins."""
    user: str = ""
    """The shop's own identifier of who asks; empty where nobody's history may be looked at."""
    audience: str = ""
    """Whose rules of curation hold, as the shop's page says; empty for nobody in particular."""
    is_explained: bool = False
    """Whether the answer says how it came about, which takes as long again as the answer, and more."""

    @property
    def needs_whole(self) -> bool:
        """Whether the whole result must be known; a question for a few items takes far less."""
        is_sorted = self.sort is not Sort.RELEVANCE
        return bool(self.is_paged or self.filters or self.facets or self.cursor or is_sorted or self.highlight)

    @property
    def request(self) -> Request:
        """What the models are asked."""
        return Request(query=self.query, verbatim=self.verbatim)


class PriceAsked(msgspec.Struct, frozen=True):
    """A price that was read from the words of a query."""

    phrase: str
    """The words that say it."""
    applied: bool
    """Whether the list keeps to it; else nothing does, and the list is that of the other words."""
    min: float | None = None
    max: float | None = None


@dataclass(frozen=True, slots=True)
class Checked:
    """A question that can be answered: fields, order and cursor were read."""

    question: Question
    filters: tuple[Filter, ...]
    start: int = 0
    """Results before the page."""
    rules: InForce = NO_RULES
    """What merchandisers want of such a search."""
    price: PriceAsked | None = None
    """What the words ask for; ``question`` has it as a filter where it is applied."""
    typed: Question | None = None
    """As it was asked, where ``question`` is another."""
    personal: Personal | None = None
    """What is known of who asks; ``None`` where the list is that of everybody."""

    @property
    def needs_whole(self) -> bool:
        """Whether the answer is made from the whole result, and not from the head of the ranking."""
        return self.question.needs_whole or bool(self.rules) or self.personal is not None


class Unit(msgspec.Struct, frozen=True):
    """One result."""

    item: int
    """Number of the item that stands for it."""
    score: float
    others: tuple[int, ...]
    """Numbers of all its items, itself among them, the best first."""


@dataclass(frozen=True, slots=True)
class All:
    """All that a query finds."""

    whole: Whole
    """Named items first."""
    named: Mapping[int, str] = field(default_factory=dict)
    """Items whose number the query is, with the identifier that was meant: they come first in every order."""
    pinned: tuple[int, ...] = ()
    """Items that a rule put first: they say nothing of how well the query was understood."""
    moved: IntArray | None = None
    """Items that rules put up or down: no taste moves them."""


@dataclass(frozen=True, slots=True)
class List:
    """A page and what is said of the whole list."""

    units: list[Unit]
    n_results: int
    n_matched: int
    """Results without those that fill up a short list."""
    facets: list[Facet]
    of: All
    """What it was made of."""
    best: tuple[int, ...]
    """Items that fit the query best among those that the filters let through, whatever the order and the page."""
    personal: Mapping[int, PersonalPart] = field(default_factory=dict)
    """What a taste did to the results of the page, by item."""


def asked_of(question: Question, filters: Sequence[Filter]) -> bytes:
    """All that the order of the list depends on, the same for what means the same."""
    return msgspec.json.encode([question.query, filters, question.sort.value, question.diversify, question.verbatim])


def checked(question: Question, *, fields: Fields, has_sold: bool, bundle: str) -> Checked:
    """A question as the catalogue understands it.

    Args:
        question: What was asked.
        fields: Of the catalogue.
        has_sold: Whether it is known how often each item was bought.
        bundle: Digest of the bundle that answers.

    Returns:
        Ready to be answered.

    Raises:
        AskError: A field is unknown, a filter does not suit it, the order is not to be had, or the cursor belongs to
            another bundle or another search.
    """
    filters = fields.read(question.filters)
    if question.sort is Sort.BEST_SELLING and not has_sold:
        raise AskError("no_such_sort", "this bundle does not know what was bought: sort by relevance, price or newest")
    if len(question.facets) > _MAX_FACETS:
        raise AskError("too_many_facets", f"{len(question.facets)} facets are asked for; ask for at most {_MAX_FACETS}")
    for name in question.facets:
        if name != ALL_FACETS:
            fields.number(name)
    start = read_cursor(question.cursor, bundle, asked_of(question, filters)) if question.cursor else 0
    return Checked(question, filters, start)


def list_of(found: All, asked: Checked, *, fields: Fields, sold: FloatArray | None) -> List:
    """A page of a search.

    Args:
        found: All that the query finds.
        asked: What was asked.
        fields: Of the catalogue.
        sold: How often each item was bought; ``None`` where nobody knows.

    Returns:
        At most ``k`` results from where the page begins, each once.
    """
    question, filters, start, whole = asked.question, asked.filters, asked.start, found.whole
    matched = _part(whole, fields, slice(0, whole.n_matched), diversify=question.diversify)
    masks = [fields.mask(one) for one in filters]
    listed = matched.where(masks)
    n_matched = len(_firsts(listed.units))
    if n_matched < FILLED_UP_TO and whole.n_matched < len(whole.items):
        rest = _part(whole, fields, slice(whole.n_matched, None), diversify=question.diversify).where(masks)
        listed = listed.filled_up(rest, max(FILLED_UP_TO - n_matched, _LEAST_MORE))
    own = listed.at(~np.isin(listed.items, found.pinned)) if found.pinned else listed
    best = tuple(own.items[_firsts(own.units)[:LOOKED_AT]].tolist())
    order = _order(listed.items, question.sort, fields=fields, sold=sold)
    listed = listed.at(_with_first(order, listed.items, list(found.named)))
    ordered = None
    if asked.personal is not None and question.sort is Sort.RELEVANCE:
        listed, ordered = _personal(listed, asked.personal, found)
    firsts = _firsts(listed.units)
    facets = _facets(matched, question, fields=fields, filters=filters, masks=masks)
    units = _units(listed, firsts[start : start + question.k])
    of_page = {} if ordered is None else ordered.parts(unit.item for unit in units)
    return List(units, len(firsts), n_matched, facets, found, best, of_page)


@dataclass(frozen=True, slots=True)
class _Part:
    """Items of a list in its order, with the result each belongs to."""

    items: IntArray
    units: IntArray
    scores: FloatArray

    def at(self, places: IntArray | Mask) -> _Part:
        """The items at some places."""
        return _Part(self.items[places], self.units[places], self.scores[places])

    def where(self, masks: Sequence[Mask]) -> _Part:
        """The items that all filters let through."""
        return self.at(np.logical_and.reduce([mask[self.items] for mask in masks])) if masks else self

    def filled_up(self, rest: _Part, n: int) -> _Part:
        """With the first ``n`` results of the rest that are not among these, all by their scores."""
        rest = rest.at(~np.isin(rest.units, self.units))
        more = rest.at(np.isin(rest.units, rest.units[_firsts(rest.units)[:n]]))
        together = _Part(
            np.concatenate([self.items, more.items]),
            np.concatenate([self.units, more.units]),
            np.concatenate([self.scores, more.scores]),
        )
        return together.at(np.argsort(-together.scores, kind="stable"))


def _part(whole: Whole, fields: Fields, places: slice, *, diversify: bool) -> _Part:
    items = whole.items[places].astype(np.int64)
    units = fields.product[items] if diversify else whole.units[places]
    return _Part(items, units.astype(np.int64), whole.scores[places])


def _firsts(units: IntArray) -> IntArray:
    """Place of the first of each unit, ascending."""
    found: IntArray = np.sort(np.unique(units, return_index=True)[1])
    return found


def _order(items: IntArray, sort: Sort, *, fields: Fields, sold: FloatArray | None) -> IntArray:
    """Places of items in the order that is asked for; what is equal stays as it is."""
    if sort is Sort.RELEVANCE:
        return np.arange(len(items))
    if sort is Sort.NEWEST:
        return np.argsort(-items, kind="stable")
    if sort is Sort.BEST_SELLING and sold is not None:
        return np.argsort(-sold[items], kind="stable")
    prices = fields.price[items]
    return np.argsort(prices if sort is Sort.PRICE_UP else -prices, kind="stable")  # NaN comes last


def _personal(listed: _Part, personal: Personal, found: All) -> tuple[_Part, Ordered]:
    """A list in the order for one shopper, with what was added in its scores."""
    held = [*found.named, *found.pinned, *([] if found.moved is None else found.moved.tolist())]
    firsts = _firsts(listed.units)[:WINDOW]
    n = len(firsts)
    place = np.full(int(listed.units.max(initial=0)) + 1, n)
    place[listed.units[firsts]] = np.arange(n)
    of_each = place[listed.units]
    inside = np.flatnonzero(of_each < n)
    shown = Shown(listed.items[firsts], listed.scores[firsts], listed.items[inside], of_each[inside])
    ordered = in_order_of(personal, shown, fixed=np.isin(shown.items, held))
    rank, scores = np.empty(n, np.int64), listed.scores.copy()
    rank[ordered.order] = np.arange(n)
    scores[inside] += ordered.added[of_each[inside]]
    first = inside[np.argsort(rank[of_each[inside]], kind="stable")]
    raised = _Part(listed.items, listed.units, scores)
    return raised.at(np.concatenate([first, np.flatnonzero(of_each == n)])), ordered


def _with_first(order: IntArray, items: IntArray, named: Sequence[int]) -> IntArray:
    """An order of items with some of them before all others."""
    if not named:
        return order
    is_named = np.isin(items[order], named)
    return np.concatenate([order[is_named], order[~is_named]])


def _units(listed: _Part, page: IntArray) -> list[Unit]:
    found: dict[int, list[int]] = {unit: [] for unit in listed.units[page].tolist()}
    shown = listed.at(np.isin(listed.units, listed.units[page]))
    for unit, item in zip(shown.units.tolist(), shown.items.tolist(), strict=True):
        found[unit].append(item)
    first = listed.at(page)
    rows = zip(first.items.tolist(), first.units.tolist(), first.scores.tolist(), strict=True)
    return [Unit(item, score, tuple(found[unit])) for item, unit, score in rows]


def _facets(
    matched: _Part, question: Question, *, fields: Fields, filters: Sequence[Filter], masks: Sequence[Mask]
) -> list[Facet]:
    if not question.facets:
        return []
    own = {one.field: n for n, one in enumerate(filters)}
    found = matched.where(masks)
    facets = []
    for number in _wanted(question, matched, fields, filters):
        at = own.get(fields.names[number])
        base = found if at is None else matched.where([mask for n, mask in enumerate(masks) if n != at])
        chosen = None if at is None else filters[at]
        facets.append(count_field(fields, number, Found(base.items, base.units), chosen))
    return facets


def _wanted(question: Question, matched: _Part, fields: Fields, filters: Sequence[Filter]) -> list[int]:
    numbers: list[int] = []
    for name in question.facets:
        if name == ALL_FACETS:
            numbers += usual_fields(fields, Found(matched.items, matched.units))
            numbers += (fields.number(one.field) for one in filters)
        else:
            numbers.append(fields.number(name))
    return list(dict.fromkeys(numbers))
