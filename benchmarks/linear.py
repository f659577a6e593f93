"""EASE on neighbourhoods and iALS beside the library's own ALS, leave-one-out on Amazon Beauty and Toys.

Protocol of ``leave_one_out.py``, `published`: learnt without the validation items, answered from the history that has
them; full ranking, all users. What is tuned is tuned on validation. One thread; processor seconds.

    OMP_NUM_THREADS=1 python benchmarks/linear.py [--data ../shared/data/amazon-reviews] [--seeds 3]
        [--sets beauty toys] [--dense]

--dense inverts the whole matrix besides: some minutes, and 2.4 GB.
"""

from __future__ import annotations

import argparse
import time
from pathlib import Path

import numpy as np

from leave_one_out import cases, interactions, judge, read, size
from steelyard.compression.neighbours import prune_neighbours
from steelyard.models.linear.counts import counted
from steelyard.models.linear.ease import Ease
from steelyard.models.linear.recipe import tune_ease
from steelyard.models.retrieval.factorization import Factorization
from steelyard.models.retrieval.neighbours import ItemNeighbours


def timed(make):
    began = time.process_time()
    made = make()
    return made, time.process_time() - began


def line(name, results, cpu_s, n_bytes):
    recall, ndcg, cpu_ms, _ = np.mean(results, axis=0)
    spread = np.std([each[1] for each in results])
    print(
        f"  {name:<28}{recall:8.4f}{ndcg:9.4f} ±{spread:.4f}{cpu_s:9.2f} s{n_bytes / 1e6:9.2f} MB{cpu_ms:8.3f} ms",
        flush=True,
    )


def library(events, model, seed):
    """``implicit`` at its own 15 iterations of three conjugate steps, with the same confidences."""
    from implicit.cpu.als import AlternatingLeastSquares
    from scipy import sparse

    theirs = AlternatingLeastSquares(
        factors=model.factors, regularization=model.regularization, iterations=15, random_state=seed, num_threads=1
    )
    theirs.fit(sparse.csr_matrix(model._confidences(events)), show_progress=False)  # noqa: SLF001
    ours = Factorization(model.factors, decay=model.decay)
    ours._set(np.asarray(theirs.item_factors, np.float32))  # noqa: SLF001
    return ours


def compare(name, arguments):
    sequences, n_items = read(arguments.data / f"{name}.sequences.parquet")
    learn = interactions([s[:-2] for s in sequences], n_items)
    validation = cases(sequences, -2)
    print(f"{name}: {len(sequences)} users, {n_items - 1} items")
    knn, cpu_s = timed(lambda: ItemNeighbours().fit(learn, seed=0))
    line("item-knn 200", [judge(knn, sequences)], cpu_s, size(knn))
    tuned, tuning_s = timed(lambda: tune_ease(counted(learn, max_events=200), validation, given={}))
    print(f"    tuned in {tuning_s:.0f} s: {tuned}")
    ease, cpu_s = timed(lambda: Ease(**tuned).fit(learn, seed=0))
    line("ease 200", [judge(ease, sequences)], cpu_s, size(ease))
    for n in (50, 20):
        small = Ease.from_state(prune_neighbours(ease.state(), n=n, bits=8))
        line(f"ease {n}x8bit", [judge(small, sequences)], cpu_s, size(small))
    plain, cpu_s = timed(lambda: Ease(1.0, ridge=100, directed=0).fit(learn, seed=0))
    line("  without order and recency", [judge(plain, sequences)], cpu_s, size(plain))
    if arguments.dense:
        whole, cpu_s = timed(lambda: Ease(**{**tuned, "neighbourhood": None}).fit(learn, seed=0))
        line("  inverse of all", [judge(whole, sequences)], cpu_s, size(whole))
    for label, make in (
        ("ials-128", lambda seed: Factorization(decay=0.6).fit(learn, seed=seed)),
        ("implicit-128", lambda seed: library(learn, Factorization(decay=0.6), seed)),
    ):
        made = [timed(lambda seed=seed, make=make: make(seed)) for seed in range(arguments.seeds)]
        results = [judge(model, sequences) for model, _ in made]
        line(f"{label} ({arguments.seeds} seeds)", results, min(cpu for _, cpu in made), size(made[0][0]))


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", type=Path, default=Path(__file__).parents[1] / "../shared/data/amazon-reviews")
    parser.add_argument("--seeds", type=int, default=3)
    parser.add_argument("--sets", nargs="*", default=["beauty", "toys"])
    parser.add_argument("--dense", action="store_true")
    arguments = parser.parse_args()
    for name in arguments.sets:
        compare(name, arguments)


if __name__ == "__main__":
    main()
