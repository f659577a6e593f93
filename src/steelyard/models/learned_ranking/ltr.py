"""Learned ranking: lexical search finds candidates, a forest grown on the shop's own judgements puts them in order."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from steelyard.domain import FloatArray, IntArray, Ranked, Reason, Request, Understood, VectorArray
from steelyard.errors import ArtefactError, ConfigError
from steelyard.models.learned_ranking.candidate_features import Describer, describer_from
from steelyard.models.learned_ranking.forest import Forest, open_forest
from steelyard.models.learned_ranking.title_features import Candidates
from steelyard.models.learned_ranking.tree_arrays import trees_from
from steelyard.models.ports import Encoder, Parts
from steelyard.models.retrieval.lexical import Lexical, open_lexical
from steelyard.models.retrieval.query_plan import Reading
from steelyard.models.retrieval.shortlists import Shortlist, stacked

__all__ = ["FOREST", "LearnedRanker", "open_ltr"]

FOREST = "forest.onnx"
"""The forest's file in its part; none where nothing was learnt."""
_BELOW = 1.0
"""How far what was not ranked stays below what was."""


class LearnedRanker:
    """Orders the best candidates of lexical search anew.

    Args:
        lexical: Finds them.
        describer: Says what a forest looks at; None where nothing was learnt.
        forest: Scores them; None leaves the order of lexical search.
        encoder: Of queries, where the describer looks at their meaning.
        candidates: How many are put in order; the others follow as lexical search has them.
    """

    def __init__(
        self,
        lexical: Lexical,
        describer: Describer | None,
        forest: Forest | None,
        *,
        encoder: Encoder | None = None,
        candidates: int = 100,
    ) -> None:
        self.lexical = lexical
        self.describer, self.forest = describer, forest
        self.encoder, self.n = encoder, candidates
        self._prefix = str(getattr(encoder, "query_prefix", ""))

    def retrieve(self, requests: Sequence[Request], *, k: int) -> Ranked:
        """Best ``k`` texts for each request.

        Args:
            requests: Those without words that the catalogue knows get no texts.
            k: Length of each list, >= 1.

        Returns:
            Text numbers, shape (requests, k), and scores that compare within one request only.
        """
        return stacked((self._one(request, k) for request in requests), k=k)

    def explain(self, request: Request, items: IntArray) -> list[list[Reason]]:
        """Which words of the request each text holds: what brought it among the candidates.

        Args:
            request: The question.
            items: Text numbers. Shape (n,).

        Returns:
            As lexical search explains them.
        """
        return self.lexical.explain(request, items)

    def by_words(self) -> Lexical:
        """The part that looks at words alone."""
        return self.lexical

    def understand(self, request: Request, items: IntArray) -> Understood:
        """How the words were understood, and how well the texts fit: as lexical search says it."""
        return self.lexical.understand(request, items)

    def candidates(self, reading: Reading, *, k: int) -> Candidates:
        """The ``k`` best candidates by words.

        Args:
            reading: Of the query.
            k: >= 1.

        Returns:
            Best first; fewer than ``k`` where fewer hold any of the words.
        """
        return Candidates.of(self.lexical, reading, k=k)

    def vector(self, query: str) -> VectorArray | None:
        """The query's vector among the products, where meaning is looked at. Shape (width,)."""
        space = self.describer.space if self.describer is not None else None
        if self.encoder is None or space is None:
            return None
        return np.asarray(space.project(self.encoder.encode([self._prefix + query]))[0], np.float32)

    def _one(self, request: Request, k: int) -> Shortlist:
        reading = self.lexical.read(request.query, verbatim=request.verbatim)
        if self.forest is None or self.describer is None or not len(reading.plan.terms):
            plain = self.candidates(reading, k=k)
            return plain.texts, plain.scores
        head = self.candidates(reading, k=self.n)
        if not len(head.texts):
            return head.texts, head.scores
        learned = self.forest.scores(self.describer.rows(reading, self.vector(request.query), head))
        order = np.lexsort((head.texts, -learned))
        texts, scores = head.texts[order], learned[order]
        if k > len(texts):
            rest = self.candidates(reading, k=k)
            is_new = np.isin(rest.texts, texts, invert=True)
            texts = np.concatenate([texts, rest.texts[is_new]])
            scores = np.concatenate([scores, _below(float(learned.min()), rest.scores[is_new])])
        return texts[:k], scores[:k]


def open_ltr(parts: Parts, options: Mapping[str, Any]) -> LearnedRanker:
    """The learned ranking of a configuration.

    Args:
        parts: Roles ``lexical`` and ``ranking``, and ``encoder`` where meaning is looked at.
        options: ``lexical``, as ``tune_lexical`` gave it; ``candidates``; ``is_adopted``; ``has_meaning``.

    Returns:
        Ready to retrieve; in the order of lexical search where nothing was adopted.

    Raises:
        ConfigError: An option is unknown.
        ArtefactError: The parts do not fit together.
    """
    known = {"lexical", "candidates", "is_adopted", "has_meaning", "learning"}
    unknown = sorted(set(options) - known)
    if unknown:
        raise ConfigError(f"learned ranking has no option {', '.join(unknown)}; it has {', '.join(sorted(known))}")
    lexical = open_lexical(parts, options.get("lexical", {}))
    if not options.get("is_adopted", False):
        return LearnedRanker(lexical, None, None)
    state = parts.state("ranking")
    describer = describer_from(state, lexical)
    encoder = parts.encoder("encoder") if options.get("has_meaning", False) else None
    if encoder is not None and (describer.space is None or encoder.width != len(describer.space.centre)):
        raise ArtefactError("the encoder and the learned ranking do not fit together; run build again")
    forest = open_forest(parts.content("ranking", FOREST), trees_from(state.arrays))
    return LearnedRanker(lexical, describer, forest, encoder=encoder, candidates=int(options.get("candidates", 100)))


def _below(least: float, scores: FloatArray) -> FloatArray:
    """Scores in their order, all below ``least``."""
    return np.asarray(least - _BELOW - (scores.max(initial=0.0) - scores), np.float64)
