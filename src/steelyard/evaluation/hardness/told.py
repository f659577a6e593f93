"""All figures of a shop's hardness, and the verdict."""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np

from steelyard.documents.hardness import Hardness, figure_of
from steelyard.domain import Cases, CatalogueFacts, IntArray, Interactions, Texts
from steelyard.evaluation.hardness.history_gain import history_gain
from steelyard.evaluation.hardness.text_likeness import text_lift
from steelyard.evaluation.hardness.transitions import branching_of, repeat_share, transitions_of
from steelyard.evaluation.hardness.verdict import with_verdict

__all__ = ["MAX_EVENTS", "hardness_of", "some_users"]

MAX_EVENTS = 1_500_000
"""Of a longer log whole users are drawn."""


def hardness_of(
    learn_all: Interactions,
    learn: Interactions,
    cases: Cases,
    *,
    words: Sequence[Sequence[str]] | Texts,
    facts: CatalogueFacts,
    exclude_seen: bool,
    seed: int = 0,
) -> Hardness:
    """How hard the data is; nothing of the judging period is looked at.

    Args:
        learn_all: All events before the judging period, oldest first.
        learn: Those before the validation period: the first of ``learn_all``.
        cases: What users wanted in the validation period.
        words: The words of each distinct text, or the texts.
        facts: Which text an item has.
        exclude_seen: Whether what the user had before is no answer.
        seed: Draws what is drawn.

    Returns:
        The document. Figures that the data cannot tell are ``None``.
    """
    whole, n_learn = some_users(learn_all, n_learn=len(learn.items), seed=seed)
    transitions = transitions_of(whole, n_learn=n_learn, seed=seed)
    branching = branching_of(transitions, n_items=whole.n_items, seed=seed)
    part = _rows(whole, slice(0, n_learn))
    gain = history_gain(part, cases, exclude_seen=exclude_seen, seed=seed)
    return with_verdict(
        Hardness(
            events=n_learn,
            users=len(np.unique(part.users)),
            items=learn_all.n_items,
            held_out=len(whole.items) - n_learn,
            successors=figure_of(branching.successors),
            alike=figure_of(branching.items),
            top_hit=figure_of(branching.top_hit),
            popular_hit=figure_of(branching.popular_hit),
            text=figure_of(text_lift(transitions, words, facts, seed=seed)),
            history=figure_of(gain.gain),
            order=figure_of(gain.order),
            ndcg_last=_known(gain.last),
            ndcg_history=_known(gain.history),
            decay=_known(gain.decay),
            repeats=figure_of(repeat_share(whole, n_learn=n_learn, seed=seed)),
        )
    )


def some_users(events: Interactions, *, n_learn: int, seed: int) -> tuple[Interactions, int]:
    """The events of as many users, drawn whole, as the time that this may take allows.

    Args:
        events: Oldest first.
        n_learn: The first so many are learnt from.
        seed: Of the draw.

    Returns:
        The events, and how many of them are learnt from; as given where they are few enough. A single user with more
        is kept.
    """
    if len(events.items) <= MAX_EVENTS:
        return events, n_learn
    counts = np.bincount(events.users, minlength=events.n_users)
    order = np.random.default_rng(seed).permutation(events.n_users)
    reach = max(int(np.searchsorted(np.cumsum(counts[order]), MAX_EVENTS, side="right")), 1)
    is_kept = np.zeros(events.n_users, bool)
    is_kept[order[:reach]] = True
    rows = np.flatnonzero(is_kept[events.users])
    return _rows(events, rows), int(np.searchsorted(rows, n_learn))


def _rows(events: Interactions, rows: IntArray | slice) -> Interactions:
    return Interactions(
        events.users[rows],
        events.items[rows],
        events.times_s[rows],
        events.weights[rows],
        events.n_users,
        events.n_items,
    )


def _known(value: float) -> float | None:
    return None if math.isnan(value) else float(f"{value:.6g}")
