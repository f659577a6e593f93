"""``steelyard labels``: where relevance labels come from and what they cost. Each verb is a module here."""

from __future__ import annotations

import click

from steelyard.cli.lazy_verbs import LazyVerbs

__all__ = ["VERBS", "command"]

VERBS = {
    "shop": "Which judgements would settle the choice between two configurations, and what they cost.",
    "behaviour": "Graded labels from the log, the bias of places taken out.",
    "rules": "Labels from weak rules, weighed by how often each is right.",
    "ask": "Labels from a language model, within a budget, checked against people.",
    "agree": "How far raters agree, from a file with a column for each.",
    "join": "Put files of labels together, the most trusted first.",
    "costs": "What labels of each source cost, and what that is by the label.",
}
"""In the order of use."""


@click.group("labels", cls=LazyVerbs, verbs=VERBS, package=__name__)
def command() -> None:
    """Relevance labels: which are worth having, where they come from, how far they agree, what they cost."""
