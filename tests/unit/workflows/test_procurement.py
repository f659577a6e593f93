"""Ways to host one configuration: machines by volume, what is committed to, what people and services take. By hand."""

from dataclasses import replace
from decimal import Decimal
from math import ceil

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.unit.workflows.test_scenario import ASKED, ROWS, ground

from steelyard.cost.prices.offers import Purchase
from steelyard.domain import LineKey, Stage
from steelyard.workflows.accounts.hourly import AutoscalingGroup
from steelyard.workflows.accounts.procurement import Managed, OnDemand, OwnServer
from steelyard.workflows.accounts.scenario import sourcing_options

ONE, D = Decimal(1), Decimal
MADE, _ = ground()
"""700 requests a second at the peak, 10 ms each on machines of two cores, 70 % of which are used: 140 on each."""
DAILY, _ = ground(replace(ASKED, requests_per_month=700_000_000, day=(0.5,) * 12 + (1.0,) * 12, peak_hours=20))
(MACHINE,) = MADE.machines
(BOX,) = MADE.own


def serving(bill):
    return sum(line.quantity.value for line in bill.lines if line.stage is Stage.SERVING)


def hours(bill, key):
    return sum(line.quantity.value for line in bill.lines if line.key is key)


@given(st.integers(1, 400))
def test_machines_are_the_peak_over_the_rate_of_one_rounded_up_and_one_at_least(percent):
    scale, rate = D(percent) / 100, MADE.rates_rps[MACHINE.power]

    assert MADE.replicas(MACHINE, scale).value == max(1, ceil(700 * percent / 100 / rate))


@pytest.mark.parametrize("spare", [0, 1, 3])
def test_spare_machines_stand_beside_them_at_any_volume(spare):
    with_spare = replace(MADE, plan=replace(MADE.plan, spare=spare))

    for scale in (D("0.01"), ONE, D(7)):
        assert with_spare.replicas(MACHINE, scale).value == MADE.replicas(MACHINE, scale).value + spare


def test_every_hour_of_a_month_has_its_machines_the_hours_at_the_peak_first():
    found = DAILY.needed(MACHINE, ONE)

    assert len(found) == 730
    assert found[:20] == [DAILY.replicas(MACHINE, ONE).value] * 20
    assert set(found[20:]) == {
        2,
        3,
    }  # 700 million less 20 hours at 700 a second: 169 a second in one half, 339 in the other
    assert all(n >= 1 for n in found)


@given(st.integers(1, 30), st.integers(1, 30))
def test_no_hour_needs_fewer_machines_at_a_higher_volume(one, other):
    low, high = sorted((one, other))

    assert all(a <= b for a, b in zip(*(DAILY.needed(MACHINE, D(n) / 10) for n in (low, high)), strict=True))


def test_on_demand_all_machines_of_the_peak_stand_all_month():
    option = OnDemand(MADE)

    assert option.what == "5 x x/m, all month"
    assert serving(option.bill(ONE)) == 5 * 730
    assert serving(option.bill(D(2))) == 10 * 730
    assert option.drawn(D(2)) == option.bill(D(2))  # nothing is committed to


@pytest.mark.parametrize(("scale", "n"), [(D("0.2"), 5), (ONE, 5), (D(2), 10)])
def test_machines_of_ones_own_stay_where_less_is_asked_and_more_are_bought_where_it_is_more(scale, n):
    option = OwnServer(MADE, BOX)
    drawn = option.drawn(scale)

    assert serving(drawn) == n * 730
    assert hours(drawn, LineKey.MACHINE_UPKEEP) == n * MADE.plan.own_people_hours
    traffic = [line for line in drawn.lines if line.stage is Stage.BANDWIDTH]
    assert traffic == [line for line in option.bill(scale).lines if line.stage is Stage.BANDWIDTH]  # what was sent
    assert option.name == "own server (box)"
    assert option.what == "5 x own/box"
    assert {option.bought(line) for line in drawn.lines} == {None}


def test_bought_for_a_volume_that_is_known_ones_own_machines_are_those_it_needs():
    assert serving(OwnServer(MADE, BOX).bill(D("0.2"))) == 730


def managed(share):
    made = replace(MADE, plan=replace(MADE.plan, managed_people_share=share))
    (found,) = [each for each in sourcing_options(made, surface="search") if each.name == "find"]
    assert isinstance(found, Managed)
    return found


def upkeep(bill):
    return sum(
        line.quantity.value
        for line in bill.lines
        if line.stage is Stage.MAINTENANCE and line.quantity.unit == "person_hour"
    )


@pytest.mark.parametrize("share", [D(0), D("0.25"), ONE])
def test_a_service_leaves_a_share_of_the_upkeep_by_people(share):
    assert upkeep(managed(share).bill(ONE)) == upkeep(OnDemand(MADE).bill(ONE)) * share


@given(st.integers(1, 50))
def test_a_service_paid_by_request_costs_in_proportion(times):
    def charged(scale):
        return sum(
            line.cost.amount for line in managed(D("0.5")).bill(scale).lines if line.key is LineKey.SERVICE_CHARGE
        )

    assert charged(D(times)) == charged(ONE) * times == D("262800000") / 1000 * D("0.002") * times


def test_a_service_makes_and_runs_no_models():
    stages = {line.stage for line in managed(D("0.5")).bill(ONE).lines if line.key is not LineKey.SERVICE_CHARGE}

    assert not stages & {Stage.TRAINING, Stage.RETRAINING, Stage.SERVING, Stage.BANDWIDTH, Stage.DEPLOYMENT}
    assert Stage.DATA in stages


def test_hours_that_are_scaled_are_those_that_are_needed():
    bill = AutoscalingGroup(DAILY).bill(ONE)

    assert hours(bill, LineKey.ON_DEMAND_MACHINES) == sum(DAILY.needed(MACHINE, ONE))
    assert not hours(bill, LineKey.RESERVED_MACHINES) + hours(bill, LineKey.SPOT_MACHINES)


def test_reserving_and_spot_carry_the_same_hours_for_no_more_money():
    plain, mixed = AutoscalingGroup(DAILY), AutoscalingGroup(DAILY, has_offers=True)
    bill = mixed.bill(ONE)

    assert bill.total.amount <= plain.bill(ONE).total.amount
    reserved = hours(bill, LineKey.RESERVED_MACHINES)
    assert reserved % 730 == 0  # for the whole month, used or not
    needed = DAILY.needed(MACHINE, ONE)
    rest = sum(max(0, n - reserved // 730) for n in needed)
    assert hours(bill, LineKey.ON_DEMAND_MACHINES) + hours(bill, LineKey.SPOT_MACHINES) == rest
    assert hours(bill, LineKey.SPOT_MACHINES) <= DAILY.plan.spot_share * sum(needed)


def test_the_same_hours_on_demand_are_what_committing_is_held_against():
    mixed = AutoscalingGroup(DAILY, has_offers=True)

    assert mixed.same_hours().total == AutoscalingGroup(DAILY).bill(ONE).total


def test_what_was_reserved_for_the_plan_stays_reserved_when_less_comes():
    mixed = AutoscalingGroup(DAILY, has_offers=True)
    planned, drawn = mixed.bill(ONE), mixed.drawn(D("0.1"))

    assert hours(drawn, LineKey.RESERVED_MACHINES) == hours(planned, LineKey.RESERVED_MACHINES) > 0
    assert drawn.total.amount >= mixed.bill(D("0.1")).total.amount  # who knew would have bought for it


def test_a_line_is_known_by_how_it_was_bought():
    mixed = AutoscalingGroup(DAILY, has_offers=True)

    kinds = {line.key: mixed.bought(line) for line in mixed.bill(ONE).lines if line.stage is Stage.SERVING}
    expected = {LineKey.RESERVED_MACHINES: Purchase.RESERVED, LineKey.ON_DEMAND_MACHINES: Purchase.ON_DEMAND,
                LineKey.SPOT_MACHINES: Purchase.SPOT}  # fmt: skip
    assert kinds
    assert kinds == {key: expected[key] for key in kinds}
    assert all(mixed.bought(line) is None for line in mixed.bill(ONE).lines if line.stage is not Stage.SERVING)


def test_an_offer_for_longer_than_a_year_and_the_shops_horizon_is_not_taken():
    long = {"name": "x/m/3y", "service": "instance_offer", "of": "x/m", "purchase": "reserved", "term_months": 36,
            "price": "0.03", "unit": "hour"}  # fmt: skip
    made, _ = ground(rows=[*ROWS, long])

    found = made.offers(MACHINE)

    assert found[Purchase.RESERVED].term_months == 12
    longer = replace(made, terms=replace(made.terms, cost=made.terms.cost.model_copy(update={"horizon_months": 36})))
    assert longer.offers(MACHINE)[Purchase.RESERVED].term_months == 36  # it is the cheaper one


def test_a_calendar_makes_no_more_requests_late_than_machines_launched_once_it_is_noticed():
    late, scheduled = (DAILY.late_share(MACHINE, 0, is_scheduled=each) for each in (False, True))

    assert 0 <= scheduled <= late <= 1
    assert DAILY.late_share(MACHINE, int(DAILY.replicas(MACHINE, ONE).value)) <= late  # all are there anyway
