"""Texts in files of their own, written whole or not at all."""

from __future__ import annotations

from pathlib import Path

__all__ = ["write_text"]


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
