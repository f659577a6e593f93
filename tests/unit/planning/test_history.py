"""Daily counts: what is refused, and the busiest hour."""

from datetime import date, timedelta
from decimal import Decimal

import numpy as np
import pytest

from steelyard.domain import Fact, FactKind
from steelyard.errors import DataError
from steelyard.planning.history import checked_history, peak_rate, peak_share, read_counts

DAY = date(2026, 11, 1)


def rows(*counts):
    return [(DAY + timedelta(days=at), count) for at, count in enumerate(counts)]


def test_days_may_come_in_any_order():
    found = checked_history(reversed(rows(1, 2, 0)), where="log")

    assert found.first == DAY
    assert found.counts.tolist() == [1, 2, 0]
    assert found.after == date(2026, 11, 4)


def test_gaps_duplicates_and_negative_counts_are_told_together():
    given = [*rows(1, 2, -3), (DAY, 1.0), (date(2026, 11, 9), 4.0)]

    with pytest.raises(DataError) as raised:
        checked_history(given, where="log")

    said = str(raised.value)
    assert "2026-11-03 has a count of -3" in said
    assert "2026-11-01 is given more than once" in said
    assert "2026-11-04, 2026-11-05, 2026-11-06, 2026-11-07, 2026-11-08 are missing" in said


@pytest.mark.parametrize("count", [float("nan"), float("inf")])
def test_a_count_that_is_no_number_is_refused(count):
    with pytest.raises(DataError, match="counts are numbers"):
        checked_history(rows(count), where="log")


def test_an_empty_history_is_refused():
    with pytest.raises(DataError, match="no days"):
        checked_history([], where="log")


def test_rows_that_are_no_days_are_named_by_line():
    given = [
        {"date": "2026-11-01", "count": "5"},
        {"date": "1.11.", "count": "5"},
        {"date": "2026-11-02", "count": "x"},
    ]

    with pytest.raises(DataError, match=r"log, line 3(.|\n)*log, line 4"):
        read_counts(given, where="log")


def test_the_busiest_hour_of_a_log_is_measured():
    of_hour = np.ones(24)
    of_hour[20] = 2

    found = peak_share(of_hour, as_of=DAY)

    assert found.value == Decimal("0.08")  # 2 of 25
    assert found.kind is FactKind.MEASURED
    assert "20:00" in found.source


def test_without_a_log_the_busiest_hour_is_assumed_and_says_so():
    day = Fact(Decimal(36_000), "request", FactKind.MEASURED, "counted", DAY)

    found = peak_rate(day, None, on=DAY)

    assert found.value == 1  # a tenth of 36,000 in 3,600 seconds
    assert found.inputs[1].kind is FactKind.ASSUMED
