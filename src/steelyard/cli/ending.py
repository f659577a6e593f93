"""What to do when the work is done: open what, edit what, next what."""

from __future__ import annotations

import shlex
from collections.abc import Sequence
from pathlib import Path

import click

__all__ = ["say_next"]


def say_next(path: Path, *, surfaces: Sequence[str], report: Path, port: int, is_served: bool = False) -> None:
    """Say what the reader can do now.

    Args:
        path: The shop's configuration file, as it was named.
        surfaces: What was decided: ``search``, ``recommend``.
        report: Where the report was written.
        port: The server's.
        is_served: Whether a server is about to answer there.
    """
    config = f"-c {shlex.quote(str(path))}"
    address = f"http://127.0.0.1:{port}"
    first = "" if is_served else f"steelyard serve {config}   then "
    floors = " and ".join(f"[decide.{surface}]" for surface in surfaces) or "[decide]"
    loads = " and ".join(f"[load.{surface}]" for surface in surfaces) or "[load]"
    click.echo(f"open   {first}{address}/ (the shop), {address}/decision (the choice and its bill)")
    file = path / "steelyard.toml" if path.is_dir() else path
    click.echo(f"edit   {file}: the floors in {floors}, the traffic in {loads}")
    click.echo(f"next   steelyard run {config}   (does again only what the edit changes)")
    click.echo(f"read   {report}   or: steelyard cost bill {config}")
