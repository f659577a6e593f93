"""A day more of a log in daily files, against a load of the whole.

Run: ``python benchmarks/daily_files.py FOLDER --days 30 --rows 50000``; FOLDER gets the made-up shop.
"""

from __future__ import annotations

import argparse
import random
import resource
import shutil
import subprocess
import sys
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path

TOML = """
[data]
incremental = true
[data.items]
path = "items.csv"
[data.items.columns]
item_id = "sku"
title = "title"
[data.events]
path = "log/*.csv"
kinds = { cart = "add_to_cart" }
[data.events.columns]
user = "user"
item_id = "sku"
time = "time"
kind = "kind"
session = "session"
event_id = "event_id"
price = "price"
"""
N_ITEMS = 10_000


def make(folder: Path, *, days: int, rows: int) -> None:
    """Write a shop with one file a day."""
    draw = random.Random(1)
    (folder / "log").mkdir(parents=True)
    (folder / "steelyard.toml").write_text(TOML)
    items = (f"S{n},Item {n} of kind {n * 7919 % 1000}" for n in range(N_ITEMS))
    (folder / "items.csv").write_text("\n".join(["sku,title", *items]) + "\n")
    for day in range(days):
        began = datetime(2026, 1, 1, tzinfo=UTC) + timedelta(days=day)
        with (folder / "log" / f"day{day:03d}.csv").open("w") as file:
            file.write("event_id,user,session,sku,time,kind,price\n")
            for n in range(rows):
                at = began + timedelta(seconds=n * 86_400 / rows)
                user = int(draw.paretovariate(0.6)) % 40_000
                kind = draw.choice(["view", "view", "view", "cart", "purchase"])
                item = int(draw.paretovariate(0.5)) % N_ITEMS
                price = f"{draw.random() * 50:.2f}"
                file.write(f"e{day}-{n},u{user},s{day}-{user},S{item},{at:%Y-%m-%d %H:%M:%S},{kind},{price}\n")


def prepared(folder: Path, what: str) -> None:
    """Prepare and say what it took."""
    before, began = resource.getrusage(resource.RUSAGE_CHILDREN), time.monotonic()
    command = [sys.executable, "-m", "steelyard", "prepare", "-c", str(folder / "steelyard.toml")]
    subprocess.run(command, check=True, capture_output=True)
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    cpu = used.ru_utime + used.ru_stime - before.ru_utime - before.ru_stime
    print(f"{what:<32} {time.monotonic() - began:6.1f} s, {cpu:6.1f} s of processor")


def main() -> None:
    """Compare."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--days", type=int, default=30)
    parser.add_argument("--rows", type=int, default=50_000)
    given = parser.parse_args()
    make(given.folder, days=given.days, rows=given.rows)
    last = given.folder / "log" / f"day{given.days - 1:03d}.csv"
    last.rename(given.folder / last.name)
    prepared(given.folder, f"{given.days - 1} days, the first load")
    (given.folder / last.name).rename(last)
    prepared(given.folder, "a day more")
    shutil.rmtree(given.folder / ".steelyard")
    (given.folder / "steelyard.toml").write_text(TOML.replace("= true", "= false"))
    prepared(given.folder, f"{given.days} days, whole")


if __name__ == "__main__":
    main()
