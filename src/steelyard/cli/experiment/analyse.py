"""``steelyard experiment analyse``."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import click

from steelyard.assembly import Tools
from steelyard.cli.experiment.screen import figure, p_text, print_lines, print_notes, print_table
from steelyard.cli.values import Number
from steelyard.documents.experiment import Experiment, MetricResult, experiment_builtins
from steelyard.errors import SourceError
from steelyard.workflows.experiments.analyse import Design, ExperimentColumns, analyse
from steelyard.workflows.experiments.figures import percent_text

__all__ = ["command"]

_SHARE = Number(0, 1, like="0.5", is_above=True, is_below=True)


@click.command("analyse")
@click.argument("file", type=click.Path(path_type=Path))
@click.option("--unit", default="user", show_default=True, metavar="COLUMN", help="What was assigned at random.")
@click.option("--arm", default="arm", show_default=True, metavar="COLUMN", help="Which arm the unit was in.")
@click.option("--metric", "metrics", multiple=True, required=True, metavar="COLUMN", help="May be given several times.")
@click.option("--before", default="", metavar="COLUMN", help="What was known before assignment: less noise (CUPED).")
@click.option("--control", default="control", show_default=True, metavar="ARM")
@click.option("--treatment", default="", metavar="ARM", help="Needed where there are more than two arms.")
@click.option("--share", type=_SHARE, default="0.5", show_default=True, help="Of the units planned for the treatment.")
@click.option("--per-unit", type=click.Choice(["sum", "mean"]), default="sum", show_default=True, help="Several rows.")
@click.option("--confidence", type=_SHARE, default="0.95", show_default=True, help="Of the intervals.")
@click.option(
    "--expected-effect",
    type=Number(0, like="0.02", is_above=True),
    help="Difference expected before the start: adds intervals that hold at any look.",
)
@click.option("--json", "is_json", is_flag=True, help="Print JSON.")
def command(file: Path, *, is_json: bool, **given: Any) -> None:
    """Compare two arms of an A/B test, FILE being CSV, Parquet or JSON lines with a row a unit.

    Welch's test of one look at an end that was fixed before. The sample ratio is checked first: groups unlike their
    planned sizes mean that something is broken, and no other figure can be trusted.
    """
    if not file.is_file():
        raise SourceError(f"no file at {file}: give a CSV or Parquet file with a row a unit")
    columns = ExperimentColumns(given["unit"], given["arm"], tuple(dict.fromkeys(given["metrics"])), given["before"])
    effect = given["expected_effect"]
    design = Design(
        control=given["control"],
        treatment=given["treatment"],
        share=float(given["share"]),
        is_mean=given["per_unit"] == "mean",
        confidence=float(given["confidence"]),
        expected_effect=None if effect is None else float(effect),
    )
    with Tools().shop.sources(file.resolve().parent) as sources:
        found = analyse(sources, file.name, columns, design)
    if is_json:
        click.echo(json.dumps(experiment_builtins(found), ensure_ascii=False, indent=1, allow_nan=False))
    else:
        _print(found)


def _print(found: Experiment) -> None:
    ratio = found.sample_ratio
    verdict = "MISMATCH" if ratio.is_mismatch else "as planned"
    found_share, planned_share = percent_text(ratio.found_share, 2), percent_text(ratio.planned_share, 2)
    print_lines(
        [
            f"{found.treatment.name} against {found.control.name}: {found.treatment.n_units:,} and "
            f"{found.control.n_units:,} units",
            f"Sample ratio: {found_share} in the treatment, {planned_share} planned, p "
            f"{p_text(ratio.p_value)}: {verdict}",
        ]
    )
    interval = f"{found.confidence * 100:.4g} % interval"
    print_table(
        ("metric", "control", "treated", "difference", interval, "p"),
        [row for each in found.metrics for row in _rows(each)],
    )
    print_lines(_lines(found))
    print_notes(found.notes)


def _rows(each: MetricResult) -> list[tuple[str, ...]]:
    rows: list[tuple[str, ...]] = [
        (
            each.metric,
            figure(each.control_mean),
            figure(each.treatment_mean),
            figure(each.difference, is_signed=True),
            f"{figure(each.low, is_signed=True)} … {figure(each.high, is_signed=True)}",
            p_text(each.p_value),
        )
    ]
    if each.anytime_p_value is not None:
        ends = f"{figure(each.anytime_low, is_signed=True)} … {figure(each.anytime_high, is_signed=True)}"
        rows.append(("  at any look", "", "", "", ends, p_text(each.anytime_p_value)))
    return rows


def _lines(found: Experiment) -> list[str]:
    lines = [
        f"{each.metric}: {_relative(each)}"
        f"a true difference of {figure(each.detectable)} would be found in four of five such experiments."
        for each in found.metrics
    ]
    lines += [
        f"{each.metric}: the covariate explained {percent_text(each.variance_removed)} of the variance."
        for each in found.metrics
        if each.variance_removed is not None
    ]
    return lines


def _relative(each: MetricResult) -> str:
    return "" if each.relative is None else f"{percent_text(each.relative, is_signed=True)} of the control; "
