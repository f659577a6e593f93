"""``steelyard cost``: what a shop's models cost and bring. Each verb is a module here, imported when it is called."""

from __future__ import annotations

import click

from steelyard.cli.lazy_verbs import LazyVerbs

__all__ = ["VERBS", "command"]

VERBS = {
    "bill": "The month's bill, line by line.",
    "unit": "Cost of 1,000 requests: marginal, at capacity, fully loaded.",
    "life": "The whole life: paid once, every month, and in today's money.",
    "explain": "Where each figure of a bill comes from.",
    "scenario": "Compare hosting options (own, on demand, reserved and spot, managed) and their break-even volumes.",
    "ledger": "What was booked: entries, balances, trial balance; closing of a month.",
    "import": "Book bills of clouds and hours of people into the ledger.",
    "reconcile": "Compare what was metered or planned with bills.",
    "focus": "Write the ledger as FOCUS 1.2, or check such a file.",
    "prices": "The price book: show it, make one from a catalogue, check a file.",
    "calibrate": "Benchmark this machine, and convert a figure to another machine.",
    "returns": "What a better configuration brings against what it costs: profit, NPV, IRR, payback.",
    "carbon": "Energy and carbon of a month of each configuration.",
    "forecast": "Traffic to come with its interval, and what it will cost.",
    "budget": "Budgets: set, import, show, check.",
}
"""In the order of use. A verb that is a Python keyword gets a trailing underscore in its module name."""


@click.group("cost", cls=LazyVerbs, verbs=VERBS, package=__name__)
def command() -> None:
    """What the shop's models cost over their lives, and what they bring: planned, billed, booked, forecast."""
