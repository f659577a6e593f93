"""``steelyard cost carbon``."""

from __future__ import annotations

from decimal import Decimal
from pathlib import Path

import click
import msgspec

from steelyard.cli.cost.tables import form_option, out_option, print_rows, print_text
from steelyard.cli.opening import config_option, open_shop
from steelyard.cli.values import Number
from steelyard.workflows.accounts.carbon_report import CarbonAsked, CarbonRow, ExplainedFootprint, carbon_report

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
    found = carbon_report(open_shop(path), CarbonAsked(name=name, region=region, pue=pue, metered=metered))
    if is_explained:
        for each in found:
            _explain(each)
        return
    title = "a month's energy (kWh) and carbon (grams of CO2 equivalent), location-based"
    rows = [each.row for each in found]
    if form != "table" or out is not None:
        print_rows(title, _COLUMNS, rows, form, out=out)
        return
    print_rows(title, _SHOWN, [_shown(row) for row in rows], form, out=out)
    for why in dict.fromkeys(row.missing for row in rows if row.missing):
        click.echo(f"unknown: {why}")


def _shown(row: CarbonRow) -> CarbonRow:
    """A row for the screen: what is missing reads unknown, and an interval stands behind its figure."""
    shown = row
    if row.missing:
        shown = msgspec.structs.replace(
            row,
            kwh=row.kwh or "unknown",
            use_gco2e=row.use_gco2e or "unknown",
            embodied_gco2e=row.embodied_gco2e or "unknown",
        )
    if row.use_low is None:
        return shown
    return msgspec.structs.replace(shown, use_gco2e=f"{row.use_gco2e} ({row.use_low} to {row.use_high})")


def _explain(found: ExplainedFootprint) -> None:
    row = found.row
    click.echo(f"{row.surface} · {row.configuration} · {row.part} · {row.way}")
    for figure in found.figures:
        if figure.unknown:
            click.echo(f"{figure.what}: unknown: {figure.unknown}")
        else:
            print_text(figure.explained)
    click.echo("")
