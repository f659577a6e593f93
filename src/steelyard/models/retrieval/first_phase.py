r"""What every posting is worth in the first phase: BM25 over all fields together, as tantivy adds it up.

.. math:: \mathrm{impact}_{t,d} = \frac{tf_{t,d}}{tf_{t,d} + k_1 \, (1 - b + b \, \hat l_d / \bar l)}
          \qquad w_t = (1 + k_1) \ln\!\left(1 + \frac{N - n_t + 0.5}{n_t + 0.5}\right)

with k1 = 1.2, b = .75, all in 32 bits, and a length that is kept in one byte: exact up to 40, then in steps that grow.
The compiled first phase so finds the documents that the term index finds, only sooner; a text that holds a term more
than 255 times, which is as far as postings count, may be told apart from it.

Source: tantivy 0.2x, ``query/bm25.rs`` and ``fieldnorm/code.rs``, which follow Lucene's ``SmallFloat.intToByte4``.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from steelyard.domain import IntArray, State, VectorArray
from steelyard.models.retrieval.lexical_fit import LIGHT

__all__ = ["Impacts", "impacts_of"]

_K1, _B = np.float32(1.2), np.float32(0.75)
_ONE, _HALF = np.float32(1), np.float32(0.5)
_EXACT = 24
"""Lengths below it are their own code; from it on a code has three bits after its first one."""


class Impacts(NamedTuple):
    """What the first phase adds up."""

    of_posting: VectorArray
    """Shape (postings,), in (0, 1)."""
    weights: VectorArray
    """Shape (terms,), > 0."""


def impacts_of(state: State) -> Impacts:
    """Impacts of stored postings.

    Args:
        state: What ``fit_lexical`` gave.

    Returns:
        Those of terms that the term index does not know are there, too, and are never asked for.
    """
    arrays, n = state.arrays, int(state.facts["n_texts"])
    documents: npt.NDArray[np.int32] = arrays["documents"]
    held = np.diff(arrays["starts"])
    counts = arrays["frequencies"].sum(axis=1, dtype=np.uint16)
    is_indexed = np.repeat(_is_indexed(arrays["terms"], len(held)), held)
    lengths = np.bincount(documents[is_indexed], counts[is_indexed], n).astype(np.int64)
    mean = np.float32(max(int(lengths.sum()), 1)) / np.float32(max(n, 1))
    of_document = _K1 * (_ONE - _B + _B * _rounded(lengths).astype(np.float32) / mean)
    in_32_bits = counts.astype(np.float32)
    n_with = held.astype(np.float32)
    idf = np.log(_ONE + ((n - held).astype(np.float32) + _HALF) / (n_with + _HALF))
    of_posting = in_32_bits / (in_32_bits + of_document[documents])
    return Impacts(np.asarray(of_posting, np.float32), np.asarray(idf * (_ONE + _K1), np.float32))


def _is_indexed(terms: npt.NDArray[np.uint8], n: int) -> npt.NDArray[np.bool_]:
    """Of each of ``n`` packed terms, whether the term index knows it."""
    if not n:
        return np.empty(0, bool)
    begins = np.concatenate([[0], np.flatnonzero(terms == ord("\n")) + 1])
    return np.asarray(terms[begins] != ord(LIGHT))


def _rounded(lengths: IntArray) -> IntArray:
    """Lengths as one byte keeps them, rounded down."""
    codes = np.arange(256 - _EXACT)
    shifts = np.maximum(codes // 8 - 1, 0)
    coarse = np.where(codes < 8, codes, (codes % 8 + 8) << shifts) + _EXACT
    known = np.concatenate([np.arange(_EXACT), coarse])
    return np.asarray(known[np.searchsorted(known, lengths, side="right") - 1], np.int64)
