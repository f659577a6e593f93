"""Learning with differential privacy, by Opacus: a person is one example, their gradient is cut, and noise is added."""

from __future__ import annotations

import secrets
import warnings
from typing import Any

import numpy as np
import numpy.typing as npt
import torch
from opacus import PrivacyEngine
from opacus.utils.batch_memory_manager import BatchMemoryManager

from steelyard.domain import IntArray, Interactions
from steelyard.models.retrieval.private import Guarantee, PrivateAutoencoder

__all__ = ["learn_privately"]

_GRADIENT_BYTES = 1 << 28
"""For the gradients of the people that are looked at together: each has one of the size of the model."""


def learn_privately(
    model: PrivateAutoencoder, interactions: Interactions, people: IntArray, *, seed: int
) -> tuple[tuple[npt.NDArray[np.float32], ...], Guarantee]:
    """Learn an autoencoder of histories, each person one example.

    Args:
        model: Its options.
        interactions: What happened.
        people: Who has interactions, ascending.
        seed: Of the first codes alone; the noise and who is looked at when come from the system.

    Returns:
        Codes, decoder and bias, and what was reached.
    """
    torch.manual_seed(seed)
    encoder = torch.nn.Linear(interactions.n_items, model.factors, bias=False)
    decoder = torch.nn.Linear(model.factors, interactions.n_items)
    torch.manual_seed(secrets.randbits(62))
    histories = _Histories(interactions, people)
    engine, net, optimizer, loader = _guarded(model, torch.nn.Sequential(encoder, decoder), histories)
    held = max(int(_GRADIENT_BYTES / (8 * model.factors * interactions.n_items)), 1)
    with warnings.catch_warnings():
        warnings.filterwarnings("ignore", message="Full backward hook")  # the inputs are data and have no gradient
        for _ in range(model.epochs):
            with BatchMemoryManager(data_loader=loader, max_physical_batch_size=held, optimizer=optimizer) as batches:
                for rows in batches:
                    optimizer.zero_grad()
                    lengths = rows.sum(dim=1, keepdim=True).clamp(min=1.0)
                    told = torch.log_softmax(net(rows / lengths.sqrt()), dim=1)
                    (-(told * rows).sum(dim=1) / lengths.squeeze(1)).sum().backward()
                    optimizer.step()
        warnings.filterwarnings("ignore", message="Optimal order")  # the bound holds, and could be a little tighter
        reached = float(engine.get_epsilon(model.delta))
    guarantee = Guarantee(
        reached,
        model.delta,
        float(optimizer.noise_multiplier),
        len(people),
        model.epochs * len(loader),
    )
    arrays = (encoder.weight.T, decoder.weight, decoder.bias)
    return tuple(np.ascontiguousarray(one.detach().numpy(), np.float32) for one in arrays), guarantee


def _guarded(model: PrivateAutoencoder, net: Any, histories: _Histories) -> tuple[Any, Any, Any, Any]:
    """Accountant, model, optimiser and loader that keep the promise together."""
    loader = torch.utils.data.DataLoader(histories, batch_size=min(model.batch, len(histories)))
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # that its random numbers are not made for keys: ``Trust`` says so
        engine = PrivacyEngine(accountant="rdp")
        net, optimizer, loader = engine.make_private_with_epsilon(
            module=net,
            optimizer=torch.optim.Adam(net.parameters(), lr=model.rate),
            data_loader=loader,
            target_epsilon=model.epsilon,
            target_delta=model.delta,
            epochs=model.epochs,
            max_grad_norm=1.0,
            loss_reduction="sum",
            noise_generator=torch.Generator().manual_seed(secrets.randbits(62)),
        )
    return engine, net, optimizer, loader


class _Histories:
    """People as a data set: of each a row with 1 where they did something with an item.

    Args:
        interactions: What happened.
        people: Whom; ascending.
    """

    def __init__(self, interactions: Interactions, people: IntArray) -> None:
        order = np.argsort(interactions.users, kind="stable")
        self._items = interactions.items[order]
        self._starts = np.searchsorted(interactions.users[order], [*people.tolist(), int(people[-1]) + 1])
        self._width = interactions.n_items

    def __len__(self) -> int:
        return len(self._starts) - 1

    def __getitem__(self, person: int) -> Any:
        row = np.zeros(self._width, np.float32)
        row[self._items[self._starts[person] : self._starts[person + 1]]] = 1.0
        return torch.from_numpy(row)
