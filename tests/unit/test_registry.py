from importlib.metadata import metadata

import pytest

from steelyard import registry
from steelyard.cost.prices.catalogue import PriceImporter
from steelyard.errors import UnknownPlugin


def test_lists_the_built_in_recipes_by_surface():
    assert registry.recipes() == {
        "search": ["cross", "dense", "hybrid", "learnt", "lexical", "llm", "ltr", "sparse"],
        "recommend": [
            "bought-together",
            "content",
            "ease",
            "frequency",
            "fused",
            "ials",
            "item-knn",
            "popularity",
            "private",
            "response",
            "substitutes",
            "tifu-knn",
            "transformer",
            "transitions",
            "two-tower",
            "user-knn",
        ],
    }


def test_a_recipe_is_known_by_its_surface_before_it_is_imported():
    assert registry.surface_of("item-knn") == "recommend"
    with pytest.raises(UnknownPlugin, match="Did you mean 'lexical'"):
        registry.surface_of("lexicall")


@pytest.mark.parametrize(
    "kind", ["recipes.search", "recipes.recommend", "compressions", "encoders", "indexes", "sources", "ledgers"]
)
def test_every_built_in_plugin_can_be_loaded(kind):
    assert registry.names(kind)
    for name in registry.names(kind):
        assert callable(registry.load(kind, name))


def test_every_catalogue_that_can_be_chosen_has_an_importer():
    assert registry.names("price-importers") == ["csv", "genai-prices", "gpuhunt", "karpenter", "skypilot"]
    assert all(
        isinstance(registry.load("price-importers", n), PriceImporter) for n in registry.names("price-importers")
    )


def test_a_missing_module_that_no_extra_brings_is_a_bug_and_passed_on():
    with pytest.raises(ModuleNotFoundError), registry.naming_extra("the toy"):
        raise ModuleNotFoundError("No module named 'toy'", name="toy")


def test_offers_the_nearest_name():
    with pytest.raises(UnknownPlugin, match="Did you mean 'popularity'"):
        registry.load("recipes.recommend", "populartiy")


def test_every_extra_named_in_a_message_exists():
    assert set(registry.EXTRA_BRINGING.values()) <= set(metadata("steelyard").get_all("Provides-Extra"))
