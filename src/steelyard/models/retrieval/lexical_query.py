"""Reads a shopper's words: which terms of the catalogue they are, or may have been meant to be.

What the catalogue holds as it was typed counts in full. What comes near counts less, in this order: a form of the same
word, a piece of a model number, another name of the thing, and last a guess, which is never worth as much as the
strongest word that is held, and which is no guess at all where the word may well be another one.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from functools import lru_cache
from itertools import pairwise

from steelyard.config.synonyms import OtherNames
from steelyard.domain import Guess, State
from steelyard.errors import ArtefactError
from steelyard.models.retrieval.corrections import Correction, Corrections, Trust
from steelyard.models.retrieval.lexical_fit import FORMAT, LIGHT, unpack
from steelyard.models.retrieval.lexical_scoring import Postings
from steelyard.models.retrieval.query_plan import Growing, Reading, Stand
from steelyard.models.retrieval.query_synonyms import Renaming, Synonyms
from steelyard.models.retrieval.word_forms import WordForms
from steelyard.models.text.codes import atoms
from steelyard.models.text.plurals import light_form
from steelyard.models.text.segment import FUNCTION_WORDS, HEAD, PART, Cut, cut, fold, has_han, word_term
from steelyard.models.text.synonyms import CHINESE_NAMES, synonyms_of

__all__ = ["QueryReader", "Reading"]

_MAX_LETTERS = 256
_MAX_UNITS = 32
_REMEMBERED = 1024
_REMEMBERED_WORDS = 1 << 14
_MIN_JOINED = 4
_MAX_JOINED = 4
_STEM = 0.75
"""What the stem of a word counts where its own form does not fit; the rest is for the form."""
_PIECE = 0.7
"""What a piece of a model number counts."""
_FORM = 0.85
_SYNONYM = 0.6
_GUESS = 0.8
_BELOW_HELD = 0.9
"""A guess counts at most so much of the strongest word that is held."""
_NOUN = 1.25
"""What the last word counts more than the others: red wine is wine, gluten free pasta is pasta."""
_CLINGING = "free"
_ALONE = 0.3
"""What "free" counts by itself after another word: sugar free pies are not gluten free."""
_CHARACTER = 0.4
_HEAD = 0.3
_PAIR = 0.7
_SUFFIXES = frozenset("子儿头们的")
_SIGNS = re.compile(r"[.+#]+")


class QueryReader:
    """Turns queries into plans.

    Args:
        state: What ``fit_lexical`` gave.
        postings: Opened from the same state.
        rules: The shop's own other names of things.

    Raises:
        ArtefactError: It is of another format.
    """

    def __init__(self, state: State, postings: Postings, *, rules: Sequence[OtherNames] = ()) -> None:
        stored = state.facts.get("format", 1)
        if stored != FORMAT:
            raise ArtefactError(
                f"the term index has format {stored}, this version reads format {FORMAT}: run `steelyard build` again"
            )
        self._language = str(state.facts["language"])
        self._numbers = {term: number for number, term in enumerate(unpack(state.arrays["terms"]))}
        self._has_han = any(has_han(term) for term in self._numbers)
        self._postings = postings
        surfaces = unpack(state.arrays["surfaces"])
        self._held = lru_cache(maxsize=_REMEMBERED_WORDS)(self._held_by)
        self._term = lru_cache(maxsize=_REMEMBERED_WORDS)(self._term_of)
        self.corrections = Corrections(surfaces, state.arrays["surface_counts"], self._side_by_side)
        self._remembered = lru_cache(maxsize=_REMEMBERED)(self._read)
        self.rules = rules
        self._synonyms = self._compiled(rules)
        self._forms = WordForms(dict(zip(surfaces, state.arrays["surface_counts"].tolist(), strict=True)))

    def extended(self, numbers: Mapping[str, int], postings: Postings) -> QueryReader:
        """A reader that knows further terms, and shares with this one what it knows of spelling and forms of words.

        Args:
            numbers: Of all terms, those of this reader among them.
            postings: Of the same documents, over all these terms.

        Returns:
            Another reader; this one is left as it is.
        """
        return _Extended(self, numbers, postings)

    def take_names(self, rules: Sequence[OtherNames]) -> None:
        """Read by other rules from now on."""
        self.rules = rules
        self._synonyms = self._compiled(rules)
        self._remembered.cache_clear()

    def _compiled(self, rules: Sequence[OtherNames]) -> Synonyms:
        return Synonyms(rules, language=self._language, numbers=self._numbers, idf=self._postings.idf)

    def read(self, query: str, *, verbatim: bool = False) -> Reading:
        """As ``_read``; the latest are remembered, since finding, explaining and judging an answer each ask."""
        return self._remembered(query, verbatim)

    def read_anew(self, query: str, *, verbatim: bool = False) -> Reading:
        """As ``read``, with nothing remembered of an earlier time."""
        return self._read(query, verbatim)

    def cut(self, query: str) -> Cut:
        """A query in pieces, names that the catalogue does not know replaced by others that it knows."""
        return cut(self._renamed(query[:_MAX_LETTERS]), language=self._language, with_dictionary=self._has_han)

    def other_names(self, units: Sequence[str]) -> list[Renaming]:
        """Where units of a query have other names by the shop's own list."""
        return self._synonyms.in_query(units[:_MAX_UNITS])

    def numbers(self, terms: Sequence[str]) -> list[int]:
        """Numbers of terms that the catalogue holds, each once."""
        numbers = self._numbers
        return list({numbers[term]: None for term in terms if term in numbers})

    def _read(self, query: str, verbatim: bool) -> Reading:
        """Terms of a query; of a very long one, of its beginning.

        Args:
            query: As the shopper typed it.
            verbatim: Whether no word is guessed.

        Returns:
            Without terms where the catalogue knows none of its words and none is near.
        """
        found = self.cut(query)
        wholes = self._wholes(found)
        covered = {unit for _, first, last in wholes for unit in range(first, last)}
        growing = Growing(self._numbers, self._postings.idf)
        position, unknown, waiting = [0], [], []
        renamed = self.other_names(found.units)
        explained = {unit for each in renamed for unit in range(each.first, each.last)}
        is_lone = len(found.units) == 1
        for i, (unit, surface) in enumerate(zip(found.units[:_MAX_UNITS], found.surfaces, strict=False)):
            if not self._add(growing, unit, surface, is_lone=is_lone):
                growing.add_unit(is_needed=i in covered)
                if i not in covered and i not in explained and surface and surface not in FUNCTION_WORDS:
                    unknown.append(surface)
                    waiting.append((len(growing.units) - 1, surface))
            position.append(len(growing.units))
        for term, first, last in sorted(wholes, key=lambda whole: whole[1:]):
            if last < len(position):
                shown = "".join(found.surfaces[first:last]) if term.isascii() else term
                trust = _PIECE if term[0] == PART else 1.0
                stand = Stand(term, growing.weight_of(term, trust), shown, is_extra=True)
                growing.add_whole(stand, position[first], position[last])
        for each in renamed:
            growing.rename(each, position[each.first], position[each.last])
        for place, surface in zip(position[1:-1], found.surfaces[1:], strict=False):
            if surface == _CLINGING:
                growing.weigh(place, _ALONE)
        growing.stress_head(_NOUN)
        guesses = [] if verbatim else self._guess(growing, waiting)
        return growing.reading(guesses, unknown)

    def _renamed(self, query: str) -> str:
        """The query with Chinese names that the catalogue does not know replaced by others that it knows."""
        if not self._has_han or not has_han(query):
            return query
        query = fold(query)
        for name, others in CHINESE_NAMES.items():
            if name in query and name not in self._numbers:
                query = query.replace(name, next((other for other in others if other in self._numbers), name))
        return query

    def _add(self, growing: Growing, unit: str, surface: str, *, is_lone: bool) -> bool:
        """Add a unit by what the catalogue surely has of it; whether it has anything."""
        is_needed = bool(surface) and surface not in FUNCTION_WORDS
        if has_han(unit):
            return self._add_han(growing, unit, surface, is_lone=is_lone)
        if unit in self._numbers:
            stands = self._held(unit, surface)
            if stands[1:] and stands[1].term[0] != LIGHT:
                growing.add_alternatives(stands, is_needed=is_needed)
            else:
                growing.add_unit(*stands, is_needed=is_needed)
            return True
        if PART + unit in self._numbers:
            growing.add_unit(Stand(PART + unit, growing.weight_of(PART + unit, _PIECE), surface), is_needed=is_needed)
            return True
        terms = self._in_pieces(unit)
        if terms:
            for term in terms:
                growing.add_unit(Stand(term, growing.weight_of(term), term), is_needed=True)
            return True
        return self._add_other_words(growing, unit, surface)

    def _held_by(self, unit: str, surface: str) -> tuple[Stand, ...]:
        """A unit of the catalogue: with the form of the word where the stem has several, or with pieces of codes."""
        whole = self._weight_of(unit)
        form = LIGHT + light_form(surface) if surface.isalpha() and surface.isascii() else ""
        if form and form in self._numbers:
            return Stand(unit, _STEM * whole, surface), Stand(form, (1 - _STEM) * whole, is_indexed=False)
        stands = [Stand(unit, whole, surface)]
        if not unit.isalpha() and PART + unit in self._numbers:
            stands.append(Stand(PART + unit, _PIECE * min(whole, self._weight_of(PART + unit)), surface))
        for other in self._forms.others(surface):
            term = self._term(other)
            if term and term != unit and term in self._numbers:
                stands.append(Stand(term, _FORM * min(whole, self._weight_of(term)), other))
        return tuple(stands)

    def _add_other_words(self, growing: Growing, unit: str, surface: str) -> bool:
        """Other forms and names of a word that the catalogue does not hold, or its letters without their sign."""
        plain = _SIGNS.sub("", unit)
        forms = [(word, _FORM) for word in self._forms.of(surface)]
        names = [(word, _SYNONYM) for word in synonyms_of(surface)]
        signed = [(plain, _SYNONYM)] if plain != unit and plain.isalpha() else []
        stands: list[Stand] = []
        for word, trust in (*forms, *names, *signed):
            term = self._term(word)
            if term in self._numbers and all(term != stand.term for stand in stands):
                stands.append(Stand(term, growing.weight_of(term, trust), word))
        if stands:
            growing.add_alternatives(stands, is_needed=True)
        return bool(stands)

    def _add_han(self, growing: Growing, unit: str, surface: str, *, is_lone: bool) -> bool:
        """A character or a pair of characters: as it stands, or by what its characters say together."""
        if len(unit) == 1:
            return self._add_character(growing, unit, trust=1.0)
        one, other = PART + unit[0], PART + unit[1]
        is_word = bool(surface) and one in self._numbers and other in self._numbers and unit[1] not in _SUFFIXES
        if unit in self._numbers:
            whole = growing.weight_of(unit)
            is_split = is_word and is_lone and self._postings.holding_both(self._numbers[one], self._numbers[other]) > 0
            share = _PAIR if is_split else 1.0
            growing.add_unit(Stand(unit, share * whole, surface, is_extra=not surface), is_needed=bool(surface))
            if is_split:
                growing.add_pair(one, other, weight=(1 - share) * whole, shown="")
            return True
        if not surface:
            growing.add_unit(is_needed=False)
            return True
        if is_word and self._postings.holding_both(self._numbers[one], self._numbers[other]):
            weight = _PAIR * max(growing.weight_of(one), growing.weight_of(other))
            if is_lone:
                growing.add_unit(Stand(other, growing.weight_of(other, 1 - _PAIR), unit[1]), is_needed=True)
            else:
                growing.add_unit(is_needed=True)
            growing.add_pair(one, other, weight=weight, shown=surface)
            return True
        is_whole = unit[1] in _SUFFIXES
        if not is_lone or not self._add_character(growing, unit[0] if is_whole else unit[1], trust=_PAIR):
            return False
        growing.in_part += [] if is_whole else [surface]
        return True

    def _add_character(self, growing: Growing, character: str, *, trust: float) -> bool:
        """One Chinese character: anywhere, more where it says what the thing is, most where it is a word."""
        anywhere = PART + character
        if anywhere not in self._numbers:
            return False
        whole = growing.weight_of(anywhere, trust)
        shares = ((HEAD + character, _HEAD), (character, 1 - _CHARACTER - _HEAD))
        more = [Stand(term, share * whole) for term, share in shares if term in self._numbers]
        growing.add_unit(Stand(anywhere, _CHARACTER * whole, character), *more, is_needed=True)
        return True

    def _guess(self, growing: Growing, waiting: list[tuple[int, str]]) -> list[Guess]:
        """Guess what unknown words may have been meant to be, where that is more likely than another word."""
        held = [row[1].weight for row in growing.rows if row[1].shown not in FUNCTION_WORDS]
        most = max(held, default=0.0)
        least_trust = Trust.SURE if held else Trust.GUESSED
        guesses = []
        for at, surface in waiting:
            found = [(tuple(map(self._term, each.words)), each) for each in self.corrections.of(surface)]
            readings = [pair for pair in found if all(term in self._numbers for term in pair[0])]
            if not readings:
                continue
            trust = max(correction.trust for _, correction in readings)
            is_applied = trust >= least_trust
            if is_applied:
                _apply(growing, at, readings, most=most)
            if trust < Trust.WRITTEN:
                best = next(c for _, c in readings if c.trust == trust or not is_applied)
                guesses.append(Guess(surface, best.words, is_applied, trust >= Trust.SURE))
        return guesses

    def _wholes(self, found: Cut) -> set[tuple[str, int, int]]:
        """Terms of the catalogue that stand for several units: as cut, and as neighbours written together."""
        wholes = set()
        for term, first, last in found.wholes:
            known = self._known(term)
            if known:
                wholes.add((known, first, last))
        words = found.surfaces[:_MAX_UNITS]
        for i, (left, right) in enumerate(pairwise(words)):
            whole = left + right
            if len(whole) < _MIN_JOINED or not (whole.isascii() and whole.isalpha()):
                continue
            term = self._term(whole)
            if term in self._numbers and not FUNCTION_WORDS.intersection((left, right)):
                wholes.add((term, i, i + 2))
        return wholes | self._codes(words)

    def _codes(self, words: tuple[str, ...]) -> set[tuple[str, int, int]]:
        """Model numbers that neighbouring words make when written together: wh 1000 xm5 is wh1000xm5."""
        codes: set[tuple[str, int, int]] = set()
        if "".join(words).isalpha():
            return codes
        for first in range(len(words)):
            code = ""
            for last in range(first, min(first + _MAX_JOINED, len(words))):
                if not words[last] or not words[last].isascii() or (code[-1:].isdigit() and words[last][0].isdigit()):
                    break
                code += words[last]
                if last > first and not code.isalpha() and not code.isdecimal():
                    known = self._known(code)
                    if known:
                        codes.add((known, first, last + 1))
        return codes

    def _weight_of(self, term: str) -> float:
        return float(self._postings.idf[self._numbers[term]])

    def _known(self, term: str) -> str:
        """The term, or the piece of a model number, that the catalogue has; empty where it has neither."""
        if term in self._numbers:
            return term
        return PART + term if PART + term in self._numbers else ""

    def _in_pieces(self, unit: str) -> tuple[str, ...]:
        """Units that titles hold side by side and that make an unknown model number when written together."""
        found = atoms(unit)
        if len(found) < 2 or not any(atom[0].isdigit() for atom in found):
            return ()
        for n_joined in range(len(found) - 1, 0, -1):
            for first in range(len(found) - n_joined + 1):
                pieces = (*found[:first], "".join(found[first : first + n_joined]), *found[first + n_joined :])
                pairs = [(self._numbers.get(a, -1), self._numbers.get(b, -1)) for a, b in pairwise(pieces)]
                if all(min(pair) >= 0 and self._postings.count_neighbours(*pair) for pair in pairs):
                    return pieces
        return ()

    def _side_by_side(self, left: str, right: str) -> int:
        """How many titles hold two words side by side, in this order."""
        pair = (self._numbers.get(self._term(left), -1), self._numbers.get(self._term(right), -1))
        return self._postings.count_neighbours(*pair) if min(pair) >= 0 else 0

    def _term_of(self, word: str) -> str:
        if word.isascii() and word.isalpha():
            return word_term(word, language=self._language)
        units = cut(word, language=self._language).units
        return units[0] if len(units) == 1 else ""


class _Extended(QueryReader):
    """A reader over further terms."""

    def __init__(self, base: QueryReader, numbers: Mapping[str, int], postings: Postings) -> None:
        vars(self).update(vars(base))
        self._numbers = dict(numbers)
        self._postings = postings
        self._has_han = self._has_han or any(map(has_han, self._numbers))
        self._held = lru_cache(maxsize=_REMEMBERED_WORDS)(self._held_by)
        self._remembered = lru_cache(maxsize=_REMEMBERED)(self._read)
        self._synonyms = self._compiled(base.rules)


def _apply(growing: Growing, at: int, readings: list[tuple[tuple[str, ...], Correction]], *, most: float) -> None:
    """Let readings of an unknown word count for its unit: alternatives to each other, weaker than what is held."""
    written = readings[0][1].trust is Trust.WRITTEN
    growing.can_need[at] = written
    for terms, correction in readings:
        for term, word in zip(terms, correction.words, strict=True):
            weight = growing.weight_of(term, 1.0 if written else _GUESS * correction.weight)
            if most and not written:
                weight = min(weight, _BELOW_HELD * most)
            growing.add_guess(Stand(term, weight, word), at)
            growing.groups += written
    if not written:
        growing.groups += 1
