"""``steelyard init``."""

from __future__ import annotations

import os
from pathlib import Path

import click

from steelyard.assembly import Tools
from steelyard.config import parse
from steelyard.data.guessing.proposal import proposal, sentences
from steelyard.errors import ConfigError
from steelyard.workflows.proposing import look_at, understood

__all__ = ["command"]


@click.command("init")
@click.argument("folder", metavar="DIR", type=click.Path(path_type=Path, exists=True, file_okay=False))
@click.option(
    "--out",
    type=click.Path(path_type=Path, file_okay=False),
    help="Folder to write steelyard.toml to; DIR where it is not given.",
)
@click.option("--source", metavar="NAME", help="The connector whose export it is, as shopify; told by the columns.")
@click.option("--force", is_flag=True, help="Write over a steelyard.toml that is there.")
def command(folder: Path, out: Path | None, source: str | None, force: bool) -> None:
    """Look at the files in DIR and write a commented steelyard.toml.

    Every file that is not used is named with the reason; every guess that is less than 95 % sure is marked CHECK.
    """
    target = (out or folder) / "steelyard.toml"
    if target.exists() and not force:
        raise ConfigError(f"{target} is there already: use --force to write over it, or --out for another folder")
    shop = Tools().shop
    exports = shop.exports(folder.resolve())
    with shop.sources(folder.resolve()) as sources:
        looked = look_at(shop.files_in(folder), sources)
    found = understood(looked, exports, source=source, folder=str(folder))
    for line in (*sentences(found), *(f"note: {note}" for note in looked.notes)):
        click.echo(line)
    names = {*(table.path for table in looked.tables), *(one.path for one in (found.items, found.events) if one)}
    paths = {name: _written(folder / name, target.parent) for name in names}
    text = proposal(found, name=folder.resolve().name, paths=paths)
    target.parent.mkdir(parents=True, exist_ok=True)
    parse(text, name=str(target), exports=shop.exports(target.parent.resolve()))
    target.write_text(text, "utf-8")
    click.echo(f"wrote {target}: read the lines marked CHECK, then `steelyard run --config {target}`")


def _written(path: Path, base: Path) -> str:
    """The path as the configuration writes it: relative where both are near each other, else absolute."""
    path, base = path.resolve(), base.resolve()
    relative = Path(os.path.relpath(path, base))
    return relative.as_posix() if relative.parts.count("..") <= 2 else path.as_posix()
