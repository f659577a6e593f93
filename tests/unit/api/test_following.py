"""Another bundle takes the place of the one that answers."""

import asyncio
import gc
import json
import threading
import weakref
from dataclasses import replace
from pathlib import Path

import msgspec
import pytest

from steelyard.api.following import Follower
from steelyard.documents.decision import decision_json, read_decision
from steelyard.domain import Surface
from steelyard.errors import ArtefactError
from steelyard.serving.admission import Limits
from steelyard.serving.cards import ItemIds, index_ids
from steelyard.serving.engine import Engine
from steelyard.serving.service import About, Question, Service
from steelyard.testing.shelf import Shelf, shelf_cards, shelf_engine

GOLDEN = Path(__file__).parents[2] / "golden" / "decision.json"


class Published:
    """A folder of bundles in memory: ``latest`` is the length of the shelf."""

    def __init__(self, n_items):
        self.latest = n_items
        self.damaged = set()

    def pointer(self):
        return str(self.latest)

    def opened(self):
        if self.latest in self.damaged:
            raise ArtefactError(f"bundle {self.latest} is damaged")
        return shelf_engine(self.latest), About(f"digest {self.latest}")


@pytest.fixture
def published():
    return Published(10)


def follower_of(published, service):
    return Follower(published.pointer, published.opened, service.swap, seen=published.pointer(), every_s=0.01)


def test_what_is_published_answers_from_the_next_look_on(service, published):
    follower = follower_of(published, service)

    before = follower.look()
    published.latest = 12
    after = follower.look()
    again = follower.look()

    assert (before, after, again) == (False, True, False)
    assert (service.health().bundle, service.shop().n_items) == ("digest 12", 12)


def test_a_damaged_bundle_leaves_the_old_one_in_its_place_and_the_next_one_is_taken(service, published, caplog):
    follower = follower_of(published, service)
    published.damaged = {11}

    published.latest = 11
    is_taken = follower.look()
    left = service.health().bundle
    published.latest = 12
    follower.look()

    assert (is_taken, left, service.health().bundle) == (False, "d" * 64, "digest 12")
    assert "bundle 11 is damaged" in caplog.text


def test_the_bundle_that_answers_already_is_not_taken_again(service, published):
    taken = []
    follower = Follower(published.pointer, lambda: None, lambda *both: taken.append(both))

    assert follower.look() is False
    assert taken == []


def test_events_and_histories_go_on_with_the_next_bundle(shopper, service):
    told = {"kind": "click", "item_id": "item-50", "user": "visitor-0123456789ab"}
    shopper.post("/v1/events", told)

    service.swap(shelf_engine(100), About("e" * 64))
    answer = shopper.get("/v1/recommend?user=visitor-0123456789ab&k=1").json()
    stored = shopper.post("/v1/events", {**told, "item_id": "item-60"}).json()
    later = shopper.get("/v1/recommend?user=visitor-0123456789ab&k=1").json()

    assert (answer["items"][0]["id"], answer["bundle"]) == ("item-51", "e" * 64)
    assert stored["stored"] == 1
    assert later["items"][0]["id"] == "item-61"


def test_decision_and_bills_are_those_of_the_bundle_that_answers(shopper, service):
    before = shopper.get("/v1/cost/bill").json()
    bills = {
        "book": {"name": "list", "as_of": "2026-01-01", "currency": "EUR"},
        "surfaces": {"search": [{
            "name": "static", "instance": None, "replicas": None, "monthly": "9.00", "unpriced": [], "lines": [],
            "per_1000": {},
        }]},
    }  # fmt: skip
    golden = read_decision(GOLDEN.read_bytes())
    chosen = msgspec.structs.replace(golden.surfaces[0], chosen="static")
    decision = decision_json(msgspec.structs.replace(golden, surfaces=(chosen,)))

    service.swap(shelf_engine(9), About("e" * 64, decision=decision, bills=json.dumps(bills).encode()))

    assert before["error"]["code"] == "no_bills"
    assert [each["chosen"] for each in shopper.get("/v1/decision").json()["surfaces"]] == ["static"]
    assert shopper.get("/v1/cost/bill?configuration=static").json()["bundle"] == "e" * 64


class Held(Shelf):
    """Does not answer before it may."""

    def __init__(self, n_items):
        super().__init__(n_items)
        self.began, self.may = threading.Event(), threading.Event()

    def answer(self, requests, *, k):
        if requests[0].query:
            self.began.set()
            self.may.wait(5)
        return super().answer(requests, k=k)


def engine_on(shelf):
    cards = shelf_cards(shelf.n_items)
    return Engine(search=shelf, recommend=shelf, similar=shelf, cards=cards, ids=ItemIds(index_ids(cards), cards))


def test_a_request_under_way_ends_on_the_bundle_it_began_on_and_that_is_then_given_back():
    shelf = Held(20)
    service = Service(
        engine_on(shelf), About("old"), events=None, pseudonym=str, now=lambda: None, limits=Limits(answer_within_s=5)
    )
    old = weakref.ref(service.engine)

    async def swapped_meanwhile():
        asked = asyncio.create_task(service.search(Question("15", k=1)))
        await asyncio.to_thread(shelf.began.wait, 5)
        service.swap(shelf_engine(10), About("new"))
        after = await service.search(Question("7", k=1))
        shelf.may.set()
        return await asked, after

    first, after = asyncio.run(swapped_meanwhile())
    service.close()
    gc.collect()

    assert (first.bundle, first.items[0].id) == ("old", "item-15")
    assert (after.bundle, after.items[0].id) == ("new", "item-7")
    assert old() is None


def test_no_answer_is_less_than_full_while_bundles_come_and_go(published):
    service = Service(
        shelf_engine(10), About("digest 10"), events=None, pseudonym=str, now=lambda: None,
        limits=Limits(answer_within_s=5),
    )  # fmt: skip
    follower = follower_of(published, service)
    follower.start()

    async def ask_on():
        seen = []
        for n_items in (11, 12, 13, 14):
            published.latest = n_items
            while not seen or seen[-1].bundle != f"digest {n_items}":
                seen += await asyncio.gather(*(service.search(Question("7", k=1)) for _ in range(5)))
        return seen

    seen = asyncio.run(ask_on())
    follower.close()
    service.close()

    assert not any(answer.degraded for answer in seen)
    assert {answer.items[0].id for answer in seen} == {"item-7"}
    assert {answer.bundle for answer in seen} >= {f"digest {n}" for n in (11, 12, 13, 14)}


def test_a_surface_that_the_next_bundle_adds_is_served_from_then_on(service):
    cards, shelf = shelf_cards(5), Shelf(5)
    ids = ItemIds(index_ids(cards), cards)
    service.swap(Engine(search=shelf, recommend=None, similar=None, cards=cards, ids=ids), About("first"))
    first = service.shop().surfaces

    service.swap(shelf_engine(5), replace(About("second"), configurations={"recommend": "item-knn"}))

    assert first == (Surface.SEARCH,)
    assert service.shop().surfaces == ("search", "recommend", "similar")
