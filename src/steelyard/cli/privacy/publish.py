"""``steelyard privacy publish``."""

from __future__ import annotations

import json
from pathlib import Path

import click

from steelyard.cli.opening import config_option, open_shop
from steelyard.workflows.privacy.publish import GROUPS, publish

__all__ = ["command"]


@click.command("publish")
@config_option
@click.option("--by", type=click.Choice(GROUPS), required=True, help="What people are counted by.")
@click.option("--epsilon", type=click.FloatRange(min=0, min_open=True, max=100), help="Add noise of this privacy loss.")
@click.option("--most-groups", type=click.IntRange(1, 1000), default=1, show_default=True, help="Of one person.")
@click.option("--json", "as_json", is_flag=True, help="Print the counts as JSON.")
def command(path: Path, by: str, epsilon: float | None, most_groups: int, as_json: bool) -> None:
    """Count people by group, as anybody may see it.

    Without --epsilon numbers are multiples of [privacy] least_people, and smaller groups are not shown. With it each
    number has noise (discrete Laplace, by OpenDP), and the loss of a month never exceeds [privacy] epsilon_per_month.
    """
    found = publish(open_shop(path), by, epsilon=epsilon, most_groups=most_groups)
    if as_json:
        shown = {"by": by, "epsilon": epsilon, "least_people": found.least, "people": dict(found.counts)}
        click.echo(json.dumps({**shown, "other": found.other, "hidden": found.n_hidden}, ensure_ascii=False, indent=1))
        return
    for group, n in found.counts.items():
        click.echo(f"{n:>10,}  {group}")
    click.echo(f"{found.other:>10,}  in {found.n_hidden:,} smaller groups together")
