"""A sentence in both languages that a person may read it in."""

from __future__ import annotations

from collections.abc import Collection
from typing import NamedTuple

__all__ = ["Bilingual", "capitalised"]


class Bilingual(NamedTuple):
    """One sentence, without its full stop, in English and in Chinese."""

    en: str
    zh: str


def capitalised(text: str, names: Collection[str]) -> str:
    """The text as a sentence begins: with a capital, unless its first word is a name, which stays as it is written.

    Args:
        text: One sentence.
        names: Configurations.

    Returns:
        The text, its first letter changed at most.
    """
    return text if text.split(" ", 1)[0].rstrip(":,") in names else text[:1].upper() + text[1:]
