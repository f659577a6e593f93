"""Fits the numbers of lexical search to a shop's own judged queries, and keeps them only where they help on others.

What the candidates hold is collected once; after that a trial is arithmetic on arrays, and what it shares with the
trial before (most change one number) is taken over. The search goes along one
number at a time. It is run again for each of five folds on the other four, and what it finds is compared with the
defaults on the fold it did not see: if that gain is not clearly above its own standard error, the defaults stay.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass, field, replace
from typing import Any, Protocol

import numpy as np
import numpy.typing as npt

from steelyard.domain import Cases, FloatArray, IntArray, VectorArray
from steelyard.models.ports import CandidateIndex
from steelyard.models.retrieval.category_match import Categories
from steelyard.models.retrieval.lexical_scoring import (
    Evidence,
    LexicalOptions,
    Plan,
    Postings,
    bm25f,
    field_counts,
    join,
    rewards,
)
from steelyard.models.retrieval.query_plan import Reading
from steelyard.models.retrieval.shortlists import best_places

__all__ = ["TunableLexical", "quality_of", "tune"]

_K = 10
_MAX_CASES = 1000
_MIN_CASES = 20
_FOLDS = 5
_PASSES = 2
_STEP_ERRORS = 0.5
"""A step of the search is taken where it gains more than so many standard errors."""
_KEEP_ERRORS = 1.0
"""The result is kept where folds it did not see gain more than so many standard errors."""
_CANDIDATES = (100, 150)
_CANDIDATES_LOSS = 0.001

BoolArray = npt.NDArray[np.bool_]
Trials = Callable[[LexicalOptions], FloatArray]
"""From options to the nDCG of each case, shape (cases,)."""


class TunableLexical(Protocol):
    """What tuning needs of the lexical retriever."""

    options: LexicalOptions
    postings: Postings
    index: CandidateIndex
    categories: Categories | None

    def read(self, query: str) -> Reading:
        """The query as terms of the catalogue."""
        ...

    def candidates(self, reading: Reading, *, k: int = 0) -> IntArray:
        """Texts of the first phase, ascending."""
        ...


def tune(retriever: TunableLexical, cases: Cases, *, seed: int) -> dict[str, Any]:
    """Options under which the retriever answers the cases best, as far as the cases can tell.

    Args:
        retriever: Its options are where the search starts, and the answer where nothing better is found.
        cases: Judged queries; ``relevant`` are text numbers. At most 1,000 are used, drawn with the seed.
        seed: Draws the cases and the folds; the same seed gives the same answer.

    Returns:
        Options for ``open_lexical``. ``tuning`` notes the number of cases, the mean nDCG@10 (linear gain, unjudged 0)
        before and after, the gain on folds not seen with its standard error, and whether the result was adopted.
        With fewer than 20 cases the options stay as they are.
    """
    collected = _collect(retriever, cases, np.random.default_rng(seed))
    n = len(collected.ideal)
    start = retriever.options
    note: dict[str, Any] = {"cases": n, "is_adopted": False}
    if n < _MIN_CASES:
        return {**asdict(start), "tuning": note}
    trials = _Trials(retriever.postings, collected)
    steps = _steps(retriever.postings.fields, has_categories=retriever.categories is not None)
    gain = np.empty(n)
    folds = np.random.default_rng(seed).permutation(n) % _FOLDS
    for fold in range(_FOLDS):
        mine = folds == fold
        found = _search(start, steps, trials, cases=~mine)
        gain[mine] = (trials(found) - trials(start))[mine]
    error = float(gain.std(ddof=1) / np.sqrt(n))
    is_adopted = bool(gain.mean() > _KEEP_ERRORS * error)
    best = _search(start, steps, trials, cases=np.ones(n, bool)) if is_adopted else start
    best = replace(best, candidates=_fewest_candidates(best, trials))
    note |= {
        "is_adopted": is_adopted,
        "before": round(float(trials(start).mean()), 5),
        "after": round(float(trials(best).mean()), 5),
        "held_out_gain": round(float(gain.mean()), 5),
        "held_out_error": round(error, 5),
        "trials": len(trials.known),
    }
    return {**asdict(best), "tuning": note}


def quality_of(
    retriever: TunableLexical, cases: Cases, tried: Sequence[LexicalOptions], *, seed: int
) -> list[FloatArray]:
    """nDCG@10 of each case that has a gain to find, under each of several options.

    Args:
        retriever: Gives the candidates.
        cases: Judged queries; ``relevant`` are text numbers.
        tried: Options.
        seed: Draws the cases where there are more than 1,000.

    Returns:
        One array for each of ``tried``. Shape (cases,), in [0, 1].
    """
    collected = _collect(retriever, cases, np.random.default_rng(seed))
    trials = _Trials(retriever.postings, collected)
    return [trials(options) if len(collected.ideal) else np.empty(0) for options in tried]


def _search(start: LexicalOptions, steps: Sequence[_Step], trials: Trials, *, cases: BoolArray) -> LexicalOptions:
    """Best options along one number at a time, judged on ``cases`` (a mask) only."""
    best, value = start, trials(start)[cases]
    for _ in range(_PASSES):
        before = best
        for step in steps:
            tried = [(option, trials(option)[cases]) for option in step.neighbours(best)]
            option, found = max(tried, key=lambda pair: float(pair[1].mean()))
            gain = found - value
            if gain.mean() > _STEP_ERRORS * gain.std(ddof=1) / np.sqrt(len(gain)):
                best, value = option, found
        if best == before:
            break
    return best


@dataclass(frozen=True, slots=True)
class _Step:
    """One number, and what is tried in its place."""

    name: str
    values: tuple[float, ...]
    field: str = ""
    """Field of a number that each field has of its own."""
    is_factor: bool = False
    """Values multiply the present one."""

    def neighbours(self, options: LexicalOptions) -> list[LexicalOptions]:
        """Options that differ in this number alone."""
        now = getattr(options, self.name)
        present = now[self.field] if self.field else now
        tried = [present * value if self.is_factor else value for value in self.values]
        made: list[Any] = [{**now, self.field: value} for value in tried] if self.field else list(tried)
        return [replace(options, **{self.name: value}) for value in made]


def _steps(fields: tuple[str, ...], *, has_categories: bool) -> list[_Step]:
    """All numbers, one after another; the title's weight is the unit of the other fields' weights."""
    of_categories = [
        _Step("category_named", (0.0, 0.1, 0.2, 0.3, 0.5)),
        _Step("category_bought", (0.0, 0.1, 0.2, 0.3, 0.5, 0.8)),
    ]
    return [
        _Step("k1", (0.5, 0.7, 1.4, 2.0), is_factor=True),
        _Step("all_units", (0.0, 0.1, 0.2, 0.4, 0.7, 1.0)),
        _Step("title_units", (0.0, 0.1, 0.2, 0.4, 0.7)),
        _Step("title_order", (0.0, 0.05, 0.1, 0.2, 0.4)),
        _Step("extra", (0.0, 0.15, 0.3, 0.5, 0.8)),
        *(of_categories if has_categories else ()),
        *(_Step("b", (0.0, 0.25, 0.5, 0.75, 1.0), field=name) for name in fields),
        *(_Step("weights", (0.2, 0.5, 2.0, 5.0), field=name, is_factor=True) for name in fields[1:]),
    ]


def _fewest_candidates(options: LexicalOptions, trials: _Trials) -> int:
    """Smallest number of first-phase candidates that surely costs less than a thousandth of the quality."""
    full = trials(options)
    for n in _CANDIDATES:
        loss = full - trials.with_candidates(options, n)
        worst = loss.mean() + 2 * loss.std(ddof=1) / np.sqrt(len(loss))
        if n < options.candidates and worst <= full.mean() * _CANDIDATES_LOSS:
            return n
    return options.candidates


@dataclass(frozen=True, slots=True)
class _Collected:
    """All that trials need to know of the cases."""

    evidence: Evidence
    of_categories: FloatArray
    """Shape (rows, 2): as ``Categories.signals`` gives them."""
    places: IntArray
    """Shape (cases, widest): row of each candidate in order of text number; one past the last row as padding."""
    ranks: IntArray
    """Shape (rows,): rank in the first phase, from 0."""
    gains: FloatArray
    """Shape (rows + 1,): gain of each row's text, 0 where unjudged; the last is the padding's."""
    ideal: FloatArray
    """Shape (cases,): discounted gain of the ideal list."""


def _collect(retriever: TunableLexical, cases: Cases, rng: np.random.Generator) -> _Collected:
    """First-phase candidates, their evidence and gains, for the cases that have a gain to find."""
    useful = np.array([i for i, gains in enumerate(cases.gains) if len(gains) and gains.max() > 0], np.int64)
    if len(useful) > _MAX_CASES:
        useful = np.sort(rng.choice(useful, _MAX_CASES, replace=False))
    parts, ranks, gains, ideal, of_categories = [], [], [np.zeros(0)], [], [np.zeros((0, 2))]
    for i in useful.tolist():
        reading = retriever.read(cases.requests[i].query)
        first = retriever.index.candidates(reading.lookup, k=retriever.options.candidates)
        found = retriever.candidates(reading)
        place = dict(zip(first.tolist(), range(len(first)), strict=True))
        parts.append(retriever.postings.evidence(reading.plan, found))
        of_categories.append(_of_categories(retriever.categories, reading.plan, found))
        ranks.append(np.array([place.get(text, 0) for text in found.tolist()], np.int64))
        gains.append(_gains(found, cases.relevant[i], cases.gains[i]))
        best = np.sort(cases.gains[i])[::-1][:_K]
        ideal.append(float(best @ _discounts(len(best))))
    sizes = [len(rank) for rank in ranks]
    ends = np.cumsum([0, *sizes])
    places = np.full((len(parts), max([_K, *sizes])), ends[-1])
    for row, (first, size) in enumerate(zip(ends[:-1].tolist(), sizes, strict=True)):
        places[row, :size] = np.arange(first, first + size)
    all_gains = np.concatenate([*gains, [0.0]])
    joined = join(parts) if parts else retriever.postings.evidence(retriever.read("").plan, np.zeros(0, np.int64))
    signals = np.concatenate(of_categories)
    return _Collected(
        joined, signals, places, np.concatenate([*ranks, np.zeros(0, np.int64)]), all_gains, np.array(ideal)
    )


def _of_categories(categories: Categories | None, plan: Plan, texts: IntArray) -> FloatArray:
    """What the categories of texts say of a query. Shape (texts, 2)."""
    return np.zeros((len(texts), 2)) if categories is None else categories.signals(plan.units[plan.is_needed], texts)


def _gains(texts: IntArray, judged: IntArray, gains: FloatArray) -> FloatArray:
    """Gain of each of ``texts``, 0 where it was not judged."""
    known = dict(zip(judged.tolist(), gains.tolist(), strict=True))
    return np.array([known.get(text, 0.0) for text in texts.tolist()], np.float64)


def _discounts(n: int) -> FloatArray:
    return np.asarray(1 / np.log2(np.arange(2, n + 2)), np.float64)


@dataclass(slots=True)
class _Trials:
    """nDCG of each case under given options; what was tried before is remembered."""

    postings: Postings
    collected: _Collected
    known: dict[str, FloatArray] = field(default_factory=dict)
    documents: IntArray = field(init=False)
    """Document of each entry of the evidence. Shape (entries,)."""
    _counts: tuple[str, VectorArray] = field(init=False, default=("", np.empty(0, np.float32)))
    _terms: tuple[str, FloatArray] = field(init=False, default=("", np.empty(0)))

    def __post_init__(self) -> None:
        evidence = self.collected.evidence
        self.documents = evidence.documents[evidence.rows]

    def __call__(self, options: LexicalOptions) -> FloatArray:
        key = repr(options)
        if key not in self.known:
            self.known[key] = self._judge(self._scores(options))
        return self.known[key]

    def with_candidates(self, options: LexicalOptions, n: int) -> FloatArray:
        """The same with only the first ``n`` of the first phase."""
        scores = self._scores(options)
        scores[:-1][self.collected.ranks >= n] = -np.inf
        return self._judge(scores)

    def _scores(self, options: LexicalOptions) -> FloatArray:
        evidence = self.collected.evidence
        of_fields = repr((options.b, options.weights))
        if self._counts[0] != of_fields:
            self._counts = of_fields, field_counts(evidence, self.postings.scale(options), self.documents)
        of_terms = repr((of_fields, options.k1, options.extra))
        if self._terms[0] != of_terms:
            self._terms = of_terms, bm25f(evidence, self._counts[1], options)
        ceiling = evidence.ceilings @ np.array([1.0, options.extra])
        shares = self.collected.of_categories @ np.array([options.category_named, options.category_bought])
        return np.append(self._terms[1] + rewards(evidence, options) + ceiling * shares, -np.inf)

    def _judge(self, scores: FloatArray) -> FloatArray:
        table = scores[self.collected.places]
        best = best_places(table, k=_K)
        shown = np.take_along_axis(self.collected.places, best, axis=1)
        is_shown = np.isfinite(np.take_along_axis(table, best, axis=1))
        gains = np.where(is_shown, self.collected.gains[shown], 0.0)
        return np.asarray(gains @ _discounts(_K) / self.collected.ideal, np.float64)
