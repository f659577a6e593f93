"""What people did before a moment, and what they bought after it."""

from __future__ import annotations

from dataclasses import dataclass

from steelyard.domain.requests import IntArray

__all__ = ["PurchaseEvidence"]


@dataclass(frozen=True, slots=True)
class PurchaseEvidence:
    """Events before a moment, and what people bought after it."""

    users: IntArray
    """Of each event, numbered from 0; those who are asked for come first. Shape (events,)."""
    items: IntArray
    """Shape (events,)."""
    kinds: IntArray
    """Number of each event's kind. Shape (events,)."""
    grades: IntArray
    """Number of a rating's grade, the worst first; -1 for other events. Shape (events,)."""
    wanted: tuple[IntArray, ...]
    """Items that each of the people asked for bought afterwards, ascending, at least one each."""
    n_users: int
    n_items: int
    leave_out_seen: bool = True
    """Whether what is in a history is not offered again."""
    tenths: tuple[int, ...] = ()
    """What the grades are, ascending: tenths of the best rating, rounded up."""
