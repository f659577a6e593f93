"""What an experiment or a log of another policy showed, as ``steelyard experiment`` prints it."""

from __future__ import annotations

from typing import Any

import msgspec

from steelyard.documents.encoding import as_builtins

__all__ = [
    "Arm",
    "Experiment",
    "MetricResult",
    "Note",
    "Overlap",
    "PolicyEstimate",
    "PolicyValue",
    "SampleRatio",
    "experiment_builtins",
    "policy_value_builtins",
]


class Note(msgspec.Struct, frozen=True):
    """What a reader must know before relying on a figure."""

    key: str
    """By which programs know it."""
    says: str
    is_warning: bool = False
    """Whether it speaks against the figures; otherwise it says what they assume."""


class Arm(msgspec.Struct, frozen=True):
    """One group of an experiment."""

    name: str
    n_units: int


class SampleRatio(msgspec.Struct, frozen=True):
    """Whether the groups are as large as was planned."""

    planned_share: float
    """Of the treatment."""
    found_share: float
    p_value: float
    is_mismatch: bool


class MetricResult(msgspec.Struct, frozen=True, kw_only=True):
    """Treatment minus control in one metric, a value a unit."""

    metric: str
    control_mean: float
    treatment_mean: float
    difference: float
    low: float
    high: float
    p_value: float
    standard_error: float
    detectable: float
    """True difference that would be found in four of five such experiments."""
    relative: float | None = None
    """Difference over the control's mean; ``None`` where that is not above zero."""
    variance_removed: float | None = None
    """Share of the variance that the covariate explained; ``None`` without one."""
    anytime_low: float | None = None
    """Ends of the interval that holds at every look; ``None`` where the length was fixed."""
    anytime_high: float | None = None
    anytime_p_value: float | None = None


class Experiment(msgspec.Struct, frozen=True, kw_only=True):
    """An online experiment, analysed."""

    format: int = 1
    file: str
    n_rows: int
    control: Arm
    treatment: Arm
    sample_ratio: SampleRatio
    confidence: float
    metrics: tuple[MetricResult, ...]
    notes: tuple[Note, ...]


class PolicyEstimate(msgspec.Struct, frozen=True):
    """The mean reward of a policy by one estimator."""

    estimator: str
    value: float | None
    """``None`` where it is not defined."""
    standard_error: float | None
    low: float | None
    high: float | None


class Overlap(msgspec.Struct, frozen=True, kw_only=True):
    """How far the log reaches what the other policy would do."""

    mean_weight: float
    """About 1 where propensities are right and the log reaches everything."""
    mean_weight_error: float | None
    max_weight: float
    max_weight_share: float
    """The largest weight as a share of their sum."""
    zero_weight_share: float
    """Rows that the other policy would never have produced."""
    least_propensity: float
    effective_rows: float


class PolicyValue(msgspec.Struct, frozen=True, kw_only=True):
    """A policy that did not run, judged from the log of one that did."""

    format: int = 1
    file: str
    n_rows: int
    confidence: float
    logged: PolicyEstimate
    """The policy that ran, by its own mean."""
    estimates: tuple[PolicyEstimate, ...]
    overlap: Overlap
    notes: tuple[Note, ...]


def experiment_builtins(experiment: Experiment) -> dict[str, Any]:
    """The experiment as JSON's own types."""
    return as_builtins(experiment)


def policy_value_builtins(value: PolicyValue) -> dict[str, Any]:
    """The judged policy as JSON's own types."""
    return as_builtins(value)
