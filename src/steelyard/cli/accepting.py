"""The option of the verbs that read data: reasons for which a load may lose more than it may."""

from __future__ import annotations

import click

__all__ = ["accept_option"]

accept_option = click.option(
    "--accept",
    multiple=True,
    metavar="REASON",
    help="Go on though a load loses more than a tenth of a table for this reason; may be given several times.",
)
