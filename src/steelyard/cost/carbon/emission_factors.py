"""Factors of energy and carbon: dated, sourced. What is not in them is unknown, and unknown is never zero."""

from __future__ import annotations

import difflib
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal, InvalidOperation
from fnmatch import fnmatchcase
from typing import Any, TypeVar

from steelyard.domain import Fact, FactKind
from steelyard.errors import PriceError

__all__ = ["Draw", "Factors", "Family", "Unknown", "parse_factors"]

FORMAT = 1
_T = TypeVar("_T")


@dataclass(frozen=True, slots=True)
class Unknown:
    """A figure nobody has. It makes totals unknown; it is never counted as zero."""

    what: str
    why: str
    """What was looked for, and what to do."""


@dataclass(frozen=True, slots=True)
class Draw:
    """Electric power of a processor's thread, or of an accelerator."""

    idle: Fact
    """Watts."""
    busy: Fact


@dataclass(frozen=True, slots=True)
class Family:
    """Machine types that are slices of the same servers."""

    pattern: str
    """Of the names of price books, for example ``aws/*/t3.*``."""
    processors: tuple[str, ...]
    """Architectures it may run on; which one is not known beforehand."""
    platform_kg: Fact
    """Carbon of making a whole server, kilograms."""
    platform_vcpus: Fact


@dataclass(frozen=True, slots=True)
class Factors:
    """All factors at hand."""

    grid: Mapping[str, Fact]
    """Grams of carbon dioxide (equivalent) for each kWh, location-based: by country (``DE``), Chinese province
    (``CN-ZJ``), American state (``US-VA``) and cloud region (``aws/us-east-1``)."""
    processors: Mapping[tuple[str, str], Draw]
    """By provider and architecture; of one thread."""
    accelerators: Mapping[str, Draw]
    families: Sequence[Family]
    pue: Mapping[str, Fact]
    """Energy of the whole data centre over that of its machines, by provider."""
    constants: Mapping[str, Fact]

    def intensity(self, region: str) -> Fact | Unknown:
        """Carbon of a kWh in a region, or that it is not known."""
        if region in self.grid:
            return self.grid[region]
        near = difflib.get_close_matches(region, self.grid, n=3, cutoff=0.5)
        hint = f" (near: {', '.join(near)})" if near else ""
        return Unknown(
            f"carbon of a kWh in {region or 'no region'}",
            f"no factor for region {region!r}{hint}; give --region: a country like DE, a Chinese province like CN-ZJ, "
            "or a cloud region like aws/us-east-1",
        )

    def overhead(self, provider: str) -> Fact | Unknown:
        """The provider's PUE, or that it is not known."""
        if provider in self.pue:
            return self.pue[provider]
        return Unknown(f"PUE of {provider}", f"no PUE of {provider!r}; give yours with --pue, for example --pue 1.5")

    def family(self, machine: str) -> Family | Unknown:
        """The family of a machine type, or that it is not known."""
        for family in self.families:
            if fnmatchcase(machine, family.pattern):
                return family
        return Unknown(f"processor of {machine}", f"no watts and no embodied carbon are known of {machine}; meter it")


def parse_factors(grid: Any, power: Any, *, where: str) -> Factors:
    """Factors from what their two files hold.

    Args:
        grid: ``{"format": 1, "sources": {…}, "regions": [{"region", "place", "grams_per_kwh", "gas", "source"}, …]}``.
        power: The same with ``processors``, ``accelerators``, ``machines``, ``pue`` and ``constants``.
        where: The files, for messages.

    Returns:
        All of them as quoted facts, as old as their sources.

    Raises:
        PriceError: A row is wrong; all problems are listed.
    """
    problems: list[str] = []
    regions = _Rows(grid, "regions", problems)
    table = {
        name: _Rows(power, name, problems) for name in ("processors", "accelerators", "machines", "pue", "constants")
    }
    found = Factors(
        grid=dict(regions.made(lambda row: (row["region"], regions.fact(row, "grams_per_kwh", "gram/kWh")))),
        processors=dict(
            table["processors"].made(
                lambda row: ((row["provider"], row["architecture"]), table["processors"].draw(row))
            )
        ),
        accelerators=dict(table["accelerators"].made(lambda row: (row["name"], table["accelerators"].draw(row)))),
        families=table["machines"].made(table["machines"].family),
        pue=dict(table["pue"].made(lambda row: (row["provider"], table["pue"].fact(row, "pue", "1")))),
        constants=dict(
            table["constants"].made(lambda row: (row["name"], table["constants"].fact(row, "value", row["unit"])))
        ),
    )
    if problems:
        raise PriceError("\n".join(f"{where}: {problem}" for problem in problems))
    return found


class _Rows:
    """One table of a file of factors."""

    def __init__(self, document: Any, name: str, problems: list[str]) -> None:
        is_known = isinstance(document, Mapping) and document.get("format") == FORMAT
        self._name, self._problems = name, problems
        self._sources = document.get("sources", {}) if is_known else {}
        self._rows = document.get(name) if is_known else None
        if not isinstance(self._rows, Sequence):
            problems.append(f"no table {name!r} of format {FORMAT}")
            self._rows = []

    def made(self, make: Callable[[Any], _T]) -> list[_T]:
        """What ``make`` reads from each row; a row it cannot read is a problem."""
        found = []
        for number, row in enumerate(self._rows or (), start=1):
            try:
                found.append(make(row))
            except (KeyError, TypeError, ValueError, InvalidOperation) as error:
                self._problems.append(f"{self._name}, row {number}: {type(error).__name__} {error}")
        return found

    def fact(self, row: Any, key: str, unit: str) -> Fact:
        """A quoted figure, above zero."""
        value = Decimal(str(row[key]))
        if not (value.is_finite() and value > 0):
            raise ValueError(f"{key} is {row[key]}, not above zero")
        source = self._sources[row["source"]]
        said = "; ".join(
            str(row[part]) for part in ("place", "architecture", "name", "machines", "provider") if part in row
        )
        gas = f" ({row['gas']})" if "gas" in row else ""
        return Fact(value, unit, FactKind.QUOTED, f"{said}{gas}: {source['text']}", date.fromisoformat(source["as_of"]))

    def draw(self, row: Any) -> Draw:
        """Idle and busy watts."""
        return Draw(self.fact(row, "idle_watts", "watt"), self.fact(row, "busy_watts", "watt"))

    def family(self, row: Any) -> Family:
        """A family of machines."""
        return Family(
            str(row["machines"]),
            tuple(row["processors"]),
            self.fact(row, "platform_kg", "kilogram"),
            self.fact(row, "platform_vcpus", "vcpu"),
        )
