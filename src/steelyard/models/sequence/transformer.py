"""A transformer that reads a shopper's history: what comes next, by a graph that onnxruntime runs. No torch.

Nothing of a shopper is kept: the history of the request is all that is read, so new shoppers and new events count at
once.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Self

import numpy as np
import numpy.typing as npt

from steelyard.domain import IntArray, Ranked, Reason, Request, State, VectorArray
from steelyard.errors import ArtefactError
from steelyard.models.ranking.explain import reasons_from
from steelyard.models.retrieval.item_products import item_products
from steelyard.models.retrieval.shortlists import Shortlist, best, excluded_items, stacked
from steelyard.models.sequence.ages import age_steps, asked_times

__all__ = ["READ_TOGETHER", "Transformer", "served_state"]

READ_TOGETHER = "read_together"
"""Kind of the reasons: the item's vector is near that of an item of the history."""
_STEPS = 127
_NOBODY = Request()


class Transformer:
    r"""Items whose vector agrees with what a transformer makes of the history.

    .. math:: s(i) = v_i^T f(v_{h_1}, \dots, v_{h_n})

    f reads the latest ``length`` items of the history that have a vector, oldest first. An item has a vector when it
    occurred in the events that were learnt from, or, where texts were read too, when it has a text: new items are
    offered, and read, by their text alone. Where times were learnt from, f looks at how long before the question each
    item was. Other items are skipped in a history and are never offered. Items asked
    about (product page, basket) are read in place of the history. Nothing is offered where nothing can be read.

    One request is read at a time, without padding: a batch equals its requests one by one, to the bit.

    Args:
        state: As ``served_state`` made it.

    Raises:
        ArtefactError: An array is missing, or onnxruntime refuses the graph.
    """

    def __init__(self, state: State) -> None:
        self._state = state
        try:
            items, known, graph = (state.arrays[name] for name in ("items", "known", "graph"))
            self.length, self._has_times = int(state.facts["length"]), bool(state.facts.get("times", False))
        except KeyError as error:
            raise ArtefactError(f"the stored transformer lacks {error}; run build again") from error
        self._ids = np.flatnonzero(known)
        self._row_of = np.full(len(known), -1, np.int64)
        self._row_of[self._ids] = np.arange(len(self._ids))
        self._scales: VectorArray | None = state.arrays.get("scales")
        # products of 16 bits are slow on processors: those are kept as 32, those of 8 are widened while they are read
        self._rows = np.ascontiguousarray(items if self._scales is not None else items.astype(np.float32))
        self._session: Any = _opened(graph.tobytes()) if len(graph) else None

    def retrieve(self, requests: Sequence[Request], *, k: int) -> Ranked:
        """The ``k`` items with the highest scores; nothing for a request without an item that has a vector."""
        return stacked((self._best(request, k) for request in requests), k=k)

    def explain(self, request: Request, items: IntArray) -> list[list[Reason]]:
        """For each item, the items that were read whose vectors are nearest to its own, by the cosine.

        This says what the network takes to belong together, not how it came to the score: a place of a history weighs
        by all the others, and its share cannot be told apart.

        Args:
            request: The question.
            items: Item numbers. Shape (n,).

        Returns:
            For each item at most three reasons of kind ``read_together``, the share of each among the positive cosines
            of all that was read; none for an item without a vector.
        """
        read = self._read(request)
        if not len(read):
            return [[] for _ in items]
        of_read = _directions(self._vectors(self._row_of[read]))
        reasons = []
        for item in items.tolist():
            row = self._row_of[item] if 0 <= item < len(self._row_of) else -1
            cosines = of_read @ _directions(self._vectors(np.array([row])))[0] if row >= 0 else np.zeros(len(read))
            reasons.append(reasons_from(READ_TOGETHER, read, cosines.astype(np.float64)))
        return reasons

    def wanted(self, items: IntArray, request: Request = _NOBODY) -> VectorArray:
        """The vector of what comes next.

        Args:
            items: Item numbers that have a vector, oldest first. Shape (n,), 1 <= n <= ``length``.
            request: The question, which says when they were.

        Returns:
            Shape (width,), float32.
        """
        given: dict[str, Any] = {"vectors": self._vectors(self._row_of[items])}
        if self._has_times:
            given["ages"] = age_steps(*asked_times(request, items))
        found: VectorArray = self._session.run(None, given)[0]
        return found

    def state(self) -> State:
        """As it was opened."""
        return self._state

    @classmethod
    def from_state(cls, state: State) -> Self:
        """The model back."""
        return cls(state)

    def _read(self, request: Request) -> IntArray:
        """Item numbers that are read, oldest first."""
        asked = np.asarray(request.items or request.history, np.int64)
        asked = asked[(asked >= 0) & (asked < len(self._row_of))]
        return asked[self._row_of[asked] >= 0][-self.length :]

    def _vectors(self, rows: IntArray) -> VectorArray:
        found = self._rows[rows]
        if self._scales is None:
            return np.asarray(found, np.float32)
        return np.asarray(found * self._scales[rows, None], np.float32)

    def _best(self, request: Request, k: int) -> Shortlist:
        read = self._read(request)
        if not len(read) or self._session is None:
            return np.empty(0, np.int64), np.empty(0)
        scores = item_products(self._rows, self._scales, self.wanted(read, request))
        return best(self._ids, scores, k=k, without=excluded_items(request))


def served_state(learnt: State, graph: bytes, *, length: int, bits: int, times: bool = False) -> State:
    """What is stored of a network to be served.

    Args:
        learnt: Arrays ``items``, float32, and ``known``, as ``Folder.learn_sequences`` wrote them; without arrays where
            nothing was learnt.
        graph: ONNX, of the same number of bits or more.
        length: Latest items that are read.
        bits: 16 or 8 for each number of an item's vector; with 8 each item has a scale of its own.
        times: Whether the graph takes how long ago each item was.

    Returns:
        Arrays ``items`` (of the known items only), ``known``, ``graph`` (its bytes), ``scales`` with 8 bits; facts.
    """
    known = learnt.arrays.get("known", np.zeros(0, np.bool_))
    vectors = learnt.arrays.get("items", np.zeros((0, 1), np.float32))[known]
    arrays: dict[str, npt.NDArray[Any]] = {"known": known, "graph": np.frombuffer(graph, np.uint8).copy()}
    if bits == 8:
        scales = np.abs(vectors).max(axis=1, initial=0.0) / _STEPS
        codes = np.rint(vectors / np.where(scales > 0, scales, 1.0)[:, None])
        arrays |= {"items": codes.astype(np.int8), "scales": scales.astype(np.float32)}
    else:
        arrays["items"] = vectors.astype(np.float16)
    facts = {"length": length, "bits": bits, "learning": learnt.facts.get("learning", {})}
    return State(arrays, {**facts, "times": True} if times else facts)


def _directions(vectors: VectorArray) -> VectorArray:
    lengths = np.linalg.norm(vectors, axis=1, keepdims=True)
    return np.asarray(vectors / np.where(lengths > 0, lengths, 1.0), np.float32)


def _opened(graph: bytes) -> Any:
    import onnxruntime  # noqa: PLC0415  (only where histories are read)

    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = options.inter_op_num_threads = 1
    options.log_severity_level = 3
    try:
        return onnxruntime.InferenceSession(graph, options, providers=["CPUExecutionProvider"])
    except Exception as error:  # onnxruntime has its own tree of errors, below Exception only
        raise ArtefactError(f"the transformer cannot be run by onnxruntime ({error}); run build again") from error
