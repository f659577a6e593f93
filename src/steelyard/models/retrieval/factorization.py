"""Matrix factorisation (iALS): learnt with ``implicit``, answered with numpy alone.

Only item factors are stored. A user's factors are solved from the history at request time, so new users and
new events count at once, without retraining, and no user is kept in the model.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any, Self

import numpy as np
import numpy.typing as npt

from steelyard.config.section import Count, Section
from steelyard.domain import Cases, FloatArray, IntArray, Interactions, Ranked, Reason, Request, State
from steelyard.errors import MissingExtra, StageError
from steelyard.models.building import Bench
from steelyard.models.ports import Parts
from steelyard.models.ranking.explain import reasons_from
from steelyard.models.recipe import Companion, FittedRecipe
from steelyard.models.retrieval.shortlists import Shortlist, best, excluded_items, interest, nearest_to_default, stacked

if TYPE_CHECKING:
    from scipy import sparse

__all__ = ["Factorization", "IalsRecipe", "tune_factorization"]

DECAYS = (0.6, 0.8, 0.9, 1.0)
"""What ``tune_factorization`` tries."""


class Factorization:
    r"""Items whose factors agree with those solved from the history.

    .. math:: s(i) = y_i^T x, \quad x = (Y^T Y + \lambda I + \sum_j (c_j - 1) y_j y_j^T)^{-1} \sum_j c_j y_j

    Confidence :math:`c_j = 1 + \alpha \log_2(1 + w_j)`; :math:`w_j` is in learning the user's summed event weights
    on j over the mean weight, in answering the sum of decay^age (1 each for items asked about).

    Args:
        factors: Width, >= 1.
        iterations: Alternations, >= 1.
        regularization: :math:`\lambda`, > 0.
        alpha: How much more an item with interactions says than one without, > 0.
        decay: In (0, 1]; how much each older item of a history counts. See ``tune_factorization``.
    """

    def __init__(
        self,
        factors: int = 64,
        *,
        iterations: int = 15,
        regularization: float = 0.1,
        alpha: float = 10.0,
        decay: float = 1.0,
    ) -> None:
        if not 0 < decay <= 1:
            raise ValueError(f"decay must be in (0, 1], got {decay}")
        self.factors = factors
        self.iterations = iterations
        self.regularization = regularization
        self.alpha = alpha
        self.decay = decay
        self._items: npt.NDArray[np.float32] | None = None
        self._gram: FloatArray = np.empty((0, 0))
        self._known: IntArray = np.empty(0, np.int64)

    @property
    def item_factors_(self) -> npt.NDArray[np.float32]:
        """Factors of each item; zero for items without interactions. Shape (n_items, factors).

        Raises:
            StageError: Nothing was learnt: call ``fit`` or ``from_state`` first.
        """
        if self._items is None:
            raise StageError("the factorisation is not fitted: call fit or open a stored part")
        return self._items

    def fit(self, interactions: Interactions, *, seed: int) -> Self:
        """Alternate least squares on one thread.

        Args:
            interactions: What happened.
            seed: Of the first random factors.

        Returns:
            The model itself.

        Raises:
            MissingExtra: ``implicit`` is not installed; only learning needs it.
        """
        try:
            from implicit.cpu.als import AlternatingLeastSquares  # noqa: PLC0415 - only learning needs it
            from threadpoolctl import threadpool_limits  # noqa: PLC0415 - as above
        except ModuleNotFoundError as error:
            raise MissingExtra(f"learning 'ials' needs {error.name}: pip install 'steelyard[train]'") from error

        with threadpool_limits(1, "blas"):
            model = AlternatingLeastSquares(
                factors=self.factors,
                regularization=self.regularization,
                iterations=self.iterations,
                random_state=seed,
                num_threads=1,
            )
            model.fit(self._confidences(interactions), show_progress=False)
        self._set(np.asarray(model.item_factors, dtype=np.float32))
        return self

    def retrieve(self, requests: Sequence[Request], *, k: int) -> Ranked:
        """The ``k`` items with the highest scores; nothing for a request without a known item."""
        return stacked((self._best(request, k) for request in requests), k=k)

    def explain(self, request: Request, items: IntArray) -> list[list[Reason]]:
        """For each item, the items of the history that add most to its score: the score is a sum over them."""
        sources, confidence = self._confidence(request)
        if not len(sources):
            return [[] for _ in items]
        known = self.item_factors_[sources].astype(np.float64)
        towards = np.linalg.solve(self._system(known, confidence), self.item_factors_[items].T.astype(np.float64))
        parts = (known * confidence[:, None]) @ towards
        return [reasons_from("bought_together", sources, parts[:, place]) for place in range(len(items))]

    def state(self) -> State:
        """Item factors, float32, and the options."""
        names = ("factors", "iterations", "regularization", "alpha", "decay")
        return State({"item_factors": self.item_factors_}, {name: getattr(self, name) for name in names})

    @classmethod
    def from_state(cls, state: State) -> Self:
        """The model back; does not need ``implicit``."""
        model = cls(**state.facts)
        model._set(state.arrays["item_factors"])
        return model

    def _set(self, items: npt.NDArray[np.float32]) -> None:
        self._items = items
        self._gram = (items.T @ items).astype(np.float64)
        self._known = np.flatnonzero(items.any(axis=1))

    def _confidences(self, interactions: Interactions) -> sparse.csr_matrix:
        from scipy import sparse  # noqa: PLC0415 - only learning needs it; a server that loads it starts a second later

        weights = interactions.weights / (interactions.weights.mean() if len(interactions.weights) else 1.0)
        shape = (interactions.n_users, interactions.n_items)
        # implicit takes csr_matrix only, and adds up what several events of one pair say
        summed = sparse.csr_matrix((weights, (interactions.users, interactions.items)), shape=shape, dtype=np.float32)
        summed.data = (1 + self.alpha * np.log2(1 + summed.data)).astype(np.float32)
        return summed

    def _confidence(self, request: Request) -> tuple[IntArray, FloatArray]:
        items, weights = interest(request, decay=self.decay, n_items=len(self.item_factors_))
        sources, where = np.unique(items, return_inverse=True)
        summed = np.bincount(where, weights=weights, minlength=len(sources))
        return sources, 1 + self.alpha * np.log2(1 + summed)

    def _system(self, known: FloatArray, confidence: FloatArray) -> FloatArray:
        system: FloatArray = self._gram + (known * (confidence - 1)[:, None]).T @ known
        system[np.diag_indices_from(system)] += self.regularization
        return system

    def _best(self, request: Request, k: int) -> Shortlist:
        sources, confidence = self._confidence(request)
        if not len(sources):
            return np.empty(0, np.int64), np.empty(0)
        known = self.item_factors_[sources].astype(np.float64)
        user = np.linalg.solve(self._system(known, confidence), confidence @ known).astype(np.float32)
        # One product per request, also in a batch: a batched one sums in another order and may turn near-ties round.
        scores = (self.item_factors_ @ user)[self._known].astype(np.float64)
        return best(self._known, scores, k=k, without=excluded_items(request))


def tune_factorization(model: Factorization, cases: Cases) -> dict[str, float]:
    """The decay for a shop: of those the best nDCG@10 does not clearly beat, the nearest to the model's own.

    It only acts when answering, so the model is not refitted.

    Args:
        model: Fitted on what happened before the cases' targets; left as it is.
        cases: Tuning cases of the recommendation surface.

    Returns:
        ``{"decay": …}``, ready for ``IalsRecipe.open``; the model's own where no case has anything to find.
    """
    stored = model.state()

    def tried(decay: float) -> Factorization:
        return Factorization.from_state(State(stored.arrays, {**stored.facts, "decay": decay}))

    return {"decay": nearest_to_default(tried, DECAYS, cases, at=model.decay)}


class IalsOptions(Section):
    """Table ``[models.ials]``."""

    factors: Count = 64
    """Width of the factorisation."""
    iterations: Count = 15
    """Alternations of learning."""


class IalsRecipe(FittedRecipe):
    """``ials``: items whose factors agree with those of the shopper's history."""

    name = "ials"
    options = IalsOptions
    companion = Companion.SAME_PEOPLE

    def fit(self, bench: Bench, options: IalsOptions, tuned: Mapping[str, Any]) -> State:
        """Factors of the items."""
        model = Factorization(factors=options.factors, iterations=options.iterations)
        return model.fit(bench.shop.learn_all, seed=bench.seed).state()

    def open(self, parts: Parts, options: Mapping[str, Any]) -> Factorization:
        """The part in the role ``model``; option ``decay`` wins over the stored one."""
        model = Factorization.from_state(parts.state("model"))
        model.decay = float(options.get("decay", model.decay))
        return model
