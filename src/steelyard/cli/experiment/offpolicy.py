"""``steelyard experiment offpolicy``."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import click

from steelyard.assembly import Tools
from steelyard.cli.experiment.screen import figure, print_lines, print_notes, print_table
from steelyard.cli.values import Number
from steelyard.documents.experiment import PolicyValue, policy_value_builtins
from steelyard.errors import SourceError
from steelyard.workflows.experiments.figures import percent_text
from steelyard.workflows.experiments.offpolicy import LogColumns, judge_policy

__all__ = ["command"]

_NAMES = {
    "logged policy": "logged policy (its own mean)",
    "ips": "IPS",
    "snips": "SNIPS (self-normalised)",
    "clipped ips": "IPS, clipped",
    "direct": "direct (the model alone)",
    "doubly robust": "doubly robust",
}


@click.command("offpolicy")
@click.argument("file", type=click.Path(path_type=Path))
@click.option("--reward", default="reward", show_default=True, metavar="COLUMN", help="What the shown action earned.")
@click.option(
    "--propensity",
    default="propensity",
    show_default=True,
    metavar="COLUMN",
    help="Chance that it was shown, recorded then.",
)
@click.option("--target", default="", metavar="COLUMN", help="Chance that the other policy shows it.")
@click.option("--action", default="", metavar="COLUMN", help="What was shown; with --target-action.")
@click.option("--target-action", default="", metavar="COLUMN", help="What a policy without chance shows instead.")
@click.option("--predicted", default="", metavar="COLUMN", help="A model's reward of the shown action.")
@click.option("--expected", default="", metavar="COLUMN", help="Its reward averaged over the other policy's actions.")
@click.option("--clip", type=Number(0, like="10", is_above=True), help="Adds IPS with weights of at most this.")
@click.option("--json", "is_json", is_flag=True, help="Print JSON.")
def command(file: Path, *, is_json: bool, clip: Any, **given: str) -> None:
    """Judge a policy that did not run from the log of the one that did, FILE being CSV, Parquet or JSON lines.

    A row is an action that was shown, with its reward and the chance that it was shown. A log without these chances
    cannot answer: record them. With a model of rewards the estimate is doubly robust.
    """
    if not file.is_file():
        raise SourceError(f"no file at {file}: give a CSV or Parquet file with a row a shown action")
    with Tools().shop.sources(file.resolve().parent) as sources:
        found = judge_policy(sources, file.name, LogColumns(**given), clip=None if clip is None else float(clip))
    if is_json:
        click.echo(json.dumps(policy_value_builtins(found), ensure_ascii=False, indent=1, allow_nan=False))
    else:
        _print(found)


def _print(found: PolicyValue) -> None:
    overlap = found.overlap
    error = "" if overlap.mean_weight_error is None else f" ± {overlap.mean_weight_error:.2g}"
    rows = [
        (
            _NAMES[each.estimator],
            figure(each.value),
            figure(each.standard_error),
            "–" if each.low is None else f"{figure(each.low)} … {figure(each.high)}",
        )
        for each in (found.logged, *found.estimates)
    ]
    print_lines([f"{found.file}: {found.n_rows:,} rows"])
    print_table(("mean reward of a row", "value", "std. error", f"{found.confidence * 100:.4g} % interval"), rows)
    print_lines(
        [
            f"Overlap: {overlap.effective_rows:,.0f} effective rows; mean weight {overlap.mean_weight:.3f}{error} "
            f"(1 where all is well); largest weight {figure(overlap.max_weight)}, "
            f"{percent_text(overlap.max_weight_share)} of all; {percent_text(overlap.zero_weight_share)} of rows that "
            f"the other policy never shows; least propensity {figure(overlap.least_propensity)}.",
        ]
    )
    print_notes(found.notes)
