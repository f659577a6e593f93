"""Reads calendars of promotions: those shipped with Steelyard, and a shop's own days in a CSV file."""

from __future__ import annotations

import csv
import json
from collections.abc import Mapping
from importlib.resources import files
from pathlib import Path
from typing import Any

from steelyard.errors import DataError, SourceError
from steelyard.planning.history import History, read_counts
from steelyard.planning.promotions import Calendar, Promotion, own_days, parse_calendar

__all__ = ["Calendars", "read_csv"]

_MAX_BYTES = 8_000_000
"""A larger file is no list of days; it is refused before it is parsed."""


class Calendars:
    """The calendars at hand."""

    def __init__(self) -> None:
        self._shipped = files("steelyard.planning") / "calendars"

    def names(self) -> list[str]:
        """Names of the shipped calendars, sorted."""
        found = (entry.name for entry in self._shipped.iterdir())
        return sorted(name.removesuffix(".json") for name in found if name.endswith(".json"))

    def load(self, name: str) -> Calendar:
        """A shipped calendar.

        Args:
            name: One of ``names``.

        Returns:
            Its rules.

        Raises:
            DataError: There is none of that name.
        """
        if name not in self.names():
            raise DataError(f"no calendar named {name!r}; shipped: {', '.join(self.names())}. Correct [cost] calendars")
        return parse_calendar(json.loads((self._shipped / f"{name}.json").read_text("utf-8")), where=name)

    def own(self, path: Path) -> list[Promotion]:
        """A shop's own days, from a CSV file with ``date,name`` and perhaps ``expected_lift``."""
        return own_days(read_csv(path, needed=("date", "name")), where=path.name)

    def counts(self, path: Path) -> History:
        """Daily counts, from a CSV file with ``date,count``."""
        return read_counts(read_csv(path, needed=("date", "count")), where=path.name)


def read_csv(path: Path, *, needed: tuple[str, ...]) -> list[Mapping[str | None, Any]]:
    """The rows of a small CSV file with a header, as texts.

    Args:
        path: The file, UTF-8.
        needed: Columns it must have.

    Returns:
        One mapping a row.

    Raises:
        SourceError: It is missing, too large, no CSV, or lacks a column.
    """
    try:
        if path.stat().st_size > _MAX_BYTES:
            raise SourceError(f"{path} has {path.stat().st_size:,} bytes; such a list has at most {_MAX_BYTES:,}")
        reader = csv.DictReader(path.read_text("utf-8-sig").splitlines(), strict=True)
        rows: list[Mapping[str | None, Any]] = list(reader)
    except OSError as error:
        raise SourceError(f"{path} cannot be read: {error.strerror}; give another file") from error
    except (UnicodeDecodeError, csv.Error) as error:
        raise SourceError(f"{path} is no CSV file in UTF-8: {error}; export it again") from error
    missing = [name for name in needed if name not in (reader.fieldnames or ())]
    if missing:
        raise SourceError(
            f"{path} has the columns {', '.join(reader.fieldnames or ()) or 'none'} and lacks {', '.join(missing)}: "
            f"the first line must be {','.join(needed)} (and further columns)"
        )
    crooked = [str(number) for number, row in enumerate(rows, start=2) if None in row]
    if crooked:
        raise SourceError(f"{path}: more fields than the header has in line {', '.join(crooked[:5])}")
    return rows
