"""Which members are fused, on which scale and with which weights, judged by users that nothing was fitted on."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from steelyard.domain import FloatArray, IntArray
from steelyard.models.blending.pool import SCALES, Pool, unit_of
from steelyard.models.blending.weighing import Material, equal_weights, fit_weights, material_of
from steelyard.models.learning.held_out import CERTAIN_ERRORS, gain_of
from steelyard.models.retrieval.shortlists import is_clearly_worse

Told = Callable[[int, int, str], None]

__all__ = ["MIN_CASES", "Chosen", "choose", "nothing_chosen"]

MIN_CASES = 30
"""Validation cases with something right among the candidates, below which no weight is fitted."""
_FOLDS = 2
_SEARCHED = 2000
"""Cases that scales and members are chosen by; more take longer and change nothing. Weights are fitted to all."""
_EQUAL_SCALE = "rank"
_LEAST_WEIGHT = 0.005


@dataclass(frozen=True, slots=True)
class Chosen:
    """What is fused."""

    members: tuple[int, ...]
    """Numbers of the models."""
    scales: tuple[str, ...]
    """Of each of ``members``."""
    units: tuple[float, ...]
    """Of each of ``members``, as ``pool.unit_of`` gives them."""
    weights: FloatArray
    """Of each of ``members``, > 0, their sum 1."""
    note: Mapping[str, Any]
    """``cases``, ``why`` where nothing was fitted or fusion does not pay, and held-out figures."""
    held_out: FloatArray = field(default_factory=lambda: np.empty(0))
    """NDCG@10 of each case by weights that were fitted on other users. Shape (cases,)."""


def choose(
    pool: Pool, gains: FloatArray, ideal: FloatArray, *, names: Sequence[str], seed: int, progress: Told
) -> Chosen:
    """Scale, members and weights.

    A scale is common to all members at first; then each member may have one that is clearly better for it. A member
    without which held-out NDCG@10 is not clearly worse is dropped, the one that is missed least first.

    Args:
        pool: Candidates of the cases.
        gains: What each candidate is worth. Shape (cases, width).
        ideal: Discounted gain of each case's best list, > 0. Shape (cases,).
        names: Of the models.
        seed: Divides the users.
        progress: Told how far it has come.

    Returns:
        All members that offer anything at equal weights where cases are too few to fit; ``alone`` is why where that is
        one.
    """
    rows = np.flatnonzero(gains.any(axis=1))
    note: dict[str, Any] = {"cases": len(gains), "useful_cases": len(rows)}
    offering = [model for model in range(len(names)) if not np.isnan(pool.scores[model]).all()]
    if len(gains) and not offering:
        return nothing_chosen(len(names), note)
    if len(rows) < MIN_CASES:
        left = offering or range(len(names))
        few = {"why": "few_cases"} if len(left) > 1 else {"why": "alone", "best": names[left[0]]}
        return _equal(left, {**note, **few, "least": MIN_CASES})
    draw = np.random.default_rng(seed)
    some = np.sort(draw.choice(rows, _SEARCHED, replace=False)) if len(rows) > _SEARCHED else rows
    search = _Search.over(pool, gains, ideal, rows=some, folds=draw.permutation(len(some)) % _FOLDS, progress=progress)
    scales = search.scales(offering)
    kept = search.kept(offering, scales)
    every = _Search.over(pool, gains, ideal, rows=rows, folds=draw.permutation(len(rows)) % _FOLDS, progress=progress)
    weights = fit_weights(every.material(kept, scales)).weights
    above = [place for place in range(len(kept)) if weights[place] >= _LEAST_WEIGHT]
    kept, weights = [kept[place] for place in above], weights[above] / weights[above].sum()
    held = _expanded(every.held_out(kept, scales), rows, len(gains))
    alone = {model: _expanded(every.alone(model), rows, len(gains)) for model in offering}
    return Chosen(
        tuple(kept),
        tuple(scales[model] for model in kept),
        tuple(every.units[model] for model in kept),
        weights,
        {**note, **_figures(held, alone, kept, names)},
        held,
    )


def nothing_chosen(n: int, note: Mapping[str, Any] | None = None) -> Chosen:
    """What is fused where no model offers anything: all of them, at equal weights.

    Args:
        n: Models.
        note: What is known besides.

    Returns:
        With ``why`` in its note.
    """
    return _equal(range(n), {**(note or {}), "why": "nothing_offered"})


def _equal(models: Sequence[int], note: Mapping[str, Any]) -> Chosen:
    n = len(models)
    return Chosen(tuple(models), (_EQUAL_SCALE,) * n, (1.0,) * n, equal_weights(n), note)


@dataclass(slots=True)
class _Search:
    """Looks for what to fuse."""

    pool: Pool
    gains: FloatArray
    ideal: FloatArray
    folds: IntArray
    units: tuple[float, ...]
    progress: Told
    known: dict[tuple[Any, ...], FloatArray] = field(default_factory=dict)
    heaviest: dict[tuple[Any, ...], FloatArray] = field(default_factory=dict)
    """The largest weight of each model in any fold."""
    columns: dict[tuple[int, str], Material] = field(default_factory=dict)

    @classmethod
    def over(
        cls, pool: Pool, gains: FloatArray, ideal: FloatArray, *, rows: IntArray, folds: IntArray, progress: Told
    ) -> _Search:
        """Over some of the cases."""
        return cls(pool.of(rows), gains[rows], ideal[rows], folds, tuple(map(unit_of, pool.scores)), progress)

    def material(self, models: Sequence[int], scales: Mapping[int, str]) -> Material:
        """What weights of these models are fitted to."""
        for model in models:
            key = (model, scales[model])
            if key not in self.columns:
                one = Pool(self.pool.items, self.pool.scores[[model]])
                self.columns[key] = material_of(one, [scales[model]], self.gains, self.ideal, units=[self.units[model]])
        each = [self.columns[model, scales[model]] for model in models]
        stacked = np.concatenate([one.scores for one in each])
        return Material(stacked, self.gains, self.ideal, each[0].is_there)

    def held_out(self, models: Sequence[int], scales: Mapping[int, str]) -> FloatArray:
        """NDCG@10 of each case by weights that were fitted on the users of the other folds. Shape (cases,)."""
        key = tuple((model, scales[model]) for model in models)
        if key not in self.known:
            self.progress(len(self.known), len(self.known) + 1, "fitting weights of fusion")
            material, found = self.material(models, scales), np.zeros(len(self.gains))
            heaviest = np.zeros(len(models))
            for fold in range(_FOLDS):
                weights = fit_weights(material.of(np.flatnonzero(self.folds != fold))).weights
                held = np.flatnonzero(self.folds == fold)
                found[held] = material.of(held).ndcg(weights)
                heaviest = np.maximum(heaviest, weights)
            self.known[key], self.heaviest[key] = found, heaviest
        return self.known[key]

    def scales(self, models: Sequence[int]) -> dict[int, str]:
        """The scale of each model: the best common one, and for a model another one that is clearly better."""
        common = max(SCALES, key=lambda scale: float(self._common(models, scale).mean()))
        found = {model: common for model in models}
        for model in models if len(models) > 1 else ():
            for scale in SCALES:
                tried = {**found, model: scale}
                if is_clearly_worse(self.held_out(models, found), self.held_out(models, tried)):
                    found = tried
        return found

    def _common(self, models: Sequence[int], scale: str) -> FloatArray:
        return self.held_out(models, {model: scale for model in models})

    def kept(self, models: Sequence[int], scales: Mapping[int, str]) -> list[int]:
        """The models without any of which fusion is clearly worse, at least one; without what hardly weighs."""
        self.held_out(models, scales)
        heaviest = self.heaviest[tuple((model, scales[model]) for model in models)]
        kept = [model for model, weight in zip(models, heaviest, strict=True) if weight >= _LEAST_WEIGHT]
        while len(kept) > 1:
            whole = self.held_out(kept, scales)
            without = {model: self.held_out([m for m in kept if m != model], scales) for model in kept}
            least = max(without, key=lambda model: float(without[model].mean()))
            if is_clearly_worse(without[least], whole):
                break
            kept.remove(least)
        return kept

    def alone(self, model: int) -> FloatArray:
        """NDCG@10 of each case by one model. Shape (cases,)."""
        return self.material([model], {model: "max"}).ndcg(np.ones(1))


def _expanded(values: FloatArray, rows: IntArray, n: int) -> FloatArray:
    """Values of all cases: 0 for those where nothing that is right was offered. Shape (n,)."""
    found = np.zeros(n)
    found[rows] = values
    return found


def _figures(
    held: FloatArray, alone: Mapping[int, FloatArray], kept: Sequence[int], names: Sequence[str]
) -> dict[str, Any]:
    """Held-out quality beside the best member's own."""
    best = max(alone, key=lambda model: float(alone[model].mean()))
    gain = gain_of(held, alone[best])
    figures: dict[str, Any] = {
        "held_out": round(float(held.mean()), 5),
        "best": names[best],
        "best_alone": round(float(alone[best].mean()), 5),
        "gain": round(gain.mean, 5),
        "error": round(gain.error, 5),
        "alone": {names[model]: round(float(values.mean()), 5) for model, values in alone.items()},
        "dropped": [names[model] for model in alone if model not in kept],
    }
    if len(kept) == 1:
        return {**figures, "why": "one_member"}
    if gain.mean <= CERTAIN_ERRORS * gain.error:
        return {**figures, "why": "no_gain"}
    return figures
