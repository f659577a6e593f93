"""Which languages a pre-trained encoder can tell apart, read off its vocabulary."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

__all__ = ["speaks_chinese"]

_HAN = re.compile(r"[㐀-鿿]")
_LEAST = 2000
"""Tokens with Chinese characters: English vocabularies hold a few hundred by accident, Chinese ones many thousands."""


def speaks_chinese(folder: Path) -> bool:
    """Whether the encoder's vocabulary covers everyday Chinese.

    Args:
        folder: Holds ``tokenizer.json`` or ``vocab.txt``.

    Returns:
        True also where neither file can be read: an encoder of another kind is the shop's own choice.
    """
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
