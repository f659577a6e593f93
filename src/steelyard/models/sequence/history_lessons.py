"""What networks that read histories are taught alike: histories and what came next, batches, and what they stop by.

A user's history is as it is served: distinct items, each at its last event, the latest so many. Everything is drawn
from a seed and the number of the step alone, so that training goes on after an interruption.
"""

from __future__ import annotations

import hashlib
import json
from abc import abstractmethod
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, fields, replace
from typing import Any, Generic, NamedTuple, TypeVar

import numpy as np
import numpy.typing as npt

from steelyard.domain import NONE, Cases, FloatArray, IntArray, Interactions, Request, VectorArray
from steelyard.models.retrieval.pairs import latest_of_users
from steelyard.models.sequence.ages import age_steps

__all__ = ["EVEN", "HistoryLessons", "HistoryRows", "HistorySettings", "Told", "told"]

_SORTED = 32
"""Batches whose histories are sorted by length together: little padding, and batches that still differ by chance."""
EVEN = 0.5
"""Share of the sampled items that are drawn evenly."""
_STOP = 5_000
"""Histories at most to stop by."""
_AT_ONCE = 512
_K = 10
_UNWATCHED = 20
"""Epochs at most where there is nothing to stop by."""
_LATER = 0.25
"""Share of the steps up to the best network that are made again on all events."""

Step = TypeVar("Step")
Settings = TypeVar("Settings", bound="HistorySettings")


@dataclass(frozen=True, slots=True)
class HistorySettings:
    """How a network is taught."""

    width: int = 64
    length: int = 50
    dropout: float = 0.35
    negatives: int = 1024
    batch: int = 128
    """Histories in a step."""
    epochs: int = 200
    patience: int = 6
    minutes: float = 20.0
    times: bool = False
    """Whether it looks at how long ago each item was."""


@dataclass(frozen=True, slots=True, eq=False)
class HistoryRows:
    """Histories with something that came after, one behind another."""

    items: npt.NDArray[np.int32]
    starts: IntArray
    counts: IntArray
    """How often each item occurs. Shape (items,)."""
    users: IntArray
    """Whose each history is. Shape (histories,)."""
    times_s: FloatArray
    """Of each item's last event. As ``items``."""

    def __len__(self) -> int:
        return len(self.starts) - 1

    @classmethod
    def of(cls, interactions: Interactions, *, length: int, least: int = 2) -> HistoryRows:
        """Histories of at least so many items.

        Args:
            interactions: What happened.
            length: Items of a history that are read, and one more that came after.
            least: Shorter histories are left out.

        Returns:
            The latest distinct items of each user, users in order.
        """
        places = latest_of_users(
            interactions.users, interactions.items, n_items=interactions.n_items, at_most=length + 1
        )
        latest = np.concatenate([np.empty(0, np.int64), *places])
        users, items = interactions.users[latest], interactions.items[latest].astype(np.int32)
        sizes = np.bincount(users, minlength=interactions.n_users)
        counts = np.bincount(items, minlength=interactions.n_items)
        is_long = sizes >= least
        starts = np.concatenate([[0], np.cumsum(sizes[is_long])]).astype(np.int64)
        is_kept = is_long[users]
        return cls(items[is_kept], starts, counts, np.flatnonzero(is_long), interactions.times_s[latest[is_kept]])

    def padded(self, rows: IntArray) -> tuple[IntArray, IntArray]:
        """Items and what came next. Shapes (rows, longest)."""
        at, after, is_there = self._places(rows)
        items, targets = self.items[at].astype(np.int64), self.items[after].astype(np.int64)
        return np.where(is_there, items, NONE), np.where(is_there, targets, NONE)

    def ages(self, rows: IntArray) -> IntArray:
        """How long before what came next each item was, as ``age_steps``. Shape (rows, longest, longest)."""
        at, after, _ = self._places(rows)
        return age_steps(self.times_s[at], self.times_s[after])

    def _places(self, rows: IntArray) -> tuple[IntArray, IntArray, npt.NDArray[np.bool_]]:
        """Of items, of what came after them, and which of them there are. Shapes (rows, longest)."""
        starts, sizes = self.starts[rows], np.diff(self.starts)[rows] - 1
        places = np.arange(int(sizes.max()))[None, :]
        is_there = places < sizes[:, None]
        at = np.where(is_there, starts[:, None] + places, 0)
        return at, np.where(is_there, at + 1, 0), is_there

    def batches(self, rng: np.random.Generator, *, size: int) -> list[IntArray]:
        """All histories in a new order, some of like length together.

        Args:
            rng: Of the order.
            size: Histories of a batch.

        Returns:
            Numbers of histories. Shape (<= size,) each.
        """
        order, sizes = rng.permutation(len(self)), np.diff(self.starts)
        batches: list[IntArray] = []
        for start in range(0, len(order), size * _SORTED):
            some = order[start : start + size * _SORTED]
            some = some[np.argsort(sizes[some], kind="stable")]
            batches += [some[at : at + size] for at in range(0, len(some), size)]
        return [batches[place] for place in rng.permutation(len(batches)).tolist()]


@dataclass(frozen=True, slots=True, eq=False)
class HistoryLessons(Generic[Settings, Step]):
    """What lessons of all networks share; how a step is made is their own."""

    settings: Settings
    seed: int
    key: str
    rows: HistoryRows
    """To learn from."""
    all_rows: HistoryRows | None
    """Of all events; None where the best network is left as it is."""
    stopping: Cases
    start: VectorArray | None
    _orders: dict[tuple[int, int], list[IntArray]] = field(default_factory=dict, repr=False, kw_only=True)
    """Batches of the latest epoch: they are made anew when another one is asked for."""

    @property
    def n_items(self) -> int:
        """Items of the catalogue."""
        return len(self.rows.counts)

    @property
    def width(self) -> int:
        """Of an item's vector."""
        return self.settings.width

    @property
    def length(self) -> int:
        """Latest items that are read."""
        return self.settings.length

    @property
    def dropout(self) -> float:
        """While it learns."""
        return self.settings.dropout

    @property
    def times(self) -> bool:
        """Whether steps tell ages."""
        return self.settings.times

    @property
    def minutes(self) -> float:
        """At most."""
        return self.settings.minutes

    @property
    def patience(self) -> int:
        """In epochs."""
        return self.settings.patience

    @property
    def steps_in_epoch(self) -> int:
        """Of the events to learn from; 0 where there is nothing to learn."""
        return -(-len(self.rows) // self.settings.batch)

    @property
    def n_steps(self) -> int:
        """Of all epochs."""
        return self.settings.epochs * self.steps_in_epoch

    def step(self, number: int) -> Step:
        """The step of this number."""
        return self._step(self.rows, number, which=0)

    def later_step(self, number: int) -> Step:
        """A step on all events."""
        assert self.all_rows is not None
        return self._step(self.all_rows, number, which=1)

    def n_later(self, steps: int) -> int:
        """Steps on all events."""
        return 0 if self.all_rows is None else round(_LATER * steps)

    def known(self, *, later: bool) -> npt.NDArray[np.bool_]:
        """Which items occur."""
        rows = self.all_rows if later and self.all_rows is not None else self.rows
        found: npt.NDArray[np.bool_] = rows.counts > 0
        return found

    def quality(self, users: Callable[[Sequence[Request]], VectorArray], items: VectorArray) -> float:
        """Mean nDCG@10; a tie counts against the item. 0 where there is nothing to stop by."""
        return _ndcg_of_scores(self.stopping, users, items)

    @abstractmethod
    def _step(self, rows: HistoryRows, number: int, *, which: int) -> Step:
        """A step on all events where ``which`` is 1."""

    def _histories(self, rows: HistoryRows, number: int, *, which: int) -> IntArray:
        """Numbers of the histories of a step."""
        epoch, place = divmod(number, -(-len(rows) // self.settings.batch))
        if (which, epoch) not in self._orders:
            self._orders.clear()
            rng = np.random.default_rng([self.seed, which, 1, epoch])
            self._orders[which, epoch] = rows.batches(rng, size=self.settings.batch)
        return self._orders[which, epoch][place]


class Told(NamedTuple, Generic[Settings]):
    """What all lessons begin with: the fields of ``HistoryLessons`` up to ``stopping``."""

    settings: Settings
    seed: int
    key: str
    rows: HistoryRows
    all_rows: HistoryRows | None
    stopping: Cases


def told(
    learn: Interactions,
    everything: Interactions | None,
    stopping: Cases,
    settings: Settings,
    *,
    seed: int,
    least: int,
    arrays: Sequence[Any],
) -> Told[Settings]:
    """Histories of a shop, what to stop by, and a key of all that training depends on.

    Args:
        learn: Events before those to stop by.
        everything: All events, on which the best network is taught a little longer; None to leave it as it is.
        stopping: What came next; at most 5,000 of those whose users did something before, drawn with the seed, are
            asked.
        settings: How.
        seed: Of every draw.
        least: Items of a history that is learnt from.
        arrays: What else is learnt from; None for one that there is not.

    Returns:
        Few epochs where there is nothing to stop by.
    """
    rows = HistoryRows.of(learn, length=settings.length, least=least)
    later = None if everything is None else HistoryRows.of(everything, length=settings.length, least=least)
    chosen = _cases_to_stop_by(stopping, seed=seed)
    if not chosen.requests:
        settings = replace(settings, epochs=min(settings.epochs, _UNWATCHED))
    key = _lesson_key(settings, seed, [rows, *([later] if later is not None else [])], chosen, arrays)
    return Told(settings, seed, key, rows, later if later is not None and len(later) else None, chosen)


def _cases_to_stop_by(cases: Cases, *, seed: int) -> Cases:
    """At most ``_STOP`` of the cases whose users did something before.

    Args:
        cases: Of the validation period.
        seed: Of the draw.

    Returns:
        In their order.
    """
    asked = [row for row, each in enumerate(cases.requests) if each.history]
    if len(asked) > _STOP:
        asked = sorted(np.random.default_rng([seed, 3]).permutation(asked)[:_STOP].tolist())
    return cases.at(asked)


def _ndcg_of_scores(cases: Cases, users: Callable[[Sequence[Request]], VectorArray], items: VectorArray) -> float:
    """Mean nDCG@10 of inner products over the whole catalogue without what is kept away; ties count against the item.

    Args:
        cases: To stop by.
        users: From requests to a vector of each. Shape (requests, width).
        items: A vector of each item, zero where it has none. Shape (items, width).

    Returns:
        In [0, 1]; 0 where there are no cases.
    """
    values: list[float] = []
    requests, has_vector = cases.requests, items.any(axis=1)
    for start in range(0, len(requests), _AT_ONCE):
        some = requests[start : start + _AT_ONCE]
        scores = users(some) @ items.T
        scores[:, ~has_vector] = -np.inf
        for row, request in enumerate(some):
            away = np.array(sorted(cases.kept_away(request)), np.int64)
            values.append(_ndcg(scores[row], cases.relevant[start + row], away))
    return float(np.mean(values)) if values else 0.0


def _ndcg(scores: npt.NDArray[np.float32], relevant: IntArray, away: IntArray) -> float:
    """Of one list; ``scores`` are changed."""
    wanted = relevant[~np.isin(relevant, away)]
    if not len(wanted):
        return 0.0
    scores[away[(away >= 0) & (away < len(scores))]] = -np.inf
    gain = 0.0
    for score in scores[wanted].tolist():
        rank = int(np.count_nonzero(scores >= score))
        gain += 1 / np.log2(rank + 1) if rank <= _K and np.isfinite(score) else 0.0
    return gain / float(np.sum(1 / np.log2(np.arange(2, min(len(wanted), _K) + 2))))


def _lesson_key(
    settings: HistorySettings, seed: int, rows: Sequence[HistoryRows], stopping: Cases, vectors: Sequence[Any]
) -> str:
    """Digest of all that training depends on.

    Args:
        settings: A dataclass with slots.
        seed: Of every draw.
        rows: Histories that are learnt from.
        stopping: Cases to stop by.
        vectors: Arrays, or None for one that there is not.

    Returns:
        Hexadecimal.
    """
    told: list[Any] = [[getattr(settings, field.name) for field in fields(settings)], seed]
    asked = zip(stopping.requests, stopping.relevant, strict=True)
    told += [[list(each.history), relevant.tolist(), sorted(stopping.kept_away(each))] for each, relevant in asked]
    sums = hashlib.sha256(json.dumps(told).encode())
    for each in rows:
        sums.update(each.items.tobytes() + each.starts.tobytes() + each.counts.tobytes())
        if settings.times:
            sums.update(each.times_s.tobytes())
    for array in vectors:
        sums.update(b"-" if array is None else np.ascontiguousarray(array).tobytes())
    return sums.hexdigest()
