"""``steelyard cost carbon``."""

from __future__ import annotations

from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import click

from steelyard.cli.cost.priced import stored_bills
from steelyard.cli.cost.tables import form_option, out_option, print_rows, print_text
from steelyard.cli.opening import config_option, open_shop
from steelyard.cli.values import Number
from steelyard.cost.carbon.emission_factors import Unknown
from steelyard.cost.explain import explain_fact
from steelyard.cost.facts import leaves, strength
from steelyard.documents.decision import read_decision
from steelyard.domain import Fact, FactKind
from steelyard.domain.shown import plain
from steelyard.errors import ConfigError
from steelyard.workflows.accounts.carbon import Footprint, Place, footprints

__all__ = ["command"]

_COLUMNS = (
    "surface", "configuration", "part", "way", "region", "kwh", "use_gco2e", "use_low", "use_high", "embodied_gco2e",
    "kind", "g_per_kwh", "grid", "oldest_factor", "missing",
)  # fmt: skip

_SHOWN = (
    "surface", "configuration", "part", "way", "region", "kwh", "use_gco2e", "embodied_gco2e", "kind", "g_per_kwh",
    "oldest_factor",
)  # fmt: skip


@click.command("carbon")
@config_option
@click.option("--of", "name", metavar="CONFIGURATION", help="Only this one; all when left out.")
@click.option(
    "--region",
    default="",
    metavar="REGION",
    help="Where the machines stand: DE, CN-ZJ, US-VA, aws/us-east-1 …; that of the machine type when left out.",
)
@click.option(
    "--pue",
    type=Number(1, 10, like="1.5"),
    help="Energy of the data centre over that of its machines; the provider's when left out.",
)
@click.option(
    "--metered",
    type=click.Path(path_type=Path, dir_okay=False),
    help="CSV of a month's metered energy: configuration, kwh, source, as_of. Shown beside the estimate.",
)
@click.option("--explain", "is_explained", is_flag=True, help="Where each figure comes from, instead of a table.")
@form_option
@out_option
def command(
    path: Path,
    name: str | None,
    region: str,
    pue: Decimal | None,
    metered: Path | None,
    is_explained: bool,
    form: str,
    out: Path | None,
) -> None:
    """Energy and carbon of a month of each configuration: kWh x PUE x g/kWh, location-based, and making the servers.

    Estimated from the bill's machine hours, vCPUs, memory and the measured processor time. An unknown region or
    processor is reported as missing, never as 0.
    """
    opened = open_shop(path)
    _, surfaces = stored_bills(opened.store)
    book = opened.book()
    found = footprints(
        surfaces,
        read_decision(opened.store.read_json("decision")),
        machines=book.instances(),
        factors=opened.tools.accounting.emission_factors(),
        place=Place(region, _pue(pue)),
        metered=opened.tools.accounting.energy_meters(metered) if metered else {},
    )
    wanted = [each for each in found if name in (None, each.configuration)]
    if not wanted:
        raise ConfigError(f"no machine runs a configuration {name!r}: `steelyard cost unit` lists them")
    if is_explained:
        for each in wanted:
            _explain(each)
        return
    title = "a month's energy (kWh) and carbon (grams of CO2 equivalent), location-based"
    rows = [_row(each) for each in wanted]
    if form != "table" or out is not None:
        print_rows(title, _COLUMNS, rows, form, out=out)
        return
    print_rows(title, _SHOWN, [_shown(row) for row in rows], form, out=out)
    for why in dict.fromkeys(row["missing"] for row in rows if row["missing"]):
        click.echo(f"unknown: {why}")


def _pue(given: Decimal | None) -> Fact | None:
    if given is None:
        return None
    return Fact(given, "1", FactKind.ASSUMED, "--pue", datetime.now(UTC).date())


def _row(found: Footprint) -> dict[str, Any]:
    figures = {"kwh": found.kwh, "use_gco2e": found.use_g, "embodied_gco2e": found.embodied_g}
    row: dict[str, Any] = {
        "surface": found.surface,
        "configuration": found.configuration,
        "part": found.part,
        "way": found.way,
        "region": found.region or None,
        **{name: plain(fact.value, digits=4) if isinstance(fact, Fact) else None for name, fact in figures.items()},
        "missing": "; ".join(dict.fromkeys(f.why for f in figures.values() if isinstance(f, Unknown))) or None,
    }
    used = found.use_g
    if not isinstance(used, Fact):
        return row | dict.fromkeys(("use_low", "use_high", "kind", "g_per_kwh", "grid", "oldest_factor"))
    quoted = [leaf for leaf in leaves(used) if leaf.kind is FactKind.QUOTED]
    grids = {leaf.source: plain(leaf.value) for leaf in quoted if leaf.unit == "gram/kWh"}
    return row | {
        "use_low": None if used.low is None else plain(used.low, digits=4),
        "use_high": None if used.high is None else plain(used.high, digits=4),
        "kind": str(strength(used)),
        "g_per_kwh": "; ".join(grids.values()),
        "grid": "; ".join(grids),
        "oldest_factor": min(leaf.as_of for leaf in quoted).isoformat() if quoted else None,
    }


def _shown(row: dict[str, Any]) -> dict[str, Any]:
    """A row for the screen: what is missing reads unknown, and an interval stands behind its figure."""
    shown = dict(row)
    if row["missing"]:
        shown |= {name: "unknown" for name in ("kwh", "use_gco2e", "embodied_gco2e") if row[name] is None}
    if row["use_low"] is not None:
        shown["use_gco2e"] = f"{row['use_gco2e']} ({row['use_low']} to {row['use_high']})"
    return shown


def _explain(found: Footprint) -> None:
    click.echo(f"{found.surface} · {found.configuration} · {found.part} · {found.way}")
    for what, fact in (("carbon of use", found.use_g), ("carbon of making the servers", found.embodied_g)):
        if isinstance(fact, Unknown):
            click.echo(f"{what}: unknown: {fact.why}")
        elif fact is not None:
            print_text(explain_fact(what, fact))
    click.echo("")
