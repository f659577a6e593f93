"""``steelyard cost``: what a shop's models cost and bring. Each verb is a module here, imported when it is called."""

from __future__ import annotations

import importlib

import click

from steelyard.cli.nearest import refuse_verb

__all__ = ["VERBS", "command"]

VERBS = {
    "bill": "The month's bill, line by line.",
    "unit": "Cost of 1,000 requests: marginal, at capacity, fully loaded.",
    "life": "The whole life: paid once, every month, and in today's money.",
    "explain": "Where each figure of a bill comes from.",
    "scenario": "One configuration on own, rented, reserved machines or a service: which pays from where.",
    "ledger": "What was booked: entries, balances, trial balance; closing of a month.",
    "import": "Book bills of clouds and hours of people into the ledger.",
    "reconcile": "Compare what was metered or planned with bills.",
    "focus": "Write the ledger as FOCUS 1.2, or check such a file.",
    "prices": "The price book: show it, make one from a catalogue, check a file.",
    "calibrate": "A minute of kernels on this machine, and what a figure from it means on another.",
    "returns": "What a better configuration brings against what it costs: profit, NPV, IRR, payback.",
    "carbon": "Energy and carbon of a month of each configuration.",
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


@click.group("cost", cls=_Verbs)
def command() -> None:
    """What the shop's models cost over their lives, and what they bring: planned, billed, booked, forecast."""
