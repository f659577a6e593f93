"""New items on Amazon Office products: how many of them each model finds, against content alone and popularity.

The set is split by time: what the users of its `valid` and `test` examples did before the test examples is learnt
from; each test example asks for the next item. An item is new where nothing that was learnt from has it. Full ranking
over the whole catalogue, items of the history removed. Options are tuned on the `valid` examples, from what came before
them; among these some targets are new as well. Recall@k over the examples whose target is new, and over all others,
with a bootstrap interval over users; paired differences against content as tuned, and against content that does not
look at popularity, which holds new items back.

    python benchmarks/cold_items.py [--data ../shared/data/amazon-text] [--k 10 50] [--models transitions …]
"""

from __future__ import annotations

import argparse
import re
import time
from itertools import product
from pathlib import Path

import duckdb
import numpy as np

from steelyard.domain import NONE, Cases, CatalogueFacts, Interactions, Request, Surface, Texts
from steelyard.models.graph.text_space import TextSpace
from steelyard.models.graph.transitions import Transitions, tune_transitions
from steelyard.models.retrieval.content import Content, text_matrix, tune_content
from steelyard.models.retrieval.neighbours import ItemNeighbours, tune_neighbours
from steelyard.models.retrieval.popularity import Popularity
from steelyard.models.retrieval.user_neighbours import UserNeighbours, tune_user_neighbours
from steelyard.models.sequence.spectral import spectral_factors, word_factors
from steelyard.models.towers.basic_facts import NO_BASICS
from steelyard.models.towers.item_content import item_content
from steelyard.models.towers.tower_lessons import TowerSettings, shop_towers
from steelyard.models.towers.two_tower import TwoTower, served_state

DRAWS = 1_000


class Office:
    """The set: texts, what may be learnt from, and the examples to tune and to judge by."""

    def __init__(self, folder):
        self.texts, self.facts = catalogue(folder / "Office_Products.items.parquet")
        rows = examples(folder / "Office_Products.examples.parquet")
        self.n_items = len(self.facts.text_of_item)
        valid, test = ([row for row in rows if row[3] == split] for split in ("valid", "test"))
        self.learn = interactions({**firsts(test, only_without=firsts(valid)), **firsts(valid)}, self.n_items)
        self.learn_all = interactions(firsts(test, so_far=lasts(valid)), self.n_items)
        self.validation = cases(valid)
        self.asked = cases(test)
        self.users = np.unique([row[0] for row in test], return_inverse=True)[1]
        self.targets = np.array([row[2] for row in test])
        self.is_new = ~np.isin(self.targets, self.learn_all.items)
        self.space = TextSpace(text_matrix(self.texts), self.facts)


def catalogue(path):
    query = "select title, description, brand from read_parquet(?) order by item_id"
    rows = duckdb.connect().execute(query, [str(path)]).fetchall()
    titles, descriptions, brands = (tuple(plain(cell or "") for cell in column) for column in zip(*rows, strict=True))
    blank, number = ("",) * len(rows), np.arange(len(rows))
    facts = CatalogueFacts(number, number, np.full(len(rows), -1), np.ones(len(rows), np.int64), ())
    return Texts(titles, descriptions, blank, brands, blank), facts


def plain(cell):
    """A cell without comments, tags and the marks of the list it was written as."""
    without = re.sub(r"<!--.*?-->|<[^>]*>", " ", cell, flags=re.DOTALL)
    return re.sub(r"[\[\]'\"]+", " ", without).strip()[:1_000]


def examples(path):
    query = """select user_id, history_item_id, item_id, split from read_parquet(?)
               order by user_id, split = 'test', len(history_item_id), item_id"""
    return duckdb.connect().execute(query, [str(path)]).fetchall()


def firsts(rows, so_far=None, only_without=()):
    """Of each user, what was known before the first of these examples."""
    found, seen = dict(so_far or {}), set(only_without)
    for user, history, _, _ in rows:
        if user not in seen:
            seen.add(user)
            known = found.get(user, [])
            found[user] = [*known, *(item for item in history if item not in known)]
    return found


def lasts(rows):
    """Of each user, what was known after the last of these examples."""
    found = {}
    for user, history, item, _ in rows:
        known = found.setdefault(user, [])
        known.extend(one for one in (*history, item) if one not in known)
    return found


def interactions(sequences, n_items):
    """Place in the sequence stands for time: the set has the order only."""
    rows = [(place, user, item) for user, items in enumerate(sequences.values()) for place, item in enumerate(items)]
    places, users, items = (np.array(column) for column in zip(*sorted(rows), strict=True))
    return Interactions(users, items, places.astype(float), np.ones(len(rows)), len(sequences), n_items)


def cases(rows):
    return Cases(
        Surface.RECOMMEND,
        tuple(f"{user}-{place}" for place, (user, *_) in enumerate(rows)),
        tuple(Request(history=tuple(dict.fromkeys(reversed(history)))[::-1]) for _, history, _, _ in rows),
        tuple(np.array([item]) for _, _, item, _ in rows),
        tuple(np.ones(1) for _ in rows),
    )


def tuned_content(office):
    model = Content().fit_texts(office.texts, office.facts, office.learn)
    options = tune_content(model, office.validation)
    return Content(options["decay"], popularity=options["popularity"]).fit_texts(
        office.texts, office.facts, office.learn_all
    )


def tuned_knn(office):
    options = without_cases(tune_neighbours(office.learn, office.validation))
    return ItemNeighbours(**options).fit(office.learn_all, seed=0)


def tuned_users(office):
    options = without_cases(tune_user_neighbours(office.learn, office.validation))
    return UserNeighbours(**options).fit(office.learn_all, seed=0)


def tuned_transitions(office):
    options = without_cases(tune_transitions(office.space, office.learn, office.validation))
    print(f"  transitions tuned: {options}")
    return Transitions(**options).reading(office.space).fit(office.learn_all, seed=0)


def without_cases(options):
    return {name: value for name, value in options.items() if name != "cases"}


def taught_towers(office):
    """Trained for at most ``--minutes``; the texts are read as words."""
    import torch

    from steelyard.adapters.sequences.tower_learning import learn_towers

    torch.set_num_threads(1)
    words = word_factors(text_matrix(office.texts), width=128, seed=0)
    content = item_content(office.facts, office.texts, None, vectors=words)
    lessons = shop_towers(
        office.learn,
        office.validation,
        TowerSettings(minutes=office.minutes),
        seed=0,
        content=content,
        basics=NO_BASICS,
        everything=office.learn_all,
        start=spectral_factors(office.learn, width=TowerSettings().width, seed=0),
    )
    state = learn_towers(lessons, unfinished=None, progress=lambda done, total, what: None)
    print(f"  two towers: {dict(state.facts['learning'])}")
    settings = lessons.settings
    return TwoTower(served_state(state, content, length=settings.length, attends=settings.attends, basics=(), bits=16))


MODELS = {
    "popularity": lambda office: Popularity().fit(office.learn_all, seed=0),
    "item-knn": tuned_knn,
    "user-knn": tuned_users,
    "content": tuned_content,
    "content-alone": lambda office: Content(popularity=0).fit_texts(office.texts, office.facts, office.learn_all),
    "transitions": tuned_transitions,
    "two-tower": taught_towers,
}
"""Fitted models by name. To add a row, add it here."""


def hits(model, office, k):
    """Which examples' targets are among the first ``k``. Shape (examples,)."""
    requests = [Request(history=each.history, exclude=each.history) for each in office.asked.requests]
    ranked = model.retrieve(requests, k=max(k))
    found = (ranked.items == office.targets[:, None]) & (ranked.items != NONE)
    return {each: found[:, :each].any(axis=1).astype(float) for each in k}


def interval(values, users):
    """Mean over examples, and the 95 % interval of a bootstrap over users."""
    _, owners = np.unique(users, return_inverse=True)
    sums, counts = np.bincount(owners, weights=values), np.bincount(owners)
    drawn = np.random.default_rng(0).integers(len(sums), size=(DRAWS, len(sums)))
    low, high = np.quantile(sums[drawn].sum(axis=1) / counts[drawn].sum(axis=1), [0.025, 0.975])
    return f"{values.mean():.4f} [{low:.4f}, {high:.4f}]"


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", type=Path, default=Path(__file__).parents[1] / "../shared/data/amazon-text")
    parser.add_argument("--k", nargs="+", type=int, default=[10, 50])
    parser.add_argument("--minutes", type=float, default=10, help="of training, at most, where a model is a network")
    parser.add_argument("--models", nargs="+", choices=list(MODELS), default=list(MODELS))
    arguments = parser.parse_args()
    office = Office(arguments.data)
    office.minutes = arguments.minutes
    new = office.is_new
    n_new = len(np.unique(office.targets[new]))
    print(
        f"{office.n_items} items, {office.learn_all.n_users} users; {len(new)} examples, {int(new.sum())} of new items"
    )
    print(f"  {n_new} items are new")
    found = {}
    for name in arguments.models:
        began = time.process_time()
        model = MODELS[name](office)
        seconds = time.process_time() - began
        found[name] = hits(model, office, arguments.k)
        for k in arguments.k:
            cold, warm = (interval(found[name][k][which], office.users[which]) for which in (new, ~new))
            print(f"  {name:<13} recall@{k:<3} new {cold}   others {warm}   {seconds:.1f} CPU s", flush=True)
    for other in ("content", "content-alone"):
        for name, k in product(found, arguments.k) if other in found else ():
            if name == other:
                continue
            gain = found[name][k] - found[other][k]
            cold, warm = (interval(gain[which], office.users[which]) for which in (new, ~new))
            print(f"  {name} over {other} @{k}: new {cold}   others {warm}")


if __name__ == "__main__":
    main()
