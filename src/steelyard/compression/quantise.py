"""Which smaller variants of an encoder there are, and how far their vectors may be trusted."""

from __future__ import annotations

import re
from dataclasses import dataclass

import numpy as np

from steelyard.compression.prune import mean_cosine
from steelyard.domain import VectorArray
from steelyard.errors import ConfigError
from steelyard.models.text.encode import normalised

__all__ = ["Recipe", "fidelity", "recipe_of"]

_NAME = re.compile(r"(?:(?P<layers>[1-9]\d?)l-)?(?P<bits>fp32|int8)")


@dataclass(frozen=True, slots=True)
class Recipe:
    """How a variant is made of the full encoder."""

    name: str
    layers: int | None = None
    """Layers kept; ``None`` for all."""
    is_int8: bool = False
    """Whether weights are stored in 8 bits and multiplied with activations in 8 bits."""
    is_static: bool = False
    """Whether the network is replaced by one vector for each token."""


def recipe_of(variant: str) -> Recipe:
    """The recipe that a variant's name stands for: ``fp32``, ``int8``, ``3l-int8``, ``2l-fp32``, ``static``.

    Args:
        variant: The name.

    Returns:
        The recipe.

    Raises:
        ConfigError: The name is none of these.
    """
    if variant == "static":
        return Recipe(variant, is_static=True)
    found = _NAME.fullmatch(variant)
    if found is None:
        raise ConfigError(f"no encoder variant {variant!r}; there are fp32, int8, static, and Nl-int8 with N layers")
    layers = found["layers"]
    return Recipe(variant, None if layers is None else int(layers), is_int8=found["bits"] == "int8")


def fidelity(exact: VectorArray, approximate: VectorArray) -> dict[str, float]:
    """How near a variant's vectors are to the full encoder's, text by text.

    Args:
        exact: Vectors of the full encoder. Shape (texts, width).
        approximate: Vectors of the variant for the same texts. Shape (texts, width).

    Returns:
        ``mean`` and ``p05`` (the 5th percentile) of the cosines, each in [-1, 1]; empty without texts.
    """
    if not len(exact):
        return {}
    cosines = np.sum(normalised(exact) * normalised(approximate), axis=1)
    return {"mean": mean_cosine(exact, approximate), "p05": float(np.quantile(cosines, 0.05))}
