from decimal import Decimal

import pytest
from tests.documents_of import bills_of, candidate_of, decision_of, entry_of, line_of, surface_of

from steelyard.documents.bills import read_bills
from steelyard.documents.decision import read_decision
from steelyard.domain import Money
from steelyard.errors import ConfigError, PriceError
from steelyard.workflows.accounts.returns import choice_of, costs, one_retraining, quality_change
from steelyard.workflows.accounts.returns_report import judged_against


def entry(name, monthly, *lines):
    return read_bills(bills_of({"search": [entry_of(name, monthly, *lines)]})).surfaces["search"][0]


def line(stage, cost, *, once=False):
    return line_of(stage, "x", cost, is_one_off=once)


OLD = entry("old", "100.00", line("training", "10.00", once=True), line("serving", "90.00"))
NEW = entry(
    "new", "160.00", line("training", "30.00", once=True), line("retraining", "8.00"), line("serving", "122.00")
)


def test_what_is_paid_once_is_paid_at_once():
    found = costs(choice_of({"search": [OLD, NEW]}, "new", "old"), currency="USD", horizon_months=12)

    assert found.at_once == Money(Decimal("240.00"), "USD")  # (30 - 10) a month, over twelve
    assert found.monthly == Money(Decimal("40.00"), "USD")  # 130 - 90


def test_configurations_of_two_surfaces_are_not_compared():
    with pytest.raises(ConfigError, match="new is of search, old of recommend"):
        choice_of({"search": [NEW], "recommend": [OLD]}, "new", "old")


def test_a_retraining_costs_the_months_lines_over_their_number():
    assert one_retraining(NEW, per_month=Decimal(4), currency="USD") == Money(Decimal(2), "USD")
    with pytest.raises(PriceError, match="give --cost"):
        one_retraining(OLD, per_month=Decimal(4), currency="USD")


def test_a_change_of_quality_has_the_corners_of_both_intervals():
    quality = {"old": (0.4, 0.38, 0.42), "new": (0.44, 0.40, 0.46)}
    candidates = [
        candidate_of(name, quality=dict(zip(("mean", "low", "high"), each, strict=True)))
        for name, each in quality.items()
    ]

    def decided(*rows):
        return read_decision(decision_of(surface_of("search", "new", *rows)))

    choice = choice_of({"search": [OLD, NEW]}, "new", "old")

    found = quality_change(decided(*candidates), choice)

    assert found.value == Decimal("0.1")
    assert (float(found.low), float(found.high)) == pytest.approx((0.40 / 0.42 - 1, 0.46 / 0.38 - 1))
    assert found.unit == "offline_ratio"
    candidates[0]["quality"]["low"] = 0
    with pytest.raises(PriceError, match="may be 0"):
        quality_change(decided(*candidates), choice)
    with pytest.raises(PriceError, match="no quality was measured of new"):
        quality_change(decided(candidates[0]), choice)


@pytest.mark.parametrize("surfaces", [("search", "recommend"), ("recommend", "search")])
def test_a_name_of_two_surfaces_is_judged_on_the_one_that_has_the_other(surfaces):
    bills = {
        "search": [entry("small", "10"), entry("large", "30")],
        "recommend": [entry("small", "99")],
    }

    found = choice_of({each: bills[each] for each in surfaces}, "small", "large")

    assert (found.surface, found.own.monthly, found.other.monthly) == ("search", 10, 30)


def test_what_is_judged_is_the_choice_of_the_surface_of_the_other():
    surfaces = {"search": ["lexical", "hybrid"], "recommend": ["popular", "knn"]}

    assert judged_against("popular", surfaces, {"search": "hybrid", "recommend": "knn"}) == "knn"


def test_a_name_of_two_surfaces_needs_the_judged_one_named():
    surfaces = {"search": ["popular", "hybrid"], "recommend": ["popular", "knn"]}

    with pytest.raises(ConfigError, match="of search and of recommend, where hybrid and knn were chosen"):
        judged_against("popular", surfaces, {"search": "hybrid", "recommend": "knn"})


@pytest.mark.parametrize(
    ("against", "chosen", "says"),
    [("nobody", {"search": "hybrid"}, "no configuration nobody"), ("popular", {}, "nothing was chosen for recommend")],
)
def test_what_cannot_be_judged_is_named(against, chosen, says):
    with pytest.raises(ConfigError, match=says):
        judged_against(against, {"search": ["hybrid"], "recommend": ["popular"]}, chosen)
