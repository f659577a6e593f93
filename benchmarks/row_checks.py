"""Row checks a second: the checks of ``data/quality.py``, and the same checks by pandas and by libraries for it.

Run: python benchmarks/row_checks.py [--rows 2000000] [--more 20000000] [--venv FOLDER] [--memory-gb 4] [--repeats 3]

One log, twelve checks a row, and all must count the same rows. Ours runs three times: reading the log from disk and
counting what each check caught, with sample rows; the same of the table in memory; and from disk with every row that is
caught stored under the first check that caught it. The others are handed the table in memory, in the form they are
fastest on, and only count. They are installed into an environment of their own (``--venv``, made if need be); what
cannot be installed or run is left out with the reason. Great Expectations runs on each of its engines. ``--more`` is
checked by ours alone. A row check is one check of one row; wall and processor seconds are of the checks alone, of this
process and those it started. Each line is the median by wall time of its runs, which take turns.
"""

import argparse
import json
import os
import re
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

PEERS = {
    "pandas": "pandas",
    "pandera": "pandera[pandas]",
    "pointblank": "pointblank",
    "great_expectations": "great_expectations",
    "great_expectations_sql": "sqlalchemy",
    "great_expectations_spark": "pyspark",
}
OURS = ("steelyard", "steelyard_in_memory", "steelyard_stored")
KINDS = ["view", "click", "purchase"]
FIRST, LAST = 1.6e9, 1.8e9
CHECKS = (
    *("user_missing", "item_missing", "item_form", "time_missing", "time_early", "time_late", "price_missing"),
    *("price_low", "price_high", "quantity_low", "quantity_high", "kind_unknown"),
)
FORM = "^SKU-[0-9]+$"
_ROWS = """
SELECT i + 1 AS row, CASE WHEN i % 211 = 0 THEN NULL ELSE 'u' || hash(i) % 100000 END AS user,
    CASE WHEN i % 307 = 0 THEN NULL WHEN i % 401 = 0 THEN 'no sku' ELSE 'SKU-' || hash(i, 1) % 10000 END AS item_id,
    CASE WHEN i % 503 = 0 THEN NULL WHEN i % 601 = 0 THEN 3e9 WHEN i % 701 = 0 THEN 1e8 ELSE 1.7e9 + i % 1000 END
    AS time, CASE WHEN i % 809 = 0 THEN NULL WHEN i % 907 = 0 THEN -1 WHEN i % 1009 = 0 THEN 1e7 ELSE 1 + i % 90 END
    ::DOUBLE AS price, CASE WHEN i % 1103 = 0 THEN 0 WHEN i % 1201 = 0 THEN 5000 ELSE 1 + i % 3 END::DOUBLE AS quantity,
    CASE WHEN i % 1301 = 0 THEN 'odd' ELSE ['view', 'click', 'purchase'][1 + i % 3] END AS kind
FROM range({n}) t(i)
"""


def steelyard(path: Path, memory_gb: float, *, is_in_memory: bool = False, action: str = "flag") -> Callable[[], Any]:
    """Our checks; with the action ``quarantine`` a row counts for the first that catches it, and is stored."""
    import narwhals.stable.v2 as nw
    import pyarrow.parquet as pq

    from steelyard.adapters.shop.table_engine import TableEngine, lazy
    from steelyard.data.quality import Check, check_rows

    item, time_, price, quantity = (nw.col(name) for name in ("item_id", "time", "price", "quantity"))
    asked = (
        *(nw.col("user").is_null(), item.is_null(), ~item.str.contains(FORM), time_.is_null(), time_ < FIRST),
        *(time_ > LAST, price.is_null(), price <= 0, price > 1e5, quantity < 1, quantity > 1000),
        ~nw.col("kind").is_in(KINDS),
    )
    checks = [Check(reason, "warning", action, when, "") for reason, when in zip(CHECKS, asked, strict=True)]
    table = pq.read_table(path) if is_in_memory else None

    def run() -> list[int]:
        engine = TableEngine(None, max_memory_gb=memory_gb, threads=os.cpu_count() or 1)
        try:
            read = engine.db.read_parquet(str(path)) if table is None else engine.db.from_arrow(table)
            checked = check_rows(engine, lazy(read), checks, table="events", is_stored=True)
            if action == "quarantine":
                engine.write(checked.quarantined.sort("row"), str(engine.scratch / "quarantine.parquet"))
            counts = {finding.reason: finding.count for finding in checked.findings}
            return [counts.get(reason, 0) for reason in CHECKS]
        finally:
            engine.close()

    return run


def pandas(path: Path) -> Callable[[], Any]:
    """Masks, written by hand."""
    frame = _frame(path)

    def run() -> list[int]:
        item, at, price, quantity = (frame[name] for name in ("item_id", "time", "price", "quantity"))
        masks = [frame["user"].isna(), item.isna(), ~item.str.match(FORM, na=True), at.isna()]
        masks += [at < FIRST, at > LAST, price.isna(), price <= 0, price > 1e5, quantity < 1, quantity > 1000]
        masks += [~frame["kind"].isin(KINDS)]
        return [int(mask.sum()) for mask in masks]

    return run


def pandera(path: Path) -> Callable[[], Any]:
    """A schema, validated to the end."""
    import pandera.pandas as pa

    frame = _frame(path)
    check = pa.Check

    def run() -> list[int]:
        columns = {
            "user": pa.Column(nullable=False),
            "item_id": pa.Column(str, check.str_matches(FORM, error="item_form"), nullable=False),
            "time": pa.Column(
                float, [check.ge(FIRST, error="time_early"), check.le(LAST, error="time_late")], nullable=False
            ),
            "price": pa.Column(
                float, [check.gt(0, error="price_low"), check.le(1e5, error="price_high")], nullable=False
            ),
            "quantity": pa.Column(
                float, [check.ge(1, error="quantity_low"), check.le(1000, error="quantity_high")], nullable=False
            ),
            "kind": pa.Column(str, check.isin(KINDS, error="kind_unknown")),
        }
        try:
            pa.DataFrameSchema(columns).validate(frame, lazy=True)
        except pa.errors.SchemaErrors as error:
            counted = error.failure_cases.groupby(["column", "check"]).size()
        names = {("item_id", "not_nullable"): "item_missing"}
        names |= {(column, "not_nullable"): f"{column}_missing" for column in ("user", "time", "price")}
        counts = {names.get(pair, pair[1]): int(n) for pair, n in counted.items()}
        return [sum(n for name, n in counts.items() if name.startswith(reason)) for reason in CHECKS]

    return run


def pointblank(path: Path) -> Callable[[], Any]:
    """A plan of validation over a table of polars."""
    import pointblank as pb
    import polars as pl

    frame = pl.read_parquet(path)

    def run() -> list[int]:
        asked = pb.Validate(frame).col_vals_not_null("user").col_vals_not_null("item_id")
        asked = asked.col_vals_regex("item_id", pattern=FORM, na_pass=True).col_vals_not_null("time")
        asked = asked.col_vals_ge("time", value=FIRST, na_pass=True).col_vals_le("time", value=LAST, na_pass=True)
        asked = asked.col_vals_not_null("price").col_vals_gt("price", value=0, na_pass=True)
        asked = asked.col_vals_le("price", value=1e5, na_pass=True).col_vals_ge("quantity", value=1)
        asked = asked.col_vals_le("quantity", value=1000).col_vals_in_set("kind", set=KINDS)
        return [int(n) for n in asked.interrogate().n_failed().values()]

    return run


def great_expectations(path: Path) -> Callable[[], Any]:
    """A suite over a table of pandas."""
    import great_expectations as gx

    frame = _frame(path)
    context = gx.get_context(mode="ephemeral")
    asset = context.data_sources.add_pandas("memory").add_dataframe_asset("log")
    definition = asset.add_batch_definition_whole_dataframe("whole")
    return lambda: _counts(definition.get_batch(batch_parameters={"dataframe": frame}))


def great_expectations_sql(path: Path) -> Callable[[], Any]:
    """A suite over a table of SQLite, by SQL."""
    import sqlite3

    import great_expectations as gx

    name = path.with_suffix(".sqlite")
    name.unlink(missing_ok=True)
    with sqlite3.connect(name) as db:
        _frame(path).to_sql("log", db, index=False, chunksize=100_000)
    url = f"sqlite:///{name}"
    context = gx.get_context(mode="ephemeral")
    asset = context.data_sources.add_sqlite("engine", connection_string=url).add_table_asset("log", table_name="log")
    definition = asset.add_batch_definition_whole_table("whole")
    return lambda: _counts(definition.get_batch())


def great_expectations_spark(path: Path) -> Callable[[], Any]:
    """A suite over a table that Spark holds in memory."""
    import great_expectations as gx
    from pyspark.sql import SparkSession

    spark = SparkSession.builder.master("local[*]").config("spark.driver.memory", "6g").getOrCreate()
    frame = spark.read.parquet(str(path)).cache()
    frame.count()
    context = gx.get_context(mode="ephemeral")
    asset = context.data_sources.add_spark("spark").add_dataframe_asset("log")
    definition = asset.add_batch_definition_whole_dataframe("whole")
    return lambda: _counts(definition.get_batch(batch_parameters={"dataframe": frame}))


def _frame(path: Path) -> Any:
    import pyarrow.parquet as pq

    return pq.read_table(path).to_pandas()


def _counts(batch: Any) -> list[int]:
    """What the suite of Great Expectations counts."""
    import great_expectations as gx
    import great_expectations.expectations as gxe

    between, there = gxe.ExpectColumnValuesToBeBetween, gxe.ExpectColumnValuesToNotBeNull
    asked = [
        *(there(column="user"), there(column="item_id")),
        gxe.ExpectColumnValuesToMatchRegex(column="item_id", regex=FORM),
        *(there(column="time"), between(column="time", min_value=FIRST), between(column="time", max_value=LAST)),
        *(there(column="price"), between(column="price", min_value=0, strict_min=True)),
        *(between(column="price", max_value=1e5), between(column="quantity", min_value=1)),
        between(column="quantity", max_value=1000),
        gxe.ExpectColumnValuesToBeInSet(column="kind", value_set=KINDS),
    ]
    found = batch.validate(gx.ExpectationSuite(name="checks", expectations=asked))
    failed = [one.exception_info for one in found.results if "unexpected_count" not in one.result]
    if failed:
        raise RuntimeError(" ".join(str(failed[0]).split())[-300:])
    return [one.result["unexpected_count"] for one in found.results]


def one(name: str, path: Path, memory_gb: float) -> None:
    """Time one of them in this process, and print it; a few rows before that load what it imports late."""
    import pyarrow as pa
    import pyarrow.parquet as pq

    few = path.with_name(f"few_{name}.parquet")
    pq.write_table(pa.Table.from_batches([next(pq.ParquetFile(path).iter_batches(5_000))]), few)
    _made(name, few, memory_gb)()
    run = _made(name, path, memory_gb)
    started, cpu = time.perf_counter(), _processor_s()
    counts = run()
    wall, cpu = time.perf_counter() - started, _processor_s() - cpu
    memory = sum(_peak_mb(process) for process in _processes())
    print(json.dumps({"wall_s": round(wall, 3), "cpu_s": round(cpu, 2), "peak_rss_mb": memory, "counts": counts}))


def _made(name: str, path: Path, memory_gb: float) -> Callable[[], Any]:
    if not name.startswith("steelyard"):
        made: Callable[[], Any] = globals()[name](path)
        return made
    action = "quarantine" if name == "steelyard_stored" else "flag"
    return steelyard(path, memory_gb, is_in_memory=name == "steelyard_in_memory", action=action)


def _processes() -> list[Path]:
    """This process and those it started."""
    parents = {}
    for stat in Path("/proc").glob("[0-9]*/stat"):
        try:
            parents[int(stat.parent.name)] = int(stat.read_text().rpartition(")")[2].split()[1])
        except OSError:
            continue
    mine = {os.getpid()}
    while more := {child for child, parent in parents.items() if parent in mine} - mine:
        mine |= more
    return [Path("/proc") / str(each) for each in mine]


def _processor_s() -> float:
    ticks = 0
    for process in _processes():
        fields = (process / "stat").read_text().rpartition(")")[2].split()
        ticks += int(fields[11]) + int(fields[12])
    return ticks / os.sysconf("SC_CLK_TCK")


def _peak_mb(process: Path) -> int:
    return int(re.search(r"VmHWM:\s+(\d+)", (process / "status").read_text())[1]) // 1024


def timed(python: str, name: str, path: Path, memory_gb: float) -> dict[str, Any] | None:
    """One of them in a process of its own; ``None`` where it does not run."""
    argv = [python, str(Path(__file__).resolve()), "--one", name, "--path", str(path), "--memory-gb", str(memory_gb)]
    env = {**os.environ, "GX_ANALYTICS_ENABLED": "false", "TQDM_DISABLE": "1"}
    process = subprocess.run(argv, capture_output=True, text=True, env=env, check=False)
    if process.returncode:
        last = (process.stderr.strip().splitlines() or ["no reason given"])[-1]
        print(f"{name:25} left out: {last[:300]}", flush=True)
        return None
    return json.loads(process.stdout.strip().splitlines()[-1])


def told(name: str, runs: list[dict[str, Any]], n: int, counts: list[int]) -> dict[str, Any]:
    """Print the median of the runs."""
    middle = sorted(runs, key=lambda run: run["wall_s"])[(len(runs) - 1) // 2]
    wall, cpu = (n * len(CHECKS) / max(middle[key], 0.001) / 1e6 for key in ("wall_s", "cpu_s"))
    others = ", ".join(f"{run['wall_s']:.2f}" for run in runs)
    same = "the same counts" if middle["counts"] == counts else f"OTHER COUNTS {middle['counts']}"
    print(
        f"{name:25} {n:>11,} rows {wall:8.2f} M row checks/s, {cpu:8.2f} M a processor s; wall {middle['wall_s']:.2f} "
        f"(of {others}) s, processor {middle['cpu_s']:.2f} s, peak {middle['peak_rss_mb']:,} MB; "
        f"{sum(middle['counts']):,} caught, {same if name != 'steelyard_stored' else 'each row for its first check'}",
        flush=True,
    )
    return {"wall": wall, "cpu": cpu}


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


def compared(path: Path, names: dict[str, str], n: int, given: argparse.Namespace) -> dict[str, dict[str, Any]]:
    """All of them by turns over the same log."""
    import duckdb

    duckdb.sql(_ROWS.format(n=n)).write_parquet(str(path))
    runs: dict[str, list[dict[str, Any]]] = {name: [] for name in names}
    for _ in range(given.repeats):
        for name in list(runs):
            found = timed(names[name], name, path, given.memory_gb)
            if found is None:
                del runs[name]
            else:
                runs[name].append(found)
    return {name: told(name, found, n, runs["steelyard"][0]["counts"]) for name, found in runs.items()}


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--rows", type=int, default=2_000_000)
    parser.add_argument("--more", type=int, default=20_000_000)
    parser.add_argument("--venv", type=Path, default=None)
    parser.add_argument("--memory-gb", type=float, default=4.0)
    parser.add_argument("--repeats", type=int, default=3)
    parser.add_argument("--one")
    parser.add_argument("--path", type=Path)
    given = parser.parse_args()
    if given.one:
        one(given.one, given.path, given.memory_gb)
        return
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "log.parquet"
        python = peers_python(given.venv or Path(folder) / "venv")
        mine = dict.fromkeys(OURS, sys.executable)
        compared(path, mine, given.more, given)
        rates = compared(path, mine | (dict.fromkeys(PEERS, python) if python else {}), given.rows, given)
    for own in OURS:
        ratios = (
            f"{rates[own]['wall'] / rate['wall']:.1f} ({rates[own]['cpu'] / rate['cpu']:.1f}) times {peer}"
            for peer, rate in rates.items()
            if peer not in OURS
        )
        print(f"{own}, wall (processor): {', '.join(ratios)}")


if __name__ == "__main__":
    main()
