"""Eight instructive queries, explained: how each was read, what found its items, what the scores are made of.

A shop of two dozen things is made in memory, so that everything can be checked by eye. Run it, in English or Chinese:

    python examples/explained_queries.py
    python examples/explained_queries.py --language zh

The page docs/howto/explain.md shows what it prints.
"""

import argparse
import json
import tempfile
import time
from pathlib import Path

import numpy as np

from steelyard.adapters.tantivy_index import build_tantivy_index, open_tantivy_index
from steelyard.domain import CatalogueFacts, Surface, Texts
from steelyard.models.pipeline import Pipeline
from steelyard.models.retrieval.lexical import Lexical, documents, fit_lexical
from steelyard.reporting.explanation_lines import explanation_lines
from steelyard.serving.answers import Shop
from steelyard.serving.cards import Cards, ItemIds, index_ids
from steelyard.serving.engine import Beside, Engine
from steelyard.serving.numbers import Numbers, index_numbers
from steelyard.serving.served import About
from steelyard.workflows.asking import Asked, answered

GOODS = """
MLK-1  | Whole Milk 1 l               | Meadow  | Grocery > Milk             | 9    | 40 | 60
MLK-2  | Skimmed Milk 1 l             | Meadow  | Grocery > Milk             | 9    | 40 | 35
CHO-1  | Milk Chocolate               | Cocoata | Grocery > Sweets           | 12   | 40 | 30
COL-1  | Coca-Cola Classic 330 ml     | Coke    | Grocery > Drinks           | 4    | 90 | 80
COL-2  | Coca-Cola Zero 330 ml        | Coke    | Grocery > Drinks           | 4    | 90 | 50
COC-1  | Cocoa Powder                 | Cocoata | Grocery > Baking           | 25   | 10 | 5
WH-5   | Sony WH-1000XM5 Headphones   | Sony    | Audio > Headphones         | 1999 | 8  | 12
WH-4   | Sony WH-1000XM4 Headphones   | Sony    | Audio > Headphones         | 1499 | 5  | 20
EP-1   | 无线耳机 蓝牙                | 声悦    | 影音 > 耳机                | 159  | 30 | 45
EP-2   | 头戴式耳机 降噪              | 声悦    | 影音 > 耳机                | 699  | 12 | 15
BT-1   | Hiking Boots Leather         | Wader   | Shoes > Boots              | 180  | 9  | 14
BT-2   | Winter Boots                 | Wader   | Shoes > Boots              | 260  | 9  | 18
BT-3   | Rain Boots Rubber            | Wader   | Shoes > Boots              | 79   | 0  | 25
BT-4   | Boot Polish                  | Shine   | Shoes > Care               | 15   | 50 | 9
XZ-1   | 男士皮鞋 商务                | 步履    | 鞋靴 > 男鞋                | 329  | 14 | 22
XZ-2   | 运动鞋 男 跑步               | 步履    | 鞋靴 > 男鞋                | 219  | 20 | 40
XZ-3   | 女鞋 平底                    | 步履    | 鞋靴 > 女鞋                | 189  | 20 | 33
"""
"""Item id, title, brand, category, price in yuan, pieces in stock, people who bought it."""

QUERIES = {
    "milk": 3,
    "coca colla": 1,
    "wh 1000 xm5": 2,
    "boots under 200": 1,
    "男鞋": 1,
    "200元以下 耳机": 1,
    "qzxv wkrj": 1,
    "BT-2": 1,
}
"""And how many items are shown of each."""


def engine(folder: Path) -> Engine:
    """The shop, ready to answer by words and by what people buy."""
    rows = [[cell.strip() for cell in line.split("|")] for line in GOODS.strip().splitlines()]
    ids, titles, brands, categories, prices, stock, bought = zip(*rows, strict=True)
    n, none = len(rows), ("",) * len(rows)
    texts = Texts(titles, brands, categories, none, none, language="mixed")
    people = np.array(bought, float)
    popularity = np.log1p(people) / np.log1p(people.max())
    build_tantivy_index(folder, documents(texts))
    state = fit_lexical(texts, popularity=popularity, people=people)
    numbers = np.arange(n)
    facts = CatalogueFacts(numbers, numbers, np.zeros(n, np.int64), np.array(stock, np.int64), ("",))
    pipeline = Pipeline(Lexical(state, open_tantivy_index(folder)), facts, surface=Surface.SEARCH)
    lines = [
        json.dumps(
            {"item_id": item, "title": title, "brand": brand, "category": category.split(" > "), "price": price}
        ).encode()
        for item, title, brand, category, price in zip(ids, titles, brands, categories, prices, strict=True)
    ]
    cards = Cards(b"".join(lines), np.cumsum([0, *map(len, lines)]))
    beside = Beside(sold=people, numbers=Numbers.of(index_numbers(cards), cards))
    found = ItemIds(index_ids(cards), cards)
    return Engine(search=pipeline, recommend=None, similar=None, cards=cards, ids=found, beside=beside)


def explained(made: Engine, query: str, *, language: str) -> list[str]:
    """What the shop tells of one query, as lines."""
    about = About("0" * 64, shop=Shop("Corner shop", "CNY", "mixed"), configurations={"search": "lexical"})
    answer = answered(made, about, Asked(query, k=QUERIES[query], explain=True), clock_s=time.perf_counter)
    assert answer.explanation
    read = answer.price or None
    price = (read.phrase, read.applied, read.min, read.max) if read else None
    return explanation_lines(query, answer.explanation, language=language, price=price)


def main() -> None:
    """Print all of them."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--language", choices=("en", "zh"), default="en")
    chosen, _ = parser.parse_known_args()
    with tempfile.TemporaryDirectory() as folder:
        made = engine(Path(folder))
        for query in QUERIES:
            print(f"== {query}")
            print("\n".join(line.rstrip() for line in explained(made, query, language=chosen.language)))
            print()


if __name__ == "__main__":
    main()
