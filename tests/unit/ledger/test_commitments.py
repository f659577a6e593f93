"""Commitments: read without guessing, borne by the day, used and unused together what was paid."""

from datetime import date
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from steelyard.cost.prices.commitments import all_in_hourly, parse_commitments
from steelyard.cost.prices.offers import Commitment
from steelyard.cost.prices.prices import parse_book
from steelyard.domain import FactKind, Money, Stage
from steelyard.errors import PriceError
from steelyard.ledger.closing import Rule, allocate_pools, pools
from steelyard.ledger.commitments import borne, commitment_entries
from steelyard.ledger.entries import CostCentre, Entry, Month, Posting, View, balances

D = Decimal
FAR = date(2100, 1, 1)
ROW = {
    "id": "ri-1", "instance": "c5.large", "count": "4", "start": "2026-01-15", "end": "2027-01-15",
    "hourly": "0.03", "upfront": "219", "currency": "USD", "source": "invoice 7",
}  # fmt: skip
BOOK = parse_book(
    {"name": "b", "currency": "USD", "rows": [{
        "name": "aws/us-east-1/c5.large", "service": "instance", "price": "0.085", "unit": "hour", "kind": "quoted",
        "source": "list", "as_of": "2026-09-06", "vcpus": 2, "memory_gb": "4"}]},
    where="b.json",
)  # fmt: skip


def usd(amount):
    return Money(D(str(amount)), "USD")


def committed(count=1, start="2026-01-01", end="2027-01-01", hourly="0", upfront="365", name="ri-1"):
    days = date.fromisoformat(start), date.fromisoformat(end)
    return Commitment("c5.large", count, *days, usd(hourly), usd(upfront), id=name, source="invoice 7")


def test_a_list_is_read_under_the_books_names():
    (found,) = parse_commitments([ROW], book=BOOK, where="own.csv")

    assert (found.instance, found.count, found.id) == ("aws/us-east-1/c5.large", 4, "ri-1")
    assert all_in_hourly(found) == D("0.03") + D(219) / (365 * 24)


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"hourly": "62.05"}, "is 730 times the machine on demand; is it the price of a month"),
        ({"hourly": "0", "upfront": "0.00"}, "both are 0, which is usually a price nobody filled in"),
        ({"hourly": "-1"}, "hourly: -1 is below zero"),
        ({"hourly": ""}, "hourly: missing"),
        ({"count": "1.5"}, "count: '1.5' is not a whole number above 0"),
        ({"instance": "c5.lage"}, "no instance type 'c5.lage' (near: ['c5.large'"),
        ({"currency": "dollar"}, "'dollar' is not an ISO 4217 code"),
        ({"end": "2026-01-15"}, "an end after its start"),
        ({"start": ""}, "start: missing"),
        ({"source": " "}, "source: missing"),
    ],
)
def test_a_wrong_line_is_named_by_its_number(change, said):
    with pytest.raises(PriceError) as caught:
        parse_commitments([{**ROW, "id": "other"}, {**ROW, **change}], book=BOOK, where="own.csv")

    assert str(caught.value).startswith("own.csv: line 3 (ri-1): ")
    assert said in str(caught.value)


def test_one_listed_twice_and_an_empty_list_are_refused():
    with pytest.raises(PriceError, match=r"line 3 \(ri-1\): id: line 2 has it too"):
        parse_commitments([ROW, ROW], book=BOOK, where="own.csv")
    with pytest.raises(PriceError, match="only a header"):
        parse_commitments([], book=BOOK, where="own.csv")


def test_a_year_for_365_is_a_dollar_a_day():
    parts = borne(committed(count=2, hourly="0.5"))

    assert [part.upfront for part in parts[:3]] == [usd("62.00"), usd("56.00"), usd("62.00")]  # 31, 28, 31 days
    assert [part.hourly.amount for part in parts[:2]] == [2 * 24 * 31 * D("0.5"), 2 * 24 * 28 * D("0.5")]
    assert (len(parts), parts[-1].last) == (12, date(2026, 12, 31))


def test_a_term_inside_a_month_is_borne_by_that_month():
    (part,) = borne(committed(start="2026-02-10", end="2026-02-20", upfront="10.001"))

    assert (part.upfront.amount, part.last) == (D("10.001"), date(2026, 2, 19))


def test_what_is_paid_by_the_hour_is_booked_when_the_month_has_ended():
    given_one = committed(hourly="0.5")

    early, late = (commitment_entries([given_one], until=date(2026, month, 15)) for month in (2, 3))

    assert sum(entry.view is View.CASH for entry in early) == 2  # the start, and January
    assert {entry.id for entry in late} - {entry.id for entry in early} == {
        "commitment/ri-1/2026-02/hours/cash", "commitment/ri-1/2026-02/hours/accrual",
    }  # fmt: skip
    assert {entry.id: entry for entry in late} | {entry.id: entry for entry in early} == {e.id: e for e in late}


DAYS = st.dates(date(2026, 1, 1), date(2027, 12, 31))
CENTS = st.integers(1, 10**7).map(lambda n: D(n).scaleb(-2))


@st.composite
def commitments(draw):
    found = []
    for number in range(draw(st.integers(1, 3))):
        start = draw(DAYS)
        end = date.fromordinal(start.toordinal() + draw(st.integers(1, 1100)))
        hourly = draw(st.integers(0, 10**5).map(lambda n: D(n).scaleb(-5)))
        money = usd(hourly), usd(draw(CENTS))
        found.append(Commitment("m", draw(st.integers(1, 9)), start, end, *money, id=f"c{number}", source="x"))
    return found


def use(month, number, amount):
    """What the meters take out of the pool."""
    centre = CostCentre(Stage.SERVING, configuration=f"c{number}")
    moves = (Posting("expense/serving/machines", usd(amount), centre), Posting("pool/machines", usd(-amount)))
    day = date(month.year, month.month, 1)
    return Entry(f"{month}/{number}", day, View.ACCRUAL, "x", FactKind.MEASURED, "m", moves)


@given(commitments(), st.data())
def test_used_and_unused_commitments_are_what_was_purchased(found, data):
    booked = commitment_entries(found, until=FAR)
    metered, shared = [], []
    for month in sorted({entry.month for entry in booked}):
        pool = sum((each.total.amount for each in balances([e for e in booked if e.month == month], view=View.ACCRUAL)
                    if each.account == "pool/machines"), D(0))  # fmt: skip
        for number, share in enumerate(data.draw(st.lists(st.integers(1, 50), min_size=1, max_size=2))):
            if used := (pool * share / 100).quantize(D("0.000000000001")):
                metered.append(use(month, number, used))
        of_month = balances([e for e in (*booked, *metered) if e.month == month], view=View.ACCRUAL)
        if pools(of_month).get(("pool/machines", "USD")):
            shared += allocate_pools(of_month, month, rule=Rule.COST, on=date(month.year, month.month, 28))

    purchase = sum(
        (each.upfront.amount + each.hourly.amount * 24 * (each.end - each.start).days) * each.count for each in found
    )
    billed = balances([entry for entry in booked if entry.view is View.CASH], view=View.CASH)
    borne_by = balances([*booked, *metered, *shared], view=View.ACCRUAL)
    effective = {name: sum(each.total.amount for each in borne_by if each.account == name)
                 for name in ("expense/serving/machines", "expense/overhead/idle/machines")}  # fmt: skip
    assert sum(each.total.amount for each in billed if each.centre) == purchase
    assert sum(effective.values()) == purchase
    assert not [each for each in borne_by if each.account.startswith(("pool/", "asset/")) and each.total.amount]
    assert all(sum(p.amount.amount for p in entry.postings) == 0 for entry in (*booked, *shared))


def test_a_month_holds_only_its_own_days():
    assert [part.month for part in borne(committed(start="2026-12-31", end="2027-01-02", upfront="2"))] == [
        Month(2026, 12), Month(2027, 1),
    ]  # fmt: skip
