"""Writes the variants of an encoder as artefact folders: fp32, 8-bit, fewer layers, static.

All of them answer in the space of the fp32 encoder, so that one set of product vectors serves them all. What has to
be fitted is fitted on the catalogue's own texts and on short pieces of them that look like queries.
"""

from __future__ import annotations

import shutil
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol

import numpy as np

from steelyard.adapters.artefacts import write_state
from steelyard.adapters.encoders.onnx_encoder import open_onnx_encoder, quantise_onnx
from steelyard.adapters.encoders.static_encoder import open_static_encoder
from steelyard.compression.prune import Projection, choose_layers, fit_projection, layer_choices, query_like
from steelyard.compression.quantise import Recipe, fidelity, recipe_of
from steelyard.compression.static import fit_static
from steelyard.domain import IntArray, State, VectorArray
from steelyard.errors import ConfigError
from steelyard.models.building import FittedTo
from steelyard.models.text.encode import token_counts
from steelyard.models.text.parts import STATIC

__all__ = ["FullEncoder", "GraphEncoder", "Material", "write_static", "write_variant"]

_CHOOSE = 150
"""Texts, and as many query-like pieces, on which layers are chosen."""
_FIT = 1500
"""The same for fitting a map."""
_FIT_STATIC = 6000
"""The same for fitting token vectors; of texts whose vectors are given, the number below."""
_MAX_GIVEN = 40_000
_CHECK = 200
"""The same for the fidelity noted in the facts: drawn anew."""
_PIECES_PER_TEXT = 5
"""At most so many query-like pieces of one text on average: more would repeat themselves."""
_STATIC_AXES = 384


class GraphEncoder(Protocol):
    """The full encoder as far as a static one needs it: its answers, not its layers."""

    folder: Path
    max_tokens: int

    @property
    def width(self) -> int:
        """Length of a vector."""
        ...

    def encode(self, texts: Sequence[str]) -> VectorArray:
        """Vectors of length 1."""
        ...

    def token_ids(self, texts: Sequence[str], *, special: bool = True) -> list[list[int]]:
        """Token numbers."""
        ...

    def token_vectors(self) -> VectorArray:
        """Vectors of every token alone, of length 1."""
        ...


class FullEncoder(Protocol):
    """The network that smaller networks are made of."""

    folder: Path
    max_tokens: int

    @property
    def width(self) -> int:
        """Length of a vector."""
        ...

    @property
    def n_layers(self) -> int:
        """Layers of the network."""
        ...

    def encode(self, texts: Sequence[str]) -> VectorArray:
        """Vectors of length 1."""
        ...

    def pooled(self, texts: Sequence[str], choices: Sequence[tuple[int, ...]]) -> dict[tuple[int, ...], VectorArray]:
        """Outputs of several choices of layers."""
        ...

    def export_onnx(
        self, out: Path, *, layers: tuple[int, ...] | None = None, projection: Projection | None = None
    ) -> float:
        """Write and check an ONNX graph."""
        ...


@dataclass(frozen=True, slots=True)
class Material:
    """What a variant is fitted on and checked with."""

    fitted_to: FittedTo
    seed: int = 0
    query_prefix: str = ""
    """Put before every query by the retriever that opens the variant."""


@dataclass(frozen=True, slots=True)
class _Sample:
    """Texts to fit or check on, with the full encoder's vectors."""

    texts: list[str]
    vectors: VectorArray


def write_variant(encoder: FullEncoder, folder: Path, *, variant: str, material: Material) -> dict[str, Any]:
    """Fill ``folder`` with one variant that is a network.

    Args:
        encoder: What it is made of.
        folder: An empty folder.
        variant: See ``steelyard.compression.quantise.recipe_of``; not ``static``.
        material: What it is fitted on and checked with.

    Returns:
        The facts written.

    Raises:
        ConfigError: There is no such variant, or it has more layers than the encoder.
        ArtefactError: The exported graph differs from the network.
    """
    recipe = recipe_of(variant)
    if recipe.layers is not None and recipe.layers > encoder.n_layers:
        raise ConfigError(f"variant {variant!r} wants {recipe.layers} layers; the encoder has {encoder.n_layers}")
    fitter = _Fitter(encoder, material)
    return fitter.write(folder, variant, _graph(encoder, fitter, folder=folder, recipe=recipe))


def write_static(encoder: GraphEncoder, folder: Path, *, material: Material) -> dict[str, Any]:
    """Fill ``folder`` with the static variant; only the full encoder's answers are needed for it.

    Args:
        encoder: The full encoder's graph.
        folder: An empty folder.
        material: What it is fitted on and checked with.

    Returns:
        The facts written.
    """
    fitter = _Fitter(encoder, material)
    return fitter.write(folder, STATIC, fitter.static(encoder))


def _graph(encoder: FullEncoder, fitter: _Fitter, *, folder: Path, recipe: Recipe) -> State:
    """Write ``model.onnx``; gives the facts."""
    facts: dict[str, Any] = {"engine": "onnx"}
    layers, projection = None, None
    if recipe.layers is not None and recipe.layers < encoder.n_layers:
        sample = fitter.sample(_CHOOSE)
        outputs = encoder.pooled(sample.texts, layer_choices(encoder.n_layers, keep=recipe.layers))
        layers, facts["layers_tried"] = choose_layers(outputs, sample.vectors, seed=fitter.seed)
        sample = fitter.sample(_FIT)
        source = encoder.pooled(sample.texts, [layers])[layers]
        projection, facts["held_out_cosine"] = fit_projection(source, sample.vectors, seed=fitter.seed)
        facts["layers"] = list(layers)
    whole = folder / "model.onnx"
    facts["export_cosine"] = encoder.export_onnx(whole, layers=layers, projection=projection)
    if recipe.is_int8:
        exported = whole.replace(folder / "exported.onnx")
        quantise_onnx(exported, whole)
        exported.unlink()
        facts["batch"] = 1  # one scale for all activations of a batch: texts would change each other's vectors
    return State({}, facts)


class _Fitter:
    """Fits a variant to the full encoder's answers, and notes how near it came."""

    def __init__(self, encoder: FullEncoder | GraphEncoder, material: Material) -> None:
        self._encoder = encoder
        self._texts, self._vectors = material.fitted_to.texts, material.fitted_to.vectors
        self._tokens = material.fitted_to.tokens
        self.seed = material.seed
        self._prefix = material.query_prefix

    def write(self, folder: Path, variant: str, state: State) -> dict[str, Any]:
        """Write all but the graph; gives the facts."""
        shutil.copyfile(self._encoder.folder / "tokenizer.json", folder / "tokenizer.json")
        common = {"variant": variant, "max_tokens": self._encoder.max_tokens, "query_prefix": self._prefix}
        facts = {**state.facts, **common, "width": self._encoder.width}
        write_state(folder, State(state.arrays, facts))
        facts["fidelity"] = self._fidelity(folder, is_static=variant == STATIC)
        write_state(folder, State(state.arrays, facts))
        return facts

    def static(self, encoder: GraphEncoder) -> State:
        """Arrays and facts of the static variant."""
        tokens = encoder.token_vectors() if self._tokens is None else self._tokens
        counts = token_counts(encoder.token_ids(self._texts, special=False), n_tokens=len(tokens))
        sample = self.sample(_FIT_STATIC, n_given=_MAX_GIVEN)
        state = fit_static(
            tokens,
            counts,
            ids=encoder.token_ids(sample.texts, special=False),
            target=sample.vectors,
            width=_STATIC_AXES,
            seed=self.seed,
        )
        return State(state.arrays, {"engine": "static", **state.facts})

    def _fidelity(self, folder: Path, *, is_static: bool) -> dict[str, dict[str, float]]:
        """How near the written variant's vectors are to the full encoder's, for products and for queries."""
        opened = open_static_encoder(folder) if is_static else open_onnx_encoder(folder)
        rows = self._rows(_CHECK, seed=self.seed + 1)
        products = [self._texts[row] for row in rows.tolist()]
        queries = self._pieces(_CHECK, seed=self.seed + 1)
        return {
            "products": fidelity(self._known(rows), opened.encode(products)),
            "queries": fidelity(self._encoder.encode(queries), opened.encode(queries)),
        }

    def sample(self, n: int, *, n_given: int = 0) -> _Sample:
        """At most ``n`` products and as many query-like pieces, with their vectors.

        Where the products' vectors are given they cost nothing, and there may be ``n_given`` of them.
        """
        rows = self._rows(n if self._vectors is None else max(n, n_given), seed=self.seed)
        products = [self._texts[row] for row in rows.tolist()]
        pieces = self._pieces(n, seed=self.seed)
        return _Sample(products + pieces, np.concatenate([self._known(rows), self._encoder.encode(pieces)]))

    def _known(self, rows: IntArray) -> VectorArray:
        """The full encoder's vectors of these products, looked up where they are given."""
        if self._vectors is not None:
            return self._vectors[rows]
        return self._encoder.encode([self._texts[row] for row in rows.tolist()])

    def _rows(self, n: int, *, seed: int) -> IntArray:
        return np.random.default_rng(seed).permutation(len(self._texts))[:n]

    def _pieces(self, n: int, *, seed: int) -> list[str]:
        n = min(n, _PIECES_PER_TEXT * len(self._texts))
        return [self._prefix + piece for piece in query_like(self._texts, n=n, seed=seed)]
