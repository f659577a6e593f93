"""What a sequence network learns of a shop's events: what came after each item of every user's history.

Items to compare with are sampled once for all histories of a step, half of them evenly over the items that occur and
half as often as they occur; the loss takes back how often each was to be expected.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from steelyard.domain import Cases, IntArray, Interactions, VectorArray
from steelyard.models.sequence.history_lessons import EVEN, HistoryLessons, HistoryRows, HistorySettings, told

__all__ = ["SequenceSettings", "SequenceStep", "ShopSequences", "shop_sequences"]


@dataclass(frozen=True, slots=True, eq=False)
class SequenceStep:
    """As ``steelyard.models.building.SequenceStep``."""

    items: IntArray
    targets: IntArray
    negatives: IntArray
    log_expected: VectorArray
    ages: IntArray | None = None


@dataclass(frozen=True, slots=True)
class SequenceSettings(HistorySettings):
    """How a network is made and taught."""

    blocks: int = 1


@dataclass(frozen=True, slots=True, eq=False)
class ShopSequences(HistoryLessons[SequenceSettings, SequenceStep]):
    """As ``steelyard.models.building.SequenceLessons``."""

    texts: VectorArray | None

    @property
    def blocks(self) -> int:
        """Layers."""
        return self.settings.blocks

    def _step(self, rows: HistoryRows, number: int, *, which: int) -> SequenceStep:
        histories = self._histories(rows, number, which=which)
        items, targets = rows.padded(histories)
        negatives, log_expected = self._sampled(rows, np.random.default_rng([self.seed, which, 2, number]))
        ages = rows.ages(histories) if self.times else None
        return SequenceStep(items, targets, negatives, log_expected, ages)

    def _sampled(self, rows: HistoryRows, rng: np.random.Generator) -> tuple[IntArray, VectorArray]:
        n = self.settings.negatives
        occurring = np.flatnonzero(rows.counts)
        n_even = round(EVEN * n)
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
        stopping: What came next.
        settings: How.
        seed: Of every draw.
        everything: All events, on which the best network is taught a little longer; None to leave it as it is.
        vectors: What items start from, and of their texts.

    Returns:
        The lessons; without a step where no user has two items.
    """
    begun = told(learn, everything, stopping, settings, seed=seed, least=2, arrays=vectors)
    return ShopSequences(*begun, *vectors)
