"""Kinds of events that a log writes as numbers: nobody but the shop knows what they mean, and some public logs tell."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from steelyard.data.guessing.profiles import ColumnProfile

__all__ = ["NumberedKinds", "numbered_kinds"]

_PUBLIC: tuple[tuple[str, Mapping[str, str]], ...] = (
    (
        "IJCAI-15 (0 click, 1 add to cart, 2 purchase, 3 favourite)",
        {"0": "click", "1": "add_to_cart", "2": "purchase", "3": "click"},
    ),
    (
        "Tianchi (1 view, 2 favourite, 3 add to cart, 4 purchase)",
        {"1": "view", "2": "click", "3": "add_to_cart", "4": "purchase"},
    ),
)
"""Public logs with kinds in numbers."""


@dataclass(frozen=True, slots=True)
class NumberedKinds:
    """What is to be asked of numbers in the place of kinds."""

    values: tuple[str, ...]
    column: str
    public: str = ""
    """The public log that has just these numbers; empty where none has."""
    kinds: Mapping[str, str] | None = None
    """What they mean there."""

    @property
    def question(self) -> str:
        """What a person must say, in one line."""
        listed = ", ".join(self.values)
        asks = f"{self.column} holds numbers ({listed}): say in kinds what each means; until then prepare stops"
        return f"{asks}; runner-up: as in {self.public}" if self.public else asks


def numbered_kinds(column: ColumnProfile | None) -> NumberedKinds | None:
    """What to ask where every kind of a log is a number.

    Args:
        column: The column of kinds, where there is one.

    Returns:
        ``None`` where there is none, or where some of its kinds are words.
    """
    if column is None or not column.counts or column.numeric_share < 1.0:
        return None
    values = tuple(sorted(column.counts, key=_number))
    bare = {value.removesuffix(".0") for value in values}
    for name, kinds in _PUBLIC:
        if len(bare) > 1 and bare == kinds.keys():
            told = {value: kinds[value.removesuffix(".0")] for value in values}
            return NumberedKinds(values, column.name, name, told)
    return NumberedKinds(values, column.name)


def _number(text: str) -> float:
    """The number a text holds; 0 where it is none."""
    try:
        return float(text)
    except ValueError:
        return 0.0
