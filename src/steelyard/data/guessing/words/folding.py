"""Names of columns and words of logs in one spelling: no case, accents, marks or blanks, simplified Chinese."""

from __future__ import annotations

import unicodedata
from functools import lru_cache

from steelyard.data.values.traditional import SIMPLIFIED_OF

__all__ = ["folded_name"]

_LETTERS = str.maketrans(
    {"ł": "l", "đ": "d", "ð": "d", "ø": "o", "ı": "i", "þ": "th", "æ": "ae", "œ": "oe", "ß": "ss", "ς": "σ"}
    | {"ـ": "", "ى": "ي", "ة": "ه", "ک": "ك", "ی": "ي"}
)
"""Letters that keyboards without them write otherwise; forms that Arabic writes in place of one another."""


@lru_cache(maxsize=8192)
def folded_name(name: str) -> str:
    """The letters and digits of a name, lower case, without accents, traditional characters as simplified ones.

    Args:
        name: As it is written.

    Returns:
        Marks of scripts that write vowels with them (Thai, Hindi) stay; those that only help to read (accents of
        Latin, Greek and Cyrillic letters, points of Hebrew and Arabic) do not.
    """
    kept = []
    is_accented = False
    for letter in unicodedata.normalize("NFD", unicodedata.normalize("NFKC", name)):
        kind = unicodedata.category(letter)
        if kind[0] != "M":
            is_accented = letter < "\u0700"
        if kind[0] in "LN" or (kind[0] == "M" and not is_accented):
            kept.append(letter)
    whole = unicodedata.normalize("NFC", "".join(kept)).lower()
    return whole.translate(_LETTERS).translate(SIMPLIFIED_OF)
