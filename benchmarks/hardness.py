"""How hard the data of several shops is, the verdict on a transformer, and whether what was measured agreed.

Shops given as configurations are prepared (a store beside them is used again). Of the shared sets, Amazon Beauty, Toys
and Office, Ta-Feng and MovieLens are read in place: histories without clock times keep their order, the item before the
last (Office: its examples for validation; Ta-Feng: the last basket of the history; MovieLens: the last tenth of the
time) is held out, and the last is never looked at.

    python benchmarks/hardness.py [--data ../shared/data] [--sets beauty toys office tafeng movielens] [--store]
        [CONFIG.toml ...]

``--store`` keeps verdicts in ``benchmarks/measured``, beside those of other shops kept before; ``make docs`` sets them
beside what transformers then measured.
"""

from __future__ import annotations

import argparse
import time
from pathlib import Path

import duckdb
import numpy as np

from keeping import keep, kept
from leave_one_out import PUBLISHED, cases, read
from steelyard.cli.opening import open_shop
from steelyard.data.dividing.periods import Events, HeldOut
from steelyard.data.tables import recommend_cases
from steelyard.domain import CatalogueFacts, Interactions
from steelyard.evaluation.hardness.told import hardness_of
from steelyard.models.text.segment import cut
from steelyard.reporting.hardness_lines import hardness_lines
from steelyard.workflows.hardness import hardness_stage
from steelyard.workflows.run import Run, prepare_stage

MEASURED = {name: f"published {says} (R@10/NDCG@10)" for name, says in PUBLISHED.items()}
"""What a transformer gave against item neighbours, by set."""


def rows(path, columns, tail=""):
    return duckdb.connect().execute(f"select {columns} from read_parquet(?) {tail}", [str(path)]).fetchall()


def facts_of(n_items):
    numbers = np.arange(n_items)
    return CatalogueFacts(numbers, numbers, np.full(n_items, -1), np.ones(n_items, np.int64), ())


def joined(parts, n_users, n_items):
    """Events of several parts, the learnt one first; each is (user, item, time)."""
    events = [sorted(part, key=lambda row: (row[2], row[0])) for part in parts]
    users, items, times = (np.array([row[at] for part in events for row in part]) for at in range(3))
    made = Interactions(users, items, times.astype(float), np.ones(len(users)), n_users, n_items)
    n = len(events[0])
    arrays = (each[:n] for each in (made.users, made.items, made.times_s, made.weights))
    return made, Interactions(*arrays, n_users, n_items)


def amazon(folder, name):
    sequences, n_items = read(folder / "amazon-reviews" / f"{name}.sequences.parquet")
    learnt = [(u, int(i), at) for u, s in enumerate(sequences) for at, i in enumerate(s[:-2])]
    held = [(u, int(s[-2]), 10**6) for u, s in enumerate(sequences)]
    words = [[] for _ in range(n_items)]
    for item, attributes in rows(folder / "amazon-reviews" / f"{name}.attributes.parquet", "item_id, attributes"):
        words[item] = [str(each) for each in attributes]
    return *joined([learnt, held], len(sequences), n_items), cases(sequences, -2), words, True


def office(folder):
    """The examples are steps of the same users' histories: only the first of each user is taken."""
    path = folder / "amazon-text" / "Office_Products.examples.parquet"
    firsts = {}
    for user, history, item in rows(path, "user_id, history_item_id, item_id", "where split = 'valid'"):
        firsts.setdefault(user, (history, item))
    found = [firsts[user] for user in sorted(firsts)]
    texts = dict(
        rows(
            folder / "amazon-text" / "Office_Products.items.parquet",
            "item_id, title || ' ' || coalesce(categories, '')",
        )
    )
    n_items = max(texts) + 1
    words = [cut(texts.get(at, ""), language="en", with_dictionary=False).units for at in range(n_items)]
    learnt = [(u, i, at) for u, (history, _) in enumerate(found) for at, i in enumerate(history)]
    held = [(u, item, 10**6) for u, (_, item) in enumerate(found)]
    sequences = [np.array([*history, item, 0]) for history, item in found]
    return *joined([learnt, held], len(found), n_items), cases(sequences, -2), words, True


def tafeng(folder):
    found = [baskets for (baskets,) in rows(folder / "tafeng" / "history.parquet", "baskets", "order by user_id")]
    n_items = 1 + max(item for baskets in found for basket in baskets for item in basket)
    learnt = [(u, i, at) for u, baskets in enumerate(found) for at, basket in enumerate(baskets[:-1]) for i in basket]
    held = [(u, i, 10**6) for u, baskets in enumerate(found) for i in baskets[-1]]
    return *by_time([learnt, held], len(found), n_items, 10**6), [[] for _ in range(n_items)], False


def movielens(folder):
    found = rows(
        folder / "movielens-100k" / "ratings.parquet",
        "user_id::int, item_id::int, timestamp::double",
        "where rating::double > 3 order by timestamp",
    )
    titles = dict(rows(folder / "movielens-100k" / "items.parquet", "item_id::int, movie_title || ' ' || class"))
    n_items, n_users = max(titles) + 1, max(row[0] for row in found) + 1
    cut_s, end_s = (found[int(len(found) * share)][2] for share in (0.8, 0.9))
    learnt = [row for row in found if row[2] < cut_s]
    held = [row for row in found if cut_s <= row[2] < end_s]
    words = [cut(titles.get(at, ""), language="en", with_dictionary=False).units for at in range(n_items)]
    return *by_time([learnt, held], n_users, n_items, cut_s, is_new_only=True), words, True


def by_time(parts, n_users, n_items, cut_s, *, is_new_only=False):
    """The events, and cases of the users who are in both parts."""
    whole, learn = joined(parts, n_users, n_items)
    had, wanted = {}, {}
    for user, item, _ in parts[0]:
        had.setdefault(user, set()).add(item)
    for user, item, _ in parts[1]:
        if user in had and not (is_new_only and item in had[user]):
            wanted.setdefault(user, set()).add(item)
    users = sorted(wanted)
    held = HeldOut(np.array(users), tuple(np.array(sorted(wanted[user])) for user in users))
    events = Events(whole.users, whole.items, whole.times_s, whole.weights)
    asked = recommend_cases(events, held, part="tuning", begins_s=cut_s, max_history=50, exclude_seen=is_new_only)
    return whole, learn, asked


SETS = {
    "beauty": lambda folder: amazon(folder, "beauty"),
    "toys": lambda folder: amazon(folder, "toys"),
    "office": office,
    "tafeng": tafeng,
    "movielens": movielens,
}


def stored(name, found):
    """The verdict and the figures it rests on, added to those of other shops."""
    figures = {each: getattr(found, each) for each in ("history", "order", "repeats")}
    ends = {
        f"{each} {end}": getattr(figure, end) for each, figure in figures.items() for end in ("mean", "low", "high")
    }
    others = [row for row in kept("hardness") if row["shop"] != name]
    row = {"shop": name, "events": found.events, **ends, "verdict": found.verdict}
    keep("hardness", sorted([*others, row], key=lambda each: each["shop"]))


def told(name, found, cpu_s):
    print(f"{name} ({cpu_s:.1f} CPU-s)")
    for line in hardness_lines(found, language="en"):
        print(f"  {line}")
    print(f"  Measured: {MEASURED.get(name) or on_frontier(name)}\n", flush=True)


def on_frontier(name):
    """The best transformer beside the best item neighbours, where the shop was measured by ``frontier.py --store``."""
    rows = kept(f"frontier-{name.lower().replace(' ', '_')}")
    best = {}
    for begins in ("item-knn", "transformer"):
        alike = [row for row in rows if row["configuration"].startswith(begins)]
        best[begins] = max(alike, key=lambda row: row["quality"], default=None)
    if None in best.values():
        return "no transformer beside item neighbours yet"
    told = (
        f"{row['configuration']} {row['quality']:.4f} at {row['monthly']} {row['currency']}" for row in best.values()
    )
    return f"{', '.join(told)} a month (nDCG@10)"


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", type=Path, default=Path(__file__).parents[1] / "../shared/data")
    parser.add_argument("--sets", nargs="*", default=list(SETS), choices=list(SETS))
    parser.add_argument("--store", action="store_true")
    parser.add_argument("configs", nargs="*", type=Path)
    arguments = parser.parse_args()
    for path in arguments.configs:
        opened = open_shop(path)
        run = Run.of(opened)
        prepare_stage(run, lambda done, total, what: None)
        began, name = time.process_time(), opened.config.shop.name
        found = hardness_stage(run, lambda done, total, what: None)
        told(name, found, time.process_time() - began)
        if arguments.store:
            stored(name.lower().replace(" ", "_"), found)
    for name in arguments.sets:
        whole, learn, asked, words, is_new_only = SETS[name](arguments.data)
        began = time.process_time()
        found = hardness_of(whole, learn, asked, words=words, facts=facts_of(whole.n_items), exclude_seen=is_new_only)
        told(name, found, time.process_time() - began)
        if arguments.store:
            stored(name, found)


if __name__ == "__main__":
    main()
