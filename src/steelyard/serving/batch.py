"""Lists for many users at once: what the server would answer to each of them."""

from __future__ import annotations

from dataclasses import dataclass, replace

from steelyard.domain import NO_PAST, FloatArray, IntArray, Request, split_history
from steelyard.serving.pipelines import Pipeline
from steelyard.serving.served import About

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


def lists_between(pipeline: Pipeline, about: About, *, users: tuple[int, int], k: int, now_s: float) -> Lists:
    """The lists of a run of users, as ``GET /v1/recommend`` gives them before any event since the log.

    Args:
        pipeline: Of the recommendation surface, with its rules and its fallback.
        about: What the bundle knows of its users.
        users: First place and end of the run, in the order of the pseudonyms.
        k: Length of the lists.
        now_s: When they are made, in seconds since 1970 UTC.

    Returns:
        A list of every user of the run, in that order; nobody's where the bundle holds no histories.
    """
    known = about.logged.between(*users) if about.logged is not None else []
    ranked = pipeline.answer([_request(about, name, items, now_s) for name, items in known], k=k)
    return Lists(tuple(name for name, _ in known), ranked.items, ranked.scores)


def _request(about: About, name: str, items: tuple[int, ...], now_s: float) -> Request:
    """As ``Served.request`` makes it of somebody who did nothing since the log."""
    history, seen = split_history(items, max_history=about.max_history)
    disliked = about.logged.disliked if about.logged is not None else None
    hidden = disliked.of(name) if disliked is not None else ()
    basics = about.basics.of(name) if about.basics is not None else ()
    request = Request(history=history, seen=seen, basics=basics, exclude=hidden)
    if not about.reads_past:
        return request
    return replace(request, past=about.pasts.of(name) if about.pasts is not None else NO_PAST, asked_s=now_s)
