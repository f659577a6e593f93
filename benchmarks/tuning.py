"""What a search with a budget adds to each model's own tuning: validation, test, processor seconds, in one run.

Amazon Beauty leave-one-out (the item before the last of each user is validation, the last is test; the test is answered
by a model that learnt the validation items too), and Online Retail as a shop prepares it. Both are asked without what
the user had; full ranking; nDCG@10; at most 6,000 validation cases, all test cases. Own tuning and search look at
validation alone, the test is only printed. `best` is the best trial on validation whether it is taken or not; `taken`
is what a shop would serve: the best trial only where it gains more than choosing among so many flatters it by.

    OMP_NUM_THREADS=1 python benchmarks/tuning.py [--data ../shared/data] [--sets beauty online-retail] [--trials 30]
        [--models item-knn …] [--pruning median] [--seed 0] [--lines]
"""

from __future__ import annotations

import argparse
import tempfile
import time
from dataclasses import replace
from decimal import Decimal
from pathlib import Path

import numpy as np

from leave_one_out import Bench, cases, read, read_attributes
from spark_equal import ONLINE_RETAIL
from steelyard.assembly import Tools
from steelyard.cli.opening import open_shop, read_meters
from steelyard.data.tables import ShopTables
from steelyard.domain import Cases, Money, Surface
from steelyard.models.early_bench import OneState
from steelyard.models.recipe import Plan, find_recipe
from steelyard.reporting.tuning_lines import tuning_lines
from steelyard.testing.memory_bench import MemoryBench
from steelyard.testing.recipe_contract import toy_config
from steelyard.workflows.run import Run, prepare_stage
from steelyard.workflows.tuning.budget import Budget
from steelyard.workflows.tuning.rungs import RungCases
from steelyard.workflows.tuning.running import Kit, SearchRun
from steelyard.workflows.tuning.searched import report_of

MODELS = ("item-knn", "user-knn", "transitions", "ease", "ials")
PRICE = Money(Decimal("0.00000944"), "USD")
"""Of a core second: any one will do here, since the budget is in trials."""


class SearchingBench(MemoryBench):
    """A bench in memory that searches for so many trials."""

    def __init__(self, shop, *, seed, trials, pruning):
        super().__init__(shop, seed=seed)
        self.trials, self.pruning, self.report = trials, pruning, None
        self.before_s = 0.0
        """Processor time when the search began: what was spent before is the model's own tuning."""

    def search(self, search):
        """As many trials as were asked for; the report is kept."""
        self.before_s = time.process_time()
        with tempfile.TemporaryDirectory() as folder:
            tuning = Tools().tuning
            kit = Kit(
                tuning.proposals(search.space, seed=self.seed, pruning=self.pruning),
                tuning.journal(Path(folder) / "journal.jsonl"),
                tuning.crew(),
                read_meters,
                self.progress,
            )
            budget = Budget(trials=self.trials, per_core_second=PRICE)
            done = SearchRun(search, budget, kit, key="benchmark", seed=self.seed, workers=1).run()
        self.report = report_of(search, done, budget, made_at="", workers=1, seed=self.seed)
        return dict(self.report.chosen)


def beauty(data):
    sequences, n_items = read(data / "amazon-reviews" / "beauty.sequences.parquet")
    attributes = read_attributes(data / "amazon-reviews" / "beauty.attributes.parquet", n_items)
    bench = Bench(sequences, n_items, attributes)
    texts, facts = bench.catalogue
    none = Cases(Surface.SEARCH, (), (), (), ())
    asked = [replace(cases(sequences, at), excludes_seen=True) for at in (-2, -1)]
    names = tuple(map(str, range(n_items)))
    return ShopTables(names, texts, facts, bench.learn, bench.learn_all, none, none, *asked, ())


def online_retail(data):
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "steelyard.toml"
        path.write_text(ONLINE_RETAIL.format(path=(data / "online-retail/transactions.parquet").resolve()))
        run = Run.of(open_shop(path))
        prepare_stage(run, lambda done, total, what: None)
        return run.bench.shop


SETS = {"beauty": beauty, "online-retail": online_retail}


def tested(recipe, bench, options, tuned):
    """nDCG@10 of each test case, by a model fitted on all that came before."""
    if hasattr(recipe, "fit"):
        model = recipe.open(OneState(recipe.fit(bench, options, tuned)), recipe.opening(tuned))
    else:  # its parts are made on a bench that knows the tuned values already
        variant = next(iter(recipe.variants(Plan(toy_config(), options))))
        again = MemoryBench(bench.shop, seed=bench.seed)
        again.made[variant.tuned.name] = tuned
        again.make(variant.needed)
        model = recipe.open(again.open(variant.parts), variant.options(tuned))
    *_, values = RungCases(bench.shop.recommend_test, seed=0, most=10**9).judged(model)
    return values


def measure(name, shop, arguments):
    recipe = find_recipe(name)
    options = recipe.options()
    variant = next(iter(recipe.variants(Plan(toy_config(), options))))
    bench = SearchingBench(shop, seed=arguments.seed, trials=arguments.trials, pruning=arguments.pruning)
    began = time.process_time()
    tuned = variant.tuned.make(bench)
    own_s, search_s = bench.before_s - began, time.process_time() - bench.before_s
    report = bench.report
    best = max((row for row in report.trials if row.state == "complete"), key=lambda row: row.quality)
    with_values = getattr(recipe, "taken", lambda tuned, values: {**tuned, **values})
    of_start, of_best = (
        tested(recipe, bench, options, with_values(tuned, values)) for values in (report.start, best.values)
    )
    difference = of_best - of_start
    error = difference.std(ddof=1) / np.sqrt(len(difference))
    taken = of_best if report.is_adopted else of_start
    states = [row.state for row in report.trials]
    print(
        f"  {name:<13}{report.start_quality:8.4f}{report.best_quality:8.4f}{report.flattered or 0:10.4f}"
        f"{'  yes' if report.is_adopted else '   no'} |{of_start.mean():8.4f}{of_best.mean():8.4f}"
        f"{difference.mean():+9.4f} ±{error:.4f}{taken.mean():8.4f} |{own_s:8.1f}{search_s:9.1f}"
        f"{states.count('pruned'):8d}",
        flush=True,
    )
    print(f"      own  {_told(report.start)}\n      best {_told(best.values)} (trial {best.number + 1})", flush=True)
    if arguments.lines:
        print("\n".join(f"      {line}" for line in tuning_lines(report, language="en")), flush=True)


def _told(values):
    return ", ".join(f"{name} {value:.3g}" for name, value in values.items())


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", type=Path, default=Path(__file__).parents[1] / "../shared/data")
    parser.add_argument("--sets", nargs="+", default=list(SETS), choices=list(SETS))
    parser.add_argument("--models", nargs="+", default=list(MODELS))
    parser.add_argument("--trials", type=int, default=30)
    parser.add_argument("--pruning", default="median", choices=["median", "hyperband", "none"])
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--lines", action="store_true", help="what `steelyard tuning` shows, besides")
    arguments = parser.parse_args()
    for name in arguments.sets:
        shop = SETS[name](arguments.data)
        n = [RungCases(each, seed=0).n for each in (shop.recommend_tuning, shop.recommend_test)]
        print(f"{name}: {shop.learn.n_users:,} users, {shop.learn.n_items:,} items, {n[0]:,} validation cases")
        print(f"  {'':13}{'validation':>16}{'flattered':>10} taken |{'test: own':>8}{'best':>7}{'best - own':>17}"
              f"{'taken':>9} |{'own s':>8}{'search s':>9}{'pruned':>8}")  # fmt: skip
        for model in arguments.models:
            measure(model, shop, arguments)


if __name__ == "__main__":
    main()
