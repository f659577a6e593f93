"""What is known of an item that is shown to somebody: of the item, and of how it goes with what they did before.

The same function makes the rows that are learnt from and those that are served. Of the log a row sees only what came
before it; what is served sees all that was learnt from.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Self

import numpy as np
import numpy.typing as npt

from steelyard.data.features.columns import EventColumns, Rows
from steelyard.data.features.definitions import Mean, Rate
from steelyard.data.features.feature_set import FeatureSet
from steelyard.data.features.selection import Principal
from steelyard.data.features.shop_set import shop_set, usual_of
from steelyard.data.features.table_set import only_of
from steelyard.data.labels.outcomes import Outcomes, histories_before
from steelyard.data.log_events import LogEvents
from steelyard.data.tables import ShopTables
from steelyard.domain import FloatArray, IntArray

__all__ = ["HISTORY_LENGTH", "Catalogue", "Describer", "catalogue_of", "item_features"]

HISTORY_LENGTH = 20
"""Latest distinct items that are looked at."""
_DECAY = 0.8
_LOOKS = ("view", "click")
_WORDS = 512
"""Columns that the words of a title are hashed to before they are turned into few directions."""
PAIR = (
    "position",
    "has_history",
    "history_length",
    "is_known",
    "known_lately",
    "same_category",
    "same_category_as_latest",
    "same_brand",
    "same_brand_as_latest",
    "has_price",
    "price",
    "price_above_usual",
    "same_text",
)
"""Features of a row beside those of the item alone."""


@dataclass(frozen=True, slots=True)
class Catalogue:
    """What does not change with the log. Arrays of shape (items,) but for the vectors."""

    category: IntArray
    """-1 where there is none."""
    brand: IntArray
    """-1 where there is none."""
    price: FloatArray
    """NaN where it is not known."""
    vectors: FloatArray
    """Of the titles' words, in few directions; shape (items, directions), directions may be none."""

    def arrays(self) -> dict[str, npt.NDArray[Any]]:
        """The arrays by name, for a ``State``."""
        return {"category": self.category, "brand": self.brand, "price": self.price, "vectors": self.vectors}

    @classmethod
    def from_arrays(cls, arrays: Mapping[str, npt.NDArray[Any]]) -> Self:
        """Back from a ``State``."""
        return cls(*(arrays[name] for name in ("category", "brand", "price", "vectors")))


def catalogue_of(shop: ShopTables, *, text_share: float) -> Catalogue:
    """What is known of the items of a shop.

    Args:
        shop: Its tables.
        text_share: So much of the variance of the titles' words is kept, by their principal directions, at most 32;
            0 keeps nothing of the words.

    Returns:
        All of it; what is not known is marked so.
    """
    facts = shop.facts
    _, numbers = np.unique(np.array(["", *shop.texts.brand]), return_inverse=True)
    brand = (numbers[1:] - numbers[0])[facts.text_of_item].astype(np.int64)
    price = np.full(len(facts.text_of_item), np.nan) if shop.price is None else shop.price
    vectors = _title_vectors(shop.texts.title, text_share)[facts.text_of_item]
    return Catalogue(facts.category, np.where(brand == 0, -1, brand), np.where(price > 0, price, np.nan), vectors)


def _title_vectors(titles: tuple[str, ...], share: float) -> FloatArray:
    if not share or not titles:
        return np.zeros((len(titles), 0))
    rows = np.zeros((len(titles), _WORDS))
    for row, title in enumerate(titles):
        for word in title.lower().split():
            rows[row, _hashed(word) % _WORDS] = 1.0
    rows *= np.log(len(titles) / np.maximum((rows > 0).sum(axis=0), 1.0))
    lengths = np.linalg.norm(rows, axis=1, keepdims=True)
    rows /= np.where(lengths > 0, lengths, 1.0)
    learnt = rows[:: max(len(rows) // 5000, 1)]
    return Principal.fit(learnt, share=share).apply(rows)[:, :32]


def _hashed(word: str) -> int:
    """The same number on every machine (FNV-1a)."""
    found = 2166136261
    for byte in word.encode("utf-8", "replace"):
        found = (found ^ byte) * 16777619 & 0xFFFFFFFF
    return found


def item_features(log: LogEvents) -> FeatureSet:
    """Features of items that a log can tell: how often, how well, how lately.

    Args:
        log: What may be learnt from; what is usual is learnt from it.

    Returns:
        Those of ``shop_set`` for items, and shares of each stage over all of the time before. What needs a kind of
        event that the log does not know is left out.
    """
    events = _columns(log)
    usual = usual_of(events)
    found = shop_set(usual)
    more = (
        Rate("item_ever_clicked", "item_looks", "item_shown", usual.click_rate),
        Rate("item_cart_rate", "item_carts", "item_looks", _rate(log, "add_to_cart", _LOOKS)),
        Rate("item_cart_bought", "item_buys", "item_carts", _rate(log, "purchase", ("add_to_cart",))),
    )
    every = FeatureSet(found.tallies, (*found.features, *more))
    kept = [place for place, feature in enumerate(every.features) if not isinstance(feature, Mean)]
    return only_of(every.kept(kept), "items", kinds=log.names)


def _rate(log: LogEvents, above: str, below: tuple[str, ...]) -> float:
    """Events of a kind for each of others, at most 1; a tenth where there is nothing to divide by."""
    n = len(log.is_of(frozenset(below)))
    return min(len(log.is_of(frozenset({above}))) / n, 1.0) if n else 0.1


def _columns(log: LogEvents) -> EventColumns:
    kinds = np.array([*log.names, ""])[log.kinds]
    ids = np.char.zfill(np.arange(len(log)).astype(np.str_), 12)
    by = {"item": log.items.astype(np.str_), "user": np.char.add("u", log.visitors.astype(np.str_))}
    return EventColumns(ids, np.round(1000 * log.times_s).astype(np.int64), kinds, by, {})


@dataclass(frozen=True, slots=True)
class Describer:
    """Makes the rows. Columns: those of the items, then ``PAIR``, then the directions of the words."""

    catalogue: Catalogue
    names: tuple[str, ...]
    """Of the items' own columns."""
    item_now: FloatArray
    """Those of each item, as they are served. Shape (items, own columns)."""

    @property
    def columns(self) -> tuple[str, ...]:
        """Names of all columns."""
        return (*self.names, *PAIR, *(f"text_{n}" for n in range(self.catalogue.vectors.shape[1])))

    @classmethod
    def learn(cls, log: LogEvents, catalogue: Catalogue, rows: Outcomes) -> tuple[Self, npt.NDArray[np.float32]]:
        """A describer for serving after a log, and the rows that are learnt from.

        Args:
            log: What may be learnt from.
            catalogue: Of the shop.
            rows: Of the same log.

        Returns:
            The describer, and a row for each of ``rows``. Shape (rows, columns).
        """
        features, events = item_features(log), _columns(log)
        end = np.full(log.n_items, int(events.time_ms[-1]) + 60_000 if len(log) else 0)
        now = features.offline(events, Rows(end, {"item": np.arange(log.n_items).astype(np.str_)}))
        before = features.offline(
            events, Rows(np.round(1000 * rows.times_s).astype(np.int64), {"item": rows.items.astype(np.str_)})
        )
        made = cls(catalogue, features.names, now)
        history = histories_before(log, rows, length=HISTORY_LENGTH)
        return made, made.joined(before, rows.items, history, rows.positions)

    def rows(self, items: IntArray, history: IntArray, *, position: int) -> npt.NDArray[np.float32]:
        """Rows of candidates for one shopper.

        Args:
            items: Candidates. Shape (n,).
            history: Latest items, the latest first; at most ``HISTORY_LENGTH`` are looked at.
            position: Place that they are taken to be shown at, from 1; 0 where it is not known.

        Returns:
            Shape (n, columns), float32.
        """
        padded = np.full(HISTORY_LENGTH, -1, np.int64)
        padded[: min(len(history), HISTORY_LENGTH)] = history[:HISTORY_LENGTH]
        places = np.full(len(items), position, np.int64)
        return self.joined(self.item_now[items], items, np.tile(padded, (len(items), 1)), places)

    def joined(
        self, own: FloatArray, items: IntArray, history: IntArray, positions: IntArray
    ) -> npt.NDArray[np.float32]:
        """All columns of rows. Shape (rows, columns)."""
        known = self.catalogue
        is_there = history >= 0
        weights = np.where(is_there, _DECAY ** np.arange(history.shape[1]), 0.0)
        total = np.maximum(weights.sum(axis=1), 1e-12)
        is_same = (history == items[:, None]) & is_there
        price = known.price[items]
        has_price = ~np.isnan(price)
        log_price = np.where(has_price, np.log(np.where(has_price, price, 1.0)), 0.0)
        usual, has_usual = _usual_price(known.price[history], weights, is_there)
        pair = (
            np.log1p(positions),
            is_there.any(axis=1),
            np.log1p(is_there.sum(axis=1)),
            is_same.any(axis=1),
            (is_same / (1.0 + np.arange(history.shape[1]))).sum(axis=1),
            _share(known.category, items, history, weights) / total,
            _share(known.category, items, history[:, :1], weights[:, :1]),
            _share(known.brand, items, history, weights) / total,
            _share(known.brand, items, history[:, :1], weights[:, :1]),
            has_price,
            log_price,
            np.where(has_price & has_usual, log_price - usual, 0.0),
            _same_text(known.vectors, items, history, weights),
        )
        columns = [np.asarray(column, np.float64)[:, None] for column in pair]
        return np.concatenate([own, *columns, known.vectors[items]], axis=1).astype(np.float32)


def _share(trait: IntArray, items: IntArray, history: IntArray, weights: FloatArray) -> FloatArray:
    """Weight of the history that has the item's trait; none where the item has none."""
    mine = trait[items][:, None]
    found: FloatArray = np.where((trait[history] == mine) & (mine >= 0), weights, 0.0).sum(axis=1)
    return found


def _usual_price(
    prices: FloatArray, weights: FloatArray, is_there: npt.NDArray[np.bool_]
) -> tuple[FloatArray, npt.NDArray[np.bool_]]:
    """Mean logarithm of the history's known prices, and whether there is one."""
    counts = is_there & ~np.isnan(prices)
    counted = np.where(counts, weights, 0.0)
    logs = np.log(np.where(counts, prices, 1.0))
    total = counted.sum(axis=1)
    return (counted * logs).sum(axis=1) / np.maximum(total, 1e-12), total > 0


def _same_text(vectors: FloatArray, items: IntArray, history: IntArray, weights: FloatArray) -> FloatArray:
    """Cosine of the item's words with the weighted mean of the history's; 0 where either is nothing."""
    found = np.zeros(len(items))
    if not vectors.shape[1]:
        return found
    for low in range(0, len(items), 20_000):
        part = slice(low, low + 20_000)
        mean = np.einsum("rl,rld->rd", weights[part], vectors[history[part]])
        own = vectors[items[part]]
        lengths = np.linalg.norm(mean, axis=1) * np.linalg.norm(own, axis=1)
        found[part] = np.where(lengths > 0, (mean * own).sum(axis=1) / np.maximum(lengths, 1e-12), 0.0)
    return found
