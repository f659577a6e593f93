"""Two towers as they are served: a table of item vectors, and a shopper's vector worked out with numpy. No torch.

Nothing of a shopper is kept: what the request tells is all that is read, so new shoppers and new events count at once.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Self

import numpy as np
import numpy.typing as npt

from steelyard.domain import FloatArray, IntArray, Ranked, Reason, Request, State, VectorArray
from steelyard.errors import ArtefactError
from steelyard.models.ranking.explain import MOST_REASONS
from steelyard.models.retrieval.item_products import item_products
from steelyard.models.retrieval.shortlists import Shortlist, best, excluded_items, stacked
from steelyard.models.towers.basic_facts import NO_BASICS, BasicFacts
from steelyard.models.towers.item_content import ItemContent

__all__ = ["NEAR_HISTORY", "OF_BASICS", "TwoTower", "item_vectors", "served_state"]

NEAR_HISTORY = "tower_near_history"
"""Kind of the reasons: an item of the history adds to the score."""
OF_BASICS = "tower_of_basics"
"""Kind of the reasons: what else is known of the shopper adds to the score."""
_SHOPPER = ("basics", "places", "asked", "normal.weight", "normal.bias", "wide.weight", "wide.bias", "narrow.weight")
_SHOPPER_ARRAYS = (*_SHOPPER, "narrow.bias")
_STEPS = 127
_TINY = 1e-5


class TwoTower:
    r"""Items whose vector agrees with the shopper's.

    .. math:: s(i) = v_i^T u, \quad u = z + F(z), \quad z = \sum_j a_j v_{h_j} + \sum_f b_f

    The weights a are a softmax over the latest ``length`` items of the history that have a vector: of how far back each
    is, and where it was taught so, of how it agrees with the latest; b are vectors of what else is known of the
    shopper, and F is a small network. An item has a vector when it occurred in the events that were learnt from, or has
    any content that was: new items are offered, and read, by their content alone. Other items are skipped and never
    offered. Items asked about (product page, basket) are read in place of the history, and then nothing else of the
    shopper is. Nothing is offered where there is nothing to read.

    Args:
        state: As ``served_state`` made it.

    Raises:
        ArtefactError: An array is missing.
    """

    def __init__(self, state: State) -> None:
        self._state = state
        try:
            items, known = state.arrays["items"], state.arrays["known"]
            self.length, self.attends = int(state.facts["length"]), bool(state.facts["attends"])
            self._facts = BasicFacts(tuple(state.facts["basics"]), NO_BASICS.rows)
            self._net = {name: state.arrays[name] for name in (_SHOPPER_ARRAYS if len(items) else ())}
        except KeyError as error:
            raise ArtefactError(f"the stored towers lack {error}; run build again") from error
        self._ids = np.flatnonzero(known)
        self._row_of = np.full(len(known), -1, np.int64)
        self._row_of[self._ids] = np.arange(len(self._ids))
        self._scales: VectorArray | None = state.arrays.get("scales")
        self._rows = np.ascontiguousarray(items if self._scales is not None else items.astype(np.float32))

    def retrieve(self, requests: Sequence[Request], *, k: int) -> Ranked:
        """The ``k`` items with the highest scores; nothing for a request of which nothing can be read."""
        return stacked((self._best(request, k) for request in requests), k=k)

    def explain(self, request: Request, items: IntArray) -> list[list[Reason]]:
        """For each item what of the shopper agrees with it: items of the history, and what else is known of them.

        Shares are of the positive parts of the agreement with z; what the small network adds to it cannot be told
        apart.

        Args:
            request: The question.
            items: Item numbers. Shape (n,).

        Returns:
            For each item at most three reasons, strongest first; none for an item without a vector.
        """
        read, numbers = self._read(request)
        if not len(read) and not numbers:
            return [[] for _ in items]
        vectors = self._vectors(self._row_of[read])
        parts = [self._weights(vectors)[:, None] * vectors if len(read) else vectors, self._net["basics"][numbers]]
        sources = [*((NEAR_HISTORY, item, ()) for item in read.tolist())]
        told = [(OF_BASICS, -1, (self._facts.names[number - 1],)) for number in numbers]
        reasons = []
        for item in items.tolist():
            row = self._row_of[item] if 0 <= item < len(self._row_of) else -1
            shares = np.concatenate(parts) @ self._vectors(np.array([row]))[0] if row >= 0 else np.zeros(0)
            reasons.append(_strongest([*sources, *told], shares.astype(np.float64)))
        return reasons

    def wanted(self, items: IntArray, basics: Sequence[str] = ()) -> VectorArray:
        """The shopper's vector.

        Args:
            items: Item numbers that have a vector, oldest first. Shape (n,), n <= ``length``.
            basics: What else is known of them, as ``column=value``.

        Returns:
            Shape (width,), float32.
        """
        return self._user(items, self._facts.numbers(basics))

    def state(self) -> State:
        """As it was opened."""
        return self._state

    @classmethod
    def from_state(cls, state: State) -> Self:
        """The model back."""
        return cls(state)

    def _read(self, request: Request) -> tuple[IntArray, list[int]]:
        """Item numbers that are read, oldest first, and numbers of what else is known."""
        asked = np.asarray(request.items or request.history, np.int64)
        asked = asked[(asked >= 0) & (asked < len(self._row_of))]
        return asked[self._row_of[asked] >= 0][-self.length :], (
            [] if request.items else self._facts.numbers(request.basics)
        )

    def _vectors(self, rows: IntArray) -> VectorArray:
        found = self._rows[rows]
        if self._scales is None:
            return np.asarray(found, np.float32)
        return np.asarray(found * self._scales[rows, None], np.float32)

    def _weights(self, vectors: VectorArray) -> VectorArray:
        """How much each of the items that are read counts; they sum to 1."""
        weights = self._net["places"][: len(vectors)][::-1]
        if self.attends:
            weights = weights + vectors @ (vectors[-1] @ self._net["asked"]) / np.float32(vectors.shape[1] ** 0.5)
        weights = np.exp(weights - weights.max())
        return np.asarray(weights / weights.sum(), np.float32)

    def _user(self, items: IntArray, numbers: Sequence[int]) -> VectorArray:
        net = self._net
        known = net["basics"][list(numbers)].sum(axis=0)
        if len(items):
            vectors = self._vectors(self._row_of[items])
            known = known + self._weights(vectors) @ vectors
        middle = known - known.mean()
        normal = middle / np.sqrt((middle**2).mean() + _TINY) * net["normal.weight"] + net["normal.bias"]
        wide = net["wide.weight"] @ normal + net["wide.bias"]
        added = net["narrow.weight"] @ (wide / (1 + np.exp(-wide))) + net["narrow.bias"]
        return np.asarray(known + added, np.float32)

    def _best(self, request: Request, k: int) -> Shortlist:
        read, numbers = self._read(request)
        if not len(self._rows) or (not len(read) and not numbers):
            return np.empty(0, np.int64), np.empty(0)
        scores = item_products(self._rows, self._scales, self._user(read, numbers))
        return best(self._ids, scores, k=k, without=excluded_items(request))


def item_vectors(learnt: State, content: ItemContent) -> tuple[VectorArray, npt.NDArray[np.bool_]]:
    """The item tower: a vector of each item, of those that were not learnt from by their content alone.

    Args:
        learnt: What training gave; ``known`` may be shorter than the catalogue, whose further items are new.
        content: Of the whole catalogue, with the attributes and texts that were learnt.

    Returns:
        Vectors, and which items have one. Shapes (items, width) and (items,).
    """
    arrays, n = learnt.arrays, len(content.codes)
    found = arrays["attributes"][content.codes].sum(axis=1) if content.codes.size else np.zeros((n, 1))
    if content.texts is not None and "text.weight" in arrays:
        found = found + content.texts @ arrays["text.weight"].T
    own = arrays["items"]
    found[: len(own)] += own
    occurs = np.zeros(n, np.bool_)
    occurs[: len(own)] = arrays["known"]
    lengths = np.linalg.norm(found, axis=1, keepdims=True)
    vectors = np.asarray(arrays["scale"] * found / np.where(lengths > 0, lengths, 1.0), np.float32)
    return vectors, occurs | (lengths[:, 0] > 0)


def served_state(learnt: State, content: ItemContent, *, length: int, attends: bool, basics: Any, bits: int) -> State:
    """What is stored of two towers to be served.

    Args:
        learnt: What training gave; without arrays where nothing was learnt.
        content: Of the items.
        length: Latest items that are read.
        attends: Whether items weigh by how they agree with the latest.
        basics: Names of the facts about shoppers, in order of their numbers.
        bits: 16 or 8 for each number of an item's vector; with 8 each item has a scale of its own.

    Returns:
        Arrays ``items`` (of the known items only), ``known``, ``scales`` with 8 bits, and the shopper's tower; facts.
    """
    if not learnt.arrays:
        empty = {"items": np.zeros((0, 1), np.float16), "known": np.zeros(len(content.codes), np.bool_)}
        facts = {"length": length, "attends": attends, "basics": [], "bits": bits}
        return State(empty, {**facts, "learning": learnt.facts.get("learning", {})})
    vectors, known = item_vectors(learnt, content)
    arrays: dict[str, npt.NDArray[Any]] = {name: learnt.arrays[name] for name in _SHOPPER_ARRAYS}
    arrays |= {"known": known}
    vectors = vectors[known]
    if bits == 8:
        scales = np.abs(vectors).max(axis=1, initial=0.0) / _STEPS
        codes = np.rint(vectors / np.where(scales > 0, scales, 1.0)[:, None])
        arrays |= {"items": codes.astype(np.int8), "scales": scales.astype(np.float32)}
    else:
        arrays["items"] = vectors.astype(np.float16)
    facts = {"length": length, "attends": attends, "basics": list(basics), "bits": bits}
    return State(arrays, {**facts, "learning": learnt.facts.get("learning", {})})


def _strongest(sources: Sequence[tuple[str, int, tuple[str, ...]]], shares: FloatArray) -> list[Reason]:
    """The sources that add most, with the share of each among what is positive."""
    parts = np.maximum(shares, 0.0)
    total = float(parts.sum())
    if total <= 0:
        return []
    order = np.argsort(-parts, kind="stable")[:MOST_REASONS].tolist()
    chosen = [(sources[place], float(parts[place]) / total) for place in order if parts[place] > 0]
    return [Reason(kind, share, item=item, words=words) for (kind, item, words), share in chosen]
