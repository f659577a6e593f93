"""How hard a shop's data is for recommendation, told before anything is trained, and whether a transformer can pay."""

from __future__ import annotations

import math
from typing import Any, Literal

import msgspec

from steelyard.documents.encoding import Source, as_builtins, read_document
from steelyard.domain import Interval

__all__ = ["AgainRow", "Hardness", "HardnessFigure", "Verdict", "figure_of", "hardness_builtins", "read_hardness"]

Verdict = Literal["unlikely", "open", "worth_a_trial", "unknown"]


class HardnessFigure(msgspec.Struct, frozen=True, kw_only=True):
    """A figure with its interval at 95 %."""

    mean: float | None = None
    """``None`` where the data cannot tell it."""
    low: float | None = None
    high: float | None = None
    n: int = 0
    """Users, or pairs of items, that it rests on."""


class AgainRow(msgspec.Struct, frozen=True, kw_only=True):
    """A category whose items are bought again by the same person, more than the shop's are."""

    category: str
    """Path, levels parted by `` > ``; meant with all below it."""
    share: HardnessFigure
    """Of the pairs of user and item, those in two visits and more."""
    pairs: int


class Hardness(msgspec.Struct, frozen=True, kw_only=True):
    """Branching, text, history, repeats, and the verdict."""

    format: int = 1
    events: int
    """Positive events before the judging period."""
    users: int
    items: int
    held_out: int
    """Of the events, those of the validation period, on which the figures rest."""
    successors: HardnessFigure = HardnessFigure()
    """Effective number of successors of an item."""
    alike: HardnessFigure = HardnessFigure()
    """The same where the last item is not looked at: as if all were drawn by popularity."""
    top_hit: HardnessFigure = HardnessFigure()
    """Share of next items that are the commonest successor of the last one."""
    popular_hit: HardnessFigure = HardnessFigure()
    """Share of next items that are the most popular item."""
    text: HardnessFigure = HardnessFigure()
    """How often the successor's text is nearer than that of an item of like popularity; .5 is chance."""
    history: HardnessFigure = HardnessFigure()
    """What the history adds to the last visit, as a share of what that finds: .2 is a fifth more nDCG@10."""
    order: HardnessFigure = HardnessFigure()
    """What counting older items less adds to counting the whole history alike, likewise."""
    ndcg_last: float | None = None
    """nDCG@10 of item neighbours from the last visit."""
    ndcg_history: float | None = None
    """nDCG@10 of item neighbours from the history."""
    decay: float | None = None
    """Of the history's items, by which an older one counts less; the best of those tried."""
    repeats: HardnessFigure = HardnessFigure()
    """Share of the held-out events whose item the user had before."""
    bought_again: HardnessFigure = HardnessFigure()
    """Share of the pairs of user and item in two visits and more, of the whole shop."""
    again: tuple[AgainRow, ...] = ()
    """Categories that ``[rules] repeat_categories`` could name and does not; none where seen items are offered anyway.
    Those whose repeats are the most first."""
    verdict: Verdict = "unknown"
    """Whether a sequential transformer can pay: a rule of thumb, see ``evaluation.hardness.verdict``."""
    reasons: tuple[str, ...] = ()
    """Why, as keys of ``reporting.words.hardness``."""


def figure_of(found: Interval) -> HardnessFigure:
    """A figure as the document holds it: rounded, ``None`` for what is not known."""
    mean, low, high = (None if math.isnan(v) else float(f"{v:.6g}") for v in (found.mean, found.low, found.high))
    return HardnessFigure(mean=mean, low=low, high=high, n=found.n)


def read_hardness(source: Source) -> Hardness:
    """The document, of any format.

    Args:
        source: JSON, or what was parsed from it.

    Returns:
        The value.

    Raises:
        ArtefactError: It is no such document, or of a later format.
    """
    return read_document(source, Hardness, name="hardness of the data", migrations=(dict,))


def hardness_builtins(found: Hardness) -> dict[str, Any]:
    """The document as JSON's own types."""
    return as_builtins(found)
