"""``steelyard labels agree``."""

from __future__ import annotations

from pathlib import Path

import click

from steelyard.assembly import Tools
from steelyard.cli.labels.screen import json_option, out_option, print_report
from steelyard.errors import SourceError
from steelyard.workflows.labelling.agree import RaterFile, agree

__all__ = ["command"]


@click.command("agree")
@click.argument("file", type=click.Path(path_type=Path))
@click.option(
    "--rater", "raters", multiple=True, required=True, metavar="COLUMN", help="Grades; give it for each rater."
)
@click.option("--query", default="query", show_default=True, metavar="COLUMN")
@click.option("--item", default="item_id", show_default=True, metavar="COLUMN")
@out_option
@json_option
def command(file: Path, *, raters: tuple[str, ...], query: str, item: str, out: Path | None, as_json: bool) -> None:
    """How far raters agree, FILE being CSV, Parquet or JSON lines with a row a pair and a column of grades a rater.

    An empty cell says nothing. Where raters differ, the likely grade is estimated together with how often each is
    right (Dawid and Skene), and written to --out.
    """
    if not file.is_file():
        raise SourceError(f"no file at {file}: give a CSV or Parquet file with a row a pair and a column a rater")
    with Tools().shop.sources(file.resolve().parent) as sources:
        report = agree(sources, RaterFile(file.name, raters, query, item), out=out.resolve() if out else None)
    print_report(report, language="en", as_json=as_json)
