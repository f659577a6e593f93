"""The pre-trained encoder a shop names; its network is loaded when something is made of it."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING

from steelyard.adapters.artefacts import file_digest
from steelyard.adapters.encoders.encoder_language import find_encoder
from steelyard.domain import VectorArray
from steelyard.registry import naming_extra

if TYPE_CHECKING:
    from steelyard.adapters.encoders.torch_encoder import TorchEncoder

__all__ = ["PretrainedEncoder"]


class PretrainedEncoder:
    """What is made of a pre-trained encoder.

    Args:
        source: ``package:NAME`` of an installed package that carries a model folder, or a path.
        base: What a relative path is relative to.
        max_tokens: Longer texts are cut.
    """

    def __init__(self, source: str, base: Path, *, max_tokens: int) -> None:
        self._source, self._base, self._max_tokens = source, base, max_tokens
        self._digest = ""

    def digest(self) -> str:
        """SHA-256 of its weights."""
        self._digest = self._digest or file_digest(self._folder / "model.safetensors")
        return self._digest

    def write_form(
        self,
        folder: Path,
        form: str,
        *,
        texts: Sequence[str],
        vectors: VectorArray | None,
        seed: int,
        query_prefix: str,
    ) -> None:
        """Write one form of it as a part; as ``steelyard.workflows.ports.Pretrained``."""
        self._network.write_variant(folder, form, texts=texts, vectors=vectors, seed=seed, query_prefix=query_prefix)

    @cached_property
    def _folder(self) -> Path:
        return find_encoder(self._source, self._base)

    @cached_property
    def _network(self) -> TorchEncoder:
        with naming_extra("making an encoder"):
            from steelyard.adapters.encoders.torch_encoder import TorchEncoder  # noqa: PLC0415 - seconds to import

        return TorchEncoder(self._folder, max_tokens=self._max_tokens)
