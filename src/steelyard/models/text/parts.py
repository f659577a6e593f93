"""The parts that every search by meaning shares: the pre-trained encoder as it is, and a vector of each text."""

from __future__ import annotations

import numpy as np

from steelyard.config.schema import Config
from steelyard.domain import State, Upkeep
from steelyard.models.building import Bench, Fill, FittedTo, Part, Work
from steelyard.models.text.encode import passages

__all__ = ["FULL", "STATIC", "fitted_encoder", "full_encoder", "text_vectors", "token_vectors", "upkeep_of"]

FULL = "fp32"
"""The form of an encoder that is left as it was trained, and of vectors that are."""
STATIC = "static"
"""The form that is one vector for each token, and no network."""


def full_encoder(config: Config) -> Part:
    """The pre-trained encoder as an fp32 graph, checked against the original.

    Args:
        config: Names the encoder.

    Returns:
        The part ``parts/encoder/<name>-fp32``.
    """
    encoder = config.models.encoder

    def export(bench: Bench) -> Fill:
        return lambda folder: folder.write_encoder(FULL, FittedTo())

    return Part(
        f"parts/encoder/{encoder.name}-{FULL}",
        export,
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

    return Part(f"vectors/{config.models.encoder.name}-tokens", encode, (full,), work=Work.COMPRESS, uses_tables=False)


def text_vectors(config: Config) -> Part:
    """A vector of every distinct text, by the full encoder.

    Args:
        config: Names the encoder.

    Returns:
        The part ``vectors/<name>``: array ``vectors``, shape (texts, width), float32.
    """
    encoder = config.models.encoder
    full = full_encoder(config)

    def encode(bench: Bench) -> State:
        texts = passages(bench.shop.texts, prefix=encoder.passage_prefix)
        vectors = bench.encode(full, texts)
        return State({"vectors": np.asarray(vectors, np.float32)})

    return Part(f"vectors/{encoder.name}", encode, (full,), encoder.model_dump(mode="json"))


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
    tokens = token_vectors(config)

    def fit(bench: Bench) -> Fill:
        fitted_to = FittedTo(
            passages(bench.shop.texts, prefix=encoder.passage_prefix),
            bench.state(vectors).arrays["vectors"],
            bench.state(tokens).arrays["vectors"] if is_table else None,
        )
        return lambda folder: folder.write_encoder(form, fitted_to, full=full)

    return Part(
        f"parts/encoder/{encoder.name}-{form}",
        fit,
        (full, vectors, tokens) if is_table else (full, vectors),
        [form, encoder.model_dump(mode="json")],
        outside=lambda bench: bench.encoder_digest(),
        work=Work.COMPRESS,
    )


def upkeep_of(form: str) -> Upkeep:
    """What keeping an encoder running takes: a table of token vectors is no transformer.

    Args:
        form: Of the encoder.

    Returns:
        The upkeep that ``[cost.people]`` prices.
    """
    return Upkeep(has_transformer=form != STATIC)
