"""A refused command leaves nothing behind: a work folder that it made and that holds nothing yet goes with it."""

from __future__ import annotations

import contextlib
import sqlite3
from pathlib import Path

import click

__all__ = ["remember_new", "remove_empty"]

_META = "steelyard.cli.leftovers"
_KEY = "secret.key"
_LEDGER = ("ledger.sqlite", "ledger.sqlite-wal", "ledger.sqlite-shm")


def remember_new(folder: Path) -> None:
    """Note a folder that this command is about to make; one that is there already is not noted.

    Args:
        folder: The work folder; the folders above it that are missing are noted with it.
    """
    context = click.get_current_context(silent=True)
    if context is None or folder.exists():
        return
    top = next((each for each in reversed(folder.parents) if not each.exists()), folder)
    context.meta.setdefault(_META, []).append(top)


def remove_empty(context: click.Context) -> None:
    """Remove what was noted, where no work is in it: empty folders, a key that nothing was made with, an empty ledger.

    Args:
        context: Of the command, which was refused.
    """
    for top in context.meta.pop(_META, []):
        if top.is_dir() and all(_is_nothing(path) for path in _files(top)):
            with contextlib.suppress(OSError):  # somebody else is at work here by now
                for path in _files(top):
                    path.unlink()
                for folder in sorted((path for path in top.rglob("*") if path.is_dir()), reverse=True):
                    folder.rmdir()
                top.rmdir()


def _files(top: Path) -> list[Path]:
    return [path for path in top.rglob("*") if not path.is_dir()]


def _is_nothing(path: Path) -> bool:
    return path.name == _KEY or (path.name in _LEDGER and _is_empty_ledger(path.with_name(_LEDGER[0])))


def _is_empty_ledger(path: Path) -> bool:
    try:
        with contextlib.closing(sqlite3.connect(f"file:{path}?mode=ro", uri=True)) as store:
            (n_entries,) = store.execute("SELECT count(*) FROM entry").fetchone()
    except sqlite3.Error:
        return False
    return bool(n_entries == 0)
