"""What a query says of the shop's own fields, worked out by hand."""

import json

import numpy as np
import pytest

from steelyard.documents.explanation import QueryRead, TermRead
from steelyard.models.text.folding import fold
from steelyard.serving.cards import Cards
from steelyard.serving.lists.field_state import fields_state
from steelyard.serving.lists.fields import Fields
from steelyard.serving.understanding import Understanding

ITEMS = [
    {
        "item_id": "1",
        "title": "a",
        "brand": "Red Wing",
        "category": ["Shoes", "Boots"],
        "attributes": {"Colour": "Red"},
    },
    {"item_id": "2", "title": "b", "brand": "Wader", "category": ["Shoes", "Care"], "attributes": {"Colour": "红色"}},
    {"item_id": "3", "title": "c", "brand": "Wader", "category": ["Shoes", "Boots"], "attributes": {"Vegan": "yes"}},
    {"item_id": "4", "title": "d", "brand": "", "category": [], "attributes": {"Size": "42"}},
]
BOUGHT = np.array([25.0, 5.0, 0.0, 90.0])
NOBODY = np.empty(0, np.int64)


@pytest.fixture(scope="module")
def understanding():
    lines = [json.dumps(item).encode() for item in ITEMS]
    fields = Fields(fields_state(Cards(b"".join(lines), np.cumsum([0, *map(len, lines)]))))
    return Understanding(fields, sold=BOUGHT)


def read(query, *terms):
    told = tuple(TermRead(term, term, "word", 1.0, 1.0, 1, (term,), at) for at, term in enumerate(terms))
    return QueryRead(fold(query), "en", (), (), told, (), (), ())


def said(understanding, query, *terms, holding=NOBODY):
    found = understanding.meant(read(query, *terms), np.asarray(holding, np.int64))
    return [(each.kind, each.field, each.value) for each in found]


def test_the_category_is_where_people_buy_what_holds_the_words(understanding):
    found = understanding.meant(read("shoes"), np.array([0, 1, 2, 3]))

    # 25 + 0 bought boots, 5 care; ten more people are taken to buy as the catalogue is made up, two to one
    assert [(each.value, each.probability) for each in found] == [
        ("Shoes > Boots", round((25 + 10 * 2 / 3) / 40, 4)),
        ("Shoes > Care", round((5 + 10 / 3) / 40, 4)),
    ]


def test_without_sales_the_catalogue_itself_says_it(understanding):
    alone = Understanding(understanding._fields, sold=None)

    assert [each.probability for each in alone.meant(read("shoes"), np.array([0, 1, 2]))] == [0.6667, 0.3333]


def test_a_brand_of_several_words_wins_over_a_colour_inside_it_of_the_same_field_only(understanding):
    assert said(understanding, "red wing boots") == [("brand", "", "Red Wing"), ("attribute", "Colour", "Red")]
    assert said(understanding, "WADER socks") == [("brand", "", "Wader")]
    assert said(understanding, "waders") == []


def test_attributes_are_found_within_chinese_words(understanding):
    assert said(understanding, "红色靴子") == [("attribute", "Colour", "红色")]


def test_values_that_say_nothing_by_themselves_are_not_read(understanding):
    assert said(understanding, "yes 42") == []


@pytest.mark.parametrize(
    ("query", "measure"),
    [("water 500 ml", "500ml"), ("500毫升 水", "500ml"), ("十二寸 披萨", "12in"), ("1.5l", "1.5liter")],
)
def test_measures_are_read_in_any_spelling(understanding, query, measure):
    assert ("measure", "", measure) in said(understanding, query)


def test_a_model_number_is_the_longest_code_that_the_catalogue_holds(understanding):
    assert said(understanding, "wh 1000 xm5", "wh", "1000", "~xm5", "wh1000xm5") == [("model_number", "", "wh1000xm5")]
    assert ("model_number", "", "500ml") not in said(understanding, "500 ml", "500ml")
