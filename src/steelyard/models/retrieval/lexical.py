"""Lexical search: a term index gives candidates, BM25F and what else the titles say put them in order."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import fields, replace
from functools import lru_cache
from typing import Any

import numpy as np

from steelyard.config.synonyms import read_synonyms
from steelyard.documents.explanation import Derivation
from steelyard.domain import (
    NONE,
    Cases,
    FloatArray,
    IntArray,
    Ranked,
    Reason,
    Request,
    State,
    Understood,
)
from steelyard.errors import ConfigError
from steelyard.models.deriving import Stopwatch
from steelyard.models.ports import CandidateIndex, Parts, Retriever
from steelyard.models.retrieval.category_match import Categories
from steelyard.models.retrieval.first_phase import impacts_of
from steelyard.models.retrieval.lexical_derivation import derivation_of
from steelyard.models.retrieval.lexical_fit import documents, fit_lexical
from steelyard.models.retrieval.lexical_kernel import Kernel, Scored, can_take, kernel_of
from steelyard.models.retrieval.lexical_parts import Formula
from steelyard.models.retrieval.lexical_query import QueryReader, Reading
from steelyard.models.retrieval.lexical_reasons import reasons_of, understood
from steelyard.models.retrieval.lexical_scoring import LexicalOptions, Plan, Postings, ceiling, combine
from steelyard.models.retrieval.lexical_tuning import tune
from steelyard.models.retrieval.shortlists import distinct_numbers

_LOOKED_AT = 10
_POPULAR = 50
_REMEMBERED = 4096
_FEW = 200
"""Compiled code keeps so many in order while it looks; more are sorted afterwards."""

_NO_NUMBERS = {"tuning", "popularity", "synonyms"}

__all__ = ["Lexical", "documents", "fit_lexical", "open_lexical", "options_from", "tune_lexical"]


def open_lexical(parts: Parts, options: Mapping[str, Any]) -> Lexical:
    """The lexical retriever of a configuration.

    Args:
        parts: Holds the role ``lexical``: postings and term index.
        options: What ``tune_lexical`` gave, or any part of it; the rest is as it was stored by ``fit_lexical``.

    Returns:
        Ready to retrieve; the term index stays on disk, memory-mapped.

    Raises:
        ConfigError: An option is unknown or out of its range.
    """
    state = parts.state("lexical")
    stored = options_from(state.facts["options"])
    names: Sequence[str] = options.get("synonyms", ())
    return Lexical(state, parts.candidate_index("lexical"), options=options_from(options, base=stored), synonyms=names)


def tune_lexical(retriever: Retriever, cases: Cases, *, seed: int) -> dict[str, Any]:
    """Options for ``open_lexical`` that answer the cases best, as far as the cases can tell.

    Args:
        retriever: A lexical one; its options are where the search starts.
        cases: Judged queries; ``relevant`` are text numbers.
        seed: Draws cases and folds; the same seed gives the same answer.

    Returns:
        As ``lexical_tuning.tune``.

    Raises:
        ConfigError: The retriever is of another kind.
    """
    if not isinstance(retriever, Lexical):
        raise ConfigError(f"tune_lexical was given a {type(retriever).__name__}: open the kind 'lexical' for it")
    return tune(retriever, cases, seed=seed)


class Lexical:
    """A retriever that finds products by the words they are described with.

    Args:
        state: What ``fit_lexical`` gave.
        index: Term index of ``documents`` of the same texts.
        options: Numbers it is tuned to.
        synonyms: Rules of the shop's own other names of things, as ``[models] synonyms``.
        is_compiled: False leaves compiled code alone where it is there: the answers are the same, only later.
    """

    def __init__(
        self,
        state: State,
        index: CandidateIndex,
        *,
        options: LexicalOptions | None = None,
        synonyms: Sequence[str] = (),
        is_compiled: bool = True,
    ) -> None:
        self.options = options or LexicalOptions()
        self.state = state
        self.postings = Postings(state)
        self.index = index
        self.categories = Categories.of(state.arrays)
        self._reader = QueryReader(state, self.postings, rules=read_synonyms(synonyms, name="synonyms"))
        self._scale = self.postings.scale(self.options)
        self._kernel = self._compiled() if is_compiled else None
        self._has_first_phase = self._kernel is not None and getattr(index, "is_bm25", False)
        self._most_popular = lru_cache(maxsize=_REMEMBERED)(self.postings.most_popular)

    def take_names(self, rules: Sequence[str]) -> None:
        """Read queries by other synonyms from now on.

        Args:
            rules: In place of those it has.

        Raises:
            ConfigError: A rule says nothing.
        """
        self._reader.take_names(read_synonyms(rules, name="synonyms"))

    def retrieve(self, requests: Sequence[Request], *, k: int) -> Ranked:
        """Best ``k`` texts for the words of each request.

        Args:
            requests: Those without words, or with words that the catalogue does not know, get no texts.
            k: Length of each list, >= 1; above ``options.candidates`` so many candidates are looked at.

        Returns:
            Text numbers, shape (requests, k); equal scores: lower number first.
        """
        items = np.full((len(requests), k), NONE, np.int64)
        scores = np.full((len(requests), k), -np.inf)
        for row, request in enumerate(requests):
            found, score = self.best(request.query, k, verbatim=request.verbatim)
            items[row, : len(found)], scores[row, : len(found)] = found, score
        return Ranked(items, scores)

    def scores(self, query: str, texts: IntArray) -> FloatArray:
        """Score of each of ``texts`` for a query, by the same formula as ``retrieve``.

        Args:
            query: As the shopper typed it.
            texts: Text numbers in any order; ``NONE`` and repeated ones are allowed. Shape (n,).

        Returns:
            Shape (n,), >= 0; 0 where a text holds none of the words, and for ``NONE``.
        """
        distinct, inverse = np.unique(texts, return_inverse=True)
        is_text = distinct >= 0
        scores = np.zeros(len(distinct))
        scores[is_text] = self.score(self.read(query), distinct[is_text]).scores
        return scores[inverse]

    def explain(self, request: Request, items: IntArray) -> list[list[Reason]]:
        """Which words of the request each text holds, corrected ones as they were corrected.

        Args:
            request: The question.
            items: Text numbers. Shape (n,).

        Returns:
            For each text one reason of kind ``matches_words``, or none where no word matches.
        """
        reading = self.read(request.query, verbatim=request.verbatim)
        distinct, inverse = np.unique(items, return_inverse=True)
        every = range(len(reading.plan.terms))
        held = self._held(reading, distinct)
        reasons = [reasons_of(reading, {at for at in every if terms >> at & 1}) for terms in held]
        return [list(reasons[row]) for row in inverse.tolist()]

    def by_words(self) -> Lexical:
        """The part that looks at words alone: all of it."""
        return self

    @property
    def came(self) -> Lexical | None:
        """Over the texts that came by changes of the catalogue, numbered from 0; none here."""
        return None

    def read(self, query: str, *, verbatim: bool = False) -> Reading:
        """The query as terms of the catalogue; with guesses for unknown words, unless it is ``verbatim``."""
        return self._reader.read(query, verbatim=verbatim)

    def understand(self, request: Request, items: IntArray) -> Understood:
        """How the request was understood, and how well the best of its texts fit.

        Args:
            request: The question.
            items: Text numbers of the answer, best first. Shape (n,).

        Returns:
            Weak where there is no text, where the first ones hold less than half of the words, or by a guess only.
        """
        reading = self.read(request.query, verbatim=request.verbatim)
        return understood(reading, self.shares(reading, items[:_LOOKED_AT]))

    def derivation(self, request: Request, items: IntArray, *, depth: int, watch: Stopwatch) -> Derivation:
        """How the scores of some texts came about, as ``Deriving`` says."""
        return derivation_of(self, request, items, depth=depth, watch=watch)

    @property
    def formula(self) -> Formula:
        """What it scores with."""
        return Formula(self.postings, self._scale, self.options, self.categories if self._asks_categories else None)

    @property
    def reader(self) -> QueryReader:
        """Reads its queries."""
        return self._reader

    def shares(self, reading: Reading, texts: IntArray) -> FloatArray:
        """Share of the words with a wish of their own, known or not, that each text holds as typed."""
        plan = reading.plan
        guessed = {word for guess in reading.guesses if guess.is_applied for word in guess.words}
        units = [
            (1 << last) - (1 << first) for first, last in zip(plan.first.tolist(), plan.last.tolist(), strict=True)
        ]
        typed = [(at, units[at]) for at, shown in enumerate(reading.shown) if shown not in guessed]
        needed = sum(1 << unit for unit in plan.is_needed.nonzero()[0].tolist())
        n_held = []
        for terms in self._held(reading, distinct_numbers(texts)):
            held = 0
            for at, span in typed:
                held |= span if terms >> at & 1 else 0
            n_held.append((held & needed).bit_count())
        return np.array(n_held, np.float64) / max(needed.bit_count() + len(reading.unknown), 1)

    def _held(self, reading: Reading, texts: IntArray) -> list[int]:
        """For each of ``texts``, which are ascending, the terms that it holds, as bits at their place in the plan."""
        plan = reading.plan
        if self._kernel is not None and can_take(plan):
            return self._kernel.held(plan, texts)
        held = [0] * len(texts)
        for at in range(len(plan.terms)):
            for row in self.postings.rows_holding(plan, at, texts).tolist():
                held[row] |= 1 << at
        return held

    def candidates(self, reading: Reading, *, k: int = 0) -> IntArray:
        """Texts of the first phase, ascending: ``options.candidates`` of them, or ``k`` where that is more.

        Args:
            reading: Of the query.
            k: At least so many.

        Returns:
            Where there are as many as were asked for, popular texts besides.
        """
        wanted = max(k, self.options.candidates)
        if self._kernel is not None and self._has_first_phase:
            found = self._kernel.first(self._reader.numbers(reading.lookup), k=wanted)
        else:
            found = np.sort(self.index.candidates(reading.lookup, k=wanted))
        if len(found) < wanted or not self.options.popular or not len(reading.plan.units):
            return found
        return distinct_numbers(np.concatenate([found, self._popular(reading.plan)]))

    def _popular(self, plan: Plan) -> IntArray:
        """Popular texts that hold the rarest needed word: of many that fit alike, the first phase takes any."""
        needed = plan.units[plan.is_needed & (plan.units >= 0)]
        if not len(needed):
            return np.empty(0, np.int64)
        rarest = needed[np.argmax(self.postings.idf[needed])]
        return self._most_popular(int(rarest), _POPULAR)

    def best(self, query: str, k: int, *, verbatim: bool = False) -> tuple[IntArray, FloatArray]:
        """Best ``k`` texts of one query and their scores; fewer where fewer hold any of it."""
        reading = self.read(query, verbatim=verbatim)
        texts = self.candidates(reading, k=k)
        is_plain = k <= _FEW and not self._asks_categories
        if self._kernel is not None and is_plain and can_take(reading.plan):
            return self._kernel.best(reading.plan, texts, k=k)
        scores = self.score(reading, texts).scores
        order = np.argsort(-scores, kind="stable")[: min(k, np.count_nonzero(scores > 0))]
        return texts[order], scores[order]

    def score(self, reading: Reading, texts: IntArray) -> Scored:
        """What the formula says of some texts, and their categories.

        Args:
            reading: Of the query.
            texts: Distinct text numbers, ascending. Shape (n,).

        Returns:
            One row for each text.
        """
        if self._kernel is not None and can_take(reading.plan):
            found = self._kernel.score(reading.plan, texts)
        else:
            evidence = self.postings.evidence(reading.plan, texts)
            found = Scored(combine(evidence, self._scale, self.options), evidence.signals[:, 1] >= 1.0)
        if not self._asks_categories:
            return found
        more = self.of_categories(reading.plan, texts)
        return Scored(np.where(found.scores > 0, found.scores + more, found.scores), found.is_exact)

    def of_categories(self, plan: Plan, texts: IntArray) -> FloatArray:
        """What the categories of texts add to the scores of those that hold a word.

        Args:
            plan: Of the query.
            texts: Text numbers. Shape (n,).

        Returns:
            Shape (n,), >= 0.
        """
        if self.categories is None or not self._asks_categories:
            return np.zeros(len(texts))
        options = self.options
        signals = self.categories.signals(plan.units[plan.is_needed], texts)
        shares = options.category_named * signals[:, 0] + options.category_bought * signals[:, 1]
        return np.asarray(ceiling(plan, options) * shares, np.float64)

    @property
    def _asks_categories(self) -> bool:
        options = self.options
        return self.categories is not None and bool(options.category_named or options.category_bought)

    def _compiled(self) -> Kernel | None:
        impacts = impacts_of(self.state)
        return kernel_of(self.postings, self._scale, options=self.options, impacts=impacts)


def options_from(given: Mapping[str, Any], *, base: LexicalOptions | None = None) -> LexicalOptions:
    """Options with what is given in their place.

    Args:
        given: Names and values of ``LexicalOptions``. ``weights`` and ``b`` may name some fields only, and ``b`` may
            be one number for all of them; ``tuning`` and
            ``popularity`` are notes and are not read, nor are ``synonyms``.
        base: Where everything else comes from; the defaults when left out.

    Returns:
        All options, within their ranges.

    Raises:
        ConfigError: A name or field is unknown, or a number is out of its range; all problems at once.
    """
    base = base or LexicalOptions()
    names = {option.name for option in fields(base)}
    problems = [f"unknown option {name!r}" for name in given if name not in names | _NO_NUMBERS]
    values = {name: value for name, value in given.items() if name in names}
    if isinstance(values.get("b"), int | float):
        values["b"] = dict.fromkeys(base.b, float(values["b"]))
    for name in {"b", "weights"} & values.keys():
        default: Mapping[str, float] = getattr(base, name)
        problems += [f"{name}: unknown field {key!r}" for key in values[name] if key not in default]
        values[name] = {**default, **{key: float(value) for key, value in values[name].items()}}
    options = replace(base, **values)
    problems += _out_of_range(options)
    if problems:
        raise ConfigError(f"lexical options: {'; '.join(problems)}. Known: {', '.join(sorted(names))}")
    return options


def _out_of_range(options: LexicalOptions) -> list[str]:
    rewards = ("all_units", "title_units", "title_order", "popular", "category_named", "category_bought", "extra")
    problems = [f"{name} is {getattr(options, name)}, not >= 0" for name in rewards if not getattr(options, name) >= 0]
    problems += [f"b of {name} is {b}, not in [0, 1]" for name, b in options.b.items() if not 0 <= b <= 1]
    problems += [f"weight of {name} is {w}, not >= 0" for name, w in options.weights.items() if not w >= 0]
    if not options.k1 > 0:
        problems.append(f"k1 is {options.k1}, not > 0")
    if options.candidates < 1:
        problems.append(f"candidates is {options.candidates}, not >= 1")
    return problems
