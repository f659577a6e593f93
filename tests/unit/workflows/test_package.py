"""Which models answer what in a bundle: similar items, what is bought together, search by words beside vectors."""

from dataclasses import replace

import pytest
from tests.unit.workflows.toy_run import RECOMMEND, SEARCH, open_run

from steelyard.adapters.bundle import Bundle
from steelyard.documents.decision import Decision, ShopRow
from steelyard.domain import Configuration, Surface
from steelyard.errors import StageError
from steelyard.workflows.build import load_configurations
from steelyard.workflows.bundles.package import Details, bought_with_configuration, package, similar_configurations

DECISION = Decision(shop=ShopRow("Toy", "USD", "en"), made_at="2026-11-01T12:00:00+00:00")


@pytest.fixture
def run(toy_done):
    return open_run(toy_done)


@pytest.fixture
def known(run):
    return {each.name: each for each in load_configurations(run.store)}


def packed(run, out, *chosen, **details):
    by_surface = {each.surface: each for each in chosen}
    return Bundle.open(
        package(
            run.config,
            run.store,
            run.tools.bundles,
            chosen=by_surface,
            out=out,
            decision=DECISION,
            details=Details(**details) if details else None,
        )
    )


def test_nothing_chosen_is_nothing_to_package(run, tmp_path):
    with pytest.raises(StageError, match="nothing was chosen, so there is nothing to package: loosen a floor"):
        packed(run, tmp_path / "out")

    assert not (tmp_path / "out").exists()


def test_a_part_that_was_not_made_is_named_with_the_command_that_makes_it(done, tmp_path, known):
    run = open_run(done)
    run.store.forget("parts/cards")
    run.store.forget("parts/lexical")

    with pytest.raises(StageError, match=r"^parts/cards, parts/lexical not made yet: run `steelyard build` first$"):
        packed(run, tmp_path / "out", known["lexical"])


def test_the_same_content_is_the_same_folder(run, known, tmp_path):
    first = packed(run, tmp_path / "out", known["lexical"])
    second = packed(run, tmp_path / "out", known["lexical"])
    other = packed(run, tmp_path / "out", known["lexical"], known["popularity"])

    assert first.folder == second.folder != other.folder
    assert Bundle.open(tmp_path / "out").folder == other.folder  # the newest


def test_a_bundle_was_made_when_it_is_said_else_with_its_decision(run, known, tmp_path):
    said = packed(run, tmp_path / "a", known["lexical"], made_at="2026-12-01T00:00:00+00:00")
    unsaid = packed(run, tmp_path / "b", known["lexical"])

    assert said.facts["made_at"] == "2026-12-01T00:00:00+00:00"
    assert unsaid.facts["made_at"] == DECISION.made_at


def test_histories_are_packaged_only_where_there_are_some(done, known, tmp_path):
    run = open_run(done)
    run.store.forget("parts/histories")

    bundle = packed(run, tmp_path / "out", known["lexical"])

    assert "parts/histories" not in bundle.facts["parts"]


def test_similar_items_keep_the_rules_of_the_recommender_and_nothing_else_of_it(run, known):
    recommend = replace(known["popularity"], options={"rules": {"exclude_seen": True}, "half_life_days": 3})

    (similar,) = similar_configurations(run.config, run.store, recommend)
    (alone,) = similar_configurations(run.config, run.store, None)

    assert similar.name == "similar-substitutes"
    assert similar.options == {"rules": {"exclude_seen": True}}
    assert alone.options == {}


def test_without_texts_that_were_read_nothing_is_similar(done, known):
    run = open_run(done)
    run.store.forget("parts/recommend/substitutes")

    assert similar_configurations(run.config, run.store, known["popularity"]) == []


def test_what_is_bought_together_is_answered_by_the_recommender_that_knows_it(run, known):
    found = bought_with_configuration(run.config, run.store, known["item-knn-full"])

    assert found.name == "bought-with-item-knn-full"
    assert found.surface is Surface.SIMILAR
    assert found.parts["popularity"] == "parts/recommend/popularity"
    assert "fallback" not in found.parts
    assert found.parts["model"] == known["item-knn-full"].parts["model"]


def test_beside_best_sellers_the_smallest_model_of_what_is_bought_together_answers(run, known):
    found = bought_with_configuration(run.config, run.store, known["popularity"])

    sizes = {name: run.store.size(known[name].parts["model"]) for name in ("item-knn-full", "item-knn-20x8bit")}
    assert found.name == f"bought-with-{min(sizes, key=sizes.get)}"
    assert found.options.get("rules") == known["popularity"].options.get("rules")


def test_a_model_of_what_is_bought_together_that_was_not_made_is_passed_over(done, known):
    run = open_run(done)
    run.store.forget(known["item-knn-20x8bit"].parts["model"])

    assert bought_with_configuration(run.config, run.store, known["popularity"]).name == "bought-with-item-knn-full"


def test_best_sellers_alone_say_nothing_of_what_is_bought_together(done, known):
    run = open_run(done)
    for name in ("item-knn-20x8bit", "item-knn-full"):
        run.store.forget(known[name].parts["model"])

    assert bought_with_configuration(run.config, run.store, known["popularity"]) is None


@pytest.mark.parametrize("gone", ["parts/recommend/popularity", None])
def test_without_behaviour_nothing_is_bought_together(done, known, gone):
    run = open_run(done)
    if gone:
        run.store.forget(gone)

    assert bought_with_configuration(run.config, run.store, known["popularity"] if gone else None) is None


def test_search_by_words_stands_beside_a_search_that_has_none(run, known, tmp_path):
    rules = {"exclude_out_of_stock": True}
    vectors = Configuration("dense", SEARCH, "lexical", {"model": "parts/lexical", "catalogue": "parts/catalogue"})
    bundle = packed(run, tmp_path / "a", replace(vectors, options={"rules": rules}))
    plain = packed(run, tmp_path / "b", known["lexical"])

    words = bundle.facts["beside"]["words"]
    assert (words["kind"], words["options"]) == ("lexical", {"rules": rules})
    assert words["parts"] == {"lexical": "parts/lexical", "catalogue": "parts/catalogue"}
    assert "words" not in plain.facts["beside"]


def test_a_bundle_of_recommendation_alone_has_no_search(run, known, tmp_path):
    bundle = packed(run, tmp_path / "out", known["item-knn-full"])

    assert set(bundle.facts["surfaces"]) == {"recommend", "similar"}
    assert set(bundle.facts["beside"]) == {"bought_with"}
    assert RECOMMEND in bundle.configurations
