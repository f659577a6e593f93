"""The recipe ``sparse``, built as a shop builds it: parts are made once, and what was learnt is told."""

from dataclasses import replace

import numpy as np
import pytest

from steelyard.config import Config
from steelyard.domain import Cases, CatalogueFacts, Request, Surface, Texts
from steelyard.models.learned_sparse.sparse_recipe import SparseOptions, SparseRecipe
from steelyard.models.recipe import REFUSED, Plan
from steelyard.testing.memory_bench import MemoryBench, toy_tables
from steelyard.testing.toy_shop import toy_shop

KINDS = tuple(f"{a}{b}" for a in ("bor", "cel", "dun", "fal", "gri") for b in ("mo", "ta", "vex", "nil", "sur", "dap"))
TITLES = (
    *(f"{kind} {thing}" for thing in ("rug", "hammer", "lamp", "stool") for kind in KINDS),
    *(f"{colour} seat cover number {number}" for colour in ("red", "blue") for number in range(6)),
)


def shop(origin="judged", repeats=8):
    """A shop whose people ask for seats and mean stools."""
    queries = [f"{kind} seat {size}" for size in range(40, 40 + repeats) for kind in KINDS]
    relevant = tuple(np.array([TITLES.index(f"{query.split()[0]} stool")]) for query in queries)
    gains, ids = (np.array([1.0]),) * len(queries), tuple(queries)
    cases = Cases(Surface.SEARCH, ids, tuple(Request(query=q) for q in queries), relevant, gains, origin=origin)
    n, none = len(TITLES), ("",) * len(TITLES)
    numbers, ones = np.arange(n), np.ones(n, np.int64)
    facts = CatalogueFacts(numbers, numbers, -ones, ones, ())
    none_learnt = replace(toy_tables(toy_shop(seed=0)).learn, users=np.empty(0, np.int64), items=np.empty(0, np.int64),
                          times_s=np.empty(0), weights=np.empty(0), n_items=n)  # fmt: skip
    texts = Texts(TITLES, none, none, none, none)
    tables = toy_tables(toy_shop(seed=0))
    return replace(tables, item_ids=TITLES, texts=texts, facts=facts, learn=none_learnt, learn_all=none_learnt,
                   search_tuning=cases, search_test=cases)  # fmt: skip


def built(tables, form):
    items = {"path": "items.csv", "columns": {"item_id": "a", "title": "b"}}
    config = Config.model_validate({"data": {"items": items}})
    variant = next(iter(SparseRecipe().variants(Plan(config, SparseOptions(expand_by=[form])))))
    bench = MemoryBench(tables)
    bench.make(variant.needed)
    values = dict(bench.values(variant.tuned))
    refused = values.pop(REFUSED)
    return SparseRecipe().open(bench.open(variant.parts), values), values["learning"], refused, bench


@pytest.mark.parametrize("form", ["words", "encoder"])
def test_what_judges_meant_is_found_and_what_taught_it_is_told(form):
    retriever, learning, refused, bench = built(shop(), form)

    found = retriever.retrieve([Request(query="grivex seat")], k=1).items[0, 0]
    assert TITLES[found] == "grivex stool"
    assert refused == {}
    assert learning["taught_by"]["source"] == "judged"
    assert learning["gain"] > 2 * learning["error"]
    assert len(set(bench.making)) == len(bench.making)


def test_behaviour_teaches_where_nobody_judged():
    tables = shop(origin="behaviour")
    made = replace(tables.search_tuning, is_synthetic=True, origin="synthetic")

    _, learning, refused, _ = built(replace(tables, search_tuning=made, search_teaching=tables.search_tuning), "words")

    assert refused == {}
    assert learning["taught_by"]["source"] == learning["taught_by"]["decided_by_source"] == "behaviour"


def test_people_decide_what_made_queries_taught():
    tables = shop(origin="synthetic")
    made = replace(tables.search_tuning, is_synthetic=True)
    few = replace(shop(repeats=2).search_tuning, origin="judged")

    retriever, learning, refused, _ = built(replace(tables, search_tuning=few, search_teaching=made), "words")

    assert learning["taught_by"] == {"source": "synthetic", "queries": 240, "pairs": 240, "decided_by_source": "judged"}
    assert refused == {}
    assert TITLES[retriever.retrieve([Request(query="grivex seat")], k=1).items[0, 0]] == "grivex stool"


def test_made_queries_alone_teach_nothing_and_it_is_said():
    tables = shop(origin="synthetic")
    made = replace(tables, search_tuning=replace(tables.search_tuning, is_synthetic=True))

    _, learning, refused, _ = built(made, "words")

    assert learning["why"] == "few_judgements"
    assert "others of their own making" in refused["en"]
