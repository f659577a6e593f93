r"""Trains the network of responses, in torch: all stages together, over all rows.

.. math:: \ell = - \sum_s \overline{y_s \ln P_s + (1 - y_s) \ln (1 - P_s)}, \qquad P_s = \prod_{t \le s} p_t

so that a purchase teaches every factor of its chain, and no factor is learnt on the few rows that reached it alone.
Stopped by later rows; goes on after an interruption with the numbers of a training that was not interrupted.

Source: Ma et al. 2018, "Entire Space Multi-Task Model", doi:10.1145/3209978.3210104.
"""

from __future__ import annotations

import tempfile
import time
from pathlib import Path
from typing import Any

import numpy as np
import torch

from steelyard.adapters.encoders.unfinished import Stand, Unfinished, forget
from steelyard.adapters.response_network import ResponseNetwork, graph_of
from steelyard.models.response.chain import Seen
from steelyard.models.response.deep import DeepLessons

__all__ = ["learn_response"]

_RATE = 2e-3
_LOOKS_AN_EPOCH = 2
_PATIENCE = 4
_SAVED_EVERY_S = 20.0


def learn_response(lessons: DeepLessons, unfinished: Path | None) -> tuple[bytes, dict[str, Any]]:
    """Train the network and give its graph.

    Args:
        lessons: What to learn, and from which seed.
        unfinished: Folder that an interrupted training goes on from; nothing outlives an interruption without.

    Returns:
        The graph, and what the training came to.
    """
    if unfinished is None:
        with tempfile.TemporaryDirectory() as folder:
            return _learnt(lessons, Path(folder))
    found = _learnt(lessons, unfinished)
    forget(unfinished)
    return found


def _learnt(lessons: DeepLessons, folder: Path) -> tuple[bytes, dict[str, Any]]:
    torch.set_num_threads(lessons.threads)
    torch.manual_seed(lessons.seed)
    settings = lessons.settings
    network = ResponseNetwork(
        lessons.learning, lessons.category, n_stages=lessons.reached.shape[1], dropout=float(settings["dropout"])
    )
    device = "cuda" if torch.cuda.is_available() else "cpu"
    network.to(device)
    optimizer = torch.optim.AdamW(network.parameters(), lr=_RATE, weight_decay=float(settings["decay"]))
    kept = Unfinished(folder, dict(network.named_parameters()), optimizer)
    stand = kept.resume(lessons.key)
    _to(optimizer, device)
    stand.total = int(settings["epochs"]) * lessons.in_epoch
    _train(network, optimizer, lessons, (kept, stand))
    if stand.best >= 0:
        kept.put_best()
    network.to("cpu")
    known = lessons.learning
    sample = Seen(known.rows[:8], known.items[:8], known.history[:8])
    note = {"steps": stand.step, "looks": [round(look, 6) for look in stand.looks], "cpu_s": round(stand.cpu_s, 1)}
    return graph_of(network, sample), note


def _train(
    network: ResponseNetwork, optimizer: torch.optim.Optimizer, lessons: DeepLessons, going: tuple[Unfinished, Stand]
) -> None:
    kept, stand = going
    every = max(lessons.in_epoch // _LOOKS_AN_EPOCH, 1)
    began, cpu, saved = time.monotonic() - stand.spent_s, time.process_time() - stand.cpu_s, time.monotonic()
    while stand.step < stand.total and not stand.is_over:
        _step(network, optimizer, lessons, stand.step)
        stand.step += 1
        stand.spent_s, stand.cpu_s = time.monotonic() - began, time.process_time() - cpu
        is_late = stand.spent_s > 60 * float(lessons.settings["minutes"])
        if stand.step % every == 0 or stand.step == stand.total or is_late:
            _look(network, lessons, (kept, stand))
            stand.is_over = stand.is_over or is_late
        if time.monotonic() - saved > _SAVED_EVERY_S or stand.is_over:
            kept.save(stand)
            saved = time.monotonic()


def _step(network: ResponseNetwork, optimizer: torch.optim.Optimizer, lessons: DeepLessons, number: int) -> None:
    """One step; what it leaves out is drawn from the seed and its number: the same one when it comes again."""
    torch.manual_seed(1_000_003 * (lessons.seed + 1) + number)
    network.train()
    places = lessons.step(number)
    on_gpu = network.mean.is_cuda
    with torch.autocast("cuda", dtype=torch.bfloat16, enabled=on_gpu):
        conditionals = network.of(lessons.learning, places)
    chances = torch.cumprod(conditionals.to(torch.float32), dim=1).clamp(1e-6, 1 - 1e-6)
    reached = torch.from_numpy(lessons.reached[places]).to(chances.device)
    loss = torch.nn.functional.binary_cross_entropy(chances, reached, reduction="none").mean(dim=0).sum()
    optimizer.zero_grad()
    loss.backward()
    torch.nn.utils.clip_grad_norm_(network.parameters(), 5.0)
    optimizer.step()


def _look(network: ResponseNetwork, lessons: DeepLessons, going: tuple[Unfinished, Stand]) -> None:
    """Ask the rows to stop by, and keep the numbers where they are the best so far."""
    kept, stand = going
    network.eval()
    with torch.no_grad():
        n = len(lessons.stopping.items)
        runs = [np.arange(low, min(low + 4096, n)) for low in range(0, n, 4096)]
        parts = [network.of(lessons.stopping, run).to("cpu").numpy() for run in runs]
    if not parts:
        return
    quality = lessons.quality(np.concatenate(parts).astype(np.float64))
    stand.looks.append(quality)
    if quality > stand.best:
        stand.best, stand.since_best = quality, 0
        kept.keep_best()
    else:
        stand.since_best += 1
        stand.is_over = stand.since_best >= _PATIENCE


def _to(optimizer: torch.optim.Optimizer, device: str) -> None:
    """What was put back of an optimiser lies on the processor; steps are counted there."""
    for state in optimizer.state.values():
        for name in ("exp_avg", "exp_avg_sq"):
            state[name] = state[name].to(device)
