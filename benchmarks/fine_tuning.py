"""What search gains by learning from a shop's own judged queries, and what learning it took.

Of a shop that was built with "lexical", "hybrid" and "learnt" among its models, every configuration is asked the
judging queries, which nothing was tuned on, over the whole catalogue. Prints one line of JSON for each: nDCG@10 (linear
gain, what nobody judged counting 0) as [mean, standard error], and what it gains on lexical search and on the same form
of the encoder as it was, paired by query. Last come the facts of what was learnt: steps, seconds, processor seconds,
gain on held-back queries, whether it pays.

    steelyard build -c SHOP/steelyard.toml
    python benchmarks/fine_tuning.py SHOP/steelyard.toml [--queries 2000] [--only learnt-static-1bit hybrid-static-1bit]
"""

import argparse
import json
import time
from pathlib import Path

from judged_shops import K, mean_and_error, ndcg
from steelyard.adapters.artefacts import Artefacts
from steelyard.assembly import Tools
from steelyard.config import parse
from steelyard.data.dividing.held_back import chosen as some
from steelyard.domain import FloatArray, Surface
from steelyard.models.building import with_ancestors
from steelyard.models.recipe import InstalledModels, find_recipe
from steelyard.workflows.building.bench import ShopBench, in_text_space
from steelyard.workflows.building.planned import Planned, planned_as

KINDS = ("lexical", "hybrid", "learnt")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("config", type=Path)
    parser.add_argument("--queries", type=int, default=100_000)
    parser.add_argument("--only", nargs="+")
    chosen = parser.parse_args()
    parsed = parse(chosen.config.read_text("utf-8"), name=str(chosen.config), models=InstalledModels())
    base = chosen.config.resolve().parent
    bench = ShopBench(parsed, Artefacts(base / ".steelyard"), base, Tools())
    planned = [each for kind in KINDS for each in planned_as(parsed, Surface.SEARCH, kind)]
    cases = in_text_space(bench.shop.search_test, bench.shop.facts)
    cases = some(cases, range(min(chosen.queries, len(cases.ids))))
    known: dict[str, FloatArray] = {}
    for each in planned:
        is_wanted = not chosen.only or each.name in chosen.only or each.kind == "lexical"
        if is_wanted and all(bench.store.has(part.name) for part in each.variant.needed):
            known[each.name] = told(each, bench, cases, known)
    facts = {}
    for part in with_ancestors(part for each in planned for part in each.variant.needed):
        if bench.store.has(part.name) and part.name.startswith(("encoders/", "parts/encoder/")):
            found = bench.state(part).facts
            if "pays" in found:
                facts[part.name] = found
    print(json.dumps({"learnt": facts}))


def told(planned: Planned, bench: ShopBench, cases, known: dict[str, FloatArray]) -> FloatArray:
    """Prints the figures of one configuration; gives its nDCG of each query."""
    variant = planned.variant
    options = variant.options(bench.values(variant.tuned)) if variant.tuned is not None else {}
    retriever = find_recipe(planned.kind).open(bench.open(variant.parts), options)
    cpu = time.process_time()
    ranked = retriever.retrieve(cases.requests, k=K)
    cpu = 1000 * (time.process_time() - cpu) / len(cases.ids)
    values = ndcg([row[row >= 0].tolist() for row in ranked.items], cases)
    row = {"configuration": planned.name, "ndcg@10": mean_and_error(values), "cpu_ms_per_query": round(cpu, 2)}
    for name in ("lexical", planned.name.replace("learnt", "hybrid", 1)):
        if name in known and name != planned.name:
            row[f"gain_on_{name}"] = mean_and_error(values - known[name])
    print(json.dumps(row), flush=True)
    return values


if __name__ == "__main__":
    main()
