"""Time and processor time of one lexical query in this process, one thread, beside tantivy's default.

Where ``steelyard run -c benchmarks/home_depot.toml`` left a shop, its hybrid search with the 8-bit encoder is timed as
well. Rounds are interleaved (ours, tantivy, ours, tantivy ...) after a warm-up that is not counted. Prints one line of
JSON.

    python benchmarks/search_latency.py [--data ../shared/data] [--queries 2000] [--rounds 3] [--store FOLDER]
"""

import argparse
import json
import time
from collections.abc import Callable
from pathlib import Path

import numpy as np

from judged_shops import DATA, K, TantivyDefault, home_depot, open_shop
from steelyard.adapters.artefacts import Artefacts
from steelyard.adapters.parts import DirectoryParts
from steelyard.domain import Request
from steelyard.models.pipeline import Pipeline, open_pipeline
from steelyard.workflows.build import load_configurations


def timed(answer: Callable[[str], object], queries: list[str]) -> tuple[np.ndarray, float]:
    """Wall seconds of each query, and processor seconds of all."""
    began_cpu = time.process_time()
    seconds = []
    for query in queries:
        began = time.perf_counter()
        answer(query)
        seconds.append(time.perf_counter() - began)
    return np.array(seconds), time.process_time() - began_cpu


def hybrid_of(folder: Path) -> Pipeline:
    """The hybrid pipeline with the 8-bit encoder of a shop that was run."""
    store = Artefacts(folder)
    chosen = next(each for each in load_configurations(store) if each.name == "hybrid-int8-1bit")
    return open_pipeline(chosen, DirectoryParts(store.path, chosen.parts))


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--data", type=Path, default=DATA)
    parser.add_argument("--queries", type=int, default=2000)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--store", type=Path, default=Path(__file__).parent / ".steelyard")
    chosen = parser.parse_args()
    texts, cases = home_depot(chosen.data)
    rng = np.random.default_rng(chosen.seed)
    queries = [cases.ids[i] for i in rng.permutation(len(cases.ids))[: chosen.queries * chosen.rounds]]
    lexical, peer = open_shop(texts), TantivyDefault(texts)
    answers: dict[str, Callable[[str], object]] = {
        "steelyard": lambda query: lexical.retrieve([Request(query=query)], k=K),
        "tantivy_default": lambda query: peer.top(query, K),
    }
    if chosen.store.is_dir():
        hybrid = hybrid_of(chosen.store)
        answers["hybrid_int8_1bit"] = lambda query: hybrid.answer([Request(query=query)], k=K)
    walls: dict[str, list[np.ndarray]] = {name: [] for name in answers}
    cpu = dict.fromkeys(answers, 0.0)
    for answer in answers.values():
        timed(answer, list(cases.ids[:200]))
    for block in np.array_split(np.array(queries, object), chosen.rounds):  # each query is asked once: no cache helps
        for name, answer in answers.items():
            wall, spent = timed(answer, list(block))
            walls[name].append(wall)
            cpu[name] += spent
    report: dict[str, object] = {
        "benchmark": "lexical latency, home-depot",
        "texts": len(texts),
        "queries": len(queries),
    }
    for name in answers:
        p50, p90, p99 = np.percentile(np.concatenate(walls[name]), [50, 90, 99]) * 1e3
        report[name] = {
            "p50_ms": round(float(p50), 3),
            "p90_ms": round(float(p90), 3),
            "p99_ms": round(float(p99), 3),
            "cpu_ms_per_query": round(cpu[name] / len(queries) * 1e3, 3),
            "p50_ms_by_round": [round(float(np.median(wall)) * 1e3, 3) for wall in walls[name]],
        }
    report["cpu_ratio_of_lexical"] = round(cpu["steelyard"] / cpu["tantivy_default"], 2)
    print(json.dumps(report))


if __name__ == "__main__":
    main()
