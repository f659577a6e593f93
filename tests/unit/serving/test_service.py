import asyncio
import dataclasses
import threading
from datetime import UTC, datetime, timedelta

import msgspec
import numpy as np
import pytest

from steelyard.adapters.sqlite_events import SqliteEvents
from steelyard.data.privacy import Pseudonyms
from steelyard.domain import EventKind, Interactions
from steelyard.errors import StageError
from steelyard.models.text.segment import has_han
from steelyard.serving.admission import Limits
from steelyard.serving.cards import ItemIds, index_ids
from steelyard.serving.engine import Beside, Engine
from steelyard.serving.events import EventIn
from steelyard.serving.history import LoggedHistories, histories_state
from steelyard.serving.service import About, Question, Service, Shop
from steelyard.testing.shelf import Shelf, shelf_cards

NOON = datetime(2026, 3, 1, 12, tzinfo=UTC)
SECRET = Pseudonyms(b"k" * 32)


@pytest.fixture
def service(engine, tmp_path):
    users, items = np.array([0, 0, 1]), np.array([10, 20, 30])
    learnt = Interactions(users, items, np.arange(3.0), np.ones(3), 2, 200)
    logged = LoggedHistories(histories_state(learnt, [SECRET("Ann"), SECRET("Bob")]))
    about = About("d" * 64, shop=Shop("Toy", "EUR", "en"), max_history=3, logged=logged, examples=logged.longest(1))
    found = Service(
        engine,
        about,
        events=SqliteEvents(tmp_path),
        pseudonym=SECRET,
        now=lambda: NOON,
        limits=Limits(answer_within_s=5),
    )
    yield found
    found.close()


def ids(answer):
    return [shown.id for shown in answer.items]


def click(item, user, **more):
    return EventIn(EventKind.CLICK, item_id=item, user=user, **more)


def test_a_user_of_the_log_is_recognised(service):
    assert ids(asyncio.run(service.recommend("Ann", k=2))) == ["item-21", "item-22"]


def test_an_event_changes_the_next_recommendation(service):
    async def visit():
        before = await service.recommend("Cem", k=1)
        await service.take([click("item-50", "Cem")])
        return before, await service.recommend("Cem", k=1)

    before, after = asyncio.run(visit())

    assert (ids(before), ids(after)) == (["item-0"], ["item-51"])
    assert after.degraded is False
    assert after.bundle == "d" * 64


def test_events_out_of_order_give_the_history_in_order(service):
    late = click("item-70", "Dee", time=NOON)
    early = click("item-60", "Dee", time=NOON - timedelta(hours=1))

    async def visit():
        await service.take([late])
        await service.take([early])
        return await service.recommend("Dee", k=1)

    assert ids(asyncio.run(visit())) == ["item-71"]


def test_impressions_do_not_make_a_history(service):
    async def visit():
        await service.take([EventIn(EventKind.IMPRESSION, item_id="item-50", user="Eve")])
        return await service.recommend("Eve", k=1)

    assert ids(asyncio.run(visit())) == ["item-0"]


def test_two_opted_out_users_get_the_same_bytes(service):
    async def both():
        return [await service.recommend(user, k=20, personalise=False) for user in ("Ann", "Bob")]

    first, second = (msgspec.json.encode(msgspec.structs.replace(a, took_ms=0)) for a in asyncio.run(both()))

    assert first == second


def test_a_duplicate_is_acknowledged_and_counted_once(service):
    async def twice():
        await service.take([click("item-1", "Ann", event_id="x")])
        return await service.take([click("item-1", "Ann", event_id="x"), click("no-such", "Ann", event_id="y")])

    answer = asyncio.run(twice())

    assert (answer.ids, answer.stored, answer.duplicates, answer.unknown_items) == (["x", "y"], 1, 1, 1)


def test_no_raw_user_reaches_the_disk(service, tmp_path):
    asyncio.run(service.take([click("item-1", "Secret Name", session="Secret Session")]))
    service.close()

    content = b"".join(path.read_bytes() for path in tmp_path.iterdir())

    assert b"Secret" not in content
    assert SECRET("Secret Name").encode() in content


def test_without_time_the_popular_items_are_sent_and_marked(engine, tmp_path):
    service = Service(
        engine, About("d"), events=None, pseudonym=SECRET, now=lambda: NOON, limits=Limits(answer_within_s=0)
    )

    answer = asyncio.run(service.search(Question("7", k=2)))
    service.close()

    assert answer.degraded is True
    assert answer.degraded_reason in ("too_slow", "queue_delay")
    assert ids(answer) == ["item-0", "item-1"]


class TooSlow(Shelf):
    """Never done in time."""

    def answer(self, requests, *, k):
        done = threading.Event()
        done.wait(0.5)
        return super().answer(requests, k=k)


@pytest.mark.parametrize(("within_s", "sent"), [(0.2, "words"), (0.0, "popular")])
def test_without_time_for_the_whole_search_its_words_are_answered_and_popular_items_only_at_last(
    tmp_path, within_s, sent
):
    cards, words = shelf_cards(200), Shelf(200)
    engine = Engine(
        search=TooSlow(200), recommend=words, similar=None, cards=cards, ids=ItemIds(index_ids(cards), cards),
        beside=Beside(words=words),
    )  # fmt: skip
    service = Service(
        engine, About("d"), events=None, pseudonym=SECRET, now=lambda: NOON, limits=Limits(answer_within_s=within_s)
    )

    answer = asyncio.run(service.search(Question("7", k=2)))
    service.close()

    assert (answer.degraded, answer.degraded_to) == (True, sent)
    assert ids(answer) == (["item-7"] if sent == "words" else ["item-0", "item-1"])


def test_a_whole_answer_is_not_said_to_be_anything_else(service):
    answer = asyncio.run(service.search(Question("7", k=2)))

    assert (answer.degraded, answer.degraded_reason, answer.degraded_to) == (False, "", "")


def test_warming_asks_every_surface_also_in_chinese_and_with_words_nobody_knows(tmp_path):
    asked = []

    class Listening(Shelf):
        def answer(self, requests, *, k):
            asked.extend(requests)
            return super().answer(requests, k=k)

    cards, shelf = shelf_cards(20), Listening(20)
    engine = Engine(
        search=shelf, recommend=shelf, similar=shelf, cards=cards, ids=ItemIds(index_ids(cards), cards),
        beside=Beside(bought_with=shelf),
    )  # fmt: skip
    service = Service(engine, About("d"), events=None, pseudonym=SECRET, now=lambda: NOON)
    asked.clear()

    service.warm_up()
    service.close()

    queries = [request.query for request in asked if request.query]
    assert any(has_han(query) for query in queries)
    assert cards.card(0).title in queries
    assert any(request.history for request in asked)
    assert sum(bool(request.items) for request in asked) == 3  # what is bought with it twice: all is of one category


def test_similar_items_leave_out_the_item_and_an_unknown_one_has_none(service):
    assert ids(asyncio.run(service.similar("item-5", k=2))) == ["item-6", "item-7"]
    assert asyncio.run(service.similar("no-such", k=2)) is None


def test_an_example_user_can_be_asked_for_without_knowing_who_it_is(service):
    shop = service.shop()

    assert [(user.user, user.n_items, user.latest) for user in shop.users] == [
        ("example-1", 2, ["Thing 20", "Thing 10"])
    ]
    assert ids(asyncio.run(service.recommend("example-1", k=1))) == ["item-21"]
    assert SECRET("Ann") not in msgspec.json.encode(shop).decode()


def test_a_server_without_a_store_says_so(engine):
    service = Service(engine, About("d"), events=None, pseudonym=SECRET, now=lambda: NOON)

    with pytest.raises(StageError, match="without an event store"):
        asyncio.run(service.take([click("item-1", "Ann")]))
    assert service.health().read_only is True
    service.close()


def test_health_is_of_the_bundle_and_the_store(service):
    health = service.health()

    assert (health.status, health.read_only, health.n_items) == ("ok", False, 200)
    assert health.surfaces == ("search", "recommend", "similar")
    assert dataclasses.replace(service.about).digest == health.bundle
