"""Shops with queries judged by people, read in place from the data folder, and nDCG over whole catalogues."""

import atexit
import hashlib
import json
import shutil
import tempfile
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow.parquet as pq
import tantivy

from steelyard.adapters.tantivy_index import build_tantivy_index, open_tantivy_index
from steelyard.domain import Cases, FloatArray, IntArray, Request, Surface, Texts
from steelyard.models.retrieval.lexical import Lexical, documents, fit_lexical, options_from

DATA = Path(__file__).resolve().parents[1] / "../shared/data"
K = 10


def home_depot(data: Path) -> tuple[Texts, Cases]:
    """54,667 titles; gain = relevance - 1."""
    items = pq.read_table(data / "home-depot/items.parquet").to_pydict()
    rows = pq.read_table(data / "home-depot/judgements.parquet").to_pydict()
    empty = ("",) * len(items["title"])
    texts = Texts(tuple(items["title"]), empty, empty, empty, empty)
    gains = [relevance - 1 for relevance in rows["relevance"]]
    return texts, _cases(rows["query"], rows["product_uid"], gains, items["product_uid"])


def chorus(data: Path) -> tuple[Texts, Cases]:
    """19,406 electronics products with brand, description and attributes; gain = rating 0 to 3."""
    items = pq.read_table(data / "chorus/products.parquet").to_pydict()
    rows = pq.read_table(data / "chorus/ratings.parquet").to_pydict()
    column = {name: tuple(value or "" for value in items[name]) for name in ("title", "name", "brand")}
    short = [value or "" for value in items["short_description"]]
    described = tuple(f"{a} {b}" for a, b in zip(short, column["name"], strict=True))
    attributes = tuple(_words_of(value) for value in items["attributes_json"])
    texts = Texts(column["title"], described, ("",) * len(short), column["brand"], attributes)
    return texts, _cases(rows["query"], rows["docid"], [float(rating) for rating in rows["rating"]], items["id"])


def halves(cases: Cases) -> tuple[Cases, Cases]:
    """Cases to tune on and cases to judge on, divided by a hash of the query."""
    is_first = [hashlib.sha256(name.encode()).digest()[0] % 2 == 0 for name in cases.ids]
    return _pick(cases, [i for i, first in enumerate(is_first) if first]), _pick(
        cases, [i for i, first in enumerate(is_first) if not first]
    )


def open_shop(texts: Texts, **options: Any) -> Lexical:
    """A lexical retriever over ``texts``, its index in a temporary folder."""
    folder = Path(tempfile.mkdtemp(prefix="steelyard-bench-"))
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    build_tantivy_index(folder, documents(texts))
    return Lexical(fit_lexical(texts), open_tantivy_index(folder), options=options_from(options))


class TantivyDefault:
    """The peer: tantivy's own English tokeniser, stemmer and BM25 over all fields joined, its query parser."""

    def __init__(self, texts: Texts) -> None:
        schema = tantivy.SchemaBuilder()
        schema.add_text_field("text", tokenizer_name="en_stem")
        schema.add_integer_field("number", fast=True)
        self._index = tantivy.Index(schema.build())
        writer = self._index.writer(128_000_000, 1)
        columns = (texts.title, texts.brand, texts.category, texts.description, texts.attributes)
        for number, values in enumerate(zip(*columns, strict=True)):
            document = tantivy.Document()
            document.add_text("text", " ".join(values))
            document.add_integer("number", number)
            writer.add_document(document)
        writer.commit()
        writer.wait_merging_threads()
        self._index.reload()
        self._searcher = self._index.searcher()

    def top(self, query: str, k: int) -> list[int]:
        """Best ``k`` document numbers."""
        parsed, _ = self._index.parse_query_lenient(query, ["text"])
        addresses = [address for _, address in self._searcher.search(parsed, k, count=False).hits]
        return [int(number) for number in self._searcher.fast_field_values("number", addresses)]  # type: ignore[arg-type]


def ndcg(lists: list[list[int]], cases: Cases) -> FloatArray:
    """nDCG@10 of each case: linear gain, log2(rank + 1), ideal from the judged items, unjudged 0."""
    discounts = 1 / np.log2(np.arange(2, K + 2))
    values = []
    for shown, relevant, gains in zip(lists, cases.relevant, cases.gains, strict=True):
        known = dict(zip(relevant.tolist(), gains.tolist(), strict=True))
        found = np.array([known.get(item, 0.0) for item in shown[:K]])
        ideal = np.sort(gains)[::-1][:K]
        values.append(found @ discounts[: len(found)] / (ideal @ discounts[: len(ideal)]))
    return np.array(values)


def lists_of(retriever: Lexical, cases: Cases) -> list[list[int]]:
    """Best ten of each case."""
    return [row[row >= 0].tolist() for row in retriever.retrieve(cases.requests, k=K).items]


def mean_and_error(values: FloatArray) -> list[float]:
    """Mean and its standard error over queries."""
    return [round(float(values.mean()), 4), round(float(values.std(ddof=1) / np.sqrt(len(values))), 4)]


def _words_of(attributes: str | None) -> str:
    return " ".join(str(v) for v in json.loads(attributes or "{}").values() if not isinstance(v, int | float))


def _cases(queries: list[str], items: list[Any], gains: list[float], catalogue: list[Any]) -> Cases:
    """One case for each query with a judged item of gain > 0 in the catalogue."""
    numbers = {item: number for number, item in enumerate(catalogue)}
    judged: dict[str, dict[int, float]] = {}
    for query, item, gain in zip(queries, items, gains, strict=True):
        if item in numbers:
            judged.setdefault(query, {})[numbers[item]] = gain
    names = tuple(sorted(query for query, found in judged.items() if max(found.values()) > 0))
    relevant: tuple[IntArray, ...] = tuple(np.array(sorted(judged[name]), np.int64) for name in names)
    values = tuple(np.array([judged[name][i] for i in sorted(judged[name])]) for name in names)
    return Cases(Surface.SEARCH, names, tuple(Request(query=name) for name in names), relevant, values)


def _pick(cases: Cases, rows: list[int]) -> Cases:
    def of(values: tuple[Any, ...]) -> tuple[Any, ...]:
        return tuple(values[row] for row in rows)

    return Cases(cases.surface, of(cases.ids), of(cases.requests), of(cases.relevant), of(cases.gains))
