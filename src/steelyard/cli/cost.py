"""``steelyard cost``: bills and unit costs of a shop that was decided, as tables, CSV or JSON."""

from __future__ import annotations

import csv
import difflib
import json
import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import click
from rich.console import Console
from rich.markup import escape
from rich.table import Table

from steelyard.cli.opening import config_option, open_shop
from steelyard.errors import ConfigError, StageError

__all__ = ["command"]

_WIDTH = 160
_TEXTS = frozenset({"stage", "item", "unit", "source", "surface", "configuration", "instance"})
_LINE = ("stage", "item", "quantity", "unit", "quantity_kind", "unit_price", "kind", "cost", "source", "as_of")
_UNIT = ("surface", "configuration", "instance", "replicas", "monthly", "marginal", "at_capacity", "fully_loaded")

form_option = click.option(
    "--as", "form", type=click.Choice(["table", "csv", "json"]), default="table", show_default=True, help="Form."
)
of_option = click.option("--of", "name", metavar="CONFIGURATION", help="Which one; the chosen ones when left out.")


@click.group("cost")
def command() -> None:
    """Show bills, unit costs, and where a figure comes from."""


@command.command("bill")
@config_option
@of_option
@form_option
def bill(path: Path, name: str | None, form: str) -> None:
    """The month's bill, line by line, of the chosen configurations or of one."""
    store = open_shop(path).store
    currency, entries = _entries(store)
    for surface, entry in _asked(store, entries, name):
        total = entry["monthly"] or f"no total: no price for {', '.join(entry['unpriced'])}"
        title = f"{surface} · {entry['name']} · {total} {currency if entry['monthly'] else ''} a month"
        _print(title, _LINE, entry["lines"], form)


@command.command("unit")
@config_option
@form_option
def unit(path: Path, form: str) -> None:
    """Cost of 1,000 requests of every configuration: marginal, at capacity, fully loaded."""
    currency, entries = _entries(open_shop(path).store)
    rows = [
        {"surface": surface, "configuration": entry["name"], **entry, **entry["per_1000"]}
        for surface, found in entries.items()
        for entry in found
    ]
    _print(f"{currency} per 1,000 requests", _UNIT, rows, form)


@command.command("explain")
@config_option
@of_option
@click.option("--line", metavar="TEXT", default="", help="Only lines whose stage or item holds it.")
def explain(path: Path, name: str | None, line: str) -> None:
    """Where each figure of a bill comes from, down to what was measured, quoted or assumed."""
    store = open_shop(path).store
    _, entries = _entries(store)
    n_found = 0
    for surface, entry in _asked(store, entries, name):
        for row in entry["lines"]:
            if line.lower() in f"{row['stage']} {row['item']}".lower():
                click.echo(f"{surface} · {entry['name']} · {row['explained']}\n")
                n_found += 1
    if not n_found:
        raise ConfigError(f"no line holds {line!r}: `steelyard cost bill` lists them")


def _entries(store: Any) -> tuple[str, Mapping[str, Sequence[Mapping[str, Any]]]]:
    """Currency, and the bills by surface."""
    if not store.has("bills"):
        raise StageError("nothing was priced yet: run `steelyard decide`, or `steelyard run` for all")
    found = store.read_json("bills")
    if not all("per_1000" in entry for entries in found["surfaces"].values() for entry in entries):
        raise StageError("these bills were made by an older version: run `steelyard decide` again")
    return str(found["book"]["currency"]), found["surfaces"]


def _asked(
    store: Any, entries: Mapping[str, Sequence[Mapping[str, Any]]], name: str | None
) -> Iterator[tuple[str, Mapping[str, Any]]]:
    """The entries of one name, or the chosen ones."""
    known = {entry["name"]: (surface, entry) for surface, found in entries.items() for entry in found}
    if name is None:
        surfaces = store.read_json("decision")["surfaces"]
        yield from (known[surface["chosen"]] for surface in surfaces if surface["chosen"] in known)
        return
    if name not in known:
        near = difflib.get_close_matches(name, known, n=3)
        raise ConfigError(
            f"no configuration {name!r}; {f'did you mean {near[0]}?' if near else ''} known: {sorted(known)}"
        )
    yield known[name]


def _print(title: str, columns: Sequence[str], rows: Sequence[Mapping[str, Any]], form: str) -> None:
    writers: dict[str, Callable[[], None]] = {
        "json": lambda: click.echo(json.dumps([{name: row[name] for name in columns} for row in rows], indent=1)),
        "csv": lambda: _csv(columns, rows),
        "table": lambda: _table(title, columns, rows),
    }
    writers[form]()


def _csv(columns: Sequence[str], rows: Sequence[Mapping[str, Any]]) -> None:
    writer = csv.writer(sys.stdout, lineterminator="\n")
    writer.writerow(columns)
    writer.writerows([[_cell(row[name]) for name in columns] for row in rows])


def _cell(value: Any) -> Any:
    """What a spreadsheet shows, and never takes for a formula: names of prices and sources come from files."""
    if value is None:
        return ""
    return f"'{value}" if isinstance(value, str) and value.startswith(("=", "+", "@", "\t", "\r")) else value


def _table(title: str, columns: Sequence[str], rows: Sequence[Mapping[str, Any]]) -> None:
    console = Console()
    if not console.is_terminal:
        console = Console(width=_WIDTH)
    table = Table(title=title, title_justify="left", header_style="bold")
    for name in columns:
        table.add_column(name.replace("_", " "), justify="left" if name in _TEXTS else "right")
    for row in rows:
        table.add_row(*("–" if row[name] is None else escape(str(row[name])) for name in columns))
    console.print(table)
