"""Do fitted weights of ratings pay? MovieLens-100k: fitted on validation, judged on what came later.

An item is found where it was rated above 3 of 5. Two protocols: `time` cuts the log at 80 and 90 % of its events, as a
shop is divided; `latest` takes the liked item before the last of each user for validation and the last for the test.
Two readings of the log: `all` learns from every rating, `liked` from those above 3 only, as shops do by default. nDCG
at 10 over the whole catalogue, what was rated before left out; 95 % intervals are paired over users.

    python benchmarks/event_weights.py [--data ../shared/data/movielens-100k] [--seeds 3]
"""

from __future__ import annotations

import argparse
import time
from dataclasses import replace
from pathlib import Path

import numpy as np
import pyarrow.parquet as pq

from steelyard.domain import Interactions, PurchaseEvidence, Request
from steelyard.evaluation.compare import paired_interval
from steelyard.evaluation.event_evidence import Scales, fit_weights, ndcg_of_weights
from steelyard.models.retrieval.factorization import Factorization
from steelyard.models.retrieval.popularity import Popularity

LIKED = 3


def read(folder):
    """Users, items, stars and times, oldest first."""
    table = pq.read_table(folder / "ratings.parquet").to_pydict()
    users, items = (np.unique(table[name], return_inverse=True)[1] for name in ("user_id", "item_id"))
    stars = np.array([int(float(value)) for value in table["rating"]])
    seconds = np.array([float(value) for value in table["timestamp"]])
    order = np.lexsort((items, users, seconds))
    return users[order], items[order], stars[order], seconds[order]


def parts(log, protocol):
    """Which rows are learnt from before validation, validation, learnt from before the test, and test."""
    users, _, stars, seconds = log
    if protocol == "time":
        first, second = np.quantile(seconds, [0.8, 0.9])
        return seconds < first, (seconds >= first) & (seconds < second), seconds < second, seconds >= second
    rank = np.zeros(len(users), np.int64)  # liked ratings of a user that come after this row
    for user in np.unique(users):
        rows = np.flatnonzero(users == user)
        liked = (stars[rows] > LIKED)[::-1].cumsum()[::-1]
        rank[rows] = liked - (stars[rows] > LIKED)
    is_liked = stars > LIKED
    return rank >= 2, (rank == 1) & is_liked, rank >= 1, (rank == 0) & is_liked


def evidence(log, before, inside, limit):
    """What is known before, with stars above the limit, and what was liked afterwards."""
    users, items, stars, _ = log
    known = before & (stars > limit)
    wanted = {}
    for user in np.unique(users[inside]):
        mine = items[known & (users == user)]
        found = np.setdiff1d(items[inside & (users == user) & (stars > LIKED)], items[before & (users == user)])
        if len(mine) and len(found):
            wanted[int(user)] = found
    others = np.setdiff1d(users[known], list(wanted))
    place = {user: n for n, user in enumerate((*wanted, *others.tolist()))}
    numbers = np.array([place[user] for user in users[known].tolist()])
    return PurchaseEvidence(
        numbers,
        items[known],
        np.zeros(known.sum(), np.int64),
        stars[known] - limit - 1,
        tuple(wanted.values()),
        len(place),
        int(items.max()) + 1,
        tenths=tuple(range(2 * limit + 2, 11, 2)),
    )


def ndcg(model, given):
    """nDCG@10 of a model, each user asked for."""
    seen = [given.items[given.users == user] for user in range(len(given.wanted))]
    ranked = model.retrieve([Request(history=tuple(h), exclude=tuple(h)) for h in map(np.ndarray.tolist, seen)], k=10)
    discounts = 1 / np.log2(np.arange(2, 12))
    hits = np.array([np.isin(row, wanted) for row, wanted in zip(ranked.items, given.wanted, strict=True)])
    best = np.array([discounts[: len(wanted)].sum() for wanted in given.wanted])
    return (hits * discounts[: hits.shape[1]]).sum(axis=1) / best


def models(given, weights, seeds):
    """Quality of those that look at weights, each user asked for; the factorisation's is the mean of its seeds."""
    times = np.arange(len(given.users), dtype=np.float64)
    events = Interactions(given.users, given.items, times, weights, given.n_users, given.n_items)
    yield "popularity", ndcg(Popularity().fit(events, seed=0), given)
    found = [ndcg(Factorization(64).fit(events, seed=seed), given) for seed in range(seeds)]
    yield f"ials-64, {seeds} seeds", np.mean(found, axis=0)


def compare(log, protocol, name, limit, seeds):
    """One protocol and reading: what is fitted, and what that is worth later."""
    before, inside, later, test = parts(log, protocol)
    tuning, judged = evidence(log, before, inside, limit), evidence(log, later, test, limit)
    grades = 5 - limit
    fixed = Scales(np.ones(1), np.ones(grades), np.zeros(1, np.bool_), np.ones(grades, np.bool_))
    print(f"{protocol}, {name}: {len(tuning.wanted)} people for validation, {len(judged.wanted)} for the test")
    for label, start in (("better never weighs less", fixed), ("in any order", replace(fixed, is_monotone=False))):
        began = time.process_time()
        fit = fit_weights(tuning, start, seed=0)
        scales = fit.scales
        told = "fitted" if fit.pays else "refused"
        shown = ", ".join(f"{value:g}" for value in scales.grades)
        print(
            f"  {label:<26}{told:<9}{fit.gain.mean:+.4f} ({fit.gain.low:+.4f} to {fit.gain.high:+.4f})  "
            f"{limit + 1} to 5 stars: {shown}   {time.process_time() - began:.0f} s"
        )
        if not fit.pays:
            continue
        rows = [("what goes with it", ndcg_of_weights(judged, fixed), ndcg_of_weights(judged, scales))]
        plain, fitted = (dict(models(judged, each.of_events(judged), seeds)) for each in (fixed, _positive(scales)))
        rows += [(model, plain[model], fitted[model]) for model in plain]
        for model, one, other in rows:
            gain = paired_interval(other, one, seed=0)
            ends = f"{gain.mean:+.4f} ({gain.low:+.4f} to {gain.high:+.4f})"
            print(f"    test, {model:<20}{one.mean():8.4f} declared{other.mean():9.4f} fitted   {ends}")


def _positive(scales):
    """Interactions have weights above 0: a rating that says nothing is nearly left out."""
    return replace(scales, grades=np.maximum(scales.grades, 1e-3))


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", type=Path, default=Path(__file__).parents[1] / "../shared/data/movielens-100k")
    parser.add_argument("--seeds", type=int, default=3)
    arguments = parser.parse_args()
    log = read(arguments.data)
    for protocol in ("time", "latest"):
        for name, limit in (("all", 0), ("liked", LIKED)):
            compare(log, protocol, name, limit, arguments.seeds)


if __name__ == "__main__":
    main()
