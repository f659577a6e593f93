"""``steelyard privacy retain``."""

from __future__ import annotations

from datetime import UTC
from pathlib import Path
from typing import TYPE_CHECKING

import click

from steelyard.cli.opening import config_option, open_shop
from steelyard.cli.privacy.naming import states_option
from steelyard.workflows.privacy.retain import retain

if TYPE_CHECKING:
    from datetime import datetime

__all__ = ["command"]


@click.command("retain")
@config_option
@states_option
@click.option("--now", type=click.DateTime(), help="The time (UTC) that ages are counted from.  [default: the clock's]")
def command(path: Path, states: tuple[Path, ...], now: datetime | None) -> None:
    """Delete events older than [privacy] keep_days from all that is stored. Run it every day."""
    shop = open_shop(path)
    at = now.replace(tzinfo=UTC) if now is not None else shop.tools.clock.now()
    done = retain(shop, now=at, states=states)
    for row in done.touched:
        click.echo(f"{row.n_rows:>10,}  {row.place}")
    click.echo(f"nothing from before {done.before:%Y-%m-%d %H:%M} UTC is stored")
