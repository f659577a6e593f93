"""Why a network is not measured, in both languages."""

from dataclasses import replace

import numpy as np
import pytest

from steelyard.domain import Interactions
from steelyard.models.recipe import REFUSED, Plan, find_recipe
from steelyard.models.refusals import untaught
from steelyard.testing.memory_bench import MemoryBench, toy_tables
from steelyard.testing.recipe_contract import toy_config
from steelyard.testing.toy_shop import toy_shop

SAID = {"en": "nobody came", "zh": "没有人来"}


def test_what_was_learnt_is_measured():
    assert untaught({"best": 0.0, "steps": 3}, nothing=SAID) == {}


def test_it_is_said_that_there_was_nothing_to_learn():
    assert untaught({"best": -1.0, "steps": 0}, nothing=SAID) == SAID


def test_it_is_said_after_how_many_steps_numbers_were_no_longer_finite():
    found = untaught({"best": -1.0, "steps": 7}, nothing=SAID)

    assert ("within 7 steps" in found["en"], "7 步" in found["zh"]) == (True, True)


@pytest.mark.parametrize("name", ["transformer", "two-tower"])
def test_where_nobody_has_two_items_a_network_says_so(name):
    pytest.importorskip("torch", reason="torch is not installed: networks cannot be trained")
    once = Interactions(np.arange(4), np.arange(4), np.arange(4.0), np.ones(4), 4, 90)
    tables = replace(toy_tables(toy_shop(seed=3)), learn=once, learn_all=once)
    bench, recipe = MemoryBench(tables, seed=3), find_recipe(name)

    variant = next(iter(recipe.variants(Plan(toy_config(), recipe.options()))))
    bench.make([variant.tuned])

    told = bench.values(variant.tuned)[REFUSED]
    assert "nobody has two different items" in told["en"]
    assert "两件不同的商品" in told["zh"]
