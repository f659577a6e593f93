"""What a month will have cost: booked, by days, by traffic, promised."""

from datetime import date
from decimal import Decimal

import pytest

from steelyard.domain import Money, Stage
from steelyard.ledger.entries import Month
from steelyard.planning.budget import Node
from steelyard.planning.projection import Booked, project

D = Decimal
SERVING, UPKEEP, TUNING = Node(Stage.SERVING), Node(Stage.MAINTENANCE), Node(Stage.TUNING)
SEP, OCT, NOV, DEC = (Month(2026, month) for month in (9, 10, 11, 12))
TODAY = date(2026, 11, 21)


def usd(amount):
    return Money(D(str(amount)), "USD")


def projected(months, asked, *, last_day=None, traffic=None):
    found = project(Booked(months, TODAY, last_day or {}), asked, traffic=traffic)
    return {month: {node: amount.amount for node, amount in of.items()} for month, of in found.items()}


def test_a_month_that_is_over_is_what_was_booked():
    assert projected({OCT: {SERVING: usd(310)}}, [OCT]) == {OCT: {SERVING: 310}}


def test_the_rest_of_the_month_goes_by_days():
    months = {OCT: {SERVING: usd(310)}, NOV: {SERVING: usd(220)}}  # 10 a day; 20 days booked

    found = projected(months, [NOV, DEC], last_day={SERVING: date(2026, 11, 20)})

    assert found == {NOV: {SERVING: 320}, DEC: {SERVING: 310}}


def test_a_place_booked_once_is_booked_for_the_month():
    assert projected({OCT: {UPKEEP: usd(310)}, NOV: {UPKEEP: usd(320)}}, [NOV]) == {NOV: {UPKEEP: 320}}
    assert projected({OCT: {UPKEEP: usd(310)}, NOV: {UPKEEP: usd(5)}}, [NOV]) == {NOV: {UPKEEP: 300}}


def test_a_place_not_booked_yet_is_expected_for_the_whole_month():
    assert projected({OCT: {UPKEEP: usd(310)}}, [NOV]) == {NOV: {UPKEEP: 300}}


def test_rates_are_those_of_the_last_three_whole_months():
    months = {Month(2026, month): {UPKEEP: usd(amount)} for month, amount in ((7, 9999), (8, 31), (9, 30), (10, 31))}

    assert projected(months, [DEC]) == {DEC: {UPKEEP: 31}}


def test_serving_goes_with_the_traffic_and_upkeep_with_the_days():
    months = {OCT: {SERVING: usd(310), UPKEEP: usd(310)}}

    def traffic(first, last):
        return D((last - first).days + 1) * (3 if first.month == 12 else 1)

    assert projected(months, [DEC], traffic=traffic) == {DEC: {SERVING: 930, UPKEEP: 310}}


@pytest.mark.parametrize("unknown", [10, 12])
def test_traffic_that_is_not_known_leaves_it_to_the_days(unknown):
    def traffic(first, last):
        return None if first.month == unknown else D(1000)

    assert projected({OCT: {SERVING: usd(310)}}, [DEC], traffic=traffic) == {DEC: {SERVING: 310}}


def test_traffic_of_nothing_gives_no_rate_by_traffic():
    assert projected({OCT: {SERVING: usd(310)}}, [DEC], traffic=lambda *_: D(0)) == {DEC: {SERVING: 310}}


def test_what_falls_once_is_not_carried_on():
    assert projected({OCT: {TUNING: usd(600)}}, [NOV]) == {NOV: {}}


def test_a_first_month_goes_by_its_booked_days():
    months = {NOV: {SERVING: usd(100)}}

    assert projected(months, [NOV], last_day={SERVING: date(2026, 11, 10)}) == {NOV: {SERVING: 300}}
    assert projected(months, [NOV]) == {NOV: {SERVING: 100}}


def test_a_month_booked_to_its_end_has_no_rest():
    months = {OCT: {SERVING: usd(310)}, NOV: {SERVING: usd(222)}}

    assert projected(months, [NOV], last_day={SERVING: date(2026, 11, 30)}) == {NOV: {SERVING: 222}}
