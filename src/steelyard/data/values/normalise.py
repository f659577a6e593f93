"""Product texts made fit to be shown, searched and compared. Pure functions on strings."""

from __future__ import annotations

import json
import re
import unicodedata
from collections.abc import Mapping, Sequence
from typing import Any

from steelyard.data.values.html_text import plain_text

__all__ = ["SEPARATORS", "attributes_text", "category_path", "clean", "fold", "separator", "unfold", "words"]

MAX_ATTRIBUTES = 100
MAX_VALUE_CHARS = 300
MAX_ATTRIBUTES_CHARS = 2000
MAX_TEXT_CHARS = 10_000
MAX_HTML_CHARS = 100_000
"""More of a text is not looked at for what of it is shown."""

SEPARATORS = (">>", "->", "→", ">", "＞", "》", "≫", "›", "»", "▸", "|", "｜", "／", "/", "\\")
"""Marks between the levels of a category path, the surest first."""

_SPACE = re.compile(r"[\s\u200b\ufeff\x00-\x1f\x7f-\x9f]+")
_CONTROL = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f]")
_UNSEEN = re.compile("[\u00ad\u200b\u200e\u200f\u202a-\u202e\u2060\ufeff]")
_EMBEDDED = re.compile(r"data:[\w/+.-]{1,100}(?:;[\w=-]{1,60})*,[A-Za-z0-9+/=%_.-]+")
"""A file inside an address, as pictures are put into a text: megabytes in a tag that goes."""
_WORD = re.compile(r"\d+(?:\.\d+)+|[㐀-䶿一-鿿豈-﫿]+|[^\W_㐀-䶿一-鿿豈-﫿]+")


def clean(text: str | None) -> str:
    """The text as a reader sees it: no HTML, control characters or runs of white space, at most 10,000 characters."""
    if not text:
        return ""
    if "<" in text or "&" in text or "[" in text or not (text.isascii() or _UNSEEN.search(text) is None):
        if len(text) > MAX_HTML_CHARS:
            text = _EMBEDDED.sub("data:", text)
        text = _SPACE.sub(" ", plain_text(_CONTROL.sub(" ", text[:MAX_HTML_CHARS])))
        if len(text) > MAX_TEXT_CHARS:  # what is cut off may have closed what is left
            text = plain_text(text[:MAX_TEXT_CHARS])
    return _SPACE.sub(" ", text).strip()[:MAX_TEXT_CHARS].rstrip()


def fold(text: str) -> str:
    """The text as it is compared: NFKC (full-width to half-width), lower case, single spaces."""
    if not text:
        return ""  # most fields of most products
    normal = text if text.isascii() else unicodedata.normalize("NFKC", text)
    return _SPACE.sub(" ", normal).strip().lower()


def words(text: str) -> list[str]:
    """Words of a text in order: runs of letters and digits, numbers with their decimals, runs of Chinese characters."""
    return _WORD.findall(fold(text))


def category_path(values: Sequence[str | None]) -> tuple[str, ...]:
    """Category path, widest first.

    Args:
        values: One value for each column. Several are levels as they stand; a single one is a JSON list, or
            is cut at its ``separator`` (so ``Ice > Crushed/Cubed`` keeps its slash).

    Returns:
        Levels that are not empty; a level that repeats the one before it is left out.
    """
    levels = [clean(value) for value in values]
    if len(levels) == 1 and levels[0]:
        levels = _levels(levels[0])
    kept: list[str] = []
    for level in levels:
        if level and (not kept or level != kept[-1]):
            kept.append(level)
    return tuple(kept)


def separator(value: str) -> str | None:
    """What separates the levels of a category written in one column: the first of ``SEPARATORS`` that it holds."""
    return next((mark for mark in SEPARATORS if mark in value and not ("《" in value and mark == "》")), None)


def unfold(values: Mapping[str, str | None]) -> dict[str, str]:
    """Attributes by readable name.

    Args:
        values: From column name to value. A JSON object is unfolded (objects in it by joining the names, lists
            by commas), anything else is one attribute named after its column.

    Returns:
        At most 100 attributes, values of at most 300 characters, in the order given.
    """
    found: dict[str, str] = {}
    for column, value in values.items():
        if not value:
            continue
        parsed = _object(value)
        if parsed is None:
            if text := clean(value)[:MAX_VALUE_CHARS].rstrip():
                found.setdefault(_name(column), text)
        else:
            _collect(parsed, "", found)
    return dict(list(found.items())[:MAX_ATTRIBUTES])


def attributes_text(attributes: Mapping[str, str]) -> str:
    """Searchable text ``Colour: Black; Size: 4``, cut between attributes at 2,000 characters."""
    parts: list[str] = []
    length = 0
    for name, value in attributes.items():
        part = f"{name}: {value}"
        length += len(part) + 2
        if length > MAX_ATTRIBUTES_CHARS:
            break
        parts.append(part)
    return "; ".join(parts)


def _levels(value: str) -> list[str]:
    if value.startswith("["):
        try:
            parsed = json.loads(value)
        except (ValueError, RecursionError):
            parsed = None
        if isinstance(parsed, list):
            flat = parsed[0] if len(parsed) == 1 and isinstance(parsed[0], list) else parsed
            return [clean(str(level)) for level in flat]
    mark = separator(value)
    return [value] if mark is None else [level.strip() for level in value.split(mark)]


def _object(value: str) -> dict[str, Any] | None:
    if not value.lstrip().startswith("{"):
        return None
    try:
        parsed = json.loads(value)
    except (ValueError, RecursionError):
        return None
    return parsed if isinstance(parsed, dict) else None


def _collect(value: Any, name: str, found: dict[str, str]) -> None:
    stack: list[tuple[str, Any]] = [(name, value)]
    while stack and len(found) < MAX_ATTRIBUTES:
        name, value = stack.pop()
        if isinstance(value, dict):
            stack += [(f"{name} {_name(str(key))}".strip(), inner) for key, inner in reversed(value.items())]
            continue
        if isinstance(value, list):
            value = ", ".join(str(v) for v in value if not isinstance(v, dict | list) and v not in (None, ""))
        if isinstance(value, bool):
            value = "yes" if value else "no"
        text = clean(str(value))[:MAX_VALUE_CHARS].rstrip() if value is not None else ""
        if text and name:
            found.setdefault(name, text)


def _name(column: str) -> str:
    return clean(column.replace("_", " "))[:100].rstrip()
