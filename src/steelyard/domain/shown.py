"""How decimals are shown to people: without exponents, and never so short that little reads as nothing."""

from __future__ import annotations

from decimal import Decimal

__all__ = ["amount", "plain"]


def amount(value: Decimal) -> str:
    """An amount to the cent; below a cent, to four significant digits, so that little does not read as nothing."""
    if value == 0 or abs(value) >= Decimal("0.01"):
        return f"{value:.2f}"
    return plain(value, digits=4)


def plain(value: Decimal, *, digits: int = 8) -> str:
    """A decimal without exponent, to so many significant digits."""
    shown = f"{Decimal(f'{value:.{digits}g}'):f}"
    return shown.rstrip("0").rstrip(".") if "." in shown else shown
