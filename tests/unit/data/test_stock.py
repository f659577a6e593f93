import pytest
from hypothesis import given
from hypothesis import strategies as st
from small_shop import reasons

from steelyard.adapters.shop.tables import load_shop
from steelyard.data.values.stock import Stock, read_stock
from steelyard.errors import DataError

COLUMNS = {"item_id": "sku", "title": "title", "stock": "stock"}


HAD = (
    "3|5.0|yes|TRUE|InStock|in stock|in_stock|In-Stock|http://schema.org/InStock|limited|1,200|0.5|库存：5|"
    "In stock (7)|https://schema.org/LimitedAvailability|有货|现货|16件|3 left|Only 2 left|１２|10+|"
    "ja|Oui|sofort lieferbar|в наличии|skladem|stokta var|op voorraad|em estoque|còn hàng|มีสินค้า|有貨|במלאי|i lager"
)
NOT_HAD = (
    "0|0.0|-3|no|False|OutOfStock|out of stock|out_of_stock|https://schema.org/OutOfStock/|Sold out|discontinued|缺货|"
    "无货|售罄|0件|0 left|preorder|BackOrder|schema.org/SoldOut|nein|Non|vergriffen|"
    "нет в наличии|под заказ|vyprodáno|tükendi|niet op voorraad|sem estoque|hết hàng|สินค้าหมด|缺貨|לא במלאי|slut i lager"
)


@pytest.mark.parametrize("text", HAD.split("|"))
def test_what_can_be_had_is_read_as_such(text):
    found = read_stock(text)

    assert found.is_read
    assert found.is_available is True


@pytest.mark.parametrize("text", NOT_HAD.split("|"))
def test_what_cannot_be_had_now_is_never_available(text):
    assert read_stock(text).is_available is False


@pytest.mark.parametrize("text", ["n/a", "N/A", "-", "unknown", "未知"])
def test_a_word_for_nothing_is_an_empty_cell(text):
    assert read_stock(text) == Stock()


@given(st.text(max_size=12))
def test_what_is_not_read_is_never_taken_as_available(text):
    found = read_stock(text)

    assert found.is_read or found.is_available is None


def test_pieces_are_counted_only_where_they_are_written():
    assert [read_stock(text).pieces for text in ("16件", "3 left", "in stock", "-2", "1,200")] == [16, 3, None, 0, 1200]


def test_the_words_of_the_shop_win():
    assert read_stock("Pre-Order", words={"preorder": True}).is_available is True
    assert read_stock("ask us", words={"Ask us": False}).is_available is False


def test_items_whose_stock_cannot_be_read_are_hidden_and_listed_with_their_counts(shop):
    rows = "A,Pan,in stock\nB,Pot,缺货\nC,Lid,ask the shop\nD,Cup,ask the shop\n"
    rows += "E,Mug,\nF,Jug,preorder\nG,Jar,-1\nH,Box,4\n"
    shop.write("items.csv", "sku,title,stock\n" + rows)

    quality = shop.prepare(items={"columns": COLUMNS})

    assert load_shop(shop.data, max_history=5).facts.in_stock.tolist() == [1, 0, 0, 0, 1, 0, 0, 1]
    assert reasons(quality) == {"stock_unreadable": 2, "stock_negative": 1, "stock_on_order": 1, "stock_missing": 1}
    unread = next(f for f in quality["findings"] if f["reason"] == "stock_unreadable")
    assert unread["values"] == {"ask the shop": 2}
    assert [row["stock"] for row in shop.rows("items")] == [None, None, None, None, None, None, 0, 4]


def test_a_column_of_words_nobody_knows_is_refused_with_the_setting_that_tells_them(shop):
    shop.write("items.csv", "sku,title,stock\nA,Pan,zork\nB,Pot,blip\n")

    with pytest.raises(DataError, match=r"'stock' can be read as stock, for example \['blip', 'zork'\].*stock_words"):
        shop.prepare(items={"columns": COLUMNS})
    shop.prepare(items={"columns": COLUMNS, "stock_words": {"zork": True, "blip": False}})
    assert load_shop(shop.data, max_history=5).facts.in_stock.tolist() == [1, 0]


@pytest.mark.parametrize("stocks", [("0", "0"), ("sold out", "缺货"), ("-1", "discontinued")])
def test_a_shop_that_can_offer_nothing_is_refused_before_any_work(shop, stocks):
    shop.write("items.csv", "sku,title,stock\n" + "".join(f"{i},Thing {i},{s}\n" for i, s in enumerate(stocks)))

    with pytest.raises(DataError, match=r"none of the 2 items .* can be offered"):
        shop.prepare(items={"columns": COLUMNS})

    assert not shop.store.has("data")
    shop.prepare(items={"columns": COLUMNS}, rules={"exclude_out_of_stock": False})
