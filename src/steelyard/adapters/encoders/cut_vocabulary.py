"""Writes a pre-trained encoder with the pieces of its vocabulary that a shop needs, as a folder like its own."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
from safetensors.numpy import load_file, save_file
from tokenizers import Tokenizer

from steelyard.adapters.artefacts import write_state
from steelyard.compression.vocabulary import Vocabulary, cut_tokenizer
from steelyard.domain import State
from steelyard.errors import ArtefactError

__all__ = ["write_cut"]

_TABLE = "word_embeddings.weight"
_BATCH = 1024


def write_cut(source: Path, out: Path, *, texts: Sequence[str], queries: Sequence[str]) -> None:
    """Fill a folder with the encoder, its vocabulary cut.

    Args:
        source: A Hugging Face folder.
        out: Empty; gets ``config.json``, ``model.safetensors``, ``tokenizer.json``, and facts: ``kept`` of ``of``
            pieces, and how many of the queries hold pieces that no text does.
        texts: Of the shop, as they are encoded.
        queries: That are known, as they are encoded.

    Raises:
        ArtefactError: The folder does not hold such a model.
        ConfigError: Its tokenizer is of a kind that cannot be cut.
    """
    document = (source / "tokenizer.json").read_text("utf-8")
    tokenizer = Tokenizer.from_str(document)
    tokenizer.no_truncation()
    tokenizer.no_padding()
    used = _used(tokenizer, texts)
    by_query = [set(each.ids) for each in tokenizer.encode_batch_fast(list(queries))]
    common = set.intersection(*by_query) if by_query else set()  # marks and the prefix of queries
    vocabulary = cut_tokenizer(document, used.union(*by_query), [*texts, *queries])
    (out / "tokenizer.json").write_text(vocabulary.tokenizer, "utf-8")
    _write_weights(source, out, vocabulary)
    facts = {
        "kept": len(vocabulary.kept),
        "of": vocabulary.of,
        "queries": len(by_query),
        "queries_beyond_texts": sum(not ids <= used | common for ids in by_query),
    }
    write_state(out, State({}, facts))


def _used(tokenizer: Tokenizer, texts: Sequence[str]) -> set[int]:
    found: set[int] = set()
    for start in range(0, len(texts), _BATCH):
        for encoding in tokenizer.encode_batch_fast(list(texts[start : start + _BATCH])):
            found.update(encoding.ids)
    return found


def _write_weights(source: Path, out: Path, vocabulary: Vocabulary) -> None:
    settings: dict[str, Any] = json.loads((source / "config.json").read_text("utf-8"))
    weights = load_file(source / "model.safetensors")
    names = [name for name in weights if name.endswith(_TABLE)]
    if len(names) != 1 or len(weights[names[0]]) < vocabulary.of:
        raise ArtefactError(f"{source} holds no table of {vocabulary.of:,} pieces: its vocabulary cannot be cut")
    weights[names[0]] = np.ascontiguousarray(weights[names[0]][vocabulary.kept])
    settings["vocab_size"] = len(vocabulary.kept)
    for name in ("pad_token_id", "bos_token_id", "eos_token_id"):
        if isinstance(settings.get(name), int):
            settings[name] = vocabulary.number(settings[name])
    save_file(weights, out / "model.safetensors", metadata={"format": "pt"})
    (out / "config.json").write_text(json.dumps(settings, indent=1), "utf-8")
