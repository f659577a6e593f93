"""``experiment offpolicy``: what a policy that did not run would have earned, from the log of the one that did."""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from steelyard.data.schema import SourcePort
from steelyard.documents.experiment import Note, Overlap, PolicyEstimate, PolicyValue
from steelyard.domain import FloatArray
from steelyard.errors import DataError
from steelyard.evaluation.offpolicy import (
    Estimate,
    direct,
    doubly_robust,
    effective_sample_size,
    importance_weights,
    ips,
    snips,
)
from steelyard.workflows.experiments.figures import percent_text
from steelyard.workflows.experiments.reading import Bounds, Columns, Number, read_columns

__all__ = ["LogColumns", "judge_policy"]

LEAST_ROWS = 100
"""Fewer effective rows than this make no normal interval."""
LEAST_SHARE = 0.01
"""Of the rows that must be left as effective ones."""
LARGEST_SHARE = 0.05
"""A single weight that is more of their sum carries the estimate."""
_CONFIDENCE, _Z = 0.95, 1.959963984540054


@dataclass(frozen=True, slots=True)
class LogColumns:
    """Which columns of the log play which part. The other policy is told by ``target``, or by its action."""

    reward: str
    propensity: str
    target: str = ""
    """Chance that the other policy shows the logged action."""
    action: str = ""
    target_action: str = ""
    """What the other policy shows, where it leaves nothing to chance."""
    predicted: str = ""
    """A model's reward of the logged action."""
    expected: str = ""
    """The model's reward averaged over the other policy's actions."""


def judge_policy(sources: SourcePort, name: str, columns: LogColumns, *, clip: float | None = None) -> PolicyValue:
    """The mean reward of another policy, by every estimator that the columns allow.

    Args:
        sources: Opened on the file's folder.
        name: Of the file; a row a shown action.
        columns: Which columns hold what.
        clip: Largest weight of one more estimate, which is clipped.

    Returns:
        Estimates, how far the log reaches the other policy, and what speaks against them.

    Raises:
        SourceError: The file cannot be read.
        DataError: A column is missing, or a row has no reward or no chance.
    """
    rows = _read(sources, name, columns)
    rewards, logged = rows.numbers["reward"], rows.numbers["propensity"]
    weights = importance_weights(_target(rows, columns), logged)
    found = {"ips": ips(rewards, weights), "snips": snips(rewards, weights)}
    if clip is not None:
        found["clipped ips"] = ips(rewards, weights, clip=clip)
    if columns.expected:
        found["direct"] = direct(rows.numbers["expected"])
    if columns.predicted and columns.expected:
        found["doubly robust"] = doubly_robust(
            rewards, weights, predicted=rows.numbers["predicted"], expected=rows.numbers["expected"]
        )
    overlap = _overlap(weights, logged)
    return PolicyValue(
        file=name,
        n_rows=rows.n_rows,
        confidence=_CONFIDENCE,
        logged=_shown("logged policy", ips(rewards, np.ones_like(rewards))),
        estimates=tuple(_shown(estimator, each) for estimator, each in found.items()),
        overlap=overlap,
        notes=(*_warnings(overlap, rows.n_rows), *_assumptions(columns, clip)),
    )


def _read(sources: SourcePort, name: str, columns: LogColumns) -> Columns:
    if bool(columns.target) == bool(columns.target_action):
        raise DataError("give --target COLUMN (chances), or --action and --target-action (what each policy shows)")
    if columns.target_action and not columns.action:
        raise DataError("--target-action is compared with what was shown: add --action COLUMN")
    if columns.action and not columns.target_action:
        raise DataError(
            "--action is compared with what the other policy shows: add --target-action COLUMN, or leave it"
        )
    if bool(columns.predicted) != bool(columns.expected):
        lacking = "--expected" if columns.predicted else "--predicted"
        raise DataError(
            f"a model of rewards is two columns, of the shown action and of the other policy's: add {lacking} COLUMN"
        )
    todo = "write 0 where nothing was earned"
    chance = "record the chance of each action when it is shown"
    numbers = {
        "reward": Number(columns.reward, "--reward", todo),
        "propensity": Number(columns.propensity, "--propensity", chance, Bounds(0.0, 1.0, is_low_excluded=True)),
    }
    if columns.target:
        numbers["target"] = Number(columns.target, "--target", "ask the other policy", Bounds(0.0, 1.0))
    for role, column in (("predicted", columns.predicted), ("expected", columns.expected)):
        if column:
            numbers[role] = Number(column, f"--{role}", "ask the model of rewards for each row")
    shown = {"action": columns.action, "target_action": columns.target_action} if columns.target_action else {}
    texts = {role: (column, f"--{role.replace('_', '-')}") for role, column in shown.items()}
    return read_columns(sources, name, texts=texts, numbers=numbers)


def _target(rows: Columns, columns: LogColumns) -> FloatArray:
    """Chance of the logged action under the other policy."""
    if columns.target:
        return rows.numbers["target"]
    is_same: FloatArray = np.equal(rows.texts["action"], rows.texts["target_action"]).astype(np.float64)
    return is_same


def _overlap(weights: FloatArray, logged: FloatArray) -> Overlap:
    mean, total = ips(np.ones_like(weights), weights), float(weights.sum())
    return Overlap(
        mean_weight=mean.value,
        mean_weight_error=_known(mean.standard_error),
        max_weight=float(weights.max()),
        max_weight_share=float(weights.max()) / total if total > 0 else 0.0,
        zero_weight_share=float((weights == 0).mean()),
        least_propensity=float(logged.min()),
        effective_rows=effective_sample_size(weights),
    )


def _shown(estimator: str, found: Estimate) -> PolicyEstimate:
    value, error = _known(found.value), _known(found.standard_error)
    if value is None or error is None:
        return PolicyEstimate(estimator, value, error, None, None)
    return PolicyEstimate(estimator, value, error, value - _Z * error, value + _Z * error)


def _known(value: float) -> float | None:
    return value if math.isfinite(value) else None


def _warnings(overlap: Overlap, n_rows: int) -> Iterator[Note]:
    """What speaks against the figures."""
    if overlap.max_weight == 0:
        yield Note(
            "no_overlap",
            "no logged action is one that the other policy would show: the log says nothing of it",
            is_warning=True,
        )
        return
    error = overlap.mean_weight_error
    if error is not None and abs(overlap.mean_weight - 1) > 3 * error:
        yield Note(
            "mean_weight",
            f"the mean weight is {overlap.mean_weight:.3f} and should be 1: propensities are wrong, or the other "
            "policy goes where the log never was. Do not rely on any figure here",
            is_warning=True,
        )
    if overlap.effective_rows < max(LEAST_ROWS, LEAST_SHARE * n_rows):
        yield Note(
            "few_effective_rows",
            f"{overlap.effective_rows:,.0f} of {n_rows:,} rows are left as effective ones: the two policies differ too "
            "much for this log, and intervals are too narrow",
            is_warning=True,
        )
    if overlap.max_weight_share > LARGEST_SHARE:
        yield Note(
            "heavy_row",
            f"one row is {percent_text(overlap.max_weight_share)} of all weight and carries the estimate: compare with "
            "--clip",
            is_warning=True,
        )


def _assumptions(columns: LogColumns, clip: float | None) -> Iterator[Note]:
    """What the figures take for granted."""
    yield Note(
        "right_propensities",
        f"{columns.propensity!r} was recorded when the action was shown, and is above 0 for all that the other "
        "policy shows",
    )
    yield Note(
        "independent_rows",
        "rows are independent, and a reward depends on context and action only: several rows of one shopper make "
        "intervals too narrow",
    )
    if clip is not None:
        yield Note("clipped", f"weights above {clip:g} count as {clip:g}: steadier, and biased towards zero")
    if columns.expected:
        yield Note(
            "direct_is_biased", "the direct estimate is as biased as its model, and its interval does not say so"
        )
