import asyncio
from collections import Counter
from concurrent.futures import Future
from datetime import UTC, datetime

import msgspec
import numpy as np
import pytest

from steelyard.domain import Event, EventKind, Request
from steelyard.serving.events import Appended, EventIn
from steelyard.serving.exploring import Explorer, Exploring, Turn, explorer_of
from steelyard.serving.inside import Beside
from steelyard.serving.service import About, Service
from steelyard.testing.shelf import shelf_engine

NOON = datetime(2026, 3, 1, 12, tzinfo=UTC)
ENGINE = shelf_engine(40, Beside(sold=np.arange(40)))


def ask(explorer, request_id, *, k=10, diversify=False):
    turn = Turn(explorer, request_id, k=k, diversify=diversify)
    items = turn.answer(ENGINE, REQUEST)
    return [one.id for one in items], turn._explored


REQUEST = Request()
USUAL = [f"item-{n}" for n in range(10)]


def event(kind, told, **more):
    return Event("e", kind, NOON, item_id=told.item_id, request_id=told.request_id, **more)


def test_nothing_is_explored_by_default():
    assert explorer_of({}) is None
    assert explorer_of({"share": 0.5}) is not None


def test_the_place_is_given_to_one_of_the_next_items_and_the_rest_keeps_its_order():
    explorer = Explorer(Exploring(share=1, slot=4, pool=6))
    for n in range(40):
        items, told = ask(explorer, f"r{n}")
        assert told.item_id in {f"item-{m}" for m in range(3, 9)}
        assert (told.usual, told.slot, told.candidates, items[3]) == ("item-3", 4, 6, told.item_id)
        assert [one for one in items if one != told.item_id] == [one for one in USUAL if one != told.item_id][:9]
        assert len(items) == len(set(items)) == 10


def test_only_items_of_the_list_that_the_rules_allow_are_ever_shown():
    explorer = Explorer(Exploring(share=1, slot=2, pool=80))
    allowed = {one.id for one in ENGINE.answer("recommend", REQUEST, k=81, explain=False)}
    assert all(set(ask(explorer, f"r{n}")[0]) <= allowed for n in range(60))


def test_the_same_request_is_answered_alike_and_its_chance_is_the_share_of_requests():
    found = [ask(Explorer(Exploring(share=1, slot=3, pool=4, seed=5)), f"r{n}")[1] for n in range(600)]
    assert found[7] == ask(Explorer(Exploring(share=1, slot=3, pool=4, seed=5)), "r7")[1]
    counts = Counter(told.item_id for told in found)
    chance = {told.item_id: told.propensity for told in found}
    assert sum(chance.values()) == pytest.approx(1)
    assert all(abs(counts[item] / 600 - chance[item]) < 0.07 for item in chance)


def test_about_the_share_of_requests_explores_and_short_lists_do_not():
    explorer = Explorer(Exploring(share=0.3, slot=5))
    assert abs(np.mean([explorer.wants(f"r{n}", k=10) for n in range(3000)]) - 0.3) < 0.03
    assert not any(explorer.wants(f"r{n}", k=4) for n in range(100))


def test_no_more_of_one_category_stand_among_the_first_than_a_laid_out_list_allows():
    # all things of the shelf are of one category: the list could not be laid out otherwise, and may be explored
    explorer = Explorer(Exploring(share=1, slot=4, pool=6))
    shown = ENGINE.answer("recommend", REQUEST, k=30, explain=False)
    other = [msgspec.structs.replace(one, category=(str(n % 5),)) for n, one in enumerate(shown)]
    for n in range(30):
        items, _ = explorer.explore(other, f"r{n}", k=10, engine=ENGINE, is_laid_out=True)
        assert max(Counter(one.category for one in items).values()) <= 3


def test_a_list_without_a_choice_is_left_alone():
    explorer = Explorer(Exploring(share=1, slot=5))
    shown = ENGINE.answer("recommend", REQUEST, k=5, explain=False)
    assert explorer.explore(shown, "r", k=5, engine=ENGINE) == (shown, None)
    assert explorer.explore([], "r", k=5, engine=ENGINE) == ([], None)


def test_events_get_the_chance_that_the_server_knows_and_none_that_it_does_not():
    explorer = Explorer(Exploring(share=1, slot=4, pool=6))
    _, told = ask(explorer, "r1")
    unknown = Event("e", EventKind.CLICK, NOON, item_id=told.item_id, request_id="other", propensity=None)
    elsewhere = Event("e", EventKind.CLICK, NOON, item_id="item-0", request_id="r1")
    first, second, third = explorer.marked([event(EventKind.CLICK, told), unknown, elsewhere])
    assert (first.propensity, first.is_usual) == (told.propensity, told.item_id == told.usual)
    assert (second.propensity, third.propensity) == (None, None)


def test_it_learns_from_a_showing_once_and_from_its_click_once():
    explorer, control = (Explorer(Exploring(share=1, slot=4, pool=6)) for _ in range(2))
    _, told = ask(explorer, "r1")
    ask(control, "r1")
    explorer.learn([event(EventKind.IMPRESSION, told)] * 3)
    explorer.learn([event(EventKind.CLICK, told), event(EventKind.PURCHASE, told)])
    control.learn([event(EventKind.CLICK, told)])
    np.testing.assert_array_equal(explorer._model.shown_, control._model.shown_)
    np.testing.assert_array_equal(explorer._model.rewarded_, control._model.rewarded_)
    assert explorer._model.n_shown_ == 1


class Kept:
    """An event log that keeps what it is given."""

    trouble, stored = "", 0

    def __init__(self):
        self.events = []

    def append(self, events):
        self.events += events
        done = Future()
        done.set_result(Appended(len(events), 0))
        return done

    def history(self, user, **how):
        return []

    def returned(self, user):
        return []

    def last_words(self, user, **how):
        return [], []

    def past(self, user, **how):
        return []

    def close(self):
        pass


def test_a_service_tells_what_it_explored_and_stores_its_chance():
    kept = Kept()
    service = Service(ENGINE, About("d"), events=kept, pseudonym=str, now=lambda: NOON)
    plain = asyncio.run(service.recommend("anna", k=10, request_id="r1"))
    service.explorer = explorer_of({"share": 1.0, "slot": 4, "pool": 6})
    answer = asyncio.run(service.recommend("anna", k=10, request_id="r1"))
    sent = [EventIn(kind=EventKind.CLICK, item_id=answer.explored.item_id, user="anna", request_id="r1")]
    asyncio.run(service.take(sent))
    impersonal = asyncio.run(service.recommend("anna", k=10, request_id="r1", personalise=False))
    named = asyncio.run(service.recommend("anna", k=10))
    service.close()

    assert plain.explored is impersonal.explored is msgspec.UNSET
    assert b"explored" not in msgspec.json.encode(plain)
    assert [one.id for one in plain.items] == [one.id for one in impersonal.items]
    assert answer.items[3].id == answer.explored.item_id
    assert kept.events[0].propensity == answer.explored.propensity
    assert len(named.explored.request_id) == 32
