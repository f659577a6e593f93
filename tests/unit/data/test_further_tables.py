"""Users' basic information, and questions with their answers."""

import json

import pytest
from small_shop import KEY, Shop, reasons

from steelyard.adapters.shop.basics import load_basics, user_basics
from steelyard.data.privacy import Pseudonyms
from steelyard.errors import DataError
from steelyard.serving.basics import Basics

ITEMS = "sku,title,price\nA1,red kettle,10\nA2,blue kettle,12\n"
EVENTS = "user,sku,time,quantity\nann,A1,2024-05-01 10:00:00,1\nbob,A2,2024-05-02 10:00:00,1\n"
USERS = {"path": "users.csv", "columns": {"user": "customer", "attributes": ["region", "age"]}}
ANSWERS = {"path": "qa.jsonl", "columns": {"question": "q", "answer": "a", "item_id": "sku"}}


@pytest.fixture
def shop(tmp_path):
    return Shop(tmp_path).write("items.csv", ITEMS).write("events.csv", EVENTS)


def prepared(shop, **tables):
    return shop.prepare(events={}, more=tables)


def test_what_is_known_of_a_user_is_joined_to_the_user_of_the_log(shop):
    shop.write("users.csv", "customer,region,age\nbob,North ,31\nann,,\nzoe,South,\nbob,West,9\n,East,1\n")

    quality = prepared(shop, users=USERS)

    found = {row["user"]: row for row in shop.rows("users")}
    ann, bob, zoe = map(Pseudonyms(KEY), ("ann", "bob", "zoe"))
    assert found.keys() == {ann, bob, zoe}
    assert json.loads(found[bob]["attributes"]) == {"region": "North", "age": "31"}
    assert json.loads(found[ann]["attributes"]) == {}
    assert found[zoe]["user_number"] == -1
    numbers = {row["user"]: row["user_number"] for row in shop.rows("events")}
    assert {user: found[user]["user_number"] for user in (ann, bob)} == numbers
    assert reasons(quality, "users") == {
        "basic_user_missing": 1,
        "basic_user_duplicate": 1,
        "basic_user_empty": 1,
        "basic_user_unseen": 1,
    }
    assert quality["rows"]["users"] == {"in": 5, "kept": 3, "quarantined": 2, "merged": 0, "is_balanced": True}


def test_a_model_may_read_what_enough_users_share(shop):
    shop.write("users.csv", "customer,region,age\nbob,North,31\nann,North,9\nzoe,South,\nyan,North,9\n")

    shop.prepare(events={}, more={"users": USERS}, privacy={"least_people": 2})

    told = {row["user"]: json.loads(row["basics"]) for row in shop.rows("users")}
    ann, bob, zoe, yan = map(Pseudonyms(KEY), ("ann", "bob", "zoe", "yan"))
    assert told == {ann: ["region=North", "age=9"], bob: ["region=North"], zoe: [], yan: ["region=North", "age=9"]}
    folder = shop.store.path("data")
    known = Basics(load_basics(folder))
    assert known.of(yan) == ("region=North", "age=9")
    assert known.of(zoe) == ()
    numbers = {row["user"]: row["user_number"] for row in shop.rows("events")}
    by_number = user_basics(folder, n_users=2)
    assert (by_number[numbers[ann]], by_number[numbers[bob]]) == (("region=North", "age=9"), ("region=North",))


def test_a_file_that_names_no_user_is_refused(shop):
    shop.write("users.csv", "customer,region,age\n,North,31\n,South,2\n")

    with pytest.raises(DataError, match=r"none of the 2 rows of \[data.users\] names a user in column 'customer'"):
        prepared(shop, users=USERS)


def test_an_answer_is_joined_to_its_product_or_is_the_shops_own(shop):
    pairs = [
        {"q": "Does it whistle?", "a": "Yes, <b>loudly</b>", "sku": "a1 "},
        {"q": "When do you deliver?", "a": "In two days", "sku": None},
        {"q": "When do you deliver?", "a": "In two days", "sku": None},
        {"q": "How heavy?", "a": "1 kg", "sku": "A9"},
        {"q": "", "a": "nobody asked", "sku": "A1"},
        {"q": "Who answers?", "a": "", "sku": "A1"},
    ]
    shop.write("qa.jsonl", "".join(json.dumps(pair) + "\n" for pair in pairs))

    quality = prepared(shop, answers=ANSWERS)

    assert shop.rows("answers") == [
        {"question": "Does it whistle?", "answer": "Yes, loudly", "item": 0},
        {"question": "When do you deliver?", "answer": "In two days", "item": -1},
    ]
    assert reasons(quality, "answers") == {
        "question_missing": 1,
        "answer_missing": 1,
        "answered_item_unknown": 1,
        "answer_duplicate": 1,
        "answered_item_repaired": 1,
    }


def test_questions_without_any_product_are_read(shop):
    shop.write("qa.jsonl", json.dumps({"q": "Open on Sunday?", "a": "No"}) + "\n")

    prepared(shop, answers={"path": "qa.jsonl", "columns": {"question": "q", "answer": "a"}})

    assert shop.rows("answers") == [{"question": "Open on Sunday?", "answer": "No", "item": -1}]


def test_pairs_of_which_none_can_be_used_are_refused(shop):
    shop.write("qa.jsonl", json.dumps({"q": "Why?", "a": "", "sku": "A1"}) + "\n")

    with pytest.raises(DataError, match=r"none of the 1 rows of \[data.answers\] can be used: answer_missing 1"):
        prepared(shop, answers=ANSWERS)
