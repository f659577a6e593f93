"""A catalogue gathered from a log, and judgements: what of several rows counts, worked by hand."""

import pytest
from small_shop import reasons

from steelyard.errors import DataError

LOG = {"is_log": True, "columns": {"item_id": "sku", "title": "title", "price": "price", "stock": "stock"}}
JUDGED = "query,sku,gain\n"
CATALOGUE = "sku,title,price\na,blue kettle,1\nb,red lamp,2\nc,Blue Kettle,3\n"


def items_of(shop):
    return {row["item_id"]: row for row in shop.rows("items")}


def test_of_an_items_rows_the_commonest_title_the_middle_price_and_the_latest_stock_count(shop):
    shop.write("items.csv", "sku,title,price,stock\n"
               "a,kettle,10,5\na,old name,-1,3\na,kettle,30,\na,old name,20,0\na,kettle,0,7\n"
               "b,lamp,5,1\nb,other,,\n")  # fmt: skip

    quality = shop.prepare(items=LOG)

    kettle, lamp = items_of(shop)["a"], items_of(shop)["b"]
    assert kettle["title"] == "kettle"  # three of five
    assert float(kettle["price"]) == 20  # the median of 10, 20 and 30: what is not above zero is no price
    assert kettle["stock"] == 7
    assert (lamp["title"], float(lamp["price"]), lamp["stock"]) == ("lamp", 5, 1)  # of equals the earlier
    rows = quality["rows"]["items"]
    assert (rows["in"], rows["kept"], rows["merged"], rows["is_balanced"]) == (7, 2, 5, True)


def test_an_item_that_is_there_twice_in_a_catalogue_is_kept_once_and_the_first_counts(shop):
    shop.write("items.csv", CATALOGUE + "a,green kettle,9\n,nameless,1\n")

    quality = shop.prepare()

    assert items_of(shop)["a"]["title"] == "blue kettle"
    assert reasons(quality, "items") | {"text_shared": 0} == {
        "item_id_duplicate": 1, "item_id_missing": 1, "text_shared": 0,
    }  # fmt: skip


def test_a_catalogue_of_which_nothing_is_left_is_refused_with_what_was_found(shop):
    shop.write("items.csv", "sku,title,price\n,kettle,1\n,lamp,2\n")

    with pytest.raises(DataError, match=r"none of the 2 rows of \[data.items\] can be used: item_id_missing 2"):
        shop.prepare()


def judged(shop, rows, **fields):
    shop.write("items.csv", CATALOGUE).write("judgements.csv", JUDGED + rows)
    return shop.prepare(judgements=fields)


def told(shop):
    """Judgements of people: what else is to be learnt from is stored beside them."""
    by_people = {row["query_id"] for row in shop.rows("queries") if row["origin"] == "judged"}
    return [row for row in shop.rows("judgements") if row["query_id"] in by_people]


def test_of_several_judgements_of_one_pair_the_highest_counts_and_the_others_are_named(shop):
    quality = judged(shop, "kettle,a,1\nKettle ,a,3\nkettle,a,3\nlamp,b,2\n")

    assert reasons(quality, "judgements") == {"judgement_duplicate": 2}
    gains = {(row["query_id"], row["text"]): row["gain"] for row in told(shop)}
    assert sorted(gains.values()) == [2, 3]


def test_items_of_one_text_share_their_best_judgement(shop):
    judged(shop, "kettle,a,1\nkettle,c,4\n")  # ``a`` and ``c`` differ in capitals only, or in nothing that is read

    texts = {row["text"] for row in shop.rows("items") if row["item_id"] in ("a", "c")}
    gains = {row["text"]: row["gain"] for row in told(shop)}
    assert max(gains[text] for text in texts) == 4


def test_an_offset_makes_the_lowest_grade_nothing_and_what_is_below_is_set_aside(shop):
    quality = judged(shop, "kettle,a,1\nkettle,b,0\nlamp,b,3\n", gain_offset=-1.0)

    assert reasons(quality, "judgements") == {"gain_negative": 1}
    assert sorted(row["gain"] for row in told(shop)) == [0, 2]


def test_rows_that_judge_nothing_are_each_named_by_what_they_lack(shop):
    quality = judged(shop, "kettle,a,1\n,a,1\nkettle,,1\nkettle,zzz,1\nlamp,b,\nlamp,b,good\n")

    assert reasons(quality, "judgements") == {
        "query_missing": 1, "judged_item_missing": 1, "query_judged_item_unknown": 1, "gain_missing": 1,
        "gain_not_a_number": 1,
    }  # fmt: skip


def test_judgements_of_another_shop_are_refused_with_both_kinds_of_ids(shop):
    with pytest.raises(DataError) as raised:
        judged(shop, "kettle,x1,1\nlamp,x2,1\n")

    text = str(raised.value)
    assert "none of the 2 rows of [data.judgements] can be used: query_judged_item_unknown 2" in text
    assert "['x1', 'x2']" in text and "do the columns match?" in text
