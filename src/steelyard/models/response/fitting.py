"""Makes the stored response model of a shop: rows of its log, a scorer, calibration, and why there is none."""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial
from typing import Any

from steelyard import registry
from steelyard.data.labels.outcomes import NothingFollows, Outcomes, outcomes
from steelyard.domain import FloatArray, State
from steelyard.models.building import Bench, Fill, Folder
from steelyard.models.ports import Parts
from steelyard.models.response.chain import ResponseModel, Scorer, model_arrays, model_facts, model_from
from steelyard.models.response.deep import DeepLessons, NetworkScorer, deep_lessons
from steelyard.models.response.features import Catalogue, catalogue_of
from steelyard.models.response.learning import Taught, forest_scorer, learn, opened_forests, taught
from steelyard.models.response.objective import margins
from steelyard.models.response.trees import BinaryGrowth

__all__ = ["fitted", "opened_model"]

_HOUR_S = 3600.0
_LEAST_ROWS = 200
_GROWN = ("rounds", "leaves", "rate", "l2", "bags", "negatives", "positive_weight", "select")
_NETWORK = "network.onnx"


def fitted(options: Any, kind: str, bench: Bench, *, is_early: bool) -> State | Fill:
    """A model of a part of the log.

    Args:
        options: Of the recipe (``ResponseOptions``).
        kind: ``trees`` or ``deep``.
        bench: Where it is made.
        is_early: Whether it may see the train period alone, or all before the judging period.

    Returns:
        What fills the part's folder; a state whose fact ``learning`` says why, where there is nothing to learn.
    """
    log = bench.log_events()
    log = log.until(min(log.validation_s, log.test_s) if is_early else log.test_s)
    rows = outcomes(log, window_s=_HOUR_S * options.window_hours)
    if isinstance(rows, NothingFollows):
        return State({}, {"learning": {"why": "nothing_follows", "kinds": ", ".join(rows.kinds) or "-"}})
    note = _lacking(options, rows)
    if note:
        return State({}, {"learning": note})
    catalogue = catalogue_of(bench.shop, text_share=options.text)
    lessons = taught(log, catalogue, rows)
    margin = _margin(options, bench, catalogue)
    if kind == "deep":
        told = {name: getattr(options, name) for name in ("epochs", "dropout", "decay", "minutes")}
        deep = deep_lessons(lessons, **told, seed=bench.seed, threads=bench.threads)
        name = "response-early" if is_early else "response"
        return partial(_fill_deep, options, (lessons, deep, margin), name)
    growth = BinaryGrowth(**{name: getattr(options, name) for name in _GROWN}, seed=bench.seed, threads=bench.threads)
    scorer, stored = forest_scorer(lessons, growth)
    forests = {"forests": [dict(each) for each in stored.facts]}
    state = _finished(options, lessons, scorer, {"margin": margin, "seed": bench.seed, "told": forests})
    return partial(_write, state, stored.graphs)


def opened_model(parts: Parts, role: str) -> tuple[ResponseModel, FloatArray]:
    """A stored model, ready to tell chances.

    Args:
        parts: Opened.
        role: Of the model.

    Returns:
        The model, and the margin of each item.
    """
    state = parts.state(role)
    scorer: Scorer
    if "forests" in state.facts:
        stages, facts = tuple(state.facts["stages"]), tuple(state.facts["forests"])
        scorer = opened_forests(stages, facts, partial(parts.content, role))
    else:
        scorer = NetworkScorer(parts.content(role, _NETWORK))
    return model_from(state, scorer), state.arrays["margin"]


def _lacking(options: Any, rows: Outcomes) -> dict[str, Any]:
    if len(rows) < _LEAST_ROWS:
        return {"why": "few_rows", "rows": len(rows), "least": _LEAST_ROWS}
    lacking = sorted(options.goal.needed() - set(rows.stages))
    if lacking:
        known = ", ".join(rows.stages)
        return {"why": "no_stage", "objective": options.objective, "stage": lacking[0], "known": known}
    return {}


def _finished(options: Any, lessons: Taught, scorer: Scorer, more: Mapping[str, Any]) -> State:
    """The state of a model, calibrated and judged."""
    position = 1 if lessons.outcomes.positions.any() else 0
    made = learn(lessons, lambda _: scorer, calibration=options.calibration, position=position, seed=int(more["seed"]))
    told = {"gains": [gain.facts() for gain in made.gains], "calibration": list(made.methods)}
    facts = {**model_facts(made.model), **more["told"], "learning": told}
    return State({**model_arrays(made.model), "margin": more["margin"]}, facts)


def _fill_deep(options: Any, known: tuple[Taught, DeepLessons, FloatArray], name: str, folder: Folder) -> None:
    lessons, deep, margin = known
    graph, note = registry.load("learners", "response")(deep, folder.unfinished(name))
    more = {"margin": margin, "seed": deep.seed, "told": {"network": note}}
    _write(_finished(options, lessons, NetworkScorer(graph), more), {_NETWORK: graph}, folder)


def _write(state: State, files: Mapping[str, bytes], folder: Folder) -> None:
    folder.write_state(state)
    for name, content in files.items():
        folder.write_bytes(name, content)


def _margin(options: Any, bench: Bench, catalogue: Catalogue) -> FloatArray:
    facts = bench.shop.facts
    paths = [facts.categories[number] if number >= 0 else "" for number in facts.category.tolist()]
    return margins(catalogue.price, paths, share=options.margin, of_category=options.margins)
