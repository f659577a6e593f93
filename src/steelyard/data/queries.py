"""Known-item queries: what a shopper might type who has one product in mind. Made from the catalogue, marked synthetic.

How one is made:

1. A text is drawn with probability proportional to the square root of the interactions with it
   (evenly where there are none).
2. Two to four of its words are drawn without replacement, with weights field x log(N / df)^1.5 x (1/4 for words with
   digits or of two letters: 7.5, oz): title 1, brand 0.7, category 0.4. They stay in the order brand, title,
   category; little words (with, of …) are not drawn. At least one is from the title.
   Chinese has no spaces: a word is then a run of 2 to 4 characters cut from a longer run.
3. The *answers* are all texts that hold every one of these words, in any field, plural s aside: a shopper who wants
   ``orange juice pulp`` is served by any orange juice with pulp. While there are more than ``MAX_ANSWERS``, another
   word is added (up to four); if there still are, the query says too little to have a known answer, and is
   dropped. Every answer has gain 1.
4. Only then the words are disturbed, as people do: one is left out, cut short, misspelt, or the order is changed, each
   with the probability of ``Noise``. The answers stay those of the undisturbed words: this is what was meant.

Trust:
    Words are copied from the text that is to be found, so lexical search has an easier time than with real shoppers,
    who use words of their own. Good for comparing variants of one kind and for catching damage; not for
    claiming that lexical search beats semantic search.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass

import numpy as np

from steelyard.data.values.normalise import fold, words
from steelyard.domain import FloatArray, IntArray

__all__ = ["MAX_ANSWERS", "KnownItemQuery", "Noise", "make_queries"]

MAX_ANSWERS = 20
MAX_MISSES = 500
"""So many draws in a row without a new query mean that the catalogue has no more to give."""
MIN_WORDS, MAX_WORDS = 2, 4
_FIELD_WEIGHTS = (1.0, 0.7, 0.4)
_TRIES = 12
_HAN = re.compile(r"[㐀-䶿一-鿿豈-﫿]")
_NOT_TYPED = frozenset({"with", "and", "of", "for", "the", "in", "to", "on", "or", "by", "w", "misc", "other"})
_LETTERS = "abcdefghijklmnopqrstuvwxyz"


@dataclass(frozen=True, slots=True)
class Noise:
    """How often people disturb what they type; at most one of the first three happens to a query."""

    drop: float = 0.10
    """One word is left out (of three or more)."""
    shorten: float = 0.08
    """One word of five letters or more is cut to its first three or four, or loses its vowels."""
    misspell: float = 0.12
    """One letter of a word of five letters or more is swapped with the next, left out, or replaced."""
    shuffle: float = 0.10
    """The order is changed."""


@dataclass(frozen=True, slots=True)
class KnownItemQuery:
    """A made query and the texts that answer it."""

    query: str
    meant: str
    """The words before they were disturbed."""
    text: int
    """The text it was made from."""
    answers: IntArray
    """All texts with gain 1, ascending; holds ``text``."""


def make_queries(
    fields: Sequence[tuple[str, str, str]], *, n_interactions: FloatArray, n: int, seed: int, noise: Noise = Noise()
) -> list[KnownItemQuery]:
    """Known-item queries, all different.

    Args:
        fields: Title, brand and category of each text.
        n_interactions: With each text. Shape (texts,), >= 0.
        n: How many to make; fewer come back where the catalogue has not enough distinct texts.
        seed: The same seed gives the same queries.
        noise: How often words are disturbed.

    Returns:
        At most ``n``, in the order they were drawn; empty where there are no texts.
    """
    if not fields or n == 0:
        return []
    index = _Words(fields)
    rng = np.random.default_rng(seed)
    weights = np.sqrt(n_interactions) if n_interactions.sum() > 0 else np.ones(len(fields))
    weights = weights / weights.sum()
    made: dict[str, KnownItemQuery] = {}
    misses = 0
    for text in rng.choice(len(fields), size=_TRIES * n, p=weights):
        meant, answers = _draw_words(int(text), index, rng)
        query = " ".join(_disturb(meant, noise, rng)) if meant else ""
        if not query or fold(query) in made:
            misses += 1
        else:
            made[fold(query)] = KnownItemQuery(query, " ".join(meant), int(text), answers)
            misses = 0
        if len(made) == n or misses > MAX_MISSES:
            break
    return list(made.values())


class _Words:
    """Which texts hold which word, and how telling each word is."""

    def __init__(self, fields: Sequence[tuple[str, str, str]]) -> None:
        self.fields = [tuple(words(field) for field in text) for text in fields]
        self._folded = [" ".join(fold(field) for field in text) for text in fields]
        lists: dict[str, list[int]] = {}
        for number, text in enumerate(self.fields):
            for key in {key for field in text for word in field for key in _keys(word)}:
                lists.setdefault(key, []).append(number)
        self._texts = {key: np.array(numbers, dtype=np.int64) for key, numbers in lists.items()}

    def holding(self, meant: Iterable[str]) -> IntArray:
        """Texts that hold all the words, ascending."""
        found: IntArray | None = None
        for key in (key for word in meant for key in _keys(word)):
            texts = self._texts.get(key, np.empty(0, dtype=np.int64))
            found = texts if found is None else np.intersect1d(found, texts, assume_unique=True)
        han = [word for word in meant if _HAN.match(word) and len(word) > 2]
        if found is None:
            return np.empty(0, dtype=np.int64)
        return (
            np.array([t for t in found if all(word in self._folded[t] for word in han)], dtype=np.int64)
            if han
            else found
        )

    def telling(self, word: str) -> float:
        """(log(N / df) + 0.02)^1.5 of the word's rarest key; a quarter for words with digits or of two letters."""
        n = min(len(self._texts.get(key, ())) for key in _keys(word)) if _keys(word) else 0
        idf = float(np.log(len(self.fields) / n)) if n else 0.0
        is_measure = any(c.isdigit() for c in word) or (len(word) <= 2 and not _HAN.match(word))
        return float((idf + 0.02) ** 1.5) * (0.25 if is_measure else 1.0)


def _keys(word: str) -> list[str]:
    """What a word is looked up by: itself without plural s, or the pairs of characters of a Chinese run."""
    if _HAN.match(word):
        return [word[i : i + 2] for i in range(len(word) - 1)] or [word]
    return [word[:-1] if len(word) > 3 and word.endswith("s") and not word.endswith("ss") else word]


def _draw_words(text: int, index: _Words, rng: np.random.Generator) -> tuple[list[str], IntArray]:
    """Words that mean the text and few others, and the texts that hold them; no words where that is impossible."""
    candidates, weights, is_title = _candidates(text, index, rng)
    none: tuple[list[str], IntArray] = ([], np.empty(0, dtype=np.int64))
    if not candidates or not any(is_title):
        return none
    order = np.argsort(rng.exponential(size=len(candidates)) / weights)  # = drawn one by one without replacement
    first = next(i for i in order if is_title[i])
    order = np.concatenate([[first], order[order != first]])
    for size in range(min(int(rng.integers(MIN_WORDS, MAX_WORDS + 1)), len(order)), min(MAX_WORDS, len(order)) + 1):
        meant = [candidates[i] for i in sorted(order[:size])]
        answers = index.holding(meant)
        if len(answers) <= MAX_ANSWERS:
            return meant, answers
    return none


def _candidates(text: int, index: _Words, rng: np.random.Generator) -> tuple[list[str], FloatArray, list[bool]]:
    title, brand, category = index.fields[text]
    found: dict[str, tuple[float, bool]] = {}
    for field, weight in zip(
        (brand, title, category), (_FIELD_WEIGHTS[1], _FIELD_WEIGHTS[0], _FIELD_WEIGHTS[2]), strict=True
    ):
        for run in field:
            for word in _chunks(run, rng):
                if word in _NOT_TYPED or (len(word) == 1 and not _HAN.match(word)):
                    continue
                before = found.get(word, (0.0, False))
                found[word] = (max(before[0], weight * index.telling(word)), before[1] or field is title)
    weights = np.array([weight for weight, _ in found.values()], dtype=np.float64)
    return list(found), weights, [is_title for _, is_title in found.values()]


def _chunks(run: str, rng: np.random.Generator) -> list[str]:
    """A word as it is, or a Chinese run cut into pieces of two to four characters from a random start."""
    if not _HAN.match(run) or len(run) <= MAX_WORDS:
        return [run]
    pieces: list[str] = []
    at = int(rng.integers(0, 3))
    while at < len(run) - 1:
        size = int(rng.integers(2, 5))
        pieces.append(run[at : at + size])
        at += size
    return [piece for piece in pieces if len(piece) > 1]


def _disturb(meant: Sequence[str], noise: Noise, rng: np.random.Generator) -> list[str]:
    typed = list(meant)
    draw = float(rng.random())
    if draw < noise.drop:
        if len(typed) > MIN_WORDS:
            typed.pop(int(rng.integers(len(typed))))
    elif draw < noise.drop + noise.shorten:
        _change(typed, _shorten, rng)
    elif draw < noise.drop + noise.shorten + noise.misspell:
        _change(typed, _misspell, rng)
    if float(rng.random()) < noise.shuffle:
        rng.shuffle(typed)
    return typed


def _change(typed: list[str], change: Callable[[str, np.random.Generator], str], rng: np.random.Generator) -> None:
    """Change one word of five Latin letters or more, never one with a digit."""
    places = [i for i, word in enumerate(typed) if len(word) >= 5 and word.isascii() and word.isalpha()]
    if places:
        place = int(rng.choice(places))
        typed[place] = change(typed[place], rng)


def _shorten(word: str, rng: np.random.Generator) -> str:
    bare = word[0] + "".join(c for c in word[1:] if c not in "aeiou")
    if len(bare) >= 3 and bare != word and rng.random() < 0.5:
        return bare
    return word[: int(rng.integers(3, 5))]


def _misspell(word: str, rng: np.random.Generator) -> str:
    at = int(rng.integers(1, len(word) - 1))  # people rarely miss the first letter
    kind = int(rng.integers(3))
    if kind == 0:
        return word[:at] + word[at + 1] + word[at] + word[at + 2 :]
    if kind == 1:
        return word[:at] + word[at + 1 :]
    return word[:at] + _LETTERS[int(rng.integers(26))] + word[at + 1 :]
