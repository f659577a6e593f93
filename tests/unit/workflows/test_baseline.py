"""The choice against the plain configuration: how many times cheaper, what quality, and why not more."""

from dataclasses import replace
from decimal import Decimal

import pytest
from tests.unit.workflows.test_decide import DENSE, LEXICAL, NOW, config, evidence, measurement

from steelyard.adapters.prices.books import PriceBooks
from steelyard.domain import Surface
from steelyard.workflows.deciding.baseline import WORTHWHILE, versus_baseline
from steelyard.workflows.deciding.choices import choice_of
from steelyard.workflows.pricing.price import price

GOOD = [
    measurement("lexical", quality=0.50, service_ms=2),
    measurement("dense-fp32-fp32", quality=0.40, service_ms=20, rss_mb=900),
]


@pytest.fixture(scope="module")
def book():
    return PriceBooks().load("aws-us-east-1")


def judged(book, measured, *, settings=None):
    settings = settings or config()
    priced = price(settings, evidence(measured), book=book, now=NOW).surfaces[Surface.SEARCH]
    return priced, choice_of(settings, Surface.SEARCH, priced)


def at_capacity(each, amount):
    """The same configuration with another machine cost of a thousand requests."""
    cost = each.candidate.unit_cost
    changed = replace(cost, at_capacity=replace(cost.at_capacity, amount=Decimal(amount)))
    return replace(each, candidate=replace(each.candidate, unit_cost=changed))


def test_times_are_the_ratio_of_machine_costs_and_quality_is_a_share_of_the_plain_ones(book):
    priced, choice = judged(book, GOOD)
    lexical, dense = at_capacity(priced[0], "0.01"), at_capacity(priced[1], "0.08")

    found = versus_baseline([lexical, dense], choice)

    assert (found.name, found.times_cheaper_at_capacity, found.quality_share) == ("dense-fp32-fp32", 8.0, 1.25)
    assert found.says.startswith("costs 88 % less than dense-fp32-fp32 in machines per 1,000 requests at capacity")
    assert found.says.endswith("and scores 25 % higher")
    assert (found.why_not, found.why_not_zh) == ("", "")


@pytest.mark.parametrize(("plain", "is_explained"), [("0.0499", True), ("0.05", False)])
def test_less_than_five_times_cheaper_says_what_limits_it(book, plain, is_explained):
    priced, choice = judged(book, GOOD)

    found = versus_baseline([at_capacity(priced[0], "0.01"), at_capacity(priced[1], plain)], choice)

    assert (found.times_cheaper_at_capacity < WORTHWHILE) is is_explained
    assert bool(found.why_not) is bool(found.why_not_zh) is is_explained
    assert not is_explained or "HTTP" in found.why_not


def test_what_is_cheaper_still_is_named_with_why_it_lost(book):
    cheap = [measurement("popularity", quality=0.01, service_ms=0.1), *GOOD]
    settings = config()
    known = evidence(cheap)
    third = replace(LEXICAL, name="popularity")
    priced = price(settings, replace(known, configurations=[third, LEXICAL, DENSE]), book=book, now=NOW).surfaces[
        Surface.SEARCH
    ]
    choice = choice_of(settings, Surface.SEARCH, priced)
    amounts = {"popularity": "0.005", "lexical": "0.01", "dense-fp32-fp32": "0.02"}
    given = [at_capacity(each, amounts[each.candidate.name]) for each in priced]

    found = versus_baseline(given, choice)

    assert choice.chosen == "lexical"
    assert "popularity" in found.why_not


def test_a_choice_that_is_the_plain_one_is_compared_with_nothing(book):
    priced, choice = judged(book, GOOD[1:])

    assert choice.chosen == "dense-fp32-fp32"
    assert versus_baseline(priced, choice) is None


def test_without_the_plain_one_nothing_is_compared(book):
    priced, choice = judged(book, GOOD[:1])

    assert versus_baseline(priced, choice) is None


def test_nothing_is_compared_with_what_costs_nothing_or_has_no_price(book):
    priced, choice = judged(book, GOOD)
    free = at_capacity(priced[0], "0")
    unpriced = replace(priced[1], candidate=replace(priced[1].candidate, unit_cost=None))

    assert versus_baseline([free, priced[1]], choice) is None
    assert versus_baseline([priced[0], unpriced], choice) is None


def test_a_plain_one_that_never_answers_rightly_is_no_measure(book):
    wrong = replace(GOOD[1], quality=replace(GOOD[1].quality, mean=0.0, low=0.0), per_request=GOOD[1].per_request * 0)
    priced, choice = judged(book, [GOOD[0], wrong])

    assert versus_baseline(priced, choice) is None
