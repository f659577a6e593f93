"""How lexical search came to an answer, told by doing it once more."""

from __future__ import annotations

from typing import Protocol

import numpy as np
import numpy.typing as npt

from steelyard.documents.explanation import Derivation, ItemScore, ScorePart, StepCount, counted
from steelyard.domain import FloatArray, IntArray, Request
from steelyard.models.deriving import Stopwatch
from steelyard.models.retrieval.lexical_kernel import Scored
from steelyard.models.retrieval.lexical_parts import Formula, lexical_parts
from steelyard.models.retrieval.lexical_query import QueryReader
from steelyard.models.retrieval.lexical_scoring import Postings
from steelyard.models.retrieval.query_plan import Reading
from steelyard.models.retrieval.reading_told import told_reading

__all__ = [
    "WordSearch",
    "derivation_of",
    "holding_all",
    "n_holding",
    "parts_of",
    "read_under",
    "tier_numbers",
    "tiers_of",
]

_TIERS = ("exact_phrase", "all_words", "most_words", "some_words", "corrected", "")
_MOST = 0.5
"""Texts that hold at least this share of the words hold most of them."""


class WordSearch(Protocol):
    """A search by words (``Lexical``)."""

    @property
    def postings(self) -> Postings:
        """Of the catalogue."""
        ...

    @property
    def reader(self) -> QueryReader:
        """Reads its queries."""
        ...

    @property
    def formula(self) -> Formula:
        """What it scores with."""
        ...

    def candidates(self, reading: Reading, *, k: int = 0) -> IntArray:
        """Texts of the first phase."""
        ...

    def score(self, reading: Reading, texts: IntArray) -> Scored:
        """What the formula says of some texts."""
        ...

    @property
    def came(self) -> WordSearch | None:
        """Over the texts that came by changes of the catalogue, numbered from 0; ``None`` where none did."""
        ...

    def shares(self, reading: Reading, texts: IntArray) -> FloatArray:
        """Share of the words that each text holds as typed."""
        ...


def derivation_of(
    lexical: WordSearch, request: Request, items: IntArray, *, depth: int, watch: Stopwatch
) -> Derivation:
    """As ``Deriving.derivation``.

    Args:
        lexical: The retriever.
        request: The question.
        items: Text numbers. Shape (n,).
        depth: What the retriever was asked for.
        watch: Times the stages.

    Returns:
        With the reading, the steps and a score for each text.
    """
    reading = read_under(lexical, request, watch)
    with watch.stage("first_phase"):
        found = lexical.candidates(reading, k=depth)
    with watch.stage("second_phase"):
        scores = lexical.score(reading, found).scores
        np.argsort(-scores, kind="stable")
    parts = parts_of(lexical.formula, reading, items)
    tiers = tiers_of(lexical, reading, items, is_held=np.array([bool(each) for each in parts], bool))
    return Derivation(
        tuple(ItemScore(tier, counted(each), each) for tier, each in zip(tiers, parts, strict=True)),
        told_reading(lexical.reader, lexical.postings, request.query, reading),
        (
            StepCount("holding_a_word", n_holding(lexical, reading)),
            StepCount("first_phase", len(found)),
            StepCount("ranked", int(np.count_nonzero(scores > 0))),
        ),
        watch.stages,
    )


def read_under(lexical: WordSearch, request: Request, watch: Stopwatch) -> Reading:
    """Read the query with nothing remembered; cutting it is stage ``read``, the rest ``plan``.

    Args:
        lexical: Whose reader reads.
        request: The question.
        watch: Times both.

    Returns:
        The reading.
    """
    with watch.stage("read"):
        lexical.reader.cut(request.query)
    with watch.stage("plan"):
        reading = lexical.reader.read_anew(request.query, verbatim=request.verbatim)
    watch.take_away("plan", "read")
    return reading


def parts_of(formula: Formula, reading: Reading, texts: IntArray) -> list[tuple[ScorePart, ...]]:
    """Parts of the lexical scores of texts in any order, repeated ones among them.

    Args:
        formula: Of the retriever.
        reading: Of the query.
        texts: Shape (n,).

    Returns:
        As ``lexical_parts``.
    """
    distinct, inverse = np.unique(texts, return_inverse=True)
    told = lexical_parts(formula, reading, distinct)
    return [told[place] for place in inverse.tolist()]


def tiers_of(
    lexical: WordSearch, reading: Reading, texts: IntArray, *, is_held: npt.NDArray[np.bool_], otherwise: str = ""
) -> list[str]:
    """Which tier each text is of.

    Args:
        lexical: The retriever.
        reading: Of the query.
        texts: Shape (n,).
        is_held: Whether each holds any term of the query. Shape (n,).
        otherwise: The tier of those that do not.

    Returns:
        Words of ``ItemScore.tier``.
    """
    distinct, inverse = np.unique(texts, return_inverse=True)
    shares = lexical.shares(reading, distinct)
    signals = lexical.postings.evidence(reading.plan, distinct).signals
    n_words = len(reading.plan.units) + len(reading.unknown)
    in_order = signals[:, 2] >= 1 - 1e-9 if n_words > 1 else _in_title(lexical.postings, reading, distinct)
    is_phrase = (shares >= 1) & (signals[:, 1] >= 1) & in_order
    tiers = [_tier(float(share), is_exact=bool(each)) for share, each in zip(shares, is_phrase, strict=True)]
    return [tiers[place] if held else otherwise for place, held in zip(inverse.tolist(), is_held, strict=True)]


def tier_numbers(lexical: WordSearch, reading: Reading, texts: IntArray) -> IntArray:
    """Which tier each text is of, as a number.

    Args:
        lexical: The retriever.
        reading: Of the query.
        texts: Shape (n,).

    Returns:
        The best tier 0. Shape (n,).
    """
    distinct, inverse = np.unique(texts, return_inverse=True)
    is_held = lexical.score(reading, distinct).scores > 0
    n_fitted, came = int(np.searchsorted(distinct, lexical.postings.n)), lexical.came
    found = tiers_of(lexical, reading, distinct[:n_fitted], is_held=is_held[:n_fitted])
    if came is not None and n_fitted < len(distinct):
        texts = distinct[n_fitted:] - lexical.postings.n
        found += tiers_of(came, reading, texts, is_held=is_held[n_fitted:])
    return np.array([_TIERS.index(each) for each in found], np.int64)[inverse]


def holding_all(lexical: WordSearch, reading: Reading) -> IntArray:
    """Texts that hold every word with a wish of its own.

    Args:
        lexical: The retriever.
        reading: Of the query.

    Returns:
        Text numbers, ascending; none where a word is held by no text at all.
    """
    plan = reading.plan
    units = np.unique(plan.units[plan.is_needed]).tolist()
    if not units or min(units) < 0 or reading.unknown:
        return np.empty(0, np.int64)
    found = lexical.postings.documents(units[0])
    for unit in units[1:]:
        found = np.intersect1d(found, lexical.postings.documents(unit), assume_unique=True)
    return found


def _in_title(postings: Postings, reading: Reading, texts: IntArray) -> npt.NDArray[np.bool_]:
    """Whether the title holds the only word of a query as one, and not its characters here and there."""
    found = np.zeros(len(texts), bool)
    for at, term in enumerate(reading.plan.terms.tolist()):
        if term >= 0 and reading.shown[at]:
            rows, frequencies = postings.held(reading.plan, at, texts)
            found[rows[frequencies[:, 0] > 0]] = True
    return found


def n_holding(lexical: WordSearch, reading: Reading) -> int:
    """How many texts hold any term that the term index is asked for."""
    numbers = lexical.reader.numbers(reading.lookup)
    if not numbers:
        return 0
    return len(np.unique(np.concatenate([lexical.postings.documents(number) for number in numbers])))


def _tier(share: float, *, is_exact: bool) -> str:
    if is_exact:
        return "exact_phrase"
    if share >= 1:
        return "all_words"
    if share >= _MOST:
        return "most_words"
    return "some_words" if share > 0 else "corrected"
