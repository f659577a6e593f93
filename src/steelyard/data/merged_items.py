"""Merging of the catalogue's duplicates where the shop asks for it: one item stands for each product.

Who is merged stays known and is never shown; what was done with it, and what was judged of it, counts for the item
that stands for it. The file is not touched, so a load without the setting has every item again.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import narwhals.stable.v2 as nw

from steelyard.config.data_tables import ItemsSource
from steelyard.data.catalogue import Catalogue
from steelyard.data.detectors.copies import find_copies
from steelyard.data.merging import Listed, Stands, gtin_of, merged, telling_columns
from steelyard.data.quality import Finding
from steelyard.data.schema import ITEM_COLUMNS, Role, StoredType, Wanted
from steelyard.data.values.normalise import fold
from steelyard.domain import IntArray
from steelyard.errors import ConfigError

if TYPE_CHECKING:
    from steelyard.data.schema import Frame, SourcePort

__all__ = ["MERGED", "Merging", "items_meant", "merge_items", "without_merged", "write_merged"]

MERGED = "merged.parquet"
"""File of the artefact ``data`` with a row for each item that was merged; there where the shop asks for merging."""
_COLUMNS: dict[str, StoredType] = {
    "item_id": "text",
    "stands_item_id": "text",
    "why": "text",
    "title": "text",
    "stands_title": "text",
}
_SHOWN = 5
_MOST_SHARED = 0.5
_FEW = 3
"""A column of a few values is shared, however few items there are."""


@dataclass(frozen=True, slots=True)
class Merging:
    """What was merged."""

    catalogue: Catalogue
    """In which nobody who was merged is offered."""
    stands: tuple[Stands, ...]
    findings: tuple[Finding, ...]
    n_alike: int
    """Of the merged, those of other writing than the item that stands for them."""


def merge_items(
    sources: SourcePort, kept: Frame, wanted: Wanted, *, source: ItemsSource, catalogue: Catalogue, n_in: int
) -> Merging:
    """Find the items that are one product, and let one of them stand for the others.

    Args:
        sources: Holds ``items`` and ``texts``; afterwards ``merged`` too, and in ``items`` none of the merged is in
            stock.
        kept: The catalogue's rows that were kept, one an item.
        wanted: The roles that were read.
        source: The catalogue's section of the configuration.
        catalogue: What was numbered.
        n_in: Rows of the table, for shares.

    Returns:
        What was merged, and a finding that counts it by reason.

    Raises:
        ConfigError: The column of trade item numbers is none of the file, or the catalogue is a log.
    """
    if source.is_log:
        raise ConfigError("[data.items] merge_duplicates is for a catalogue with a row an item, and is_log is true")
    columns = sources.columns(wanted.path, wanted.reading)
    numbers, options, others = telling_columns(columns, used=wanted.columns)
    asked = source.columns.gtin
    if asked and asked not in columns:
        raise ConfigError(f"[data.items.columns] gtin = {asked!r} is no column of {wanted.path}: {', '.join(columns)}")
    numbers = (asked,) if asked else numbers
    copies = find_copies(sources, text_of_item=catalogue.text_of_item, n_in=n_in)
    listed = list(_listed(sources, _told(sources, kept, wanted, (numbers, options, others)), copies.stands_for))
    found = merged(listed, _common(listed))
    rows = _store(sources, found)
    in_stock = catalogue.in_stock.copy()
    in_stock[[one.item for one in found]] = 0
    _hide(sources)
    texts = catalogue.text_of_item
    n_alike = sum(bool(texts[one.item] != texts[one.by]) for one in found)
    return Merging(replace(catalogue, in_stock=in_stock), tuple(found), _finding(found, rows, n_in=n_in), n_alike)


def items_meant(sources: SourcePort) -> Frame:
    """The catalogue's ids, each with the item and the text that stands for it.

    Args:
        sources: Has merged the catalogue.

    Returns:
        ``item_id``, ``item`` and ``text``, with the other columns of ``items``.
    """
    items, stands = sources.table("items"), sources.table("merged_items")
    texts = items.select(nw.col("item").alias("_by"), nw.col("text").alias("_by_text"))
    found = items.join(stands, on="item", how="left").join(texts, on="_by", how="left")
    meant = [
        nw.coalesce(nw.col(f"_by{end}"), nw.col(name)).alias(name) for name, end in (("item", ""), ("text", "_text"))
    ]
    return found.with_columns(*meant).drop("_by", "_by_text")


def without_merged(findings: list[Finding], merging: Merging, *, n_in: int) -> list[Finding]:
    """Findings in which copies that were merged are counted no more."""
    kept = []
    for one in findings:
        if one.reason == "items_near_duplicate":
            n = one.count - merging.n_alike
            if n <= 0:
                continue
            kept.append(replace(one, count=n, share=n / max(n_in, 1)))
        else:
            kept.append(one)
    return kept


def write_merged(sources: SourcePort, target: str) -> None:
    """Store who was merged, into whom and why: with it every merge can be looked at and taken back.

    Args:
        sources: Has merged the catalogue.
        target: The file.
    """
    sources.write(sources.table("merged_told").sort("item_id"), target)


def _told(sources: SourcePort, kept: Frame, wanted: Wanted, columns: tuple[tuple[str, ...], ...]) -> Frame:
    """What further columns of the file say of each item, in the order of the items."""
    numbers, options, others = columns
    parent = wanted.role("parent")
    roles = [Role(f"number_{i}", (name,)) for i, name in enumerate(numbers)]
    roles += [Role(f"option_{i}", (name,)) for i, name in enumerate(options)]
    roles += [Role(f"other_{i}", (name,)) for i, name in enumerate(others)]
    roles += [Role("parent_named", parent.columns)] if parent else []
    frame = kept.select("row", "item_id")
    if roles:
        read = Wanted("items_merging", wanted.path, tuple(roles), wanted.reading, wanted.habits)
        frame = frame.join(sources.scan(read, pseudonym=str), on="row", how="left")
    told = sources.keep(frame.sort("row"), "items_told")
    names = [f"other_{i}" for i in range(len(others))]
    return told.drop([name for name in names if name not in _shared(told, names)])


def _shared(told: Frame, names: Sequence[str]) -> list[str]:
    """Columns whose values many items have: not names of rows, addresses or the like."""
    if not names:
        return []
    counts = [nw.col(name).n_unique().alias(name) for name in names]
    filled = [nw.col(name).count().alias(f"{name}_filled") for name in names]
    n = told.select(*counts, *filled).collect()
    return [name for name in names if n[name][0] <= max(_MOST_SHARED * n[f"{name}_filled"][0], _FEW)]


def _listed(sources: SourcePort, told: Frame, stands_for: IntArray) -> Iterator[Listed]:
    """All items, with what they are compared by."""
    texts: list[tuple[str, str]] = []
    for batch in sources.batches(sources.table("texts").sort("text")):
        rest = zip(batch["brand"], batch["category"], batch["description"], batch["attributes"], strict=True)
        texts += zip(batch["title"], ("\n".join(fold(part or "") for part in each) for each in rest), strict=True)
    items = sources.table("items").select("item", "text", "price", "image", "in_stock", "item_id")
    joined = items.join(told, on="item_id", how="left").sort("item")
    for batch in sources.batches(joined):
        numbers = [name for name in batch if name.startswith("number_")]
        options = [name for name in batch if name.startswith("option_")]
        others = [name for name in batch if name.startswith("other_")]
        for i, item in enumerate(batch["item"]):
            text = batch["text"][i]
            price = batch["price"][i]
            yield Listed(
                item=item,
                text=text,
                group=int(stands_for[text]) if text < len(stands_for) else text,
                title=texts[text][0],
                rest=texts[text][1],
                number=next((code for name in numbers if (code := gtin_of(batch[name][i] or ""))), ""),
                options=tuple(fold(batch[name][i] or "") for name in options),
                parent=(batch["parent_named"][i] or "") if "parent_named" in batch else "",
                price=None if price is None else float(price),
                image=batch["image"][i] or "",
                is_offered=bool(batch["in_stock"][i]),
                others=tuple(fold(batch[name][i] or "") for name in others),
            )


def _common(items: list[Listed]) -> Counter[str]:
    """In how many titles each word stands."""
    counts: Counter[str] = Counter()
    for title in {item.text: item.title for item in items}.values():
        counts.update(set(fold(title).split()))
    return counts


def _store(sources: SourcePort, found: list[Stands]) -> list[dict[str, str]]:
    """The merges as scratch tables, and the first of them in words."""
    with sources.writing({"item": "int", "_by": "int"}, name="merged_items") as writer:
        writer.write({"item": [one.item for one in found], "_by": [one.by for one in found]})
    with sources.writing({"item": "int", "_by": "int", "why": "text"}, name="merged_why") as writer:
        columns = [[getattr(one, name) for one in found] for name in ("item", "by", "why")]
        writer.write(dict(zip(("item", "_by", "why"), columns, strict=True)))
    items = sources.table("items").select("item", "item_id", "title")
    by = items.rename({"item": "_by", "item_id": "stands_item_id", "title": "stands_title"})
    told = sources.table("merged_why").join(items, on="item", how="left").join(by, on="_by", how="left")
    told = sources.keep(told.select("item", *_COLUMNS), "merged_rows")
    sources.keep(told.select(*_COLUMNS), "merged_told")
    first = told.sort("item").head(_SHOWN).collect()
    return [{name: str(row[name]) for name in _COLUMNS} for row in first.rows(named=True)]


def _hide(sources: SourcePort) -> None:
    """Nobody who was merged is in stock."""
    stands = sources.table("merged_items")
    items = sources.table("items").join(stands, on="item", how="left")
    hidden = nw.when(nw.col("_by").is_null()).then(nw.col("in_stock")).otherwise(nw.lit(0)).alias("in_stock")
    sources.keep(items.with_columns(hidden).select(*ITEM_COLUMNS).sort("item"), "items_hidden")
    sources.keep(sources.table("items_hidden").sort("item"), "items")


def _finding(found: list[Stands], rows: list[dict[str, str]], *, n_in: int) -> tuple[Finding, ...]:
    if not found:
        return ()
    says = (
        "one product listed twice: another item stands for it (merge_duplicates); it is known and never shown, and its "
        "events and judgements count for the other; merged.parquet has them all"
    )
    n, why = len(found), dict(Counter(one.why for one in found).most_common())
    return (Finding("items", "items_merged", "info", "flag", n, n / max(n_in, 1), says, tuple(rows), why),)
