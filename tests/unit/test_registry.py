from importlib.metadata import metadata

import pytest

from steelyard import registry
from steelyard.errors import MissingExtra, UnknownPlugin


def test_lists_the_built_in_recipes_by_surface():
    assert registry.recipes() == {
        "search": ["dense", "hybrid", "lexical"],
        "recommend": ["content", "ials", "item-knn", "popularity"],
    }


def test_a_recipe_is_known_by_its_surface_before_it_is_imported():
    assert registry.surface_of("item-knn") == "recommend"
    with pytest.raises(UnknownPlugin, match="Did you mean 'lexical'"):
        registry.surface_of("lexicall")


@pytest.mark.parametrize(
    "kind", ["recipes.search", "recipes.recommend", "compressions", "encoders", "indexes", "adapters"]
)
def test_every_built_in_plugin_can_be_loaded_or_says_what_to_install(kind):
    for name in registry.names(kind):
        try:
            assert callable(registry.load(kind, name))
        except MissingExtra as error:
            assert "pip install 'steelyard[forecast]'" in str(error)  # all other extras are there in development
            assert name == "statsforecast"


def test_offers_the_nearest_name():
    with pytest.raises(UnknownPlugin, match="Did you mean 'popularity'"):
        registry.load("recipes.recommend", "populartiy")


def test_every_extra_named_in_a_message_exists():
    assert set(registry.EXTRA_BRINGING.values()) <= set(metadata("steelyard").get_all("Provides-Extra"))
