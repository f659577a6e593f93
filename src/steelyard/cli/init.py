"""``steelyard init``."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

import click

from steelyard.assembly import Tools
from steelyard.config import parse
from steelyard.data.guess import Guess, TableProfile, guess
from steelyard.data.proposal import proposal
from steelyard.data.roles import profile
from steelyard.errors import ConfigError, DataError, SourceError

__all__ = ["command"]

SAMPLE_ROWS = 5000
MAX_FILES = 100
_SUFFIXES = {".csv", ".tsv", ".jsonl", ".ndjson", ".parquet", ".pq"}
_SHEETS = {".xlsx", ".xls", ".xlsm", ".ods", ".numbers"}


@click.command("init")
@click.argument("folder", metavar="DIR", type=click.Path(path_type=Path, exists=True, file_okay=False))
@click.option(
    "--out",
    type=click.Path(path_type=Path, file_okay=False),
    help="Folder to write steelyard.toml to; DIR where it is not given.",
)
@click.option("--force", is_flag=True, help="Write over a steelyard.toml that is there.")
def command(folder: Path, out: Path | None, force: bool) -> None:
    """Look at the CSV, JSONL and Parquet files in DIR and write a commented steelyard.toml."""
    target = (out or folder) / "steelyard.toml"
    if target.exists() and not force:
        raise ConfigError(f"{target} is there already: use --force to write over it, or --out for another folder")
    tables, unread = _look(folder)
    found = guess(tables)
    _say(found, unread)
    if found.items is None:
        raise DataError(
            f"no catalogue was found in {folder}: a file with one row an item needs an item id (unique) and a title. "
            + "".join(f"{note}. " for note in (*found.notes, *unread) if "not used" in note or "spreadsheet" in note)
            + "Write steelyard.toml by hand if the columns have unusual names"
        )
    paths = {table.path: _written(folder / table.path, target.parent) for table in tables}
    text = proposal(found, name=folder.resolve().name, paths=paths)
    parse(text, name=str(target))
    target.parent.mkdir(parents=True, exist_ok=True)
    target.write_text(text, "utf-8")
    click.echo(f"wrote {target}: read the lines marked CHECK, then `steelyard run --config {target}`")


def _look(folder: Path) -> tuple[list[TableProfile], list[str]]:
    """A profile of each file that can be read, and why the others cannot."""
    tables, unread = [], _sheets(folder)
    files = sorted(path for path in folder.iterdir() if path.is_file() and path.suffix.lower() in _SUFFIXES)
    with Tools().shop.sources(folder.resolve()) as sources:
        for path in files[:MAX_FILES]:
            try:
                n_rows, columns, numbers = sources.sample(path.name, SAMPLE_ROWS)
            except SourceError as error:
                unread.append(str(error))
                continue
            profiles = tuple(profile(name, values, numbers.get(name, ())) for name, values in columns.items())
            tables.append(TableProfile(path.name, n_rows, profiles))
    if not files:
        raise SourceError("\n".join([f"{folder} holds no CSV, JSONL or Parquet file", *unread]))
    if len(files) > MAX_FILES:
        unread.append(f"{len(files) - MAX_FILES:,} more files were not looked at: {MAX_FILES} are, in order of name")
    return tables, unread


def _sheets(folder: Path) -> list[str]:
    """A line for each spreadsheet: it is not read, and how to make a file that is."""
    return [
        f"{path.name} is a spreadsheet, which is not read: save it as CSV UTF-8, or "
        f"`soffice --headless --convert-to csv --outdir {folder} {path}`, or "
        f"`pip install xlsx2csv && xlsx2csv {path} {path.with_suffix('.csv')}`"
        for path in sorted(folder.iterdir())
        if path.suffix.lower() in _SHEETS and not path.name.startswith("~$")
    ]


def _say(found: Guess, unread: list[str]) -> None:
    tables: tuple[tuple[str, TableProfile | None, Any], ...] = (
        ("catalogue", found.items, found.item_roles),
        ("behaviour log", found.events, found.event_roles),
        ("judgements", found.judgements, found.judgement_roles),
    )
    for what, table, roles in tables:
        if table is not None:
            listed = ", ".join(f"{role} = {'+'.join(one.columns)}" for role, one in roles.items())
            note = " (gathered from the log)" if what == "catalogue" and found.is_log else ""
            click.echo(f"{what}: {table.path}, {table.n_rows:,} rows{note}: {listed}")
    if found.separator:
        click.echo(f"categories: levels are separated by {found.separator}")
    if found.unmapped:
        listed = ", ".join(f"{value} ({n:,})" for value, n in found.unmapped.items())
        click.echo(f"note: kinds of event that are not mapped, of the rows looked at: {listed}; map them in kinds")
    for role, (column, values) in found.unread.items():
        click.echo(f"note: {column} looks like the {role}, and not one value can be read: {', '.join(values)}")
    for note in (*found.notes, *unread):
        click.echo(f"note: {note}")


def _written(path: Path, base: Path) -> str:
    """The path as the configuration writes it: relative where both are near each other, else absolute."""
    path, base = path.resolve(), base.resolve()
    relative = Path(os.path.relpath(path, base))
    return relative.as_posix() if relative.parts.count("..") <= 2 else path.as_posix()
