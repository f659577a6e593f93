"""Our search beside engines of others: quality, processor time and memory, on one split, one machine, in one run.

Of a shop that was built (``steelyard build -c SHOP/steelyard.toml``), every configuration named is opened in a process
of its own; so is every engine of peer_engines.py, by the interpreter of an environment that holds them. All have built
before any is timed; then they take turns, some hundred of the queries at a time, so that what else the machine does
falls on all alike. Queries are the shop's judging half, which nothing of ours was tuned on. Hybrid engines get vectors
of the same encoder in 8 bits; the processor time of encoding a query, measured here, is added to theirs and is in ours.

Prints one line of JSON for each: nDCG@10 (linear gain, unjudged 0) as [mean, standard error]; processor milliseconds a
query (client and server); wall p50 and p99; megabytes (proportional set, interpreter included); seconds to build.
Then those that none beats in all three of quality, processor and memory.

    python benchmarks/search_peers.py SHOP/steelyard.toml --peers PEERS/bin/python --lucene JAR --work FOLDER
        [--ours lexical ltr-static hybrid-static-1bit hybrid-int8-1bit] [--engines tantivy ...] [--queries 2000]
"""

import argparse
import json
import os
import subprocess
import sys
import time
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np

from judged_shops import K, mean_and_error, ndcg
from steelyard.adapters.artefacts import Artefacts
from steelyard.adapters.encoders.onnx_encoder import open_onnx_encoder
from steelyard.assembly import Tools
from steelyard.config import parse
from steelyard.data.dividing.held_back import chosen as some
from steelyard.domain import Cases, Request, Surface
from steelyard.models.recipe import REFUSED, InstalledModels, find_recipe
from steelyard.workflows.building.bench import ShopBench, in_text_space
from steelyard.workflows.building.planned import Planned, planned_as

PEERS = ("tantivy", "bm25s", "lucene", "redisearch", "postgresql", "postgresql-hybrid", "qdrant-hybrid",
         "lancedb-hybrid")  # fmt: skip
OURS = ("lexical", "ltr-words", "ltr-static", "hybrid-static-1bit", "hybrid-int8-1bit")
TURN = 200
ENCODED, VECTORS = "parts/encoder/minilm-int8", "vectors/minilm"


@dataclass
class Running:
    """A process that answers queries, and what it has answered."""

    name: str
    process: subprocess.Popen[str]
    build_s: float | None = None
    lists: list[list[int]] = field(default_factory=list)
    wall_ms: list[float] = field(default_factory=list)
    cpu_s: float = 0.0
    mb: float = 0.0

    def read(self) -> dict:
        """Its next line."""
        line = self.process.stdout.readline()
        if not line:
            raise SystemExit(f"{self.name} ended with status {self.process.wait()}")
        return json.loads(line)

    def turn(self, begin: int, end: int) -> None:
        """Asks it some queries."""
        self.process.stdin.write(json.dumps({"from": begin, "to": end}) + "\n")
        self.process.stdin.flush()
        told = self.read()
        self.lists += told["lists"]
        self.wall_ms += told["wall_ms"]
        self.cpu_s += told["cpu_s"]
        self.mb = max(self.mb, told["mb"])


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("config", type=Path)
    parser.add_argument("--peers", help="interpreter that has the engines")
    parser.add_argument("--lucene", default="", help="jar with Lucene's classes")
    parser.add_argument("--work", type=Path, required=True, help="vectors are kept here")
    parser.add_argument("--ours", nargs="*", default=list(OURS))
    parser.add_argument("--engines", nargs="*", default=list(PEERS))
    parser.add_argument("--queries", type=int, default=2000)
    parser.add_argument("--serve", help=argparse.SUPPRESS)
    chosen = parser.parse_args()
    bench = opened(chosen.config)
    cases = in_text_space(bench.shop.search_test, bench.shop.facts)
    cases = some(cases, range(min(chosen.queries, len(cases.ids))))
    if chosen.serve:
        serve(bench, planned(bench)[chosen.serve], cases)
        return
    encode_ms = laid_out(bench, cases, chosen.work)
    here = [sys.executable, __file__, str(chosen.config), "--work", str(chosen.work), "--queries", str(chosen.queries)]
    began = []
    for name in chosen.ours:
        began.append(start(name, [*here, "--serve", name]))
    for name in chosen.engines:
        engines = str(Path(__file__).with_name("peer_engines.py"))
        began.append(start(name, [chosen.peers, engines, name, str(chosen.work)], LUCENE_JAR=chosen.lucene))
    for begin in range(0, len(cases.ids), TURN):
        for each in began:
            each.turn(begin, min(begin + TURN, len(cases.ids)))
    rows = [told(each, cases, encode_ms if each.name in PEERS and "hybrid" in each.name else 0.0) for each in began]
    for row in rows:
        print(json.dumps(row), flush=True)
    print(json.dumps({"encode_ms": encode_ms, "on_the_frontier": frontier(rows)}))
    for each in began:
        each.process.stdin.close()
        each.process.wait()


def opened(config: Path) -> ShopBench:
    """The shop as its building sees it."""
    parsed = parse(config.read_text("utf-8"), name=str(config), models=InstalledModels())
    base = config.resolve().parent
    return ShopBench(parsed, Artefacts(base / ".steelyard"), base, Tools())


def planned(bench: ShopBench) -> dict[str, Planned]:
    """Configurations of search by name."""
    kinds = bench.config.models.search
    return {each.name: each for kind in kinds for each in planned_as(bench.config, Surface.SEARCH, kind)}


def start(name: str, command: list[str], **environment: str) -> Running:
    """A process that has built."""
    process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True,
                               env=os.environ | {"OMP_NUM_THREADS": "1"} | environment)  # fmt: skip
    running = Running(name, process)
    running.build_s = running.read()["build_s"]
    return running


def laid_out(bench: ShopBench, cases: Cases, work: Path) -> float:
    """Writes titles, queries and vectors of both; gives processor milliseconds of encoding a query."""
    work.mkdir(parents=True, exist_ok=True)
    encoder = open_onnx_encoder(bench.store.path(ENCODED))
    titles = list(bench.shop.texts.title)
    (work / "data.json").write_text(
        json.dumps({"titles": titles, "queries": [each.query for each in cases.requests]}), "utf-8"
    )
    np.save(work / "vectors.npy", bench.store.read_state(VECTORS).arrays["vectors"])
    cpu = time.process_time()
    np.save(work / "queries.npy", np.vstack([encoder.encode([request.query]) for request in cases.requests]))
    return round(1000 * (time.process_time() - cpu) / len(cases.ids), 3)


def serve(bench: ShopBench, chosen: Planned, cases: Cases) -> None:
    """Answers turns, in a process of its own, with one of our configurations."""
    import psutil

    began = time.perf_counter()
    variant = chosen.variant
    options = variant.options(bench.values(variant.tuned)) if variant.tuned is not None else {}
    options = {name: value for name, value in options.items() if name != REFUSED}
    retriever = find_recipe(chosen.kind).open(bench.open(variant.parts), options)
    queries = [request.query for request in cases.requests]
    bench.__dict__.pop("shop", None)
    for query in queries[:50]:
        retriever.retrieve([Request(query=query)], k=K)
    print(json.dumps({"ready": chosen.name, "build_s": round(time.perf_counter() - began, 1)}), flush=True)
    for line in sys.stdin:
        window = json.loads(line)
        lists, wall, cpu = [], [], time.process_time()
        for query in queries[window["from"] : window["to"]]:
            at = time.perf_counter()
            row = retriever.retrieve([Request(query=query)], k=K).items[0]
            lists.append(row[row >= 0].tolist())
            wall.append(round(1000 * (time.perf_counter() - at), 3))
        mb = psutil.Process().memory_full_info().pss / 1e6
        print(json.dumps({"lists": lists, "cpu_s": time.process_time() - cpu, "wall_ms": wall, "mb": mb}), flush=True)


def told(running: Running, cases: Cases, encode_ms: float) -> dict:
    """The figures of one."""
    return {
        "system": running.name,
        "ndcg@10": mean_and_error(ndcg(running.lists, cases)),
        "cpu_ms": round(1000 * running.cpu_s / len(cases.ids) + encode_ms, 3),
        "p50_ms": round(float(np.percentile(running.wall_ms, 50)) + encode_ms, 2),
        "p99_ms": round(float(np.percentile(running.wall_ms, 99)) + encode_ms, 2),
        "mb": round(running.mb),
        "open_or_build_s": running.build_s,
        "queries": len(cases.ids),
    }


def frontier(rows: list[dict]) -> list[str]:
    """Names of those that no other is as good as in quality, processor and memory, and better in one."""

    def beats(one: dict, other: dict) -> bool:
        of_one = (one["ndcg@10"][0], -one["cpu_ms"], -one["mb"])
        of_other = (other["ndcg@10"][0], -other["cpu_ms"], -other["mb"])
        return all(a >= b for a, b in zip(of_one, of_other, strict=True)) and of_one != of_other

    return [row["system"] for row in rows if not any(beats(other, row) for other in rows)]


if __name__ == "__main__":
    main()
