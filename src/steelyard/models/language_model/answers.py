"""How the answers of a language model are read: an order of what it was shown and of nothing else, or a query.

A model may write anything, and texts of a shop may make it do so. Whatever it writes, only numbers of the products that
were shown count, each once; what it does not name keeps the order it had.
"""

from __future__ import annotations

import json
import re
import unicodedata
from collections.abc import Iterable

__all__ = ["MOST_QUERY", "read_order", "read_query"]

MOST_QUERY = 200
"""Letters of a rewritten query."""
_MOST_ANSWER = 20_000
_LIST = re.compile(r"\[[^\[\]{}]*\]")
_LEADING = re.compile(r"^\W*(\d{1,4})\b(?!\.\d)", re.ASCII)
_BARE = re.compile(r"[\s\d,;>|./()\[\]#\-]+", re.ASCII)
_NUMBER = re.compile(r"\d{1,9}", re.ASCII)
_FRACTION = re.compile(r"\d\.\d", re.ASCII)
_OBJECT = re.compile(r"\{[^{}]*\}")


def read_order(answer: str, *, n: int) -> list[int] | None:
    """The order that an answer gives.

    Looked for in turn: a JSON list of numbers; a line, or the end of one behind a colon, of nothing but numbers; the
    numbers that lines begin with.

    Args:
        answer: What the model wrote.
        n: Products that were shown, numbered from 1.

    Returns:
        All of 0 to n - 1, each once: those that were named first, in their order, then the others in theirs. None where
        no product was named.
    """
    text = unicodedata.normalize("NFKC", answer[:_MOST_ANSWER])
    for named in (_listed(text), _bare(text), _leading(text)):
        first = list(dict.fromkeys(number - 1 for number in named if 1 <= number <= n))
        if first:
            seen = set(first)
            return [*first, *(place for place in range(n) if place not in seen)]
    return None


def read_query(answer: str) -> str | None:
    """The query that an answer gives: the text ``query`` of one JSON object.

    Args:
        answer: What the model wrote.

    Returns:
        At most ``MOST_QUERY`` letters on one line; None where there is none.
    """
    for found in _OBJECT.findall(answer[:_MOST_ANSWER]):
        try:
            value = json.loads(found)
        except ValueError:
            continue
        query = value.get("query") if isinstance(value, dict) else None
        if isinstance(query, str):
            plain = "".join(each if unicodedata.category(each)[0] != "C" else " " for each in query)
            return " ".join(plain.split())[:MOST_QUERY].strip() or None
    return None


def _listed(text: str) -> list[int]:
    """Numbers of the first JSON list that holds nothing else."""
    for found in _LIST.findall(text):
        try:
            values = json.loads(found)
        except (ValueError, RecursionError):
            continue
        numbers = [_whole(value) for value in values]
        if numbers and None not in numbers:
            return [number for number in numbers if number is not None]
    return []


def _whole(value: object) -> int | None:
    if isinstance(value, bool):
        return None
    if isinstance(value, str) and value.strip().isdecimal() and value.strip().isascii():
        return int(value.strip()[:9])
    if isinstance(value, float) and value.is_integer():
        return int(value)
    return value if isinstance(value, int) else None


def _bare(text: str) -> list[int]:
    """Numbers of the first line that is, behind its last colon, nothing but numbers."""
    for line in text.splitlines():
        end = line.rsplit(":", 1)[-1].strip().rstrip(".")
        numbers = _NUMBER.findall(end) if _BARE.fullmatch(end) and not _FRACTION.search(end) else []
        if numbers and (":" in line or len(numbers) > 1):
            return _ints(numbers)
    return []


def _leading(text: str) -> list[int]:
    return _ints(found[1] for line in text.splitlines() if (found := _LEADING.match(line.strip())))


def _ints(numbers: Iterable[str]) -> list[int]:
    return [int(number) for number in numbers]
