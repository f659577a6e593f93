"""Taking layers out of an encoder: which ones to keep, and the linear map that repairs what is left.

The network is run by the adapters, handed in as a function; here are the choice and the algebra. With the map,
a pruned encoder's queries live in the space of the full encoder's product vectors, so the products are encoded once.
"""

from __future__ import annotations

import itertools
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Self

import numpy as np
import numpy.typing as npt

from steelyard.domain import VectorArray
from steelyard.models.text.encode import normalised

__all__ = ["Projection", "choose_layers", "fit_projection", "layer_choices", "mean_cosine", "query_like"]

_RIDGES = (1e-4, 1e-3, 1e-2, 1e-1)
_HELD_OUT = 0.2
_MAX_QUERY_WORDS = 4


@dataclass(frozen=True, slots=True)
class Projection:
    """A linear map: ``x @ matrix + bias``."""

    matrix: VectorArray
    """Shape (width in, width out)."""
    bias: VectorArray
    """Shape (width out,)."""

    def apply(self, vectors: VectorArray) -> VectorArray:
        """The map of each row, of length 1. Shape (rows, width out)."""
        return normalised(vectors @ self.matrix + self.bias)


def mean_cosine(a: VectorArray, b: VectorArray) -> float:
    """Mean cosine of rows with the same number.

    Args:
        a: Shape (rows, width).
        b: Shape (rows, width).

    Returns:
        In [-1, 1]; NaN when there are no rows.
    """
    if not len(a):
        return float("nan")
    return float(np.mean(np.sum(normalised(a) * normalised(b), axis=1)))


def query_like(texts: Sequence[str], *, n: int, seed: int) -> list[str]:
    """Short texts that look like queries: one to four neighbouring words of a product's text, lower case.

    Args:
        texts: Product texts.
        n: How many to make.
        seed: Of the random choice.

    Returns:
        ``n`` strings, or none when no text has a word. They are drawn with repetition.
    """
    random = np.random.default_rng(seed)
    split = [words for words in (text.lower().split() for text in texts) if words]
    if not split:
        return []
    result = []
    for row in random.integers(0, len(split), n):
        words = split[row]
        size = int(random.integers(1, min(_MAX_QUERY_WORDS, len(words)) + 1))
        start = int(random.integers(0, min(len(words) - size, 8) + 1))
        result.append(" ".join(words[start : start + size]))
    return result


def layer_choices(n_layers: int, *, keep: int, limit: int = 24) -> list[tuple[int, ...]]:
    """Ways to keep ``keep`` of ``n_layers`` layers in their order.

    Args:
        n_layers: Layers of the full encoder.
        keep: Layers to keep, in [1, n_layers].
        limit: With more ways than this only those with the first and the last layer are given.

    Returns:
        Ascending tuples of layer numbers.

    Raises:
        ValueError: ``keep`` is not in [1, n_layers].
    """
    if not 1 <= keep <= n_layers:
        raise ValueError(f"cannot keep {keep} of {n_layers} layers")
    ways = list(itertools.combinations(range(n_layers), keep))
    if len(ways) <= limit or keep < 2:
        return ways
    return [way for way in ways if way[0] == 0 and way[-1] == n_layers - 1]


def fit_projection(source: VectorArray, target: VectorArray, *, seed: int) -> tuple[Projection, float]:
    r"""The linear map from ``source`` to ``target`` by ridge regression, in closed form.

    .. math:: W = (X^\top X + \lambda\, s\, I)^{-1} X^\top Y

    on centred columns, s being the mean diagonal of :math:`X^\top X`; λ is the one of a small grid with the
    highest cosine on a fifth of the rows held out, and the map is then fitted on all rows.

    Args:
        source: Pooled outputs of the smaller encoder, not normalised. Shape (rows, width in).
        target: Vectors of the full encoder for the same texts. Shape (rows, width out).
        seed: Of the choice of held-out rows.

    Returns:
        The map, and the mean cosine on the held-out rows; NaN with fewer than five rows, where the smallest
        risk is taken: the largest λ.
    """
    order = np.random.default_rng(seed).permutation(len(source))
    held, used = np.split(order, [int(len(order) * _HELD_OUT)])
    everything = _Moments.of(source, target)
    if not len(held):
        return everything.solve(_RIDGES[-1]), float("nan")
    seen = _Moments.of(source[used], target[used])
    scores = {ridge: mean_cosine(seen.solve(ridge).apply(source[held]), target[held]) for ridge in _RIDGES}
    best = max(scores, key=lambda ridge: scores[ridge])
    return everything.solve(best), scores[best]


def choose_layers(
    outputs: Mapping[tuple[int, ...], VectorArray], target: VectorArray, *, seed: int
) -> tuple[tuple[int, ...], dict[str, float]]:
    """The layers whose output, once mapped, is nearest to the full encoder's on held-out texts.

    Args:
        outputs: For each choice of layers the pooled outputs of the same texts. Shape (texts, width) each.
        target: The full encoder's vectors of these texts. Shape (texts, width).
        seed: Of the choice of held-out texts; the same for all choices.

    Returns:
        The best choice, and the mean held-out cosine of every choice (keys like ``0-2-5``).

    Raises:
        ValueError: There is no choice.
    """
    if not outputs:
        raise ValueError("no choice of layers to compare")
    scores = {way: fit_projection(vectors, target, seed=seed)[1] for way, vectors in outputs.items()}
    best = max(scores, key=lambda way: (scores[way], way))
    return best, {"-".join(map(str, way)): score for way, score in scores.items()}


@dataclass(frozen=True, slots=True)
class _Moments:
    """What every ridge needs of the rows: taken once, as it is the dear part where rows are many."""

    x_mean: npt.NDArray[np.float64]
    y_mean: npt.NDArray[np.float64]
    gram: npt.NDArray[np.float64]
    cross: npt.NDArray[np.float64]

    @classmethod
    def of(cls, source: VectorArray, target: VectorArray) -> Self:
        """Of rows of ``source`` and ``target``."""
        x: npt.NDArray[np.float64] = np.asarray(source, np.float64)
        y: npt.NDArray[np.float64] = np.asarray(target, np.float64)
        x_mean, y_mean = x.mean(axis=0), y.mean(axis=0)
        centred = x - x_mean
        return cls(x_mean, y_mean, centred.T @ centred, centred.T @ (y - y_mean))

    def solve(self, ridge: float) -> Projection:
        """The map with this λ."""
        scale = float(np.trace(self.gram)) / len(self.gram) or 1.0
        matrix = np.linalg.solve(self.gram + ridge * scale * np.eye(len(self.gram)), self.cross)
        bias = self.y_mean - self.x_mean @ matrix
        return Projection(np.asarray(matrix, np.float32), np.asarray(bias, np.float32))
