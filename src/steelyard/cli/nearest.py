"""A verb that does not exist is answered with the nearest one that does."""

from __future__ import annotations

import difflib
from collections.abc import Iterable
from typing import NoReturn

import click

__all__ = ["refuse_verb"]


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
