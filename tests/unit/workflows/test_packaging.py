"""What goes into a bundle: the choice that keeps its floors, what is named, and why something stays out."""

import json

import msgspec
import pytest
from tests.documents_of import candidate_of, promise_row_of, surface_of
from tests.unit.workflows.toy_run import RECOMMEND, SEARCH, open_run, untold

from steelyard.adapters.bundle import Bundle
from steelyard.documents.decision import read_decision
from steelyard.documents.promises import PromiseRecord, promises_builtins
from steelyard.errors import StageError
from steelyard.workflows.bundles.packaging import (
    feasible_choice,
    named_configurations,
    nothing_packaged,
    package_held,
    package_named,
    package_stage,
)
from steelyard.workflows.decide import store_decision
from steelyard.workflows.run import bundle_of
from steelyard.workflows.stored import stored_decision


def names_of(bundle):
    return {str(surface): [one.name for one in found] for surface, found in bundle.configurations.items()}


def without_feasible(run, *surfaces):
    """The stored decision with nothing that keeps the floors on these surfaces."""
    decision = stored_decision(run.store)
    rows = [
        msgspec.structs.replace(row, is_feasible=False, why=f"nothing keeps the floor of {row.surface}")
        if row.surface in surfaces
        else row
        for row in decision.surfaces
    ]
    store_decision(run.store, msgspec.structs.replace(decision, surfaces=tuple(rows)))
    return stored_decision(run.store)


def test_the_same_choice_is_packaged_once(done):
    run = open_run(done)
    before = sorted((run.work / "bundles").iterdir())

    (line,) = package_stage(run, untold)

    assert line == f"bundle {bundle_of(run)} is up to date"
    assert sorted((run.work / "bundles").iterdir()) == before


def test_a_bundle_that_was_deleted_is_made_again(done):
    run = open_run(done)
    folder = bundle_of(run)
    run.tools.files.remove(folder)

    (line,) = package_stage(run, untold)

    assert line == f"bundle {folder}"
    assert Bundle.open(run.work / "bundles").folder == folder


def test_a_new_record_of_promises_makes_a_bundle_of_the_same_choice_again(done):
    run = open_run(done)
    before = bundle_of(run)
    run.store.write_json("promises", promises_builtins(PromiseRecord(rows=(promise_row_of(),))))

    (line,) = package_stage(run, untold)

    assert bundle_of(run) != before
    assert line == f"bundle {bundle_of(run)}"


def test_a_bundle_carries_decision_bills_and_the_record_in_the_currency_of_the_book(done):
    folder = bundle_of(open_run(done))

    assert {"bundle.json", "decision.json", "bills.json", "promises.json"} <= {path.name for path in folder.iterdir()}
    record = json.loads((folder / "promises.json").read_text("utf-8"))
    assert record["currency"] == "USD"
    assert [row["configuration"] for row in record["rows"]] == ["lexical", "popularity"]


def test_without_a_decision_nothing_is_packaged(done):
    run = open_run(done)
    run.store.forget("decision")

    with pytest.raises(StageError, match="decision is not there yet: run `steelyard decide`"):
        package_stage(run, untold)
    with pytest.raises(StageError, match="decision is not there yet: run `steelyard decide`"):
        package_named(run, ["lexical"], untold)


def test_a_surface_that_keeps_no_floor_stays_out_and_it_is_said_why(done):
    run = open_run(done)
    without_feasible(run, "recommend")

    lines = package_stage(run, untold)

    assert lines == [
        f"bundle {bundle_of(run)}",
        "recommend is not in the bundle: nothing keeps the floor of recommend",
    ]
    assert set(names_of(Bundle.open(bundle_of(run)))) == {"search", "similar"}


def test_where_nothing_keeps_a_floor_the_refusal_says_why_and_how_to_package_the_nearest(done):
    run = open_run(done)
    without_feasible(run, "search", "recommend")

    with pytest.raises(StageError) as refusal:
        package_stage(run, untold)

    assert str(refusal.value) == (
        "nothing was packaged, since no configuration keeps every floor (search: nothing keeps the floor of search; "
        "recommend: nothing keeps the floor of recommend). Loosen a floor, or package the closest all the same: "
        "`steelyard package lexical popularity`"
    )


def test_a_decision_without_any_candidate_offers_nothing_to_package_all_the_same():
    row = surface_of("search", None, is_feasible=False, why="there is no candidate")

    said = nothing_packaged(read_decision({"surfaces": [row]}))

    assert said == (
        "nothing was packaged, since no configuration keeps every floor (search: there is no candidate). Loosen a floor"
    )


def test_after_a_check_that_broke_everything_no_bundle_is_named_and_the_old_one_is_still_there(done):
    run = open_run(done)
    before = bundle_of(run)
    decision = without_feasible(run, "search", "recommend")

    lines = package_held(run, decision, untold)

    assert lines == [nothing_packaged(decision), f"the bundle made before is still at {before}"]
    assert bundle_of(run) is None
    assert before.is_dir()
    assert package_held(run, decision, untold) == [nothing_packaged(decision)]


def test_a_held_choice_is_packaged_after_its_check(done):
    run = open_run(done)

    assert package_held(run, stored_decision(run.store), untold) == [f"bundle {bundle_of(run)} is up to date"]


def test_a_named_configuration_takes_the_place_of_the_chosen_one_and_the_other_surface_keeps_its_choice(done):
    run = open_run(done)

    lines = package_named(run, ["item-knn-full"], untold)

    bundle = Bundle.open(bundle_of(run))
    names = names_of(bundle)
    assert (names["search"], names["recommend"]) == (["lexical"], ["item-knn-full"])
    row = stored_decision(run.store).of("recommend").candidate("item-knn-full")
    said = "; ".join(row.reasons) or row.verdict
    assert lines == [f"bundle {bundle.folder}", f"item-knn-full was not chosen: {said}"]


def test_nothing_is_said_against_a_named_configuration_that_was_chosen(done):
    run = open_run(done)

    (line,) = package_named(run, ["lexical"], untold)

    assert line == f"bundle {bundle_of(run)}"


def test_a_bundle_of_named_ones_is_not_taken_for_the_choice(done):
    run = open_run(done)
    package_named(run, ["item-knn-full"], untold)
    named = bundle_of(run)

    package_stage(run, untold)

    assert bundle_of(run) != named


@pytest.mark.parametrize(
    ("names", "said"),
    [
        (["lexcal"], "no configuration is called 'lexcal'; did you mean lexical?"),
        (
            ["zzz"],
            "no configuration is called 'zzz': there are item-knn-20x8bit, item-knn-full, lexical, popularity",
        ),
        (["popularity", "item-knn-full"], "popularity and item-knn-full both answer recommend: name one of them"),
    ],
)
def test_names_that_cannot_be_packaged_are_refused_with_what_to_name(toy_done, names, said):
    with pytest.raises(StageError) as refusal:
        named_configurations(open_run(toy_done), names)

    assert str(refusal.value) == said


def test_named_ones_are_given_by_surface(toy_done):
    found = named_configurations(open_run(toy_done), ["item-knn-full", "lexical"])

    assert {surface: one.name for surface, one in found.items()} == {RECOMMEND: "item-knn-full", SEARCH: "lexical"}


def test_the_feasible_choice_leaves_out_what_was_only_nearest(toy_done):
    run = open_run(toy_done)
    near = surface_of("search", "lexical", candidate_of("lexical"), is_feasible=False)
    right = surface_of("recommend", "popularity", candidate_of("popularity"))

    found = feasible_choice(run, read_decision({"surfaces": [near, right]}))

    assert {surface: one.name for surface, one in found.items()} == {RECOMMEND: "popularity"}


def test_popular_items_are_served_where_recommendation_could_not_be_judged(done):
    run = open_run(done)
    decision = stored_decision(run.store)
    store_decision(run.store, msgspec.structs.replace(decision, surfaces=(decision.of("search"),)))

    package_stage(run, untold)

    assert names_of(Bundle.open(bundle_of(run)))["recommend"] == ["popularity"]


def test_without_queries_of_people_categories_and_best_sellers_are_proposed(toy_done):
    run = open_run(toy_done)

    proposed = json.loads((bundle_of(run) / "bundle.json").read_text("utf-8"))["query_examples"]

    shop = run.bench.shop
    things = {name.split(" > ")[-1] for name in shop.facts.categories}
    assert len(things & set(proposed)) >= 4
    assert set(proposed) <= things | set(shop.texts.title)
