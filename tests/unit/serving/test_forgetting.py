"""A running shop forgets people at once, and stores nothing of somebody who wants none of it (R1.7)."""

import asyncio
import sqlite3
from datetime import UTC, datetime

import numpy as np
import pytest

from steelyard.adapters.sqlite_events import SqliteEvents
from steelyard.data.privacy import Pseudonyms
from steelyard.domain import EventKind, Interactions
from steelyard.serving.admission import Limits
from steelyard.serving.events import EventIn, check
from steelyard.serving.history import LoggedHistories, histories_changed, histories_state
from steelyard.serving.service import About, Service

NOON = datetime(2026, 3, 1, 12, 34, 56, 789, tzinfo=UTC)
OLD, NEW = Pseudonyms(b"k" * 32), Pseudonyms(b"n" * 32)


@pytest.fixture
def service(engine, tmp_path):
    learnt = Interactions(np.array([0, 0, 1]), np.array([10, 20, 30]), np.arange(3.0), np.ones(3), 2, 200)
    logged = LoggedHistories(histories_state(learnt, [OLD("Ann"), OLD("Bob")]))
    about = About("d" * 64, logged=logged, max_history=5, examples=logged.longest(2))
    limits = Limits(answer_within_s=5)
    found = Service(engine, about, events=SqliteEvents(tmp_path), pseudonym=OLD, now=lambda: NOON, limits=limits)
    yield found
    found.close()


def listed(service, user, **more):
    return [shown.id for shown in asyncio.run(service.recommend(user, k=3, **more)).items]


def click(service, user, item, **more):
    return asyncio.run(service.take([EventIn(EventKind.CLICK, item_id=item, user=user, **more)]))


def rows(tmp_path):
    with sqlite3.connect(f"file:{tmp_path}/events.sqlite?mode=ro", uri=True) as db:
        return db.execute(
            "SELECT user, session, event_id, time_us, query, platform, position, item_id FROM events"
        ).fetchall()


def test_an_erased_person_gets_what_a_stranger_gets_and_leaves_no_name(service, tmp_path):
    stranger = listed(service, "")
    assert listed(service, "Ann") != stranger

    service.forget(frozenset({OLD("Ann")}))
    click(service, "Ann", "item-50", session="visit of Ann", event_id="7")

    assert listed(service, "Ann") == stranger
    assert [row[:2] for row in rows(tmp_path)] == [("", "")]
    assert listed(service, "Bob") != stranger
    assert not service.is_example("example-2")
    service.forget(frozenset())
    click(service, "Ann", "item-60")
    assert listed(service, "Ann") != stranger  # readmitted


def test_a_bundle_that_follows_does_not_bring_an_erased_person_back(service, engine):
    about = service.about
    service.forget(frozenset({OLD("Ann")}))

    service.swap(engine, about)

    assert listed(service, "Ann") == listed(service, "")


def test_under_a_new_key_people_are_known_while_the_one_before_is_kept(service):
    click(service, "Ann", "item-70")
    before = listed(service, "Ann")

    service.rekey(NEW, OLD)

    assert listed(service, "Ann") == before
    click(service, "Ann", "item-90")
    assert listed(service, "Ann") != before
    assert service.carried() == {OLD("Ann"): NEW("Ann")}
    assert service.carried() == {}
    service.rekey(NEW, None)
    assert listed(service, "Bob") == listed(service, "")


def test_an_erased_person_stays_erased_under_either_key(service):
    service.forget(frozenset({OLD("Ann")}))
    service.rekey(NEW, OLD)

    assert listed(service, "Ann") == listed(service, "")


def test_lists_without_personalisation_are_the_same_for_any_two(service):
    assert listed(service, "Ann", personalise=False) == listed(service, "Bob", personalise=False) == listed(service, "")


def test_what_somebody_without_consent_does_cannot_be_told_from_others_of_the_hour(service, tmp_path):
    sent = {"session": "v", "platform": "app", "position": 3, "personalise": False}
    first = click(service, "Ann", "item-5", event_id="Ann/1", **sent)
    again = click(service, "Ann", "item-5", event_id="Ann/1", **sent)

    assert (first.ids, again.duplicates) == (["Ann/1"], 1)
    user, visit, name, time_us, _, platform, position, item = rows(tmp_path)[0]
    assert (user, visit, platform, position, item) == ("", "", "", None, "item-5")
    assert "Ann" not in name
    assert time_us % 3_600_000_000 == 0


@pytest.mark.parametrize(
    ("field", "text", "stored"),
    [
        ("query", "ann@post.example", ""),
        ("query", "where is 13812345678", ""),
        ("query", "customer-0077 please", ""),
        ("query", "green tea", "green tea"),
        ("platform", "customer-0077", ""),
        ("item_id", "ann@post.example", "***"),
        ("item_id", "13812345678", "***"),
        ("item_id", "13899999999", "13899999999"),
    ],
)
def test_texts_that_name_a_person_are_not_stored(field, text, stored):
    given = {"item_id": "item-1", "query": "x", "user": "customer-0077", field: text}
    sent = EventIn(EventKind.SEARCH, **given)

    checked = check([sent], now=NOON, pseudonym=OLD, knows=lambda item: item == "13899999999")

    assert getattr(checked.events[0], field) == stored


def test_an_event_id_that_names_its_user_is_stored_as_a_pseudonym():
    sent = [
        EventIn(EventKind.CLICK, item_id="a", user="customer-0077", event_id=name) for name in ("customer-0077/1", "e1")
    ]

    checked = check(sent, now=NOON, pseudonym=OLD)

    assert [event.event_id for event in checked.events] == [OLD("customer-0077/1"), "e1"]


def test_histories_without_some_are_those_of_the_others():
    draws = np.random.default_rng(1)
    users, items = np.sort(draws.integers(0, 50, 400)), draws.integers(0, 99, 400)
    names = [OLD(str(n)) for n in range(50)]
    learnt = Interactions(users, items, np.arange(400.0), np.ones(400), 50, 99)
    whole = LoggedHistories(histories_state(learnt, names))

    state, n = histories_changed(histories_state(learnt, names), erased=names[:7], renamed={names[9]: NEW("9")})

    left = LoggedHistories(state)
    assert n == 8
    assert [left.of(name) for name in names[:7]] == [()] * 7
    assert left.of(NEW("9")) == whole.of(names[9])
    assert left.of(names[9]) == ()
    assert all(left.of(name) == whole.of(name) for name in names[10:])
