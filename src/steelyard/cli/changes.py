"""``steelyard changes``."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import click

from steelyard.cli.opening import config_option, open_shop
from steelyard.errors import ConfigError

__all__ = ["command"]


@click.command("changes")
@click.argument("file", type=click.Path(path_type=Path, exists=True, dir_okay=False), required=False)
@config_option
@click.option(
    "--op",
    type=click.Choice(["upsert", "patch", "price", "stock", "delete"]),
    default="upsert",
    show_default=True,
    help="What is done with rows that have no column op.",
)
@click.option("--dry-run", is_flag=True, help="Say what would be done, and do nothing.")
@click.option("--key", default="", help="Name of this delivery: the same file under the same name is done once.")
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
@click.option("--language", type=click.Choice(["en", "zh"]), help="Of what is printed; the shop's where left out.")
def command(
    file: Path | None, path: Path, op: str, dry_run: bool, key: str, as_json: bool, language: str | None
) -> None:
    """Change the catalogue by a file, or show what was changed since the newest bundle.

    FILE is CSV, JSON lines, Parquet or any other form that a catalogue may have, in the catalogue's own columns or with
    the plain names id, title, description, category, brand, price, currency, stock, image, attributes; a column op says
    what is done with each row. All of it is done or nothing. A server answers with it within a second; the next
    `steelyard run` takes it into a bundle.
    """
    opened = open_shop(path)
    from steelyard.cli.cost.grid import wrapped  # noqa: PLC0415 - slow to import
    from steelyard.documents.changes import Op  # noqa: PLC0415 - as above
    from steelyard.documents.changes_report import changes_report_builtins  # noqa: PLC0415 - as above
    from steelyard.reporting.change_lines import change_lines  # noqa: PLC0415 - as above
    from steelyard.workflows.changing_files import Sent, changes_of_file, standings_of, state_of  # noqa: PLC0415
    from steelyard.workflows.session import Run  # noqa: PLC0415 - as above

    run, bundles = Run.of(opened), opened.work / "bundles"
    if not opened.store.has("bundle"):
        raise ConfigError(f"there is no bundle in {opened.work} yet: run `steelyard run` first")
    standings = standings_of(run, opened.tools.bundles.open(bundles))
    if file is None:
        report = state_of(run, standings)
    else:
        sent = Sent(str(file.resolve()), Op(op), key, dry_run)
        report = changes_of_file(run, standings, sent, at=run.now.isoformat(timespec="milliseconds"))
    if as_json:
        click.echo(json.dumps(changes_report_builtins(report), ensure_ascii=False, indent=1, allow_nan=False))
        return
    width = max(40, shutil.get_terminal_size().columns)
    for line in change_lines(report, language=language or opened.config.shop.language):
        for part in wrapped(line, width, indent="    "):
            click.echo(part)
