"""Figures of labels and features: choices called settled wrongly, propensities, features live and in bulk.

python benchmarks/labels.py [--sessions SESSIONS.parquet] [--shops 300] [--events 100000]
"""

import argparse
import time
from pathlib import Path

import numpy as np

from steelyard.data.features.columns import EventColumns, Rows
from steelyard.data.features.shop_set import shop_set, usual_of
from steelyard.data.labels.propensity import Shows, estimate
from steelyard.evaluation.compare import paired_interval
from steelyard.evaluation.label_bounds import Lists
from steelyard.evaluation.label_shopping import Rule, Verdict, verdict

LOOKS = (*range(10, 60, 5), *np.unique(np.geomspace(60, 5000, 25).astype(int)).tolist())
"""Numbers of queries after which somebody looks."""


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--sessions", type=Path, help="Parquet with query, clicked_doc_id, rank, clicked.")
    parser.add_argument("--shops", type=int, default=300)
    parser.add_argument("--events", type=int, default=100_000)
    chosen = parser.parse_args()
    for true, spread, silent in (
        (0.0, 0.2, 0.7),
        (0.009, 0.2, 0.7),
        (0.02, 0.3, 0.5),
        (0.05, 0.3, 0.8),
        (-0.03, 0.2, 0.9),
    ):
        stops(true, spread, silent, chosen.shops)
    features(chosen.events)
    if chosen.sessions:
        places(chosen.sessions)


def lists_of(difference: float) -> Lists:
    """A query whose two answers differ by just so much: one relevant item, found by one, and the ideal of it."""
    none, one = np.empty(0, np.int64), np.array([1], np.int64)
    items = one if difference else none
    weights, gains = np.array([difference] if difference else []), np.ones(len(items))
    return Lists(items, weights, gains, items, items * 0, np.array([] if difference else [1.0]), 10)


def stops(true: float, spread: float, silent: float, n_shops: int) -> None:
    """Shops whose queries differ by chance around a true difference, looked at again and again."""
    rule, wrong, naive, open_, needed = Rule(), 0, 0, 0, []
    for seed in range(n_shops):
        generator = np.random.default_rng(seed)
        size = generator.exponential(spread, LOOKS[-1]) * generator.choice([-1, 1], LOOKS[-1])
        values = np.where(generator.random(LOOKS[-1]) < silent, 0.0, np.clip(size, -0.9, 0.9)) + true
        lists = [lists_of(float(value)) for value in values]
        said, n = Verdict.OPEN, LOOKS[-1]
        for n in LOOKS:
            said = verdict(lists[:n], (0.0, 1.0), rule).now
            if said is not Verdict.OPEN:
                break
        is_right = (said is Verdict.EQUAL and abs(true) < rule.smallest) or said is (
            Verdict.FIRST if true > 0 else Verdict.SECOND if true < 0 else Verdict.EQUAL
        )
        wrong, open_ = wrong + (not is_right and said is not Verdict.OPEN), open_ + (said is Verdict.OPEN)
        needed.append(n)
        looks = (paired_interval(values[:k], np.zeros(k), seed=0, resamples=200) for k in LOOKS)
        naive += next((np.sign(each.mean) != np.sign(true) for each in looks if each.low > 0 or each.high < 0), False)
    print(
        f"true {true:+.3f}: wrong {wrong / n_shops:.3f} (an ordinary interval {naive / n_shops:.3f}), "
        f"open {open_ / n_shops:.3f}, median queries {np.median(needed):.0f}"
    )


def features(n: int) -> None:
    """Live and in bulk: differences, and processor time."""
    generator = np.random.default_rng(0)
    kinds = np.array(["impression", "view", "click", "add_to_cart", "purchase"])
    events = EventColumns(
        np.char.add("e", np.arange(n).astype(str)),
        np.sort(generator.integers(0, 40 * 86_400_000, n)),
        kinds[generator.choice(5, n, p=[0.5, 0.25, 0.15, 0.06, 0.04])],
        {"user": np.char.add("u", generator.integers(0, n // 50, n).astype(str)),
         "item": np.char.add("i", (generator.zipf(1.3, n) % (n // 200)).astype(str))},
        {"dwell_ms": generator.integers(0, 90_000, n)},
    )  # fmt: skip
    rows = Rows(events.time_ms[:: n // 1000], {name: each[:: n // 1000] for name, each in events.by.items()})
    found, began = shop_set(usual_of(events)), time.process_time()
    bulk, in_bulk = found.offline(events, rows), time.process_time() - began
    store, live, place, began = found.store(), [], 0, time.process_time()
    for row in range(len(rows)):
        end = int(np.searchsorted(events.time_ms, rows.time_ms[row]))
        store.add(events.take(np.arange(place, end)))
        place = end
        live.append(found.online(store, Rows(rows.time_ms[[row]], {k: v[[row]] for k, v in rows.by.items()}))[0])
    differs = int((np.array(live) != bulk).sum())
    print(f"{n:,} events, {len(rows):,} rows of {bulk.shape[1]} features: {differs} differences; processor seconds "
          f"in bulk {in_bulk:.2f}, live {time.process_time() - began:.2f}")  # fmt: skip


def places(file: Path) -> None:
    """Propensities of a real or simulated log, two ways."""
    import duckdb

    sql = "select query, clicked_doc_id item, rank place, count(*) n, sum(clicked::int) c from '{}' group by 1, 2, 3"
    cells = duckdb.sql(sql.format(file)).fetchnumpy()
    keys = np.array([f"{query}\t{item}" for query, item in zip(cells["query"], cells["item"], strict=True)])
    _, pair = np.unique(keys, return_inverse=True)
    shows = Shows(pair, cells["place"].astype(np.int64), cells["n"].astype(float), cells["c"].astype(float))
    found = estimate(shows)
    print(f"{cells['n'].sum():,.0f} shows: {np.round(found.of_place[:10], 3)}, largest gap {found.largest_gap:.3f}, "
          f"moved {found.moved_share:.2f}")  # fmt: skip


if __name__ == "__main__":
    main()
