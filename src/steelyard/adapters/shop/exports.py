"""The connectors that are installed, with the columns of the files that they are asked about."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import cast

from steelyard import registry
from steelyard.config.connectors import Connector
from steelyard.errors import SourceError

__all__ = ["InstalledExports"]


class InstalledExports:
    """Connectors by name (entry points ``steelyard.connectors``).

    Args:
        base: Folder the configured paths are relative to.
    """

    def __init__(self, base: Path) -> None:
        self._base = base

    def names(self) -> Sequence[str]:
        """Of all connectors, sorted."""
        return registry.names("connectors")

    def connector(self, name: str) -> Connector:
        """A connector by its name."""
        return cast(Connector, registry.load("connectors", name))

    def columns(self, path: str) -> Sequence[str]:
        """Names of a file's columns; empty where it cannot be read, which is said when it is."""
        from steelyard.adapters.shop.sources import Sources  # noqa: PLC0415  # the engine is heavy, and seldom needed here

        with Sources(self._base, threads=1) as sources:
            try:
                return sources.columns(path)
            except SourceError:
                return ()

    def beside(self, path: str, names: Sequence[str]) -> str:
        """Path of the first file of one of these names in the same folder; empty where there is none."""
        folder = path.rpartition("/")[0]
        if ":" in path.partition("/")[0]:
            return ""  # a package, or a database
        root = (self._base / folder).expanduser()
        found = (file.name for name in names for file in sorted(root.glob(name)) if file.is_file())
        first = next(found, "")
        return f"{folder}/{first}" if folder and first else first
