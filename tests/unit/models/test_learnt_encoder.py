"""Search by meaning that learns from the shop's own judged queries: its parts, and when nothing is tried."""

from dataclasses import replace

import numpy as np
import pytest

from steelyard.config import parse
from steelyard.domain import Request, State
from steelyard.models.building import with_ancestors
from steelyard.models.learning.lessons import MIN_QUERIES, learnt_network
from steelyard.models.recipe import REFUSED, Need, Plan, find_recipe
from steelyard.models.refusals import refusal
from steelyard.models.text.parts import full_encoder, text_vectors, unlearnt_queries, untaught
from steelyard.testing.memory_bench import MemoryBench, toy_tables
from steelyard.testing.toy_shop import toy_shop

ITEMS = """
[data.items]
path = "items.csv"
[data.items.columns]
item_id = "id"
title = "title"
"""
PLAIN = parse(ITEMS, name="steelyard.toml")
LEARNS = parse(f"{ITEMS}[models.encoder]\nlearn_minutes = 5\n", name="steelyard.toml")


def names(parts):
    return {part.name for part in with_ancestors(parts)}


def variants(config, kind):
    recipe = find_recipe(kind)
    return list(recipe.variants(Plan(config, recipe.options())))


def many_judged(tables, n, *, is_synthetic=False):
    """The toy shop's tuning cases, asked again and again in other words."""
    cases = tables.search_tuning
    rows = [row % len(cases.ids) for row in range(n)]
    return replace(
        cases,
        ids=tuple(f"{cases.ids[row]} {place}" for place, row in enumerate(rows)),
        requests=tuple(Request(query=f"{cases.requests[row].query} w{place}") for place, row in enumerate(rows)),
        relevant=tuple(cases.relevant[row] for row in rows),
        gains=tuple(cases.gains[row] for row in rows),
        is_synthetic=is_synthetic,
    )


@pytest.fixture(scope="module")
def tables():
    return toy_tables(toy_shop(seed=3))


def bench_of(tables, n, **more):
    return MemoryBench(replace(tables, search_tuning=many_judged(tables, n, **more)))


def test_an_encoder_that_does_not_learn_has_the_parts_it_always_had():
    assert full_encoder(PLAIN).name == "parts/encoder/minilm-fp32"
    assert full_encoder(PLAIN).made_from == ()
    assert [part.name for part in text_vectors(PLAIN).made_from] == ["parts/encoder/minilm-fp32"]


def test_an_encoder_that_learns_is_made_of_what_it_learnt():
    needed = names([full_encoder(LEARNS), text_vectors(LEARNS)])

    assert {"encoders/minilm-learnt", "parts/encoder/minilm-learnt-fp32", "vectors/minilm-learnt"} <= needed
    assert {"parts/encoder/minilm-fp32", "vectors/minilm", "parts/lexical", "tuned/lexical"} <= needed


def test_no_part_of_the_learnt_search_is_taken_for_one_of_the_plain_search():
    plain = {part.name: part for each in variants(PLAIN, "hybrid") for part in each.needed}
    learnt = {part.name: part for each in variants(PLAIN, "learnt") for part in each.needed}

    assert set(plain) & set(learnt) == {"parts/lexical"}


def test_the_learnt_search_comes_in_every_form():
    found = variants(PLAIN, "learnt")

    assert [each.name for each in found] == [
        each.name.replace("hybrid", "learnt") for each in variants(PLAIN, "hybrid")
    ]
    assert found[-1].whole == found[0].name
    assert Need.JUDGEMENTS in find_recipe("learnt").needs


def test_hybrid_and_dense_use_the_learnt_encoder_where_the_shop_says_so():
    for kind in ("hybrid", "dense"):
        assert "encoders/minilm-learnt" in names(variants(LEARNS, kind)[0].needed)


def test_with_few_judged_queries_nothing_is_tried(tables):
    bench = bench_of(tables, MIN_QUERIES - 1)

    bench.make([learnt_network(LEARNS)])

    facts = bench.state(learnt_network(LEARNS)).facts
    assert facts["pays"] is False
    assert f"fewer than {MIN_QUERIES}" in facts["note"]


def test_made_queries_teach_nothing(tables):
    bench = bench_of(tables, MIN_QUERIES, is_synthetic=True)

    bench.make([learnt_network(LEARNS)])

    assert "nothing was tried" in bench.state(learnt_network(LEARNS)).facts["note"]


def test_an_encoder_that_gains_nothing_is_left_as_it_was(tables):
    bench = bench_of(tables, 240)

    bench.make([text_vectors(LEARNS)])

    facts = bench.state(learnt_network(LEARNS)).facts
    assert facts["pays"] is False
    assert facts["gain"] == 0.0
    assert facts["decided_by"] > 20
    np.testing.assert_array_equal(
        bench.state(text_vectors(LEARNS)).arrays["vectors"],
        bench.state(text_vectors(untaught(LEARNS))).arrays["vectors"],
    )


def test_fusion_is_fitted_on_queries_that_the_encoder_did_not_learn(tables):
    bench = bench_of(tables, 240)
    network = learnt_network(LEARNS)
    bench.make([network])

    assert len(unlearnt_queries([None], bench).ids) == 240
    assert len(unlearnt_queries([network], bench).ids) == 240
    bench.made[network.name].state = State({}, {"pays": True})
    assert 20 < len(unlearnt_queries([network], bench).ids) < 80


@pytest.mark.parametrize(
    ("facts", "told"),
    [
        ({}, ""),
        ({"pays": True, "gain": 0.02, "error": 0.001, "decided_by": 400}, ""),
        ({"pays": False, "gain": 0.0008, "error": 0.0042, "decided_by": 400}, "gained +0.0008 nDCG@10"),
        ({"pays": False, "note": "few"}, "nothing was learnt"),
    ],
)
def test_what_does_not_pay_is_left_out_and_it_is_said_why(facts, told):
    found = refusal(facts)

    assert bool(found) == bool(told)
    assert told in found.get(REFUSED, {}).get("en", "")
    assert bool(found.get(REFUSED, {}).get("zh")) == bool(told)


def test_a_search_whose_encoder_learnt_nothing_is_refused_and_the_plain_one_is_not(tables):
    bench = bench_of(tables, 240)
    learnt, plain = variants(PLAIN, "learnt")[-1], variants(PLAIN, "hybrid")[-1]

    bench.make([learnt.tuned, plain.tuned])

    assert "not clearly more than nothing" in bench.values(learnt.tuned)[REFUSED]["en"]
    assert REFUSED not in bench.values(plain.tuned)
