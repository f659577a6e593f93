"""``steelyard privacy scan``."""

from __future__ import annotations

import json
import sys
from pathlib import Path

import click

from steelyard.cli.opening import config_option, open_shop
from steelyard.cli.privacy.naming import named_people, people_options
from steelyard.errors import ConfigError
from steelyard.workflows.privacy.erase import look_for

__all__ = ["command"]


@click.command("scan")
@config_option
@people_options
@click.option("--also", multiple=True, type=click.Path(path_type=Path, exists=True), help="A further folder: a backup.")
@click.option("--as-written", is_flag=True, help="Look for the identifiers only, not for their pseudonyms.")
@click.option("--json", "as_json", is_flag=True, help="Print what was found as JSON.")
def command(
    path: Path, users: tuple[str, ...], user_file: Path | None, also: tuple[Path, ...], as_written: bool, as_json: bool
) -> None:
    """Look for people in every file that is stored: their pseudonyms, and their identifiers as the shop writes them.

    Files are searched byte by byte, and inside Parquet, gzip and zip. Exit code 1 where something was found.
    """
    named = named_people(users, user_file)
    if not named:
        raise ConfigError("name people with --user or --user-file")
    looked = look_for(open_shop(path), named, roots=also, is_raw_only=as_written)
    if as_json:
        found = {"found": dict(looked.found), "files": looked.n_files, "bytes": looked.n_bytes}
        click.echo(json.dumps({**found, "too_short": looked.n_too_short}, ensure_ascii=False, indent=1))
    else:
        for name, n in sorted(looked.found.items()):
            click.echo(f"{n:>10,}  {name}")
        total = sum(looked.found.values())
        click.echo(f"{total:,} occurrences in {looked.n_files:,} files ({looked.n_bytes / 1e6:,.1f} MB)")
        if looked.n_too_short:
            click.echo(
                f"note: {looked.n_too_short:,} identifiers have fewer than 6 letters and stand anywhere by chance; "
                "only their pseudonyms were looked for",
                err=True,
            )
    sys.exit(1 if looked.found else 0)
