"""Budgets: who owns a cost, that nothing is counted twice, variance, and what is refused."""

from datetime import date
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from steelyard.domain import Money, Stage
from steelyard.errors import DataError, PriceError
from steelyard.ledger.entries import Balance, CostCentre, Month, View
from steelyard.planning.budget import (
    Node,
    Planned,
    check_plan,
    months_between,
    owner,
    report,
    spent,
    split_variance,
)

D = Decimal
NOV, DEC = Month(2026, 11), Month(2026, 12)
ALL, SERVING, TRAINING = Node(), Node(Stage.SERVING), Node(Stage.TRAINING)
SEARCH_SERVING = Node(Stage.SERVING, team="search")


def usd(amount):
    return Money(D(str(amount)), "USD")


def budget(node, amount, first=NOV, last=None, **more):
    return Planned(node, first, last or first, usd(amount), **more)


def promise(node, amount, first=NOV, last=None):
    return budget(node, amount, first, last, is_commitment=True)


def rows(plan, actual, forecast=None, months=(NOV,), **more):
    by_month = {NOV: actual}
    found = report(
        plan, months, actual=by_month, forecast={NOV: forecast} if forecast else by_month, currency="USD", **more
    )
    return {each.node: each for each in found}


def test_a_cost_is_shown_at_its_budget_and_once_at_every_one_above():
    plan = [budget(ALL, 1000), budget(SERVING, 400), budget(SEARCH_SERVING, 100)]
    actual = {SEARCH_SERVING: usd(60), Node(Stage.SERVING, team="ads"): usd(30), TRAINING: usd(5)}

    found = rows(plan, actual)

    assert found[SEARCH_SERVING].actual == usd(60)
    assert found[SERVING].actual == usd(90)
    assert found[ALL].actual == usd(95)
    assert None not in found


def test_the_most_specific_budget_owns_a_cost():
    assert owner(SEARCH_SERVING, [ALL, SERVING]) == SERVING
    assert owner(TRAINING, [SERVING]) is None
    # of two with one field each, the team's
    assert owner(SEARCH_SERVING, [SERVING, Node(team="search")]) == Node(team="search")


def test_a_cost_without_a_budget_is_listed_not_lost():
    found = rows([budget(SERVING, 100)], {TRAINING: usd(7)})

    assert found[SERVING].actual == usd(0)
    assert found[None].actual == usd(7)
    assert found[None].budget is None
    assert found[None].variance is None


def test_a_cost_of_a_month_without_budget_does_not_count_against_another_month():
    plan = [budget(ALL, 2000, NOV, DEC), budget(SERVING, 100, NOV)]

    found = report(
        plan, [NOV, DEC], actual={NOV: {SERVING: usd(80)}, DEC: {SERVING: usd(90)}}, forecast={}, currency="USD"
    )

    assert {each.node: each.actual for each in found} == {ALL: usd(170), SERVING: usd(80)}


def test_four_figures_stay_four():
    found = rows([budget(SERVING, 100), promise(SERVING, 70)], {SERVING: usd(50)}, {SERVING: usd(120)})[SERVING]

    assert (found.budget, found.commitments, found.actual, found.forecast) == (usd(100), usd(70), usd(50), usd(120))
    assert found.variance == usd(-50)  # so far
    assert found.expected_variance == usd(20)  # at the end
    assert found.available == usd(30)  # 100 less 50 spent less 20 still promised
    assert found.percent(found.actual) == 50


def test_what_is_promised_and_not_expected_yet_is_in_the_forecast():
    plan = [budget(ALL, 1000), promise(TRAINING, 120), promise(SERVING, 30)]

    found = rows(plan, {TRAINING: usd(100), SERVING: usd(50)}, {TRAINING: usd(100), SERVING: usd(80)})[ALL]

    assert found.forecast == usd(200)  # 100 + 20 of training still promised + 80
    assert found.outstanding == usd(20)


def test_a_budget_for_a_period_is_spread_to_the_cent():
    parts = [budget(ALL, 100, NOV, Month(2027, 1)).in_month(month) for month in months_between(NOV, Month(2027, 1))]

    assert sum((part.amount for part in parts), D(0)) == 100
    assert max(parts, key=lambda each: each.amount) - min(parts, key=lambda each: each.amount) == usd("0.000001")
    assert budget(ALL, 100).in_month(DEC) == usd(0)


def test_variance_is_split_into_volume_and_price():
    found = split_variance(usd(100), D(80), actual=usd(135), used=D(90))

    assert found.volume == usd("12.50")  # 10 more at 1.25
    assert found.price == usd("22.50")  # 90 at 1.50 in place of 1.25


@given(st.decimals(0, 10**6, places=2), st.integers(1, 10**6), st.decimals(0, 10**6, places=2), st.integers(0, 10**6))
def test_volume_and_price_sum_to_the_variance(planned, quantity, actual, used):
    found = split_variance(usd(planned), D(quantity), actual=usd(actual), used=D(used))

    assert abs((found.volume + found.price).amount - (actual - planned)) < D("1e-15")


def test_a_row_is_split_where_the_units_agree():
    plan = [budget(SERVING, 100, quantity=D(80), unit="request"), budget(TRAINING, 10, quantity=D(1), unit="hour")]
    used = {SERVING: (D(90), "request"), TRAINING: (D(1), "request")}

    found = rows(plan, {SERVING: usd(135), TRAINING: usd(10)}, quantities=used)

    assert found[SERVING].split == split_variance(usd(100), D(80), actual=usd(135), used=D(90))
    assert found[TRAINING].split is None


def test_nothing_planned_cannot_be_split():
    with pytest.raises(PriceError):
        split_variance(usd(100), D(0), actual=usd(1), used=D(1))


fields = st.tuples(st.sampled_from([None, Stage.SERVING, Stage.TRAINING]), *(st.sampled_from(["", "a", "b"]),) * 2)
nodes = fields.map(lambda each: Node(each[0], team=each[1], experiment=each[2]))
places = st.tuples(st.sampled_from([Stage.SERVING, Stage.TRAINING]), *(st.sampled_from(["", "a", "b"]),) * 2).map(
    lambda each: Node(each[0], team=each[1], experiment=each[2])
)
amounts = st.integers(0, 10**6).map(lambda cents: Money(D(cents) / 100, "USD"))


@given(st.sets(nodes, max_size=8), st.dictionaries(places, amounts, max_size=12), st.dictionaries(nodes, amounts))
def test_every_cost_is_counted_once_at_each_level(budgeted, costs, promised):
    plan = [Planned(node, NOV, NOV, usd(10)) for node in budgeted]
    plan += [Planned(node, NOV, NOV, amount, is_commitment=True) for node, amount in promised.items()]
    total = sum((each.amount for each in costs.values()), D(0))

    found = rows(plan, costs)

    for node, row in found.items():
        if node is None:
            continue
        by_hand = [
            amount.amount for place, amount in costs.items() if (own := owner(place, budgeted)) and node.covers(own)
        ]
        assert row.actual.amount == sum(by_hand, D(0))
        assert row.actual.amount <= total
        for other, below in found.items():
            if other is not None and node.covers(other):
                assert below.actual.amount <= row.actual.amount
                assert below.forecast.amount <= row.forecast.amount
    owned = sum((amount.amount for place, amount in costs.items() if owner(place, budgeted)), D(0))
    left = found[None].actual.amount if None in found else D(0)
    assert owned + left == total
    if ALL in found:
        assert found[ALL].actual.amount == total
        assert found[ALL].commitments.amount == sum((each.amount for each in promised.values()), D(0))


def test_two_budgets_of_one_node_and_month_and_other_mistakes_are_told_together():
    plan = [
        budget(SERVING, 100, NOV, DEC),
        budget(SERVING, 50, DEC),
        budget(ALL, -1, DEC, NOV),
        budget(TRAINING, 1, quantity=D(0), unit="hour"),
        promise(SERVING, 5),
        promise(SERVING, 6),  # promises add up
    ]

    with pytest.raises(DataError) as raised:
        check_plan(plan)

    said = str(raised.value).splitlines()
    assert len(said) == 4
    assert "2026-12 has a budget of the same node already (100.00 USD for 2026-11 to 2026-12)" in said[0]
    assert "ends before it begins" in said[1]
    assert "below zero" in said[2]
    assert "quantity" in said[3]


def test_a_budget_in_another_currency_is_not_added():
    plan = [Planned(ALL, NOV, NOV, Money(D(5), "CNY"))]

    with pytest.raises(PriceError, match="CNY"):
        rows(plan, {})


def test_only_expenses_are_spent():
    centre = CostCentre(Stage.SERVING, team="search")
    balances = [
        Balance(View.ACCRUAL, "expense/serving/instances", centre, usd(5), 1),
        Balance(View.ACCRUAL, "expense/serving/disks", centre, usd(2), 1),
        Balance(View.ACCRUAL, "payable/aws", None, usd(-7), 2),
    ]

    assert spent(balances, convert=lambda money: money) == {SEARCH_SERVING: usd(7)}


def test_months_go_over_the_end_of_a_year():
    assert [str(each) for each in months_between(NOV, Month(2027, 1))] == ["2026-11", "2026-12", "2027-01"]
    assert months_between(DEC, NOV) == []
    assert Month.of(date(2026, 11, 30)) == NOV
