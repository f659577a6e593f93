"""A sentence in both languages that a person may read it in."""

from __future__ import annotations

import re
from collections.abc import Collection
from typing import NamedTuple

__all__ = ["Bilingual", "capitalised"]

_NAME = re.compile(r"[_.\d]|.[A-Z]")


class Bilingual(NamedTuple):
    """One sentence, without its full stop, in English and in Chinese."""

    en: str
    zh: str


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
