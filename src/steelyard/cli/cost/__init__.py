"""``steelyard cost``: what a shop's models cost and bring. Each verb is a module here, imported when it is called."""

from __future__ import annotations

import importlib

import click

__all__ = ["VERBS", "command"]

VERBS = {
    "bill": "The month's bill, line by line.",
    "unit": "Cost of 1,000 requests: marginal, at capacity, fully loaded.",
    "explain": "Where each figure of a bill comes from.",
    "forecast": "Traffic to come with its interval, and what it will cost.",
    "budget": "Budgets: set, import, show, check.",
}
"""In the order of use. A verb that is a word of Python's has an underscore behind the name of its module."""


class _Verbs(click.Group):
    """Imports a verb when it is called, so that --help stays quick."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        """All verbs, in the order of use."""
        return list(VERBS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """The verb of that name, imported now."""
        if cmd_name not in VERBS:
            return None
        module = f"{cmd_name}_" if cmd_name == "import" else cmd_name
        found: click.Command = importlib.import_module(f"steelyard.cli.cost.{module}").command
        return found

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """List the verbs without importing any."""
        with formatter.section("Commands"):
            formatter.write_dl(list(VERBS.items()))


@click.group("cost", cls=_Verbs)
def command() -> None:
    """What the shop's models cost over their lives, and what they bring: planned, billed, booked, forecast."""
