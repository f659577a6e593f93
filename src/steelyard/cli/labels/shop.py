"""``steelyard labels shop``."""

from __future__ import annotations

import json
from decimal import Decimal
from pathlib import Path

import click

from steelyard.cli.labels.screen import print_sentences
from steelyard.cli.opening import config_option, open_shop
from steelyard.cli.values import Number
from steelyard.documents.label_plan import label_plan_builtins
from steelyard.workflows.labelling.shop_labels import plan_labels, wanting, write_lists

__all__ = ["command"]

_SHARE = Number(0, 1, like="0.97", is_above=True)
_CONFIDENCE = Number(0, 1, like="0.95", is_above=True, is_below=True)
_SMALLEST = Number(0, 1, like="0.01", is_above=True, is_below=True)


@click.command("shop")
@config_option
@click.argument("first", default="")
@click.argument("second", default="")
@click.option("--smallest", type=_SMALLEST, default="0.01", show_default=True, help="Smallest difference that matters.")
@click.option(
    "--share", type=_SHARE, default="1", show_default=True, help="Of SECOND's quality that FIRST has to keep."
)
@click.option("--confidence", type=_CONFIDENCE, default="0.95", show_default=True, help="Of the intervals.")
@click.option(
    "--out",
    type=click.Path(path_type=Path, dir_okay=False),
    help="CSV of the pairs to judge, in the order of their worth, with an empty column for the gain.",
)
@click.option("--rows", type=click.IntRange(1, 100_000), default=1000, show_default=True, help="Of a list, at most.")
@click.option("--json", "as_json", is_flag=True, help="Print the plan as JSON.")
def command(
    path: Path, first: str, second: str, *, out: Path | None, rows: int, as_json: bool, **rule: Decimal
) -> None:
    """How many more judgements settle the choice between FIRST and SECOND, on which queries, at what cost.

    Without names: the chosen configuration of search and the best of the others. It says to stop as soon as the answer
    cannot change: whatever the unjudged items are, and at an interval that holds however often one looks. Fix the
    smallest difference that matters before the first look, and keep it.
    """
    opened = open_shop(path)
    asked = wanting(first, second, rows=rows, **rule)
    plan = plan_labels(opened, asked)
    if as_json:
        click.echo(json.dumps(label_plan_builtins(plan), ensure_ascii=False, indent=1, allow_nan=False))
    else:
        print_sentences(plan.says_zh if opened.config.shop.language == "zh" else plan.says)
    for file, n in write_lists(opened, plan, out) if out else ():
        click.echo(f"{n:,} rows in {file}", err=True)
