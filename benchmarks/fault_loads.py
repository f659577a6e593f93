"""R8 and R21: loads under clocks that jump, and loads whose files changed since the one before."""

from __future__ import annotations

import tempfile
import threading
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path

import numpy as np

from fault_server import Server, ask
from fault_shop import PreparedShop, Row, verb, write_csv
from steelyard.errors import DataError

Items, Events = list[dict[str, str]], list[dict[str, str]]
_ENGLISH = "small large warm light heavy cotton kitchen garden table chair lamp basket green brown café crème".split()
_GERMAN = "kleine große warme leichte schwere Baumwolle Küche Gärten Tische Stühle Leuchten Körbe grüne".split()
SETTINGS = {
    "shop": {"name": "Loads"},
    "data": {
        "items": {"path": "items.csv",
                  "columns": {"item_id": "sku", "title": "title", "price": "price", "brand": "brand"}},
        "events": {"path": "events.csv", "columns": {"user": "user", "item_id": "sku", "time": "time", "kind": "kind",
                                                     "quantity": "quantity"}},
    },
    "split": {"synthetic_queries": 20},
}  # fmt: skip
TOML = """
[shop]
name = "Loads"
[data.items]
path = "items.csv"
columns = { item_id = "sku", title = "title", price = "price", brand = "brand" }
[data.events]
path = "events.csv"
columns = { user = "user", item_id = "sku", time = "time", kind = "kind", quantity = "quantity" }
[models]
search = ["lexical"]
recommend = ["popularity"]
[measure]
timed_requests = 20
http_best = 0
bootstrap = 100
check_seconds = 1
quiet_wait_s = 0
[decide.search]
min_quality_share = 0.1
max_p99_ms = 5000
[decide.recommend]
min_quality_share = 0.1
max_p99_ms = 5000
"""


def day(seed: int, *, n_items: int = 400, n_events: int = 1500, ends: datetime | None = None) -> tuple[Items, Events]:
    """The files of one day: the catalogue nearly the same, the log drawn anew, busier and quieter by the day."""
    fixed, draw = np.random.default_rng(1), np.random.default_rng(seed)
    ends = ends or datetime(2024, 5, 31, tzinfo=UTC)
    items = []
    for n in range(n_items + int(draw.integers(0, 6))):
        price = fixed.lognormal(3, 0.8) * draw.normal(1, 0.01) * (0.8 if draw.random() < 0.03 else 1.0)
        title = f"{' '.join(fixed.choice(_ENGLISH, 4))} {n}"
        brand = "" if draw.random() < 0.02 else f"brand {fixed.integers(8)}"
        items.append({"sku": f"{100000 + n}", "title": title, "price": f"{price:.2f}", "brand": brand})
    weights = np.array([1] * 8 + [3, 5, 6, 7, 8, 8, 7, 6, 7, 8, 9, 9, 7, 5, 3, 2], dtype=float)
    n_events = int(n_events * draw.uniform(0.85, 1.18))
    at = draw.choice(24, n_events, p=weights / weights.sum()) * 3600 + draw.integers(0, 3600, n_events)
    days = draw.integers(1, 22, n_events)
    events = [
        {
            "user": f"u{draw.integers(300)}",
            "sku": f"{100000 + draw.integers(n_items)}",
            "time": f"{ends - timedelta(days=int(d)) + timedelta(seconds=int(s)):%Y-%m-%d %H:%M:%S}",
            "kind": str(draw.choice(["view", "add_to_cart", "purchase"], p=[0.8, 0.12, 0.08])),
            "quantity": str(1 + draw.poisson(0.3)),
        }
        for d, s in zip(days, at, strict=True)
    ]
    return items, events


def write(folder: Path, items: Items, events: Events, *, encoding: str = "utf-8") -> None:
    folder.mkdir(parents=True, exist_ok=True)
    for name, rows in (("items", items), ("events", events)):
        names = list(dict.fromkeys(key for row in rows for key in row))
        own = encoding if name == "items" else "utf-8"
        write_csv(folder / f"{name}.csv", names, ([row.get(key, "") for key in names] for row in rows), own)


def clock_rows(*, quick: bool) -> list[Row]:
    """R8: the same files under different clocks; events from the future, leap seconds and days that are none."""
    usual = datetime(2024, 3, 3, 12, tzinfo=UTC)
    clocks = {
        "as it is": usual, "a day ahead": usual + timedelta(days=1), "a day behind": usual - timedelta(days=1),
        "back by an hour": usual - timedelta(hours=1), "before midnight": usual.replace(hour=23, minute=59, second=59),
        "a year ahead": usual.replace(year=2025), "29 February": datetime(2024, 2, 29, 23, 59, 59, 999_999, tzinfo=UTC),
        "29 February four years on": datetime(2028, 2, 29, tzinfo=UTC),
    }  # fmt: skip
    if quick:
        clocks = dict(list(clocks.items())[:4])
    items, events = day(1, ends=datetime(2024, 3, 1, tzinfo=UTC), n_events=800)
    events = [row for row in events if row["time"] < "2024-02-29"]
    odd = [
        {**events[n], "user": f"odd {n}", "time": time}
        for n, time in enumerate(["2016-12-31 23:59:60", "2015-06-30 23:59:60", "2024-02-29 00:00:00"] * 4)
    ]
    n_future, digests, future, crashes = 37, set(), set(), 0
    with tempfile.TemporaryDirectory() as name:
        for what, now in clocks.items():
            ahead = f"{now + timedelta(days=3):%Y-%m-%d %H:%M:%S}"
            late = [{**events[n], "user": f"later {n}", "time": ahead} for n in range(n_future)]
            shop = PreparedShop(Path(name) / what, SETTINGS)
            write(shop.folder, items, events + odd + late)
            try:
                quality = shop.prepare(now)
            except Exception as error:  # noqa: BLE001 - counted: any is one too many
                crashes += 1
                print(f"     R8 {what}: {type(error).__name__}: {error}")
                continue
            found = {one.reason: one.count for one in quality.findings if one.table == "events"}
            digests.add(shop.digest())
            future.add(found.get("event_time_in_future", 0))
            unread = {reason: count for reason, count in found.items() if "unread" in reason or "not_a_time" in reason}
            print(f"     R8 {what}: {shop.n_rows()} events kept, {found.get('event_time_in_future', 0)} of {n_future} "
                  f"from the future put aside, unreadable {unread}", flush=True)  # fmt: skip
    is_kept = not crashes and len(digests) == 1 and future == {n_future}
    return [
        Row(
            "R8",
            f"one log prepared under {len(clocks)} clocks (handed in; libfaketime is not needed), with leap seconds, "
            f"29 February and {n_future} events of three days later",
            "one digest, all events of the future put aside, 0 crashes",
            f"{len(digests)} digest(s), {sorted(future)} put aside, {crashes} crashes",
            is_kept,
        )
    ]


def _with(rows: list[dict[str, str]], name: str, change: Callable[[int, str], str]) -> list[dict[str, str]]:
    return [{**row, name: change(n, row[name])} for n, row in enumerate(rows)]


def _moved(text: str, hours: int) -> str:
    return f"{datetime.fromisoformat(text) + timedelta(hours=hours):%Y-%m-%d %H:%M:%S}"


def _epoch(text: str, factor: float) -> str:
    return f"{datetime.fromisoformat(text).replace(tzinfo=UTC).timestamp() * factor:.0f}"


Change = Callable[[Items, Events], tuple[Items, Events]]
CHANGES: dict[str, Change] = {
    "a column renamed": lambda i, e: ([{("cost" if k == "price" else k): v for k, v in row.items()} for row in i], e),
    "a column dropped": lambda i, e: ([{k: v for k, v in row.items() if k != "brand"} for row in i], e),
    "another type": lambda i, e: (_with(i, "brand", lambda n, v: str(n % 8)), e),
    "unit × 100": lambda i, e: (_with(i, "price", lambda n, v: f"{float(v) * 100:.0f}"), e),
    "another currency, marked": lambda i, e: (_with(i, "price", lambda n, v: f"€{v}"), e),
    "another currency, not marked": lambda i, e: (_with(i, "price", lambda n, v: f"{float(v) * 7.2:.2f}"), e),
    "a new value": lambda i, e: (_with(i, "brand", lambda n, v: "brand new" if n % 20 == 0 else v), e),
    "a new kind of event": lambda i, e: (i, _with(e, "kind", lambda n, v: "wishlist" if n % 25 == 0 else v)),
    "missing values": lambda i, e: (_with(i, "brand", lambda n, v: "" if n % 5 == 0 else v), e),
    "another distribution": lambda i, e: (_with(i, "price", lambda n, v: "9.99" if n % 2 else v), e),
    "another form of ids": lambda i, e: (
        _with(i, "sku", lambda n, v: f"SKU-{v}"), _with(e, "sku", lambda n, v: f"SKU-{v}")),
    "another language": lambda i, e: (
        _with(i, "title", lambda n, v: f"{' '.join(_GERMAN[(n * k) % 13] for k in range(1, 5))} {n}"), e),
    "another encoding": lambda i, e: (i, e),
    "another time zone": lambda i, e: (i, _with(e, "time", lambda n, v: _moved(v, 8))),
    "another unit of time": lambda i, e: (i, _with(e, "time", lambda n, v: _epoch(v, 1e9) if n % 2 else _epoch(v, 1))),
}  # fmt: skip
"""Twelve kinds; currency, new value and time in two forms each."""


def drift_rows(served: Path, *, quick: bool) -> list[Row]:
    """R21: what changed since the load before is seen, and days without change raise no alarm.

    Args:
        served: A shop that was run, whose files are changed in the end.
        quick: Fewer days.
    """
    now = datetime(2024, 6, 2, tzinfo=UTC)
    with tempfile.TemporaryDirectory() as name:
        shop = PreparedShop(Path(name), SETTINGS)
        write(shop.folder, *day(7))
        shop.prepare(now)
        before, seen, stopped = shop.store.digest("data"), 0, 0
        for what, change in CHANGES.items():
            write(shop.folder, *change(*day(8)), encoding="cp1252" if what == "another encoding" else "utf-8")
            said = _reasons(shop, now)
            is_stopped = said[0] == "stopped"
            seen, stopped = seen + bool(said[1]), stopped + is_stopped
            print(f"     R21 {what}: {said[0]}, {', '.join(said[1]) or 'NOT SEEN'}", flush=True)
            if not is_stopped:
                write(shop.folder, *day(7))
                shop.prepare(now)
        is_untouched = shop.store.digest("data") == before
        alarms, n_days = 0, 5 if quick else 100
        for seed in range(100, 100 + n_days):
            write(shop.folder, *day(seed, n_events=1000 if quick else 1500))
            state, said_why = _reasons(shop, now)
            alarms += state == "stopped" or any(reason.startswith("drift_") for reason in said_why)
            if state == "stopped":
                print(f"     R21 clean day {seed}: {said_why}", flush=True)
    kept = seen == len(CHANGES) and alarms <= 1 and is_untouched
    return [
        Row(
            "R21",
            f"12 kinds of change ({len(CHANGES)} feeds) against the load before; {n_days} clean days",
            "12 of 12 seen, the prepared data untouched, false alarms ≤ 1 in 100",
            f"{seen} of {len(CHANGES)} seen, {stopped} stop the load, data {'un' if is_untouched else ''}touched; "
            f"{alarms} alarms on {n_days} clean days",
            kept,
        ),
        _served(served),
    ]


def _reasons(shop: PreparedShop, now: datetime) -> tuple[str, list[str]]:
    """Whether the load was stopped, and the reasons that are about a change."""
    usual = {"times_without_zone", "text_near_duplicate", "price_far_from_category", "text_shared"}
    try:
        quality = shop.prepare(now)
    except DataError as error:
        words = str(error).replace(",", " ").split()
        named = [
            word.rstrip(":") for word in words if word.startswith(("drift_", "event_", "item_", "time")) and ":" in word
        ]
        return "stopped", list(dict.fromkeys(named)) or [str(error).splitlines()[0][:90]]
    found = [one.reason for one in quality.findings if one.severity != "info" and one.reason not in usual]
    return "goes on", sorted(set(found))


def _served(folder: Path) -> Row:
    """A changed load stops ``run`` while the server of the shop answers."""
    answers, codes, ended = [0, 0], [], threading.Event()
    with Server(folder, "--follow") as server:

        def asking() -> None:
            while not ended.is_set():
                try:
                    ask(server.address, "/v1/recommend", user="u1", k=5)
                    answers[0] += 1
                except OSError:
                    answers[1] += 1
                ended.wait(0.02)

        thread = threading.Thread(target=asking)
        thread.start()
        for what in ("unit × 100", "a column dropped"):
            write(folder, *CHANGES[what](*day(8)))
            codes.append(verb("run", "-c", folder / "steelyard.toml", folder=folder))
        ended.set()
        thread.join()
    stopped = sum(one.is_refusal for one in codes)
    return Row(
        "R21",
        "`steelyard run` on two changed loads while the shop is served",
        "training stopped with a message, no request fails",
        f"stopped {stopped} of {len(codes)}; {answers[0]} answered, {answers[1]} failed",
        stopped == len(codes) and not answers[1] and answers[0] > 0,
    )
