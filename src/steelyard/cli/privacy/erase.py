"""``steelyard privacy erase``."""

from __future__ import annotations

import json
from pathlib import Path

import click

from steelyard.cli.opening import config_option, open_shop
from steelyard.cli.privacy.naming import named_people, people_options, states_option
from steelyard.documents.erasure import erasure_builtins
from steelyard.errors import ConfigError
from steelyard.workflows.privacy.erase import erase, reapply

__all__ = ["command"]


@click.command("erase")
@config_option
@people_options
@states_option
@click.option("--again", is_flag=True, help="Everybody who was erased before: after a backup was restored.")
@click.option("--json", "as_json", is_flag=True, help="Print the receipt as JSON.")
def command(
    path: Path, users: tuple[str, ...], user_file: Path | None, states: tuple[Path, ...], again: bool, as_json: bool
) -> None:
    """Erase people from tables, histories, bundles, event logs and left-overs, and write a sealed receipt.

    A running server goes on, and knows nothing of them within a second. The shop's own files are not touched: a load of
    them leaves the people out from now on. No model holds a pseudonym; `steelyard run` fits them again.
    """
    named = named_people(users, user_file)
    if again == bool(named):
        raise ConfigError("name people with --user or --user-file, or give --again alone")
    shop = open_shop(path)
    receipt, file = reapply(shop, states=states) if again else erase(shop, named, states=states)
    if as_json:
        click.echo(json.dumps(erasure_builtins(receipt), ensure_ascii=False, indent=1))
        return
    for row in receipt.places:
        click.echo(f"{row.n_rows:>10,}  {row.place}")
    if not receipt.places:
        click.echo("nothing was stored of them")
    click.echo(
        f"{receipt.n_people:,} people erased in {receipt.seconds:.1f} s; {receipt.n_traces} traces in "
        f"{receipt.n_files:,} files ({receipt.n_bytes / 1e6:,.1f} MB)"
    )
    click.echo(f"receipt {file}")
    if receipt.not_ours:
        click.echo(
            f"note: {', '.join(receipt.not_ours)} are the shop's own files: delete the rows there yourself", err=True
        )
    click.echo(f"next   steelyard run -c {path}   (fits {len(receipt.models)} models again, by {receipt.retrain_by})")
