"""Queries to learn from: what people did after a search where nobody judged, made ones where people decide."""

from datetime import UTC, datetime, timedelta

import numpy as np
import pyarrow.parquet as pq

from steelyard.adapters.shop.tables import load_shop

START = datetime(2024, 3, 1, tzinfo=UTC)
EVENTS = {"columns": {"user": "user", "item_id": "sku", "time": "time", "kind": "kind", "session": "visit",
                      "query": "query", "position": "rank"}}  # fmt: skip
LOOKED = (1.0, 0.5, 0.25)
LIKED = (0.5, 0.5, 0.1)
"""The second lamp is liked as much as the first and stands below it nine times in ten."""


def catalogue(shop, n=8):
    shop.write("items.csv", "sku,title,price\n" + "".join(f"s{i},brass lamp model {i},{i + 1}\n" for i in range(n)))


def log(*, query="desk light", n_visits=900, n_people=97):
    rng = np.random.default_rng(0)
    lines = ["user,sku,time,kind,visit,query,rank"]
    for visit in range(n_visits):
        at, order = START + timedelta(minutes=20 * visit), [0, 1, 2]
        if rng.random() < 0.1:
            order = [1, 0, 2]
        if rng.random() < 0.1:
            order = [order[0], order[2], order[1]]
        for rank, item in enumerate(order):
            head, tail = f"u{visit % n_people},s{item}", f"v{visit},{query}"
            lines.append(f"{head},{at.isoformat()},impression,{tail},{rank + 1}")
            if rng.random() < LOOKED[rank] * LIKED[item]:
                lines.append(f"{head},{(at + timedelta(seconds=9)).isoformat()},click,{tail},")
    return "\n".join(lines) + "\n"


def judgements(shop, *queries):
    rows = "".join(f"{query},s0,1\n{query},s1,0\n" for query in queries)
    shop.write("judgements.csv", "query,sku,gain\n" + rows)
    return {"judgements": {}}


def stored(shop):
    folder = shop.store.path("data")
    queries = [row for row in pq.read_table(folder / "queries.parquet").to_pylist() if row["part"] == "teaching"]
    gains = pq.read_table(folder / "judgements.parquet").to_pylist()
    return {
        row["query"]: (row["origin"], {g["text"]: g["gain"] for g in gains if g["query_id"] == row["query_id"]})
        for row in queries
    }


def test_what_is_liked_as_much_below_teaches_as_much(shop):
    catalogue(shop)
    shop.write("events.csv", log()).prepare(events=EVENTS)

    origin, gains = stored(shop)["desk light"]

    assert origin == "behaviour"
    assert gains[0] == gains[1] == 3.0
    assert gains[2] < 2.0
    tables = load_shop(shop.store.path("data"), max_history=5)
    assert tables.search_teaching.origin == "behaviour"
    assert not tables.search_teaching.is_synthetic
    assert tables.search_tuning.origin == "synthetic"


def test_a_query_that_few_people_typed_is_not_kept(shop):
    catalogue(shop)
    shop.write("events.csv", log(n_people=3)).prepare(events=EVENTS)

    assert stored(shop) == {}


def test_a_judged_query_teaches_by_its_judgements_alone_in_whatever_order_of_words(shop):
    catalogue(shop)
    shop.write("events.csv", log()).prepare(events=EVENTS, **judgements(shop, "light desk", "lamp"))

    assert "desk light" not in stored(shop)


def test_made_queries_teach_where_people_judged_a_few_and_the_log_says_nothing(shop):
    catalogue(shop)
    shop.prepare(**judgements(shop, "lamp", "brass lamp"))

    assert {origin for origin, _ in stored(shop).values()} == {"synthetic"}
    assert load_shop(shop.store.path("data"), max_history=5).search_teaching.is_synthetic


def test_a_setting_names_what_teaches(shop):
    catalogue(shop)
    shop.write("events.csv", log())
    judged = judgements(shop, "lamp", "brass lamp")

    shop.prepare(events=EVENTS, **judged, models={"taught_by": "judgements"})
    assert stored(shop) == {}
    assert load_shop(shop.store.path("data"), max_history=5).search_teaching is None

    shop.prepare(events=EVENTS, **judged, models={"taught_by": "catalogue"})
    assert {origin for origin, _ in stored(shop).values()} == {"synthetic"}


def test_made_queries_do_not_teach_where_made_ones_judge(shop):
    catalogue(shop)
    shop.prepare(models={"taught_by": "catalogue"})

    assert stored(shop) == {}
