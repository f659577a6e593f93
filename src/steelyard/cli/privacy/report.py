"""``steelyard privacy report``."""

from __future__ import annotations

import json
from pathlib import Path

import click

from steelyard.cli.opening import config_option, open_shop
from steelyard.documents.protection import protection_builtins
from steelyard.reporting.protection_page import protection_page
from steelyard.workflows.privacy.report import protection_report

__all__ = ["command"]


@click.command("report")
@config_option
@click.option(
    "--out", type=click.Path(path_type=Path, dir_okay=False), help="Page to write; default in the work folder."
)
@click.option("--language", type=click.Choice(["en", "zh"]), default="en", show_default=True)
@click.option("--json", "as_json", is_flag=True, help="Print the report as JSON instead.")
def command(path: Path, out: Path | None, language: str, as_json: bool) -> None:
    """Write the data-protection report: what is stored of people, why, how long, who read it."""
    shop = open_shop(path)
    report = protection_report(shop)
    if as_json:
        click.echo(json.dumps(protection_builtins(report), ensure_ascii=False, indent=1))
        return
    target = out or shop.work / "report" / f"data-protection.{language}.html"
    shop.tools.files.save_text(target, protection_page(report, language=language))
    click.echo(target)
