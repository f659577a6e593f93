"""``steelyard privacy``: people's data. Each verb is a module here, imported when it is called."""

from __future__ import annotations

import click

from steelyard.cli.lazy_verbs import LazyVerbs

__all__ = ["VERBS", "command"]

VERBS = {
    "erase": "Erase people from all that is stored, with a sealed receipt.",
    "verify": "Check the receipt of an erasure, and that it still holds.",
    "readmit": "Let people be known again who agreed to it.",
    "scan": "Look for people in all that is stored, and in backups.",
    "retain": "Delete what is older than [privacy] keep_days.",
    "rotate-key": "Change the key of the pseudonyms, or destroy the one before.",
    "publish": "Counts that may be shown to anybody: no small group, noise where wanted.",
    "report": "The data-protection report: what is stored, why, how long, who read it.",
    "log": "Who read people's data, when, and what for.",
}
"""In the order of use; a dash is an underscore in the module's name."""


@click.group("privacy", cls=LazyVerbs, verbs=VERBS, package=__name__)
def command() -> None:
    """People's data: erase somebody, keep nothing too long, change the key, report on all of it."""
