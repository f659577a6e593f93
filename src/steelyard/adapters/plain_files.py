"""Files and folders that are no artefact: texts written whole or not at all, folders deleted."""

from __future__ import annotations

import shutil
from pathlib import Path

__all__ = ["remove", "write_text"]


def write_text(path: Path, text: str) -> None:
    """Store a text; whoever reads the file meanwhile sees the old one or the new one.

    Args:
        path: The file; folders that lead to it are made.
        text: Stored as UTF-8.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    fresh = path.with_name(f".tmp-{path.name}")
    fresh.write_text(text, "utf-8")
    fresh.replace(path)


def remove(folder: Path) -> None:
    """Delete a folder with all in it; nothing is said where it is not there or something in it stays."""
    shutil.rmtree(folder, ignore_errors=True)
