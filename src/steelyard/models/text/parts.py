"""The parts that every search by meaning shares: the pre-trained encoder as it is, and a vector of each text."""

from __future__ import annotations

import numpy as np

from steelyard.config.schema import Config
from steelyard.domain import State, Upkeep
from steelyard.models.building import Bench, Fill, Part
from steelyard.models.text.encode import passages

__all__ = ["FULL", "encoder_part", "full_encoder", "text_vectors", "upkeep_of"]

FULL = "fp32"
"""The form of an encoder that is left as it was trained, and of vectors that are."""


def full_encoder(config: Config) -> Part:
    """The pre-trained encoder as an fp32 graph, checked against the original.

    Args:
        config: Names the encoder.

    Returns:
        The part ``parts/encoder/<name>-fp32``.
    """
    return encoder_part(config, FULL)


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


def encoder_part(config: Config, form: str, made_from: tuple[Part, ...] = ()) -> Part:
    """One form of the encoder; all of them answer in the space of the full one.

    Args:
        config: Names the encoder.
        form: ``fp32``, or a form made of it.
        made_from: The full encoder's vectors, where the form is fitted to them.

    Returns:
        The part ``parts/encoder/<name>-<form>``.
    """
    encoder = config.models.encoder

    def export(bench: Bench) -> Fill:
        texts = passages(bench.shop.texts, prefix=encoder.passage_prefix)
        vectors = bench.state(made_from[0]).arrays["vectors"] if made_from else None
        return lambda folder: folder.write_encoder(form, texts=texts, vectors=vectors)

    return Part(
        f"parts/encoder/{encoder.name}-{form}",
        export,
        made_from,
        [form, encoder.model_dump(mode="json")],
        outside=lambda bench: bench.encoder_digest(),
    )


def upkeep_of(form: str) -> Upkeep:
    """What keeping an encoder running takes: a table of token vectors is no transformer.

    Args:
        form: Of the encoder.

    Returns:
        The upkeep that ``[cost.people]`` prices.
    """
    return Upkeep(has_transformer=form != "static")
