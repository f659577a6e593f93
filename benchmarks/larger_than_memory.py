"""Prepare shops larger than memory: wall time, rows a second, peak memory and spilled bytes by number of events.

Run: python benchmarks/larger_than_memory.py [--items 200000] [--memory-gb 1] [--form csv] [--folder FOLDER]
[--stages prepare,build,measure,decide] [--peer PYTHON] MILLIONS ...

Each shop is made on disk (never held in memory), prepared by ``steelyard prepare`` in a process of its own, and
deleted. The peak is of that whole process, engine and Python together. The share of the events that repeat an earlier
one exactly, of returns, and of unknown items is about that of real logs.

Stages after ``prepare`` make, measure and price lexical search and all recommendation models, each stage in a process
of its own; they hold in memory what is learnt from, and no encoder is among them.

With ``--peer``, the interpreter of an environment with pandas and pyarrow, ``by_pandas.py`` does the least of the same
job on the same files first.
"""

import argparse
import json
import os
import re
import shutil
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import duckdb

CONFIG = """
seed = 1
[shop]
name = "large"
currency = "USD"
language = "en"
[data]
max_memory_gb = {memory_gb}
[data.items]
path = "items.{form}"
[data.items.columns]
item_id = "sku"
title = "name"
category = "category"
brand = "brand"
price = "price"
[data.events]
path = "events.{form}"
[data.events.columns]
user = "visitor"
item_id = "sku"
time = "at"
kind = "what"
price = "price"
quantity = "pieces"
[models]
search = ["lexical"]
[load.search]
peak_rps = 20
requests_per_month = 10_000_000
[load.recommend]
peak_rps = 20
requests_per_month = 10_000_000
"""
_ITEMS = """
SELECT 'SKU-' || lpad(i::VARCHAR, 7, '0') AS sku,
    ['Red', 'Blue', 'Green', 'Black', 'White'][1 + i % 5] || ' ' || ['lamp', 'chair', 'desk', 'rug', 'vase'][1 + i // 5
    % 5] || ' model ' || i AS name,
    'Home > ' || ['Light', 'Seats', 'Tables', 'Floor', 'Decor'][1 + i // 5 % 5] AS category,
    'Brand ' || (hash(i) % 500) AS brand, round(5 + (hash(i) % 20000) / 100, 2) AS price
FROM range({n_items}) t(i)
"""
_EVENTS = """
SELECT 'visitor' || (hash(r, 1) % {n_users}) || '@mail.example' AS visitor,
    'SKU-' || lpad((floor({n_items} * pow((hash(r, 2) % 1000003) / 1000003, 3)) + CASE WHEN hash(r, 5) % 200 = 0
    THEN {n_items} ELSE 0 END)::BIGINT::VARCHAR, 7, '0') AS sku,
    strftime(TIMESTAMP '2026-01-01' + to_seconds((r * 15552000.0 / {n})::BIGINT), '%Y-%m-%d %H:%M:%S') AS at,
    CASE WHEN hash(r, 3) % 20 = 0 THEN 'purchase' WHEN hash(r, 3) % 7 = 0 THEN 'add_to_cart'
    WHEN hash(r, 3) % 200 = 1 THEN 'return' ELSE 'view' END AS what,
    round(5 + (hash(r, 2) % 20000) / 100, 2) AS price, 1 + hash(r, 4) % 3 AS pieces
FROM (SELECT CASE WHEN hash(i, 9) % 100 = 0 AND i > 0 THEN i - 1 ELSE i END AS r FROM range({n}) t(i))
"""


def make_shop(folder: Path, *, n: int, n_items: int, form: str, memory_gb: float) -> None:
    """Write the shop's two files and its configuration."""
    db = duckdb.connect(config={"memory_limit": "1GB", "threads": "2", "preserve_insertion_order": "false"})
    options = "FORMAT csv, HEADER" if form == "csv" else "FORMAT parquet"
    values = {"n": n, "n_items": n_items, "n_users": max(n // 15, 1)}
    for name, query in (("items", _ITEMS), ("events", _EVENTS)):
        db.execute(f"COPY ({query.format(**values)}) TO '{folder / name}.{form}' ({options})")
    db.close()
    (folder / "steelyard.toml").write_text(CONFIG.format(form=form, memory_gb=memory_gb), "utf-8")


def files_under(folder: Path) -> Iterator[Path]:
    """Every file, of folders that come and go."""
    for parent, _, names in os.walk(folder):  # passes over what is gone
        yield from (Path(parent) / name for name in names)


def watch(folder: Path, process: subprocess.Popen[str], seen: dict[str, int]) -> None:
    """Note the most that lay spilled and stored in the scratch folder, and when each part of memory was highest."""
    while process.poll() is None:
        spilled = stored = 0
        for path in files_under(folder / ".steelyard" / "tmp"):
            try:
                size = path.stat().st_blocks * 512
            except OSError:
                continue
            is_spilled = "spill" in path.relative_to(folder).parts
            spilled, stored = (spilled + size, stored) if is_spilled else (spilled, stored + size)
        seen["spilled"] = max(seen.get("spilled", 0), spilled)
        seen["stored"] = max(seen.get("stored", 0), stored)
        try:
            status = Path(f"/proc/{process.pid}/status").read_text()
        except OSError:
            break
        for name in ("RssAnon", "RssFile"):
            found = re.search(rf"{name}:\s+(\d+)", status)
            seen[name] = max(seen.get(name, 0), int(found[1]) if found else 0)
        time.sleep(0.2)


def measure(folder: Path, stage: str, *, n: int, peer: str = "") -> dict[str, object]:
    """Do one stage of the shop in a process of its own."""
    command = [sys.executable, "-m", "steelyard", stage, "--config", str(folder / "steelyard.toml")]
    if peer:
        command = [peer, str(Path(__file__).with_name("by_pandas.py")), str(folder)]
    seen: dict[str, int] = {}
    with (folder / "out").open("w") as out:
        started = time.monotonic()
        process = subprocess.Popen(command, stdout=out, stderr=subprocess.STDOUT, text=True, cwd=folder)
        watcher = threading.Thread(target=watch, args=(folder, process, seen))
        watcher.start()
        _, status, usage = os.wait4(process.pid, 0)
        wall = time.monotonic() - started
        process.returncode = os.waitstatus_to_exitcode(status)
        watcher.join()
    result: dict[str, object] = {
        "events": n,
        "stage": stage,
        "exit": process.returncode,
        "wall_s": round(wall, 1),
        "rows_per_s": round(n / wall),
        "cpu_s": round(usage.ru_utime + usage.ru_stime, 1),
        "peak_rss_mb": usage.ru_maxrss // 1024,
        "peak_anonymous_mb": seen.get("RssAnon", 0) // 1024,
        "spilled_mb": seen.get("spilled", 0) // 2**20,
        "stored_mb": seen.get("stored", 0) // 2**20,
        "source_mb": sum(path.stat().st_size for path in folder.glob("*.*")) // 2**20,
    }
    if process.returncode:
        result["said"] = (folder / "out").read_text()[-1500:]
    return result


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("millions", nargs="+", type=float)
    parser.add_argument("--items", type=int, default=200_000)
    parser.add_argument("--memory-gb", type=float, default=1.0)
    parser.add_argument("--form", choices=("csv", "parquet"), default="csv")
    parser.add_argument("--folder", type=Path, default=None)
    parser.add_argument("--stages", default="prepare")
    parser.add_argument("--peer", default="")
    given = parser.parse_args()
    for millions in given.millions:
        n = int(millions * 1e6)
        with tempfile.TemporaryDirectory(dir=given.folder) as name:
            folder = Path(name)
            free = shutil.disk_usage(folder).free
            if free < n * 700:
                print(json.dumps({"events": n, "skipped": f"{free >> 30} GB free, about {n * 700 >> 30} needed"}))
                continue
            make_shop(folder, n=n, n_items=given.items, form=given.form, memory_gb=given.memory_gb)
            if given.peer:
                print(json.dumps(measure(folder, "pandas", n=n, peer=given.peer)), flush=True)
            for stage in given.stages.split(","):
                found = measure(folder, stage, n=n)
                print(json.dumps({"memory_gb": given.memory_gb, **found}), flush=True)
                if found["exit"]:
                    break


if __name__ == "__main__":
    main()
