"""Durable events a second: 8 clients, acknowledged only after the flush, at the store and over HTTP.

    python benchmarks/events.py [--seconds 5] [--http URL]

Prints one JSON line for each setting: events a request, events/s, and the time from sending to acknowledgement.
Goal: 5,000 durable events/s with p99 <= 25 ms.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import platform
import tempfile
import threading
import time
import uuid
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import numpy as np

from steelyard.adapters.sqlite_events import SqliteEvents
from steelyard.domain import Event, EventKind

CLIENTS = 8


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seconds", type=float, default=5.0)
    parser.add_argument("--http", help="address of a running server; without it only the store is measured")
    parser.add_argument("--folder", type=Path, help="where the store lies; a new temporary folder when absent")
    args = parser.parse_args()
    for n in (1, 10, 20, 100):
        with tempfile.TemporaryDirectory(dir=args.folder) as folder:
            show("store", n, *at_the_store(Path(folder), n, args.seconds))
    for n in (1, 10, 20, 100) if args.http else ():
        show("http", n, *asyncio.run(over_http(args.http, n, args.seconds)))


def show(level: str, n: int, took_s: list[float], seconds: float) -> None:
    p50, p99 = (float(np.percentile(took_s, q)) * 1000 for q in (50, 99))
    line = {
        "level": level,
        "clients": CLIENTS,
        "events_per_request": n,
        "events_per_s": round(len(took_s) * n / seconds),
        "ack_p50_ms": round(p50, 2),
        "ack_p99_ms": round(p99, 2),
        "machine": f"{platform.machine()} {platform.system()}",
    }
    print(json.dumps(line), flush=True)


def events(n: int) -> list[Event]:
    now = datetime.now(UTC)
    user = uuid.uuid4().hex
    return [Event(uuid.uuid4().hex, EventKind.CLICK, now, user=user, item_id=f"item-{i}") for i in range(n)]


def at_the_store(folder: Path, n: int, seconds: float) -> tuple[list[float], float]:
    store = SqliteEvents(folder)
    took: list[float] = []
    start = time.monotonic()

    def client() -> None:
        while time.monotonic() < start + seconds:
            batch = events(n)
            sent = time.perf_counter()
            store.append(batch).result()
            took.append(time.perf_counter() - sent)

    threads = [threading.Thread(target=client) for _ in range(CLIENTS)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    elapsed = time.monotonic() - start
    assert store.count() == len(took) * n, "an acknowledged event is missing"
    store.close()
    return took, elapsed


async def over_http(url: str, n: int, seconds: float) -> tuple[list[float], float]:
    import aiohttp

    took: list[float] = []
    start = time.monotonic()

    async def client(session: Any) -> None:
        while time.monotonic() < start + seconds:
            user = uuid.uuid4().hex
            body = [{"kind": "click", "item_id": f"item-{i}", "user": user} for i in range(n)]
            sent = time.perf_counter()
            async with session.post(f"{url}/v1/events", json=body) as response:
                answer = await response.json()
                assert response.status == 200, answer
            took.append(time.perf_counter() - sent)

    async with aiohttp.ClientSession() as session:
        await asyncio.gather(*(client(session) for _ in range(CLIENTS)))
    return took, time.monotonic() - start


if __name__ == "__main__":
    main()
