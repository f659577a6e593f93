"""Trains two towers in torch: the loss and the course of ``sequence_learning``, another network.

Sampled items come from the step itself besides: what one shopper wanted is compared with what the others did. What is
given back is arrays alone, so that numpy is enough to serve.
"""

from __future__ import annotations

import tempfile
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import torch

from steelyard.adapters.sequences.sequence_learning import SequenceLearner, SequencePace, sampled_loss
from steelyard.adapters.sequences.tower_network import TowerNetwork
from steelyard.domain import NONE, Request, State, VectorArray
from steelyard.models.lesson_ports import TowerLessons, TowerStep

__all__ = ["TowerLearner", "learn_towers"]

_RATE = 3e-3
"""Step of the optimiser at its highest, where nobody says otherwise."""
_RIDGE = 1.0
"""Penalty on the projection of texts that the towers start from."""


class TowerLearner(SequenceLearner):
    """Trains both towers.

    Args:
        lessons: What to learn; at least one step.
        unfinished: Folder for what an interrupted training goes on from.
        pace: How fast.
        told: Told how far it has come.
    """

    what = "training two towers"
    _lessons: Any

    def arrays(self) -> dict[str, Any]:
        """All that was learnt, by the names of the network, and which items occurred: ``known``."""
        occurs = self._lessons.known(later=self._now.step > self._stop_step)
        with torch.no_grad():
            self.network.items[torch.from_numpy(~occurs).to(self._device)] = 0.0
        learnt = {name: value.detach().cpu().numpy() for name, value in self._named.items()}
        return {**learnt, "known": occurs}

    def _made(self) -> Any:
        return TowerNetwork(self._lessons)

    def _begin(self, items: torch.nn.Parameter) -> None:
        """Start vectors as far as texts say them, by ridge regression; the items' own hold what is left."""
        super()._begin(items)
        start, texts = self._lessons.start, self._lessons.content.texts
        if start is None or texts is None:
            return
        is_there = start.any(axis=1) & texts.any(axis=1)
        x, y = texts[is_there].astype(np.float64), self._pace.start_length * start[is_there].astype(np.float64)
        learnt = np.linalg.solve(x.T @ x + _RIDGE * np.eye(x.shape[1]), x.T @ y)
        with torch.no_grad():
            self.network.text.weight.copy_(torch.from_numpy(learnt.T.astype(np.float32)))
            left = torch.from_numpy((y - x @ learnt).astype(np.float32)).to(self._device)
            items[torch.from_numpy(is_there).to(self._device)] = left

    def _loss(self, step: TowerStep) -> torch.Tensor:
        device = self._device
        is_there = torch.from_numpy(step.targets != NONE).to(device)
        read = torch.from_numpy(np.maximum(step.items, 0)).to(device)
        wanted = torch.from_numpy(step.targets).to(device)[is_there]
        others = torch.from_numpy(step.negatives).to(device)
        vectors = self.network.vectors(torch.cat([read.flatten(), wanted, others]))
        histories, right, wrong = vectors.split([read.numel(), len(wanted), len(others)])
        basics = torch.from_numpy(step.basics).to(device)
        hidden = self.network.hidden(histories.reshape(*read.shape, self.network.width), basics)[is_there]
        asking = torch.arange(len(is_there), device=device)[:, None].expand_as(is_there)[is_there]
        is_own = asking[:, None] == torch.from_numpy(step.owners).to(device)[None, :]
        is_left_out = is_own | (wanted[:, None] == others[None, :])
        log_expected = torch.from_numpy(step.log_expected).to(device)
        return sampled_loss(hidden, right, wrong, log_expected, is_left_out=is_left_out)

    def _users(self, requests: Sequence[Request]) -> VectorArray:
        """A vector of each shopper; histories may be empty."""
        items, sizes = self._histories(requests)
        read = torch.from_numpy(items).to(self._device)
        basics = torch.from_numpy(self._lessons.basics_of(requests)).to(self._device)
        with torch.no_grad():
            vectors = self.network.vectors(read.flatten()).reshape(*read.shape, self.network.width)
            hidden = self.network.hidden(vectors, basics)
            found: VectorArray = hidden[torch.arange(len(sizes)), torch.from_numpy(sizes)].cpu().numpy()
        return found


def learn_towers(
    lessons: TowerLessons,
    *,
    unfinished: Path | None,
    progress: Callable[[int, int, str], None],
    pace: SequencePace | None = None,
) -> State:
    """Train two towers.

    Args:
        lessons: What to learn.
        unfinished: Folder for what an interrupted training goes on from; None for one that begins anew each time.
        progress: Told how far it has come.
        pace: How fast.

    Returns:
        Arrays by the names of ``TowerNetwork``, ``known``, the fact ``learning``, and ``basics``, names of what is
        known of shoppers; no arrays where there was nothing to learn, or nothing was learnt.
    """
    if not lessons.n_steps:
        return State({}, {"learning": {"steps": 0, "best": -1.0}, "basics": []})
    with tempfile.TemporaryDirectory() as passing:
        folder = unfinished or Path(passing) / "unfinished"
        learner = TowerLearner(lessons, folder, pace=pace or SequencePace(rate=_RATE), told=progress)
        facts = learner.learn()
        arrays = learner.arrays() if facts["best"] >= 0 else {}
        learner.forget()
    return State(arrays, {"learning": facts, "basics": list(lessons.basic_names)})
