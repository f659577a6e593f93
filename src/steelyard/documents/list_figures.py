"""What lists of recommendations are like, and what each rule of re-ranking costs: rows of the decision."""

from __future__ import annotations

import msgspec

from steelyard.documents.ends import Ends

__all__ = ["ListFigures", "ListRow", "RuleRow"]


class ListFigures(msgspec.Struct, frozen=True, kw_only=True):
    """What lists are like beyond being right; ``None`` where no list has enough items to say."""

    diversity: float | None
    """Mean over the lists of how unlike their items are, in [0, 1]: 1 less the mean likeness of their pairs."""
    coverage: float | None
    """Share of the items that may be offered that is in any of the lists; grows with their number."""
    new_share: float | None
    """Share of the items shown that are new."""


class RuleRow(msgspec.Struct, frozen=True, kw_only=True):
    """One rule that is switched on: the lists with it against those without it, on the same requests."""

    rule: str
    """As in ``[rules]``."""
    value: str
    """What it is set to."""
    ndcg: float | None
    """With the rule; the metric that decides."""
    ndcg_without: float | None
    gain: Ends
    """With less without: below 0 the rule costs quality."""
    figures: ListFigures
    without: ListFigures
    is_of_repeats: bool = False
    """Whether what was taken again counts as right too, in both: else a rule that keeps it away would seem to cost
    nothing."""


class ListRow(msgspec.Struct, frozen=True, kw_only=True):
    """The lists of one configuration, as they were measured."""

    configuration: str
    n: int
    """Requests."""
    k: int
    """Length of the lists."""
    figures: ListFigures
    rules: tuple[RuleRow, ...] = ()
    """What was switched on, in the order in which the rules act."""
    n_rules: int = 0
    """Requests that each rule was tried on, drawn from the same."""
