r"""Sparse search without an encoder: lexical search, and impacts of words that were learnt beforehand.

.. math:: s(q, d) = \frac{b(q, d)}{C_q} + w \sum_{u \in q} \frac{\mathrm{idf}_u}{\sum \mathrm{idf}} \, z_{ud}
          \; (+ 8 \text{ where the title holds every word})

b is the score of tuned lexical search, :math:`C_q` what it cannot exceed, z the stored impacts (``impacts``).
Candidates are those of lexical search and those with the highest impacts; a text that holds none of the words may be
found by what it was expanded by. Words that the catalogue does not know find nothing here either.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

import numpy as np

from steelyard.domain import FloatArray, IntArray, Ranked, Reason, Request, Understood
from steelyard.errors import ArtefactError, ConfigError
from steelyard.models.learned_sparse.asked_queries import asked_units
from steelyard.models.learned_sparse.impacts import TermImpacts
from steelyard.models.learned_sparse.term_learning import MOST, TIER
from steelyard.models.ports import Parts
from steelyard.models.retrieval.lexical import Lexical, open_lexical
from steelyard.models.retrieval.lexical_scoring import ceiling
from steelyard.models.retrieval.query_plan import Reading
from steelyard.models.retrieval.shortlists import Shortlist, best, distinct_numbers, stacked

__all__ = ["EXPANDED", "SparseRetriever", "open_sparse"]

EXPANDED = "expanded_words"
"""Kind of the reason that names words a product was expanded by, each with its impact."""
_NOTHING: frozenset[int] = frozenset()
_OPTIONS = {"lexical", "weight", "is_tiered", "candidates", "added", "learning"}


class SparseRetriever:
    """Words as the catalogue has them, and as learning says they are meant.

    Args:
        lexical: Tuned.
        impacts: Of the same texts.
        weight: Of the impacts, >= 0.
        is_tiered: Whether titles with every word of the query stay above the others.
        candidates: That lexical search brings, >= 1.
        added: Candidates that the impacts bring besides, >= 0.
    """

    def __init__(
        self,
        lexical: Lexical,
        impacts: TermImpacts,
        *,
        weight: float,
        is_tiered: bool = True,
        candidates: int = 100,
        added: int = 50,
    ) -> None:
        self.lexical, self.impacts = lexical, impacts
        self.weight, self.is_tiered, self.n, self.n_added = weight, is_tiered, candidates, added

    def retrieve(self, requests: Sequence[Request], *, k: int) -> Ranked:
        """Best ``k`` texts for each request.

        Args:
            requests: Those without words that the catalogue knows get no texts.
            k: Length of each list, >= 1.

        Returns:
            Text numbers, shape (requests, k), and scores that compare within one request only.
        """
        return stacked((self._one(request, k) for request in requests), k=k)

    def scores(self, query: str, texts: IntArray) -> FloatArray:
        """Score of each of ``texts`` for a query, by the same formula as ``retrieve``.

        Args:
            query: What the shopper typed.
            texts: Text numbers. Shape (n,).

        Returns:
            Shape (n,).
        """
        distinct, inverse = np.unique(texts, return_inverse=True)
        reading = self.lexical.read(query)
        sums, _ = self.impacts.added(*self._units(reading))
        return self._scored(reading, distinct, sums)[inverse]

    def explain(self, request: Request, items: IntArray) -> list[list[Reason]]:
        """Words that each text holds, and words that it was expanded by, each with its impact.

        Args:
            request: The question.
            items: Text numbers. Shape (n,).

        Returns:
            For each text at most one ``matches_words`` and one ``expanded_words``, the stronger first.
        """
        reading = self.lexical.read(request.query, verbatim=request.verbatim)
        units, weights = self._units(reading)
        most = max(ceiling(reading.plan, self.lexical.options), 1e-9)
        by_words = self.lexical.scores(request.query, items) / most
        held = self.lexical.explain(request, items)
        shown = _shown(reading) | {
            self.impacts.asked[word]: word for word in reading.unknown if word in self.impacts.asked
        }
        lists = []
        for text, of_words, reasons in zip(items.tolist(), by_words.tolist(), held, strict=True):
            found = [(shown.get(unit, ""), share * self.impacts.of_text(unit, text)) for unit, share in
                     zip(units.tolist(), weights.tolist(), strict=True)]  # fmt: skip
            lists.append(_reasons(reasons, of_words, [(word, self.weight * z) for word, z in found if word and z > 0]))
        return lists

    def by_words(self) -> Lexical:
        """The part that looks at words alone."""
        return self.lexical

    def understand(self, request: Request, items: IntArray) -> Understood:
        """How the words were understood, and how well the texts fit: as lexical search says it."""
        return self.lexical.understand(request, items)

    def _units(self, reading: Reading) -> tuple[IntArray, FloatArray]:
        return asked_units(reading, self.lexical.postings.idf, self.impacts.asked)

    def _one(self, request: Request, k: int) -> Shortlist:
        reading = self.lexical.read(request.query, verbatim=request.verbatim)
        units, weights = self._units(reading)
        if self.impacts.is_empty or not len(units):
            return self.lexical.best(request.query, k, verbatim=request.verbatim)
        sums, touched = self.impacts.added(units, weights)
        texts = self.lexical.candidates(reading, k=max(self.n, k))
        texts = distinct_numbers(np.concatenate([texts, _highest(sums, touched, max(self.n_added, 0))]))
        scores = self._scored(reading, texts, sums)
        is_answer = scores > 0
        return best(texts[is_answer], scores[is_answer], k=k, without=_NOTHING)

    def _scored(self, reading: Reading, texts: IntArray, sums: Any) -> FloatArray:
        found = self.lexical.score(reading, texts)
        by_words = found.scores / max(ceiling(reading.plan, self.lexical.options), 1e-9)
        scores: FloatArray = by_words + np.clip(self.weight * sums[texts], -MOST, MOST)
        return scores + TIER * found.is_exact if self.is_tiered else scores


def open_sparse(parts: Parts, options: Mapping[str, Any]) -> SparseRetriever:
    """The sparse retriever of a configuration.

    Args:
        parts: Roles ``lexical`` and ``impacts``.
        options: ``lexical``, as ``tune_lexical`` gave it; ``weight``, ``is_tiered``, ``candidates`` and ``added``;
            ``learning`` is a note and is not read.

    Returns:
        Ready to retrieve; as lexical search where nothing was learnt.

    Raises:
        ConfigError: An option is unknown.
        ArtefactError: The parts do not fit together.
    """
    unknown = sorted(set(options) - _OPTIONS)
    if unknown:
        raise ConfigError(f"sparse search has no option {', '.join(unknown)}; it has {', '.join(sorted(_OPTIONS))}")
    lexical, impacts = open_lexical(parts, options.get("lexical", {})), TermImpacts.of(parts.state("impacts"))
    if impacts.n != lexical.postings.n:
        raise ArtefactError("the impacts and the postings are of different catalogues; run build again")
    numbers = {name: options[name] for name in ("is_tiered", "candidates", "added") if name in options}
    return SparseRetriever(lexical, impacts, weight=float(options.get("weight", 0.0)), **numbers)


def _highest(sums: Any, touched: Any, n: int) -> IntArray:
    """The ``n`` texts with the highest impacts."""
    if not n or not len(touched):
        return np.empty(0, np.int64)
    found = distinct_numbers(touched)
    values = sums[found]
    if len(found) > n:
        found = found[np.argpartition(-values, n - 1)[:n]]
    return np.asarray(found[sums[found] > 0], np.int64)


def _shown(reading: Reading) -> dict[int, str]:
    """Each word of the query as the shopper wrote it, by its number."""
    places = zip(reading.shown, reading.plan.first.tolist(), reading.plan.last.tolist(), strict=True)
    words = {first: shown for shown, first, last in places if last == first + 1 and shown}
    return {unit: words[at] for at, unit in enumerate(reading.plan.units.tolist()) if at in words and unit >= 0}


def _reasons(held: list[Reason], by_words: float, expanded: list[tuple[str, float]]) -> list[Reason]:
    added = sum(impact for _, impact in expanded)
    total = max(by_words, 0.0) + added
    if total <= 0:
        return held
    found = [replace(reason, contribution=max(by_words, 0.0) / total) for reason in held]
    if expanded:
        words = tuple(f"{word} +{impact:.3f}" for word, impact in sorted(expanded, key=lambda pair: -pair[1]))
        found.append(Reason(EXPANDED, added / total, words=words))
    return sorted(found, key=lambda reason: -reason.contribution)
