"""Variants under a product, rows of pictures, drafts, prices in two columns, and kinds of events to be ignored."""

import pytest
from small_shop import reasons

HANDLES = """Handle,Title,Body (HTML),Vendor,Type,Published,Option1 Name,Option1 Value,Variant SKU,Variant Inventory Qty,Variant Price,Image Src,Status
rain-coat,Rain Coat,<p>Keeps dry</p>,Brolly,Coats,TRUE,Size,S,RC-S,0,80.00,https://i.example/1.jpg,active
rain-coat,,,,,,,M,RC-M,4,80.00,,
rain-coat,,,,,,,,,,,https://i.example/2.jpg,
wax-hat,Wax Hat,,Brolly,Hats,TRUE,Title,Default Title,WH-1,2,30.00,,active
night-boot,Night Boot,,Brolly,Boots,FALSE,Size,40,NB-40,9,120.00,,draft
night-boot,,,,,,,41,NB-41,9,120.00,,
"""  # noqa: E501
HANDLE_COLUMNS = {
    "item_id": "Variant SKU",
    "title": "Title",
    "description": "Body (HTML)",
    "brand": "Vendor",
    "category": "Type",
    "price": "Variant Price",
    "stock": "Variant Inventory Qty",
    "attributes": ["Option1 Value"],
}


def by_id(shop):
    return {row["item_id"]: row for row in shop.rows("items")}


def test_a_variant_has_what_its_product_says_and_its_own_stock(shop):
    quality = shop.write("items.csv", HANDLES).prepare(items={"columns": HANDLE_COLUMNS})

    items = by_id(shop)
    coat = items["RC-M"]
    assert (coat["title"], coat["brand"], coat["category"], coat["stock"]) == ("Rain Coat", "Brolly", ["Coats"], 4)
    assert (items["RC-S"]["in_stock"], coat["in_stock"]) == (0, 1)
    assert '"Option1 Value": "M"' in coat["attributes"]
    assert items["WH-1"]["attributes"] == "{}"  # a product without variants has no option
    assert reasons(quality)["variant_inherits"] == 2
    assert "title_missing" not in reasons(quality)


def test_a_row_of_a_picture_is_a_note_and_no_error(shop):
    quality = shop.write("items.csv", HANDLES).prepare(items={"columns": HANDLE_COLUMNS})

    found = {f["reason"]: f for f in quality["findings"]}
    assert (found["picture_row"]["severity"], found["picture_row"]["count"]) == ("info", 1)
    assert "item_id_missing" not in found
    rows = quality["rows"]["items"]
    assert (rows["in"], rows["kept"], rows["quarantined"], rows["is_balanced"]) == (6, 5, 1, True)


def test_a_draft_and_its_variants_are_known_and_never_shown(shop):
    quality = shop.write("items.csv", HANDLES).prepare(items={"columns": HANDLE_COLUMNS})

    items = by_id(shop)
    assert [items[name]["in_stock"] for name in ("NB-40", "NB-41")] == [0, 0]
    assert reasons(quality)["item_not_published"] == 2
    assert "told by the columns" in next(f["says"] for f in quality["findings"] if f["reason"] == "layout_told")


def test_what_is_told_by_the_columns_can_be_switched_off(shop):
    items = {"columns": HANDLE_COLUMNS, "read_layout": False}
    quality = shop.write("items.csv", HANDLES).prepare(items=items)

    assert by_id(shop)["NB-40"]["in_stock"] == 1
    assert not {"layout_told", "variant_inherits", "item_not_published"} & reasons(quality).keys()


def test_a_parent_is_found_by_its_own_number_and_by_its_id(shop):
    shop.write(
        "items.csv",
        "ID,Type,SKU,Name,Published,Regular price,Sale price,Categories,Parent\n"
        "1,variable,CUP,Tea Cup,1,,,Kitchen > Cups,\n"
        "2,variation,CUP-B,Tea Cup blue,1,9,,,CUP\n"
        "3,variation,,,1,9,7,,id:1\n"
        "4,simple,PLT,Plate,-1,5,,Kitchen > Plates,\n",
    )
    columns = {
        "item_id": "ID", "title": "Name", "category": "Categories", "price": ["Sale price", "Regular price"],
        "parent": "Parent", "parent_key": "SKU", "published": "Published",
    }  # fmt: skip

    quality = shop.prepare(items={"columns": columns})

    items = by_id(shop)
    assert [items[i]["title"] for i in "123"] == ["Tea Cup", "Tea Cup blue", "Tea Cup"]
    assert items["2"]["category"] == ["Kitchen", "Cups"]
    assert [float(items[i]["price"]) for i in "234"] == [9.0, 7.0, 5.0]
    assert [items[i]["in_stock"] for i in "1234"] == [0, 1, 1, 0]  # the parent has no price, the plate is a draft
    assert reasons(quality)["parent_of_variants"] == 1


def test_a_parent_with_a_price_is_offered_too(shop):
    shop.write("items.csv", "sku,title,price,group\nA,Bench,90,\nB,,95,A\nC,Chair,40,\n")

    shop.prepare(items={"columns": {"item_id": "sku", "title": "title", "price": "price", "parent": "group"}})

    items = by_id(shop)
    assert (items["B"]["title"], items["A"]["in_stock"]) == ("Bench", 1)


def test_own_words_say_what_is_on_show_and_unknown_ones_are_hidden_and_listed(shop):
    shop.write("items.csv", "sku,title,price,season\n1,Fan,9,summer\n2,Stove,9,winter\n3,Mat,9,\n4,Rug,9,who knows\n")
    items = {
        "columns": {"item_id": "sku", "title": "title", "price": "price", "published": "season"},
        "published_words": {"summer": True, "winter": False},
    }

    quality = shop.prepare(items=items)

    assert [row["in_stock"] for row in shop.rows("items")] == [1, 0, 1, 0]
    unread = next(f for f in quality["findings"] if f["reason"] == "published_unread")
    assert unread["values"] == {"who knows": 1}


@pytest.mark.parametrize("word", ["draft", "Archived", "下架", "非公開", "not visible individually", "entwurf"])
def test_words_of_any_shop_system_hide_an_item(shop, word):
    shop.write("items.csv", f"sku,title,price,status\n1,Fan,9,active\n2,Stove,9,{word}\n")

    shop.prepare()

    assert [row["in_stock"] for row in shop.rows("items")] == [1, 0]


def test_kinds_to_be_ignored_are_counted_and_are_no_errors(shop):
    shop.write("items.csv", "sku,title,price\n1,Fan,9\n2,Stove,9\n")
    kinds = ("view", "scroll", "scroll", "scroll", "buy")  # more of them than may be lost without asking
    rows = "".join(f"u{i},{1 + i % 2},2024-05-0{1 + i},1,{kind}\n" for i, kind in enumerate(kinds))
    shop.write("events.csv", "user,sku,time,quantity,what\n" + rows)
    columns = {"user": "user", "item_id": "sku", "time": "time", "kind": "what"}

    quality = shop.prepare(events={"columns": columns, "kinds": {"scroll": "ignore", "buy": "purchase"}})

    ignored = next(f for f in quality["findings"] if f["reason"] == "event_ignored")
    assert (ignored["severity"], ignored["count"], ignored["values"]) == ("info", 3, {"scroll": 3})
    assert "event_kind_unknown" not in reasons(quality)
    assert sorted(row["kind"] for row in shop.rows("events")) == ["purchase", "view"]


def test_sizes_of_one_product_are_no_copies_and_another_writing_is(shop):
    rows = [("1", "Linen shirt for men", "S"), ("2", "Linen shirt for men", "M"), ("3", "Linen  shirt for-men", "M")]
    others = [(str(n), f"{word} stool number {n}", "") for n, word in enumerate(("Oak", "Pine", "Ash"), 4)]
    text = "".join(f"{sku},{title},9,{size}\n" for sku, title, size in [*rows, *others])
    shop.write("items.csv", "sku,title,price,size\n" + text)
    columns = {"item_id": "sku", "title": "title", "price": "price", "attributes": ["size"]}

    quality = shop.prepare(items={"columns": columns})

    (found,) = [f for f in quality["findings"] if f["reason"] == "items_near_duplicate"]
    assert found["count"] == 1
    assert found["samples"] == [{"title": "Linen shirt for-men", "copy_of": "Linen shirt for men"}]
