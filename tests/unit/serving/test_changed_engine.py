import pytest
from tests.unit.serving.changed_shop import MemoryJournal, card, shop_of, texts_and_facts

from steelyard.data.changes.reading import Terms
from steelyard.domain import Request, Surface
from steelyard.models.pipeline import Pipeline
from steelyard.models.ranking.rules import Rules
from steelyard.models.retrieval.dense import DenseRetriever
from steelyard.models.retrieval.hybrid import HybridRetriever
from steelyard.models.retrieval.lexical import Lexical
from steelyard.models.retrieval.lexical_fit import documents, fit_lexical
from steelyard.models.retrieval.vectors import FloatVectors
from steelyard.models.text.encode import passages
from steelyard.serving.browse import Order
from steelyard.serving.changes.engine import ChangedEngines
from steelyard.serving.changes.taking import Standings
from steelyard.serving.engine import Engine
from steelyard.serving.lists.fields import Range
from steelyard.serving.lists.listing import Question, Sort
from steelyard.serving.search_pages import SearchPages
from steelyard.testing.memory_bench import HashEncoder, TermIndex

ROWS = [
    card("p1", "Steel pan large", ("Kitchen", "Pans"), "12.00", stock=3, brand="Acme"),
    card("p2", "Steel kettle", ("Kitchen", "Kettles"), "30.00", stock=1),
    card("p3", "Wooden spoon", ("Kitchen", "Spoons"), "3.50"),
    card("p4", "Garden spade", ("Garden", "Tools"), "25.00", attributes={"colour": "green"}),
    card("p5", "Garden hose 10 m", ("Garden", "Hoses"), "18.00", attributes={"colour": "red", "ean": "4006381333931"}),
    card("p6", "Steel pan large", ("Kitchen", "Pans"), "14.00", stock=2, brand="Acme"),
]


class Changing:
    """A shop that is changed."""

    def __init__(self, engine, **terms):
        self.engines = ChangedEngines(engine, **terms)
        inside = engine.inside
        self.standings = Standings(MemoryJournal, cards=inside.cards, ids=inside.ids)

    def after(self, *sent):
        self.standings.take(list(sent), Terms(currency="EUR"), at="2026-03-01T12:00:00+00:00")
        return self.again()

    def again(self):
        return self.engines.after(dict(self.standings.standing))


@pytest.fixture
def shop():
    return Changing(shop_of(ROWS))


def ids_of(engine, query, **more):
    pages = SearchPages(engine, "d" * 64, currency="EUR")
    return [one.id for one in pages.page(pages.check(Question(query, **more))).items]


def test_a_new_item_is_found_by_its_words_in_search_shelf_and_suggestions(shop):
    engine = shop.after({"id": "n1", "title": "Copper pan Zorblax", "category": "Kitchen > Pans", "price": 40})

    assert ids_of(engine, "zorblax") == ["n1"]
    assert "n1" in ids_of(engine, "pan")
    assert ids_of(engine, "pan", filters={"category": "Kitchen > Pans"}, sort=Sort.PRICE_DOWN)[0] == "n1"
    assert [one.id for one in engine.shelf("Kitchen", Order.LATEST, k=1)] == ["n1"]
    assert "n1" in {one.id for one in engine.suggest("zorb", k=5)}
    assert engine.card(engine.number("n1")).price == "40.00"
    assert engine.n_items == 7


def test_an_item_that_is_deleted_is_nowhere_any_more(shop):
    engine = shop.after({"op": "delete", "id": "p4"})

    assert ids_of(engine, "garden spade") == ["p5"]
    assert engine.number("p4") == -1
    assert "p4" not in {one.id for one in engine.shelf("Garden", Order.LATEST, k=10)}
    assert not engine.suggest("spade", k=5)
    assert "p4" not in {
        one.id for one in engine.answer(Surface.SIMILAR, Request(items=(4,), exclude=(4,)), k=5, explain=False)
    }
    assert "p4" not in {one.id for one in engine.popular(k=100)}
    assert engine.n_items == 5


def test_a_deleted_item_is_not_shown_where_sold_out_items_are():
    shop = Changing(shop_of(ROWS, rules=Rules(exclude_out_of_stock=False)))

    engine = shop.after({"op": "delete", "id": "p2"}, {"op": "stock", "id": "p1", "stock": 0})

    assert ids_of(engine, "steel kettle") == ["p6"]
    assert set(ids_of(engine, "steel", is_paged=True)) == {"p6"}


def test_a_price_is_seen_by_filters_orders_cards_and_shelves(shop):
    engine = shop.after({"op": "price", "id": "p2", "price": "1,50 €"})

    assert ids_of(engine, "steel", sort=Sort.PRICE_UP)[0] == "p2"
    assert ids_of(engine, "steel", filters={"price": Range(max=2)}) == ["p2"]
    assert engine.card(1).price == "1.50"
    assert engine.shelf("Kitchen", Order.PRICE_UP, k=1)[0].id == "p2"


def test_a_text_stands_for_another_of_its_items_once_the_first_is_sold_out(shop):
    engine = shop.after({"op": "stock", "id": "p1", "stock": 0})

    assert ids_of(engine, "steel pan large")[0] == "p6"
    assert "p1" not in ids_of(engine, "steel pan large", is_paged=True)
    assert ids_of(engine, "steel", filters={"in_stock": False}) == []


def test_what_came_back_into_stock_is_offered_again(shop):
    shop.after({"op": "stock", "id": "p2", "stock": "sold out"})

    engine = shop.after({"op": "stock", "id": "p2", "stock": "in stock"})

    assert ids_of(engine, "kettle") == ["p2"]


def test_the_old_text_of_an_item_finds_it_no_more(shop):
    engine = shop.after({"op": "patch", "id": "p3", "title": "Bamboo ladle", "attributes": {"colour": "green"}})

    assert ids_of(engine, "wooden") == []
    assert ids_of(engine, "bamboo") == ["p3"]
    assert set(ids_of(engine, "bamboo garden", filters={"attributes.colour": "green"})) == {"p3", "p4"}
    assert engine.number("p3") == 2


def test_an_item_that_reads_like_another_shares_its_text(shop):
    engine = shop.after(
        {"id": "n1", "title": "Garden spade", "category": "Garden > Tools", "attributes": {"colour": "green"}}
    )

    assert ids_of(engine, "spade") == ["p4"]
    engine = shop.after({"op": "delete", "id": "p4"})
    assert ids_of(engine, "spade") == ["n1"]


def test_a_label_finds_the_item_that_has_it_now(shop):
    engine = shop.after(
        {"op": "patch", "id": "p5", "attributes": {"colour": "red"}},
        {"id": "n1", "title": "Hose reel", "attributes": {"ean": "4006381333931"}},
    )

    assert ids_of(engine, "4006381333931") == ["n1"]


def test_a_new_item_is_like_others_and_others_are_like_it(shop):
    engine = shop.after({"id": "n1", "title": "Garden spade small", "category": "Garden > Tools"})
    new = engine.number("n1")

    like_new = engine.answer(Surface.SIMILAR, Request(items=(new,), exclude=(new,)), k=3, explain=True)
    like_old = engine.answer(Surface.SIMILAR, Request(items=(3,), exclude=(3,)), k=3, explain=True)

    assert like_new[0].id == "p4"
    assert like_new[0].reasons[0].kind == "similar_content"
    assert "n1" in {one.id for one in like_old}


def test_facets_count_what_there_is_now(shop):
    engine = shop.after(
        {"op": "delete", "id": "p5"},
        {"id": "n1", "title": "Garden rake", "category": "Garden > Tools", "attributes": {"colour": "blue"}},
    )
    pages = SearchPages(engine, "d" * 64)

    page = pages.page(pages.check(Question("garden", facets=("colour",))))

    assert {value.value: value.n for value in page.facets[0].values} == {"green": 1, "blue": 1}


def test_sizes_of_a_product_are_those_it_has_now():
    rows = [card(f"h{n}", f"Cotton socks {n} pairs", ("Socks",), "5.00") for n in (2, 4)]
    shop = Changing(shop_of(rows))

    engine = shop.after({"id": "h6", "title": "Cotton socks 6 pairs", "category": ["Socks"], "price": 9})
    pages = SearchPages(engine, "d" * 64)
    page = pages.page(pages.check(Question("cotton socks", diversify=True, is_paged=True)))

    assert len(page.items) == len({engine.fields.product[engine.number(f"h{n}")] for n in (2, 4, 6)})


def test_nothing_of_the_engine_before_is_changed(shop):
    before = shop.engines.base

    shop.after(
        {"op": "delete", "id": "p1"}, {"op": "price", "id": "p2", "price": 1}, {"id": "n1", "title": "Steel Zor"}
    )

    assert set(ids_of(before, "steel", is_paged=True)) == {"p1", "p2"}
    assert before.card(1).price == "30.00"
    assert ids_of(before, "zor") == []


def test_a_price_leaves_the_search_as_it_is(shop):
    engine = shop.after({"op": "price", "id": "p2", "price": 1}, {"op": "stock", "id": "p1", "stock": 0})

    assert engine.inside.search.retriever is shop.engines.base.inside.search.retriever


def test_an_item_with_a_word_of_not_offered_is_never_shown_whatever_its_stock():
    shop = Changing(shop_of(ROWS), not_offered=("gift card", "Spoons"))

    engine = shop.after(
        {"id": "n1", "title": "Gift Card zorblax", "category": "Kitchen > Pans", "stock": 9},
        {"id": "n2", "title": "Zorblax whisk", "category": "Kitchen > Spoons"},
        {"id": "n3", "title": "Zorblax pan", "category": "Kitchen > Pans"},
        {"op": "patch", "id": "p2", "title": "Gift cards for kettles"},
        {"op": "stock", "id": "p3", "stock": 5},
    )

    assert ids_of(engine, "zorblax") == ["n3"]
    assert "p2" not in ids_of(engine, "kettles")
    assert "p3" not in ids_of(engine, "spoon")
    similar = engine.answer(Surface.SIMILAR, Request(items=(0,), exclude=(0,)), k=9, explain=False)
    assert {one.id for one in similar}.isdisjoint({"n1", "n2", "p2", "p3"})
    assert {one.id for one in engine.popular(k=9)} == {"n3", "p1", "p4", "p5", "p6"}
    assert not {one.id for one in engine.suggest("gift", k=5)} & {"n1", "p2"}


def hybrid_shop():
    """An engine whose search also looks at the meaning of texts."""
    texts, facts = texts_and_facts(ROWS, "en")
    encoder = HashEncoder()
    dense = DenseRetriever(encoder, FloatVectors(encoder.encode(passages(texts))))
    lexical = Lexical(fit_lexical(texts), TermIndex(documents(texts)))
    inside = shop_of(ROWS).inside
    search = Pipeline(HybridRetriever(lexical, dense), facts, surface=Surface.SEARCH, rules=Rules())
    return Engine(
        search=search, recommend=None, similar=inside.similar, cards=inside.cards, ids=inside.ids, beside=inside.beside
    )


def test_while_texts_wait_for_their_vectors_only_the_search_is_made_anew():
    shop = Changing(hybrid_shop())
    first = shop.after(*({"id": f"n{n}", "title": f"Zorblax lamp {n}"} for n in range(100)))
    assert shop.engines.waiting == 36

    second = shop.again()
    third = shop.again()

    assert shop.engines.waiting == 0
    assert second is not first
    assert third is second  # nothing is left to do
    assert second.inside.cards is first.inside.cards
    assert len(ids_of(second, "zorblax lamp", k=100)) == 100
    assert shop.after({"op": "delete", "id": "n7"}).number("n7") == -1
