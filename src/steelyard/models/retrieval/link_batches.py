"""Many requests answered at once from weighted links, as one sparse product; and option values judged that way.

For a single request ``Links.totals`` is faster. scipy is imported when a batch comes, so that a server starts without.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

from steelyard.domain import NONE, Cases, FloatArray, IntArray, Ranked, Request
from steelyard.models.retrieval.links import Links, blocks, strongest
from steelyard.models.retrieval.shortlists import MIN_WEIGHT, excluded_items, ndcg_of, to_find

if TYPE_CHECKING:
    from scipy import sparse

__all__ = ["MANY", "MOST_CASES", "Interests", "TuningCases", "link_matrix", "product_rows", "retrieved"]

MANY = 64
"""From so many requests on, a batch is one sparse product."""
MOST_CASES = 6_000
"""Tuning looks at so many cases at most, drawn by the seed."""
_BLOCK_LINKS = 3_000_000
"""Links multiplied at a time: bounds memory to some 100 MB."""


class Interests:
    """The items that requests rest on and how old each is, laid out once and weighted as often as is wanted.

    Args:
        requests: A batch.
        n_items: Other numbers keep their place in the order and are left out, as in ``interest``.
        last: Latest items of a history that count; ``None`` counts all.
    """

    def __init__(self, requests: Sequence[Request], *, n_items: int, last: int | None = None) -> None:
        rows = [request.items or request.history[::-1][:last] for request in requests]
        lengths = np.array([len(row) for row in rows], np.int64)
        sources = np.array([item for row in rows for item in row], np.int64)
        owners = np.repeat(np.arange(len(rows)), lengths)
        ages = np.arange(len(sources)) - np.repeat(np.cumsum(lengths) - lengths, lengths)
        ages[np.repeat(np.array([bool(request.items) for request in requests], np.bool_), lengths)] = 0
        is_known = (sources >= 0) & (sources < n_items)
        self.n, self.n_items = len(rows), n_items
        self._sources, self._ages, self._owners = sources[is_known], ages[is_known], owners[is_known]

    def rows(
        self, decay: float, scales: npt.NDArray[Any] | None = None, *, last: int | None = None
    ) -> sparse.csr_array:
        """The requests as weights of items, the latest item of each row first: the weights of ``interest``.

        Args:
            decay: In (0, 1].
            scales: What each item's weight is multiplied by. Shape (n_items,).
            last: Fewer latest items of each history than at first.

        Returns:
            Shape (requests, n_items), float64; columns of a row are in no order.
        """
        from scipy import sparse  # noqa: PLC0415 - only batches need it; a server that loads it starts a second later

        reach = 1 + int(np.log(MIN_WEIGHT) / np.log(decay)) if decay < 1 else np.iinfo(np.int64).max
        kept = self._ages < min(reach, last or reach)
        sources, ages = self._sources[kept], self._ages[kept]
        weights = (decay ** np.arange(int(ages.max(initial=0)) + 1, dtype=np.float64))[ages]
        if scales is not None:
            weights = weights * scales[sources]
        starts = np.searchsorted(self._owners[kept], np.arange(self.n + 1))
        return sparse.csr_array((weights, sources, starts), shape=(self.n, self.n_items))


class TuningCases:
    """Tuning cases that have something to find, at most ``MOST_CASES`` of them, judged a whole batch at a time.

    Args:
        cases: As ``mean_ndcg`` takes them.
        n_items: Of the model.
        seed: Of the draw, where there are more cases.
    """

    def __init__(self, cases: Cases, *, n_items: int, seed: int) -> None:
        chosen = to_find(cases)
        self.n_all = len(chosen)
        """Cases that have something to find."""
        if len(chosen) > MOST_CASES:
            places = np.sort(np.random.default_rng(seed).choice(len(chosen), MOST_CASES, replace=False))
            chosen = [chosen[place] for place in places.tolist()]
        self.requests = [request for request, _ in chosen]
        self.interests = Interests(self.requests, n_items=n_items)
        self._gains = [gain for _, gain in chosen]
        self._withouts = [excluded_items(request) for request in self.requests]

    def ndcgs(self, rows: sparse.csr_array, links: sparse.csr_array, *, k: int = 10) -> FloatArray:
        """Of each case the nDCG of the lists that a product gives.

        Args:
            rows: Weights of links' rows by case. Shape (cases, rows of ``links``).
            links: Shape (any, n_items).
            k: Cut-off rank.

        Returns:
            Shape (cases,), in [0, 1]; as ``mean_ndcg`` defines it.
        """
        items = _lists(rows, links, self._withouts, k=k).items
        return np.array([ndcg_of(ids, gain, k=k) for ids, gain in zip(items, self._gains, strict=True)])


def link_matrix(links: Links, *, at_most: int | None = None, n_items: int | None = None) -> sparse.csr_array:
    """Links as a sparse matrix of their stored numbers; scales are left to ``Interests.rows``.

    Args:
        links: Any.
        at_most: The strongest so many of each row; of equal ones the first are kept.
        n_items: Columns; as many as rows where left out.

    Returns:
        Shape (rows, columns), float64.
    """
    from scipy import sparse  # noqa: PLC0415 - only batches need it; a server that loads it starts a second later

    shape = (links.n_rows, links.n_rows if n_items is None else n_items)
    cells = (links.strengths.astype(np.float64), links.neighbours.astype(np.int32), links.starts.astype(np.int64))
    matrix = sparse.csr_array(cells, shape=shape)
    if at_most is not None:
        for row in np.flatnonzero(np.diff(matrix.indptr) > at_most).tolist():
            values = matrix.data[matrix.indptr[row] : matrix.indptr[row + 1]]
            values[~strongest(values, at_most)] = 0.0
        matrix.eliminate_zeros()
    return matrix


def retrieved(links: Links, requests: Sequence[Request], *, decay: float, k: int, last: int | None = None) -> Ranked:
    """The lists of many requests, equal to those of ``Links.totals`` and ``best`` one by one.

    Args:
        links: From items to items.
        requests: A batch.
        decay: In (0, 1].
        k: Length of each list, >= 1.
        last: Latest items of a history that count; ``None`` counts all.

    Returns:
        Shape (requests, k).
    """
    rows = Interests(requests, n_items=links.n_rows, last=last).rows(decay, links.scales.astype(np.float64))
    return _lists(rows, link_matrix(links), [excluded_items(request) for request in requests], k=k)


def product_rows(rows: sparse.csr_array, links: sparse.csr_array) -> Iterator[tuple[IntArray, FloatArray]]:
    """Rows of ``rows @ links`` one by one, some computed at a time.

    Args:
        rows: Shape (requests, any).
        links: Shape (any, columns).

    Yields:
        Columns, ascending, each once, and their sums, added in the order of ``rows``.
    """
    for _, found in _products(rows, links):
        found.sort_indices()
        for begin, end in zip(found.indptr[:-1].tolist(), found.indptr[1:].tolist(), strict=True):
            yield found.indices[begin:end], found.data[begin:end]


def _products(rows: sparse.csr_array, links: sparse.csr_array) -> Iterator[tuple[int, Any]]:
    """Sparse blocks of ``rows @ links`` and the first row of each; columns of a row are in no order."""
    lengths = np.diff(links.indptr).astype(np.float64)
    work = np.add.reduceat(np.append(lengths[rows.indices], 0.0), rows.indptr[:-1]) * (np.diff(rows.indptr) > 0)
    for low, high in blocks(work, limit=_BLOCK_LINKS):
        yield low, (rows[low:high] @ links).tocsr()


def _lists(rows: sparse.csr_array, links: sparse.csr_array, withouts: Sequence[frozenset[int]], *, k: int) -> Ranked:
    """The lists of a product, as ``best`` makes each of them. Shape (requests, k)."""
    items = np.full((rows.shape[0], k), NONE, dtype=np.int64)
    scores = np.full((rows.shape[0], k), -np.inf)
    for low, found in _products(rows, links):
        without = withouts[low : low + found.shape[0]]
        at, ids, values = _hopeful(found, [k + len(each) for each in without])
        is_kept = ~np.isin(at * found.shape[1] + ids, _cells(without, found.shape[1]))
        at, ids, values = at[is_kept], ids[is_kept], values[is_kept]
        order = np.lexsort((ids, -values, at))
        at, ids, values = at[order], ids[order], values[order]
        ranks = np.arange(len(at)) - np.searchsorted(at, np.arange(found.shape[0]))[at]
        is_first = ranks < k
        places = low + at[is_first], ranks[is_first]
        items[places], scores[places] = ids[is_first], values[is_first]
    return Ranked(items, scores)


def _hopeful(found: sparse.csr_array, wanted: Sequence[int]) -> tuple[IntArray, IntArray, FloatArray]:
    """Cells that are among the highest so many of their rows, and what is level with the last of them."""
    starts = found.indptr.tolist()
    cuts = np.full(len(wanted), -np.inf)
    for row, n in enumerate(wanted):
        begin, end = starts[row], starts[row + 1]
        if end - begin > n:
            values = found.data[begin:end].copy()
            values.partition(end - begin - n)
            cuts[row] = values[end - begin - n]
    lengths = np.diff(found.indptr)
    places = np.flatnonzero(found.data >= np.repeat(cuts, lengths))
    at = np.repeat(np.arange(len(wanted)), lengths)[places]
    return at, found.indices[places].astype(np.int64), found.data[places]


def _cells(withouts: Sequence[frozenset[int]], n_columns: int) -> IntArray:
    """What each row is to be without, as numbers of cells."""
    columns = np.array([item for each in withouts for item in each], np.int64)
    at = np.repeat(np.arange(len(withouts)), np.array([len(each) for each in withouts], np.int64))
    is_column = (columns >= 0) & (columns < n_columns)
    return np.asarray((at * n_columns + columns)[is_column], np.int64)
