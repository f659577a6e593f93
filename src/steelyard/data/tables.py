"""The shop as the models see it: numbers, texts, learnt events, and frozen cases."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt

from steelyard.data.dividing.periods import Events, HeldOut
from steelyard.domain import (
    MAX_PAST,
    Cases,
    CatalogueFacts,
    FloatArray,
    IntArray,
    Interactions,
    Past,
    Request,
    Surface,
    Texts,
    split_history,
)

__all__ = [
    "ShopTables",
    "asking_for_nobody",
    "interactions",
    "recommend_cases",
    "search_cases",
    "with_basics",
    "without_disliked",
]


@dataclass(frozen=True, slots=True)
class ShopTables:
    """Everything that was prepared, in memory."""

    item_ids: tuple[str, ...]
    """The shop's own identifier of each item number."""
    texts: Texts
    facts: CatalogueFacts
    learn: Interactions
    """Of the train period only: what is fitted while tuning."""
    learn_all: Interactions
    """Train and validation: what is finally fitted, then judged on the test cases."""
    search_tuning: Cases
    search_test: Cases
    recommend_tuning: Cases
    """Histories before the validation period, targets in it."""
    recommend_test: Cases
    """Histories before the test period, targets in it."""
    query_examples: tuple[str, ...]
    """Queries of people to show in the store front; none of the test queries, none made from the catalogue."""
    popular_queries: tuple[str, ...] = ()
    """What many people typed, where the log knows it; the commonest first."""
    price: FloatArray | None = None
    """Of each item, in the shop's currency, NaN where it is not known; None where no item has one. Shape (items,)."""
    new_users: tuple[IntArray, ...] = ()
    """What each of the users wanted who came for the first time in the judging period; all of them are answered alike,
    so that ``recommend_test`` asks for nobody once besides."""
    taken_again: tuple[IntArray, ...] = ()
    """For each request of ``recommend_test`` what its user took again in the period and the rules do not offer again:
    no target, but what the rule on seen items costs. None where nobody knows."""
    dislikers: tuple[IntArray, IntArray] | None = None
    """Users whose last word on each item is negative: before the validation period, as ``learn`` is, and before the
    judging period. Shape (n_items,) each; None where nobody dislikes anything."""
    bought: npt.NDArray[np.bool_] | None = None
    """Of each event of ``learn_all``, and so of those of ``learn`` before them, whether it is a purchase; None where
    nobody knows. Shape (events,)."""
    basics: tuple[tuple[str, ...], ...] = ()
    """What the shop's table of users says of each user number, as ``column=value``, so far as enough people share it;
    empty where there is no such table. The requests of the recommendation cases have it too."""
    search_teaching: Cases | None = None
    """Queries to learn from besides those that were judged: by what people did after a search, or made from the
    catalogue. None of them is a query that is judged; nothing is tuned or judged on them."""


def interactions(events: Events, *, n_users: int, n_items: int) -> Interactions:
    """Positive events as the recommenders take them."""
    return Interactions(events.users, events.items, events.times_s, events.weights, n_users, n_items)


def recommend_cases(
    events: Events, held: HeldOut, *, part: str, begins_s: float, max_history: int, exclude_seen: bool
) -> Cases:
    """Cases of one period: what a user interacted with before it, and what came next.

    Args:
        events: All positive events.
        held: Users drawn and their targets.
        part: Put before the names of the cases.
        begins_s: Start of the period; histories are strictly before it.
        max_history: Latest distinct items of a history to give; must be >= 1.
        exclude_seen: Put the items of the history that were cut off into ``Request.seen``, as the running shop does, so
            that the same seen items are left out however long a history a model reads.

    Returns:
        Gain 1 for every target. Users are named by their number, not their pseudonym. Each question is asked when the
        period begins, with all that is known of the user by then.
    """
    before = events.until(begins_s)
    is_asked = np.zeros(int(held.users[-1]) + 1 if len(held.users) else 0, np.bool_)
    is_asked[held.users] = True
    those = np.flatnonzero(before.users < len(is_asked))
    those = those[is_asked[before.users[those]]]
    order = those[np.argsort(before.users[those], kind="stable")]
    sorted_users = before.users[order]
    starts = np.searchsorted(sorted_users, held.users, side="left")
    stops = np.searchsorted(sorted_users, held.users, side="right")
    requests = []
    for start, stop in zip(starts, stops, strict=True):
        events_of = order[start:stop]
        history, older = split_history(before.items[events_of].tolist(), max_history=max_history)
        latest = events_of[-MAX_PAST:]
        past = Past(tuple(before.items[latest].tolist()), tuple(before.times_s[latest].tolist()))
        seen = older if exclude_seen else ()
        requests.append(Request(history=history, seen=seen, past=past, asked_s=begins_s))
    return Cases(
        surface=Surface.RECOMMEND,
        ids=tuple(f"{part}-u{user}" for user in held.users),
        requests=tuple(requests),
        relevant=held.targets,
        gains=tuple(np.ones(len(target)) for target in held.targets),
        excludes_seen=exclude_seen,
    )


def asking_for_nobody(cases: Cases, *, begins_s: float) -> Cases:
    """The cases with one question besides, of a user of whom nothing is known.

    Args:
        cases: Of recommendation.
        begins_s: Start of their period.

    Returns:
        The answer is judged by what all new users wanted (``evaluation.cold_start``), so nothing is relevant here.
    """
    nothing = (np.empty(0, np.int64),)
    nobody = Cases(cases.surface, ("nobody",), (Request(asked_s=begins_s),), nothing, (np.empty(0),))
    return replace(cases, beside=nobody)


def without_disliked(cases: Cases, disliked: Mapping[int, IntArray], users: IntArray) -> Cases:
    """The cases in which nobody is offered what they disliked.

    Args:
        cases: Of recommendation, one a user.
        disliked: Item numbers by number of the user, known before the cases' period.
        users: Number of each case's user. Shape (cases,).

    Returns:
        The same where nobody disliked anything.
    """
    if not disliked:
        return cases
    requests = tuple(
        replace(request, exclude=(*request.exclude, *disliked[user].tolist())) if user in disliked else request
        for request, user in zip(cases.requests, users.tolist(), strict=True)
    )
    return replace(cases, requests=requests)


def with_basics(cases: Cases, basics: Sequence[Sequence[str]], users: IntArray) -> Cases:
    """The cases with what the shop's table of users says of who asks.

    Args:
        cases: Of recommendation, one a user.
        basics: Of each user number; empty where there is no such table.
        users: Number of each case's user. Shape (cases,).

    Returns:
        The same where nothing is known of anybody.
    """
    if not basics:
        return cases
    known = [tuple(basics[user]) for user in users.tolist()]
    asked = zip(cases.requests, known, strict=True)
    return replace(cases, requests=tuple(replace(request, basics=facts) for request, facts in asked))


def search_cases(
    queries: Sequence[tuple[str, str]],
    judged: Mapping[str, tuple[IntArray, FloatArray]],
    *,
    is_synthetic: bool,
    origin: str = "judged",
    beside: Cases | None = None,
) -> Cases:
    """Cases of judged or made queries.

    Args:
        queries: Name and words of each.
        judged: By name, representative items and their gains.
        is_synthetic: Whether the queries were made from the catalogue.
        origin: Who says what is relevant.
        beside: Made queries that are asked besides.

    Returns:
        One case for each query, in order; a query that nothing was judged for has no relevant items.
    """
    none: tuple[IntArray, FloatArray] = (np.empty(0, dtype=np.int64), np.empty(0))
    found = [judged.get(name, none) for name, _ in queries]
    return Cases(
        surface=Surface.SEARCH,
        ids=tuple(name for name, _ in queries),
        requests=tuple(Request(query=words) for _, words in queries),
        relevant=tuple(items for items, _ in found),
        gains=tuple(gains for _, gains in found),
        is_synthetic=is_synthetic,
        origin=origin,
        beside=beside,
    )
