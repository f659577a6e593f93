"""What would be chosen so far, and whether a configuration that was not measured could still win."""

from dataclasses import replace

import pytest
from tests.unit.workflows.test_decide import DENSE, LEXICAL, NOW, POPULAR, TOP, USAGE, config, measurement

from steelyard.adapters.prices.books import PriceBooks
from steelyard.documents.machine import MachineFacts
from steelyard.domain import Configuration, Surface, Upkeep
from steelyard.workflows.deciding.early import could_win, early_choice, feasible, least_measurement, on_quality
from steelyard.workflows.pricing.price import Evidence, price

INT8 = Configuration("dense-int8-1bit", Surface.SEARCH, "dense", {}, upkeep=Upkeep(has_transformer=True))
STATIC = Configuration("dense-static-1bit", Surface.SEARCH, "dense", {})
WHOLE = measurement("dense-fp32-fp32", quality=0.50, service_ms=20, rss_mb=900)


@pytest.fixture(scope="module")
def book():
    return PriceBooks().load("aws-us-east-1")


def priced(book, search, *more, recommend=TOP, settings=None):
    known = [LEXICAL, DENSE, POPULAR, *(configuration for configuration, _ in more)]
    measured = [*search, *(found for _, found in more)]
    evidence = Evidence(
        known, {Surface.SEARCH: measured, Surface.RECOMMEND: recommend}, USAGE, MachineFacts(), 0.0005, 10**9
    )
    return price(settings or config(), evidence, book=book, now=NOW)


def bound_of(book, configuration, search):
    bound = least_measurement(configuration, WHOLE)
    found = priced(book, search, (configuration, bound)).surfaces[Surface.SEARCH]
    return next(each for each in found if each.candidate.name == configuration.name)


GOOD = [measurement("lexical", quality=0.50, service_ms=2), WHOLE]
POOR = [measurement("lexical", quality=0.30, service_ms=2), WHOLE]


def test_the_cheapest_that_keeps_the_floors_is_chosen_early(book):
    choice = early_choice(config(), priced(book, GOOD))

    assert {surface: each.candidate.name for surface, each in choice.items()} == {
        Surface.SEARCH: "lexical",
        Surface.RECOMMEND: "popularity",
    }


def test_a_smaller_transformer_cannot_win_where_a_choice_without_one_keeps_the_floors(book):
    bound = bound_of(book, INT8, GOOD)  # an engineer's hour a month above lexical, however fast it is

    assert not could_win(config(), priced(book, GOOD), bound, Surface.SEARCH)


def test_it_can_win_where_only_the_whole_transformer_keeps_the_floors(book):
    bound = bound_of(book, INT8, POOR)

    assert early_choice(config(), priced(book, POOR))[Surface.SEARCH].candidate.name == "dense-fp32-fp32"
    assert could_win(config(), priced(book, POOR), bound, Surface.SEARCH)


def test_a_form_without_a_transformer_can_always_win_against_a_dearer_choice(book):
    assert could_win(config(), priced(book, POOR), bound_of(book, STATIC, POOR), Surface.SEARCH)


def test_while_nothing_keeps_the_floors_anything_could_win(book):
    weak = [replace(GOOD[0], quality=replace(GOOD[0].quality, mean=0.0, low=0.0), per_request=GOOD[0].per_request * 0)]
    pricing = priced(book, weak, settings=(strict := config("[shop]\nname = 'x'\n")))

    assert Surface.SEARCH not in feasible(strict, pricing)
    assert could_win(strict, pricing, bound_of(book, INT8, weak), Surface.SEARCH)


def test_a_reference_that_was_not_measured_yet_leaves_everything_open(book):
    waiting = config().model_copy(
        update={"decide": config().decide.model_copy(update={"search": config().decide.search.model_copy(
            update={"reference": "hybrid-fp32-fp32"})})}
    )  # fmt: skip
    pricing = priced(book, GOOD, settings=waiting)

    assert Surface.SEARCH not in feasible(waiting, pricing)
    assert could_win(waiting, pricing, bound_of(book, INT8, GOOD), Surface.SEARCH)


def test_only_quality_tells_whose_times_decide(book):
    slow = measurement("dense-fp32-fp32", quality=0.50, service_ms=200, rss_mb=900)  # above the limit on latency
    kept = on_quality(config(), priced(book, [POOR[0], slow]))

    assert [each.candidate.name for each in kept[Surface.SEARCH]] == ["dense-fp32-fp32"]


def test_a_bound_is_no_larger_than_what_is_measured(book):
    measured = measurement("dense-int8-1bit", quality=0.49, service_ms=6, rss_mb=400)
    found = priced(book, GOOD, (INT8, measured)).surfaces[Surface.SEARCH]
    real = next(each for each in found if each.candidate.name == INT8.name)

    assert bound_of(book, INT8, GOOD).candidate.bill.total.amount <= real.candidate.bill.total.amount
