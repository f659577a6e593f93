"""``features``: the table of items, users or pairs as it stood at a moment, with what it was learnt from."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

import msgspec
import numpy as np

from steelyard.data.features.columns import EventColumns, Rows
from steelyard.data.features.feature_set import FeatureSet
from steelyard.data.features.picture_vectors import PictureVectors, picture_vectors
from steelyard.data.features.scale import Standard
from steelyard.data.features.selection import Principal, select_l1
from steelyard.data.features.table_set import Of, described, only_of, table_set
from steelyard.data.schema import Role, wanted_items
from steelyard.documents.feature_table import FeatureRow, FeatureTable, PictureRow, feature_table_builtins
from steelyard.domain import FloatArray
from steelyard.errors import ConfigError, DataError, StageError
from steelyard.workflows.feature_log import Log, read_item_ids, read_log
from steelyard.workflows.stored import stored_split

if TYPE_CHECKING:
    from steelyard.data.schema import StoredType
    from steelyard.workflows.open_shop import AccountsShop

__all__ = ["FeatureQuestion", "build_features"]

_DAY_MS = 86_400_000
_AHEAD_MS = 28 * _DAY_MS
"""Columns are selected by who bought in so much time after their moment."""
_PICTURES_LEARNT = 20_000
_DIRECTIONS = 16
_BATCH = 50_000
_ALL_KINDS = ("impression", "view", "click", "add_to_cart", "purchase")


@dataclass(frozen=True, slots=True)
class FeatureQuestion:
    """Which table is wanted."""

    of: Of = "items"
    at: datetime | None = None
    """``None`` is the end of the log."""
    is_scaled: bool = True
    select: float | None = None
    """Strength of the L1 penalty; ``None`` keeps all columns."""
    share: float | None = None
    """The columns are the directions that keep so much of the variance; ``None`` keeps features."""
    out: Path | None = None
    """Parquet file that is written too."""


@dataclass(frozen=True, slots=True)
class _Made:
    """A table on its way."""

    columns: dict[str, FloatArray]
    features: FeatureSet
    scale: Standard | None
    weights: Mapping[str, float]
    explained: float | None


def build_features(shop: AccountsShop, asked: FeatureQuestion) -> FeatureTable:
    """Build a table of features, and store it as ``features/<of>``.

    Args:
        shop: A shop that was prepared.
        asked: Which table.

    Returns:
        What it holds.

    Raises:
        StageError: Nothing was prepared.
        DataError: There is no event of people before the moment, or not enough to learn from.
        ConfigError: The file's name does not end in ``.parquet``.
    """
    if not shop.store.has("data"):
        raise StageError("features are made of the checked log: run `steelyard prepare` first")
    if asked.out is not None and asked.out.suffix != ".parquet":
        raise ConfigError(f"--out {asked.out}: features are written as Parquet; call it {asked.out.stem}.parquet")
    memory = shop.config.data.max_memory_gb
    with shop.tools.shop.sources(shop.store.path("data"), max_memory_gb=memory) as sources:
        log, item_ids = read_log(sources), read_item_ids(sources)
    if not len(log.events):
        raise DataError("features are made of events, and the log has none of people: name one in [data.events]")
    cut_s = stored_split(shop.store).cut_validation_s
    last_ms = int(log.events.time_ms.max()) + 60_000  # the minute of the last event has ended
    at_ms = int(asked.at.timestamp() * 1000) if asked.at else last_ms
    learn_ms = min(at_ms, int(cut_s * 1000) if cut_s is not None else last_ms)
    past = log.events.take(log.events.time_ms < at_ms)
    learning = log.events.take(log.events.time_ms < learn_ms)
    if not len(learning):
        raise DataError(
            f"no event lies before {_iso(learn_ms)}, so there is nothing to learn from: choose a later --at"
        )
    made = _made(asked, past, learning, at_ms=at_ms, learn_ms=learn_ms, n_items=len(item_ids))
    rows = _rows(asked.of, past, len(item_ids), at_ms)
    pictures = _pictures(shop, item_ids, learning) if asked.of == "items" else None
    columns = dict(made.columns)
    if pictures is not None:
        columns |= pictures[0]
    keys = _keys(asked.of, rows, log, item_ids)
    table = _document(asked, made, columns, n_rows=len(rows), n_past=len(past), pictures=pictures)
    left = {one.name for one in described(only_of(table_set(learning), asked.of, kinds=_ALL_KINDS))}
    left -= {one.name for one in described(made.features)}
    table = msgspec.structs.replace(
        table,
        at=_iso(at_ms),
        learnt_until=_iso(learn_ms),
        events_later=len(log.events) - len(past),
        left_out=tuple(sorted(left - set(made.weights))),
    )
    _store(shop, asked, keys, columns, table)
    return table


def _made(
    asked: FeatureQuestion, past: EventColumns, learning: EventColumns, *, at_ms: int, learn_ms: int, n_items: int
) -> _Made:
    kinds = sorted(set(learning.kind.tolist()))
    features = only_of(table_set(learning), asked.of, kinds=kinds)
    if not features.features:
        raise DataError(f"the log has only events of the kinds {', '.join(kinds)}, of which no feature is made")
    weights: dict[str, float] = {}
    if asked.select is not None:
        features, weights = _selected(features, learning, asked, learn_ms=learn_ms, n_items=n_items)
    rows = _rows(asked.of, past, n_items, at_ms)
    values = features.offline(past, rows)
    scale = Standard.fit(features.offline(learning, _rows(asked.of, learning, n_items, learn_ms)))
    scaled = scale.apply(values) if asked.is_scaled or asked.share is not None else values
    if asked.share is None:
        columns = {name: scaled[:, i] for i, name in enumerate(features.names)}
        return _Made(columns, features, scale if asked.is_scaled else None, weights, None)
    learnt = scale.apply(features.offline(learning, _rows(asked.of, learning, n_items, learn_ms)))
    directions = Principal.fit(learnt, share=asked.share)
    turned = directions.apply(scaled)
    columns = {f"direction_{i + 1}": turned[:, i] for i in range(turned.shape[1])}
    return _Made(columns, features, scale, weights, float(directions.explained_.sum()))


def _selected(
    features: FeatureSet, learning: EventColumns, asked: FeatureQuestion, *, learn_ms: int, n_items: int
) -> tuple[FeatureSet, dict[str, float]]:
    """The columns by which those who bought in the last weeks of the learning part differ from the others."""
    moment = learn_ms - _AHEAD_MS
    before = learning.take(learning.time_ms < moment)
    after = learning.take((learning.time_ms >= moment) & (learning.kind == "purchase"))
    if not len(before) or not len(after):
        raise DataError(
            f"--select needs purchases in the {_AHEAD_MS // _DAY_MS} days before {_iso(learn_ms)} and events before "
            "those days, and the log lacks one of the two: leave it out"
        )
    rows = _rows(asked.of, before, n_items, moment)
    names = _BY[asked.of]
    bought = set(zip(*(after.by[name].tolist() for name in names), strict=True))
    target = np.array([key in bought for key in zip(*(rows.by[n].tolist() for n in names), strict=True)], np.float64)
    plain = features.offline(before, rows)
    found = select_l1(Standard.fit(plain).apply(plain), target, strength=asked.select or 0.0)
    if not len(found.places):
        raise DataError(f"--select {asked.select:g} leaves no column: give a weaker penalty")
    return features.kept(found.places.tolist()), dict(zip(features.names, found.weights.tolist(), strict=True))


_BY: Mapping[Of, tuple[str, ...]] = {"items": ("item",), "users": ("user",), "pairs": ("user", "item")}


def _rows(of: Of, events: EventColumns, n_items: int, at_ms: int) -> Rows:
    """All items, or the users and pairs that were seen before the moment."""
    if of == "items":
        by = {"item": np.arange(n_items).astype(np.str_)}
    elif of == "users":
        by = {"user": np.unique(events.by["user"].astype(np.int64)).astype(np.str_)}
    else:
        both = np.stack([events.by["user"].astype(np.int64), events.by["item"].astype(np.int64)], axis=1)
        seen = np.unique(both, axis=0)
        by = {"user": seen[:, 0].astype(np.str_), "item": seen[:, 1].astype(np.str_)}
    n = len(next(iter(by.values())))
    return Rows(np.full(n, at_ms, np.int64), by)


def _pictures(
    shop: AccountsShop, item_ids: Sequence[str], learning: EventColumns
) -> tuple[dict[str, FloatArray], PictureRow] | None:
    """The directions in which the pictures of items that were learnt from differ most, where there are vectors."""
    data = shop.config.data
    column = data.items.columns.image_vector
    if not column:
        return None
    number = {name: n for n, name in enumerate(item_ids)}
    whole = wanted_items(data.items, shop.config.shop)
    item_id = next(role for role in whole.roles if role.name == "item_id")
    wanted = replace(whole, table="item_vectors", roles=(item_id, Role("image_vector", (column,))))
    with shop.tools.shop.sources(
        shop.base,
        reader=data.reader,
        scratch=shop.work / "tmp",
        max_memory_gb=data.max_memory_gb,
        max_columns=data.max_columns,
    ) as sources:
        sources.check([wanted])
        batches = sources.batches(sources.scan(wanted, pseudonym=str))
        cells = ((number.get(name), text) for one in batches for name, text in _pairs(one))
        found = picture_vectors(((n, text) for n, text in cells if n is not None), n_items=len(item_ids))
    return _directions(found, learning, n_items=len(item_ids))


def _pairs(batch: Mapping[str, list[Any]]) -> list[tuple[str, str | None]]:
    return list(zip(batch["item_id"], batch["image_vector"], strict=True))


def _directions(
    found: PictureVectors, learning: EventColumns, *, n_items: int
) -> tuple[dict[str, FloatArray], PictureRow]:
    learnt = np.isin(found.items, np.unique(learning.by["item"].astype(np.int64)))
    rows = found.vectors[learnt if learnt.any() else slice(None)][:_PICTURES_LEARNT]
    turned = Principal.fit(rows, share=0.95).apply(found.vectors)[:, :_DIRECTIONS]
    columns = {}
    for i in range(turned.shape[1]):
        column = np.zeros(n_items)
        column[found.items] = turned[:, i]
        columns[f"image_{i + 1}"] = column
    has_one = np.zeros(n_items)
    has_one[found.items] = 1.0
    row = PictureRow(
        width=found.width,
        directions=turned.shape[1],
        n_used=len(found.items),
        n_missing=found.n_missing,
        n_unreadable=found.n_unreadable,
        n_not_finite=found.n_not_finite,
        n_other_width=found.n_other_width,
        n_zero=found.n_zero,
    )
    return {"image_given": has_one, **columns}, row


def _keys(of: Of, rows: Rows, log: Log, item_ids: Sequence[str]) -> dict[str, list[str]]:
    found = {}
    if of != "items":
        found["user"] = [log.users[int(number)] for number in rows.by["user"]]
    if of != "users":
        found["item_id"] = [item_ids[int(number)] for number in rows.by["item"]]
    return found


def _document(
    asked: FeatureQuestion,
    made: _Made,
    columns: Mapping[str, FloatArray],
    *,
    n_rows: int,
    n_past: int,
    pictures: tuple[object, PictureRow] | None,
) -> FeatureTable:
    scale = made.scale
    features = tuple(
        FeatureRow(
            name=one.name,
            of=one.of,
            what=one.what,
            what_zh=one.what_zh,
            window_days=one.window_days,
            unit=one.unit,
            source=one.kinds,
            mean=float(scale.mean_[i]) if scale else None,
            deviation=float(scale.deviation_[i]) if scale else None,
            weight=made.weights.get(one.name),
        )
        for i, one in enumerate(described(made.features))
    )
    return FeatureTable(
        of=asked.of,
        at="",
        learnt_until="",
        rows=n_rows,
        events=n_past,
        events_later=0,
        columns=tuple(columns),
        features=features,
        fingerprint=replace(made.features, scale=scale).fingerprint,
        is_scaled=scale is not None,
        selected=asked.select,
        explained=made.explained,
        pictures=pictures[1] if pictures else None,
    )


def _store(
    shop: AccountsShop,
    asked: FeatureQuestion,
    keys: Mapping[str, list[str]],
    columns: Mapping[str, FloatArray],
    table: FeatureTable,
) -> None:
    values: dict[str, Sequence[str] | FloatArray] = {**keys, **columns}
    types: dict[str, StoredType] = {**dict.fromkeys(keys, "text"), **dict.fromkeys(columns, "float")}
    with shop.tools.shop.sources(shop.base) as sources, shop.store.writing(f"features/{asked.of}") as folder:
        for target in (folder / "features.parquet", *([asked.out] if asked.out else ())):
            with sources.writing(types, target=str(target)) as writer:
                for start in range(0, table.rows, _BATCH):
                    part = slice(start, start + _BATCH)
                    writer.write({name: column[part] for name, column in values.items()})
        sources.write_document(feature_table_builtins(table), str(folder / "features.json"))


def _iso(time_ms: int) -> str:
    return datetime.fromtimestamp(time_ms / 1000, UTC).isoformat(timespec="seconds")
