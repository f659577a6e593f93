"""What workflows are handed: open things that touch the world. Satisfied by adapters, found through the registry."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import AbstractContextManager
from pathlib import Path
from typing import Any, Protocol

from steelyard.domain import State, VectorArray

__all__ = ["Pretrained", "Progress", "Store"]


class Store(Protocol):
    """Named, verified artefacts (``steelyard.adapters.artefacts.Artefacts``)."""

    root: Path

    def has(self, name: str) -> bool:
        """Whether the name means something."""
        ...

    def digest(self, name: str) -> str:
        """Digest of the content, empty when there is none."""
        ...

    def names(self, prefix: str = "") -> list[str]:
        """Names that start with the prefix."""
        ...

    def writing(self, name: str) -> AbstractContextManager[Path]:
        """A folder to fill, published on leaving without an error."""
        ...

    def path(self, name: str) -> Path:
        """Verified folder."""
        ...

    def write_state(self, name: str, state: State) -> None:
        """Store a model's state."""
        ...

    def read_state(self, name: str) -> State:
        """The state stored."""
        ...

    def write_json(self, name: str, value: Any) -> None:
        """Store a JSON value."""
        ...

    def read_json(self, name: str) -> Any:
        """The JSON value stored."""
        ...

    def size(self, name: str) -> int:
        """Bytes on disk."""
        ...

    def forget(self, name: str) -> None:
        """Let the name mean nothing any more."""
        ...

    def sweep(self) -> int:
        """Delete what no name means."""
        ...


class Progress(Protocol):
    """Told how far a stage has come."""

    def __call__(self, done: int, total: int, what: str) -> None:
        """``done`` of ``total`` steps; ``what`` is being done now."""
        ...


class Pretrained(Protocol):
    """A pre-trained text encoder, and what can be made of it (``adapters.encoders.pretrained``)."""

    def digest(self) -> str:
        """SHA-256 of its weights."""
        ...

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
        """Write one form of it as a part.

        Args:
            folder: Empty.
            form: ``fp32``, ``int8``, ``3l-int8``, ``static`` …
            texts: The catalogue's own texts, as encoded.
            vectors: The full encoder's vectors of ``texts``, where they are known. Shape (texts, width).
            seed: Of every draw.
            query_prefix: Put before every query by the retriever that opens the form.
        """
        ...
