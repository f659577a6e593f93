"""``cost carbon``: energy and carbon of a month of each configuration, as rows, and where each figure comes from."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path

import msgspec

from steelyard.cost.carbon.emission_factors import Unknown
from steelyard.cost.explain import explain_fact
from steelyard.cost.facts import leaves, strength
from steelyard.documents.decision import read_decision
from steelyard.domain import Fact, FactKind
from steelyard.domain.shown import plain
from steelyard.errors import ConfigError
from steelyard.workflows.accounts.carbon import Footprint, Place, footprints
from steelyard.workflows.open_shop import AccountsShop
from steelyard.workflows.pricing.shop_book import shop_book
from steelyard.workflows.pricing.stored_bills import stored_bills

__all__ = ["CarbonAsked", "CarbonRow", "ExplainedFigure", "ExplainedFootprint", "carbon_report"]


@dataclass(frozen=True, slots=True, kw_only=True)
class CarbonAsked:
    """Whose carbon, and what is known of where the machines stand."""

    name: str | None
    """A configuration; all where it is ``None``."""
    region: str
    """Of the grid; that of the machine type where it is empty."""
    pue: Decimal | None
    """Energy of the data centre over that of its machines; the provider's where it is ``None``."""
    metered: Path | None
    """A month's metered energy."""


class CarbonRow(msgspec.Struct, frozen=True, kw_only=True):
    """A month of one part of a configuration's life; figures to four digits, ``None`` where they are not known."""

    surface: str
    configuration: str
    part: str
    way: str
    region: str | None
    kwh: str | None
    use_gco2e: str | None
    use_low: str | None = None
    use_high: str | None = None
    embodied_gco2e: str | None
    kind: str | None = None
    g_per_kwh: str | None = None
    grid: str | None = None
    oldest_factor: str | None = None
    missing: str | None
    """What is not known, and why."""


@dataclass(frozen=True, slots=True)
class ExplainedFigure:
    """Where a figure comes from, or why it is not known."""

    what: str
    explained: str
    unknown: str = ""


@dataclass(frozen=True, slots=True)
class ExplainedFootprint:
    """A footprint as a row, with where its figures come from."""

    row: CarbonRow
    figures: tuple[ExplainedFigure, ...]


def carbon_report(shop: AccountsShop, asked: CarbonAsked) -> tuple[ExplainedFootprint, ...]:
    """Energy and carbon of a month, location-based.

    Args:
        shop: A shop that was decided.
        asked: Whose, and what is known of the place.

    Returns:
        Part by part of each configuration that a machine runs.

    Raises:
        ConfigError: No machine runs a configuration of that name, or a meter names one that nobody knows.
        StageError: Nothing was priced yet.
    """
    _, surfaces = stored_bills(shop.store)
    accounting = shop.tools.accounting
    today = shop.tools.clock.now().date()
    pue = None if asked.pue is None else Fact(asked.pue, "1", FactKind.ASSUMED, "--pue", today)
    found = footprints(
        surfaces,
        read_decision(shop.store.read_json("decision")),
        machines=shop_book(shop).instances(),
        factors=accounting.emission_factors(),
        place=Place(asked.region, pue),
        metered=accounting.energy_meters(asked.metered) if asked.metered else {},
    )
    wanted = [each for each in found if asked.name in (None, each.configuration)]
    if not wanted:
        raise ConfigError(f"no machine runs a configuration {asked.name!r}: `steelyard cost unit` lists them")
    return tuple(ExplainedFootprint(_row(each), tuple(_figures(each))) for each in wanted)


def _row(found: Footprint) -> CarbonRow:
    figures = (found.kwh, found.use_g, found.embodied_g)
    kwh, use_g, embodied_g = (plain(fact.value, digits=4) if isinstance(fact, Fact) else None for fact in figures)
    missing = "; ".join(dict.fromkeys(each.why for each in figures if isinstance(each, Unknown)))
    row = CarbonRow(
        surface=found.surface,
        configuration=found.configuration,
        part=found.part,
        way=found.way,
        region=found.region or None,
        kwh=kwh,
        use_gco2e=use_g,
        embodied_gco2e=embodied_g,
        missing=missing or None,
    )
    return _with_factors(row, found.use_g) if isinstance(found.use_g, Fact) else row


def _with_factors(row: CarbonRow, used: Fact) -> CarbonRow:
    """The row with the interval of its carbon, and the factors that it rests on."""
    quoted = [leaf for leaf in leaves(used) if leaf.kind is FactKind.QUOTED]
    grids = {leaf.source: plain(leaf.value) for leaf in quoted if leaf.unit == "gram/kWh"}
    return msgspec.structs.replace(
        row,
        use_low=None if used.low is None else plain(used.low, digits=4),
        use_high=None if used.high is None else plain(used.high, digits=4),
        kind=str(strength(used)),
        g_per_kwh="; ".join(grids.values()),
        grid="; ".join(grids),
        oldest_factor=min(leaf.as_of for leaf in quoted).isoformat() if quoted else None,
    )


def _figures(found: Footprint) -> Iterator[ExplainedFigure]:
    for what, fact in (("carbon of use", found.use_g), ("carbon of making the servers", found.embodied_g)):
        if isinstance(fact, Unknown):
            yield ExplainedFigure(what, "", fact.why)
        elif fact is not None:
            yield ExplainedFigure(what, explain_fact(what, fact))
