"""``steelyard experiment``: what an experiment showed. Each verb is a module here, imported when it is called."""

from __future__ import annotations

import importlib

import click

from steelyard.cli.nearest import refuse_verb

__all__ = ["VERBS", "command"]

VERBS = {
    "analyse": "Compare two arms of an A/B test: difference, interval, sample-ratio check.",
    "offpolicy": "Judge a policy that did not run from the log of the one that did.",
}


class _Verbs(click.Group):
    """Imports a verb when it is called, so that --help stays quick."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        """All verbs, in the order of use."""
        return list(VERBS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """The verb of that name, imported now."""
        if cmd_name not in VERBS:
            return None
        found: click.Command = importlib.import_module(f"steelyard.cli.experiment.{cmd_name}").command
        return found

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        """The verb that was typed; the nearest one is named where there is none."""
        if args[0] not in VERBS and not args[0].startswith("-") and not ctx.resilient_parsing:
            refuse_verb(ctx, args[0], VERBS)
        return super().resolve_command(ctx, args)

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """List the verbs without importing any."""
        with formatter.section("Commands"):
            formatter.write_dl(list(VERBS.items()))


@click.group("experiment", cls=_Verbs)
def command() -> None:
    """What an online experiment showed, and what another policy would have earned."""
