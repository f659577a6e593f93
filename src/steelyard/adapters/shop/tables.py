"""Prepared tables back from their folder, and the cards that the serving pages show."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from steelyard.adapters.artefacts import write_state
from steelyard.adapters.shop.basics import user_basics
from steelyard.data.disliked import DISLIKED
from steelyard.data.dividing.periods import NEW_USERS, TAKEN_AGAIN, Cuts, Events, HeldOut
from steelyard.data.dividing.repeatable import items_in
from steelyard.data.schema import POPULAR_COLUMNS, POPULAR_QUERIES
from steelyard.data.tables import (
    ShopTables,
    asking_for_nobody,
    interactions,
    recommend_cases,
    search_cases,
    with_basics,
    without_disliked,
)
from steelyard.documents.changes import held_from
from steelyard.documents.split import read_split
from steelyard.domain import Cases, CatalogueFacts, EventKind, FloatArray, IntArray, State, Texts

__all__ = ["load_shop", "read_columns", "write_cards"]

_CHANGES = "changes.json"
_BATCH_ROWS = 20_000
_BATCH_EVENTS = 500_000


def load_shop(folder: Path, *, max_history: int) -> ShopTables:
    """The tables that ``prepare`` stored.

    Args:
        folder: The verified folder of the artefact ``data``.
        max_history: A user's latest items that a request carries.

    Returns:
        All of it in memory. What is learnt from ends before the period of the cases that judge it.
    """
    split = read_split((folder / "split.json").read_bytes())
    item_ids, facts = _facts(folder)
    events, bought = _events(folder)
    cuts = Cuts.of(split)
    sizes = {"n_users": split.n_users, "n_items": len(item_ids)}
    again = items_in(facts, split.repeat_categories) if split.exclude_seen else frozenset()
    basics = user_basics(folder, n_users=split.n_users)

    def recommend(part: str, begins_s: float) -> Cases:
        held = _held(folder, part)
        seen = split.exclude_seen
        cases = recommend_cases(events, held, part=part, begins_s=begins_s, max_history=max_history, exclude_seen=seen)
        cases = without_disliked(replace(cases, again=again), _disliked(folder, begins_s), held.users)
        return with_basics(cases, basics, held.users)

    test, new_users = recommend("test", cuts.test_s), _held(folder, NEW_USERS).targets
    if test.requests and new_users:
        test = asking_for_nobody(test, begins_s=cuts.test_s)
    queries = _columns(folder / "queries.parquet", ["query_id", "query", "part", "origin"])
    judged = _judged(folder)
    return ShopTables(
        item_ids=item_ids,
        texts=_texts(folder, split.language),
        facts=facts,
        learn=interactions(events.until(cuts.validation_s), **sizes),
        learn_all=interactions(events.until(cuts.test_s), **sizes),
        dislikers=_dislikers(folder, (cuts.validation_s, cuts.test_s), n_items=len(item_ids)),
        bought=bought[: len(events.until(cuts.test_s).items)],
        search_tuning=_search(queries, judged, "tuning"),
        search_test=_search(queries, judged, "test"),
        search_teaching=_search(queries, judged, "teaching") if "teaching" in queries["part"] else None,
        recommend_tuning=recommend("tuning", cuts.validation_s),
        recommend_test=test,
        new_users=new_users,
        taken_again=_aligned(_held(folder, TAKEN_AGAIN), _held(folder, "test").users),
        query_examples=tuple(
            query
            for query, part, origin in zip(queries["query"], queries["part"], queries["origin"], strict=True)
            if part == "example" and origin != "synthetic"
        ),
        popular_queries=tuple(_popular(folder).get("query", ())),
        price=_prices(folder),
        basics=basics,
    )


def write_cards(data_folder: Path, out: Path) -> None:
    """Write ``cards.jsonl``, one product a line in order of item number, and the byte offsets of the lines.

    Args:
        data_folder: The verified folder of the artefact ``data``.
        out: Gets ``cards.jsonl`` and a state whose array ``offsets`` has shape (n_items + 1,): line ``i`` is
            the bytes from ``offsets[i]`` to ``offsets[i + 1]``. Where the shop has a log of what was bought,
            its array ``sold`` of shape (n_items,) says how often each item was; where it has searches, its facts
            hold those of many people, and of how many; and where the catalogue was changed since its file was
            exported, up to which moment of the journal the cards hold that.
    """
    offsets = [0]
    columns = ["item_id", "title", "description", "category", "brand", "price", "stock", "image", "attributes"]
    with (out / "cards.jsonl").open("wb") as file:
        source = pq.ParquetFile(data_folder / "items.parquet", pre_buffer=False)
        for batch in source.iter_batches(_BATCH_ROWS, columns=columns):
            for row in batch.to_pylist():
                line = json.dumps(_card(row), ensure_ascii=False).encode("utf-8", "replace") + b"\n"
                file.write(line)
                offsets.append(offsets[-1] + len(line))
    n_items = len(offsets) - 1
    sold = _sold(data_folder / "events.parquet", n_items)
    arrays = {"offsets": np.array(offsets, dtype=np.int64), **({"sold": sold} if sold.any() else {})}
    taken = data_folder / _CHANGES
    changes = {"changes": held_from(json.loads(taken.read_text("utf-8"))).token} if taken.is_file() else {}
    write_state(out, State(arrays, {"n_items": n_items, "queries": _popular(data_folder), **changes}))


def _popular(data_folder: Path) -> dict[str, list[Any]]:
    """What many people typed, and of how many, by column; empty where nobody knows."""
    popular = data_folder / POPULAR_QUERIES
    return _columns(popular, list(POPULAR_COLUMNS)) if popular.is_file() else {}


def _sold(path: Path, n_items: int) -> IntArray:
    """How often each item was bought; where the log knows no purchases, how often it was interacted with."""
    counts = {kind: np.zeros(n_items, np.int64) for kind in (EventKind.PURCHASE.value, "")}
    source = pq.ParquetFile(path, pre_buffer=False)
    for batch in source.iter_batches(_BATCH_EVENTS, columns=["item", "kind", "weight"]):
        item, weight = (batch[name].to_numpy(zero_copy_only=False) for name in ("item", "weight"))
        is_positive = (item >= 0) & (weight > 0)
        bought = (
            pc.equal(batch["kind"], pa.scalar(EventKind.PURCHASE.value)).to_numpy(zero_copy_only=False).astype(bool)
        )
        for kind, of_kind in (("", is_positive), (EventKind.PURCHASE.value, is_positive & bought)):
            counts[kind] += np.bincount(item[of_kind].astype(np.int64), minlength=n_items)
    return counts[EventKind.PURCHASE.value] if counts[EventKind.PURCHASE.value].any() else counts[""]


def _card(row: dict[str, Any]) -> dict[str, Any]:
    price = row["price"]
    return {
        **row,
        "title": row["title"] or row["item_id"],
        "price": None if price is None else _money(price),
        "attributes": json.loads(row["attributes"]),
    }


def _money(price: Any) -> str:
    """At least two decimals, and no zeros after them: 12.50, 0.0125."""
    text = f"{price:.4f}"
    return text[:-2] if text.endswith("00") else text.rstrip("0")


def read_columns(path: Path, names: list[str], *, as_dictionary: tuple[str, ...] = ()) -> pa.Table:
    """Columns of one file, without the engine for folders of files, which takes a second to import.

    Args:
        path: A Parquet file.
        names: Columns to read.
        as_dictionary: Text columns that repeat themselves.

    Returns:
        The table.
    """
    with pq.ParquetFile(path, read_dictionary=list(as_dictionary) or None) as file:
        return file.read(columns=names)


def _columns(path: Path, names: list[str]) -> dict[str, list[Any]]:
    table = read_columns(path, names)
    return {name: table[name].to_pylist() for name in names}


def _ints(column: pa.ChunkedArray[Any]) -> IntArray:
    return np.ascontiguousarray(column.to_numpy(), dtype=np.int64)


def _floats(column: pa.ChunkedArray[Any]) -> FloatArray:
    return np.ascontiguousarray(column.to_numpy(), dtype=np.float64)


def _facts(folder: Path) -> tuple[tuple[str, ...], CatalogueFacts]:
    names = ["item_id", "text", "category_number", "in_stock", "category"]
    table = read_columns(folder / "items.parquet", names)
    category = _ints(table["category_number"])
    n_categories = int(category.max()) + 1 if len(category) else 0
    numbers, first = np.unique(category, return_index=True)
    paths = [""] * n_categories
    for number, row in zip(numbers, first, strict=True):
        if number >= 0:
            paths[number] = " > ".join(table["category"][int(row)].as_py())
    texts = read_columns(folder / "texts.parquet", ["representative", "title"])
    facts = CatalogueFacts(
        text_of_item=_ints(table["text"]),
        representative=_ints(texts["representative"]),
        category=category,
        in_stock=_ints(table["in_stock"]),
        categories=tuple(paths),
        untitled=frozenset(np.flatnonzero([not title for title in texts["title"].to_pylist()]).tolist()),
    )
    item_ids: list[Any] = table["item_id"].to_pylist()
    return tuple(item_ids), facts


def _prices(folder: Path) -> FloatArray | None:
    prices = np.array(
        [np.nan if each is None else float(each) for each in _columns(folder / "items.parquet", ["price"])["price"]]
    )
    return None if np.isnan(prices).all() else prices


def _texts(folder: Path, language: str) -> Texts:
    names = ["title", "description", "category", "brand", "attributes"]
    columns = _columns(folder / "texts.parquet", names)
    return Texts(**{name: tuple(columns[name]) for name in names}, language=language)


def _events(folder: Path) -> tuple[Events, npt.NDArray[np.bool_]]:
    """Filled in by batches, so that the log is in memory once, and only what is learnt from; and what is a purchase."""
    source = pq.ParquetFile(folder / "events.parquet", pre_buffer=False)
    size = source.metadata.num_rows
    users, items = np.empty(size, np.int64), np.empty(size, np.int64)
    times_s, weights, bought = np.empty(size), np.empty(size), np.empty(size, np.bool_)
    names = ["user_number", "item", "time", "weight"]
    n = 0
    for batch in source.iter_batches(_BATCH_EVENTS, columns=[*names, "kind"]):
        user, item, time_s, weight = (batch[name].to_numpy(zero_copy_only=False) for name in names)
        is_purchase = pc.equal(batch["kind"], pa.scalar(EventKind.PURCHASE.value)).to_numpy(zero_copy_only=False)
        known = np.flatnonzero((weight > 0) & (user >= 0))  # where one is missing it is NaN, which is neither
        part = slice(n, n + len(known))
        users[part], items[part], times_s[part], weights[part] = user[known], item[known], time_s[known], weight[known]
        bought[part] = is_purchase[known].astype(bool)
        n += len(known)
    return Events(users[:n], items[:n], times_s[:n], weights[:n]), bought[:n]


def _held(folder: Path, part: str) -> HeldOut:
    table = read_columns(folder / "targets.parquet", ["part", "user_number", "item"])
    those = np.flatnonzero(np.array(table["part"].to_pylist(), dtype=str) == part)
    users, items = (table[name].to_numpy()[those].astype(np.int64) for name in ("user_number", "item"))
    drawn, starts = np.unique(users, return_index=True)
    return HeldOut(drawn, tuple(np.split(items, starts[1:])) if len(drawn) else ())


def _aligned(held: HeldOut, users: IntArray) -> tuple[IntArray, ...]:
    """Of each of some users what was held, nothing where they are not among them."""
    found = dict(zip(held.users.tolist(), held.targets, strict=True))
    return tuple(found.get(user, np.empty(0, np.int64)) for user in users.tolist())


def _disliked(folder: Path, before_s: float) -> dict[int, IntArray]:
    """What each user disliked before a time; nothing where the data was prepared by an earlier version."""
    if not (folder / DISLIKED).is_file():
        return {}
    table = read_columns(folder / DISLIKED, ["user_number", "item", "time"])
    users, items = _ints(table["user_number"]), _ints(table["item"])
    those = np.flatnonzero((users >= 0) & (_floats(table["time"]) < before_s))
    order = those[np.argsort(users[those], kind="stable")]
    found, starts = np.unique(users[order], return_index=True)
    return dict(zip(found.tolist(), np.split(items[order], starts[1:]), strict=True)) if len(order) else {}


def _dislikers(folder: Path, cuts_s: tuple[float, float], *, n_items: int) -> tuple[IntArray, IntArray] | None:
    """How many users dislike each item before each of two times; ``None`` where nobody does."""
    if not (folder / DISLIKED).is_file():
        return None
    table = read_columns(folder / DISLIKED, ["item", "time"])
    items, times_s = _ints(table["item"]), _floats(table["time"])
    early, late = (np.bincount(items[times_s < cut_s], minlength=n_items) for cut_s in cuts_s)
    return (early, late) if late.any() else None


def _judged(folder: Path) -> dict[str, tuple[IntArray, FloatArray]]:
    table = read_columns(folder / "judgements.parquet", ["query_id", "item", "gain"])
    names = np.array(table["query_id"].to_pylist(), dtype=str)
    items, gains = _ints(table["item"]), _floats(table["gain"])
    order = np.lexsort((items, names)) if len(names) else np.empty(0, dtype=np.int64)
    found, starts = np.unique(names[order].astype(str), return_index=True) if len(names) else ((), np.empty(0, int))
    parts = np.split(order, starts[1:])
    return {str(name): (items[part], gains[part]) for name, part in zip(found, parts, strict=False)}


def _search(queries: dict[str, list[Any]], judged: dict[str, tuple[IntArray, FloatArray]], part: str) -> Cases:
    rows = [i for i, found in enumerate(queries["part"]) if found == part]
    origins = {str(queries["origin"][i]) for i in rows}
    is_synthetic = "synthetic" in origins
    beside = _search(queries, judged, "beside") if part == "test" else None
    return search_cases(
        [(queries["query_id"][i], queries["query"][i]) for i in rows],
        judged,
        is_synthetic=is_synthetic,
        origin=origins.pop() if len(origins) == 1 else "synthetic" if is_synthetic else "judged",
        beside=beside if beside is not None and beside.requests else None,
    )
