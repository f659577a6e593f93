"""Impacts: what each product is worth for each word, learnt beforehand, in 8 bits, as an inverted index.

A word's list holds the products that hold the word, with what is added to or taken off its weight there, and products
that do not, where learning expands them by it: of each product at most ``terms`` words, the strongest. A search adds up
a few lists; no encoder is asked. The lists hold words of the shop's own catalogue and queries, nothing else.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
from scipy import sparse

from steelyard.domain import FloatArray, IntArray, State, VectorArray
from steelyard.models.learned_sparse.asked_queries import titles
from steelyard.models.learned_sparse.term_learning import MEANING, Meaning, Tables, Told
from steelyard.models.retrieval.lexical_fit import pack, unpack

__all__ = ["LEAST_TEXTS", "TermImpacts", "build_impacts", "flops", "no_impacts"]

LEAST_TEXTS = 3
"""Words that fewer products hold expand no others."""
_BLOCK = 1000
_STEPS = 127
_OUTLIERS = 0.9999
_DRAWN = 8
"""Blocks that say how large impacts are."""


def no_impacts(n_texts: int) -> State:
    """Impacts where nothing was learnt.

    Args:
        n_texts: Of the catalogue.

    Returns:
        No lists.
    """
    empty: dict[str, npt.NDArray[Any]] = {
        "terms": np.empty(0, np.int64),
        "starts": np.zeros(1, np.int64),
        "documents": np.empty(0, np.int32),
        "impacts": np.empty(0, np.int8),
        "asked": np.empty(0, np.uint8),
    }
    return State(empty, {"scale": 1.0, "n_texts": n_texts})


def build_impacts(
    words: State, tables: Tables, meaning: Meaning | None, *, asked: Sequence[str], terms: int, progress: Told
) -> State:
    """Impacts of every product, block by block.

    Args:
        words: What lexical search stores of the catalogue.
        tables: What was learnt.
        meaning: The vectors of the texts; None where only words were learnt from.
        asked: Words that only queries hold, in order of their numbers.
        terms: Words that a product is expanded by at most, >= 0.
        progress: Told how far it has come.

    Returns:
        ``terms``, ascending; ``starts`` (terms + 1) into ``documents`` and ``impacts``; fact ``scale``: what an impact
        of 1 is worth. Documents of a word are ascending.
    """
    blocks = _Blocks(words, tables, meaning, n_asked=len(asked), terms=terms)
    begins = range(0, blocks.n, _BLOCK)
    drawn = [blocks.values(begin).data for begin in begins[:: max(len(begins) // _DRAWN, 1)]]
    highest = float(np.quantile(np.abs(np.concatenate(drawn)), _OUTLIERS)) if any(map(len, drawn)) else 0.0
    scale = max(highest / _STEPS, 1e-6)
    made = []
    for begin in begins:
        progress(begin, blocks.n, "expanding products")
        found = blocks.values(begin)
        found.data = np.clip(np.rint(found.data / scale), -_STEPS, _STEPS).astype(np.int8)
        found.eliminate_zeros()
        made.append(found)
    table = sparse.vstack(made, format="csr").tocsc()
    arrays: dict[str, npt.NDArray[Any]] = {
        "terms": blocks.vocabulary,
        "starts": table.indptr.astype(np.int64),
        "documents": table.indices.astype(np.int32),
        "impacts": table.data.astype(np.int8),
        "asked": pack(asked),
    }
    return State(arrays, {"scale": scale, "n_texts": blocks.n, "n_terms": len(words.arrays["starts"]) - 1})


class _Blocks:
    """What learning says of a block of products."""

    def __init__(self, words: State, tables: Tables, meaning: Meaning | None, *, n_asked: int, terms: int) -> None:
        starts, documents = words.arrays["starts"], words.arrays["documents"]
        n_terms, self.n, self._terms = len(starts) - 1, len(words.arrays["title_starts"]) - 1, terms
        n_words = n_terms + n_asked
        self.vocabulary = _vocabulary(words, tables, meaning)
        self._titles, self._meaning = titles(words), meaning
        ones = np.ones(len(documents), bool)
        ends = np.concatenate([starts, np.full(n_words - n_terms, starts[-1])])
        held = sparse.csc_matrix((ones, documents, ends), shape=(self.n, n_words))
        self._held = held[:, self.vocabulary].tocsr()
        place = (tables.pairs % n_terms, np.searchsorted(self.vocabulary, tables.pairs // n_terms))
        self._trust = sparse.csr_matrix((tables.trust, place), shape=(n_terms, len(self.vocabulary)))
        self._words = None if tables.words is None else tables.words[self.vocabulary].T

    def values(self, begin: int) -> Any:
        """The z of the cells that are stored. Sparse, shape (<= 1000, vocabulary), float32."""
        block = slice(begin, begin + _BLOCK)
        table = self._titles[block]
        rows, places = np.nonzero(table >= 0)
        shape = (len(table), self._trust.shape[0])
        in_titles = sparse.csr_matrix((np.ones(len(rows), np.float32), (rows, table[rows, places])), shape=shape)
        found = np.asarray((in_titles @ self._trust).toarray(), np.float32)
        if self._words is not None and self._meaning is not None:
            found += MEANING * (self._meaning.texts[block] @ self._words)
        row, column = _kept(found, self._held[block].toarray(), self._terms)
        return sparse.csr_matrix((found[row, column], (row, column)), shape=found.shape)


def _kept(found: VectorArray, is_held: npt.NDArray[np.bool_], terms: int) -> tuple[IntArray, IntArray]:
    """Cells that are stored: words held, and of the others the strongest positive ones."""
    rows, columns = np.nonzero(is_held)
    n = min(terms, found.shape[1])
    if not n:
        return rows, columns
    free = np.where(is_held, -np.inf, found)
    top = np.argpartition(-free, n - 1, axis=1)[:, :n]
    row, place = np.nonzero(np.take_along_axis(free, top, axis=1) > 0)
    return np.concatenate([rows, row]), np.concatenate([columns, top[row, place]])


def _vocabulary(words: State, tables: Tables, meaning: Meaning | None) -> IntArray:
    """Words that have a list."""
    n = len(words.arrays["starts"]) - 1
    known = tables.pairs // n
    if meaning is not None and tables.words is not None:
        is_asked = np.arange(len(tables.words)) >= n
        is_asked[:n] = np.bincount(words.arrays["title_units"], minlength=n) >= LEAST_TEXTS
        known = np.concatenate([known, np.flatnonzero(is_asked & tables.words.any(axis=1))])
    return np.unique(known)


@dataclass(frozen=True, slots=True, eq=False)
class TermImpacts:
    """Lists of impacts, ready to be added up.

    Args:
        state: As ``build_impacts`` gave it.
    """

    _lists: dict[int, tuple[int, int]]
    _documents: npt.NDArray[np.int32]
    _impacts: npt.NDArray[np.int8]
    _scale: float
    n: int
    """Texts."""
    asked: Mapping[str, int]
    """Numbers of words that only queries hold."""

    @classmethod
    def of(cls, state: State) -> TermImpacts:
        """The lists that are stored."""
        arrays = state.arrays
        starts = arrays["starts"].tolist()
        lists = {term: (starts[at], starts[at + 1]) for at, term in enumerate(arrays["terms"].tolist())}
        n = int(state.facts["n_texts"])
        asked = {word: state.facts.get("n_terms", 0) + at for at, word in enumerate(unpack(arrays["asked"]))}
        return cls(lists, arrays["documents"], arrays["impacts"], float(state.facts["scale"]), n, asked)

    @property
    def is_empty(self) -> bool:
        """Whether nothing was learnt."""
        return not self._lists

    def added(self, units: IntArray, weights: FloatArray) -> tuple[VectorArray, npt.NDArray[np.int32]]:
        """Impacts of a query's words, added up.

        Args:
            units: Words, each once. Shape (units,).
            weights: Of each. Shape (units,).

        Returns:
            Of every text, shape (texts,); and the texts that have one, some of them more than once.
        """
        sums = np.zeros(self.n, np.float32)
        touched = []
        for (begin, end), weight in self._found(units, weights):
            documents = self._documents[begin:end]
            sums[documents] += np.float32(weight * self._scale) * self._impacts[begin:end]
            touched.append(documents)
        return sums, np.concatenate(touched) if touched else np.empty(0, np.int32)

    def of_text(self, unit: int, text: int) -> float:
        """The impact of one text for one word; 0 where it has none."""
        begin, end = self._lists.get(unit, (0, 0))
        at = begin + int(np.searchsorted(self._documents[begin:end], text))
        return self._scale * float(self._impacts[at]) if at < end and self._documents[at] == text else 0.0

    def _found(self, units: IntArray, weights: FloatArray) -> Iterator[tuple[tuple[int, int], float]]:
        for unit, weight in zip(units.tolist(), weights.tolist(), strict=True):
            if unit in self._lists:
                yield self._lists[unit], weight


def flops(state: State, queries: list[IntArray]) -> float:
    """Postings that a query reads on the average.

    Args:
        state: As ``build_impacts`` gave it.
        queries: Words of each.

    Returns:
        >= 0; 0 without queries.
    """
    arrays = state.arrays
    lengths = dict(zip(arrays["terms"].tolist(), np.diff(arrays["starts"]).tolist(), strict=True))
    read = [sum(lengths.get(unit, 0) for unit in units.tolist()) for units in queries]
    return float(np.mean(read)) if read else 0.0
