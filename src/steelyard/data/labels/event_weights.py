"""How much a view, a click or a cart says about a purchase: learnt from what people bought afterwards."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, cast

import narwhals.stable.v2 as nw
from scipy.stats import beta

from steelyard.data.dividing.split import cut_times
from steelyard.data.quality import Finding
from steelyard.domain import EventKind

if TYPE_CHECKING:
    from steelyard.config.schema import Split
    from steelyard.data.schema import Frame, SourcePort

__all__ = ["KindWeight", "LearntWeights", "learn_weights", "weights_finding"]

_PURCHASE = EventKind.PURCHASE.value
_LEARNT = (EventKind.VIEW.value, EventKind.CLICK.value, EventKind.ADD_TO_CART.value, EventKind.RATING.value)
_STRENGTH = 20.0
"""What all kinds together say weighs as much as so many pairs."""
_LEAST_PURCHASES = 50
"""Purchases that an event came before; with fewer nothing is learnt."""
_DAY_S = 86_400.0


@dataclass(frozen=True, slots=True)
class KindWeight:
    """What one kind of event says."""

    kind: str
    pairs: int
    """Users and items with such an event, the first of each, whose days were watched to their end."""
    bought: int
    """Of which were bought within the days."""
    rate: float
    """Share bought, drawn towards that of all kinds."""
    low: float
    high: float
    """Ends of its interval at 95 %."""
    weight: float
    """The rate times what a purchase counts."""


@dataclass(frozen=True, slots=True)
class LearntWeights:
    """Weights of kinds, and where they come from."""

    weights: Mapping[str, float]
    kinds: tuple[KindWeight, ...] = ()
    why_not: str = ""
    """Why nothing was learnt and the weights are the fixed ones; empty where they were learnt."""


def learn_weights(
    sources: SourcePort, kept: Frame, *, fixed: Mapping[str, float], days: float, split: Split
) -> LearntWeights:
    r"""Weights of event kinds from purchases that came later, none of them from the judging period.

    .. math:: w_e = w_{purchase} \cdot \frac{b_e + a\,r}{n_e + a}

    with :math:`n_e` pairs of user and item that had an event of the kind, :math:`b_e` of which were bought within the
    days, :math:`r` the share of all kinds and :math:`a = 20`.

    Args:
        sources: For the tables.
        kept: Checked events: ``user``, ``_item``, ``_kind``, ``time`` in seconds, ``_is_liking``.
        fixed: Weights to fall back to; that of a purchase is kept.
        days: A purchase counts when it came at most so many days after the event.
        split: Says which last share of the events is for judging: nothing is learnt from it.

    Returns:
        Weights of all kinds that are learnt from; the fixed ones, with the reason, where purchases are too few.

    Trust:
        It says what an event announces, not what it causes; and it is the shop's own page that decides how many carts
        become purchases.
    """
    events = kept.filter(~nw.col("user").is_null() & ~nw.col("_item").is_null() & (nw.col("_is_liking") != 0))
    events = events.filter(nw.col("_kind").is_in([*_LEARNT, _PURCHASE])).select("user", "_item", "_kind", "time")
    users = events.select("user").unique().with_row_index("_who", order_by="user")  # numbers take little memory
    numbered = events.join(sources.keep(users, "weighed_users"), on="user", how="inner").drop("user")
    events = sources.keep(numbered, "weighed_events")
    if not len(events.head(1).collect()):
        return LearntWeights(fixed, why_not="the log has no event that anything could be learnt from")
    cut_s = cut_times(sources, events, test_share=split.test_share, validation_share=split.validation_share).test_s
    counted = _counted(sources, events.filter(nw.col("time") < cut_s), window_s=days * _DAY_S, end_s=cut_s)
    bought = sum(b for _, b in counted.values())
    if bought < _LEAST_PURCHASES:
        return LearntWeights(
            fixed, why_not=f"{bought} purchases had an event before them; {_LEAST_PURCHASES} are needed"
        )
    usual = bought / sum(n for n, _ in counted.values())
    top = fixed.get(_PURCHASE, 1.0)
    kinds = tuple(_weight(kind, *counts, usual=usual, top=top) for kind, counts in counted.items())
    return LearntWeights({each.kind: each.weight for each in kinds} | {_PURCHASE: top}, kinds)


def _counted(sources: SourcePort, events: Frame, *, window_s: float, end_s: float) -> dict[str, tuple[int, int]]:
    """Pairs, and those that were bought later, of each kind there is.

    Each step is stored, so that the engine holds one at a time.
    """
    pair = ["_who", "_item"]
    seen = events.filter(nw.col("_kind") != nw.lit(_PURCHASE)).group_by(*pair, "_kind")
    firsts = seen.agg(nw.col("time").min().alias("_first"))
    firsts = firsts.filter(nw.col("_first") + nw.lit(window_s) < end_s)  # the others were not watched long enough
    firsts = sources.keep(firsts, "weighed_firsts")
    purchases = events.filter(nw.col("_kind") == nw.lit(_PURCHASE)).select(*pair, nw.col("time").alias("_bought"))
    after = firsts.join(purchases, on=pair, how="inner").filter(
        (nw.col("_bought") > nw.col("_first")) & (nw.col("_bought") <= nw.col("_first") + nw.lit(window_s))
    )
    after = sources.keep(after.select(*pair, "_kind"), "weighed_after").unique()
    hits = after.group_by("_kind").agg(nw.len().alias("_bought"))
    sums = firsts.group_by("_kind").agg(nw.len().alias("_pairs")).join(hits, on="_kind", how="left")
    found: dict[str, tuple[int, int]] = {}
    for batch in sources.batches(sums.sort("_kind")):
        rows = zip(batch["_kind"], batch["_pairs"], batch["_bought"], strict=True)
        found |= {kind: (int(n), int(b or 0)) for kind, n, b in rows}
    return found


def _weight(kind: str, pairs: int, bought: int, *, usual: float, top: float) -> KindWeight:
    above, below = bought + _STRENGTH * usual, pairs - bought + _STRENGTH * (1 - usual)
    low, high = (float(cast("Any", beta.ppf(end, above, below))) for end in (0.025, 0.975))
    rate = above / (above + below)
    return KindWeight(kind, pairs, bought, rate, low, high, round(max(rate, 1e-6) * top, 6))


def weights_finding(learnt: LearntWeights) -> Finding:
    """What is told of the weights in the report on the data."""
    if learnt.why_not:
        fixed = ", ".join(f"{kind} {weight:g}" for kind, weight in learnt.weights.items())
        says = f"event_weights are the fixed ones ({fixed}), since {learnt.why_not}"
        return Finding("events", "event_weights_not_learnt", "warning", "flag", 0, 0.0, says)
    told = ", ".join(
        f"{each.kind} {each.weight:.3g} ({each.bought:,} of {each.pairs:,} bought, {100 * each.low:.2g} to "
        f"{100 * each.high:.2g} %)"
        for each in learnt.kinds
    )
    says = f"event_weights learnt from purchases that came later: {told}; a purchase {learnt.weights[_PURCHASE]:g}"
    return Finding("events", "event_weights_learnt", "info", "flag", sum(k.pairs for k in learnt.kinds), 0.0, says)
