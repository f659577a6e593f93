"""Lists for many users at once: what the server would answer to each of them."""

from __future__ import annotations

from dataclasses import dataclass

from steelyard.domain import FloatArray, IntArray, Request, split_history
from steelyard.serving.history import LoggedHistories
from steelyard.serving.pipelines import Pipeline

__all__ = ["Lists", "lists_between"]


@dataclass(frozen=True, slots=True, eq=False)
class Lists:
    """Lists of some users."""

    users: tuple[str, ...]
    """Pseudonyms."""
    items: IntArray
    """Shape (users, k), best first; ``NONE`` where a list is shorter."""
    scores: FloatArray
    """Shape (users, k); -inf where the item is ``NONE``."""


def lists_between(
    pipeline: Pipeline, logged: LoggedHistories, *, users: tuple[int, int], max_history: int, k: int
) -> Lists:
    """The lists of a run of users, as ``GET /v1/recommend`` gives them before any event since the log.

    Args:
        pipeline: Of the recommendation surface, with its rules and its fallback.
        logged: Whose lists.
        users: First place and end of the run, in the order of the pseudonyms.
        max_history: Latest distinct items that are given to the pipeline as the history; the others are ``seen``.
        k: Length of the lists.

    Returns:
        A list of every user of the run, in that order.
    """
    known = logged.between(*users)
    requests = []
    for _, items in known:
        history, seen = split_history(items, max_history=max_history)
        requests.append(Request(history=history, seen=seen))
    ranked = pipeline.answer(requests, k=k)
    return Lists(tuple(name for name, _ in known), ranked.items, ranked.scores)
