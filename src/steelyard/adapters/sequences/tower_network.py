"""Two towers in torch: one makes an item's vector of its content and its number, one a shopper's of what they did.

An item's vector is a sum, brought to one length: its text projected, a vector of each of its attributes, and one of
its own number. A shopper's is the mean of the vectors of their items, weighed by how long ago each was and by how it
agrees with the latest, with a vector of what else is known of them, and what a small network adds to that. Never used
to serve.

Source: Covington et al. 2016, "Deep Neural Networks for YouTube Recommendations", doi:10.1145/2959100.2959190;
Yi et al. 2019, "Sampling-bias-corrected neural modeling", doi:10.1145/3298689.3346996.
"""

from __future__ import annotations

import torch
from torch.nn import functional

from steelyard.adapters.sequences.sequence_network import causal
from steelyard.domain import VectorArray
from steelyard.models.lesson_ports import TowerLessons

__all__ = ["TowerNetwork"]

_SPREAD = 0.02
_HIDDEN = 2
_LENGTH = 6.0
"""Of an item's vector at first. All have the same: by its length alone no item stands before those that are new."""
_FADES = 0.15
"""By how much the logarithm of an item's weight falls with each place that it is further back, at first."""


class TowerNetwork(torch.nn.Module):  # type: ignore[misc]  # torch is not followed by the type checker
    """Vectors of items, and of shoppers.

    Args:
        lessons: Say how wide, and what is known of items and shoppers.
    """

    def __init__(self, lessons: TowerLessons) -> None:
        super().__init__()
        width, content = lessons.width, lessons.content
        self.items = torch.nn.Parameter(torch.randn(lessons.n_items, width) * _SPREAD)
        self.attributes = torch.nn.Parameter(torch.zeros(content.n_codes + 1, width))
        self.text = None if content.texts is None else torch.nn.Linear(content.texts.shape[1], width, bias=False)
        self.register_buffer("texts", _tensor(content.texts), persistent=False)
        self.register_buffer("codes", torch.from_numpy(content.codes), persistent=False)
        self.scale = torch.nn.Parameter(torch.tensor(_LENGTH))
        self.basics = torch.nn.Parameter(torch.zeros(len(lessons.basic_names) + 1, width))
        self.places = torch.nn.Parameter(-_FADES * torch.arange(lessons.length, dtype=torch.float32))
        self.asked = torch.nn.Parameter(torch.zeros(width, width))
        self.normal = torch.nn.LayerNorm(width)
        self.wide = torch.nn.Linear(width, _HIDDEN * width)
        self.narrow = torch.nn.Linear(_HIDDEN * width, width)
        torch.nn.init.zeros_(self.narrow.weight)
        torch.nn.init.zeros_(self.narrow.bias)
        self.drop = torch.nn.Dropout(lessons.dropout)
        self.width, self.no_id, self.attends = width, lessons.no_id, lessons.attends

    def vectors(self, numbers: torch.Tensor) -> torch.Tensor:
        """Of some items. Shapes (items,) and (items, width)."""
        own = functional.embedding(numbers, self.items)
        if self.training:
            own = own * (torch.rand(len(numbers), 1, device=own.device) >= self.no_id)
        return self.scale * functional.normalize(own + self.of_content(numbers), dim=-1)

    def of_content(self, numbers: torch.Tensor) -> torch.Tensor:
        """What their content says of some items. Shape (items, width)."""
        found: torch.Tensor = functional.embedding(self.codes[numbers], self.attributes, padding_idx=0).sum(dim=-2)
        return found if self.text is None else found + self.text(self.texts[numbers])

    def hidden(self, vectors: torch.Tensor, basics: torch.Tensor) -> torch.Tensor:
        """Shoppers after each number of their items, none of them first.

        Args:
            vectors: Of what they did, oldest first, anything behind the end. Shape (histories, longest, width).
            basics: Numbers of what else is known of each, 0 for nothing. Shape (histories, facts).

        Returns:
            Shape (histories, longest + 1, width); what is behind the end of a history means nothing.
        """
        n, longest, width = vectors.shape
        read = self.drop(vectors)
        weights = causal(self.places, longest)[None].expand(n, -1, -1)
        if self.attends:
            weights = weights + (vectors @ self.asked) @ vectors.transpose(-1, -2) / width**0.5
        means = torch.softmax(weights, dim=-1) @ read
        means = torch.cat([means.new_zeros(n, 1, width), means], dim=1)
        known = means + functional.embedding(basics, self.basics, padding_idx=0).sum(dim=-2)[:, None]
        added = self.narrow(self.drop(functional.silu(self.wide(self.normal(known)))))
        found: torch.Tensor = known + added
        return found


def _tensor(array: VectorArray | None) -> torch.Tensor | None:
    return None if array is None else torch.from_numpy(array)
