"""``steelyard privacy readmit``."""

from __future__ import annotations

from pathlib import Path

import click

from steelyard.cli.opening import config_option, open_shop
from steelyard.cli.privacy.naming import named_people, people_options
from steelyard.errors import ConfigError
from steelyard.workflows.privacy.erase import readmit

__all__ = ["command"]


@click.command("readmit")
@config_option
@people_options
def command(path: Path, users: tuple[str, ...], user_file: Path | None) -> None:
    """Take people off the list of the erased who agreed to be known again."""
    named = named_people(users, user_file)
    if not named:
        raise ConfigError("name people with --user or --user-file")
    n = readmit(open_shop(path), named)
    click.echo(f"{n:,} of {len(named):,} had been erased, and may be known again")
