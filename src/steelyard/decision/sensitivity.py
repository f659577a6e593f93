r"""How far a choice depends on what is not known: each figure moved alone, and all of them drawn together.

A cost is a sum of products of drivers, :math:`c = \sum_l f_l \prod_{d \in D_l} x_d` (a price times a quantity, say),
and drivers are shared: what makes one configuration dearer makes the others dearer as well. Draws are tied by a
Gaussian copula: the ranks of two drivers agree as far as their correlation says, whatever their distributions.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np
from scipy.special import ndtr, ndtri

from steelyard.domain import FloatArray
from steelyard.errors import ConfigError

__all__ = ["Driver", "Line", "Swing", "cheapest_shares", "costs", "draw", "tornado"]

Shape = Literal["fixed", "uniform", "triangular", "normal", "lognormal"]
_Z = 1.959963984540054
"""Standard deviations from the middle to either end of a 95 % interval."""


@dataclass(frozen=True, slots=True)
class Driver:
    """A figure that is not known exactly.

    Raises:
        ConfigError: The ends do not enclose the middle, or do not suit the shape.
    """

    name: str
    middle: float
    """Most likely value (triangular), mean (normal, uniform: ignored), median (lognormal)."""
    low: float
    """Lowest value (uniform, triangular), or low end of the 95 % interval."""
    high: float
    shape: Shape = "triangular"

    def __post_init__(self) -> None:
        if not self.low <= self.middle <= self.high or not np.isfinite([self.low, self.high]).all():
            raise ConfigError(f"{self.name}: {self.middle:g} does not lie in [{self.low:g}, {self.high:g}]")
        if self.shape == "normal" and not np.isclose(self.middle - self.low, self.high - self.middle):
            raise ConfigError(
                f"{self.name}: {self.middle:g} is not in the middle of [{self.low:g}, {self.high:g}]; "
                "a normal figure is symmetric: take triangular or lognormal"
            )
        if self.shape == "lognormal" and self.low <= 0:
            raise ConfigError(f"{self.name}: a lognormal figure is above zero, its low end is {self.low:g}")

    def quantiles(self, shares: FloatArray) -> FloatArray:
        """The values below which the driver lies with each probability. Same shape as ``shares``."""
        low, middle, high = self.low, self.middle, self.high
        if self.shape == "fixed" or low == high:
            return np.full_like(shares, middle)
        if self.shape == "uniform":
            return low + shares * (high - low)
        if self.shape == "triangular":
            return _triangular(shares, low, middle, high)
        z = np.asarray(ndtri(shares), np.float64)
        if self.shape == "normal":
            return middle + z * (high - low) / (2 * _Z)
        return np.asarray(middle * np.exp(z * np.log(high / low) / (2 * _Z)), np.float64)


@dataclass(frozen=True, slots=True)
class Line:
    """A term of a configuration's cost: a factor times the drivers it depends on."""

    configuration: str
    factor: float
    drivers: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Swing:
    """What a cost becomes when one driver alone goes to either end."""

    driver: str
    at_low: float
    at_high: float

    @property
    def width(self) -> float:
        """Distance between the two."""
        return abs(self.at_high - self.at_low)


def draw(
    drivers: Sequence[Driver], *, n: int, seed: int, correlations: Mapping[tuple[str, str], float] | None = None
) -> FloatArray:
    """Joint draws of all drivers.

    Args:
        drivers: Names distinct.
        n: Draws, >= 1.
        seed: The same seed gives the same draws.
        correlations: Of the normal scores, by pair of names; pairs not named are independent.

    Returns:
        Shape (n, drivers).

    Raises:
        ConfigError: A pair names an unknown driver, a correlation is outside (-1, 1), or they contradict each other.
    """
    random = np.random.default_rng(seed)
    shares = random.random((len(drivers), n))
    tied, root = _tied(drivers, correlations or {})
    if tied:
        shares[tied] = ndtr(root @ random.standard_normal((len(tied), n)))
    return np.stack([driver.quantiles(shares[at]) for at, driver in enumerate(drivers)]).T


def costs(lines: Sequence[Line], drivers: Sequence[Driver], draws: FloatArray) -> tuple[tuple[str, ...], FloatArray]:
    """Cost of every configuration in every draw.

    Args:
        lines: Terms, in any order.
        drivers: In the order of the columns of ``draws``.
        draws: Shape (n, drivers).

    Returns:
        Names of the configurations in order of first mention, and costs, shape (n, configurations).

    Raises:
        ConfigError: A line depends on a driver nobody described.
    """
    place = {driver.name: at for at, driver in enumerate(drivers)}
    unknown = sorted({name for line in lines for name in line.drivers if name not in place})
    if unknown:
        raise ConfigError(f"lines depend on {', '.join(unknown)}, which no driver describes")
    names = tuple(dict.fromkeys(line.configuration for line in lines))
    row = {name: at for at, name in enumerate(names)}
    values = np.ascontiguousarray(draws.T)
    total = np.zeros((len(names), len(draws)))
    for line in lines:
        product = np.full(len(draws), float(line.factor))
        for name in line.drivers:
            product *= values[place[name]]
        total[row[line.configuration]] += product
    return names, total.T


def cheapest_shares(found: FloatArray) -> FloatArray:
    """Share of the draws in which each configuration is the cheapest; ties are shared out.

    Args:
        found: From ``costs``. Shape (n, configurations); infinite where a configuration must not be chosen.

    Returns:
        Shape (configurations,), sums to 1; to less where draws leave nothing to choose.
    """
    is_least = (found == found.min(axis=1, keepdims=True)) & np.isfinite(found)
    n_least = np.maximum(is_least.sum(axis=1, keepdims=True), 1)
    return np.asarray((is_least / n_least).mean(axis=0), np.float64)


def tornado(lines: Sequence[Line], drivers: Sequence[Driver], *, configuration: str) -> list[Swing]:
    """What moves a configuration's cost most: each driver at its ends, the others at their middle; widest first.

    Args:
        lines: Terms of all configurations.
        drivers: What they depend on.
        configuration: Whose cost.

    Returns:
        One swing for each driver its cost depends on.

    Raises:
        ConfigError: No line is the configuration's, or a driver is not described.
    """
    own = [line for line in lines if line.configuration == configuration]
    if not own:
        raise ConfigError(f"no line of {configuration}; there are {sorted({line.configuration for line in lines})}")
    used = {name for line in own for name in line.drivers}
    middles = np.array([driver.middle for driver in drivers])
    swings = []
    for at, driver in enumerate(drivers):
        if driver.name in used:
            ends = np.stack([middles, middles])
            ends[:, at] = driver.low, driver.high
            _, found = costs(own, drivers, ends)
            swings.append(Swing(driver.name, float(found[0, 0]), float(found[1, 0])))
    return sorted(swings, key=lambda swing: (-swing.width, swing.driver))


def _triangular(shares: FloatArray, low: float, middle: float, high: float) -> FloatArray:
    width, left, right = high - low, middle - low, high - middle
    rising = low + np.sqrt(shares * width * left)
    falling = high - np.sqrt((1 - shares) * width * right)
    return np.where(shares * width < left, rising, falling)


def _tied(drivers: Sequence[Driver], correlations: Mapping[tuple[str, str], float]) -> tuple[list[int], FloatArray]:
    """Places of the drivers that are correlated, and the lower triangle that gives their correlations."""
    place = {driver.name: at for at, driver in enumerate(drivers)}
    if len(place) < len(drivers):
        raise ConfigError("two drivers have the same name")
    for (one, other), value in correlations.items():
        if one not in place or other not in place or one == other or not -1 < value < 1:
            raise ConfigError(f"correlation {value:g} of {one} and {other}: name two drivers, and stay in (-1, 1)")
    tied = sorted({place[name] for pair in correlations for name in pair})
    at = {number: row for row, number in enumerate(tied)}
    matrix = np.eye(len(tied))
    for (one, other), value in correlations.items():
        row, column = at[place[one]], at[place[other]]
        matrix[row, column] = matrix[column, row] = value
    try:
        return tied, np.asarray(np.linalg.cholesky(matrix), np.float64)
    except np.linalg.LinAlgError as error:
        raise ConfigError("the correlations contradict each other: no figures can agree so; weaken some") from error
