"""A verb that does not exist is answered with the nearest one that does."""

from __future__ import annotations

import difflib
from collections.abc import Iterable, Mapping
from typing import NoReturn

import click

__all__ = ["new_verb", "refuse_verb"]


def refuse_verb(ctx: click.Context, typed: str, verbs: Iterable[str]) -> NoReturn:
    """End with what was typed and what was probably meant.

    Args:
        ctx: Of the group that was asked.
        typed: No verb of it.
        verbs: Those there are.

    Raises:
        UsageError: Always.
    """
    near = difflib.get_close_matches(typed, list(verbs), n=1, cutoff=0.5)
    says = (
        f"Did you mean `{ctx.command_path} {near[0]}`?" if near else f"`{ctx.command_path} --help` lists what there is."
    )
    raise click.UsageError(f"There is no command {typed!r}. {says}", ctx)


def new_verb(typed: str, renamed: Mapping[str, str], *, above: str) -> str:
    """The verb that was typed, by the name it has now.

    Args:
        typed: What was typed.
        renamed: New names by the old ones.
        above: The command it belongs to.

    Returns:
        Where it was renamed the new name, which is said on standard error; else what was typed.
    """
    if typed not in renamed:
        return typed
    click.echo(f"note: `{above} {typed}` is now `{above} {renamed[typed]}`", err=True)
    return renamed[typed]
