"""What a forecast means for money: hand-worked months."""

import json
from datetime import date, timedelta
from decimal import Decimal

import numpy as np
import pytest
from tests.documents_of import bills_of, candidate_of, decision_of, entry_of, line_of, surface_of

from steelyard.config import parse
from steelyard.documents.bills import read_bills
from steelyard.documents.decision import read_decision
from steelyard.documents.forecast import forecast_builtins, read_forecast
from steelyard.domain import Fact, FactKind
from steelyard.planning.forecast import forecast
from steelyard.planning.history import History
from steelyard.workflows.accounts.forecast import Outlook, day_rows, month_rows, promotion_rows, stored, traffic_of

CONFIG = parse(
    """
[data.items]
path = "items.csv"
[data.items.columns]
item_id = "id"
title = "title"
[load.search]
peak_rps = 100
requests_per_month = 730_000
""",
    name="steelyard.toml",
)
LINES = [
    line_of("serving", "3 x machine", "30.00"),
    line_of("storage", "disks of the serving machines", "3.00"),
    line_of("storage", "data and event log", "1.00"),
    line_of("maintenance", "people", "150.00"),
    line_of("bandwidth", "answers", "10.00"),
]
ENTRY = entry_of("lexical", "194.00", *LINES, replicas=3)
BILLS = read_bills(bills_of({"search": [ENTRY]}))
SEARCH = surface_of("search", "lexical", candidate_of("lexical", rate_per_replica_rps=50.0))
DECISION = read_decision(decision_of(SEARCH))


def flat(*, last=date(2026, 10, 31), n=365, day=1000.0, days=61, share=None):
    """A shop with the same traffic every day."""
    history = History(last - timedelta(days=n - 1), np.full(n, day))
    return Outlook(history, forecast(history, days), share)


def test_traffic_as_it_was_costs_what_was_billed():
    rows = month_rows(CONFIG, flat(), decision=DECISION, bills=BILLS)

    november, december = rows
    assert (november.month, november.events) == ("2026-11", 30_000)
    assert november.requests == 720_000  # 730,000 x 30 days of 730 / 24
    assert november.replicas == 3  # 100 / 50, and a spare one
    assert november.cost == Decimal("193.86")  # bandwidth 10 x 720 / 730
    assert december.cost == Decimal("194.19")


def test_a_busier_last_year_than_the_days_ahead_needs_fewer_machines():
    outlook = flat()
    outlook.history.counts[100] = 4000.0  # once, long ago: the peak that [load] is for

    found = month_rows(CONFIG, outlook, decision=DECISION, bills=BILLS)[0]

    assert found.peak_rps == 25.0
    assert found.replicas == 2
    assert found.cost == Decimal("182.86")  # machines and disks 33 x 2 / 3


def test_days_of_the_month_that_are_over_count_as_they_were():
    found = month_rows(CONFIG, flat(last=date(2026, 11, 20), days=10), decision=DECISION, bills=BILLS)

    assert [row.month for row in found] == ["2026-11"]
    assert found[0].events == 30_000


def test_a_month_that_is_not_whole_says_so():
    found = month_rows(CONFIG, flat(days=40), decision=None, bills=None)

    assert [row.month for row in found] == ["2026-11", "2026-12 (10 of 31 days)"]
    assert found[0].surface is None and found[0].cost is None


@pytest.mark.parametrize(
    ("share", "kind", "rps"),
    [
        (None, "assumed", 0.7),  # 24,000 a day, a tenth in an hour
        (Fact(Decimal("0.3"), "1", FactKind.MEASURED, "log", date(2026, 10, 31)), "measured", 2.0),
    ],
)
def test_the_busiest_hour_says_whether_it_was_measured(share, kind, rps):
    found = month_rows(CONFIG, flat(share=share), decision=DECISION, bills=BILLS)[0]

    assert (found.peak_share, found.busiest_hour_rps) == (kind, Decimal(str(rps)))


def test_a_bill_without_a_total_has_no_forecast_cost():
    bills = read_bills(bills_of({"search": [ENTRY | {"monthly": None}]}))

    found = month_rows(CONFIG, flat(), decision=DECISION, bills=bills)[0]

    assert found.cost is None


def test_what_is_stored_gives_the_traffic_back():
    outlook = flat(days=7)

    kept = read_forecast(json.dumps(forecast_builtins(stored(outlook))))
    found = traffic_of(kept)

    assert len(found) == 372
    assert found[date(2026, 10, 31)] == 1000
    assert found[date(2026, 11, 7)] == 1000
    assert [row.mean for row in day_rows(outlook)] == [1000.0] * 7
    assert promotion_rows(outlook) == ()


BOTH = read_bills(bills_of({"search": [ENTRY], "recommend": [{**ENTRY, "name": "likes"}]}))
SHARED = [
    line_of("serving", "4 x machine", "40.00"),
    line_of("deployment", "load balancer", "16.00"),
    line_of("storage", "disks of the serving machines", "4.00"),
    line_of("maintenance", "people", "300.00"),
    line_of("bandwidth", "answers", "20.00"),
]


def both(total):
    other = surface_of("recommend", "likes", candidate_of("likes", rate_per_replica_rps=10.0))
    return read_decision(decision_of(SEARCH, other, total=total))


def test_the_shop_is_forecast_on_the_machines_that_its_surfaces_share():
    total = {"monthly": "380.00", "lines": SHARED, "replicas": 4, "rate_per_replica_rps": 40.0}

    november = month_rows(CONFIG, flat(), decision=both(total), bills=BOTH)[2]

    assert (november.surface, november.replicas) == ("shop", 4)  # 120 / 40, and a spare one
    assert november.requests == 720_000 + round(3_000_000 * 720 / 730)
    assert november.cost == Decimal("379.73")  # bandwidth 20 x 720 / 730
    assert november.cost_low <= november.cost <= november.cost_high


def test_a_shop_on_machines_of_their_own_is_the_sum_less_what_it_has_once():
    total = {"monthly": "372.00", "lines": SHARED, "replicas": None, "rate_per_replica_rps": None}

    rows = month_rows(CONFIG, flat(), decision=both(total), bills=BOTH)[:3]

    assert rows[2].cost == rows[0].cost + rows[1].cost - 16  # 2 x 194 - 372
