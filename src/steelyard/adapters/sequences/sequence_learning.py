r"""Trains a network that reads histories, in torch.

.. math:: \ell = -s_{+} + \ln\Big(e^{s_{+}} + \sum_{j \ne +} e^{s_j} / q_j\Big)

at every place of a history, s being inner products with the vector of that place, the sum over items that are sampled
once for all histories of a step, and q how often each was expected among them: the mean over many samples is the
softmax over the whole catalogue. What is looked at, kept and served are running averages of the weights. After the best
of them was found, they may be taught a little longer on all events. It goes on after an interruption.

Source: Bengio & Senécal 2008, doi:10.1109/TNN.2007.912312 (importance sampling of the softmax); Izmailov et al. 2018,
arXiv:1803.05407 (averages of weights).
"""

from __future__ import annotations

import tempfile
import time
from collections.abc import Callable, Mapping, Sequence
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import torch

from steelyard.adapters.encoders.unfinished import Stand, Unfinished, forget
from steelyard.adapters.sequences.sequence_graph import write_graphs
from steelyard.adapters.sequences.sequence_network import SequenceNetwork
from steelyard.domain import NONE, IntArray, Request, State, VectorArray
from steelyard.models.building import SequenceLessons
from steelyard.models.sequence.ages import N_AGES, age_steps, asked_times

__all__ = ["SequenceLearner", "SequencePace", "learn_sequences", "sampled_loss"]

_AVERAGED_EVERY = 5
"""Steps from one look at the weights to the next: averages of all of them would take a tenth of the time."""


@dataclass(frozen=True, slots=True)
class SequencePace:
    """How fast it learns."""

    rate: float = 1e-3
    """Step of the optimiser at its highest."""
    warm: int = 200
    """Steps in which the rate rises."""
    average: float = 0.998
    """Share of the running averages that stays in each step."""
    start_length: float = 2.5
    """Length of the vectors that items start from."""
    for_best: float = 0.8
    """Share of the time until the best is found, where it is taught longer on all events."""
    save_every_s: float = 30.0


class SequenceLearner:
    """Trains one network.

    Args:
        lessons: What to learn; at least one step.
        unfinished: Folder for what an interrupted training goes on from.
        pace: How fast.
        told: Told how far it has come.
    """

    what = "training the transformer"

    def __init__(
        self,
        lessons: SequenceLessons,
        unfinished: Path,
        *,
        pace: SequencePace | None = None,
        told: Callable[[int, int, str], None] = lambda done, total, what: None,
    ) -> None:
        self._lessons, self._pace, self._told, self._folder = lessons, pace or SequencePace(), told, unfinished
        self._device = torch.device("cuda" if torch.cuda.is_available() else "cpu")
        with torch.random.fork_rng(devices=[]):
            torch.manual_seed(lessons.seed)
            self.network = self._made().to(self._device)
        named = dict(self.network.named_parameters())
        self._begin(named["items"])
        self._named = named
        self._averages = {name: value.detach().clone() for name, value in named.items()}
        self._optimizer = torch.optim.Adam(named.values(), lr=self._pace.rate, fused=True)
        self._unfinished = Unfinished(unfinished, named, self._optimizer, self._averages)
        self._now = Stand(lessons.key)

    def learn(self) -> dict[str, Any]:
        """Train to the end, from where it was interrupted if it was; the network holds what is to be served.

        Returns:
            What it came to: steps, seconds, the quality at each look. ``best`` is below 0 where nothing was learnt.
        """
        self._now = now = self._unfinished.resume(self._lessons.key)
        began, saved = time.monotonic() - now.spent_s, time.monotonic()
        cpu_began = time.process_time() - now.cpu_s
        while not now.is_over:
            loss = self._step()
            now.spent_s, now.cpu_s = time.monotonic() - began, time.process_time() - cpu_began
            self._after_step(is_lost=not np.isfinite(loss))
            now.spent_s, now.cpu_s = time.monotonic() - began, time.process_time() - cpu_began
            if now.is_over or time.monotonic() - saved >= self._pace.save_every_s:
                self._unfinished.save(now)
                saved = time.monotonic()
            self._tell(loss)
        self._put(self._averages)
        self.network.eval()
        spent = {"seconds": round(now.spent_s, 1), "cpu_seconds": round(now.cpu_s, 1)}
        steps = {"steps": now.step, "best_step": self._best_step, "later_steps": now.step - self._stop_step}
        return {**steps, **spent, "best": round(now.best, 5), "looks": now.looks, "device": self._device.type}

    def item_vectors(self) -> tuple[VectorArray, npt.NDArray[np.bool_]]:
        """Vectors of the items, and which have one: it occurred, or has a text. Shapes (items, width), (items,)."""
        occurs = self._lessons.known(later=self._now.step > self._stop_step)
        with torch.no_grad():
            self.network.items[torch.from_numpy(~occurs).to(self._device)] = 0.0
        vectors = self._vectors_of(self.network)
        return vectors, occurs | (vectors != 0).any(axis=1)

    def forget(self) -> None:
        """Delete what an interrupted training would go on from."""
        forget(self._folder)

    def _made(self) -> Any:
        """The network, as yet untaught; its parameter ``items`` holds the items' own vectors."""
        lessons = self._lessons
        return SequenceNetwork(
            lessons.n_items,
            width=lessons.width,
            blocks=lessons.blocks,
            length=lessons.length,
            dropout=lessons.dropout,
            texts=lessons.texts,
            n_ages=N_AGES if lessons.times else 0,
        )

    def _begin(self, items: torch.nn.Parameter) -> None:
        if self._lessons.start is None:
            return
        start = torch.from_numpy(self._lessons.start).to(self._device)
        with torch.no_grad():
            is_there = start.any(dim=1)
            items[is_there] = self._pace.start_length * start[is_there]

    @property
    def _stop_step(self) -> int:
        """Steps until the best was found and no more was looked for."""
        now = self._now
        return now.turned if now.total else now.step

    @property
    def _best_step(self) -> int:
        """Every look but the last is taken at the end of an epoch; time may be up in the middle of one."""
        looks = self._now.looks
        latest = len(looks) - 1 - int(np.argmax(looks[::-1])) if looks else -1
        return min((latest + 1) * self._lessons.steps_in_epoch, self._stop_step)

    def _step(self) -> float:
        """One step; what was lost to overflow is told as NaN."""
        now, lessons = self._now, self._lessons
        is_later = now.total > 0
        number = now.step - self._stop_step if is_later else now.step
        step = lessons.later_step(number) if is_later else lessons.step(number)
        for group in self._optimizer.param_groups:
            group["lr"] = self._pace.rate * self._share(number, is_later=is_later)
        self.network.train()
        self._optimizer.zero_grad()
        with torch.random.fork_rng(devices=[]), self._mixed():
            torch.manual_seed(lessons.seed * 1_000_003 + now.step)
            loss = self._loss(step)
        loss.backward()
        self._optimizer.step()
        now.step += 1
        if now.step % _AVERAGED_EVERY == 0:
            kept = min(self._pace.average**_AVERAGED_EVERY, (1 + number) / (10 + number))
            with torch.no_grad():
                for name, value in self._averages.items():
                    value.lerp_(self._named[name], 1 - kept)
        return float(loss.detach())

    def _share(self, number: int, *, is_later: bool) -> float:
        """Of the highest rate: rising at first, falling to nothing in the end of what comes later."""
        rising = min(1.0, (number + 1) / max(self._pace.warm, 1))
        left = self._now.total - self._stop_step
        return min(rising, 1 - number / left) if is_later else rising

    def _loss(self, step: Any) -> torch.Tensor:
        is_there = torch.from_numpy(step.targets != NONE).to(self._device)
        sizes = is_there.sum(dim=1)
        read = torch.from_numpy(np.maximum(step.items, 0)).to(self._device)
        wanted = torch.from_numpy(step.targets).to(self._device)[is_there]
        others = torch.from_numpy(step.negatives).to(self._device)
        vectors = self.network.vectors(torch.cat([read.flatten(), wanted, others]))
        histories, right, wrong = vectors.split([read.numel(), len(wanted), len(others)])
        ages = None if step.ages is None else torch.from_numpy(step.ages).to(self._device)
        hidden = self.network.hidden(histories.reshape(*read.shape, -1), sizes, ages)[is_there]
        log_expected = torch.from_numpy(step.log_expected).to(self._device)
        return sampled_loss(hidden, right, wrong, log_expected, is_left_out=wanted[:, None] == others[None, :])

    def _mixed(self) -> AbstractContextManager[Any]:
        """16 bits where there is a GPU."""
        if self._device.type != "cuda":
            return nullcontext()
        context: AbstractContextManager[Any] = torch.autocast("cuda", dtype=torch.bfloat16)
        return context

    def _after_step(self, *, is_lost: bool) -> None:
        now, lessons = self._now, self._lessons
        if now.total:
            now.is_over = is_lost or now.step >= now.total or now.spent_s >= lessons.minutes * 60
            if is_lost:
                self._put_best()
            return
        for_best = self._pace.for_best if lessons.n_later(lessons.steps_in_epoch) else 1.0
        is_late = now.spent_s >= for_best * lessons.minutes * 60
        if is_lost or now.step % lessons.steps_in_epoch == 0 or now.step >= lessons.n_steps or is_late:
            if not is_lost:
                self._look()
            if is_lost or is_late or now.since_best >= lessons.patience or now.step >= lessons.n_steps:
                self._change_over()

    def _look(self) -> None:
        now = self._now
        current = {name: value.detach().clone() for name, value in self._named.items()}
        self._put(self._averages)
        self.network.eval()
        quality = self._lessons.quality(self._users, self._known_vectors())
        self._put(current)
        now.looks.append(round(quality, 5))
        if quality >= now.best:
            now.best, now.since_best = quality, 0
            self._unfinished.keep_best(self._averages)
        else:
            now.since_best += 1

    def _change_over(self) -> None:
        """From looking for the best to teaching it on all events, or to the end."""
        now = self._now
        if now.best < 0:
            now.is_over = True
            return
        self._put_best()
        n_later = self._lessons.n_later(self._best_step)
        now.turned, now.total = now.step, now.step + n_later
        now.is_over = not n_later

    def _put_best(self) -> None:
        self._unfinished.put_best()
        with torch.no_grad():
            for name, value in self._averages.items():
                value.copy_(self._named[name])

    def _put(self, values: Mapping[str, torch.Tensor]) -> None:
        with torch.no_grad():
            for name, value in self._named.items():
                value.copy_(values[name])

    def _known_vectors(self) -> VectorArray:
        """Vectors of the items that occur, or have a text; zero for the others."""
        occurs = torch.from_numpy(self._lessons.known(later=False)).to(self._device)
        network = self.network
        kept = network.items.detach().clone()
        with torch.no_grad():
            network.items[~occurs] = 0.0
            found = self._vectors_of(network)
            network.items.copy_(kept)
        return found

    def _vectors_of(self, network: SequenceNetwork) -> VectorArray:
        with torch.no_grad():
            found: VectorArray = network.vectors(torch.arange(self._lessons.n_items, device=self._device)).cpu().numpy()
        return found

    def _users(self, requests: Sequence[Request]) -> VectorArray:
        """The vector of what comes next after each history, none of them empty."""
        items, sizes = self._histories(requests)
        read = torch.from_numpy(items).to(self._device)
        with torch.no_grad():
            vectors = self.network.vectors(read.flatten()).reshape(*read.shape, -1)
            ages = self._ages(requests, items.shape[1]) if self._lessons.times else None
            hidden = self.network.hidden(vectors, torch.from_numpy(sizes).to(self._device), ages)
            found: VectorArray = hidden[torch.arange(len(sizes)), torch.from_numpy(sizes) - 1].cpu().numpy()
        return found

    def _ages(self, requests: Sequence[Request], longest: int) -> torch.Tensor:
        """As ``SequenceStep.ages``, of requests; what is behind the end of a history means nothing."""
        ages = np.zeros((len(requests), longest, longest), np.int64)
        for row, request in enumerate(requests):
            read = np.array(request.history[-self._lessons.length :], np.int64)
            ages[row, : len(read), : len(read)] = age_steps(*asked_times(request, read))
        return torch.from_numpy(ages).to(self._device)

    def _histories(self, requests: Sequence[Request]) -> tuple[IntArray, IntArray]:
        """The latest items of each, oldest first, and how many. Shapes (requests, longest) and (requests,)."""
        lessons = self._lessons
        histories = [np.array(request.history[-lessons.length :], np.int64) for request in requests]
        sizes = np.array([len(history) for history in histories])
        items = np.zeros((len(histories), int(sizes.max(initial=0))), np.int64)
        for row, history in enumerate(histories):
            items[row, : len(history)] = np.where(history < lessons.n_items, history, 0)
        return items, sizes

    def _tell(self, loss: float) -> None:
        now = self._now
        total = now.total or self._lessons.n_steps
        found = f", nDCG@10 {now.looks[-1]:.4f}, best {now.best:.4f}" if now.looks else ""
        self._told(now.step, total, f"{self.what}, loss {loss:.3f}{found}")


def sampled_loss(
    hidden: torch.Tensor,
    right: torch.Tensor,
    wrong: torch.Tensor,
    log_expected: torch.Tensor,
    *,
    is_left_out: torch.Tensor,
) -> torch.Tensor:
    """The loss of the module's formula, a mean over places.

    Args:
        hidden: Vector of each place. Shape (places, width).
        right: Vector of the item that came. Shape (places, width).
        wrong: Vectors of the sampled items. Shape (sampled, width).
        log_expected: Logarithm of how often each sampled item was to be expected. Shape (sampled,).
        is_left_out: What a place is not compared with. Shape (places, sampled).

    Returns:
        One number.
    """
    reached = (hidden * right).sum(dim=1, keepdim=True)
    missed = (hidden @ wrong.T - log_expected).masked_fill(is_left_out, -torch.inf)
    found: torch.Tensor = (torch.logsumexp(torch.cat([reached, missed], dim=1), dim=1) - reached[:, 0]).mean()
    return found


def learn_sequences(
    lessons: SequenceLessons,
    *,
    unfinished: Path | None,
    progress: Callable[[int, int, str], None],
    pace: SequencePace | None = None,
) -> tuple[State, dict[str, bytes]]:
    """Train a network and write it as graphs; as ``steelyard.models.building.Folder.learn_sequences``.

    Args:
        lessons: What to learn.
        unfinished: Folder for what an interrupted training goes on from; None for one that begins anew each time.
        progress: Told how far it has come.
        pace: How fast.

    Returns:
        Arrays and facts, and files by name; no files where there was nothing to learn, or nothing was learnt.
    """
    if not lessons.n_steps:
        return State({}, {"learning": {"steps": 0, "best": -1.0}}), {}
    with tempfile.TemporaryDirectory() as passing:
        learner = SequenceLearner(lessons, unfinished or Path(passing) / "unfinished", pace=pace, told=progress)
        facts = learner.learn()
        if facts["best"] < 0:
            learner.forget()
            return State({}, {"learning": facts}), {}
        vectors, known = learner.item_vectors()
        files, difference = write_graphs(learner.network.cpu(), Path(passing))
        learner.forget()
    return State({"items": vectors, "known": known}, {"learning": {**facts, "export_difference": difference}}), files
