"""What the detectors find, on small tables whose truth is known."""

from datetime import UTC, datetime

import numpy as np
import pytest

from steelyard.adapters.shop.table_engine import TableEngine
from steelyard.data.detectors import DETECTED
from steelyard.data.detectors.clock import clock_findings
from steelyard.data.detectors.future import future_columns
from steelyard.data.detectors.leaks import division_findings
from steelyard.data.detectors.near_duplicates import Described, near_groups
from steelyard.data.detectors.traffic import classify_traffic
from steelyard.data.detectors.user_agents import class_of_agent
from steelyard.data.dividing.split import HeldOut
from steelyard.documents.split import HeldOutCounts
from steelyard.testing.fakes import LOUD, SLOW, fakes

DAY_S, HOUR_S = 86_400.0, 3_600.0
NOW = datetime(2024, 6, 1, tzinfo=UTC)


@pytest.fixture
def engine(tmp_path):
    opened = TableEngine(tmp_path, max_memory_gb=0.5, threads=1)
    yield opened
    opened.close()


def people(n_users=300, seed=0):
    """Users who come on some evenings of ninety days and look at a handful of items each time, to the second."""
    random = np.random.default_rng(seed)
    rows = []
    for user in range(n_users):
        for day in random.choice(90, int(random.integers(2, 8)), replace=False):
            at = 1_700_006_400 + day * DAY_S + random.uniform(8, 23) * 3600
            for _ in range(int(random.integers(1, 7))):
                rows.append((user, int(random.zipf(1.5)) % 200, float(int(at)), "purchase"))
                at += random.exponential(70) + 3
    return tuple(np.array(column) for column in zip(*rows, strict=True))


def stored(engine, users, items, times, kinds, **more):
    columns = {"user": "text", "_item": "int", "item_id": "text", "time": "float", "_kind": "text", "row": "int"}
    rows = {
        "user": [str(user) for user in users],
        "_item": items,
        "item_id": [str(item) for item in items],
        "time": np.asarray(times, float),
        "_kind": [str(kind) for kind in kinds],
        "row": np.arange(1, len(users) + 1),
        **more,
    }
    with engine.writing({**columns, **dict.fromkeys(more, "text")}, name="log") as writer:
        writer.write(rows)
    return engine.table("log")


def classes(engine, frame):
    found = classify_traffic(engine, frame, has_session=False, n_in=1000)
    rows = found.events.select("user", "traffic").unique().collect().rows(named=True)
    return {row["user"]: row["traffic"] for row in rows}, found.findings


def test_people_are_people(engine):
    named, findings = classes(engine, stored(engine, *people()))

    assert set(named.values()) == {"person"}
    assert findings == ()


@pytest.mark.parametrize("kind", LOUD)
def test_loud_fakes_are_caught_and_people_left_alone(engine, kind):
    users, items, times, kinds = people()
    made = fakes(kind, items, times, n_users=15, target=199, seed=1)
    both = (np.concatenate([users, made.users + 1000]), np.concatenate([items, made.items]))
    log = stored(engine, *both, np.concatenate([times, made.times_s]), [*kinds, *["purchase"] * len(made.users)])

    named, findings = classes(engine, log)

    caught = [named[str(1000 + fake)] == "hostile" for fake in range(15)]
    assert sum(caught) >= 0.95 * 15
    assert all(value == "person" for user, value in named.items() if int(user) < 1000)
    assert {finding.reason for finding in findings} <= DETECTED
    assert sum(finding.values["users"] for finding in findings) == sum(caught)


def test_people_of_one_day_who_all_did_equally_many_things_are_no_group(engine):
    random = np.random.default_rng(3)
    users = np.repeat(np.arange(120), 6)
    items = (np.repeat(random.integers(60, size=120), 6) + random.integers(1, 3, 720).cumsum()) % 60
    times = 1_700_006_400 + random.uniform(0, DAY_S - 3600, 120)[users] + np.tile(np.arange(6) * 97.0, 120)

    found, findings = classes(engine, stored(engine, users, items, np.floor(times), np.full(720, "purchase")))

    assert set(found.values()) == {"person"}
    assert findings == ()


def test_slow_fakes_at_the_pace_of_people_pass_which_is_told_in_the_docstring(engine):
    users, items, times, kinds = people()
    made = fakes(SLOW[0], items, times, n_users=15, target=199, seed=1)
    both = (np.concatenate([users, made.users + 1000]), np.concatenate([items, made.items]))
    log = stored(engine, *both, np.concatenate([times, made.times_s]), [*kinds, *["purchase"] * len(made.users)])

    named, _ = classes(engine, log)

    assert set(named.values()) == {"person"}
    assert "pass as people" in classify_traffic.__doc__


def test_one_who_is_too_fast_and_buys_different_things_in_short_visits_is_an_agent(engine):
    users, items, times, kinds = people()
    at = times.min() + np.concatenate([visit * 5 * DAY_S + np.arange(50.0) for visit in range(3)])
    done = ["purchase" if act % 10 == 9 else "view" for act in range(150)]
    log = stored(
        engine,
        [*users, *["helper"] * 150],
        [*items, *(np.arange(150) % 120)],
        [*times, *at],
        [*["view"] * len(kinds), *done],
    )

    named, findings = classes(engine, log)

    assert named["helper"] == "agent"
    assert [(finding.reason, finding.severity) for finding in findings] == [("traffic_agent", "info")]


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        ("Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 Chrome/120.0 Safari/537.36", ""),
        ("Mozilla/5.0 AppleWebKit/537.36 (KHTML, like Gecko; compatible; ChatGPT-User/1.0)", "agent"),
        ("Mozilla/5.0 (compatible; Googlebot/2.1; +http://www.google.com/bot.html)", "hostile"),
        ("python-requests/2.31", "hostile"),
        ("Mozilla/5.0 (Linux; Android 14; Cubot X70) AppleWebKit/537.36 Mobile", ""),
    ],
)
def test_the_user_agent_tells_crawlers_and_agents(value, expected):
    assert class_of_agent(value) == expected


def test_a_named_robot_is_hostile_even_at_the_pace_of_people(engine):
    users, items, times, kinds = people(40)
    agents = ["curl/8.0" if user == 3 else "Mozilla/5.0 Safari" for user in users]

    named, findings = classes(engine, stored(engine, users, items, times, kinds, user_agent=agents))

    assert [user for user, value in named.items() if value == "hostile"] == ["3"]
    assert [finding.reason for finding in findings] == ["traffic_robot_named"]


def test_copies_are_found_in_other_writing_and_variants_are_none():
    titles = [
        "Porcelain Teapot 500 ml",
        "PORCELAIN TEAPOT, 500ML",
        "Porcelain Teapot 750 ml",
        "Waterproof hiking boots brown leather",
        "Waterproof hiking boots brown lether",
        "青花瓷茶壶 500毫升 礼盒装",
        "【包邮】青花瓷茶壶500毫升礼盒装",
        "青花瓷茶杯 500毫升 礼盒装",
        "?",
        "",
    ]

    found = near_groups([Described(title, "", "") for title in titles])

    assert found.tolist() == [0, 0, 2, 3, 3, 5, 5, 7, 8, 9]


def test_another_word_is_another_product_and_an_added_size_is_none():
    titles = [
        *("Mixed berry juice drink concentrate over", "Mixed berry juice drink concentrate under"),
        *("Organic cotton long sleeve shirt with pocket", "Organic cotton long sleeve shirt with pocket L"),
        *("Stainless garlic press with cleaning brush", "Stainless garlic press with cleaning brussh"),
        *("Insulated cupcake carrier with handle", "Insulated cup cake carrier with handle"),
    ]

    found = near_groups([Described(title, "", "") for title in titles])

    assert found.tolist() == [0, 1, 2, 3, 4, 4, 6, 6]


def test_equal_titles_of_two_brands_are_two_products():
    assert near_groups([Described("Tea 20 bags", "One", ""), Described("Tea, 20 bags", "Two", "")]).tolist() == [0, 1]


def acts(engine, times):
    with engine.writing({"time": "float", "n": "int"}, name="some") as rows:
        rows.write({"time": np.asarray(times, float), "n": np.ones(len(times), np.int64)})
    return engine.table("some")


def test_dates_among_times_show_as_a_burst_at_midnight(engine):
    times = people()[2]
    dated = np.where(np.arange(len(times)) % 50 == 0, np.floor(times / DAY_S) * DAY_S, times)

    clean = clock_findings(acts(engine, times), n_in=len(times), now=NOW)
    found = clock_findings(acts(engine, dated), n_in=len(times), now=NOW)

    assert "clock_midnight" not in {finding.reason for finding in clean}
    (spike,) = [finding for finding in found if finding.reason == "clock_midnight"]
    assert (spike.count, dict(spike.values)) == ((np.arange(len(times)) % 50 == 0).sum(), {"00:00:00": spike.count})


@pytest.mark.parametrize(
    ("step", "share"), [(HOUR_S, 1.0), (HOUR_S / 2, 1.0), (HOUR_S / 4, 1.0), (HOUR_S, 0.6), (60.0, 1.0)]
)
def test_times_that_are_rounded_are_no_dates(engine, step, share):
    times = people()[2]
    is_rounded = np.arange(len(times)) % 10 < 10 * share

    found = clock_findings(
        acts(engine, np.where(is_rounded, np.floor(times / step) * step, times)), n_in=len(times), now=NOW
    )

    assert "clock_midnight" not in {finding.reason for finding in found}


def test_dates_among_whole_hours_are_told_by_the_hours_near_midnight(engine):
    times = np.floor(people()[2] / HOUR_S) * HOUR_S
    is_dated = np.arange(len(times)) % 4 == 0
    dated = np.where(is_dated, np.floor(times / DAY_S) * DAY_S, times)

    found = clock_findings(acts(engine, dated), n_in=len(times), now=NOW)

    (spike,) = [finding for finding in found if finding.reason == "clock_midnight"]
    assert list(spike.values) == ["00:00:00"]
    assert spike.count >= is_dated.sum()


def test_midnights_of_summer_and_of_winter_time_are_both_told(engine):
    times = people()[2]
    at = np.arange(len(times))
    dated = np.where(at % 20 == 0, np.floor(times / DAY_S) * DAY_S + 22 * HOUR_S, times)
    dated = np.where(at % 20 == 1, np.floor(times / DAY_S) * DAY_S + 23 * HOUR_S, dated)

    found = clock_findings(acts(engine, dated), n_in=len(times), now=NOW)

    (spike,) = [finding for finding in found if finding.reason == "clock_midnight"]
    assert list(spike.values) == ["22:00:00", "23:00:00"]


def test_a_week_that_is_missing_is_named_by_its_first_day(engine):
    times = people()[2]
    kept = times[(times < times.min() + 30 * DAY_S) | (times > times.min() + 38 * DAY_S)]

    found = clock_findings(acts(engine, kept), n_in=len(kept), now=NOW)

    (gap,) = [finding for finding in found if finding.reason == "clock_days_missing"]
    assert gap.severity == "warning"
    assert max(gap.values.values()) >= 7


def test_cold_shares_are_of_the_test_period_and_a_tuned_query_in_another_order_is_told():
    counts = HeldOutCounts(
        users=100, cold_users=60, users_with_nothing_new=0, eligible_users=40, drawn_users=40, targets=80,
        cold_targets=8, targets_seen_before=0,
    )  # fmt: skip
    queries = {"tuning": ["red mug"], "test": ["mug  RED", "blue mug"]}

    found = division_findings(HeldOut(np.arange(40), (), counts), queries)

    assert [(f.reason, f.severity, f.share) for f in found] == [
        ("test_users_cold", "warning", 0.6),
        ("test_items_cold", "info", 0.1),
        ("query_near_in_tuning_and_test", "warning", 0.5),
    ]


def test_a_column_that_knows_what_sells_next_month_is_found_and_last_months_is_not():
    random = np.random.default_rng(0)
    learnt, later = random.poisson(20, 200).astype(float), random.poisson(20, 200).astype(float)
    columns = {"sold_last_month": learnt, "sold_next_month": later, "weight": random.random(200)}

    assert set(future_columns(columns, learnt=learnt, later=later)) == {"sold_next_month"}
