"""Rows as a table that is never wider than the terminal: texts wrap between words, figures are never cut or left out.

Where the columns do not fit beside each other they go into tables below each other, each with the first columns again.
"""

from __future__ import annotations

import math
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from itertools import takewhile
from typing import Any, Literal

from rich.cells import cell_len
from rich.console import Console
from rich.table import Table
from rich.text import Text

__all__ = ["NUMBER", "is_number", "said", "table_of", "tidy", "wrapped"]

Rows = Sequence[Mapping[str, Any]]

NUMBER = re.compile(r"[-+]?(0|[1-9]\d*|[1-9]\d{0,2}(,\d{3})+)(\.\d+)?", re.ASCII)
"""A text that is a number; 0012 is somebody's name."""
_FIGURE = re.compile(rf"({NUMBER.pattern}( ?%| [A-Z]{{3}})?)?", re.ASCII)
_LEAST_TEXT = 14
"""A column of texts is folded to no less than this, as long as there is another way."""
_LEAST = 6
_EDGE = 3
"""What a column takes beside its cells: a border and a space on each side."""
_MOST_KEYS = 3
_SHARE_OF_KEYS = 0.65
_PIECES = re.compile(r"\s+|[^\s\-/·,;:_|]*[\-/·,;:_|]+|[^\s\-/·,;:_|]+")


@dataclass(frozen=True, slots=True)
class _Column:
    """A column: its words, and whether they are figures."""

    header: str
    cells: Sequence[str]
    is_figure: bool

    @classmethod
    def of(cls, name: str, rows: Rows) -> _Column:
        given = [row[name] for row in rows if row[name] is not None]
        is_figure = bool(given) and all(_is_figure(value) for value in given)
        cells = ["–" if row[name] is None else said(row[name]) for row in rows]
        header = name.replace("_", " ")
        if is_figure and cell_len(header) > max(map(cell_len, cells)):
            header = header.replace(" ", "\n")
        return cls(header, cells, is_figure)

    @property
    def least(self) -> int:
        """Figures are never folded, texts to no less than ``_LEAST_TEXT``; the words of the header are kept."""
        widest = max(map(cell_len, self.cells))
        words = max(map(cell_len, self.header.split()))
        return _EDGE + max(words, widest if self.is_figure else min(widest, _LEAST_TEXT))

    @property
    def natural(self) -> int:
        return _EDGE + max(map(cell_len, (*self.cells, *self.header.split("\n"))))

    @property
    def is_same(self) -> bool:
        """Whether it says one thing in every row; a figure is shown where it belongs all the same."""
        return not self.is_figure and len(set(self.cells)) == 1


def table_of(title: str, names: Sequence[str], rows: Rows, *, width: int) -> str:
    """The rows as text for a screen.

    Args:
        title: Above the table.
        names: Keys of the rows to show, in order; those without a value in any row are left out.
        rows: At least one.
        width: Of the screen, in cells.

    Returns:
        Lines of at most ``width`` cells where that is 40 or more.
    """
    given = [name for name in names if any(row[name] not in (None, "") for row in rows)] or names
    shown = [_Column.of(name, rows) for name in given]
    if 1 + sum(each.natural for each in shown) > width and len(rows) > 1:  # what is the same throughout is said once
        same = [each for each in shown[1:] if each.is_same]
        title = " · ".join([title, *(f"{each.header.replace(chr(10), ' ')} {each.cells[0]}" for each in same)])
        shown = [each for each in shown if each not in same]
    console = Console(width=width)
    with console.capture() as captured:
        console.print(Text("\n".join(wrapped(title, width)), style="italic"), highlight=False)
        for part in _parts(shown, width):
            console.print(_table(part, width))
    return captured.get()


def wrapped(text: str, width: int, *, indent: str = "") -> list[str]:
    """A text in lines of at most ``width`` cells, broken behind spaces and dashes, within a word only where it must be.

    Args:
        text: One line or several.
        width: In cells.
        indent: Before every line but the first.

    Returns:
        At least one line.
    """
    lines: list[str] = []
    for given in text.split("\n"):
        line = ""
        for piece in _PIECES.findall(given):
            if cell_len(line + piece.rstrip()) <= width:
                line += piece
                continue
            if line.strip():
                lines.append(line.rstrip())
                line = indent
            rest = (line if line.strip() else indent if lines else "") + piece.lstrip()
            while cell_len(rest) > width:
                cut = _cut(rest, width)
                lines.append(rest[:cut])
                rest = (indent if cell_len(indent) < width // 2 else "") + rest[cut:]
            line = rest
        lines.append(line.rstrip())
    return lines


def _cut(text: str, width: int) -> int:
    """How many signs of a text fill so many cells."""
    cells = 0
    for at, sign in enumerate(text):
        cells += cell_len(sign)
        if cells > width:
            return max(1, at)
    return len(text)


def _parts(columns: Sequence[_Column], width: int) -> Iterable[Sequence[_Column]]:
    """The columns, in as many tables as it takes; each begins with those that say what a row is."""
    if 1 + sum(each.least for each in columns) <= width:
        return [columns]
    keys = _keys(columns, width)
    rest = [each for each in columns if each not in keys]
    parts: list[list[_Column]] = [list(keys)]
    for each in rest:
        if len(parts[-1]) > len(keys) and 1 + sum(one.least for one in (*parts[-1], each)) > width:
            parts.append(list(keys))
        parts[-1].append(each)
    return parts


def _keys(columns: Sequence[_Column], width: int) -> list[_Column]:
    """The fewest of the first texts that tell the rows apart; with the number of the row where they do not."""
    texts = [each for each in columns if not each.is_figure] or list(columns)
    for n in range(1, _MOST_KEYS + 1):
        keys = texts[:n]
        rows = list(zip(*(each.cells for each in keys), strict=True))
        if len(set(rows)) == len(rows) and 1 + sum(each.least for each in keys) <= _SHARE_OF_KEYS * width:
            return keys
    first = texts[0]
    return [_Column("row", [str(at) for at in range(1, len(first.cells) + 1)], True), first]


def _table(columns: Sequence[_Column], width: int) -> Table:
    widths = _widths(columns, width)
    table = Table(header_style="bold")
    for each, room in zip(columns, widths, strict=True):
        justify: Literal["left", "right"] = "right" if each.is_figure else "left"
        header = Text("\n".join(wrapped(each.header, room)))
        table.add_column(header, justify=justify, no_wrap=True, overflow="fold", width=room)
    cells = list(zip(*(each.cells for each in columns), strict=True))
    n_texts = sum(1 for _ in takewhile(lambda each: not each.is_figure, columns))
    for above, row in zip([None, *cells], cells, strict=False):
        line = _without_repeats(row, above, n_texts)
        table.add_row(*(Text("\n".join(wrapped(cell, room))) for cell, room in zip(line, widths, strict=True)))
    return table


def _widths(columns: Sequence[_Column], width: int) -> list[int]:
    """Room of each column: what it needs, where there is enough; else texts give way, the widest first."""
    found = [each.natural - _EDGE for each in columns]
    room = max(len(columns), width - 1 - _EDGE * len(columns))
    floors = [each.least - _EDGE for each in columns]
    kept = [each.is_figure for each in columns]  # a figure broken in two is two other figures: texts give way first
    narrow, least_of_texts = (
        [floor if is_kept else min(floor, most) for floor, is_kept in zip(floors, kept, strict=True)]
        for most in (_LEAST, 1)
    )
    for least in (floors, narrow, least_of_texts, [1] * len(columns)):
        while sum(found) > room:
            widest = max(range(len(found)), key=lambda at: (found[at] > least[at], found[at]))
            if found[widest] <= least[widest]:
                break
            found[widest] -= 1
    return found


def _without_repeats(row: Sequence[str], above: Sequence[str] | None, n_texts: int) -> Sequence[str]:
    """The row with its first texts left empty as far as they repeat the row above, as in a printed ledger.

    A figure is never left empty: an equal amount is another amount.
    """
    pairs = () if above is None else zip(row, above, strict=True)
    is_repeat = (own == other and (not own or not _is_figure(own)) for own, other in pairs)
    same = min(sum(1 for _ in takewhile(bool, is_repeat)), n_texts, len(row) - 1)
    return ["" if at < same else cell for at, cell in enumerate(row)]


def said(value: Any) -> str:
    """A value in words: decimals without noise, booleans as yes and no."""
    if isinstance(value, bool):
        return "yes" if value else "no"
    return tidy(value) if isinstance(value, Decimal) else str(value)


def tidy(value: Decimal) -> str:
    """A decimal without the noughts behind the cents."""
    whole, _, decimals = f"{value:f}".partition(".")
    decimals = decimals[:2] + decimals[2:].rstrip("0")
    return f"{whole}.{decimals}" if decimals else whole


def is_number(value: Any) -> bool:
    """Whether it is a finite number, or the text of one."""
    if isinstance(value, bool):
        return False
    if isinstance(value, (int, float, Decimal)):
        return math.isfinite(value)
    return NUMBER.fullmatch(str(value)) is not None


def _is_figure(value: Any) -> bool:
    """A number, alone or with a currency or percent sign behind it."""
    return is_number(value) or (isinstance(value, str) and _FIGURE.fullmatch(value) is not None)
