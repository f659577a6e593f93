"""``steelyard labels costs``."""

from __future__ import annotations

import json
from decimal import Decimal
from pathlib import Path

import click

from steelyard.cli.labels.screen import json_option, print_rows, print_sentences
from steelyard.cli.opening import config_option, open_shop
from steelyard.documents.label_costs import label_costs_builtins
from steelyard.workflows.labelling.label_costs import label_costs

__all__ = ["command"]

_CENT = Decimal("0.01")


@click.command("costs")
@config_option
@json_option
def command(path: Path, as_json: bool) -> None:
    """What labels of each source cost, as it was booked under labelling, and what that is by the label."""
    found = label_costs(open_shop(path))
    if as_json:
        click.echo(json.dumps(label_costs_builtins(found), ensure_ascii=False, indent=1))
        return
    if not found.rows:
        print_sentences(["No labels yet, and nothing was booked for any"])
        return
    rows = [
        (
            row.origin,
            "–" if row.labels is None else f"{row.labels:,}",
            f"{'< 0.01' if 0 < row.cost < _CENT else f'{row.cost:,.2f}'} {row.currency}".strip(),
            "–" if row.per_label is None else f"{float(row.per_label):.2g}",
            "–" if row.agreement is None else f"{row.agreement:.2f}",
        )
        for row in found.rows
    ]
    print_rows(("source", "labels", "booked", "a label", "kappa"), rows)
