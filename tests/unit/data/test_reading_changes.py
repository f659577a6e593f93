"""Changes as shops send them: read by the rules of a load, or refused by name."""

import pytest

from steelyard.data.changes.reading import MAX_SHOWN, Terms, read_changes, says_of
from steelyard.documents.changes import Op

EURO = Terms(currency="EUR")


def read(sent, terms=EURO):
    found = read_changes([sent], terms)
    assert not found.troubles, found.troubles
    return found.changes[0]


def trouble(sent, terms=EURO):
    found = read_changes([sent], terms)
    assert not found.changes
    return found.troubles[0].says


@pytest.mark.parametrize(
    ("written", "price"),
    [
        (12, "12.00"),
        (12.5, "12.50"),
        ("12,50 €", "12.50"),
        ("1.234,50", "1234.50"),
        ("1'234.50", "1234.50"),
        ("EUR 7", "7.00"),
        ("", None),
        (None, None),
    ],
)
def test_prices_are_read_by_their_own_marks(written, price):
    assert read({"op": "price", "id": "a", "price": written}).price == price


@pytest.mark.parametrize(
    ("written", "says"),
    [
        ("1.499", "no number that can be read in one way"),
        ("12 € / 13 €", "no number that can be read in one way"),
        ("nan", "no number"),
        (float("inf"), "no number"),
        (-3, "above 0"),
        (0, "above 0"),
        (True, "give a number"),
        ([1], "give a number"),
        ("$12", "the shop sells in EUR"),
    ],
)
def test_a_price_that_cannot_be_used_is_refused_by_name(written, says):
    assert says in trouble({"op": "price", "id": "a", "price": written})


def test_the_shops_decimal_mark_decides_what_is_open():
    terms = Terms(currency="EUR", decimal="comma")

    assert read({"op": "price", "id": "a", "price": "1.499"}, terms).price == "1499.00"


def test_two_currencies_of_one_price_are_refused():
    assert "names one currency" in trouble({"op": "price", "id": "a", "price": "12 €", "currency": "USD"})


@pytest.mark.parametrize(
    ("written", "pieces"),
    [(3, 3), ("3 left", 3), (0, 0), (-2, 0), (True, None), (False, 0), ("sold out", 0), ("有货", None), (None, None)],
)
def test_stock_is_read_as_a_load_reads_it(written, pieces):
    assert read({"op": "stock", "id": "a", "stock": written}).stock == pieces


def test_the_shops_own_words_of_stock_win():
    assert read({"op": "stock", "id": "a", "stock": "blorb"}, Terms(stock_words={"blorb": False})).stock == 0
    assert "no known word" in trouble({"op": "stock", "id": "a", "stock": "blorb"})


def test_texts_are_cleaned_as_in_a_load():
    change = read(
        {
            "id": 17,
            "title": "<b>Red</b>\u200b pan &amp; lid",
            "category": "Kitchen > Pans",
            "attributes": {"colour": "red", "sizes": [1, 2], "more": {"depth": 3}},
        }
    )

    assert (change.id, change.title, change.category) == ("17", "Red pan & lid", ("Kitchen", "Pans"))
    assert change.attributes == {"colour": "red", "sizes": "1, 2", "more depth": "3"}


def test_levels_of_a_category_stay_as_they_are_given():
    assert read({"id": "a", "title": "x", "category": ["Ice/Snow"]}).category == ("Ice/Snow",)


@pytest.mark.parametrize(
    ("sent", "says"),
    [
        ({"id": "a", "titel": "x"}, "the nearest is 'title'"),
        ({"op": "prize", "id": "a", "price": 1}, "the nearest is 'price'"),
        ({"op": "delete", "id": "a", "title": "x"}, "takes no 'title'"),
        ({"op": "patch", "id": "a"}, "changes nothing"),
        ({"op": "price", "id": "a"}, "needs 'price'"),
        ({"id": "a", "price": 3}, "has no title"),
        ({"id": "", "title": "x"}, "no id"),
        ({"id": 1.0, "title": "x"}, "as text"),
        ({"id": "a\nb", "title": "x"}, "line end"),
        ({"id": "a" * 300, "title": "x"}, "longer than"),
        ({"id": "a", "title": "x\ud800"}, "half of a character"),
        ({"id": "a", "item_id": "a", "title": "x"}, "given twice"),
        ({"id": "a", "title": ["x"]}, "give text"),
        (7, "no object"),
    ],
)
def test_what_is_no_change_is_refused_with_what_to_do(sent, says):
    assert says in trouble(sent)


def test_an_id_with_blanks_is_an_id():
    assert read({"op": Op.DELETE, "id": " SKU 7 "}).id == "SKU 7"


def test_of_many_problems_the_first_are_named_and_all_are_counted():
    troubles = read_changes([{"id": ""}] * 50, EURO).troubles

    said = says_of(troubles)

    assert said.count("change ") == MAX_SHOWN
    assert "50 of what was sent" in said
    assert f"And {50 - MAX_SHOWN} more" in said
