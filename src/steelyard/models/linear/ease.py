"""EASE: item-item weights by ridge regression in closed form, on counts that know which item came first."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any, Self

import numpy as np

from steelyard.domain import FloatArray, IntArray, Interactions, State
from steelyard.models.fitted import fitted
from steelyard.models.linear.counts import Counts, counted
from steelyard.models.linear.solving import (
    DENSE_LIMIT,
    Problem,
    TextSide,
    bytes_needed,
    solved_dense,
    solved_locally,
)
from steelyard.models.retrieval.linked import LinkedItems
from steelyard.models.retrieval.links import Links, capped

if TYPE_CHECKING:
    from scipy import sparse

__all__ = ["Ease"]

_log = logging.getLogger(__name__)


class Ease(LinkedItems):
    r"""Items towards which the items of a history lead, each told apart from what the others say already.

    .. math:: s(i) = \sum_{j \in history} decay^{age(j)} b_{ji}, \quad
              b_{Si} = (G_{SS} + \tau T_{SS} + \lambda I)^{-1} (g_{Si} + \delta d_{Si} + \tau t_{Si})

    :math:`g_{ji}` users interacted with both; :math:`d_{ji}` sums, over those who came to i after j, .7 to the
    power of the items between; :math:`t_{ji}` is how alike the texts are. S are the ``neighbourhood`` items that i
    occurs with most, by cosine. With :math:`\delta = \tau = 0` and S = all others it is EASE (Steck 2019,
    doi:10.1145/3308558.3313710); the texts are those of collective EASE (Jeunen et al. 2020,
    doi:10.1145/3383313.3418480). Negative weights are left out: they are small, and a reason against an item explains
    nothing. What an event weighs is not used.

    Args:
        decay: In (0, 1]; how much each older item of a history counts.
        ridge: :math:`\lambda`, > 0, in users.
        directed: :math:`\delta`, >= 0: what order counts beside being together.
        text: :math:`\tau`, >= 0: what texts that are the same count, in users; used where ``texts`` are given.
        neighbourhood: Sources of each item; ``None`` for all of them, up to ``DENSE_LIMIT`` items.
        max_neighbours: The strongest so many targets of each item are kept; ``None`` keeps all.
    """

    def __init__(
        self,
        decay: float = 0.6,
        *,
        ridge: float = 100.0,
        directed: float = 2.0,
        text: float = 0.0,
        neighbourhood: int | None = 50,
        max_neighbours: int | None = 200,
    ) -> None:
        _check(decay=decay, ridge=ridge, directed=directed, text=text)
        self.decay = decay
        self.ridge = ridge
        self.directed = directed
        self.text = text
        self.neighbourhood = neighbourhood
        self.max_neighbours = max_neighbours
        self.max_events = 200
        self._texts: TextSide | None = None
        self._links: Links | None = None

    @property
    def links_(self) -> Links:
        """What was learnt: row j holds the weights from item j.

        Raises:
            StageError: Nothing was: call ``fit`` or ``from_state`` first.
        """
        return fitted(self._links, "the linear model is")

    def with_texts(self, texts: TextSide | None) -> Self:
        """Let the texts count, where ``text`` is above 0.

        Args:
            texts: Of all items; None for none.

        Returns:
            The model itself.
        """
        self._texts = texts
        return self

    def fit(self, interactions: Interactions, *, seed: int) -> Self:
        """Count and solve; nothing here is random.

        Args:
            interactions: What happened.
            seed: Not used.

        Returns:
            The model itself.
        """
        return self.fit_counts(counted(interactions, max_events=self.max_events))

    def fit_counts(self, counts: Counts) -> Self:
        """Solve from counts that were made already, as tuning does.

        Args:
            counts: Of a log.

        Returns:
            The model itself.

        Raises:
            ValueError: The whole matrix of more than ``DENSE_LIMIT`` items was asked for.
        """
        n_items = counts.together.shape[0]
        needed = bytes_needed(n_items, n_pairs=counts.together.nnz, neighbourhood=self.neighbourhood)
        if self.neighbourhood is None and n_items > DENSE_LIMIT:
            raise ValueError(
                f"the inverse of {n_items:,} items would take {needed / 1e9:.1f} GB; at most {DENSE_LIMIT:,} items are "
                "inverted at once: give a neighbourhood, such as 100"
            )
        _log.info("solving %d items, %d pairs, at most %.0f MB", n_items, counts.together.nnz, needed / 1e6)
        towards = (counts.together.tocsc() + self.directed * counts.ahead).tocsc()
        towards.sort_indices()
        problem = Problem(counts.together, towards, self.ridge, self._texts, self.text if self._texts else 0.0)
        local = self.neighbourhood
        rows = solved_dense(problem) if local is None else solved_locally(problem, neighbourhood=local)
        self._links = Links.stack(iter([capped(_turned(rows, n_items), self.max_neighbours)]))
        return self

    def state(self) -> State:
        """Weights as compressed rows, and the options."""
        names = ("decay", "ridge", "directed", "text", "neighbourhood", "max_neighbours")
        facts: dict[str, Any] = {name: getattr(self, name) for name in names}
        return State(self.links_.arrays(), {**facts, "bits": 8 * self.links_.strengths.dtype.itemsize})

    @classmethod
    def from_state(cls, state: State) -> Self:
        """The model back, whole or pruned (see ``steelyard.compression.neighbours``)."""
        options = {name: value for name, value in state.facts.items() if name != "bits"}
        model = cls(**options)
        model._links = Links.from_state(state)
        return model


def _check(*, decay: float, ridge: float, directed: float, text: float) -> None:
    if not 0 < decay <= 1:
        raise ValueError(f"decay must be in (0, 1], got {decay}")
    if not 0 < ridge < np.inf:
        raise ValueError(f"ridge must be above 0 and finite, got {ridge}: without it nothing can be solved")
    for name, value in (("directed", directed), ("text", text)):
        if not 0 <= value < np.inf:
            raise ValueError(f"{name} must be at least 0 and finite, got {value}")


def _turned(solved: Iterator[tuple[IntArray, FloatArray]], n_items: int) -> sparse.csr_array:
    """Positive weights by source, from weights by target. Shape (n_items, n_items)."""
    from scipy import sparse  # noqa: PLC0415 - only learning needs it; a server that loads it starts a second later

    sources, weights, lengths = [np.empty(0, np.int32)], [np.empty(0, np.float32)], np.zeros(n_items, np.int64)
    for target, (found, values) in enumerate(solved):
        is_kept = values.astype(np.float32) > 0
        sources.append(found[is_kept].astype(np.int32))
        weights.append(values[is_kept].astype(np.float32))
        lengths[target] = len(sources[-1])
    starts = np.concatenate([[0], np.cumsum(lengths)]).astype(np.int64)
    by_target = sparse.csc_array((np.concatenate(weights), np.concatenate(sources), starts), shape=(n_items, n_items))
    return by_target.tocsr()
