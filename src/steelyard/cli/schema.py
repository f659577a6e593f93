"""``steelyard schema``."""

from __future__ import annotations

import click

from steelyard.config import json_schema

__all__ = ["command"]


@click.command("schema")
def command() -> None:
    """Print the JSON Schema of steelyard.toml, for editors."""
    click.echo(json_schema(), nl=False)
