"""Sourcing options of one configuration, side by side: artefacts ``scenarios/…``, and files that people share."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from typing import Any

import msgspec

from steelyard.documents.bills import BillRow
from steelyard.documents.earlier_lines import with_key
from steelyard.documents.encoding import Source, as_builtins, read_document

__all__ = [
    "BreakEven",
    "CheapestRange",
    "OptionRow",
    "Scenario",
    "ScenarioPlan",
    "Swing",
    "UncertainEnds",
    "read_scenario",
    "scenario_builtins",
]

Ends = tuple[float, float]
"""As multiples of the plan's figure."""


class UncertainEnds(msgspec.Struct, frozen=True, kw_only=True):
    """How far each figure was moved, and how often."""

    requests: Ends = (1.0, 1.0)
    request_time: Ends = (1.0, 1.0)
    people_hours: Ends = (1.0, 1.0)
    people_price: Ends = (1.0, 1.0)
    own: Ends = (1.0, 1.0)
    on_demand: Ends = (1.0, 1.0)
    reserved: Ends = (1.0, 1.0)
    spot: Ends = (1.0, 1.0)
    service: Ends = (1.0, 1.0)
    draws: int = 0
    seed: int = 0


class ScenarioPlan(msgspec.Struct, frozen=True, kw_only=True):
    """What is to be carried, and what is assumed about it."""

    surface: str
    configuration: str
    quality: float | None = None
    metric: str = ""
    made_at: str = ""
    day_from: str = ""
    """Where the hours of a day come from."""
    book: str = ""
    book_as_of: str = ""
    requests_per_month: int
    peak_rps: float
    spare: int = 0
    peak_hours: int = 0
    day: tuple[float, ...] = ()
    """Traffic of the hours of a day, as shares of the busiest."""
    spot_share: Decimal = Decimal(0)
    own_people_hours: Decimal = Decimal(0)
    managed_people_share: Decimal = Decimal(0)
    n_users: int | None = None
    n_items: int | None = None
    reacts_s: float = 0.0
    boots_s: float = 0.0
    uncertain: UncertainEnds = UncertainEnds()


class OptionRow(msgspec.Struct, frozen=True, kw_only=True):
    """One sourcing option, at the plan's volume."""

    name: str
    what: str
    """What is bought, in words."""
    monthly: Decimal | None
    """``None`` where a price is missing."""
    currency: str
    unpriced: tuple[str, ...] = ()
    per_1000: Decimal | None = None
    same_hours_on_demand: Decimal | None = None
    """What the same hours cost with nothing committed to."""
    late_at_peak: float | None = None
    """Share of requests that are late when a peak begins and machines are launched once it is noticed."""
    late_if_scheduled: float | None = None
    """The same where a calendar launches them before it."""
    low: float | None
    """5th percentile of the draws."""
    high: float | None
    p_cheapest: float
    """Share of the draws in which it is the cheapest."""
    lines: tuple[BillRow, ...] = ()


class CheapestRange(msgspec.Struct, frozen=True):
    """Volumes over which one option is the cheapest."""

    low: int = msgspec.field(name="from")
    high: int = msgspec.field(name="to")
    option: str


class BreakEven(msgspec.Struct, frozen=True):
    """Volumes at which an option is cheaper than the first."""

    option: str
    against: str
    cheaper: tuple[tuple[int, int], ...]


class Swing(msgspec.Struct, frozen=True):
    """The cost of the cheapest with one figure alone at its ends."""

    driver: str
    at_low: float
    at_high: float


class Scenario(msgspec.Struct, frozen=True, kw_only=True):
    """All options, compared."""

    format: int = 2
    plan: ScenarioPlan
    options: tuple[OptionRow, ...]
    cheapest: tuple[CheapestRange, ...] = ()
    break_even: tuple[BreakEven, ...] = ()
    swings: tuple[Swing, ...] = ()
    """Widest first."""


def read_scenario(source: Source) -> Scenario:
    """The scenario of a document, of any format.

    Args:
        source: JSON, or what was parsed from it.

    Returns:
        The scenario.

    Raises:
        ArtefactError: It is no such document, or of a later format.
    """
    return read_document(source, Scenario, name="scenario", migrations=(_with_keys, _with_options))


def scenario_builtins(scenario: Scenario) -> dict[str, Any]:
    """The scenario as JSON's own types."""
    return as_builtins(scenario)


def _with_keys(value: dict[str, Any]) -> dict[str, Any]:
    """Format 0 knew lines by their sentence."""
    return value | {"ways": [_way(way) for way in value["ways"]]}


def _way(way: Mapping[str, Any]) -> dict[str, Any]:
    return {**way, "lines": [with_key(line) for line in way.get("lines", ())]}


def _with_options(value: dict[str, Any]) -> dict[str, Any]:
    """Format 1 called an option a way."""
    renamed = {name: [_renamed(row) for row in value.get(name, ())] for name in ("cheapest", "break_even")}
    return {name: rest for name, rest in value.items() if name != "ways"} | {"options": value["ways"]} | renamed


def _renamed(row: Mapping[str, Any]) -> dict[str, Any]:
    return {"option" if name == "way" else name: value for name, value in row.items()}
