"""Open-loop recommendation over HTTP: is a list there in time at a rate, and what does it cost in processor time?

    python benchmarks/http_recommend.py [--kinds item-knn] [--rates 100 500] [--seconds 10] [--shop beauty]
        [--data ../shared/data/amazon-reviews] [--work FOLDER] [--users 2000]

Of Amazon Beauty (12,101 items) or a made-up shop of 20,000 items a bundle of each recommender is served as ``steelyard
serve`` does it, on one core; requests for people of the log come on a Poisson schedule from a process on another core
and are timed from their intended moments, so that a stall is charged to every request it delayed. The same server is
asked at ``/health`` as well: what HTTP costs by itself, with nothing recommended. Prints a JSON line for each rate:
p50, p95, p99, misses (another status, a degraded answer, or later than the time-out), lag of the generator, processor
milliseconds and resident memory of the server, and how busy the machine was. A run whose generator lagged is marked
invalid. Where other work fills the cores, times are those of the queue for a core: then processor milliseconds say
more, at a rate without misses. ``in_process_cpu_ms`` is what a list costs without HTTP, reasons and cards.
"""

from __future__ import annotations

import argparse
import json
import os
import sys
import tempfile
import time
from pathlib import Path
from typing import Any
from urllib.parse import quote

import numpy as np

from http_search import run
from recommend_shop import MODELS, beauty, bundle, synthetic
from steelyard.adapters.bundle import Bundle
from steelyard.adapters.measuring.http_load import Call
from steelyard.adapters.measuring.server_process import ServerProcess
from steelyard.domain import Request, Surface

KEY = b"a key for benchmarks only, 32 b."


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", type=Path, default=Path(__file__).parents[1] / "../shared/data/amazon-reviews")
    parser.add_argument("--shop", choices=["beauty", "synthetic"], default="beauty")
    parser.add_argument("--kinds", nargs="+", choices=list(MODELS), default=["item-knn"])
    parser.add_argument("--rates", type=float, nargs="+", default=[100, 500])
    parser.add_argument("--seconds", type=float, default=10.0)
    parser.add_argument("--users", type=int, default=2_000, help="people who are asked for, in turn")
    parser.add_argument("--work", type=Path, help="bundles are kept here, and not made twice")
    args = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        made = beauty(args.data) if args.shop == "beauty" else synthetic(200_000, 20_000)
        for kind in args.kinds:
            work = (args.work or Path(folder)) / f"{args.shop}-{kind}"
            found = next(work.glob("bundles/*/bundle.json"), None)
            at = found.parent if found else bundle(work, kind, *made, key=KEY)
            print(json.dumps({"of": kind, "in_process_cpu_ms": in_process(at, args.users)}), flush=True)
            serve(kind, at, Path(folder), made[1].n_users, args)


def serve(kind: str, at: Path, folder: Path, n_users: int, args: argparse.Namespace) -> None:
    """A server on the first core, a generator on the last."""
    cores = sorted(os.sched_getaffinity(0))
    own, servers = (cores[-1], cores[:1]) if len(cores) > 1 else (None, None)
    key = folder / "key"
    key.write_bytes(KEY)
    argv = [sys.executable, "-m", "steelyard", "serve", str(at), "--port", "{port}", "--state", str(folder / kind),
            "--key", str(key)]  # fmt: skip
    people = np.random.default_rng(0).choice(n_users, min(args.users, n_users), replace=False).tolist()
    calls = [Call(f"/v1/recommend?user={quote(f'user {n}')}&k=10") for n in people]
    with ServerProcess(argv, cores=servers) as server:
        for rate in args.rates:
            for name, asked in ((f"{kind}, /health", [Call("/health")]), (kind, calls)):
                found = run(server, asked, rate, args.seconds, own)
                print(json.dumps({"of": name} | found | {"load": load()}), flush=True)


def in_process(at: Path, n_users: int) -> float:
    """Processor milliseconds of a list of ten, asked one by one of the engine that the server holds."""
    opened = Bundle.open(at)
    engine, about = opened.engine(), opened.about()
    assert about.logged is not None
    asked = [Request(history=items[-about.max_history :]) for _, items in about.logged.between(0, n_users)]
    for request in asked[:100]:
        engine.answer(Surface.RECOMMEND, request, k=10, explain=False)
    began = time.process_time()
    for request in asked:
        engine.answer(Surface.RECOMMEND, request, k=10, explain=False)
    return round(1e3 * (time.process_time() - began) / len(asked), 3)


def load() -> dict[str, Any]:
    """Runnable processes, mean of the last minute."""
    return {"one_minute": float(Path("/proc/loadavg").read_text().split()[0]), "cores": os.cpu_count()}


if __name__ == "__main__":
    main()
