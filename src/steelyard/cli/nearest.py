"""Verbs by other names: an earlier one does what it did and says its new name, an unknown one is told the nearest."""

from __future__ import annotations

import difflib
from collections.abc import Iterable, Mapping
from typing import Any, NoReturn

import click

__all__ = ["RenamedVerbs", "new_verb", "refuse_verb"]


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


class RenamedVerbs(click.Group):
    """A group that understands the earlier names of its verbs, and does not list them.

    Args:
        *args: As of ``click.Group``.
        renamed: New names by the old ones.
        **attrs: As of ``click.Group``.
    """

    def __init__(self, *args: Any, renamed: Mapping[str, str], **attrs: Any) -> None:
        super().__init__(*args, **attrs)
        self.renamed = renamed

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        """The verb that was typed, by the name it has now; the nearest one is named where there is none."""
        name = new_verb(args[0], self.renamed, above=ctx.command_path)
        if name not in self.commands and not name.startswith("-") and not ctx.resilient_parsing:
            refuse_verb(ctx, name, self.commands)
        return super().resolve_command(ctx, [name, *args[1:]])
