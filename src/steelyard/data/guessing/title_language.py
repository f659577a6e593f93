"""Which language a shop's titles are in."""

from __future__ import annotations

import re
from collections.abc import Sequence

from steelyard.data.guessing.profiles import HAN

__all__ = ["language_note", "language_of"]

_SCRIPTS = {
    "Korean": re.compile("[\uac00-\ud7af\u1100-\u11ff]"),
    "Japanese": re.compile("[\u3041-\u30fa\u30fc]"),
}
"""Letters that only one language has, of those whose texts are not cut at blanks alone or hold Chinese characters."""
_LEAST_OF_SCRIPT = 0.1


def language_of(titles: Sequence[str]) -> str:
    """The language that a shop's titles are cut by: ``en``, ``zh`` or ``mixed``."""
    if _other_script(titles):
        return "mixed"
    share = sum(bool(HAN.search(title)) for title in titles) / max(len(titles), 1)
    has_latin = sum(bool(re.search(r"[A-Za-z]{3}", title)) for title in titles) / max(len(titles), 1)
    if share < 0.05:
        return "en"
    return "mixed" if share < 0.8 or has_latin > 0.8 else "zh"


def _other_script(titles: Sequence[str]) -> str:
    """Name of the language whose letters are in the titles, where it is none whose words are known; else empty."""
    least = _LEAST_OF_SCRIPT * max(len(titles), 1)
    return next((name for name, letter in _SCRIPTS.items() if sum(map(bool, map(letter.search, titles))) > least), "")


def language_note(titles: Sequence[str]) -> list[str]:
    """What to look at where the titles are in a language whose words are not known; nothing elsewhere."""
    name = _other_script(titles)
    said = "only English and Chinese words are known: others are found as they are written, or by their letters"
    return [f"CHECK language: the titles are {name}, for example {titles[0]!r}; {said}"] if name else []
