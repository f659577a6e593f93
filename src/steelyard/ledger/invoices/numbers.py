"""Numbers as files write them: a column is read in one notation, and where two fit it, nothing is guessed.

A file may write 1234.5, 1,234.50, 1.234,50, 1 234,50 or 1'234.50. Each is unambiguous by itself; 1.234 is not: with a
decimal point it is a little more than one, with a decimal comma over a thousand. Other values of the column decide.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from enum import StrEnum

from steelyard.ledger.invoices.problems import BillProblems

__all__ = ["LARGEST_AMOUNT", "LARGEST_QUANTITY", "Notation", "decide_notations", "in_plain_numbers", "plain_number"]

LARGEST_AMOUNT = Decimal(10) ** 15
"""What a ledger keeps is below it."""
LARGEST_QUANTITY = Decimal(10) ** 40
_SMALLEST_EXPONENT = -400
_NOTHING = {"", "NULL", "null"}
_BLANKS = " \u00a0\u2009\u202f"
_MARKS = f"{_BLANKS}'’"
_PLAIN = re.compile(r"[+-]?(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d{1,6})?", re.ASCII)


class Notation(StrEnum):
    """Which sign stands before the decimals."""

    POINT = "point"
    COMMA = "comma"

    def plain(self, text: str) -> str | None:
        """The number as ``-1234.5``; ``None`` where the text is no number in this notation."""
        if _PATTERNS[self].fullmatch(text) is None:
            return None
        return text.translate(_TO_PLAIN[self])


def _pattern(point: str, marks: str) -> re.Pattern[str]:
    point = re.escape(point)
    whole = rf"(?:\d+(?:{point}\d*)?|{point}\d+)(?:[eE][+-]?\d{{1,6}})?"
    grouped = rf"[1-9]\d{{0,2}}(?P<mark>[{re.escape(marks)}])\d{{3}}(?:(?P=mark)\d{{3}})*(?:{point}\d+)?"
    lakhs = rf"|[1-9]\d?(?:,\d\d)+,\d{{3}}(?:{point}\d+)?" if "," in marks else ""
    return re.compile(rf"[+-]?(?:{whole}|{grouped}{lakhs})", re.ASCII)


_TO_PLAIN = {
    Notation.POINT: str.maketrans("", "", f",{_MARKS}"),
    Notation.COMMA: str.maketrans(",", ".", f".{_MARKS}"),
}
_PATTERNS = {Notation.POINT: _pattern(".", f",{_MARKS}"), Notation.COMMA: _pattern(",", f".{_MARKS}")}


@dataclass
class _Column:
    """What the values of one column say about its notation."""

    only: dict[Notation, tuple[int, str]] = field(default_factory=dict)
    """First line and text that reads in one notation alone."""
    either: tuple[int, str] | None = None
    """First that reads in both, as two numbers."""
    is_point_first: bool = True
    """Whether all that read in both are plain numbers with a point."""

    def see(self, line: int, text: str) -> None:
        point, comma = (notation.plain(text) for notation in Notation)
        if point == comma:
            return  # whole, or no number in either: the row's reader says so
        if point is None or comma is None:
            self.only.setdefault(Notation.COMMA if point is None else Notation.POINT, (line, text))
            return
        self.either = self.either or (line, text)
        self.is_point_first = self.is_point_first and "," not in text


def decide_notations(
    lines: Iterable[tuple[int, Mapping[str, str]]],
    columns: Sequence[str],
    problems: BillProblems,
    *,
    told: Notation | None = None,
    is_comma_separated: bool,
) -> dict[str, Notation]:
    """In which notation each column of numbers is written: its values decide.

    Args:
        lines: Line number and values by the header's names, all of them.
        columns: Those that hold numbers.
        problems: Of the file; a column that reads two ways, or is written in two, is added.
        told: What the user says; then nothing is asked.
        is_comma_separated: Commas between the fields: whoever writes those writes 1.234 with a decimal point.

    Returns:
        By column. A column that is added to the problems is not among them.
    """
    if told is not None:
        return dict.fromkeys(columns, told)
    seen = {name: _Column() for name in columns}
    for number, line in lines:
        for name, column in seen.items():
            text = line[name].strip()
            if text not in _NOTHING and not text.isdigit():
                column.see(number, text)
    found = {}
    for name, column in seen.items():
        notation = _decided(name, column, problems, is_comma_separated=is_comma_separated)
        if notation is not None:
            found[name] = notation
    return found


def _decided(name: str, column: _Column, problems: BillProblems, *, is_comma_separated: bool) -> Notation | None:
    if len(column.only) > 1:
        (line, point), (other, comma) = column.only[Notation.POINT], column.only[Notation.COMMA]
        says = f"{name} {point!r} has a decimal point, {comma!r} of line {other} a decimal comma"
        problems.add("one column writes its numbers in two ways; export it in one", line, says)
        return None
    if column.only:
        return next(iter(column.only))
    if column.either is None or (is_comma_separated and column.is_point_first):
        return Notation.POINT
    line, text = column.either
    problems.add(
        "a number that reads two ways, and no other in its column decides; give --decimal point or --decimal comma",
        line,
        f"{name} {text!r} is {Notation.POINT.plain(text)} with a decimal point, {Notation.COMMA.plain(text)} with a "
        "decimal comma",
    )
    return None


def in_plain_numbers(
    lines: Iterable[tuple[int, dict[str, str]]], notations: Mapping[str, Notation]
) -> Iterable[tuple[int, dict[str, str]]]:
    """Lines whose numbers are written as ``-1234.5``; a text that is no number stays as it is."""
    for number, line in lines:
        for name, notation in notations.items():
            text = line[name].strip()
            plain = None if text.isdigit() else notation.plain(text)
            if plain is not None:
                line[name] = plain
        yield number, line


def plain_number(text: str, *, below: Decimal) -> Decimal:
    """The number of a text like ``-1234.5`` or ``1.2E-7``, exact; zero is never negative.

    Args:
        text: In digits of ASCII, without signs of thousands.
        below: What its size must be below.

    Returns:
        The number.

    Raises:
        ValueError: It is none, or larger or finer than any bill; says which.
    """
    if _PLAIN.fullmatch(text) is None:
        raise ValueError("not a number; write it like -1234.5")
    found = Decimal(text)
    if not found:
        return Decimal(0)
    if found.adjusted() >= below.adjusted():
        raise ValueError(f"a number beyond {below:.0e}; no bill has that, export it again")
    if found.adjusted() < _SMALLEST_EXPONENT:
        raise ValueError(f"a number below 1e{_SMALLEST_EXPONENT}; no bill has that, export it again")
    return found
