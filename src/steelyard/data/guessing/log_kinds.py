"""Which kinds of events a log has: by the words of its column, by its layout, or by the name of its file."""

from __future__ import annotations

from steelyard.data.guessing.event_words import event_kind_of, kinds_of_words
from steelyard.data.guessing.layouts import Layout
from steelyard.data.guessing.profiles import ColumnProfile, TableProfile

__all__ = ["is_known_kind", "kind_by_file", "kinds_of_column"]

_KINDS_BY_FILE = (("click", "click"), ("review", "rating"), ("view", "view"), ("rating", "rating"))


def kinds_of_column(column: ColumnProfile | None, layout: Layout | None) -> dict[str, str]:
    """Values of the kind column that do not name their kind themselves.

    Args:
        column: The column of kinds.
        layout: The known export.

    Returns:
        By value the kind it stands for.
    """
    known = layout.settings.get("kinds", {}) if layout else {}
    values = column.counts if column else {}
    found = {**kinds_of_words(values), **{value: known[value] for value in values if value in known}}
    return {value: kind for value, kind in found.items() if value.lower() != kind}


def is_known_kind(value: str, layout: Layout | None) -> bool:
    """Whether a value of the kind column is known, by itself or by the layout of the export."""
    return event_kind_of(value) is not None or (layout is not None and value in layout.settings.get("kinds", {}))


def kind_by_file(events: TableProfile | None, *, is_rated: bool = False) -> str:
    """The kind of all events of a log that does not say it: by the name of its file, a rating, else a purchase."""
    name = events.path.rsplit("/", 1)[-1].lower() if events else ""
    usual = "rating" if is_rated else "purchase"
    return next((kind for part, kind in _KINDS_BY_FILE if part in name), usual)
