"""``labels behaviour``: graded labels of query and item from the log, the bias of places taken out."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

import narwhals.stable.v2 as nw
import numpy as np

from steelyard.data.labels.behaviour import BehaviourLabels, Cells, cells_of, label_pairs
from steelyard.data.labels.event_weights import LearntWeights, learn_weights
from steelyard.data.schema import Role, Wanted
from steelyard.documents.label_report import LabelNote, LabelReport, PlaceRow, WeightRow
from steelyard.errors import DataError, StageError
from steelyard.workflows.labelling.event_weights import declared_weights
from steelyard.workflows.labelling.label_files import LabelRows, counted, note_of, store_labels

if TYPE_CHECKING:
    from steelyard.data.schema import Frame
    from steelyard.workflows.open_shop import AccountsShop
    from steelyard.workflows.ports import Sources

__all__ = ["behaviour_events", "label_behaviour"]

_LEAST_MOVED = 0.2
_LARGEST_GAP = 0.1
_LEAST_EFFECTIVE = 0.3
_PURCHASE = "purchase"
_DAY_S = 86_400.0


def label_behaviour(shop: AccountsShop, *, out: Path | None = None) -> LabelReport:
    """Labels from what people did after a search, stored as ``labels/behaviour``.

    Args:
        shop: A shop that was prepared.
        out: Parquet file that is written too.

    Returns:
        What they rest on, and when not to rely on them.

    Raises:
        StageError: Nothing was prepared.
        DataError: The log names no query, or no pair was looked at often enough.
    """
    if not shop.store.has("data"):
        raise StageError("labels of behaviour need the checked log: run `steelyard prepare` first")
    folder = shop.store.path("data")
    with shop.tools.shop.sources(folder, max_memory_gb=shop.config.data.max_memory_gb) as sources:
        events = behaviour_events(sources)
        learnt = _weights(shop, sources, events)
        top = max(learnt.weights.get(_PURCHASE, 1.0), *learnt.weights.values())
        cells = cells_of(sources, events, says={kind: weight / top for kind, weight in learnt.weights.items()})
        item_ids = _item_ids(sources)
    if not len(cells.query):
        raise DataError(
            "the log names the query of no click, cart or purchase: name the column in [data.events.columns] query, "
            "and prepare again"
        )
    labels = shop.config.labels
    found = label_pairs(cells, min_looked=labels.min_impressions, max_weight=labels.max_weight)
    if not len(found.query):
        raise DataError(
            f"no pair of query and item was looked at {labels.min_impressions:g} times ({found.n_too_few:,} were less "
            "often): give a longer log, or a lower [labels] min_impressions"
        )
    rows = LabelRows()
    for query, item, gain, looked in zip(found.query, found.item, found.gain, found.looked, strict=True):
        rows.add(query, item_ids[int(item)], float(gain), float(looked))
    report = _report(rows, found, learnt, _notes(found, cells, learnt, labels.max_weight))
    more = {name: getattr(found, name).tolist() for name in ("rate", "shown", "clicked")}
    store_labels(shop, rows, report, more=more, out=out)
    return report


def _report(rows: LabelRows, found: BehaviourLabels, learnt: LearntWeights, notes: Iterator[LabelNote]) -> LabelReport:
    return LabelReport(
        origin="behaviour",
        labels=len(rows.query),
        queries=len(set(rows.query)),
        left_out=found.n_too_few,
        by_gain=counted(rows),
        places=tuple(_places(found)),
        weights=tuple(
            WeightRow(kind=k.kind, pairs=k.pairs, bought=k.bought, rate=k.rate, low=k.low, high=k.high)
            for k in learnt.kinds
        ),
        notes=tuple(notes),
    )


def behaviour_events(sources: Sources) -> Frame:
    """The checked log as labels are made from it: one row an event, a visit being a session or else a user's day."""
    roles = [Role(name, (name,)) for name in ("user", "session", "query", "kind")]
    roles += [Role(name, (name,), "number") for name in ("item", "position", "weight", "time")]
    frame = sources.scan(Wanted("events", "events.parquet", tuple(roles)), pseudonym=str)
    day = (nw.col("time") / nw.lit(_DAY_S)).floor().cast(nw.Int64()).cast(nw.String())
    day_of_user = nw.concat_str(nw.col("user"), day, separator="/")
    return sources.keep(
        frame.select(
            "user",
            nw.coalesce(nw.col("session"), day_of_user).alias("visit"),
            nw.col("query").str.strip_chars().str.to_lowercase().alias("query"),
            nw.col("item").cast(nw.Int64()),
            "position",
            "kind",
            "time",
            "weight",
        ),
        "labelled_events",
    )


def _weights(shop: AccountsShop, sources: Sources, events: Frame) -> LearntWeights:
    """What each kind says: learnt, or where purchases are too few as the configuration has it."""
    is_liking = nw.when((nw.col("kind") == nw.lit("rating")) & (nw.col("weight") == 0)).then(nw.lit(0))
    kept = events.filter(nw.col("item") >= 0).select(
        "user",
        nw.col("item").alias("_item"),
        nw.col("kind").alias("_kind"),
        "time",
        is_liking.otherwise(nw.lit(1)).alias("_is_liking"),
    )
    config = shop.config
    fixed = declared_weights(config.data.event_weights)
    return learn_weights(sources, kept, fixed=fixed, days=config.labels.purchase_days, split=config.split)


def _item_ids(sources: Sources) -> dict[int, str]:
    roles = (Role("item", ("item",), "number"), Role("item_id", ("item_id",)))
    found: dict[int, str] = {}
    for batch in sources.batches(sources.scan(Wanted("items", "items.parquet", roles), pseudonym=str)):
        found |= {int(n): str(name) for n, name in zip(batch["item"], batch["item_id"], strict=True)}
    return found


def _places(found: BehaviourLabels) -> Iterator[PlaceRow]:
    if found.propensities is None:
        return
    for place, (value, shown) in enumerate(zip(found.propensities.of_place, found.propensities.shown, strict=True), 1):
        yield PlaceRow(place=place, propensity=None if np.isnan(value) else float(value), shown=int(shown))


def _notes(found: BehaviourLabels, cells: Cells, learnt: LearntWeights, most: float) -> Iterator[LabelNote]:
    if learnt.why_not:
        yield note_of("weights_fixed", is_warning=True, why=learnt.why_not)
    known = found.propensities
    if known is None:
        yield note_of("no_impressions", is_warning=True)
        return
    values: dict[str, Any] = {"share": f"{100 * known.moved_share:.0f} %", "gap": f"{known.largest_gap:.2f}"}
    if known.moved_share < _LEAST_MOVED:
        yield note_of("seldom_moved", is_warning=True, **values)
    if np.isnan(known.largest_gap) or known.largest_gap > _LARGEST_GAP:
        yield note_of("model_doubted", is_warning=True, **values)
    unknown = int(np.isnan(known.of_place).sum())
    if unknown:
        yield note_of("places_unknown", is_warning=True, n=unknown)
    clicks = float(cells.clicked.sum())
    share = found.effective_clicks / clicks if clicks else 0.0
    values = {"n": f"{found.effective_clicks:,.0f}", "clicks": f"{clicks:,.0f}", "most": f"{most:g}"}
    yield note_of("effective_clicks", is_warning=share < _LEAST_EFFECTIVE, **values)
