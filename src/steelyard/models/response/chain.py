r"""The chain from a showing to a purchase, calibrated stage by stage.

.. math:: P(\text{buy}) = P(\text{click}) \, P(\text{cart} \mid \text{click}) \, P(\text{buy} \mid \text{cart})

with the stages that the log knows. Each factor is learnt on the rows that reached the stage before, and calibrated on
later ones.

Source: Ma et al. 2018, "Entire Space Multi-Task Model", doi:10.1145/3209978.3210104, for the chain.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

import numpy as np
import numpy.typing as npt

from steelyard.domain import FloatArray, IntArray, State
from steelyard.models.response.calibration import Calibrator, calibrator_of
from steelyard.models.response.features import HISTORY_LENGTH, Catalogue, Describer
from steelyard.models.response.trees import StageTrees

__all__ = ["ForestScorer", "Level", "ResponseModel", "Scorer", "Seen", "model_arrays", "model_facts", "model_from"]

Rows = npt.NDArray[np.float32]


@dataclass(frozen=True, slots=True)
class Seen:
    """What a scorer may look at of each row."""

    rows: Rows
    """Shape (rows, columns)."""
    items: IntArray
    """Shape (rows,)."""
    history: IntArray
    """Latest items first, -1 where there are no more. Shape (rows, ``HISTORY_LENGTH``)."""


class Scorer(Protocol):
    """Chances of each stage, given the one before it, not yet calibrated."""

    def conditionals(self, seen: Seen) -> FloatArray:
        """Shape (rows, stages), in [0, 1]."""
        ...


@dataclass(frozen=True, slots=True)
class Level:
    """A stage that too few reached to learn from: everybody's share."""

    share: float

    def probabilities(self, rows: Rows) -> FloatArray:
        """The share for each row."""
        return np.full(len(rows), self.share)


@dataclass(frozen=True, slots=True)
class ForestScorer:
    """One forest, or a share, for each stage."""

    stages: tuple[StageTrees | Level, ...]

    def conditionals(self, seen: Seen) -> FloatArray:
        """Each stage by its own forest."""
        return np.column_stack([stage.probabilities(seen.rows) for stage in self.stages])


@dataclass(frozen=True, slots=True)
class ResponseModel:
    """Calibrated chances of what follows a showing."""

    stages: tuple[str, ...]
    basis: str
    """What a row is: ``impression``, ``view`` or ``cart``. Chances are for something shown in this way."""
    describer: Describer
    scorer: Scorer
    calibrators: tuple[Calibrator, ...]
    position: int = 0
    """Place that candidates are taken to be shown at."""

    def conditionals(self, seen: Seen) -> FloatArray:
        """Calibrated chance of each stage given the one before it. Shape (rows, stages)."""
        raw = self.scorer.conditionals(seen)
        found = [each.apply(raw[:, column]) for column, each in enumerate(self.calibrators)]
        return np.column_stack(found)

    def chances(self, seen: Seen) -> dict[str, FloatArray]:
        """Chance that each stage is reached in the end, by its name. Shape (rows,) each."""
        reached: FloatArray = np.cumprod(self.conditionals(seen), axis=1).astype(np.float64)
        return {stage: reached[:, column] for column, stage in enumerate(self.stages)}

    def of(self, items: IntArray, history: Sequence[int]) -> dict[str, FloatArray]:
        """Chances of candidates for one shopper.

        Args:
            items: Item numbers of the catalogue. Shape (n,).
            history: What the shopper interacted with, oldest first; unknown numbers are left out.

        Returns:
            By stage. Shape (n,) each.
        """
        n_items = len(self.describer.catalogue.category)
        latest = [item for item in dict.fromkeys(reversed(history)) if 0 <= item < n_items][:HISTORY_LENGTH]
        padded = np.full((len(items), HISTORY_LENGTH), -1, np.int64)
        padded[:, : len(latest)] = latest
        rows = self.describer.rows(items, np.array(latest, np.int64), position=self.position)
        return self.chances(Seen(rows, items, padded))


def model_arrays(model: ResponseModel) -> dict[str, npt.NDArray[Any]]:
    """Arrays of all but the scorer."""
    return {**model.describer.catalogue.arrays(), "item_now": model.describer.item_now}


def model_facts(model: ResponseModel) -> dict[str, Any]:
    """Facts of all but the scorer."""
    return {
        "stages": list(model.stages),
        "basis": model.basis,
        "names": list(model.describer.names),
        "calibrators": [each.facts() for each in model.calibrators],
        "position": model.position,
    }


def model_from(state: State, scorer: Scorer) -> ResponseModel:
    """The model back from its state and scorer."""
    facts: Mapping[str, Any] = state.facts
    describer = Describer(Catalogue.from_arrays(state.arrays), tuple(facts["names"]), state.arrays["item_now"])
    calibrators = tuple(calibrator_of(each) for each in facts["calibrators"])
    return ResponseModel(
        tuple(facts["stages"]), str(facts["basis"]), describer, scorer, calibrators, int(facts["position"])
    )
