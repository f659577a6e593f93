"""Facets: how many results have each value of a field. A field's own filter does not narrow its own counts."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import msgspec
import numpy as np
import numpy.typing as npt

from steelyard.domain import FloatArray, IntArray
from steelyard.serving.lists.field_state import ATTRIBUTE, BRAND, CATEGORY, PATH
from steelyard.serving.lists.fields import Fields, Filter

__all__ = ["MAX_VALUES", "Facet", "FacetRange", "FacetValue", "Found", "count_field", "usual_fields"]

MAX_VALUES = 100
"""Values of one facet; the commonest where there are more."""
_MOST_READ = 2000
"""Values that are looked through for what is chosen, and for the categories that are open."""
_USUAL_ATTRIBUTES = 8
_LEAST_SHARE = 0.05
_N_RANGES = 5
_STEPS = (1.0, 2.0, 2.5, 5.0, 10.0)


class FacetValue(msgspec.Struct, frozen=True):
    """A value of a field."""

    value: str
    """As a filter takes it; a category with those that hold it, ``Garden > Chairs``."""
    n: int
    """Results that have it."""
    is_chosen: bool = False
    """Whether it is filtered by now."""


class FacetRange(msgspec.Struct, frozen=True):
    """Numbers from ``min`` on and ``below``; either may be open."""

    min: float | None
    below: float | None
    n: int
    """Results in it."""


class Facet(msgspec.Struct, frozen=True):
    """A field with what it holds among the results."""

    field: str
    n_values: int
    """Distinct values among the results, shown or not."""
    values: list[FacetValue]
    """The commonest first; empty for prices."""
    ranges: list[FacetRange] = []
    """Of prices, ascending."""
    least: float | None = None
    """Lowest price."""
    most: float | None = None
    """Highest price."""


@dataclass(frozen=True, slots=True)
class Found:
    """Items of a whole result, and which of them are one."""

    items: IntArray
    """Shape (n,)."""
    units: IntArray
    """Shape (n,): items of one unit are one result."""

    def unit_of(self, n_items: int) -> IntArray:
        """For each item of the catalogue its unit, -1 for what was not found. Shape (n_items,)."""
        units = np.full(n_items, -1, np.int64)
        units[self.items] = self.units
        return units


def count_field(fields: Fields, number: int, found: Found, chosen: Filter | None) -> Facet:
    """The values of a field among results.

    Args:
        fields: Of the catalogue.
        number: Of the field.
        found: The results that all filters but the field's own let through.
        chosen: The field's own filter.

    Returns:
        Counts of results, not of items: a result of several items counts once for each value that any of them has.
    """
    if number == fields.price_field:
        return _count_price(fields, found)
    begin, end = fields.starts[number : number + 2]
    units = found.unit_of(fields.n_items)[fields.items[begin:end]]
    kept = np.flatnonzero(units >= 0)
    counts = _distinct(units[kept], fields.values[begin:end][kept], fields.n_values(number))
    name = fields.names[number]
    held = np.flatnonzero(counts)
    order = held[np.argsort(-counts[held], kind="stable")].tolist()
    n_read = _MOST_READ if name == CATEGORY or chosen is not None else MAX_VALUES
    values = [FacetValue(fields.text(number, value), int(counts[value])) for value in order[:n_read]]
    values = _marked(values, chosen)
    if name == CATEGORY:
        values = _unfolded(values)
    shown = values[:MAX_VALUES] + [value for value in values[MAX_VALUES:] if value.is_chosen]
    return Facet(name, len(held), shown)


def usual_fields(fields: Fields, found: Found) -> list[int]:
    """The fields that suit a result: category, brand, price, and the attributes that most of it has.

    Args:
        fields: Of the catalogue.
        found: The whole result.

    Returns:
        Numbers of fields, the built-in ones first.
    """
    is_found = np.zeros(fields.n_items, bool)
    is_found[found.items] = True
    kept = np.flatnonzero(is_found[fields.items])
    least = max(2, _LEAST_SHARE * len(found.items))
    edges = np.searchsorted(kept, fields.starts)
    n_held = np.diff(edges)
    built_in = [fields.number(name) for name in (CATEGORY, BRAND)]
    often = np.flatnonzero(n_held >= least)
    attributes: list[int] = []
    for number in often[np.argsort(-n_held[often], kind="stable")].tolist():
        if fields.names[number].startswith(ATTRIBUTE) and len(attributes) < _USUAL_ATTRIBUTES:
            distinct = np.count_nonzero(np.bincount(fields.values[kept[edges[number] : edges[number + 1]]]))
            if 1 < distinct <= n_held[number] / 2:
                attributes.append(number)
    prices = [fields.price_field] if np.isfinite(fields.price[found.items]).any() else []
    return [*(number for number in built_in if n_held[number]), *prices, *attributes]


def _distinct(units: IntArray, values: npt.NDArray[np.int32], n_values: int) -> IntArray:
    """How many distinct units have each value. Shape (n_values,)."""
    if not len(units) or np.bincount(units).max() == 1:  # one value each: nothing can be counted twice
        return np.bincount(values, minlength=n_values)
    return np.bincount(np.unique(units * n_values + values) % n_values, minlength=n_values)


def _marked(values: list[FacetValue], chosen: Filter | None) -> list[FacetValue]:
    """With what is filtered by marked, and added where nothing of it is left."""
    if chosen is None:
        return values
    wanted = {value.casefold(): value for value in chosen.values}
    marked = [FacetValue(v.value, v.n, wanted.pop(v.value.casefold(), None) is not None) for v in values]
    return [*marked, *(FacetValue(value, 0, is_chosen=True) for value in wanted.values())]


def _unfolded(values: Sequence[FacetValue]) -> list[FacetValue]:
    """The widest categories, what is chosen, and one level below it; of a single wide one the level below."""
    open_paths = {value.value for value in values if value.is_chosen}
    level = ""
    while True:
        below = [value for value in values if value.value.rpartition(PATH)[0] == level]
        if len(below) != 1:
            break
        level = below[0].value
        open_paths.add(level)
    ancestors = open_paths | {""}
    for path in open_paths:
        while path := path.rpartition(PATH)[0]:
            ancestors.add(path)
    return [v for v in values if v.value.rpartition(PATH)[0] in ancestors or v.is_chosen]


def _count_price(fields: Fields, found: Found) -> Facet:
    prices = fields.price[found.items]
    known = np.isfinite(prices)
    prices, units = prices[known], found.units[known]
    if not len(prices):
        return Facet("price", 0, [])
    edges = _edges(prices)
    lows, highs = [None, *edges], [*edges, None]
    place = np.searchsorted(edges, prices, side="right").astype(np.int32)
    counts = _distinct(units, place, len(edges) + 1).tolist()
    ranges = [FacetRange(low, high, n) for low, high, n in zip(lows, highs, counts, strict=True) if n]
    least, most = float(prices.min()), float(prices.max())
    return Facet("price", len(np.unique(prices)), [], ranges if len(ranges) > 1 else [], least, most)


def _edges(prices: FloatArray) -> list[float]:
    """Round prices that part a result into about equal parts; even steps where prices are close to each other."""
    least, most = float(prices.min()), float(prices.max())
    wanted = np.quantile(prices, np.arange(1, _N_RANGES) / _N_RANGES).tolist()
    found = [edge for edge in sorted({_round(price) for price in wanted if price > 0}) if least < edge <= most]
    if len(found) > 1 or most <= least:
        return found
    step = _round((most - least) / _N_RANGES)
    even = np.round(step * np.arange(np.floor(least / step) + 1, np.ceil(most / step)), 10).tolist()
    return [edge for edge in even if least < edge <= most]


def _round(price: float) -> float:
    """The nearest of 1, 2, 2.5, 5 and 10 times a power of ten."""
    power = 10.0 ** np.floor(np.log10(price))
    step = min(_STEPS, key=lambda step: abs(step * power - price))
    return float(np.round(step * power, 10))
