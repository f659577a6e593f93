"""``steelyard progress``."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import click
from rich.console import Console
from rich.live import Live
from rich.text import Text

from steelyard.assembly import Tools
from steelyard.cli import VERBS
from steelyard.cli.opening import config_option, read_config
from steelyard.documents.progress import progress_content
from steelyard.reporting.progress_lines import progress_lines
from steelyard.workflows.watch_run import Standing, follow, standing

__all__ = ["command"]


@click.command("progress", help=VERBS["progress"])
@config_option
@click.option("--json", "as_json", is_flag=True, help="Print the progress as JSON; with --follow one line a change.")
@click.option("--follow", "is_followed", is_flag=True, help="Go on until the run has ended, or nothing is heard of it.")
def command(path: Path, as_json: bool, is_followed: bool) -> None:
    """How far the run has come."""
    tools = Tools()
    config = read_config(path, tools)
    base = (path if path.is_dir() else path.parent).resolve()
    file, language = tools.serving.progress(base / config.work), config.shop.language
    if not is_followed:
        found = standing(file.read, tools.clock)
        click.echo(_document(found, indent=1) if as_json else "\n".join(_lines(found, language)))
        return
    changes = follow(file.read, tools.clock)
    if as_json:
        for each in changes:
            click.echo(_document(each))
    else:
        _follow(changes, language)


def _follow(changes: Iterator[Standing], language: str) -> None:
    """In place on a terminal; elsewhere only lines that are new."""
    console, told = Console(), [""]
    if console.is_terminal:
        with Live(console=console) as live:
            for each in changes:
                live.update(Text("\n".join(_lines(each, language))))
        return
    for each in changes:
        lines = _lines(each, language)
        for line in lines:
            if line not in told:
                click.echo(line)
        told = lines


def _lines(found: Standing, language: str) -> list[str]:
    return progress_lines(found.progress, language=language, is_silent=found.is_silent)


def _document(found: Standing, *, indent: int | None = None) -> str:
    return json.dumps(json.loads(progress_content(found.progress)), ensure_ascii=False, indent=indent)
