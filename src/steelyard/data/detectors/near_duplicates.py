r"""Products whose texts say the same in other writing: found by MinHash over runs of three characters.

The chance that two texts have an equal minimum under a random hash is their Jaccard similarity. 32 minima in 8 bands of
four find a pair of similarity s with :math:`1 - (1 - s^4)^8`: 0.99 at 0.83. What is found is looked at once more, so
that variants (another size, another colour) are not taken for copies. Memory is that of the minima: 256 bytes a text.

Source: Broder 1997, doi:10.1109/SEQUEN.1997.666900. Written on numpy, since datasketch hashes text by text in Python.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher
from itertools import pairwise

import numpy as np
import numpy.typing as npt

from steelyard.data.values.normalise import fold
from steelyard.domain import IntArray

__all__ = ["Described", "near_groups", "signatures", "squeezed"]

_BANDS, _ROWS = 8, 4
_BATCH = 20_000
_LEAST = 0.8
"""Similarity of a copy."""
_COMMON = 3
"""A word that so many texts hold is a word of the shop, not a slip of the pen."""
_LEAST_SLIP = 0.5
"""Share of the letters that a misspelt word has in common with the word that is meant: half of a word of two."""
_LEAST_ADDED = 0.9
"""And where one title only says more than the other."""
_NUMBERS = re.compile(r"\d*\.?\d+")
_CODE = re.compile(r"(?=[a-z]*\d)(?=\d*[a-z])[a-z\d]{5,}")
"""A part number: letters and digits in one."""
_PRAISE = re.compile(
    r"[【\[(（]\s*(?:包邮|正品|现货|热卖|新品|新款|特价|官方|促销|new|sale|hot|free shipping|official|promo)"
    r"\s*[】\])）]"
    r"|\bfree shipping\b",
    re.IGNORECASE,
)
"""What sellers put before and after a title."""
_DROPPED = re.compile(r"[\W_]+")
_PIECES = re.compile(r"[㐀-鿿豈-﫿]|[^\W_㐀-鿿豈-﫿]+")
_U64 = npt.NDArray[np.uint64]
_MULTIPLIERS: _U64 = np.random.default_rng(20_240_531).integers(1, 2**63, _BANDS * _ROWS, dtype=np.uint64) * np.uint64(
    2
) + np.uint64(1)


@dataclass(frozen=True, slots=True)
class Described:
    """What two copies share."""

    title: str
    brand: str
    category: str


def squeezed(text: str) -> str:
    """The text folded, of letters and digits alone: what remains of a title however it was set."""
    return _DROPPED.sub("", fold(_PRAISE.sub(" ", text)))


def near_groups(texts: Sequence[Described]) -> IntArray:
    """Which texts are copies of which.

    Copies have equal brand, category and numbers, and titles that are equal but for their setting, or at least 0.8
    similar with a rare word in place of one that looks like it (a slip of the pen), or 0.9 and rare words added on one
    side only.

    Args:
        texts: Distinct, best known first: the first of a group stands for it.

    Returns:
        For each text the number of the one that stands for it, its own where it is no copy. Shape (texts,).

    Trust:
        Titles shorter than five letters are compared as they are. Two products of one name that differ in their
        description alone are taken for copies: merging is for a person to ask for.
    """
    keys = [squeezed(text.title) for text in texts]
    parent = np.arange(len(texts))
    common = _common_words(text.title for text in texts)
    for one, other in _candidates(keys):
        low, high = sorted((_root(parent, one), _root(parent, other)))
        if low != high and _is_copy(texts[one], texts[other], keys[one], keys[other], common):
            parent[high] = low
    return np.array([_root(parent, i) for i in range(len(texts))], np.int64)


def signatures(keys: Sequence[str]) -> npt.NDArray[np.uint32]:
    """The minima of each text.

    Args:
        keys: Squeezed texts.

    Returns:
        Shape (texts, 32); texts of fewer than three characters have the minima of their own hash.
    """
    found = np.empty((len(keys), _BANDS * _ROWS), np.uint32)
    for start in range(0, len(keys), _BATCH):
        batch = [key if len(key) > 2 else f"{key}\x00\x00\x00"[:3] for key in keys[start : start + _BATCH]]
        hashes, starts = _grams(batch)
        for i, multiplier in enumerate(_MULTIPLIERS):
            mixed = ((hashes * multiplier) >> np.uint64(32)).astype(np.uint32)
            found[start : start + len(batch), i] = np.minimum.reduceat(mixed, starts)
    return found


def _grams(batch: Sequence[str]) -> tuple[_U64, IntArray]:
    """A hash of each run of three characters of the texts, and where each text's begin."""
    lengths = np.array([len(key) for key in batch])
    letters = np.frombuffer("".join(batch).encode("utf-32-le", "surrogatepass"), np.uint32).astype(np.uint64)
    a, b = np.uint64(0x9E3779B97F4A7C15), np.uint64(0xC2B2AE3D27D4EB4F)
    grams = ((letters[:-2] * a + letters[1:-1]) * b + letters[2:]) * a
    grams ^= grams >> np.uint64(29)
    ends = np.cumsum(lengths)
    inside = np.ones(len(letters), bool)
    inside[ends - 1] = inside[ends - 2] = False
    starts = np.concatenate([[0], np.cumsum(lengths - 2)[:-1]])
    return grams[inside[:-2]], starts.astype(np.int64)


def _candidates(keys: Sequence[str]) -> list[tuple[int, int]]:
    """Pairs that are equal, or whose minima agree in a band and in most places; at most nine for each text."""
    minima = signatures(keys)
    order = np.array(sorted(range(len(keys)), key=lambda i: (keys[i], i)), np.int64)
    same = [(int(a), int(b)) for a, b in pairwise(order.tolist()) if keys[a] and keys[a] == keys[b]]
    pairs: list[npt.NDArray[np.int64]] = []
    for band in range(_BANDS):
        part = np.ascontiguousarray(minima[:, band * _ROWS : (band + 1) * _ROWS]).view(np.dtype((np.void, 4 * _ROWS)))
        _, bucket = np.unique(part.ravel(), return_inverse=True)
        in_order = np.lexsort((np.arange(len(keys)), bucket))
        is_next = bucket[in_order[1:]] == bucket[in_order[:-1]]
        pairs.append(np.stack([in_order[:-1][is_next], in_order[1:][is_next]], axis=1))
    met = np.unique(np.concatenate(pairs), axis=0) if pairs else np.empty((0, 2), np.int64)
    agree = (minima[met[:, 0]] == minima[met[:, 1]]).mean(axis=1) if len(met) else np.empty(0)
    return same + [(int(a), int(b)) for a, b in met[agree >= _LEAST - 0.2]]


def _is_copy(one: Described, other: Described, key: str, its: str, common: frozenset[str]) -> bool:
    if any(fold(mine) != fold(theirs) for mine, theirs in ((one.brand, other.brand), (one.category, other.category))):
        return False
    if _NUMBERS.findall(fold(one.title)) != _NUMBERS.findall(fold(other.title)):
        return False
    if key == its:
        return bool(key)
    words, others = (Counter(_PIECES.findall(fold(_PRAISE.sub(" ", each.title)))) for each in (one, other))
    left, right = words - others, others - words
    least = _LEAST if left and right else _LEAST_ADDED
    is_coded = any(_CODE.fullmatch(word) for word in (*left, *right))
    if is_coded or min(len(key), len(its)) < 5 or _similarity(key, its) < least:
        return False
    if not left or not right:
        return not _is_usual(left or right, common)
    return _is_slip(left, right) and not (_is_usual(left, common) and _is_usual(right, common))


def _is_slip(left: Counter[str], right: Counter[str]) -> bool:
    """Whether words that stand in place of others are those, misspelt or cut otherwise."""
    mine, theirs = ("".join(words.elements()) for words in (left, right))
    return SequenceMatcher(None, mine, theirs, autojunk=False).ratio() >= _LEAST_SLIP


def _is_usual(words: Counter[str], common: frozenset[str]) -> bool:
    """Whether words are others of the shop, a size or a colour, rather than misspelt."""
    return bool(words) and any(word in common or len(word) == 1 for word in words)


def _similarity(one: str, other: str) -> float:
    first, second = ({text[i : i + 3] for i in range(len(text) - 2)} for text in (one, other))
    return len(first & second) / len(first | second)


def _common_words(titles: Iterable[str]) -> frozenset[str]:
    counts: Counter[str] = Counter()
    for title in titles:
        counts.update(set(_PIECES.findall(fold(title))))
    return frozenset(word for word, n in counts.items() if n >= _COMMON)


def _root(parent: IntArray, i: int) -> int:
    while parent[i] != i:
        parent[i] = parent[parent[i]]
        i = int(parent[i])
    return i
