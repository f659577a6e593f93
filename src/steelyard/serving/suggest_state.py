"""What a search box may propose, made when a bundle is sealed: queries of many people, categories, brands, titles.

A proposal is found by the beginning of any of its words, and a Chinese one also by its pinyin, whole or by initials.
"""

from __future__ import annotations

import heapq
import re
import unicodedata
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt

from steelyard.domain import FloatArray, State
from steelyard.serving.cards import Cards

__all__ = ["BROAD", "KINDS", "TOP", "folded", "suggest_state"]

KINDS = ("query", "category", "brand", "product")
"""Kinds of proposals, by their numbers."""
TOP = 20
"""Best of each kind that are kept for a prefix that many proposals begin with."""
BROAD = 128
"""A prefix with more keys than these is answered from what was kept."""
_MAX_PRODUCTS = 50_000
_MAX_KEYS = 8
_MAX_KEY = 32
_HAN = re.compile(r"[\u3400-\u9fff]")


class _Entry(NamedTuple):
    text: str
    kind: int
    weight: float
    item: int


@dataclass(slots=True)
class _Growing:
    entries: list[_Entry] = field(default_factory=list)
    keys: set[tuple[bytes, int]] = field(default_factory=set)

    def add(self, entry: _Entry) -> None:
        """One proposal with all it is found by."""
        number = len(self.entries)
        self.entries.append(entry)
        for key in _keys(entry.text):
            self.keys.add((key.encode("utf-8", "replace"), number))


def folded(text: str) -> str:
    """A text as keys are compared: one width, one case, single spaces."""
    return " ".join(unicodedata.normalize("NFKC", text).casefold().split())


def suggest_state(cards: Cards, *, queries: Mapping[str, int], sold: FloatArray | None) -> State:
    """All proposals, for ``Suggestions``.

    Args:
        cards: Of the whole catalogue.
        queries: What many people typed, and of how many people.
        sold: How often each item was bought; ``None`` where nobody knows. Shape (n_items,).

    Returns:
        Keys in order (``keys``, ``key_offsets``, ``key_entries``), proposals (``texts``, ``text_offsets``, ``kinds``,
        ``weights``, ``items``), and the best for broad prefixes (``broad``, ``broad_offsets``; names in the facts).
    """
    growing = _Growing()
    for query, users in queries.items():
        growing.add(_Entry(query, 0, float(users), -1))
    for entry in (*_groups(cards), *_products(cards, sold)):
        growing.add(entry)
    keys = sorted(growing.keys)
    entries = growing.entries
    broad = dict(_broad([key for key, _ in keys], [number for _, number in keys], entries))
    return State(
        {
            **_joined([key for key, _ in keys], "keys", "key_offsets"),
            "key_entries": np.array([number for _, number in keys], np.int32),
            **_joined([entry.text.encode("utf-8", "replace") for entry in entries], "texts", "text_offsets"),
            "kinds": np.array([entry.kind for entry in entries], np.int8),
            "weights": np.array([entry.weight for entry in entries], np.float32),
            "items": np.array([entry.item for entry in entries], np.int32),
            "broad": np.array([number for numbers in broad.values() for number in numbers], np.int32),
            "broad_offsets": np.cumsum([0, *map(len, broad.values())]).astype(np.int64),
        },
        {"broad": [prefix.hex() for prefix in broad]},
    )


def _groups(cards: Cards) -> Iterator[_Entry]:
    """Categories and brands, weighed by how many items they hold."""
    categories: dict[tuple[str, ...], int] = {}
    brands: dict[str, int] = {}
    for number in range(len(cards)):
        brief = cards.brief(number)
        path = tuple(name.strip() for name in brief.category if name.strip())
        for depth in range(1, len(path) + 1):
            categories[path[:depth]] = categories.get(path[:depth], 0) + 1
        if brief.brand.strip():
            brands[brief.brand.strip()] = brands.get(brief.brand.strip(), 0) + 1
    for path, n in categories.items():
        yield _Entry(" > ".join(path), 1, float(n), -1)
    for brand, n in brands.items():
        yield _Entry(brand, 2, float(n), -1)


def _products(cards: Cards, sold: FloatArray | None) -> Iterator[_Entry]:
    """Titles, what sells best first; each title once."""
    order = np.arange(len(cards)) if sold is None else np.argsort(-sold, kind="stable")
    seen: set[str] = set()
    for number in order.tolist():
        title = cards.brief(number).title.strip()
        if title and folded(title) not in seen:
            seen.add(folded(title))
            yield _Entry(title, 3, 0.0 if sold is None else float(sold[number]), number)
        if len(seen) >= _MAX_PRODUCTS:
            return


def _keys(text: str) -> Iterator[str]:
    """What a proposal is found by: its text from the beginning of each of its words on, and its pinyin."""
    last = text.rpartition(" > ")[2]
    plain = folded(last)
    begins = [at for at in range(len(plain)) if _begins_word(plain, at)]
    yield from (plain[at : at + _MAX_KEY] for at in begins[:_MAX_KEYS])
    if _HAN.search(plain):
        yield from _pinyin(plain)


def _begins_word(text: str, at: int) -> bool:
    return text[at].isalnum() and (at == 0 or bool(_HAN.match(text[at])) or not text[at - 1].isalnum())


def _pinyin(text: str) -> Iterator[str]:
    """A Chinese text from each of its characters on, written in letters: in full, and the first of each."""
    import pypinyin  # noqa: PLC0415 its dictionaries take memory and time: only shops with Chinese texts pay for them

    said = [syllable for syllable in pypinyin.lazy_pinyin(text) if syllable.strip()]
    for begin in range(min(len(said), _MAX_KEYS)):
        yield "".join(said[begin:])[:_MAX_KEY]
        yield "".join(syllable[0] for syllable in said[begin:])[:_MAX_KEY]


def _broad(
    keys: Sequence[bytes], numbers: Sequence[int], entries: Sequence[_Entry]
) -> Iterator[tuple[bytes, list[int]]]:
    """For every prefix that many keys begin with, the best proposals of each kind."""
    waiting = [(0, len(keys), 0)]
    while waiting:
        low, high, depth = waiting.pop()
        if high - low <= BROAD and depth:
            continue
        yield keys[low][:depth] if keys else b"", best_of(set(numbers[low:high]), entries)
        at = low
        while at < high:
            if len(keys[at]) <= depth:
                at += 1
                continue
            end = _end(keys, at, high, keys[at][: depth + 1])
            waiting.append((at, end, depth + 1))
            at = end


def _end(keys: Sequence[bytes], low: int, high: int, prefix: bytes) -> int:
    """The first place after ``low`` whose key does not begin with the prefix."""
    while low < high:
        middle = (low + high) // 2
        if keys[middle][: len(prefix)] <= prefix:
            low = middle + 1
        else:
            high = middle
    return low


def best_of(numbers: Iterable[int], entries: Sequence[_Entry]) -> list[int]:
    """The heaviest proposals of each kind, the earlier of equals first."""
    of_kind: dict[int, list[int]] = {}
    for number in numbers:
        of_kind.setdefault(entries[number].kind, []).append(number)
    return [
        number
        for kind in sorted(of_kind)
        for number in heapq.nsmallest(TOP, of_kind[kind], key=lambda each: (-entries[each].weight, each))
    ]


def _joined(pieces: Sequence[bytes], name: str, offsets: str) -> dict[str, npt.NDArray[Any]]:
    return {
        name: np.frombuffer(b"".join(pieces), np.uint8),
        offsets: np.cumsum([0, *map(len, pieces)]).astype(np.int64),
    }
