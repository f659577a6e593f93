"""Time and memory of lexical search, and of hybrid search with a static encoder, at two sizes of a catalogue.

Titles beyond the 54,667 of Home Depot are made of the beginning of one and the end of another; their vectors are the
means of the two. Each size is asked in a process of its own. Prints one line of JSON for each: processor milliseconds
of a query, and memory that is no page of a file.

    python benchmarks/search_size.py [--data ../shared/data] [--sizes 50000 500000] [--queries 1000] [--encoder FOLDER]

Hybrid search needs the folder of a static encoder: ``parts/encoder/…-static`` of a shop that was run.
"""

import argparse
import json
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

import numpy as np

from judged_shops import DATA, K, home_depot, open_shop
from steelyard.adapters.encoders.static_encoder import open_static_encoder
from steelyard.domain import Request, State, Texts
from steelyard.models.retrieval.dense import DenseRetriever
from steelyard.models.retrieval.hybrid import HybridRetriever
from steelyard.models.retrieval.vectors import open_vectors
from steelyard.models.text.encode import normalised, passages


def larger(titles: tuple[str, ...], n: int) -> tuple[tuple[str, ...], np.ndarray]:
    """``n`` titles, and the two that each is made of."""
    rng = np.random.default_rng(0)
    sources = rng.integers(0, len(titles), (n, 2))
    own = min(n, len(titles))
    sources[:own] = np.arange(own)[:, None]
    made = list(titles[:own])
    for left, right in sources[own:].tolist():
        begin, end = titles[left].split(), titles[right].split()
        made.append(" ".join([*begin[: len(begin) // 2], *end[len(end) // 2 :]]))
    return tuple(made), sources


def cpu_ms(answer: Callable[[str], object], queries: list[str]) -> dict[str, float]:
    """Processor milliseconds of a query, on average and the median; the first fifth is not counted."""
    spent = []
    for query in queries:
        began = time.thread_time()
        answer(query)
        spent.append((time.thread_time() - began) * 1e3)
    counted = np.array(spent[len(spent) // 5 :])
    return {"mean": round(float(counted.mean()), 3), "p50": round(float(np.median(counted)), 3)}


def own_memory_mb() -> float:
    """Memory of this process that is no page of a file."""
    lines = Path("/proc/self/status").read_text("ascii").splitlines()
    return round(next(int(line.split()[1]) for line in lines if line.startswith("RssAnon")) / 1e3, 1)


def measure(chosen: argparse.Namespace, n: int) -> None:
    texts, cases = home_depot(chosen.data)
    titles, sources = larger(texts.title, n)
    empty = ("",) * n
    rng = np.random.default_rng(1)
    queries = [cases.ids[i] for i in rng.permutation(len(cases.ids))[: chosen.queries]]
    before = own_memory_mb()
    lexical = open_shop(Texts(titles, empty, empty, empty, empty))
    report: dict[str, object] = {"texts": n, "memory_mb": round(own_memory_mb() - before, 1)}
    report["lexical_cpu_ms"] = cpu_ms(lambda query: lexical.retrieve([Request(query=query)], k=K), queries)
    if chosen.encoder is not None:
        encoder = open_static_encoder(chosen.encoder)
        known = encoder.encode(passages(texts))
        with tempfile.NamedTemporaryFile(suffix=".f16") as file:
            vectors = np.memmap(file.name, np.float16, "w+", shape=(n, encoder.width))
            for start in range(0, n, 65_536):
                pair = sources[start : start + 65_536]
                vectors[start : start + 65_536] = normalised(known[pair[:, 0]] + known[pair[:, 1]])
            dense = DenseRetriever(encoder, open_vectors(State({"vectors": vectors}, {"format": "1bit"}), {}))
            hybrid = HybridRetriever(lexical, dense)
            again = [f"{query} " for query in queries]  # not remembered
            report["hybrid_cpu_ms"] = cpu_ms(lambda query: hybrid.retrieve([Request(query=query)], k=K), again)
    print(json.dumps(report), flush=True)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", type=Path, default=DATA)
    parser.add_argument("--sizes", type=int, nargs="+", default=[50_000, 500_000])
    parser.add_argument("--queries", type=int, default=1000)
    parser.add_argument("--encoder", type=Path)
    chosen = parser.parse_args()
    if len(chosen.sizes) == 1:
        measure(chosen, chosen.sizes[0])
        return
    rest = sys.argv[1 : sys.argv.index("--sizes")] if "--sizes" in sys.argv else sys.argv[1:]
    for size in chosen.sizes:
        subprocess.run([sys.executable, __file__, *rest, "--sizes", str(size)], check=True)


if __name__ == "__main__":
    main()
