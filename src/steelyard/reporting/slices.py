"""The quality of the choice by kinds of requests, as a table of the report."""

from __future__ import annotations

from steelyard.documents.choice import SurfaceDecision
from steelyard.reporting.page import Html, element, number, table
from steelyard.reporting.words import words_in

__all__ = ["slices_table"]

_KEYS = {True: ("slice_n", "slices", "slices_say"), False: ("slice_users", "slices_cold", "slices_cold_say")}
"""Sentences by whether they are of search."""


def slices_table(surface: SurfaceDecision, *, language: str) -> Html | None:
    """Quality by kinds of requests.

    Args:
        surface: With its slices.
        language: ``en`` or ``zh``.

    Returns:
        None where no kinds are known. Kinds with too few requests have their count and no figure.
    """
    if not surface.slices:
        return None
    say = words_in(language)
    is_search = surface.surface == "search"
    counted, title, says = _KEYS[is_search]
    head = [say(key) for key in ("slice_group", "slice_kind", counted, "quality", "interval")]
    rows = []
    for row in surface.slices:
        quality = row.quality
        low, high = (None, None) if quality is None else (quality.low, quality.high)
        ends = "–" if low is None or high is None else f"{low:.4f} … {high:.4f}"
        mean = say("slice_few") if quality is None else number(quality.mean, 4)
        rows.append([say(f"slice_{row.group}"), say(f"slice_{row.kind}"), f"{row.n:,}", mean, ends])
    listed = element("div", table(head, rows, numbers=(2, 3, 4)), class_="scroll")
    heading = element("h4", say(title, name=surface.chosen or ""))
    return element("div", heading, element("p", say(says), class_="quiet"), listed)
