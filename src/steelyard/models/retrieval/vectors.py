"""Search among stored vectors: all of them exactly, in 32 or 16 bits, or by 1-bit codes and a second look.

One request at a time: a batch is its rows. What is stored is made in ``steelyard.compression.vectors``.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, Protocol

import numpy as np
import numpy.typing as npt

from steelyard.domain import FloatArray, IntArray, State, VectorArray
from steelyard.errors import ArtefactError
from steelyard.models.retrieval.shortlists import Shortlist, best
from steelyard.models.retrieval.vector_kernel import ScannedVectors, can_scan

__all__ = ["BinaryVectors", "FloatVectors", "HalfVectors", "NarrowVectors", "VectorSearch", "open_vectors"]

OVERSAMPLING = 8
FIRST_PLACES = 10
FURTHER = 4
_QUERY_BITS = 8
_CENTRED_BY = 50_000
"""Vectors that the centre of the codes is taken from."""
_AT_ONCE = 65_536
"""Vectors widened to 32 bits at a time."""
_SPARE = 32
_NOTHING: frozenset[int] = frozenset()


class VectorSearch(Protocol):
    """Stored vectors that can be asked for the nearest ones."""

    n: int
    """How many vectors there are."""
    width: int
    """Length of a vector."""

    def search(self, query: VectorArray, *, k: int) -> Shortlist:
        """The ``k`` vectors with the highest inner product; ties go to the lower number.

        Args:
            query: Shape (width,), of length 1.
            k: >= 1.

        Returns:
            Text numbers and inner products, best first. Shape (min(k, n),).
        """
        ...

    def scores(self, query: VectorArray, texts: IntArray) -> FloatArray:
        """Inner product of each of ``texts`` with the query. Shape (n,)."""
        ...


class FloatVectors:
    """Exact search among vectors of 32 bits.

    Args:
        vectors: Shape (n, width).
    """

    def __init__(self, vectors: VectorArray) -> None:
        self._vectors = vectors
        self.n, self.width = vectors.shape

    def search(self, query: VectorArray, *, k: int) -> Shortlist:
        """As ``VectorSearch.search``; every vector is looked at."""
        return best(np.arange(self.n), _exact(self._vectors @ query), k=k, without=_NOTHING)

    def scores(self, query: VectorArray, texts: IntArray) -> FloatArray:
        """As ``VectorSearch.scores``."""
        return _exact(self._vectors[texts] @ query)


class HalfVectors:
    """Exact search among vectors of 16 bits, arithmetic in 32 bits.

    Args:
        vectors: Shape (n, width), float16.
    """

    def __init__(self, vectors: npt.NDArray[np.float16]) -> None:
        import faiss  # noqa: PLC0415  (not needed by the other kinds)

        faiss.omp_set_num_threads(1)
        self.n, self.width = vectors.shape
        kind = faiss.ScalarQuantizer.QT_fp16
        self.index = faiss.IndexScalarQuantizer(self.width, kind, faiss.METRIC_INNER_PRODUCT)
        codes = np.ascontiguousarray(vectors).view(np.uint8).reshape(-1)
        faiss.copy_array_to_vector(codes, self.index.codes)
        self.index.ntotal = self.n
        seen = faiss.rev_swig_ptr(self.index.codes.data(), codes.size) if codes.size else codes
        self._vectors = seen.view(np.float16).reshape(self.n, self.width)

    def search(self, query: VectorArray, *, k: int) -> Shortlist:
        """As ``VectorSearch.search``; every vector is looked at."""
        wanted = min(k, self.n)
        if not wanted:
            return np.empty(0, np.int64), np.empty(0)
        taken = wanted
        while True:
            taken = min(taken + _SPARE, self.n)
            scores, ids = self.index.search(query[None, :], taken)
            if taken == self.n or scores[0, -1] < scores[0, wanted - 1]:
                break  # no tie reaches beyond what was taken
            taken *= 2
        order = np.lexsort((ids[0], -scores[0]))[:wanted]
        return ids[0][order].astype(np.int64), _exact(scores[0][order])

    def scores(self, query: VectorArray, texts: IntArray) -> FloatArray:
        """As ``VectorSearch.scores``."""
        return _exact(_widened(self._vectors[texts]) @ query)


class BinaryVectors:
    """Search by 1-bit codes (RaBitQ): those nearest by their codes are scored again with vectors of 16 bits.

    The first ten places get ``oversampling`` candidates each, every further place four. Where that is all of the
    vectors, the search is exact. The codes are made here, some 6 us a vector, from vectors of 16 bits.

    Source: Gao & Long 2024, "RaBitQ", doi:10.1145/3654970; the implementation is faiss's, with a query of 8 bits.

    Args:
        vectors: Shape (n, width), float16.
        oversampling: >= 1.
    """

    def __init__(self, vectors: npt.NDArray[np.float16], *, oversampling: int) -> None:
        import faiss  # noqa: PLC0415  (not needed by every kind)

        self._half = HalfVectors(vectors)
        self.n, self.width = vectors.shape
        self.oversampling = oversampling
        self._codes = faiss.IndexRaBitQFastScan(self.width, faiss.METRIC_INNER_PRODUCT)
        self._codes.qb = _QUERY_BITS
        if self.n:
            self._codes.train(vectors[:: max(1, self.n // _CENTRED_BY)].astype(np.float32))
        for start in range(0, self.n, _AT_ONCE):
            self._codes.add(vectors[start : start + _AT_ONCE].astype(np.float32))
        self._search = faiss.IndexRefine(self._codes, self._half.index)
        self._parameters: Callable[..., Any] = faiss.IndexRefineSearchParameters

    def search(self, query: VectorArray, *, k: int) -> Shortlist:
        """As ``VectorSearch.search``, among the candidates only: some of the best may be missed."""
        wanted = min(k, self.n)
        n = self.oversampling * min(wanted, FIRST_PLACES) + FURTHER * max(wanted - FIRST_PLACES, 0)
        if n >= self.n:
            return self._half.search(query, k=k)
        parameters = self._parameters(k_factor=(n + 0.5) / wanted)  # the half: it is cut to a whole number
        scores, ids = self._search.search(query[None, :], wanted, params=parameters)
        order = np.lexsort((ids[0], -scores[0]))
        return ids[0][order].astype(np.int64), _exact(scores[0][order])

    def scores(self, query: VectorArray, texts: IntArray) -> FloatArray:
        """As ``VectorSearch.scores``, with the vectors of 16 bits."""
        return self._half.scores(query, texts)


class NarrowVectors:
    """Search in the directions that say most of the vectors: inner products among these stand for those of all.

    Args:
        narrow: Vectors in those directions, however they are stored.
        directions: Orthonormal columns. Shape (width, fewer), float32.
    """

    def __init__(self, narrow: VectorSearch, directions: VectorArray) -> None:
        self._narrow, self._directions = narrow, np.ascontiguousarray(directions)
        self.n, self.width = narrow.n, len(directions)

    def search(self, query: VectorArray, *, k: int) -> Shortlist:
        """As ``VectorSearch.search``: what the other directions would add is missing from the products."""
        return self._narrow.search(query @ self._directions, k=k)

    def scores(self, query: VectorArray, texts: IntArray) -> FloatArray:
        """As ``VectorSearch.scores``, in the same directions."""
        return self._narrow.scores(query @ self._directions, texts)

    def narrowed(self, vectors: VectorArray) -> VectorArray:
        """Other vectors without what the other directions hold: their products compare with those of these."""
        return np.asarray((vectors @ self._directions) @ self._directions.T, np.float32)


def open_vectors(state: State, options: Mapping[str, Any]) -> VectorSearch:
    """The search that stored vectors are made for.

    Args:
        state: From ``steelyard.compression.vectors``.
        options: ``oversampling`` wins over the one stored.

    Returns:
        The search.

    Raises:
        ArtefactError: The format is unknown, or an array is missing.
    """
    kind = str(state.facts.get("format"))
    if kind not in _OPENERS:
        raise ArtefactError(f"vectors in format {kind!r} are not known; known: {', '.join(sorted(_OPENERS))}")
    try:
        opened = _OPENERS[kind](state, options)
    except KeyError as error:
        raise ArtefactError(f"stored {kind} vectors lack {error}; make them again") from error
    directions = state.arrays.get("directions")
    return opened if directions is None else NarrowVectors(opened, directions)


def _binary(state: State, options: Mapping[str, Any]) -> VectorSearch:
    oversampling = int(options.get("oversampling", state.facts.get("oversampling", OVERSAMPLING)))
    vectors = state.arrays["vectors"]
    if can_scan(vectors.shape[1]):
        return ScannedVectors(vectors, first_places=FIRST_PLACES, oversampling=oversampling, further=FURTHER)
    return BinaryVectors(vectors, oversampling=oversampling)


_OPENERS: Mapping[str, Callable[[State, Mapping[str, Any]], VectorSearch]] = {
    "fp32": lambda state, options: FloatVectors(state.arrays["vectors"]),
    "fp16": lambda state, options: HalfVectors(state.arrays["vectors"]),
    "1bit": _binary,
}


def _widened(half: npt.NDArray[np.float16]) -> VectorArray:
    """The same numbers in 32 bits, by moving bits: numpy's own conversion takes half as long again."""
    bits = half.view(np.uint16).astype(np.uint32)
    signs = (bits & np.uint32(0x8000)) << np.uint32(16)
    bits &= np.uint32(0x7FFF)
    bits <<= np.uint32(13)
    bits |= signs
    wide = bits.view(np.float32)
    wide *= np.float32(2.0**112)  # the exponent counts from 127 in 32 bits, from 15 in 16
    return wide


def _exact(scores: npt.NDArray[np.float32]) -> FloatArray:
    return scores.astype(np.float64)
