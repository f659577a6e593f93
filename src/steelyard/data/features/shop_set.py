"""The features of a shop's log that rankers usually read: how much, how well, how lately, by item, user and pair."""

from __future__ import annotations

from dataclasses import dataclass

from steelyard.data.features.columns import EventColumns, TextArray
from steelyard.data.features.definitions import Count, Feature, Mean, Rate, Recency, Shift
from steelyard.data.features.feature_set import FeatureSet
from steelyard.data.features.tallies import Tally

__all__ = ["Usual", "shop_set", "usual_of"]

_DAY_MS = 86_400_000
_WEEK_MS = 7 * _DAY_MS
_MONTH_MS = 30 * _DAY_MS
_LOOKS = ("view", "click")


@dataclass(frozen=True, slots=True)
class Usual:
    """Shares and means over the learning part, which rare items are drawn towards."""

    click_rate: float = 0.05
    """Clicks for an impression."""
    buy_rate: float = 0.03
    """Purchases for a look."""
    dwell_ms: float = 20_000.0
    """Of a look."""


def usual_of(learning: EventColumns) -> Usual:
    """The shares and means of events.

    Args:
        learning: Events before the cut.

    Returns:
        The defaults where there is nothing to divide by.
    """
    usual = Usual()
    shown, looked, bought = (_n(learning.kind, kinds) for kinds in (("impression",), _LOOKS, ("purchase",)))
    dwell = learning.amounts.get("dwell_ms")
    return Usual(
        click_rate=looked / shown if shown and looked else usual.click_rate,
        buy_rate=bought / looked if looked and bought else usual.buy_rate,
        dwell_ms=float(dwell.sum()) / looked if dwell is not None and looked else usual.dwell_ms,
    )


def _n(kind: TextArray, kinds: tuple[str, ...]) -> int:
    return sum(int((kind == each).sum()) for each in kinds)


def shop_set(usual: Usual, *, delay_ms: int = 0) -> FeatureSet:
    """Features of item, user and pair; rows need ``user`` and ``item``, events ``dwell_ms`` besides.

    Args:
        usual: Of the learning part.
        delay_ms: As of ``FeatureSet``.

    Returns:
        Not yet on a scale.
    """
    tallies = (
        Tally("item_shown", ("impression",), ("item",)),
        Tally("item_looks", _LOOKS, ("item",)),
        Tally("item_carts", ("add_to_cart",), ("item",)),
        Tally("item_buys", ("purchase",), ("item",)),
        Tally("item_dwell", _LOOKS, ("item",), "dwell_ms"),
        Tally("user_looks", _LOOKS, ("user",)),
        Tally("user_buys", ("purchase",), ("user",)),
        Tally("pair_looks", _LOOKS, ("user", "item")),
        Tally("pair_buys", ("purchase",), ("user", "item")),
    )
    features: tuple[Feature, ...] = (
        Count("item_looks_week", "item_looks", _WEEK_MS),
        Count("item_buys", "item_buys"),
        Count("item_carts_month", "item_carts", _MONTH_MS),
        Rate("item_click_rate", "item_looks", "item_shown", usual.click_rate, window_ms=_MONTH_MS),
        Rate("item_buy_rate", "item_buys", "item_looks", usual.buy_rate),
        Mean("item_dwell", "item_dwell", "item_looks", usual.dwell_ms),
        Recency("item_bought_lately", "item_buys"),
        Shift("item_rising", "item_looks", _DAY_MS, _WEEK_MS),
        Count("user_looks_month", "user_looks", _MONTH_MS),
        Rate("user_buy_rate", "user_buys", "user_looks", usual.buy_rate),
        Recency("user_seen_lately", "user_looks"),
        Count("pair_looks", "pair_looks"),
        Count("pair_buys", "pair_buys"),
        Recency("pair_seen_lately", "pair_looks", half_life_days=3.0),
    )
    return FeatureSet(tallies, features, delay_ms)
