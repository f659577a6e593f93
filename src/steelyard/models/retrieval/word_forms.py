"""Forms and spellings of a word that a catalogue holds: other cases and numbers, and ae for ä."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping

import Stemmer

from steelyard.models.text.inflections import forms_of, language_of

__all__ = ["WordForms"]

_UMLAUT = re.compile(r"(?<=[a-z])([aou])e(?=[a-z])")
_MIN_LETTERS = 5


class WordForms:
    """The words of one catalogue by what they have in common.

    Args:
        counts: How often each word occurs, lower case, without accents.
    """

    def __init__(self, counts: Mapping[str, int]) -> None:
        self._known = counts
        self._with_e = {
            _UMLAUT.sub(r"\1", word): word for word in counts if len(word) >= _MIN_LETTERS and _UMLAUT.search(word)
        }
        language = language_of(counts)
        self._forms = forms_of(counts, language=language) if language else {}
        self._stem: Callable[[str], str] | None = Stemmer.Stemmer(language, 0).stemWord if language else None

    def others(self, word: str) -> tuple[str, ...]:
        """Other forms of a word that the catalogue holds, in German and French catalogues."""
        if self._stem is None or not word.isalpha():
            return ()
        return tuple(form for form in self._forms.get(self._stem(word), ()) if form != word)

    def of(self, word: str) -> tuple[str, ...]:
        """Forms and spellings that stand for a word that the catalogue does not hold.

        Args:
            word: Lower case, without accents.

        Returns:
            Gemuse for Gemuese and the other way round, Tasse for Tassen in a German catalogue.
        """
        found = list(self.others(word))
        plain = _UMLAUT.sub(r"\1", word)
        if len(word) >= _MIN_LETTERS:
            found += [spelling for spelling in (plain, self._with_e.get(word, "")) if spelling in self._known]
            found += self.others(plain) if plain != word else ()
        return tuple(dict.fromkeys(form for form in found if form != word))
