"""Habits of shops' exports: baskets under one event id, pieces on one day, guests under one id, words for nothing."""

import pytest
from small_shop import reasons

from steelyard.data.values.category_paths import PathCutter
from steelyard.data.values.grades import scale_of_grades
from steelyard.data.values.normalise import category_path, clean
from steelyard.data.values.people_words import told_nobody
from steelyard.errors import DataError

ITEMS = "sku,title\n" + "".join(f"S{i},Clay pot {i}\n" for i in range(9))
PLAIN = {"columns": {"item_id": "sku", "title": "title"}}
COLUMNS = {"user": "user", "item_id": "sku", "time": "time"}


def prepared(shop, rows, *, header="user,sku,time", **events):
    shop.write("items.csv", ITEMS).write("events.csv", header + "\n" + "\n".join(rows) + "\n")
    return shop.prepare(items=PLAIN, events={"columns": COLUMNS, **events})


def said(quality, reason):
    return next(finding["says"] for finding in quality["findings"] if finding["reason"] == reason)


def test_an_event_id_of_a_basket_is_used_together_with_the_item(shop):
    rows = [f"u{i},S{i + j},2024-03-0{i + 1} 10:00:00,order{i}" for i in range(5) for j in range(3)]
    columns = {**COLUMNS, "event_id": "id"}

    quality = prepared(shop, [*rows, rows[0]], header="user,sku,time,id", columns=columns)

    assert len(shop.rows("events")) == 15
    assert reasons(quality, "events") == {"event_duplicate": 1, "event_id_of_basket": 15}


def test_an_event_id_of_two_people_is_no_basket(shop):
    rows = ["u1,S1,2024-03-01 10:00:00,e1", "u2,S2,2024-03-01 10:00:00,e1", "u3,S3,2024-03-01 10:00:00,e2"]

    quality = prepared(shop, rows, header="user,sku,time,id", columns={**COLUMNS, "event_id": "id"})

    assert reasons(quality, "events") == {"event_id_taken": 1}


@pytest.mark.parametrize(
    ("time", "settings", "found"),
    [
        ("2024-03-01", {}, {"event_piece": 2}),
        ("2024-03-01", {"repeats": "duplicates"}, {"event_duplicate": 2}),
        ("2024-03-01 10:00:07", {}, {"event_duplicate": 2}),
        ("2024-03-01 10:00:07", {"repeats": "pieces"}, {"event_piece": 2}),
        ("2024-03-01", {"kind": "view"}, {"event_duplicate": 2}),
    ],
)
def test_equal_rows_of_a_day_are_pieces_where_the_log_has_no_clock(shop, time, settings, found):
    quality = prepared(shop, [f"u1,S1,{time}"] * 3 + [f"u2,S2,{time}", f"u3,S3,{time}"], **settings)

    assert reasons(quality, "events") == found


def test_a_log_of_days_that_was_exported_twice_has_duplicates(shop):
    rows = [f"u{i},S{i},2024-03-0{i + 1}" for i in range(6)]

    assert reasons(prepared(shop, rows * 2), "events") == {"event_duplicate": 6}


def test_midnight_of_the_shops_zone_is_no_clock(shop):
    rows = ["u1,S1,2024-03-01", "u1,S1,2024-03-01", "u2,S2,2024-07-01"]
    shop.write("items.csv", ITEMS).write("events.csv", "user,sku,time\n" + "\n".join(rows) + "\n")

    quality = shop.prepare(items=PLAIN, events={"columns": COLUMNS}, shop={"timezone": "Europe/Berlin"})

    assert reasons(quality, "events")["event_piece"] == 1


@pytest.mark.parametrize("guest", ["0", "guest", "Anonymous", "00000000-0000-0000-0000-000000000000", "-1"])
def test_guests_who_share_an_id_are_nobody_and_counted(shop, guest):
    rows = [f"{guest if i % 2 else f'u{i % 7}'},S{i % 9},2024-03-{1 + i // 4:02} 10:{i:02}:00" for i in range(40)]

    quality = prepared(shop, rows)

    assert reasons(quality, "events") == {"event_user_missing": 20, "user_shared": 20}
    assert f"{guest.lower()!r} has 20 of 40 rows" in said(quality, "user_shared")
    assert {row["user"] is None for row in shop.rows("events")} == {True, False}


def test_the_shop_says_who_is_nobody(shop):
    rows = [f"{'0' if i % 2 else f'u{i % 7}'},S{i % 9},2024-03-{1 + i // 4:02} 10:{i:02}:00" for i in range(40)]

    assert reasons(prepared(shop, rows, nobody=[]), "events") == {"user_dominates": 20}
    assert reasons(prepared(shop, rows, nobody=["u2", "u4"]), "events")["user_is_nobody"] == 6


def test_a_number_with_few_rows_is_a_person_until_the_shop_says_otherwise():
    nobody, remarks = told_nobody({"0": 6}, n_rows=1000, n_named=200, nobody=None)

    assert nobody == ()
    assert [(remark.reason, "CHECK" in remark.says) for remark in remarks] == [("user_maybe_shared", True)]


def test_words_for_nothing_are_empty_in_any_case_and_counted_by_value(shop):
    brands = ["n/A", "NA", "-", "(NULL)", "Undefined", "#VALUE!", "暂无", "Keine", "?", "Nardo"]
    pairs = enumerate(zip(brands, ["#N/A", *"123456789"], strict=True))
    rows = "".join(f"S{i},Null cable {i},{brand},{price}\n" for i, (brand, price) in pairs)
    shop.write("items.csv", "sku,title,brand,price\n" + rows + "null,Gone,x,1\n")

    quality = shop.prepare(items={"columns": {"item_id": "sku", "title": "title", "brand": "brand", "price": "price"}})

    assert [row["brand"] for row in shop.rows("items")] == [""] * 9 + ["Nardo"]
    assert shop.rows("items")[0]["title"] == "Null cable 0"
    assert reasons(quality) == {"item_id_missing": 1, "placeholder_words": 11, "price_missing": 1}
    assert "sku 1, brand 9, price 1" in said(quality, "placeholder_words")


def test_an_item_is_never_sold_under_an_id_that_lost_its_digits(shop):
    rows = "".join(f"5.90123E+12,Reed mat {i}\n" for i in range(3)) + "5901234123457,Reed mat\n"
    shop.write("items.csv", "sku,title\n" + rows)

    quality = shop.prepare(items=PLAIN)

    assert reasons(quality) == {"item_id_scientific": 3}
    assert [row["item_id"] for row in shop.rows("items")] == ["5901234123457"]


@pytest.mark.parametrize(
    ("ids", "written", "kind"),
    [
        (["SKU-11", "SKU-12", "SKU-13"], ["11", "12"], "prefix"),
        (["11", "12", "13"], ["gid://shop/Item/11", "gid://shop/Item/12"], "prefix"),
        (["1234", "77"], ['"1,234"', "77"], "1,234"),
        (["00123", "77"], ['"=""00123"""', "77"], None),
        (["00123", "77"], ["'00123", "77"], "quotes"),
    ],
)
def test_two_forms_of_an_id_are_one_item(shop, ids, written, kind):
    shop.write("items.csv", "sku,title\n" + "".join(f"{sku},Lamp {sku}\n" for sku in ids))
    shop.write(
        "events.csv", "user,sku,time\n" + "".join(f"u{i},{sku},2024-03-0{i + 1}\n" for i, sku in enumerate(written))
    )

    quality = shop.prepare(items=PLAIN, events={"columns": COLUMNS})

    assert [row["item"] for row in shop.rows("events")] == [0, 1]
    repaired = [finding for finding in quality["findings"] if finding["reason"] == "event_item_repaired"]
    assert [list(finding["values"]) for finding in repaired] == ([[kind]] if kind else [])


def test_a_prefix_on_few_ids_of_a_log_is_part_of_their_names(shop):
    shop.write("items.csv", "sku,title\n" + "".join(f"{n},Lamp {n}\n" for n in range(10, 20)))
    rows = [f"u{n},{n},2024-03-0{n - 9}" for n in range(10, 16)] + ["u7,old-17,2024-03-08", "u8,old-18,2024-03-09"]
    shop.write("events.csv", "\n".join(["user,sku,time", *rows]) + "\n")

    quality = shop.prepare(items=PLAIN, events={"columns": COLUMNS})

    assert reasons(quality, "events") == {"event_item_unknown": 2}


def test_another_prefix_is_another_item(shop):
    rows = ["u1,P1,2024-03-01", "u2,P2,2024-03-02", "u3,S1,2024-03-03"]

    assert reasons(prepared(shop, rows), "events") == {"event_item_unknown": 2}


@pytest.mark.parametrize(
    ("written", "gains"),
    [
        (("E", "S", "C", "I"), [3, 2, 1, 0]),
        (("Exact", "Partial", "Irrelevant"), [2, 1, 0]),
        (("good", "fair", "bad"), [2, 1, 0]),
        (("相关", "不相关"), [1, 0]),
        (("highly relevant", "not-relevant"), [3, 0]),
        (("80 %", "12,5%"), [0.8, 0.125]),
        (("Exact",), []),  # of a scale of two or of three
        (("E", "Q"), []),
        (("E", "C"), []),  # exact above complement, or the fifth letter below the third
        (("A", "C", "E"), [4, 2, 0]),
        (("完全匹配", "部分匹配", "不匹配"), [2, 1, 0]),
        (("relevant", "irrelevant"), [1, 0]),
    ],
)
def test_grades_are_told_by_the_scale_that_has_all_of_them(written, gains):
    assert list(scale_of_grades(dict.fromkeys(written, 1), grades={}).gains.values()) == gains


def told(shop):
    """Gains of what people judged: what else is to be learnt from is stored beside them."""
    by_people = {row["query_id"] for row in shop.rows("queries") if row["origin"] == "judged"}
    return sorted(row["gain"] for row in shop.rows("judgements") if row["query_id"] in by_people)


def test_grades_of_a_file_are_gains_and_unknown_ones_are_asked_for(shop):
    shop.write("items.csv", ITEMS).write("judgements.csv", "query,sku,gain\npot,S1,E\npot,S2,I\nclay,S3,S\n")
    assert reasons(shop.prepare(items=PLAIN, judgements={}), "judgements") == {"gain_from_grade": 3}
    assert told(shop) == [0, 2, 3]

    shop.prepare(items=PLAIN, judgements={"grades": {"e": 7, "s": 5, "i": 1}})
    assert told(shop) == [1, 5, 7]

    with pytest.raises(DataError, match=r"'I' in 1 rows.*grades = "):
        shop.prepare(items=PLAIN, judgements={"grades": {"E": 7, "S": 5}})
    shop.write("judgements.csv", "query,sku,gain\npot,S1,wow\npot,S2,meh\n")
    with pytest.raises(DataError, match="'meh' in 1 rows"):
        shop.prepare(items=PLAIN, judgements={})


@pytest.mark.parametrize(
    ("html", "shown"),
    [
        ("<style>p{top:0}</style><p>Oak <b>tray</b></p><script>go('<p>')</script><!-- x -->", "Oak tray"),
        ("&lt;p&gt;Tea &amp;amp; rum&lt;br/&gt;7 &lt; 9&lt;/p&gt;", "Tea & rum 7 < 9"),
        ("I <3 rum, a<b and c>d, <Size 5>", "I <3 rum, a<b and c>d, <Size 5>"),
        ("soft&shy;ly wo\u200bven H<sub>2</sub>O&#10;&#8364; 7\x07", "softly woven H2O € 7"),
        ("[vc_row css='x']Jug[/vc_row] [L] [2 pack]", "Jug [L] [2 pack]"),
        ("<ul><li>one</li><li>two</li></ul>", "one two"),
        ("<style>p{top:0}", ""),
        ("R&D, salt&pepper, AT&T &copy; 2024", "R&D, salt&pepper, AT&T © 2024"),
    ],
)
def test_a_text_is_what_a_reader_sees(html, shown):
    assert clean(html) == shown


@pytest.mark.parametrize(
    ("column", "paths"),
    [
        (["Root/Bags,Root/Bags/Totes", "Root/Hats"], [("Root", "Bags", "Totes"), ("Root", "Hats")]),
        (["Home, Home > Jugs", "Men > Hats, Kids > Hats"], [("Home", "Jugs"), ("Men", "Hats")]),
        (["Men > Hats, Kids > Hats", "Kids > Toys"], [("Men", "Hats"), ("Kids", "Toys")]),
        (["Food, Drinks > Tea", "Bed, Bath > Towels"], [("Food, Drinks", "Tea"), ("Bed, Bath", "Towels")]),
        (['["A > B", "A > B > C"]', '["A", "B"]'], [("A", "B", "C"), ("A", "B")]),
        (["A &gt; B|A &gt; C &gt; D", "A &gt; B"], [("A", "C", "D"), ("A", "B")]),
        (["Home/Sun|Sale/New", "Home/Rug|Sale/New", "Home/Oak"], [("Home", "Sun"), ("Home", "Rug"), ("Home", "Oak")]),
        (["Men|Shoes/Boots", "Men|Shirts"], [("Men", "Shoes/Boots"), ("Men", "Shirts")]),
        (["家居＞灯具", "家居＞地毯；促销"], [("家居", "灯具"), ("家居", "地毯")]),
        (["Sale", "Hats", "Hats, Sale", "Salt, pepper"], [("Sale",), ("Hats",), ("Hats",), ("Salt, pepper",)]),
    ],
)  # fmt: skip
def test_one_path_is_taken_from_a_cell_of_several(column, paths):
    cutter = PathCutter(column)

    assert [category_path([cutter(value)]) for value in column] == paths
