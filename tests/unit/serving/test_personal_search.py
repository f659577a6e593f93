"""Search in a shopper's own order: within tiers, never against filters, rules and sorts, the same for strangers."""

import asyncio
import json
from datetime import UTC, datetime

import numpy as np
import pytest
from tests.unit.serving.changed_shop import MemoryJournal, card, shop_of

from steelyard.adapters.sqlite_events import SqliteEvents
from steelyard.adapters.tantivy_index import build_tantivy_index, open_tantivy_index
from steelyard.config.curation import CurationRule
from steelyard.data.changes.reading import Terms
from steelyard.documents.explanation import counted
from steelyard.domain import CatalogueFacts, EventKind, Interactions, Surface, Texts
from steelyard.errors import AskError
from steelyard.models.pipeline import Pipeline
from steelyard.models.ranking.personal import PersonalWeights
from steelyard.models.retrieval.lexical import Lexical, documents, fit_lexical
from steelyard.serving.admission import Limits
from steelyard.serving.cards import Cards, ItemIds, index_ids
from steelyard.serving.changes.engine import ChangedEngines
from steelyard.serving.changes.taking import Standings
from steelyard.serving.engine import Engine
from steelyard.serving.events import EventIn
from steelyard.serving.history import LoggedHistories, histories_state
from steelyard.serving.lists.listing import Question, Sort
from steelyard.serving.service import About, Service
from steelyard.testing.shelf import shelf_engine

NOON = datetime(2026, 3, 1, 12, tzinfo=UTC)
BRANDS = ("Ash", "Birch", "Cedar", "Dale", "Elm", "Fir")
CARDS = [
    *((f"MILK-{b}", f"Whole milk {b}{' fresh' * n}", n + 1, b, "Dairy") for n, b in enumerate(BRANDS)),
    *((f"CHOC-{b}", f"Milk chocolate {b}{' fine' * n}", n + 2, b, "Sweets") for n, b in enumerate(BRANDS)),
    ("TEA", "Green tea", 3, "Fir", "Tea"),
]
CARDS = [
    {"item_id": name, "title": title, "price": f"{price}.00", "brand": brand, "category": [category]}
    for name, title, price, brand, category in CARDS
]


@pytest.fixture(scope="module")
def engine(tmp_path_factory):
    folder = tmp_path_factory.mktemp("index")
    none, n = ("",) * len(CARDS), len(CARDS)
    texts = Texts(
        tuple(card["title"] for card in CARDS),
        tuple(card["brand"] for card in CARDS),
        tuple(" > ".join(card["category"]) for card in CARDS),
        none,
        none,
    )
    build_tantivy_index(folder, documents(texts))
    facts = CatalogueFacts(np.arange(n), np.arange(n), np.zeros(n, np.int64), np.ones(n, np.int64), ("",))
    pipeline = Pipeline(Lexical(fit_lexical(texts), open_tantivy_index(folder)), facts, surface=Surface.SEARCH)
    lines = [json.dumps(card).encode() for card in CARDS]
    cards = Cards(b"".join(lines), np.cumsum([0, *map(len, lines)]))
    return Engine(search=pipeline, recommend=None, similar=None, cards=cards, ids=ItemIds(index_ids(cards), cards))


@pytest.fixture
def opened(engine, tmp_path):
    elm, tea = (next(n for n, card in enumerate(CARDS) if card["item_id"] == name) for name in ("MILK-Elm", "TEA"))
    log = Interactions(np.zeros(2, int), np.array([tea, elm]), np.arange(2.0), np.ones(2), 1, len(CARDS))
    logged, how = LoggedHistories(histories_state(log, ["ann"])), {"pseudonym": str, "now": lambda: NOON}

    def of(**weights):
        about = About("d" * 64, logged=logged, log_kind="purchase", personal=PersonalWeights(**weights))
        limits = Limits(answer_within_s=5)
        services.append(Service(engine, about, events=SqliteEvents(tmp_path), limits=limits, **how))
        return services[-1]

    services = []
    yield of
    for service in services:
        service.close()


@pytest.fixture
def service(opened):
    return opened(repeat=1.0)


@pytest.fixture
def fond(opened):
    """A shop where likeness counts, too."""
    return opened(repeat=0.5, likeness=1.0)


def asked(service, query="whole milk", **how):
    return asyncio.run(service.search(Question(query, **how)))


def ids(answer):
    return [shown.id for shown in answer.items]


def test_what_was_bought_before_goes_first_within_its_tier_and_says_so(service):
    answer = asked(service, "milk", user="ann", k=12)

    mine = next(shown for shown in answer.items if shown.id == "MILK-Elm")
    assert mine.reasons[0].kind == "bought_before"
    assert ids(answer) != ids(asked(service, "milk", k=12)) and sorted(ids(answer)) == sorted(
        ids(asked(service, "milk", k=12))
    )
    assert ids(asked(service, user="ann"))[0] == "MILK-Elm"


def test_no_result_leaves_its_tier(service, engine):
    def tiers(answer):
        numbers = np.array([engine.number(name) for name in ids(answer)])
        return engine.require_search().tiers(Question("whole milk").request, numbers).tolist()

    assert tiers(asked(service, user="ann", k=12)) == tiers(asked(service, k=12))
    assert len(set(tiers(asked(service, k=12)))) > 1


@pytest.mark.parametrize("user", ["", "a stranger"])
def test_who_has_no_history_gets_the_list_of_everybody_to_the_last_digit(service, user):
    for how in ({}, {"is_paged": True, "k": 3}, {"facets": ("*",)}, {"diversify": True}):
        one, other = asked(service, user=user, **how), asked(service, **how)
        assert (one.items, one.next) == (other.items, other.next)


def test_an_erased_shopper_is_a_stranger_at_once(service):
    service.forget(frozenset({"ann"}))

    assert asked(service, user="ann").items == asked(service).items


def test_the_next_click_counts_and_a_return_undoes_it(service):
    asyncio.run(service.take([EventIn(EventKind.PURCHASE, item_id="MILK-Fir", user="bob")]))
    assert ids(asked(service, user="bob"))[0] == "MILK-Fir"

    asyncio.run(service.take([EventIn(EventKind.RETURN, item_id="MILK-Fir", user="bob")]))
    assert asked(service, user="bob").items == asked(service).items


def test_what_was_only_looked_at_is_not_said_to_be_bought(fond):
    asyncio.run(fond.take([EventIn(EventKind.CLICK, item_id="CHOC-Fir", user="eve")]))

    kinds = {why.kind for shown in asked(fond, user="eve", k=12).items for why in shown.reasons}

    assert "like_what_you_looked_at" in kinds and "bought_before" not in kinds


def test_orders_by_price_and_filters_are_not_touched(service):
    by_price = {"sort": Sort.PRICE_DOWN, "k": 12}
    assert asked(service, user="ann", **by_price).items == asked(service, **by_price).items

    filtered = asked(service, user="ann", filters={"brand": ["Ash", "Elm"]}, k=12)
    assert {shown.brand for shown in filtered.items} == {"Ash", "Elm"} and ids(filtered)[0] == "MILK-Elm"


def rule(name, action, **more):
    return CurationRule(id=name, action=action, owner="Kim", reason="test", **more)


def test_pins_and_buried_items_stay_where_the_rules_put_them(service):
    pin = rule("p", "pin", query="whole milk", items=["CHOC-Ash"])
    service.curate([pin, rule("b", "bury", query="whole milk", items=["MILK-Elm"], factor=50)])

    plain, personal = ids(asked(service, k=12)), ids(asked(service, user="ann", k=12))

    assert personal[0] == plain[0] == "CHOC-Ash"
    assert personal.index("MILK-Elm") == plain.index("MILK-Elm")


def test_an_item_number_stays_first(service):
    assert ids(asked(service, "MILK-Ash", user="ann"))[0] == "MILK-Ash"


def test_later_pages_keep_the_order_of_the_first_whatever_is_bought_in_between(service):
    whole = ids(asked(service, "milk", user="ann", k=12))
    page = asked(service, "milk", user="ann", k=5, is_paged=True)
    asyncio.run(service.take([EventIn(EventKind.PURCHASE, item_id=whole[-1], user="ann")]))

    found = ids(page)
    while page.next:
        page = asked(service, "milk", user="ann", k=5, cursor=page.next)
        found += ids(page)

    assert found == whole


def test_a_page_of_somebodys_list_is_for_nobody_else(service):
    cursor = asked(service, "milk", user="ann", k=5, is_paged=True).next

    for user in ("", "bob"):
        with pytest.raises(AskError, match="history that is not at hand"):
            asked(service, "milk", user=user, k=5, cursor=cursor)
    service.forget(frozenset({"somebody else"}))
    with pytest.raises(AskError, match="leave the cursor out"):
        asked(service, "milk", user="ann", k=5, cursor=cursor)


def test_who_became_known_after_the_first_page_keeps_the_list_of_everybody(service):
    whole = ids(asked(service, "milk", k=12))
    page = asked(service, "milk", user="bob", k=5, is_paged=True)
    asyncio.run(service.take([EventIn(EventKind.PURCHASE, item_id=whole[-1], user="bob")]))

    assert ids(asked(service, "milk", user="bob", k=7, cursor=page.next)) == whole[5:]


@pytest.mark.parametrize("how", [{}, {"is_paged": True, "k": 4}, {"diversify": True}])
def test_the_personal_part_is_told_and_the_parts_add_up(fond, how):
    answer = asked(fond, "milk", user="ann", is_explained=True, **how)

    told = answer.explanation
    assert told.note == "" and [each.id for each in told.items] == ids(answer)
    for each in told.items:
        assert counted(each.parts) == pytest.approx(each.score, abs=1e-4)
    mine = {part.kind: part for part in next(each for each in told.items if each.id == "MILK-Elm").parts}
    assert mine["personal"].value == pytest.approx(counted(mine["personal"].parts))
    assert {part.kind for part in mine["personal"].parts} >= {"personal_repeat", "personal_brand"}


def test_a_search_that_knows_no_tiers_is_one_tier():
    log = Interactions(np.zeros(1, int), np.array([30]), np.zeros(1), np.ones(1), 1, 200)
    about = About(
        "d",
        personal=PersonalWeights(1.0, 0.0),
        log_kind="purchase",
        logged=LoggedHistories(histories_state(log, ["ann"])),
    )
    service = Service(shelf_engine(200), about, events=None, pseudonym=str, now=lambda: NOON)

    assert ids(asked(service, "10 20 30", user="ann")) == ["item-30", "item-10", "item-20"]
    assert ids(asked(service, "10 20 30")) == ["item-10", "item-20", "item-30"]
    service.close()


def test_an_item_that_came_by_a_change_counts_and_pages_go_on_over_it(tmp_path):
    base = shop_of([card(f"p{n}", f"Steel pan {'round ' * n}", ("Pans",), brand=f"b{n}") for n in range(6)])
    about = About("d" * 64, personal=PersonalWeights(1.0, 0.0))
    service = Service(base, about, events=SqliteEvents(tmp_path), pseudonym=str, now=lambda: NOON)
    standings = Standings(MemoryJournal, cards=base.inside.cards, ids=base.inside.ids)
    asyncio.run(service.take([EventIn(EventKind.PURCHASE, item_id="p4", user="ann")]))
    page = asked(service, "steel pan", user="ann", k=2, is_paged=True)

    new = {"id": "n1", "title": "Steel pan with a lid of glass", "category": "Pans", "price": 40}
    standings.take([new], Terms(currency="EUR"), at="2026-03-01T12:00:00+00:00")
    service.change(ChangedEngines(base).after(dict(standings.standing)))

    assert ids(page)[0] == "p4" and len(ids(asked(service, "steel pan", user="ann", k=9, cursor=page.next))) == 5
    asyncio.run(service.take([EventIn(EventKind.PURCHASE, item_id="n1", user="bob")]))
    assert ids(asked(service, "steel pan", user="bob"))[0] == "n1" != ids(asked(service, "steel pan"))[0]
    service.close()
