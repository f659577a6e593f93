"""Clean data spoilt again at a rate: what each defect does to what the models learn from. Pure, drawn from a seed."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace

import numpy as np

from steelyard.domain import FloatArray, IntArray, Interactions, Texts

__all__ = ["MENDED", "SPOILT_EVENTS", "SPOILT_TEXTS", "SpoilEvents", "SpoilTexts"]

SpoilEvents = Callable[[Interactions, float, np.random.Generator], Interactions]
SpoilTexts = Callable[[Texts, float, np.random.Generator], Texts]
_DAY_S = 86_400.0
_ROBOT_EVENTS = 120
_MOST_SHARE = 0.9


def _lost(learnt: Interactions, share: float, random: np.random.Generator) -> Interactions:
    """Rows that cannot be used are not there."""
    return _rows(learnt, np.flatnonzero(random.random(len(learnt.users)) >= min(share, _MOST_SHARE)))


def _repeated(learnt: Interactions, share: float, random: np.random.Generator) -> Interactions:
    return _rows(learnt, np.sort(np.concatenate([np.arange(len(learnt.users)), _drawn(learnt, share, random)])))


def _dated(learnt: Interactions, share: float, random: np.random.Generator) -> Interactions:
    """Rows with a date alone stand at its midnight, in any order."""
    times = learnt.times_s.copy()
    rows = _drawn(learnt, share, random)
    times[rows] = np.floor(times[rows] / _DAY_S) * _DAY_S
    order = np.lexsort((random.permutation(len(times)), times))
    return _rows(replace(learnt, times_s=times), order)


def _guests(learnt: Interactions, share: float, random: np.random.Generator) -> Interactions:
    """Rows under one user."""
    users = learnt.users.copy()
    users[_drawn(learnt, share, random)] = learnt.n_users
    return replace(learnt, users=users, n_users=learnt.n_users + 1)


def _robots(learnt: Interactions, share: float, random: np.random.Generator) -> Interactions:
    """Crawlers that take whatever there is: so many of all rows are theirs."""
    n = _more(learnt, share)
    users = learnt.n_users + np.arange(n) // _ROBOT_EVENTS
    starts = random.choice(learnt.times_s, n // _ROBOT_EVENTS + 1)
    times = starts[users - learnt.n_users] + 4.0 * (np.arange(n) % _ROBOT_EVENTS)
    return _with(learnt, users, random.integers(0, learnt.n_items, n), times)


def _group(learnt: Interactions, share: float, random: np.random.Generator) -> Interactions:
    """Accounts that take one rare item, each with two that sell."""
    n = _more(learnt, share)
    users = learnt.n_users + np.arange(n) // 3
    counts = np.bincount(learnt.items, minlength=learnt.n_items)
    known = np.flatnonzero(counts)
    rare = known[np.argsort(counts[known], kind="stable")[len(known) // 4]]
    items = np.where(np.arange(n) % 3 == 0, rare, random.choice(learnt.items, n))
    day = random.choice(learnt.times_s)
    return _with(learnt, users, items, day + random.uniform(0, _DAY_S, n))


def _split(learnt: Interactions, share: float, random: np.random.Generator) -> Interactions:
    """So many items have a copy, which took half of their events."""
    n_copied = max(1, round(min(share, _MOST_SHARE) * learnt.n_items))
    copied = random.choice(learnt.n_items, n_copied, replace=False)
    copy_of = np.full(learnt.n_items, -1, np.int64)
    copy_of[copied] = learnt.n_items + np.arange(n_copied)
    is_moved = (copy_of[learnt.items] >= 0) & (random.random(len(learnt.items)) < 0.5)
    items = np.where(is_moved, copy_of[learnt.items], learnt.items)
    return replace(learnt, items=items, n_items=learnt.n_items + n_copied)


SPOILT_EVENTS: Mapping[str, SpoilEvents] = {
    **dict.fromkeys(
        (
            "event_item_unknown",
            "event_item_missing",
            "event_kind_unknown",
            "event_time_unreadable",
            "event_time_in_future",
            "event_time_implausible",
            "event_user_missing",
            "rating_unreadable",
            "quantity_not_a_number",
        ),
        _lost,
    ),
    "event_duplicate": _repeated,
    "clock_midnight": _dated,
    "clock_dates_only": _dated,
    "user_shared": _guests,
    "user_dominates": _guests,
    **dict.fromkeys(("traffic_fast", "traffic_regular", "traffic_around_clock", "traffic_robot_named"), _robots),
    "traffic_cohort": _group,
    "traffic_one_item": _group,
    "items_near_duplicate": _split,
}
"""By reason code: what the defect does to the events that are learnt from."""


def _titles(change: Callable[[str], str]) -> SpoilTexts:
    def spoil(texts: Texts, share: float, random: np.random.Generator) -> Texts:
        is_spoilt = random.random(len(texts)) < share
        if len(texts) and not is_spoilt.any():
            is_spoilt[random.integers(len(texts))] = True
        titles = (change(t) if s else t for t, s in zip(texts.title, is_spoilt.tolist(), strict=True))
        return replace(texts, title=tuple(titles))

    return spoil


def _garbled(title: str) -> str:
    return "".join(f"Ã{letter}" if i % 4 == 3 else letter for i, letter in enumerate(title))


SPOILT_TEXTS: Mapping[str, SpoilTexts] = {
    "title_missing": _titles(lambda title: ""),
    "title_placeholder": _titles(lambda title: "todo"),
    "language_mixed": _titles(lambda title: "商品"),
    "text_encoding_damaged": _titles(_garbled),
    "text_replacement": _titles(lambda title: f"{title[: len(title) // 2]}\ufffd{title[len(title) // 2 + 1 :]}"),
}
"""By reason code: what the defect does to the texts that are searched."""
MENDED = frozenset({"text_html", "ids_as_floats", "event_item_repaired", "judged_item_repaired", "item_id_duplicate"})
"""Repaired while the files are read: they reach no model."""


def _drawn(learnt: Interactions, share: float, random: np.random.Generator) -> IntArray:
    return np.flatnonzero(random.random(len(learnt.users)) < share)


def _more(learnt: Interactions, share: float) -> int:
    share = min(share, _MOST_SHARE)
    return max(3, round(len(learnt.users) * share / (1 - share)))


def _rows(learnt: Interactions, rows: IntArray) -> Interactions:
    times, weights = learnt.times_s[rows], learnt.weights[rows]
    return replace(learnt, users=learnt.users[rows], items=learnt.items[rows], times_s=times, weights=weights)


def _with(learnt: Interactions, users: IntArray, items: IntArray, times: FloatArray) -> Interactions:
    """The log with more rows, of the usual weight."""
    weight = float(np.median(learnt.weights)) if len(learnt.weights) else 1.0
    both = replace(
        learnt,
        users=np.concatenate([learnt.users, users]),
        items=np.concatenate([learnt.items, items]),
        times_s=np.concatenate([learnt.times_s, np.minimum(times, learnt.times_s[-1])]),
        weights=np.concatenate([learnt.weights, np.full(len(users), weight)]),
        n_users=max(learnt.n_users, int(users.max()) + 1),
    )
    return _rows(both, np.argsort(both.times_s, kind="stable"))
