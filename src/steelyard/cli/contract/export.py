"""``steelyard contract export``."""

from __future__ import annotations

import os
from pathlib import Path

import click

from steelyard.cli.opening import config_option, open_shop

__all__ = ["command"]


@click.command("export")
@config_option
@click.option("--out", type=click.Path(path_type=Path, dir_okay=False), help="File to write; printed where not given.")
def command(path: Path, out: Path | None) -> None:
    """Write a data contract of the shop's tables as YAML.

    Columns, what Steelyard checks, what [[data.expect]] asks, the file of each table.
    """
    from steelyard.workflows.contracts import export_contract  # noqa: PLC0415 - slow to import
    from steelyard.workflows.run import Run  # noqa: PLC0415 - as above

    opened = open_shop(path)
    folder = out.resolve().parent if out is not None else opened.base

    def path_of(path: str) -> str:
        return Path(os.path.relpath(opened.base / path, folder)).as_posix()

    contract = export_contract(Run.of(opened), name=opened.base.name, path_of=path_of)
    text = opened.tools.files.contract_text(contract)
    if out is None:
        click.echo(text, nl=False)
        return
    opened.tools.files.save_text(out, text)
    n = sum(len(table.properties) for table in contract.tables)
    click.echo(f"wrote {out}: {len(contract.tables)} tables, {n} columns")
