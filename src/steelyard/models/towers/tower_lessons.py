"""What two towers learn of a shop's events: what each shopper wanted next, after what they had done and are.

As for a sequence network: distinct items, each at its last event, and after each the next one. Where something else is
known of a shopper, their first item counts too: that is how those who have done nothing yet are understood. Of the
sampled items half are drawn evenly over those that occur; the others are what the shoppers of the same step wanted,
each compared with all but its own shopper.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace

import numpy as np
import numpy.typing as npt

from steelyard.domain import NONE, Cases, IntArray, Interactions, Request, VectorArray
from steelyard.models.sequence.sequence_lessons import HistoryRows, cases_to_stop_by, lesson_key, ndcg_of_scores
from steelyard.models.towers.basic_facts import BasicFacts
from steelyard.models.towers.item_content import ItemContent

__all__ = ["ShopTowers", "TowerSettings", "TowerStep", "shop_towers"]

_EVEN = 0.5
"""Share of the sampled items that are drawn evenly."""
_UNWATCHED = 20
"""Epochs at most where there is nothing to stop by."""
_LATER = 0.25
"""Share of the steps up to the best towers that are made again on all events."""


@dataclass(frozen=True, slots=True)
class TowerSettings:
    """How towers are made and taught."""

    width: int = 64
    length: int = 50
    attends: bool = True
    dropout: float = 0.35
    no_id: float = 0.1
    negatives: int = 1024
    batch: int = 128
    """Histories in a step."""
    epochs: int = 200
    patience: int = 6
    minutes: float = 20.0


@dataclass(frozen=True, slots=True, eq=False)
class TowerStep:
    """As ``steelyard.models.lesson_ports.TowerStep``."""

    items: IntArray
    targets: IntArray
    basics: IntArray
    negatives: IntArray
    owners: IntArray
    log_expected: VectorArray
    ages: None = None


@dataclass(frozen=True, slots=True, eq=False)
class ShopTowers:
    """As ``steelyard.models.lesson_ports.TowerLessons``."""

    settings: TowerSettings
    seed: int
    key: str
    rows: HistoryRows
    """To learn from."""
    all_rows: HistoryRows | None
    """Of all events; None where the best towers are left as they are."""
    stopping: Cases
    content: ItemContent
    basics: BasicFacts
    start: VectorArray | None
    _orders: dict[tuple[int, int], list[IntArray]] = field(default_factory=dict, repr=False)
    """Batches of the latest epoch: they are made anew when another one is asked for."""

    @property
    def n_items(self) -> int:
        """Items of the catalogue."""
        return len(self.rows.counts)

    @property
    def width(self) -> int:
        """Of a vector."""
        return self.settings.width

    @property
    def blocks(self) -> int:
        """Towers have none."""
        return 0

    @property
    def length(self) -> int:
        """Latest items that are read."""
        return self.settings.length

    @property
    def dropout(self) -> float:
        """While it learns."""
        return self.settings.dropout

    @property
    def no_id(self) -> float:
        """Share of the items that are read by their content alone while it learns."""
        return self.settings.no_id

    @property
    def attends(self) -> bool:
        """Whether items weigh by how they agree with the latest one."""
        return self.settings.attends

    @property
    def texts(self) -> VectorArray | None:
        """Of the items."""
        return self.content.texts

    @property
    def basic_names(self) -> tuple[str, ...]:
        """Different facts about shoppers."""
        return self.basics.names

    @property
    def times(self) -> bool:
        """No: a shopper is a sum over the history."""
        return False

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

    def step(self, number: int) -> TowerStep:
        """The step of this number."""
        return self._step(self.rows, number, which=0)

    def later_step(self, number: int) -> TowerStep:
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

    def basics_of(self, requests: Sequence[Request]) -> IntArray:
        """Numbers of what is known of who asks."""
        return self.basics.padded([self.basics.numbers(request.basics) for request in requests])

    def quality(self, users: Callable[[Sequence[Request]], VectorArray], items: VectorArray) -> float:
        """Mean nDCG@10; a tie counts against the item. 0 where there is nothing to stop by."""
        return ndcg_of_scores(self.stopping, users, items)

    def _step(self, rows: HistoryRows, number: int, *, which: int) -> TowerStep:
        epoch, place = divmod(number, -(-len(rows) // self.settings.batch))
        if (which, epoch) not in self._orders:
            self._orders.clear()
            rng = np.random.default_rng([self.seed, which, 1, epoch])
            self._orders[which, epoch] = rows.batches(rng, size=self.settings.batch)
        chosen = self._orders[which, epoch][place]
        items, later = rows.padded(chosen)
        basics = self.basics.of_users(rows.users[chosen])
        firsts = rows.items[rows.starts[chosen]].astype(np.int64)
        firsts = np.where(basics.any(axis=1), firsts, NONE)
        targets = np.concatenate([firsts[:, None], later], axis=1)
        rng = np.random.default_rng([self.seed, which, 2, number])
        return TowerStep(items, targets, basics, *self._sampled(rows, targets, rng))

    def _sampled(
        self, rows: HistoryRows, targets: IntArray, rng: np.random.Generator
    ) -> tuple[IntArray, IntArray, VectorArray]:
        """Items to compare with, the row that each of them was wanted in, and how often each was to be expected."""
        n = self.settings.negatives
        n_even = round(_EVEN * n)
        occurring = np.flatnonzero(rows.counts)
        even = rng.choice(occurring, n_even)
        owners, places = np.nonzero(targets != NONE)
        drawn = rng.integers(len(owners), size=n - n_even) if len(owners) else np.zeros(0, np.int64)
        wanted = targets[owners[drawn], places[drawn]]
        negatives = np.concatenate([even, wanted])
        is_wanted = np.ones(len(rows.items), np.bool_)
        is_wanted[rows.starts[:-1]] = self.basics.of_users(rows.users).any(axis=1)
        counts = np.bincount(rows.items[is_wanted], minlength=self.n_items)
        expected = n_even / len(occurring) + len(drawn) * counts[negatives] / max(int(counts.sum()), 1)
        owned = np.concatenate([np.full(n_even, NONE), owners[drawn]])
        return negatives, owned, np.log(expected).astype(np.float32)


def shop_towers(
    learn: Interactions,
    stopping: Cases,
    settings: TowerSettings,
    *,
    seed: int,
    content: ItemContent,
    basics: BasicFacts,
    everything: Interactions | None = None,
    start: VectorArray | None = None,
) -> ShopTowers:
    """What is to be learnt.

    Args:
        learn: Events before those to stop by.
        stopping: What came next.
        settings: How.
        seed: Of every draw.
        content: Of the items.
        basics: What is known of the shoppers.
        everything: All events, on which the best towers are taught a little longer; None to leave them as they are.
        start: What items start from, or None. Shape (items, width).

    Returns:
        The lessons; without a step where nobody has two items, and nothing is known of anybody either.
    """
    least = 1 if basics.names else 2
    rows = HistoryRows.of(learn, length=settings.length, least=least)
    later = None if everything is None else HistoryRows.of(everything, length=settings.length, least=least)
    chosen = cases_to_stop_by(stopping, seed=seed)
    if not chosen.requests:
        settings = replace(settings, epochs=min(settings.epochs, _UNWATCHED))
    arrays = (start, content.texts, content.codes, basics.rows)
    key = lesson_key(settings, seed, [rows, *([later] if later is not None else [])], chosen, arrays)
    all_rows = later if later is not None and len(later) else None
    return ShopTowers(settings, seed, key, rows, all_rows, chosen, content, basics, start)
