"""What the chosen lists are like and what each rule costs them, within 80 columns."""

from __future__ import annotations

from rich.console import Console
from rich.table import Table
from rich.text import Text

from steelyard.documents.choice import SurfaceDecision

__all__ = ["print_lists"]


def print_lists(out: Console, surface: SurfaceDecision) -> None:
    """Print the line of the choice, and a row for each of its rules.

    Args:
        out: Where to print.
        surface: Nothing is printed where nothing is known of its lists.
    """
    from steelyard.reporting.list_figures import RULE_HEAD, list_line, rule_cells  # noqa: PLC0415 - slow to import
    from steelyard.reporting.words import words_in  # noqa: PLC0415 - as above

    chosen = next((row for row in surface.lists if row.configuration == surface.chosen), None)
    if chosen is None:
        return
    out.print(Text(list_line(chosen)), highlight=False)
    if not chosen.rules:
        return
    say = words_in("en")
    table = Table(box=None, pad_edge=False, padding=(0, 2, 0, 0), header_style="")
    for at, key in enumerate(RULE_HEAD):
        table.add_column("95 %" if key == "interval" else say(key), justify="right" if at else "left", no_wrap=True)
    for row in chosen.rules:
        table.add_row(*(Text(cell) for cell in rule_cells(row)))
    out.print(Text(f"What its rules cost, on {chosen.n_rules:,} requests, without → with:"), highlight=False)
    out.print(table)
    if any(row.is_of_repeats for row in chosen.rules):
        out.print(Text("* what users took again counts as right here"), highlight=False)
