"""A recommender learnt with differential privacy: what it says tells hardly anything of any one person.

Learnt with ``opacus``, answered with numpy alone. The unit that is protected is a person: each is one example, all of
their events together.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Annotated, Any, Protocol, Self

import numpy as np
import numpy.typing as npt
from pydantic import Field

from steelyard import registry
from steelyard.config.section import Count, Section
from steelyard.domain import FloatArray, IntArray, Interactions, Ranked, Reason, Request, State
from steelyard.errors import DataError
from steelyard.models.building import Bench
from steelyard.models.fitted import fitted
from steelyard.models.ports import Parts
from steelyard.models.ranking.explain import reasons_from
from steelyard.models.recipe import FittedRecipe
from steelyard.models.retrieval.shortlists import Shortlist, best, excluded_items, interest, stacked

__all__ = ["Guarantee", "Learner", "PrivateAutoencoder", "PrivateRecipe"]


@dataclass(frozen=True, slots=True)
class Guarantee:
    r"""For any person, :math:`P(M(D) \in S) \le e^{\varepsilon} P(M(D') \in S) + \delta` with them and without."""

    epsilon: float
    delta: float
    noise: float
    """Standard deviation of the noise over the length that a person's gradient is cut to."""
    people: int
    steps: int


class PrivateAutoencoder:
    r"""Items that the history's sum of codes points to.

    .. math:: s(i) = d_i^T \sum_j \hat{w}_j e_j + b_i, \quad \hat{w} = w / \lVert w \rVert_2

    Learnt to give each person's items back by :math:`-\frac{1}{|x|} \sum_{i \in x} \ln \mathrm{softmax}(s)_i`, the
    gradient of each person cut to length 1 and the sum blurred by Gaussian noise.

    Args:
        factors: Width of a code, >= 1.
        epsilon: The most that learning may tell of a person, > 0.
        delta: Chance that more is told; less than one over the number of people.
        epochs: How often each person is looked at, on average.
        batch: People looked at in a step, on average.
        rate: Step of the optimiser, > 0.

    Trust:
        It holds for the numbers of this model alone. Lists of what is popular, which fill short lists, and other models
        are learnt without it; what a person is shown depends on their own history. The noise is of a fast generator,
        not of one that is made for keys. With few people or a small epsilon it is little better than chance.

    Source:
        Abadi et al. 2016, doi:10.1145/2976749.2978318; Liang et al. 2018, doi:10.1145/3178876.3186150.
    """

    def __init__(
        self,
        factors: int = 32,
        *,
        epsilon: float = 4.0,
        delta: float = 1e-6,
        epochs: int = 20,
        batch: int = 256,
        rate: float = 0.02,
    ) -> None:
        self.factors = factors
        self.epsilon = epsilon
        self.delta = delta
        self.epochs = epochs
        self.batch = batch
        self.rate = rate
        self.guarantee_: Guarantee | None = None
        """What was reached; ``None`` before learning."""
        self._codes: npt.NDArray[np.float32] | None = None
        self._decoder = np.empty((0, 0), np.float32)
        self._bias = np.empty(0, np.float32)

    def fit(self, interactions: Interactions, *, seed: int) -> Self:
        """Learn from all people together.

        Args:
            interactions: What happened; weights do not count, since a person counts once for an item.
            seed: Of the first codes alone. Who is looked at when, and the noise, come from the system's own randomness:
                noise that can be made again protects nobody, so two runs differ.

        Returns:
            The model itself.

        Raises:
            DataError: There are so few people that delta promises nothing.
            MissingExtra: ``opacus`` is not installed; only learning needs it.
        """
        people = np.unique(interactions.users)
        if len(people) * self.delta >= 1 or len(people) < 2:
            raise DataError(
                f"private: with {len(people):,} people a delta of {self.delta:g} promises nothing: it must be below "
                "one over their number"
            )
        learn: Learner = registry.load("learners", "private")
        arrays, self.guarantee_ = learn(self, interactions, people, seed=seed)
        self._set(*arrays)
        return self

    def retrieve(self, requests: Sequence[Request], *, k: int) -> Ranked:
        """The ``k`` items with the highest scores; nothing for a request without a known item."""
        return stacked((self._best(request, k) for request in requests), k=k)

    def explain(self, request: Request, items: IntArray) -> list[list[Reason]]:
        """For each item, the items of the history that add most to its score: but for the bias it is their sum."""
        sources, weights = self._weights(request)
        if not len(sources):
            return [[] for _ in items]
        codes = self._fitted()[sources].astype(np.float64) * weights[:, None]
        parts = codes @ self._decoder[items].T.astype(np.float64)
        return [reasons_from("bought_together", sources, parts[:, place]) for place in range(len(items))]

    def state(self) -> State:
        """Codes, decoder and bias, float32, with the options and the guarantee."""
        names = ("factors", "epsilon", "delta", "epochs", "batch", "rate")
        facts: dict[str, Any] = {name: getattr(self, name) for name in names}
        if self.guarantee_ is not None:
            told = self.guarantee_
            facts["privacy"] = {"unit": "person"} | {name: getattr(told, name) for name in Guarantee.__slots__}
        return State({"codes": self._fitted(), "decoder": self._decoder, "bias": self._bias}, facts)

    @classmethod
    def from_state(cls, state: State) -> Self:
        """The model back; does not need ``opacus``."""
        facts = dict(state.facts)
        told = facts.pop("privacy", None)
        model = cls(**facts)
        if told is not None:
            model.guarantee_ = Guarantee(**{name: told[name] for name in Guarantee.__slots__})
        model._set(*(state.arrays[name] for name in ("codes", "decoder", "bias")))
        return model

    def _set(self, *arrays: npt.NDArray[np.float32]) -> None:
        self._codes, self._decoder, self._bias = arrays

    def _fitted(self) -> npt.NDArray[np.float32]:
        return fitted(self._codes, "the private model is")

    def _weights(self, request: Request) -> tuple[IntArray, FloatArray]:
        items, _ = interest(request, decay=1.0, n_items=len(self._fitted()))
        sources = np.unique(items)
        return sources, np.full(len(sources), 1 / np.sqrt(max(len(sources), 1)))

    def _best(self, request: Request, k: int) -> Shortlist:
        sources, weights = self._weights(request)
        if not len(sources):
            return np.empty(0, np.int64), np.empty(0)
        code = (weights @ self._fitted()[sources].astype(np.float64)).astype(np.float32)
        scores = (self._decoder @ code + self._bias).astype(np.float64)
        return best(np.arange(len(scores)), scores, k=k, without=excluded_items(request))


class Learner(Protocol):
    """Learns with differential privacy (entry points ``steelyard.learners``)."""

    def __call__(
        self, model: PrivateAutoencoder, interactions: Interactions, people: IntArray, *, seed: int
    ) -> tuple[tuple[npt.NDArray[np.float32], ...], Guarantee]:
        """Codes, decoder and bias, and what was reached."""
        ...


class PrivateOptions(Section):
    """Table ``[models.private]``."""

    factors: Count = 32
    """Width of a code."""
    epsilon: Annotated[float, Field(gt=0, le=1000)] = 4.0
    """The most that the model may tell of any one person; 1 is strict, 10 is loose."""
    delta: Annotated[float, Field(gt=0, lt=1)] = 1e-6
    """Chance that it tells more; below one over the number of people."""
    epochs: Count = 20
    """How often each person is looked at."""
    batch: Count = 256
    """People looked at in a step."""


class PrivateRecipe(FittedRecipe):
    """``private``: items that people with such a history had, learnt with differential privacy."""

    name = "private"
    options = PrivateOptions

    def fit(self, bench: Bench, options: PrivateOptions, tuned: Mapping[str, Any]) -> State:
        """Codes of the items, and what learning them tells of a person at most."""
        model = PrivateAutoencoder(
            options.factors,
            epsilon=options.epsilon,
            delta=options.delta,
            epochs=options.epochs,
            batch=options.batch,
        )
        return model.fit(bench.shop.learn_all, seed=bench.seed).state()

    def open(self, parts: Parts, options: Mapping[str, Any]) -> PrivateAutoencoder:
        """The part in the role ``model``."""
        return PrivateAutoencoder.from_state(parts.state("model"))
