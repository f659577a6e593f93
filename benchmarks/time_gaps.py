"""Does a transformer gain by looking at how long ago each item was? A shop's own division by time, paired over users.

The shop is prepared by ``steelyard prepare``. The network is taught with ``times`` on and off, everything else equal,
for the same seeds, and judged on the judging period: recall and nDCG at 10, over the whole catalogue, as the shop's
rules say.

    python benchmarks/time_gaps.py SHOP/steelyard.toml [--seeds 0 1 2] [--minutes 5]
"""

import argparse
import time
from pathlib import Path

import numpy as np

from fused import judge, opened
from steelyard.adapters.artefacts import Artefacts
from steelyard.adapters.shop.tables import load_shop
from steelyard.config import parse
from steelyard.evaluation.compare import paired_interval
from steelyard.models.ranking.rules import Rules
from steelyard.models.recipe import InstalledModels, Plan, find_recipe
from steelyard.testing.memory_bench import MemoryBench


def row(config, tables, seed, *, times, minutes):
    """Recall and nDCG of each user; processor seconds of training and milliseconds of an answer."""
    bench, recipe = MemoryBench(tables, seed=seed), find_recipe("transformer")
    options = recipe.options(times=times, minutes=minutes, forms=["fp32"])
    variant = next(iter(recipe.variants(Plan(config, options))))
    began = time.process_time()
    bench.make([variant.tuned])
    model = opened(bench, recipe, variant, is_earlier=False)
    spent = time.process_time() - began
    recall, ndcg, cpu_ms = judge(
        model, tables.recommend_test, Rules.from_options(config.rules.model_dump()), tables.facts
    )
    learning = bench.values(variant.tuned)["learning"]
    print(
        f"  seed {seed} times {times!s:<5} R@10 {recall.mean():.4f} nDCG@10 {ndcg.mean():.4f}  {spent:.0f} CPU-s "
        f"{len(learning['looks'])} epochs, best {learning['best']:.4f} on validation, {cpu_ms:.2f} CPU ms",
        flush=True,
    )
    return ndcg


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("shop", type=Path)
    parser.add_argument("--seeds", type=int, nargs="*", default=[0, 1, 2])
    parser.add_argument("--minutes", type=float, default=5)
    arguments = parser.parse_args()
    config = parse(arguments.shop.read_text("utf-8"), name=str(arguments.shop), models=InstalledModels())
    folder = Artefacts(arguments.shop.resolve().parent / ".steelyard").path("data")
    tables = load_shop(folder, max_history=config.models.max_history)
    print(f"{config.shop.name}: {len(tables.recommend_test.ids)} users")
    gains = []
    for seed in arguments.seeds:
        with_times, without = (
            row(config, tables, seed, times=times, minutes=arguments.minutes) for times in (True, False)
        )
        gains.append(with_times - without)
    print("nDCG@10 with times over without:", paired_interval(np.mean(gains, axis=0), np.zeros(len(gains[0])), seed=0))


if __name__ == "__main__":
    main()
