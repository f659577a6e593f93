import json
from datetime import UTC, datetime
from decimal import Decimal

import pyarrow.parquet as pq

from steelyard.adapters.artefacts import Artefacts
from steelyard.adapters.shop.sources import Sources
from steelyard.config import Config
from steelyard.workflows.prepare import prepare

NOW = datetime(2025, 1, 1, tzinfo=UTC)


def test_what_the_shop_does_not_sell_is_never_offered_and_counted(tmp_path):
    rows = "id,title,cat\na,apple,food\nb,unleaded,Fuel\nc,refuel drink,food\nd,Gift Card 10,cards\n"
    (tmp_path / "items.csv").write_text(rows, "utf-8")
    columns = {"item_id": "id", "title": "title", "category": "cat"}
    config = Config.model_validate(
        {"data": {"items": {"path": "items.csv", "not_offered": ["fuel", "gift card"], "columns": columns}}}
    )
    store = Artefacts(tmp_path / "store")

    with Sources(tmp_path) as sources:
        prepare(config, sources=sources, store=store, key=bytes(32), now=NOW, progress=lambda *_: None)

    table = pq.read_table(store.path("data") / "items.parquet").to_pylist()
    assert {row["item_id"]: row["in_stock"] for row in table} == {"a": 1, "b": 0, "c": 1, "d": 0}
    quality = json.loads((store.path("data") / "quality.json").read_text("utf-8"))
    assert {each["reason"]: each["count"] for each in quality["findings"]}["not_offered"] == 2


def test_a_catalogue_without_prices_shows_what_was_paid_and_never_zero(tmp_path):
    (tmp_path / "items.csv").write_text("id,title\na,apple\nb,fuel\nc,pear\n", "utf-8")
    rows = [("u1", "a", 1, 2.00), ("u2", "a", 3, 9.00), ("u3", "a", 1, 4.00), ("u1", "b", 9000, 20.00)]
    lines = [f"{user},{item},2024-01-0{n},{pieces},{paid}" for n, (user, item, pieces, paid) in enumerate(rows, 1)]
    (tmp_path / "orders.csv").write_text("user,id,time,n,paid\n" + "\n".join(lines) + "\n", "utf-8")
    config = Config.model_validate(
        {
            "data": {
                "items": {"path": "items.csv", "columns": {"item_id": "id", "title": "title"}},
                "events": {
                    "path": "orders.csv",
                    "price_is_line_total": True,
                    "columns": {"user": "user", "item_id": "id", "time": "time", "quantity": "n", "price": "paid"},
                },
            }
        }
    )
    store = Artefacts(tmp_path / "store")

    with Sources(tmp_path) as sources:
        prepare(config, sources=sources, store=store, key=bytes(32), now=NOW, progress=lambda *_: None)

    table = pq.read_table(store.path("data") / "items.parquet", columns=["item_id", "price"]).to_pylist()
    assert {row["item_id"]: row["price"] for row in table} == {"a": Decimal("3.00"), "b": Decimal("0.0022"), "c": None}
