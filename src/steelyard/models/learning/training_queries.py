"""Judged queries as training material: what each should find, how good that is, and what it must be told apart from.

A query's candidates in a step are what was judged of it, what was judged of the other queries of the step, texts that
our own retrieval confuses with the right ones, and texts drawn at random. Grades stay grades: the share of a text is
its gain among the gains of its query, so a half-right text is to be found half as surely as a right one.

A text that says the same as a relevant one is never a negative, whoever found it: it is left out of the comparison.
Everything is drawn from a seed and the number of the step alone, so that training goes on after an interruption as if
there had been none.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import numpy.typing as npt

from steelyard.data.dividing.held_back import chosen, divided
from steelyard.data.values.normalise import words
from steelyard.domain import Cases, FloatArray, IntArray, VectorArray

__all__ = ["Step", "Steps", "Taught", "TrainingQueries", "interleaved", "same_texts", "taught", "training_queries"]

_LEAST_DECIDING = 50
"""With fewer judged queries what was learnt elsewhere is decided by queries of its own source."""


@dataclass(frozen=True, slots=True, eq=False)
class TrainingQueries:
    """Queries with what was judged of them and what they are to be told apart from."""

    cases: Cases
    """Queries with at least one relevant text; ``relevant`` are text numbers."""
    negatives: tuple[IntArray, ...]
    """For each query, texts that look right and are not known to be, the hardest first."""
    alike: IntArray
    """For each text of the catalogue, the number of the group of texts that say the same. Shape (texts,)."""

    def __len__(self) -> int:
        return len(self.cases.ids)


@dataclass(frozen=True, slots=True, eq=False)
class Taught:
    """What a model learns from, and what decides whether that pays."""

    learning: Cases
    held: Cases
    """None of them is learnt from. Judged by people wherever there are enough such queries."""

    @property
    def facts(self) -> dict[str, Any]:
        """For the record: who said what is relevant, of how many queries and pairs, and who decides."""
        pairs = sum(int(np.count_nonzero(gains)) for gains in self.learning.gains)
        known = {"source": self.learning.origin, "queries": len(self.learning.ids), "pairs": pairs}
        return {**known, "decided_by_source": self.held.origin}


def taught(tuning: Cases, teaching: Cases | None, *, least: int, share: float, seed: int) -> Taught | None:
    """What there is to learn from: judgements, or behaviour, or queries made from the catalogue.

    Args:
        tuning: Queries for tuning.
        teaching: Queries besides, where there are any.
        least: With fewer queries nothing is learnt.
        share: Of queries held back where what teaches also decides.
        seed: Divides them.

    Returns:
        Made queries never decide what was learnt from made ones, so nothing without others that can. None where there
        is too little.
    """
    judged = chosen(tuning, [] if tuning.is_synthetic else _usable(tuning))
    if teaching is not None:
        others = chosen(teaching, _usable(teaching))
        if len(others.ids) >= least:
            if len(judged.ids) >= _LEAST_DECIDING:
                return Taught(others, judged)
            if not others.is_synthetic:
                return Taught(*divided(others, share=share, seed=seed))
    return Taught(*divided(judged, share=share, seed=seed)) if len(judged.ids) >= least else None


def _usable(cases: Cases) -> list[int]:
    """Rows with words and with something to find."""
    return [row for row, request in enumerate(cases.requests) if request.query.strip() and cases.gains[row].any()]


@dataclass(frozen=True, slots=True, eq=False)
class Step:
    """What is compared in one step of training."""

    rows: IntArray
    """Numbers of the queries. Shape (queries,)."""
    texts: IntArray
    """Candidates of all of them together, ascending. Shape (texts,)."""
    shares: VectorArray
    """What each candidate is of all the gain of a query; 0 for what is not relevant. Shape (queries, texts)."""
    is_left_out: npt.NDArray[np.bool_]
    """Candidates that say the same as a relevant text and were not judged. Shape (queries, texts)."""


@dataclass(frozen=True, slots=True)
class Steps:
    """How the steps of training are drawn."""

    queries: int = 128
    """Queries in a step."""
    hard: int = 10
    """Mined negatives of each query."""
    others: int = 1000
    """Texts of the whole catalogue."""
    judged: int = 0
    """Judged texts of each query, drawn by their gains, and one that was judged worthless; 0 for all of them."""
    seed: int = 0

    def in_epoch(self, training: TrainingQueries) -> int:
        """Steps in which each query comes once, the last few left out."""
        return max(len(training) // self.queries, 1)

    def at(self, number: int, training: TrainingQueries) -> Step:
        """The step of this number: the same one whenever it is asked for.

        Args:
            number: From 0 on.
            training: The queries.

        Returns:
            Queries and candidates.
        """
        epoch, place = divmod(number, self.in_epoch(training))
        order = np.random.default_rng([self.seed, 0, epoch]).permutation(len(training))
        rows = order[place * self.queries : (place + 1) * self.queries]
        rng = np.random.default_rng([self.seed, 1, number])
        mined = [rng.permutation(training.negatives[row])[: self.hard] for row in rows.tolist()]
        judged = [self._judged(training.cases.relevant[row], training.cases.gains[row], rng) for row in rows.tolist()]
        drawn = rng.integers(0, len(training.alike), min(self.others, len(training.alike)))
        texts = np.unique(np.concatenate([*judged, *mined, drawn]))
        return _compared(rows, texts, training)

    def _judged(self, texts: IntArray, gains: FloatArray, rng: np.random.Generator) -> IntArray:
        """The judged texts of a query that come into a step."""
        if not self.judged:
            return texts
        n = min(self.judged, int(np.count_nonzero(gains)))
        drawn = rng.choice(texts, n, replace=False, p=gains / gains.sum())
        return np.concatenate([drawn, rng.permutation(texts[gains == 0])[:1]])


def training_queries(cases: Cases, found: Sequence[IntArray], *, alike: IntArray, most: int = 100) -> TrainingQueries:
    """Judged queries with their negatives.

    Args:
        cases: Judged queries; those without words or without a relevant text are left out.
        found: For each case, what retrieval found, best first.
        alike: As ``same_texts`` gives it.
        most: Negatives kept of a query.

    Returns:
        None of the negatives is relevant or says the same as something relevant; what was judged to be worth nothing
        is not among them either, since it is compared as judged.
    """
    kept, judged, negatives = [], [], []
    for row, (request, texts, values) in enumerate(zip(cases.requests, cases.relevant, cases.gains, strict=True)):
        if not request.query.strip() or not np.any(values > 0):
            continue
        relevant, gains = _once(texts, values)
        is_wrong = ~np.isin(alike[found[row]], alike[relevant[gains > 0]]) & ~np.isin(found[row], relevant)
        kept.append(row)
        judged.append((relevant, gains))
        negatives.append(found[row][is_wrong][:most])
    usable = replace(
        chosen(cases, kept),
        relevant=tuple(relevant for relevant, _ in judged),
        gains=tuple(gains for _, gains in judged),
    )
    return TrainingQueries(usable, tuple(negatives), alike)


def same_texts(texts: Sequence[str]) -> IntArray:
    """Which texts say the same: those with the same words, in any order.

    Args:
        texts: Of the catalogue.

    Returns:
        The number of each text's group. Shape (texts,).
    """
    groups: dict[str, int] = {}
    numbers = [groups.setdefault(" ".join(sorted(words(text))) or text, len(groups)) for text in texts]
    return np.array(numbers, np.int64)


def interleaved(*lists: IntArray) -> IntArray:
    """Several lists as one: the first of each, then the second of each, and so on, each text once.

    Args:
        lists: Text numbers, best first; -1 stands for none.

    Returns:
        Text numbers, best first.
    """
    longest = max((len(one) for one in lists), default=0)
    table = np.full((longest, len(lists)), -1, np.int64)
    for column, one in enumerate(lists):
        table[: len(one), column] = one
    flat = table.reshape(-1)
    flat = flat[flat >= 0]
    _, places = np.unique(flat, return_index=True)
    return flat[np.sort(places)]


def _compared(rows: IntArray, texts: IntArray, training: TrainingQueries) -> Step:
    shares = np.zeros((len(rows), len(texts)), np.float32)
    is_left_out = np.zeros(shares.shape, bool)
    groups = training.alike[texts]
    for place, row in enumerate(rows.tolist()):
        relevant, gains = training.cases.relevant[row], training.cases.gains[row]
        is_left_out[place] = np.isin(groups, training.alike[relevant[gains > 0]])
        is_there = np.isin(relevant, texts, assume_unique=True)
        at = np.searchsorted(texts, relevant[is_there])
        is_left_out[place, at] = False
        shares[place, at] = gains[is_there] / gains[is_there].sum()
    return Step(rows, texts, shares, is_left_out)


def _once(texts: IntArray, gains: FloatArray) -> tuple[IntArray, FloatArray]:
    """Texts ascending, each once, with the highest of its gains."""
    distinct, places = np.unique(texts, return_inverse=True)
    highest = np.zeros(len(distinct))
    np.maximum.at(highest, places, gains)
    return distinct, highest
