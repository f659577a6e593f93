"""A network for all stages together: what it learns from, and how it is run. It is trained in an adapter, in torch."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from steelyard.domain import FloatArray, IntArray
from steelyard.errors import ArtefactError
from steelyard.models.response.chain import Seen
from steelyard.models.response.learning import Taught

__all__ = ["INPUTS", "DeepLessons", "NetworkScorer", "deep_lessons"]

INPUTS = ("rows", "items", "history")
"""Of the graph, as ``Seen`` holds them."""
_BATCH = 512


@dataclass(frozen=True, slots=True, eq=False)
class DeepLessons:
    """Rows to learn and to stop by, and how is learnt."""

    key: str
    """Digest of all that training depends on: what was interrupted under another one is not gone on with."""
    learning: Seen
    reached: npt.NDArray[np.float32]
    """Of the rows to learn from. Shape (rows, stages)."""
    stopping: Seen
    stopped: npt.NDArray[np.float32]
    """Of the rows to stop by. Shape (rows, stages)."""
    category: IntArray
    """Of each item; -1 where there is none. Shape (items,)."""
    settings: Mapping[str, Any]
    """``epochs``, ``dropout``, ``decay``, ``minutes``."""
    seed: int
    threads: int

    @property
    def in_epoch(self) -> int:
        """Steps of a round over all rows."""
        return max(-(-len(self.reached) // _BATCH), 1)

    def step(self, number: int) -> IntArray:
        """Rows of the step of this number: the same ones whenever it is asked for."""
        epoch, place = divmod(number, self.in_epoch)
        order = np.random.default_rng([self.seed, 10, epoch]).permutation(len(self.reached))
        return order[place * _BATCH : (place + 1) * _BATCH]

    def quality(self, conditionals: FloatArray) -> float:
        """How well the rows to stop by are told.

        Args:
            conditionals: Chance of each stage given the one before. Shape (rows to stop by, stages).

        Returns:
            A number in (0, 1], the higher the better: :math:`e^{-L}` with the sum of the stages' mean log losses.
        """
        chances = np.clip(np.cumprod(conditionals, axis=1), 1e-7, 1 - 1e-7)
        losses = -(self.stopped * np.log(chances) + (1 - self.stopped) * np.log1p(-chances))
        return float(np.exp(-losses.mean(axis=0).sum())) if len(losses) else 0.0


def deep_lessons(
    lessons: Taught, *, epochs: int, dropout: float, decay: float, minutes: float, seed: int, threads: int = 1
) -> DeepLessons:
    """What a network learns from.

    Args:
        lessons: Rows in order of time.
        epochs: At most so many rounds.
        dropout: Share of the numbers that is left out while it learns.
        decay: L2 penalty.
        minutes: At most so long.
        seed: Of every draw.
        threads: Of the training.

    Returns:
        The lessons.
    """
    settings = {"epochs": epochs, "dropout": dropout, "decay": decay, "minutes": minutes}
    reached, periods = lessons.outcomes.reached.astype(np.float32), lessons.periods
    sums = hashlib.sha256(json.dumps([settings, seed, lessons.describer.columns]).encode())
    for array in (lessons.seen.rows, lessons.seen.items, lessons.seen.history, reached):
        sums.update(np.ascontiguousarray(array).tobytes())
    return DeepLessons(
        sums.hexdigest(),
        lessons.part(periods.learn),
        reached[periods.learn],
        lessons.part(periods.stop),
        reached[periods.stop],
        lessons.describer.catalogue.category,
        settings,
        seed,
        threads,
    )


class NetworkScorer:
    """Tells chances of all stages in one run, by onnxruntime. No torch.

    Args:
        graph: As the learner wrote it, verified.

    Raises:
        ArtefactError: onnxruntime refuses the graph.
    """

    def __init__(self, graph: bytes) -> None:
        import onnxruntime  # noqa: PLC0415  (only where a network is run)

        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = options.inter_op_num_threads = 1
        options.log_severity_level = 3
        try:
            self._session = onnxruntime.InferenceSession(graph, options, providers=["CPUExecutionProvider"])
        except Exception as error:  # onnxruntime has its own tree of errors, below Exception only
            raise ArtefactError(f"the network of responses cannot be run ({error}); run build again") from error

    def conditionals(self, seen: Seen) -> FloatArray:
        """Chance of each stage given the one before. Shape (rows, stages)."""
        inputs = dict(zip(INPUTS, (seen.rows, seen.items, seen.history), strict=True))
        return np.asarray(self._session.run(None, inputs)[0], np.float64)
