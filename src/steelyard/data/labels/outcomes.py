"""What followed each showing of an item: a click, a cart, a purchase. The rows that click prediction learns from.

A row is an impression where the log has some; else a look at a product (view or click), else a cart. A later event of
the same visitor and item is credited to the latest row before it, if that is at most a window before. Who bought has
put into the cart, and who put into the cart has clicked, whether the log says so or not.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from steelyard.data.log_events import LogEvents
from steelyard.domain import EventKind, FloatArray, IntArray

__all__ = ["HISTORY", "STAGES", "NothingFollows", "Outcomes", "histories_before", "outcomes"]

CLICK, CART, BUY = STAGES = ("click", "cart", "buy")
_SHOWN = frozenset({EventKind.IMPRESSION.value})
_LOOKED = frozenset({EventKind.VIEW.value, EventKind.CLICK.value})
_CARTED = frozenset({EventKind.ADD_TO_CART.value})
_BOUGHT = frozenset({EventKind.PURCHASE.value})
_FOLLOWS = {CLICK: _LOOKED, CART: _CARTED, BUY: _BOUGHT}
_BASES = (("impression", _SHOWN, STAGES), ("view", _LOOKED, (CART, BUY)), ("cart", _CARTED, (BUY,)))
HISTORY = _LOOKED | _CARTED | _BOUGHT
"""Kinds that a history is made of."""


@dataclass(frozen=True, slots=True)
class Outcomes:
    """Rows with what followed them, oldest first. Shape (rows,) each, unless said otherwise."""

    basis: str
    """What a row is: ``impression``, ``view`` or ``cart``."""
    stages: tuple[str, ...]
    """What can follow, in order: of ``click``, ``cart``, ``buy`` those that the log knows."""
    visitors: IntArray
    items: IntArray
    times_s: FloatArray
    positions: IntArray
    """0 where it is not known."""
    reached: npt.NDArray[np.bool_]
    """Whether each stage was reached; a later one implies the earlier ones. Shape (rows, stages)."""
    n_nobody: int = 0
    """Rows without user and visit: nothing can be credited to them, and they are left out."""
    n_unwatched: int = 0
    """Rows whose window had not ended with the log: what follows them is not known, and they are left out."""

    def __len__(self) -> int:
        return len(self.items)

    def take(self, places: npt.NDArray[np.int64]) -> Outcomes:
        """Some of the rows, by place."""
        return Outcomes(
            self.basis,
            self.stages,
            self.visitors[places],
            self.items[places],
            self.times_s[places],
            self.positions[places],
            self.reached[places],
        )


@dataclass(frozen=True, slots=True)
class NothingFollows:
    """Why a log says nothing of responses."""

    kinds: tuple[str, ...]
    """What it holds."""


def outcomes(log: LogEvents, *, window_s: float) -> Outcomes | NothingFollows:
    """What followed each showing.

    Args:
        log: Up to where may be learnt from.
        window_s: A later event counts when it came at most so many seconds after the row, > 0.

    Returns:
        ``NothingFollows`` where nothing is known that was shown, looked at or put into a cart and could have been
        bought: a log of purchases alone does not say what was not bought.
    """
    for basis, kinds, stages in _BASES:
        rows = log.is_of(kinds)
        known = tuple(stage for stage in stages if len(log.is_of(_FOLLOWS[stage])))
        if len(rows) and known:
            return _credited(log, rows, (basis, known), window_s)
    return NothingFollows(tuple(sorted(log.names[kind] for kind in np.unique(log.kinds))))


def _credited(log: LogEvents, rows: IntArray, told: tuple[str, tuple[str, ...]], window_s: float) -> Outcomes:
    basis, stages = told
    is_somebody = log.visitors[rows] >= 0
    is_watched = log.times_s[rows] + window_s <= log.times_s[-1]
    kept = rows[is_somebody & is_watched]
    reached = np.zeros((len(kept), len(stages)), np.bool_)
    for column, stage in enumerate(stages):
        later = log.is_of(_FOLLOWS[stage])
        later = later[log.visitors[later] >= 0]
        credited = _latest_before(log, kept, later)
        is_near = credited >= 0
        is_near[is_near] = log.times_s[later[is_near]] - log.times_s[kept[credited[is_near]]] <= window_s
        reached[credited[is_near], column] = True
    for column in range(len(stages) - 2, -1, -1):
        reached[:, column] |= reached[:, column + 1]
    return Outcomes(
        basis,
        stages,
        log.visitors[kept],
        log.items[kept],
        log.times_s[kept],
        log.positions[kept],
        reached,
        int((~is_somebody).sum()),
        int((is_somebody & ~is_watched).sum()),
    )


def _latest_before(log: LogEvents, rows: IntArray, later: IntArray) -> IntArray:
    """For each later event the row of the same visitor and item last before it or at its time; -1 without one."""
    places = np.concatenate([rows, later])
    key = log.visitors[places] * log.n_items + log.items[places]
    is_row = np.arange(len(places)) < len(rows)
    order = np.lexsort((~is_row, log.times_s[places], key))
    number = np.where(is_row[order], np.arange(len(order)), -1)
    latest = np.maximum.accumulate(number) if len(number) else number
    found = np.full(len(places), -1, np.int64)
    is_there = latest >= 0
    same = np.zeros(len(order), np.bool_)
    same[is_there] = key[order][is_there] == key[order][latest[is_there]]
    found[order[same]] = order[latest[same]]
    return found[len(rows) :]


def histories_before(log: LogEvents, rows: Outcomes, *, length: int) -> IntArray:
    """What each row's visitor had interacted with before it.

    Args:
        log: Views, clicks, carts and purchases of it are read.
        rows: Of the same log.
        length: Latest distinct items that are kept, >= 1.

    Returns:
        Item numbers, the latest first, -1 where there are no more; what happens at the row's own instant is no part of
        it. Shape (rows, length).
    """
    events = log.is_of(HISTORY)
    events = events[np.isin(log.visitors[events], np.unique(rows.visitors))]
    visitors = np.concatenate([rows.visitors, log.visitors[events]])
    times = np.concatenate([rows.times_s, log.times_s[events]])
    is_event = np.arange(len(visitors)) >= len(rows)
    found = np.full((len(rows), length), -1, np.int64)
    items = np.concatenate([rows.items, log.items[events]]).tolist()
    known: dict[int, None] = {}
    last = -1
    for place in np.lexsort((is_event, times, visitors)).tolist():
        if visitors[place] != last:
            known, last = {}, visitors[place]
        if place < len(rows):
            latest = list(known)[-length:][::-1]
            found[place, : len(latest)] = latest
        else:
            known.pop(items[place], None)
            known[items[place]] = None
            if len(known) > 4 * length:
                known = dict.fromkeys(list(known)[-length:])
    return found
