"""Lower case that every engine, and Python, gives alike."""

from __future__ import annotations

import re

import narwhals.stable.v2 as nw

__all__ = ["lower_case", "lower_word", "with_final_sigma"]

_ALIKE = {"i\u0307": "i", "ς": "σ"}
"""The small form of İ, and of a Σ that ends a word: engines differ in both."""
_FINAL = re.compile(r"(?<=\w)σ\b")


def lower_case(text: nw.Expr) -> nw.Expr:
    """The texts in lower case, İ as i, and σ at the end of words too.

    Args:
        text: As written.

    Returns:
        Null where it is null.
    """
    found = text.str.to_lowercase()
    for written, meant in _ALIKE.items():
        found = found.str.replace_all(written, meant, literal=True)
    return found


def lower_word(text: str) -> str:
    """A text in the lower case of ``lower_case``."""
    found = text.lower()
    for written, meant in _ALIKE.items():
        found = found.replace(written, meant)
    return found


def with_final_sigma(text: str) -> str:
    """A text of ``lower_case`` as it is written: a σ that ends a word is ς."""
    return _FINAL.sub("ς", text)
