"""Rules of merchandisers: what is first, what is moved, what is not shown, and never against a filter."""

import asyncio
import json
from datetime import UTC, date, datetime

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from steelyard.config.curation import CurationRule
from steelyard.domain import NONE
from steelyard.models.whole import Whole
from steelyard.serving.cards import Cards, ItemIds, index_ids
from steelyard.serving.engine import Engine
from steelyard.serving.lists.curation import Curation, InForce
from steelyard.serving.lists.field_state import fields_state
from steelyard.serving.lists.fields import Fields
from steelyard.serving.lists.listing import Question, Sort
from steelyard.serving.search_pages import SearchPages
from steelyard.serving.service import About, Service
from steelyard.testing.shelf import Shelf

SHOP = [
    {"item_id": f"i{n}", "title": f"Boot {n}", "price": f"{90 - n}.00", "brand": "Orbit" if n % 3 else "Acme"}
    for n in range(9)
]
WORDS = "0 1 2 3 4 5"
NOW = datetime(2026, 11, 28, 12, tzinfo=UTC)


def cards_of(shop=SHOP):
    lines = [json.dumps(card).encode() for card in shop]
    return Cards(b"".join(lines), np.cumsum([0, *map(len, lines)]))


CARDS = cards_of()
FIELDS = Fields(fields_state(CARDS))
IDS = ItemIds(index_ids(CARDS), CARDS)


def rule(action, name="r", **how):
    return CurationRule(id=name, action=action, owner="me", reason="why", **how)


def curation(*rules, now=NOW, timezone=""):
    return Curation(rules, fields=FIELDS, number=IDS.number, now=lambda: now, timezone=timezone)


def found(*rules, query=WORDS, **how):
    shelf = Shelf(len(SHOP))
    engine = Engine(search=shelf, recommend=None, similar=None, cards=CARDS, ids=IDS)
    pages = SearchPages(engine, "b" * 64, curation=curation(*rules))
    page = pages.page(pages.check(Question(query, k=20, **how)))
    return [shown.id for shown in page.items], page


PLAIN = found()[0]


def test_pins_are_first_in_their_order_found_or_not():
    pin = rule("pin", query=WORDS, items=("i8", "i4"))

    items, page = found(pin)

    assert items[:2] == ["i8", "i4"]
    assert items[2:] == [item for item in PLAIN if item != "i4"]
    assert page.rules.ids == ("r",)


def test_a_pin_does_not_pass_a_filter_and_keeps_the_order_that_is_asked_for():
    pin = rule("pin", query=WORDS, items=("i8", "i3"))

    assert found(pin, filters={"brand": "Acme"})[0] == ["i3", "i0"]
    assert found(pin, sort=Sort.PRICE_UP)[0] == ["i8", "i5", "i4", "i3", "i2", "i1", "i0"]


def test_what_is_boosted_comes_before_what_is_buried_and_what_is_hidden_is_not_there():
    boost = rule("boost", "up", where={"brand": "Acme"}, factor=100)
    bury = rule("bury", "down", items=("i1",), factor=100)
    hide = rule("hide", "out", items=("i2",))

    items, _ = found(boost, bury, hide)

    assert set(items[:2]) == {"i0", "i3"}
    assert items[-1] == "i1"
    assert sorted(items) == sorted(item for item in PLAIN if item != "i2")


def test_what_is_hidden_is_not_among_what_stands_in_for_an_answer_either():
    shelf = Shelf(len(SHOP))
    engine = Engine(search=shelf, recommend=shelf, similar=None, cards=CARDS, ids=IDS)
    pages = SearchPages(engine, "b" * 64, curation=curation(rule("hide", where={"brand": "Acme"})))

    shown = pages.popular(pages.check(Question(WORDS, k=20))).items

    assert not {"i0", "i3", "i6"} & {one.id for one in shown}


@pytest.mark.parametrize(
    ("how", "query", "holds"),
    [
        ({"query": "red milk"}, "Red  MILK", True),
        ({"query": "red milk"}, "red milk 1 l", False),
        ({"query": "milk", "match": "contains"}, "red milk 1 l", True),
        ({"query": "milk", "match": "contains"}, "milkshake", False),
        ({"query": ""}, "anything", True),
        ({"query": "牛奶"}, "牛奶", True),
    ],
)
def test_a_rule_holds_for_its_searches(how, query, holds):
    assert bool(curation(rule("hide", items=("i1",), **how)).of(query, audience="")) == holds


@pytest.mark.parametrize(
    ("now", "timezone", "holds"),
    [
        ("2026-11-26T23:59:59+00:00", "", False),
        ("2026-11-27T00:00:00+00:00", "", True),
        ("2026-11-28T23:59:59+00:00", "", True),
        ("2026-11-29T00:00:00+00:00", "", False),
        ("2026-11-26T23:00:00+00:00", "Europe/Berlin", True),
        ("2026-11-28T23:00:00+00:00", "Europe/Berlin", False),
    ],
)
def test_days_begin_and_end_in_the_time_of_the_shop(now, timezone, holds):
    days = rule("hide", items=("i1",), begins=date(2026, 11, 27), ends=date(2026, 11, 28))

    made = curation(days, now=datetime.fromisoformat(now), timezone=timezone)

    assert bool(made.of("x", audience="")) == holds


def test_a_rule_for_an_audience_holds_for_it_alone():
    made = curation(rule("hide", items=("i1",), audience="trade"))

    assert made.of("x", audience="trade")
    assert not made.of("x", audience="")


def test_a_redirect_says_where_to_go_and_leaves_the_list_alone():
    items, page = found(rule("redirect", query=WORDS, to="/sale"))

    assert (items, page.rules.redirect) == (PLAIN, "/sale")


def test_what_a_rule_cannot_do_is_told():
    made = curation(
        rule("pin", "gone", query="x", items=("i1", "i99")),
        rule("boost", "field", where={"brnd": "Acme"}),
        rule("hide", "none", where={"brand": "Nobody"}),
    )

    told = {trouble.rule: trouble.why for trouble in made.troubles}
    assert told["gone"] == "item 'i99' is not in the catalogue"
    assert "brnd" in next(trouble.why for trouble in made.troubles if trouble.rule == "field")
    assert told["none"] == "no item of the catalogue is meant"


@settings(max_examples=100, deadline=None)
@given(st.data())
def test_rules_lose_nothing_and_double_nothing(data):
    n = len(SHOP)
    items = data.draw(st.lists(st.integers(0, n - 1), unique=True, max_size=n))
    n_matched = data.draw(st.integers(0, len(items)))
    scores = sorted(data.draw(st.lists(st.floats(-5, 5), min_size=len(items), max_size=len(items))), reverse=True)
    whole = Whole(np.array(items, np.int64), np.array(items, np.int64), np.array(scores, float), n_matched)
    actions = data.draw(st.lists(st.sampled_from(["pin", "boost", "bury", "hide"]), max_size=4))
    named = st.lists(st.sampled_from([card["item_id"] for card in SHOP]), min_size=1, max_size=3)
    rules = [rule(action, f"r{at}", query="x", items=tuple(data.draw(named))) for at, action in enumerate(actions)]
    made = curation(*rules)

    arranged, pinned = made.arranged(whole, made.of("x", audience=""), offers=lambda item: True)

    hidden = {IDS.number(name) for each in rules if each.action == "hide" for name in each.items}
    assert sorted(arranged.items.tolist()) == sorted({*items, *pinned} - hidden)
    assert [item for item in arranged.items.tolist() if item in pinned] == [p for p in pinned if p not in hidden]
    assert len(arranged.scores) == len(arranged.items) == len(arranged.units)
    before = set(items[:n_matched]) | set(pinned)
    assert set(arranged.items[: arranged.n_matched].tolist()) == before - hidden


def test_a_server_takes_rules_over_and_lets_them_go():
    shelf = Shelf(len(SHOP))
    engine = Engine(search=shelf, recommend=None, similar=None, cards=CARDS, ids=IDS)
    service = Service(engine, About("d"), events=None, pseudonym=str, now=lambda: NOW)

    def asked():
        return asyncio.run(service.search(Question(WORDS, k=20)))

    troubles = service.curate([rule("hide", items=("i2", "gone"))])
    curated = asked()
    service.curate([])

    assert [trouble.why for trouble in troubles] == ["item 'gone' is not in the catalogue"]
    assert "i2" not in [one.id for one in curated.items]
    assert curated.rules == ("r",)
    assert [one.id for one in asked().items] == PLAIN
    assert not InForce()
    assert IDS.number("gone") == NONE
    service.close()
