"""What follows what in users' histories: transitions, how far they branch, and how often the same item comes back."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from steelyard.domain import FloatArray, IntArray, Interactions, Interval
from steelyard.evaluation.compare import bootstrap_interval

__all__ = ["Branching", "Transitions", "branching_of", "repeat_share", "transitions_of"]

_PRIORS = (1.0, 3.0, 10.0, 30.0, 100.0, 300.0, 1_000.0, 3_000.0, 1e9)
"""Transitions that popularity counts for; the last leaves nothing but popularity."""
_HALVES = 2


@dataclass(frozen=True, slots=True)
class Transitions:
    """Pairs of an item and one that followed it, those of one user one behind another, oldest first."""

    users: IntArray
    """Shape (transitions,)."""
    sources: IntArray
    """The item before."""
    targets: IntArray
    """Another item, of the user's next visit."""
    is_held_out: np.ndarray[tuple[int], np.dtype[np.bool_]]
    """Whether the second event is one of those held out."""


@dataclass(frozen=True, slots=True)
class Branching:
    """How many ways lead on from an item, measured on transitions that were not counted."""

    successors: Interval
    """Effective number of successors: perplexity of the next item given the last one. 1 is certain, ``n_items`` none
    better than another. ``n`` is the number of users."""
    items: Interval
    """The same without looking at the last item: perplexity of the items' popularity."""
    top_hit: Interval
    """Share of transitions that lead to the commonest successor counted."""
    popular_hit: Interval
    """Share of transitions that lead to the most popular item."""


def transitions_of(interactions: Interactions, *, n_learn: int, seed: int) -> Transitions:
    """One transition for each event that a later visit of its user follows.

    A visit is all events of one time. Within a visit there is no order, so each event is paired with an event of the
    next visit, drawn at random: where visits hold one event this is the next event, and a basket of twenty does not
    count four hundred times. An item followed by itself is left out: see ``repeat_share``.

    Args:
        interactions: Positive events, oldest first.
        n_learn: The first so many are learnt from; the later ones are held out.
        seed: Draws within visits.

    Returns:
        Transitions by user; none where no user came twice.
    """
    order = np.argsort(interactions.users, kind="stable")
    users, items, times_s = interactions.users[order], interactions.items[order], interactions.times_s[order]
    n = len(order)
    is_start = np.ones(n, bool)
    is_start[1:] = (users[1:] != users[:-1]) | (times_s[1:] != times_s[:-1])
    starts = np.flatnonzero(is_start)
    visit = np.cumsum(is_start) - 1
    ends = np.append(starts[1:], n)
    after = ends[visit]  # where the next visit begins
    has_next = after < n
    has_next[has_next] = users[after[has_next]] == users[has_next]
    places = np.flatnonzero(has_next)
    following = visit[places] + 1
    sizes = ends[following] - starts[following]
    drawn = (np.random.default_rng(seed).random(len(places)) * sizes).astype(np.int64)
    second = starts[following] + np.minimum(drawn, sizes - 1)
    is_other = items[places] != items[second]
    places, second = places[is_other], second[is_other]
    return Transitions(users[places], items[places], items[second], order[second] >= n_learn)


def branching_of(transitions: Transitions, *, n_items: int, seed: int) -> Branching:
    r"""How far the transition graph branches, on held-out transitions.

    .. math:: p(i|j) = \frac{c_{ji} + \mu\,p(i)}{n_j + \mu}, \qquad p(i) = \frac{n_i + 1}{\sum n + N}

    with :math:`c_{ji}` transitions from j to i, :math:`n_j` from j, :math:`n_i` transitions to i and N items. How much
    popularity is mixed in, :math:`\mu`, is chosen on one half of the users and judged on the other, and the other way
    round. The effective number of successors is :math:`\exp(-\overline{\log p(i|j)})`. The entropy of the counts
    themselves would call an item that was followed once perfectly predictable; what was not counted cannot be flattered
    so.

    Args:
        transitions: As ``transitions_of`` gave them.
        n_items: Size of the catalogue.
        seed: Draws the intervals, over users.

    Returns:
        All NaN where nothing is held out; the ends alone where one user is.

    Source:
        MacKay & Peto 1995, doi:10.1017/S1351324900000218.
    """
    learnt, held = ~transitions.is_held_out, transitions.is_held_out
    sources, targets = transitions.sources[held], transitions.targets[held]
    to_item = np.bincount(transitions.targets[learnt], minlength=n_items)
    usual = (to_item + 1) / (to_item.sum() + n_items)
    keys, counts = np.unique(transitions.sources[learnt] * n_items + transitions.targets[learnt], return_counts=True)
    of_source = np.bincount(keys // max(n_items, 1), weights=counts, minlength=n_items).astype(np.float64)
    wanted = sources * n_items + targets
    place = np.minimum(np.searchsorted(keys, wanted), max(len(keys) - 1, 0))
    seen = np.where(keys[place] == wanted, counts[place], 0.0) if len(keys) else np.zeros(len(wanted))
    users = transitions.users[held]
    top = _commonest(keys, counts, n_items)
    most = int(np.argmax(to_item)) if to_item.any() else -1
    return Branching(
        successors=_perplexity(_mixed(seen, of_source[sources], usual[targets], users), seed),
        items=_perplexity(_by_user(-np.log(usual[targets]), users), seed),
        top_hit=bootstrap_interval(_by_user((top[sources] == targets).astype(float), users), seed=seed),
        popular_hit=bootstrap_interval(_by_user((targets == most).astype(float), users), seed=seed),
    )


def repeat_share(interactions: Interactions, *, n_learn: int, seed: int) -> Interval:
    """Share of the held-out events whose item their user had interacted with before, of users with a past.

    Args:
        interactions: Positive events, oldest first.
        n_learn: The first so many are the past.
        seed: Draws the interval, over users.

    Returns:
        In [0, 1], an event of one visit counted once per item; NaN where no user with a past comes back.
    """
    n_items = max(interactions.n_items, 1)
    pairs = interactions.users.astype(np.int64) * n_items + interactions.items
    past, later = np.unique(pairs[:n_learn]), np.unique(pairs[n_learn:])
    users = later // n_items
    is_known = np.isin(users, past // n_items)
    is_again = np.isin(later[is_known], past).astype(float)
    return bootstrap_interval(_by_user(is_again, users[is_known]), seed=seed)


def _commonest(keys: IntArray, counts: IntArray, n_items: int) -> IntArray:
    """The commonest successor of each item, of equals the lowest number; -1 where it has none. Shape (n_items,)."""
    top = np.full(n_items, -1, np.int64)
    order = np.lexsort((keys, -counts, keys // max(n_items, 1)))
    source = keys[order] // max(n_items, 1)
    first = np.ones(len(order), bool)
    first[1:] = source[1:] != source[:-1]
    top[source[first]] = keys[order][first] % max(n_items, 1)
    return top


def _by_user(values: FloatArray, users: IntArray) -> FloatArray:
    """Mean of each user's values: a user is what would be drawn again. Shape (users,)."""
    _, rows, counts = np.unique(users, return_inverse=True, return_counts=True)
    found: FloatArray = np.bincount(rows, weights=values, minlength=len(counts)) / counts
    return found


def _mixed(seen: FloatArray, of_source: FloatArray, usual: FloatArray, users: IntArray) -> FloatArray:
    """Mean log loss of each user, the share of popularity chosen on the users of the other half."""
    tried = [_by_user(-np.log((seen + mu * usual) / (of_source + mu)), users) for mu in _PRIORS]
    if not len(users) or len(tried[0]) < _HALVES:
        return tried[-1]
    found = np.empty(len(tried[0]))
    for half in range(_HALVES):
        own = np.arange(len(found)) % _HALVES == half
        found[own] = min(tried, key=lambda each: float(each[~own].mean()))[own]
    return found


def _perplexity(losses: FloatArray, seed: int) -> Interval:
    found = bootstrap_interval(losses, seed=seed)
    mean, low, high = (float(np.exp(value)) for value in (found.mean, found.low, found.high))
    return Interval(mean, low, high, found.confidence, found.n)
