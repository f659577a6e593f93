"""``steelyard synonyms``."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import click

from steelyard.cli.opening import config_option, open_shop
from steelyard.cli.stage_progress import shown

__all__ = ["command"]


@click.command("synonyms")
@config_option
@click.option("--out", type=click.Path(path_type=Path, dir_okay=False), help="File of rules that is written.")
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
@click.option("--language", type=click.Choice(["en", "zh"]), help="Of what is printed; the shop's where left out.")
def command(path: Path, out: Path | None, as_json: bool, language: str | None) -> None:
    """Find other names of the words shoppers use, and try each of them on judged queries.

    A name is found from four fifths of the judged queries and tried on the others. What passes is written to a file
    for you to read and correct; search uses it once synonyms_file in [models] names it.
    """
    from steelyard.cli.cost.grid import wrapped  # noqa: PLC0415 - slow to import
    from steelyard.documents.name_report import name_report_builtins  # noqa: PLC0415 - as above
    from steelyard.reporting.name_lines import name_lines  # noqa: PLC0415 - as above
    from steelyard.workflows.session import Run  # noqa: PLC0415 - as above
    from steelyard.workflows.synonyms import rules_of, try_shop_names  # noqa: PLC0415 - as above

    opened = open_shop(path)
    with shown("synonyms") as progress:
        report = try_shop_names(Run.of(opened).bench, progress)
    if out is not None:
        opened.tools.files.save_text(out, "\n".join(rules_of(report)) + "\n")
    if as_json:
        click.echo(json.dumps(name_report_builtins(report), ensure_ascii=False, indent=1, allow_nan=False))
        return
    width = max(40, shutil.get_terminal_size().columns)
    told = language or opened.config.shop.language
    for line in name_lines(report, language=told, file=str(out) if out else ""):
        for part in wrapped(line, width, indent="    "):
            click.echo(part)
