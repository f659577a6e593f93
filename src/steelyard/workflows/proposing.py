"""``init``: looks at samples of a shop's files and proposes the configuration that reads them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

from steelyard.config.connectors import Exports, Layout
from steelyard.data.guessing.guess import Guess, TableProfile, guess
from steelyard.data.guessing.headless import with_header_told
from steelyard.data.guessing.profiles import FilesOfFolder, profile
from steelyard.errors import ConfigError, DataError, SourceError

__all__ = ["MAX_FILES", "Looked", "look_at", "understood"]

SAMPLE_ROWS = 5000
MAX_FILES = 100


class Sampler(Protocol):
    """Shows what a file looks like."""

    def look(self, path: str) -> object:
        """What a file is; ``first`` has the cells of a first line that is data, where the reader tells that."""
        ...

    def sample(self, path: str, n: int) -> tuple[int, dict[str, list[str | None]], dict[str, list[float | None]]]:
        """How many rows a file has; by column, its first ``n`` texts; and the numbers they are read as."""
        ...


@dataclass(frozen=True, slots=True)
class Looked:
    """What was seen of a folder."""

    tables: tuple[TableProfile, ...]
    notes: tuple[str, ...]
    """Why the other files could not be read."""


def look_at(files: FilesOfFolder, sampler: Sampler) -> Looked:
    """A profile of each file that can be read, and why the others cannot.

    Args:
        files: What is there.
        sampler: Reads samples.

    Returns:
        At least one table.

    Raises:
        SourceError: There is no file to look at.
    """
    tables: list[TableProfile] = []
    notes: list[str] = []
    for name in files.read[:MAX_FILES]:
        try:
            tables.append(_profile(name, sampler))
        except SourceError as error:
            notes.append(f"{name} was not used: {error}")
    for name, advice in files.others.items():
        try:
            tables.append(_profile(name, sampler))
        except SourceError:
            notes.append(f"{name} was not used: {advice}")
    if len(files.read) > MAX_FILES:
        notes.append(
            f"{len(files.read) - MAX_FILES:,} more files were not looked at: {MAX_FILES} are, in order of name"
        )
    if not files.read and not tables:
        raise SourceError("\n".join(["the folder holds no CSV, JSONL or Parquet file that can be read", *notes]))
    return Looked(tuple(tables), tuple(notes))


def _profile(name: str, sampler: Sampler) -> TableProfile:
    n_rows, columns, numbers = sampler.sample(name, SAMPLE_ROWS)
    profiles = tuple(profile(column, values, numbers.get(column, ())) for column, values in columns.items())
    first = tuple(getattr(sampler.look(name), "first", ()))
    return with_header_told(TableProfile(name, n_rows, profiles), columns, first=first)


def understood(looked: Looked, exports: Exports, *, source: str | None, folder: str) -> Guess:
    """What the tables are.

    Args:
        looked: What was seen.
        exports: The connectors there are.
        source: Name of the connector whose export it is; every connector is tried where it is not given.
        folder: How to call the folder in messages.

    Returns:
        With a catalogue.

    Raises:
        ConfigError: There is no connector of that name.
        DataError: No file looks like a catalogue.
    """
    names = exports.names()
    if source is not None and source not in names:
        raise ConfigError(f"--source {source}: there is no such connector; known: {', '.join(names)}")
    layouts = _layouts(exports, [source] if source is not None else names, is_named=source is not None)
    found = guess(looked.tables, layouts)
    if found.items is None:
        raise DataError(
            f"no catalogue was found in {folder}: a file with one row an item needs an item id (unique) and a title. "
            + "".join(f"{note}. " for note in (*found.notes, *looked.notes) if "not used" in note)
            + "Write steelyard.toml by hand if the columns have unusual names"
        )
    return found


def _layouts(exports: Exports, names: Sequence[str], *, is_named: bool) -> list[Layout]:
    connectors = [exports.connector(name) for name in names]
    return [layout for one in connectors for layout in one.layouts if is_named or layout.is_told_apart]
