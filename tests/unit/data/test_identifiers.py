import random

import pytest
from hypothesis import given
from hypothesis import strategies as st
from small_shop import KEY, reasons

from steelyard.adapters.shop.tables import load_shop
from steelyard.data.identifiers import normal_id
from steelyard.data.privacy import Pseudonyms

COLUMNS = {"user": "user", "item_id": "sku", "time": "time"}


def log(ids):
    return "user,sku,time\n" + "".join(f"u{i},{sku},2024-01-01 10:{i:02d}\n" for i, sku in enumerate(ids))


def catalogue(ids):
    return "sku,title\n" + "".join(f"{sku},Thing number {i}\n" for i, sku in enumerate(ids))


@pytest.mark.parametrize(
    ("ids", "written", "repair"),
    [
        (["7", "12"], ["7.0", "12.0"], ".0"),
        (["100000", "2"], ["1E+05", "2"], "1E+05"),
        (["100000", "2"], ["1e+05", "2"], "1E+05"),
        (["0042", "1999"], ["42", "1999"], "zeros"),
        (["42", "19"], ["0042", "19"], "zeros"),
        (["Ab-1", "cd-2"], ["AB-1", "cd-2"], "case"),
        (["A 1", "B2"], ["A1", "B2"], "blanks"),
        (["A1", "B2"], ["Ａ１", "B2"], "blanks"),
    ],
)
def test_an_id_written_otherwise_is_matched_and_counted(shop, ids, written, repair):
    shop.write("items.csv", catalogue(ids)).write("events.csv", log(written))

    quality = shop.prepare(items={"columns": {"item_id": "sku", "title": "title"}}, events={"columns": COLUMNS})

    assert [row["item"] for row in shop.rows("events")] == [0, 1]
    found = next(f for f in quality["findings"] if f["reason"] == "event_item_repaired")
    assert list(found["values"]) == [repair]


@pytest.mark.parametrize(
    ("ids", "written"),
    [
        (["07", "007", "1"], ["7.0", "1"]),  # two ids of the catalogue may be meant
        (["0042", "0043"], ["42", "0043"]),  # zeros were kept elsewhere in the column
        (["aB", "Ab", "cd"], ["CD", "aB"]),  # case tells items apart in this catalogue
    ],
)
def test_what_is_not_certain_is_not_repaired_but_named(shop, ids, written):
    shop.write("items.csv", catalogue(ids)).write("events.csv", log(written))

    quality = shop.prepare(items={"columns": {"item_id": "sku", "title": "title"}}, events={"columns": COLUMNS})

    assert reasons(quality, "events") == {"event_item_unknown": 1}
    (unknown,) = [each for each in quality["findings"] if each["reason"] == "event_item_unknown"]
    assert set(unknown["values"]) <= set(written)


def test_digits_that_a_spreadsheet_lost_are_named_and_matched_to_nothing(shop):
    shop.write("items.csv", catalogue(["123457000", "1"])).write("events.csv", log(["1.23E+08", "1"]))

    quality = shop.prepare(items={"columns": {"item_id": "sku", "title": "title"}}, events={"columns": COLUMNS})

    assert reasons(quality, "events") == {"event_item_scientific": 1}


def test_ids_of_judgements_are_repaired_too(shop):
    shop.write("items.csv", catalogue(["7", "8"]))
    shop.write("judgements.csv", "query,sku,gain\nthing,7.0,1\nother,8.0,2\n")

    quality = shop.prepare(items={"columns": {"item_id": "sku", "title": "title"}}, judgements={})

    assert reasons(quality, "judgements") == {"judged_item_repaired": 2}


def test_a_user_written_as_a_number_with_a_point_is_the_same_user(shop):
    rows = "user,sku,time\n7.0,A,2024-01-01\n7,B,2024-01-02\n8.0,A,2024-01-03\n,B,2024-01-03\n"
    shop.write("items.csv", catalogue("AB")).write("events.csv", rows)

    quality = shop.prepare(items={"columns": {"item_id": "sku", "title": "title"}}, events={"columns": COLUMNS})

    assert {row["user"] for row in shop.rows("events")} == {Pseudonyms(KEY)("7"), Pseudonyms(KEY)("8"), None}
    assert next(f for f in quality["findings"] if f["reason"] == "ids_as_floats")["values"] == {"user": 2}


def test_users_that_are_no_whole_numbers_are_left_as_they_are(shop):
    rows = "user,sku,time\n7.0,A,2024-01-01\n7.5,B,2024-01-02\n"
    shop.write("items.csv", catalogue("AB")).write("events.csv", rows)

    shop.prepare(items={"columns": {"item_id": "sku", "title": "title"}}, events={"columns": COLUMNS})

    assert {row["user"] for row in shop.rows("events")} == {Pseudonyms(KEY)("7.0"), Pseudonyms(KEY)("7.5")}


@given(st.integers(0, 10**12))
def test_forms_of_a_whole_number_are_one(number):
    assert normal_id(f"{number}.0") == normal_id(f"00{number}") == normal_id(f" {number} ") == str(number)


ROWS = [(user, sku, day) for user in range(6) for day, sku in enumerate("ABCDAB"[user % 3 :])]


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_the_order_of_the_rows_changes_nothing(shop, seed):
    rows = [f"u{user},{sku},2024-01-{1 + day // 2:02d}\n" for user, sku, day in ROWS]
    shop.write("items.csv", catalogue("ABCD")).write("events.csv", "user,sku,time\n" + "".join(rows))
    given = {"items": {"columns": {"item_id": "sku", "title": "title"}}, "events": {"columns": COLUMNS}}
    shop.prepare(**given)
    first, digest = load_shop(shop.data, max_history=3), shop.store.digest("data")

    random.Random(seed).shuffle(rows)
    shop.write("events.csv", "user,sku,time\n" + "".join(rows))
    shop.prepare(**given)
    second = load_shop(shop.data, max_history=3)

    assert first.recommend_test.requests == second.recommend_test.requests
    assert first.learn_all.items.tolist() == second.learn_all.items.tolist()
    assert first.learn_all.users.tolist() == second.learn_all.users.tolist()
    assert shop.store.digest("data") == digest


RETURNS = "user,sku,time,quantity,kind\n"


def bought(shop):
    return [(row["user"], row["item"]) for row in shop.rows("events") if row["weight"] > 0]


@pytest.mark.parametrize("word", ["return", "Refund", "cancelled", "退货"])
def test_a_return_undoes_the_purchase_before_it(shop, word):
    rows = f"u,A,2024-01-01,1,purchase\nu,B,2024-01-02,1,purchase\nu,A,2024-01-03,1,{word}\nv,A,2024-01-01,1,purchase\n"
    shop.write("items.csv", catalogue("AB")).write("events.csv", RETURNS + rows)

    columns = {**COLUMNS, "quantity": "quantity", "kind": "kind"}
    quality = shop.prepare(items={"columns": {"item_id": "sku", "title": "title"}}, events={"columns": columns})

    assert sorted(item for _, item in bought(shop)) == [0, 1]
    assert reasons(quality, "events") == {"event_return": 1, "purchase_undone": 1}


def test_a_negative_quantity_takes_back_as_many_pieces(shop):
    rows = "u,A,2024-01-01,2,\nu,A,2024-01-02,1,\nu,A,2024-01-03,-2,\nv,B,2024-01-01,3,\nv,B,2024-01-02,-3,\n"
    shop.write("items.csv", catalogue("AB")).write("events.csv", RETURNS + rows)

    quality = shop.prepare(
        items={"columns": {"item_id": "sku", "title": "title"}}, events={"columns": {**COLUMNS, "quantity": "quantity"}}
    )

    assert [item for _, item in bought(shop)] == [0]  # one of the two pieces bought first is left
    assert reasons(quality, "events") == {"quantity_not_positive": 2, "purchase_undone": 2}


def test_an_event_id_that_comes_again_with_other_content_is_told_from_a_repeat(shop):
    rows = "u,A,2024-01-01,x\nu,A,2024-01-01,x\nu,B,2024-01-02,x\n"
    shop.write("items.csv", catalogue("AB")).write("events.csv", "user,sku,time,id\n" + rows)

    quality = shop.prepare(
        items={"columns": {"item_id": "sku", "title": "title"}}, events={"columns": {**COLUMNS, "event_id": "id"}}
    )

    assert reasons(quality, "events") == {"event_duplicate": 1, "event_id_taken": 1}


def test_kinds_nobody_mapped_are_listed_with_their_counts(shop):
    rows = "u,A,2024-01-01,view\nu,B,2024-01-02,收藏\nv,B,2024-01-02,收藏\n"
    shop.write("items.csv", catalogue("AB")).write("events.csv", "user,sku,time,kind\n" + rows)

    quality = shop.prepare(
        items={"columns": {"item_id": "sku", "title": "title"}}, events={"columns": {**COLUMNS, "kind": "kind"}}
    )

    assert quality["findings"][0]["values"] == {"收藏": 2}
