"""A network that reads a query and a product's text together and says how well they go together, in torch.

Made of the layers of a pre-trained encoder. Pairs are laid one behind another, and only attention looks at them side by
side: no work is done for padding, and lengths may differ as they like. Its head starts as the cosine between the words
of the query and those of the text, so that it knows something before it learns. Never used to serve.
"""

from __future__ import annotations

import copy
import warnings
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import torch

from steelyard.adapters.encoders.onnx_encoder import open_session, quantise_onnx
from steelyard.adapters.encoders.torch_encoder import TorchEncoder
from steelyard.domain import FloatArray
from steelyard.errors import ArtefactError
from steelyard.models.reranking.pairs_of_tokens import INPUTS, TokenPairs, packed

__all__ = ["CrossNetwork", "write_graph"]

_OPSET = 17
_SHARPNESS = 40.0
"""Of the cosine at first: among candidates that look alike cosines differ by hundredths, and what the first steps of
training add to every number must stay small beside them."""
_MAX_DIFFERENCE = 1e-3
_MASKED = -10000.0


class CrossNetwork(torch.nn.Module):  # type: ignore[misc]  # torch is not followed by the type checker
    """Scores of pairs.

    Args:
        encoder: Whose layers it starts from; they are shared, so open one for this alone.
        layers: Ascending numbers of the layers to keep.
    """

    def __init__(self, encoder: TorchEncoder, layers: Sequence[int]) -> None:
        super().__init__()
        model = encoder.network.model
        self.embeddings = model.embeddings
        self.layers = torch.nn.ModuleList([encoder.network.layers[number] for number in layers])
        self.heads = int(model.config.num_attention_heads)
        self.first = encoder.network.first_position
        self.has_segments = int(model.config.type_vocab_size) > 1
        width = self.width = int(model.config.hidden_size)
        self.mark = torch.nn.Linear(width, 1)
        self.agreement = torch.nn.Linear(width, 1, bias=False)
        torch.nn.init.zeros_(self.mark.weight)
        torch.nn.init.zeros_(self.mark.bias)
        torch.nn.init.constant_(self.agreement.weight, _SHARPNESS)
        self.dropout = 0.0
        self.requires_grad_(requires_grad=True)
        self.embeddings.requires_grad_(requires_grad=False)

    def forward(
        self,
        tokens: torch.Tensor,
        parts: torch.Tensor,
        positions: torch.Tensor,
        places: torch.Tensor,
        back: torch.Tensor,
        in_query: torch.Tensor,
        in_text: torch.Tensor,
    ) -> torch.Tensor:
        """Score of each pair; the inputs as ``TokenPairs`` lays them out."""
        segments = parts if self.has_segments else torch.zeros_like(parts)
        embedded = self.embeddings(
            input_ids=tokens[None], token_type_ids=segments[None], position_ids=positions[None] + self.first
        )
        hidden = embedded[0]
        bias = (1.0 - (in_query + in_text))[:, None, None, :] * _MASKED
        for layer in self.layers:
            hidden = self._layer(layer, hidden, places, back, bias)
        side = hidden.to(torch.float32)[places]
        words, text = _mean(side, in_query), _mean(side, in_text)
        found: torch.Tensor = self.mark(side[:, 0]) + self.agreement(words * text)
        return found[:, 0]

    def _layer(
        self, layer: Any, hidden: torch.Tensor, places: torch.Tensor, back: torch.Tensor, bias: torch.Tensor
    ) -> torch.Tensor:
        own, after = layer.attention.self, layer.attention.output
        weight = torch.cat([own.query.weight, own.key.weight, own.value.weight])
        added = torch.cat([own.query.bias, own.key.bias, own.value.bias])
        asked = (hidden @ weight.t() + added)[places]
        n_pairs, longest, width = asked.shape[0], asked.shape[1], self.width
        query, key, value = (
            each.reshape(n_pairs, longest, self.heads, width // self.heads).transpose(1, 2)
            for each in asked.split(width, dim=-1)
        )
        looks = query @ key.transpose(-1, -2) / (width // self.heads) ** 0.5 + bias
        seen = (torch.softmax(looks, dim=-1) @ value).transpose(1, 2).reshape(n_pairs * longest, width)[back]
        hidden = after.LayerNorm(self._dropped(seen @ after.dense.weight.t() + after.dense.bias) + hidden)
        inner, outer = layer.intermediate, layer.output
        wide = inner.intermediate_act_fn(hidden @ inner.dense.weight.t() + inner.dense.bias)
        result: torch.Tensor = outer.LayerNorm(self._dropped(wide @ outer.dense.weight.t() + outer.dense.bias) + hidden)
        return result

    def _dropped(self, values: torch.Tensor) -> torch.Tensor:
        """While it learns, some of the numbers are left out."""
        return torch.nn.functional.dropout(values, self.dropout) if self.training and self.dropout else values

    def shallower(self, layers: Sequence[int]) -> CrossNetwork:
        """A network of its own with some of the layers, which starts from the numbers of this one.

        Args:
            layers: Ascending.

        Returns:
            Embeddings, which learn nothing, are shared.
        """
        known = {id(value): value for value in self.embeddings.parameters()}
        known |= {id(value): value for value in self.embeddings.buffers()}
        kept = self.layers
        try:
            self.layers = torch.nn.ModuleList([kept[number] for number in layers])
            return copy.deepcopy(self, known)
        finally:
            self.layers = kept

    def of(self, pairs: TokenPairs) -> torch.Tensor:
        """Scores of pairs. Shape (pairs,)."""
        found: torch.Tensor = self(*(torch.from_numpy(pairs.inputs()[name]) for name in INPUTS))
        return found


def _mean(side: torch.Tensor, weights: torch.Tensor) -> torch.Tensor:
    """Direction of the mean of some tokens."""
    total = (side * weights[:, :, None]).sum(1)
    return torch.nn.functional.normalize(total, dim=-1)


def write_graph(network: CrossNetwork, out: Path) -> float:
    """Write the network as an ONNX graph with weights of 8 bits, checked against torch before they are rounded.

    Args:
        network: What was learnt.
        out: The file.

    Returns:
        Highest difference between the scores of the graph and those of torch, before rounding.

    Raises:
        ArtefactError: They differ: the export is wrong, and nothing is kept.
    """
    network.eval()
    example = packed([[2, 3, 4], [2, 3]], [np.array([5, 4]), np.array([4, 5, 3])])
    whole = out.with_suffix(".whole")
    inputs = example.inputs()
    axes = {name: dict(enumerate(("pairs", "longest") if inputs[name].ndim == 2 else ("tokens",))) for name in INPUTS}
    with warnings.catch_warnings(), torch.no_grad():
        warnings.filterwarnings("ignore", category=DeprecationWarning, module="torch.onnx")
        warnings.filterwarnings("ignore", message=".*legacy TorchScript-based ONNX export")
        torch.onnx.export(
            network,
            tuple(torch.from_numpy(inputs[name]) for name in INPUTS),
            str(whole),
            dynamo=False,
            opset_version=_OPSET,
            input_names=list(INPUTS),
            output_names=["scores"],
            dynamic_axes={**axes, "scores": {0: "pairs"}},
        )
    try:
        return _checked(network, whole, out)
    finally:
        whole.unlink(missing_ok=True)


def _checked(network: CrossNetwork, whole: Path, out: Path) -> float:
    other = packed([[2, 5], [2, 3, 4, 5], [2]], [np.array([5, 4, 4]), np.array([3]), np.array([4, 3])])
    with torch.no_grad():
        expected: FloatArray = network.of(other).numpy()
    found = open_session(whole, threads=1).run(None, other.inputs())[0]
    difference = float(np.abs(found - expected).max())
    if not difference <= _MAX_DIFFERENCE:
        raise ArtefactError(
            f"the exported cross-encoder differs from torch by {difference:.5f} (at most {_MAX_DIFFERENCE}): it was "
            "not kept; check that torch is the version this release was tested with"
        )
    quantise_onnx(whole, out)
    return difference
