"""What a choice hangs on, as sentences."""

from __future__ import annotations

from steelyard.documents.choice import SurfaceDecision

__all__ = ["assumption_lines"]


def assumption_lines(surface: SurfaceDecision, *, language: str = "en") -> list[str]:
    """What a choice hangs on and how sure it is, for a terminal, a sentence a line; none of an older document.

    Args:
        surface: A surface of the decision.
        language: ``en`` or ``zh``.

    Returns:
        Sentences without a full stop.
    """
    is_zh = language == "zh"
    parts = [part for part in (surface.stays_chosen, surface.selection) if part is not None]
    further = [part.says_zh if is_zh else part.says for part in parts]
    return [*(surface.why_assumptions_zh if is_zh else surface.why_assumptions), *(said for said in further if said)]
