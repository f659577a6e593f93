"""What a cross-encoder learns of the shop's judged queries: which of the texts that words find are meant.

A query is compared with what was judged good among the texts that words find, since these are what it will be asked to
put in order, and with others of them that nobody judged good, each as likely as the other: were those with a high score
drawn more often, the network would learn to take back what words say. What says the same as a relevant text is never
among these. Grades stay grades: each candidate's
share is its gain among the gains of its query. What words say of a candidate is given beforehand, so that the network
learns what is to be added to them.

A fifth of the queries is held back: the network stops by some of them, and by the others it is judged, fused and gated.
Everything is drawn from a seed and the number of the step alone, so that training goes on after an interruption.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from steelyard.data.dividing.held_back import chosen
from steelyard.domain import Cases, FloatArray, IntArray, VectorArray
from steelyard.models.learned_ranking.title_features import z_scores
from steelyard.models.learning.lessons import MIN_QUERIES
from steelyard.models.learning.training_queries import TrainingQueries, same_texts, taught, training_queries
from steelyard.models.ports import Retriever
from steelyard.models.text.parts import HELD_SHARE

__all__ = ["PairSettings", "PairStep", "ShopPairs", "parted", "shop_pairs"]

EPOCHS = 2
_QUERIES = 8
"""In a step."""
_COMPARED = 24
"""Candidates of each query in a step."""
_GOOD, _BAD = 6, 2
"""At most so many of them were judged good, and judged worthless."""
_FOUND = 50
_STOP, _DECIDE = 150, 1000
"""Queries at most to stop by, and to decide by."""
_ASKED = 30
"""Candidates of a query to stop by."""
_WEIGHTS = (0.0, 0.2, 0.5, 1.0, 2.0, 4.0, 8.0)
_K = 10


@dataclass(frozen=True, slots=True, eq=False)
class PairStep:
    """As ``steelyard.models.building.PairStep``."""

    queries: IntArray
    texts: IntArray
    shares: VectorArray
    known: VectorArray


@dataclass(frozen=True, slots=True)
class PairSettings:
    """What there is to learn from, beside the queries."""

    passages: Sequence[str]
    """Of all texts."""
    layers: Sequence[int]
    max_tokens: int
    minutes: float
    seed: int
    key: Any
    """All else that training depends on; JSON-able."""


@dataclass(frozen=True, slots=True, eq=False)
class ShopPairs:
    """As ``steelyard.models.building.PairLessons``."""

    taught: PairSettings
    key: str
    training: TrainingQueries
    found: tuple[IntArray, ...]
    """Of every query, those to learn from first, what words find, best first."""
    scores: tuple[FloatArray, ...]
    """In standard units. Shapes as ``found``."""
    stopping: Cases

    @property
    def queries(self) -> Sequence[str]:
        """Those to learn from, then those to stop by."""
        return [request.query for request in (*self.training.cases.requests, *self.stopping.requests)]

    @property
    def texts(self) -> Sequence[str]:
        """Of the whole catalogue."""
        return self.taught.passages

    @property
    def layers(self) -> Sequence[int]:
        """The deepest first."""
        return self.taught.layers

    @property
    def max_tokens(self) -> int:
        """Longer pairs are cut."""
        return self.taught.max_tokens

    @property
    def minutes(self) -> float:
        """Of all networks together."""
        return self.taught.minutes

    @property
    def n_steps(self) -> int:
        """Steps of all epochs."""
        return EPOCHS * self._in_epoch

    @property
    def _in_epoch(self) -> int:
        return max(len(self.training) // _QUERIES, 1)

    def step(self, number: int) -> PairStep:
        """The step of this number."""
        epoch, place = divmod(number, self._in_epoch)
        order = np.random.default_rng([self.taught.seed, 0, epoch]).permutation(len(self.training))
        rng = np.random.default_rng([self.taught.seed, 1, number])
        rows = order[place * _QUERIES : (place + 1) * _QUERIES].tolist()
        drawn = [self._drawn(row, rng) for row in rows]
        return PairStep(
            np.repeat(np.array(rows, np.int64), [len(texts) for texts, _ in drawn]),
            np.concatenate([texts for texts, _ in drawn]),
            np.concatenate([shares for _, shares in drawn]).astype(np.float32),
            np.concatenate([self._known(row, texts) for row, (texts, _) in zip(rows, drawn, strict=True)]).astype(
                np.float32
            ),
        )

    def quality(self, score: Callable[[IntArray, IntArray], FloatArray]) -> float:
        """Mean nDCG of the queries to stop by, at the weight of words that suits all of them best."""
        first = len(self.training)
        heads = [texts[:_ASKED] for texts in self.found[first:]]
        if not heads:
            return 0.0
        queries = np.repeat(np.arange(first, first + len(heads)), [len(texts) for texts in heads])
        found = np.split(score(queries, np.concatenate(heads)), np.cumsum([len(texts) for texts in heads])[:-1])
        tried = [
            np.mean(
                [self._ndcg(row, found[row] + weight * self.scores[first + row][:_ASKED]) for row in range(len(heads))]
            )
            for weight in _WEIGHTS
        ]
        return float(max(tried))

    def _ndcg(self, row: int, scores: FloatArray) -> float:
        cases = self.stopping
        known = dict(zip(cases.relevant[row].tolist(), cases.gains[row].tolist(), strict=True))
        head = self.found[len(self.training) + row][:_ASKED]
        shown = head[np.argsort(-scores, kind="stable")[:_K]]
        return dcg([known.get(text, 0.0) for text in shown.tolist()]) / dcg(sorted(known.values(), reverse=True)[:_K])

    def _drawn(self, row: int, rng: np.random.Generator) -> tuple[IntArray, FloatArray]:
        """Candidates of a query and their shares."""
        cases = self.training.cases
        texts, gains = cases.relevant[row], cases.gains[row]
        is_found = np.isin(texts, self.found[row]) & (gains > 0)
        good = rng.permutation(np.flatnonzero(is_found if is_found.any() else gains > 0))[:_GOOD]
        bad = rng.permutation(np.flatnonzero(gains <= 0))[:_BAD]
        judged = np.concatenate([good, bad])
        wrong = self.training.negatives[row]
        n = min(_COMPARED - len(judged), len(wrong))
        mined = rng.permutation(wrong)[:n]
        shares = np.concatenate([np.maximum(gains[judged], 0.0), np.zeros(n)])
        return np.concatenate([texts[judged], mined]), shares / shares.sum()

    def _known(self, row: int, texts: IntArray) -> FloatArray:
        """What words say of texts; of what they did not find, as of the last that they found."""
        said = dict(zip(self.found[row].tolist(), self.scores[row].tolist(), strict=True))
        least = min(said.values(), default=0.0)
        return np.array([said.get(text, least) for text in texts.tolist()], np.float64)


def parted(cases: Cases, *, seed: int) -> tuple[Cases, Cases, Cases] | None:
    """Judged queries to learn from, to stop by, and to decide by.

    Args:
        cases: Queries for tuning.
        seed: Divides them.

    Returns:
        None where they are too few to learn anything from, or were made from the catalogue.
    """
    known = taught(cases, None, least=MIN_QUERIES, share=HELD_SHARE, seed=seed)
    if known is None:
        return None
    held = known.held
    n_stop = min(_STOP, len(held.ids) // 3)
    n_decide = min(_DECIDE, len(held.ids) - n_stop)
    return known.learning, chosen(held, range(n_stop)), chosen(held, range(n_stop, n_stop + n_decide))


def shop_pairs(learning: Cases, stopping: Cases, words: Retriever, taught: PairSettings) -> ShopPairs:
    """What is to be learnt.

    Args:
        learning: Judged queries, each with something relevant; ``relevant`` are text numbers.
        stopping: Others.
        words: Finds candidates by words.
        taught: All else.

    Returns:
        The lessons.
    """
    found, scores = [], []
    for request in (*learning.requests, *stopping.requests):
        ranked = words.retrieve([request], k=_FOUND)
        is_there = ranked.items[0] >= 0
        found.append(ranked.items[0][is_there])
        scores.append(z_scores(ranked.scores[0][is_there]))
    training = training_queries(learning, found[: len(learning.ids)], alike=same_texts(taught.passages))
    assert len(training) == len(learning.ids), "a query to learn from has nothing relevant"
    return ShopPairs(taught, _key(taught, learning, stopping), training, tuple(found), tuple(scores), stopping)


def dcg(gains: Sequence[float]) -> float:
    """Discounted gain of a list, best rank first."""
    return float(np.asarray(gains) @ (1 / np.log2(np.arange(2, len(gains) + 2))))


def _key(taught: PairSettings, *parts: Cases) -> str:
    known = [
        [request.query, relevant.tolist(), gains.tolist()]
        for cases in parts
        for request, relevant, gains in zip(cases.requests, cases.relevant, cases.gains, strict=True)
    ]
    more = [taught.seed, taught.max_tokens, taught.minutes, taught.key]
    told = json.dumps([more, known, list(taught.passages)])
    return hashlib.sha256(told.encode("utf-8", "surrogatepass")).hexdigest()
