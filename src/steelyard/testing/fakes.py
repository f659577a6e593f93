"""Fake users of a known kind, loud or slow, put into a log: the classes of traffic must tell them from people."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from steelyard.domain import FloatArray, IntArray

__all__ = ["LOUD", "SLOW", "Fakes", "fakes"]

LOUD = ("hammer", "crawler", "metronome", "clockwork", "cohort")
"""One item over and over; every item in a hurry; an act each ten minutes; day and night; accounts of one purpose."""
SLOW = ("camouflage",)
"""A bought target among what people buy, at a person's pace over weeks."""
_DAY_S = 86_400.0


@dataclass(frozen=True, slots=True)
class Fakes:
    """Events of fakes; users are numbered from 0."""

    users: IntArray
    items: IntArray
    times_s: FloatArray
    target: int
    """The item that is pushed."""


def fakes(kind: str, items: IntArray, times_s: FloatArray, *, n_users: int, target: int, seed: int) -> Fakes:
    """Draw the events of fake users.

    Args:
        kind: One of ``LOUD`` or ``SLOW``.
        items: Items of the real log, one an event: what the fakes hide among.
        times_s: Its times.
        n_users: How many fake users.
        target: The item that they push.
        seed: Of every draw.

    Returns:
        Their events, in no order.
    """
    random = np.random.default_rng(seed)
    begins, ends = float(times_s.min()), float(times_s.max())
    start = random.uniform(begins, max(begins, ends - 3 * _DAY_S), n_users)
    if kind == "hammer":
        return _repeat(start, random.uniform(2, 9, (n_users, 60)).cumsum(axis=1), target, None)
    if kind == "crawler":
        return _repeat(start, random.exponential(3.0, (n_users, 400)).cumsum(axis=1), target, (items, random, 0.02))
    if kind == "metronome":
        gaps = 600.0 + random.uniform(-30, 30, (n_users, 90))
        return _repeat(start, gaps.cumsum(axis=1), target, (items, random, 0.3))
    if kind == "clockwork":
        return _repeat(start, random.exponential(500.0, (n_users, 330)).cumsum(axis=1), target, (items, random, 0.1))
    if kind == "cohort":
        day = float(np.floor(random.uniform(begins, ends - 3 * _DAY_S) / _DAY_S) * _DAY_S)
        start = day + random.uniform(0, _DAY_S - 7200, n_users)
        made = _repeat(start, random.uniform(20, 90, (n_users, 3)).cumsum(axis=1), target, (items, random, 0.0))
        pushed = made.items.reshape(n_users, 3)
        pushed[:, 0] = target
        return Fakes(made.users, pushed.ravel(), made.times_s, target)
    span = min(42 * _DAY_S, ends - begins)
    start = random.uniform(begins, max(begins + 1, ends - span), n_users)
    return _repeat(start, np.sort(random.uniform(0, span, (n_users, 14)), axis=1), target, (items, random, 0.15))


def _repeat(
    start: FloatArray, after: FloatArray, target: int, among: tuple[IntArray, np.random.Generator, float] | None
) -> Fakes:
    n_users, n_acts = after.shape
    taken = np.full(after.size, target, np.int64)
    if among is not None:
        items, random, share = among
        drawn = random.choice(items, after.size)
        taken = np.where(random.random(after.size) < share, target, drawn)
    return Fakes(np.repeat(np.arange(n_users), n_acts), taken, (start[:, None] + after).ravel(), target)
