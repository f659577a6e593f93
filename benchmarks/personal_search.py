"""A shopper's own order of a search: what it costs, and whether purchases of a shop would take it.

    python -m benchmarks.personal_search [--items 50000] [--shop FOLDER] [--out FILE]

Cost: processor time of a search in process, in the order of everybody and in that of shoppers with 50 items of history,
the same queries in turn; a first ten, and a page with facets. Lists that are kept for later pages are dropped before
each, and the history is that of memory, as for a shopper who was there before.

With ``--shop``, the folder of a prepared and built shop whose log has purchases only (the demo), each purchase is taken
for a search for the name of the item's narrowest category. These queries are SYNTHETIC: nobody typed them, the category
is the item's own, and a shop decides nothing by the figure. It says what repeats and brands are worth where a list is
long and its order rests on popularity.
"""

from __future__ import annotations

import argparse
import json
import tempfile
import time
from pathlib import Path

import numpy as np
import pyarrow.parquet as pq
from benchmarks.catalogue_changes import engine_of, titles

from steelyard.adapters.artefacts import Artefacts
from steelyard.adapters.shop.tables import load_shop
from steelyard.assembly import Tools
from steelyard.domain import Surface
from steelyard.models.pipeline import open_pipeline
from steelyard.models.ranking.personal import PersonalWeights
from steelyard.models.ranking.personal_fit import fit_personal
from steelyard.serving.lists.listing import ALL_FACETS, Question
from steelyard.serving.search_pages import SearchPages
from steelyard.serving.tastes import KeptHistories, Searcher
from steelyard.workflows.build import load_configurations
from steelyard.workflows.bundles.personal_search import Act, replayed, traits_of_shop

QUERIES, PEOPLE, HISTORY, ROUNDS = 150, 300, 50, 3


def cost(n_items):
    """Milliseconds of a search and of a page, for everybody and for somebody."""
    random = np.random.default_rng(0)
    with tempfile.TemporaryDirectory() as scratch:
        engine = engine_of(n_items, Path(scratch), random)
        queries = [" ".join(title.split()[:2]) for title in titles(QUERIES, random)]
        weights = PersonalWeights(0.5, 0.25)
        spent = np.zeros((2, 2))
        for round_ in range(ROUNDS + 1):
            pages = SearchPages(engine, "d" * 64, weights=weights)
            pages.page(pages.check(Question(queries[0])))
            for at, query in enumerate(queries):
                kept, history = KeptHistories(), tuple(random.choice(n_items, HISTORY, replace=False).tolist())
                known = lambda history=history: (history, ())  # noqa: E731
                somebody = Searcher(f"p{at}", known, known, kept)
                for row, who in enumerate((None, somebody)):
                    for column, how in enumerate(({}, {"facets": (ALL_FACETS,)})):
                        question = Question(query, explain=False, **how)
                        pages._search._kept.clear()  # noqa: SLF001 - a list that nobody asked for before
                        pages._search._kept_tiers.cache_clear()  # noqa: SLF001 - as above
                        began = time.thread_time()
                        pages.page(pages.check(question), who)
                        spent[row, column] += (time.thread_time() - began) if round_ else 0.0
        ms = 1000 * spent / (ROUNDS * QUERIES)
    return {
        "items": n_items,
        "first_ten_cpu_ms": ms[:, 0].round(3).tolist(),
        "first_ten_ratio": round(float(ms[1, 0] / ms[0, 0]), 2),
        "page_with_facets_cpu_ms": ms[:, 1].round(3).tolist(),
        "page_with_facets_ratio": round(float(ms[1, 1] / ms[0, 1]), 2),
    }


def purchases(folder, facts):
    """Purchases of some people, each as a search for its category."""
    columns = ["user", "item", "time", "kind", "weight"]
    table = pq.read_table(folder / "events.parquet", columns=columns).to_pydict()
    users = sorted({user for user in table["user"] if user})
    drawn = np.random.default_rng(0).choice(len(users), min(PEOPLE, len(users)), replace=False)
    people = {users[at]: [] for at in drawn.tolist()}
    for user, item, at, kind, weight in zip(*(table[name] for name in columns), strict=True):
        if user in people and item is not None and item >= 0 and (weight or 0) > 0:
            number = int(facts.category[item])
            name = facts.categories[number].split(" > ")[-1].lower() if number >= 0 else ""
            people[user].append(Act(float(at), int(item), kind, str(int(at // 86_400)), name))
    return people


def synthetic(shop):
    """The fit on purchases as searches for the names of categories."""
    store = Artefacts(shop)
    tables = load_shop(store.path("data"), max_history=HISTORY)
    search = next(c for c in load_configurations(store) if c.surface is Surface.SEARCH and c.kind == "lexical")
    pipeline = open_pipeline(search, Tools().files.parts(store.path, search.parts))
    people = purchases(store.path("data"), tables.facts)
    began = time.process_time()
    searches = list(replayed(people, pipeline, traits_of_shop(tables), max_history=HISTORY))
    fit = fit_personal(searches, seed=0)
    return {
        "queries": "SYNTHETIC: names of categories, one for each purchase",
        "verdict": str(fit.verdict),
        "repeat": fit.weights.repeat,
        "likeness": fit.weights.likeness,
        "ndcg_without": round(fit.without, 4),
        "gain": [round(value, 4) for value in (fit.gain, fit.low, fit.high)],
        "searches": fit.n_searches,
        "judging_people": fit.n_people,
        "cpu_s": round(time.process_time() - began, 1),
    }


def main():
    asked = argparse.ArgumentParser()
    asked.add_argument("--items", type=int, default=50_000)
    asked.add_argument("--shop", type=Path, help="work folder (.steelyard) of a shop that was prepared and built")
    asked.add_argument("--out", type=Path)
    given = asked.parse_args()
    figures = {"cost": cost(given.items)}
    if given.shop:
        figures["purchases"] = synthetic(given.shop)
    text = json.dumps(figures, indent=1)
    print(text)
    if given.out:
        given.out.write_text(text + "\n", "utf-8")


if __name__ == "__main__":
    main()
