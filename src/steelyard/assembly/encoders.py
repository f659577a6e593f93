"""Pre-trained text encoders and their variants."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from steelyard import registry

if TYPE_CHECKING:
    from steelyard.workflows.ports import FullEncoder, TextEncoder

__all__ = ["Encoders"]


@dataclass(frozen=True, slots=True)
class Encoders:
    """Pre-trained encoders and their variants."""

    def find(self, source: str, base: Path) -> Path:
        """The model folder that ``source`` names.

        Args:
            source: ``package:NAME`` for the folder inside an installed package, or a path.
            base: What a relative path is relative to.

        Returns:
            A folder with ``config.json`` and ``model.safetensors``.

        Raises:
            MissingExtra: The package is not installed.
            ArtefactError: There is no model folder in it.
        """
        with registry.naming_extra("the encoder"):
            from steelyard.adapters.encoders.encoder_language import find_encoder

        return find_encoder(source, base)

    def speaks_chinese(self, source: str, base: Path) -> bool:
        """Whether the model that ``source`` names knows Chinese characters."""
        with registry.naming_extra("the encoder"):
            from steelyard.adapters.encoders.encoder_language import speaks_chinese

        return speaks_chinese(source, base)

    def full(self, folder: Path, *, max_tokens: int) -> FullEncoder:
        """The pre-trained model of a folder, which variants are made of.

        Args:
            folder: Holds ``config.json``, ``model.safetensors`` and ``tokenizer.json``.
            max_tokens: Longer texts are cut.

        Returns:
            Loaded.

        Raises:
            MissingExtra: torch is not installed.
            ArtefactError: A file is missing, or the model is not of a supported family.
        """
        with registry.naming_extra("training with an encoder"):
            from steelyard.adapters.encoders.torch_encoder import TorchEncoder

        return TorchEncoder(folder, max_tokens=max_tokens)

    def served(self, folder: Path, *, threads: int = 1) -> TextEncoder:
        """A variant of it as a graph, as it is served."""
        opened: TextEncoder = registry.load("encoders", "onnx")(folder, threads=threads)
        return opened
