"""What a recipe lists to be searched: its ranges, where a search begins, and what the shop has set itself."""

import math
from dataclasses import replace

import numpy as np
import pytest

from steelyard.errors import ConfigError
from steelyard.models.recipe import Plan, find_recipe
from steelyard.models.searching import Choice, Real, Whole, described, inside
from steelyard.testing import toy_shop, toy_tables
from steelyard.testing.memory_bench import MemoryBench
from steelyard.testing.recipe_contract import toy_config

SPACE = {"decay": Real(0.3, 1.0), "size": Whole(10, 500, is_log=True), "kind": Choice(("a", "b"))}


def test_what_lies_outside_a_range_is_moved_to_its_nearer_end():
    found = inside(SPACE, {"decay": 0.1, "size": 900, "kind": "c", "more": 1})

    assert found == {"decay": 0.3, "size": 500, "kind": "a"}


def test_what_lies_inside_stays():
    assert inside(SPACE, {"decay": 0.5, "size": 20.4, "kind": "b"}) == {"decay": 0.5, "size": 20, "kind": "b"}


def test_a_name_without_a_value_to_begin_with_is_named():
    with pytest.raises(ConfigError, match="nothing to begin with for decay, kind"):
        inside(SPACE, {"size": 20})


def test_a_space_is_described_as_json_holds_it():
    assert described(SPACE) == {
        "decay": ["real", 0.3, 1.0, False],
        "size": ["whole", 10, 500, True],
        "kind": ["choice", "a", "b"],
    }


@pytest.mark.parametrize(
    ("kind", "low", "high", "is_log"),
    [(Real, 1.0, 1.0, False), (Whole, 5, 2, False), (Real, 0.0, 1.0, True), (Real, math.nan, 1.0, False),
     (Real, 0.0, math.inf, False), (Whole, -1, 5, True)],
)  # fmt: skip
def test_an_empty_or_endless_range_is_refused(kind, low, high, is_log):
    with pytest.raises(ConfigError, match="range from"):
        kind(low, high, is_log)


@pytest.mark.parametrize("values", [(), ("a",), ("a", "a")])
def test_a_choice_needs_two_different_values(values):
    with pytest.raises(ConfigError, match="two different"):
        Choice(values)


@pytest.mark.parametrize(
    ("name", "given", "left"),
    [
        ("item-knn", {"neighbours": 50, "decay": 0.6}, {"shrinkage", "popularity"}),
        ("user-knn", {"neighbours": 50}, {"decay"}),
        ("ease", {"text": 0.0}, {"decay", "ridge", "directed"}),
        ("ials", {"factors": 128}, {"regularization", "alpha", "decay"}),
        ("popularity", {}, set()),
    ],
)
def test_what_the_shop_sets_itself_is_not_searched(name, given, left):
    recipe = find_recipe(name)

    assert set(recipe.search_space(recipe.options(**given))) == left


def test_the_next_basket_s_weights_are_searched_one_by_one_and_put_together_again():
    recipe = find_recipe("tifu-knn")
    own = {"within": 1.0, "between": 0.9, "size": 1}
    tuned = {"weights": {"own": own, "repeat": 0.25, "cycle": 0.1, "people": 1.0, "popularity": 0.1, "basket": 4.0}}
    start = recipe.start(recipe.options(), tuned)

    assert recipe.taken(tuned, start) == tuned
    assert recipe.taken(tuned, {**start, "size": 7, "people": 2.0})["weights"] == {
        **tuned["weights"],
        "people": 2.0,
        "own": {**own, "size": 7},
    }


@pytest.mark.parametrize("name", ["item-knn", "user-knn", "ease", "ials", "transitions", "tifu-knn"])
def test_a_trial_knows_nothing_of_the_validation_period(name):
    shop, recipe = toy_tables(toy_shop(seed=3, n_users=60)), find_recipe(name)
    lists = []
    for tables in (shop, replace(shop, learn_all=shop.learn)):
        bench = MemoryBench(tables, seed=3)
        tuned = next(iter(recipe.variants(Plan(toy_config(), recipe.options())))).tuned
        bench.make([tuned])
        search = bench.searches[tuned.name]
        lists.append(search.prepare()(search.start).retrieve(shop.recommend_tuning.requests, k=5).items)

    np.testing.assert_array_equal(*lists)
