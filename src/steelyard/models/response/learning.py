"""Fits a response model to a log: rows in order of time, one part each to learn, to stop, to calibrate and to judge by.

Nothing that calibrates was learnt from, nothing that judges was calibrated on, and each part came after the one before.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from steelyard.data.labels.outcomes import Outcomes, histories_before
from steelyard.data.log_events import LogEvents
from steelyard.domain import FloatArray, IntArray
from steelyard.models.response.calibration import METHODS, Calibrator, chosen, fit
from steelyard.models.response.chain import ForestScorer, Level, ResponseModel, Scorer, Seen
from steelyard.models.response.features import HISTORY_LENGTH, Catalogue, Describer
from steelyard.models.response.trees import BinaryGrowth, GrownStage, grow_stage, open_stage

__all__ = ["LEAST_POSITIVES", "Gain", "Learnt", "Periods", "Taught", "forest_scorer", "gain_of", "learn", "taught"]

LEAST_POSITIVES = 30
"""Rows of the learning part that must reach a stage, and as many that must not, for a model of it."""
_SHARES = (0.7, 0.8, 0.9)
_Z = 1.959963984540054


@dataclass(frozen=True, slots=True)
class Periods:
    """Places of the rows of each part. Rows of one instant are in one part."""

    learn: IntArray
    stop: IntArray
    calibrate: IntArray
    judge: IntArray

    @classmethod
    def of(cls, times_s: FloatArray) -> Periods:
        """Seven tenths of the rows to learn from, and a tenth each to stop, to calibrate and to judge by.

        Args:
            times_s: Of the rows, ascending. Shape (rows,).

        Returns:
            Places, ascending.
        """
        cuts = [times_s[min(int(share * len(times_s)), len(times_s) - 1)] for share in _SHARES]
        places = np.searchsorted(times_s, cuts, side="left")
        parts = np.split(np.arange(len(times_s)), places)
        return cls(*parts)


@dataclass(frozen=True, slots=True)
class Taught:
    """Rows that a model learns from, as scorers see them."""

    outcomes: Outcomes
    seen: Seen
    periods: Periods
    describer: Describer

    def part(self, places: IntArray) -> Seen:
        """Some of the rows."""
        return Seen(self.seen.rows[places], self.seen.items[places], self.seen.history[places])

    def stage(self, places: IntArray, column: int) -> tuple[IntArray, IntArray]:
        """Of some rows those that reached the stage before, and whether they reached this one."""
        reached = self.outcomes.reached
        before = places if not column else places[reached[places, column - 1]]
        return before, reached[before, column]


@dataclass(frozen=True, slots=True)
class Gain:
    """How much better than everybody's share a model tells a stage, on the rows to judge by."""

    stage: str
    n: int
    positives: int
    log_loss: float
    """Mean, in nats."""
    base: float
    """Log loss of the share of all rows before."""
    gain: float
    """Of log loss, a row."""
    error: float
    """Its standard error, rows of one visitor taken together."""

    @property
    def is_certain(self) -> bool:
        """Whether the low end of the 95 % interval is above nothing."""
        return self.gain - _Z * self.error > 0

    def facts(self) -> dict[str, Any]:
        """As JSON holds it."""
        names = ("stage", "n", "positives", "log_loss", "base", "gain", "error")
        values = (getattr(self, name) for name in names)
        return {n: round(v, 6) if isinstance(v, float) else v for n, v in zip(names, values, strict=True)}


@dataclass(frozen=True, slots=True)
class Learnt:
    """A model, and what is known of how good it is."""

    model: ResponseModel
    gains: tuple[Gain, ...]
    """Of each stage, reached in the end."""
    methods: tuple[str, ...]
    """How each stage was calibrated."""


def taught(log: LogEvents, catalogue: Catalogue, rows: Outcomes) -> Taught:
    """The rows of a log as scorers see them.

    Args:
        log: What may be learnt from.
        catalogue: Of the shop.
        rows: What followed, of the same log; at least one.

    Returns:
        Rows, parts, and the describer for serving afterwards.
    """
    describer, made = Describer.learn(log, catalogue, rows)
    history = histories_before(log, rows, length=HISTORY_LENGTH)
    return Taught(rows, Seen(made, rows.items, history), Periods.of(rows.times_s), describer)


def learn(
    lessons: Taught, score: Callable[[Taught], Scorer], *, calibration: str = "auto", position: int = 0, seed: int = 0
) -> Learnt:
    """Fit, calibrate and judge.

    Args:
        lessons: Rows.
        score: Makes a scorer of the parts to learn and to stop by.
        calibration: One of ``METHODS``, or ``auto`` for the one that is best on rows it was not fitted on.
        position: Place that candidates are taken to be shown at.
        seed: Of every draw.

    Returns:
        The model and its gains.
    """
    scorer = score(lessons)
    made: list[tuple[Calibrator, str]] = []
    for column in range(len(lessons.outcomes.stages)):
        places, reached = lessons.stage(lessons.periods.calibrate, column)
        raw = scorer.conditionals(lessons.part(places))[:, column] if len(places) else np.empty(0)
        made.append(_calibrated(calibration, raw, reached.astype(np.float64), seed))
    outcomes = lessons.outcomes
    calibrators, methods = tuple(one for one, _ in made), tuple(method for _, method in made)
    model = ResponseModel(outcomes.stages, outcomes.basis, lessons.describer, scorer, calibrators, position)
    return Learnt(model, _gains(model, lessons), methods)


def _calibrated(method: str, raw: FloatArray, reached: FloatArray, seed: int) -> tuple[Calibrator, str]:
    if min(reached.sum(), (1 - reached).sum()) < LEAST_POSITIVES:
        return fit("none", raw, reached), "none"
    if method == "auto":
        return chosen(raw, reached, seed=seed)
    known = next(one for one in METHODS if one == method)
    return fit(known, raw, reached), known


def _gains(model: ResponseModel, lessons: Taught) -> tuple[Gain, ...]:
    outcomes, judge = lessons.outcomes, lessons.periods.judge
    chances = model.chances(lessons.part(judge))
    before = int(judge[0]) if len(judge) else len(outcomes)
    found = []
    for column, stage in enumerate(outcomes.stages):
        reached = outcomes.reached[:, column].astype(np.float64)
        share = (float(reached[:before].sum()) + 0.5) / (before + 1)
        found.append(gain_of(stage, chances[stage], reached[judge], base=share, visitors=outcomes.visitors[judge]))
    return tuple(found)


def gain_of(stage: str, chances: FloatArray, reached: FloatArray, *, base: float, visitors: IntArray) -> Gain:
    """How much better chances are than one share for all.

    Args:
        stage: Its name.
        chances: Shape (rows,).
        reached: 0 or 1. Shape (rows,).
        base: The share, of earlier rows.
        visitors: Whose each row is: rows of one are not independent. Shape (rows,).

    Returns:
        NaN figures where there is no row.
    """
    if not len(chances):
        nothing = float("nan")
        return Gain(stage, 0, 0, nothing, nothing, nothing, nothing)
    p = np.clip(chances, 1e-9, 1 - 1e-9)
    own = -(reached * np.log(p) + (1 - reached) * np.log1p(-p))
    plain = -(reached * np.log(base) + (1 - reached) * np.log1p(-base))
    better = plain - own
    mean = float(better.mean())
    _, who = np.unique(visitors, return_inverse=True)
    sums = np.bincount(who, weights=better - mean)
    n = len(sums)
    error = float(np.sqrt((sums @ sums) * n / max(n - 1, 1))) / len(better) if n > 1 else float("inf")
    return Gain(stage, len(better), int(reached.sum()), float(own.mean()), float(plain.mean()), mean, error)


@dataclass(frozen=True, slots=True)
class GrownForests:
    """The forests of all stages as they are stored."""

    graphs: Mapping[str, bytes]
    """By file name."""
    facts: tuple[Mapping[str, Any], ...]
    """Of each stage."""


def forest_scorer(lessons: Taught, growth: BinaryGrowth) -> tuple[ForestScorer, GrownForests]:
    """A forest for each stage that enough rows reached, and did not reach; a share for the others.

    Args:
        lessons: Rows.
        growth: How forests are grown.

    Returns:
        The scorer, and the same as it is stored.
    """
    graphs: dict[str, bytes] = {}
    facts: list[Mapping[str, Any]] = []
    for column, stage in enumerate(lessons.outcomes.stages):
        places, reached = lessons.stage(lessons.periods.learn, column)
        if min(int(reached.sum()), int((~reached).sum())) < LEAST_POSITIVES:
            facts.append({"share": (float(reached.sum()) + 0.5) / (len(reached) + 1)})
            continue
        later, stopped = lessons.stage(lessons.periods.stop, column)
        rows = lessons.seen.rows
        grown: GrownStage = grow_stage((rows[places], reached), (rows[later], stopped), growth)
        for number, graph in enumerate(grown.graphs()):
            graphs[f"{stage}-{number}.onnx"] = graph
        facts.append(grown.facts())
    stored = GrownForests(graphs, tuple(facts))
    return opened_forests(lessons.outcomes.stages, stored.facts, graphs.__getitem__), stored


def opened_forests(
    stages: tuple[str, ...], facts: tuple[Mapping[str, Any], ...], read: Callable[[str], bytes]
) -> ForestScorer:
    """The forests of all stages from their files.

    Args:
        stages: In order.
        facts: Of each stage.
        read: From a file's name to its verified content.

    Returns:
        The scorer.
    """
    opened: list[Any] = []
    for stage, told in zip(stages, facts, strict=True):
        if "share" in told:
            opened.append(Level(float(told["share"])))
        else:
            opened.append(open_stage([read(f"{stage}-{n}.onnx") for n in range(int(told["forests"]))], told))
    return ForestScorer(tuple(opened))
