"""Builds the postings and the vocabulary of lexical search, once for each catalogue."""

from __future__ import annotations

from array import array
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, field, replace
from itertools import islice
from typing import Any

import numpy as np
import numpy.typing as npt

from steelyard.domain import NONE, FloatArray, IntArray, State, Texts
from steelyard.models.retrieval.category_match import fit_categories, numbered
from steelyard.models.retrieval.lexical_scoring import FIELDS, LexicalOptions
from steelyard.models.text.plurals import light_form
from steelyard.models.text.segment import MEASURES, cut

__all__ = ["FORMAT", "LIGHT", "FurtherTexts", "documents", "fit_lexical", "pack", "unpack"]

FORMAT = 2
"""Of what is stored; 1 had neither parts of model numbers nor single Han characters among its terms."""
LIGHT = "="
"""Begins the term of a word without its plural, where several such words share one stem."""

_MAX_COUNT = 255
_MAX_LENGTH = 65_535
_SHORT = 64


def documents(texts: Texts) -> Iterator[list[str]]:
    """Terms of each text for the term index, all fields together.

    Args:
        texts: The catalogue's distinct texts.

    Yields:
        list[str]: Terms of text 0, 1, 2 …; empty where a text holds no letter or digit.
    """
    columns = [getattr(texts, name) for name in _fields(texts)]
    for values in zip(*columns, strict=True):
        yield [term for value in values for term in _searchable(value, texts.language)]


def fit_lexical(texts: Texts, *, popularity: FloatArray | None = None, people: FloatArray | None = None) -> State:
    """Postings of every field, and the words for corrections.

    Args:
        texts: The catalogue's distinct texts.
        popularity: Of each text, in [0, 1], where behaviour is known. Shape (texts,).
        people: How many people took each text, where that is known. Shape (texts,).

    Returns:
        Arrays: ``starts`` (terms + 1) into ``documents`` (postings) and ``frequencies`` (postings, fields; capped at
        255); ``lengths`` (texts, fields); ``title_starts`` (texts + 1) into ``title_units``; ``terms`` and
        ``surfaces``, UTF-8 lines; ``surface_counts``; ``popularity`` where it is known; those of
        ``category_match.fit_categories`` where there are categories. Facts: engine, format,
        language, fields, n_texts, options.
    """
    fields = _fields(texts)
    lexicon = _Lexicon(texts.language)
    columns = lexicon.without_lone_forms([lexicon.read(getattr(texts, name)) for name in fields])
    starts, held_by, frequencies = _postings(columns, len(texts), len(lexicon.numbers))
    surfaces = sorted(word for word in lexicon.surfaces if len(word) > 2 and word.isalpha())
    arrays: dict[str, npt.NDArray[Any]] = {
        "starts": starts,
        "documents": held_by,
        "frequencies": frequencies,
        "lengths": np.stack([np.minimum(column.lengths, _MAX_LENGTH) for column in columns], 1).astype(np.uint16),
        "title_starts": columns[0].unit_ends,
        "title_units": columns[0].units,
        "terms": pack(list(lexicon.numbers)),
        "surfaces": pack(surfaces),
        "surface_counts": np.array([lexicon.surfaces[surface] for surface in surfaces], np.int32),
    }
    if popularity is not None:
        arrays["popularity"] = popularity.astype(np.float32)
    if "category" in fields:
        in_path = frequencies[:, fields.index("category")] > 0
        arrays |= fit_categories(numbered(texts.category), starts, held_by, in_path=in_path, people=people)
    facts = {
        "engine": "tantivy",
        "format": FORMAT,
        "language": texts.language,
        "fields": list(fields),
        "n_texts": len(texts),
        "options": asdict(LexicalOptions()),
    }
    return State(arrays, facts)


def pack(lines: Sequence[str]) -> npt.NDArray[np.uint8]:
    """Strings without line ends as one array of bytes."""
    return np.frombuffer("\n".join(lines).encode(), np.uint8)


def unpack(packed: npt.NDArray[np.uint8]) -> list[str]:
    """What ``pack`` packed; a single empty string comes back as no string."""
    text = packed.tobytes().decode()
    return text.split("\n") if text else []


def _searchable(value: str, language: str) -> list[str]:
    found = cut(value, language=language)
    return [*found.units, *(term for term, _, _ in found.wholes), *found.parts]


@dataclass(frozen=True, slots=True)
class _Column:
    """One field of all texts as term numbers, one text after another."""

    terms: npt.NDArray[np.int32]
    ends: IntArray
    """Shape (texts + 1,)."""
    units: npt.NDArray[np.int32]
    unit_ends: IntArray
    """Shape (texts + 1,)."""
    lengths: IntArray
    """Units and wholes of each text: what is written, without the parts of it. Shape (texts,)."""


@dataclass(slots=True)
class _Lexicon:
    """Numbers of terms in order of appearance, and how often each spelling of a word appears."""

    language: str
    numbers: dict[str, int] = field(default_factory=dict)
    surfaces: Counter[str] = field(default_factory=Counter)
    stem_of: dict[int, int] = field(default_factory=dict)
    """Number of the stem of each word without its plural."""

    def read(self, values: Sequence[str]) -> _Column:
        """Number the terms of one field of all texts."""
        terms, ends, units, unit_ends, lengths = array("i"), array("q", [0]), array("i"), array("q", [0]), array("q")
        known: dict[str, tuple[list[int], list[int], int]] = {}
        for value in values:
            numbered = known.get(value)
            if numbered is None:
                numbered = self._number(value)
                if len(value) <= _SHORT:
                    known[value] = numbered
            units.extend(numbered[0])
            terms.extend(numbered[0])
            terms.extend(numbered[1])
            ends.append(len(terms))
            unit_ends.append(len(units))
            lengths.append(numbered[2])
        return _Column(
            np.array(terms, np.int32),
            np.array(ends, np.int64),
            np.array(units, np.int32),
            np.array(unit_ends, np.int64),
            np.array(lengths, np.int64),
        )

    def without_lone_forms(self, columns: Sequence[_Column]) -> list[_Column]:
        """The columns without the light forms that are the only one of their stem: they tell nothing."""
        n_forms = Counter(self.stem_of.values())
        lone = {form for form, stem in self.stem_of.items() if n_forms[stem] < 2}
        renumbered = np.full(len(self.numbers), NONE, np.int32)
        kept = [(term, number) for term, number in self.numbers.items() if number not in lone]
        renumbered[[number for _, number in kept]] = np.arange(len(kept))
        self.numbers = {term: place for place, (term, _) in enumerate(kept)}
        return [_renumbered(column, renumbered) for column in columns]

    def _number(self, value: str) -> tuple[list[int], list[int], int]:
        found, numbers = cut(value, language=self.language), self.numbers
        self.surfaces.update(found.surfaces)
        units = [numbers.setdefault(term, len(numbers)) for term in found.units]
        others = [numbers.setdefault(term, len(numbers)) for term, _, _ in found.wholes]
        length = len(units) + len(others)
        others += [numbers.setdefault(term, len(numbers)) for term in found.parts]
        if self.language != "zh":
            measures = {numbers.get(term) for term in MEASURES.intersection(found.units)}
            for surface, unit in zip(found.surfaces, units, strict=True):
                if unit not in measures and surface.isascii() and surface.isalpha():
                    form = numbers.setdefault(LIGHT + light_form(surface), len(numbers))
                    self.stem_of[form] = unit
                    others.append(form)
        return units, others, length


class FurtherTexts:
    """Texts that come to a catalogue which is fitted already: read by its own vocabulary, new terms behind its own.

    A field that none of its texts has is not read, and a word without its plural counts where the catalogue tells it
    apart: the next fit knows better.

    Args:
        state: What ``fit_lexical`` gave.
    """

    def __init__(self, state: State) -> None:
        self.fields: tuple[str, ...] = tuple(state.facts["fields"])
        numbers = {term: number for number, term in enumerate(unpack(state.arrays["terms"]))}
        self._n_known = self._n_seen = len(numbers)
        self._lone: set[int] = set()
        """Words without their plural that the catalogue does not tell apart."""
        self._lexicon = _Lexicon(str(state.facts["language"]), numbers)

    @property
    def n_terms(self) -> int:
        """Terms there are by now."""
        return len(self._lexicon.numbers)

    @property
    def has_new(self) -> bool:
        """Whether there are terms that the catalogue does not have."""
        return self.n_terms > self._n_known

    def numbers(self) -> dict[str, int]:
        """Numbers of all terms by now; a copy."""
        return {term: number for term, number in self._lexicon.numbers.items() if number not in self._lone}

    def read(self, text: Mapping[str, str]) -> tuple[_Column, ...]:
        """One text.

        Args:
            text: Each field of it.

        Returns:
            To be given to ``arrays``, with others.
        """
        columns = [self._lexicon.read([text[name]]) for name in self.fields]
        latest = islice(reversed(self._lexicon.numbers.items()), self.n_terms - self._n_seen)
        self._lone |= {number for term, number in latest if term.startswith(LIGHT)}
        self._n_seen = self.n_terms
        return tuple(_without(column, self._lone) for column in columns) if self._lone else tuple(columns)

    def arrays(self, texts: Sequence[tuple[_Column, ...]]) -> dict[str, npt.NDArray[Any]]:
        """Postings of some texts, as ``fit_lexical`` gives them, over the terms there are by now.

        Args:
            texts: What ``read`` gave; the first is document 0.

        Returns:
            ``starts``, ``documents``, ``frequencies``, ``lengths``, ``title_starts`` and ``title_units``.
        """
        columns = [_one_after_another([text[at] for text in texts]) for at in range(len(self.fields))]
        starts, held_by, frequencies = _postings(columns, len(texts), self.n_terms)
        return {
            "starts": starts,
            "documents": held_by,
            "frequencies": frequencies,
            "lengths": np.stack([np.minimum(column.lengths, _MAX_LENGTH) for column in columns], 1).astype(np.uint16),
            "title_starts": columns[0].unit_ends,
            "title_units": columns[0].units,
        }


def _without(column: _Column, terms: set[int]) -> _Column:
    """A column of one text without some terms, of which none is a unit."""
    kept = np.array([term for term in column.terms.tolist() if term not in terms], np.int32)
    return replace(column, terms=kept, ends=np.array([0, len(kept)], np.int64))


def _one_after_another(columns: Sequence[_Column]) -> _Column:
    """Columns of one text each as one."""
    ends = np.cumsum([0, *(len(column.terms) for column in columns)]).astype(np.int64)
    unit_ends = np.cumsum([0, *(len(column.units) for column in columns)]).astype(np.int64)
    return _Column(
        np.concatenate([column.terms for column in columns]),
        ends,
        np.concatenate([column.units for column in columns]),
        unit_ends,
        np.concatenate([column.lengths for column in columns]),
    )


def _renumbered(column: _Column, numbers: npt.NDArray[np.int32]) -> _Column:
    terms = numbers[column.terms]
    is_kept = terms != NONE
    ends = np.concatenate([[0], np.cumsum(is_kept)])[column.ends]
    return replace(column, terms=terms[is_kept], ends=ends, units=numbers[column.units])


def _fields(texts: Texts) -> tuple[str, ...]:
    """The title, and the other fields that hold anything at all."""
    return tuple(name for name in FIELDS if name == "title" or any(getattr(texts, name)))


def _postings(
    columns: Sequence[_Column], n_texts: int, n_terms: int
) -> tuple[IntArray, npt.NDArray[np.int32], npt.NDArray[np.uint8]]:
    """Where each term's postings start, their documents, and their frequencies by field."""
    keys, counts = [], []
    for column in columns:
        rows = np.repeat(np.arange(n_texts), np.diff(column.ends))
        unique, count = np.unique(column.terms.astype(np.int64) * n_texts + rows, return_counts=True)
        keys.append(unique)
        counts.append(count)
    merged = np.unique(np.concatenate(keys))
    frequencies = np.zeros((len(merged), len(columns)), np.uint8)
    for i, (key, count) in enumerate(zip(keys, counts, strict=True)):
        frequencies[merged.searchsorted(key), i] = np.minimum(count, _MAX_COUNT)
    starts = merged.searchsorted(np.arange(n_terms + 1) * n_texts).astype(np.int64)
    return starts, (merged % max(n_texts, 1)).astype(np.int32), frequencies
