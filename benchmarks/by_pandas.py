"""The least of what ``prepare`` does, as a notebook does it with pandas: read by ``larger_than_memory.py --peer``.

Run: python benchmarks/by_pandas.py FOLDER

Two CSV files are read whole; titles are brought to one form; rows without an id, of unknown items and times, of prices
that are none, and repeats are left out; ids and people are numbered; sessions are cut at gaps of half an hour; the log
is divided by time and stored. What pandas has no answer to (returns, robots, pseudonyms, the report, damage of files)
is left out, so the comparison is in its favour.
"""

import json
import sys
import unicodedata
from pathlib import Path

import pandas as pd

KINDS = ["view", "click", "add_to_cart", "purchase", "rating"]
GAP_S = 1800


def prepare(folder: Path) -> dict[str, int]:
    items = pd.read_csv(folder / "items.csv", dtype={"sku": "string"}, engine="pyarrow")
    items = items.dropna(subset=["sku"]).drop_duplicates("sku")
    for column in ("name", "category", "brand"):
        items[column] = items[column].map(lambda text: unicodedata.normalize("NFKC", str(text)).strip())
    events = pd.read_csv(folder / "events.csv", dtype={"visitor": "string", "sku": "string"}, engine="pyarrow")
    counts = {"rows": len(events)}
    events["time"] = pd.to_datetime(events.pop("at"), errors="coerce", utc=True).astype("int64") / 1e9
    events = events[events["visitor"].notna() & events["time"].notna() & events["what"].isin(KINDS)]
    events = events[(events["price"] > 0) & (events["pieces"] > 0) & events["sku"].isin(items["sku"])]
    events = events.drop_duplicates(["visitor", "sku", "time", "what"])
    numbers = pd.Series(range(len(items)), index=items["sku"])
    events["item"] = events.pop("sku").map(numbers).astype("int64")
    events["user"], _ = pd.factorize(events.pop("visitor"))
    events = events.sort_values(["user", "time"], kind="stable")
    begins = (events["user"] != events["user"].shift()) | (events["time"].diff() > GAP_S)
    events["session"] = begins.cumsum()
    events = events.sort_values("time", kind="stable")
    first, last = events["time"].quantile([0.8, 0.9])
    events["period"] = pd.cut(
        events["time"], [-float("inf"), first, last, float("inf")], labels=["learn", "tune", "test"]
    )
    items.to_parquet(folder / "pandas_items.parquet")
    events.to_parquet(folder / "pandas_events.parquet")
    return counts | {"kept": len(events), "sessions": int(events["session"].iloc[-1])}


if __name__ == "__main__":
    print(json.dumps(prepare(Path(sys.argv[1]))))
