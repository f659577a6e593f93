"""Learned ranking: lexical search finds candidates, a forest grown on the shop's own judgements puts them in order."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from steelyard.documents.explanation import Derivation
from steelyard.domain import FloatArray, IntArray, Ranked, Reason, Request, Understood, VectorArray
from steelyard.errors import ArtefactError, ConfigError
from steelyard.models.deriving import Stopwatch
from steelyard.models.learned_ranking.candidate_features import Describer, describer_from
from steelyard.models.learned_ranking.forest import Forest, open_forest
from steelyard.models.learned_ranking.ltr_derivation import ltr_derivation
from steelyard.models.learned_ranking.title_features import Candidates
from steelyard.models.learned_ranking.tree_arrays import trees_from
from steelyard.models.ports import Encoder, Parts
from steelyard.models.retrieval.lexical import Lexical, open_lexical
from steelyard.models.retrieval.query_plan import Reading
from steelyard.models.retrieval.shortlists import Shortlist, stacked
from steelyard.models.retrieval.vectors import VectorSearch, open_vectors

__all__ = ["FOREST", "LearnedRanker", "Nearest", "open_ltr"]

FOREST = "forest.onnx"
"""The forest's file in its part; none where nothing was learnt."""
_BELOW = 1.0
"""How far what was not ranked stays below what was."""


@dataclass(frozen=True, slots=True)
class Nearest:
    """Where candidates that the words miss come from."""

    vectors: VectorSearch
    """Of all texts, by the full encoder."""
    n: int
    """So many of the nearest ones."""


class LearnedRanker:
    """Orders the best candidates of lexical search anew, and what is near in meaning among them.

    Args:
        lexical: Finds them.
        describer: Says what a forest looks at; None where nothing was learnt.
        forest: Scores them; None leaves the order of lexical search.
        encoder: Of queries, where the describer looks at their meaning.
        candidates: How many are put in order; the others follow as lexical search has them.
        nearest: What is near in meaning to the query is put in order, too; None where words alone bring candidates.
    """

    def __init__(
        self,
        lexical: Lexical,
        describer: Describer | None,
        forest: Forest | None,
        *,
        encoder: Encoder | None = None,
        candidates: int = 100,
        nearest: Nearest | None = None,
    ) -> None:
        self.lexical = lexical
        self.describer, self.forest = describer, forest
        self.encoder, self.n, self.nearest = encoder, candidates, nearest
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
        """Which words of the request each text holds, and that it is near in meaning where it holds none of them.

        Args:
            request: The question.
            items: Text numbers. Shape (n,).

        Returns:
            As lexical and dense search explain them.
        """
        reasons = self.lexical.explain(request, items)
        asked = self.asked(request.query) if self.nearest is not None else None
        if self.nearest is None or asked is None or all(reasons):
            return reasons
        cosines = self.nearest.vectors.scores(asked, items).tolist()
        meant = [[Reason("similar_meaning", min(cosine, 1.0))] if cosine > 0 else [] for cosine in cosines]
        return [own or near for own, near in zip(reasons, meant, strict=True)]

    def by_words(self) -> Lexical:
        """The part that looks at words alone."""
        return self.lexical

    def understand(self, request: Request, items: IntArray) -> Understood:
        """How the words were understood, and how well the texts fit: as lexical search says it."""
        return self.lexical.understand(request, items)

    def derivation(self, request: Request, items: IntArray, *, depth: int, watch: Stopwatch) -> Derivation:
        """How the scores of some texts came about, as ``Deriving`` says."""
        return ltr_derivation(self, request, items, depth=depth, watch=watch)

    def candidates(self, reading: Reading, *, k: int) -> Candidates:
        """The ``k`` best candidates by words.

        Args:
            reading: Of the query.
            k: >= 1.

        Returns:
            Best first; fewer than ``k`` where fewer hold any of the words.
        """
        return Candidates.of(self.lexical, reading, k=k)

    def head(self, reading: Reading, asked: VectorArray | None) -> Candidates:
        """What the forest puts in order: the best by words, and what is near in meaning.

        Args:
            reading: Of the query.
            asked: As ``asked`` gives it.

        Returns:
            Best by words first.
        """
        near = None
        if self.nearest is not None and asked is not None:
            near, _ = self.nearest.vectors.search(asked, k=self.nearest.n)
        return Candidates.of(self.lexical, reading, k=self.n, near=near)

    def asked(self, query: str) -> VectorArray | None:
        """The query's vector, where meaning is looked at. Shape (full width,)."""
        if self.encoder is None or self.describer is None or self.describer.space is None:
            return None
        return np.asarray(self.encoder.encode([self._prefix + query])[0], np.float32)

    def rows(self, reading: Reading, asked: VectorArray | None, head: Candidates) -> npt.NDArray[np.float32]:
        """What the forest looks at.

        Args:
            reading: Of the query.
            asked: As ``asked`` gives it.
            head: As ``head`` gives it; at least one.

        Returns:
            A row for each candidate, its columns named by ``describer.names``. Shape (n, features).
        """
        assert self.describer is not None, "there is nothing to describe with"
        space = self.describer.space
        vector = None if asked is None or space is None else space.project(asked[None])[0]
        return self.describer.rows(reading, vector, head)

    def _one(self, request: Request, k: int) -> Shortlist:
        reading = self.lexical.read(request.query, verbatim=request.verbatim)
        if self.forest is None or self.describer is None or not len(reading.plan.terms):
            plain = self.candidates(reading, k=k)
            return plain.texts, plain.scores
        asked = self.asked(request.query)
        head = self.head(reading, asked)
        if not len(head.texts):
            return head.texts, head.scores
        learned = self.forest.scores(self.rows(reading, asked, head))
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
        parts: Roles ``lexical`` and ``ranking``, ``encoder`` where meaning is looked at, and ``vectors`` where that
            brings candidates.
        options: ``lexical``, as ``tune_lexical`` gave it; ``candidates``; ``near``; ``is_adopted``; ``has_meaning``.

    Returns:
        Ready to retrieve; in the order of lexical search where nothing was adopted.

    Raises:
        ConfigError: An option is unknown.
        ArtefactError: The parts do not fit together.
    """
    known = {"lexical", "candidates", "near", "is_adopted", "has_meaning", "learning"}
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
    n_near = int(options.get("near", 0)) if encoder is not None else 0
    nearest = Nearest(open_vectors(parts.state("vectors"), {}), n_near) if n_near else None
    n = int(options.get("candidates", 100))
    return LearnedRanker(lexical, describer, forest, encoder=encoder, candidates=n, nearest=nearest)


def _below(least: float, scores: FloatArray) -> FloatArray:
    """Scores in their order, all below ``least``."""
    return np.asarray(least - _BELOW - (scores.max(initial=0.0) - scores), np.float64)
