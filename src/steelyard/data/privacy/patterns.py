"""What tells that a text names a person: patterns that Python and the table engine both understand.

A query is kept as typed, so what people type by mistake (an address in the search box, a number pasted from a message)
would be stored raw. Numbers that shops use are left alone: 8, 12, 13 and 14 digits without blanks are trade item
numbers, 10 digits are book numbers.
"""

from __future__ import annotations

import re

__all__ = ["EMAIL", "HIDDEN", "LEAST_NAME", "NAMES_A_PERSON", "mentions", "names_a_person"]

EMAIL = r"[^\s@＠<>\"',;:]+[@＠][^\s@＠<>\"',;:]+[.．。][^\s@＠<>\"',;:.]{2,}"
_NUMBERS = (
    r"\b1[3-9][0-9]{9}\b",  # a Chinese mobile number
    r"\b1[3-9][0-9][ -][0-9]{4}[ -][0-9]{4}\b",
    r"(^|[^0-9A-Za-z])(\+|00)[1-9][0-9 ().-]{6,18}[0-9]\b",  # with the code of a country
    r"\b0[1-9][0-9]{1,4}[ /-][0-9]{3,4}[ -]?[0-9]{3,5}\b",  # with the code of an area
    r"(^|[^0-9A-Za-z])[(]0?[0-9]{2,4}[)][ -]?[0-9]{3,4}[ -]?[0-9]{4}\b",
    r"\b[2-9][0-9]{2}[-. ][0-9]{3}[-. ][0-9]{4}\b",  # North America
    r"\b[1-9][0-9]{5}(18|19|20)[0-9]{2}(0[1-9]|1[0-2])([0-2][0-9]|3[01])[0-9]{3}[0-9Xx]\b",  # Chinese identity card
    r"\b[0-9]{3}-[0-9]{2}-[0-9]{4}\b",  # United States social security
    r"\b[3-6][0-9]{3}[ -]?[0-9]{4}[ -]?[0-9]{4}[ -]?[0-9]{3,4}\b",  # payment card
    r"\b[A-Z]{2}[0-9]{2} ?[0-9A-Z]{4}( ?[0-9A-Z]{4}){2,6}( ?[0-9A-Z]{1,3})?\b",  # bank account
    r"[０-９]{7,}",  # any long number in full-width digits
)
NAMES_A_PERSON = "|".join(f"({pattern})" for pattern in (EMAIL, *_NUMBERS))
"""Matches a text that names a person."""
HIDDEN = "***"
"""Stands where a text is needed, so that the row is told from one that had none."""
_FOUND = re.compile(NAMES_A_PERSON, re.ASCII)
LEAST_NAME = 6
"""Shorter identifiers of people stand in other texts by chance."""


def names_a_person(text: str) -> bool:
    """Whether a text holds an e-mail address, or a telephone, card or identity number.

    Args:
        text: As typed.

    Returns:
        Trade item numbers (8, 12, 13, 14 digits) and book numbers are none.
    """
    return _FOUND.search(text) is not None


def mentions(text: str, *names: str) -> bool:
    """Whether a text holds one of some identifiers of six letters or more.

    Args:
        text: Any.
        names: Of the person and the visit.

    Returns:
        Shorter identifiers stand in other texts by chance, and do not count.
    """
    return any(len(name) >= LEAST_NAME and name in text for name in names)
