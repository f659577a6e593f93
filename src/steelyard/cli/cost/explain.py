"""``steelyard cost explain``."""

from __future__ import annotations

from pathlib import Path

import click

from steelyard.cli.cost.priced import asked, of_option, stored_bills
from steelyard.cli.opening import config_option, open_shop
from steelyard.errors import ConfigError

__all__ = ["command"]


@click.command("explain")
@config_option
@of_option
@click.option("--line", metavar="TEXT", default="", help="Only lines whose stage or item holds it.")
def command(path: Path, name: str | None, line: str) -> None:
    """Where each figure of a bill comes from, down to what was measured, quoted or assumed."""
    store = open_shop(path).store
    _, entries = stored_bills(store)
    n_found = 0
    for surface, entry in asked(store, entries, name):
        for row in entry["lines"]:
            if line.lower() in f"{row['stage']} {row['item']}".lower():
                click.echo(f"{surface} · {entry['name']} · {row['explained']}\n")
                n_found += 1
    if not n_found:
        raise ConfigError(f"no line holds {line!r}: `steelyard cost bill` lists them")
