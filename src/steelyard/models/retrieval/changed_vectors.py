"""Vectors of a catalogue of which some texts are gone and others came."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from steelyard.domain import FloatArray, IntArray, VectorArray
from steelyard.models.ports import Encoder
from steelyard.models.retrieval.changed_lexical import ChangedTexts
from steelyard.models.retrieval.dense import DenseRetriever
from steelyard.models.retrieval.shortlists import Shortlist, best
from steelyard.models.retrieval.vectors import NarrowVectors, VectorSearch
from steelyard.models.text.encode import passages

__all__ = ["ChangedVectors", "Encoded"]

_NOTHING: frozenset[int] = frozenset()
_AT_ONCE = 32
_PER_STATE = 64
"""Texts that get a vector before the others are shown: a transformer takes milliseconds for each."""
_PASSAGE = {"query: ": "passage: "}
"""How an encoder that was trained with prefixes wants texts to begin, by how it wants queries to: the E5 family."""


class ChangedVectors:
    """The fitted vectors without those that are gone, and the others looked through one by one.

    Args:
        base: Of the fitted texts.
        texts: What became of them.
        came: A vector of each text that came. Shape (came, width).
    """

    def __init__(self, base: VectorSearch, texts: ChangedTexts, came: VectorArray) -> None:
        came = base.narrowed(came) if isinstance(base, NarrowVectors) else came
        self._base, self._texts, self._came = base, texts, came
        self.n, self.width = base.n + len(came), base.width

    def search(self, query: VectorArray, *, k: int) -> Shortlist:
        """As ``VectorSearch.search``; what is gone is not found."""
        found, scores = self._base.search(query, k=min(k + len(self._texts.gone), max(self._base.n, 1)))
        is_left = self._texts.left(found)
        found, scores = found[is_left], scores[is_left]
        more = np.arange(self._base.n, self.n)
        texts = np.concatenate([found, more])
        every = np.concatenate([scores, (self._came @ query).astype(np.float64)])
        order = np.argsort(texts, kind="stable")
        return best(texts[order], every[order], k=k, without=_NOTHING)

    def scores(self, query: VectorArray, texts: IntArray) -> FloatArray:
        """As ``VectorSearch.scores``."""
        result = np.empty(len(texts))
        is_old = texts < self._base.n
        result[is_old] = self._base.scores(query, texts[is_old])
        result[~is_old] = self._came[texts[~is_old] - self._base.n] @ query
        return result


class Encoded:
    """Vectors of texts that came, each encoded only once.

    Args:
        dense: As it was opened: its encoder is that of the fitted texts, or a smaller form of it.
    """

    def __init__(self, dense: DenseRetriever) -> None:
        self.dense = dense
        self._known: dict[str, VectorArray] = {}
        self._prefix = _PASSAGE.get(dense.query_prefix, "")
        self.waiting = 0
        """Texts that have no vector yet."""

    def changed(self, texts: ChangedTexts) -> DenseRetriever:
        """The search by meaning over the texts as they are now; those that wait for a vector are near to nothing."""
        dense = self.dense
        said = passages(texts.came, prefix=self._prefix)
        vectors = ChangedVectors(dense.vectors, texts, self._vectors(said, dense.encoder))
        return DenseRetriever(dense.encoder, vectors, query_prefix=dense.query_prefix, floor=dense.floor)

    def _vectors(self, said: Sequence[str], encoder: Encoder) -> VectorArray:
        new = [text for text in dict.fromkeys(said) if text not in self._known]
        known = {text: self._known[text] for text in said if text in self._known}
        self.waiting = max(len(new) - _PER_STATE, 0)
        for start in range(0, len(new) - self.waiting, _AT_ONCE):
            part = new[start : min(start + _AT_ONCE, _PER_STATE)]
            known |= dict(zip(part, np.asarray(encoder.encode(part), np.float32), strict=True))
        self._known = known
        nothing = np.zeros(encoder.width, np.float32)
        rows = [known.get(text, nothing) for text in said]
        return np.stack(rows) if rows else np.empty((0, encoder.width), np.float32)
