"""A forest of decision trees: grown by LightGBM (LambdaMART), kept as an ONNX graph, run without LightGBM.

Running a hundred rows through 150 small trees takes some .2 ms of one processor, less than LightGBM's own predictor,
and the file is verified, typed and holds no code.

Source: Burges 2010, "From RankNet to LambdaRank to LambdaMART", MSR-TR-2010-82.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from steelyard.domain import FloatArray, IntArray
from steelyard.errors import ConfigError
from steelyard.models.learned_ranking.tree_arrays import Trees, arrays_of
from steelyard.models.learned_ranking.tree_graph import HOW_TO, graph_of

__all__ = ["Forest", "Grown", "Growth", "grow", "levels_of", "open_forest"]

Rows = npt.NDArray[np.float32]
_MAX_LEVELS = 31


@dataclass(frozen=True, slots=True)
class Growth:
    """How a forest is grown."""

    rounds: int = 150
    leaves: int = 15
    rate: float = 0.07
    least_rows: int = 300
    """Rows that a leaf must hold, at most; of few rows a two-hundredth."""
    truncation: int = 20
    """Places of a list that are looked at."""
    seed: int = 0
    threads: int = 1


class Forest:
    """Scores rows.

    Args:
        graph: As ``Grown.graph`` gave it, verified by the caller.
        trees: The same trees as arrays; without them it cannot say what each feature added.
    """

    def __init__(self, graph: bytes, trees: Trees | None = None) -> None:
        import onnxruntime  # noqa: PLC0415  (only where a forest is run)

        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = options.inter_op_num_threads = 1
        self.trees = trees
        self._session = onnxruntime.InferenceSession(graph, options, providers=["CPUExecutionProvider"])

    def scores(self, rows: Rows) -> FloatArray:
        """Score of each row.

        Args:
            rows: Shape (rows, features), float32.

        Returns:
            Shape (rows,).
        """
        if not len(rows):
            return np.empty(0)
        return np.asarray(self._session.run(None, {"rows": rows})[0][:, 0], np.float64)


def open_forest(graph: bytes, trees: Trees | None = None) -> Forest:
    """The forest of a graph. Its checksum must have been verified."""
    return Forest(graph, trees)


@dataclass(frozen=True, slots=True)
class Grown:
    """A forest while LightGBM holds it."""

    booster: Any
    n_features: int

    def scores(self, rows: Rows, *, rounds: int) -> FloatArray:
        """Score of each row by the first trees. Shape (rows,)."""
        return np.asarray(self.booster.predict(rows, num_iteration=rounds, num_threads=1), np.float64)

    def after(self, rows: Rows, steps: Sequence[int]) -> Iterator[FloatArray]:
        """Scores after each of several numbers of rounds.

        Args:
            rows: Shape (rows, features).
            steps: Ascending.

        Yields:
            FloatArray: Shape (rows,).
        """
        total, done = np.zeros(len(rows)), 0
        for step in steps:
            total = total + self.booster.predict(rows, start_iteration=done, num_iteration=step - done, num_threads=1)
            done = step
            yield total

    def graph(self) -> bytes:
        """The forest as an ONNX graph, input ``rows``, one output: float32, equal to LightGBM within rounding."""
        return graph_of(self._roots(), self.n_features)

    def trees(self) -> dict[str, npt.NDArray[Any]]:
        """The same trees as arrays, with what each node expects: see ``tree_arrays``."""
        return arrays_of(self._roots())

    def importance(self) -> FloatArray:
        """Share of the gain of all splits by feature. Shape (features,)."""
        gain = np.asarray(self.booster.feature_importance("gain"), np.float64)
        return gain / max(float(gain.sum()), 1e-12)

    def _roots(self) -> list[Any]:
        return [tree["tree_structure"] for tree in self.booster.dump_model()["tree_info"]]


def levels_of(gains: FloatArray) -> tuple[IntArray, list[float]]:
    """Gains as whole levels, as LambdaMART wants its labels, and the gain of each level.

    Args:
        gains: Of each row, >= 0.

    Returns:
        Level of each row, and the gains of the levels, ascending from 0. Grades stay as they are; of more than 31
        different gains, neighbouring ones share a level.
    """
    known = np.unique(np.append(gains, 0.0))
    if len(known) > _MAX_LEVELS:
        known = np.unique(np.append(np.quantile(gains[gains > 0], np.linspace(0, 1, _MAX_LEVELS - 1)), 0.0))
    nearest = np.abs(gains[:, None] - known[None, :]).argmin(axis=1)
    return nearest.astype(np.int64), known.tolist()


def grow(rows: Rows, gains: FloatArray, sizes: IntArray, growth: Growth) -> Grown:
    """Grow a forest that ranks each query's rows by their gains.

    Args:
        rows: Queries one after another. Shape (rows, features), float32.
        gains: Shape (rows,), >= 0.
        sizes: Rows of each query.
        growth: How.

    Returns:
        The forest.

    Raises:
        ConfigError: LightGBM is not installed.
    """
    try:
        import lightgbm  # noqa: PLC0415  (only where a forest is grown)
    except ImportError as error:
        raise ConfigError(f"learning to rank needs LightGBM: {HOW_TO}") from error
    labels, level_gains = levels_of(gains)
    least = max(min(growth.least_rows, len(rows) // 200), 5)
    settings = {
        "objective": "lambdarank",
        "label_gain": level_gains,
        "lambdarank_truncation_level": growth.truncation,
        "learning_rate": growth.rate,
        "num_leaves": growth.leaves,
        "min_data_in_leaf": least,
        "feature_fraction": 0.6,
        "bagging_fraction": 0.7,
        "bagging_freq": 1,
        "lambda_l2": 5.0,
        "max_bin": 127,
        "seed": growth.seed,
        "num_threads": growth.threads,
        "deterministic": True,
        "force_row_wise": True,
        "verbose": -1,
    }
    data = lightgbm.Dataset(rows, labels, group=sizes, params={"max_bin": 127, "verbose": -1})
    return Grown(lightgbm.train(settings, data, growth.rounds), rows.shape[1])
