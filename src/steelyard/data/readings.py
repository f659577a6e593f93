"""How a file of a table is read: how it is cut, which files it is joined with, and what was decided on the way."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Literal

__all__ = ["Clock", "CuttingNote", "Lookup", "Reading"]


@dataclass(frozen=True, slots=True)
class Reading:
    """How a file is cut into rows, as far as a person says it; the rest is told from the file."""

    encoding: str = ""
    delimiter: str = ""
    quote: str | None = None
    """Empty where quotation marks are letters; ``None`` where nothing is said."""
    escape: str = ""
    has_header: bool | None = None
    names: tuple[str, ...] = ()
    """Of the columns, where the file has none."""
    skip_lines: int | None = None
    sheet: str = ""
    records: str = ""
    """Path to the list of rows inside a JSON document."""
    sql: str = ""


@dataclass(frozen=True, slots=True)
class CuttingNote:
    """What was decided or mended while a file was cut into rows."""

    reason: str
    severity: Literal["error", "warning", "info"]
    action: Literal["quarantine", "flag"]
    count: int
    """Rows it is about, or 1 where it is about the file."""
    says: str
    lines: tuple[int, ...] = ()
    """Some of them, 1-based, where it is about lines."""
    values: Mapping[str, int] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Clock:
    """A column of times that is added up from the days between a person's orders."""

    column: str
    person: str
    order: str
    days: str
    begins: date
    weekday: str = ""
    hour: str = ""


@dataclass(frozen=True, slots=True)
class Lookup:
    """Another file of the same export, whose columns are looked up for every row of a table."""

    path: str
    on: tuple[str, ...]
    """Columns of the table, or of files joined before, that make up the key."""
    key: tuple[str, ...]
    """The same columns in this file."""
    columns: Mapping[str, str] | None = None
    """By its name in the table each column that is taken; ``None`` takes all whose names are new to the table."""
    reading: Reading = Reading()
    clock: Clock | None = None
