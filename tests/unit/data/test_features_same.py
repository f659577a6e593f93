"""Features online equal features offline, whatever comes twice or out of order (R1.6; reliability R9, R10, R26)."""

from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from log_of_events import HOUR_MS, START_MS, log_of, rows_of

from steelyard.data.features.columns import EventColumns, Rows
from steelyard.data.features.definitions import Count, Mean, Rate, Recency
from steelyard.data.features.feature_set import FeatureSet, digest
from steelyard.data.features.online import Arrivals
from steelyard.data.features.shop_set import shop_set, usual_of
from steelyard.data.features.table_set import only_of, table_set
from steelyard.data.features.tallies import Need, Tally
from steelyard.errors import ConfigError

LOOKS = ["view", "click", "purchase"]
MINUTE_MS = 60_000
DAY_MS = 24 * HOUR_MS


def event_of(*events):
    """Events as (id, minute, kind, user, item, dwell)."""
    ids, minutes, kinds, users, items, dwells = zip(*events, strict=True)
    return EventColumns(
        np.array(ids),
        np.array(minutes) * MINUTE_MS,
        np.array(kinds),
        {"user": np.array(users), "item": np.array(items)},
        {"dwell_ms": np.array(dwells)},
    )


def row_at(minute, user="u", item="i"):
    return Rows(np.array([minute * MINUTE_MS]), {"user": np.array([user]), "item": np.array([item])})


SMALL = FeatureSet(
    (
        Tally("looks", ("view",), ("item",)),
        Tally("buys", ("purchase",), ("item",)),
        Tally("dwell", ("view",), ("item",), "dwell_ms"),
        Tally("own", ("view",), ("user", "item")),
    ),
    (
        Count("looks", "looks"),
        Count("looks_hour", "looks", HOUR_MS),
        Rate("bought", "buys", "looks", usual=0.1, strength=10),
        Mean("dwell", "dwell", "looks", usual=100.0, strength=1),
        Recency("fresh", "own", half_life_days=1),
    ),
)


def test_values_worked_by_hand():
    events = event_of(
        ("a", 100, "view", "u", "i", 400),
        ("b", 170, "view", "v", "i", 200),
        ("c", 180, "purchase", "v", "i", 0),
        ("d", 200, "view", "u", "j", 999),
        ("e", 231, "view", "u", "i", 7),
    )

    (values,) = SMALL.offline(events, row_at(200))

    # two looks at i before minute 200, one of them within the hour; one purchase
    age_days = (200 - 101) / (24 * 60)  # the minute of the user's own look had ended at 101
    expected = [np.log(3), np.log(2), (1 + 10 * 0.1) / (2 + 10), (600 + 100) / (2 + 1), 2**-age_days]
    assert values == pytest.approx(expected)


def test_a_row_sees_nothing_of_its_own_minute_or_later():
    events = event_of(("a", 100, "view", "u", "i", 5), ("b", 101, "view", "u", "i", 5))

    seen = [SMALL.offline(events, row_at(minute))[0, 0] for minute in (100, 101, 102)]

    assert seen == pytest.approx([0, np.log(2), np.log(3)])


def test_what_nothing_is_known_of_has_usual_values():
    (values,) = SMALL.offline(event_of(("a", 1, "view", "u", "j", 5)), row_at(50, user="", item="new"))

    assert values == pytest.approx([0, 0, 0.1, 100.0, 0])


def streamed(found, events, rows, *, batch=1):
    """Every row read when its moment comes, between the events before it and those after it."""
    store, values, place = found.store(), [], 0
    for row in range(len(rows)):
        end = int(np.searchsorted(events.time_ms, rows.time_ms[row], side="left"))
        for start in range(place, end, batch):
            store.add(events.take(np.arange(start, min(start + batch, end))))
        place = max(place, end)
        one = Rows(rows.time_ms[[row]], {name: each[[row]] for name, each in rows.by.items()})
        values.append(found.online(store, one)[0])
    return np.array(values)


def test_100_000_events_read_live_equal_the_same_in_bulk():
    """R26: 0 differences, to the last bit."""
    events = log_of(100_000, users=2000, items=500)
    learning = events.take(events.time_ms < events.time_ms[60_000])
    moments = np.sort(np.random.default_rng(2).choice(events.time_ms[20_000:], 600))
    rows = rows_of(moments, users=2000, items=500)
    found = shop_set(usual_of(learning)).fitted(learning, rows_of(learning.time_ms[::100], seed=5))

    live = streamed(found, events, rows, batch=500)
    bulk = found.offline(events, rows)

    assert int((live != bulk).sum()) == 0
    assert digest(live) == digest(bulk)
    assert (bulk.std(axis=0) > 0).all()  # and every feature says something


def arriving(events, seed, *, copies, shuffle_ms):
    """Each event one to five times, each copy within the window of lateness."""
    generator = np.random.default_rng(seed)
    places = np.repeat(np.arange(len(events)), generator.integers(1, copies + 1, len(events)))
    came = events.time_ms[places] + generator.integers(0, shuffle_ms, len(places))
    return events.take(places[np.argsort(came, kind="stable")])


@pytest.mark.parametrize("seed", range(3))
def test_duplicates_and_shuffles_within_the_hour_change_no_bit(seed):
    """R9, R10."""
    events = log_of(4000, seed=seed, days=12)
    found = shop_set(usual_of(events), delay_ms=HOUR_MS)
    rows = rows_of(np.full(300, events.time_ms[-1] + 2 * HOUR_MS), seed=seed)

    store = found.store()
    came = arriving(events, seed, copies=5, shuffle_ms=HOUR_MS - 1)
    for start in range(0, len(came), 250):
        store.add(came.take(np.arange(start, min(start + 250, len(came)))))

    assert digest(found.online(store, rows)) == digest(found.offline(events, rows))
    assert store.arrivals.counted == len(events)
    assert store.arrivals.counted + store.arrivals.again == len(came) and store.arrivals.late == 0


def test_eight_threads_that_retry_count_each_event_once():
    """R9."""
    events = log_of(1500, days=1)
    inside = events.take(events.time_ms > events.time_ms[-1] - HOUR_MS + 1)
    found = shop_set(usual_of(events))
    store = found.store()
    rows = rows_of(np.full(100, events.time_ms[-1] + HOUR_MS))

    with ThreadPoolExecutor(8) as pool:
        list(pool.map(lambda _: store.add(inside), range(8)))

    assert store.arrivals == Arrivals(counted=len(inside), again=7 * len(inside))
    assert digest(found.online(store, rows)) == digest(found.offline(inside, rows))


def test_what_comes_later_than_the_window_is_counted_exactly_and_changes_nothing():
    """R10: one in a hundred later than the hour."""
    events = log_of(3000, days=10, seed=4)
    generator = np.random.default_rng(4)
    is_late = generator.random(3000) < 0.01
    is_late[-200:] = False
    came = events.time_ms + np.where(is_late, 5 * HOUR_MS, 0)
    order = np.argsort(came, kind="stable")
    newest = np.maximum.accumulate(events.time_ms[order])
    late = events.time_ms[order] < np.concatenate([[0], newest[:-1]]) - HOUR_MS
    found = shop_set(usual_of(events))
    store = found.store()
    rows = rows_of(np.full(200, events.time_ms[-1] + HOUR_MS))

    arrivals = store.add(events.take(order))

    assert arrivals.late == int(late.sum()) == int(is_late.sum())
    assert arrivals.counted == 3000 - arrivals.late
    assert digest(found.online(store, rows)) == digest(found.offline(events.take(~is_late), rows))


def test_a_clock_that_is_ahead_does_not_make_everything_late():
    """R8."""
    store = SMALL.store()
    now_ms = 1000 * MINUTE_MS

    wrong = store.add(event_of(("x", 99_999, "view", "u", "i", 1)), now_ms=now_ms)
    right = store.add(event_of(("y", 999, "view", "u", "i", 1)), now_ms=now_ms)

    assert (wrong.ahead, right.counted) == (1, 1)


@settings(max_examples=40, deadline=None)
@given(
    st.lists(
        st.tuples(
            st.integers(0, 4000),
            st.sampled_from(["view", "purchase", "impression"]),
            st.sampled_from(["u", "v", ""]),
            st.sampled_from(["i", "j", ""]),
            st.integers(0, 9),
        ),
        min_size=1,
        max_size=40,
    ),
    st.integers(0, 4000),
    st.integers(0, 30),
)
def test_online_offline_and_a_plain_sum_agree(drawn, minute, delay):
    ordered = sorted(drawn)
    events = event_of(*((f"e{i}", *each) for i, each in enumerate(ordered)))
    found = FeatureSet(SMALL.tallies, SMALL.features, delay * MINUTE_MS)
    rows = row_at(minute)
    before = events.take(events.time_ms < minute * MINUTE_MS)

    store = found.store()
    store.add(before)
    offline = found.offline(events, rows)

    assert (found.online(store, rows) == offline).all()
    looks = [at for at, kind, _, item, _ in drawn if kind == "view" and item == "i" and at < minute - delay]
    assert offline[0, 0] == pytest.approx(np.log1p(len(looks)))
    assert offline[0, 1] == pytest.approx(np.log1p(sum(at >= minute - delay - 60 for at in looks)))


def test_old_minutes_are_put_together_and_sums_over_all_time_stay():
    events = log_of(5000, days=300, users=3, items=3)
    store = SMALL.store()

    for start in range(0, 5000, 100):
        store.add(events.take(np.arange(start, start + 100)))

    rows = rows_of(np.full(40, events.time_ms[-1] + MINUTE_MS), users=3, items=3)
    assert (SMALL.online(store, rows) == SMALL.offline(events, rows)).all()
    kept = sum(len(key.minutes) for sums in store._sums.values() for key in sums.values())
    assert kept < 300


def test_what_is_read_an_hour_behind_never_changes_afterwards():
    """No skew between what was served and what is learnt later, though events come late."""
    events = log_of(3000, days=3, seed=6)
    came = arriving(events, 6, copies=1, shuffle_ms=HOUR_MS - 1)
    found = shop_set(usual_of(events), delay_ms=HOUR_MS)
    store, moments, served = found.store(), [], []
    for start in range(0, 3000, 100):
        store.add(came.take(np.arange(start, start + 100)))
        if start < 1000:
            continue
        moment = int(came.time_ms[: start + 100].max())
        moments.append(moment)
        served.append(found.online(store, rows_of([moment], seed=start))[0])

    learnt = [
        found.offline(events, rows_of([m], seed=s))[0] for m, s in zip(moments, range(1000, 3000, 100), strict=True)
    ]

    assert digest(np.array(served)) == digest(np.array(learnt))


def test_a_changed_definition_or_scale_has_another_fingerprint():
    other = FeatureSet(SMALL.tallies, (*SMALL.features[:2], Rate("bought", "buys", "looks", usual=0.2)))
    events = log_of(500)
    fitted = SMALL.fitted(events, rows_of(events.time_ms[::5]))

    assert len({SMALL.fingerprint, other.fingerprint, fitted.fingerprint, SMALL.kept([0]).fingerprint}) == 4
    assert SMALL.kept(range(5)).fingerprint == SMALL.fingerprint


def test_features_that_are_kept_have_the_values_they_had():
    events = log_of(800, days=5)
    rows = rows_of(np.full(50, events.time_ms[-1] + MINUTE_MS))
    fitted = SMALL.fitted(events, rows_of(events.time_ms[::5]))

    assert (fitted.kept([1, 4]).offline(events, rows) == fitted.offline(events, rows)[:, [1, 4]]).all()
    assert [tally.name for tally in fitted.kept([1, 4]).tallies] == ["looks", "own"]


def test_the_scale_is_that_of_the_learning_part_alone():
    events = log_of(3000, days=20)
    cut = START_MS + 10 * DAY_MS
    learning = rows_of(np.arange(START_MS, cut, DAY_MS // 8))

    short = SMALL.fitted(events.take(events.time_ms < cut), learning)

    assert short.fingerprint == SMALL.fitted(events, learning).fingerprint


@pytest.mark.parametrize(
    "build",
    [
        lambda: FeatureSet((), (Count("n", "nowhere"),)),
        lambda: FeatureSet(SMALL.tallies * 2, ()),
        lambda: FeatureSet(SMALL.tallies, SMALL.features * 2),
        lambda: Need("looks", 90_001),
    ],
)
def test_a_definition_that_is_wrong_is_refused(build):
    with pytest.raises(ConfigError):
        build()


def test_a_rate_is_left_out_where_the_log_has_no_events_to_divide_by():
    features = table_set(log_of(200))
    shown, unseen = (only_of(features, "items", kinds=kinds).names for kinds in (["impression", *LOOKS], LOOKS))

    assert "item_click_rate" in shown
    assert "item_click_rate" not in unseen
    assert {"item_buy_rate", "item_buys"} <= set(unseen)
