"""R6.9: every choice says which assumed figure, moved how far, would change it; checked by deciding again with it."""

import re
from decimal import Decimal

import pytest
from tests.documents_of import decided_json, surface_of, surface_value
from tests.unit.workflows.test_decide import NOW, config, evidence, measurement

from steelyard.adapters.prices.books import PriceBooks
from steelyard.documents.decision import read_decision
from steelyard.documents.quality import QualityReport
from steelyard.domain import Surface
from steelyard.reporting.assumptions import assumption_lines
from steelyard.reporting.report import report
from steelyard.workflows.pricing.price import price
from steelyard.workflows.pricing.reprice import Repricer, with_setting

ENCODER = "cost.people.encoder_hours_per_month"
CLOSE = [
    measurement("lexical", quality=0.50, service_ms=30),
    measurement("dense-fp32-fp32", quality=0.50, service_ms=2),
]
"""A plain configuration on many machines beside a transformer on few, whose upkeep is assumed."""
LOAD = "\n[decide]\nmax_utilisation = 0.7\n"


def with_hours(hours, *, peak_rps=40, measured=CLOSE):
    settings = with_setting(config(), ENCODER, Decimal(str(hours)))
    settings = with_setting(settings, "load.search.peak_rps", float(peak_rps))
    book = PriceBooks().load("aws-us-east-1")
    return decided_json(settings, price(settings, evidence(measured), book=book, now=NOW), now=NOW)


def search_of(decision):
    return decision["surfaces"][0]


def row_of(surface, setting, direction="up"):
    return next(
        each for each in surface["assumptions"] if each["setting"] == setting and each["direction"] == direction
    )


@pytest.fixture(scope="module")
def close():
    return with_hours("0.1")


def test_the_hours_at_which_the_choice_changes_are_exact(close):
    surface = search_of(close)
    assert surface["chosen"] == "dense-fp32-fp32"
    row = row_of(surface, ENCODER)

    monthly = {each["name"]: Decimal(each["monthly"]) for each in surface["candidates"]}
    gap = monthly["lexical"] - monthly["dense-fp32-fp32"]

    assert Decimal(row["breaks_at"]) == pytest.approx(Decimal("0.1") + gap / 75, abs=Decimal("0.0003"))
    assert row["winner_then"] == "lexical"
    assert row["moves_share"] == pytest.approx((float(row["breaks_at"]) - 0.1) / 0.1, rel=1e-3)


def test_deciding_again_beyond_the_break_chooses_the_other_and_before_it_does_not(close):
    at = Decimal(row_of(search_of(close), ENCODER)["breaks_at"])

    assert search_of(with_hours(at - Decimal("0.001")))["chosen"] == "dense-fp32-fp32"
    assert search_of(with_hours(at + Decimal("0.001")))["chosen"] == "lexical"


def test_a_peak_at_which_the_choice_changes_is_right_when_decided_again(close):
    for row in search_of(close)["assumptions"]:
        if row["setting"] != "load.search.peak_rps":
            continue
        away = 1.001 if row["direction"] == "up" else 0.999
        again = search_of(with_hours("0.1", peak_rps=float(row["breaks_at"]) * away))
        assert again["chosen"] == row["winner_then"]


def test_the_sentence_names_figure_value_and_who_is_chosen_then_in_both_languages(close):
    surface = search_of(close)
    said = row_of(surface, ENCODER)["says"]

    assert re.fullmatch(
        r"lexical would be chosen if the upkeep of an encoder took more than [\d.]+ h a month instead of 0\.1", said
    )
    assert said in surface["why_assumptions"]
    assert any(
        re.fullmatch(r"若编码器每月的维护时间高于 [\d.]+ 小时（现为 0\.1），将选择 lexical", each)
        for each in surface["why_assumptions_zh"]
    )
    assert assumption_lines(surface_value(surface)) == [
        *surface["why_assumptions"],
        surface["stays_chosen"]["says"],
        surface["selection"]["says"],
    ]
    assert assumption_lines(surface_value(surface), language="zh")[-1] == surface["selection"]["says_zh"]
    assert assumption_lines(surface_value(surface_of("search", None))) == []


def test_the_other_one_says_beside_its_verdict_when_it_would_be_chosen(close):
    lexical = next(each for each in search_of(close)["candidates"] if each["name"] == "lexical")

    assert any(each.startswith("would be chosen if the upkeep of an encoder") for each in lexical["reasons"])
    assert any(each.endswith("将选择它") for each in lexical["reasons_zh"])


def test_hours_that_all_take_are_apart_from_those_that_differ(close):
    people = search_of(close)["people"]

    assert people["common"]["items"] == ["people: operations", "people: set-up and tuning"]
    assert people["common"]["cost"] == "200.00"  # 2 h a month, and 8 h over 12 months, at 75
    beyond = {row["name"]: row["cost_beyond"] for row in people["rows"]}
    assert beyond == {"dense-fp32-fp32": "7.50", "lexical": "0.00"}
    assert people["order_without_people"] == ["dense-fp32-fp32", "lexical"]
    assert people["is_same_choice"] is True


def test_a_choice_made_by_hours_alone_says_so():
    surface = search_of(with_hours(7))

    assert surface["chosen"] == "lexical"
    assert surface["people"]["is_same_choice"] is False
    assert any("without people dense-fp32-fp32 would be chosen" in each for each in surface["why_assumptions"])
    assert row_of(surface, ENCODER, "down")["winner_then"] == "dense-fp32-fp32"


def test_where_nothing_plausible_changes_the_choice_it_is_said_with_the_ranges():
    far = [
        measurement("lexical", quality=0.5, service_ms=2),
        measurement("dense-fp32-fp32", quality=0.5, service_ms=45),
    ]

    surface = search_of(with_hours(1, measured=far))

    settled = [each for each in surface["assumptions"] if not each["setting"].startswith("upkeep of")]
    assert settled == []
    assert {each["setting"] for each in surface["assumptions_looked_at"]} >= {ENCODER, "load.search.peak_rps"}


def test_one_that_alone_keeps_the_quality_is_not_said_to_hang_on_money():
    alone = [
        measurement("lexical", quality=0.5, service_ms=2),
        measurement("dense-fp32-fp32", quality=0.3, service_ms=2),
    ]

    surface = search_of(with_hours(1, measured=alone))

    assert surface["assumptions"] == []
    assert surface["why_assumptions"][0].startswith("only one configuration keeps the quality floor")


def test_where_nothing_keeps_the_floors_there_is_no_choice_to_change():
    slow = [
        measurement("lexical", quality=0.5, service_ms=80),
        measurement("dense-fp32-fp32", quality=0.5, service_ms=90),
    ]

    surface = search_of(with_hours(1, measured=slow))

    assert not surface["is_feasible"]
    assert surface["assumptions"] == surface["assumptions_looked_at"] == []


def test_the_total_says_how_much_of_it_is_assumed(close):
    total = close["total"]

    assert total["assumed_share"] == total["shares_by_kind"]["assumed"]
    assert total["assumed_says"].endswith("% of it rests on assumptions")
    assert " %" not in total["assumed_says_zh"]


def test_the_report_says_what_the_choice_hangs_on(close):

    assert "lexical would be chosen if" in report(read_decision(close), QualityReport(), language="en").replace(
        "Lexical would", "lexical would"
    )
    assert "选择取决于哪些假设" in report(read_decision(close), QualityReport(), language="zh")


def test_pricing_again_with_nothing_changed_gives_the_bills_of_the_decision():
    settings = config()
    pricing = price(settings, evidence(CLOSE), book=PriceBooks().load("aws-us-east-1"), now=NOW)
    again = Repricer(settings, pricing, Surface.SEARCH, frozenset(each.configuration for each in CLOSE))

    bills = {each.candidate.name: each.candidate.bill for each in pricing.surfaces[Surface.SEARCH]}

    assert {each.candidate.name: each.candidate.bill for each in again.priced()} == bills


def test_the_probability_that_the_choice_stays_is_in_the_document(close):
    found = search_of(close)["stays_chosen"]

    assert found["probability"] == found["by_configuration"]["dense-fp32-fp32"]
    assert sum(found["by_configuration"].values()) + found["none"] == pytest.approx(1, abs=1e-3)
    assert found["says"].startswith("dense-fp32-fp32 stays the choice in ")
    assert not re.search(r"\d %", found["says_zh"])


def test_a_close_call_of_cost_is_not_sure_and_a_clear_one_is():
    """The hours at which both cost the same: the price of an hour and the load tip it one way or the other."""
    at = Decimal(row_of(search_of(with_hours("0.1")), ENCODER)["breaks_at"])

    even = search_of(with_hours(at - Decimal("0.01")))["stays_chosen"]
    clear = search_of(with_hours("0.1"))["stays_chosen"]

    assert 0.1 < even["probability"] < 0.9
    assert clear["probability"] > 0.99
