"""A load is compared with the one accepted before it: twelve kinds of change are seen, chance is not."""

import csv
import io
from datetime import UTC, datetime, timedelta
from itertools import pairwise

import numpy as np
import pytest
from tests.unit.data.small_shop import NOW, Shop

from steelyard.data.loads.drift import drift_findings
from steelyard.data.loads.profile import BINS_A_DECADE
from steelyard.documents.profile import ColumnProfile, TableProfile
from steelyard.errors import DataError

ENGLISH = "small large warm light heavy cotton kitchen garden table chair lamp basket green brown round winter".split()
GERMAN = "kleine große warme leichte schwere Baumwolle Küche Gärten Tische Stühle Leuchten Körbe grüne".split()
ITEM_COLUMNS = {"item_id": "sku", "title": "title", "price": "price", "brand": "brand"}
EVENT_COLUMNS = {"user": "user", "item_id": "sku", "time": "time", "kind": "kind", "quantity": "quantity"}


def draw(seed, *, n_items=400, n_events=1500):
    """The rows of one day: the catalogue is nearly the same every day, the log is drawn anew."""
    fixed, day = np.random.default_rng(1), np.random.default_rng(seed)
    items = [
        {
            "sku": f"{100000 + n}",
            "title": f"{' '.join(fixed.choice(ENGLISH, 4))} {n}",
            "price": f"{fixed.lognormal(3, 0.8) * day.normal(1, 0.01):.2f}",
            "brand": f"brand {fixed.integers(8)}",
        }
        for n in range(n_items)
    ]
    weights = np.array([1] * 8 + [3, 5, 6, 7, 8, 8, 7, 6, 7, 8, 9, 9, 7, 5, 3, 2], dtype=float)
    at = day.choice(24, n_events, p=weights / weights.sum())
    events = [
        {
            "user": f"u{day.integers(300)}",
            "sku": f"{100000 + day.integers(n_items)}",
            "time": datetime(2024, 5, 30, int(hour), int(day.integers(60)), int(day.integers(60)), tzinfo=UTC),
            "kind": str(day.choice(["view", "add_to_cart", "purchase"], p=[0.8, 0.12, 0.08])),
            "quantity": str(1 + day.poisson(0.3)),
        }
        for hour in at
    ]
    return items, events


def text_of(rows):
    out = io.StringIO()
    writer = csv.DictWriter(out, list(rows[0]))
    writer.writeheader()
    writer.writerows({name: f"{v:%Y-%m-%d %H:%M:%S}" if isinstance(v, datetime) else v for name, v in row.items()}
                     for row in rows)  # fmt: skip
    return out.getvalue()


def load(shop, items, events, **options):
    shop.write("items.csv", text_of(items)).write("events.csv", text_of(events))
    return shop.prepare(
        items={"columns": ITEM_COLUMNS}, events={"columns": EVENT_COLUMNS}, now=NOW + timedelta(days=9), **options
    )


@pytest.fixture(scope="module")
def shop(tmp_path_factory):
    opened = Shop(tmp_path_factory.mktemp("drift"))
    load(opened, *draw(7), accept=())
    return opened


def changed(rows, name, change):
    return [{**row, name: change(n, row[name])} for n, row in enumerate(rows)]


CHANGES = {
    "drift_unit": lambda i, e: (changed(i, "price", lambda n, v: f"{float(v) * 100:.0f}"), e),
    "drift_currency": lambda i, e: (changed(i, "price", lambda n, v: f"€{v}"), e),
    "drift_currency (rate)": lambda i, e: (changed(i, "price", lambda n, v: f"{float(v) * 7.2:.2f}"), e),
    "drift_distribution": lambda i, e: (changed(i, "price", lambda n, v: "9.99" if n % 2 else v), e),
    "drift_missing": lambda i, e: (changed(i, "brand", lambda n, v: "" if n % 5 == 0 else v), e),
    "drift_language": lambda i, e: (
        changed(i, "title", lambda n, v: f"{' '.join(GERMAN[(n * k) % 13] for k in range(1, 5))} {n}"), e,
    ),
    "drift_ids": lambda i, e: (
        changed(i, "sku", lambda n, v: f"SKU-{v}"), changed(e, "sku", lambda n, v: f"SKU-{v}"),
    ),
    "drift_type": lambda i, e: (changed(i, "brand", lambda n, v: str(n % 8)), e),
    "drift_new_values": lambda i, e: (changed(i, "brand", lambda n, v: "brand new" if n % 20 == 0 else v), e),
    "drift_rows": lambda i, e: (i, e[: len(e) // 2]),
    "drift_duplicates": lambda i, e: (i, [*e, *e[:100]]),
    "drift_time_zone": lambda i, e: (i, changed(e, "time", lambda n, v: v + timedelta(hours=8))),
}  # fmt: skip


@pytest.mark.parametrize("name", CHANGES)
def test_a_change_stops_the_load_and_is_called_by_its_name(shop, name):
    before = shop.store.digest("data")

    with pytest.raises(DataError) as stopped:
        load(shop, *CHANGES[name](*draw(8)), accept=())

    assert name.split()[0] in str(stopped.value)
    assert f"--accept {name.split()[0]}" in str(stopped.value)
    assert shop.store.digest("data") == before


def test_a_column_that_is_renamed_stops_the_load_with_the_nearest_name(shop):
    items, events = draw(8)

    with pytest.raises(DataError, match="price"):
        load(shop, [{("cost" if k == "price" else k): v for k, v in row.items()} for row in items], events, accept=())


def test_another_clean_day_changes_nothing(shop):
    quality = load(shop, *draw(9), accept=())

    assert [row["reason"] for row in quality["findings"] if row["reason"].startswith("drift_")] == []


def day_of(generator, n=800):
    """The profile of a day's log drawn from the same shop."""
    prices = generator.lognormal(3, 1, n)
    sizes = np.unique(np.round(np.log10(prices) * BINS_A_DECADE).astype(int), return_counts=True)
    hours = np.bincount(generator.choice(24, n, p=np.arange(1, 25) / 300), minlength=24)
    kinds = generator.multinomial(n, [0.9, 0.07, 0.03])
    missing = generator.binomial(n, 0.05) / n
    price = ColumnProfile(
        kind="number", columns=("price",), n=n, missing=missing, numeric=1.0,
        sizes={str(b): int(c) for b, c in zip(*sizes, strict=True)},
    )  # fmt: skip
    time = ColumnProfile(kind="time", columns=("time",), n=n, missing=0.0, hours=tuple(int(h) for h in hours))
    kind = ColumnProfile(
        kind="text", columns=("kind",), n=n, missing=0.0,
        values={k: int(c) for k, c in zip(("view", "cart", "buy"), kinds, strict=True)},
    )  # fmt: skip
    rows = int(n * generator.uniform(0.8, 1.25))
    return TableProfile(
        wanted="w", n_rows=rows, duplicates=generator.binomial(n, 0.01) / n,
        columns={"price": price, "time": time, "kind": kind},
    )  # fmt: skip


def test_of_three_hundred_clean_days_three_at_most_raise_an_alarm():
    generator = np.random.default_rng(5)
    days = [day_of(generator) for _ in range(301)]

    alarms = sum(bool(drift_findings(a, b, table="events")) for a, b in pairwise(days))

    assert alarms <= 3


def test_other_files_and_small_tables_are_not_compared():
    generator = np.random.default_rng(6)
    small, other = day_of(generator, n=100), TableProfile(wanted="x", n_rows=9000, duplicates=0.9)

    assert drift_findings(small, day_of(generator), table="events") == []
    assert drift_findings(other, day_of(generator), table="events") == []
