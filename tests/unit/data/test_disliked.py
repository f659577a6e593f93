"""The last word on an item: a low rating, a hide or a return is no liking, and the item is kept away."""

import pytest
from small_shop import reasons

from steelyard.adapters.shop.histories import load_histories
from steelyard.adapters.shop.tables import load_shop
from steelyard.config.schema import EventColumns, EventsSource
from steelyard.data.behaviour import kinds_of
from steelyard.serving.history import LoggedHistories

COLUMNS = {"user": "user", "item_id": "sku", "time": "time", "kind": "kind", "rating": "stars"}
STORIES = {
    "rated low": (["purchase", "view", "rating 1"], False),
    "hidden": (["purchase", "hide"], False),
    "in the shop's words": (["purchase", "not_interested"], False),
    "in Chinese": (["purchase", "不感兴趣"], False),
    "bought again": (["rating 1", "purchase"], True),
    "in the cart again": (["hide", "add_to_cart"], True),
    "rated again": (["rating 2", "rating 5"], True),
    "only viewed again": (["hide", "view"], False),
    "sent back": (["view", "purchase", "return"], False),
    "one of two sent back": (["purchase", "purchase", "return"], True),
    "liked": (["rating 4"], True),
}
"""What one user did with one item, day by day, and whether something of it is learnt from."""


def log():
    rows = []
    for number, (story, _) in enumerate(STORIES.values()):
        for day, did in enumerate(story, start=1):
            kind, _, stars = did.partition(" ")
            rows.append(f"u{number},item-{number},2024-01-{day:02d},{kind},{stars}")
    for person in range(12):
        rows += [f"v{person},often,2024-01-{person + 1:02d},purchase,", f"v{person},rare,2024-02-01,purchase,"]
    rows += [f"x{person},often,2024-01-01,hide," for person in range(99)]
    rows += [f"x{person},rare,2024-01-01,hide," for person in range(10)]
    # asked for in the judging period, after v0 hid an item
    rows += ["v0,item-0,2024-01-02,hide,"]
    return "user,sku,time,kind,stars\n" + "".join(f"{row}\n" for row in rows)


@pytest.fixture
def prepared(shop):
    names = [*(f"item-{number}" for number in range(len(STORIES))), "often", "rare"]
    shop.write("items.csv", "sku,title\n" + "".join(f"{name},Thing {name}\n" for name in names))
    shop.write("events.csv", log())
    quality = shop.prepare(items={"columns": {"item_id": "sku", "title": "title"}}, events={"columns": COLUMNS})
    return shop, quality


def test_the_last_word_counts_for_models_lists_and_servers(prepared):
    shop, quality = prepared
    weights = {row["item"]: row["weight"] for row in shop.rows("events") if row["weight"] > 0}
    disliked = [row["item"] for row in shop.rows("disliked") if row["item"] < len(STORIES)]

    assert {story: number in weights for number, story in enumerate(STORIES)} == {
        story: is_learnt for story, (_, is_learnt) in STORIES.items()
    }
    assert sorted(disliked) == [0, *(number for number, (_, is_learnt) in enumerate(STORIES.values()) if not is_learnt)]
    # rated low: purchase, view; hidden and both words: purchase; only viewed; sent back: view
    assert reasons(quality, "events")["event_disliked"] == 2 + 1 + 1 + 1 + 1 + 1

    # 12 like either; 99 dislike the one and 10 the other: that changes nothing of what is learnt
    assert (weights[len(STORIES)], weights[len(STORIES) + 1]) == (5.0, 5.0)

    tables = load_shop(shop.data, max_history=9)
    asked = (*tables.recommend_tuning.requests, *tables.recommend_test.requests)
    assert {request.exclude for request in asked} == {(), (0,)}
    before, later = tables.dislikers  # on 1 January 99 and 10 hid what many buy; v0 hid another thing a day later
    assert before[[len(STORIES), len(STORIES) + 1]].tolist() == [99, 10]
    assert later[0] == 2
    assert (before <= later).all()

    kept = LoggedHistories(load_histories(shop.data)).disliked
    away = {}
    for row in shop.rows("disliked"):
        away.setdefault(row["user"], []).append(row["item"])
    assert {name: sorted(kept.of(name)) for name in away} == {name: sorted(items) for name, items in away.items()}


def test_words_that_the_shop_maps_itself_win():
    columns = EventColumns(user="user", item_id="sku", time="time", kind="kind")

    bare, own = (
        kinds_of(EventsSource(path="events.csv", columns=columns, kinds=kinds)) for kinds in ({}, {"Dislike": "ignore"})
    )

    assert (bare["dislike"], bare["隐藏"], own["dislike"], own["hide"]) == ("hide", "hide", "ignore", "hide")
