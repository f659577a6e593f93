"""A sentence in both languages that a person may read it in."""

from __future__ import annotations

import re
from collections.abc import Collection
from functools import lru_cache
from string import Formatter
from typing import NamedTuple

__all__ = ["Bilingual", "capitalised", "filled_zh"]

_NAME = re.compile(r"[_.\d]|.[A-Z]")

_WIDE = "\u2e80-\u9fff\uf900-\ufaff\ufe30-\ufe4f\uff00-\uff60\U00020000-\U0003ffff"
"""Chinese and Japanese characters, with the punctuation and the letters that are as wide."""
_MARKS = "\u3001-\u3004\u3008-\u3020\uff01-\uff0f\uff1a-\uff20\uff3b-\uff40\uff5b-\uff60‘’“”—…"
"""Punctuation that brings its own room."""
_IS_WIDE = re.compile(f"[{_WIDE}]")
_IS_MARK = re.compile(f"[{_MARKS}]")
_CLOSING = frozenset(",.;:!?%)]}")


class Bilingual(NamedTuple):
    """One sentence, without its full stop, in English and in Chinese."""

    en: str
    zh: str

    def filled(self, **values: object) -> Bilingual:
        """Both sentences with ``{name}`` filled in, the Chinese one by ``filled_zh``."""
        return Bilingual(self.en.format(**values), filled_zh(self.zh, **values))


def filled_zh(text: str, **values: object) -> str:
    """A Chinese sentence with ``{name}`` filled in, spaced as Chinese is typeset.

    What is filled in, a product's name or a number, stands apart by one space where Chinese meets other letters or
    digits, and by none where Chinese meets Chinese or beside Chinese punctuation, whatever the sentence was written
    with. ``words.js`` does the same in the browser.

    Args:
        text: The sentence, with ``{name}`` or ``{name:form}``.
        values: By name.

    Returns:
        The sentence; each value as it was given.
    """
    said = last = ""
    for words, name, form in _pieces(text):
        value = "" if name is None else format(values[name], form)
        said += _between(last, words, value[:1]) + value
        last = value[-1:]
    return said


@lru_cache(maxsize=1024)
def _pieces(text: str) -> tuple[tuple[str, str | None, str], ...]:
    return tuple((words, name, form or "") for words, name, form, _ in Formatter().parse(text))


@lru_cache(maxsize=4096)
def _between(last: str, words: str, first: str) -> str:
    """Words of a sentence, with their room to the last character filled in before them and the first one after."""
    own = words.strip(" ")
    if not own:
        return words
    start, end = words[: words.index(own)], words[words.index(own) + len(own) :]
    after = end if _IS_WIDE.match(own[-1]) and first in _CLOSING else _gap(own[-1], first, end)
    return _gap(own[0], last, start) + own + after


def _gap(own: str, filled: str, gap: str) -> str:
    """What stands between a character of the sentence and one that is filled in beside it; none where that is empty."""
    if not filled.strip() or own.isspace() or len(gap) > 1:
        return gap
    is_own, is_filled = _IS_WIDE.match(own), _IS_WIDE.match(filled)
    if _IS_MARK.match(own) or _IS_MARK.match(filled) or (is_own and is_filled):
        return ""
    return " " if is_own or (is_filled and own.isalnum()) else gap


def capitalised(text: str, names: Collection[str]) -> str:
    """The text as a sentence begins: with a capital, unless its first word is a name, which stays as it is written.

    Args:
        text: One sentence.
        names: Configurations. A word with an underscore, a point, a digit or a capital inside is a name as well: a
            column, a file, a setting, a metric.

    Returns:
        The text, its first letter changed at most.
    """
    first = text.split(" ", 1)[0].rstrip(":,;.")
    return text if first in names or _NAME.search(first) else text[:1].upper() + text[1:]
