"""Recommenders on Amazon Beauty and Toys, leave-one-out: quality, build time and size, side by side.

Last item of each user is the test, the one before it validation. Full ranking over the whole catalogue, seen items
removed, ties pessimistic (an item ranks behind all others of its score), all users. Decay is tuned on validation.
Two protocols: `published` learns without the validation items and answers from the history that has them, as the
published tables do; `refitted` learns from them too, as a shop would.

    python benchmarks/leave_one_out.py [--data ../shared/data/amazon-reviews] [--seeds 3]
"""

from __future__ import annotations

import argparse
import time
from pathlib import Path

import duckdb
import numpy as np

from steelyard.compression.neighbours import prune_neighbours
from steelyard.domain import Cases, Interactions, Request, Surface
from steelyard.models.retrieval.factorization import Factorization, tune_factorization
from steelyard.models.retrieval.neighbours import ItemNeighbours, tune_decay
from steelyard.models.retrieval.popularity import Popularity

PUBLISHED = {"beauty": "SASRec+ .0921/.0531, peer kNN .0806/.0519", "toys": "SASRec+ .0970/.0580, peer kNN .1011/.0651"}


def read(path):
    rows = duckdb.connect().execute("select items from read_parquet(?) order by user_id", [str(path)]).fetchall()
    sequences = [np.asarray(row[0], dtype=np.int64) for row in rows]
    return sequences, int(max(s.max() for s in sequences)) + 1


def interactions(sequences, n_items):
    """Place in the sequence stands for time: the set has the order only."""
    lengths = np.array([len(s) for s in sequences])
    places = np.concatenate([np.arange(n, dtype=np.float64) for n in lengths])
    order = np.argsort(places, kind="stable")
    users, items = np.repeat(np.arange(len(sequences)), lengths)[order], np.concatenate(sequences)[order]
    return Interactions(users, items, places[order], np.ones(len(items)), len(sequences), n_items)


def cases(sequences, at):
    return Cases(
        Surface.RECOMMEND,
        tuple(map(str, range(len(sequences)))),
        tuple(Request(history=tuple(s[:at].tolist())) for s in sequences),
        tuple(s[at : len(s) + at + 1] for s in sequences),
        tuple(np.ones(1) for _ in sequences),
    )


def judge(model, sequences, k=10):
    requests = [Request(history=tuple(h), exclude=tuple(h)) for h in (s[:-1].tolist() for s in sequences)]
    targets = np.array([s[-1] for s in sequences])
    began = time.process_time()
    ranked = model.retrieve(requests, k=50)
    cpu_ms = 1e3 * (time.process_time() - began) / len(requests)
    found = ranked.items == targets[:, None]
    score = np.where(found, ranked.scores, -np.inf).max(axis=1)
    ranks = np.where(found.any(axis=1), (ranked.scores >= score[:, None]).sum(axis=1), np.iinfo(np.int64).max)
    hits = ranks <= k
    ndcg = np.where(hits, 1 / np.log2(np.minimum(ranks, k) + 1.0), 0.0)
    return hits.mean(), ndcg.mean(), cpu_ms


def built(make, events, seed=0, runs=3):
    """Model, and the best wall and processor seconds of some runs."""
    timings = []
    for _ in range(runs):
        wall, cpu = time.perf_counter(), time.process_time()
        model = make().fit(events, seed=seed)
        timings.append((time.perf_counter() - wall, time.process_time() - cpu))
    return model, *map(min, zip(*timings, strict=True))


def size(model):
    return sum(array.nbytes for array in model.state().arrays.values())


def line(name, results, build, n_bytes):
    recall, ndcg, cpu_ms = np.mean(results, axis=0)
    spread = np.std([r[1] for r in results]) if len(results) > 1 else 0.0
    wall, cpu = build
    print(
        f"  {name:<20}{recall:8.4f}{ndcg:9.4f} ±{spread:.4f}{wall:9.2f} s{cpu:8.2f} s"
        f"{n_bytes / 1e6:9.2f} MB{cpu_ms:8.3f} ms"
    )


def compare(sequences, events, options, seeds):
    popular, *build = built(Popularity, events)
    line("popularity", [judge(popular, sequences)], build, size(popular))
    results, builds = [], []
    for seed in range(seeds):
        model, *build = built(lambda: Factorization(**options["ials"]), events, seed, runs=1)
        results.append(judge(model, sequences))
        builds.append(build)
    line(f"ials-64 ({seeds} seeds)", results, np.min(builds, axis=0), size(model))
    whole, *build = built(lambda: ItemNeighbours(**options["knn"], max_neighbours=None), events)
    line("item-knn all", [judge(whole, sequences)], build, size(whole))
    capped, *capped_build = built(lambda: ItemNeighbours(**options["knn"]), events)
    line("item-knn 200", [judge(capped, sequences)], capped_build, size(capped))
    for n in (50, 20):
        small = ItemNeighbours.from_state(prune_neighbours(whole.state(), n=n, bits=8))
        line(f"item-knn {n}x8bit", [judge(small, sequences)], build, size(small))
        print(f"    {size(whole) / size(small):.1f} times smaller than all, {size(capped) / size(small):.1f} than 200")


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", type=Path, default=Path(__file__).parents[1] / "../shared/data/amazon-reviews")
    parser.add_argument("--seeds", type=int, default=3)
    arguments = parser.parse_args()
    for name in ("beauty", "toys"):
        sequences, n_items = read(arguments.data / f"{name}.sequences.parquet")
        learn = interactions([s[:-2] for s in sequences], n_items)
        validation = cases(sequences, -2)
        knn = tune_decay(learn, validation)
        ials = tune_factorization(Factorization().fit(learn, seed=0), validation)
        options = {"knn": knn, "ials": ials}
        print(f"{name}: {len(sequences)} users, {n_items - 1} items; tuned {options}; published: {PUBLISHED[name]}")
        print(f"  {'':<20}{'R@10':>8}{'NDCG@10':>9}{'':8}{'build':>10}{'CPU':>10}{'size':>12}{'CPU/request':>12}")
        for protocol, events in (
            ("published", learn),
            ("refitted", interactions([s[:-1] for s in sequences], n_items)),
        ):
            print(f" {protocol}")
            compare(sequences, events, options, arguments.seeds)


if __name__ == "__main__":
    main()
