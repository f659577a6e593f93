"""One person who comes by several channels: one history, live and from the log, and no trace after an erasure."""

import asyncio
from datetime import UTC, datetime

import pytest

from steelyard.adapters.sqlite_events import SqliteEvents
from steelyard.domain import EventKind
from steelyard.serving.events import EventIn
from steelyard.serving.known_as import KnownAs
from steelyard.serving.service import About, Service
from steelyard.testing.shelf import shelf_engine

NOON = datetime(2026, 3, 1, 12, tzinfo=UTC)
PERSON_OF = {"#cookie": "#card", "#app": "#card"}


def hidden(user):
    return f"#{user}" if user else ""


@pytest.fixture
def service(tmp_path):
    log = SqliteEvents(tmp_path / "state")
    found = Service(
        shelf_engine(40), About("d" * 64, person_of=PERSON_OF), events=log, pseudonym=hidden, now=lambda: NOON
    )
    yield found
    found.close()


def view(service, user, item):
    event = EventIn(kind=EventKind.VIEW, item_id=f"item-{item}", user=user)
    return asyncio.run(service.take([event]))


def history(service, user):
    return service._request(service.served, user).history


def test_events_under_any_identifier_reach_one_history(service):
    view(service, "cookie", 1)
    view(service, "card", 2)
    view(service, "app", 3)
    view(service, "stranger", 4)

    assert history(service, "cookie") == history(service, "app") == history(service, "card")
    assert sorted(history(service, "card")) == [1, 2, 3]
    assert history(service, "stranger") == (4,)


def test_events_from_before_it_was_known_are_told_to_be_carried_once(service):
    view(service, "cookie", 1)
    view(service, "cookie", 2)
    first = service.carried()
    view(service, "cookie", 3)

    assert first == {"#cookie": "#card"}
    assert service.carried() == {}


def test_who_was_erased_under_any_identifier_is_nobody_under_all_of_them(service):
    view(service, "cookie", 1)
    service.forget(frozenset({"#card", "#cookie", "#app"}))

    view(service, "app", 2)

    assert history(service, "card") == history(service, "app") == ()


def test_a_bundle_that_knows_more_joins_more(service):
    known = KnownAs(hidden)
    assert known.now("cookie", {}) == "#cookie"

    known.join(PERSON_OF)

    assert (known.now("cookie", {}), known.now("card", {}), known.now("", {})) == ("#card", "#card", "")
    known.erased = frozenset({"#card"})
    assert known.now("cookie", {}) == ""
