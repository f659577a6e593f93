"""``decide``: the cheapest configuration of each surface that keeps its floors, as one document with every reason.

Pure on given values; the document is the artefact ``decision``, read by the pages and the report.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from datetime import datetime

from msgspec.structs import replace

from steelyard.config.schema import Config
from steelyard.cost.surroundings import left_out
from steelyard.decision.choose import Choice, Judged, Limits, Verdict, Violation
from steelyard.decision.wording import floor_text, say
from steelyard.documents.choice import CandidateRow, Correction, Ends, Floor, Quality, SurfaceDecision, ViolationRow
from steelyard.documents.decision import Decision, NotJudged, ShopRow, decision_builtins
from steelyard.documents.total import LeftOut
from steelyard.domain import Bilingual, Interval, Surface
from steelyard.errors import ConfigError
from steelyard.workflows.deciding.baseline import versus_baseline
from steelyard.workflows.deciding.choices import choice_of
from steelyard.workflows.deciding.deciding_assumptions import with_assumptions
from steelyard.workflows.deciding.pairing import cheapest_shop
from steelyard.workflows.deciding.selection import floor_quality, on_frontier, selection
from steelyard.workflows.deciding.stays_chosen import stays_chosen
from steelyard.workflows.deciding.together import joint_total
from steelyard.workflows.deciding.warn import warnings
from steelyard.workflows.ports import Store
from steelyard.workflows.pricing.bill_document import book_row, per_1000, unpriced
from steelyard.workflows.pricing.bill_rows import amount_shown, bill_rows
from steelyard.workflows.pricing.price import Priced, Pricing, surface_floor, surface_load

__all__ = ["decide", "store_decision"]

_VERDICTS = (Verdict.CHOSEN, Verdict.FEASIBLE, Verdict.LOSES, Verdict.SET_ASIDE)


def decide(
    config: Config,
    pricing: Pricing,
    *,
    now: datetime,
    is_draft: bool = False,
    not_judged: tuple[NotJudged, ...] = (),
) -> Decision:
    """The decision for every surface that was priced.

    Args:
        config: Floors, load, seed.
        pricing: Every configuration with its bill.
        now: Time of the decision, with time zone.
        is_draft: Whether the choice will be held to its promise and made again: what it hangs on, and how sure it
            is, is left out then.
        not_judged: Surfaces that could not be judged.

    Returns:
        The decision, as it is stored.

    Raises:
        ConfigError: The reference of a floor is not among the measured configurations.
    """
    choices = {surface: _choice(config, surface, priced) for surface, priced in pricing.surfaces.items()}
    options = {surface: found for surface, choice in choices.items() if (found := _options(pricing, surface, choice))}
    shop = cheapest_shop(config, pricing, options) if options else None
    chosen = shop.chosen if shop else {surface: found[0] for surface, found in options.items()}
    surfaces: list[SurfaceDecision] = []
    for surface, first in choices.items():
        name = chosen[surface].candidate.name if surface in chosen else first.chosen
        priced = pricing.surfaces[surface]
        choice = first if name == first.chosen else _choice(config, surface, priced, prefer=name)
        row = replace(_surface(config, pricing, surface, choice), selection=selection(config, surface, priced))
        if not is_draft:
            row = replace(row, stays_chosen=stays_chosen(config, pricing, surface, choice))
            row = with_assumptions(row, config, pricing, surface=surface, choice=choice)
        surfaces.append(row)
    warned = warnings(config, pricing, chosen)
    lacking = [surface for surface in pricing.surfaces if surface not in options]
    return Decision(
        shop=ShopRow(config.shop.name, config.shop.currency, config.shop.language),
        made_at=now.isoformat(timespec="seconds"),
        machine=pricing.evidence.machine,
        book=book_row(pricing.terms.book),
        surfaces=tuple(surfaces),
        total=joint_total(pricing, shop, lacking=lacking),
        warnings=tuple(said.en for said in warned),
        warnings_zh=tuple(said.zh for said in warned),
        not_judged=not_judged,
    )


def store_decision(store: Store, decision: Decision) -> None:
    """Store the decision as the artefact ``decision``."""
    store.write_json("decision", decision_builtins(decision))


def _limits(config: Config, surface: Surface) -> Limits:
    floor = surface_floor(config, surface)
    return Limits(floor.max_p99_ms, floor.min_quality, floor.min_quality_share, floor.reference)


def _options(pricing: Pricing, surface: Surface, choice: Choice) -> list[Priced]:
    """Configurations of a surface that the shop may run, the chosen one first; it alone where none is feasible."""
    verdicts = {each.name: each.verdict for each in choice.judged}
    taken = [
        each
        for each in pricing.surfaces[surface]
        if each.candidate.name == choice.chosen
        or (choice.is_feasible and verdicts[each.candidate.name] is Verdict.FEASIBLE)
    ]
    return sorted(taken, key=lambda each: each.candidate.name != choice.chosen)


def _choice(config: Config, surface: Surface, priced: Sequence[Priced], *, prefer: str | None = None) -> Choice:
    try:
        return choice_of(config, surface, priced, prefer=prefer)
    except ValueError as error:
        raise ConfigError(f"[decide.{surface}] {error}; correct it, or run `steelyard measure` again") from error


def _surface(config: Config, pricing: Pricing, surface: Surface, choice: Choice) -> SurfaceDecision:
    priced = pricing.surfaces[surface]
    load, first = surface_load(config, surface), priced[0].candidate.measured
    on_front = on_frontier(priced)
    corrected = pricing.evidence.corrections_said
    rows = (
        _candidate(each, judged, is_on=each.candidate.name in on_front, correction=_correction(each, corrected))
        for each, judged in _sorted(priced, choice)
    )
    return SurfaceDecision(
        surface=str(surface),
        metric=first.metric,
        is_synthetic=any(each.candidate.measured.is_synthetic for each in priced),
        judged_by=_judged_by(config, surface),
        n_requests=len(first.per_request),
        reference=choice.reference,
        floor=_floor(config, surface, priced, choice),
        max_p99_ms=_limits(config, surface).max_p99_ms,
        peak_rps=load.peak_rps,
        requests_per_month=load.requests_per_month,
        chosen=choice.chosen,
        is_feasible=choice.is_feasible,
        candidates=tuple(rows),
        promise=pricing.evidence.checks.get(choice.chosen or ""),
        baseline=versus_baseline(priced, choice),
        left_out=tuple(_left_out(pricing, priced, choice)),
        why="; ".join(say(reason, "en") for reason in choice.why),
        why_zh="; ".join(say(reason, "zh") for reason in choice.why),
    )


def _floor(config: Config, surface: Surface, priced: Sequence[Priced], choice: Choice) -> Floor:
    limits = _limits(config, surface)
    return Floor(
        text=floor_text(limits, choice.reference),
        text_zh=floor_text(limits, choice.reference, "zh"),
        is_of_best=limits.reference == "best",
        min_quality=limits.min_quality,
        min_quality_share=limits.min_quality_share,
        quality=floor_quality(config, surface, priced, choice.reference),
    )


def _judged_by(config: Config, surface: Surface) -> str:
    judged = config.data.judgements if surface is Surface.SEARCH else None
    return judged.judged_by if judged is not None else ""


def _beside(found: Interval | None) -> Quality | None:
    if found is None:
        return None
    mean, low, high = _ends(found)
    return Quality(mean=mean, low=low, high=high, n=found.n)


def _correction(each: Priced, said: Mapping[str, Bilingual]) -> Correction | None:
    """By what the check corrected the simulation of this configuration; none for nothing."""
    text = said.get(each.candidate.name)
    return None if text is None else Correction(round(each.load.latency_stretch, 4), text.en, text.zh)


def _left_out(pricing: Pricing, priced: Sequence[Priced], choice: Choice) -> list[LeftOut]:
    """What the bill of the chosen configuration does not hold."""
    chosen = next((each.candidate for each in priced if each.candidate.name == choice.chosen), None)
    n_replicas = chosen.capacity.replicas if chosen is not None and chosen.capacity is not None else 1
    return left_out(pricing.terms.book, pricing.terms.cost.include, n_replicas=n_replicas)


def _sorted(priced: Sequence[Priced], choice: Choice) -> list[tuple[Priced, Judged]]:
    """Chosen first, then by verdict, cost and name."""

    def key(pair: tuple[Priced, Judged]) -> tuple[int, float, str]:
        candidate, judged = pair[0].candidate, pair[1]
        total = candidate.bill.total if candidate.bill else None
        return _VERDICTS.index(judged.verdict), float(total.amount) if total else math.inf, candidate.name

    return sorted(zip(priced, choice.judged, strict=True), key=key)


def _candidate(each: Priced, judged: Judged, *, is_on: bool, correction: Correction | None = None) -> CandidateRow:
    candidate, measured, capacity = each.candidate, each.candidate.measured, each.candidate.capacity
    made, missing = candidate.bill, unpriced(candidate.bill)
    total = made.total if made else None
    mean, low, high = _ends(measured.quality)
    return CandidateRow(
        name=candidate.name,
        kind=candidate.configuration.kind,
        parts=dict(candidate.configuration.parts),
        quality=Quality(mean=mean, low=low, high=high, n=measured.quality.n),
        beside=_beside(measured.beside),
        versus_reference=_interval(judged.versus_reference) if judged.versus_reference else None,
        share_of_reference=_number(judged.share_of_reference),
        cpu_ms=_interval(measured.cpu_s_per_request, scale=1000, plus=each.overhead_s * 1000),
        rss_mb=round(measured.peak_rss_bytes / 1e6, 1),
        disk_mb=round(measured.disk_bytes / 1e6, 1),
        is_quiet=measured.is_quiet,
        p99_ms=round(capacity.p99_ms, 3) if capacity else None,
        p99_basis="measured" if each.is_p99_measured else "predicted",
        instance=capacity.instance if capacity else None,
        replicas=capacity.replicas if capacity else None,
        utilisation=round(capacity.utilisation, 4) if capacity else None,
        rate_per_replica_rps=round(capacity.rate_per_replica_rps, 2) if capacity else None,
        monthly=amount_shown(total.amount) if total else None,
        unpriced=tuple(said.en for said in missing),
        unpriced_zh=tuple(said.zh for said in missing),
        per_1000=per_1000(candidate),
        correction=correction,
        is_on_frontier=is_on,
        verdict=judged.verdict.value,
        violations=tuple(_violation(each) for each in judged.violations),
        bill=bill_rows(made.lines) if made else (),
        reasons=tuple(say(reason, "en") for reason in judged.reasons),
        reasons_zh=tuple(say(reason, "zh") for reason in judged.reasons),
    )


def _violation(found: Violation) -> ViolationRow:
    return ViolationRow(found.what, _number(found.found), _number(found.wanted), _number(found.relative))


def _interval(found: Interval, *, scale: float = 1.0, plus: float = 0.0) -> Ends:
    mean, low, high = _ends(found, scale=scale, plus=plus)
    return Ends(mean=mean, low=low, high=high)


def _ends(found: Interval, *, scale: float = 1.0, plus: float = 0.0) -> tuple[float | None, float | None, float | None]:
    mean, low, high = (_number(value * scale + plus) for value in (found.mean, found.low, found.high))
    return mean, low, high


def _number(value: float | None) -> float | None:
    """Rounded to six decimals; none for what is undefined or without end, since JSON has neither."""
    return None if value is None or not math.isfinite(value) else round(value, 6)
