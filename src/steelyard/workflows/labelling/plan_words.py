"""The sentences of a plan of judgements, in both languages."""

from __future__ import annotations

from collections.abc import Iterator

import msgspec

from steelyard.documents.label_plan import LabelPlan, NeededLabels
from steelyard.domain import Bilingual
from steelyard.reporting.words.labels import label_words

__all__ = ["plan_words"]

_SHOWN_QUERIES = 10


def plan_words(plan: LabelPlan, *, n_judged: int) -> LabelPlan:
    """The plan with what is to be said of it.

    Args:
        plan: Its figures.
        n_judged: Shown items that were judged, on which the expectation of the others rests.

    Returns:
        A copy with sentences.
    """
    said = list(_sentences(plan, n_judged))
    return msgspec.structs.replace(plan, says=tuple(each.en for each in said), says_zh=tuple(each.zh for each in said))


def _sentences(plan: LabelPlan, n_judged: int) -> Iterator[Bilingual]:
    values = _values(plan)
    if plan.is_synthetic:
        yield label_words("plan_synthetic")
    yield label_words(f"plan_now_{plan.now}", **values) if plan.low is not None else label_words("plan_few", **values)
    if plan.unjudged_share:
        yield label_words("plan_bounds", **values)
    if plan.for_good != "open":
        yield label_words("plan_settled", **values)
        return
    if plan.of_these != "open":
        yield label_words("plan_certain")
    elif plan.pairs.likely_most:
        yield label_words("plan_pairs", **_needed(plan.pairs, plan))
    yield from _further(plan)
    if plan.unjudged_share:
        yield label_words("plan_prior" if n_judged else "plan_no_prior", n=f"{n_judged:,}")


def _further(plan: LabelPlan) -> Iterator[Bilingual]:
    if plan.n_queries < _SHOWN_QUERIES and plan.queries.expected is None:
        return
    if plan.queries.expected is not None:
        if plan.queries.likely_most == 0:
            return
        pairs, at_hand = f"{plan.pairs_of_query:.0f}", f"{plan.queries_at_hand:,}"
        yield label_words("plan_queries", **_needed(plan.queries, plan), pairs=pairs, at_hand=at_hand)
        if plan.queries_at_hand < plan.queries.expected:
            yield label_words("plan_too_few_at_hand")
    if plan.settles_share < 1:
        yield label_words("plan_hopeless", share=_percent(1 - plan.settles_share))


def _needed(needed: NeededLabels, plan: LabelPlan) -> dict[str, object]:
    most = "∞" if needed.likely_most is None else f"{needed.likely_most:,}"
    if needed.cost_expected is None:
        cost = label_words("plan_no_price", why=plan.price_source)
    else:
        dearest = "∞" if needed.cost_likely_most is None else f"{needed.cost_likely_most:,f}"
        costs = {"expected": f"{needed.cost_expected:,f}", "currency": plan.currency, "most": dearest}
        cost = label_words("plan_cost", **costs)
    return {"expected": f"{needed.expected:,}", "most": most, "cost": cost}


def _values(plan: LabelPlan) -> dict[str, object]:
    numbers = {name: _signed(getattr(plan, name)) for name in ("mean", "low", "high", "least", "greatest")}
    return {
        **numbers,
        "away": "–" if plan.mean is None else f"{abs(plan.mean):.4f}",
        "first": plan.first,
        "second": plan.second,
        "n": f"{plan.n_queries:,}",
        "smallest": f"{plan.smallest:g}",
        "confidence": f"{100 * plan.confidence:g} %",
        "unjudged": _percent(plan.unjudged_share),
    }


def _signed(value: float | None) -> str:
    return "–" if value is None else f"{value:+.4f}"


def _percent(share: float) -> str:
    return f"{100 * share:.0f} %"
