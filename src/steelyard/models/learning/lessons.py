"""What an encoder learns of the shop's judged queries, and the part that holds what it learnt.

A fifth of the tuning queries is held back: training stops by some of them and is judged by the others, and fusion is
fitted on all of them. With few judged queries nothing is tried, and where the gain on queries it did not see is not
clearly above nothing the encoder stays as it was: fact ``pays``.

An encoder for learning to rank learns from half of them, and a tenth of that half stops it by what meaning alone finds:
words and meaning added up say little of what trees make of it. It is kept where that got better at all, and the trees,
which are grown on the other half, decide whether it pays.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import partial
from typing import Any

import numpy as np

from steelyard.config.schema import Config
from steelyard.data.dividing.held_back import chosen, divided
from steelyard.domain import Cases, FloatArray, IntArray, State, VectorArray
from steelyard.models.building import Bench, Fill, Part
from steelyard.models.learning.held_out import Gain, HeldOut, gain_of, held_out
from steelyard.models.learning.training_queries import (
    Step,
    Steps,
    Taught,
    TrainingQueries,
    interleaved,
    same_texts,
    taught,
    training_queries,
)
from steelyard.models.retrieval.lexical import open_lexical
from steelyard.models.retrieval.lexical_recipe import LEXICAL_INDEX, lexical_tuned
from steelyard.models.retrieval.shortlists import Shortlist
from steelyard.models.text.encode import passages
from steelyard.models.text.parts import (
    HELD_SHARE,
    encoder_name,
    full_encoder,
    held_share,
    is_for_ranking,
    text_vectors,
    untaught,
)

__all__ = [
    "MIN_QUERIES",
    "NOTHING_TRIED",
    "Divided",
    "EncoderLessons",
    "Found",
    "learnt_network",
    "lessons_of",
    "teaching",
    "told",
]

MIN_QUERIES = 200
"""With fewer judged queries for tuning nothing is tried: what they teach of the others is noise."""
NOTHING_TRIED: Mapping[str, Any] = {
    "pays": False,
    "note": f"nothing was tried: there are fewer than {MIN_QUERIES} queries that people judged, or that a "
    "log could teach by",
}
EPOCHS = 3
_STEPS = Steps(queries=32, hard=1, others=8)
_FOUND = 50
_STOP, _DECIDE = 150, 400
"""Queries at most to stop by, and to decide by."""
_DRAWN = 1000
"""Texts of the catalogue in the pools of the held-back queries."""
_STOPPING_SHARE = 0.1
"""Of the queries that teach an encoder for learning to rank, those that stop it and say what it gained."""
_JUDGED = 3
"""Judged texts of a query that are encoded in a step; others teach in another epoch."""


@dataclass(frozen=True, slots=True, eq=False)
class EncoderLessons:
    """As ``steelyard.models.building.Lessons``."""

    key: str
    texts: Sequence[str]
    minutes: float
    training: TrainingQueries
    steps: Steps
    stopping: HeldOut
    deciding: HeldOut
    before: FloatArray
    """nDCG of the queries to decide by, with the encoder as it is. Shape (queries,)."""
    prefix: str = ""
    """Put before every query."""
    taught_by: Mapping[str, Any] = field(default_factory=dict)
    """``Taught.facts``."""
    is_for_ranking: bool = False
    """Whether meaning alone is looked at, and others decide."""

    @property
    def queries(self) -> Sequence[str]:
        """Of the training queries, as they are encoded."""
        return [self.prefix + request.query for request in self.training.cases.requests]

    @property
    def n_steps(self) -> int:
        """Steps of all epochs."""
        return EPOCHS * self.steps.in_epoch(self.training)

    def step(self, number: int) -> Step:
        """The step of this number."""
        return self.steps.at(number, self.training)

    def quality(self, encode: Callable[[Sequence[str]], VectorArray]) -> float:
        """Mean nDCG of the queries to stop by."""
        values = self._asked(self.stopping, encode)
        return float(values.mean()) if len(values) else 0.0

    def verdict(self, encode: Callable[[Sequence[str]], VectorArray]) -> Mapping[str, Any]:
        """The gain on the queries to decide by, and whether it is certain."""
        gain = gain_of(self._asked(self.deciding, encode), self.before)
        pays = {"pays": gain.mean > 0} if self.is_for_ranking else {}
        return {**told(gain), **pays, "taught_by": self.taught_by}

    def _asked(self, held: HeldOut, encode: Callable[[Sequence[str]], VectorArray]) -> FloatArray:
        queries = encode([self.prefix + query for query in held.queries])
        return _quality(held, queries, encode([self.texts[text] for text in held.texts.tolist()]), self.is_for_ranking)


def told(gain: Gain) -> Mapping[str, Any]:
    """A gain as facts."""
    rounded = {"gain": round(gain.mean, 5), "error": round(gain.error, 5)}
    return {"pays": gain.is_certain, **rounded, "decided_by": gain.n}


def learnt_network(config: Config) -> Part:
    """The encoder trained further on the shop's judged queries (plugin ``encoder`` of ``steelyard.learners``).

    Args:
        config: Names the encoder, and the minutes it may learn.

    Returns:
        The part ``encoders/<name>-learnt``, ``encoders/<name>-learnt-half`` for learning to rank: a network, and
        facts; no network where ``pays`` is false.
    """
    plain = untaught(config)
    full, vectors = full_encoder(plain), text_vectors(plain)
    return Part(
        f"encoders/{encoder_name(config)}",
        partial(_learnt, config),
        (full, vectors, LEXICAL_INDEX, lexical_tuned(plain)),
        config.models.encoder.model_dump(mode="json"),
        outside=lambda bench: bench.encoder_digest(),
    )


def _learnt(config: Config, bench: Bench) -> State | Fill:
    known = teaching(bench, share=held_share(config))
    if known is None:
        return State({}, dict(NOTHING_TRIED))
    if is_for_ranking(config):
        known = Taught(*divided(known.learning, share=_STOPPING_SHARE, seed=bench.seed + 1))
    lessons = _lessons(config, known, bench)
    return lambda folder: folder.learn_encoder(lessons)


def teaching(bench: Bench, *, share: float = HELD_SHARE) -> Taught | None:
    """What a bench has to learn from, in numbers of texts; None where it is too little, or could only judge itself.

    Args:
        bench: Has the queries.
        share: Of queries held back where what teaches also decides.

    Returns:
        As ``training_queries.taught``.
    """
    besides, of_item = bench.shop.search_teaching, bench.shop.facts.text_of_item
    if besides is not None:
        besides = replace(besides, relevant=tuple(of_item[items] for items in besides.relevant))
    return taught(bench.search_tuning, besides, least=MIN_QUERIES, share=share, seed=bench.seed)


def _lessons(config: Config, known: Taught, bench: Bench) -> EncoderLessons:
    plain, minutes = untaught(config), config.models.encoder.learn_minutes
    encoder, alone = plain.models.encoder, is_for_ranking(config)
    learning, held = known.learning, known.held
    vectors = bench.state(text_vectors(plain)).arrays["vectors"]
    texts = passages(bench.shop.texts, prefix=encoder.passage_prefix)
    made = lessons_of(bench, Found(bench, full_encoder(plain), vectors, config=plain), learning, held)
    return EncoderLessons(
        key=_key(bench, (learning, held), texts, encoder.model_dump(mode="json"), minutes),
        texts=texts,
        minutes=minutes,
        training=training_queries(learning, made.found, alike=same_texts(texts)),
        steps=replace(_STEPS, seed=bench.seed, judged=_JUDGED),
        stopping=made.stopping,
        deciding=made.deciding,
        before=_quality(made.deciding, made.asked, vectors[made.deciding.texts], alone),
        prefix=encoder.query_prefix,
        taught_by=known.facts,
        is_for_ranking=alone,
    )


def _quality(held: HeldOut, queries: VectorArray, texts: VectorArray, alone: bool) -> FloatArray:
    """nDCG@10 of held-back queries, by meaning alone or with the words."""
    return held.ndcg_by_meaning(queries, texts) if alone else held.ndcg(queries, texts)


@dataclass(frozen=True, slots=True, eq=False)
class Divided:
    """What was found for the queries to learn from, and the held-back queries with their pools."""

    found: Sequence[IntArray]
    """For each query to learn from, texts, best first."""
    stopping: HeldOut
    deciding: HeldOut
    asked: VectorArray
    """Vectors of the queries to decide by, by the encoder as it is."""


def lessons_of(bench: Bench, search: Found, learning: Cases, held: Cases) -> Divided:
    """What there is to learn and to hold it against.

    Args:
        bench: Where it is learnt.
        search: What finds texts as things are.
        learning: Cases to learn from.
        held: Cases held back; a third of them stops, at most 150, the others decide, at most 400.

    Returns:
        Mined candidates and the pools.
    """
    n_stop = min(_STOP, len(held.ids) // 3)
    stop, decide = chosen(held, range(n_stop)), chosen(held, range(n_stop, min(n_stop + _DECIDE, len(held.ids))))
    by_words, by_meaning, _ = search.of(learning)
    found = [interleaved(words, meaning) for (words, _), meaning in zip(by_words, by_meaning, strict=True)]
    drawn = np.random.default_rng(bench.seed).permutation(len(bench.shop.texts))[:_DRAWN]
    stopping, _ = _held(stop, search, drawn)
    deciding, asked = _held(decide, search, drawn)
    return Divided(found, stopping, deciding, asked)


class Found:
    """What words and an encoder as it is find.

    Args:
        bench: Has both.
        encoder: The encoder.
        vectors: Of all texts. Shape (texts, width).
        config: Says how words are looked for, and what is put before every query.
    """

    def __init__(self, bench: Bench, encoder: Part, vectors: VectorArray, *, config: Config) -> None:
        words, prefix = lexical_tuned(config), config.models.encoder.query_prefix
        self._lexical = open_lexical(bench.open({"lexical": LEXICAL_INDEX}), bench.values(words))
        self._encode = bench.open({"encoder": encoder}).encoder("encoder").encode
        self._prefix, self._vectors = prefix, vectors

    def of(self, cases: Cases) -> tuple[list[Shortlist], list[IntArray], VectorArray]:
        """For each case what words find, with scores, what meaning finds, best first; and the queries' vectors."""
        ranked = self._lexical.retrieve(cases.requests, k=_FOUND)
        words = [
            (items[items >= 0], scores[items >= 0]) for items, scores in zip(ranked.items, ranked.scores, strict=True)
        ]
        asked = self._encode([self._prefix + request.query for request in cases.requests])
        return words, [self._nearest(vector) for vector in asked], asked

    def _nearest(self, vector: VectorArray) -> IntArray:
        cosines = self._vectors @ vector
        k = min(_FOUND, len(cosines))
        near = np.argpartition(-cosines, k - 1)[:k] if k else np.empty(0, np.int64)
        return np.asarray(near[np.lexsort((near, -cosines[near]))], np.int64)


def _held(cases: Cases, search: Found, drawn: IntArray) -> tuple[HeldOut, VectorArray]:
    by_words, by_meaning, asked = search.of(cases)
    return held_out(cases, by_words, by_meaning, drawn=drawn), asked


def _key(bench: Bench, taught_by: Sequence[Cases], texts: Sequence[str], settings: Any, minutes: float) -> str:
    known = [
        [request.query, relevant.tolist(), gains.tolist()]
        for cases in taught_by
        for request, relevant, gains in zip(cases.requests, cases.relevant, cases.gains, strict=True)
    ]
    told_ = json.dumps([bench.encoder_digest(), bench.seed, settings, minutes, known, list(texts)])
    return hashlib.sha256(told_.encode("utf-8", "surrogatepass")).hexdigest()
