"""Alerts: each rule where it speaks and where it is silent, in both languages."""

from decimal import Decimal

from steelyard.domain import Bilingual, Money, Stage
from steelyard.planning.alerts import Limits, budget_alerts, jump_alerts, price_alerts
from steelyard.planning.budget import Node, Row

D = Decimal
SERVING = Node(Stage.SERVING)


def usd(amount):
    return Money(D(str(amount)), "USD")


def row(budget, actual, forecast, node=SERVING):
    return Row(node, None if budget is None else usd(budget), usd(0), usd(0), usd(actual), usd(forecast))


def rules(*rows, limits=None):
    return [(each.rule, each.severity) for each in budget_alerts(rows, limits or Limits(), period="2026-11")]


def test_a_budget_that_will_be_kept_is_silent():
    assert rules(row(100, 80, 100)) == []


def test_more_than_the_share_spent_is_a_warning():
    assert rules(row(100, "80.01", 100)) == [("budget_share", "warning")]
    assert rules(row(100, 60, 90), limits=Limits(actual_percent=D(50))) == [("budget_share", "warning")]


def test_a_budget_that_is_overspent_is_an_error_and_said_once():
    assert rules(row(100, 101, 120)) == [("over_budget", "error")]


def test_a_forecast_above_the_budget_is_a_warning():
    assert rules(row(100, 50, 101)) == [("forecast_over_budget", "warning")]


def test_a_budget_of_zero_is_exceeded_by_any_cost():
    assert rules(row(0, 1, 1)) == [("over_budget", "error")]
    assert rules(row(0, 0, 0)) == []


def test_costs_without_a_budget_are_told():
    assert rules(row(None, 5, 5, node=None)) == [("no_budget", "warning")]


def test_parts_that_have_more_than_the_whole_are_told():
    training = Node(Stage.TRAINING)
    whole = row(100, 0, 0, node=Node())

    assert rules(whole, row(60, 0, 0), row(40, 0, 0, node=training)) == []
    assert rules(whole, row(60, 0, 0), row(41, 0, 0, node=training)) == [("parts_over_budget", "warning")]
    # a stage and a team may be the same money
    assert rules(whole, row(60, 0, 0), row(41, 0, 0, node=Node(team="search"))) == []


def test_a_jump_over_the_month_before_is_told_from_what_the_month_will_cost():
    def jump(forecast, before):
        rows = [row(1000, 0, forecast)]
        return jump_alerts(rows, {SERVING: usd(before)}, Limits(jump_percent=D(50)), period="2026-11")

    assert jump(150, 100) == []
    assert [each.found for each in jump(180, 100)] == ["+80 %"]
    assert jump(150, 0) == []  # nothing to jump from


def test_unpriced_lines_come_before_old_prices():
    found = price_alerts([("ials", "GPU hours")], [Bilingual("old", "旧")], period="2026-11")

    assert [(each.rule, each.severity) for each in found] == [("unpriced", "error"), ("stale_prices", "warning")]


def test_every_alert_speaks_both_languages_and_is_data():
    rows = [row(100, 101, 120), row(None, 5, 5, node=None), row(100, 90, 120, node=Node(team="search"))]

    for each in budget_alerts(rows, Limits(), period="2026-11"):
        said = each.as_json()
        assert said["en"].isascii()
        assert not said["zh"].isascii()
        assert not said["en"].endswith(".")
