"""The two phases of lexical search in compiled code, where it is there: a call for each instead of many small ones.

``lexical_kernel.c`` is compiled when the package is installed on a machine with a C compiler. Without it nothing is
missing but speed: ``kernel_of`` gives None, the first phase is the term index's, and the second that of
``Postings.evidence`` and ``combine``, whose sums the compiled code adds up in the same order.
"""

from __future__ import annotations

import ctypes
from collections.abc import Sequence
from threading import Lock
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt

from steelyard.domain import FloatArray, IntArray, VectorArray
from steelyard.models.retrieval import compiled
from steelyard.models.retrieval.compiled import address_of
from steelyard.models.retrieval.first_phase import Impacts
from steelyard.models.retrieval.lexical_scoring import LexicalOptions, Plan, Postings

__all__ = ["Kernel", "Scored", "can_take", "kernel_of"]

_MOST_BITS = 64
_OPTIONS = ("k1", "extra", "all_units", "title_units", "title_order", "popular")
_POINTER, _NUMBER = ctypes.c_void_p, ctypes.c_int64


_KINDS = (np.int64, np.int32, np.uint8, np.float32, np.int64, np.int32, np.float32)
"""Of the arrays of ``Postings.arrays``."""


class Scored(NamedTuple):
    """What the formula says of documents."""

    scores: FloatArray
    """Shape (rows,), >= 0."""
    is_exact: npt.NDArray[np.bool_]
    """Shape (rows,): the title holds all needed units."""


class _Shelf(ctypes.Structure):
    _fields_ = (
        *((name, _POINTER) for name in ("starts", "documents", "frequencies", "scale")),
        *((name, _POINTER) for name in ("title_starts", "title_units", "popularity")),
        ("n_fields", _NUMBER),
    )


class _Options(ctypes.Structure):
    _fields_ = tuple((name, ctypes.c_double) for name in _OPTIONS)


class _Room:
    """Arrays that calls write to, and their addresses: to ask numpy for an address takes longer than to copy them.

    Args:
        n: Documents there is room for.
    """

    def __init__(self, n: int) -> None:
        self.n = n
        self.documents, self.is_exact = np.empty(n, np.int32), np.empty(n, np.bool_)
        self.scores, self.work = np.empty(n), np.empty(3 * n)
        arrays = (self.documents, self.is_exact, self.scores, self.work)
        self.at_documents, self.at_exact, self.at_scores, self.at_work = map(address_of, arrays)


class Kernel:
    """Compiled code over the postings of one catalogue, with the options of one retriever. Thread-safe.

    Args:
        library: The compiled code.
        postings: Of the catalogue.
        scale: Of the postings, with the same options.
        options: Of the retriever.
        impacts: Of the postings in the first phase.
    """

    def __init__(
        self,
        library: ctypes.PyDLL,
        postings: Postings,
        scale: VectorArray,
        *,
        options: LexicalOptions,
        impacts: Impacts,
    ) -> None:
        self._library = library
        arrays = [_as_read(array, kind) for array, kind in zip(postings.arrays(scale), _KINDS, strict=True)]
        self._first = [np.ascontiguousarray(array, np.float32) for array in impacts]
        self._sums = np.zeros(postings.n, np.float32)
        self._shelf = _Shelf(*map(address_of, arrays), len(postings.fields))
        self._options = _Options(*(float(getattr(options, name)) for name in _OPTIONS))
        self._kept = arrays  # the addresses are of these
        self._at_shelf, self._at_options = ctypes.addressof(self._shelf), ctypes.addressof(self._options)
        self._at_first = [*map(address_of, self._first)]
        self._at_sums = address_of(self._sums)
        self._room = _Room(256)
        self._lock = Lock()

    def over(self, postings: Postings, scale: VectorArray, *, options: LexicalOptions, n_terms: int) -> Kernel:
        """Another one, over the same documents and terms behind theirs that none of them holds.

        Args:
            postings: With all terms.
            scale: As before.
            options: As before.
            n_terms: Terms in all.

        Returns:
            It shares the arrays of this one.
        """
        of_posting, weights = self._first
        more = np.zeros(n_terms - len(weights), np.float32)
        impacts = Impacts(of_posting, np.concatenate([weights, more]))
        return Kernel(self._library, postings, scale, options=options, impacts=impacts)

    def first(self, terms: Sequence[int], *, k: int) -> IntArray:
        """Documents of the first phase, the same as those of the term index but for rounding.

        Args:
            terms: Distinct terms that the term index knows.
            k: At most so many, >= 1.

        Returns:
            Document numbers, ascending. Shape (<= k,).
        """
        k = min(k, len(self._sums))
        wanted = np.array(terms, np.int64).tobytes()
        with self._lock:
            room = self._room_for(k)
            n = self._library.steelyard_first(
                self._at_shelf, *self._at_first, wanted, len(terms), k, self._at_sums, room.at_work, room.at_documents
            )
            found = room.documents[:n].astype(np.int64)
        found.sort()
        return found

    def score(self, plan: Plan, documents: IntArray) -> Scored:
        """Scores of documents, equal to those of ``combine``.

        Args:
            plan: A query that ``can_take`` said yes to.
            documents: Distinct document numbers, ascending. Shape (rows,).

        Returns:
            One row for each document, in their order.
        """
        n, packed = len(documents), _packed(plan)
        with self._lock:
            room = self._room_with(documents)
            self._library.steelyard_score(
                self._at_shelf,
                self._at_options,
                *packed,
                room.at_documents,
                n,
                room.at_scores,
                room.at_exact,
                room.at_work,
            )
            return Scored(room.scores[:n].copy(), room.is_exact[:n].copy())

    def best(self, plan: Plan, documents: IntArray, *, k: int) -> tuple[IntArray, FloatArray]:
        """The best of some documents.

        Args:
            plan: A query that ``can_take`` said yes to.
            documents: As for ``score``.
            k: At most so many, >= 1.

        Returns:
            Numbers and scores, best first, of equal ones the lower number; none with a score of 0. Shape (<= k,).
        """
        n, packed = len(documents), _packed(plan)
        with self._lock:
            room = self._room_with(documents)
            kept = self._library.steelyard_best(
                self._at_shelf,
                self._at_options,
                *packed,
                room.at_documents,
                n,
                min(k, n),
                room.at_scores,
                room.at_exact,
                room.at_work,
            )
            return room.documents[:kept].astype(np.int64), room.scores[:kept].copy()

    def held(self, plan: Plan, documents: IntArray) -> list[int]:
        """Which terms of a query each document holds.

        Args:
            plan: A query that ``can_take`` said yes to.
            documents: Document numbers, ascending; what is none holds nothing. Shape (rows,).

        Returns:
            For each document a number whose bits are the terms' places in the plan.
        """
        n, packed = len(documents), _packed(plan)
        with self._lock:
            room = self._room_for(n)
            room.documents[:n] = documents
            self._library.steelyard_held(self._at_shelf, *packed, room.at_documents, n, room.at_work)
            held: list[int] = room.work[:n].view(np.uint64).tolist()
        return held

    def _room_with(self, documents: IntArray) -> _Room:
        """Room that holds documents; one that is not there must not reach the compiled code."""
        n = len(documents)
        if n and not (documents[0] >= 0 and documents[-1] < len(self._sums)):
            raise IndexError(f"document {documents[0]} or {documents[-1]} is asked for, there are {len(self._sums)}")
        room = self._room_for(n)
        room.documents[:n] = documents
        return room

    def _room_for(self, n: int) -> _Room:
        if self._room.n < n:
            self._room = _Room(2 * n)
        return self._room


def kernel_of(postings: Postings, scale: VectorArray, *, options: LexicalOptions, impacts: Impacts) -> Kernel | None:
    """The compiled code over postings.

    Args:
        postings: Of a catalogue.
        scale: Of the postings, with the same options.
        options: Of its retriever.
        impacts: Of the postings in the first phase.

    Returns:
        None where it was not compiled.
    """
    library = compiled.library()
    return None if library is None else Kernel(library, postings, scale, options=options, impacts=impacts)


def can_take(plan: Plan) -> bool:
    """Whether a query is short enough for the compiled code: hardly one is not."""
    return len(plan.units) <= _MOST_BITS and len(plan.terms) <= _MOST_BITS


def _packed(plan: Plan) -> tuple[bytes, int, int, int]:
    """A plan as the compiled code reads it: numbers of 8 bytes, then of one."""
    together = np.array(plan.together, np.int64).tobytes() if plan.together else b""
    wide = (plan.terms, plan.weights, plan.group, plan.first, plan.last, plan.units)
    parts = [*[array.tobytes() for array in wide], together, plan.is_extra.tobytes(), plan.is_needed.tobytes()]
    return b"".join(parts), len(plan.terms), len(plan.units), len(plan.together)


def _as_read(array: npt.NDArray[Any] | None, kind: npt.DTypeLike) -> npt.NDArray[Any] | None:
    """An array as the compiled code reads it; itself where it is stored so."""
    return None if array is None else np.ascontiguousarray(array, kind)
