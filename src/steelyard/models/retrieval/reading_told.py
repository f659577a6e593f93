"""A reading of a query in words that people understand: which of its terms is what, and what was left out."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import numpy as np

from steelyard.documents.explanation import CorrectionRead, QueryRead, SynonymRead, TermRead
from steelyard.models.retrieval.corrections import Trust
from steelyard.models.retrieval.lexical_fit import LIGHT
from steelyard.models.retrieval.lexical_query import QueryReader
from steelyard.models.retrieval.lexical_scoring import Postings
from steelyard.models.retrieval.query_plan import Reading
from steelyard.models.retrieval.query_synonyms import Renaming
from steelyard.models.text.folding import fold, has_han
from steelyard.models.text.query_kinds import language_of
from steelyard.models.text.segment import FUNCTION_WORDS, HEAD, PART, Cut

__all__ = ["told_reading"]

_MAX_SHOWN = 256


def told_reading(reader: QueryReader, postings: Postings, query: str, reading: Reading) -> QueryRead:
    """How a query was read.

    Args:
        reader: That read it.
        postings: Of the same catalogue.
        query: As it was typed.
        reading: What was made of it.

    Returns:
        With all readings of unknown words, those that were not searched for among them.
    """
    found = reader.cut(query)
    renamed = reader.other_names(found.units)
    words = tuple(word for word in found.surfaces if word)
    corrections = tuple(_corrections(reader, reading))
    guessed = frozenset(word for each in corrections if each.applied for word in each.words)
    return QueryRead(
        folded=fold(query[:_MAX_SHOWN]),
        language=language_of(query),
        words=words,
        stop_words=tuple(dict.fromkeys(word for word in words if word in FUNCTION_WORDS)),
        terms=tuple(_terms(reading, postings, found, renamed, guessed=guessed)),
        unknown=reading.unknown,
        corrections=corrections,
        synonyms=tuple(
            SynonymRead(
                found.surfaces[each.first : each.last], tuple(name.shown for name in each.names), each.is_replaced
            )
            for each in renamed
        ),
    )


def _terms(
    reading: Reading, postings: Postings, found: Cut, renamed: Sequence[Renaming], *, guessed: frozenset[str]
) -> Iterator[TermRead]:
    plan = reading.plan
    spoken = _Spoken(reading, found, renamed, guessed)
    for at, number in enumerate(plan.terms.tolist()):
        first, last = int(plan.first[at]), int(plan.last[at])
        pair = plan.together[-number - 1] if number < 0 else ()
        yield TermRead(
            term=reading.terms[at],
            word=reading.shown[at],
            kind=spoken.kind(at, first, last, is_pair=bool(pair)),
            weight=round(float(plan.weights[at]), 4),
            idf=0.0 if pair else round(float(postings.idf[number]), 4),
            texts=postings.holding_both(*pair) if pair else len(postings.documents(number)),
            stands_for=spoken.words(first, last),
            group=int(plan.group[at]),
        )


class _Spoken:
    """The words of a query beside the units of its plan.

    Args:
        reading: Of the query.
        found: The query in pieces.
        renamed: Where it has other names.
        guessed: Words that were searched for in place of others.
    """

    def __init__(self, reading: Reading, found: Cut, renamed: Sequence[Renaming], guessed: frozenset[str]) -> None:
        self._reading = reading
        self._surfaces = found.surfaces
        self._typed = frozenset(found.surfaces) | frozenset(found.units)
        self._names = {name.shown for each in renamed for name in each.names}
        self._guessed = guessed
        self._is_aligned = len(reading.plan.units) == len(found.units)

    def words(self, first: int, last: int) -> tuple[str, ...]:
        """Words that units stand for; none where a word was read as several units and places no longer agree."""
        return tuple(word for word in self._surfaces[first:last] if word) if self._is_aligned else ()

    def kind(self, at: int, first: int, last: int, *, is_pair: bool) -> str:
        """What a term is, as ``TermRead.kind`` has it."""
        term, shown = self._reading.terms[at], self._reading.shown[at]
        is_new = bool(shown) and shown not in self._typed
        is_stemmed = bool(shown) and term != shown and term.isalpha() and shown.isascii()
        kinds = (
            ("synonym", bool(shown) and shown in self._names),
            ("correction", is_new and shown in self._guessed),
            ("pair", is_pair),
            ("form", term[:1] == LIGHT),
            ("head", term[:1] == HEAD),
            ("character", term[:1] == PART and len(term) == 2 and has_han(term[1])),
            ("piece", term[:1] == PART),
            ("joined", last - first > 1),
            ("other_form", is_new),
            ("stem", is_stemmed),
        )
        return next((kind for kind, holds in kinds if holds), "word")


def _corrections(reader: QueryReader, reading: Reading) -> Iterator[CorrectionRead]:
    applied = {guess.typed for guess in reading.guesses if guess.is_applied}
    held = set(reading.shown)
    for typed in dict.fromkeys(reading.unknown):
        for each in reader.corrections.of(typed):
            is_applied = (typed in applied or each.trust is Trust.WRITTEN) and held.issuperset(each.words)
            weight = round(float(np.clip(each.weight, 0.0, 1.0)), 4)
            yield CorrectionRead(typed, each.words, weight, each.trust.name.lower(), is_applied)
