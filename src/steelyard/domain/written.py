"""Values as people write them: read strictly or refused with what to write; never guessed.

A comma is a sign of thousands in one country and of decimals in the next, so a number with one is no number here.
"""

from __future__ import annotations

import re
from datetime import date
from decimal import Decimal

__all__ = ["DECIMALS", "MAX_NUMBER", "is_currency", "read_currency", "read_day", "read_decimal", "read_month"]

DECIMALS = 12
"""Decimals that are kept of a number."""
MAX_NUMBER = Decimal(10) ** 15
"""No amount, quantity or rate of a shop reaches it."""
_DECIMAL = re.compile(r"[-+]?(\d+(\.\d*)?|\.\d+)", re.ASCII)
_CURRENCY = re.compile(r"[A-Z]{3}")
_DAY = re.compile(r"\d{4}-\d{2}-\d{2}", re.ASCII)
_MONTH = re.compile(r"(\d{4})-(\d{2})", re.ASCII)


def read_decimal(text: str, *, like: str = "1234.50", places: int = DECIMALS) -> Decimal:
    """The number that a text writes.

    Args:
        text: Digits with at most one point before the decimals, perhaps a sign in front; blanks around it are ignored.
        like: An example for the refusal.
        places: At most so many decimals, noughts at the end not counted.

    Returns:
        Exact, finite, below ``MAX_NUMBER`` in size.

    Raises:
        ValueError: It is written otherwise (``120,50``, ``1.000,50``, ``1e3``, ``nan``), or is beyond these bounds.
    """
    written = text.strip()
    if _DECIMAL.fullmatch(written) is None:
        raise ValueError(
            f"{text!r} is not a number: write it like {like}, with a point before the decimals and nothing between the "
            "thousands"
        )
    found = Decimal(written)
    if abs(found) >= MAX_NUMBER:
        raise ValueError(f"{text!r} is too large: a number is below {MAX_NUMBER:.0e}")
    decimals = written.partition(".")[2].rstrip("0")
    if len(decimals) > places:
        raise ValueError(f"{text!r} has {len(decimals)} decimals: write at most {places}")
    return found


def is_currency(text: object) -> bool:
    """Whether a value is written like an ISO 4217 code: three capital letters, no digit among them."""
    return isinstance(text, str) and _CURRENCY.fullmatch(text) is not None


def read_currency(text: str) -> str:
    """The currency that a text names.

    Args:
        text: An ISO 4217 code.

    Returns:
        The same.

    Raises:
        ValueError: It is not written like one.
    """
    if not is_currency(text):
        raise ValueError(f"{text!r} is not a currency: write an ISO 4217 code like USD")
    return text


def read_day(text: str) -> date:
    """The day that a text names.

    Args:
        text: ``2026-11-21``, with four and twice two digits.

    Returns:
        That day.

    Raises:
        ValueError: It is written otherwise, or there is no such day.
    """
    written = text.strip()
    try:
        if _DAY.fullmatch(written):
            return date.fromisoformat(written)
    except ValueError:
        pass
    raise ValueError(f"{text!r} is not a day: write it as 2026-11-21")


def read_month(text: str) -> tuple[int, int]:
    """The year and month that a text names.

    Args:
        text: ``2026-11``, with four and two digits.

    Returns:
        Year and month, 1 to 12.

    Raises:
        ValueError: It is written otherwise, or there is no such month.
    """
    found = _MONTH.fullmatch(text.strip())
    year, month = (int(found[1]), int(found[2])) if found else (0, 0)
    if not (year and 1 <= month <= 12):
        raise ValueError(f"{text!r} is not a month: write it as 2026-11")
    return year, month
