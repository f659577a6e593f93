"""Fusion of recommenders on Amazon Beauty and Toys, leave-one-out, each member's row beside it.

Last item of each user is the test, the one before it validation. Full ranking over the whole catalogue, seen items
removed, ties pessimistic, all users. Members are tuned, and weights and trees fitted, on the validation items of some
users (`--cases`), by members that have not seen them. Two protocols: `published` judges the members as they were then,
by a history that holds the validation item, as the published tables do; `refitted` fits them with it, as a shop would.

    python benchmarks/fused.py [--data ../shared/data/amazon-reviews] [--sets beauty toys] [--of item-knn ials content]
        [--seeds 0 1 2] [--store]
    python benchmarks/fused.py --shop shop/steelyard.toml     # prepared by `steelyard prepare`; paired against members

Every seed runs on its own, all members with it. ``--store`` keeps the figures in ``benchmarks/measured`` after each
seed, from where ``make docs`` writes the tables of the README. A member that is not installed is skipped, and it is
said why.
"""

from __future__ import annotations

import argparse
import time
from dataclasses import replace
from pathlib import Path

import duckdb
import numpy as np

from keeping import keep, kept
from leave_one_out import PUBLISHED, cases, interactions, read
from steelyard.adapters.artefacts import Artefacts
from steelyard.adapters.shop.tables import load_shop
from steelyard.config import parse
from steelyard.config.schema import Config
from steelyard.data.tables import ShopTables
from steelyard.domain import Cases, CatalogueFacts, Past, Request, Surface, Texts
from steelyard.errors import SteelyardError
from steelyard.models.blending.earlier import earlier_parts
from steelyard.models.ranking.rules import Rules
from steelyard.models.recipe import REFUSED, InstalledModels, Plan, find_recipe
from steelyard.testing.memory_bench import MemoryBench

MEMBERS = ("popularity", "item-knn", "ials", "content", "transitions", "user-knn", "ease", "transformer")
GOALS = {"beauty": ".105/.060", "toys": ".105/.068"}
BATCH = 512


def attribute_texts(path, n_items):
    """Attributes are numbers: categories and brands without their names. Each counts as a word."""
    found = dict(duckdb.connect().execute("select item_id, attributes from read_parquet(?)", [str(path)]).fetchall())
    words = tuple(" ".join(f"a{number}" for number in found.get(item, ())) for item in range(n_items))
    empty = ("",) * n_items
    return Texts(words, empty, empty, empty, empty)


def with_past(found):
    """Places stand for times: the set has the order only."""
    pasts = [Past(each.history, tuple(map(float, range(len(each.history))))) for each in found.requests]
    return replace(found, requests=tuple(replace(r, past=p) for r, p in zip(found.requests, pasts, strict=True)))


def some_of(found, n, seed=0):
    rows = np.sort(np.random.default_rng(seed).permutation(len(found.ids))[:n]).tolist()
    return found.at(rows)


def tables_of(folder, name, n_cases):
    sequences, n_items = read(folder / f"{name}.sequences.parquet")
    every = np.arange(n_items)
    test = [s[-1:] for s in sequences]
    requests = tuple(Request(history=tuple(s[:-1].tolist())) for s in sequences)
    ids, ones = tuple(map(str, range(len(sequences)))), tuple(np.ones(1) for _ in sequences)
    nothing = Cases(Surface.SEARCH, (), (), (), ())
    return ShopTables(
        item_ids=tuple(map(str, every)),
        texts=attribute_texts(folder / f"{name}.attributes.parquet", n_items),
        facts=CatalogueFacts(every, every, np.full(n_items, -1), np.ones(n_items, np.int64), ()),
        learn=interactions([s[:-2] for s in sequences], n_items),
        learn_all=interactions([s[:-1] for s in sequences], n_items),
        search_tuning=nothing,
        search_test=nothing,
        recommend_tuning=with_past(some_of(cases([s[:-1] for s in sequences], -1), n_cases)),
        recommend_test=with_past(Cases(Surface.RECOMMEND, ids, requests, tuple(test), ones)),
        query_examples=(),
    )


def judge(model, judged, rules, facts):
    """Recall@10 and NDCG@10 of each case, an item behind all others of its score; and CPU milliseconds of a request."""
    requests = [replace(r, exclude=tuple(sorted(rules.excluded(r, facts)))) for r in judged.requests]
    began, recall, ndcg = time.process_time(), [], []
    discount = 1 / np.log2(np.arange(2, 12))
    for start in range(0, len(requests), BATCH):
        ranked = model.retrieve(requests[start : start + BATCH], k=50)
        for row in range(len(ranked.items)):
            case, items, scores = start + row, ranked.items[row], ranked.scores[row]
            wanted = set(judged.relevant[case].tolist()) - set(requests[case].exclude)
            ranks = [int((scores >= scores[p]).sum()) for p in np.flatnonzero(np.isin(items, list(wanted)))]
            hits = [rank for rank in ranks if rank <= 10]
            recall.append(len(hits) / max(len(wanted), 1))
            ndcg.append(sum(discount[rank - 1] for rank in hits) / max(discount[: len(wanted)].sum(), 1e-9))
    return np.array(recall), np.array(ndcg), 1e3 * (time.process_time() - began) / max(len(requests), 1)


def opened(bench, recipe, variant, *, is_earlier):
    tuned = bench.values(variant.tuned) if variant.tuned is not None else {}
    kept = {name: value for name, value in tuned.items() if name != REFUSED}
    twins = earlier_parts(variant.parts.values(), tuned=variant.tuned)
    roles = variant.parts if variant.opened is None else variant.opened(kept)
    parts = {role: part for role, part in variant.parts.items() if role in roles}
    if is_earlier:
        parts = {role: twins[part.name] for role, part in parts.items()}
    bench.make(parts.values())
    return recipe.open(bench.open(parts), variant.options(kept))


def paired(after, before):
    """Mean difference, and its two-sided p by the normal approximation."""
    from math import erfc, sqrt

    d = after - before
    error = d.std(ddof=1) / np.sqrt(len(d))
    return d.mean(), erfc(abs(d.mean()) / max(error, 1e-12) / sqrt(2))


def installed(names):
    found = []
    for name in names:
        try:
            find_recipe(name)
            found.append(name)
        except SteelyardError as error:
            print(f"  without {name}: {str(error).splitlines()[0][:100]}")
    return found


def compare(bench, config, names, protocols, *, n_cases):
    rules = Rules.from_options(config.rules.model_dump())
    recipe, judged = find_recipe("fused"), bench.shop.recommend_test
    options = recipe.options(of=list(names), cases=n_cases, variants=["weights", "trees"])
    models = {
        n: (find_recipe(n), next(iter(find_recipe(n).variants(Plan(config, find_recipe(n).options()))))) for n in names
    }
    models |= {v.name: (recipe, v) for v in recipe.variants(Plan(config, options))}
    seconds = {}
    for name, (each, variant) in models.items():
        began = time.process_time()
        if variant.tuned is not None:
            bench.make([variant.tuned])
        tuned = time.process_time()
        if "published" in protocols:  # before a fusion makes the same parts for itself
            opened(bench, each, variant, is_earlier=True)
        seconds[name] = tuned - began, time.process_time() - tuned
        print(f"  {name}: {seconds[name][0]:.1f} CPU-s to tune, {seconds[name][1]:.1f} to fit", flush=True)
    for name in ("fused-weights", "fused-trees"):
        values = bench.values(models[name][1].tuned)
        print(f"  {name}: {[(m['kind'], m['scale'], m['weight']) for m in values['members']]}")
        print(f"    {values['learning']}\n    refused: {values[REFUSED].get('en', 'no')}")
    found = {}
    for protocol in protocols:
        print(f" {protocol}\n  {'':<20}{'R@10':>8}{'NDCG@10':>9}{'CPU/request':>14}", flush=True)
        rows = {}
        for name, (each, variant) in models.items():
            began = time.process_time()
            model = opened(bench, each, variant, is_earlier=protocol == "published")
            built_s = seconds[name][1] if protocol == "published" else time.process_time() - began
            recall, ndcg, cpu = judge(model, judged, rules, bench.shop.facts)
            rows[name] = ndcg
            means = {"recall@10": float(recall.mean()), "ndcg@10": float(ndcg.mean())}
            times = {"tune CPU-s": seconds[name][0], "build CPU-s": built_s, "CPU ms a user": cpu}
            found[protocol, name] = means | times
            print(f"  {name:<20}{recall.mean():8.4f}{ndcg.mean():9.4f}{cpu:11.3f} ms", flush=True)
        for name in ("fused-weights", "fused-trees"):
            told = {other: paired(rows[name], rows[other]) for other in rows if other != name}
            print(f"  {name} against " + ", ".join(f"{o} {gain:+.4f} (p {p:.1g})" for o, (gain, p) in told.items()))
    return found


def shop(path, names, *, n_cases):
    config = parse(path.read_text("utf-8"), name=str(path), models=InstalledModels())
    folder = Artefacts(path.resolve().parent / ".steelyard").path("data")
    tables = load_shop(folder, max_history=config.models.max_history)
    print(f"{config.shop.name}: {len(tables.recommend_tuning.ids)} and {len(tables.recommend_test.ids)} users")
    compare(MemoryBench(tables, seed=config.seed), config, names, ["refitted"], n_cases=n_cases)


def stored(name, found, seed):
    """Adds one seed's rows to those of others; a seed that ran before is written over."""
    title = f"leave-one-out-{name}"
    others = [row for row in kept(title) if row["seed"] != seed]
    rows = [{"protocol": protocol, "model": model, "seed": seed, **row} for (protocol, model), row in found.items()]
    keep(title, sorted(others + rows, key=lambda row: row["seed"]))


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", type=Path, default=Path(__file__).parents[1] / "../shared/data/amazon-reviews")
    parser.add_argument("--sets", nargs="*", default=["beauty", "toys"])
    parser.add_argument("--of", nargs="*", default=list(MEMBERS))
    parser.add_argument("--cases", type=int, default=25_000)
    parser.add_argument("--protocols", nargs="*", default=["published", "refitted"])
    parser.add_argument("--seeds", type=int, nargs="*", default=[0], help="numbers of the seeds, as 0 1 2")
    parser.add_argument("--store", action="store_true")
    parser.add_argument("--shop", type=Path)
    arguments = parser.parse_args()
    names = installed(arguments.of)
    if arguments.shop is not None:
        shop(arguments.shop, names, n_cases=arguments.cases)
        return
    config = Config.model_validate({"data": {"items": {"path": "-", "columns": {"item_id": "id", "title": "title"}}}})
    for name in arguments.sets:
        tables = tables_of(arguments.data, name, arguments.cases)
        print(f"{name}: {len(tables.recommend_test.ids)} users, goal {GOALS[name]}; published: {PUBLISHED[name]}")
        for seed in arguments.seeds:
            found = compare(MemoryBench(tables, seed=seed), config, names, arguments.protocols, n_cases=arguments.cases)
            if arguments.store:
                stored(name, found, seed)


if __name__ == "__main__":
    main()
