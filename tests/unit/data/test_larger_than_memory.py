"""The table engine with less memory than its tables need: the rest is spilled, and the answers are the same."""

import hashlib
import threading
from contextlib import contextmanager
from datetime import UTC, datetime

import narwhals.stable.v2 as nw
import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from steelyard.adapters.artefacts import Artefacts
from steelyard.adapters.shop.scratch import SPILL
from steelyard.adapters.shop.sources import Sources
from steelyard.config import Config
from steelyard.errors import SourceError
from steelyard.workflows.prepare import prepare

N = 200_000
CONFIG = {
    "data": {
        "items": {"path": "items.parquet", "columns": {"item_id": "sku", "title": "title"}},
        "events": {
            "path": "events.parquet",
            "columns": {"user": "user", "item_id": "sku", "time": "time", "session": "visit", "query": "typed"},
        },
    },
    "split": {"synthetic_queries": 20},
}


@contextmanager
def watched(folder):
    """The most that lay spilled under a folder of scratch tables."""
    most, stop = [0], threading.Event()

    def look():
        while not stop.wait(0.001):
            found = 0
            for path in folder.glob(f"*/{SPILL}/*"):
                try:
                    found += path.stat().st_size
                except FileNotFoundError:
                    continue
            most[0] = max(most[0], found)

    thread = threading.Thread(target=look)
    thread.start()
    try:
        yield most
    finally:
        stop.set()
        thread.join()


@pytest.fixture(scope="module")
def shop(tmp_path_factory):
    folder = tmp_path_factory.mktemp("large")
    random = np.random.default_rng(7)
    events = {
        "user": [f"somebody-{user}@mail.example" for user in random.permutation(N).tolist()],
        "sku": [f"sku-{item}" for item in random.integers(0, 500, N).tolist()],
        "time": random.integers(1_700_000_000, 1_710_000_000, N),
        "visit": [f"visit-{visit:032x}" for visit in random.integers(0, 2**60, N).tolist()],
        "typed": [f"{word:x} " * 6 for word in random.integers(0, 2**60, N).tolist()],
    }
    pq.write_table(pa.table(events), folder / "events.parquet", row_group_size=10_000)
    titles = {"sku": [f"sku-{item}" for item in range(500)], "title": [f"lamp {item}" for item in range(500)]}
    pq.write_table(pa.table(titles), folder / "items.parquet")
    return folder


def prepared(shop, out, max_memory_gb):
    with Sources(shop, scratch=out / "tmp", max_memory_gb=max_memory_gb) as sources:
        store = Artefacts(out)
        prepare(
            Config.model_validate(CONFIG),
            sources=sources,
            store=store,
            key=bytes(32),
            now=datetime(2026, 1, 1, tzinfo=UTC),
            progress=lambda done, total, what: None,
        )
    return store.path("data")


def test_a_log_that_does_not_fit_gives_the_same_tables_as_with_memory_for_all(shop, tmp_path):
    with watched(tmp_path / "small" / "tmp") as spilled:
        small = prepared(shop, tmp_path / "small", 0.13)
    large = prepared(shop, tmp_path / "large", 2)

    assert spilled[0] > 0
    assert not list((tmp_path / "small" / "tmp").iterdir())
    assert sorted(path.name for path in small.iterdir()) == sorted(path.name for path in large.iterdir())
    for path in small.glob("*.parquet"):
        assert pq.read_table(path).equals(pq.read_table(large / path.name)), path.name
    digests = [hashlib.sha256((folder / "split.json").read_bytes()).hexdigest() for folder in (small, large)]
    assert digests[0] == digests[1]


STAGES = {
    "sort": lambda rows: rows.sort("text"),
    "group": lambda rows: rows.group_by("text").agg(nw.col("row").min().alias("first")),
    "distinct": lambda rows: rows.select("text", "other").unique(),
    "join": lambda rows: rows.join(rows.select("text", nw.col("row").alias("again")), on="text", how="inner"),
    "window": lambda rows: rows.with_columns(nw.col("row").min().over("text").alias("first")),
    "number": lambda rows: rows.with_row_index("number", order_by=["text"]),
}


@pytest.mark.parametrize("stage", STAGES)
def test_every_kind_of_stage_spills_and_keeps_all_rows(tmp_path, stage):
    n = 300_000
    with Sources(tmp_path, scratch=tmp_path / "tmp", max_memory_gb=0.06) as sources:
        with sources.writing({"row": "int", "text": "text", "other": "text"}, name="rows") as rows:
            for start in range(0, n, 10_000):
                row = range(start, start + 10_000)
                texts = [f"{number * 7919 % n:040d}" for number in row]
                rows.write({"row": row, "text": texts, "other": texts[::-1]})
        with watched(tmp_path / "tmp") as spilled:
            kept = sources.keep(STAGES[stage](sources.table("rows")), "kept")

        assert spilled[0] > 0
        assert kept.select(nw.len().alias("n")).collect()["n"][0] == n


def test_what_cannot_be_held_at_all_is_told_with_the_setting_that_helps(shop, tmp_path):
    with pytest.raises(SourceError, match=r"more than the 0\.01 GB allowed.*max_memory_gb in \[data\]"):
        prepared(shop, tmp_path, 0.01)
