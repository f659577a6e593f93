r"""Trains networks that read a query and a product's text together, in torch: a deep one, and shallower ones from it.

.. math:: \ell = - \sum_d g_d \ln \mathrm{softmax}_d (s_d + w b_d)
          + \lambda \, \overline{(s_d - \bar s - t_d + \bar t)^2}

over the candidates of a query, g being each one's share of the gain, b what is known beforehand and w how much that
counts, which is learnt beside the network and then forgotten, t the scores of the deepest network where a shallower one
learns from it (margins, not levels, so that only differences within a query count). Of each network the best numbers by
the queries to stop by are kept. Each goes on after an interruption.

Source: Hofstätter et al. 2020, "Improving Efficient Neural Ranking Models with Cross-Architecture Knowledge
Distillation", arXiv:2010.02666 (margin MSE).
"""

from __future__ import annotations

import shutil
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import torch

from steelyard.adapters.encoders.cross_network import CrossNetwork, write_graph
from steelyard.adapters.encoders.onnx_encoder import open_session
from steelyard.adapters.encoders.torch_encoder import TorchEncoder
from steelyard.adapters.encoders.unfinished import Unfinished, forget
from steelyard.domain import FloatArray, IntArray
from steelyard.errors import ConfigError
from steelyard.models.building import PairLessons, PairStep
from steelyard.models.reranking.pairs_of_tokens import TokenPairs, cut, packed

__all__ = ["PairLearner", "PairPace"]

_CHUNK = 128
_AT_ONCE = 64
_TOKENISED = 512
_TRUST_RATE = 2e-2
_ROUNDS = 3


@dataclass(frozen=True, slots=True)
class PairPace:
    """How fast it learns."""

    rate: float = 2e-5
    """Step of the optimiser at its highest, for the deepest network: it knows much, and judgements are few."""
    shallow_rate: float = 6e-5
    """The same for the shallower ones, which have to learn to do without layers."""
    frozen: float = 0.5
    """Share of the deepest network's layers, the lowest, that stay as they are."""
    head: float = 2.0
    """The head learns so many times as fast: faster, and its first steps drown what it starts from."""
    warm: float = 0.06
    """Share of the steps in which the rate rises."""
    dropout: float = 0.1
    margins: float = 0.5
    """Weight of the deepest network's margins."""
    looks: int = 5
    """How often the queries to stop by are asked."""
    patience: int = 2
    """So many looks without getting better end the training."""
    timed: int = 5
    """Steps after which it is settled how many there is time for."""
    for_steps: float = 0.8
    """Share of the time that the steps may take; the rest is for looking."""
    save_every_s: float = 30.0
    is_mixed: bool | None = None
    """Whether products are of 16 bits; None where the processor has instructions for them."""


class PairLearner:
    """Trains one network of each depth.

    Args:
        encoder: What they start from; it is changed, so open one for this alone.
        lessons: What to learn.
        unfinished: Folder for what an interrupted training goes on from.
        pace: How fast.
        told: Told how far it has come.

    Raises:
        ConfigError: A network is to have more layers than the encoder has.
    """

    def __init__(
        self,
        encoder: TorchEncoder,
        lessons: PairLessons,
        unfinished: Path,
        *,
        pace: PairPace | None = None,
        told: Callable[[int, int, str], None] = lambda done, total, what: None,
    ) -> None:
        if lessons.layers[0] > encoder.n_layers:
            raise ConfigError(
                f"[models.cross] layers asks for {lessons.layers[0]}; the encoder has {encoder.n_layers} layers: "
                "ask for no more"
            )
        self._encoder, self._lessons, self._folder = encoder, lessons, unfinished
        self._ids = _Ids(encoder, lessons)
        self._with = _With(lessons, self._ids, pace or PairPace(), told)
        self.networks: dict[int, CrossNetwork] = {}

    def learn(self) -> dict[int, dict[str, Any]]:
        """Train all of them to the end, from where they were interrupted if they were.

        Returns:
            For each depth what it came to: steps, seconds, the quality at each look.
        """
        deepest, *others = self._lessons.layers
        notes, work = {}, {n: 3 * n + (deepest if n < deepest else 0) for n in self._lessons.layers}
        teacher: CrossNetwork | None = None
        for n in (deepest, *others):
            network = CrossNetwork(self._encoder, spread(self._encoder.n_layers, n)) if teacher is None else None
            network = network or _shallower(teacher, n)
            minutes = self._lessons.minutes * work[n] / sum(work.values())
            training = _Training(network, self._with, teacher=teacher, folder=self._folder / str(n), minutes=minutes)
            notes[n] = training.run(f"training the cross-encoder of {n} layers")
            self.networks[n] = network.eval()
            teacher = teacher or network
        return notes

    def write(self, out: Path) -> dict[int, dict[str, Any]]:
        """Each network as a graph with weights of 8 bits, and the tokenizer.

        Args:
            out: The folder.

        Returns:
            For each depth how far the graph is from the network before rounding, and its processor time.
        """
        shutil.copyfile(self._encoder.folder / "tokenizer.json", out / "tokenizer.json")
        facts = {}
        for n, network in self.networks.items():
            graph = out / f"{n}.onnx"
            difference = write_graph(network, graph)
            step = self._lessons.step(0)
            timed = _ms_per_token(graph, self._ids.pairs(step.queries, step.texts))
            facts[n] = {"export_difference": round(difference, 6), "ms_per_token": timed}
        return facts

    def forget(self) -> None:
        """Delete what an interrupted training would go on from."""
        forget(self._folder)


class _Ids:
    """Token numbers of queries and texts."""

    def __init__(self, encoder: TorchEncoder, lessons: PairLessons) -> None:
        self._queries = encoder.token_ids(lessons.queries)
        self._texts: list[IntArray] = []
        for start in range(0, len(lessons.texts), _TOKENISED):  # bounded, as the tokenizer's own records are large
            rows = encoder.token_ids(lessons.texts[start : start + _TOKENISED])
            self._texts += [np.array(row[1:], np.int32) for row in rows]
        self._longest = lessons.max_tokens

    def pairs(self, queries: IntArray, texts: IntArray) -> TokenPairs:
        """Of these numbers."""
        chosen = zip(queries.tolist(), texts.tolist(), strict=True)
        cut_ = [cut(self._queries[query], self._texts[text], longest=self._longest) for query, text in chosen]
        return packed([query for query, _ in cut_], [text for _, text in cut_])


@dataclass(frozen=True, slots=True)
class _With:
    """What all of them are trained with."""

    lessons: PairLessons
    ids: _Ids
    pace: PairPace
    told: Callable[[int, int, str], None]


class _Training:
    """Trains one network."""

    def __init__(
        self, network: CrossNetwork, given: _With, *, teacher: CrossNetwork | None, folder: Path, minutes: float
    ) -> None:
        self._network, self._teacher, self._minutes = network, teacher, minutes
        self._lessons, self._ids, self._pace, self._told = given.lessons, given.ids, given.pace, given.told
        depth = len(network.layers)
        for number, layer in enumerate(network.layers):
            layer.requires_grad_(teacher is not None or number >= int(self._pace.frozen * depth))
        named = {name: value for name, value in network.named_parameters() if value.requires_grad}
        self._trust = torch.nn.Parameter(torch.tensor(1.0))
        head = [value for name, value in named.items() if not name.startswith("layers.")]
        body = [value for name, value in named.items() if name.startswith("layers.")]
        rate = self._pace.rate if teacher is None else self._pace.shallow_rate
        self._rates = (rate, rate * self._pace.head, _TRUST_RATE)
        groups = [
            {"params": body},
            {"params": head, "weight_decay": 0.0},
            {"params": [self._trust], "weight_decay": 0.0},
        ]
        self._optimizer = torch.optim.AdamW(groups, lr=rate, weight_decay=0.01)
        self._parameters = list(named.values())
        self._unfinished = Unfinished(folder, {**named, "trust": self._trust}, self._optimizer)
        network.dropout = self._pace.dropout
        self._is_mixed = _has_bfloat16() if self._pace.is_mixed is None else self._pace.is_mixed

    def run(self, what: str) -> dict[str, Any]:
        """To the end; the network holds the best that was found."""
        depths = [len(network.layers) for network in (self._teacher, self._network) if network is not None]
        self._now = now = self._unfinished.resume(f"{self._lessons.key}:{depths}")
        began, saved = time.monotonic() - now.spent_s, time.monotonic()
        cpu_began = time.process_time() - now.cpu_s
        while not now.is_over:
            loss = self._step()
            now.spent_s = time.monotonic() - began
            self._settle()
            if now.total and (now.step % max(now.total // self._pace.looks, 1) == 0 or now.step >= now.total):
                self._look()
                now.spent_s = time.monotonic() - began
            now.cpu_s = time.process_time() - cpu_began
            if now.is_over or time.monotonic() - saved >= self._pace.save_every_s:
                self._unfinished.save(now)
                saved = time.monotonic()
            self._told(now.step, now.total or self._lessons.n_steps, f"{what}, loss {loss:.3f}")
        self._unfinished.put_best()
        spent = {"seconds": round(now.spent_s, 1), "cpu_seconds": round(now.cpu_s, 1)}
        return {"steps": now.step, "planned": now.total, **spent, "looks": now.looks}

    def _step(self) -> float:
        step = self._lessons.step(self._now.step)
        for group, highest in zip(self._optimizer.param_groups, self._rates, strict=True):
            group["lr"] = highest * self._share()
        self._network.train()
        self._optimizer.zero_grad()
        total, n_queries = 0.0, len(np.unique(step.queries))
        with torch.random.fork_rng(devices=[]):
            torch.manual_seed(self._now.step)
            for some in _groups(step.queries):
                loss = self._loss(step, some) / n_queries
                loss.backward()
                total += float(loss.detach())
        torch.nn.utils.clip_grad_norm_(self._parameters, 1.0)
        self._optimizer.step()
        self._now.step += 1
        return total

    def _taught(self, pairs: TokenPairs) -> torch.Tensor | None:
        if self._teacher is None:
            return None
        with torch.no_grad():
            return self._scores(self._teacher, pairs)

    def _loss(self, step: PairStep, some: slice) -> torch.Tensor:
        """Of some whole queries, added up."""
        queries, known, gained = step.queries[some], torch.from_numpy(step.known[some]), step.shares[some]
        pairs = self._ids.pairs(queries, step.texts[some])
        scores, taught = self._scores(self._network, pairs), self._taught(pairs)
        rows = torch.from_numpy(np.unique(queries, return_inverse=True)[1].astype(np.int64))
        columns = _places_within(rows)
        shape = (int(rows.max()) + 1, int(columns.max()) + 1)
        logits = torch.full(shape, -torch.inf).index_put((rows, columns), scores + self._trust * known)
        shares = torch.zeros(shape).index_put((rows, columns), torch.from_numpy(gained))
        logs = torch.log_softmax(logits, dim=1).masked_fill(torch.isinf(logits), 0.0)
        loss: torch.Tensor = -(shares * logs).sum()
        if taught is not None:
            off = _off_mean(scores, rows, shape[0]) - _off_mean(taught, rows, shape[0])
            loss = loss + self._pace.margins * shape[0] * (off**2).mean()
        return loss

    def _scores(self, network: CrossNetwork, pairs: TokenPairs) -> torch.Tensor:
        with torch.autocast("cpu", dtype=torch.bfloat16, enabled=self._is_mixed):
            return network.of(pairs).float()

    def _share(self) -> float:
        """Of the highest rate: rising at first, then falling to nearly nothing."""
        total = self._now.total or self._lessons.n_steps
        rising = (self._now.step + 1) / max(self._pace.warm * total, 1)
        return min(1.0, rising) * max(0.02, 1 - self._now.step / total)

    def _settle(self) -> None:
        now = self._now
        if now.total or now.step < min(self._pace.timed, self._lessons.n_steps):
            return
        affordable = int(self._pace.for_steps * self._minutes * 60 / max(now.spent_s / now.step, 1e-9))
        now.total = max(min(self._lessons.n_steps, affordable), now.step)

    def _look(self) -> None:
        now = self._now
        quality = self._lessons.quality(self.scored)
        now.looks.append(round(quality, 5))
        if quality > now.best:
            now.best, now.since_best = quality, 0
            self._unfinished.keep_best()
        else:
            now.since_best += 1
        is_late = now.spent_s >= self._minutes * 60
        now.is_over = now.step >= now.total or now.since_best >= self._pace.patience or is_late

    def scored(self, queries: IntArray, texts: IntArray) -> FloatArray:
        """Scores of pairs by the network as it is now. Shape (pairs,)."""
        self._network.eval()
        found = []
        with torch.no_grad():
            for start in range(0, len(queries), _CHUNK):
                some = slice(start, start + _CHUNK)
                found.append(self._scores(self._network, self._ids.pairs(queries[some], texts[some])).numpy())
        return np.concatenate([*found, np.empty(0)])


def spread(n_layers: int, keep: int) -> list[int]:
    """Which layers a shallower network starts from: the first, the last, and those between at even steps.

    Args:
        n_layers: Of the deeper one.
        keep: >= 1, at most ``n_layers``.

    Returns:
        Ascending numbers; the last one alone where one is kept.
    """
    return [n_layers - 1] if keep == 1 else [at * (n_layers - 1) // (keep - 1) for at in range(keep)]


def _shallower(teacher: CrossNetwork | None, n: int) -> CrossNetwork:
    assert teacher is not None
    return teacher.shallower(spread(len(teacher.layers), n))


def _groups(queries: IntArray) -> Iterator[slice]:
    """Pairs of whole queries, few enough that what their gradients need fits into little memory."""
    ends = [*(np.flatnonzero(np.diff(queries)) + 1).tolist(), len(queries)]
    start = 0
    for at, end in enumerate(ends):
        if at + 1 == len(ends) or ends[at + 1] - start > _AT_ONCE:
            yield slice(start, end)
            start = end


def _places_within(rows: torch.Tensor) -> torch.Tensor:
    """Place of each entry among those of its row, which stand one behind another."""
    starts = torch.cat([torch.tensor([0]), torch.nonzero(rows[1:] != rows[:-1])[:, 0] + 1])
    is_first = torch.zeros_like(rows)
    is_first[starts] = 1
    return torch.arange(len(rows)) - starts[torch.cumsum(is_first, 0) - 1]


def _off_mean(values: torch.Tensor, rows: torch.Tensor, n: int) -> torch.Tensor:
    """Each value less the mean of its row."""
    sums = torch.zeros(n).index_add(0, rows, values)
    counts = torch.zeros(n).index_add(0, rows, torch.ones_like(values))
    return values - (sums / counts)[rows]


def _has_bfloat16() -> bool:
    """Whether the processor multiplies numbers of 16 bits in one instruction."""
    has = getattr(torch.cpu, "_is_avx512_bf16_supported", None)
    return bool(has is not None and has())


def _ms_per_token(graph: Path, pairs: TokenPairs) -> float:
    """Processor milliseconds for each token of a pair; the least of some rounds."""
    session, inputs = open_session(graph, threads=1), pairs.inputs()
    rounds = []
    for _ in range(_ROUNDS):
        began = time.process_time()
        session.run(None, inputs)
        rounds.append(1000 * (time.process_time() - began) / len(pairs.tokens))
    return round(min(rounds), 6)
