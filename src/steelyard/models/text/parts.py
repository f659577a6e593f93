"""The parts that every search by meaning shares: the pre-trained encoder as it is, and a vector of each text."""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np

from steelyard import registry
from steelyard.config.schema import Config, Encoder
from steelyard.data.dividing.held_back import divided
from steelyard.domain import Cases, State, Upkeep
from steelyard.models.building import Bench, Fill, FittedTo, Part, Work
from steelyard.models.text.encode import passages

__all__ = [
    "FULL",
    "HELD_SHARE",
    "STATIC",
    "RankingEncoder",
    "encoder_name",
    "fitted_encoder",
    "full_encoder",
    "held_share",
    "is_for_ranking",
    "learnt_mark",
    "network_of",
    "shop_vocabulary",
    "taught_for_ranking",
    "text_vectors",
    "token_vectors",
    "unlearnt_queries",
    "untaught",
    "upkeep_of",
]

FULL = "fp32"
"""The form of an encoder that is left as it was trained, and of vectors that are."""
STATIC = "static"
"""The form that is one vector for each token, and no network."""

HELD_SHARE = 0.2
"""Share of the tuning queries that an encoder does not learn from: training stops by them, fusion is fitted on them."""
_RANKING_SHARE = 0.5
"""The same of an encoder that learning to rank looks at: trees need more queries than fusion."""


class RankingEncoder(Encoder):
    """``[models.encoder]`` taught for learning to rank: half of the queries teach it, trees are grown on the others.

    It is another encoder than the one that ``learn_minutes`` teaches, with parts of its own.
    """


def encoder_name(config: Config) -> str:
    """Name of the encoder in the names of parts: another one where it learns.

    Args:
        config: Names the encoder.

    Returns:
        Such as ``minilm``, or ``minilm-learnt``.
    """
    return f"{config.models.encoder.name}{learnt_mark(config)}"


def learnt_mark(config: Config) -> str:
    """What is added to the names of parts that rest on an encoder that learns; empty where it does not."""
    if not config.models.encoder.learn_minutes:
        return ""
    return "-learnt-half" if is_for_ranking(config) else "-learnt"


def is_for_ranking(config: Config) -> bool:
    """Whether the encoder is taught for learning to rank."""
    return isinstance(config.models.encoder, RankingEncoder)


def held_share(config: Config) -> float:
    """Share of the tuning queries that the encoder does not learn from."""
    return _RANKING_SHARE if is_for_ranking(config) else HELD_SHARE


def taught_for_ranking(config: Config, *, minutes: float) -> Config:
    """The same settings with an encoder that is taught on half of the tuning queries, for learning to rank.

    Args:
        config: Names the encoder.
        minutes: At most so long, where ``[models.encoder]`` does not say.

    Returns:
        Settings to name parts by.
    """
    models = config.models
    told = models.encoder.model_dump()
    encoder = RankingEncoder(**{**told, "learn_minutes": models.encoder.learn_minutes or minutes})
    return config.model_copy(update={"models": models.model_copy(update={"encoder": encoder})})


def untaught(config: Config) -> Config:
    """The same settings with the encoder as it was pre-trained."""
    encoder = config.models.encoder.model_copy(update={"learn_minutes": 0})
    return config.model_copy(update={"models": config.models.model_copy(update={"encoder": encoder})})


def network_of(config: Config) -> Part | None:
    """The part that holds what the encoder learnt; None where it does not learn."""
    if not config.models.encoder.learn_minutes:
        return None
    made: Part = registry.load("learners", "encoder")(config)
    return made


def shop_vocabulary(config: Config) -> Part | None:
    """The pre-trained encoder with as much of its vocabulary as the shop needs; None where it is left whole.

    Args:
        config: Names the encoder.

    Returns:
        The part ``encoders/<name>-cut``; networks, forms and vectors are made of it.
    """
    encoder = config.models.encoder
    if encoder.vocabulary == "whole":
        return None

    def cut(bench: Bench) -> Fill:
        texts = passages(bench.shop.texts, prefix=encoder.passage_prefix)
        queries = [encoder.query_prefix + request.query for request in bench.search_tuning.requests]
        return lambda folder: folder.cut_encoder(texts, queries)

    return Part(
        f"encoders/{encoder.name}-cut",
        cut,
        settings=[encoder.source, encoder.query_prefix, encoder.passage_prefix],
        outside=lambda bench: bench.encoder_digest(),
        work=Work.COMPRESS,
    )


def unlearnt_queries(learners: Iterable[Part | None], bench: Bench) -> Cases:
    """The tuning queries that nothing was learnt from: on those that were it looks better than it is.

    Args:
        learners: Parts that may have learnt from them: fact ``pays``.
        bench: Has the parts and the queries.

    Returns:
        All of them where nothing was learnt.
    """
    cases = bench.search_tuning
    if not any(bench.state(part).facts.get("pays") for part in learners if part is not None):
        return cases
    return divided(cases, share=HELD_SHARE, seed=bench.seed)[1]


def full_encoder(config: Config) -> Part:
    """The pre-trained encoder as an fp32 graph, checked against the original; where it learns, what it learnt.

    Args:
        config: Names the encoder.

    Returns:
        The part ``parts/encoder/<name>-fp32``.
    """
    encoder, network = config.models.encoder, network_of(config)

    def export(bench: Bench) -> Fill:
        return lambda folder: folder.write_encoder(FULL, FittedTo(), network=network)

    return Part(
        f"parts/encoder/{encoder_name(config)}-{FULL}",
        export,
        (*_with(shop_vocabulary(config)), *_with(network)),
        settings=[FULL, encoder.model_dump(mode="json")],
        outside=lambda bench: bench.encoder_digest(),
        uses_tables=False,
    )


def token_vectors(config: Config) -> Part:
    """A vector of every token alone, by the full encoder: what token tables start from, whatever the shop sells.

    Args:
        config: Names the encoder.

    Returns:
        The part ``vectors/<name>-tokens``: array ``vectors``, shape (tokens, width), float32.
    """
    full = full_encoder(config)

    def encode(bench: Bench) -> State:
        return State({"vectors": np.asarray(bench.encode_tokens(full), np.float32)})

    return Part(f"vectors/{encoder_name(config)}-tokens", encode, (full,), work=Work.COMPRESS, uses_tables=False)


def text_vectors(config: Config) -> Part:
    """A vector of every distinct text, by the full encoder.

    Args:
        config: Names the encoder.

    Returns:
        The part ``vectors/<name>``: array ``vectors``, shape (texts, width), float32.
    """
    encoder = config.models.encoder
    full, network, plain = full_encoder(config), network_of(config), untaught(config)
    before = None if network is None else text_vectors(plain)

    def encode(bench: Bench) -> State:
        if network is not None and before is not None and not bench.state(network).facts["pays"]:
            return bench.state(before)
        texts = passages(bench.shop.texts, prefix=encoder.passage_prefix)
        vectors = bench.encode(full, texts)
        return State({"vectors": np.asarray(vectors, np.float32)})

    made_from = (full, *_with(network), *_with(before))
    return Part(f"vectors/{encoder_name(config)}", encode, made_from, encoder.model_dump(mode="json"))


def fitted_encoder(config: Config, form: str) -> Part:
    """One form of the encoder, fitted to the catalogue's texts; all of them answer in the space of the full one.

    Args:
        config: Names the encoder.
        form: A form made of the full encoder.

    Returns:
        The part ``parts/encoder/<name>-<form>``.
    """
    encoder = config.models.encoder
    full, vectors = full_encoder(config), text_vectors(config)
    is_table = form == STATIC
    tokens, network = token_vectors(config), network_of(config)

    def fit(bench: Bench) -> Fill:
        fitted_to = FittedTo(
            passages(bench.shop.texts, prefix=encoder.passage_prefix),
            bench.state(vectors).arrays["vectors"],
            bench.state(tokens).arrays["vectors"] if is_table else None,
        )
        return lambda folder: folder.write_encoder(form, fitted_to, full=full, network=network)

    return Part(
        f"parts/encoder/{encoder_name(config)}-{form}",
        fit,
        (full, vectors, tokens) if is_table else (full, vectors, *_with(network)),
        [form, encoder.model_dump(mode="json")],
        outside=lambda bench: bench.encoder_digest(),
        work=Work.COMPRESS,
    )


def _with(part: Part | None) -> tuple[Part, ...]:
    return () if part is None else (part,)


def upkeep_of(form: str) -> Upkeep:
    """What keeping an encoder running takes: a table of token vectors is no transformer.

    Args:
        form: Of the encoder.

    Returns:
        The upkeep that ``[cost.people]`` prices.
    """
    return Upkeep(has_transformer=not form.startswith(STATIC))
