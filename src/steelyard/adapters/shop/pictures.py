"""Pictures of items from a folder of the shop: nothing outside it, nothing that is no picture, nothing that can act."""

from __future__ import annotations

import stat
from pathlib import Path

from steelyard.errors import ConfigError
from steelyard.serving.pictures import Picture

__all__ = ["MAX_BYTES", "PictureFolder"]

MAX_BYTES = 20_000_000
_KINDS = {
    ".jpg": "image/jpeg",
    ".jpeg": "image/jpeg",
    ".png": "image/png",
    ".webp": "image/webp",
    ".gif": "image/gif",
    ".avif": "image/avif",
}
"""Drawings (SVG) are left out: they can hold scripts."""


class PictureFolder:
    """Reads pictures by the names that items give them.

    Args:
        folder: Where they lie.

    Raises:
        ConfigError: There is no such folder.
    """

    def __init__(self, folder: Path) -> None:
        if not folder.is_dir():
            raise ConfigError(
                f"pictures = {str(folder)!r} is no folder: name the folder that the image column's names start at"
            )
        self._folder = folder.resolve()

    def read(self, name: str, *, known: str = "") -> Picture | None:
        """The picture of a name.

        Args:
            name: Relative to the folder, with slashes.
            known: Tag of the picture that the asker has already.

        Returns:
            Without content when it is the one that is known; ``None`` when there is none, when the name leads out of
            the folder or to a hidden file, or when it is no picture that browsers show.
        """
        path = self._inside(name)
        kind = _KINDS.get(path.suffix.lower()) if path is not None else None
        if path is None or kind is None:
            return None
        try:
            found = path.stat()
            if not stat.S_ISREG(found.st_mode) or found.st_size > MAX_BYTES:
                return None
            tag = f'"{found.st_mtime_ns:x}-{found.st_size:x}"'
            return Picture(kind, tag, None if tag == known else path.read_bytes())
        except OSError:
            return None

    def _inside(self, name: str) -> Path | None:
        parts = name.split("/")
        if "\0" in name or "\\" in name or not all(parts) or any(part.startswith(".") for part in parts):
            return None
        try:
            path = self._folder.joinpath(*parts).resolve(strict=True)
        except (OSError, RuntimeError, ValueError):
            return None
        return path if path.is_relative_to(self._folder) else None
