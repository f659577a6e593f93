"""``steelyard privacy rotate-key``."""

from __future__ import annotations

from pathlib import Path

import click

from steelyard.cli.opening import config_option, open_shop
from steelyard.cli.privacy.naming import named_people, states_option
from steelyard.workflows.privacy.rotate import destroy, rotate

__all__ = ["command"]


@click.command("rotate-key")
@config_option
@states_option
@click.option("--user-file", type=click.Path(path_type=Path, dir_okay=False), help="People in no file, one a line.")
@click.option("--destroy", "is_end", is_flag=True, help="Destroy the key before: nobody can be linked to it any more.")
def command(path: Path, states: tuple[Path, ...], user_file: Path | None, is_end: bool) -> None:
    """Change the key of the pseudonyms while shoppers go on.

    Everybody in the shop's own log is renamed now, others when they come to the server. After some weeks, --destroy
    cuts the link to the key before. Backups hold that key too: delete those from before the change.
    """
    shop = open_shop(path)
    done = destroy(shop, states=states) if is_end else rotate(shop, named_people((), user_file), states=states)
    for row in done.touched:
        click.echo(f"{row.n_rows:>10,}  {row.place}")
    if is_end:
        click.echo("the key before is destroyed: what was stored under it cannot be linked to anybody")
    else:
        click.echo(f"new key in use; {done.n_waiting:,} pseudonyms wait for their people to come back")
        click.echo(f"next   steelyard privacy rotate-key --destroy -c {path}   (once those who come have come)")
