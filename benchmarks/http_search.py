"""Open-loop search over HTTP: does the server answer in time at a rate, and what does a request cost in processor time?

    python benchmarks/http_search.py BUNDLE [--rates 50 100 200] [--seconds 10] [--queries FILE]
    python benchmarks/http_search.py STORE --config FILE --configurations lexical hybrid-int8-1bit …

The second form makes a bundle of each search configuration of a store (the folder ``.steelyard`` of a shop, whose
settings are in FILE). With ``--floor`` the same server is also asked at ``/health``: what HTTP costs by itself.

Requests come on a Poisson schedule from a process of their own and are timed from their intended moments, so a stall
is charged to every request it delayed. Prints one JSON line for each rate: p50, p95, p99, misses (another status, a
degraded answer, or later than the time-out), lag of the generator, processor milliseconds and resident memory of the
server. A run whose generator lagged is marked invalid.
"""

from __future__ import annotations

import argparse
import json
import os
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import quote

import numpy as np

from steelyard.adapters.artefacts import Artefacts
from steelyard.adapters.measuring.http_ask import ask
from steelyard.adapters.measuring.http_load import Call, HttpLoad
from steelyard.adapters.measuring.server_process import ServerProcess
from steelyard.assembly.serving import Bundles
from steelyard.config import parse
from steelyard.documents.decision import Decision, ShopRow
from steelyard.domain import Surface
from steelyard.workflows.build import load_configurations
from steelyard.workflows.bundles.package import Details, package


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("bundle", type=Path)
    parser.add_argument("--configurations", nargs="+", default=[])
    parser.add_argument("--config", type=Path, help="settings of the shop whose store it is")
    parser.add_argument("--floor", action="store_true", help="ask for what costs nothing as well")
    parser.add_argument("--rates", type=float, nargs="+", default=[50, 100, 200])
    parser.add_argument("--seconds", type=float, default=10.0)
    parser.add_argument("--k", type=int, default=10)
    parser.add_argument("--explain", action="store_true", help="ask for reasons as well")
    parser.add_argument("--queries", type=Path, help="one query a line; the bundle's own examples when absent")
    args = parser.parse_args()
    cores = sorted(os.sched_getaffinity(0))
    own, servers = (cores[-1], cores[:-1]) if len(cores) > 1 else (None, None)
    with tempfile.TemporaryDirectory() as work:
        for n, (name, bundle) in enumerate(bundles(args, Path(work))):
            state = f"{work}/state-{n}"
            argv = [sys.executable, "-m", "steelyard", "serve", str(bundle), "--port", "{port}", "--state", state]
            with ServerProcess(argv, cores=servers) as server:
                calls = [Call(path) for path in paths(args, server.url)]
                for rate in args.rates:
                    if args.floor:
                        found = run(server, [Call("/health")], rate, args.seconds, own)
                        print(json.dumps({"of": f"{name}, /health"} | found), flush=True)
                    print(json.dumps({"of": name} | run(server, calls, rate, args.seconds, own)), flush=True)


def bundles(args: argparse.Namespace, work: Path) -> Iterator[tuple[str, Path]]:
    if not args.configurations:
        yield "bundle", args.bundle
        return
    store, config = Artefacts(args.bundle), parse(args.config.read_text("utf-8"), name=str(args.config))
    by_name = {each.name: each for each in load_configurations(store)}
    examples = json.loads((newest(args.bundle / "bundles") / "bundle.json").read_text("utf-8"))["query_examples"]
    decision = Decision(shop=ShopRow("benchmark"), made_at="2026-01-01T00:00:00+00:00")
    for name in args.configurations:
        chosen = {Surface.SEARCH: by_name[name]}
        details = Details(query_examples=examples)
        yield (
            name,
            package(config, store, Bundles(), chosen=chosen, out=work / name, decision=decision, details=details),
        )


def newest(folder: Path) -> Path:
    return max((path.parent for path in folder.glob("*/bundle.json")), key=lambda path: path.stat().st_mtime)


def paths(args: argparse.Namespace, url: str) -> list[str]:
    found = args.queries.read_text("utf-8").splitlines() if args.queries else ask(url, "/v1/shop")["query_examples"]
    explain = "true" if args.explain else "false"
    return [f"/v1/search?q={quote(query[:256])}&k={args.k}&explain={explain}" for query in found if query.strip()]


def run(server: ServerProcess, calls: list[Call], rate: float, seconds: float, core: int | None) -> dict[str, Any]:
    before = server.cpu_s()
    found = HttpLoad().run(server.url, calls, rate_rps=rate, seconds=seconds, warm_up_s=2.0, seed=0, core=core)
    used_s = server.cpu_s() - before
    p50, p95, p99 = (float(np.percentile(found.latencies_s, q)) * 1000 for q in (50, 95, 99))
    return {
        "rate_rps": rate,
        "requests": len(found.latencies_s),
        "p50_ms": round(p50, 2),
        "p95_ms": round(p95, 2),
        "p99_ms": round(p99, 2),
        "misses": int(found.is_miss.sum()),
        "lag_p99_ms": round(float(np.percentile(found.lags_s, 99)) * 1000, 2),
        "is_valid": bool(found.is_valid),
        "cpu_ms_per_request": round(used_s / (rate * (seconds + 2.0)) * 1000, 3),
        "rss_mb": round(server.rss_bytes() / 1e6, 1),
    }


if __name__ == "__main__":
    main()
