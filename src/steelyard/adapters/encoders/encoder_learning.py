r"""Trains an encoder further on a shop's own judged queries, in torch. What is learnt is a network like the one before.

.. math:: \ell = - \sum_d g_d \ln \mathrm{softmax}_d (\tau \, q \cdot d)

over the candidates of all queries of a step, g being each candidate's share of its query's gain. The lower layers stay
as they are. Training stops where queries held back get no better, or the time is up; how far the rate falls is settled
once, after the first steps. Every half minute all that it needs to go on is written, so that an interrupted training
ends with the numbers of one that was not interrupted. Nothing is pickled.
"""

from __future__ import annotations

import shutil
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import torch
from safetensors.torch import save_file

from steelyard.adapters.encoders.torch_encoder import TorchEncoder
from steelyard.adapters.encoders.unfinished import Stand, Unfinished, forget
from steelyard.domain import VectorArray
from steelyard.models.building import Lessons

__all__ = ["EncoderLearner", "Pace"]

_CHUNK = 64
_SHARPNESS, _SHARPNESS_RATE = 20.0, 1e-2


@dataclass(frozen=True, slots=True)
class Pace:
    """How fast it learns."""

    frozen: int = 3
    """Lower layers that stay as they are, of six; of other depths the same share."""
    rate: float = 8e-5
    """Step of the optimiser at its highest."""
    warm: float = 0.05
    """Share of the steps in which the rate rises."""
    looks: int = 5
    """How often the held-back queries are asked."""
    patience: int = 2
    """So many looks without getting better end the training."""
    timed: int = 5
    """Steps after which it is settled how many there is time for."""
    for_steps: float = 0.75
    """Share of the time that the steps may take; the rest is for looking."""
    save_every_s: float = 30.0


class EncoderLearner:
    """Trains one encoder.

    Args:
        encoder: It is changed: open one for this alone.
        lessons: What to learn.
        unfinished: Folder for what an interrupted training goes on from.
        pace: How fast.
        told: Told how far it has come.
    """

    def __init__(
        self,
        encoder: TorchEncoder,
        lessons: Lessons,
        unfinished: Path,
        *,
        pace: Pace | None = None,
        told: Callable[[int, int, str], None] = lambda done, total, what: None,
    ) -> None:
        self._encoder, self._lessons, self._folder = encoder, lessons, unfinished
        self._pace, self._told = pace or Pace(), told
        self._frozen = min(round(self._pace.frozen * encoder.n_layers / 6), encoder.n_layers - 1)
        self._ids = {name: encoder.token_ids(texts) for name, texts in _texts(lessons).items()}
        self._learnt = self._unfrozen()
        self._sharpness = torch.nn.Parameter(torch.tensor(float(np.log(_SHARPNESS))))
        groups = [{"params": list(self._learnt.values())}, {"params": [self._sharpness], "weight_decay": 0.0}]
        self._optimizer = torch.optim.AdamW(groups, lr=self._pace.rate, weight_decay=0.01)
        self._now = Stand(lessons.key)

    def learn(self) -> dict[str, Any]:
        """Train to the end, from where it was interrupted if it was; the encoder holds the best that was found.

        Returns:
            What it came to: steps, seconds, the quality on the queries to stop by at each look.
        """
        kept = Unfinished(self._folder, {**self._learnt, "sharpness": self._sharpness}, self._optimizer)
        self._now = kept.resume(self._lessons.key)
        began, saved = time.monotonic() - self._now.spent_s, time.monotonic()
        cpu_began = time.process_time() - self._now.cpu_s
        while not self._now.is_over:
            loss = self._step()
            self._now.spent_s = time.monotonic() - began
            self._settle()
            if self._now.total and (self._now.step % self._every() == 0 or self._now.step >= self._now.total):
                self._look(kept)
                self._now.spent_s = time.monotonic() - began
            self._now.cpu_s = time.process_time() - cpu_began
            if self._now.is_over or time.monotonic() - saved >= self._pace.save_every_s:
                kept.save(self._now)
                saved = time.monotonic()
            total = self._now.total or self._lessons.n_steps
            self._told(self._now.step, total, f"training the encoder, loss {loss:.3f}")
        kept.put_best()
        now = self._now
        spent = {"seconds": round(now.spent_s, 1), "cpu_seconds": round(now.cpu_s, 1)}
        return {"steps": now.step, "planned": now.total, **spent, "looks": now.looks}

    def encode(self, texts: Sequence[str]) -> VectorArray:
        """Vectors of texts by the network as it is now. Shape (texts, width), rows of length 1."""
        with torch.no_grad():
            return np.asarray(self._vectors(self._encoder.token_ids(texts)).numpy(), np.float32)

    def write(self, out: Path) -> None:
        """The trained network as a folder that ``TorchEncoder`` opens.

        Args:
            out: The folder.
        """
        for name in ("config.json", "tokenizer.json"):
            shutil.copyfile(self._encoder.folder / name, out / name)
        weights = {name: value.contiguous() for name, value in self._encoder.network.model.state_dict().items()}
        save_file(weights, out / "model.safetensors", metadata={"format": "pt"})

    def forget(self) -> None:
        """Delete what an interrupted training would go on from."""
        forget(self._folder)

    def _unfrozen(self) -> dict[str, torch.nn.Parameter]:
        found: dict[str, torch.nn.Parameter] = {}
        for number, layer in enumerate(self._encoder.network.layers):
            layer.requires_grad_(number >= self._frozen)
            if number >= self._frozen:
                found |= {f"{number}.{name}": value for name, value in layer.named_parameters()}
        return found

    def _step(self) -> float:
        step = self._lessons.step(self._now.step)
        shares, is_left_out = torch.from_numpy(step.shares), torch.from_numpy(step.is_left_out)
        for group, highest in zip(self._optimizer.param_groups, (self._pace.rate, _SHARPNESS_RATE), strict=True):
            group["lr"] = highest * self._share()
        queries = self._vectors([self._ids["queries"][row] for row in step.rows.tolist()])
        texts = self._vectors([self._ids["texts"][text] for text in step.texts.tolist()])
        logits = (self._sharpness.exp() * (queries @ texts.T)).masked_fill(is_left_out, -torch.inf)
        logs = torch.log_softmax(logits, dim=1).masked_fill(is_left_out, 0.0)
        loss = -(shares * logs).sum(dim=1).mean()
        self._optimizer.zero_grad()
        loss.backward()
        torch.nn.utils.clip_grad_norm_(list(self._learnt.values()), 1.0)
        self._optimizer.step()
        self._now.step += 1
        return float(loss.detach())

    def _share(self) -> float:
        """Of the highest rate: rising at first, then falling to nearly nothing."""
        total = self._now.total or self._lessons.n_steps
        rising = (self._now.step + 1) / max(self._pace.warm * total, 1)
        return min(1.0, rising) * max(0.02, 1 - self._now.step / total)

    def _settle(self) -> None:
        now = self._now
        if now.total or now.step < min(self._pace.timed, self._lessons.n_steps):
            return
        affordable = int(self._pace.for_steps * self._lessons.minutes * 60 / max(now.spent_s / now.step, 1e-9))
        now.total = max(min(self._lessons.n_steps, affordable), now.step)

    def _every(self) -> int:
        return max(self._now.total // self._pace.looks, 1)

    def _look(self, kept: Unfinished) -> None:
        now = self._now
        quality = self._lessons.quality(self.encode)
        now.looks.append(round(quality, 5))
        if quality > now.best:
            now.best, now.since_best = quality, 0
            kept.keep_best()
        else:
            now.since_best += 1
        is_late = now.spent_s >= self._lessons.minutes * 60
        now.is_over = now.step >= now.total or now.since_best >= self._pace.patience or is_late

    def _vectors(self, rows: Sequence[Sequence[int]]) -> torch.Tensor:
        """Vectors of length 1, texts of about one length together; no gradient through the frozen layers."""
        order = np.argsort([len(row) for row in rows], kind="stable")
        parts = [self._pooled([rows[place] for place in order[i : i + _CHUNK]]) for i in range(0, len(rows), _CHUNK)]
        place = torch.from_numpy(np.argsort(order, kind="stable"))
        return torch.nn.functional.normalize(torch.cat(parts), dim=-1)[place]

    def _pooled(self, rows: Sequence[Sequence[int]]) -> torch.Tensor:
        width = max(len(row) for row in rows)
        mask = torch.tensor([[1.0] * len(row) + [0.0] * (width - len(row)) for row in rows])
        ids = torch.tensor([[*row, *[0] * (width - len(row))] for row in rows])
        network, bias = self._encoder.network, (1.0 - mask[:, None, None, :]) * -10000.0
        with torch.no_grad():
            hidden = network.embedded(ids)
            for number in range(self._frozen):
                hidden = network.layer(number, hidden, bias)
        for number in range(self._frozen, len(network.layers)):
            hidden = network.layer(number, hidden, bias)
        weights = mask[:, :, None]
        return torch.sum(hidden * weights, dim=1) / weights.sum(dim=1)


def _texts(lessons: Lessons) -> dict[str, Sequence[str]]:
    return {"queries": lessons.queries, "texts": lessons.texts}
