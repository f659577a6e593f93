"""Row checks a second: the checks of ``data/quality.py``, and the same checks by pandas and by libraries for it.

Run: python benchmarks/row_checks.py [--rows 2000000] [--more 20000000] [--venv FOLDER] [--memory-gb 4]

One log, twelve checks a row. Ours reads it from disk, marks each row with the first check that caught it, stores the
marked table, and gives counts and sample rows; the others are handed the table in memory, and only count. They are
installed into an environment of their own (``--venv``, made if need be); what cannot be installed is left out with the
reason. ``--more`` is prepared by ours alone. A row check is one check of one row.
"""

import argparse
import json
import os
import re
import subprocess
import sys
import tempfile
import time
from pathlib import Path

PEERS = {
    "pandas": "pandas",
    "pandera": "pandera[pandas]",
    "pointblank": "pointblank",
    "great_expectations": "great_expectations",
}
KINDS = ["view", "click", "purchase"]
FIRST, LAST = 1.6e9, 1.8e9
N_CHECKS = 12
_ROWS = """
SELECT i + 1 AS row, CASE WHEN i % 211 = 0 THEN NULL ELSE 'u' || hash(i) % 100000 END AS user,
    CASE WHEN i % 307 = 0 THEN NULL WHEN i % 401 = 0 THEN 'no sku' ELSE 'SKU-' || hash(i, 1) % 10000 END AS item_id,
    CASE WHEN i % 503 = 0 THEN NULL WHEN i % 601 = 0 THEN 3e9 WHEN i % 701 = 0 THEN 1e8 ELSE 1.7e9 + i % 1000 END
    AS time, CASE WHEN i % 809 = 0 THEN NULL WHEN i % 907 = 0 THEN -1 WHEN i % 1009 = 0 THEN 1e7 ELSE 1 + i % 90 END
    ::DOUBLE AS price, CASE WHEN i % 1103 = 0 THEN 0 WHEN i % 1201 = 0 THEN 5000 ELSE 1 + i % 3 END::DOUBLE AS quantity,
    CASE WHEN i % 1301 = 0 THEN 'odd' ELSE ['view', 'click', 'purchase'][1 + i % 3] END AS kind
FROM range({n}) t(i)
"""


def ours(path: Path, memory_gb: float) -> tuple[float, list[int]]:
    import narwhals.stable.v2 as nw

    from steelyard.adapters.shop.table_engine import TableEngine, lazy
    from steelyard.data.quality import Check, check_rows

    started = time.perf_counter()
    item, time_, price, quantity = (nw.col(name) for name in ("item_id", "time", "price", "quantity"))
    asked = {
        "user_missing": nw.col("user").is_null(),
        "item_missing": item.is_null(),
        "item_form": ~item.str.contains("^SKU-[0-9]+$"),
        "time_missing": time_.is_null(),
        "time_early": time_ < FIRST,
        "time_late": time_ > LAST,
        "price_missing": price.is_null(),
        "price_low": price <= 0,
        "price_high": price > 1e5,
        "quantity_low": quantity < 1,
        "quantity_high": quantity > 1000,
        "kind_unknown": ~nw.col("kind").is_in(KINDS),
    }
    checks = [Check(reason, "warning", "flag", when, "") for reason, when in asked.items()]
    engine = TableEngine(None, max_memory_gb=memory_gb, threads=os.cpu_count() or 1)
    checked = check_rows(engine, lazy(engine.db.read_parquet(str(path))), checks, table="events", is_stored=True)
    counts = [finding.count for finding in checked.findings]
    engine.close()
    return started, counts


def pandas_(table):
    frame = table.to_pandas()
    started = time.perf_counter()
    item, at, price, quantity = (frame[name] for name in ("item_id", "time", "price", "quantity"))
    masks = [frame["user"].isna(), item.isna(), item.str.match("^SKU-[0-9]+$").eq(False), at.isna()]
    masks += [at < FIRST, at > LAST, price.isna(), price <= 0, price > 1e5, quantity < 1, quantity > 1000]
    masks += [~frame["kind"].isin(KINDS)]
    return started, [int(mask.sum()) for mask in masks]


def pandera(table):
    import pandera.pandas as pa

    frame = table.to_pandas()
    started = time.perf_counter()
    ranged = pa.Check.in_range
    schema = pa.DataFrameSchema(
        {
            "user": pa.Column(nullable=False),
            "item_id": pa.Column(str, pa.Check.str_matches("^SKU-[0-9]+$"), nullable=False),
            "time": pa.Column(float, [pa.Check.ge(FIRST), pa.Check.le(LAST)], nullable=False),
            "price": pa.Column(float, [pa.Check.gt(0), pa.Check.le(1e5)], nullable=False),
            "quantity": pa.Column(float, [pa.Check.ge(1), ranged(-1e9, 1000)]),
            "kind": pa.Column(str, pa.Check.isin(KINDS)),
        }
    )
    try:
        schema.validate(frame, lazy=True)
    except pa.errors.SchemaErrors as error:
        return started, [len(error.failure_cases)]
    return started, []


def pointblank(table):
    import pointblank as pb
    import polars as pl

    frame = pl.from_arrow(table)
    started = time.perf_counter()
    asked = pb.Validate(frame).col_vals_not_null(columns=["user", "item_id", "time", "price"])
    asked = asked.col_vals_regex(columns="item_id", pattern="^SKU-[0-9]+$", na_pass=True)
    asked = asked.col_vals_ge(columns="time", value=FIRST, na_pass=True)
    asked = asked.col_vals_le(columns="time", value=LAST, na_pass=True)
    asked = asked.col_vals_gt(columns="price", value=0, na_pass=True)
    asked = asked.col_vals_le(columns="price", value=1e5, na_pass=True)
    asked = asked.col_vals_ge(columns="quantity", value=1).col_vals_le(columns="quantity", value=1000)
    done = asked.col_vals_in_set(columns="kind", set=KINDS).interrogate()
    return started, list(done.n_failed().values())


def great_expectations(table):
    import great_expectations as gx
    import great_expectations.expectations as gxe

    frame = table.to_pandas()
    started = time.perf_counter()
    context = gx.get_context(mode="ephemeral")
    asset = context.data_sources.add_pandas("memory").add_dataframe_asset("log")
    batch = asset.add_batch_definition_whole_dataframe("whole").get_batch(batch_parameters={"dataframe": frame})
    suite = gx.ExpectationSuite(name="checks")
    for column in ("user", "item_id", "time", "price"):
        suite.add_expectation(gxe.ExpectColumnValuesToNotBeNull(column=column))
    suite.add_expectation(gxe.ExpectColumnValuesToMatchRegex(column="item_id", regex="^SKU-[0-9]+$"))
    between = gxe.ExpectColumnValuesToBeBetween
    for column, low, high in (("time", FIRST, None), ("time", None, LAST), ("price", None, 1e5)):
        suite.add_expectation(between(column=column, min_value=low, max_value=high))
    suite.add_expectation(between(column="price", min_value=0, strict_min=True))
    suite.add_expectation(between(column="quantity", min_value=1))
    suite.add_expectation(between(column="quantity", max_value=1000))
    suite.add_expectation(gxe.ExpectColumnValuesToBeInSet(column="kind", value_set=KINDS))
    found = batch.validate(suite)
    return started, [one.result["unexpected_count"] for one in found.results]


def one(name: str, path: Path, memory_gb: float) -> None:
    """Time one of them in this process, and print it."""
    if name == "steelyard":
        cpu = time.process_time()
        started, counts = ours(path, memory_gb)
    else:
        import pyarrow.parquet as pq

        table = pq.read_table(path)
        cpu = time.process_time()
        started, counts = {**globals(), "pandas": pandas_}[name](table)
    wall, cpu = time.perf_counter() - started, time.process_time() - cpu
    peak = int(re.search(r"VmHWM:\s+(\d+)", Path("/proc/self/status").read_text())[1]) // 1024
    print(json.dumps({"wall_s": round(wall, 2), "cpu_s": round(cpu, 2), "peak_rss_mb": peak, "caught": sum(counts)}))


def timed(python: str, name: str, path: Path, n: int, memory_gb: float) -> float | None:
    """Row checks a second of one of them, in a process of its own; ``None`` where it does not run."""
    argv = [python, str(Path(__file__).resolve()), "--one", name, "--path", str(path), "--memory-gb", str(memory_gb)]
    env = {**os.environ, "GX_ANALYTICS_ENABLED": "false", "TQDM_DISABLE": "1"}
    process = subprocess.run(argv, capture_output=True, text=True, env=env, check=False)
    if process.returncode:
        print(
            f"{name:20} left out: {(process.stderr.strip().splitlines() or ['no reason given'])[-1][:150]}", flush=True
        )
        return None
    found = json.loads(process.stdout.strip().splitlines()[-1])
    rate = n * N_CHECKS / found["wall_s"]
    print(f"{name:20} {n:>11,} rows {rate / 1e6:8.2f} M row checks/s  {json.dumps(found)}", flush=True)
    return rate


def peers_python(folder: Path) -> str | None:
    """The interpreter of the peers' environment, made where there is none."""
    python = folder / "bin" / "python"
    uv = Path(sys.executable).parent / "uv"
    steps = [] if python.exists() else [[str(uv), "venv", "--quiet", "--python", sys.executable, str(folder)]]
    wanted = [*PEERS.values(), "pyarrow", "polars"]
    steps.append([str(uv), "pip", "install", "--quiet", "--python", str(python), *wanted])
    for step in steps:
        made = subprocess.run(step, capture_output=True, text=True, check=False)
        if made.returncode:
            print(f"peers left out: {made.stderr.strip()[:300]}")
            return None
    return str(python)


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--rows", type=int, default=2_000_000)
    parser.add_argument("--more", type=int, default=20_000_000)
    parser.add_argument("--venv", type=Path, default=None)
    parser.add_argument("--memory-gb", type=float, default=4.0)
    parser.add_argument("--one")
    parser.add_argument("--path", type=Path)
    given = parser.parse_args()
    if given.one:
        one(given.one, given.path, given.memory_gb)
        return
    import duckdb

    with tempfile.TemporaryDirectory() as name:
        path = Path(name) / "log.parquet"
        rates = {}
        for n in (given.more, given.rows):
            duckdb.sql(_ROWS.format(n=n)).write_parquet(str(path))
            rates["steelyard"] = timed(sys.executable, "steelyard", path, n, given.memory_gb)
        python = peers_python(given.venv or Path(name) / "venv")
        for peer in PEERS if python else ():
            rates[peer] = timed(python, peer, path, given.rows, given.memory_gb)
    best = rates["steelyard"] or 0.0
    print(", ".join(f"{best / rate:.1f} times {peer}" for peer, rate in rates.items() if rate and peer != "steelyard"))


if __name__ == "__main__":
    main()
