"""What a search box may propose, made when a bundle is sealed: queries of many people, categories, brands, titles.

A proposal is found by the beginning of any of its words, and a Chinese one also by its pinyin, whole or by initials.
"""

from __future__ import annotations

import heapq
import re
import unicodedata
from bisect import bisect_left
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import pairwise
from typing import NamedTuple

import numpy as np

from steelyard.domain import FloatArray, State
from steelyard.serving.cards import Cards

__all__ = ["BROAD", "KEY_BYTES", "KINDS", "TOP", "folded", "suggest_state"]

KINDS = ("query", "category", "brand", "product")
"""Kinds of proposals, by their numbers."""
TOP = 20
"""Best of each kind that are kept for a prefix that many proposals begin with."""
BROAD = 128
"""A prefix with more keys than these is answered from what was kept."""
KEY_BYTES = 48
"""As much of a key is compared."""
_MAX_PRODUCTS = 50_000
_MAX_KEYS = 12
_SHORT = 12
_HAN = re.compile(r"[\u3400-\u9fff]")


class _Entry(NamedTuple):
    text: str
    kind: int
    weight: float
    item: int


class _Key(NamedTuple):
    """One place from which a proposal is found."""

    letters: bytes
    """Of the place and what follows, as much as is compared."""
    at: int
    """In the bytes of all strings."""
    entry: int
    is_first: bool
    """Whether it is the beginning of the text."""


@dataclass(slots=True)
class _Growing:
    entries: list[_Entry] = field(default_factory=list)
    strings: bytearray = field(default_factory=bytearray)
    keys: list[_Key] = field(default_factory=list)

    def add(self, entry: _Entry) -> None:
        """One proposal with all it is found by."""
        number = len(self.entries)
        self.entries.append(entry)
        for string, begins in _strings(folded(entry.text.rpartition(" > ")[2])):
            start = len(self.strings)
            self.strings += string.encode("utf-8", "replace") + b"\n"
            for begin in begins[:_MAX_KEYS]:
                at = start + len(string[:begin].encode("utf-8", "replace"))
                self.keys.append(_Key(bytes(self.strings[at : at + KEY_BYTES]), at, number, begin == 0))


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
        Places in ``strings`` in the order of what follows (``key_places``, ``key_entries``, ``key_is_first``);
        proposals (``texts``, ``text_offsets``, ``kinds``, ``weights``, ``items``); and the best for broad prefixes
        (``broad``, ``broad_offsets``; their prefixes are in the facts).
    """
    growing = _Growing()
    for query, users in queries.items():
        growing.add(_Entry(query, 0, float(users), -1))
    for entry in (*_groups(cards), *_products(cards, sold)):
        growing.add(entry)
    keys, entries = sorted(growing.keys), growing.entries
    broad = dict(_broad(keys, entries))
    texts = [entry.text.encode("utf-8", "replace") for entry in entries]
    return State(
        {
            "strings": np.frombuffer(bytes(growing.strings), np.uint8),
            "key_places": np.array([key.at for key in keys], np.int32),
            "key_entries": np.array([key.entry for key in keys], np.int32),
            "key_is_first": np.array([key.is_first for key in keys], np.int8),
            "texts": np.frombuffer(b"".join(texts), np.uint8),
            "text_offsets": np.cumsum([0, *map(len, texts)]).astype(np.int64),
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


def _strings(text: str) -> Iterator[tuple[str, list[int]]]:
    """What a proposal is found by: its text, and its pinyin in full and by initials; and where words begin in each."""
    if not _HAN.search(text):
        yield text, [at for at in range(len(text)) if text[at].isalnum() and (at == 0 or not text[at - 1].isalnum())]
        return
    import pypinyin  # noqa: PLC0415 dictionaries take memory and time: only shops with Chinese texts pay for them

    begins = _han_begins(text)
    yield text, begins
    said = [pypinyin.lazy_pinyin(text[begin:end]) for begin, end in pairwise([*begins, len(text)])]
    for words in (["".join(syllables) for syllables in said], ["".join(s[:1] for s in each) for each in said]):
        starts = np.cumsum([0, *map(len, words)])[:-1].tolist()
        yield "".join(words), starts


def _han_begins(text: str) -> list[int]:
    """Where a Chinese text may be entered: at each sign of a short one, at the words of a long one."""
    import rjieba  # noqa: PLC0415 as above

    if len(text) <= _SHORT:
        return [at for at in range(len(text)) if text[at].isalnum()]
    found, at = [], 0
    for word in rjieba.cut(text):
        if word[0].isalnum():
            found.append(at)
        at += len(word)
    return found


def _broad(keys: Sequence[_Key], entries: Sequence[_Entry]) -> Iterator[tuple[bytes, list[int]]]:
    """For every prefix that many keys begin with, the best proposals of each kind."""
    waiting = [(0, len(keys), 0)]
    while waiting:
        low, high, depth = waiting.pop()
        if high - low <= BROAD and depth:
            continue
        yield keys[low].letters[:depth] if keys else b"", _best(keys[low:high], entries)
        at = low
        while at < high:
            prefix = keys[at].letters[: depth + 1]
            end = bisect_left(keys, True, lo=at, hi=high, key=lambda key: key.letters[: len(prefix)] > prefix)
            if len(prefix) > depth:
                waiting.append((at, end, depth + 1))
            at = end


def _best(keys: Iterable[_Key], entries: Sequence[_Entry]) -> list[int]:
    """The best proposals of each kind: what begins so first, then the heavier, then the earlier."""
    is_first: dict[int, bool] = {}
    for key in keys:
        is_first[key.entry] = is_first.get(key.entry, False) or key.is_first
    of_kind: dict[int, list[int]] = {}
    for number in is_first:
        of_kind.setdefault(entries[number].kind, []).append(number)
    return [
        number
        for kind in sorted(of_kind)
        for number in heapq.nsmallest(TOP, of_kind[kind], key=lambda n: (not is_first[n], -entries[n].weight, n))
    ]
