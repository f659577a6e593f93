"""Validation cases in rungs: a trial is judged on some, then on more, so that a bad one can be given up early."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import pairwise

import numpy as np

from steelyard.domain import Cases, FloatArray, Request
from steelyard.models.ports import Retriever
from steelyard.models.retrieval.link_batches import MOST_CASES
from steelyard.models.retrieval.shortlists import ndcg_of, to_find

__all__ = ["RUNGS", "RungCases"]

RUNGS = (500, 2_000)
"""Cases after which a trial may be given up; one that all cases hardly exceed is left out."""


class RungCases:
    """Tuning cases in an order drawn by the seed.

    Args:
        cases: Judged as the shop will judge them; those with nothing to find are left out.
        seed: Of the order, and of the draw where there are more than ``most``.
        most: At most so many are looked at.
    """

    def __init__(self, cases: Cases, *, seed: int, most: int = MOST_CASES) -> None:
        found = to_find(cases)
        order = np.random.default_rng(seed).permutation(len(found))[:most]
        self._asked: list[tuple[Request, dict[int, float]]] = [found[place] for place in order.tolist()]

    @property
    def n(self) -> int:
        """Cases that are looked at."""
        return len(self._asked)

    def judged(self, retriever: Retriever, *, k: int = 10) -> Iterator[FloatArray]:
        """Quality of a retriever on more and more cases.

        Args:
            retriever: Fitted on what came before the cases' targets.
            k: Cut-off rank of the nDCG.

        Yields:
            FloatArray: nDCG of the cases looked at so far; each array begins with the one before it, the last is of
            all. Shape (cases so far,), in [0, 1].
        """
        values: list[float] = []
        ends = [0, *(rung for rung in RUNGS if rung * 1.5 <= self.n), self.n]
        for low, high in pairwise(ends):
            some = self._asked[low:high]
            lists = retriever.retrieve([request for request, _ in some], k=k).items
            values += [ndcg_of(row, gain, k=k) for row, (_, gain) in zip(lists, some, strict=True)]
            yield np.array(values)
