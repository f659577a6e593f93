"""The catalogue: checked, merged where it is a log, and brought into numbered items and distinct texts."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import TYPE_CHECKING, Any

import narwhals.stable.v2 as nw
import numpy as np

from steelyard.data.changes.applying import CatalogueChanges
from steelyard.data.currencies import OTHER_CURRENCY, currency_checks, with_currency
from steelyard.data.identifiers import AS_DATE, LOST_DIGITS
from steelyard.data.offered import NotOffered
from steelyard.data.published import Shown
from steelyard.data.quality import Check, Checked, Finding, check_rows, listed, refuse_if_nothing_reads, unreadable
from steelyard.data.ranks import medians
from steelyard.data.schema import ITEM_COLUMNS, TEXT_COLUMNS, Role, Wanted
from steelyard.data.stocked import stock_checks, with_stock
from steelyard.data.values.amounts import MAX_PRICE
from steelyard.data.values.category_paths import PathCutter
from steelyard.data.values.normalise import attributes_text, category_path, clean, unfold
from steelyard.data.values.stock import Stock, read_stock
from steelyard.data.variants import NEVER_SHOWN, first_price, variant_checks, with_parents, with_published
from steelyard.data.vocabulary import TextVocabulary, Vocabulary
from steelyard.domain import IntArray
from steelyard.errors import DataError

if TYPE_CHECKING:
    from steelyard.data.schema import Frame, RowWriter, SourcePort

__all__ = ["Catalogue", "check_items", "findings_of", "merge_log", "number_catalogue", "refuse_if_sold_out"]

_PLACES = Decimal("0.0001")
_ENCODER = json.JSONEncoder(ensure_ascii=False)


@dataclass(frozen=True, slots=True)
class Catalogue:
    """What the later stages must know of every item; the rows are in the scratch tables ``items`` and ``texts``."""

    text_of_item: IntArray
    in_stock: IntArray
    n_texts: int
    categories: tuple[str, ...]
    n_beside: int = 0
    """Items that are not of the file, less those of the file that were deleted."""
    n_not_offered: int = 0
    """Items of a title or category that the shop does not offer."""
    n_several_paths: int = 0
    """Items whose category cell holds several paths."""
    n_listed: int = 0
    """Items whose category cell lists names, and how they are read."""
    listed_how: str = ""

    @property
    def n_items(self) -> int:
        """Number of items."""
        return len(self.text_of_item)


def check_items(
    sources: SourcePort,
    frame: Frame,
    wanted: Wanted,
    *,
    is_log: bool,
    stock_words: Mapping[str, bool] | None = None,
    shown: Shown | None = None,
) -> Checked:
    """Check the catalogue's rows.

    Args:
        sources: For intermediate tables.
        frame: What ``scan`` gave.
        wanted: The roles that were read.
        is_log: Whether an item may have many rows.
        stock_words: The shop's own words of the stock column, and whether each means that the item can be had.
        shown: What tells whether items are on show, beside the words that are known.

    Returns:
        At least one row kept; the others are quarantined, each with its first reason.

    Raises:
        DataError: A column of prices holds no number at all, none of the stocks can be read, or no row is left.
    """
    price, stock = wanted.role("price"), wanted.role("stock")
    frame = with_currency(sources, first_price(frame, wanted), wanted)
    if not is_log:
        frame = with_parents(with_published(sources, frame, wanted, shown=shown or Shown()), wanted)
    if price:
        refuse_if_nothing_reads(frame, table="items", column=price.columns[0], name="price")
    if stock:
        frame = with_stock(sources, frame, column=stock.columns[0], words=stock_words or {})
    if not is_log:
        firsts = frame.filter(~nw.col("item_id").is_null()).group_by("item_id").agg(nw.col("row").min().alias("_first"))
        frame = frame.join(firsts, on="item_id", how="left")
    of_variants = [] if is_log else variant_checks(wanted)
    checks = [*of_variants, *_checks(wanted, is_log=is_log)]
    checked = check_rows(sources, frame, checks, table="items", is_stored=is_log and not stock)
    if checked.n_quarantined == checked.n_in:
        raise DataError(
            f"none of the {checked.n_in:,} rows of [data.items] can be used: "
            + listed(checked.findings)
            + ". Mend the file, or name other columns in [data.items.columns]"
        )
    return checked


def merge_log(sources: SourcePort, frame: Frame, wanted: Wanted) -> Frame:
    """One row an item from a log with many.

    Args:
        sources: Holds the scratch table ``log_prices`` afterwards.
        frame: Kept rows with ``item_id`` and ``row``, many an item.
        wanted: The roles that were read.

    Returns:
        For each role of text the most frequent value (the earlier one if even), the median of the positive prices,
        and the latest known stock; ``row`` is the item's first.
    """
    merged = frame.group_by("item_id").agg(nw.col("row").min())
    for role in wanted.roles:
        if role.name == "item_id":
            continue
        if role.name == "price":
            part = medians(sources, frame.filter(nw.col("price") > 0), "price", by="item_id", name="log_prices")
        elif role.name == "stock":
            part = _latest(frame, "stock")
        else:
            part = _most_frequent(frame, role)
        merged = merged.join(part, on="item_id", how="left")
    return merged


def number_catalogue(
    sources: SourcePort,
    frame: Frame,
    wanted: Wanted,
    *,
    price_divisor: int,
    stock_words: Mapping[str, bool] | None = None,
    not_offered: Sequence[str] = (),
    changes: CatalogueChanges | None = None,
) -> Catalogue:
    """Number items and distinct texts, in the order of the rows, and store both as scratch tables.

    Args:
        sources: Holds the tables ``items`` and ``texts`` afterwards.
        frame: One row an item.
        wanted: The roles that were read.
        price_divisor: 100 where prices are in cents.
        stock_words: The shop's own words of the stock column, and whether each means that the item can be had.
        not_offered: An item whose title or category holds one of these words, in any case, is known and not offered.
        changes: What was changed since the file was exported.

    Returns:
        Text number and stock of each item, shape (items,) each, the number of distinct texts, and the categories.
    """
    numbering = _Numbering(wanted, price_divisor, stock_words or {}, _path_cutter(sources, frame, wanted))
    numbering.hide(not_offered)
    with sources.writing(ITEM_COLUMNS, name="items") as items, sources.writing(TEXT_COLUMNS, name="texts") as texts:
        changes = changes or CatalogueChanges()
        for batch in sources.batches(frame.sort("row")):
            read = map(numbering.item, _rows(batch))
            numbering.write([item for one in read if (item := changes.applied(one)) is not None], items, texts)
        numbering.write(list(changes.new()), items, texts)
    return Catalogue(
        text_of_item=np.array(numbering.text_of_item, dtype=np.int64),
        in_stock=np.array(numbering.in_stock, dtype=np.int64),
        n_texts=len(numbering.texts),
        categories=numbering.categories.names(),
        n_not_offered=numbering.n_not_offered,
        n_beside=changes.n_added - changes.n_removed,
        n_several_paths=numbering.cutter.n_several if numbering.cutter else 0,
        n_listed=numbering.cutter.n_listed if numbering.cutter else 0,
        listed_how=numbering.cutter.lists.says if numbering.cutter else "",
    )


def findings_of(catalogue: Catalogue) -> list[Finding]:
    """What numbering the catalogue showed."""
    n, n_shared = catalogue.n_items, catalogue.n_items - catalogue.n_texts
    n_hidden, n_several, n_listed = catalogue.n_not_offered, catalogue.n_several_paths, catalogue.n_listed
    hidden = "title or category holds a word of not_offered; known, and never shown"
    shared = "the text is equal to another item's; search shows one item for each text"
    several = "the category holds several paths: the deepest is taken, of several the first"
    found = (
        Finding("items", "not_offered", "info", "flag", n_hidden, n_hidden / n, hidden),
        Finding("items", "text_shared", "info", "flag", n_shared, n_shared / n, shared),
        Finding("items", "category_several_paths", "info", "flag", n_several, n_several / n, several),
        Finding("items", "category_listed", "warning", "flag", n_listed, n_listed / n, f"CHECK {catalogue.listed_how}"),
    )
    return [each for each in found if each.count]


def refuse_if_sold_out(catalogue: Catalogue, *, column: str) -> None:
    """Stop before any work where the shop has nothing to offer.

    Args:
        catalogue: What was numbered.
        column: The source's name of the stock column, for the message.

    Raises:
        DataError: Every item is out of stock: each answer would be empty, and no configuration better than another.
    """
    if not catalogue.in_stock.any():
        raise DataError(
            f"none of the {catalogue.n_items:,} items of [data.items] can be offered: column {column!r} says of every "
            "one that it is out of stock or cannot be had. Export the stock again, name another column, say what its "
            "words mean in stock_words, or set exclude_out_of_stock = false in [rules] to offer sold-out items too"
        )


def _path_cutter(sources: SourcePort, frame: Frame, wanted: Wanted) -> PathCutter | None:
    """Where the paths of a category cell end; ``None`` where there is no category, or a column for each level."""
    role = wanted.role("category")
    if role is None or len(role.outputs) != 1:
        return None
    name = role.outputs[0]
    distinct = frame.filter(~nw.col(name).is_null()).select(name).unique().sort(name)
    return PathCutter(value for batch in sources.batches(distinct) for value in batch[name])


def _checks(wanted: Wanted, *, is_log: bool) -> list[Check]:
    title = wanted.role("title")
    titles = [nw.col(name) for name in title.outputs] if title else []
    is_lost = nw.col("item_id").str.contains(LOST_DIGITS)
    lost = (
        "a spreadsheet has written the item id in powers of ten, so most of its digits are lost and several items may "
        "share it: export the ids as text"
    )
    dated = "the item id looks like a date that a spreadsheet made of it, so the log may name it otherwise"
    checks = [
        Check("item_id_missing", "error", "quarantine", nw.col("item_id").is_null(), "the row names no item"),
        Check("item_id_scientific", "error", "quarantine", is_lost, lost, values_of="item_id"),
        Check(
            "item_id_as_date", "warning", "flag", nw.col("item_id").str.contains(AS_DATE), dated, values_of="item_id"
        ),
    ]
    if not is_log:
        twice = nw.col("row") != nw.col("_first")
        says = "an earlier row has the same item id; the first is kept"
        checks.append(Check("item_id_duplicate", "error", "quarantine", twice, says, values_of="item_id"))
    untitled = nw.coalesce(*titles).is_null() if len(titles) > 1 else titles[0].is_null()
    says = "the row has no title" if is_log else "the item has no title; its narrowest category is shown instead"
    checks.append(Check("title_missing", "warning", "flag", untitled, says))
    if wanted.role("price"):
        price = nw.col("price")
        checks += [
            *currency_checks(wanted),
            Check(
                "price_not_a_number",
                "warning",
                "set_aside",
                unreadable("price") & (nw.col(OTHER_CURRENCY) == 0),
                "the price cannot be read; kept without one",
                values_of="price_text",
            ),
            Check(
                "price_not_positive",
                "warning",
                "set_aside",
                price <= 0,
                "the price is zero or less; kept without one",
                is_loss=False,
            ),
            Check(
                "price_too_large",
                "warning",
                "set_aside",
                price > MAX_PRICE,
                "the price is beyond reason; kept without one",
                values_of="price_text",
            ),
            Check(
                "price_missing", "info", "flag", price.is_null() & nw.col("price_text").is_null(), "no price is given"
            ),
        ]
    if wanted.role("stock"):
        checks += stock_checks()
    return checks


def _most_frequent(frame: Frame, role: Role) -> Frame:
    columns = list(role.outputs)
    filled = nw.coalesce(*map(nw.col, columns)) if len(columns) > 1 else nw.col(columns[0])
    counted = (
        frame.filter(~filled.is_null())
        .group_by("item_id", *columns)
        .agg(nw.len().alias("_n"), nw.col("row").min().alias("_at"))
    )
    best = counted.filter(nw.col("_n") == nw.col("_n").max().over("item_id"))
    return best.filter(nw.col("_at") == nw.col("_at").min().over("item_id")).select("item_id", *columns)


def _latest(frame: Frame, name: str) -> Frame:
    known = frame.filter(~nw.col(name).is_null())
    return known.filter(nw.col("row") == nw.col("row").max().over("item_id")).select("item_id", name)


class _Numbering:
    """State of the pass over the catalogue: numbers given so far."""

    def __init__(
        self, wanted: Wanted, price_divisor: int, stock_words: Mapping[str, bool], cutter: PathCutter | None
    ) -> None:
        self.cutter = cutter
        self.texts = TextVocabulary()
        self.categories = Vocabulary()
        self.text_of_item: list[int] = []
        self.in_stock: list[int] = []
        self._roles = {role.name: role for role in wanted.roles}
        self._outputs = {role.name: role.outputs for role in wanted.roles}
        self._divisor = price_divisor
        self._stock_words = stock_words
        self._stocks: dict[str, Stock] = {}
        self._hidden = NotOffered()
        self.n_not_offered = 0

    def hide(self, words: Sequence[str]) -> None:
        """Items with one of these words in title or category are not offered."""
        self._hidden = NotOffered(words)

    def write(self, read: Sequence[dict[str, Any]], items: RowWriter, texts: RowWriter) -> None:
        """Number items and append them, and the texts that are new, to the tables."""
        made: list[dict[str, Any]] = []
        fresh: list[dict[str, Any]] = []
        for item in map(self._offered, read):
            shown = {name: item[name] for name in ("title", "description", "brand")}
            shown["category"] = " > ".join(item["category"])
            shown["attributes"] = attributes_text(item["attributes"])
            item["text"], is_new = self.texts.number([shown[name] for name in TEXT_COLUMNS if name != "text"])
            if is_new:
                fresh.append({"text": item["text"], **shown})
            item["item"] = len(self.text_of_item)
            item["category_number"] = self.categories.number(shown["category"]) if item["category"] else -1
            item["attributes"] = _json(item["attributes"])
            self.text_of_item.append(item["text"])
            self.in_stock.append(item["in_stock"])
            made.append(item)
        items.write({name: [item[name] for item in made] for name in ITEM_COLUMNS})
        texts.write({name: [text[name] for text in fresh] for name in TEXT_COLUMNS})

    def item(self, row: dict[str, Any]) -> dict[str, Any]:
        """An item of the file as it is read, whether it is offered or not."""
        categories = self._values(row, "category")
        category = category_path([self.cutter(v) for v in categories if v] if self.cutter else categories)
        title = clean(" ".join(value for value in self._values(row, "title") if value))
        stock = self._stock(row.get("stock"))
        attributes = self._roles.get("attributes")
        named = dict(zip(attributes.columns, self._values(row, "attributes"), strict=True)) if attributes else {}
        return {
            "item_id": row["item_id"],
            "title": title or (category[-1] if category else ""),
            "description": clean(" ".join(value for value in self._values(row, "description") if value)),
            "category": list(category),
            "brand": clean(row.get("brand")),
            "price": self._price(row.get("price")),
            "stock": stock.pieces,
            "in_stock": int(stock.is_read and stock.is_available is not False),
            "is_hidden": row.get(NEVER_SHOWN) == 1,
            "image": (row.get("image") or "").strip(),
            "attributes": unfold(named),
        }

    def _offered(self, item: dict[str, Any]) -> dict[str, Any]:
        """An item without any stock where it is not to be offered."""
        is_named = self._hidden.holds(item["title"], item["category"])
        self.n_not_offered += is_named
        return {**item, "stock": 0, "in_stock": 0} if is_named or item["is_hidden"] else dict(item)

    def _stock(self, text: str | None) -> Stock:
        """What is not written says nothing, which is not a sold-out item."""
        return self._stocks.setdefault(text, read_stock(text, words=self._stock_words)) if text else Stock()

    def _values(self, row: dict[str, Any], name: str) -> list[str | None]:
        return [row[output] for output in self._outputs.get(name, ())]

    def _price(self, value: float | None) -> Decimal | None:
        if value is None or not 0 < value <= MAX_PRICE:
            return None
        price = (Decimal(repr(value)) / self._divisor).quantize(_PLACES)
        return price if price > 0 else None


def _rows(batch: dict[str, list[Any]]) -> Iterator[dict[str, Any]]:
    names = list(batch)
    for values in zip(*batch.values(), strict=True):
        yield dict(zip(names, values, strict=True))


def _json(attributes: dict[str, str]) -> str:
    return _ENCODER.encode(attributes) if attributes else "{}"
