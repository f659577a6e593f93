"""Static encoders: a tokenizer and one vector for each token. No network, a tenth of a millisecond a query."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path

import numpy as np

from steelyard.adapters.artefacts import read_state
from steelyard.adapters.encoders.onnx_encoder import open_tokenizer
from steelyard.domain import VectorArray
from steelyard.errors import ArtefactError
from steelyard.models.text.encode import bag_means, normalised

__all__ = ["StaticEncoder", "open_static_encoder"]


class StaticEncoder:
    """An encoder in a verified folder: ``arrays.safetensors``, ``tokenizer.json``, ``facts.json``.

    Args:
        folder: The folder.

    Raises:
        ArtefactError: The folder holds something else.
    """

    def __init__(self, folder: Path) -> None:
        state = read_state(folder)
        try:
            self._tokens, self._bias = state.arrays["tokens"], state.arrays["bias"]
            self.max_tokens = int(state.facts["max_tokens"])
        except KeyError as error:
            raise ArtefactError(f"{folder} does not hold a static encoder (no {error}); make it again") from error
        self.query_prefix = str(state.facts.get("query_prefix", ""))
        self._tokenizer = open_tokenizer(folder / "tokenizer.json", max_tokens=self.max_tokens)

    @property
    def width(self) -> int:
        """Length of a vector."""
        return int(self._tokens.shape[1])

    def encode(self, texts: Sequence[str], *, progress: Callable[[int, int, str], None] | None = None) -> VectorArray:
        """One vector for each text, of length 1.

        Args:
            texts: Any number; each is cut at ``max_tokens``.
            progress: Told once, when all is done.

        Returns:
            Shape (texts, width), float32; a text without tokens gets zeros, which are like nothing.
        """
        ids = self.token_ids(texts)
        has_tokens = np.array([[bool(row)] for row in ids], np.float32).reshape(len(ids), 1)
        vectors = normalised(bag_means(self._tokens, ids) + self._bias * has_tokens)
        if progress is not None:
            progress(len(ids), len(ids), "encoding texts")
        return vectors

    def token_ids(self, texts: Sequence[str]) -> list[list[int]]:
        """Token numbers of each text, cut at ``max_tokens``, without marks."""
        found = self._tokenizer.encode_batch_fast(list(texts), add_special_tokens=False)
        return [encoding.ids for encoding in found]


def open_static_encoder(folder: Path) -> StaticEncoder:
    """The static encoder in a verified folder (plugin ``static`` of ``steelyard.encoders``).

    Args:
        folder: Holds ``arrays.safetensors``, ``tokenizer.json`` and ``facts.json``.

    Returns:
        The encoder.

    Raises:
        ArtefactError: The folder holds something else.
    """
    return StaticEncoder(folder)
