"""Weights of kinds and of ratings, fitted on what people bought in the validation period."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import numpy as np

from steelyard.data.quality import Finding
from steelyard.documents.quality import EventWeightRow
from steelyard.domain import EventKind
from steelyard.evaluation.event_evidence import FittedWeights, Scales, fit_weights

if TYPE_CHECKING:
    from steelyard.domain import PurchaseEvidence

__all__ = ["Declared", "Weighed", "fitted"]

_LEAST_PEOPLE = 60
"""People with a history and a purchase after it; with fewer nothing is fitted."""
_PURCHASE, _RATING = EventKind.PURCHASE.value, EventKind.RATING.value


@dataclass(frozen=True, slots=True)
class Weighed:
    """The weights, and what is told of them."""

    kinds: Mapping[str, float] = field(default_factory=dict)
    grades: Mapping[int, float] = field(default_factory=dict)
    """What a rating's weight is multiplied with, by tenths of the best one; 1 where left out."""
    findings: tuple[Finding, ...] = ()
    rows: tuple[EventWeightRow, ...] = ()
    """Of all kinds and grades; empty where the configuration gives them all."""


@dataclass(frozen=True, slots=True)
class Declared:
    """The weights before anything is fitted."""

    kinds: Mapping[str, float]
    grades: Mapping[int, float]
    """Those that were given."""
    origins: Mapping[str, str]
    """Where the weight of each kind comes from."""
    top: float
    """The best rating."""

    def grade(self, tenth: int) -> float:
        """What the weight of a rating is multiplied with."""
        return self.grades.get(tenth, 1.0)

    def rows(
        self,
        kinds: Mapping[str, float] | None = None,
        grades: Mapping[int, float] | None = None,
        changed: Collection[str | int] = (),
    ) -> tuple[EventWeightRow, ...]:
        """What is told of the weights.

        Args:
            kinds: Those of kinds that serve; as declared where left out.
            grades: Those of grades.
            changed: Kinds and tenths that were fitted.

        Returns:
            A row for each.
        """
        of_kinds = [
            EventWeightRow(
                kind=kind, weight=weight, declared=self.kinds[kind], origin=_origin(kind, changed, self.origins[kind])
            )
            for kind, weight in (self.kinds if kinds is None else kinds).items()
        ]
        of_grades = [
            EventWeightRow(
                kind=_RATING,
                weight=weight,
                declared=self.grade(tenth),
                origin=_origin(tenth, changed, "given" if tenth in self.grades else "usual"),
                up_to=round(self.top * tenth / 10, 4),
            )
            for tenth, weight in (self.grades if grades is None else grades).items()
        ]
        return (*of_kinds, *of_grades)


def fitted(
    evidence: PurchaseEvidence, declared: Declared, *, free: Collection[str], free_grades: Collection[int], seed: int
) -> Weighed:
    """The weights fitted where that pays, else those declared.

    Args:
        evidence: Histories, and what was bought after them; kinds are numbered as declared.
        declared: The weights to start from.
        free: Kinds whose weight may be changed; a purchase is what the others are measured by, and stays.
        free_grades: Tenths of the best rating whose factor may be changed; that of the best grade there is stays.
        seed: Of the fit.

    Returns:
        The weights, a finding that says what was fitted or why nothing was, and a row for each weight.
    """
    kinds, there = list(declared.kinds), set(np.unique(evidence.kinds).tolist())
    reference = _reference(evidence, kinds)
    scales = Scales(
        np.array([declared.kinds[kind] for kind in kinds], np.float64),
        np.array([declared.grade(tenth) for tenth in evidence.tenths], np.float64),
        np.array([kind in free and n in there and n != reference for n, kind in enumerate(kinds)], np.bool_),
        np.array([tenth in free_grades and tenth != evidence.tenths[-1] for tenth in evidence.tenths], np.bool_),
        reference,
    )
    fit, why_not = _fit(evidence, scales, seed=seed)
    of_kinds = dict(zip(kinds, np.round((fit.scales if fit else scales).kinds, 6).tolist(), strict=True))
    known = dict(zip(evidence.tenths, np.round((fit.scales if fit else scales).grades, 6).tolist(), strict=True))
    changed: list[str | int] = [kind for n, kind in enumerate(kinds) if scales.is_free_kind[n]] if fit else []
    changed += [tenth for n, tenth in enumerate(evidence.tenths) if scales.is_free_grade[n]] if fit else []
    rows = declared.rows({kind: of_kinds[kind] for n, kind in enumerate(kinds) if n in there}, known, changed)
    return Weighed(of_kinds, {**_whole_scale(known), **declared.grades}, (_finding(rows, fit, why_not),), rows)


def _fit(evidence: PurchaseEvidence, scales: Scales, *, seed: int) -> tuple[FittedWeights | None, str]:
    """What was fitted, or why nothing was."""
    if not (scales.is_free_kind.any() or scales.is_free_grade.any()):
        return None, "there is nothing to weigh: the events are of one kind and one grade, or all others are given"
    n = len(evidence.wanted)
    if n < _LEAST_PEOPLE:
        needed = f"{_LEAST_PEOPLE} are needed"
        return None, f"{n} people have a history and bought something in the validation period; {needed}"
    fit = fit_weights(evidence, scales, seed=seed)
    if fit.pays:
        return fit, ""
    return None, f"others do not find held-out purchases better beyond chance ({_gain(fit)})"


def _reference(evidence: PurchaseEvidence, kinds: list[str]) -> int:
    """The kind that others are measured by: purchases, or what there is most of."""
    counts = np.bincount(evidence.kinds, minlength=len(kinds))
    if _PURCHASE in kinds and counts[kinds.index(_PURCHASE)]:
        return kinds.index(_PURCHASE)
    return int(counts.argmax())


def _whole_scale(known: Mapping[int, float]) -> dict[int, float]:
    """The factor of every tenth: one that the sample lacks has that of the nearest worse one, or of the worst."""
    found: dict[int, float] = {}
    for tenth in range(1, 11) if known else ():
        worse = [each for each in known if each <= tenth]
        found[tenth] = known[max(worse) if worse else min(known)]
    return found


def _finding(rows: tuple[EventWeightRow, ...], fit: FittedWeights | None, why_not: str) -> Finding:
    told = ", ".join(f"{_name(row)} {row.weight:g} ({_said_of(row)})" for row in rows)
    if fit is None:
        says = f"event_weights and rating_weights are as declared ({told}), since {why_not}"
        return Finding("events", "event_weights_not_fitted", "info", "flag", 0, 0.0, says)
    says = f"weights that find held-out purchases best: {told}; {_gain(fit)}"
    return Finding("events", "event_weights_fitted", "info", "flag", 0, 0.0, says)


def _gain(fit: FittedWeights) -> str:
    ends = f"{fit.gain.low:+.4f} to {fit.gain.high:+.4f} at {100 * fit.gain.confidence:g} %"
    return f"nDCG@10 {fit.declared:.4f} as declared, {fit.fitted:.4f} fitted on others, {ends}, {fit.gain.n:,} people"


def _name(row: EventWeightRow) -> str:
    return row.kind if row.up_to is None else f"{row.kind} up to {row.up_to:g}"


def _said_of(row: EventWeightRow) -> str:
    return f"fitted, declared {row.declared:g}" if row.origin == "fitted" else row.origin


def _origin(name: str | int, changed: Collection[str | int], otherwise: str) -> str:
    return "fitted" if name in changed else otherwise
