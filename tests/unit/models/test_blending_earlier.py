"""Members are fitted twice: without the validation period to fit the fusion, with it to be served."""

from types import SimpleNamespace

import numpy as np
import pytest

from steelyard.domain import State
from steelyard.models.blending.earlier import SUFFIX, earlier_parts
from steelyard.models.building import Part, with_ancestors
from steelyard.models.recipe import Plan, find_recipe
from steelyard.testing.memory_bench import MemoryBench, toy_tables
from steelyard.testing.recipe_contract import toy_config
from steelyard.testing.toy_shop import toy_shop


@pytest.fixture(scope="module")
def bench():
    return MemoryBench(toy_tables(toy_shop(seed=3)), seed=3)


def variants(name):
    recipe = find_recipe(name)
    return {each.name: each for each in recipe.variants(Plan(toy_config(), recipe.options()))}


def test_a_model_is_made_from_what_happened_before_the_validation_period_and_from_all(bench):
    variant = variants("popularity")["popularity"]
    twin = earlier_parts(variant.parts.values(), tuned=variant.tuned)[variant.parts["model"].name]
    bench.make([twin, variant.parts["model"]])

    early, late = bench.state(twin).arrays["scores"], bench.state(variant.parts["model"]).arrays["scores"]

    assert twin.name == variant.parts["model"].name + SUFFIX
    assert early.sum() < late.sum()
    assert (early <= late).all()


def test_tuned_values_and_what_they_are_made_of_stay_as_they_are(bench):
    variant = variants("content")["content"]
    twin = earlier_parts(variant.parts.values(), tuned=variant.tuned)[variant.parts["model"].name]

    assert variant.tuned in twin.made_from
    assert [part.name for part in twin.made_from] == [part.name for part in variant.parts["model"].made_from]


@pytest.mark.parametrize("name", ["transformer", "transformer-int8", "two-tower", "two-tower-int8"])
def test_a_network_that_ends_on_all_events_is_taught_again_without_the_validation_period(name):
    """What its training came to is a tuned value, so it stood for a part that knows no validation case."""
    variant = variants(name.removesuffix("-int8"))[name]
    model = variant.parts["model"]
    twin = earlier_parts(variant.parts.values(), tuned=variant.tuned)[model.name]

    network = next(part for part in with_ancestors([model]) if part.learns_all)
    assert network in with_ancestors([variant.tuned])
    assert twin.name == model.name + SUFFIX
    names = {part.name for part in with_ancestors([twin])}
    assert network.name + SUFFIX in names
    assert network.name not in names


def test_a_small_form_is_made_of_the_model_as_it_was(bench):
    variant = variants("item-knn")["item-knn-20x8bit"]
    twin = earlier_parts(variant.parts.values(), tuned=variant.tuned)[variant.parts["model"].name]
    bench.make([twin, variant.parts["model"]])

    whole = next(part for part in twin.made_from)

    assert whole.name == "parts/recommend/item-knn.full" + SUFFIX
    assert bench.state(twin).facts["bits"] == 8
    assert not np.array_equal(
        bench.state(twin).arrays["neighbours"], bench.state(variant.parts["model"]).arrays["neighbours"]
    )


def test_what_looks_at_no_table_is_not_made_twice():
    constant = Part("parts/constant", lambda bench: State({}, {"is": 1}), uses_tables=False)
    on_top = Part("parts/on-top", lambda bench: bench.state(constant), (constant,), uses_tables=False)

    assert earlier_parts([on_top], tuned=None) == {"parts/on-top": on_top}


def test_what_the_bench_has_besides_is_the_benchs_own():
    asked = []
    part = Part("parts/theirs", lambda bench: asked.append((bench.seed, bench.learn_sequence("x"))) or State())
    twin = earlier_parts([part], tuned=None)["parts/theirs"]

    twin.make(SimpleNamespace(seed=7, learn_sequence=lambda what: what * 2))

    assert asked == [(7, "xx")]
