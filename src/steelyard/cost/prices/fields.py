"""Reads typed fields of one row of a price file, and notes in words what does not read. Nothing is guessed."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import date
from decimal import Decimal, InvalidOperation
from enum import StrEnum
from typing import Any, TypeVar

__all__ = ["Fields"]

_E = TypeVar("_E", bound=StrEnum)


LARGEST = Decimal(10**15)
_MOST_DIGITS = 100
_DECIMAL_COMMA = re.compile(r"\d+,\d+")


class Fields:
    """Typed fields of one row.

    Args:
        row: As read from JSON, TOML or CSV.
        problems: What does not read is added here.
    """

    def __init__(self, row: Mapping[str, Any], problems: list[str]) -> None:
        self.row = row
        self.problems = problems

    def number(self, key: str) -> Decimal | None:
        """A number of at least 0; ``None``, with the problem noted, when there is none."""
        value = self.row.get(key)
        if value is None or value == "":
            self.problems.append(f"{key}: missing; an unknown price is left out, never guessed")
            return None
        try:
            is_plain = not isinstance(value, bool) and "_" not in str(value)  # Python reads 1_000, people do not
            number = Decimal(str(value)) if is_plain else Decimal("NaN")
        except InvalidOperation:
            number = Decimal("NaN")
        if not number.is_finite():
            self.problems.append(f"{key}: {value!r} is not a number; {_how(str(value))}")
            return None
        if number < 0:
            self.problems.append(f"{key}: {value} is below zero")
            return None
        if number > LARGEST:
            self.problems.append(f"{key}: {value} is more than anything costs or holds ({LARGEST:,})")
            return None
        return number

    def count(self, key: str) -> int:
        """A whole number above 0; 0, with the problem noted, when it is not one."""
        value = self.row.get(key)
        text = str(value).strip()
        is_count = text.isdecimal() and len(text) <= _MOST_DIGITS  # superscripts are digits and no numbers
        if isinstance(value, bool) or not is_count or int(text) < 1:
            self.problems.append(f"{key}: {value!r} is not a whole number above 0")
            return 0
        return int(text)

    def flag(self, key: str) -> bool:
        """True or false; false when left out."""
        value = self.row.get(key, False)
        if value in (True, "true", "True", "1"):
            return True
        if value not in (False, "false", "False", "0", "", None):
            self.problems.append(f"{key}: {value!r} is not true or false")
        return False

    def day(self, key: str) -> date | None:
        """A day; ``None`` when left out, or, with the problem noted, when it is not one."""
        value = self.row.get(key)
        if isinstance(value, date):
            return date(value.year, value.month, value.day)
        try:
            return date.fromisoformat(str(value)) if value else None
        except ValueError:
            self.problems.append(f"{key}: {value!r} is not a day; write it like 2026-09-06")
            return None

    def choice(self, key: str, options: type[_E]) -> _E | None:
        """One of the options; ``None`` when left out, or, with the problem noted, when it is another."""
        value = str(self.row.get(key) or "")
        if value in {str(option) for option in options}:
            return options(value)
        if value:
            self.problems.append(f"{key}: {value!r} is not one of {', '.join(options)}")
        return None


def _how(text: str) -> str:
    if _DECIMAL_COMMA.fullmatch(text.strip()):
        return f"write it with a point: {text.strip().replace(',', '.')}"
    return "write it like 0.085"
