"""``steelyard check``."""

from __future__ import annotations

import json
import sys
from decimal import Decimal
from pathlib import Path
from typing import Any

import click

from steelyard.cli import VERBS
from steelyard.cli.accepting import accept_option
from steelyard.cli.check_price import price_options, print_prices
from steelyard.cli.opening import config_option, open_shop
from steelyard.cli.stage_progress import shown
from steelyard.cli.values import Number
from steelyard.documents.quality import quality_builtins

__all__ = ["command"]

_FILE = click.Path(path_type=Path, dir_okay=False)


@click.command("check", help=VERBS["check"])
@click.argument("names", nargs=-1, metavar="")
@config_option
@accept_option
@click.option("--json", "as_json", is_flag=True, help="Print the report as JSON.")
@click.option("--html", type=_FILE, metavar="FILE", help="Write the report as a page in both languages.")
@click.option(
    "--rows",
    type=click.Path(path_type=Path, file_okay=False),
    metavar="DIR",
    help="Write the rows that pass and those that fail, with their reasons, as Parquet.",
)
@click.option("--language", type=click.Choice(["en", "zh"]), help="Of the terminal.  [default: the shop's]")
@price_options
@click.option("--again", is_flag=True, hidden=True)
@click.option("--share", "shares", type=Number(Decimal("0.01"), 1, like="0.5"), multiple=True, hidden=True)
@click.pass_context
def command(
    ctx: click.Context, /, path: Path, *, accept: tuple[str, ...], html: Path | None, rows: Path | None, **given: Any
) -> None:
    """Read the shop's data and say what is wrong with it, what that does to the models, and what to do.

    Nothing is stored but what is asked for. Exit code 1 where something stops training.
    """
    if given["names"] or given["again"] or given["shares"]:
        _say_verify()
        from steelyard.cli.verify import command as verify  # noqa: PLC0415 - slow to import

        ctx.invoke(verify, path=path, names=given["names"], again=given["again"], shares=given["shares"])
        return
    opened = open_shop(path, accept=accept)
    for note in opened.notes:
        click.echo(f"note: {note}", err=True)
    if given["price"]:
        print_prices(opened, ctx)
        return
    from steelyard.cli.quality_table import print_quality  # noqa: PLC0415 - slow to import
    from steelyard.reporting.data_page import data_page  # noqa: PLC0415 - as above
    from steelyard.reporting.finding_words import words_of_keys  # noqa: PLC0415 - as above
    from steelyard.workflows.check_data import check_data  # noqa: PLC0415 - as above
    from steelyard.workflows.run import Run  # noqa: PLC0415 - as above

    with shown("check") as progress:
        quality = check_data(Run.of(opened), progress, rows=rows)
    shop = opened.config.shop
    if html is not None:
        opened.tools.files.save_text(html, data_page(quality, shop=shop.name, language=shop.language))
        click.echo(f"page: {html}", err=True)
    if given["as_json"]:
        document = quality_builtins(quality) | {"words": words_of_keys(quality)}
        click.echo(json.dumps(document, ensure_ascii=False, indent=1, allow_nan=False))
    else:
        print_quality(quality, language=given["language"] or shop.language)
    if quality.is_stopped:
        sys.exit(1)


def _say_verify() -> None:
    """``check`` did, until it was called so, what ``verify`` does."""
    click.echo("note: what `steelyard check NAME`, --again and --share did is now `steelyard verify`", err=True)
