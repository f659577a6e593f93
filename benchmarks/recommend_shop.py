"""A shop for the benchmarks of answering: people's histories, a fitted recommender, a sealed bundle that serves it."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np

from leave_one_out import Bench, interactions, read, read_attributes
from steelyard.adapters.artefacts import Artefacts, write_state
from steelyard.assembly import Tools
from steelyard.config import Config
from steelyard.data.privacy import Pseudonyms
from steelyard.documents.decision import Decision, ShopRow
from steelyard.domain import CatalogueFacts, Configuration, Interactions, State, Surface
from steelyard.models.graph.transitions import Transitions
from steelyard.models.linear.ease import Ease
from steelyard.models.pipeline import catalogue_state
from steelyard.models.repeat.next_basket import NextBasket
from steelyard.models.retrieval.factorization import Factorization
from steelyard.models.retrieval.neighbours import ItemNeighbours
from steelyard.models.retrieval.popularity import Popularity
from steelyard.models.retrieval.user_neighbours import UserNeighbours
from steelyard.serving.history import histories_state
from steelyard.serving.pasts import pasts_state
from steelyard.workflows.bundles.package import Details, package

MODELS = {
    "popularity": lambda bench, events: Popularity().fit(events, seed=0),
    "item-knn": lambda bench, events: ItemNeighbours().fit(events, seed=0),
    "user-knn": lambda bench, events: UserNeighbours().fit(events, seed=0),
    "ease": lambda bench, events: Ease().fit(events, seed=0),
    "ials": lambda bench, events: Factorization().fit(events, seed=0),
    "tifu-knn": lambda bench, events: NextBasket().fit(events, seed=0),
    "transitions": lambda bench, events: Transitions().reading(bench.space).fit(events, seed=0),
}
"""Recommenders by kind, at their defaults."""
REPEATS = {"tifu-knn"}
"""What a shop has for things that are bought again: there nothing is removed that was seen."""
DAY_S = 86_400.0
_CLUSTERS = 200


def beauty(data: Path) -> tuple[Bench, Interactions]:
    """Amazon Beauty, all events: 22,363 people, 12,101 items; one event a day."""
    sequences, n_items = read(data / "beauty.sequences.parquet")
    bench = Bench(sequences, n_items, read_attributes(data / "beauty.attributes.parquet", n_items))
    return bench, _daily(interactions(sequences, n_items))


def synthetic(n_users: int, n_items: int, *, mean_events: float = 8.0, seed: int = 0) -> tuple[Bench, Interactions]:
    """People who keep to three of 200 groups of things, each with its best sellers; a group is an item's attribute.

    Args:
        n_users: People; each has two events at least, on average ``mean_events``.
        n_items: Things.
        mean_events: Of a person.
        seed: Of the draw.

    Returns:
        What models are fitted on, and its events.
    """
    draws = np.random.default_rng(seed)
    lengths = 2 + draws.geometric(1 / (mean_events - 1), n_users) - 1
    users = np.repeat(np.arange(n_users), lengths)
    favourites = draws.integers(_CLUSTERS, size=(n_users, 3))
    group = favourites[users, draws.integers(3, size=len(users))]
    size = n_items // _CLUSTERS
    rank = np.minimum((size ** draws.random(len(users))).astype(np.int64) - 1, size - 1)
    items = group * size + rank
    starts = np.cumsum(lengths) - lengths
    places = np.arange(len(users)) - np.repeat(starts, lengths)
    order = np.argsort(places, kind="stable")
    events = Interactions(users[order], items[order], places[order] * DAY_S, np.ones(len(users)), n_users, n_items)
    return Bench([], n_items, [[item // size] for item in range(n_items)]), events


def _daily(events: Interactions) -> Interactions:
    return Interactions(
        events.users, events.items, events.times_s * DAY_S, events.weights, events.n_users, events.n_items
    )


def bundle(work: Path, kind: str, bench: Bench, events: Interactions, *, key: bytes) -> Path:
    """A sealed bundle that recommends with one model, popularity as its fallback.

    Args:
        work: Folder of its own.
        kind: One of ``MODELS``.
        bench: What the model reads besides events.
        events: Everybody's.
        key: Of the pseudonyms; people are called ``user 0`` and so on.

    Returns:
        Its folder.
    """
    store, numbers = Artefacts(work / "store"), np.arange(events.n_items)
    facts = CatalogueFacts(numbers, numbers, np.full(events.n_items, -1), np.ones(events.n_items, np.int64), ())
    store.write_state("parts/catalogue", catalogue_state(facts))
    store.write_state("parts/recommend/popularity", Popularity().fit(events, seed=0).state())
    store.write_state(f"parts/recommend/{kind}", MODELS[kind](bench, events).state())
    pseudonyms = Pseudonyms(key)
    names = [pseudonyms(f"user {n}") for n in range(events.n_users)]
    store.write_state("parts/histories", histories_state(events, names))
    store.write_state("parts/pasts", pasts_state(events, names))
    with store.writing("parts/cards") as folder:
        lines = [
            json.dumps({"item_id": f"SKU-{n}", "title": f"Thing {n}", "category": ["Home"], "price": "9.90"}).encode()
            + b"\n"
            for n in range(events.n_items)
        ]
        (folder / "cards.jsonl").write_bytes(b"".join(lines))
        write_state(folder, State({"offsets": np.cumsum([0, *map(len, lines)])}))
    parts = {"model": f"parts/recommend/{kind}", "catalogue": "parts/catalogue"}
    if kind != "popularity":
        parts["fallback"] = "parts/recommend/popularity"
    rules = {"exclude_seen": kind not in REPEATS}
    chosen = {Surface.RECOMMEND: Configuration(kind, Surface.RECOMMEND, kind, parts, {"rules": rules})}
    settings = {"data": {"items": {"path": "-", "columns": {"item_id": "id", "title": "title"}}}}
    decision = Decision(shop=ShopRow("benchmark"), made_at="2026-01-01T00:00:00+00:00")
    return package(
        Config.model_validate(settings), store, Tools().bundles, chosen=chosen, out=work / "bundles",
        decision=decision, details=Details(),
    )  # fmt: skip
