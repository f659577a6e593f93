"""What two towers learn of a shop's events: what each shopper wanted next, after what they had done and are.

As for a sequence network: distinct items, each at its last event, and after each the next one. Where something else is
known of a shopper, their first item counts too: that is how those who have done nothing yet are understood. Of the
sampled items half are drawn evenly over those that occur; the others are what the shoppers of the same step wanted,
each compared with all but its own shopper.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from steelyard.domain import NONE, Cases, IntArray, Interactions, Request, VectorArray
from steelyard.models.sequence.history_lessons import EVEN, HistoryLessons, HistoryRows, HistorySettings, told
from steelyard.models.towers.basic_facts import BasicFacts
from steelyard.models.towers.item_content import ItemContent

__all__ = ["ShopTowers", "TowerSettings", "TowerStep", "shop_towers"]


@dataclass(frozen=True, slots=True)
class TowerSettings(HistorySettings):
    """How towers are made and taught."""

    attends: bool = True
    no_id: float = 0.1


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
class ShopTowers(HistoryLessons[TowerSettings, TowerStep]):
    """As ``steelyard.models.lesson_ports.TowerLessons``."""

    content: ItemContent
    basics: BasicFacts

    @property
    def blocks(self) -> int:
        """Towers have none."""
        return 0

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

    def basics_of(self, requests: Sequence[Request]) -> IntArray:
        """Numbers of what is known of who asks."""
        return self.basics.padded([self.basics.numbers(request.basics) for request in requests])

    def _step(self, rows: HistoryRows, number: int, *, which: int) -> TowerStep:
        chosen = self._histories(rows, number, which=which)
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
        n_even = round(EVEN * n)
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
    arrays = (start, content.texts, content.codes, basics.rows)
    least = 1 if basics.names else 2
    begun = told(learn, everything, stopping, settings, seed=seed, least=least, arrays=arrays)
    return ShopTowers(*begun, start, content, basics)
