"""The catalogue without a question: departments, the latest, by price. All a shop needs to open is a catalogue."""

from __future__ import annotations

from enum import StrEnum

import msgspec
import numpy as np

from steelyard.domain import State
from steelyard.serving.cards import Cards

__all__ = ["MAX_DEPARTMENTS", "Browse", "Department", "Order", "shelf_state"]

MAX_DEPARTMENTS = 24


class Order(StrEnum):
    """In which order a shelf stands."""

    LATEST = "latest"
    """What was added to the catalogue last comes first."""
    PRICE_UP = "price_up"
    """Cheapest first; what has no price comes last."""
    PRICE_DOWN = "price_down"
    """Dearest first; what has no price comes last."""


class Department(msgspec.Struct, frozen=True):
    """A widest category."""

    name: str
    n_items: int
    """Items in it that can be bought."""


class _Fields(msgspec.Struct, gc=False):
    category: tuple[str, ...] = ()
    price: str | None = None
    stock: int | None = None


class Browse:
    """Shelves of a catalogue.

    Args:
        state: What ``shelf_state`` gave.
    """

    def __init__(self, state: State) -> None:
        self.state = state
        """What it was made of."""
        self._names: list[str] = list(state.facts["departments"])
        self._department = state.arrays["department"]
        self._price = state.arrays["price"]
        self._is_offered = state.arrays["is_offered"].astype(bool)
        counts = np.bincount(self._department[self._is_offered & (self._department >= 0)], minlength=len(self._names))
        order = np.argsort(-counts, kind="stable")[:MAX_DEPARTMENTS].tolist()
        self.departments = tuple(Department(self._names[n], int(counts[n])) for n in order if counts[n])
        """Widest categories, the largest first; at most ``MAX_DEPARTMENTS``."""

    def items(self, department: str, order: Order, *, k: int) -> list[int]:
        """Numbers of the items on a shelf.

        Args:
            department: Widest category; empty means all of them.
            order: In which order.
            k: How many, >= 0.

        Returns:
            At most ``k``; items that are known to be out of stock are not offered.
        """
        is_wanted = self._is_offered
        if department:
            number = self._names.index(department) if department in self._names else len(self._names)
            is_wanted = is_wanted & (self._department == number)
        places = np.flatnonzero(is_wanted)[::-1]
        if order is not Order.LATEST:
            prices = self._price[places]
            places = places[np.argsort(prices if order is Order.PRICE_UP else -prices, kind="stable")]  # NaN comes last
        numbers: list[int] = places[:k].tolist()
        return numbers


def shelf_state(cards: Cards) -> State:
    """Department, price and stock of every item, for ``Browse``.

    Args:
        cards: Of the whole catalogue, in its own order.

    Returns:
        Arrays ``department`` (int32, -1 without one), ``price`` (float64, NaN when unknown) and ``is_offered``
        (int8), all of shape (n_items,), and the names of the departments.
    """
    decoder = msgspec.json.Decoder(_Fields)
    numbers: dict[str, int] = {}
    department = np.full(len(cards), -1, np.int32)
    price = np.full(len(cards), np.nan)
    is_offered = np.ones(len(cards), np.int8)
    for number in range(len(cards)):
        found = decoder.decode(cards.raw(number))
        if found.category and found.category[0].strip():
            department[number] = numbers.setdefault(found.category[0], len(numbers))
        if found.price is not None:
            price[number] = float(found.price)
        is_offered[number] = found.stock is None or found.stock > 0
    return State({"department": department, "price": price, "is_offered": is_offered}, {"departments": list(numbers)})
