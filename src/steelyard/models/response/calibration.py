r"""Scores turned into probabilities by what happened on later rows: isotonic and beta calibration, in numpy.

Beta calibration maps :math:`p` to :math:`1 / (1 + e^{-(c + a \ln p - b \ln(1 - p))})` with :math:`a, b \ge 0`: three
numbers, so some hundred positives are enough. Isotonic regression takes any rising step function: it wants a thousand
or more, and ties what stands in one step; between the middles of two steps it is drawn as a line here, so that the
order of what is ranked stays wherever the two steps differ.

Source: Kull, Silva Filho & Flach 2017, "Beta calibration", PMLR 54:623-631; Zadrozny & Elkan 2002,
doi:10.1145/775047.775151; Barlow et al. 1972 (pool adjacent violators).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal, Protocol

import numpy as np

from steelyard.domain import FloatArray
from steelyard.errors import DataError

__all__ = ["METHODS", "Beta", "Calibrator", "Isotonic", "Method", "calibrator_of", "chosen", "fit"]

Method = Literal["none", "beta", "isotonic"]
METHODS: tuple[Method, ...] = ("none", "beta", "isotonic")
_LEAST = 1e-9
_STEPS = 100
_RIDGE = 1e-6
_FOLDS = 5


class Calibrator(Protocol):
    """A rising function from probabilities to probabilities."""

    def apply(self, probabilities: FloatArray) -> FloatArray:
        """Calibrated probabilities. Shape (n,), in [0, 1]."""
        ...

    def facts(self) -> dict[str, Any]:
        """All of it, as JSON holds it."""
        ...


@dataclass(frozen=True, slots=True)
class Unchanged:
    """Leaves probabilities as they are."""

    def apply(self, probabilities: FloatArray) -> FloatArray:
        """The same."""
        return probabilities

    def facts(self) -> dict[str, Any]:
        """Its name."""
        return {"method": "none"}


@dataclass(frozen=True, slots=True)
class Beta:
    """The beta map. ``a`` and ``b`` are >= 0: it never turns the order round."""

    a: float
    b: float
    c: float

    def apply(self, probabilities: FloatArray) -> FloatArray:
        """Calibrated probabilities."""
        p = np.clip(probabilities, _LEAST, 1 - _LEAST)
        return _sigmoid(self.c + self.a * np.log(p) - self.b * np.log1p(-p))

    def facts(self) -> dict[str, Any]:
        """Its name and numbers."""
        return {"method": "beta", "a": self.a, "b": self.b, "c": self.c}


@dataclass(frozen=True, slots=True)
class Isotonic:
    """A rising line through the middles of the steps, level outside of them."""

    at: tuple[float, ...]
    """Mean score of each step, ascending."""
    value: tuple[float, ...]
    """Share of positives in it, non-decreasing; of n rows never nearer to 0 or 1 than 1/(n + 2): nothing is certain."""

    def apply(self, probabilities: FloatArray) -> FloatArray:
        """Calibrated probabilities."""
        return np.asarray(np.interp(probabilities, self.at, self.value), np.float64)

    def facts(self) -> dict[str, Any]:
        """Its name and steps."""
        return {"method": "isotonic", "at": list(self.at), "value": list(self.value)}


def calibrator_of(facts: Mapping[str, Any]) -> Calibrator:
    """A calibrator back from its ``facts``."""
    if facts["method"] == "beta":
        return Beta(float(facts["a"]), float(facts["b"]), float(facts["c"]))
    if facts["method"] == "isotonic":
        return Isotonic(tuple(facts["at"]), tuple(facts["value"]))
    return Unchanged()


def fit(method: Method, probabilities: FloatArray, labels: FloatArray) -> Calibrator:
    """A calibrator by rows that the model did not learn from.

    Args:
        method: Which.
        probabilities: Of the model. Shape (n,), in [0, 1].
        labels: What happened, 0 or 1. Shape (n,).

    Returns:
        The calibrator; one that changes nothing where all labels are the same, since nothing can be told then.

    Raises:
        DataError: Lengths differ, or a value is outside [0, 1].
    """
    if probabilities.shape != labels.shape:
        raise DataError(f"{probabilities.shape} probabilities against {labels.shape} labels: give one of each a row")
    for name, values in (("probabilities", probabilities), ("labels", labels)):
        if not ((values >= 0) & (values <= 1)).all():
            raise DataError(f"{name} outside [0, 1]: calibrate probabilities against outcomes of 0 and 1")
    if method == "none" or not len(labels) or not 0 < labels.mean() < 1:
        return Unchanged()
    return _beta(probabilities, labels) if method == "beta" else _isotonic(probabilities, labels)


def chosen(probabilities: FloatArray, labels: FloatArray, *, seed: int) -> tuple[Calibrator, Method]:
    """The calibrator whose log loss on rows it was not fitted on is least, of equal ones the simplest.

    Args:
        probabilities: Of the model, on rows it did not learn from. Shape (n,).
        labels: 0 or 1. Shape (n,).
        seed: Divides the rows into five parts.

    Returns:
        The calibrator fitted on all rows, and its name.
    """
    fold = np.random.default_rng([seed, 6]).integers(_FOLDS, size=len(labels))
    losses: dict[Method, float] = {}
    for method in METHODS:
        losses[method] = 0.0
        for held in range(_FOLDS):
            made = fit(method, probabilities[fold != held], labels[fold != held])
            p = np.clip(made.apply(probabilities[fold == held]), 1e-6, 1 - 1e-6)
            y = labels[fold == held]
            losses[method] -= float(y @ np.log(p) + (1 - y) @ np.log1p(-p))
    best: Method = min(METHODS, key=lambda method: losses[method])
    return fit(best, probabilities, labels), best


def _sigmoid(values: FloatArray) -> FloatArray:
    found: FloatArray = 0.5 * (1 + np.tanh(0.5 * values))
    return found


def _beta(probabilities: FloatArray, labels: FloatArray) -> Calibrator:
    """Both slopes; one alone where the other would be below zero, and none where both would."""
    p = np.clip(probabilities, _LEAST, 1 - _LEAST)
    columns = np.column_stack([np.log(p), -np.log1p(-p), np.ones(len(p))])
    free = [0, 1, 2]
    while True:
        found = _logistic(columns[:, free], labels)
        below = [column for column, value in zip(free, found, strict=True) if column != 2 and value < 0]
        if not below:
            break
        free = [column for column in free if column not in below]
    numbers = dict(zip(free, found.tolist(), strict=True))
    return Beta(numbers.get(0, 0.0), numbers.get(1, 0.0), numbers[2])


def _logistic(columns: FloatArray, labels: FloatArray) -> FloatArray:
    """Weights of a logistic regression, by Newton steps that are halved while they do not help."""
    weights = np.zeros(columns.shape[1])
    loss = _loss(columns, labels, weights)
    for _ in range(_STEPS):
        p = _sigmoid(columns @ weights)
        slope = columns.T @ (p - labels) + _RIDGE * weights
        bend = (columns.T * (p * (1 - p))) @ columns + _RIDGE * np.eye(len(weights))
        step = np.linalg.solve(bend, slope)
        while (next_loss := _loss(columns, labels, weights - step)) > loss and float(np.abs(step).max()) > 1e-12:
            step = step / 2
        weights, moved, loss = weights - step, float(np.abs(step).max()), next_loss
        if moved < 1e-10:
            break
    return weights


def _loss(columns: FloatArray, labels: FloatArray, weights: FloatArray) -> float:
    scores = columns @ weights
    return float((np.logaddexp(0, scores) - labels * scores).sum() + _RIDGE * (weights @ weights) / 2)


def _isotonic(probabilities: FloatArray, labels: FloatArray) -> Calibrator:
    scores, where = np.unique(probabilities, return_inverse=True)
    counts = np.bincount(where).astype(np.float64)
    shares = np.bincount(where, weights=labels) / counts
    at: list[float] = []
    values: list[float] = []
    sizes: list[float] = []
    for score, share, size in zip(scores.tolist(), shares.tolist(), counts.tolist(), strict=True):
        at.append(score)
        values.append(share)
        sizes.append(size)
        while len(values) > 1 and values[-2] >= values[-1]:
            size_sum = sizes[-2] + sizes[-1]
            for column in (at, values):
                column[-2] = (column[-2] * sizes[-2] + column[-1] * sizes[-1]) / size_sum
                column.pop()
            sizes[-2] = size_sum
            sizes.pop()
    least = 1 / (len(labels) + 2)
    return Isotonic(tuple(at), tuple(min(max(value, least), 1 - least) for value in values))
