"""``steelyard cost scenario``."""

from __future__ import annotations

import json
from decimal import Decimal
from functools import partial
from pathlib import Path
from typing import Any

import click

from steelyard.cli.cost.tables import form_option, out_option, print_rows, write_file
from steelyard.cli.nearest import RenamedVerbs
from steelyard.cli.opening import config_option, open_shop
from steelyard.cli.values import SHARE, Number
from steelyard.documents.encoding import as_builtins
from steelyard.documents.scenario import Scenario, read_scenario, scenario_builtins
from steelyard.domain import Surface
from steelyard.errors import ArtefactError, ConfigError
from steelyard.reporting.scenario_lines import scenario_lines

__all__ = ["command"]

_OPTIONS = ("option", "monthly", "low", "high", "per_1000", "cheapest_in", "late_at_peak", "what")
_LINES = ("option", "stage", "item", "quantity", "unit", "unit_price", "cost", "kind", "source", "as_of")
RENAMED = {"again": "show", "share": "export"}
"""Verbs of older versions: they do what the new one does, and say its name."""


@click.group("scenario", cls=RenamedVerbs, renamed=RENAMED)
def command() -> None:
    """Compare hosting options: own, on demand, autoscaled, reserved and spot, managed; and their break-even volumes.

    Each option is a whole bill, people and data included; what is assumed is shown, and what has no price is said.
    """


@command.command("run")
@config_option
@click.option("--surface", type=click.Choice(["search", "recommend"]), default="search", show_default=True)
@click.option("--of", "configuration", metavar="CONFIGURATION", help="Which one; the chosen one when left out.")
@click.option("--requests", type=click.IntRange(1, 10**12), metavar="N", help="A month; [load] when left out.")
@click.option(
    "--peak-rps", type=Number(0, 10**6, like="120.5", is_above=True), help="Busiest moment; [load] when left out."
)
@click.option("--peak-hours", type=click.IntRange(0, 729), default=4, show_default=True, help="Hours a month at it.")
@click.option(
    "--traffic",
    nargs=2,
    type=Number(0, 1000, like="0.5", is_above=True),
    default=("0.5", "2.0"),
    show_default=True,
    help="Times the plan, low, high.",
)
@click.option("--spot-share", type=SHARE, default="0.3", show_default=True, help="Highest share of machines on spot.")
@click.option(
    "--own-hours",
    type=Number(0, 1000, like="2.5"),
    default="2",
    show_default=True,
    help="People's hours a month for each own machine.",
)
@click.option(
    "--managed-people", type=SHARE, default="0.5", show_default=True, help="Share of upkeep a service leaves."
)
@click.option("--users", type=click.IntRange(0, 10**12), help="Users with a profile, for services that charge by them.")
@click.option("--items", type=click.IntRange(0, 10**12), help="Products, for services that charge by them.")
@click.option("--reacts-s", type=click.FloatRange(0, 3600), default=30.0, show_default=True,
              help="Seconds until a peak is noticed.")  # fmt: skip
@click.option("--boots-s", type=click.FloatRange(0, 3600), default=90.0, show_default=True,
              help="Seconds until a new machine answers.")  # fmt: skip
@click.option("--save", metavar="NAME", help="Keep it under this name.")
@click.option("--lines", is_flag=True, help="The bills line by line instead of one row an option.")
@form_option
@out_option
def run(path: Path, save: str | None, lines: bool, form: str, out: Path | None, **given: Any) -> None:
    """Price every sourcing option at the plan, say from which volume which pays, and how sure that is."""
    opened = open_shop(path)
    from steelyard.workflows.accounts.scenarios import Asked, hours_of_day, keep, make  # noqa: PLC0415 - slow to import
    from steelyard.workflows.session import Run  # noqa: PLC0415 - as above

    asked = Asked(
        Surface(given["surface"]),
        given["configuration"],
        given["requests"],
        None if given["peak_rps"] is None else float(given["peak_rps"]),
        given["peak_hours"],
        hours_of_day(opened, note=partial(click.echo, err=True)),
        spot_share=given["spot_share"],
        own_people_hours=given["own_hours"],
        managed_people_share=given["managed_people"],
        requests=_around(given["traffic"]),
        n_users=given["users"],
        n_items=given["items"],
        reacts_s=given["reacts_s"],
        boots_s=given["boots_s"],
    )
    found = make(Run.of(opened), asked)
    if save:
        keep(opened.store, save, found)
    _print(found, lines=lines, form=form, out=out)


@command.command("list")
@config_option
@form_option
@out_option
def list_(path: Path, form: str, out: Path | None) -> None:
    """Scenarios that were kept."""
    store = open_shop(path).store
    from steelyard.workflows.accounts.scenarios import kept  # noqa: PLC0415 - slow to import

    names = [name.removeprefix("scenarios/") for name in store.names("scenarios/")]
    plans = {name: as_builtins(kept(store, name).plan) for name in names}
    keys = ("surface", "configuration", "requests_per_month", "peak_rps", "book", "made_at")
    rows = [{"name": name, **{key: plan[key] for key in keys}} for name, plan in plans.items()]
    print_rows("scenarios", ("name", *keys), rows, form, out=out)


class _Show(click.Command):
    """Priced the options in older versions, with options and no NAME, as `run` does now: such a call is refused."""

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        """The rest of what was typed, as ``click.Command`` reads it."""
        try:
            return super().parse_args(ctx, args)
        except (click.NoSuchOption, click.MissingParameter) as error:
            says = (
                "`steelyard cost scenario run` prices the hosting options; `show NAME` shows a scenario that was kept"
            )
            raise click.UsageError(f"{error.format_message()} {says}.", ctx) from error


@command.command("show", cls=_Show)
@config_option
@click.argument("name")
@click.option("--lines", is_flag=True, help="The bills line by line instead of one row an option.")
@form_option
@out_option
def show(path: Path, name: str, lines: bool, form: str, out: Path | None) -> None:
    """Show the scenario NAME as it was kept by `scenario run --save NAME`."""
    from steelyard.workflows.accounts.scenarios import kept  # noqa: PLC0415 - slow to import

    _print(kept(open_shop(path).store, name), lines=lines, form=form, out=out)


@command.command("compare")
@config_option
@click.argument("names", nargs=-1, required=True)
@form_option
@out_option
def compare(path: Path, names: tuple[str, ...], form: str, out: Path | None) -> None:
    """Lay the scenarios NAMES side by side; a name that ends in .json is a file somebody shared."""
    store = open_shop(path).store
    from steelyard.workflows.accounts.scenarios import kept, side_by_side  # noqa: PLC0415 - slow to import

    found = {name: _read(Path(name)) if name.endswith(".json") else kept(store, name) for name in names}
    rows = [{"option": row.option, **row.by_scenario} for row in side_by_side(found)]
    currency = next(iter(found.values())).options[0].currency
    print_rows(f"{currency} a month, by scenario", ("option", *found), rows, form, out=out)


@command.command("export")
@config_option
@click.argument("name")
@click.argument("file", type=click.Path(path_type=Path, dir_okay=False))
def export(path: Path, name: str, file: Path) -> None:
    """Write the scenario NAME to FILE, for somebody to compare with their own."""
    from steelyard.workflows.accounts.scenarios import kept  # noqa: PLC0415 - slow to import

    found = kept(open_shop(path).store, name)
    write_file(file, (_text(found) + "\n").encode())
    click.echo(f"{name} written to {file}")


def _text(found: Scenario) -> str:
    return json.dumps(scenario_builtins(found), ensure_ascii=False, indent=1)


def _print(found: Scenario, *, lines: bool, form: str, out: Path | None) -> None:
    plan, options = found.plan, found.options
    if lines:
        rows = [{"option": option.name, **as_builtins(row)} for option in options for row in option.lines]
        print_rows(f"{plan.surface} · {plan.configuration}", _LINES, rows, form, out=out)
        return
    if form == "json" and out is None:
        click.echo(_text(found))
        return
    rows = [
        {**as_builtins(option), "option": option.name, "low": _cents(option.low), "high": _cents(option.high),
         "cheapest_in": f"{option.p_cheapest:.1%}", "late_at_peak": _late(option.late_at_peak),
         "what": f"no price for {', '.join(option.unpriced)}" if option.monthly is None else option.what}
        for option in options
    ]  # fmt: skip
    title = (
        f"{plan.surface} · {plan.configuration} · {plan.requests_per_month:,} requests a month, "
        f"{plan.peak_rps:g} rps at the peak · {options[0].currency} a month"
    )
    print_rows(title, _OPTIONS, rows, form, out=out)
    if form == "table" and out is None:
        for sentence in scenario_lines(found):
            click.echo(sentence)


def _late(share: float | None) -> str | None:
    return None if share is None else f"{share:.1%}"


def _cents(value: float | None) -> str | None:
    return None if value is None else f"{value:.2f}"


def _around(ends: tuple[Decimal, Decimal]) -> tuple[float, float]:
    low, high = map(float, ends)
    if not 0 < low <= 1 <= high <= 100:
        raise ConfigError(f"--traffic {low:g} {high:g}: the low end lies in (0, 1], the high end in [1, 100]")
    return low, high


def _read(path: Path) -> Scenario:
    try:
        return read_scenario(path.read_bytes())
    except OSError as error:
        raise ConfigError(f"{path} cannot be read: {error.strerror}") from error
    except ArtefactError as error:
        raise ConfigError(f"{path} is no scenario: `steelyard cost scenario export` writes one ({error})") from error
