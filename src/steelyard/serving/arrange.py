"""How a list is laid out for shoppers: one card a product with its sizes as options, not ten of one shelf.

The order of a ranking stays; nothing here knows models. It is asked for by the store front and never by default, so
that the list that was measured is the list that is answered.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple

from steelyard.models.text.amounts import UNITS
from steelyard.serving.cards import Brief, Card, Cards

__all__ = ["FIRST", "MAX_OF_CATEGORY", "Layout", "Place", "Product", "arrange", "briefs_of", "by_size", "product_of"]

FIRST = 10
"""What a shopper sees at a glance."""
MAX_OF_CATEGORY = 3
"""At most so many of one category among the first."""

_AMOUNT = rf"(?:\d+(?:[.,/\-]\d+)*|\.\d+)\s?(?:{UNITS})\b"
_SIZE = re.compile(
    rf"[\s,;(\-–]*(?<![0-9A-Za-z./])((?:\d+\s)?{_AMOUNT}(?:\s?[x×*/]\s?\d+\s?(?:{UNITS})?)?|"
    r"(?:size|尺码)\s?\w{1,4}|(?:gal|pt|qt|dz|doz))(?:\s?\(\d+)?\)?\s*$",
    re.IGNORECASE,
)
_LETTERS = re.compile(r"(?:(?P<times>\d)?(?P<x>x+)(?=[sl]))?(?P<end>[sml])(?![a-z0-9])", re.IGNORECASE)
"""XS, S, M, L, XL, XXL, 3XL."""


class Product(NamedTuple):
    """What makes two items one product in several sizes."""

    title: str
    """Title without the size, in lower case."""
    brand: str
    category: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Layout:
    """How a list is to be laid out."""

    k: int
    """Length of the list, >= 1."""
    max_of_category: int | None = MAX_OF_CATEGORY
    """At most so many of one narrowest category among the first ``FIRST``, as long as there are others; ``None``
    keeps the order as it is."""
    without: frozenset[Product] = frozenset()
    """Products that must not come, in whatever size: the one that is looked at, or those of the basket."""
    without_category: tuple[str, ...] = ()
    """A category that must not come; empty excludes none."""


class Place(NamedTuple):
    """One card of the list."""

    at: int
    """Where its item stands in the ranking."""
    options: tuple[tuple[int, str], ...]
    """Places in the ranking and sizes of all items it stands for, itself among them; empty where there is no choice."""


def product_of(brief: Brief) -> tuple[Product, str]:
    """The product an item is a size of, and the size; the size is empty where the title ends with none."""
    title = brief.title.strip()
    found = _SIZE.search(title)
    stem = title[: found.start()].rstrip(" ,;-–(") if found else title
    if found is None or not stem:
        return Product(title.casefold(), brief.brand.casefold(), brief.category), ""
    return Product(stem.casefold(), brief.brand.casefold(), brief.category), found[1].strip()


def briefs_of(numbers: Sequence[int], cards: Cards) -> list[Brief]:
    """What a layout must know of items: of those that look alike, all that their cards say.

    Args:
        numbers: Item numbers.
        cards: Of the catalogue.

    Returns:
        One for each number; a whole card where another item has the same title, brand and category.
    """
    briefs = [cards.brief(number) for number in numbers]
    times = Counter(map(product_of, briefs))
    return [
        cards.card(number) if times[product_of(brief)] > 1 else brief
        for number, brief in zip(numbers, briefs, strict=True)
    ]


def arrange(ranking: Sequence[Brief], layout: Layout) -> list[Place]:
    """The cards of a list.

    Args:
        ranking: Items, best first; longer than the list, so that there is something to choose from.
        layout: What the list may hold.

    Returns:
        At most ``layout.k`` cards in the order of the ranking, but for those of a crowded category, which come after
        the others. No product comes twice: the best of its items stands for it.
    """
    sizes: dict[Product, dict[str, int]] = {}
    first: dict[Product, int] = {}
    variants = _variants(ranking)
    for at, brief in enumerate(ranking):
        product, size = product_of(brief)
        size = variants.get(at, size)
        if product in layout.without or (layout.without_category and brief.category == layout.without_category):
            continue
        first.setdefault(product, at)
        sizes.setdefault(product, {}).setdefault(size, at)
    order = _uncrowded(list(first.items()), layout)
    return [Place(at, _options(sizes[product])) for product, at in order[: layout.k]]


def _variants(ranking: Sequence[Brief]) -> dict[int, str]:
    """Sizes of items whose titles are alike, by what their attributes differ in: a shirt in S, M and L."""
    alike: dict[tuple[Product, str], list[int]] = {}
    for at, brief in enumerate(ranking):
        if isinstance(brief, Card):
            alike.setdefault(product_of(brief), []).append(at)
    found: dict[int, str] = {}
    for (_, size), places in alike.items():
        of_each = [brief.attributes for brief in map(ranking.__getitem__, places) if isinstance(brief, Card)]
        names = [name for name in of_each[0] if len({held.get(name, "") for held in of_each}) > 1]
        for at, held in zip(places, of_each, strict=True):
            values = [held[name] for name in names if held.get(name)]
            found[at] = " · ".join([size, *values] if size else values)
    return found


def _uncrowded(cards: list[tuple[Product, int]], layout: Layout) -> list[tuple[Product, int]]:
    if layout.max_of_category is None:
        return cards
    counts: Counter[tuple[str, ...]] = Counter()
    leading: list[tuple[Product, int]] = []
    waiting: list[tuple[Product, int]] = []
    for card in cards:
        category = card[0].category
        if len(leading) >= min(FIRST, layout.k) or not category or counts[category] < layout.max_of_category:
            counts[category] += 1
            leading.append(card)
        else:
            waiting.append(card)
    n_first = min(FIRST, layout.k)
    return [*leading[:n_first], *sorted([*leading[n_first:], *waiting], key=lambda card: card[1])]


def _options(of_size: dict[str, int]) -> tuple[tuple[int, str], ...]:
    if len(of_size) < 2:
        return ()
    return tuple((at, size) for size, at in sorted(of_size.items(), key=lambda entry: by_size(entry[0])))


def by_size(size: str) -> tuple[float, float, str]:
    """What sizes are sorted by: S before M before XL, then by their number, then by their letters."""
    number = re.match(r"\d+(?:\.\d+)?", size)
    letters = _LETTERS.match(size)
    if letters is None:
        return (0.0, float(number[0]) if number else 0.0, size)
    end = letters["end"].lower()
    n_x = int(letters["times"] or len(letters["x"] or ""))
    place = {"s": -n_x, "m": 1, "l": 2 + n_x}[end]
    return (1.0, float(place), size)
