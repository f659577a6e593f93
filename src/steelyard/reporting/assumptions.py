"""What a choice hangs on, as sentences."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

__all__ = ["assumption_lines"]


def assumption_lines(surface: Mapping[str, Any], *, language: str = "en") -> list[str]:
    """What a choice hangs on and how sure it is, for a terminal, a sentence a line; none of an older document.

    Args:
        surface: A surface of the decision document.
        language: ``en`` or ``zh``.

    Returns:
        Sentences without a full stop.
    """
    suffix = "_zh" if language == "zh" else ""
    further = [(surface.get(key) or {}).get(f"says{suffix}") for key in ("stays_chosen", "selection")]
    return [*(surface.get(f"why_assumptions{suffix}") or ()), *(said for said in further if said)]
