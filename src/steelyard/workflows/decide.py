"""``decide``: the cheapest configuration of each surface that keeps its floors, as one JSON document with every reason.

Pure on given values; the document is the artefact ``decision``, read by the pages and the report.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from steelyard.config.schema import Config
from steelyard.cost.surroundings import left_out
from steelyard.decision.choose import Choice, Judged, Limits, PairedLow, Verdict, choose
from steelyard.decision.wording import LANGUAGES, floor_text, say
from steelyard.domain import Candidate, FloatArray, Interval, Said, Surface
from steelyard.errors import ConfigError
from steelyard.evaluation.compare import paired_interval
from steelyard.workflows.deciding.baseline import versus_baseline
from steelyard.workflows.deciding.deciding_assumptions import assumed_total, with_assumptions
from steelyard.workflows.deciding.pairing import cheapest_shop
from steelyard.workflows.deciding.selection import floor_quality, limits_of, on_frontier, selection
from steelyard.workflows.deciding.stays_chosen import stays_chosen
from steelyard.workflows.deciding.together import joint_total
from steelyard.workflows.deciding.warn import warnings
from steelyard.workflows.ports import Store
from steelyard.workflows.pricing.price import (
    Priced,
    Pricing,
    amount,
    bill_rows,
    book_row,
    per_1000,
    surface_floor,
    surface_load,
)

__all__ = ["decide", "store_decision"]

_VERDICTS = (Verdict.CHOSEN, Verdict.FEASIBLE, Verdict.LOSES, Verdict.SET_ASIDE)


def decide(config: Config, pricing: Pricing, *, now: datetime, is_draft: bool = False) -> dict[str, Any]:
    """The decision for every surface that was priced.

    Args:
        config: Floors, load, seed.
        pricing: Every configuration with its bill.
        now: Time of the decision, with time zone.
        is_draft: Whether the choice will be held to its promise and made again: what it hangs on, and how sure it
            is, is left out then.

    Returns:
        JSON: ``shop``, ``made_at``, ``machine``, ``book``, ``surfaces``, ``total``, ``warnings``.

    Raises:
        ConfigError: The reference of a floor is not among the measured configurations.
    """
    paired = _paired(config)
    choices = {surface: _choice(config, surface, priced, paired) for surface, priced in pricing.surfaces.items()}
    options = {surface: found for surface, choice in choices.items() if (found := _options(pricing, surface, choice))}
    shop = cheapest_shop(config, pricing, options) if options else None
    chosen = shop.chosen if shop else {surface: found[0] for surface, found in options.items()}
    surfaces: list[dict[str, Any]] = []
    for surface, first in choices.items():
        name = chosen[surface].candidate.name if surface in chosen else first.chosen
        priced = pricing.surfaces[surface]
        choice = first if name == first.chosen else _choice(config, surface, priced, paired, prefer=name)
        row = _surface(config, pricing, surface, choice) | selection(config, surface, priced)
        if not is_draft:
            row |= stays_chosen(config, pricing, surface, choice)
            row = with_assumptions(row, config, pricing, surface=surface, choice=choice)
        surfaces.append(row)
    warned = warnings(config, pricing, chosen)
    lacking = [surface for surface in pricing.surfaces if surface not in options]
    total = joint_total(pricing, shop, lacking=lacking)
    return {
        "shop": {"name": config.shop.name, "currency": config.shop.currency, "language": config.shop.language},
        "made_at": now.isoformat(timespec="seconds"),
        "machine": dict(pricing.evidence.machine),
        "book": book_row(pricing.terms.book),
        "surfaces": surfaces,
        "total": total | assumed_total(total),
        "warnings": [said.en for said in warned],
        "warnings_zh": [said.zh for said in warned],
    }


def store_decision(store: Store, decision: Mapping[str, Any]) -> None:
    """Store the decision as the artefact ``decision``."""
    store.write_json("decision", dict(decision))


def _paired(config: Config) -> PairedLow:
    def interval(own: FloatArray, reference: FloatArray, share: float) -> Interval:
        return paired_interval(own, reference, seed=config.seed, share=share, resamples=config.measure.bootstrap)

    return interval


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


def _choice(
    config: Config, surface: Surface, priced: Sequence[Priced], paired: PairedLow, *, prefer: str | None = None
) -> Choice:
    try:
        return choose(
            [each.candidate for each in priced],
            limits_of(config, surface, priced),
            paired_low=paired,
            shortfalls={each.candidate.name: each.shortfalls for each in priced},
            prefer=prefer,
        )
    except ValueError as error:
        raise ConfigError(f"[decide.{surface}] {error}; correct it, or run `steelyard measure` again") from error


def _surface(config: Config, pricing: Pricing, surface: Surface, choice: Choice) -> dict[str, Any]:
    priced = pricing.surfaces[surface]
    limits, load = _limits(config, surface), surface_load(config, surface)
    first = priced[0].candidate.measured
    on_front = on_frontier(priced)
    corrected = pricing.evidence.corrections_said
    rows = [
        _candidate(each, judged, is_on=each.candidate.name in on_front, correction=_correction(each, corrected))
        for each, judged in _sorted(priced, choice)
    ]
    check = pricing.evidence.checks.get(choice.chosen or "")
    result: dict[str, Any] = {
        "surface": str(surface),
        "metric": first.metric,
        "is_synthetic": any(each.candidate.measured.is_synthetic for each in priced),
        "n_requests": len(first.per_request),
        "reference": choice.reference,
        "floor": {
            "text": floor_text(limits, choice.reference),
            "text_zh": floor_text(limits, choice.reference, "zh"),
            "min_quality": limits.min_quality,
            "min_quality_share": limits.min_quality_share,
            "quality": floor_quality(config, surface, priced, choice.reference),
        },
        "max_p99_ms": limits.max_p99_ms,
        "peak_rps": load.peak_rps,
        "requests_per_month": load.requests_per_month,
        "chosen": choice.chosen,
        "is_feasible": choice.is_feasible,
        "candidates": rows,
        "promise": dict(check) if check is not None else None,
        "baseline": versus_baseline(priced, choice),
        "left_out": _left_out(pricing, priced, choice),
    }
    for suffix, language in LANGUAGES:
        result[f"why{suffix}"] = "; ".join(say(reason, language) for reason in choice.why)
    return result


def _correction(each: Priced, said: Mapping[str, Said]) -> dict[str, Any] | None:
    """By what the check corrected the simulation of this configuration; null for nothing."""
    text = said.get(each.candidate.name)
    if text is None:
        return None
    return {"stretch": round(each.load.latency_stretch, 4), "text": text.en, "text_zh": text.zh}


def _left_out(pricing: Pricing, priced: Sequence[Priced], choice: Choice) -> list[dict[str, Any]]:
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


def _candidate(
    each: Priced, judged: Judged, *, is_on: bool, correction: Mapping[str, Any] | None = None
) -> dict[str, Any]:
    candidate, measured = each.candidate, each.candidate.measured
    row: dict[str, Any] = {
        "name": candidate.name,
        "kind": candidate.configuration.kind,
        "parts": dict(candidate.configuration.parts),
        "quality": _interval(measured.quality) | {"n": measured.quality.n},
        "versus_reference": _interval(judged.versus_reference) if judged.versus_reference else None,
        "share_of_reference": _number(judged.share_of_reference),
        "cpu_ms": _interval(measured.cpu_s_per_request, scale=1000, plus=each.overhead_s * 1000),
        "rss_mb": round(measured.peak_rss_bytes / 1e6, 1),
        "disk_mb": round(measured.disk_bytes / 1e6, 1),
        "is_quiet": measured.is_quiet,
        **_capacity(each),
        **_money(candidate),
        "correction": correction,
        "is_on_frontier": is_on,
        "verdict": str(judged.verdict),
        "violations": [
            {
                "what": violation.what,
                "found": _number(violation.found),
                "wanted": _number(violation.wanted),
                "relative": _number(violation.relative),
            }
            for violation in judged.violations
        ],
        "bill": bill_rows(candidate.bill.lines) if candidate.bill else [],
    }
    for suffix, language in LANGUAGES:
        row[f"reasons{suffix}"] = [say(reason, language) for reason in judged.reasons]
    return row


def _capacity(each: Priced) -> dict[str, Any]:
    capacity = each.candidate.capacity
    basis = "measured" if each.is_p99_measured else "predicted"
    return {
        "p99_ms": round(capacity.p99_ms, 3) if capacity else None,
        "p99_basis": basis,
        "instance": capacity.instance if capacity else None,
        "replicas": capacity.replicas if capacity else None,
        "utilisation": round(capacity.utilisation, 4) if capacity else None,
        "rate_per_replica_rps": round(capacity.rate_per_replica_rps, 2) if capacity else None,
    }


def _money(candidate: Candidate) -> dict[str, Any]:
    made = candidate.bill
    total = made.total if made else None
    return {
        "monthly": amount(total.amount) if total else None,
        "unpriced": [line.item for line in made.unpriced] if made else [],
        "per_1000": per_1000(candidate),
    }


def _interval(found: Interval, *, scale: float = 1.0, plus: float = 0.0) -> dict[str, Any]:
    ends = {"mean": found.mean, "low": found.low, "high": found.high}
    return {name: _number(value * scale + plus) for name, value in ends.items()}


def _number(value: float | None) -> float | None:
    """Rounded to six decimals; null for what is undefined or without end, since JSON has neither."""
    return None if value is None or not math.isfinite(value) else round(value, 6)
