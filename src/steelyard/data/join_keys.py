"""Keys that one file writes otherwise than another: the rules for item ids, as forms that a table engine compares."""

from __future__ import annotations

import re
import unicodedata

from steelyard.data.identifiers import normal_id, repair_of

__all__ = ["FORMS", "SEPARATOR", "key_forms"]

SEPARATOR = "\x1f"
"""Between the parts of a key of several columns."""
FORMS = 5
"""Texts that ``key_forms`` gives."""
_PADDED = re.compile(r"0\d+")


def key_forms(key: str) -> tuple[str, str, str, str, str]:
    """A key in the forms by which ``data.identifiers`` says what two ids differ in.

    Args:
        key: As written; the parts of one of several columns are separated by ``SEPARATOR``.

    Returns:
        The normal form, empty where digits were lost; the key without blanks and quotation marks; the same in lower
        case; ``1`` where a table tool wrote it as a number, else empty; ``1`` where it begins with zeros, else empty.
    """
    parts = key.split(SEPARATOR)
    normal = [normal_id(part) for part in parts]
    closed = [unicodedata.normalize("NFKC", re.sub(r"\s+", "", part)).strip("'\"=`´’‘“”") for part in parts]
    is_number = any(repair_of(part, form) in (".0", "1E+05", "1,234") for part, form in zip(parts, normal, strict=True))
    is_padded = any(_PADDED.fullmatch(part) for part in parts)
    joined = SEPARATOR.join
    return (
        joined(normal) if all(normal) else "",
        joined(closed),
        joined(closed).casefold(),
        "1" if is_number else "",
        "1" if is_padded else "",
    )
