"""The judgements of the demo: complete, with reasons, and of what a shopper types."""

from collections import Counter
from importlib.resources import files

import pyarrow.parquet as pq
import pytest


@pytest.fixture(scope="module")
def rows() -> list[dict[str, object]]:
    with (files("steelyard.cli") / "demo_judgements.parquet").open("rb") as file:
        return pq.read_table(file).to_pylist()


def test_every_judgement_says_its_grade_why_who_and_when(rows):
    assert {row["grade"] for row in rows} == {0, 1, 2, 3}
    assert all(row["reason"] and row["judged_by"] == "us" and row["judged_on"] for row in rows)
    assert not [pair for pair, n in Counter((row["query"], row["product_id"]) for row in rows).items() if n > 1]


def test_there_are_enough_queries_each_with_something_to_find_and_something_to_leave(rows):
    best, worst = Counter[str](), Counter[str]()
    for row in rows:
        best[row["query"]] += row["grade"] > 0
        worst[row["query"]] += row["grade"] < 2

    assert len(best) >= 150
    assert {"milk", "bread", "beer", "apple", "red wine"} <= set(best)
    assert min(best.values()) > 0
    assert sum(worst[query] > 0 for query in best) > 0.9 * len(best)


def test_queries_are_the_words_of_shoppers_and_no_titles(rows):
    queries = {row["query"] for row in rows}

    assert all(query == query.lower() and len(query.split()) <= 4 for query in queries)
    assert {"avacado", "yougurt"} <= queries, "people misspell"
