"""Reads factors of energy and carbon shipped with Steelyard, and what a shop's own meters say."""

from __future__ import annotations

import csv
import json
from collections.abc import Mapping
from datetime import date
from decimal import Decimal, InvalidOperation
from importlib.resources import files
from pathlib import Path

from steelyard.cost.carbon.emission_factors import Factors, parse_factors
from steelyard.domain import Fact, FactKind
from steelyard.errors import PriceError

__all__ = ["load_factors", "read_meters"]

_COLUMNS = ("configuration", "kwh", "source", "as_of")
_MAX_BYTES = 8_000_000


def load_factors() -> Factors:
    """The shipped factors."""
    folder = files("steelyard.cost.carbon") / "factors"
    grid, power = (json.loads((folder / name).read_text("utf-8")) for name in ("grid.json", "power.json"))
    return parse_factors(grid, power, where="steelyard's own factors")


def read_meters(path: Path) -> dict[str, Fact]:
    """A month's metered energy of each configuration's machines.

    Args:
        path: A CSV with the columns ``configuration``, ``kwh``, ``source`` (which meter, which month) and ``as_of``.

    Returns:
        Measured facts in kWh, by configuration.

    Raises:
        PriceError: The file is not there, or rows are wrong: all of them are listed.
    """
    if not path.is_file() or path.stat().st_size > _MAX_BYTES:
        raise PriceError(f"{path} is not a readable table of meters: a CSV with the columns {', '.join(_COLUMNS)}")
    try:
        with path.open(encoding="utf-8-sig", newline="") as text:
            rows = list(csv.DictReader(text, strict=True))
    except (ValueError, csv.Error) as error:
        raise PriceError(f"{path} cannot be read: {error}; save it as CSV in UTF-8") from error
    found: dict[str, Fact] = {}
    problems = []
    for line, row in enumerate(rows, start=2):
        try:
            name, fact = _metered(row)
        except ValueError as error:
            problems.append(f"{path}, line {line}: {error}")
            continue
        if name in found:
            problems.append(f"{path}, line {line}: {name} was metered before; sum its meters in one row")
        found[name] = fact
    if problems or not rows:
        raise PriceError("\n".join(problems) or f"{path} has no rows: {', '.join(_COLUMNS)}")
    return found


def _metered(row: Mapping[str, str | None]) -> tuple[str, Fact]:
    empty = [name for name in _COLUMNS if not (row.get(name) or "").strip()]
    if empty:
        raise ValueError(f"{', '.join(empty)}: missing or empty; it needs {', '.join(_COLUMNS)}")
    configuration, kwh, source, day = (str(row[name]).strip() for name in _COLUMNS)
    try:
        value = Decimal(kwh)
    except InvalidOperation:
        value = Decimal("nan")
    if not value.is_finite() or value <= 0:
        raise ValueError(f"kwh is {kwh!r}; write a number above zero, like 12.5")
    return configuration, Fact(value, "kWh", FactKind.MEASURED, source, date.fromisoformat(day))
