"""Which languages a pre-trained encoder can tell apart, read off its vocabulary."""

from __future__ import annotations

import importlib.util
import json
import re
from pathlib import Path
from typing import Any

from steelyard.errors import ArtefactError, MissingExtra

__all__ = ["find_encoder", "speaks_chinese"]

_HAN = re.compile(r"[㐀-鿿]")
_LEAST = 2000
"""Tokens with Chinese characters: English vocabularies hold a few hundred by accident, Chinese ones many thousands."""


def find_encoder(source: str, base: Path) -> Path:
    """The model folder that ``source`` names; nothing of it is loaded.

    Args:
        source: ``package:NAME`` for the folder inside an installed package (which is not imported), or a path.
        base: What a relative path is relative to.

    Returns:
        A folder with ``config.json`` and ``model.safetensors``.

    Raises:
        MissingExtra: The package is not installed.
        ArtefactError: There is no model folder in it.
    """
    if not source.startswith("package:"):
        places = [base / source]
    else:
        name = source.removeprefix("package:")
        spec = importlib.util.find_spec(name) if name.isidentifier() else None
        if spec is None or not spec.submodule_search_locations:
            raise MissingExtra(f"{source}: no such package is installed; pip install {name.replace('_', '-')}")
        places = [Path(place) for place in spec.submodule_search_locations]
    for place in places:
        for found in [place / "config.json", *sorted(place.glob("*/config.json"))]:
            if found.is_file() and (found.parent / "model.safetensors").is_file():
                return found.parent
    raise ArtefactError(f"{source}: no folder with config.json and model.safetensors in {places[0]}")


def speaks_chinese(source: str, base: Path) -> bool:
    """Whether an encoder's vocabulary covers everyday Chinese.

    Args:
        source: As for ``find_encoder``.
        base: What a relative path is relative to.

    Returns:
        True also where neither ``tokenizer.json`` nor ``vocab.txt`` can be read: an encoder of another kind is the
        shop's own choice. False where the encoder is not installed.
    """
    try:
        folder = find_encoder(source, base)
    except MissingExtra:
        return False
    try:
        tokens = _tokens(folder)
    except (OSError, ValueError, KeyError, TypeError):
        return True
    return sum(bool(_HAN.search(token)) for token in tokens) >= _LEAST


def _tokens(folder: Path) -> list[str]:
    whole = folder / "tokenizer.json"
    if not whole.is_file():
        return (folder / "vocab.txt").read_text("utf-8").splitlines()
    vocabulary: Any = json.loads(whole.read_text("utf-8"))["model"]["vocab"]
    return list(vocabulary) if isinstance(vocabulary, dict) else [str(entry[0]) for entry in vocabulary]
