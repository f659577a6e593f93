"""Forests of decision trees for one stage: whether what was shown is clicked, put into the cart, or bought.

Grown by LightGBM on the logistic loss, stopped by rows that came later, kept as ONNX graphs and run without LightGBM.
Several forests on rows drawn with replacement (bagging) are averaged as probabilities.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from steelyard.data.features.scale import Standard
from steelyard.data.features.selection import select_l1
from steelyard.domain import FloatArray, IntArray
from steelyard.errors import ConfigError
from steelyard.models.learned_ranking.forest import Forest, Grown, open_forest
from steelyard.models.learned_ranking.tree_graph import HOW_TO
from steelyard.models.response.correction import corrected, kept_rows

__all__ = ["BinaryGrowth", "GrownStage", "StageTrees", "grow_stage", "open_stage"]

Rows = npt.NDArray[np.float32]
_SELECTED_BY = 20_000


@dataclass(frozen=True, slots=True)
class BinaryGrowth:
    """How the forests of a stage are grown."""

    rounds: int = 400
    patience: int = 30
    """Growing ends when so many trees in a row did not help the rows to stop by."""
    leaves: int = 8
    rate: float = 0.05
    least_rows: int = 50
    l2: float = 5.0
    bags: int = 1
    """Forests, each on rows drawn with replacement where there are several."""
    negatives: float = 1.0
    """Share of the negatives that is learnt from."""
    positive_weight: float = 1.0
    """How many times a positive counts."""
    select: float = 0.0
    """Strength of the L1 penalty that columns are selected by, as ``select_l1`` takes it; 0 keeps all."""
    seed: int = 0
    threads: int = 1


class StageTrees:
    """Forests that are served.

    Args:
        forests: At least one.
        places: Columns of a row that they read.
        negatives: As they were grown.
        positive_weight: As they were grown.
    """

    def __init__(
        self, forests: Sequence[Forest], places: IntArray, *, negatives: float = 1.0, positive_weight: float = 1.0
    ) -> None:
        self._forests, self._places = tuple(forests), places
        self._negatives, self._positive_weight = negatives, positive_weight

    def probabilities(self, rows: Rows) -> FloatArray:
        """Chance of the stage for each row, corrected for how the rows were drawn. Shape (rows,)."""
        read = np.ascontiguousarray(rows[:, self._places])
        mean = np.mean([_sigmoid(forest.scores(read)) for forest in self._forests], axis=0)
        return corrected(np.asarray(mean, np.float64), negatives=self._negatives, positive_weight=self._positive_weight)


@dataclass(frozen=True, slots=True)
class GrownStage:
    """Forests while LightGBM holds them."""

    grown: tuple[Grown, ...]
    places: IntArray
    growth: BinaryGrowth

    def graphs(self) -> list[bytes]:
        """The forests as ONNX graphs."""
        return [each.graph() for each in self.grown]

    def facts(self) -> dict[str, Any]:
        """All else that ``open_stage`` needs, as JSON holds it."""
        growth = self.growth
        return {
            "forests": len(self.grown),
            "places": self.places.tolist(),
            "negatives": growth.negatives,
            "positive_weight": growth.positive_weight,
            "trees": [int(each.booster.num_trees()) for each in self.grown],
        }


def open_stage(graphs: Sequence[bytes], facts: Any) -> StageTrees:
    """The forests of a stage from their verified graphs and the facts beside them."""
    return StageTrees(
        [open_forest(graph) for graph in graphs],
        np.array(facts["places"], np.int64),
        negatives=float(facts["negatives"]),
        positive_weight=float(facts["positive_weight"]),
    )


def grow_stage(learning: tuple[Rows, IntArray], stopping: tuple[Rows, IntArray], growth: BinaryGrowth) -> GrownStage:
    """Grow the forests of a stage.

    Args:
        learning: Rows, and whether each reached the stage; both outcomes must be there.
        stopping: The same of later rows. Where one of the outcomes is missing, all rounds are grown.
        growth: How.

    Returns:
        The forests.

    Raises:
        ConfigError: LightGBM is not installed.
    """
    rows, reached = learning
    places = _selected(rows, reached, growth)
    kept = kept_rows(reached, negatives=growth.negatives, seed=growth.seed)
    grown = []
    for bag in range(growth.bags):
        drawn = np.random.default_rng([growth.seed, 7, bag]).integers(len(kept), size=len(kept))
        of_bag = kept if growth.bags == 1 else kept[np.sort(drawn)]
        grown.append(_grown((rows[of_bag][:, places], reached[of_bag]), (stopping[0][:, places], stopping[1]), growth))
    return GrownStage(tuple(grown), places, growth)


def _selected(rows: Rows, reached: IntArray, growth: BinaryGrowth) -> IntArray:
    """Columns that the penalty leaves; all of them where it leaves none, or none is wanted."""
    every = np.arange(rows.shape[1])
    if not growth.select or not 0 < reached.mean() < 1:
        return every
    some = np.random.default_rng([growth.seed, 8]).permutation(len(rows))[:_SELECTED_BY]
    if not 0 < reached[some].mean() < 1:
        return every
    wide = rows[some].astype(np.float64)
    found = select_l1(Standard.fit(wide).apply(wide), reached[some].astype(np.float64), strength=growth.select)
    return found.places if len(found.places) else every


def _grown(learning: tuple[Rows, IntArray], stopping: tuple[Rows, IntArray], growth: BinaryGrowth) -> Grown:
    try:
        import lightgbm  # noqa: PLC0415  (only where a forest is grown)
    except ImportError as error:
        raise ConfigError(f"click prediction needs LightGBM: {HOW_TO}") from error
    rows, reached = learning
    settings = {
        "objective": "binary",
        "metric": "binary_logloss",
        "learning_rate": growth.rate,
        "num_leaves": growth.leaves,
        "min_data_in_leaf": max(min(growth.least_rows, len(rows) // 20), 1),
        "feature_fraction": 0.8,
        "lambda_l2": growth.l2,
        "max_bin": 127,
        "seed": growth.seed,
        "num_threads": growth.threads,
        "deterministic": True,
        "force_row_wise": True,
        "verbose": -1,
    }
    weights = np.where(reached, growth.positive_weight, 1.0)
    made = {"max_bin": 127, "verbose": -1}
    data = lightgbm.Dataset(rows, reached.astype(np.int64), weight=weights, params=made)
    is_stopped = bool(len(stopping[1])) and 0 < stopping[1].mean() < 1
    if not is_stopped:
        return Grown(lightgbm.train(settings, data, growth.rounds), rows.shape[1])
    later = lightgbm.Dataset(
        stopping[0],
        stopping[1].astype(np.int64),
        weight=_mixture(stopping[1], growth),
        reference=data,
    )
    stop = lightgbm.early_stopping(growth.patience, verbose=False)
    return Grown(lightgbm.train(settings, data, growth.rounds, valid_sets=[later], callbacks=[stop]), rows.shape[1])


def _mixture(reached: IntArray, growth: BinaryGrowth) -> FloatArray:
    """Weights that give later rows the mixture of those that are learnt from."""
    return np.where(reached, growth.positive_weight, growth.negatives)


def _sigmoid(values: FloatArray) -> FloatArray:
    found: FloatArray = 0.5 * (1 + np.tanh(0.5 * values))
    return found
