"""Writes bundles: parts of a store and documents, laid into one folder and sealed."""

from __future__ import annotations

import json
import os
import shutil
import tempfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from steelyard.adapters.artefacts import MANIFEST
from steelyard.adapters.bundle import Bundle
from steelyard.errors import StorageError

__all__ = ["write_bundle"]


def write_bundle(out: Path, *, parts: Mapping[str, Path], documents: Mapping[str, Mapping[str, Any]]) -> Path:
    """Seal parts and documents in one folder and make it the newest of ``out``.

    Args:
        out: Folder of bundles; made when missing.
        parts: Verified folder of each part by its name.
        documents: JSON documents by name, ``bundle`` and ``decision`` among them.

    Returns:
        The bundle's folder, named by the first 16 digits of its digest; the same content gives the same folder.

    Raises:
        ArtefactError: There are no cards among the parts.
        StorageError: The disk is full or refuses to write; ``latest`` still means what it meant.
    """
    try:
        out.mkdir(parents=True, exist_ok=True)
        draft = Path(tempfile.mkdtemp(dir=out, prefix=".draft-"))
        try:
            for name, folder in parts.items():
                _link_folder(folder, draft / name)
            for name, value in documents.items():
                text = json.dumps(value, ensure_ascii=False, sort_keys=True, indent=1)
                (draft / f"{name}.json").write_text(text, "utf-8")
            return Bundle.publish(draft, out)
        finally:
            shutil.rmtree(draft, ignore_errors=True)
    except OSError as error:
        raise StorageError(
            f"cannot write a bundle to {out}: {error.strerror}. The newest one is as it was; "
            "free some space or rights there and run again"
        ) from error


def _link_folder(source: Path, target: Path) -> None:
    """The same files under another name: linked where the file system can, copied where it cannot."""
    for path in sorted(source.rglob("*")):
        if not path.is_file() or path.relative_to(source).as_posix() == MANIFEST:
            continue
        to = target / path.relative_to(source)
        to.parent.mkdir(parents=True, exist_ok=True)
        try:
            os.link(path, to)
        except OSError:
            shutil.copyfile(path, to)
