"""``steelyard contract import``."""

from __future__ import annotations

import os
from pathlib import Path

import click

from steelyard.assembly import Tools
from steelyard.config import parse
from steelyard.errors import ConfigError

__all__ = ["command"]


@click.command("import")
@click.argument("file", metavar="FILE", type=click.Path(path_type=Path, exists=True, dir_okay=False))
@click.option(
    "--out",
    type=click.Path(path_type=Path, file_okay=False),
    help="Folder to write steelyard.toml to; that of FILE where it is not given.",
)
@click.option("--force", is_flag=True, help="Write over a steelyard.toml that is there.")
def command(file: Path, out: Path | None, force: bool) -> None:
    """Write a steelyard.toml from a data contract (ODCS v3, YAML or JSON).

    Every rule that an expectation cannot say is named with the reason; every guess is marked CHECK.
    """
    from steelyard.workflows.contracts import import_contract  # noqa: PLC0415 - slow to import

    target = (out or file.parent) / "steelyard.toml"
    if target.exists() and not force:
        raise ConfigError(f"{target} is there already: use --force to write over it, or --out for another folder")
    tools = Tools()
    written = tools.files.read_contract(file)

    def path_of(path: str) -> str:
        if ":" in path or Path(path).is_absolute():
            return path
        return Path(os.path.relpath((file.parent / path).resolve(), target.parent.resolve())).as_posix()

    made = import_contract(written, name=file.name, path_of=path_of)
    for line in made.lines:
        click.echo(line)
    parse(made.text, name=f"what {file} gives", exports=tools.shop.exports(target.parent.resolve()))
    tools.files.save_text(target, made.text)
    click.echo(f"wrote {target}: read the lines marked CHECK, then `steelyard check --config {target}`")
