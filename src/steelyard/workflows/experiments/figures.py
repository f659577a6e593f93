"""How shares are written in the sentences of an experiment."""

from __future__ import annotations

__all__ = ["percent_text"]


def percent_text(share: float, places: int = 1, *, is_signed: bool = False) -> str:
    """A share as a percentage with so many decimals: ``12.5 %``."""
    return f"{100 * share:{'+' if is_signed else ''}.{places}f} %"
