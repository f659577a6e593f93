r"""Hybrid search: candidates by words and by meaning, put into one order.

Convex fusion, of the cosine c and the lexical score b of a text d, over the union of both candidate lists:

.. math:: s(q, d) = w \, c(q, d) + (1 - w) \, \frac{b(q, d)}{\max_{d'} b(q, d')}

Tiered: texts whose title holds every word of the query, or whose category names them all, stay above the others; it
cost no quality where it was measured. Among these all say what was asked for, so what people buy counts once more:
a small reward, times popularity.
A text that holds no word of the query must reach a floor in cosine, so that nonsense finds nothing: ``meaning_floor``.
Reciprocal rank fusion, 1 / (60 + rank) in each list added up, is there for comparison and for foreign scores.

Source: Bruch, Gai & Ingber 2023, "An Analysis of Fusion Functions for Hybrid Retrieval", doi:10.1145/3596512 (convex);
Cormack, Clarke & Büttcher 2009, doi:10.1145/1571941.1572114 (RRF).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, fields, replace
from itertools import repeat
from typing import Any

import numpy as np
import numpy.typing as npt

from steelyard.documents.explanation import Derivation
from steelyard.domain import NONE, FloatArray, IntArray, Ranked, Reason, Request, Understood, VectorArray
from steelyard.errors import ConfigError
from steelyard.models.deriving import Stopwatch
from steelyard.models.ports import Parts
from steelyard.models.retrieval.category_match import all_named
from steelyard.models.retrieval.dense import DenseRetriever, open_dense
from steelyard.models.retrieval.hybrid_derivation import Fused, hybrid_derivation
from steelyard.models.retrieval.lexical import Lexical, open_lexical
from steelyard.models.retrieval.meaning_floor import has_letters
from steelyard.models.retrieval.shortlists import Shortlist, best, distinct_numbers, stacked

__all__ = ["HybridOptions", "HybridRetriever", "Pool", "contributions", "fuse", "open_hybrid", "options_from"]

_FUSIONS = ("convex", "rrf")
_OF_DENSE = ("oversampling", "floor", "sure")
_RRF = 60
_LOOKED_AT = 3
_TIER = 2.0
"""Above the reach of both formulas, so that the tiers cannot mix."""
_NOTHING: frozenset[int] = frozenset()


@dataclass(frozen=True, slots=True)
class HybridOptions:
    """Numbers a hybrid retriever is tuned to."""

    fusion: str = "convex"
    """``convex``, or ``rrf`` for scores that cannot be compared at all."""
    weight: float = 0.3
    """Weight of meaning in convex fusion, in [0, 1]; the rest is the weight of words. The default was picked by looking
    at two judged shops, on both of which it beats rank fusion and no weight clearly beats words alone
    (``benchmarks/encoders.py``): tune it."""
    candidates: int = 100
    """Candidates each side brings, >= 1."""
    is_tiered: bool = True
    """Whether texts with every word of the query in their title stay above all others."""
    popular: float = 0.1
    """Reward for popularity among texts of the upper tier, >= 0; measured on ``benchmarks/head_queries.py``."""


@dataclass(frozen=True, slots=True)
class Pool:
    """Candidates of one query and all that fusion looks at, before any option but the number of candidates."""

    texts: IntArray
    """Text numbers, ascending. Shape (n,)."""
    lexical: FloatArray
    """Lexical scores, >= 0. Shape (n,)."""
    cosine: FloatArray
    """Shape (n,)."""
    lexical_rank: IntArray
    """0-based place in the lexical list; -1 where it is not in it. Shape (n,)."""
    dense_rank: IntArray
    """0-based place in the dense list; -1 where it is not in it. Shape (n,)."""
    is_exact: npt.NDArray[np.bool_]
    """Whether the title holds every word of the query, or the category names them all. Shape (n,)."""
    popularity: FloatArray | None = None
    """In [0, 1]; None where nothing is known of behaviour. Shape (n,)."""


class HybridRetriever:
    """Words and meaning together.

    Args:
        lexical: Finds texts by words.
        dense: Finds the same texts by meaning.
        options: How the two are joined.
    """

    def __init__(self, lexical: Lexical, dense: DenseRetriever, *, options: HybridOptions | None = None) -> None:
        self.lexical = lexical
        self.dense = dense
        self.options = options or HybridOptions()

    def retrieve(self, requests: Sequence[Request], *, k: int) -> Ranked:
        """Best ``k`` texts for each request.

        Args:
            requests: Those without words get no texts.
            k: Length of each list, >= 1.

        Returns:
            Text numbers, shape (requests, k), and fused scores; a text in the upper tier has 2 added to its score.
        """
        return stacked((self._one(request, k) for request in requests), k=k)

    def scores(self, query: str, texts: IntArray) -> FloatArray:
        """Fused score of each of ``texts``: as in ``retrieve`` for what it would find, and for the others as if found.

        Args:
            query: What the shopper typed.
            texts: Text numbers. Shape (n,).

        Returns:
            Shape (n,).
        """
        if not query.strip():
            return np.zeros(len(texts))
        pool = self.pool(query, n=self.options.candidates, also=texts)
        return fuse(pool, self.options)[np.searchsorted(pool.texts, texts)]

    def explain(self, request: Request, items: IntArray) -> list[list[Reason]]:
        """The words and the meaning that brought each text up, each with its share of the fused score.

        Args:
            request: The question.
            items: Text numbers. Shape (n,).

        Returns:
            For each text its reasons, strongest first: ``matches_words``, ``similar_meaning``, or none.
        """
        if not request.query.strip():
            return [[] for _ in items]
        pool = self.pool(request.query, n=self.options.candidates, also=items)
        at = np.searchsorted(pool.texts, items)
        words, meaning = (np.maximum(side[at], 0.0).tolist() for side in contributions(pool, self.options))
        by_word = self.lexical.explain(request, items)
        similar = [Reason("similar_meaning", 1.0)]
        return [_reasons(*found) for found in zip(by_word, repeat(similar), words, meaning, strict=False)]

    def by_words(self) -> Lexical:
        """The part that looks at words alone."""
        return self.lexical

    def understand(self, request: Request, items: IntArray) -> Understood:
        """How the words were understood, and whether the answer rests on meaning alone.

        Args:
            request: The question.
            items: Text numbers of the answer, best first. Shape (n,).

        Returns:
            What the words say of the texts; where none of them holds a word, how near the first one is.
        """
        by_words = self.lexical.understand(request, items)
        if not len(items) or self.lexical.scores(request.query, items[:_LOOKED_AT]).max() > 0:
            return by_words
        return replace(self.dense.understand(request, items), guesses=by_words.guesses)

    def pool(
        self, query: str, *, n: int, also: IntArray | None = None, verbatim: bool = False, is_whole: bool = False
    ) -> Pool:
        """Candidates of one query, with both scores of every one of them.

        Args:
            query: What the shopper typed; not empty.
            n: Candidates from each side, >= 1.
            also: Further texts to be put into the pool.
            verbatim: Whether no word is guessed.
            is_whole: Whether both sides bring all they have: what is too far away to be an answer is then left out
                early, as most of a catalogue is.

        Returns:
            The union of both sides' candidates and ``also``.
        """
        reading = self.lexical.read(query, verbatim=verbatim)
        by_word = self.lexical.candidates(reading, k=n)
        vector = self.dense.encode(query)
        by_meaning, cosines = self.dense.vectors.search(vector, k=n)
        every = np.zeros(self.dense.vectors.n if is_whole else 0)
        if is_whole:
            every[by_meaning] = cosines
            n_near = int(np.count_nonzero(cosines >= self.dense.floor.floor))
            by_meaning, cosines = by_meaning[:n_near], cosines[:n_near]
        rest = by_meaning if also is None else np.concatenate([by_meaning, also])
        texts = distinct_numbers(np.concatenate([by_word, rest]))
        scores, is_exact = self.lexical.score(reading, texts)
        place = np.searchsorted(texts, by_word)
        word_rank = _ranks(len(texts), place[np.argsort(-scores[place], kind="stable")])
        kept = (word_rank >= 0) & (word_rank < n)
        kept[np.searchsorted(texts, rest)] = True
        texts = texts[kept]
        found, bought = np.searchsorted(texts, by_meaning), self.lexical.postings.popularity
        return Pool(
            texts,
            scores[kept],
            every[texts] if is_whole else self._cosines(vector, texts, found, cosines),
            word_rank[kept],
            _ranks(len(texts), found),
            is_exact[kept] | all_named(self.lexical.categories, reading.plan.units[reading.plan.is_needed], texts),
            None if bought is None else bought[texts].astype(np.float64),
        )

    def derivation(self, request: Request, items: IntArray, *, depth: int, watch: Stopwatch) -> Derivation:
        """How the scores of some texts came about, as ``Deriving`` says."""
        if not has_letters(request.query):
            return self.lexical.derivation(request, items, depth=depth, watch=watch)
        n, is_whole = self.reach(depth)

        def fused() -> Fused:
            pool = self.pool(request.query, n=n, also=items, verbatim=request.verbatim, is_whole=is_whole)
            with watch.stage("fusion"):
                words, meaning = contributions(pool, self.options)
                columns = {"words": words, "meaning": meaning, **upper(pool, self.options)}
            weight = self.options.weight if self.options.fusion == "convex" else None
            return Fused(pool.texts, pool.lexical, pool.cosine, columns, weight)

        return hybrid_derivation((self.lexical, self.dense), fused, request, items, n=n, watch=watch)

    def reach(self, k: int) -> tuple[int, bool]:
        """How many candidates each side brings to a list of ``k``, and whether these are all it has."""
        n = max(self.options.candidates, k)
        # ranks of all by meaning count in rank fusion, however far away they are
        return n, n >= self.dense.vectors.n and self.options.fusion == "convex"

    def _cosines(self, vector: VectorArray, texts: IntArray, known: IntArray, cosines: FloatArray) -> FloatArray:
        """Cosine of every text; of those at the places ``known`` it was found before."""
        result = np.empty(len(texts))
        is_rest = np.ones(len(texts), bool)
        is_rest[known] = False
        result[known] = cosines
        result[is_rest] = self.dense.vectors.scores(vector, texts[is_rest])
        return result

    def _one(self, request: Request, k: int) -> Shortlist:
        query = request.query
        if not has_letters(query):
            return self.lexical.best(query, k, verbatim=request.verbatim)
        n, is_whole = self.reach(k)
        pool = self.pool(query, n=n, verbatim=request.verbatim, is_whole=is_whole)
        scores = fuse(pool, self.options)
        is_answer = (pool.lexical > 0) | (pool.cosine >= self.dense.floor.floor)
        return best(pool.texts[is_answer], scores[is_answer], k=k, without=_NOTHING)


def fuse(pool: Pool, options: HybridOptions) -> FloatArray:
    """Fused score of every text of a pool, by the formulas of this module.

    Args:
        pool: Candidates and their scores.
        options: Which formula, and its numbers.

    Returns:
        Shape (n,).
    """
    words, meaning = contributions(pool, options)
    return np.asarray(words + meaning + sum(upper(pool, options).values()), np.float64)


def upper(pool: Pool, options: HybridOptions) -> dict[str, FloatArray]:
    """What texts that say all that is asked for have beside both sides.

    Args:
        pool: Candidates.
        options: Of the retriever.

    Returns:
        By the kind of part: ``tier``, and ``popularity`` where it counts. Shape (n,) each; 0 for all other texts.
    """
    tier: FloatArray = np.where(pool.is_exact & options.is_tiered, _TIER, 0.0)
    more = {"tier": tier}
    if pool.popularity is not None and options.popular:
        more["popularity"] = np.where(tier > 0, options.popular * pool.popularity, 0.0)
    return more


def contributions(pool: Pool, options: HybridOptions) -> tuple[FloatArray, FloatArray]:
    """What words and what meaning add to the fused score of every text of a pool. Shape (n,) each."""
    if options.fusion == "rrf":
        return _reciprocal(pool.lexical_rank), _reciprocal(pool.dense_rank)
    highest = float(pool.lexical.max(initial=0.0))
    words = pool.lexical / highest if highest > 0 else np.zeros(len(pool.texts))
    return (1 - options.weight) * words, options.weight * pool.cosine


def options_from(given: Mapping[str, Any]) -> HybridOptions:
    """Defaults with what is given in their place.

    Args:
        given: Names and values of ``HybridOptions``; other names are not read.

    Returns:
        The options.

    Raises:
        ConfigError: A number is out of its range.
    """
    names = {option.name for option in fields(HybridOptions)}
    options = HybridOptions(**{name: value for name, value in given.items() if name in names})
    problems = []
    if options.fusion not in _FUSIONS:
        problems.append(f"fusion is {options.fusion!r}, not one of {', '.join(_FUSIONS)}")
    if not 0 <= options.weight <= 1:
        problems.append(f"weight is {options.weight}, not in [0, 1]")
    if not options.popular >= 0:
        problems.append(f"popular is {options.popular}, not >= 0")
    if options.candidates < 1:
        problems.append(f"candidates is {options.candidates}, not >= 1")
    if problems:
        raise ConfigError(f"hybrid search: {'; '.join(problems)}")
    return options


def open_hybrid(parts: Parts, options: Mapping[str, Any]) -> HybridRetriever:
    """The hybrid retriever (plugin ``hybrid``).

    Args:
        parts: Roles ``lexical``, ``encoder`` and ``vectors``.
        options: What ``tune_hybrid`` gave, or any part of it; under ``lexical`` what ``tune_lexical`` gave, and
            ``oversampling``, ``floor`` and ``sure`` as for ``open_dense``.

    Returns:
        The retriever.

    Raises:
        ConfigError: An option is unknown or out of its range.
        ArtefactError: The parts do not fit together.
    """
    own = {option.name for option in fields(HybridOptions)}
    unknown = sorted(set(options) - own - {"lexical", "tuning", *_OF_DENSE})
    if unknown:
        raise ConfigError(f"hybrid search has no option {', '.join(unknown)}; it has {', '.join(sorted(own))}")
    lexical = open_lexical(parts, options.get("lexical", {}))
    dense = open_dense(parts, {name: options[name] for name in _OF_DENSE if name in options})
    return HybridRetriever(lexical, dense, options=options_from(options))


def _ranks(n: int, places: IntArray) -> IntArray:
    """0-based rank of each of ``n`` texts, of which those at ``places`` are ranked, best first; -1 of the others."""
    ranks = np.full(n, NONE, np.int64)
    ranks[places] = np.arange(len(places))
    return ranks


def _reciprocal(ranks: IntArray) -> FloatArray:
    return np.where(ranks >= 0, 1.0 / (_RRF + 1 + ranks), 0.0)


def _reasons(by_word: list[Reason], by_meaning: list[Reason], words: float, meaning: float) -> list[Reason]:
    """Both sides' reasons with their share of the score, strongest first; a side without a share is left out."""
    total = words + meaning
    if total <= 0:
        return []
    pairs = [(words / total, by_word), (meaning / total, by_meaning)]
    reasons = [replace(reason, contribution=share) for share, found in pairs if share > 0 for reason in found]
    return sorted(reasons, key=lambda reason: -reason.contribution)[:3]
