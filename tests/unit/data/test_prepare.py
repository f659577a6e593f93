from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest
from small_shop import KEY, reasons

from steelyard.adapters.artefacts import read_state
from steelyard.adapters.shop.histories import load_histories
from steelyard.adapters.shop.tables import load_shop, write_cards
from steelyard.data.privacy import Pseudonyms
from steelyard.errors import ConfigError, DataError

ITEMS = "sku,title,price\nA,Red Mug,2.50\nB,Blue Mug,3\nC,Green Bowl,4\n"
EVENTS = (
    "user,sku,time,quantity\n"
    "u1,A,2024-01-01 10:00,1\nu2,A,2024-01-02 10:00,1\nu1,B,2024-01-03 10:00,2\nu2,C,2024-01-04 10:00,1\n"
    "u1,C,2024-01-05 10:00,1\nu2,B,2024-01-06 10:00,1\nu1,A,2024-01-07 10:00,1\nu2,A,2024-01-08 10:00,1\n"
    "u1,B,2024-01-09 10:00,1\nu3,A,2024-01-10 10:00,1\n"
)


def test_clean_tables_come_back_as_numbers_in_the_order_of_the_catalogue(shop):
    shop.write("items.csv", ITEMS).write("events.csv", EVENTS)

    shop.prepare(events={})
    tables = load_shop(shop.data, max_history=50)

    assert tables.item_ids == ("A", "B", "C")
    assert tables.texts.title == ("Red Mug", "Blue Mug", "Green Bowl")
    np.testing.assert_array_equal(tables.facts.representative, [0, 1, 2])
    assert (tables.learn.n_users, tables.learn.n_items) == (3, 3)
    assert tables.learn_all.times_s.tolist() == sorted(tables.learn_all.times_s)


def test_events_are_cut_at_the_quantiles_of_time(shop):
    shop.write("items.csv", ITEMS).write("events.csv", EVENTS)

    shop.prepare(events={}, split={"test_share": 0.2, "validation_share": 0.2})
    tables = load_shop(shop.data, max_history=50)

    # ten events a day apart: the cuts fall at 0.6 x 9 and 0.8 x 9 days after the first
    assert shop.split()["cut_validation"].startswith("2024-01-06T19:36")
    assert shop.split()["cut_test"].startswith("2024-01-08T14:48")
    assert len(tables.learn.users) == 6
    assert len(tables.learn_all.users) == 8
    assert shop.split()["leakage"]["is_clean"]


def test_targets_are_what_was_taken_after_the_cut_and_not_before(shop):
    shop.write("items.csv", ITEMS + "D,Plate,1\n").write(
        "events.csv", EVENTS.replace("u1,B,2024-01-09", "u1,D,2024-01-09")
    )

    shop.prepare(events={}, split={"test_share": 0.2, "validation_share": 0.2})
    cases = load_shop(shop.data, max_history=2).recommend_test

    # u1 took A B C A before the cut and D after it; u3 has no history
    assert cases.ids == ("test-u0",)
    assert cases.requests[0].history == (2, 0)
    assert cases.requests[0].seen == (1,)
    assert cases.relevant[0].tolist() == [3]
    assert shop.split()["recommend"]["test"]["cold_users"] == 1


def test_seen_targets_count_where_the_rules_let_them_come_back(shop):
    shop.write("items.csv", ITEMS).write("events.csv", EVENTS)

    shop.prepare(events={}, split={"test_share": 0.2, "validation_share": 0.2}, rules={"exclude_seen": False})
    cases = load_shop(shop.data, max_history=2).recommend_test

    assert cases.relevant[0].tolist() == [1]
    assert cases.requests[0].seen == ()


def test_every_bad_row_has_a_reason_and_none_is_lost(shop):
    shop.write("items.csv", ITEMS + ",No id,1\nA,Again,1\nD,,x\nE,Cheap,-1\n")
    bad = (
        "u1,Z,2024-01-11 10:00,1\nu1,,2024-01-11 10:00,1\nu1,A,yesterday,1\nu1,A,2031-01-01,1\nu1,A,1970-01-01,1\n"
        "u1,A,2024-01-11 11:00,-3\nu1,A,2024-01-11 11:00,many\nu1,A,2024-01-01 10:00,1\n,A,2024-01-12 10:00,1\n"
    )
    shop.write("events.csv", EVENTS + bad)

    quality = shop.prepare(events={})

    assert reasons(quality, "items") == {
        "item_id_missing": 1,
        "item_id_duplicate": 1,
        "title_missing": 1,
        "price_not_a_number": 1,
        "price_not_positive": 1,
    }
    assert reasons(quality, "events") == {
        "event_item_unknown": 1,
        "event_item_missing": 1,
        "event_time_unreadable": 1,
        "event_time_in_future": 1,
        "event_time_implausible": 1,
        "quantity_not_positive": 1,
        "quantity_not_a_number": 1,
        "event_duplicate": 1,
        "purchase_undone": 2,
        "event_user_missing": 1,
    }
    assert quality["rows"]["items"] == {"in": 7, "kept": 5, "quarantined": 2, "merged": 0, "is_balanced": True}
    assert quality["rows"]["events"] == {"in": 19, "kept": 9, "quarantined": 10, "merged": 0, "is_balanced": True}
    assert [row["reason"] for row in shop.rows("quarantine/items")] == ["item_id_missing", "item_id_duplicate"]
    assert {row["price_text"] for row in shop.rows("quarantine/items_values")} == {"x", "-1"}


def test_no_raw_user_is_found_in_any_file(shop):
    events = EVENTS.replace("u1", "marker-alice@example.org").replace("u2", "marker-bob").replace("u3", "标记王五")
    shop.write("items.csv", ITEMS)
    shop.write("events.csv", events + "marker-carol,Z,2024-01-11,1\nmarker-dora,A,2024-01-11,1,too,many\n", "gb18030")

    shop.prepare(events={})

    for path in (shop.folder / "work").rglob("*"):
        content = path.read_bytes() if path.is_file() else b""
        assert b"marker" not in content, path
        assert "标记".encode() not in content, path
        assert "标记".encode("gb18030") not in content, path
    users = {row["user"] for row in shop.rows("events")}
    assert users == {Pseudonyms(KEY)(raw) for raw in ("marker-alice@example.org", "marker-bob", "标记王五")}


def test_lines_that_cannot_be_cut_into_columns_are_counted(shop):
    shop.write("items.csv", ITEMS + "D,Plate,1,2,3\n")

    quality = shop.prepare()

    assert reasons(quality) == {"row_malformed": 1}
    assert quality["rows"]["items"]["in"] == 4
    assert quality["rows"]["items"]["quarantined"] == 1


def test_a_log_gives_the_most_frequent_title_and_the_median_price(shop):
    log = (
        "sku,title,price,user,time,quantity\n"
        "A,Red Mug,2,u1,2024-01-01,1\nA,RED MUG 2,3,u2,2024-01-02,1\nA,Red Mug,9,u2,2024-01-03,1\n"
        "A,,0,u1,2024-01-04,1\n"
        "B,Bowl,1.5,u1,2024-01-05,1\n"
    )
    shop.write("items.csv", log)

    quality = shop.prepare(items={"is_log": True}, events={"path": "items.csv"})

    assert [(row["item_id"], row["title"], str(row["price"])) for row in shop.rows("items")] == [
        ("A", "Red Mug", "3.0000"),
        ("B", "Bowl", "1.5000"),
    ]
    assert quality["rows"]["items"] == {"in": 5, "kept": 2, "quarantined": 0, "merged": 3, "is_balanced": True}


def test_items_that_read_the_same_share_a_text_and_the_most_taken_in_stock_stands_for_it(shop):
    items = "sku,title,price,stock\nA,Red Mug,1,5\nB,ＲＥＤ  mug,2,5\nC,red mug,3,0\nD,Bowl,1,1\n"
    shop.write("items.csv", items).write("events.csv", EVENTS.replace(",A,", ",C,"))

    shop.prepare(items={"columns": {"item_id": "sku", "title": "title", "price": "price", "stock": "stock"}}, events={})
    facts = load_shop(shop.data, max_history=5).facts

    assert facts.text_of_item.tolist() == [0, 0, 0, 1]
    assert facts.in_stock.tolist() == [1, 1, 0, 1]
    assert facts.representative.tolist() == [1, 3]


def test_judgements_keep_zeros_and_take_the_highest_gain_of_a_shared_text(shop):
    shop.write("items.csv", ITEMS + "A2,red mug,1\n")
    judged = "query,sku,gain\nmug,A,1\nmug,A2,3\nMUG ,B,2\nmug,C,0\nbowl,C,2\nbowl,Z,1\nbowl,A,-1\nbowl,C,1\n"
    shop.write("judgements.csv", judged)

    quality = shop.prepare(judgements={})
    tables = load_shop(shop.data, max_history=5)

    assert reasons(quality, "judgements") == {
        "query_judged_item_unknown": 1,
        "gain_negative": 1,
        "judgement_duplicate": 1,
    }
    cases = {
        request.query: dict(zip(relevant.tolist(), gains.tolist(), strict=True))
        for part in (tables.search_tuning, tables.search_test)
        for request, relevant, gains in zip(part.requests, part.relevant, part.gains, strict=True)
    }
    assert cases == {"mug": {0: 3.0, 1: 2.0, 2: 0.0}, "bowl": {2: 2.0}}
    assert not tables.search_test.is_synthetic
    assert len(tables.search_tuning.ids) == len(tables.search_test.ids) == 1


def test_without_judgements_queries_are_made_and_say_so(shop):
    shop.write("items.csv", ITEMS)

    shop.prepare(split={"synthetic_queries": 4})
    tables = load_shop(shop.data, max_history=5)

    assert tables.search_test.is_synthetic
    assert tables.search_test.ids
    assert set(tables.search_test.ids).isdisjoint(tables.search_tuning.ids)
    assert tables.learn.users.tolist() == []
    assert tables.recommend_test.ids == ()


def test_made_queries_stand_beside_judged_ones_and_neither_tune_nor_judge(shop):
    shop.write("items.csv", ITEMS)
    shop.write("judgements.csv", "query,sku,gain\nmug,A,1\nbowl,C,2\n")

    shop.prepare(judgements={}, split={"synthetic_beside": 4})
    tables = load_shop(shop.data, max_history=5)

    beside = tables.search_test.beside
    assert beside is not None and beside.is_synthetic and beside.requests
    assert all(gains.size and (gains > 0).all() for gains in beside.gains)
    judged = {*tables.search_tuning.ids, *tables.search_test.ids}
    assert len(judged) == 2 and judged.isdisjoint(beside.ids)
    assert not tables.search_test.is_synthetic and tables.search_tuning.beside is None


def test_a_query_many_people_typed_is_shown_as_an_example(shop):
    searches = "".join(f"p{i},,2024-01-{1 + i % 28:02d} 09:00,search,Teapot\n" for i in range(20))
    rare = "p1,,2024-01-01 09:30,search,my secret address\n"
    taken = "p1,A,2024-01-01 10:00,buy,\np2,B,2024-01-02 10:00,buy,\n"
    shop.write("items.csv", ITEMS).write("events.csv", "user,sku,time,kind,query\n" + searches + rare + taken)
    columns = {"user": "user", "item_id": "sku", "time": "time", "kind": "kind", "query": "query"}

    shop.prepare(events={"columns": columns, "kinds": {"buy": "purchase"}})

    assert load_shop(shop.data, max_history=5).query_examples == ("teapot",)
    write_cards(shop.data, shop.data)
    stored = read_state(shop.data)
    assert stored.facts["queries"] == {"query": ["teapot"], "users": [20]}
    assert stored.arrays["sold"].tolist()[:2] == [1, 1]


def test_a_kind_nobody_mapped_is_quarantined_and_a_wrong_mapping_refused(shop):
    shop.write("items.csv", ITEMS)
    shop.write("events.csv", "user,sku,time,kind\nu,A,2024-01-01,view\nu,B,2024-01-02,wish\n")
    columns = {"user": "user", "item_id": "sku", "time": "time", "kind": "kind"}

    quality = shop.prepare(events={"columns": columns})

    assert reasons(quality, "events") == {"event_kind_unknown": 1}
    with pytest.raises(ConfigError, match=r"wish.*buy_later"):
        shop.prepare(events={"columns": columns, "kinds": {"wish": "buy_later"}})


@pytest.mark.parametrize("events", ["u1,A,2024-01-01,1\n", "u1,A,2024-01-01,1\nu1,B,2024-01-01,1\n"])
def test_events_at_one_instant_are_all_learnt_from(shop, events):
    shop.write("items.csv", ITEMS).write("events.csv", "user,sku,time,quantity\n" + events)

    shop.prepare(events={})
    tables = load_shop(shop.data, max_history=5)

    assert len(tables.learn.users) == events.count("\n")
    assert tables.recommend_test.ids == ()


def test_one_item_is_a_shop(shop):
    shop.write("items.csv", "sku,title,price\nA,Mug,1\n")

    shop.prepare()

    assert load_shop(shop.data, max_history=5).item_ids == ("A",)


@pytest.mark.parametrize(
    ("items", "message"),
    [
        ("sku,title,price\n", "no rows"),
        ("sku,title,price\n,Mug,1\n", "item_id_missing 1"),
        (
            "sku,title,price\nA,Mug,dear\nB,Bowl,cheap\n",
            r"'price' can be read as price, for example \['dear', 'cheap'\]",
        ),
    ],
)
def test_a_catalogue_that_would_give_nonsense_is_refused(shop, items, message):
    shop.write("items.csv", items)

    with pytest.raises(DataError, match=message):
        shop.prepare()

    assert not shop.store.has("data")


def test_ids_that_do_not_match_are_shown_side_by_side(shop):
    shop.write("items.csv", ITEMS).write("events.csv", "user,sku,time,quantity\nu,001,2024-01-01,1\n")

    with pytest.raises(DataError, match=r"\['001'\].*\['A', 'B', 'C'\]"):
        shop.prepare(events={})


def test_the_same_files_give_the_same_artefact(shop):
    shop.write("items.csv", ITEMS).write("events.csv", EVENTS)

    shop.prepare(events={})
    first = shop.store.digest("data")
    shop.prepare(events={})

    assert shop.store.digest("data") == first


def test_cards_are_found_by_their_offsets(shop, tmp_path):
    import json

    items = 'sku,title,price,category,specs\nA,Mug,2.5,Kitchen > Mugs,"{""Colour"": ""Red"", ""cm"": 9}"\nB,,,,\n'
    shop.write("items.csv", items)
    columns = {"item_id": "sku", "title": "title", "price": "price", "category": "category", "attributes": "specs"}
    shop.prepare(items={"columns": columns}, split={"synthetic_queries": 0})
    out = Path(tmp_path / "cards")
    out.mkdir()

    write_cards(shop.data, out)

    offsets = read_state(out).arrays["offsets"]
    lines = (out / "cards.jsonl").read_bytes()
    cards = [json.loads(lines[a:b]) for a, b in pairwise(offsets)]
    assert cards[0] == {
        "item_id": "A",
        "title": "Mug",
        "description": "",
        "category": ["Kitchen", "Mugs"],
        "brand": "",
        "price": "2.50",
        "stock": None,
        "image": "",
        "attributes": {"Colour": "Red", "cm": "9"},
    }
    assert (cards[1]["title"], cards[1]["price"]) == ("B", None)


def test_a_shop_without_a_log_has_histories_of_nobody(shop):
    shop.write("items.csv", "sku,title,price\na,steel pan,3\nb,copper kettle,4\n").prepare()

    state = load_histories(shop.data)

    assert shop.rows("events") == []
    assert (state.arrays["pseudonyms"].size, state.arrays["items"].size) == (0, 0)
