r"""The least-squares weights towards each item, from the items it occurs with: EASE on neighbourhoods.

For item j with the neighbourhood S, whose size is bounded,

.. math:: b_{Sj} = (A_{SS} + \lambda I)^{-1} c_{Sj}, \quad j \notin S

A counts what occurs together, c says what j is to be told from. With S = all items but j and c = A this is EASE, whose
inverse of the whole matrix takes n^3 steps and n^2 numbers; here each item takes as many steps as its neighbourhood
says, and nothing grows with the square of the catalogue.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from steelyard.domain import FloatArray, IntArray, VectorArray

if TYPE_CHECKING:
    from scipy import sparse  # only learning needs it, and it takes a server a second to load

__all__ = ["DENSE_LIMIT", "Problem", "TextSide", "bytes_needed", "solved_dense", "solved_locally"]

DENSE_LIMIT = 20_000
"""Items up to which the whole matrix may be inverted: 3.2 GB of 8-byte numbers, and some 5 to 10 minutes on one
thread; twice the items would take four times the memory and eight times the time."""
_NUMBER = 8
_POPULAR = 6_000
"""Items whose counts with one another are kept as a square table, of 144 MB."""
_SHRINKAGE = 20.0
"""Of the cosine that neighbourhoods are chosen by: pairs seen once or twice say little."""


@dataclass(frozen=True, slots=True, eq=False)
class TextSide:
    """What the texts say of likeness: added to the counts, so that items nobody interacted with get weights too."""

    vectors: VectorArray
    """Shape (n_items, width), float32; a product of two is how alike the texts are."""
    starts: IntArray
    """Shape (n_items + 1,): the items most like item i are ``alike[starts[i]:starts[i + 1]]``."""
    alike: IntArray
    """Item numbers."""

    def of(self, item: int) -> IntArray:
        """The items most like one, without itself."""
        found = self.alike[self.starts[item] : self.starts[item + 1]]
        return np.asarray(found[found != item], np.int64)


@dataclass(frozen=True, slots=True, eq=False)
class Problem:
    """What is solved."""

    together: sparse.csr_array
    """A, without the texts: symmetric, float32, columns of a row ascending. Shape (n_items, n_items)."""
    towards: sparse.csc_array
    """c, without the texts: sources by target. Shape (n_items, n_items)."""
    ridge: float
    """:math:`\\lambda`, > 0."""
    texts: TextSide | None = None
    text_weight: float = 0.0
    """What likeness of texts of 1 counts beside one user, >= 0."""


def bytes_needed(n_items: int, *, n_pairs: int, neighbourhood: int | None) -> int:
    """Memory that solving takes, beside the counts.

    Args:
        n_items: Items of the catalogue.
        n_pairs: Pairs of items that occur together.
        neighbourhood: Items of a neighbourhood; None for the whole matrix at once.

    Returns:
        An upper estimate, in bytes.
    """
    if neighbourhood is None:
        return 2 * n_items * n_items * _NUMBER
    widest = min(neighbourhood, n_items)
    weights = min(n_items * widest, n_pairs + n_items * widest) * (_NUMBER + 4)
    square = 4 * min(n_items, _POPULAR) ** 2
    return weights + square + 3 * widest * widest * _NUMBER + 4 * n_items * _NUMBER


def solved_locally(problem: Problem, *, neighbourhood: int) -> Iterator[tuple[IntArray, FloatArray]]:
    """Weights towards each item, target by target.

    Args:
        problem: What is solved.
        neighbourhood: At most so many sources of each target, >= 1: those of the highest cosine of counts, and of
            text.

    Yields:
        Sources, ascending, and the weight of each, for target 0, 1, 2 …; empty where nothing leads to it.
    """
    from scipy.linalg import lapack  # noqa: PLC0415 - only learning needs it; a server that loads it starts later

    n_items = problem.together.shape[0]
    counted = _Counted(problem)
    roots = np.sqrt(problem.together.diagonal().astype(np.float64))
    for target in range(n_items):
        sources, wanted = _neighbourhood(problem, target, roots, at_most=neighbourhood)
        if not len(sources):
            yield sources, wanted
            continue
        _, weights, failed = lapack.dposv(counted.system(sources), wanted, lower=1, overwrite_a=1)
        if failed:  # rounding: the system is positive definite by its making
            weights = np.linalg.lstsq(counted.system(sources), wanted, rcond=None)[0]
        yield sources, np.asarray(weights, np.float64)


def _neighbourhood(problem: Problem, target: int, roots: FloatArray, *, at_most: int) -> tuple[IntArray, FloatArray]:
    """Sources of a target, ascending, and what each is to say of it."""
    towards = problem.towards
    inside = slice(int(towards.indptr[target]), int(towards.indptr[target + 1]))
    sources = towards.indices[inside].astype(np.int64)
    values = towards.data[inside].astype(np.float64)
    is_other = sources != target
    sources, values = sources[is_other], values[is_other]
    standing = values / (roots[sources] * roots[target] + _SHRINKAGE)
    if problem.texts is not None and problem.text_weight > 0:
        sources, values, standing = _with_texts(problem, target, sources, values, standing)
    if len(sources) > at_most:
        order = np.lexsort((sources, -standing))[:at_most]
        order.sort()
        sources, values = sources[order], values[order]
    return sources, values


def _with_texts(
    problem: Problem, target: int, sources: IntArray, values: FloatArray, standing: FloatArray
) -> tuple[IntArray, FloatArray, FloatArray]:
    texts = problem.texts
    assert texts is not None
    ids = np.union1d(sources, texts.of(target))
    at = np.searchsorted(ids, sources)
    counts, cosine = np.zeros(len(ids)), np.zeros(len(ids))
    counts[at], cosine[at] = values, standing
    likeness = np.maximum((texts.vectors[ids] * texts.vectors[target]).sum(axis=1).astype(np.float64), 0.0)
    added = problem.text_weight * likeness
    return ids, counts + added, cosine + added / (added + _SHRINKAGE)


class _Counted:
    """Counts of some items with one another, out of those of all: often asked for, seldom many.

    Rows of popular items are long, so these are kept as a square table; of a pair with another item the other's row is
    read, which is short.
    """

    def __init__(self, problem: Problem) -> None:
        self._problem = problem
        together = problem.together
        n_items = together.shape[0]
        self._n_popular = min(n_items, _POPULAR)
        order = np.lexsort((np.arange(n_items), -np.diff(together.indptr)))
        self._rank = np.empty(n_items, np.int64)
        self._rank[order] = np.arange(n_items)
        self._place = np.full(n_items, -1, np.int64)
        self._square = np.zeros((self._n_popular, self._n_popular), np.float32)
        for rank, item in enumerate(order[: self._n_popular].tolist()):
            inside = slice(int(together.indptr[item]), int(together.indptr[item + 1]))
            ranks = self._rank[together.indices[inside]]
            is_popular = ranks < self._n_popular
            self._square[rank, ranks[is_popular]] = together.data[inside][is_popular]

    def system(self, sources: IntArray) -> FloatArray:
        """A of some items with the ridge. Shape (sources, sources), in the order of Fortran."""
        problem, n = self._problem, len(sources)
        ranks = self._rank[sources]
        is_popular = ranks < self._n_popular
        known, others = np.flatnonzero(is_popular), np.flatnonzero(~is_popular)
        system = np.zeros((n, n), order="F")
        system[np.ix_(known, known)] = self._square[np.ix_(ranks[known], ranks[known])]
        if len(others):
            self._fill(system, sources, others)
            system[np.ix_(known, others)] = system[np.ix_(others, known)].T
        if problem.texts is not None and problem.text_weight > 0:
            vectors = problem.texts.vectors[sources]
            system += problem.text_weight * (vectors @ vectors.T)
        system[np.arange(n), np.arange(n)] += problem.ridge
        return system

    def _fill(self, system: FloatArray, sources: IntArray, others: IntArray) -> None:
        """Rows of the items that are not popular."""
        together, rows = self._problem.together, sources[others]
        begins = together.indptr[rows].astype(np.int64)
        lengths = together.indptr[rows + 1] - begins
        ends = np.cumsum(lengths)
        places = np.arange(int(ends[-1])) + np.repeat(begins - ends + lengths, lengths)
        self._place[sources] = np.arange(len(sources))
        columns = self._place[together.indices[places]]
        self._place[sources] = -1
        inside = np.flatnonzero(columns >= 0)
        at = others[np.searchsorted(ends, inside, side="right")]
        system[at, columns[inside]] = together.data[places[inside]]


def solved_dense(problem: Problem) -> Iterator[tuple[IntArray, FloatArray]]:
    """As ``solved_locally`` with all other items as the neighbourhood, by one inverse of the whole matrix.

    Args:
        problem: What is solved.

    Yields:
        Sources, ascending, and their weights, target by target.
    """
    from scipy.linalg import lapack  # noqa: PLC0415 - only learning needs it; a server that loads it starts later

    whole = problem.together.toarray(order="F").astype(np.float64, order="F")
    towards = problem.towards
    if problem.texts is not None and problem.text_weight > 0:
        vectors = problem.texts.vectors
        whole += problem.text_weight * (vectors @ vectors.T)
    whole[np.diag_indices_from(whole)] += problem.ridge
    factor, _ = lapack.dpotrf(whole, lower=1, overwrite_a=1)
    inverse, _ = lapack.dpotri(factor, lower=1, overwrite_c=1)
    n_items = len(inverse)
    for target in range(n_items):  # only the lower half is filled
        inverse[target, target + 1 :] = inverse[target + 1 :, target]
    for target in range(n_items):
        inside = slice(int(towards.indptr[target]), int(towards.indptr[target + 1]))
        wanted = np.zeros(n_items)
        wanted[towards.indices[inside]] = towards.data[inside]
        if problem.texts is not None and problem.text_weight > 0:
            likeness = (problem.texts.vectors * problem.texts.vectors[target]).sum(axis=1)
            wanted += problem.text_weight * np.maximum(likeness.astype(np.float64), 0.0)
        wanted[target] = 0.0
        weights = inverse @ wanted
        weights -= inverse[:, target] * (weights[target] / inverse[target, target])
        weights[target] = 0.0
        sources = np.flatnonzero(weights)
        yield sources, weights[sources]
