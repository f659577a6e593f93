"""Figures that nobody measured: with the value of now the bills are what they are, and they move as they should."""

from dataclasses import replace
from decimal import Decimal

import pytest
from tests.unit.workflows.test_decide import GOOD, NOW, TOP, config, evidence

from steelyard.adapters.prices.books import PriceBooks
from steelyard.domain import Surface
from steelyard.workflows.deciding.choices import choice_of
from steelyard.workflows.deciding.stays_chosen import DRAWS, stays_chosen
from steelyard.workflows.pricing.assumed_figures import assumed_figures
from steelyard.workflows.pricing.price import price
from steelyard.workflows.pricing.reprice import Repricer, quality_is_kept, with_setting

SEARCH, SETTINGS = Surface.SEARCH, config()
PEOPLE = "cost.people.encoder_hours_per_month"


@pytest.fixture(scope="module")
def pricing():
    return price(SETTINGS, evidence(GOOD, TOP), book=PriceBooks().load("aws-us-east-1"), now=NOW)


@pytest.fixture(scope="module")
def again(pricing):
    names = frozenset(each.candidate.name for each in pricing.surfaces[SEARCH])
    return Repricer(SETTINGS, pricing, SEARCH, names)


@pytest.fixture(scope="module")
def now(pricing):
    return {each.candidate.name: each.candidate.bill.total.amount for each in pricing.surfaces[SEARCH]}


@pytest.fixture(scope="module")
def figures(pricing, again):
    priced = pricing.surfaces[SEARCH]
    return {each.assumption.name: each for each in assumed_figures(again, priced, priced[0])}


def test_with_the_value_of_now_the_bills_are_what_they_are(figures, now):
    found = {name: figure.costs(figure.assumption.now) for name, figure in figures.items()}

    expected = {each: pytest.approx(float(cost), rel=1e-9) for each, cost in now.items()}
    assert len(found) >= 10
    for name, costs in found.items():
        assert {each: float(cost) for each, cost in costs.items()} == expected, name


def test_a_figure_has_a_range_and_words_in_both_languages(figures):
    for figure in figures.values():
        assert figure.assumption.low < figure.assumption.high
        assert figure.subject.en and figure.subject.zh and figure.verb


def test_words_in_chinese_are_spaced_as_they_are_typeset(figures):
    said = [figure.subject.zh for figure in figures.values()]

    assert "工程师每小时的价格" in said
    assert not [each for each in said if each != each.strip()]


def test_more_hours_more_traffic_or_a_higher_price_never_make_a_bill_smaller(figures, now):
    moved = [figure for name, figure in figures.items() if name.startswith(("price", "cost.people", "upkeep", "load"))]

    assert len(moved) >= 4
    for figure in moved:
        low, high = (figure.costs(end) for end in (figure.assumption.low, figure.assumption.high))
        assert all(low[each] <= high[each] for each in now.keys() & low.keys() & high.keys()), figure.assumption.name


def test_an_hour_of_upkeep_of_an_encoder_is_paid_by_those_that_have_one(figures, pricing, now):
    figure = figures[PEOPLE]
    rate = pricing.terms.book.person(SETTINGS.cost.people.role).per_unit.amount

    more = figure.costs(figure.assumption.now + 2)

    assert more["lexical"] == now["lexical"]
    assert more["dense-fp32-fp32"] - now["dense-fp32-fp32"] == 2 * rate


def test_the_upkeep_that_nobody_bills_is_weighed_for_the_kind_that_was_chosen_alone(figures, now):
    (figure,) = [each for name, each in figures.items() if name.startswith("upkeep of lexical")]

    more = figure.costs(Decimal(1))

    assert more["lexical"] > now["lexical"]
    assert more["dense-fp32-fp32"] == now["dense-fp32-fp32"]


def test_where_all_take_the_same_looking_after_it_moves_nothing_and_is_left_out(again, pricing):
    alike = (pricing.surfaces[SEARCH][0],)

    names = [each.assumption.name for each in assumed_figures(again, alike, alike[0])]

    assert not [name for name in names if name.startswith("upkeep of")]
    assert len(names) == len(set(names))


def test_a_faster_core_never_costs_more(again):
    slow, fast = again.costs(speed=0.5), again.costs(speed=2.0)

    assert all(fast[name] <= slow[name] for name in slow)


def test_a_setting_is_changed_in_a_copy():
    found = with_setting(SETTINGS, "load.search.peak_rps", Decimal(33))

    assert (found.load.search.peak_rps, SETTINGS.load.search.peak_rps) == (33, 20)
    assert found.load.recommend == SETTINGS.load.recommend
    assert isinstance(found.load.search.peak_rps, float)


def test_a_quality_below_the_floor_is_kept_by_no_figure_of_cost(pricing):
    priced = pricing.surfaces[SEARCH]
    strict = with_setting(SETTINGS, "decide.search.min_quality_share", 0.9999)

    assert quality_is_kept(priced, choice_of(SETTINGS, SEARCH, priced)) == {"lexical", "dense-fp32-fp32"}
    assert quality_is_kept(priced, choice_of(strict, SEARCH, priced)) == {"lexical"}


def test_a_choice_that_nothing_comes_near_stays_in_every_draw(pricing):
    choice = choice_of(SETTINGS, SEARCH, pricing.surfaces[SEARCH])

    found = stays_chosen(SETTINGS, pricing, SEARCH, choice)

    assert choice.chosen == "lexical"
    assert (found.draws, found.probability, found.by_configuration, found.none) == (DRAWS, 1.0, {"lexical": 1.0}, 0)
    assert found.says.startswith("lexical stays the choice in 100 % of 2,000 draws")
    assert "lexical 有 100% 仍被选中" in found.says_zh


def test_without_a_choice_there_is_none_to_stay(pricing):
    choice = choice_of(SETTINGS, SEARCH, pricing.surfaces[SEARCH])

    assert stays_chosen(SETTINGS, pricing, SEARCH, replace(choice, chosen=None)) is None
