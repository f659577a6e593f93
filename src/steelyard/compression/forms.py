"""Smaller forms of parts, each a recipe over a part: ``int8`` of an encoder, ``1bit`` of vectors, 20 neighbours of all.

Found by entry point (``steelyard.compressions``), so that another package's form is used like our own.
"""

from __future__ import annotations

import re
from dataclasses import replace

import numpy as np

from steelyard.compression.neighbours import prune_neighbours
from steelyard.compression.vectors import audit_vectors, narrowed, vectors_1bit, vectors_fp16, vectors_fp32
from steelyard.config.schema import Config
from steelyard.domain import State, VectorArray
from steelyard.errors import ConfigError
from steelyard.models.building import Bench, Part, Work
from steelyard.models.learning.ranked_static import RANKED, ranked_static
from steelyard.models.text.parts import FULL, encoder_name, fitted_encoder, full_encoder

__all__ = ["MAX_AUDIT_QUERIES", "encoder_form", "neighbours_form", "vectors_form"]

MAX_AUDIT_QUERIES = 200
"""Queries that compare 1-bit search with exact search."""
_SHARES = {"half": 1 / 2, "quarter": 1 / 4}
"""What a form keeps of the width."""
_PRUNED = re.compile(r"([1-9]\d{0,3})x([1-9]\d?)bit", re.ASCII)


def encoder_form(config: Config, of: Part, form: str) -> Part:
    """A form of the encoder, quantised, pruned or distilled by its own vectors.

    Args:
        config: Names the encoder.
        of: The full encoder.
        form: ``fp32``, ``int8``, ``3l-int8``, ``static``, ``static-ranked``.

    Returns:
        The part; ``of`` for ``fp32``.
    """
    if form == FULL:
        return of
    if form == RANKED:
        return ranked_static(config)
    return fitted_encoder(config, form)


def vectors_form(config: Config, of: Part, form: str) -> Part:
    """The product vectors in one form; every form of the encoder answers in their space.

    Args:
        config: Names the encoder, and the oversampling of 1-bit search.
        of: The vectors as they were encoded.
        form: ``fp32``, ``fp16``, ``1bit``; ``fp16-half`` and the like keep so much of the width.

    Returns:
        The part ``parts/vectors/<encoder>.<form>``.
    """
    stored, _, width = form.partition("-")
    is_audited = stored == "1bit"
    full = full_encoder(config)

    def make(bench: Bench) -> State:
        vectors = bench.state(of).arrays["vectors"]
        asked = _asked(config, full, bench) if is_audited else np.empty((0, vectors.shape[1]), np.float32)
        if not width:
            return _sized(config, stored, vectors, asked)
        narrow, directions = narrowed(vectors, share=_SHARES[width])
        made = _sized(config, stored, narrow, asked @ directions)
        kept = float((narrow**2).sum(axis=1).mean()) if len(narrow) else 1.0
        return replace(made, arrays={**made.arrays, "directions": directions}, facts={**made.facts, "kept": kept})

    return Part(
        f"parts/vectors/{encoder_name(config)}.{form}",
        make,
        (of, full) if is_audited else (of,),
        [form, config.compress.oversampling],
        work=Work.COMPRESS,
        uses_tables=is_audited,
    )


def _asked(config: Config, full: Part, bench: Bench) -> VectorArray:
    """Vectors of queries of the shop, by which search by codes is compared with exact search. Shape (n, width)."""
    prefix = config.models.encoder.query_prefix
    queries = [prefix + request.query for request in bench.search_tuning.requests[:MAX_AUDIT_QUERIES]]
    return bench.open({"encoder": full}).encoder("encoder").encode(queries)


def _sized(config: Config, stored: str, vectors: VectorArray, asked: VectorArray) -> State:
    if stored != "1bit":
        return vectors_fp16(vectors) if stored == "fp16" else vectors_fp32(vectors)
    small = vectors_1bit(vectors, oversampling=config.compress.oversampling)
    return audit_vectors(vectors_fp32(vectors), small, asked) if len(asked) else small


def neighbours_form(config: Config, of: Part, form: str) -> Part:
    """Item neighbours, the best of each item at few bits.

    Args:
        config: Not looked at.
        of: All neighbours; its name ends with the form ``full``.
        form: ``full``, or so many neighbours at so many bits, such as ``50x8bit``.

    Returns:
        The part; ``of`` for ``full``.

    Raises:
        ConfigError: There is no such form.
    """
    if form == "full":
        return of
    found = _PRUNED.fullmatch(form)
    if found is None:
        raise ConfigError(f"no form of neighbours is called {form!r}: write full, or like 50x8bit")
    n, bits = int(found[1]), int(found[2])

    def make(bench: Bench) -> State:
        return prune_neighbours(bench.state(of), n=n, bits=bits)

    name = f"{of.name.removesuffix('.full')}.{form}"
    return Part(name, make, (of,), form, work=Work.COMPRESS, uses_tables=False)
