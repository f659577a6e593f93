"""Pictures of items, as the server hands them on."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

__all__ = ["Picture", "PicturePort"]


@dataclass(frozen=True, slots=True)
class Picture:
    """One picture."""

    kind: str
    """Media type."""
    tag: str
    """Changes whenever the picture does."""
    content: bytes | None
    """``None`` where the asker has it already."""


class PicturePort(Protocol):
    """Reads pictures by name (``steelyard.adapters.shop.pictures.PictureFolder``)."""

    def read(self, name: str, *, known: str = "") -> Picture | None:
        """The picture of a name, without content when its tag is the one that is known; ``None`` when there is none."""
        ...
