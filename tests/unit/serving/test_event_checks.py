from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest

from steelyard.domain import EventKind
from steelyard.serving.events import EventIn, check

NOON = datetime(2026, 3, 1, 12, tzinfo=UTC)


def checked(*events):
    return check(events, now=NOON, pseudonym=lambda raw: f"p({raw})" if raw else "")


def test_a_good_event_is_made_pseudonymous():
    event = EventIn(EventKind.CLICK, item_id="a", user="Ann", session="s1", event_id="e1", time=NOON)

    found = checked(event).events[0]

    assert (found.user, found.session, found.event_id, found.item_id) == ("p(Ann)", "p(s1)", "e1", "a")


def test_without_consent_neither_user_nor_session_is_stored():
    found = checked(EventIn(EventKind.CLICK, item_id="a", user="Ann", session="s1", personalise=False)).events[0]

    assert (found.user, found.session) == ("", "")


def test_a_missing_time_is_the_servers_and_a_missing_name_is_made():
    first, second = checked(EventIn(EventKind.CLICK, item_id="a"), EventIn(EventKind.CLICK, item_id="a")).events

    assert first.time == NOON
    assert first.event_id
    assert first.event_id != second.event_id


@pytest.mark.parametrize(
    ("event", "code"),
    [
        (EventIn(EventKind.CLICK, item_id="a", time=NOON + timedelta(minutes=5, seconds=1)), "time_in_future"),
        (EventIn(EventKind.CLICK, item_id="a", time=datetime(1970, 1, 1, tzinfo=UTC)), "time_too_old"),
        (EventIn(EventKind.CLICK), "missing_item"),
        (EventIn(EventKind.SEARCH, query="  "), "missing_query"),
        (EventIn(EventKind.CLICK, item_id="a", quantity=Decimal(0)), "bad_quantity"),
        (EventIn(EventKind.CLICK, item_id="a", quantity=Decimal("NaN")), "bad_quantity"),
        (EventIn(EventKind.CLICK, item_id="a", quantity=Decimal("1e999999")), "bad_quantity"),
    ],
)
def test_a_bad_event_is_refused_with_its_reason_and_the_others_are_kept(event, code):
    good = EventIn(EventKind.CLICK, item_id="a", time=NOON + timedelta(minutes=5))

    found = checked(good, event, EventIn(EventKind.SEARCH, query="tea"))

    assert [(refusal.index, refusal.code) for refusal in found.refused] == [(1, code)]
    assert [kept.kind.value for kept in found.events] == ["click", "search"]
