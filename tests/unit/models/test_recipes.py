"""What recipes say of their variants before anything is made."""

import pytest
from pydantic import ValidationError

from steelyard.config.data_tables import UsersSource
from steelyard.errors import ConfigError, UnknownPlugin
from steelyard.models.recipe import Companion, Need, Plan, find_recipe
from steelyard.testing.memory_bench import MemoryBench, toy_tables
from steelyard.testing.recipe_contract import toy_config
from steelyard.testing.toy_shop import toy_shop


def variants(name):
    recipe = find_recipe(name)
    return {each.name: each for each in recipe.variants(Plan(toy_config(), recipe.options()))}


def test_a_static_table_is_no_transformer_to_look_after():
    found = {name: each.upkeep.has_transformer for name, each in variants("dense").items()}

    assert found["dense-int8-1bit"]
    assert not found["dense-static-1bit"]
    assert not any(each.upkeep.has_transformer for each in variants("lexical").values())


def test_only_the_whole_transformer_over_whole_vectors_is_the_plain_configuration():
    plain = [name for kind in ("dense", "hybrid", "lexical") for name, v in variants(kind).items() if v.is_uncompressed]

    assert plain == ["dense-fp32-fp32"]


def test_what_a_recipe_answers_beside_its_surface_and_needs_is_stated():
    assert find_recipe("content").companion is Companion.SUBSTITUTES
    assert find_recipe("item-knn").companion is Companion.BOUGHT_TOGETHER
    assert Need.ENCODER in find_recipe("hybrid").needs
    assert Need.BEHAVIOUR not in find_recipe("content").needs


def test_an_unknown_recipe_is_answered_with_the_nearest():
    with pytest.raises(UnknownPlugin, match="Did you mean 'hybrid'"):
        find_recipe("hybird")


def test_another_version_of_a_model_is_another_part_and_without_one_nothing_changes():
    recipe = type(find_recipe("popularity"))
    newer = type("Newer", (recipe,), {"version": "2"})

    (_, own), (_, other) = recipe().part(recipe.options()), newer().part(recipe.options())

    assert own.settings == ["popularity", {"half_life_days": None, "dislikes": None}]
    assert other.settings == [*own.settings, "2"]


@pytest.mark.parametrize(
    ("name", "option", "sizes"), [("ials", "factors", (32, 64)), ("transformer", "width", (16, 64))]
)
def test_of_several_sizes_each_is_a_model_of_its_own_and_of_one_the_name_stays(name, option, sizes):
    recipe = find_recipe(name)
    plans = [Plan(toy_config(), recipe.options(**{option: given})) for given in (sizes, sizes[0], sizes[:1])]

    several, one, listed = ([each.name for each in recipe.variants(plan)] for plan in plans)

    assert several[0] == f"{name}-{sizes[0]}"
    assert several == [each.replace(name, f"{name}-{size}") for size in sizes for each in one]
    assert listed == several[: len(one)]
    assert one[0] == name
    made = [part.name for each in recipe.variants(plans[0]) for part in (*each.parts.values(), each.tuned)]
    assert len(set(made)) == 2 * len({part.name for each in recipe.variants(plans[1]) for part in each.needed})


@pytest.mark.parametrize("name", ["item-knn", "ease"])
def test_forms_are_made_once_each_the_whole_one_first_however_they_are_listed(name):
    recipe = find_recipe(name)

    found = recipe.variants(Plan(toy_config(), recipe.options(forms=("20x8bit", "full", "20x8bit"))))

    assert [each.name for each in found] == [f"{name}-full", f"{name}-20x8bit"]


@pytest.mark.parametrize(("name", "option"), [("item-knn", "forms"), ("ease", "forms"), ("transitions", "texts")])
def test_a_model_without_any_form_is_refused_where_it_is_written(name, option):
    with pytest.raises(ValidationError, match="at least 1 item"):
        find_recipe(name).options(**{option: ()})


@pytest.mark.parametrize("name", ["transformer", "two-tower"])
def test_a_network_that_is_told_to_read_more_than_requests_hold_is_refused(name):
    recipe, shop = find_recipe(name), toy_config()
    short = shop.model_copy(update={"models": shop.models.model_copy(update={"max_history": 20})})

    with pytest.raises(ConfigError, match=rf"\[models.{name}\] length is 21, and requests hold the latest 20 items"):
        list(recipe.variants(Plan(short, recipe.options(length=21))))

    assert list(recipe.variants(Plan(short, recipe.options(length=20))))
    assert list(recipe.variants(Plan(short, recipe.options())))


def test_basics_that_the_table_of_users_does_not_have_are_refused():
    recipe, shop = find_recipe("two-tower"), toy_config()
    users = UsersSource(path="users.csv", columns={"user": "id", "attributes": ["age band", "facts"]})
    told = shop.model_copy(update={"data": shop.data.model_copy(update={"users": users})})

    with pytest.raises(ConfigError, match=r"basics names 'age bnad', which .*attributes are 'age band', 'facts'"):
        list(recipe.variants(Plan(told, recipe.options(basics=("age bnad", "facts.region")))))
    with pytest.raises(ConfigError, match="there is no such table"):
        list(recipe.variants(Plan(shop, recipe.options(basics=("age band",)))))

    assert list(recipe.variants(Plan(told, recipe.options(basics=("age band",)))))
    assert list(recipe.variants(Plan(shop, recipe.options(basics=()))))


def test_each_size_is_fitted_in_that_size():
    bench = MemoryBench(toy_tables(toy_shop()))
    recipe = find_recipe("ials")
    models = list(recipe.variants(Plan(toy_config(), recipe.options(factors=(4, 8)))))

    bench.make(part for each in models for part in (each.tuned, *each.parts.values()))

    widths = [bench.state(each.parts["model"]).arrays["item_factors"].shape[1] for each in models]
    assert widths == [4, 8]
    assert recipe.part(recipe.options(factors=(4, 8)))[1].name == models[0].parts["model"].name
