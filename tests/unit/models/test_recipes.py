"""What recipes say of their variants before anything is made."""

import pytest

from steelyard.errors import UnknownPlugin
from steelyard.models.recipe import Companion, Need, Plan, find_recipe
from steelyard.testing.recipe_contract import toy_config


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

    assert own.settings == ["popularity", {"half_life_days": None}]
    assert other.settings == [*own.settings, "2"]
