r"""A network that tells the chances of click, cart and purchase, in torch: DCN-V2 with attention to the history.

.. math:: x_{l+1} = x_0 \odot (W_l x_l + b_l) + x_l

over what is known of the row, the item's own vector, and the part of the history that the item draws attention to,
beside a small dense network. Never used to serve.

Source: Wang et al. 2021, "DCN V2", doi:10.1145/3442381.3450078; Zhou et al. 2018, "Deep Interest Network",
doi:10.1145/3219819.3219823.
"""

from __future__ import annotations

import io
import warnings

import numpy as np
import torch

from steelyard.domain import IntArray
from steelyard.errors import ArtefactError
from steelyard.models.response.chain import Seen
from steelyard.models.response.deep import INPUTS, NetworkScorer

__all__ = ["ResponseNetwork", "graph_of"]

_ITEM, _CATEGORY, _HIDDEN, _CROSSED = 16, 8, 48, 2
_OPSET = 17
_MAX_DIFFERENCE = 1e-4


class ResponseNetwork(torch.nn.Module):  # type: ignore[misc]  # torch is not followed by the type checker
    """Chance of each stage given the one before.

    Args:
        learning: Rows that it will learn from: their scale is kept.
        category: Of each item; -1 where there is none.
        n_stages: Chances of a row.
        dropout: Share of the numbers, and of the items' own vectors, that is left out while it learns.
    """

    def __init__(self, learning: Seen, category: IntArray, *, n_stages: int, dropout: float) -> None:
        super().__init__()
        rows = learning.rows.astype(np.float64)
        spread = rows.std(axis=0)
        width = rows.shape[1] + 3 * (_ITEM + _CATEGORY)
        self.register_buffer("mean", torch.tensor(rows.mean(axis=0), dtype=torch.float32))
        self.register_buffer("spread", torch.tensor(np.where(spread > 0, spread, 1.0), dtype=torch.float32))
        self.register_buffer("category", torch.tensor(np.concatenate([[0], category + 1]), dtype=torch.int64))
        self.item = torch.nn.Embedding(len(category) + 1, _ITEM)
        self.kind = torch.nn.Embedding(int(category.max(initial=-1)) + 2, _CATEGORY)
        for table in (self.item, self.kind):
            torch.nn.init.normal_(table.weight, std=0.05)
        each = _ITEM + _CATEGORY
        self.looks = torch.nn.Sequential(
            torch.nn.Linear(4 * each, _HIDDEN), torch.nn.ReLU(), torch.nn.Linear(_HIDDEN, 1)
        )
        self.crossed = torch.nn.ModuleList([torch.nn.Linear(width, width) for _ in range(_CROSSED)])
        hidden = [torch.nn.Linear(width, _HIDDEN), torch.nn.ReLU(), torch.nn.Dropout(dropout)]
        self.dense = torch.nn.Sequential(*hidden, torch.nn.Linear(_HIDDEN, _HIDDEN))
        self.head = torch.nn.Linear(width + _HIDDEN, n_stages)
        self.dropout = dropout

    def forward(self, rows: torch.Tensor, items: torch.Tensor, history: torch.Tensor) -> torch.Tensor:
        """Shape (rows, stages), in (0, 1)."""
        known = items + 1
        if self.training and self.dropout:  # so that it can do without the vector of an item that it never saw
            known = known * (torch.rand(known.shape, device=known.device) >= self.dropout)
        own = torch.cat([self.item(known), self.kind(self.category[items + 1])], dim=-1)
        past = torch.cat([self.item(history + 1), self.kind(self.category[history + 1])], dim=-1)
        beside = own[:, None, :].expand_as(past)
        looks = self.looks(torch.cat([past, beside, past * beside, past - beside], dim=-1))[..., 0]
        is_there = (history >= 0).to(looks.dtype)
        weights = torch.exp(torch.clamp(looks, -10.0, 10.0)) * is_there
        weights = weights / (weights.sum(dim=1, keepdim=True) + 1e-6)
        drawn = (weights[..., None] * past).sum(dim=1)
        first = torch.cat([(rows - self.mean) / self.spread, own, drawn, own * drawn], dim=-1)
        crossed = first
        for layer in self.crossed:
            crossed = first * layer(crossed) + crossed
        found: torch.Tensor = torch.sigmoid(self.head(torch.cat([crossed, self.dense(first)], dim=-1)))
        return found

    def of(self, seen: Seen, places: IntArray | None = None) -> torch.Tensor:
        """Chances of rows, on the network's own device. Shape (rows, stages)."""
        device = self.mean.device
        parts = (seen.rows, seen.items, seen.history)
        chosen = parts if places is None else tuple(part[places] for part in parts)
        found: torch.Tensor = self(*(torch.from_numpy(np.ascontiguousarray(part)).to(device) for part in chosen))
        return found


def graph_of(network: ResponseNetwork, example: Seen) -> bytes:
    """The network as an ONNX graph, checked against torch.

    Args:
        network: What was learnt, on the processor.
        example: At least three rows.

    Returns:
        The graph, inputs ``INPUTS``.

    Raises:
        ArtefactError: They differ: the export is wrong, and nothing is kept.
    """
    network.eval()
    out, parts = io.BytesIO(), (example.rows, example.items, example.history)
    with warnings.catch_warnings(), torch.no_grad():
        warnings.filterwarnings("ignore", category=DeprecationWarning, module="torch.onnx")
        warnings.filterwarnings("ignore", message=".*legacy TorchScript-based ONNX export")
        torch.onnx.export(
            network,
            tuple(torch.from_numpy(np.ascontiguousarray(part[:2])) for part in parts),
            out,
            dynamo=False,
            opset_version=_OPSET,
            input_names=list(INPUTS),
            output_names=["chances"],
            dynamic_axes={**{name: {0: "n"} for name in INPUTS}, "chances": {0: "n"}},
        )
        expected = network.of(example).numpy()
    graph = out.getvalue()
    difference = float(np.abs(NetworkScorer(graph).conditionals(example) - expected).max(initial=0.0))
    if not difference <= _MAX_DIFFERENCE:
        raise ArtefactError(
            f"the exported network of responses differs from torch by {difference:.6f} (at most {_MAX_DIFFERENCE}): it "
            "was not kept; check that torch is the version this release was tested with"
        )
    return graph
