"""Events of one identifier, ratings, and what was sent back, in the stored log."""

import sqlite3
from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from steelyard.adapters.shop.event_rows import what_is_left
from steelyard.adapters.sqlite_events import SqliteEvents
from steelyard.domain import Event, EventKind

NOON = datetime(2026, 3, 1, 12, tzinfo=UTC)
KINDS = ("view", "purchase", "rating")


def event(name, kind=EventKind.PURCHASE, *, item="pot", minutes=0, **more):
    return Event(name, kind, NOON + timedelta(minutes=minutes), user="u", item_id=item, **more)


@pytest.fixture
def log(tmp_path):
    found = SqliteEvents(tmp_path)
    yield found
    found.close()


@pytest.mark.parametrize(
    "other",
    [
        event("e", item="pan"),
        event("e", EventKind.VIEW),
        event("e", quantity=Decimal(2)),
        event("e", minutes=1),
        event("e", EventKind.RATING, rating=Decimal(1)),
        event("e", platform="app"),
        event("e", position=3),
    ],
)
def test_another_event_under_a_stored_identifier_is_told_apart_also_after_a_restart(tmp_path, other):
    first = SqliteEvents(tmp_path)
    first.append([event("e")]).result(timeout=5)
    at_once = first.append([event("f"), other]).result(timeout=5)
    first.close()
    second = SqliteEvents(tmp_path)

    later = second.append([other, event("e"), event("g")]).result(timeout=5)
    second.close()

    assert at_once.taken == (1,)
    assert (later.taken, later.stored, later.duplicates) == ((0,), 1, 2)


def test_two_events_of_one_identifier_in_one_batch_are_told_apart(log):
    appended = log.append([event("e"), event("e", item="pan"), event("e")]).result(timeout=5)

    assert (appended.stored, appended.duplicates, appended.taken) == (1, 2, (1,))
    assert log.history("u", kinds=KINDS, limit=9) == ["pot"]


def test_an_event_without_a_time_of_its_own_is_the_same_when_it_is_sent_again_later(log):
    log.append([event("e", is_timed=False)]).result(timeout=5)

    again = log.append([event("e", minutes=2, is_timed=False), event("e", minutes=3)]).result(timeout=5)

    assert (again.duplicates, again.taken) == (2, ())


def test_a_quantity_written_otherwise_is_the_same(log):
    log.append([event("e", quantity=Decimal("1"))]).result(timeout=5)

    assert log.append([event("e", quantity=Decimal("1.0"))]).result(timeout=5).taken == ()


def test_the_limit_counts_distinct_items(log):
    views = [event(f"v{n}", EventKind.VIEW, item="lamp", minutes=n + 1) for n in range(60)]
    log.append([event("e"), *views]).result(timeout=5)

    assert log.history("u", kinds=KINDS, limit=2) == ["pot", "lamp"]


def test_what_was_sent_back_is_in_no_history(log):
    log.append([event("1"), event("2", item="pan"), event("3", EventKind.RETURN, minutes=1)]).result(timeout=5)

    assert log.history("u", kinds=KINDS, limit=9) == ["pan"]
    assert log.returned("u") == []


def test_what_was_bought_again_after_it_was_sent_back_is_in_the_history(log):
    sent_back = event("2", EventKind.RETURN, minutes=1)
    log.append([event("1"), sent_back, event("3", minutes=2)]).result(timeout=5)

    assert log.history("u", kinds=KINDS, limit=9) == ["pot"]


def test_a_return_of_something_bought_before_the_store_began_is_told(log):
    log.append([event("1", EventKind.RETURN)]).result(timeout=5)

    assert log.returned("u") == ["pot"]


def test_a_low_rating_is_no_interest(log):
    low, high = (event(n, EventKind.RATING, item=n, rating=Decimal(n)) for n in ("1", "5"))
    log.append([low, high]).result(timeout=5)

    assert log.history("u", kinds=KINDS, limit=9, like_above=3.0) == ["5"]


def test_a_log_of_the_format_before_is_carried_over(tmp_path):
    first = SqliteEvents(tmp_path)
    first.append([event("1")]).result(timeout=5)
    first.close()
    with sqlite3.connect(tmp_path / "events.sqlite") as connection:
        connection.executescript(
            "ALTER TABLE events DROP COLUMN rating; ALTER TABLE events DROP COLUMN is_timed; "
            "ALTER TABLE events DROP COLUMN request_id; ALTER TABLE events DROP COLUMN propensity; "
            "ALTER TABLE events DROP COLUMN is_usual; PRAGMA user_version=1"
        )
    connection.close()

    second = SqliteEvents(tmp_path)
    again = second.append([event("1", minutes=9), event("2", item="pan")]).result(timeout=5)

    assert (again.stored, again.taken) == (1, ())
    assert second.history("u", kinds=KINDS, limit=9) == ["pot", "pan"]
    second.close()


@settings(max_examples=60)
@given(st.lists(st.tuples(st.booleans(), st.integers(1, 3)), max_size=12))
def test_returns_take_back_the_latest_pieces(steps):
    rows = [
        ("return" if is_return else "purchase", str(pieces), None, at, at)
        for at, (is_return, pieces) in enumerate(steps)
    ]

    found = what_is_left(rows, ("purchase",), 0.0)

    stack, surplus = [], False
    for at, (is_return, pieces) in enumerate(steps):
        for _ in range(pieces):
            if not is_return:
                stack.append(at)
            elif stack:
                stack.pop()
            else:
                surplus = True
    assert found.last == ((stack[-1], stack[-1]) if stack else None)
    assert found.has_more_returns == surplus


def test_the_last_word_on_an_item_says_whether_it_is_disliked(log):
    stars = [event(f"r{n}", EventKind.RATING, item=n, rating=Decimal(n)) for n in ("1", "3", "4")]
    hidden = [event("h1", EventKind.HIDE, item="pan"), event("v1", EventKind.VIEW, item="pan", minutes=1)]
    round_again = [event("h2", EventKind.HIDE, item="lid"), event("c2", EventKind.ADD_TO_CART, item="lid", minutes=1)]
    log.append([*stars, *hidden, *round_again]).result(timeout=5)

    assert log.last_words("u", like_above=3.0) == (["1", "3", "pan"], ["4", "lid"])
    assert log.last_words("", like_above=3.0) == log.last_words("x", like_above=3.0) == ([], [])


def test_a_return_is_a_dislike_only_where_no_purchase_is_left(log):
    one, other = event("1", item="cup"), event("2", item="cup", minutes=1)
    back = [event("3", EventKind.RETURN, item="cup", minutes=2), event("4", EventKind.RETURN, item="mug")]
    log.append([one, other, *back]).result(timeout=5)

    assert log.last_words("u", like_above=3.0) == (["mug"], ["cup"])
