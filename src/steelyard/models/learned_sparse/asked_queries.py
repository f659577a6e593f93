"""Judged queries with the candidates of lexical search, and the words that they ask with."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from steelyard.domain import Cases, FloatArray, IntArray, Request, State
from steelyard.models.retrieval.lexical import Lexical
from steelyard.models.retrieval.lexical_scoring import ceiling
from steelyard.models.retrieval.query_plan import Reading

__all__ = ["Asked", "K", "ask", "asked_units", "asked_words", "discounts", "ndcg", "titles"]

K = 10
_LEAST_LETTERS = 3
_WORDS_OF_TITLE = 32


@dataclass(frozen=True, slots=True, eq=False)
class Asked:
    """A judged query with the candidates of lexical search."""

    units: IntArray
    """Its words, each once. Shape (units,)."""
    weights: FloatArray
    """Share of each word's IDF. Shape (units,), sum 1."""
    texts: IntArray
    """Best first. Shape (n,)."""
    by_words: FloatArray
    """Lexical score as a share of what it cannot exceed. Shape (n,)."""
    is_exact: npt.NDArray[np.bool_]
    """Whether the title holds every word. Shape (n,)."""
    is_held: npt.NDArray[np.bool_]
    """Shape (units, n)."""
    gains: FloatArray
    """Shape (n,)."""
    ideal: float


def titles(words: State) -> npt.NDArray[np.int32]:
    """The first words of each title, each once.

    Args:
        words: What lexical search stores.

    Returns:
        Term numbers; -1 where there are no more. Shape (texts, 32).
    """
    starts, units = words.arrays["title_starts"], words.arrays["title_units"]
    n = len(starts) - 1
    table = np.full((n, _WORDS_OF_TITLE), -1, np.int32)
    rows = np.repeat(np.arange(n), np.diff(starts))
    places = np.arange(len(units)) - np.repeat(starts[:-1], np.diff(starts))
    is_first = places < _WORDS_OF_TITLE
    table[rows[is_first], places[is_first]] = units[is_first]
    table.sort(axis=1)
    table[:, 1:][table[:, 1:] == table[:, :-1]] = -1
    return table


def asked_units(reading: Reading, idf: FloatArray, asked: Mapping[str, int]) -> tuple[IntArray, FloatArray]:
    """The words of a query that carry a wish, each once.

    Args:
        reading: Of the query.
        idf: Of every term of the catalogue. Shape (terms,).
        asked: Numbers of words that only queries hold; one that was guessed to mean another is not looked for.

    Returns:
        Their numbers, and the share of each in the IDF of all; a word that no product holds counts as the rarest other.
    """
    plan = reading.plan
    units = np.unique(plan.units[plan.is_needed & (plan.units >= 0)])
    weights = idf[units]
    if asked and reading.unknown:
        guessed = {guess.typed for guess in reading.guesses if guess.is_applied}
        more = sorted({asked[word] for word in reading.unknown if word in asked and word not in guessed})
        units = np.concatenate([units, np.array(more, np.int64)])
        weights = np.concatenate([weights, np.full(len(more), weights.max(initial=0.0) or 1.0)])
    return units, weights / max(float(weights.sum()), 1e-9)


def asked_words(lexical: Lexical, cases: Cases) -> dict[str, int]:
    """Words of queries that no product holds, numbered after the catalogue's own terms.

    Args:
        lexical: Knows which those are.
        cases: Queries.

    Returns:
        Numbers by word, in alphabetical order.
    """
    readings = (lexical.read(request.query) for request in cases.requests)
    words = {word for reading in readings for word in reading.unknown if len(word) >= _LEAST_LETTERS and word.isalpha()}
    return {word: len(lexical.postings.idf) + at for at, word in enumerate(sorted(words))}


def ask(lexical: Lexical, cases: Cases, *, words: Mapping[str, int], k: int) -> list[Asked]:
    """Judged queries with their candidates; those without candidates are left out.

    Args:
        lexical: Tuned.
        cases: With at least one relevant text each.
        words: As ``asked_words`` gave them.
        k: Candidates of each.

    Returns:
        In the order of the cases.
    """
    rows = zip(cases.requests, cases.relevant, cases.gains, strict=True)
    made = (_ask(lexical, (request, r, g), words, k) for request, r, g in rows)
    return [each for each in made if each is not None]


def _ask(
    lexical: Lexical, case: tuple[Request, IntArray, FloatArray], words: Mapping[str, int], k: int
) -> Asked | None:
    request, judged = case[0], dict(zip(case[1].tolist(), case[2].tolist(), strict=True))
    reading = lexical.read(request.query)
    texts, scores = lexical.best(request.query, k)
    units, weights = asked_units(reading, lexical.postings.idf, words)
    if not len(texts) or not len(units) or max(judged.values(), default=0.0) <= 0:
        return None
    order = np.argsort(texts)
    is_exact = np.zeros(len(texts), bool)
    is_exact[order] = lexical.score(reading, texts[order]).is_exact
    best = np.sort(np.array(list(judged.values())))[::-1][:K]
    return Asked(
        units,
        weights,
        texts,
        scores / max(ceiling(reading.plan, lexical.options), 1e-9),
        is_exact,
        np.stack([_holds(lexical, unit, texts) for unit in units.tolist()]),
        np.array([judged.get(text, 0.0) for text in texts.tolist()]),
        float(best @ discounts(len(best))),
    )


def _holds(lexical: Lexical, unit: int, texts: IntArray) -> npt.NDArray[np.bool_]:
    if unit >= len(lexical.postings.idf):
        return np.zeros(len(texts), bool)
    return np.isin(texts, lexical.postings.documents(unit))


def ndcg(scores: FloatArray, each: Asked) -> float:
    """Quality of a query's candidates in the order of some scores.

    Args:
        scores: Of the candidates. Shape (n,).
        each: The query.

    Returns:
        nDCG@10 with linear gains, in [0, 1].
    """
    best = np.argsort(-scores, kind="stable")[:K]
    return float(each.gains[best] @ discounts(len(best))) / each.ideal


def discounts(n: int) -> FloatArray:
    """What a gain counts at each of the first ``n`` ranks."""
    return np.asarray(1.0 / np.log2(np.arange(2, n + 2)), np.float64)
