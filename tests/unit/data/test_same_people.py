"""One person across channels: identifiers resolved to one, and what cannot be told left alone."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st
from small_shop import KEY, reasons

from steelyard.data.privacy import Pseudonyms
from steelyard.data.same_people import Joined, join_people
from steelyard.errors import DataError

ITEMS = "sku,title,price\n" + "".join(f"s{i},thing {i},1\n" for i in range(6))
LOG = """user,sku,time,quantity
cookie,s0,2024-05-01T10:00:00Z,1
card,s1,2024-05-02T10:00:00Z,1
app,s2,2024-05-03T10:00:00Z,1
bob,s3,2024-05-04T10:00:00Z,1
torn,s4,2024-05-05T10:00:00Z,1
till,s5,2024-05-06T10:00:00Z,1
"""
SAME = "id,of\ncookie,card\napp,card\ntorn,card\ntorn,bob\nlonely,\n" + "".join(f"x{n},till\n" for n in range(8))
known = Pseudonyms(KEY)


@pytest.mark.parametrize(
    ("pairs", "wanted"),
    [
        ([("a", "b"), ("b", "c")], {"a": "c", "b": "c"}),
        ([("b", "a"), ("c", "b"), ("a", "c")], {"b": "a", "c": "a"}),
        ([("a", "a")], {}),
        ([("a", "z"), ("b", "z"), ("a", "z")], {"a": "z", "b": "z"}),
        ([("a", "b"), ("a", "c"), ("b", "c")], {"a": "c", "b": "c"}),
    ],
    ids=["chain", "circle", "itself", "twice", "two ways to one person"],
)
def test_chains_and_circles_come_to_one_person(pairs, wanted):
    assert join_people(pairs, most_ids=50).person_of == wanted


def test_an_identifier_of_two_people_is_joined_to_neither_and_they_stay_two():
    found = join_people([("a", "p"), ("b", "q"), ("torn", "p"), ("torn", "q")], most_ids=50)

    assert (found.person_of, found.claimed) == ({"a": "p", "b": "q"}, {"torn"})


def test_a_card_that_many_share_is_joined_to_nobody_whichever_way_it_is_written():
    many = [(f"u{n}", "till") if n % 2 else ("till", f"u{n}") for n in range(9)]

    found = join_people([*many, ("u1", "u1b")], most_ids=8)

    assert (found.person_of, found.shared) == ({"u1": "u1b"}, {"till"})


def test_a_chain_of_more_identifiers_than_a_person_has_is_joined_to_nobody():
    found = join_people([(f"u{n}", f"u{n + 1}") for n in range(9)], most_ids=8)

    assert found.person_of == {}
    assert len(found.shared) == 10


ids = st.sampled_from("abcdefgh")


@given(st.lists(st.tuples(ids, ids), max_size=14), st.randoms())
def test_the_order_of_the_rows_does_not_count_and_nobody_stands_for_somebody_who_is_joined(pairs, random):
    found = join_people(pairs, most_ids=5)
    mixed = [*pairs, *pairs[:3]]
    random.shuffle(mixed)

    assert join_people(mixed, most_ids=5) == found
    assert not set(found.person_of.values()) & set(found.person_of)
    assert not (found.claimed & found.shared)


def test_all_identifiers_of_a_person_are_found_from_any_of_them():
    joined = Joined({"a": "p", "b": "p", "c": "q"})

    assert joined.others_of(["a", "z"]) == {"a", "b", "p", "z"}
    assert joined.without(frozenset({"b"})).person_of == {"c": "q"}


def prepared(shop, *, same=SAME, **more):
    shop.write("items.csv", ITEMS).write("events.csv", LOG).write("same.csv", same)
    table = {"path": "same.csv", "columns": {"user": "id", "same_as": "of"}, "most_ids": 6}
    return shop.prepare(events={}, more={"same_users": table}, **more)


def test_the_log_has_one_history_of_a_person_and_what_was_not_joined_is_told(shop):
    quality = prepared(shop)

    users = {row["item"]: row["user"] for row in shop.rows("events")}
    assert users[0] == users[1] == users[2] == known("card")
    assert [users[item] for item in (3, 4, 5)] == [known("bob"), known("torn"), known("till")]
    assert {row["user_number"] for row in shop.rows("events") if row["item"] < 3} == {0}
    found = reasons(quality, "same_users")
    assert found == {
        "same_user_joined": 2,
        "same_user_missing": 1,
        "same_user_claimed": 1,
        "same_user_shared": 1,
    }
    stored = json.loads((shop.data / "people.json").read_text())["ids"]
    assert {(row["user"], row["person"]) for row in stored} == {(known(a), known("card")) for a in ("cookie", "app")}
    assert quality["rows"]["same_users"] == {"in": 13, "kept": 13, "quarantined": 0, "merged": 0, "is_balanced": True}
    raw = b"".join(path.read_bytes() for path in shop.data.rglob("*") if path.suffix == ".json")
    assert not any(name in raw for name in (b"cookie", b"torn", b"x1"))


def test_who_was_erased_by_one_identifier_is_left_out_under_all_of_them(shop):
    quality = prepared(shop, erased=frozenset({known("app")}))

    assert {row["item"] for row in shop.rows("events")} == {3, 4, 5}
    assert reasons(quality)["person_erased"] == 3
    assert json.loads((shop.data / "people.json").read_text())["ids"] == []


def test_what_the_shop_expects_of_the_table_is_asked_and_no_identifier_is_listed(shop):
    rules = [
        {"table": "same_users", "min_rows": 13},
        {"table": "same_users", "column": "same_as", "max_missing_share": 0.05},
        {"table": "same_users", "column": "id", "unique": True},
    ]

    with pytest.raises(DataError, match=r"same_users: expected same_as max_missing_share = 0.05; found 0.07692"):
        prepared(shop, expect=rules)

    rows = shop.store.read_json("refused")["expectations"]
    assert sorted((row["kind"], row["is_met"], row["count"]) for row in rows) == [
        ("max_missing_share", False, 1),
        ("min_rows", True, 0),
        ("unique", False, 1),
    ]
    assert not any(row["values"] for row in rows)


def test_a_table_that_came_with_far_fewer_identifiers_than_before_is_told(shop):
    rows = [f"c{n},p{n}\n" for n in range(900)]
    prepared(shop, same="".join(["id,of\n", *rows]))

    quality = prepared(shop, same="".join(["id,of\n", *rows[:300]]))

    assert "drift_rows" in reasons(quality, "same_users")
