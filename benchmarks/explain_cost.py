"""What an explanation costs, and that it costs nothing where nobody asks for it: ratios of processor time, in one run.

The same queries are asked by turns, in three ways: as they are answered by the engine alone, through the search pages
without an explanation, and with one. With `--before PATH`, the source folder of an earlier version (`src` of a
worktree), both versions answer by turns in processes of their own, without an explanation.

    python benchmarks/explain_cost.py BUNDLE [--before ../main/src]
"""

import argparse
import json
import subprocess
import sys
import time
from pathlib import Path

import numpy as np

ROUNDS = 15
BESIDE = 80
QUERIES = (
    "milk", "whole milk 1 gallon", "the red wine", "coca colla", "gluten free pasta", "2% milk", "dog food dry",
    "toilet paper 12 pack", "yougurt", "chicken breast", "ice cream", "orange juice no pulp",
)  # fmt: skip


def timed(pages: object, *, is_explained: bool) -> float:
    """Processor milliseconds of an answer."""
    from steelyard.serving.lists.listing import Question

    more = {"is_explained": True} if is_explained else {}
    began = time.process_time()
    for query in QUERIES:
        pages.page(pages.check(Question(query, k=10, explain=False, **more)))  # type: ignore[attr-defined]
    return 1000 * (time.process_time() - began) / len(QUERIES)


def opened(bundle: Path) -> object:
    """The search pages of a bundle."""
    from steelyard.assembly import Tools
    from steelyard.serving.search_pages import SearchPages

    return SearchPages(Tools().bundles.open(bundle).engine(), "0" * 64)


def alone(bundle: Path) -> None:
    """One process that answers a round for each line it reads."""
    pages = opened(bundle)
    timed(pages, is_explained=False)
    for _ in sys.stdin:
        print(timed(pages, is_explained=False), flush=True)


def beside(bundle: Path, before: Path) -> list[tuple[float, float]]:
    """Readings of both versions by turns, the earlier one first."""
    started = [
        subprocess.Popen(
            [sys.executable, __file__, str(bundle), "--alone"],
            env={"PYTHONPATH": str(source), "PATH": "/usr/bin:/bin", "OMP_NUM_THREADS": "1"},
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        for source in (before, Path(__file__).resolve().parent.parent / "src")
    ]
    found = []
    for _ in range(BESIDE):
        row = []
        for process in started:
            process.stdin.write("\n")  # type: ignore[union-attr]
            process.stdin.flush()  # type: ignore[union-attr]
            row.append(float(process.stdout.readline()))  # type: ignore[union-attr]
        found.append((row[0], row[1]))
    for process in started:
        process.stdin.close()  # type: ignore[union-attr]
        process.wait()
    return found


def main() -> None:
    """Print the figures as JSON."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("bundle", type=Path)
    parser.add_argument("--before", type=Path)
    parser.add_argument("--alone", action="store_true", help=argparse.SUPPRESS)
    chosen = parser.parse_args()
    if chosen.alone:
        alone(chosen.bundle)
        return
    pages = opened(chosen.bundle)
    for is_explained in (False, True):
        timed(pages, is_explained=is_explained)
    rows = np.array([[timed(pages, is_explained=each) for each in (False, True)] for _ in range(ROUNDS)])
    plain, told = np.median(rows, axis=0)
    print(
        json.dumps(
            {"plain_cpu_ms": round(plain, 3), "explained_cpu_ms": round(told, 3), "ratio": round(told / plain, 2)}
        )
    )
    if chosen.before:
        both = np.array(beside(chosen.bundle, chosen.before))
        ratio = np.median(both[:, 1] / both[:, 0])
        least = both.min(axis=0)
        print(json.dumps({
            "before_cpu_ms": round(float(least[0]), 4), "now_cpu_ms": round(float(least[1]), 4),
            "ratio_of_least": round(float(least[1] / least[0]), 4), "median_ratio": round(float(ratio), 4),
        }))  # fmt: skip


if __name__ == "__main__":
    main()
