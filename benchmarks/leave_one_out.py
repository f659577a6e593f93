"""Recommenders on Amazon Beauty and Toys, leave-one-out: quality, tuning, build, size and speed, side by side.

Last item of each user is the test, the one before it validation. Full ranking over the whole catalogue, seen items
removed, ties pessimistic (an item ranks behind all others of its score), all users. Options are tuned on validation.
Two protocols: `published` learns without the validation items and answers from the history that has them, as the
published tables do; `refitted` learns from them too, as a shop would. Seconds are the processor's, of one process.
A row that draws at random is run with every seed: mean and spread.

    python benchmarks/leave_one_out.py [--data ../shared/data/amazon-reviews] [--sets beauty toys] [--models item-knn …]
        [--protocols published refitted] [--seeds 3]
"""

from __future__ import annotations

import argparse
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

import duckdb
import numpy as np

from steelyard.compression.neighbours import prune_neighbours
from steelyard.domain import Cases, CatalogueFacts, Interactions, Request, Surface, Texts
from steelyard.models.graph.text_space import TextSpace
from steelyard.models.graph.transitions import Transitions, tune_transitions
from steelyard.models.retrieval.content import Content, text_matrix
from steelyard.models.retrieval.factorization import Factorization, tune_factorization
from steelyard.models.retrieval.neighbours import ItemNeighbours, tune_neighbours
from steelyard.models.retrieval.popularity import Popularity
from steelyard.models.retrieval.user_neighbours import UserNeighbours, tune_user_neighbours

PUBLISHED = {
    "beauty": "SASRec with sampled softmax .0921/.0531, peer kNN .0806/.0519",
    "toys": "SASRec with sampled softmax .0970/.0580, peer kNN .1011/.0651",
}
SAMPLE = 1_000
"""Users asked one by one, for the time of a request."""


@dataclass(frozen=True)
class Bench:
    """One set, as rows of the table read it."""

    sequences: list
    n_items: int
    attributes: list

    @cached_property
    def learn(self):
        """What came before the validation items."""
        return interactions([s[:-2] for s in self.sequences], self.n_items)

    @cached_property
    def learn_all(self):
        """What came before the test items."""
        return interactions([s[:-1] for s in self.sequences], self.n_items)

    @cached_property
    def validation(self):
        """The item before the last of each user, to be found."""
        return cases(self.sequences, -2)

    @cached_property
    def catalogue(self):
        """Attributes are all the text there is; each is spelt in letters, so that none is taken for a number."""
        words = tuple(
            " ".join("attr" + "".join(chr(97 + int(c)) for c in str(n)) for n in row) for row in self.attributes
        )
        blank, number = ("",) * self.n_items, np.arange(self.n_items)
        texts = Texts(blank, blank, blank, blank, words)
        return texts, CatalogueFacts(number, number, np.full(self.n_items, -1), np.ones(self.n_items, np.int64), ())

    @cached_property
    def space(self):
        """How alike attributes are."""
        return TextSpace(text_matrix(self.catalogue[0]), self.catalogue[1])


@dataclass(frozen=True)
class Row:
    """How a row of the table is made. To add one, add it to ``ROWS``."""

    fit: Callable[[Bench, Interactions, Mapping[str, Any], int], Any]
    """From the set, what is learnt, tuned options and a seed to a fitted model."""
    tune: Callable[[Bench, int], Mapping[str, Any]] = lambda bench, seed: {}
    is_random: bool = False


def _knn(bench, events, tuned, seed):
    return ItemNeighbours(**_without_cases(tuned)).fit(events, seed=seed)


def _small_knn(n):
    def fit(bench, events, tuned, seed):
        return ItemNeighbours.from_state(prune_neighbours(_knn(bench, events, tuned, seed).state(), n=n, bits=8))

    return fit


def _without_cases(tuned):
    return {name: value for name, value in tuned.items() if name != "cases"}


def _tuned_knn(bench, seed):
    return tune_neighbours(bench.learn, bench.validation, seed=seed)


ROWS = {
    "popularity": Row(lambda bench, events, tuned, seed: Popularity().fit(events, seed=seed)),
    "content": Row(lambda bench, events, tuned, seed: Content().fit_texts(*bench.catalogue, events)),
    "ials": Row(
        lambda bench, events, tuned, seed: Factorization(**tuned).fit(events, seed=seed),
        lambda bench, seed: tune_factorization(Factorization().fit(bench.learn, seed=seed), bench.validation),
        is_random=True,
    ),
    "item-knn-all": Row(lambda bench, events, tuned, seed: ItemNeighbours(max_neighbours=None).fit(events, seed=seed)),
    "item-knn": Row(_knn, _tuned_knn),
    "item-knn-50x8bit": Row(_small_knn(50), _tuned_knn),
    "item-knn-20x8bit": Row(_small_knn(20), _tuned_knn),
    "user-knn": Row(
        lambda bench, events, tuned, seed: UserNeighbours(**_without_cases(tuned)).fit(events, seed=seed),
        lambda bench, seed: tune_user_neighbours(bench.learn, bench.validation, seed=seed),
    ),
    "transitions": Row(
        lambda bench, events, tuned, seed: (
            Transitions(**_without_cases(tuned)).reading(bench.space).fit(events, seed=seed)
        ),
        lambda bench, seed: tune_transitions(bench.space, bench.learn, bench.validation, seed=seed),
    ),
}
"""Models by name, in the order of the table."""


def read(path):
    rows = duckdb.connect().execute("select items from read_parquet(?) order by user_id", [str(path)]).fetchall()
    sequences = [np.asarray(row[0], dtype=np.int64) for row in rows]
    return sequences, int(max(s.max() for s in sequences)) + 1


def read_attributes(path, n_items):
    rows = duckdb.connect().execute("select item_id, attributes from read_parquet(?)", [str(path)]).fetchall()
    known = dict(rows)
    return [known.get(item, []) for item in range(n_items)]


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
    """Recall and nDCG at ``k``, CPU ms of a request asked alone, and users a CPU second in one batch."""
    requests = [Request(history=tuple(h), exclude=tuple(h)) for h in (s[:-1].tolist() for s in sequences)]
    targets = np.array([s[-1] for s in sequences])
    began = time.process_time()
    ranked = model.retrieve(requests, k=50)
    per_s = len(requests) / (time.process_time() - began)
    alone = requests[:: max(len(requests) // SAMPLE, 1)]
    began = time.process_time()
    for request in alone:
        model.retrieve([request], k=10)
    cpu_ms = 1e3 * (time.process_time() - began) / len(alone)
    found = ranked.items == targets[:, None]
    score = np.where(found, ranked.scores, -np.inf).max(axis=1)
    ranks = np.where(found.any(axis=1), (ranked.scores >= score[:, None]).sum(axis=1), np.iinfo(np.int64).max)
    hits = ranks <= k
    ndcg = np.where(hits, 1 / np.log2(np.minimum(ranks, k) + 1.0), 0.0)
    return hits.mean(), ndcg.mean(), cpu_ms, per_s


def built(row, bench, events, options, seeds, runs=2):
    """A model for each seed, and the least processor seconds of some runs."""
    models, seconds = [], []
    for seed in range(seeds if row.is_random else 1):
        for _ in range(1 if row.is_random else runs):
            began = time.process_time()
            model = row.fit(bench, events, options, seed)
            seconds.append(time.process_time() - began)
        models.append(model)
    return models, min(seconds)


def size(model):
    return sum(array.nbytes for array in model.state().arrays.values())


def line(name, results, tune_s, build_s, n_bytes):
    recall, ndcg, cpu_ms, per_s = np.mean(results, axis=0)
    spread = f"±{np.std([r[1] for r in results]):.4f}" if len(results) > 1 else ""
    print(
        f"  {name:<20}{recall:8.4f}{ndcg:9.4f} {spread:<7}{tune_s:9.1f} s{build_s:8.2f} s{n_bytes / 1e6:9.2f} MB"
        f"{cpu_ms:8.3f} ms{per_s:10,.0f}",
        flush=True,
    )


def tuned_rows(names, bench):
    """Tuned options and processor seconds of each row; rows that tune alike are tuned once."""
    by_tune: dict[Any, tuple[Mapping[str, Any], float]] = {}
    found = {}
    for name in names:
        tune = ROWS[name].tune
        if tune not in by_tune:
            began = time.process_time()
            options = tune(bench, 0)
            by_tune[tune] = options, time.process_time() - began
        found[name] = by_tune[tune]
    return found


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", type=Path, default=Path(__file__).parents[1] / "../shared/data/amazon-reviews")
    parser.add_argument("--sets", nargs="+", default=["beauty", "toys"])
    parser.add_argument("--models", nargs="+", choices=list(ROWS), default=list(ROWS))
    parser.add_argument("--protocols", nargs="+", choices=["published", "refitted"], default=["published", "refitted"])
    parser.add_argument("--seeds", type=int, default=3)
    arguments = parser.parse_args()
    for name in arguments.sets:
        sequences, n_items = read(arguments.data / f"{name}.sequences.parquet")
        bench = Bench(sequences, n_items, read_attributes(arguments.data / f"{name}.attributes.parquet", n_items))
        print(f"{name}: {len(sequences)} users, {n_items - 1} items; published: {PUBLISHED.get(name, 'none noted')}")
        tuned = tuned_rows(arguments.models, bench)
        for model, (options, _) in tuned.items():
            print(f"  {model} tuned: {dict(options)}" if options else f"  {model} at its defaults")
        for protocol in arguments.protocols:
            events = bench.learn if protocol == "published" else bench.learn_all
            print(f" {protocol}")
            print(f"  {'':<20}{'R@10':>8}{'NDCG@10':>9}{'':8}{'tune':>11}{'build':>10}{'size':>12}"
                  f"{'a request':>11}{'users/s':>10}")  # fmt: skip
            for model in arguments.models:
                options, tune_s = tuned[model]
                models, build_s = built(ROWS[model], bench, events, options, arguments.seeds)
                line(model, [judge(each, sequences) for each in models], tune_s, build_s, size(models[0]))


if __name__ == "__main__":
    main()
