"""What a sequence network learns of a shop's events: what came after each item of every user's history.

A user's history is as it is served: distinct items, each at its last event, the latest so many. Items to compare with
are sampled once for all histories of a step, half of them evenly over the items that occur and half as often as they
occur; the loss takes back how often each was to be expected. Everything is drawn from a seed and the number of the step
alone, so that training goes on after an interruption.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np
import numpy.typing as npt

from steelyard.domain import NONE, Cases, IntArray, Interactions, VectorArray
from steelyard.models.retrieval.neighbours import latest_events

__all__ = ["SequenceSettings", "SequenceStep", "ShopSequences", "shop_sequences"]

_SORTED = 32
"""Batches whose histories are sorted by length together: little padding, and batches that still differ by chance."""
_EVEN = 0.5
"""Share of the sampled items that are drawn evenly."""
_STOP = 5_000
"""Histories at most to stop by."""
_AT_ONCE = 512
_K = 10
_UNWATCHED = 20
"""Epochs at most where there is nothing to stop by."""
_LATER = 0.25
"""Share of the steps up to the best network that are made again on all events."""


@dataclass(frozen=True, slots=True, eq=False)
class SequenceStep:
    """As ``steelyard.models.building.SequenceStep``."""

    items: IntArray
    targets: IntArray
    negatives: IntArray
    log_expected: VectorArray


@dataclass(frozen=True, slots=True)
class SequenceSettings:
    """How a network is made and taught."""

    width: int = 64
    blocks: int = 1
    length: int = 50
    dropout: float = 0.35
    negatives: int = 1024
    batch: int = 128
    """Histories in a step."""
    epochs: int = 200
    patience: int = 10
    minutes: float = 20.0


@dataclass(frozen=True, slots=True, eq=False)
class _Rows:
    """Histories with something that came after, one behind another."""

    items: npt.NDArray[np.int32]
    starts: IntArray
    counts: IntArray
    """How often each item occurs. Shape (items,)."""

    def __len__(self) -> int:
        return len(self.starts) - 1

    @classmethod
    def of(cls, interactions: Interactions, *, length: int) -> _Rows:
        users, items = latest_events(interactions, at_most=length + 1)
        sizes = np.bincount(users, minlength=interactions.n_users)
        counts = np.bincount(items, minlength=interactions.n_items)
        kept = items[sizes[users] > 1]
        return cls(kept, np.concatenate([[0], np.cumsum(sizes[sizes > 1])]).astype(np.int64), counts)

    def padded(self, rows: IntArray) -> tuple[IntArray, IntArray]:
        """Items and what came next. Shapes (rows, longest)."""
        starts, sizes = self.starts[rows], np.diff(self.starts)[rows] - 1
        places = np.arange(int(sizes.max()))[None, :]
        is_there = places < sizes[:, None]
        at = np.where(is_there, starts[:, None] + places, 0)
        items, targets = self.items[at].astype(np.int64), self.items[np.where(is_there, at + 1, 0)].astype(np.int64)
        return np.where(is_there, items, NONE), np.where(is_there, targets, NONE)


@dataclass(frozen=True, slots=True, eq=False)
class ShopSequences:
    """As ``steelyard.models.building.SequenceLessons``."""

    settings: SequenceSettings
    seed: int
    key: str
    rows: _Rows
    """To learn from."""
    all_rows: _Rows | None
    """Of all events; None where the best network is left as it is."""
    stopping: Cases
    start: VectorArray | None
    texts: VectorArray | None
    _orders: dict[tuple[int, int], list[IntArray]] = field(default_factory=dict, repr=False)
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
    def blocks(self) -> int:
        """Layers."""
        return self.settings.blocks

    @property
    def length(self) -> int:
        """Latest items that are read."""
        return self.settings.length

    @property
    def dropout(self) -> float:
        """While it learns."""
        return self.settings.dropout

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
        """Of the events to learn from; 0 where nobody has two items."""
        return -(-len(self.rows) // self.settings.batch)

    @property
    def n_steps(self) -> int:
        """Of all epochs."""
        return self.settings.epochs * self.steps_in_epoch

    def step(self, number: int) -> SequenceStep:
        """The step of this number."""
        return self._step(self.rows, number, which=0)

    def later_step(self, number: int) -> SequenceStep:
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

    def quality(self, users: Callable[[Sequence[IntArray]], VectorArray], items: VectorArray) -> float:
        """Mean nDCG@10; a tie counts against the item. 0 where there is nothing to stop by."""
        values: list[float] = []
        requests = self.stopping.requests
        has_vector = items.any(axis=1)
        for start in range(0, len(requests), _AT_ONCE):
            some = range(start, min(start + _AT_ONCE, len(requests)))
            histories = [np.array(requests[row].history[-self.length :], np.int64) for row in some]
            scores = users(histories) @ items.T
            scores[:, ~has_vector] = -np.inf
            for place, row in enumerate(some):
                away = np.array(sorted(self.stopping.kept_away(requests[row])), np.int64)
                values.append(_ndcg(scores[place], self.stopping.relevant[row], away))
        return float(np.mean(values)) if values else 0.0

    def _step(self, rows: _Rows, number: int, *, which: int) -> SequenceStep:
        in_epoch = -(-len(rows) // self.settings.batch)
        epoch, place = divmod(number, in_epoch)
        if (which, epoch) not in self._orders:
            self._orders.clear()
            self._orders[which, epoch] = self._batches(rows, np.random.default_rng([self.seed, which, 1, epoch]))
        items, targets = rows.padded(self._orders[which, epoch][place])
        negatives, log_expected = self._sampled(rows, np.random.default_rng([self.seed, which, 2, number]))
        return SequenceStep(items, targets, negatives, log_expected)

    def _batches(self, rows: _Rows, rng: np.random.Generator) -> list[IntArray]:
        order, sizes, batch = rng.permutation(len(rows)), np.diff(rows.starts), self.settings.batch
        batches: list[IntArray] = []
        for start in range(0, len(order), batch * _SORTED):
            some = order[start : start + batch * _SORTED]
            some = some[np.argsort(sizes[some], kind="stable")]
            batches += [some[at : at + batch] for at in range(0, len(some), batch)]
        return [batches[place] for place in rng.permutation(len(batches)).tolist()]

    def _sampled(self, rows: _Rows, rng: np.random.Generator) -> tuple[IntArray, VectorArray]:
        n = self.settings.negatives
        occurring = np.flatnonzero(rows.counts)
        n_even = round(_EVEN * n)
        even = rng.choice(occurring, n_even)
        often = rows.items[rng.integers(len(rows.items), size=n - n_even)].astype(np.int64)
        drawn = np.concatenate([even, often])
        of_rows = np.bincount(rows.items, minlength=self.n_items)[drawn] / len(rows.items)
        expected = n_even / len(occurring) + (n - n_even) * of_rows
        return drawn, np.log(expected).astype(np.float32)


def shop_sequences(
    learn: Interactions,
    stopping: Cases,
    settings: SequenceSettings,
    *,
    seed: int,
    everything: Interactions | None = None,
    vectors: tuple[VectorArray | None, VectorArray | None] = (None, None),
) -> ShopSequences:
    """What is to be learnt.

    Args:
        learn: Events before those to stop by.
        stopping: What came next; at most ``_STOP`` of them, drawn with the seed, are asked.
        settings: How.
        seed: Of every draw.
        everything: All events, on which the best network is taught a little longer; None to leave it as it is.
        vectors: What items start from, and of their texts.

    Returns:
        The lessons; without a step where no user has two items.
    """
    rows = _Rows.of(learn, length=settings.length)
    later = None if everything is None else _Rows.of(everything, length=settings.length)
    asked = [row for row, each in enumerate(stopping.requests) if each.history]
    if len(asked) > _STOP:
        asked = sorted(np.random.default_rng([seed, 3]).permutation(asked)[:_STOP].tolist())
    chosen = replace(
        stopping,
        ids=tuple(stopping.ids[row] for row in asked),
        requests=tuple(stopping.requests[row] for row in asked),
        relevant=tuple(stopping.relevant[row] for row in asked),
        gains=tuple(stopping.gains[row] for row in asked),
    )
    if not asked:
        settings = replace(settings, epochs=min(settings.epochs, _UNWATCHED))
    key = _key(settings, seed, [rows, *([later] if later is not None else [])], chosen, vectors)
    return ShopSequences(
        settings, seed, key, rows, later if later is not None and len(later) else None, chosen, *vectors
    )


def _ndcg(scores: npt.NDArray[np.float32], relevant: IntArray, away: IntArray) -> float:
    """Of one list without what is kept away; ``scores`` are changed."""
    wanted = relevant[~np.isin(relevant, away)]
    if not len(wanted):
        return 0.0
    scores[away[(away >= 0) & (away < len(scores))]] = -np.inf
    gain = 0.0
    for score in scores[wanted].tolist():
        rank = int(np.count_nonzero(scores >= score))
        gain += 1 / np.log2(rank + 1) if rank <= _K and np.isfinite(score) else 0.0
    return gain / float(np.sum(1 / np.log2(np.arange(2, min(len(wanted), _K) + 2))))


def _key(settings: SequenceSettings, seed: int, rows: Sequence[_Rows], stopping: Cases, vectors: Sequence[Any]) -> str:
    """All that training depends on."""
    told: list[Any] = [[getattr(settings, name) for name in SequenceSettings.__slots__], seed]
    asked = zip(stopping.requests, stopping.relevant, strict=True)
    told += [[list(each.history), relevant.tolist(), sorted(stopping.kept_away(each))] for each, relevant in asked]
    sums = hashlib.sha256(json.dumps(told).encode())
    for each in rows:
        sums.update(each.items.tobytes() + each.starts.tobytes() + each.counts.tobytes())
    for array in vectors:
        sums.update(b"-" if array is None else np.ascontiguousarray(array).tobytes())
    return sums.hexdigest()
