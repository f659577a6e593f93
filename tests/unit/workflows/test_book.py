"""Booking what the meters saw: once in any order, at what it cost, and nothing blocks for ever."""

from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest

from steelyard.adapters.ledgers.sqlite import SqliteLedger
from steelyard.config.schema import Cost
from steelyard.cost.prices.prices import parse_book
from steelyard.ledger.entries import Month, View
from steelyard.ledger.metering import MeterReadings
from steelyard.workflows.accounts.book import book_metered

NOVEMBER, DECEMBER = Month(2026, 11), Month(2026, 12)
NOON = datetime(2026, 11, 3, 12, tzinfo=UTC)
SAID = {"kind": "quoted", "source": "a list", "as_of": "2026-11-01"}
MACHINE = {"name": "x/m", "service": "instance", "price": "3.60", "unit": "hour", "vcpus": 2, "memory_gb": "4"}
DISK = {"name": "x/s3", "service": "object_storage", "price": "0.73", "unit": "GB_month"}
GB = 10**9


@pytest.fixture
def ledger(tmp_path):
    opened = SqliteLedger(tmp_path / "ledger.sqlite")
    yield opened
    opened.close()


def tier(name, price, up_to_gb=None):
    return {"name": f"x/{name}", "service": "egress", "price": price, "unit": "GB", "up_to_gb": up_to_gb}


def priced(*rows):
    return parse_book({"currency": "USD", "rows": [{**row, **SAID} for row in (MACHINE, DISK, *rows)]}, where="test")


TIERS = priced(tier("first", "0.10", "1"), tier("then", "0.01"))


def line(number, at=NOON, **fields):
    began = (at - timedelta(seconds=20)).isoformat()
    return {"id": f"r/{number}", "what": "serve", "began": began, "ended": at.isoformat(), "cpu_s": 0, **fields}


def look(number, hours, gb):
    return line(number, NOON + timedelta(hours=hours), what="keep", stored_bytes=gb * GB)


def booked(ledger, journal, book=TIERS):
    return book_metered(MeterReadings.of(journal), book=book, cost=Cost(), ledger=ledger)


def cost_of(ledger, *months):
    found = [each for month in months or (NOVEMBER,) for each in ledger.balances(month, view=View.ACCRUAL)]
    return sum((each.total.amount for each in found if each.centre), Decimal(0))


def test_traffic_of_a_reading_that_comes_late_is_charged_after_what_was_booked_before(ledger):
    later, earlier = line(1, sent_bytes=GB), line(2, NOON - timedelta(hours=1), sent_bytes=GB)

    booked(ledger, [later])
    booked(ledger, [later, earlier])
    booked(ledger, [later, earlier])

    assert cost_of(ledger) == Decimal("0.11")  # one GB at .10, and the second one at .01


def test_traffic_that_was_booked_is_not_booked_again_when_the_tiers_change(ledger):
    journal = [line(1, sent_bytes=GB)]
    booked(ledger, journal)

    again = booked(ledger, journal, priced(tier("first", "0.10", "0.5"), tier("then", "0.01")))

    assert not again.entries
    assert cost_of(ledger) == Decimal("0.10")


def test_time_that_was_looked_at_is_charged_once_whatever_the_clock_says(ledger):
    journal = [look(1, 0, 1), look(2, 73, 1), look(3, 10, 1), look(4, 146, 1)]  # set back once, and on again

    for n in range(1, len(journal) + 1):
        booked(ledger, journal[:n])

    assert cost_of(ledger) == Decimal("0.146")  # 1 GB for 146 of 730 hours at .73


def test_what_falls_into_a_closed_month_is_booked_in_the_next_open_one(ledger):
    in_november = line(1, cpu_s=7200)
    booked(ledger, [in_november])
    ledger.close_month(NOVEMBER)
    late = line(2, cpu_s=3600)
    kept = [look(3, 0, 1), look(4, 28 * 24, 1)]  # until noon of 1 December

    first = booked(ledger, [in_november, late, *kept])
    again = booked(ledger, [in_november, late, *kept])

    assert {entry.on.isoformat() for entry in first.entries} == {"2026-12-01"}
    assert sum("2026-11, which is closed" in entry.text for entry in first.entries) == 2
    assert not again.entries
    assert cost_of(ledger, DECEMBER) == Decimal("1.80") + Decimal("0.672")


def test_a_reading_written_twice_counts_once_as_it_was_written_last(ledger):
    booked(ledger, [line(1, cpu_s=3600, sent_bytes=GB), line(1, cpu_s=7200, sent_bytes=GB)])

    assert cost_of(ledger) == Decimal("3.70")


@pytest.mark.parametrize(
    "wrong",
    [
        line(9, cpu_s=-1),
        line(9, cpu_s=1e300),
        line(9, sent_bytes=float("inf")),
        line(9, stored_bytes=10**40),
        line(9, shares=["a"]),
        line(9, what="juggle"),
        line(9) | {"ended": "2026-11-03T12:00:00"},
        {"id": "r/9"},
    ],
)
def test_a_line_that_cannot_be_read_is_named_and_the_rest_is_booked(ledger, wrong):
    found = booked(ledger, [wrong, line(1, cpu_s=7200)])

    assert len(found.entries) == 1
    assert "r/9" in found.refused[0]
    assert cost_of(ledger) == Decimal("3.60")


def test_what_was_booked_in_one_currency_stays_when_the_next_is_booked_in_another(ledger):
    journal = [line(1, cpu_s=7200), line(2, cpu_s=7200)]
    booked(ledger, journal[:1])
    yuan = parse_book({"currency": "CNY", "rows": [{**MACHINE, "price": "25", **SAID}]}, where="test")

    booked(ledger, journal, yuan)

    found = {
        (each.account, each.total.currency): each.total.amount for each in ledger.balances(NOVEMBER, view=View.ACCRUAL)
    }
    assert found[("pool/machines", "USD")] == Decimal("-3.60")
    assert found[("pool/machines", "CNY")] == Decimal(-25)


def test_of_several_that_book_at_once_each_reports_what_it_booked_itself(tmp_path):
    journal = [line(number, cpu_s=2 * number) for number in range(1, 41)]

    def book_some(n):
        ledger = SqliteLedger(tmp_path / "ledger.sqlite")
        try:
            return booked(ledger, journal[:n])
        finally:
            ledger.close()

    with ThreadPoolExecutor(4) as pool:
        found = list(pool.map(book_some, (40, 25, 40, 30)))

    assert sum(each.n_readings for each in found) == 40
    together = sum(money.amount for each in found for money in each.totals.values())
    ledger = SqliteLedger(tmp_path / "ledger.sqlite")
    assert together == cost_of(ledger) > 0
    ledger.close()


def test_a_reading_with_time_and_traffic_is_one_reading(ledger):
    done = booked(ledger, [line(1, cpu_s=2, sent_bytes=GB)])

    assert (len(done.entries), done.n_readings) == (2, 1)
