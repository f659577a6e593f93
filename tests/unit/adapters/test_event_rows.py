"""Rows of the event log: what is stored, when an event is another one, and what returns leave of an item."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta, timezone
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from steelyard.adapters.shop.event_rows import Kept, differs, row_of, what_is_left
from steelyard.domain import Event, EventKind
from steelyard.errors import DataError

AT = datetime(2026, 11, 28, 12, 0, 0, 250_000, tzinfo=UTC)
EVENT = Event(event_id="e1", kind=EventKind.PURCHASE, time=AT, user="u", session="s", item_id="kettle", query="q",
              position=3, quantity=Decimal(2), platform="web", is_timed=True)  # fmt: skip


def stored(event):
    """As the table gives it back."""
    _, kind, time_us, *texts, position, quantity, platform, rating, is_timed = row_of(event)[:12]
    return (kind, *texts, position, quantity, platform, rating, time_us, is_timed)


def test_an_event_is_stored_in_whole_microseconds_whatever_its_time_zone():
    seconds = int(datetime(2026, 11, 28, 12, tzinfo=UTC).timestamp())
    elsewhere = replace(EVENT, time=AT.astimezone(timezone(timedelta(hours=8))))

    assert row_of(EVENT)[2] == row_of(elsewhere)[2] == seconds * 10**6 + 250_000


@given(st.datetimes(timezones=st.just(UTC)))
def test_no_microsecond_is_lost(at):
    micros = row_of(replace(EVENT, time=at))[2]

    assert datetime(1970, 1, 1, tzinfo=UTC) + timedelta(microseconds=micros) == at


def test_text_that_is_not_unicode_is_refused_by_the_events_name():
    with pytest.raises(DataError, match="event 'e1' holds text that is not Unicode"):
        row_of(replace(EVENT, query="\ud800"))


def test_the_same_event_is_no_other_one():
    assert not differs(row_of(EVENT), stored(EVENT))
    assert not differs(row_of(replace(EVENT, quantity=Decimal("2.0"))), stored(EVENT))


@pytest.mark.parametrize(
    "change",
    [{"kind": EventKind.CLICK}, {"user": "v"}, {"session": "t"}, {"item_id": "lamp"}, {"query": "r"}, {"position": 4},
     {"position": None}, {"quantity": Decimal(3)}, {"platform": "app"}, {"rating": Decimal(4)},
     {"time": AT + timedelta(microseconds=1)}],
)  # fmt: skip
def test_an_event_that_says_something_else_is_another_one(change):
    other = replace(EVENT, **change)

    assert differs(row_of(other), stored(EVENT))
    assert differs(row_of(EVENT), stored(other))


def test_a_time_that_the_server_gave_tells_no_events_apart():
    later = replace(EVENT, time=AT + timedelta(minutes=1), is_timed=False)

    assert not differs(row_of(later), stored(EVENT))
    assert not differs(row_of(EVENT), stored(later))


def bought(n, at):
    return ("purchase", str(n), None, at, at)


def sent_back(n, at):
    return ("return", str(n), None, at, at)


ALL = ("purchase", "click", "rating")


@pytest.mark.parametrize(
    ("rows", "kept"),
    [
        ([], Kept((), False)),
        ([bought(1, 1)], Kept(((1, 1),), False)),
        ([bought(1, 1), sent_back(1, 2)], Kept((), False)),
        ([bought(1, 1), bought(1, 2), sent_back(1, 3)], Kept(((1, 1),), False)),  # the latest piece
        ([bought(3, 1), sent_back(2, 2)], Kept(((1, 1),), False)),
        ([bought(1, 1), sent_back(2, 2)], Kept((), True)),  # more than was bought
        ([sent_back(1, 1), bought(1, 2)], Kept(((2, 2),), True)),
        ([bought(1, 1), ("click", "1", None, 2, 2), sent_back(1, 3)], Kept(((2, 2),), False)),  # it was looked at
        ([("view", "1", None, 1, 1)], Kept((), False)),  # a kind that does not count
        ([("rating", "1", 3.0, 1, 1), ("rating", "1", None, 2, 2)], Kept(((2, 2),), False)),
        ([("rating", "1", 3.0, 1, 1)], Kept((), False)),  # up to the limit is not liking
        ([("rating", "1", 3.5, 1, 1)], Kept(((1, 1),), False)),
    ],
)
def test_what_returns_leave_of_an_item(rows, kept):
    assert what_is_left(rows, ALL, 3.0) == kept


def test_purchases_are_taken_back_even_where_they_do_not_count():
    assert what_is_left([bought(1, 1), sent_back(1, 2)], ("click",), 3.0) == Kept((), False)
    assert what_is_left([bought(1, 1)], ("click",), 3.0) == Kept((), False)


@given(st.lists(st.tuples(st.integers(1, 3), st.booleans()), max_size=10))
def test_pieces_are_taken_back_one_by_one_from_the_newest(steps):
    rows = [(sent_back if is_return else bought)(n, at) for at, (n, is_return) in enumerate(steps)]
    pieces, is_surplus = [], False
    for at, (n, is_return) in enumerate(steps):
        if is_return:
            is_surplus = is_surplus or n > len(pieces)
            del pieces[max(0, len(pieces) - n) :]
        else:
            pieces += [(at, at)] * n

    assert what_is_left(rows, ALL, 3.0) == Kept(tuple(sorted(set(pieces))), is_surplus)
