"""Pre-trained text encoders and their variants."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from steelyard import registry

if TYPE_CHECKING:
    from steelyard.workflows.ports import Pretrained, TextEncoder

__all__ = ["Encoders"]


@dataclass(frozen=True, slots=True)
class Encoders:
    """Pre-trained encoders and their variants."""

    def speaks_chinese(self, source: str, base: Path) -> bool:
        """Whether the model that ``source`` names knows Chinese characters."""
        with registry.naming_extra("the encoder"):
            from steelyard.adapters.encoders.encoder_language import speaks_chinese

        return speaks_chinese(source, base)

    def pretrained(self, source: str, base: Path, *, max_tokens: int, threads: int = 1) -> Pretrained:
        """The pre-trained model that forms are made of.

        Args:
            source: ``package:NAME`` for the folder inside an installed package, or a path.
            base: What a relative path is relative to.
            max_tokens: Longer texts are cut.
            threads: Texts that are encoded at the same time while a form is made.

        Returns:
            Nothing of it is loaded yet; what is missing is reported when something is made of it.
        """
        with registry.naming_extra("the encoder"):
            from steelyard.adapters.encoders.pretrained import PretrainedEncoder

        return PretrainedEncoder(source, base, max_tokens=max_tokens, threads=threads)

    def served(self, folder: Path, *, threads: int = 1) -> TextEncoder:
        """A variant of it as a graph, as it is served."""
        opened: TextEncoder = registry.load("encoders", "onnx")(folder, threads=threads)
        return opened
