r"""Re-ranking by a cross-encoder: a network reads the query together with each of the best candidates.

.. math:: s(q, d) = c(q, d) + w \, z(q, d)

c is what the network says, z the score of the first stage in standard units among the candidates; w is fitted on
queries held back from training. Texts whose title holds every word of the query stay above the others. Only queries
whose expected gain pays for the tokens that would have to be read are re-ranked (``gate``): all others keep the list of
the first stage as it is.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Protocol

import numpy as np
import numpy.typing as npt

from steelyard.domain import FloatArray, IntArray, Ranked, Reason, Request, Understood
from steelyard.models.learned_ranking.title_features import z_scores
from steelyard.models.ports import Retriever
from steelyard.models.reranking.gate import Gate, features
from steelyard.models.retrieval.lexical import Lexical
from steelyard.models.retrieval.lexical_scoring import ceiling
from steelyard.models.retrieval.shortlists import Shortlist, stacked

__all__ = ["CrossReranker", "Head", "PairReader", "Reranked", "Reranking", "fused"]

_BELOW = 1.0
"""How far what was not re-ranked stays below what was."""


@dataclass(frozen=True, slots=True)
class Reranking:
    """Numbers a re-ranker is fitted to."""

    candidates: int = 20
    """So many of the best are re-ranked, >= 1."""
    weight: float = 1.0
    """Of the first stage's score in standard units, >= 0."""
    is_tiered: bool = True
    """Whether texts with every word of the query in their title stay above all others."""


@dataclass(frozen=True, slots=True, eq=False)
class Head:
    """The best candidates of one query by the first stage, and what is known of the query."""

    texts: IntArray
    """Best first. Shape (n,)."""
    scores: FloatArray
    """Of the first stage. Shape (n,)."""
    is_exact: npt.NDArray[np.bool_]
    """Whether the title holds every word of the query. Shape (n,)."""
    row: FloatArray
    """What the gate looks at. Shape (features,)."""


@dataclass(frozen=True, slots=True, eq=False)
class Reranked:
    """What became of one query: the parts of each candidate's score, as ``explain`` shows them."""

    head: Head
    is_called: bool
    """Whether the network was asked; otherwise the list of the first stage passed through unchanged."""
    expected_gain: float
    """In nDCG@10."""
    tokens: int
    """That were, or would have been, read."""
    cross: FloatArray
    """What the network says of each candidate; empty where it was not asked. Shape (n,)."""
    fused: FloatArray
    """Score of each candidate. Shape (n,)."""


class PairReader(Protocol):
    """Reads a query beside each of some texts (``pair_network.PairNetwork``)."""

    def n_tokens(self, query: str, texts: IntArray) -> int:
        """Tokens that would be read: what the processor time goes by."""
        ...

    def scores(self, query: str, texts: IntArray) -> FloatArray:
        """How well each text goes with the query. Shape (texts,)."""
        ...


class CrossReranker:
    """Puts the best candidates of a first stage in order anew, where that pays.

    Args:
        first: Finds candidates.
        lexical: Says what the words of a query are and which titles hold them all; may be the first stage itself.
        network: Reads them; None leaves every list as it is.
        gate: Says which queries are worth it; None takes all.
        options: How both scores are joined.
    """

    def __init__(
        self,
        first: Retriever,
        lexical: Lexical,
        *,
        network: PairReader | None = None,
        gate: Gate | None = None,
        options: Reranking | None = None,
    ) -> None:
        self.first, self.lexical = first, lexical
        self.network, self.gate = network, gate
        self.options = options or Reranking()

    def retrieve(self, requests: Sequence[Request], *, k: int) -> Ranked:
        """Best ``k`` texts for each request.

        Args:
            requests: As the first stage takes them.
            k: Length of each list, >= 1.

        Returns:
            Text numbers, shape (requests, k), and scores that compare within one request only.
        """
        return stacked((self._one(request, k) for request in requests), k=k)

    def explain(self, request: Request, items: IntArray) -> list[list[Reason]]:
        """What brought each text among the candidates: as the first stage explains it."""
        return self.first.explain(request, items)

    def by_words(self) -> Lexical:
        """The part that looks at words alone: the answer where there is no time for more."""
        return self.lexical

    def understand(self, request: Request, items: IntArray) -> Understood:
        """How the words were understood, and whether the list was re-ranked.

        Args:
            request: The question.
            items: Text numbers of the answer, best first. Shape (n,).

        Returns:
            As lexical search says it, and ``is_reranked``.
        """
        by_words = self.lexical.understand(request, items)
        if self.network is None:
            return by_words
        return replace(by_words, is_reranked=self.takes(request, self.head(request)))

    def head(self, request: Request) -> Head:
        """The best candidates by the first stage.

        Args:
            request: The question.

        Returns:
            At most as many as are re-ranked.
        """
        n = self.options.candidates
        ranked = self.first.retrieve([request], k=n)
        is_there = ranked.items[0] >= 0
        texts, scores = ranked.items[0][is_there], ranked.scores[0][is_there]
        reading = self.lexical.read(request.query, verbatim=request.verbatim)
        ascending = np.sort(texts)
        by_words = self.lexical.score(reading, ascending)
        place = np.searchsorted(ascending, texts)
        is_exact = by_words.is_exact[place]
        needed = int(np.count_nonzero(reading.plan.is_needed))
        row = features(
            np.sort(by_words.scores)[::-1],
            is_exact,
            n=n,
            ceiling=max(ceiling(reading.plan, self.lexical.options), 1e-6),
            words=(needed + len(reading.unknown), len(reading.unknown)),
        )
        return Head(texts, scores, is_exact, row)

    def takes(self, request: Request, head: Head) -> bool:
        """Whether a query is re-ranked.

        Args:
            request: The question.
            head: Its best candidates.

        Returns:
            False where there is no network, or nothing to put in order.
        """
        if self.network is None or len(head.texts) < 2:
            return False
        return self.gate is None or self.gate.takes(head.row, tokens=self.network.n_tokens(request.query, head.texts))

    def reranked(self, request: Request) -> Reranked:
        """What becomes of a query, with the parts of each score.

        Args:
            request: The question.

        Returns:
            Candidates in the order of the first stage.
        """
        head = self.head(request)
        tokens = self.network.n_tokens(request.query, head.texts) if self.network is not None else 0
        expected = float(self.gate.expected(head.row[None])[0]) if self.gate is not None else 0.0
        if self.network is None or not self.takes(request, head):
            return Reranked(head, False, expected, tokens, np.empty(0), head.scores)
        cross = self.network.scores(request.query, head.texts)
        return Reranked(head, True, expected, tokens, cross, fused(cross, head, self.options))

    def _one(self, request: Request, k: int) -> Shortlist:
        head = self.head(request)
        if self.network is None or not self.takes(request, head):
            ranked = self.first.retrieve([request], k=k) if k != self.options.candidates else None
            items, scores = (head.texts, head.scores) if ranked is None else (ranked.items[0], ranked.scores[0])
            return items[items >= 0], scores[items >= 0]
        found = fused(self.network.scores(request.query, head.texts), head, self.options)
        order = np.argsort(-found, kind="stable")
        texts, scores = head.texts[order], found[order]
        if k > self.options.candidates:
            rest = self.first.retrieve([request], k=k)
            is_new = (rest.items[0] >= 0) & np.isin(rest.items[0], texts, invert=True)
            below = rest.scores[0][is_new]
            texts = np.concatenate([texts, rest.items[0][is_new]])
            scores = np.concatenate([scores, scores[-1] - _BELOW - (below.max(initial=-np.inf) - below)])
        return texts[:k], scores[:k]


def fused(cross: FloatArray, head: Head, options: Reranking) -> FloatArray:
    """Score of every candidate, by the formula of this module.

    Args:
        cross: What the network says. Shape (n,).
        head: The candidates.
        options: The weight, and whether exact ones stay above.

    Returns:
        Shape (n,).
    """
    scores = cross + options.weight * z_scores(head.scores)
    if not options.is_tiered or not len(scores):
        return scores
    reach = float(scores.max() - scores.min()) + 1.0
    return np.asarray(scores + reach * head.is_exact, np.float64)
