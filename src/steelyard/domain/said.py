"""A sentence in both languages that a person may read it in."""

from __future__ import annotations

from typing import NamedTuple

__all__ = ["Said"]


class Said(NamedTuple):
    """One sentence, without its full stop, in English and in Chinese."""

    en: str
    zh: str
