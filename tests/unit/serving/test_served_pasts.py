"""A running shop asks with the same past as the measurement: items, order and times; people stay erasable."""

import asyncio
from datetime import UTC, datetime, timedelta

import numpy as np
import pytest

from steelyard.adapters.sqlite_events import SqliteEvents
from steelyard.data.dividing.periods import Events, HeldOut
from steelyard.data.privacy import Pseudonyms
from steelyard.data.tables import recommend_cases
from steelyard.domain import MAX_PAST, NO_PAST, EventKind, Interactions, Past, State
from steelyard.errors import ArtefactError
from steelyard.serving.events import EventIn
from steelyard.serving.history import LoggedHistories, histories_changed, histories_state
from steelyard.serving.pasts import LoggedPasts, Pasts, pasts_state
from steelyard.serving.service import About, Service

NOON = datetime(2026, 3, 1, 12, tzinfo=UTC)
T0 = NOON.timestamp() - 9 * 86_400
SECRET, NEXT = Pseudonyms(b"k" * 32), Pseudonyms(b"n" * 32)
# User, item, days after T0: Ann's first three and Bob's are in the log, the rest comes as events.
TAKEN = [(0, 10, 0), (0, 20, 0), (1, 30, 1), (0, 10, 2.25), (0, 10, 4), (0, 20, 5.5), (0, 40, 5.5)]
N_LOGGED = 4


def columns(rows):
    users, items, days = (np.array(column) for column in zip(*rows, strict=True))
    return users, items, T0 + days * 86_400.0


def learnt(rows=TAKEN[:N_LOGGED], n_users=2):
    users, items, times = columns(rows)
    return Interactions(users, items, times, np.ones(len(users)), n_users, 200)


def about(*, reads_past=True):
    names = [SECRET("Ann"), SECRET("Bob")]
    return About(
        "d" * 64,
        max_history=3,
        logged=LoggedHistories(histories_state(learnt(), names)),
        pasts=LoggedPasts(pasts_state(learnt(), names)) if reads_past else None,
        reads_past=reads_past,
    )


@pytest.fixture
def service(engine, tmp_path):
    found = Service(engine, about(), events=SqliteEvents(tmp_path), pseudonym=SECRET, now=lambda: NOON)
    yield found
    found.close()


def bought(item, day, kind=EventKind.PURCHASE, **more):
    time = datetime.fromtimestamp(T0, UTC) + timedelta(days=day)
    return EventIn(kind, item_id=f"item-{item}", user=more.pop("user", "Ann"), time=time, **more)


def asked(service, user="Ann"):
    return service._request(service.served, user)


def take(service, *events):
    assert asyncio.run(service.take(events)).stored == len(events)


def test_offline_and_online_fill_the_same_request(service):
    users, items, times = columns(TAKEN)
    everyone = HeldOut(np.arange(2), (np.array([1]), np.array([1])))
    measured = recommend_cases(
        Events(users, items, times, np.ones(len(users))), everyone, part="t", begins_s=NOON.timestamp(), max_history=3,
        exclude_seen=True,
    )  # fmt: skip

    take(service, *[bought(item, day) for user, item, day in TAKEN[N_LOGGED:] if user == 0])

    assert [asked(service, user) for user in ("Ann", "Bob")] == list(measured.requests)
    assert asked(service).past.items == (10, 20, 10, 10, 20, 40)
    assert asked(service).asked_s == NOON.timestamp()


def test_a_model_that_does_not_read_the_past_is_not_given_it(engine, tmp_path):
    plain = Service(engine, about(reads_past=False), events=SqliteEvents(tmp_path), pseudonym=SECRET, now=lambda: NOON)

    assert asked(plain).past == NO_PAST
    assert asked(plain).asked_s is None
    assert asked(plain).history
    plain.close()


def test_what_was_sent_back_is_undone_in_the_events_and_in_the_log(service):
    take(service, bought(50, 6), bought(50, 7), bought(50, 8, EventKind.RETURN), bought(20, 8, EventKind.RETURN))

    assert asked(service).past.items == (10, 10, 50)
    assert asked(service).past.times_s[-1] == T0 + 6 * 86_400


def test_an_event_that_the_log_knows_already_counts_once(service):
    take(service, bought(10, 2.25), bought(10, 2.5))

    assert asked(service).past.items == (10, 20, 10, 10)


def test_a_late_event_takes_its_place_in_time(service):
    take(service, bought(60, 1))

    assert asked(service).past.items == (10, 20, 60, 10)


def test_a_user_under_a_new_key_keeps_the_past_and_an_erased_one_has_none(service):
    service.rekey(NEXT, SECRET)
    take(service, bought(60, 6))
    both = asked(service).past.items
    service.forget(frozenset({SECRET("Ann")}))

    assert both == (10, 20, 10, 60)
    assert asked(service).past == NO_PAST
    assert asked(service, "Bob").past.items == (30,)


def test_stored_pasts_are_cut_erased_and_renamed_like_histories():
    n = MAX_PAST + 5
    rows = [(0, item % 100, item) for item in range(n)] + [(1, 7, n)]
    names = [SECRET("Ann"), SECRET("Bob")]
    state = pasts_state(learnt(rows), names)

    changed, n_changed = histories_changed(state, erased=[names[0]], renamed={names[1]: NEXT("Bob")})

    assert len(LoggedPasts(state).of(names[0]).items) == MAX_PAST
    assert LoggedPasts(state).of(names[0]).times_s[0] == T0 + 5 * 86_400
    assert n_changed == 2
    assert LoggedPasts(changed).of(names[0]) == NO_PAST
    assert LoggedPasts(changed).of(NEXT("Bob")) == Past((7,), (T0 + n * 86_400,))
    assert LoggedPasts(state).without([names[1]]).of(names[1]) == NO_PAST


def test_damaged_pasts_are_refused_and_nobody_has_none():
    with pytest.raises(ArtefactError, match="do not have a time each"):
        LoggedPasts(histories_state(learnt(), ["a", "b"]))
    with pytest.raises(ArtefactError, match="no array"):
        LoggedPasts(State())
    assert Pasts(None, read=lambda user: [("1", 2.0)], number=int).of("") == NO_PAST
    assert Pasts(None, read=lambda user: [("1", 2.0), ("-1", 3.0)], number=int).of("new") == Past((1,), (2.0,))
