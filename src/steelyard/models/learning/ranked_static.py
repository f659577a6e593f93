"""The static form of an encoder, its token vectors fitted again to what the shop's judged queries should find.

The vectors of the texts stay as they are, so one set of them serves this form too. Where it does not pay the table is
the one it started from: fact ``pays``.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import partial
from typing import Any, Protocol

import numpy as np

from steelyard.config.schema import Config
from steelyard.domain import Cases, FloatArray, State, VectorArray
from steelyard.models.building import Bench, Fill, Part, Work
from steelyard.models.learning.held_out import HeldOut, gain_of
from steelyard.models.learning.lessons import NOTHING_TRIED, Divided, Found, lessons_of, teaching, told
from steelyard.models.learning.token_tables import Rates, TableLearner, TokenTables, bags
from steelyard.models.learning.training_queries import Steps, Taught, same_texts, training_queries
from steelyard.models.retrieval.lexical_recipe import LEXICAL_INDEX, lexical_tuned
from steelyard.models.text.encode import passages
from steelyard.models.text.parts import STATIC, encoder_name, fitted_encoder, text_vectors

__all__ = ["RANKED", "ranked_static"]

RANKED = "static-ranked"
"""The form that is one vector for each token, fitted to what judged queries should find."""
EPOCHS = 12
_RATES = Rates(queries=1e-3)
_RISING = 30
_PATIENCE = 3
_TABLE = ("tokens", "bias")


class _Tokens(Protocol):
    """A static encoder as far as its tokens go."""

    @property
    def width(self) -> int:
        """Length of a vector."""
        ...

    def encode(self, texts: Sequence[str]) -> VectorArray:
        """Vectors of length 1."""
        ...

    def token_ids(self, texts: Sequence[str]) -> list[list[int]]:
        """Token numbers of each text, without marks."""
        ...


def ranked_static(config: Config) -> Part:
    """The static form fitted again by ranking.

    Args:
        config: Names the encoder.

    Returns:
        The part ``parts/encoder/<name>-static-ranked``.
    """
    static, vectors = fitted_encoder(config, STATIC), text_vectors(config)
    return Part(
        f"parts/encoder/{encoder_name(config)}-{RANKED}",
        partial(_ranked, config, static, vectors),
        (static, vectors, LEXICAL_INDEX, lexical_tuned(config)),
        [RANKED, config.models.encoder.model_dump(mode="json")],
        work=Work.COMPRESS,
    )


def _ranked(config: Config, static: Part, vectors: Part, bench: Bench) -> Fill:
    opened = bench.open({"encoder": static})
    start, tokenizer = opened.state("encoder"), opened.content("encoder", "tokenizer.json")
    known = teaching(bench)
    if known is None:
        arrays, facts = start.arrays, NOTHING_TRIED
    else:
        arrays, facts = _fitted(config, static, bench.state(vectors).arrays["vectors"], known, bench)
    state = State(arrays, {**start.facts, **facts, "variant": RANKED})

    def fill(folder: Any) -> None:
        folder.write_state(state)
        folder.write_bytes("tokenizer.json", tokenizer)

    return fill


def _fitted(
    config: Config, static: Part, vectors: VectorArray, known: Taught, bench: Bench
) -> tuple[Mapping[str, Any], Mapping[str, Any]]:
    """The table, and what fitting it came to."""
    encoder, opened = config.models.encoder, bench.open({"encoder": static})
    table: Any = opened.encoder("encoder")
    tokens: _Tokens = table
    start = _table(opened.state("encoder"))
    learning, held = known.learning, known.held
    made = lessons_of(bench, Found(bench, static, vectors, config=config), learning, held)
    asker = _Asker(tokens, encoder.query_prefix, len(start.queries), vectors)
    best, looks = _learnt(start, made, learning, asker, bench)
    before, after = asker.ndcg(made.deciding, start), asker.ndcg(made.deciding, best)
    facts = {**told(gain_of(after, before)), "looks": looks, "taught_by": known.facts}
    kept = best if facts["pays"] else start
    return {"tokens": kept.queries.astype(np.float16), "bias": kept.bias}, facts


def _learnt(
    start: TokenTables, made: Divided, learning: Cases, asker: _Asker, bench: Bench
) -> tuple[TokenTables, list[float]]:
    """The table that serves the queries to stop by best, and its quality after each epoch."""
    texts = passages(bench.shop.texts)
    training = training_queries(learning, made.found, alike=same_texts(texts))
    steps = Steps(queries=64, hard=10, others=1000, seed=bench.seed)
    queries = asker.bags([request.query for request in training.cases.requests])
    learner = TableLearner(start, asker.vectors, queries=queries, texts=None, rates=_RATES, seed=bench.seed)
    best, looks = start, [float(asker.ndcg(made.stopping, start).mean())]
    per_epoch = steps.in_epoch(training)
    for number in range(EPOCHS * per_epoch):
        step = steps.at(number, training)
        share = min(1.0, (number + 1) / _RISING) * max(0.02, 1 - number / (EPOCHS * per_epoch))
        learner.step(number, step, np.zeros_like(step.shares), share=share)
        if (number + 1) % per_epoch:
            continue
        bench.progress((number + 1) // per_epoch, EPOCHS, "fitting token vectors by ranking")
        tables = learner.tables()
        looks.append(float(asker.ndcg(made.stopping, tables).mean()))
        if looks[-1] >= max(looks):
            best = tables
        elif len(looks) - 1 - int(np.argmax(looks)) >= _PATIENCE:
            break
    return best, [round(value, 5) for value in looks]


class _Asker:
    """Asks held-back queries by a table."""

    def __init__(self, tokens: _Tokens, prefix: str, n_tokens: int, vectors: VectorArray) -> None:
        self._tokens, self._prefix, self._n = tokens, prefix, n_tokens
        self.vectors = vectors

    def bags(self, queries: Sequence[str]) -> Any:
        """Token shares of queries."""
        return bags(self._tokens.token_ids([self._prefix + query for query in queries]), n_tokens=self._n)

    def ndcg(self, held: HeldOut, tables: TokenTables) -> FloatArray:
        """The nDCG of each held-back query."""
        return held.ndcg(tables.of_queries(self.bags(held.queries)), self.vectors[held.texts])


def _table(state: State) -> TokenTables:
    tokens, bias = (np.asarray(state.arrays[name], np.float32) for name in _TABLE)
    return TokenTables(tokens, bias, np.zeros((1, tokens.shape[1]), np.float32))
