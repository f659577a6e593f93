"""Fields of the catalogue while it is served: which items a filter lets through."""

from __future__ import annotations

import difflib
import unicodedata
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property, lru_cache
from math import isfinite

import msgspec
import numpy as np
import numpy.typing as npt

from steelyard.domain import FloatArray, IntArray, State
from steelyard.errors import AskError
from steelyard.serving.lists.field_state import ATTRIBUTE, IN_STOCK, PRICE

__all__ = ["Condition", "Fields", "Filter", "Range"]

Mask = npt.NDArray[np.bool_]
_MAX_FIELDS = 50
_MAX_SHOWN = 12
_MAX_NAMES = 3000


class Range(msgspec.Struct, forbid_unknown_fields=True, frozen=True, omit_defaults=True):
    """Numbers between two bounds, for prices and for attributes that are numbers."""

    min: float | None = None
    """Least, itself included."""
    max: float | None = None
    """Most, itself included."""
    below: float | None = None
    """Less than this, itself left out, as the ranges of a facet give it."""


Condition = bool | str | Range | list[str | Range]
"""What one field must be: one value or range, or any of several."""


@dataclass(frozen=True, slots=True)
class Filter:
    """What one field must be, as the catalogue knows it."""

    field: str
    values: tuple[str, ...] = ()
    """Any of them is enough."""
    ranges: tuple[Range, ...] = ()


class Fields:
    """Values of all items, by field.

    Args:
        state: What ``fields_state`` gave.
    """

    def __init__(self, state: State) -> None:
        self.state = state
        """What it was made of."""
        arrays = state.arrays
        self.names: list[str] = [*state.facts["fields"], PRICE]
        """Of all fields, ``price`` the last."""
        self.items: npt.NDArray[np.int32] = arrays["items"]
        """Of each pair of item and value, by field. Shape (pairs,)."""
        self.values: npt.NDArray[np.int32] = arrays["values"]
        """Of each pair, the value's number in its field. Shape (pairs,)."""
        self.starts: list[int] = arrays["field_starts"].tolist()
        """First pair of each field, and the end of the last."""
        self.price: FloatArray = arrays["price"]
        self.product: IntArray = arrays["product"]
        self.size: IntArray = arrays["size"]
        self.sizes: list[str] = list(state.facts["sizes"])
        self.n_items = len(self.price)
        self._value_starts: list[int] = arrays["value_starts"].tolist()
        self._text_offsets = arrays["text_offsets"].data  # plain integers, without numpy's cost
        self._texts = arrays["texts"].data
        self._numbers: FloatArray = arrays["numbers"]
        self._number_of = {name: n for n, name in enumerate(self.names)}
        self._values_of = lru_cache(maxsize=64)(self._folded_values)

    @property
    def price_field(self) -> int:
        """Number of the field ``price``."""
        return len(self.names) - 1

    def n_values(self, number: int) -> int:
        """Distinct values of a field."""
        return self._value_starts[number + 1] - self._value_starts[number]

    def text(self, number: int, value: int) -> str:
        """A value as the catalogue writes it."""
        at = self._value_starts[number] + value
        return bytes(self._texts[self._text_offsets[at] : self._text_offsets[at + 1]]).decode("utf-8")

    def is_numeric(self, number: int) -> bool:
        """Whether a range may be asked of a field."""
        if number == self.price_field:
            return True
        numbers = self._numbers_of(number)
        return self.n_values(number) > 0 and bool(np.isfinite(numbers).mean() >= 0.8)

    def number(self, name: str) -> int:
        """Number of the field of a name; an attribute may be named without ``attributes.``.

        Args:
            name: In any case.

        Returns:
            An index into ``names``.

        Raises:
            AskError: There is no such field; the message names the nearest.
        """
        found = self._number_of.get(name, self._by_folded.get(_folded(name)))
        if found is None:
            raise AskError("unknown_field", self._unknown(name))
        return found

    def read(self, given: Mapping[str, Condition]) -> tuple[Filter, ...]:
        """Filters as they were asked for, checked against the catalogue.

        Args:
            given: What each field must be.

        Returns:
            By field, in the order of ``names``: what means the same reads the same.

        Raises:
            AskError: A field is unknown or named twice, or what it must be does not suit it.
        """
        if len(given) > _MAX_FIELDS:
            raise AskError("too_many_filters", f"{len(given)} fields are filtered by; filter by at most {_MAX_FIELDS}")
        found: dict[int, Filter] = {}
        for name, condition in given.items():
            number = self.number(name)
            if number in found:
                raise AskError("bad_filter", f"field {self.names[number]!r} is filtered twice: give one list of values")
            found[number] = self._filter(number, condition)
        return tuple(found[number] for number in sorted(found))

    def mask(self, one: Filter) -> Mask:
        """Which items a filter lets through. Shape (n_items,)."""
        number = self._number_of[one.field]
        if number == self.price_field:
            return _within(self.price, one.ranges)
        chosen = np.zeros(self.n_values(number), bool)
        known = self._values_of(number)
        chosen[[at for value in one.values for at in known.get(_folded(value), ())]] = True
        if one.ranges:
            chosen |= _within(self._numbers_of(number), one.ranges)
        begin, end = self.starts[number : number + 2]
        mask = np.zeros(self.n_items, bool)
        mask[self.items[begin:end][chosen[self.values[begin:end]]]] = True
        return mask

    def _filter(self, number: int, condition: Condition) -> Filter:
        name = self.names[number]
        several = condition if isinstance(condition, list) else [condition]
        if not several:
            raise AskError("bad_filter", f"field {name!r} has no value to be filtered by: leave it out")
        if (name == IN_STOCK) != isinstance(condition, bool):
            suits = "true or false" if name == IN_STOCK else "a text, a list of texts, or a range"
            raise AskError("bad_filter", f"field {name!r} is filtered by {suits}")
        if isinstance(condition, bool):
            return Filter(name, values=("true" if condition else "false",))
        ranges = tuple(one for one in several if isinstance(one, Range))
        values = tuple(dict.fromkeys(one for one in several if isinstance(one, str)))
        if ranges and not self.is_numeric(number):
            raise AskError("bad_filter", f"field {name!r} holds no numbers: filter by its values, not by a range")
        if values and number == self.price_field:
            raise AskError("bad_filter", 'field \'price\' is filtered by ranges, such as {"min": 10, "max": 20}')
        for one in ranges:
            _check(name, one)
        order = sorted(set(ranges), key=msgspec.json.encode)
        return Filter(name, values=tuple(sorted(values)), ranges=tuple(order))

    @cached_property
    def _by_folded(self) -> dict[str, int]:
        """Fields by their names in one spelling; attributes also by their bare names, which never win over others."""
        found: dict[str, int] = {}
        for number, name in enumerate(self.names):
            found.setdefault(_folded(name), number)
        for number, name in enumerate(self.names):
            if name.startswith(ATTRIBUTE):
                found.setdefault(_folded(name.removeprefix(ATTRIBUTE)), number)
        return found

    def _unknown(self, name: str) -> str:
        known = list(self._by_folded)[:_MAX_NAMES]
        near = difflib.get_close_matches(_folded(name[:64]), known, n=1, cutoff=0.5)
        nearest = f"; the nearest is {self.names[self._by_folded[near[0]]]!r}" if near else ""
        some = ", ".join([*self.names[: _MAX_SHOWN - 1], PRICE] if len(self.names) > _MAX_SHOWN else self.names)
        more = f" and {len(self.names) - _MAX_SHOWN} more" if len(self.names) > _MAX_SHOWN else ""
        return f"the catalogue has no field {name[:64]!r}{nearest}. It has {some}{more}"

    def _folded_values(self, number: int) -> dict[str, tuple[int, ...]]:
        found: dict[str, tuple[int, ...]] = {}
        for value in range(self.n_values(number)):
            key = _folded(self.text(number, value))
            found[key] = (*found.get(key, ()), value)
        return found

    def _numbers_of(self, number: int) -> FloatArray:
        return self._numbers[self._value_starts[number] : self._value_starts[number + 1]]


def _folded(text: str) -> str:
    return " ".join(unicodedata.normalize("NFKC", text).casefold().split())


def _check(name: str, one: Range) -> None:
    bounds = [bound for bound in (one.min, one.max, one.below) if bound is not None]
    if not bounds or not all(map(isfinite, bounds)):
        raise AskError("bad_filter", f"a range of field {name!r} needs a number as min, max or below")


def _within(numbers: FloatArray, ranges: Sequence[Range]) -> Mask:
    """Whether each number is in any of the ranges; an unknown number is in none."""
    found = np.zeros(len(numbers), bool)
    with np.errstate(invalid="ignore"):
        for one in ranges:
            inside = np.isfinite(numbers)
            for bound, holds in ((one.min, np.greater_equal), (one.max, np.less_equal), (one.below, np.less)):
                if bound is not None:
                    inside &= holds(numbers, bound)
            found |= inside
    return found
