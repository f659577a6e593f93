"""Any sequence of changes answers as a bundle that was built anew of the changed catalogue.

What is found, what filters let through, what facets count and how prices order it is the same. The order by relevance
may differ, since weights of terms and mean lengths are those of the last build: it is the same once they are.
"""

import hypothesis.strategies as st
import pytest
from hypothesis import given, settings
from tests.unit.serving.changed_shop import MemoryJournal, card, shop_of

from steelyard.data.changes.reading import Terms
from steelyard.models.ranking.rules import Rules
from steelyard.serving.cards import Card
from steelyard.serving.changes.cards import card_after
from steelyard.serving.changes.engine import ChangedEngines
from steelyard.serving.changes.taking import ChangesRefused, Standings
from steelyard.serving.lists.fields import Range
from steelyard.serving.lists.listing import Question, Sort
from steelyard.serving.search_pages import SearchPages

WORDS = ("red", "blue", "pan", "kettle", "spoon", "hose", "steel", "wx200")
COLOURS = ("red", "blue", "green")
PATHS = (("Kitchen", "Pans"), ("Kitchen", "Spoons"), ("Garden",), ())
IDS = [f"i{n}" for n in range(12)]

titles = st.lists(st.sampled_from(WORDS), min_size=1, max_size=3).map(" ".join)
prices = st.sampled_from([None, 1, 5, 20])
stocks = st.sampled_from([None, 0, 3])
items = st.builds(
    lambda item_id, title, path, price, stock, colour: {
        "op": "upsert",
        "id": item_id,
        "title": title,
        "category": list(path),
        "price": price,
        "stock": stock,
        "attributes": {} if colour is None else {"colour": colour},
    },
    st.sampled_from(IDS), titles, st.sampled_from(PATHS), prices, stocks, st.sampled_from([None, *COLOURS]),
)  # fmt: skip
changes = st.one_of(
    items,
    st.builds(lambda i, price: {"op": "price", "id": i, "price": price}, st.sampled_from(IDS), prices),
    st.builds(lambda i, stock: {"op": "stock", "id": i, "stock": stock}, st.sampled_from(IDS), stocks),
    st.builds(lambda i, title: {"op": "patch", "id": i, "title": title}, st.sampled_from(IDS), titles),
    st.builds(lambda i: {"op": "delete", "id": i}, st.sampled_from(IDS)),
)
QUESTIONS = [
    *(Question(word, k=50, is_paged=True) for word in WORDS),
    *(Question("red blue pan", k=50, sort=sort) for sort in (Sort.PRICE_UP, Sort.NEWEST)),
    Question("red pan", k=50, filters={"price": Range(max=5)}, sort=Sort.PRICE_UP),
    Question("red pan steel", k=50, filters={"category": "Kitchen"}, sort=Sort.NEWEST),
    Question("red pan steel", k=50, filters={"in_stock": True}, sort=Sort.NEWEST),
    Question("red pan steel", k=50, facets=("category", "in_stock"), sort=Sort.NEWEST),
]
BASE = [
    card("i0", "red pan", PATHS[0], "5.00", attributes={"colour": "red"}),
    card("i1", "red pan", PATHS[0], "20.00", stock=0, attributes={"colour": "red"}),
    card("i2", "steel kettle", PATHS[0], "1.00", stock=3),
    card("i3", "blue hose wx200", PATHS[2], None, attributes={"colour": "blue"}),
    card("i4", "spoon", PATHS[1], "5.00"),
]


def answers(engine, question):
    pages = SearchPages(engine, "d" * 64, currency="EUR")
    page = pages.page(pages.check(question))
    facets = [(one.field, sorted((value.value, value.n) for value in one.values)) for one in page.facets]
    found = [one.id for one in page.items]
    is_ordered = question.sort is not Sort.RELEVANCE
    return page.counts, facets, found if is_ordered else sorted(found)


def rebuilt(cards):
    """As the next load has them: changed items where they stood, new ones behind them in the order they came."""
    return shop_of(list(cards.values()), rules=Rules())


def prices_of(engine, question):
    pages = SearchPages(engine, "d" * 64, currency="EUR")
    return [one.price for one in pages.page(pages.check(question)).items]


@pytest.mark.parametrize("is_compiled", [True, False])
def test_changes_answer_as_a_new_bundle_does(is_compiled):
    @settings(max_examples=40, deadline=None, derandomize=True)
    @given(st.lists(st.lists(changes, min_size=1, max_size=4), min_size=1, max_size=6))
    def same(batches):
        base = shop_of(BASE, is_compiled=is_compiled)
        standings = Standings(MemoryJournal, cards=base.inside.cards, ids=base.inside.ids)
        cards: dict[str, Card] = {one.item_id: one for one in BASE}
        engines = ChangedEngines(base)
        for batch in batches:
            try:
                standings.take(batch, Terms(currency="EUR"), at="2026-03-01T12:00:00+00:00")
            except ChangesRefused:
                continue
            for change in standings.journal.batches[-1].changes:
                after = card_after(change, cards.get(change.id))
                if after is None:
                    cards.pop(change.id)
                else:
                    cards[change.id] = after
            engine = engines.after(dict(standings.standing))
        engine = engines.after(dict(standings.standing))
        if not cards:
            return
        anew = rebuilt(_in_order(cards, standings))
        assert engine.n_items == anew.n_items
        for question in QUESTIONS:
            if question.sort is Sort.PRICE_UP:
                assert prices_of(engine, question) == prices_of(anew, question), question
            else:
                assert answers(engine, question) == answers(anew, question), question

    same()


def _in_order(cards, standings):
    """Items of the file first, then the new ones in the order in which they were first heard of."""
    known = [one.item_id for one in BASE if one.item_id in cards]
    new = [item for item in standings.standing if item in cards and item not in known]
    return {item: cards[item] for item in [*known, *new]}
