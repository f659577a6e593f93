"""A group of verbs of which each is a module, imported when it is called, so that ``--help`` stays quick."""

from __future__ import annotations

import importlib
import keyword
from collections.abc import Mapping
from typing import Any

import click

from steelyard.cli.nearest import new_verb, refuse_verb

__all__ = ["LazyVerbs"]


class LazyVerbs(click.Group):
    """Verbs by name, in the order of use.

    Args:
        verbs: What each does, in a line. A verb that is a keyword of Python has a trailing underscore in its module; a
            dash is an underscore there.
        package: Holds a module of each verb, whose ``command`` it is.
        renamed: The name of today by that of an older version, which does what the new one does, and says so.
        **attributes: As ``click.Group`` takes them.
    """

    def __init__(
        self, *, verbs: Mapping[str, str], package: str, renamed: Mapping[str, str] | None = None, **attributes: Any
    ) -> None:
        super().__init__(**attributes)
        self._verbs, self._package, self._renamed = verbs, package, renamed or {}

    def list_commands(self, ctx: click.Context) -> list[str]:
        """All verbs, in the order of use."""
        return list(self._verbs)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """The verb of that name, imported now."""
        if cmd_name not in self._verbs:
            return None
        module = f"{cmd_name}_" if keyword.iskeyword(cmd_name) else cmd_name.replace("-", "_")
        command: click.Command = importlib.import_module(f"{self._package}.{module}").command
        return command

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        """The verb that was typed; the nearest one is named where there is none."""
        name = new_verb(args[0], self._renamed, above=ctx.command_path)
        if name not in self._verbs and not name.startswith("-") and not ctx.resilient_parsing:
            refuse_verb(ctx, name, self._verbs)
        return super().resolve_command(ctx, [name, *args[1:]])

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """List the verbs without importing any."""
        with formatter.section("Commands"):
            formatter.write_dl(list(self._verbs.items()))
