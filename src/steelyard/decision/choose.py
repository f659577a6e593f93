"""Chooses the cheapest configuration that keeps every floor, and says why each other one was not chosen.

``min C(x)  subject to  quality(x) >= floor, p99(x) <= limit, load(x) >= peak``. Quality over cost is not an
objective here: it drifts to the smallest configuration. Quality is judged by the low end of its interval.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from enum import StrEnum
from typing import Any, Protocol

from steelyard.decision.pareto import dominates
from steelyard.decision.space import Shortfall
from steelyard.documents.line_words import line_said
from steelyard.domain import Bilingual, Candidate, FloatArray, Interval, Money

__all__ = ["Choice", "Judged", "Limits", "PairedLow", "Reason", "Verdict", "Violation", "choose"]


class PairedLow(Protocol):
    """Interval of the mean of own − share × reference over the same requests."""

    def __call__(self, own: FloatArray, reference: FloatArray, share: float) -> Interval:
        """Positions as named; both of shape (requests,)."""
        ...


@dataclass(frozen=True, slots=True)
class Limits:
    """What a surface will not go below, or above."""

    max_p99_ms: float
    min_quality: float | None = None
    """Floor on the low end of a configuration's own quality."""
    min_quality_share: float | None = None
    """Share of the reference's quality that has to be kept."""
    reference: str = "best"
    """A configuration's name, or ``best``: the highest mean quality of all that were measured on every request."""
    flattered_by: float = 0.0
    """By how much the mean of the best is too high because it was picked for it; a share of the best is a share of what
    is left."""


class Verdict(StrEnum):
    """What became of a candidate."""

    CHOSEN = "chosen"
    FEASIBLE = "feasible"
    """Keeps every floor, but another was chosen."""
    LOSES = "loses"
    """Breaks a floor."""
    SET_ASIDE = "set_aside"
    """Its price is not known in full, so it can be neither cheap nor dear."""


@dataclass(frozen=True, slots=True)
class Violation:
    """One floor that is not kept."""

    what: str
    """``quality``, ``quality_share``, ``p99``, ``memory`` or ``errors``."""
    found: float
    wanted: float
    relative: float
    """How far off, as a share of what is wanted; > 0, infinite where nothing was measured."""


@dataclass(frozen=True, slots=True)
class Reason:
    """Why, as data; ``steelyard.decision.wording`` turns it into a sentence."""

    kind: str
    """``violates``, ``dearer``, ``dominated``, ``tie``, ``unpriced``, ``cheapest``, ``only``, ``nearest``, ``none``,
    ``no_quality``, ``together``, ``dearer_together``."""
    facts: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Judged:
    """A candidate with its verdict."""

    name: str
    verdict: Verdict
    violations: tuple[Violation, ...]
    reasons: tuple[Reason, ...]
    versus_reference: Interval | None
    """Own − reference over the same requests; ``None`` without a reference."""
    share_of_reference: float | None


@dataclass(frozen=True, slots=True)
class Choice:
    """The answer for one surface."""

    chosen: str | None
    """Without a feasible one, that of least total relative violation; ``None`` where none could be compared."""
    is_feasible: bool
    reference: str
    why: tuple[Reason, ...]
    judged: tuple[Judged, ...]
    """One for each candidate, in the order given."""


def choose(
    candidates: Sequence[Candidate],
    limits: Limits,
    *,
    paired_low: PairedLow,
    shortfalls: Mapping[str, Sequence[Shortfall]] | None = None,
    prefer: str | None = None,
) -> Choice:
    """The cheapest candidate that keeps every floor.

    Of equal monthly cost the one of higher mean quality is taken, then the one with the lower unit cost at capacity,
    then the first by name. Where not even the reference answered a single request rightly there is no choice: any
    share of nothing is kept by everything.

    Args:
        candidates: All of one surface, measured on the same requests and priced in one currency; names are unique.
        limits: The floors.
        paired_low: Interval of own − share × reference; its low end decides about a share of the reference.
        shortfalls: For each name, what no machine could give it.
        prefer: A feasible one that is taken though another is cheaper by itself, since the whole shop is cheapest with
            it.

    Returns:
        The choice, and for every candidate its verdict and reasons. An empty feasible set is an answer, not an error.

    Raises:
        ValueError: There are no candidates, names repeat, or the reference is not among them.
    """
    reference = _reference(candidates, limits.reference)
    if reference.measured.quality.mean <= 0:
        return _no_choice(candidates, reference)
    lacking = shortfalls or {}
    broken = {each.name: _violations(each, reference, limits, paired_low, lacking) for each in candidates}
    comparable = [each for each in candidates if not _is_set_aside(each, broken[each.name])]
    feasible = [each for each in comparable if not broken[each.name]]
    if feasible:
        chosen: Candidate | None = min(
            feasible, key=lambda each: (prefer is not None and each.name != prefer, *_order(each))
        )
    else:
        chosen = min(comparable, key=lambda each: (_total(broken[each.name]), *_order(each)), default=None)
    judged = tuple(
        _judge(each, chosen, candidates, reference=reference, paired_low=paired_low, violations=broken[each.name])
        for each in candidates
    )
    why = _why(chosen, feasible, broken)
    return Choice(chosen.name if chosen else None, bool(feasible), reference.name, why, judged)


def _no_choice(candidates: Sequence[Candidate], reference: Candidate) -> Choice:
    """Nobody found anything: a floor as a share of that, or none, would let the cheapest win for nothing."""
    reason = Reason("no_quality", {"reference": reference.name})
    violation = _below("quality", reference.measured.quality.mean, math.nan)
    judged = tuple(Judged(each.name, Verdict.LOSES, (violation,), (reason,), None, None) for each in candidates)
    return Choice(None, False, reference.name, (reason,), judged)


def _reference(candidates: Sequence[Candidate], name: str) -> Candidate:
    names = [each.name for each in candidates]
    if not names or len(set(names)) != len(names):
        raise ValueError(f"nothing to choose from, or a name twice: {names}")
    if name == "best":
        # the mean of a sample of the requests is no mean of them all
        whole = [each for each in candidates if "sample" not in each.measured.facts]
        return min(whole or candidates, key=lambda each: (-_or(each.measured.quality.mean, -math.inf), each.name))
    if name not in names:
        raise ValueError(f"the reference {name!r} is not among the measured configurations: {', '.join(names)}")
    return candidates[names.index(name)]


def _violations(
    candidate: Candidate,
    reference: Candidate,
    limits: Limits,
    paired_low: PairedLow,
    shortfalls: Mapping[str, Sequence[Shortfall]],
) -> tuple[Violation, ...]:
    found: list[Violation] = []
    low = candidate.measured.quality.low
    if limits.min_quality is not None and not low >= limits.min_quality:
        found.append(_below("quality", low, limits.min_quality))
    if limits.min_quality_share is not None:
        too_high = limits.flattered_by if limits.reference == "best" else 0.0
        share, base = limits.min_quality_share, reference.measured.quality.mean - too_high
        margin = paired_low(candidate.measured.per_request, reference.measured.per_request, share).low
        margin += share * too_high
        if not margin >= 0:
            kept = share + margin / base if base > 0 else math.nan
            found.append(_below("quality_share", kept, share))
    lacking = list(shortfalls.get(candidate.name, ()))
    capacity = candidate.capacity
    if capacity is not None and capacity.p99_ms > limits.max_p99_ms:
        lacking = [each for each in lacking if each.what != "p99"]
        lacking.append(Shortfall("p99", capacity.p99_ms, limits.max_p99_ms))
    found += [Violation(each.what, each.found, each.wanted, _excess(each.found, each.wanted)) for each in lacking]
    return tuple(found)


def _below(what: str, found: float, wanted: float) -> Violation:
    relative = (wanted - found) / wanted if wanted > 0 and not math.isnan(found) else math.inf
    return Violation(what, found, wanted, relative)


def _excess(found: float, wanted: float) -> float:
    return (found - wanted) / wanted if wanted > 0 else math.inf


def _is_set_aside(candidate: Candidate, violations: Sequence[Violation]) -> bool:
    """Without a total it cannot be compared, unless that is because no machine holds it: then it loses."""
    if candidate.bill is None or candidate.unit_cost is None:
        return not any(each.what == "memory" for each in violations)
    return candidate.bill.total is None


def _order(candidate: Candidate) -> tuple[Decimal, float, Decimal, str]:
    """Bill to the cent, then quality (at equal cost a better model never loses), then cost at capacity, then name."""
    total = _cost(candidate)
    unit = candidate.unit_cost.at_capacity.amount if candidate.unit_cost else Decimal("Infinity")
    amount = total.to_the_cent() if total else Decimal("Infinity")
    return amount, -_or(candidate.measured.quality.mean, -math.inf), unit, candidate.name


def _judge(
    candidate: Candidate,
    chosen: Candidate | None,
    candidates: Sequence[Candidate],
    *,
    reference: Candidate,
    paired_low: PairedLow,
    violations: tuple[Violation, ...],
) -> Judged:
    reasons = [Reason("violates", _facts(each)) for each in violations]
    is_chosen = chosen is not None and candidate.name == chosen.name
    if _is_set_aside(candidate, violations):
        verdict = Verdict.SET_ASIDE
        reasons.append(Reason("unpriced", {"missing": _missing(candidate)}))
    elif is_chosen:
        verdict = Verdict.CHOSEN
    else:
        verdict = Verdict.LOSES if violations else Verdict.FEASIBLE
        reasons += [
            each for each in _against(candidate, chosen, candidates) if not violations or each.kind != "dearer_together"
        ]
    mean = reference.measured.quality.mean
    share = candidate.measured.quality.mean / mean if mean > 0 else None
    versus = paired_low(candidate.measured.per_request, reference.measured.per_request, 1.0)
    return Judged(candidate.name, verdict, violations, tuple(reasons), versus, share)


def _against(candidate: Candidate, chosen: Candidate | None, candidates: Sequence[Candidate]) -> list[Reason]:
    own = _cost(candidate)
    reasons: list[Reason] = []
    best = _cost(chosen) if chosen else None
    if chosen is not None and own is not None and best is not None:
        if own.to_the_cent() > best.to_the_cent():
            facts = {"by": own - best, "than": chosen.name, "most": _largest_difference(candidate, chosen)}
            reasons.append(Reason("dearer", facts))
        elif own.to_the_cent() == best.to_the_cent():
            reasons.append(Reason("tie", {"than": chosen.name}))
        else:
            reasons.append(Reason("dearer_together", {"by": best - own, "than": chosen.name}))
    winner = _dominator(candidate, chosen, candidates)
    if winner is not None:
        reasons.append(Reason("dominated", {"by": winner}))
    return reasons


def _dominator(candidate: Candidate, chosen: Candidate | None, candidates: Sequence[Candidate]) -> str | None:
    """One that costs no more and is no worse: the chosen one where it does, else the cheapest such."""
    own = _point(candidate)
    if own is None:
        return None
    better = [each for each in candidates if (point := _point(each)) is not None and dominates(point, own)]
    if chosen is not None and any(each.name == chosen.name for each in better):
        return chosen.name
    return min(better, key=_order).name if better else None


def _point(candidate: Candidate) -> tuple[Decimal, float] | None:
    cost, quality = _cost(candidate), candidate.measured.quality.mean
    return None if cost is None or math.isnan(quality) else (cost.amount, quality)


def _largest_difference(one: Candidate, other: Candidate) -> tuple[str, Money] | None:
    """Stage that adds most to the difference of two bills, and how much it adds."""
    ours, theirs = _by_stage(one), _by_stage(other)
    if not ours or one.bill is None:
        return None
    gaps = {stage: ours.get(stage, Decimal(0)) - theirs.get(stage, Decimal(0)) for stage in ours}
    stage = max(gaps, key=lambda each: (gaps[each], each))
    return stage, Money(gaps[stage], one.bill.currency)


def _by_stage(candidate: Candidate) -> dict[str, Decimal]:
    sums: dict[str, Decimal] = {}
    for line in candidate.bill.lines if candidate.bill else ():
        if line.cost is not None:
            sums[line.stage] = sums.get(line.stage, Decimal(0)) + line.cost.amount
    return sums


def _why(
    chosen: Candidate | None, feasible: Sequence[Candidate], broken: Mapping[str, Sequence[Violation]]
) -> tuple[Reason, ...]:
    if chosen is None:
        return (Reason("none"),)
    if not feasible:
        violations = [_facts(each) for each in broken[chosen.name]]
        return (Reason("nearest", {"name": chosen.name, "violations": violations}),)
    others = [each for each in feasible if each.name != chosen.name]
    facts: dict[str, Any] = {"name": chosen.name, "n": len(feasible), "cost": _cost(chosen)}
    if not others:
        return (Reason("only", facts),)
    second = min(others, key=_order)
    if _order(second) < _order(chosen):
        return (Reason("together", facts | {"alone": second.name, "alone_cost": _cost(second)}),)
    return (Reason("cheapest", facts | {"second": second.name, "second_cost": _cost(second)}),)


def _missing(candidate: Candidate) -> list[Bilingual]:
    if candidate.bill is None:
        return [Bilingual("a machine to run on", "可运行的机器")]
    return [line_said(line) for line in candidate.bill.unpriced]


def _facts(violation: Violation) -> dict[str, Any]:
    return {"what": violation.what, "found": violation.found, "wanted": violation.wanted}


def _cost(candidate: Candidate) -> Money | None:
    return candidate.bill.total if candidate.bill else None


def _total(violations: Sequence[Violation]) -> float:
    return sum(each.relative for each in violations)


def _or(value: float, otherwise: float) -> float:
    return otherwise if math.isnan(value) else value
