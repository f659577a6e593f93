r"""BM25F over candidates, and what else says that a product is meant: all words there, in its title, in order.

.. math::

    \tilde{tf}_{t,d} = \sum_f \frac{w_f \, tf_{t,f,d}}{(1 - b_f) + b_f \, l_{f,d} / \bar l_f}
    \qquad
    \mathrm{BM25F}(q, d) = \sum_{t \in q} w_t \, \mathrm{idf}_t \, \frac{\tilde{tf}_{t,d}}{k_1 + \tilde{tf}_{t,d}}
    \qquad
    \mathrm{idf}_t = \ln\!\left(1 + \frac{N - n_t + 0.5}{n_t + 0.5}\right)

Term t occurs tf times in field f of document d; l is a field's length in terms; n_t of N documents hold t. Terms that
are alternatives to each other (corrections of one word) count once, with the highest of their contributions. On top:

.. math::

    s(q, d) = \mathrm{BM25F}(q, d) + C_q \, (\alpha \, [\text{all needed units of q in d}]
              + \beta \, \text{share of them in the title} + \gamma \, \text{share of neighbours in order in the title}
              + \delta \, p_d \, (\text{share of them in d})^2)

where p_d in [0, 1] says how popular a document is (``best_sellers``; what its category says comes on top,
``category_match``), and C_q, the sum of w_t idf_t, is what BM25F
cannot exceed: with alpha = 1 documents that hold all units come first.

Source: Robertson & Zaragoza 2009, "The Probabilistic Relevance Framework: BM25 and Beyond", section 3.6,
doi:10.1561/1500000019; the idf is Lucene's, which is never negative.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from itertools import pairwise
from typing import Any

import numpy as np
import numpy.typing as npt

from steelyard.domain import FloatArray, IntArray, State, VectorArray

__all__ = [
    "FIELDS",
    "Evidence",
    "LexicalOptions",
    "Plan",
    "Postings",
    "bm25f",
    "ceiling",
    "combine",
    "field_counts",
    "join",
    "rewards",
]

FIELDS = ("title", "brand", "category", "description", "attributes")
BoolArray = npt.NDArray[np.bool_]


@dataclass(frozen=True, slots=True)
class LexicalOptions:
    """Numbers a lexical retriever is tuned to."""

    k1: float = 0.3
    """How fast repeating a term stops counting, > 0."""
    b: Mapping[str, float] = field(default_factory=lambda: dict.fromkeys(FIELDS, 0.5))
    """How much a field's length counts against it, in [0, 1]."""
    weights: Mapping[str, float] = field(
        default_factory=lambda: {"title": 1.0, "brand": 0.7, "category": 0.5, "description": 0.2, "attributes": 0.2}
    )
    """Weight of one occurrence of a term in each field, >= 0."""
    candidates: int = 200
    """Documents taken over from the first phase, >= 1."""
    all_units: float = 0.3
    """Reward for holding every needed unit of the query, as a share of the highest possible BM25F (alpha)."""
    title_units: float = 0.2
    """Reward for the share of needed units that the title holds (beta)."""
    title_order: float = 0.1
    """Reward for the share of neighbouring units that stand side by side in the title (gamma)."""
    popular: float = 0.0
    """Reward for what many people bought or viewed, times the square of the share of needed units held (delta)."""
    category_named: float = 0.3
    """Reward for the share of needed units that name the document's category."""
    category_bought: float = 0.5
    """Reward for a category in which people take what holds the needed units."""
    extra: float = 0.5
    """Weight of terms that stand for several units, beside the units themselves."""


@dataclass(frozen=True, slots=True)
class Plan:
    """A query, ready to be scored. Terms are numbers in the vocabulary."""

    terms: IntArray
    """Shape (terms,); -1, -2 … are the first, second … of ``together``."""
    weights: FloatArray
    """Shape (terms,): weight times idf."""
    is_extra: BoolArray
    """Shape (terms,): stands for several units, or for a pair of characters across two words."""
    group: IntArray
    """Shape (terms,): terms with the same number are alternatives; non-decreasing from 0 without gaps."""
    first: IntArray
    """Shape (terms,): first unit the term stands for."""
    last: IntArray
    """Shape (terms,): the unit after the last."""
    units: IntArray
    """Shape (units,): best term of each unit in order; -1 where the catalogue has none."""
    is_needed: BoolArray
    """Shape (units,): the catalogue has it, and it carries a wish of its own."""
    together: tuple[tuple[int, int], ...] = ()
    """Pairs of terms that count where a document holds both."""


@dataclass(frozen=True, slots=True)
class Evidence:
    """What candidates hold of their queries, before any option is applied. Rows are (query, candidate) pairs."""

    documents: IntArray
    """Shape (rows,)."""
    signals: FloatArray
    """Shape (rows, 4), in [0, 1]: all needed units held; share of them in the title; share of neighbours in order;
    popularity times the square of the share of needed units held."""
    ceilings: FloatArray
    """Shape (rows, 2): sum of the query's weights, of its units and of its extra terms."""
    rows: IntArray
    """Shape (entries,): row of each term that a row holds."""
    weights: FloatArray
    """Shape (entries,)."""
    is_extra: BoolArray
    """Shape (entries,)."""
    frequencies: npt.NDArray[np.uint8]
    """Shape (entries, fields)."""
    starts: IntArray
    """Shape (groups,): where each run of alternatives begins among the entries."""


class Postings:
    """Which document holds which term how often in which field.

    Args:
        state: What ``fit_lexical`` gave.
    """

    def __init__(self, state: State) -> None:
        arrays = state.arrays
        self.fields: tuple[str, ...] = tuple(state.facts["fields"])
        self.n = int(state.facts["n_texts"])
        self._term_starts: IntArray = arrays["starts"]
        self._starts: list[int] = arrays["starts"].tolist()
        self._documents: npt.NDArray[np.int32] = arrays["documents"]
        self._frequencies: npt.NDArray[np.uint8] = arrays["frequencies"]
        self._lengths: npt.NDArray[np.uint16] = arrays["lengths"]
        self._title_starts: IntArray = arrays["title_starts"]
        self._title_units: npt.NDArray[np.int32] = arrays["title_units"]
        self.popularity: VectorArray | None = arrays.get("popularity")
        """How popular each document is, in [0, 1]; None where nothing is known of behaviour."""
        held: IntArray = np.diff(arrays["starts"])
        self.idf: FloatArray = np.log1p((self.n - held + 0.5) / (held + 0.5))

    def documents(self, term: int) -> IntArray:
        """Numbers of the documents that hold a term, ascending."""
        return self._documents[self._starts[term] : self._starts[term + 1]].astype(np.int64)

    def rows_holding(self, plan: Plan, at: int, documents: IntArray) -> IntArray:
        """Positions in ``documents`` (ascending) of those that hold the term at a place of a plan."""
        return self.held(plan, at, documents)[0]

    def held(self, plan: Plan, at: int, documents: IntArray) -> tuple[IntArray, npt.NDArray[np.uint8]]:
        """As ``rows_holding``, and how often each field of them holds the term. Shape (rows,) and (rows, fields)."""
        return self._find_in(plan, int(plan.terms[at]), documents.astype(np.int32))

    def most_popular(self, term: int, n: int) -> IntArray:
        """The ``n`` most popular documents that hold a term, ascending; none where no popularity is known."""
        if self.popularity is None:
            return np.empty(0, np.int64)
        held = self.documents(term)
        if len(held) <= n:
            return held
        return np.sort(held[np.argpartition(-self.popularity[held], n)[:n]])

    def holding_both(self, one: int, other: int) -> int:
        """How many documents hold two terms."""
        return len(np.intersect1d(self.documents(one), self.documents(other), assume_unique=True))

    def count_neighbours(self, left: int, right: int) -> int:
        """How many titles hold two units side by side, in this order."""
        both = np.intersect1d(self.documents(left), self.documents(right), assume_unique=True)
        return int(np.count_nonzero(self._in_order(np.array([left, right]), both)))

    def scale(self, options: LexicalOptions) -> VectorArray:
        """Weight of one occurrence in each field of each document, length included. Shape (documents, fields)."""
        lengths = self._lengths.astype(np.float32)
        mean = np.maximum(lengths.mean(axis=0), 1e-9) if self.n else 1.0
        b = np.array([options.b[name] for name in self.fields], np.float32)
        weights = np.array([options.weights[name] for name in self.fields], np.float32)
        return np.asarray(weights / np.maximum(1 - b + b * lengths / mean, 1e-3), np.float32)

    def arrays(self, scale: VectorArray) -> tuple[npt.NDArray[Any] | None, ...]:
        """What ``lexical_kernel.c`` reads, in the order of its ``Shelf``; ``scale`` is from ``Postings.scale``."""
        held = (self._term_starts, self._documents, self._frequencies, scale)
        return (*held, self._title_starts, self._title_units, self.popularity)

    def evidence(self, plan: Plan, documents: IntArray) -> Evidence:
        """What ``documents`` hold of a query.

        Args:
            plan: The query.
            documents: Distinct document numbers, ascending. Shape (rows,).

        Returns:
            One row for each document, in their order.
        """
        narrow = documents.astype(np.int32)
        found = [self._find_in(plan, term, narrow) for term in plan.terms.tolist()]
        sizes = [len(rows) for rows, _ in found]
        of_entry = np.repeat(np.arange(len(found)), sizes)
        rows = np.concatenate([rows for rows, _ in found]) if found else np.empty(0, np.int64)
        frequencies = (
            np.concatenate([freq for _, freq in found]) if found else np.empty((0, len(self.fields)), np.uint8)
        )
        starts = np.arange(len(rows))
        if len(plan.group) and plan.group[-1] + 1 < len(plan.group):
            order = np.lexsort((rows, plan.group[of_entry]))
            of_entry, rows, frequencies = of_entry[order], rows[order], frequencies[order]
            changes = (np.diff(rows) != 0) | (np.diff(plan.group[of_entry]) != 0)
            starts = np.flatnonzero(np.concatenate([[len(rows) > 0], changes]))
        n = len(documents)
        return Evidence(
            documents,
            self._signals(plan, documents, found),
            np.ones((n, 1)) * _ceilings(plan),
            rows,
            plan.weights[of_entry],
            plan.is_extra[of_entry],
            frequencies,
            starts,
        )

    def _find_in(
        self, plan: Plan, term: int, documents: npt.NDArray[np.int32]
    ) -> tuple[IntArray, npt.NDArray[np.uint8]]:
        """As ``_find``, for a term or a pair of terms of a plan."""
        if term >= 0:
            return self._find(term, documents)
        (rows, one), (others, other) = (self._find(each, documents) for each in plan.together[-term - 1])
        both, left, right = np.intersect1d(rows, others, assume_unique=True, return_indices=True)
        return both, np.minimum(one[left], other[right])

    def _find(self, term: int, documents: npt.NDArray[np.int32]) -> tuple[IntArray, npt.NDArray[np.uint8]]:
        """Rows of ``documents`` that hold a term, and how often each field does."""
        start = self._starts[term]
        held = self._documents[start : self._starts[term + 1]]
        if not len(held):
            return np.empty(0, np.int64), self._frequencies[:0]
        at = held.searchsorted(documents)
        rows = (held.take(at, mode="clip") == documents).nonzero()[0]
        return rows, self._frequencies.take(at[rows] + start, axis=0)

    def _signals(
        self, plan: Plan, documents: IntArray, found: Sequence[tuple[IntArray, npt.NDArray[np.uint8]]]
    ) -> FloatArray:
        n = len(documents)
        signals = np.zeros((n, 4))
        n_needed = int(plan.is_needed.sum())
        if not n or not n_needed:
            return signals
        holds = np.zeros((2, len(plan.units), n), bool)
        for (rows, frequencies), first, last in zip(found, plan.first.tolist(), plan.last.tolist(), strict=True):
            in_title = rows[frequencies[:, 0] > 0]
            for unit in range(first, last):
                holds[0, unit, rows] = True
                holds[1, unit, in_title] = True
        n_held = holds[0, plan.is_needed].sum(axis=0)
        signals[:, 0] = n_held == n_needed
        signals[:, 1] = holds[1, plan.is_needed].sum(axis=0) / n_needed
        if self.popularity is not None:
            signals[:, 3] = self.popularity[documents] * np.square(n_held / n_needed)
        may_be_in_order = np.flatnonzero((holds[1, :-1] & holds[1, 1:]).any(axis=0))
        signals[may_be_in_order, 2] = self._in_order(plan.units, documents[may_be_in_order])
        return signals

    def _in_order(self, units: IntArray, documents: IntArray) -> FloatArray:
        """Share of the query's neighbouring units that are neighbours in the same order in each title."""
        pairs = [(a, b) for a, b in pairwise(units.tolist()) if a >= 0 and b >= 0]
        share = np.zeros(len(documents))
        if not pairs:
            return share
        starts = self._title_starts[documents]
        lengths = self._title_starts[documents + 1] - starts
        ends = np.cumsum(lengths)
        rows = np.repeat(np.arange(len(documents)), lengths)
        tokens = self._title_units[np.arange(len(rows)) + np.repeat(starts - (ends - lengths), lengths)]
        for left, right in pairs:
            here = np.flatnonzero(tokens[:-1] == left)
            here = here[(tokens[here + 1] == right) & (rows[here + 1] == rows[here])]
            is_held = np.zeros(len(documents), bool)
            is_held[rows[here]] = True
            share += is_held
        return share / (len(units) - 1)


def combine(evidence: Evidence, scale: VectorArray, options: LexicalOptions) -> FloatArray:
    """Score of each row, by the formula of this module.

    Args:
        evidence: What the candidates hold.
        scale: From ``Postings.scale`` with the same options. Shape (documents, fields).
        options: Weights of everything.

    Returns:
        Shape (rows,), >= 0.
    """
    counts = field_counts(evidence, scale, evidence.documents[evidence.rows])
    return np.asarray(bm25f(evidence, counts, options) + rewards(evidence, options), np.float64)


def field_counts(evidence: Evidence, scale: VectorArray, documents: IntArray) -> VectorArray:
    """How often each term is held, by the weights and lengths of the fields.

    Args:
        evidence: What the candidates hold.
        scale: As for ``combine``.
        documents: Document of each entry. Shape (entries,).

    Returns:
        Shape (entries,), >= 0; depends on ``b`` and ``weights`` alone.
    """
    of_entry = scale.take(documents, axis=0)
    counts = evidence.frequencies[:, 0] * of_entry[:, 0]
    for at in range(1, of_entry.shape[1]):  # field by field: the kernel adds them up in the same order
        counts += evidence.frequencies[:, at] * of_entry[:, at]
    return np.asarray(counts, np.float32)


def bm25f(evidence: Evidence, counts: VectorArray, options: LexicalOptions) -> FloatArray:
    """BM25F of each row; of the options it asks for ``k1`` and ``extra``.

    Args:
        evidence: What the candidates hold.
        counts: From ``field_counts``.
        options: Weights.

    Returns:
        Shape (rows,), >= 0.
    """
    weights = np.where(evidence.is_extra, options.extra * evidence.weights, evidence.weights)
    contributions = weights * (counts / (options.k1 + counts))
    rows = evidence.rows
    if len(evidence.starts) < len(rows):
        contributions = np.maximum.reduceat(contributions, evidence.starts)
        rows = rows[evidence.starts]
    return np.bincount(rows, contributions, len(evidence.documents)).astype(np.float64)


def rewards(evidence: Evidence, options: LexicalOptions) -> FloatArray:
    """What each row gets for holding all units, in its title, in order.

    Args:
        evidence: What the candidates hold.
        options: Weights.

    Returns:
        Shape (rows,), >= 0.
    """
    ceiling = evidence.ceilings[:, 0] + options.extra * evidence.ceilings[:, 1]
    shares = options.all_units * evidence.signals[:, 0]
    shares += options.title_units * evidence.signals[:, 1]
    shares += options.title_order * evidence.signals[:, 2]
    shares += options.popular * evidence.signals[:, 3]
    return np.asarray(ceiling * shares, np.float64)


def ceiling(plan: Plan, options: LexicalOptions) -> float:
    """What BM25F cannot exceed for a query: C of the formula, in which rewards are counted."""
    of_units, of_extra = _ceilings(plan).tolist()
    return float(of_units + options.extra * of_extra)


def join(parts: Sequence[Evidence]) -> Evidence:
    """Evidence of several queries as one, rows one after another."""
    rows = np.cumsum([0, *(len(part.documents) for part in parts)])
    entries = np.cumsum([0, *(len(part.rows) for part in parts)])
    return Evidence(
        np.concatenate([part.documents for part in parts]),
        np.concatenate([part.signals for part in parts]),
        np.concatenate([part.ceilings for part in parts]),
        np.concatenate([part.rows + shift for part, shift in zip(parts, rows[:-1], strict=True)]),
        np.concatenate([part.weights for part in parts]),
        np.concatenate([part.is_extra for part in parts]),
        np.concatenate([part.frequencies for part in parts]),
        np.concatenate([part.starts + shift for part, shift in zip(parts, entries[:-1], strict=True)]),
    )


def _ceilings(plan: Plan) -> FloatArray:
    """Sum of the weights of the units (of alternatives the highest) and of the extra terms. Shape (2,)."""
    sums, highest, current = [0.0, 0.0], [0.0, 0.0], -1  # a handful of numbers: plain Python is quicker than arrays
    for group, weight, is_extra in zip(plan.group.tolist(), plan.weights.tolist(), plan.is_extra.tolist(), strict=True):
        if group != current:
            sums, highest, current = [sums[0] + highest[0], sums[1] + highest[1]], [0.0, 0.0], group
        highest[is_extra] = max(weight, highest[is_extra])
    return np.array([sums[0] + highest[0], sums[1] + highest[1]])
