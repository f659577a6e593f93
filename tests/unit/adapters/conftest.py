"""A toy shop trained for real: 40 things of two kinds, 30 people, every part a bundle can hold but an encoder."""

import json

import numpy as np
import pytest

from steelyard.adapters.artefacts import Artefacts, write_state
from steelyard.adapters.tantivy_index import build_tantivy_index
from steelyard.data.privacy import Pseudonyms
from steelyard.documents.decision import Decision, ShopRow
from steelyard.domain import CatalogueFacts, Configuration, Interactions, State, Surface, Texts
from steelyard.models.companions.substitutes import Substitutes, Wares
from steelyard.models.pipeline import catalogue_state
from steelyard.models.retrieval.lexical import documents, fit_lexical
from steelyard.models.retrieval.neighbours import ItemNeighbours
from steelyard.models.retrieval.popularity import Popularity
from steelyard.serving.history import histories_state

KEY = b"k" * 32
N_ITEMS = 40
N_USERS = 30
DECISION = Decision(shop=ShopRow("Toy shop", "EUR", "en"), made_at="2026-03-01")


def titles():
    kinds = ("green tea", "desk lamp")
    return [f"{kinds[n % 2]} number {n}" for n in range(N_ITEMS)]


def learnt():
    """Even people take teas (even numbers), odd people lamps; nobody takes the last two things."""
    draws = np.random.default_rng(0)
    users = np.repeat(np.arange(N_USERS), 8)
    items = np.concatenate([draws.choice(N_ITEMS // 2 - 1, 8, replace=False) * 2 + user % 2 for user in range(N_USERS)])
    return Interactions(users, items, np.arange(float(len(users))), np.ones(len(users)), N_USERS, N_ITEMS)


@pytest.fixture(scope="session")
def toy_store(tmp_path_factory):
    store = Artefacts(tmp_path_factory.mktemp("toy") / "store")
    empty = ("",) * N_ITEMS
    texts = Texts(tuple(titles()), empty, tuple(("Tea", "Lamps")[n % 2] for n in range(N_ITEMS)), empty, empty, "en")
    numbers = np.arange(N_ITEMS)
    facts = CatalogueFacts(numbers, numbers, numbers % 2, np.ones(N_ITEMS, dtype=np.int64), ("Tea", "Lamps"))
    events = learnt()
    store.write_state("parts/catalogue", catalogue_state(facts))
    store.write_state("parts/recommend/popularity", Popularity().fit(events, seed=0).state())
    store.write_state("parts/recommend/item-knn.full", ItemNeighbours().fit(events, seed=0).state())
    alike = Substitutes().fit_texts(Wares(texts, facts)).fit(events, seed=0)
    store.write_state("parts/recommend/substitutes", alike.state())
    names = [Pseudonyms(KEY)(f"user {n}") for n in range(N_USERS)]
    store.write_state("parts/histories", histories_state(events, names))
    with store.writing("parts/lexical") as folder:
        write_state(folder, fit_lexical(texts))
        build_tantivy_index(folder, documents(texts))
    with store.writing("parts/cards") as folder:
        write_toy_cards(folder)
    return store


def write_toy_cards(folder):
    lines = [
        json.dumps({"item_id": f"SKU {n}", "title": title, "category": ["Home"], "price": "9.90"}).encode() + b"\n"
        for n, title in enumerate(titles())
    ]
    (folder / "cards.jsonl").write_bytes(b"".join(lines))
    write_state(folder, State({"offsets": np.cumsum([0, *map(len, lines)])}))


@pytest.fixture
def search():
    return Configuration(
        "lexical", Surface.SEARCH, "lexical", {"lexical": "parts/lexical", "catalogue": "parts/catalogue"}
    )


@pytest.fixture
def recommend():
    parts = {
        "model": "parts/recommend/item-knn.full",
        "catalogue": "parts/catalogue",
        "fallback": "parts/recommend/popularity",
    }
    return Configuration("item-knn", Surface.RECOMMEND, "item-knn", parts, {"rules": {"exclude_seen": True}})


@pytest.fixture
def toy_decision():
    return DECISION


@pytest.fixture
def toy_key():
    return KEY
