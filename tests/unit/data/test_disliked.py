"""The last word on an item: a low rating, a hide or a return is no liking, and the item is kept away."""

import pytest
from small_shop import reasons

from steelyard.adapters.shop.histories import load_histories
from steelyard.adapters.shop.tables import load_shop
from steelyard.serving.history import LoggedHistories

ITEMS = "sku,title\n" + "".join(f"{name},Thing {name}\n" for name in "ABCDE")
BARE = {"columns": {"item_id": "sku", "title": "title"}}
COLUMNS = {"user": "user", "item_id": "sku", "time": "time", "kind": "kind", "rating": "stars"}
OTHERS = "".join(f"v{n},E,2024-01-0{n},purchase,\nv{n},D,2024-02-0{n},purchase,\n" for n in range(1, 9))
LIKED = "".join(f"w{n},C,2024-01-05,rating,5\n" for n in range(3))


def prepared(shop, *rows, **settings):
    log = "user,sku,time,kind,stars\n" + "".join(f"{row}\n" for row in rows) + LIKED + OTHERS
    shop.write("items.csv", ITEMS).write("events.csv", log)
    return shop.prepare(items=BARE, events={"columns": COLUMNS, **settings})


def learnt(shop):
    """Items that are learnt from, of those who disliked something."""
    rows = [row for row in shop.rows("events") if row["weight"] > 0]
    names = {row["user"] for row in shop.rows("disliked")}
    return sorted("ABCDE"[row["item"]] for row in rows if row["user"] in names)


@pytest.mark.parametrize(
    "negative",
    ["u,A,2024-01-03,rating,1", "u,A,2024-01-03,hide,", "u,A,2024-01-03,not_interested,", "u,A,2024-01-03,不感兴趣,"],
)
def test_a_purchase_is_no_liking_once_its_buyer_rated_it_low_or_hid_it(shop, negative):
    quality = prepared(shop, "u,A,2024-01-01,purchase,", "u,A,2024-01-02,view,", "u,B,2024-01-02,purchase,", negative)

    assert learnt(shop) == ["B"]
    assert [("ABCDE"[row["item"]]) for row in shop.rows("disliked")] == ["A"]
    assert reasons(quality, "events")["event_disliked"] == 2


@pytest.mark.parametrize("again", ["purchase", "add_to_cart"])
def test_who_takes_an_item_after_disliking_it_has_come_round(shop, again):
    prepared(shop, "u,A,2024-01-01,rating,1", f"u,A,2024-01-02,{again},", "u,B,2024-01-03,hide,")

    assert ["ABCDE"[row["item"]] for row in shop.rows("disliked")] == ["B"]
    assert learnt(shop) == ["A"]


def test_a_view_after_a_hide_brings_nothing_back(shop):
    prepared(shop, "u,A,2024-01-01,hide,", "u,A,2024-01-02,view,", "u,B,2024-01-03,purchase,")

    assert learnt(shop) == ["B"]


def test_a_return_is_a_dislike_only_where_no_purchase_is_left(shop):
    prepared(
        shop,
        *("u,A,2024-01-01,view,", "u,A,2024-01-02,purchase,", "u,A,2024-01-03,return,"),
        *("u,B,2024-01-01,purchase,", "u,B,2024-01-02,purchase,", "u,B,2024-01-03,return,"),
    )

    assert ["ABCDE"[row["item"]] for row in shop.rows("disliked")] == ["A"]
    assert learnt(shop) == ["B"]


def test_words_the_shop_maps_itself_win(shop):
    prepared(shop, "u,A,2024-01-01,dislike,", "u,A,2024-01-02,purchase,", kinds={"dislike": "ignore"})

    assert shop.rows("disliked") == []


def test_nobody_is_asked_for_what_they_disliked_and_a_server_keeps_it_away(shop):
    prepared(shop, "v1,A,2024-01-02,purchase,", "v1,A,2024-01-04,rating,2", "v2,B,2024-03-01,hide,")

    tables = load_shop(shop.data, max_history=9)
    away = [request.exclude for request in (*tables.recommend_tuning.requests, *tables.recommend_test.requests)]
    state = load_histories(shop.data)
    kept = LoggedHistories(state).disliked
    names = {row["user"]: "ABCDE"[row["item"]] for row in shop.rows("disliked")}

    assert {items for items in away if items} <= {(0,)}
    assert sorted(names.values()) == ["A", "B"]
    assert {name: kept.of(name) for name in names} == {name: ("ABCDE".index(item),) for name, item in names.items()}


def test_an_item_that_most_dislike_weighs_less_for_all_but_no_less_than_half(shop):
    hides = [f"x{n},{item},2024-01-01,hide," for item, people in (("D", 99), ("E", 6)) for n in range(people)]
    prepared(shop, *hides)

    weights = {"ABCDE"[row["item"]]: row["weight"] for row in shop.rows("events") if row["weight"] > 0}

    # D: 8 like it, 99 dislike it; E: 8 and 6; C: nobody dislikes it
    assert weights == {"D": 5 * 1 / 2, "E": 5.0, "C": 3.0}
