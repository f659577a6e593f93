"""What was bought does not come back: the running shop leaves out what the measurement left out."""

import asyncio
from datetime import UTC, datetime, timedelta
from decimal import Decimal

import msgspec
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from steelyard.adapters.sqlite_events import SqliteEvents
from steelyard.data.dividing.split import Events, HeldOut
from steelyard.data.privacy import Pseudonyms
from steelyard.data.tables import recommend_cases
from steelyard.domain import CatalogueFacts, EventKind, Interactions, Request, split_history
from steelyard.models.ranking.rules import Rules
from steelyard.serving.events import EventIn
from steelyard.serving.history import (
    Histories,
    LoggedHistories,
    histories_changed,
    histories_state,
    with_disliked,
)
from steelyard.serving.service import About, Service

NOON = datetime(2026, 3, 1, 12, tzinfo=UTC)
SECRET = Pseudonyms(b"k" * 32)
pairs = st.lists(st.tuples(st.integers(0, 2), st.integers(0, 30)), max_size=80)

NOTHING = CatalogueFacts(*(np.empty(0, np.int64) for _ in range(4)), ())
"""Of a catalogue whose categories do not matter."""


@given(pairs, st.integers(1, 6), st.integers(0, 80))
def test_serving_and_measuring_look_at_and_leave_out_the_same(taken, max_history, n_logged):
    users, items = (np.array([pair[side] for pair in taken], dtype=np.int64) for side in (0, 1))
    times = np.arange(float(len(taken)))
    everyone = HeldOut(np.arange(3), tuple(np.empty(0, np.int64) for _ in range(3)))
    events = Events(users, items, times, np.ones(len(taken)))
    measured = recommend_cases(
        events, everyone, part="t", begins_s=float("inf"), max_history=max_history, exclude_seen=True
    )
    logged = slice(0, n_logged)
    learnt = Interactions(users[logged], items[logged], times[logged], np.ones(len(users[logged])), 3, 31)
    since = {str(user): [str(item) for owner, item in taken[n_logged:] if owner == user] for user in range(3)}
    served = Histories(
        LoggedHistories(histories_state(learnt, ["0", "1", "2"])),
        read=lambda pseudonym: since[pseudonym],
        number=int,
        max_history=max_history,
    )

    for user, request in enumerate(measured.requests):
        history, seen = served.split(str(user))

        assert history == request.history
        assert Rules().excluded(Request(history=history, seen=seen), NOTHING) == Rules().excluded(request, NOTHING)
        assert Rules().excluded(request, NOTHING) == {item for owner, item in taken if owner == user}


@given(st.lists(st.integers(0, 9)), st.integers(1, 5))
def test_a_history_is_cut_at_distinct_items(taken, max_history):
    history, older = split_history(taken, max_history=max_history)

    assert len(history) == min(len(set(taken)), max_history)
    assert {*history, *older} == set(taken)
    assert not {*history} & {*older}


def test_an_item_shown_may_come_back_where_the_rules_allow_it():
    request = Request(history=(1,), seen=(2,))

    assert Rules(exclude_seen=False).excluded(request, NOTHING) == frozenset()


def test_the_memory_of_long_histories_is_bounded():
    reads = []

    def read(user):
        reads.append(user)
        return [str(n) for n in range(50)]

    histories = Histories(None, read=read, number=int, max_history=5, max_numbers=100)
    for user in ("a", "b", "c", "c", "a"):
        histories.of(user)

    assert reads == ["a", "b", "c", "a"]


@pytest.fixture
def service(engine, tmp_path):
    bought = np.arange(80)
    learnt = Interactions(np.zeros(80, dtype=int), bought, np.arange(80.0), np.ones(80), 1, 200)
    logged = LoggedHistories(histories_state(learnt, [SECRET("Ann")], facts={"rating": {"top": 10, "like_above": 6}}))
    about = About("d" * 64, max_history=10, logged=logged)
    found = Service(engine, about, events=SqliteEvents(tmp_path), pseudonym=SECRET, now=lambda: NOON)
    yield found
    found.close()


def test_a_return_undoes_a_purchase_of_the_log_at_once(service):
    async def visit():
        pseudonym = SECRET("Ann")
        before = service.served.histories.split(pseudonym)
        await service.take([EventIn(EventKind.RETURN, item_id="item-3", user="Ann")])
        return before, service.served.histories.split(pseudonym)

    before, after = asyncio.run(visit())

    assert set(sum(before, ())) - set(sum(after, ())) == {3}


def test_the_second_event_of_an_identifier_is_refused_by_its_place_in_the_list(service):
    def click(item, event_id):
        return EventIn(EventKind.CLICK, item_id=item, user="Cem", event_id=event_id)

    sent = [EventIn(EventKind.CLICK), click("item-1", "x"), click("item-2", "x"), click("item-1", "x")]
    answer = asyncio.run(service.take(sent))

    assert [(refusal.index, refusal.code) for refusal in answer.refused] == [(0, "missing_item"), (2, "event_id_taken")]
    assert (answer.ids, answer.stored, answer.duplicates) == (["x", "x"], 1, 1)


@pytest.mark.parametrize(
    ("rating", "code"), [(None, "missing_rating"), ("11", "bad_rating"), ("-1", "bad_rating"), ("NaN", "bad_rating")]
)
def test_a_rating_off_the_scale_of_the_shop_is_refused(service, rating, code):
    value = None if rating is None else Decimal(rating)

    answer = asyncio.run(service.take([EventIn(EventKind.RATING, item_id="item-1", user="Cem", rating=value)]))

    assert [refusal.code for refusal in answer.refused] == [code]


def test_a_value_on_anything_but_a_rating_is_refused(service):
    answer = asyncio.run(service.take([EventIn(EventKind.VIEW, item_id="item-1", rating=Decimal(3))]))

    assert answer.refused[0].code == "bad_rating"


def test_a_low_rating_does_not_change_what_is_recommended(service):
    async def rate(value):
        rated = EventIn(EventKind.RATING, item_id="item-50", user=f"u{value}", rating=Decimal(value))
        await service.take([rated])
        return service.served.histories.of(SECRET(f"u{value}"))

    assert asyncio.run(rate(6)) == ()
    assert asyncio.run(rate(7)) == (50,)


@pytest.mark.parametrize(
    "negative",
    [
        EventIn(EventKind.HIDE, item_id="item-150", user="Dan"),
        EventIn(EventKind.RATING, item_id="item-150", user="Dan", rating=Decimal(2)),
        EventIn(EventKind.RETURN, item_id="item-150", user="Dan"),
    ],
)
def test_what_a_shopper_dislikes_is_kept_away_from_them_until_they_come_round(service, negative):
    async def visit():
        name, served = SECRET("Dan"), service.served
        await service.take([EventIn(EventKind.VIEW, item_id="item-150", user="Dan", time=NOON - timedelta(hours=2))])
        viewed = served.histories.of(name)
        await service.take([replace_time(negative, NOON - timedelta(hours=1))])
        hidden = served.histories.of(name), served.disliked.of(name), served.disliked.of(SECRET("Eve"))
        await service.take([EventIn(EventKind.PURCHASE, item_id="item-150", user="Dan", time=NOON)])
        return viewed, hidden, served.histories.of(name), served.disliked.of(name)

    viewed, hidden, bought, left = asyncio.run(visit())

    assert (viewed, hidden, bought, left) == ((150,), ((), (150,), ()), (150,), ())


def replace_time(event, time):
    return msgspec.structs.replace(event, time=time)


def test_the_lists_of_a_shopper_leave_out_what_they_disliked(service):
    async def visit():
        first = await service.recommend("Fay", k=5)
        away = first.items[0].id
        await service.take([EventIn(EventKind.HIDE, item_id=away, user="Fay")])
        theirs, others = await service.recommend("Fay", k=5), await service.recommend("Gus", k=5)
        return away, [each.id for each in theirs.items], [each.id for each in others.items]

    away, theirs, others = asyncio.run(visit())

    assert away not in theirs
    assert away in others


def test_what_the_log_knows_as_disliked_is_forgotten_with_its_user():
    nothing = Interactions(*(np.empty(0, int) for _ in range(4)), 0, 9)
    one = Interactions(np.array([0, 1]), np.array([3, 4]), np.zeros(2), np.ones(2), 2, 9)
    state = with_disliked(histories_state(nothing, []), histories_state(one, ["aa", "bb"]))

    changed, n = histories_changed(state, erased={"aa"}, renamed={"bb": "cc"})

    found = LoggedHistories(changed).disliked
    assert n == 2
    assert [found.of(name) for name in ("aa", "bb", "cc")] == [(), (), (4,)]
