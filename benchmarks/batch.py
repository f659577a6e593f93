"""Lists for everybody: how many users a second, by one process and by two, and whether both write the same file.

What ``steelyard recommend --all`` runs, with its file: a bundle of each recommender at its defaults, of Amazon Beauty
(22,363 people, 12,101 items) and of a made-up shop of 200,000 people and 20,000 items. Prints one JSON line for each
number of processes: users a second of the clock; users a second of processor time, of all processes together (what a
core does that has nothing else to do, start of the processes included); the most that the process that writes held;
bytes and SHA-256 of the file, which must be the same for every number of processes; how busy the machine was.

    python benchmarks/batch.py [--shops beauty synthetic] [--kinds item-knn ease tifu-knn transitions] [--workers 1 2]
        [--data ../shared/data/amazon-reviews] [--work FOLDER] [-k 10]
"""

from __future__ import annotations

import argparse
import hashlib
import json
import resource
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

from peer_talk import peak_mb
from recommend_shop import MODELS, beauty, bundle, synthetic
from steelyard.assembly import Tools
from steelyard.workflows.batch import recommend_all

KEY = b"a key for benchmarks only, 32 b."


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", type=Path, default=Path(__file__).parents[1] / "../shared/data/amazon-reviews")
    parser.add_argument("--shops", nargs="+", choices=["beauty", "synthetic"], default=["beauty", "synthetic"])
    parser.add_argument(
        "--kinds", nargs="+", choices=list(MODELS), default=["item-knn", "ease", "tifu-knn", "transitions"]
    )
    parser.add_argument("--workers", type=int, nargs="+", default=[1, 2])
    parser.add_argument("--users", type=int, default=200_000, help="people of the made-up shop")
    parser.add_argument("--items", type=int, default=20_000)
    parser.add_argument("--work", type=Path, help="bundles are kept here, and not made twice")
    parser.add_argument("-k", type=int, default=10)
    parser.add_argument("--one", nargs=3, metavar=("BUNDLE", "OUT", "WORKERS"), help=argparse.SUPPRESS)
    args = parser.parse_args()
    if args.one:
        print(json.dumps(written(Path(args.one[0]), Path(args.one[1]), workers=int(args.one[2]), k=args.k)))
        return
    with tempfile.TemporaryDirectory() as folder:
        for shop in args.shops:
            made = beauty(args.data) if shop == "beauty" else synthetic(args.users, args.items)
            for kind in args.kinds:
                work = (args.work or Path(folder)) / f"{shop}-{kind}"
                found = next(work.glob("bundles/*/bundle.json"), None)
                at = found.parent if found else bundle(work, kind, *made, key=KEY)
                compare(shop, kind, at, work, args)


def compare(shop: str, kind: str, at: Path, work: Path, args: argparse.Namespace) -> None:
    """Print a line for each number of processes; each is measured in a process of its own."""
    digests = set()
    for workers in args.workers:
        out = work / f"lists-{workers}.parquet"
        argv = [sys.executable, __file__, "-k", str(args.k), "--one", str(at), str(out), str(workers)]
        told = json.loads(subprocess.run(argv, check=True, capture_output=True, text=True).stdout)
        digests.add(told["sha256"])
        print(json.dumps({"shop": shop, "kind": kind, "workers": workers} | told), flush=True)
    if len(digests) > 1:
        raise SystemExit(f"{shop}, {kind}: {len(digests)} different files")


def written(at: Path, out: Path, *, workers: int, k: int) -> dict[str, Any]:
    """Everybody's lists in a file, and what that took; ``now`` is told, so that the file can be the same again."""
    bundles, began, cpu = Tools().bundles, time.perf_counter(), cpu_s()
    opened = bundles.open(at)
    parts = bundles.lists(opened, erased=frozenset(), k=k, workers=workers, now_s=1_800_000_000.0)
    with bundles.writing_lists(out, opened, facts={"k": k}) as writer:
        done = recommend_all(parts, writer, told=lambda n_users: None)
    wall_s, used_s = time.perf_counter() - began, cpu_s() - cpu
    n = done.users + done.empty
    return {
        "users": n,
        "short": done.short,
        "wall_s": round(wall_s, 2),
        "users_per_s": round(n / wall_s),
        "cpu_s": round(used_s, 2),
        "users_per_cpu_s": round(n / used_s),
        "peak_mb": round(peak_mb()),
        "bytes": out.stat().st_size,
        "sha256": hashlib.sha256(out.read_bytes()).hexdigest()[:16],
        "load": float(Path("/proc/loadavg").read_text().split()[0]),
    }


WHO = (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)


def cpu_s() -> float:
    """Processor seconds of this process and of those it started that have ended."""
    used = [resource.getrusage(who) for who in WHO]
    return sum(each.ru_utime + each.ru_stime for each in used)


if __name__ == "__main__":
    main()
