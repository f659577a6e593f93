"""Matrix factorisation (iALS), by exact alternating least squares.

Only item factors are stored. A user's factors are solved from the history at request time, so new users and
new events count at once, without retraining, and no user is kept in the model.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Annotated, Any, ClassVar, Self

import numpy as np
import numpy.typing as npt
from pydantic import Field

from steelyard.config.section import Count, Section
from steelyard.domain import Cases, FloatArray, IntArray, Interactions, Ranked, Reason, Request, State
from steelyard.models.building import Bench
from steelyard.models.fitted import fitted
from steelyard.models.ports import Parts
from steelyard.models.ranking.explain import reasons_from
from steelyard.models.recipe import Companion, FittedRecipe
from steelyard.models.retrieval.least_squares import Rows, Solver
from steelyard.models.retrieval.shortlists import (
    Shortlist,
    best,
    excluded_items,
    interest,
    nearest_to_default,
    some_cases,
    stacked,
)
from steelyard.models.searching import Real, SearchSpace, Whole
from steelyard.registry import naming_extra

if TYPE_CHECKING:
    from scipy import sparse

__all__ = ["Factorization", "IalsRecipe", "tune_factorization"]

_AT_ONCE = 64
"""Requests of one product."""
DECAYS = (0.4, 0.6, 0.8, 0.9, 1.0)
"""What ``tune_factorization`` tries."""


class Factorization:
    r"""Items whose factors agree with those solved from the history.

    .. math:: s(i) = y_i^T x, \quad x = (Y^T Y + \lambda I + \sum_j (c_j - 1) y_j y_j^T)^{-1} \sum_j c_j y_j

    Confidence :math:`c_j = 1 + \alpha \log_2(1 + w_j)`; :math:`w_j` is in learning the user's summed event weights
    on j over the mean weight, in answering the sum of decay^age (1 each for items asked about).

    In learning :math:`\lambda` of a user or item with n entries is ``regularization`` times
    :math:`(n / \bar n)^{1/2}`, so that those with many are held back as much as those with few (Rendle et al. 2022,
    doi:10.1145/3523227.3548486); in answering it is ``regularization``.

    Args:
        factors: Width, >= 1.
        iterations: Alternations, >= 1. Each is solved exactly, so that few are needed.
        regularization: :math:`\lambda`, > 0.
        alpha: How much more an item with interactions says than one without, > 0.
        decay: In (0, 1]; how much each older item of a history counts. See ``tune_factorization``.
    """

    def __init__(
        self,
        factors: int = 128,
        *,
        iterations: int = 8,
        regularization: float = 10.0,
        alpha: float = 30.0,
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
        self._solver: Solver = Solver(np.empty((0, 1), np.float32))
        self._known: IntArray = np.empty(0, np.int64)
        self._offered: npt.NDArray[np.float32] = np.empty((0, 1), np.float32)
        self._longest = 0.0

    @property
    def item_factors_(self) -> npt.NDArray[np.float32]:
        """Factors of each item; zero for items without interactions. Shape (n_items, factors).

        Raises:
            StageError: Nothing was learnt: call ``fit`` or ``from_state`` first.
        """
        return fitted(self._items, "the factorisation is")

    def fit(self, interactions: Interactions, *, seed: int) -> Self:
        """Alternate least squares on one thread: small products are slower on several, which wait for each other.

        Args:
            interactions: What happened.
            seed: Of the first random factors.

        Returns:
            The model itself.

        Raises:
            MissingExtra: ``threadpoolctl`` is not installed; only learning needs it.
        """
        with naming_extra("learning 'ials'"):
            from threadpoolctl import threadpool_limits  # noqa: PLC0415 - only learning needs it

        by_user = self._confidences(interactions)
        by_item = by_user.T.tocsr()
        users, items = (
            Rows(side.indptr.astype(np.int64), side.indices.astype(np.int64), side.data.astype(np.float32))
            for side in (by_user, by_item)
        )
        rng = np.random.default_rng(seed)
        start = rng.standard_normal((interactions.n_items, self.factors)) * 0.1 / np.sqrt(self.factors)
        found = start.astype(np.float32)
        with threadpool_limits(1, "blas"):
            for _ in range(self.iterations):
                of_users = Solver(found).solve(users, self._ridges(users.lengths))
                found = Solver(of_users).solve(items, self._ridges(items.lengths))
        self._set(found)
        return self

    def retrieve(self, requests: Sequence[Request], *, k: int) -> Ranked:
        """The ``k`` items with the highest scores; nothing for a request without a known item.

        One product serves some requests at a time. It only finds who may be among the best, with a margin for its
        rounding; their scores are then summed in 64 bits, so that a batch equals its requests one by one.
        """
        return stacked((each for some in _some(requests) for each in self._lists(some, k)), k=k)

    def explain(self, request: Request, items: IntArray) -> list[list[Reason]]:
        """For each item, the items of the history that add most to its score: the score is a sum over them."""
        sources, confidence = self._confidence(request)
        if not len(sources):
            return [[] for _ in items]
        known = self.item_factors_[sources].astype(np.float64)
        system = self._gram + (known * (confidence - 1)[:, None]).T @ known
        system[np.diag_indices_from(system)] += self.regularization
        towards = np.linalg.solve(system, self.item_factors_[items].T.astype(np.float64))
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

    @property
    def _gram(self) -> FloatArray:
        factors = self._offered
        return np.asarray(factors.T @ factors, np.float64)

    def _set(self, items: npt.NDArray[np.float32]) -> None:
        self._items = items
        self._solver = Solver(items)
        self._known = np.flatnonzero(items.any(axis=1))
        self._offered = items if len(self._known) == len(items) else items[self._known]
        self._longest = float(np.sqrt(np.einsum("nd,nd->n", self._offered, self._offered).max(initial=0.0)))

    def _ridges(self, lengths: IntArray) -> FloatArray:
        """Of users or items, by how many entries each has. Shape (rows,)."""
        mean = float(lengths[lengths > 0].mean()) if lengths.any() else 1.0
        return np.asarray(self.regularization * np.sqrt(np.maximum(lengths, 1) / mean), np.float64)

    def _confidences(self, interactions: Interactions) -> sparse.csr_array:
        from scipy import sparse  # noqa: PLC0415 - only learning needs it; a server that loads it starts a second later

        weights = interactions.weights / (interactions.weights.mean() if len(interactions.weights) else 1.0)
        shape = (interactions.n_users, interactions.n_items)
        cells = (weights.astype(np.float32), (interactions.users, interactions.items))
        summed: sparse.csr_array = sparse.coo_array(cells, shape=shape).tocsr()
        summed.sum_duplicates()  # several events of one pair add up
        summed.data = (1 + self.alpha * np.log2(1 + summed.data)).astype(np.float32)
        return summed

    def _confidence(self, request: Request) -> tuple[IntArray, FloatArray]:
        items, weights = interest(request, decay=self.decay, n_items=len(self.item_factors_))
        sources, where = np.unique(items, return_inverse=True)
        summed = np.bincount(where, weights=weights, minlength=len(sources))
        return sources, 1 + self.alpha * np.log2(1 + summed)

    def _lists(self, requests: Sequence[Request], k: int) -> list[Shortlist]:
        users = np.zeros((len(requests), self.item_factors_.shape[1]))
        has_known = np.zeros(len(requests), np.bool_)
        for row, request in enumerate(requests):
            sources, confidence = self._confidence(request)
            if len(sources):
                users[row] = self._solver.solve_one(sources, confidence, ridge=self.regularization)
                has_known[row] = True
        rough = users.astype(np.float32) @ self._offered.T
        return [
            self._best(request, k, users[row], rough[row]) if has_known[row] else (np.empty(0, np.int64), np.empty(0))
            for row, request in enumerate(requests)
        ]

    def _best(self, request: Request, k: int, user: FloatArray, rough: npt.NDArray[np.float32]) -> Shortlist:
        out = excluded_items(request)
        wanted = k + len(out)
        places = np.arange(len(rough))
        if len(rough) > wanted:
            cut = float(np.partition(rough, len(rough) - wanted)[len(rough) - wanted])
            # Every product of 32 bits errs by at most so much, in whichever order it was summed.
            margin = 2 * (len(user) + 2) * 2.0**-23 * self._longest * float(np.sqrt(user @ user))
            places = np.flatnonzero(rough >= np.float32(cut - margin))
        scores = (self._offered[places].astype(np.float64) * user).sum(axis=1)
        return best(self._known[places], scores, k=k, without=out)


def _some(requests: Sequence[Request]) -> Iterator[Sequence[Request]]:
    for low in range(0, len(requests), _AT_ONCE):
        yield requests[low : low + _AT_ONCE]


def tune_factorization(model: Factorization, cases: Cases) -> dict[str, float]:
    """The decay for a shop: of those the best nDCG@10 does not clearly beat, the nearest to the model's own.

    It only acts when answering, so the model is not refitted.

    Args:
        model: Fitted on what happened before the cases' targets; left as it is.
        cases: Tuning cases of the recommendation surface; of more than 2,000 every so-manieth is looked at.

    Returns:
        ``{"decay": …}``, ready for ``IalsRecipe.open``; the model's own where no case has anything to find.
    """
    stored = model.state()

    def tried(decay: float) -> Factorization:
        return Factorization.from_state(State(stored.arrays, {**stored.facts, "decay": decay}))

    return {"decay": nearest_to_default(tried, DECAYS, some_cases(cases), at=model.decay)}


class IalsOptions(Section):
    """Table ``[models.ials]``."""

    factors: Count | Annotated[tuple[Count, ...], Field(min_length=1)] = 128
    """Width of the factorisation; of several each is a model of its own, measured and priced."""
    iterations: Count = 8
    """Alternations of learning."""
    regularization: Annotated[float, Field(gt=0, le=1e6)] = 10.0
    """How far factors are drawn to 0."""
    alpha: Annotated[float, Field(gt=0, le=1e6)] = 30.0
    """How much more an item with interactions says than one without."""
    decay: Annotated[float, Field(gt=0, le=1)] | None = None
    """How much each older item of a history counts when answering; tuned on the validation period where left out."""


class IalsRecipe(FittedRecipe):
    """``ials``: items whose factors agree with those of the shopper's history."""

    name = "ials"
    options = IalsOptions
    size = "factors"
    space: ClassVar[SearchSpace] = {
        "factors": Whole(16, 256, is_log=True),
        "regularization": Real(0.1, 300.0, is_log=True),
        "alpha": Real(0.5, 300.0, is_log=True),
        "decay": Real(0.3, 1.0),
    }
    companion = Companion.SAME_PEOPLE

    def tune(self, bench: Bench, options: IalsOptions) -> Mapping[str, Any]:
        """The decay, unless the shop sets it: with the factors of what came before the validation period."""
        if options.decay is not None:
            return {}
        model = _unfitted(options, {}).fit(bench.shop.learn, seed=bench.seed)
        return tune_factorization(model, bench.shop.recommend_tuning)

    def fit(self, bench: Bench, options: IalsOptions, tuned: Mapping[str, Any]) -> State:
        """Factors of the items."""
        return _unfitted(options, tuned).fit(bench.shop.learn_all, seed=bench.seed).state()

    def opening(self, tuned: Mapping[str, Any]) -> Mapping[str, Any]:
        """The decay: all else acts in learning."""
        return {name: value for name, value in tuned.items() if name == "decay"}

    def open(self, parts: Parts, options: Mapping[str, Any]) -> Factorization:
        """The part in the role ``model``; option ``decay`` wins over the stored one."""
        model = Factorization.from_state(parts.state("model"))
        model.decay = float(options.get("decay", model.decay))
        return model


def _unfitted(options: IalsOptions, tuned: Mapping[str, Any]) -> Factorization:
    chosen = {name: tuned.get(name, getattr(options, name)) for name in IalsRecipe.space}
    given = {name: value for name, value in chosen.items() if value is not None}
    return Factorization(**given, iterations=options.iterations)
