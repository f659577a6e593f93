"""Changes of the catalogue beside an open bundle: when they are seen, how many a second, what searches then cost.

    python -m benchmarks.catalogue_changes [--items 50000] [--out FILE]

A synthetic shop of titles drawn from a vocabulary with Zipf's law, lexical search and similar items by text, in one
process: the service, the thread that takes changes, and another thread that searches all the while. Latency is from the
call that sends a change to the first answer that has it, the flush to the disk included. Search is processor time of
the first ten of a query, and of a page with facets; the same queries on each state, interleaved.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import tempfile
import threading
import time
from datetime import UTC, datetime
from pathlib import Path

import numpy as np

from steelyard.adapters.change_journal import ChangeJournal
from steelyard.adapters.tantivy_index import build_tantivy_index, open_tantivy_index
from steelyard.api.changing import Changer
from steelyard.data.changes.reading import Terms
from steelyard.data.vocabulary import representatives
from steelyard.domain import CatalogueFacts, Request, Surface, Texts
from steelyard.models.pipeline import Pipeline
from steelyard.models.retrieval.lexical import Lexical
from steelyard.models.retrieval.lexical_fit import documents, fit_lexical
from steelyard.serving.browse import Browse, shelf_state
from steelyard.serving.cards import Cards, ItemIds, index_ids
from steelyard.serving.changes.keys import index_keys
from steelyard.serving.engine import Beside, Engine
from steelyard.serving.lists.field_state import fields_state
from steelyard.serving.lists.fields import Fields
from steelyard.serving.lists.listing import ALL_FACETS, Question
from steelyard.serving.numbers import Numbers, index_numbers
from steelyard.serving.search_pages import SearchPages
from steelyard.serving.service import About, Service, Shop

N_WORDS = 20_000
QUERIES = 150


def titles(n, random):
    """Titles of four to eight words; common words are common."""
    ranks = np.arange(1, N_WORDS + 1)
    shares = 1 / ranks / (1 / ranks).sum()
    lengths = random.integers(4, 9, n)
    drawn = random.choice(N_WORDS, lengths.sum(), p=shares)
    words = [f"w{'bcdfghjklm'[n % 10]}{n:x}" for n in range(N_WORDS)]
    ends = np.cumsum(lengths)
    return [" ".join(words[at] for at in drawn[end - length : end]) for end, length in zip(ends, lengths, strict=True)]


def card(n, title):
    return {
        "item_id": f"SKU-{n}", "title": title, "description": "", "category": [f"D{n % 12}", f"C{n % 200}"],
        "brand": f"B{n % 90}", "price": f"{1 + n % 300}.50", "stock": n % 7 or None, "image": "",
        "attributes": {"colour": ("red", "blue", "green")[n % 3]},
    }  # fmt: skip


def engine_of(n_items, folder, random):
    names = titles(n_items, random)
    rows = [card(n, title) for n, title in enumerate(names)]
    lines = [json.dumps(row).encode() + b"\n" for row in rows]
    cards = Cards(b"".join(lines), np.concatenate([[0], np.cumsum(list(map(len, lines)))]).astype(np.int64))
    paths = [" > ".join(row["category"]) for row in rows]
    texts = Texts(
        tuple(names), ("",) * n_items, tuple(paths), tuple(row["brand"] for row in rows),
        tuple(f"colour: {row['attributes']['colour']}" for row in rows),
    )  # fmt: skip
    kinds = {path: number for number, path in enumerate(dict.fromkeys(paths))}
    every, nothing = np.arange(n_items), np.zeros(n_items, np.int64)
    found = representatives(every, in_stock=nothing + 1, n_interactions=nothing, n_texts=n_items)
    facts = CatalogueFacts(every, found, np.array([kinds[path] for path in paths]), nothing + 1, tuple(kinds))
    build_tantivy_index(folder, documents(texts))
    lexical = Lexical(fit_lexical(texts), open_tantivy_index(folder))
    search = Pipeline(lexical, facts, surface=Surface.SEARCH)
    beside = Beside(
        words=search.by_words(),
        browse=Browse(shelf_state(cards)),
        fields=Fields(fields_state(cards)),
        numbers=Numbers.of(index_numbers(cards), cards),
        keys=index_keys(cards),
    )
    ids = ItemIds(index_ids(cards), cards)
    return Engine(search=search, recommend=None, similar=None, cards=cards, ids=ids, beside=beside)


def seen(changer, sent):
    """Seconds from sending a batch to the first answer that has it."""
    began = time.perf_counter()
    taken = changer.send(sent)
    asyncio.run(changer.include(taken.token))
    return time.perf_counter() - began


def searching(service, queries, ended):
    while not ended.is_set():
        for query in queries:
            service.engine.search(Request(query=query), k=10, explain=False)
            if ended.is_set():
                return


def cpu_ms(engines, queries):
    """Processor time of a search and of a page with facets, in each state, the states in turn."""
    spent = np.zeros((len(engines), 2))
    pages = [SearchPages(engine, "d" * 64) for engine in engines]
    for is_measured in (False, True):
        for query in queries:
            for at, engine in enumerate(engines):
                began = time.thread_time()
                engine.search(Request(query=query), k=10, explain=False)
                between = time.thread_time()
                pages[at].page(pages[at].check(Question(query, facets=(ALL_FACETS,), explain=False)))
                ended = time.thread_time()
                if is_measured:
                    spent[at] += (between - began, ended - between)
        pages = [SearchPages(engine, "d" * 64) for engine in engines]
    return 1000 * spent / len(queries)


def main():
    asked = argparse.ArgumentParser()
    asked.add_argument("--items", type=int, default=50_000)
    asked.add_argument("--rounds", type=int, default=60)
    asked.add_argument("--out", type=Path)
    given = asked.parse_args()
    random = np.random.default_rng(0)
    with tempfile.TemporaryDirectory() as scratch:
        index = Path(scratch) / "index"
        index.mkdir()
        engine = engine_of(given.items, index, random)
        now = lambda: datetime.now(UTC)  # noqa: E731
        service = Service(engine, About("d" * 64, shop=Shop("Bench", "EUR")), events=None, pseudonym=str, now=now)
        changer = Changer(
            service, lambda: ChangeJournal(Path(scratch) / "changes"), terms=Terms("EUR"), now=lambda: now().isoformat()
        )
        changer.start()
        time.sleep(5)  # what a server makes ready while nothing changes yet
        queries = [" ".join(title.split()[:2]) for title in titles(QUERIES, random)]
        ended = threading.Event()
        searcher = threading.Thread(target=searching, args=(service, queries, ended))
        searcher.start()
        figures = {"items": given.items}
        first = seen(changer, [{"id": "first", "title": "the first new text"}])
        figures["first_new_text_s"] = round(first, 3)
        rounds = range(given.rounds)
        price = [seen(changer, [{"op": "price", "id": f"SKU-{n}", "price": 7.5}]) for n in rounds]
        new = [seen(changer, [{"id": f"NEW-{n}", "title": f"zork{n} {queries[n % QUERIES]}"}]) for n in rounds]
        ended.set()
        searcher.join()
        for name, found in (("price", price), ("new_item", new)):
            figures[f"{name}_seen_ms"] = [round(1000 * float(np.percentile(found, at))) for at in (50, 99)]
        states = [service.engine]
        figures["texts_beside"] = [len(rounds) + 1]
        fresh = titles(5_000, random)
        for begin, end in ((0, 40), (40, 5_000)):
            batch = [{"id": f"MORE-{n}", "title": fresh[n], "category": "D1 > C1"} for n in range(begin, end)]
            began, cpu = time.perf_counter(), time.process_time()
            for at in range(0, len(batch), 1000):
                changer.send(batch[at : at + 1000])
            kept = time.perf_counter() - began
            while changer.state().waiting:
                time.sleep(0.01)
            figures[f"batch_of_{end - begin}"] = {
                "kept_per_s": round(len(batch) / kept),
                "seen_s": round(time.perf_counter() - began, 2),
                "cpu_s": round(time.process_time() - cpu, 2),
            }
            states.append(service.engine)
            figures["texts_beside"].append(end + len(rounds) + 1)
        began = time.process_time()
        changer.send([{"op": "price", "id": "SKU-1", "price": 3}])
        time.sleep(3)
        figures["price_change_over_5000_cpu_ms"] = round(1000 * (time.process_time() - began))
        spent = cpu_ms([engine, *states], queries)
        figures["search_cpu_ms"] = spent[:, 0].round(3).tolist()
        figures["search_ratio"] = (spent[:, 0] / spent[0, 0]).round(2).tolist()
        figures["page_cpu_ms"] = spent[:, 1].round(3).tolist()
        figures["page_ratio"] = (spent[:, 1] / spent[0, 1]).round(2).tolist()
        changer.close()
        service.close()
    text = json.dumps(figures, indent=1)
    print(text)
    if given.out:
        given.out.write_text(text + "\n", "utf-8")


if __name__ == "__main__":
    main()
