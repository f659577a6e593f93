"""Attributes that know what sold after the cut (leakage from features), and loads that clocks and retries disturb."""

import hashlib
import random
from datetime import timedelta

import pyarrow.parquet as pq
import pytest
from small_shop import NOW, reasons

N = 60


def log(rng, *, n=1500):
    """Sales of which the last tenth goes to other items than the rest."""
    rows = []
    for number in range(n):
        is_late = number > 0.9 * n
        item = min(int(rng.expovariate(0.15)), N - 1)
        item = N - 1 - item if is_late else item
        day, second = divmod(number, 50)
        rows.append(
            (f"u{rng.randrange(90)}", f"S{item}", f"2024-04-{day % 28 + 1:02d} 10:{second:02d}:{number % 60:02d}")
        )
    return sorted(rows, key=lambda row: row[2])


def write_log(shop, rows):
    shop.write("events.csv", "user,sku,time\n" + "".join(",".join(row) + "\n" for row in rows))


EVENTS = {"columns": {"user": "user", "item_id": "sku", "time": "time"}}
PLAIN = {"columns": {"item_id": "sku", "title": "title"}}


def test_an_attribute_that_knows_the_test_period_is_told_and_one_of_the_past_is_not(shop):
    rows = log(random.Random(3))
    late = rows[int(0.9 * len(rows)) :]
    sold_later = [sum(row[1] == f"S{item}" for row in late) for item in range(N)]
    weights = [random.Random(item).random() for item in range(N)]
    lines = [f"S{i},lamp of kind {i},{sold_later[i]},{weights[i]:.3f},{'red' if i % 2 else ''}" for i in range(N)]
    shop.write("items.csv", "sku,title,sold_next,weight,colour\n" + "\n".join(lines) + "\n")
    write_log(shop, rows)
    columns = {**PLAIN["columns"], "attributes": ["sold_next", "weight", "colour"]}

    quality = shop.prepare(items={"columns": columns}, events=EVENTS)
    without = shop.prepare(items={"columns": {**columns, "attributes": ["weight", "colour"]}}, events=EVENTS)

    (found,) = [f for f in quality["findings"] if f["reason"] == "column_knows_future"]
    assert [name.partition(" ")[0] for name in found["values"]] == ["sold_next"]
    assert found["count"] == N
    assert "column_knows_future" not in reasons(without)


def digest(shop):
    rows = pq.read_table(shop.data / "events.parquet").to_pylist()
    return hashlib.sha256(repr(rows).encode()).hexdigest()


@pytest.fixture
def log_shop(shop):
    shop.write("items.csv", "sku,title\n" + "".join(f"S{i},lamp of kind {i}\n" for i in range(N)))
    return shop


def test_a_clock_that_is_a_day_off_or_jumps_back_an_hour_changes_no_event(log_shop):
    write_log(log_shop, log(random.Random(5), n=300))

    found = set()
    for off in (timedelta(0), timedelta(days=1), timedelta(days=-1), timedelta(hours=-1)):
        log_shop.prepare(items=PLAIN, events=EVENTS, now=NOW + off)
        found.add(digest(log_shop))

    assert len(found) == 1


def test_events_sent_one_to_five_times_and_shuffled_within_an_hour_are_as_if_sent_once(log_shop):
    rng = random.Random(7)
    rows = [(*row, f"e{number}") for number, row in enumerate(log(rng, n=300))]
    columns = {**EVENTS["columns"], "event_id": "id"}

    def prepared(written):
        log_shop.write("events.csv", "user,sku,time,id\n" + "".join(",".join(row) + "\n" for row in written))
        quality = log_shop.prepare(items=PLAIN, events={"columns": columns})
        return quality, digest(log_shop)

    _, once = prepared(rows)
    again = [row for row in rows for _ in range(rng.randint(1, 5))]
    late = sorted(range(len(again)), key=lambda at: (again[at][2][:13], rng.random()))
    quality, often = prepared([again[at] for at in late])

    assert often == once
    assert reasons(quality)["event_duplicate"] == len(again) - len(rows)
