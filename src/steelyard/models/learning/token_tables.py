r"""Two tables of token vectors, learnt by ranking: what shoppers mean by a word, and what titles mean by it.

A query is the mean of its tokens' vectors, a text the vector that the encoder gave it and the mean of what its tokens
change; both are brought to length 1:

.. math:: q = \frac{B_q Q + b}{\lVert \cdot \rVert}, \quad d = \frac{v + B_d E}{\lVert \cdot \rVert}, \quad
    \ell = - \sum_d g_d \ln \mathrm{softmax}_d (\tau \, q \cdot d + \beta \, w_d)

where g are the shares of the gains and w the scores by words, the highest of a query 1: what words find already need
not be learnt again. Q starts from the static form of the encoder, E from nothing, so that a token nobody asked for
keeps its general meaning. Each row is moved by Adam when it is touched; a table is no network, and its rate is some
fifty times that of one.

Source: Kingma & Ba 2015, "Adam"; Gao et al. 2021, "Complement Lexical Retrieval Model with Semantic Residual
Embeddings", doi:10.1007/978-3-030-72113-8_10 (learning beside the scores by words).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from scipy import sparse

from steelyard.domain import FloatArray, IntArray, VectorArray
from steelyard.models.learning.training_queries import Step
from steelyard.models.text.encode import normalised

__all__ = ["Rates", "TableLearner", "TokenTables", "bags"]

_DECAYS = (0.9, 0.999)
_TINY = 1e-8


@dataclass(frozen=True, slots=True)
class Rates:
    """How far a step moves what is learnt, at its highest: it rises in the first steps and falls to nothing."""

    queries: float = 3e-3
    """Vectors of the queries' tokens."""
    texts: float = 1e-3
    """What the texts' tokens change."""
    scales: float = 1e-2
    """Sharpness and the weight of words."""
    drop: float = 0.1
    """Share of a query's tokens that are left out while it learns."""


@dataclass(frozen=True, slots=True, eq=False)
class TokenTables:
    """What was learnt."""

    queries: VectorArray
    """A vector of each token of a query. Shape (tokens, width)."""
    bias: VectorArray
    """Added to the mean of a query's tokens. Shape (width,)."""
    texts: VectorArray
    """What each token of a text changes of the text's vector. Shape (tokens, width)."""

    def of_queries(self, shares: sparse.csr_array) -> VectorArray:
        """Vectors of queries.

        Args:
            shares: Share of each token in each query, as ``bags`` gives them.

        Returns:
            Shape (queries, width), rows of length 1; zeros for a query without tokens.
        """
        has_tokens = np.asarray(shares.sum(axis=1)).reshape(-1, 1)
        return normalised(shares @ self.queries + self.bias * (has_tokens > 0))

    def of_texts(self, vectors: VectorArray, shares: sparse.csr_array) -> VectorArray:
        """Vectors of texts.

        Args:
            vectors: As the encoder gave them.
            shares: Share of each token in each text.

        Returns:
            Shape (texts, width), rows of length 1.
        """
        return normalised(vectors + shares @ self.texts)


def bags(ids: Sequence[Sequence[int]], *, n_tokens: int) -> sparse.csr_array:
    """Share of each token in each text.

    Args:
        ids: Token numbers of each text.
        n_tokens: Size of the vocabulary.

    Returns:
        Shape (texts, n_tokens), float32; rows add up to 1, to 0 where a text has no tokens.
    """
    lengths = np.array([len(row) for row in ids], np.int64)
    columns = np.array([token for row in ids for token in row], np.int64)
    shares = np.repeat(1.0 / np.maximum(lengths, 1), lengths).astype(np.float32)
    return sparse.csr_array((shares, columns, np.concatenate([[0], np.cumsum(lengths)])), shape=(len(ids), n_tokens))


class TableLearner:
    """Learns both tables step by step.

    Args:
        start: Where the tables start.
        vectors: Of all texts, by the encoder. Shape (texts, width).
        queries: Token shares of all queries.
        texts: Token shares of all texts; None where the texts' vectors stay as they are.
        rates: How far a step goes.
        seed: Of the tokens left out.
    """

    def __init__(
        self,
        start: TokenTables,
        vectors: VectorArray,
        *,
        queries: sparse.csr_array,
        texts: sparse.csr_array | None,
        rates: Rates,
        seed: int,
    ) -> None:
        self._vectors, self._queries, self._texts = vectors, queries, texts
        self._rates, self._seed = rates, seed
        self._q = _Table(start.queries)
        self._e = _Table(start.texts)
        self._b = _Table(start.bias[None, :])
        self._scales = _Table(np.array([[np.log(20.0), 5.0]], np.float32))

    def tables(self) -> TokenTables:
        """What was learnt so far; later steps do not change it."""
        return TokenTables(self._q.values.copy(), self._b.values[0].copy(), self._e.values.copy())

    def step(self, number: int, step: Step, by_words: VectorArray, *, share: float) -> float:
        """Learn from one step.

        Args:
            number: Of the step, which draws what is left out.
            step: Queries and candidates.
            by_words: Score by words of each candidate, the highest of a query 1. Shape (queries, texts).
            share: Of the highest rate, in (0, 1].

        Returns:
            The loss before it.
        """
        asked = self._thinned(self._queries[step.rows], number)
        told = self._texts[step.texts] if self._texts is not None else None
        raw_q = asked @ self._q.values + self._b.values
        raw_d = self._vectors[step.texts] + (np.float32(0) if told is None else told @ self._e.values)
        q, d = normalised(raw_q), normalised(raw_d)
        cosines = q @ d.T
        sharpness, weight = float(np.exp(self._scales.values[0, 0])), float(self._scales.values[0, 1])
        logits = np.where(step.is_left_out, -np.inf, sharpness * cosines + weight * by_words)
        logs = logits - _log_sum(logits)
        loss = -float(np.sum(step.shares * np.where(step.is_left_out, 0, logs), dtype=np.float64)) / len(q)
        slope = np.asarray((np.exp(logs) - step.shares) / len(q), np.float32)
        rates = self._rates
        self._move_queries(asked, sharpness * _through_length(slope @ d, q, raw_q), rates.queries * share)
        if told is not None:
            back = told.T.tocsr()
            rows = np.unique(told.indices).astype(np.int64)
            change = back[rows] @ (sharpness * _through_length(slope.T @ q, d, raw_d))
            self._e.move(rows, change, rates.texts * share)
        scales = np.array([[sharpness * np.sum(slope * cosines), np.sum(slope * by_words)]], np.float32)
        self._scales.move(np.array([0]), scales, rates.scales * share)
        return loss

    def _move_queries(self, asked: sparse.csr_array, slope: VectorArray, rate: float) -> None:
        rows = np.unique(asked.indices).astype(np.int64)
        self._q.move(rows, asked.T.tocsr()[rows] @ slope, rate)
        self._b.move(np.array([0]), slope.sum(axis=0, keepdims=True), rate)

    def _thinned(self, asked: sparse.csr_array, number: int) -> sparse.csr_array:
        """Some tokens left out; a query that would lose all of them keeps them."""
        rng = np.random.default_rng([self._seed, 2, number])
        kept = rng.random(asked.nnz) >= self._rates.drop
        rows = np.repeat(np.arange(asked.shape[0]), np.diff(asked.indptr))
        is_bare = np.bincount(rows, weights=kept, minlength=asked.shape[0]) == 0
        kept |= is_bare[rows]
        thin = sparse.csr_array((asked.data * kept, asked.indices, asked.indptr), shape=asked.shape)
        total = np.asarray(thin.sum(axis=1)).reshape(-1)
        scale = np.repeat(1 / np.where(total > 0, total, 1), np.diff(thin.indptr))
        return sparse.csr_array(((thin.data * scale).astype(np.float32), thin.indices, thin.indptr), shape=thin.shape)


class _Table:
    """Rows that Adam moves when they are touched."""

    def __init__(self, values: VectorArray) -> None:
        self.values = np.array(values, np.float32)
        self._mean, self._square = np.zeros_like(self.values), np.zeros_like(self.values)
        self._times = np.zeros(len(self.values), np.int64)

    def move(self, rows: IntArray, slope: npt.NDArray[np.float32], rate: float) -> None:
        """One step against the slope of these rows, each once."""
        first, second = _DECAYS
        self._times[rows] += 1
        times = self._times[rows][:, None]
        mean = self._mean[rows] * np.float32(first) + slope * np.float32(1 - first)
        square = self._square[rows] * np.float32(second) + slope * slope * np.float32(1 - second)
        self._mean[rows], self._square[rows] = mean, square
        near = mean / (1 - first**times).astype(np.float32)
        far = np.sqrt(square / (1 - second**times).astype(np.float32)) + np.float32(_TINY)
        self.values[rows] -= np.float32(rate) * near / far


def _through_length(slope: VectorArray, unit: VectorArray, raw: VectorArray) -> VectorArray:
    """The slope before the rows were brought to length 1."""
    lengths = np.linalg.norm(raw, axis=1, keepdims=True)
    along = np.sum(slope * unit, axis=1, keepdims=True)
    return np.asarray((slope - along * unit) / np.where(lengths == 0, 1, lengths), np.float32)


def _log_sum(logits: npt.NDArray[np.floating]) -> FloatArray:
    highest = logits.max(axis=1, keepdims=True)
    return np.asarray(highest + np.log(np.exp(logits - highest).sum(axis=1, keepdims=True)))
