"""Pages part the whole list, filters hold, and facets count what a slow and simple reading of the words would count."""

import json
from itertools import chain

import numpy as np
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from steelyard.models.whole import Whole
from steelyard.serving.cards import Cards
from steelyard.serving.lists.field_state import fields_state
from steelyard.serving.lists.fields import Fields, Range
from steelyard.serving.lists.listing import FILLED_UP_TO, All, Question, Sort, checked, list_of

BUNDLE = "b" * 64
BRANDS = ["", "Oak", "oak ltd", "松木"]
PATHS = [(), ("Garden",), ("Garden", "Chairs"), ("Garden", "Tables"), ("Home", "Chairs")]
COLOURS = [{}, {"Colour": "red"}, {"Colour": "blue; red"}, {"Colour": "green", "Legs": "4"}]
CARD = st.fixed_dictionaries(
    {
        "brand": st.sampled_from(BRANDS),
        "category": st.sampled_from(PATHS),
        "price": st.sampled_from([None, "5.00", "9.99", "10.00", "20.00"]),
        "stock": st.sampled_from([None, 0, 3]),
        "attributes": st.sampled_from(COLOURS),
        "title": st.sampled_from(["chair", "chair 2 pack", "table", "bench 40 cm", "bench"]),
    }
)
FILTERS = st.fixed_dictionaries(
    {},
    optional={
        "brand": st.lists(st.sampled_from(["Oak", "OAK LTD", "松木", "nobody"]), min_size=1, max_size=3),
        "category": st.sampled_from(["Garden", "garden > chairs", ["Home", "Garden > Tables"]]),
        "price": st.sampled_from(
            [Range(min=9.99), Range(max=10), Range(min=5, below=10), [Range(max=5), Range(min=20)]]
        ),
        "in_stock": st.booleans(),
        "Colour": st.sampled_from(["red", ["blue", "green"]]),
    },
)  # fmt: skip


@st.composite
def searches(draw):
    cards = draw(st.lists(CARD, min_size=1, max_size=60))
    n = len(cards)
    texts = np.array(draw(st.lists(st.integers(0, max(n // 2, 1)), min_size=n, max_size=n)))
    order = draw(st.permutations(range(n)))
    first = list(dict.fromkeys(int(texts[item]) for item in order))
    items = np.array([item for text in first for item in order if texts[item] == text], dtype=np.int64)
    at = draw(st.integers(0, len(first)))
    n_matched = int(np.isin(texts[items], first[:at]).sum())
    return cards, Whole(items, texts[items], -np.arange(n, dtype=float), n_matched)


def opened(cards):
    lines = [json.dumps({"item_id": f"i{n}", **card}, ensure_ascii=False).encode() for n, card in enumerate(cards)]
    return Fields(fields_state(Cards(b"".join(lines), np.cumsum([0, *map(len, lines)]))))


def known(filters, fields):
    """Without the attribute where no card has it: it is then no field."""
    return {name: wanted for name, wanted in filters.items() if name != "Colour" or "attributes.Colour" in fields.names}


def values_of(card, name):
    """All values of a field of a card, as a person would read it."""
    if name == "category":
        return {" > ".join(card["category"][: n + 1]) for n in range(len(card["category"]))}
    if name == "brand":
        return {card["brand"]} - {""}
    return {part.strip() for part in card["attributes"].get("Colour", "").split(";")} - {""}


def lets_through(card, name, wanted):
    several = wanted if isinstance(wanted, list) else [wanted]
    if name == "in_stock":
        return (card["stock"] is None or card["stock"] > 0) == wanted
    if name == "price":
        price = None if card["price"] is None else float(card["price"])
        bounds = [(r.min or 0, r.max if r.max is not None else 99, r.below or 99) for r in several]
        return price is not None and any(low <= price <= most and price < below for low, most, below in bounds)
    return bool({v.casefold() for v in values_of(card, name)} & {v.casefold() for v in several})


def unit_of(whole, fields, *, diversify):
    units = fields.product[whole.items] if diversify else whole.units
    return dict(zip(whole.items.tolist(), units.tolist(), strict=True))


def matched(cards, whole, filters):
    items = whole.items[: whole.n_matched].tolist()
    return [item for item in items if all(lets_through(cards[item], *one) for one in filters.items())]


def ask(whole, fields, question, *, start=0):
    asked = checked(question, fields=fields, has_sold=True, bundle=BUNDLE)
    asked = type(asked)(asked.question, asked.filters, start)
    return list_of(All(whole), asked, fields=fields, sold=np.arange(fields.n_items) % 3.0)


@settings(max_examples=120, deadline=None)
@given(searches(), FILTERS, st.sampled_from(Sort), st.booleans(), st.integers(1, 7))
def test_pages_part_the_whole_list(search, filters, sort, diversify, k):
    cards, whole = search
    fields = opened(cards)
    filters, units = known(filters, fields), unit_of(whole, fields, diversify=diversify)
    everything = ask(whole, fields, Question("q", k=1000, filters=filters, sort=sort, diversify=diversify))

    pages = []
    while len(pages) * k < everything.n_results:
        question = Question("q", k=k, filters=filters, sort=sort, diversify=diversify)
        pages.append(ask(whole, fields, question, start=len(pages) * k).units)

    assert list(chain(*pages)) == everything.units
    assert len({units[unit.item] for unit in everything.units}) == len(everything.units) == everything.n_results
    assert all(lets_through(cards[i], *one) for u in everything.units for i in u.others for one in filters.items())


@settings(max_examples=120, deadline=None)
@given(searches(), FILTERS, st.booleans())
def test_all_that_matches_and_passes_the_filters_is_listed(search, filters, diversify):
    cards, whole = search
    fields = opened(cards)
    filters, units = known(filters, fields), unit_of(whole, fields, diversify=diversify)

    found = ask(whole, fields, Question("q", k=1000, filters=filters, diversify=diversify))

    expected = list(dict.fromkeys(units[item] for item in matched(cards, whole, filters)))
    listed = [units[unit.item] for unit in found.units]
    assert [unit for unit in listed if unit in set(expected)] == expected
    assert found.n_matched == len(expected)
    assert found.n_results == found.n_matched or found.n_matched < FILLED_UP_TO


@settings(max_examples=120, deadline=None)
@given(searches(), FILTERS, st.booleans(), st.sampled_from(["brand", "category", "Colour"]))
def test_a_facet_counts_all_results_but_for_its_own_filter(search, filters, diversify, name):
    cards, whole = search
    fields = opened(cards)
    units = unit_of(whole, fields, diversify=diversify)
    filters = known(filters, fields)
    if name == "category":
        filters["category"] = "Garden > Chairs"

    assume(name != "Colour" or "attributes.Colour" in fields.names)
    facet = ask(whole, fields, Question("q", filters=filters, facets=(name,), diversify=diversify)).facets[0]

    others = {field: wanted for field, wanted in filters.items() if field != name}
    for value in facet.values:
        having = [item for item in matched(cards, whole, others) if value.value in values_of(cards[item], name)]
        assert value.n == len({units[item] for item in having})
    if name != "category":
        every = set().union(*(values_of(cards[item], name) for item in matched(cards, whole, others)))
        assert every == {value.value for value in facet.values if value.n}


@settings(max_examples=80, deadline=None)
@given(searches(), st.booleans())
def test_prices_are_counted_by_ranges_that_find_as_many(search, diversify):
    cards, whole = search
    fields = opened(cards)

    facet = ask(whole, fields, Question("q", facets=("price",), diversify=diversify)).facets[0]

    for one in facet.ranges:
        chosen = {"price": Range(min=one.min, below=one.below)}
        assert ask(whole, fields, Question("q", filters=chosen, diversify=diversify)).n_matched == one.n


@settings(max_examples=60, deadline=None)
@given(searches(), st.sampled_from([Sort.PRICE_UP, Sort.PRICE_DOWN]), st.booleans())
def test_a_list_by_price_is_in_order_and_the_unknown_come_last(search, sort, diversify):
    cards, whole = search
    fields = opened(cards)

    found = ask(whole, fields, Question("q", k=1000, sort=sort, diversify=diversify))

    prices = [fields.price[unit.item] for unit in found.units]
    known = [price for price in prices if np.isfinite(price)]
    assert known == sorted(known, reverse=sort is Sort.PRICE_DOWN)
    assert not np.isfinite(prices[len(known) :]).any()
