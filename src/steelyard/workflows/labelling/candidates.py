"""Pairs of query and item that are worth a label: those judged, and for each query the items that share its words."""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from steelyard.data.schema import Role, Wanted
from steelyard.errors import StageError

if TYPE_CHECKING:
    from steelyard.workflows.open_shop import AccountsShop
    from steelyard.workflows.ports import Sources

__all__ = ["Asked", "Item", "PreparedWords", "read_prepared"]


@dataclass(frozen=True, slots=True)
class Item:
    """What a rater sees of an item."""

    item_id: str
    title: str
    description: str
    category: str
    brand: str


@dataclass(frozen=True, slots=True)
class Asked:
    """A query, and what people judged of it: gain by item number."""

    query: str
    judged: Mapping[int, float]


@dataclass(slots=True)
class PreparedWords:
    """Items and queries as ``prepare`` left them."""

    items: Mapping[int, Item]
    """By number, only those that stand for their text."""
    queries: Sequence[Asked]
    is_judged: bool
    """Whether people judged, rather than that the queries were made or labelled otherwise."""
    _postings: dict[str, list[int]] = field(default_factory=dict)

    def index(self, words_of: Mapping[int, frozenset[str]]) -> None:
        """Remember which items have which words."""
        postings: dict[str, list[int]] = defaultdict(list)
        for item, words in words_of.items():
            for word in words:
                postings[word].append(item)
        self._postings = dict(postings)

    def alike(self, words: frozenset[str], n: int) -> list[int]:
        """The items that share most words with a query, rare ones counting more."""
        scores: dict[int, float] = defaultdict(float)
        for word in sorted(words):
            found = self._postings.get(word, [])
            for item in found:
                scores[item] += math.log(1 + len(self.items) / len(found))
        return sorted(scores, key=lambda item: (-scores[item], item))[:n]


def read_prepared(shop: AccountsShop) -> PreparedWords:
    """Items, queries and judgements of the artefact ``data``.

    Args:
        shop: A shop that was prepared.

    Returns:
        Queries of the tuning and the test part, examples left out.

    Raises:
        StageError: Nothing was prepared.
    """
    if not shop.store.has("data"):
        raise StageError("labels need the prepared catalogue and queries: run `steelyard prepare` first")
    with shop.tools.shop.sources(shop.store.path("data")) as sources:
        names = ("item_id", "title", "description", "brand")
        items = _rows(sources, "items", texts=names, numbers=("item",))
        standing_rows = _rows(sources, "texts", texts=("category",), numbers=("representative",))
        queries = _rows(sources, "queries", texts=("query_id", "query", "part", "origin"))
        judged = _rows(sources, "judgements", texts=("query_id",), numbers=("item", "gain"))
    of_query: dict[str, dict[int, float]] = defaultdict(dict)
    for row in judged:
        of_query[str(row["query_id"])][_whole(row["item"])] = float(row["gain"] or 0)
    standing = {_whole(row["representative"]): str(row["category"] or "") for row in standing_rows}
    found = {
        number: Item(
            item_id=str(row["item_id"]),
            title=str(row["title"] or ""),
            description=str(row["description"] or ""),
            category=standing[number],
            brand=str(row["brand"] or ""),
        )
        for row in items
        if (number := _whole(row["item"])) in standing
    }
    asked = [row for row in queries if row["part"] in ("tuning", "test")]
    return PreparedWords(
        items=found,
        queries=[Asked(str(row["query"]), of_query.get(str(row["query_id"]), {})) for row in asked],
        is_judged=bool(asked) and all(row["origin"] == "judged" for row in asked),
    )


def _whole(value: str | float | None) -> int:
    return int(float(value or 0))


def _rows(
    sources: Sources, table: str, *, texts: Sequence[str] = (), numbers: Sequence[str] = ()
) -> list[dict[str, str | float | None]]:
    roles = [*(Role(name, (name,)) for name in texts), *(Role(name, (name,), "number") for name in numbers)]
    frame = sources.scan(Wanted(table, f"{table}.parquet", tuple(roles)), pseudonym=str)
    names = [*texts, *numbers]
    found: list[dict[str, str | float | None]] = []
    for batch in sources.batches(frame):
        found += [dict(zip(names, values, strict=True)) for values in zip(*(batch[n] for n in names), strict=True)]
    return found
