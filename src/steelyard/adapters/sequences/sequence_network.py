"""A transformer that reads a history of item vectors, oldest first, and gives the vector of what comes next; in torch.

Pre-norm blocks of one head whose additions are gated, as in LiGR. Places count from the latest item backwards, so that
a history is read alike however much came before; how long ago each item was may count in attention besides. Items are
scored by the inner product with the vector; the vectors that are read and those that are scored are the same. Never
used to serve.

Source: Tikhonovich et al. 2025, "eSASRec: Enhancing Transformer-based Recommendations in a Modular Fashion",
doi:10.1145/3705328.3748055; Borisyuk et al. 2024, "LiGR", arXiv:2502.03417.
"""

from __future__ import annotations

import torch
from torch.nn import functional

from steelyard.domain import VectorArray

__all__ = ["SequenceNetwork", "Served"]

_SPREAD = 0.02
_HIDDEN = 4
_MASKED = -1e9
_NO_ID = 0.1
"""Share of the items that are read and scored by their text alone while it learns, so that new ones are understood."""


class _Block(torch.nn.Module):  # type: ignore[misc]  # torch is not followed by the type checker
    """One layer: attention to what came before, then each place on its own; both gated."""

    def __init__(self, width: int, length: int, dropout: float, n_ages: int) -> None:
        super().__init__()
        self.before_looking, self.before_thinking = torch.nn.LayerNorm(width), torch.nn.LayerNorm(width)
        self.asked = torch.nn.Linear(width, width)
        self.offered = torch.nn.Linear(width, 2 * width)
        self.seen = torch.nn.Linear(width, width)
        self.wide = torch.nn.Linear(width, 2 * _HIDDEN * width)
        self.narrow = torch.nn.Linear(_HIDDEN * width, width)
        self.look_gate, self.think_gate = torch.nn.Linear(width, width), torch.nn.Linear(width, width)
        self.distances = torch.nn.Parameter(torch.zeros(length))
        if n_ages:
            self.ages = torch.nn.Parameter(torch.zeros(n_ages))
        self.drop = torch.nn.Dropout(dropout)
        self.width = width

    def forward(self, hidden: torch.Tensor, bias: torch.Tensor) -> torch.Tensor:
        """All places. Shapes (histories, longest, width) and, what is added to attention, (histories or 1, n, n)."""
        normal = self.before_looking(hidden)
        return self._rest(hidden, self.asked(normal), normal, bias)

    def latest(self, hidden: torch.Tensor, bias: torch.Tensor) -> torch.Tensor:
        """The last place only. Shapes (1, n, width) and (1, n) to (1, 1, width)."""
        normal = self.before_looking(hidden)
        return self._rest(hidden[:, -1:], self.asked(normal[:, -1:]), normal, bias)

    def _rest(
        self, hidden: torch.Tensor, asked: torch.Tensor, normal: torch.Tensor, bias: torch.Tensor
    ) -> torch.Tensor:
        keys, values = self.offered(normal).split(self.width, dim=-1)
        looks = torch.softmax(asked @ keys.transpose(-1, -2) / self.width**0.5 + bias, dim=-1)
        seen = self.drop(self.seen(self.drop(looks) @ values))
        hidden = hidden + torch.sigmoid(self.look_gate(hidden)) * seen
        open_, given = self.wide(self.before_thinking(hidden)).split(_HIDDEN * self.width, dim=-1)
        thought = self.drop(self.narrow(functional.silu(open_) * given))
        found: torch.Tensor = hidden + torch.sigmoid(self.think_gate(hidden)) * thought
        return found


class SequenceNetwork(torch.nn.Module):  # type: ignore[misc]  # as above
    """Vectors of items, and of what comes after a history.

    Args:
        n_items: Of the catalogue.
        width: Of a vector.
        blocks: >= 1.
        length: Latest items that are read.
        dropout: While it learns.
        texts: A vector of each item's text, or None. Shape (items, text width).
        n_ages: Steps of how long ago an item was; 0 where times do not count.
    """

    def __init__(
        self,
        n_items: int,
        *,
        width: int,
        blocks: int,
        length: int,
        dropout: float,
        texts: VectorArray | None,
        n_ages: int = 0,
    ) -> None:
        super().__init__()
        self.items = torch.nn.Parameter(torch.randn(n_items, width) * _SPREAD)
        self.places = torch.nn.Parameter(torch.randn(length, width) * _SPREAD)
        if n_ages:
            self.gaps = torch.nn.Parameter(torch.randn(n_ages, width) * _SPREAD)
        self.blocks = torch.nn.ModuleList([_Block(width, length, dropout, n_ages) for _ in range(blocks)])
        self.drop = torch.nn.Dropout(dropout)
        self.text = None if texts is None else torch.nn.Linear(texts.shape[1], width, bias=False)
        self.register_buffer("texts", None if texts is None else torch.from_numpy(texts), persistent=False)
        self.width, self.length, self.n_ages = width, length, n_ages

    def vectors(self, numbers: torch.Tensor) -> torch.Tensor:
        """Of some items. Shape (items, width)."""
        found = functional.embedding(numbers, self.items)
        if self.text is None or self.texts is None:
            return found
        if self.training:
            found = found * (torch.rand(len(numbers), 1, device=found.device) >= _NO_ID)
        said: torch.Tensor = found + self.text(self.texts[numbers])
        return said

    def hidden(self, vectors: torch.Tensor, sizes: torch.Tensor, ages: torch.Tensor | None = None) -> torch.Tensor:
        """After each place of histories.

        Args:
            vectors: Oldest first, anything behind the end. Shape (histories, longest, width).
            sizes: Of the histories. Shape (histories,).
            ages: As ``SequenceStep.ages``; None where times do not count.

        Returns:
            Shape (histories, longest, width); what is behind the end of a history means nothing.
        """
        longest = vectors.shape[1]
        places = (sizes[:, None] - 1 - torch.arange(longest, device=sizes.device)[None, :]).clamp(min=0)
        hidden = self.drop(self.gapped(vectors + self.places[places], ages))
        for block in self.blocks:
            hidden = block(hidden, _timed(causal(block.distances, longest), block, ages))
        return hidden

    def gapped(self, vectors: torch.Tensor, ages: torch.Tensor | None) -> torch.Tensor:
        """With how long it was from each item to what came next. Shapes (..., n, width) and (..., n, n)."""
        if ages is None:
            return vectors
        places = torch.arange(ages.shape[-1], device=ages.device)
        own = (ages * (places[:, None] == places[None, :])).sum(dim=-1)  # the diagonal, as ONNX can say it
        found: torch.Tensor = vectors + functional.embedding(own, self.gaps)
        return found


class Served(torch.nn.Module):  # type: ignore[misc]  # as above
    """The network as it is served: one history in, the vector of what comes next out.

    Args:
        network: What was learnt.
    """

    def __init__(self, network: SequenceNetwork) -> None:
        super().__init__()
        self.network = network

    def forward(self, vectors: torch.Tensor, ages: torch.Tensor | None = None) -> torch.Tensor:
        """From vectors of a history's items, oldest first, at most ``length``; ages where times count.

        Shapes (n, width) and (n, n), and (width,).
        """
        network = self.network
        n = vectors.shape[0]
        hidden = network.gapped(vectors + network.places[:n].flip(0), ages)[None]
        for block in network.blocks[:-1]:
            hidden = block(hidden, _timed(causal(block.distances, n), block, ages))
        last = network.blocks[-1]
        latest = None if ages is None else ages[-1:]
        found: torch.Tensor = last.latest(hidden, _timed(last.distances[:n].flip(0)[None], last, latest))
        return found[0, 0]


def _timed(bias: torch.Tensor, block: _Block, ages: torch.Tensor | None) -> torch.Tensor:
    return bias if ages is None else bias + functional.embedding(ages, block.ages[:, None])[..., 0]


def causal(distances: torch.Tensor, longest: int) -> torch.Tensor:
    """What is added to attention: how far back a place is, and that nothing looks ahead. Shape (longest, longest)."""
    places = torch.arange(longest, device=distances.device)
    back = places[:, None] - places[None, :]
    return torch.where(back >= 0, distances[back.clamp(min=0)], torch.full_like(distances[:1], _MASKED))
