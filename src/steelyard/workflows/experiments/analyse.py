"""``experiment analyse``: what the treatment of an online experiment changed, and whether the answer can be trusted."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from steelyard.data.schema import SourcePort
from steelyard.documents.experiment import Arm, Experiment, MetricResult, Note, SampleRatio
from steelyard.domain import FloatArray, IntArray
from steelyard.errors import DataError
from steelyard.evaluation.abtest import (
    always_valid,
    cuped,
    detectable_difference,
    fixed_horizon,
    sample_ratio_p_value,
    units_for_normality,
)
from steelyard.workflows.experiments.figures import percent_text
from steelyard.workflows.experiments.reading import Columns, Number, read_columns

__all__ = ["Design", "ExperimentColumns", "analyse"]

MISMATCH_BELOW = 0.001
"""A sample-ratio mismatch is said below this p-value, as Fabijan et al. 2019 do."""


@dataclass(frozen=True, slots=True)
class ExperimentColumns:
    """Which columns of the file play which part."""

    unit: str
    arm: str
    metrics: tuple[str, ...]
    before: str = ""
    """What was known of a unit before it was assigned; empty for nothing."""


@dataclass(frozen=True, slots=True)
class Design:
    """How the experiment was planned."""

    control: str
    treatment: str = ""
    """Empty where there is one other arm."""
    share: float = 0.5
    """Of the units that were to be treated."""
    is_mean: bool = False
    """Whether several rows of a unit are averaged instead of added up."""
    confidence: float = 0.95
    expected_effect: float | None = None
    """How large a difference is expected, where the experiment is looked at before its end; ``None`` for one look."""


@dataclass(frozen=True, slots=True)
class _Units:
    """One row a unit."""

    is_treated: np.ndarray[tuple[int], np.dtype[np.bool_]]
    values: Mapping[str, FloatArray]
    before: FloatArray | None
    n_rows: int
    n_others: int
    """Units of other arms, which are left out."""

    def arms(self, values: FloatArray) -> tuple[FloatArray, FloatArray]:
        """Values of treatment and control."""
        return values[self.is_treated], values[~self.is_treated]


def analyse(sources: SourcePort, name: str, columns: ExperimentColumns, design: Design) -> Experiment:
    """The difference between two arms in each metric.

    Args:
        sources: Opened on the file's folder.
        name: Of the file; a row a unit, or several that are put together.
        columns: Which columns hold what.
        design: How the experiment was planned.

    Returns:
        Differences with intervals, the check of the sample ratio, and what speaks against them.

    Raises:
        SourceError: The file cannot be read.
        DataError: A column or an arm is missing, a unit is in both arms, or an arm has fewer than two units.
    """
    todo = "write 0 for a unit that did nothing"
    numbers = {f"metric{i}": Number(metric, "--metric", todo) for i, metric in enumerate(columns.metrics)}
    if columns.before:
        numbers["before"] = Number(columns.before, "--before", "write 0 for a unit that was not there before")
    texts = {"unit": (columns.unit, "--unit"), "arm": (columns.arm, "--arm")}
    rows = read_columns(sources, name, texts=texts, numbers=numbers)
    treatment = _treatment(name, columns.arm, rows.texts["arm"], design)
    units = _units(name, rows, columns, (design.control, treatment), is_mean=design.is_mean)
    n_treated = int(units.is_treated.sum())
    n_control = len(units.is_treated) - n_treated
    p_value = sample_ratio_p_value(n_treated, n_control, share=design.share)
    ratio = SampleRatio(design.share, n_treated / (n_treated + n_control), p_value, p_value < MISMATCH_BELOW)
    results = tuple(_result(metric, units, design) for metric in columns.metrics)
    return Experiment(
        file=name,
        n_rows=units.n_rows,
        control=Arm(design.control, n_control),
        treatment=Arm(treatment, n_treated),
        sample_ratio=ratio,
        confidence=design.confidence,
        metrics=results,
        notes=(*_warnings(units, ratio, results, design.confidence), *_assumptions(units, columns, design)),
    )


def _treatment(name: str, column: str, arms: Sequence[str], design: Design) -> str:
    """The arm that is compared with the control."""
    there = sorted(set(arms))
    listed = ", ".join(there[:10]) + (" …" if len(there) > 10 else "")
    for arm, option in ((design.control, "--control"), (design.treatment, "--treatment")):
        if arm and arm not in there:
            raise DataError(f"{name}: no row has arm {arm!r}; {column!r} holds {listed}: name one with {option} ARM")
    others = [arm for arm in there if arm != design.control]
    if design.treatment == design.control or not others:
        raise DataError(f"{name}: {column!r} holds {listed} only: an experiment needs a control and another arm")
    if not design.treatment and len(others) > 1:
        raise DataError(f"{name}: {column!r} holds {len(there)} arms ({listed}): choose one with --treatment ARM")
    return design.treatment or others[0]


def _units(name: str, rows: Columns, columns: ExperimentColumns, arms: tuple[str, str], *, is_mean: bool) -> _Units:
    """One value a unit of the two arms, control first."""
    arm = np.array(rows.texts["arm"])
    every_unit = np.array(rows.texts["unit"])
    _refuse_in_two_arms(name, columns.unit, every_unit, arm)
    is_of_either = np.isin(arm, arms)
    unit = every_unit[is_of_either]
    _, number = np.unique(unit, return_inverse=True)
    treated = np.bincount(number, weights=arm[is_of_either] == arms[1]) > 0
    for label, n in ((arms[0], int((~treated).sum())), (arms[1], int(treated.sum()))):
        if n < 2:
            raise DataError(f"{name}: arm {label!r} has {n} unit{'' if n == 1 else 's'}: at least two are needed")
    values = {
        metric: _by_unit(rows.numbers[f"metric{i}"][is_of_either], number, is_mean=is_mean)
        for i, metric in enumerate(columns.metrics)
    }
    before = _by_unit(rows.numbers["before"][is_of_either], number, is_mean=True) if columns.before else None
    n_others = len(np.unique(every_unit[~is_of_either]))
    return _Units(treated, values, before, int(is_of_either.sum()), n_others)


def _refuse_in_two_arms(name: str, column: str, units: npt.NDArray[np.str_], arms: npt.NDArray[np.str_]) -> None:
    """A unit that saw two arms, compared or not, tells of neither."""
    _, number = np.unique(units, return_inverse=True)
    _, arm = np.unique(arms, return_inverse=True)
    n_arms = np.bincount(np.unique(np.stack([number, arm]), axis=1)[0])
    in_two = n_arms > 1
    if in_two.any():
        first = int(in_two[number].argmax()) + 1
        raise DataError(
            f"{name}: {int(in_two.sum()):,} units of {column!r} are in more than one arm (first: row {first:,}): a "
            "unit is assigned once; find out why they saw both, or leave all their rows out"
        )


def _by_unit(values: FloatArray, number: IntArray, *, is_mean: bool) -> FloatArray:
    sums: FloatArray = np.bincount(number, weights=values).astype(np.float64)
    return sums / np.bincount(number) if is_mean else sums


def _result(metric: str, units: _Units, design: Design) -> MetricResult:
    values = units.values[metric]
    means = [float(each.mean()) for each in units.arms(values)]
    adjusted = values if units.before is None else cuped(values, units.before)
    found = fixed_horizon(*units.arms(adjusted), confidence=design.confidence)
    removed = None if units.before is None or values.var() == 0 else float(1 - adjusted.var() / values.var())
    result = MetricResult(
        metric=metric,
        control_mean=means[1],
        treatment_mean=means[0],
        difference=found.estimate,
        low=found.low,
        high=found.high,
        p_value=found.p_value,
        standard_error=found.standard_error,
        detectable=detectable_difference(found.standard_error, confidence=design.confidence),
        relative=found.estimate / means[1] if means[1] > 0 else None,
        variance_removed=removed,
    )
    if design.expected_effect is None or found.standard_error == 0:
        return result
    looked = always_valid(
        np.array([found.estimate]),
        np.array([found.standard_error]),
        mixing_sd=design.expected_effect,
        confidence=design.confidence,
    )
    anytime = [float(each[0]) for each in (looked.low, looked.high, looked.p_values)]
    return _with_anytime(result, anytime)


def _with_anytime(result: MetricResult, anytime: Sequence[float]) -> MetricResult:
    low, high, p_value = anytime
    kept = {name: getattr(result, name) for name in result.__struct_fields__}
    return MetricResult(**kept | {"anytime_low": low, "anytime_high": high, "anytime_p_value": p_value})


def _warnings(units: _Units, ratio: SampleRatio, results: Sequence[MetricResult], confidence: float) -> Iterator[Note]:
    """What speaks against the figures."""
    if ratio.is_mismatch:
        yield Note(
            "sample_ratio_mismatch",
            f"sample-ratio mismatch: {percent_text(ratio.found_share, 2)} of the units are in the treatment, not "
            f"{percent_text(ratio.planned_share, 2)} as planned (p {ratio.p_value:.1g}). Do not rely on any figure "
            "here until its cause is found",
            is_warning=True,
        )
    for result in results:
        arms = units.arms(units.values[result.metric])
        needed, fewest = max(units_for_normality(each) for each in arms), min(len(each) for each in arms)
        if fewest < needed:
            yield Note(
                "skewed_metric",
                f"{result.metric} is skewed: its mean needs {needed:,} units a group to be near normal, the smaller "
                f"has {fewest:,}. Cap large values, or count units that did it at all",
                is_warning=True,
            )
        if result.standard_error == 0:
            yield Note("no_variation", f"{result.metric} is the same for all units of a group", is_warning=True)
    if len(results) > 1:
        alarm = 1 - confidence ** len(results)
        yield Note(
            "several_metrics",
            f"{len(results)} metrics: where nothing differs, one of them is called different in up to "
            f"{percent_text(alarm, 0)} of experiments. Decide by the one that was named before the start",
            is_warning=True,
        )


def _assumptions(units: _Units, columns: ExperimentColumns, design: Design) -> Iterator[Note]:
    """What the figures take for granted."""
    if units.n_others:
        yield Note("other_arms", f"{units.n_others:,} units of other arms are left out of every figure here")
    yield Note(
        "every_unit_counted",
        "every assigned unit is in the file, those that did nothing with 0: a file of active units only is biased",
    )
    yield Note(
        "independent_units",
        f"{columns.unit!r} is what was assigned at random, and what one does changes nothing for the others",
    )
    if units.n_rows > len(units.is_treated):
        how = "averaged" if design.is_mean else "added up"
        yield Note("rows_put_together", f"{units.n_rows:,} rows of {len(units.is_treated):,} units were {how}")
    if columns.before:
        yield Note(
            "covariate_before",
            f"{columns.before!r} was known before assignment, else it biases the difference; differences are of "
            "means adjusted for it",
        )
    if design.expected_effect is None:
        yield Note(
            "one_look",
            "the interval is for one look at an end that was fixed before the start; for looks on the way use "
            "--expected-effect",
        )
    else:
        yield Note(
            "any_look",
            "the interval for any time holds however often one looks; the expected effect was fixed before the start",
        )
