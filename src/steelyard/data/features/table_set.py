"""The features of a table of items, users or pairs, and what each of them says."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from steelyard.data.features.columns import EventColumns
from steelyard.data.features.definitions import Count, Feature, Mean, Rate, Recency, Shift
from steelyard.data.features.feature_set import FeatureSet
from steelyard.data.features.shop_set import shop_set, usual_of
from steelyard.data.features.tallies import Tally

__all__ = ["PAID", "Described", "Of", "described", "only_of", "table_set"]

Of = Literal["items", "users", "pairs"]
PAID = "paid_cents"
"""Name of the amounts: what was paid for a line, in hundredths of the shop's currency."""
_DAY_MS = 86_400_000
_MONTH_MS = 30 * _DAY_MS
_BUYS = ("purchase",)


@dataclass(frozen=True, slots=True)
class Described:
    """What a feature is, for a person to read."""

    name: str
    of: Of
    what: str
    what_zh: str
    window_days: float
    """0 for all of the time before."""
    unit: str
    kinds: tuple[str, ...]
    """Kinds of events that it is made of."""


def table_set(learning: EventColumns) -> FeatureSet:
    """The features of ``shop_set``, and those of what was paid, without those that the log has no amounts for.

    Args:
        learning: Events of the learning part: what is usual is learnt from them alone.

    Returns:
        Not yet on a scale.
    """
    usual = usual_of(learning)
    found = shop_set(usual)
    tallies, features = list(found.tallies), list(found.features)
    if "dwell_ms" not in learning.amounts:
        tallies = [tally for tally in tallies if not tally.amount]
        features = [feature for feature in features if not isinstance(feature, Mean)]
    paid = learning.amounts.get(PAID)
    bought = (learning.kind == "purchase") & (paid > 0) if paid is not None else None
    usual_paid = float(paid[bought].mean()) if paid is not None and bought is not None and bought.any() else 0.0
    features += [
        Count("item_buys_month", "item_buys", _MONTH_MS),
        Count("user_buys", "user_buys"),
        Recency("user_bought_lately", "user_buys", half_life_days=14.0),
        Recency("pair_bought_lately", "pair_buys", half_life_days=14.0),
    ]
    if usual_paid:
        tallies += [Tally(f"{of}_paid", _BUYS, (of,), PAID) for of in ("item", "user")]
        features += [Mean(f"{of}_mean_paid", f"{of}_paid", f"{of}_buys", usual_paid) for of in ("item", "user")]
    return FeatureSet(tuple(tallies), tuple(features))


def only_of(features: FeatureSet, of: Of, *, kinds: Sequence[str]) -> FeatureSet:
    """The features of a table.

    Args:
        features: A set.
        of: Whose table it is; pairs have the features of their item and user too.
        kinds: Kinds of events that there are: what needs others is left out, as a rate by impressions without any.

    Returns:
        In their order.
    """
    tallies = {tally.name: set(tally.kinds) for tally in features.tallies}
    wanted = (of,) if of != "pairs" else ("items", "users", "pairs")
    kept = [
        place
        for place, (one, feature) in enumerate(zip(described(features), features.features, strict=True))
        if one.of in wanted and all(tallies[need.tally] & set(kinds) for need in feature.needs)
    ]
    return features.kept(kept)


def described(features: FeatureSet) -> tuple[Described, ...]:
    """What each feature of a set is."""
    of = {tally.name: tally for tally in features.tallies}
    return tuple(_described(feature, of[feature.needs[0].tally], of) for feature in features.features)


def _described(feature: Feature, tally: Tally, of: dict[str, Tally]) -> Described:
    kinds = tuple(dict.fromkeys(kind for need in feature.needs[:1] for kind in of[need.tally].kinds))
    whose: Of = "pairs" if len(tally.by) > 1 else ("items" if tally.by == ("item",) else "users")
    window = max(need.window_ms for need in feature.needs) / _DAY_MS
    events = " + ".join(kinds)
    what, what_zh, unit = _words(feature, events, of)
    return Described(feature.name, whose, what, what_zh, window, unit, kinds)


def _words(feature: Feature, events: str, of: dict[str, Tally]) -> tuple[str, str, str]:
    if isinstance(feature, Count):
        return f"how many events: {events}", f"事件数：{events}", "ln(1 + events)"
    if isinstance(feature, Rate):
        below = " + ".join(of[feature.below].kinds)
        what = f"{events} for each {below}, drawn towards the usual {feature.usual:.4g}"
        return what, f"每次 {below} 的 {events}，向通常值 {feature.usual:.4g} 收缩", "share"
    if isinstance(feature, Mean):
        unit = "ms" if of[feature.amount].amount == "dwell_ms" else "cents"
        what = f"mean of {events}, drawn towards the usual {feature.usual:.4g}"
        return what, f"{events} 的平均值，向通常值 {feature.usual:.4g} 收缩", unit
    if isinstance(feature, Recency):
        days = f"{feature.half_life_days:g}"
        return (
            f"how fresh the last event is: {events}",
            f"最近一次事件有多新：{events}",
            f"1 now, half after {days} days",
        )
    assert isinstance(feature, Shift)
    days = f"{feature.short_ms / _DAY_MS:g}"
    what = f"{events} of the last {days} days against the window"
    return what, f"最近 {days} 天的 {events} 与整个窗口相比", "ln(ratio)"
