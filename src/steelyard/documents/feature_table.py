"""What a table of features holds and was learnt from: ``features.json`` of ``features/…``."""

from __future__ import annotations

from typing import Any, Literal

import msgspec

from steelyard.documents.encoding import Source, as_builtins, read_document

__all__ = ["FeatureRow", "FeatureTable", "PictureRow", "feature_table_builtins", "read_feature_table"]


class FeatureRow(msgspec.Struct, frozen=True, kw_only=True):
    """One column."""

    name: str
    of: Literal["items", "users", "pairs"]
    what: str
    what_zh: str
    window_days: float
    """0 for all of the time before."""
    unit: str
    source: tuple[str, ...]
    """Kinds of events."""
    mean: float | None = None
    """Over the learning part's rows, which the scale was learnt from; ``None`` without a scale."""
    deviation: float | None = None
    weight: float | None = None
    """Of the penalised regression, where columns were selected; 0 for those that were left out."""


class PictureRow(msgspec.Struct, frozen=True, kw_only=True):
    """What became of the vectors of pictures."""

    width: int
    directions: int
    """Columns that they became."""
    n_used: int
    n_missing: int
    n_unreadable: int
    n_not_finite: int
    n_other_width: int
    n_zero: int


class FeatureTable(msgspec.Struct, frozen=True, kw_only=True):
    """A table of features at a moment."""

    format: int = 1
    of: Literal["items", "users", "pairs"]
    at: str
    """No event from this moment on was looked at."""
    learnt_until: str
    """What is usual, the scale, the selection and the directions were learnt from events before it alone."""
    rows: int
    events: int
    """Events before the moment that the table is made of."""
    events_later: int
    """Events of the log from the moment on, which were not looked at."""
    columns: tuple[str, ...]
    """Of the table, after its keys."""
    features: tuple[FeatureRow, ...]
    fingerprint: str
    """Of the definition and of what was learnt for it."""
    is_scaled: bool
    selected: float | None = None
    """Strength of the penalty that columns were selected by."""
    explained: float | None = None
    """Share of the variance that the directions keep, where the columns are directions."""
    pictures: PictureRow | None = None
    left_out: tuple[str, ...] = ()
    """Features that the log has no events for."""


def feature_table_builtins(table: FeatureTable) -> dict[str, Any]:
    """As JSON's own types."""
    return as_builtins(table)


def read_feature_table(source: Source) -> FeatureTable:
    """A stored description.

    Args:
        source: ``features.json``, or what was parsed from it.

    Returns:
        The description.

    Raises:
        ArtefactError: It is none, or of a later format.
    """
    return read_document(source, FeatureTable, name="description of features", migrations=(dict,))
