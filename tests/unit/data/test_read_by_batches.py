"""Prepared tables that are read a few events at a time are those that are read at once."""

import numpy as np

from steelyard.adapters.shop.histories import load_histories
from steelyard.adapters.shop.tables import load_shop

N = 90


def log_of_strangers():
    """Events of users and items in no order, some of nobody and some that nothing is learnt from."""
    random = np.random.default_rng(11)
    lines = ["user,sku,time,kind"]
    for place in range(N):
        user, item = random.integers(0, 15), random.integers(0, 8)
        kind = random.choice(["view", "purchase", "impression"])
        name = "" if user == 14 else f"u{user}"
        lines.append(f"{name},I{item},2024-02-{1 + place // 5:02} {place % 24:02}:00,{kind}")
    return "\n".join(lines) + "\n"


def test_batches_of_any_size_give_the_same_tables(shop, monkeypatch):
    shop.write("items.csv", "sku,title,price\n" + "".join(f"I{item},Cup number {item},2\n" for item in range(8)))
    shop.write("events.csv", log_of_strangers())
    shop.prepare(events={"columns": {"user": "user", "item_id": "sku", "time": "time", "kind": "kind"}})
    whole, histories = load_shop(shop.data, max_history=4), load_histories(shop.data)

    monkeypatch.setattr("steelyard.adapters.shop.tables._BATCH_EVENTS", 7)
    monkeypatch.setattr("steelyard.adapters.shop.histories._BATCH_EVENTS", 3)
    again, histories_again = load_shop(shop.data, max_history=4), load_histories(shop.data)

    assert 0 < len(whole.learn.users) < len(whole.learn_all.users) < N
    for name in ("users", "items", "times_s", "weights"):
        np.testing.assert_array_equal(getattr(again.learn_all, name), getattr(whole.learn_all, name))
    assert again.recommend_test.requests == whole.recommend_test.requests
    for name, array in histories.arrays.items():
        np.testing.assert_array_equal(histories_again.arrays[name], array)
