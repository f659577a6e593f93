"""What several verbs of ``steelyard cost`` ask of the stored bills, and say of them."""

from __future__ import annotations

from collections.abc import Iterator

import click

from steelyard.documents.total import Total

__all__ = ["left_out_sentences", "of_option"]

of_option = click.option("--of", "name", metavar="CONFIGURATION", help="Which one; the chosen ones when left out.")


def left_out_sentences(total: Total) -> Iterator[str]:
    """What a bill does not hold, and how to put it there."""
    if not total.left_out:
        return
    yield "Not in this bill:"
    for each in total.left_out:
        switch = f" ({each.switch})" if each.switch else ""
        yield f"  {each.text}{switch}"
