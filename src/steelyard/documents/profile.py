"""What a load of the shop's data looks like: ``profile.json`` of the artefact ``data``, compared with the next load."""

from __future__ import annotations

from typing import Any

import msgspec

from steelyard.documents.encoding import Source, as_builtins, read_document

__all__ = ["ColumnProfile", "DataProfile", "TableProfile", "profile_builtins", "read_profile"]


class ColumnProfile(msgspec.Struct, frozen=True, kw_only=True):
    """What the values of one role look like."""

    kind: str
    """``text``, ``number`` or ``time``, as it is read."""
    columns: tuple[str, ...]
    n: int
    """Rows with a value."""
    missing: float
    """Share of the rows without one."""
    is_typed: bool = False
    """Whether the file itself says that it holds numbers or times."""
    numeric: float = 0.0
    """Share of the values that are written with digits only."""
    letters: float = 0.0
    """Share of the values with a letter."""
    zeros: float = 0.0
    """Share of the values that begin with a zero and have more digits."""
    length: float = 0.0
    """Mean number of characters."""
    sizes: dict[str, int] = {}
    """Of positive numbers: how many fall into each fortieth of a power of ten, by its number."""
    hours: tuple[int, ...] = ()
    """Of times: how many fall into each hour of the day, in UTC."""
    values: dict[str, int] = {}
    """How often each value is there, where there are few."""
    marks: dict[str, int] = {}
    """How many values have the sign or code of each currency."""
    pairs: dict[str, int] = {}
    """Of titles: how often each pair of letters is there, the commonest ones."""


class TableProfile(msgspec.Struct, frozen=True, kw_only=True):
    """What one table looks like."""

    wanted: str
    """Digest of what was read: profiles of another file or other columns are not compared."""
    n_rows: int
    duplicates: float
    """Share of the rows that are there twice."""
    columns: dict[str, ColumnProfile] = {}
    """By role."""


class DataProfile(msgspec.Struct, frozen=True, kw_only=True):
    """What a load looks like."""

    format: int = 1
    tables: dict[str, TableProfile] = {}


def read_profile(source: Source) -> DataProfile:
    """The profile of a document, of any format.

    Args:
        source: JSON, or what was parsed from it.

    Returns:
        The profile.

    Raises:
        ArtefactError: It is no such document, or of a later format.
    """
    return read_document(source, DataProfile, name="profile of the data", migrations=(dict,))


def profile_builtins(profile: DataProfile) -> dict[str, Any]:
    """The profile as JSON's own types."""
    return as_builtins(profile)
