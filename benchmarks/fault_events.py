"""R8, R9, R10 and R26: events under clocks that jump, sent again, out of order, live and in bulk."""

from __future__ import annotations

import asyncio
import hashlib
import http.client
import json
import tempfile
import threading
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import numpy as np

from fault_loads import TOML, day, write
from fault_server import Server, post
from fault_shop import KEY, PreparedShop, Row, verb
from steelyard.adapters.sqlite_events import SqliteEvents
from steelyard.api.app import create_app
from steelyard.assembly import Tools
from steelyard.data.features.columns import EventColumns, Rows
from steelyard.data.features.feature_set import digest
from steelyard.data.features.table_set import PAID, table_set
from steelyard.data.privacy import Pseudonyms
from steelyard.serving.service import About, Service, Shop
from steelyard.testing.shelf import shelf_engine
from steelyard.workflows.feature_log import read_item_ids, read_log

HOUR_MS = 3_600_000
_SQL = "SELECT event_id, kind, time_us / 1e6 AS at, user, item_id, quantity FROM events"
_BATCH = 500


def drawn(n: int, seed: int) -> list[dict[str, Any]]:
    """Events as a shop sends them, in order, of people who are no robots."""
    draw = np.random.default_rng(seed)
    ends = int(datetime.now(UTC).timestamp()) // 3600 * 3600 * 1000 - HOUR_MS
    times = np.sort(draw.integers(ends - 40 * 24 * HOUR_MS, ends, n))
    kinds = draw.choice(["impression", "view", "click", "add_to_cart", "purchase"], n, p=[0.4, 0.3, 0.18, 0.07, 0.05])
    items, users = draw.zipf(1.4, n) % 400, draw.integers(0, max(n // 30, 10), n)
    return [
        {"kind": str(kind), "item_id": f"{100000 + item}", "user": f"u{user}", "event_id": f"e{k}", "time": _iso(at)}
        for k, (kind, item, user, at) in enumerate(zip(kinds, items, users, times.tolist(), strict=True))
    ]


def _iso(ms: int) -> str:
    return datetime.fromtimestamp(ms / 1000, UTC).isoformat(timespec="milliseconds")


def _ms(event: dict[str, Any]) -> int:
    return round(datetime.fromisoformat(event["time"]).timestamp() * 1000)


class Served:
    """A shop that was run once; each server of it has an event log of its own."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        (folder / "steelyard.toml").write_text(TOML)
        write(folder, *day(7))
        ran = verb("run", "-c", folder / "steelyard.toml", folder=folder)
        if ran.code:
            raise SystemExit(ran.said[-2000:])

    def server(self, name: str) -> Server:
        """A server with an empty event log."""
        return Server(self.folder, state=self.folder / name)

    def prepared(self, name: str) -> PreparedShop:
        """The event log of a server as the log of a shop, prepared."""
        settings = {
            "shop": {"name": "Events"},
            "data": {
                "items": {"path": str(self.folder / "items.csv"), "columns": {"item_id": "sku", "title": "title"}},
                "events": {
                    "path": f"sqlite:///{self.folder / name / 'events.sqlite'}",
                    "sql": _SQL,
                    "columns": {
                        "user": "user", "item_id": "item_id", "time": "at", "kind": "kind", "quantity": "quantity",
                        "event_id": "event_id",
                    },
                },
            },
            "split": {"synthetic_queries": 20},
        }  # fmt: skip
        shop = PreparedShop(self.folder / f"prepared-{name}", settings)
        shop.prepare(datetime.now(UTC))
        return shop


def in_bulk(shop: PreparedShop) -> EventColumns:
    """A prepared log as features read it, under the shop's own names."""
    with Tools().shop.sources(shop.store.path("data")) as sources:
        log, ids = read_log(sources), read_item_ids(sources)
    names, users = np.array(ids), np.array(log.users)
    by = {"user": users[log.events.by["user"].astype(int)], "item": names[log.events.by["item"].astype(int)]}
    return EventColumns(log.events.event_id, log.events.time_ms, log.events.kind, by, log.events.amounts)


def as_sent(events: list[dict[str, Any]], served: Served) -> EventColumns:
    """What was sent, with the names that people have once it is prepared."""
    first = Pseudonyms((served.folder / ".steelyard" / "secret.key").read_bytes())
    known = {user: Pseudonyms(KEY)(first(user)) for user in {event["user"] for event in events}}
    return EventColumns(
        np.array([event["event_id"] for event in events]),
        np.array([_ms(event) for event in events], np.int64),
        np.array([event["kind"] for event in events]),
        {"user": np.array([known[event["user"]] for event in events]),
         "item": np.array([event["item_id"] for event in events])},
        {PAID: np.zeros(len(events), np.int64)},
    )  # fmt: skip


def features_digest(events: EventColumns) -> str:
    """SHA-256 of the features of a thousand pairs, and of how many events there are."""
    order = np.lexsort((events.by["item"], events.by["user"], events.kind, events.time_ms))
    whole = events.take(order)
    rows = _rows_at(whole, np.full(1000, int(whole.time_ms.max()) + HOUR_MS), seed=3)
    found = digest(table_set(whole).offline(whole, rows))
    return hashlib.sha256(f"{found} {len(whole)}".encode()).hexdigest()


def _rows_at(events: EventColumns, moments: Any, *, seed: int) -> Rows:
    draw = np.random.default_rng(seed)
    at = draw.integers(0, len(events), len(moments))
    return Rows(np.asarray(moments, np.int64), {name: values[at] for name, values in events.by.items()})


def send(address: str, batches: list[list[dict[str, Any]]], *, threads: int, broken: set[int] = frozenset()) -> None:
    """Post batches; of some the answer is not waited for, and they come again, as after a time-out."""

    def one(numbered: tuple[int, list[dict[str, Any]]]) -> None:
        number, batch = numbered
        if number in broken:
            host, port = address.removeprefix("http://").split(":")
            connection = http.client.HTTPConnection(host, int(port), timeout=5)
            connection.request("POST", "/v1/events", json.dumps(batch), {"content-type": "application/json"})
            connection.close()
        for _ in range(50):
            try:
                post(address, batch)
            except OSError:
                threading.Event().wait(0.1)
            else:
                return
        raise SystemExit("the server takes no events")

    with ThreadPoolExecutor(threads) as pool:
        list(pool.map(one, enumerate(batches)))


def _batches(events: list[dict[str, Any]]) -> list[list[dict[str, Any]]]:
    return [events[start : start + _BATCH] for start in range(0, len(events), _BATCH)]


def event_rows(served: Served, *, quick: bool) -> list[Row]:
    """R9, R10 and R26 on one shop."""
    n = 2000 if quick else 20_000
    events = drawn(n, 5)
    with served.server("clean") as server:
        send(server.address, _batches(events), threads=1)
    clean = served.prepared("clean")
    rows = [_again(served, events, clean), *_shuffled(served, events, clean)]
    return [*rows, _live_and_bulk(served, 10_000 if quick else 100_000)]


def _again(served: Served, events: list[dict[str, Any]], clean: PreparedShop) -> Row:
    draw = np.random.default_rng(6)
    copies = draw.integers(1, 6, len(events))
    places = draw.permutation(np.repeat(np.arange(len(events)), copies))
    batches = _batches([events[place] for place in places.tolist()])
    broken = set(draw.choice(len(batches), max(len(batches) // 10, 1), replace=False).tolist())
    with served.server("again") as server:
        send(server.address, batches, threads=8, broken=broken)
    found = served.prepared("again")
    same = (found.digest() == clean.digest(), features_digest(in_bulk(found)) == features_digest(in_bulk(clean)))
    difference = found.n_rows() - clean.n_rows()
    return Row(
        "R9",
        f"{len(events):,} events sent 1 to 5 times by 8 threads ({len(places):,} in all, {len(broken)} of "
        f"{len(batches)} requests broken off and sent again) to a server, its log prepared",
        "SHA-256 of rows and features as of a clean run, 0 events more or fewer",
        f"rows {_same(same[0])}, features {_same(same[1])}, {difference:+d} events",
        all(same) and not difference,
    )


def _shuffled(served: Served, events: list[dict[str, Any]], clean: PreparedShop) -> list[Row]:
    draw = np.random.default_rng(7)
    n = len(events)
    times = np.array([_ms(event) for event in events])
    within = np.argsort(times + draw.integers(0, HOUR_MS - 1, n), kind="stable")
    is_late = draw.random(n) < 0.01
    is_late[times > times[-1] - 6 * HOUR_MS] = False
    came = np.argsort(
        times + draw.integers(0, HOUR_MS - 1, n) * ~is_late + np.where(is_late, 5 * HOUR_MS, 0), kind="stable"
    )
    with served.server("shuffled") as server:
        send(server.address, _batches([events[place] for place in came.tolist()]), threads=1)
    found = served.prepared("shuffled")
    bulk = found.digest() == clean.digest() and features_digest(in_bulk(found)) == features_digest(in_bulk(clean))

    sent = as_sent(events, served)
    features = table_set(sent)
    rows = _rows_at(sent, np.full(1000, times[-1] + 2 * HOUR_MS), seed=8)
    stores = {}
    for what, order in (("within", within), ("late", came)):
        stores[what] = features.store()
        for start in range(0, n, _BATCH):
            stores[what].add(sent.take(order[start : start + _BATCH]))
    newest = np.maximum.accumulate(times[came])
    n_late = int((times[came] < np.concatenate([[0], newest[:-1]]) - HOUR_MS).sum())
    is_same = digest(features.online(stores["within"], rows)) == digest(features.offline(sent, rows))
    on_time = sent.take(np.isin(np.arange(n), came[_is_late(times[came])], invert=True))
    without = digest(features.online(stores["late"], rows)) == digest(features.offline(on_time, rows))
    late = stores["late"].arrivals.late
    return [
        Row(
            "R10",
            f"{n:,} events shuffled within an hour, and {n_late} later than that, live and as a server's log prepared",
            "one digest within the window and in bulk; late ones counted exactly",
            f"live {_same(is_same)}, prepared {_same(bulk)}; {late} of {n_late} late ones counted, "
            f"the rest {_same(without)}",
            is_same and bulk and without and late == n_late and stores["late"].arrivals.counted == n - n_late,
        )
    ]


def _same(is_so: bool) -> str:
    return "equal" if is_so else "DIFFERENT"


def _is_late(times: Any) -> Any:
    newest = np.concatenate([[0], np.maximum.accumulate(times)[:-1]])
    return times < newest - HOUR_MS


def _live_and_bulk(served: Served, n: int) -> Row:
    events = drawn(n, 9)
    with served.server("live") as server:
        send(server.address, _batches(events), threads=1)
    bulk = in_bulk(served.prepared("live"))
    sent = as_sent(events, served)
    features = table_set(bulk)
    every = max(n // 1000, 1)
    rows = Rows(sent.time_ms[::every], {name: values[::every] for name, values in sent.by.items()})
    store, live, place = features.store(), [], 0
    for row in range(len(rows)):
        end = int(np.searchsorted(sent.time_ms, rows.time_ms[row]))
        store.add(sent.take(np.arange(place, end)))
        place = end
        live.append(features.online(store, Rows(rows.time_ms[[row]], {k: v[[row]] for k, v in rows.by.items()}))[0])
    values = features.offline(bulk, rows)
    differs = int((np.array(live) != values).sum())
    return Row(
        "R26",
        f"{n:,} events added up as they came, and the same from a server's log that was prepared: {len(rows):,} rows "
        f"of {values.shape[1]} features",
        "0 differences",
        f"{differs} differences of {values.size:,}; {len(bulk):,} of {n:,} events in bulk",
        not differs and len(bulk) == n,
    )


def jumping_rows(*, quick: bool) -> list[Row]:
    """R8: a server whose clock jumps while events come."""
    noon = datetime(2024, 2, 29, 12, tzinfo=UTC)
    jumps = [0, 86_400, -86_400, -3600, 1, 3600, 43_199, 0]
    clock = {"now": noon}
    n, stored, again, refused, wrong = 40 if quick else 400, 0, 0, 0, 0
    with tempfile.TemporaryDirectory() as name:
        log = SqliteEvents(Path(name))
        about = About(digest="d" * 64, shop=Shop("Clock", "EUR", "en"), query_examples=("7",), decision=b"{}")
        service = Service(
            shelf_engine(200), about, events=log, pseudonym=Pseudonyms(KEY), now=lambda: clock["now"]
        )  # fmt: skip
        app = create_app(service)
        for number, jump in enumerate(jumps):
            clock["now"] = noon + timedelta(seconds=jump)
            own = [{"kind": "click", "item_id": f"item-{k % 200}", "user": f"u{k % 7}", "event_id": f"j{number}-{k}"}
                   for k in range(n)]  # fmt: skip
            ahead = [{**own[0], "event_id": f"a{number}", "time": (clock["now"] + timedelta(minutes=6)).isoformat()}]
            for body, count in ((own, n), (own, 0), (ahead, 0)):
                status, answer = _post_to(app, body)
                wrong += status >= 500 or answer.get("stored", 0) != count
                stored, again = stored + answer.get("stored", 0), again + answer.get("duplicates", 0)
                refused += body is ahead and "time_in_future" in json.dumps(answer)
            status, _ = _get(app, "/v1/recommend?user=u1&k=5")
            wrong += status != 200
        total = log.count()
        service.close()
        log.close()
    expected = n * len(jumps)
    kept = not wrong and total == stored == again == expected and refused == len(jumps)
    return [
        Row(
            "R8",
            f"a server whose clock jumps {len(jumps)} times (a day, an hour back, a second) on 29 February",
            "each event stored once, events ahead of the clock refused, no request fails",
            f"{total:,} of {expected:,} stored, {again:,} sent again counted once, {refused} ahead refused, "
            f"{wrong} wrong",
            kept,
        )
    ]


def _post_to(app: Any, body: list[dict[str, Any]]) -> tuple[int, dict[str, Any]]:
    return _asked(app, "POST", "/v1/events", body)


def _get(app: Any, path: str) -> tuple[int, dict[str, Any]]:
    return _asked(app, "GET", path, None)


def _asked(app: Any, method: str, path: str, body: Any) -> tuple[int, dict[str, Any]]:
    import httpx

    async def once() -> tuple[int, dict[str, Any]]:
        async with httpx.AsyncClient(transport=httpx.ASGITransport(app=app), base_url="http://127.0.0.1") as client:
            answer = await client.request(method, path, json=body)
            return answer.status_code, answer.json()

    return asyncio.run(once())
