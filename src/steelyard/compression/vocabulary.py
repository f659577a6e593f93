"""An encoder's vocabulary cut down to the pieces that a shop's texts and queries are made of.

A multilingual vocabulary holds a quarter of a million pieces, and most of an encoder's weights are theirs. What the
texts are cut into is kept, so they are cut as before and have the very same vectors: both kinds of tokenizer take the
best pieces there are, and those are still there. Letters and short pieces are kept besides, so that a word that nobody
wrote yet falls into smaller pieces instead of none. The tokenizer is read and written as JSON; nothing is run here.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

import numpy as np

from steelyard.domain import IntArray
from steelyard.errors import ConfigError

__all__ = ["Vocabulary", "cut_tokenizer"]

_HAN = re.compile(r"[㐀-鿿豈-﫿]")
_MARKS = ("▁", "##")
_SHORT = 2
"""Letters of pieces that are kept besides, where all of them occur in the shop."""
_HIGHEST_ASCII = 0x7F


@dataclass(frozen=True, slots=True)
class Vocabulary:
    """What is left of a vocabulary."""

    tokenizer: str
    """The tokenizer's document, pieces numbered anew."""
    kept: IntArray
    """The old number of each piece that is left, ascending. Shape (pieces,)."""
    of: int
    """Pieces that there were."""

    def number(self, old: int) -> int:
        """The new number of a piece that is left."""
        return int(np.searchsorted(self.kept, old))


def cut_tokenizer(document: str, used: Iterable[int], texts: Iterable[str]) -> Vocabulary:
    """A tokenizer with fewer pieces.

    Args:
        document: ``tokenizer.json``, its kind ``Unigram`` or ``WordPiece``.
        used: Numbers of the pieces that the texts and queries of the shop are cut into.
        texts: They themselves: pieces of their letters are kept.

    Returns:
        With marks, unknown piece and all that was used.

    Raises:
        ConfigError: The tokenizer is of another kind.
    """
    whole: dict[str, Any] = json.loads(document)
    kind = whole["model"].get("type") or ("WordPiece" if isinstance(whole["model"]["vocab"], dict) else "Unigram")
    if kind not in ("Unigram", "WordPiece"):
        raise ConfigError(
            f"the encoder's tokenizer is of the kind {kind}: only the vocabularies of Unigram and WordPiece can be cut "
            'to the shop\'s; set vocabulary = "whole" in [models.encoder]'
        )
    pieces = _pieces(whole["model"]["vocab"])
    letters = {letter for text in texts for letter in text} | {chr(code) for code in range(33, _HIGHEST_ASCII)}
    wanted = {*used, *_special(whole, pieces), *_short(pieces, letters)}
    if kind == "Unigram":
        scores = [score for _, score in whole["model"]["vocab"]]
        # what is unknown is scored by the least likely piece: another one would cut texts with unknown letters anew
        wanted.add(int(np.argmin(scores)))
    kept = np.array(sorted(wanted), np.int64)
    _renumber(whole, kept, pieces)
    return Vocabulary(json.dumps(whole, ensure_ascii=False), kept, len(pieces))


def _pieces(vocabulary: Any) -> list[str]:
    """Pieces by number."""
    if isinstance(vocabulary, dict):
        pieces = [""] * (max(vocabulary.values()) + 1)
        for piece, number in vocabulary.items():
            pieces[number] = piece
        return pieces
    return [str(entry[0]) for entry in vocabulary]


def _special(whole: dict[str, Any], pieces: list[str]) -> set[int]:
    """Marks, padding, the unknown piece."""
    names = {each["content"] for each in whole.get("added_tokens") or ()}
    model, padding = whole["model"], whole.get("padding") or {}
    names |= {str(model.get("unk_token", "")), str(padding.get("pad_token", "")), "<s>", "</s>", "<pad>", "<unk>"}
    after = whole.get("post_processor") or {}
    names |= set(after.get("special_tokens") or ())
    names |= {after[end][0] for end in ("sep", "cls") if end in after}
    found = {number for number, piece in enumerate(pieces) if piece in names}
    unknown = model.get("unk_id")
    return found | ({int(unknown)} if isinstance(unknown, int) else set())


def _short(pieces: list[str], letters: set[str]) -> set[int]:
    """Pieces of a letter or two that the shop writes with; of all Chinese characters, where it writes Chinese."""
    is_chinese = any(_HAN.match(letter) for letter in letters)
    found = set()
    for number, piece in enumerate(pieces):
        bare = piece
        for mark in _MARKS:
            bare = bare.removeprefix(mark)
        is_own = len(bare) <= _SHORT and all(letter in letters for letter in bare)
        if is_own or (is_chinese and len(bare) == 1 and _HAN.match(bare)):
            found.add(number)
    return found


def _renumber(whole: dict[str, Any], kept: IntArray, pieces: list[str]) -> None:
    """The document with the pieces that are kept, numbered in their order."""
    new = {old: number for number, old in enumerate(kept.tolist())}
    model = whole["model"]
    if isinstance(model["vocab"], dict):
        model["vocab"] = {pieces[old]: number for old, number in new.items()}
    else:
        model["vocab"] = [model["vocab"][old] for old in kept.tolist()]
    if isinstance(model.get("unk_id"), int):
        model["unk_id"] = new[model["unk_id"]]
    for each in whole.get("added_tokens") or ():
        if each["id"] in new:
            each["id"] = new[each["id"]]
    if whole.get("padding"):
        whole["padding"]["pad_id"] = new.get(whole["padding"]["pad_id"], 0)
    after = whole.get("post_processor") or {}
    for each in (after.get("special_tokens") or {}).values():
        each["ids"] = [new[old] for old in each["ids"]]
    for end in ("sep", "cls"):
        if end in after:
            after[end][1] = new[after[end][1]]
