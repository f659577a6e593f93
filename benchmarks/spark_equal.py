"""What both engines prepare of the same shop, compared row by row and byte by byte.

Run: python benchmarks/spark_equal.py [complete-journey|online-retail|CONFIG.toml ...] [--keep FOLDER]; needs the extra
``spark`` and Java 17. Each engine is `steelyard prepare` in a process of its own, with `[data] engine` set and the same
key of the pseudonyms. Prints for each stored file its rows, the rows that differ and whether the bytes are the same;
then the wall of each engine, of which some 15 s are the start of Spark.
"""

import argparse
import json
import shutil
import subprocess
import sys
import tempfile
import time
from collections import Counter
from importlib.resources import files
from pathlib import Path

import pyarrow.parquet as pq

from steelyard.adapters.artefacts import Artefacts

DATA = Path(__file__).resolve().parents[1] / "../shared/data"
ENGINES = ("duckdb", "spark")
ONLINE_RETAIL = """
[shop]
name = "Online Retail"
currency = "GBP"
[data]
accept = ["event_user_missing", "event_item_unknown", "price_not_positive", "quantity_not_positive"]
[data.items]
path = "{path}"
is_log = true
[data.items.columns]
item_id = "StockCode"
title = "Description"
price = "UnitPrice"
[data.events]
path = "{path}"
kind = "purchase"
[data.events.columns]
user = "CustomerID"
item_id = "StockCode"
time = "InvoiceDate"
session = "InvoiceNo"
quantity = "Quantity"
price = "UnitPrice"
"""


def configured(shop: str) -> str:
    """The text of a shop's configuration."""
    if shop == "complete-journey":
        return (files("steelyard.cli") / "demo.toml").read_text("utf-8")
    if shop == "online-retail":
        return ONLINE_RETAIL.format(path=(DATA / "online-retail/transactions.parquet").resolve())
    return Path(shop).read_text("utf-8")


def with_engine(text: str, engine: str) -> str:
    """The configuration with another engine."""
    line = f'engine = "{engine}"'
    return text.replace("[data]\n", f"[data]\n{line}\n", 1) if "[data]\n" in text else f"{text}\n[data]\n{line}\n"


def prepare(text: str, engine: str, folder: Path, key: Path | None) -> tuple[Artefacts, float]:
    """Run ``steelyard prepare`` in a folder of its own; what it stored, and the seconds it took."""
    folder.mkdir()
    if key is not None:
        (folder / ".steelyard").mkdir()
        shutil.copy(key, folder / ".steelyard" / key.name)
    (folder / "steelyard.toml").write_text(with_engine(text, engine), "utf-8")
    started = time.monotonic()
    command = [sys.executable, "-m", "steelyard", "prepare", "-c", "steelyard.toml"]
    done = subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False)
    if done.returncode:
        sys.exit(f"{engine}: {done.stdout[-2000:]}{done.stderr[-2000:]}")
    return Artefacts(folder / ".steelyard"), time.monotonic() - started


def differing(one: Path, other: Path) -> tuple[int, int]:
    """Rows of a table, and those that the other does not have, or has elsewhere where both are in order."""
    mine, theirs = pq.read_table(one), pq.read_table(other)
    if mine.schema.remove_metadata() == theirs.schema.remove_metadata() and mine.equals(theirs):
        return mine.num_rows, 0
    rows, others = (Counter(map(repr, table.to_pylist())) for table in (mine, theirs))
    return mine.num_rows, max((rows - others).total(), (others - rows).total(), 1)


def compare(one: Path, other: Path) -> tuple[int, int, bool]:
    """Print every file of two artefacts; their rows, the rows that differ, and whether all bytes are the same."""
    n_rows = n_differ = 0
    is_same = True
    names = sorted({str(path.relative_to(root)) for root in (one, other) for path in root.rglob("*") if path.is_file()})
    for name in names:
        pair = one / name, other / name
        if not all(path.exists() for path in pair):
            print(f"  {name:34} is stored by one engine only")
            n_differ, is_same = n_differ + 1, False
            continue
        same = pair[0].read_bytes() == pair[1].read_bytes()
        rows, differ = differing(*pair) if name.endswith(".parquet") else (0, int(not same))
        print(f"  {name:34}{rows:>12,} rows {differ:>8,} differ   {'the same bytes' if same else 'other bytes'}")
        n_rows, n_differ, is_same = n_rows + rows, n_differ + differ, is_same and same
    return n_rows, n_differ, is_same


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("shops", nargs="*", default=["complete-journey", "online-retail"])
    parser.add_argument("--keep", type=Path, help="folder that keeps what was prepared")
    given = parser.parse_args()
    for shop in given.shops:
        with tempfile.TemporaryDirectory() as passing:
            work = (given.keep or Path(passing)) / Path(shop).stem
            work.mkdir(parents=True)
            text, stores, walls, key = configured(shop), {}, {}, None
            for engine in ENGINES:
                stores[engine], walls[engine] = prepare(text, engine, work / engine, key)
                key = work / engine / ".steelyard" / "secret.key"
            print(f"{shop}:", flush=True)
            rows, differ, is_same = compare(*(stores[engine].path("data") for engine in ENGINES))
            digests = {stores[engine].digest("data") for engine in ENGINES}
        found = {"rows": rows, "differ": differ, "same_bytes": is_same, "same_digest": len(digests) == 1}
        print(json.dumps({"shop": shop, **found, "wall_s": {e: round(s, 1) for e, s in walls.items()}}), flush=True)


if __name__ == "__main__":
    main()
