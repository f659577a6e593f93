"""What a search of a model's values tried, found and cost: a curve by trial, and by how much choosing flatters it."""

from __future__ import annotations

from decimal import Decimal
from typing import Any, Literal

import msgspec

from steelyard.documents.encoding import Source, as_builtins, read_document

__all__ = ["StoppedBy", "TriedRow", "TriedState", "TuningReport", "Value", "read_tuning", "tuning_builtins"]

StoppedBy = Literal["minutes", "money", "trials", "space", ""]
TriedState = Literal["complete", "pruned", "failed"]
Value = float | int | str | bool


class TriedRow(msgspec.Struct, frozen=True, kw_only=True):
    """One trial, in the order in which they ended."""

    number: int
    """From 0: the values to begin with."""
    state: TriedState
    quality: float | None = None
    """Mean nDCG@10 over ``cases``; ``None`` where it failed."""
    cases: int = 0
    """Validation cases that it was judged on."""
    best: float | None = None
    """The best of all cases so far, this one included."""
    seconds: float = 0.0
    """Of the search up to here, by the clock; interruptions left out."""
    cpu_s: float = 0.0
    """Processor seconds of the search up to here."""
    money: Decimal | None = None
    """What they cost; ``None`` where machine time has no price."""
    values: dict[str, Value] = {}


class TuningReport(msgspec.Struct, frozen=True, kw_only=True):
    """One search."""

    format: int = 1
    model: str
    """Name of the tuned part without its head, such as ``item-knn``."""
    made_at: str = ""
    """When the search ended, UTC, ISO 8601."""
    cases: int = 0
    """Validation cases of a whole trial; no other case was looked at."""
    trials: tuple[TriedRow, ...] = ()
    start: dict[str, Value] = {}
    """Where it began: what the model's own tuning found."""
    chosen: dict[str, Value] = {}
    """What the model is fitted with."""
    start_quality: float | None = None
    best_quality: float | None = None
    gain_error: float | None = None
    """Standard error of the best one's gain over the start, case by case."""
    flattered: float | None = None
    """By how much the best one's mean is too high for having been chosen among many on the same cases: an estimate by
    halves, see ``evaluation.selection.split_optimism``; pruned trials are not in it."""
    is_adopted: bool = False
    """Whether the best one is taken: where it gains more over the start than choosing flatters it by."""
    stopped_by: StoppedBy = ""
    """Which end was reached first; ``space`` where there was nothing new to try."""
    workers: int = 1
    seed: int = 0
    sessions: int = 1
    """More than one: it was interrupted, or given a larger budget, and went on."""
    currency: str = ""
    """Of the money; empty where machine time has no price."""
    space: dict[str, list[Any]] = {}
    """What was varied, by name: kind and bounds."""


def read_tuning(source: Source) -> TuningReport:
    """The document, of any format.

    Args:
        source: JSON, or what was parsed from it.

    Returns:
        The value.

    Raises:
        ArtefactError: It is no such document, or of a later format.
    """
    return read_document(source, TuningReport, name="report of a search", migrations=(dict,))


def tuning_builtins(found: TuningReport) -> dict[str, Any]:
    """The document as JSON's own types."""
    return as_builtins(found)
