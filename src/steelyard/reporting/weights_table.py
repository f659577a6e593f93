"""What events of each kind, and ratings of each value, weigh: which was given, and which was made from the log."""

from __future__ import annotations

from collections.abc import Sequence

from steelyard.documents.quality import EventWeightRow
from steelyard.reporting.page import Html, element, table
from steelyard.reporting.words import words_in

__all__ = ["weights_table"]


def weights_table(weights: Sequence[EventWeightRow], *, language: str) -> list[Html]:
    """A heading and the table.

    Args:
        weights: In the order that they are shown in.
        language: ``en`` or ``zh``.

    Returns:
        Nothing where there is none to tell of.
    """
    say = words_in(language)
    if not weights:
        return []
    head = [say(key) for key in ("q_weight_event", "q_weight", "q_weight_declared", "q_weight_origin")]
    rows = [
        [
            element("code", row.kind) if row.up_to is None else say("q_weight_rating", up_to=f"{row.up_to:g}"),
            f"{row.weight:g}" if row.up_to is None else f"× {row.weight:g}",
            f"{row.declared:g}",
            say(f"q_weight_{row.origin}"),
        ]
        for row in weights
    ]
    listed = element("div", table(head, rows, numbers=(1, 2)), class_="scroll")
    return [element("h3", say("q_h_weights")), listed]
