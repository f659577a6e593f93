"""``steelyard schema``."""

from __future__ import annotations

import click

from steelyard.assembly import Tools
from steelyard.config import json_schema

__all__ = ["command"]


@click.command("schema")
def command() -> None:
    """Print the JSON Schema of steelyard.toml, for editors: with the table of every model that is installed."""
    click.echo(json_schema(Tools().models.tables()), nl=False)
