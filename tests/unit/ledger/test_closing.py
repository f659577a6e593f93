"""Sharing out the pools: workload + idle + overhead = total, to the last decimal."""

from datetime import date
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from steelyard.domain import FactKind, Money, Stage
from steelyard.errors import DataError, PriceError
from steelyard.ledger.closing import Rule, allocate_pools, direct_costs, pools
from steelyard.ledger.entering import Purchase, purchase_entries
from steelyard.ledger.entries import CostCentre, Entry, Month, Posting, View, balances, reversal

NOVEMBER = Month(2026, 11)
IDLE = "expense/overhead/idle/machines"
LAST = date(2026, 11, 30)


def usd(text):
    return Money(Decimal(text), "USD")


def entry(entry_id, *moves, view=View.ACCRUAL):
    postings = tuple(Posting(account, money, centre) for account, money, centre in moves)
    return Entry(entry_id, date(2026, 11, 3), view, "x", FactKind.MEASURED, "y", postings)


def used(entry_id, amount, configuration):
    centre = CostCentre(Stage.SERVING, configuration=configuration)
    return entry(entry_id, ("expense/serving/machines", usd(amount), centre), ("pool/machines", usd(amount) * -1, None))


def invoiced(amount, *, entry_id="bill"):
    return entry(entry_id, ("pool/machines", usd(amount), None), ("payable/aws", usd(amount) * -1, None))


def shared(entries, *, rule=Rule.COST):
    made = allocate_pools(balances(entries, view=View.ACCRUAL), NOVEMBER, rule=rule, on=LAST)
    return balances([*entries, *made], view=View.ACCRUAL)


def test_what_nobody_used_is_borne_in_proportion_to_what_each_used():
    found = shared([used("1", "30", "a"), used("2", "10", "b"), invoiced("100")])

    idle = {each.centre.configuration: each.total.amount for each in found if each.account == IDLE}
    assert idle == {"a": Decimal(45), "b": Decimal(15)}
    assert not pools(found)


def test_equal_parts_when_asked():
    found = shared([used("1", "30", "a"), used("2", "10", "b"), invoiced("100")], rule=Rule.EQUAL)

    assert sorted(each.total.amount for each in found if each.account == IDLE) == [30, 30]


@given(st.lists(st.decimals("0.000001", "1000", places=6), min_size=1, max_size=6), st.decimals(0, 5000, places=2))
def test_workload_and_idle_are_the_whole_invoice(costs, extra):
    bill = sum(costs, Decimal(0)) + extra
    entries = [used(str(at), cost, f"c{at}") for at, cost in enumerate(costs)]

    found = shared([*entries, invoiced(bill)])

    assert sum(each.total.amount for each in found if each.centre) == bill
    assert not pools(found)


def test_a_pool_below_zero_waits_for_its_invoice():
    entries = [used("1", "30", "a")]

    assert allocate_pools(balances(entries, view=View.ACCRUAL), NOVEMBER, rule=Rule.COST, on=LAST) == []


def test_a_month_is_shared_out_as_often_as_bills_come():
    entries = [used("1", "30", "a")]
    for number in range(4):
        entries.append(invoiced("50", entry_id=f"bill {number}"))
        entries += allocate_pools(balances(entries, view=View.ACCRUAL), NOVEMBER, rule=Rule.COST, on=LAST)

    assert len({each.id for each in entries}) == len(entries) == 9
    assert sum(each.total.amount for each in balances(entries, view=View.ACCRUAL) if each.centre) == 200


def test_what_is_metered_after_the_rest_was_shared_out_is_taken_back_from_those_who_bear_it():
    entries = [used("1", "30", "a"), used("2", "10", "b"), invoiced("100")]
    entries += allocate_pools(balances(entries, view=View.ACCRUAL), NOVEMBER, rule=Rule.COST, on=LAST)

    found = shared([*entries, used("3", "20", "b")])

    idle = {each.centre.configuration: each.total.amount for each in found if each.account == IDLE}
    assert idle == {"a": Decimal(30), "b": Decimal(10)}  # 60 less 20, by the 45 and 15 that they bear
    assert sum(each.total.amount for each in found if each.centre) == 100
    assert not pools(found)


def test_no_more_is_taken_back_than_was_shared_out():
    entries = [used("1", "30", "a"), invoiced("40")]
    entries += allocate_pools(balances(entries, view=View.ACCRUAL), NOVEMBER, rule=Rule.COST, on=LAST)

    found = shared([*entries, used("2", "25", "a")])

    assert pools(found) == {("pool/machines", "USD"): usd("-15")}
    assert not [each for each in found if each.account == IDLE and each.total.amount]


def test_an_invoice_in_another_currency_than_the_meters_is_not_shared_out_beside_them():
    bill = Money(Decimal(700), "CNY")
    foreign = entry("bill", ("pool/machines", bill, None), ("payable/x", bill * -1, None))

    with pytest.raises(DataError, match=r"pool/machines holds 700.00 CNY .* and -30.00 USD .*--rates"):
        shared([used("1", "30", "a"), foreign])


def test_a_cost_centre_whose_costs_were_taken_back_bears_nothing():
    wrong = used("1", "30", "a")
    back = reversal(wrong, entry_id="2", on=LAST, text="wrong")

    found = shared([wrong, back, used("3", "10", "b"), invoiced("15")])

    idle = [each for each in found if each.account == IDLE]
    assert [(each.centre.configuration, each.total.amount) for each in idle] == [("b", 5)]


def test_where_nobody_was_charged_anything_the_rest_is_overhead_of_nobody():
    found = shared([invoiced("5")])

    (idle,) = [each for each in found if each.account == IDLE]
    assert (idle.centre, idle.total) == (CostCentre(Stage.OVERHEAD, configuration="unallocated"), usd("5"))
    assert not pools(found)


def test_overhead_is_not_shared_out_by_overhead():
    overhead = entry(
        "o", ("expense/overhead/idle", usd("9"), CostCentre(Stage.OVERHEAD)), ("payable/x", usd("-9"), None)
    )

    assert not direct_costs(balances([overhead], view=View.ACCRUAL), currency="USD")


def test_a_purchase_is_paid_once_and_borne_month_by_month():
    bought = Purchase("srv", "a server", usd("1000"), usd("100"), 7, date(2026, 11, 15), CostCentre(Stage.HARDWARE))

    entries = purchase_entries(bought, kind=FactKind.INVOICED, source="invoice 9")

    cash = balances(entries, view=View.CASH)
    accrual = balances(entries, view=View.ACCRUAL)
    assert sum(each.total.amount for each in cash if each.centre) == 1000
    assert sum(each.total.amount for each in accrual if each.centre) == 900
    assert next(each.total for each in accrual if each.account == "asset/srv") == usd("100")
    ends = [entry.on for entry in entries if entry.postings[0].centre and entry.view is View.ACCRUAL]
    assert ends[:3] == [date(2026, 11, 30), date(2026, 12, 31), date(2027, 1, 31)]
    assert len(ends) == 7


def test_a_residual_above_the_price_is_refused():
    bought = Purchase("x", "x", usd("10"), usd("11"), 2, LAST, CostCentre(Stage.HARDWARE))

    with pytest.raises(PriceError, match="residual"):
        purchase_entries(bought, kind=FactKind.INVOICED, source="s")


@pytest.mark.parametrize("text", ["2026-13", "11/2026", "2026", "november", "2026-11-03"])
def test_what_is_not_a_month_is_refused(text):
    with pytest.raises(DataError, match="2026-11"):
        Month.parse(text)


def test_idle_machines_are_borne_by_those_who_used_machines_not_by_labellers():
    people = entry(
        "p", ("expense/labelling/people", usd("500"), CostCentre(Stage.LABELLING)), ("owed", usd("-500"), None)
    )

    found = shared([used("1", "30", "a"), people, invoiced("100")])

    (idle,) = (each for each in found if each.account.startswith("expense/overhead/idle"))
    assert (idle.centre.configuration, idle.total) == ("a", usd("70"))


def test_where_nothing_was_metered_all_direct_costs_bear_it():
    people = entry(
        "p", ("expense/labelling/people", usd("500"), CostCentre(Stage.LABELLING)), ("owed", usd("-500"), None)
    )

    found = shared([people, invoiced("100")])

    (idle,) = (each for each in found if each.account.startswith("expense/overhead/idle"))
    assert idle.total == usd("100")
