"""Recall of the first ten under filters, against an exact search of all that the filter lets through.

Opens the search of a bundle and asks it as the server does, by words, by meaning, and by both where the bundle has
them. The filters are on an attribute drawn at random (so many of 200 lots) and on windows of price; exact is the score
of every text of the catalogue that is an answer, by the same formula, among those with an item that the filter lets
through: one that holds a word of the query, or is above the floor on meaning. A text that scores as high as the tenth
counts as found. Prints one line of JSON.

    python benchmarks/filtered_recall.py BUNDLES [--queries 200] [--seed 0]
"""

import argparse
import json
import time
from pathlib import Path
from typing import Any

import numpy as np

from steelyard.adapters.bundle import Bundle
from steelyard.domain import FloatArray, IntArray, Surface
from steelyard.models.pipeline import Pipeline
from steelyard.models.retrieval.meaning_floor import has_letters
from steelyard.serving.cards import Cards
from steelyard.serving.lists.field_state import fields_state
from steelyard.serving.lists.fields import Condition, Fields, Range
from steelyard.serving.lists.kept import Lists
from steelyard.serving.lists.listing import Question, checked

K = 10
LOTS = 200
SHARES = (0.5, 0.05, 0.005)


def with_lots(cards: Cards, rng: np.random.Generator) -> Fields:
    """The fields of the catalogue, with every item in a lot drawn at random."""
    lots = rng.integers(0, LOTS, len(cards)).tolist()
    lines = []
    for number, lot in enumerate(lots):
        card = json.loads(cards.raw(number))
        card["attributes"] = {"lot": f"lot {lot}"}
        lines.append(json.dumps(card).encode())
    return Fields(fields_state(Cards(b"".join(lines), np.cumsum([0, *map(len, lines)]))))


def filters_of(share: float, fields: Fields, rng: np.random.Generator) -> dict[str, dict[str, Condition]]:
    """Filters that let such a share of the items through."""
    lots = rng.choice(LOTS, max(1, round(share * LOTS)), replace=False).tolist()
    prices = np.sort(fields.price[np.isfinite(fields.price)])
    found: dict[str, dict[str, Condition]] = {"lot": {"lot": [f"lot {lot}" for lot in lots]}}
    if len(prices):
        begin = int(rng.integers(0, max(1, round((1 - share) * len(prices)))))
        end = min(begin + round(share * len(prices)), len(prices) - 1)
        found["price"] = {"price": Range(min=float(prices[begin]), max=float(prices[end]))}
    return found


def retrievers(pipeline: Pipeline) -> dict[str, Any]:
    """The search, and its sides alone."""
    whole: Any = pipeline.retriever
    name = type(whole).__name__.removesuffix("Retriever").lower()
    sides = {side: getattr(whole, side) for side in ("lexical", "dense") if hasattr(whole, side)}
    return {name: whole, **sides}


def answers(retriever: Any, query: str, texts: IntArray) -> FloatArray:
    """Score of every text that may be shown for a query, 0 of the others."""
    scores: FloatArray = retriever.scores(query, texts)
    dense = getattr(retriever, "dense", retriever)
    if not hasattr(dense, "floor"):
        return scores
    is_near = dense.scores(query, texts) >= dense.floor.floor if has_letters(query) else np.zeros(len(texts), bool)
    holds = retriever.lexical.scores(query, texts) > 0 if hasattr(retriever, "lexical") else np.zeros(len(texts), bool)
    return np.where(is_near | holds, scores, 0.0)


def recall(found: IntArray, scores: FloatArray, allowed: IntArray) -> float:
    """Share of the exact first ten that were found; NaN where there are none."""
    candidates = allowed[scores[allowed] > 0]
    best = np.sort(scores[candidates])[::-1][:K]
    if not len(best):
        return float("nan")
    return min(1.0, float((scores[found] >= best[-1] - 1e-6).sum()) / len(best))


def measured(
    pipeline: Pipeline, retriever: Any, fields: Fields, queries: list[str], *, seed: int
) -> dict[str, dict[str, float]]:
    """Mean recall and milliseconds by filter."""
    rng = np.random.default_rng(seed)
    searched = Pipeline(retriever, pipeline.facts, surface=Surface.SEARCH, rules=pipeline.rules)
    lists = Lists(searched, fields, sold=None)
    facts, texts = pipeline.facts, np.arange(len(pipeline.facts.representative))
    results: dict[str, list[tuple[float, float]]] = {}
    for query in queries:
        exact = answers(retriever, query, texts)
        for share in SHARES:
            for kind, given in filters_of(share, fields, rng).items():
                mask = np.logical_and.reduce([fields.mask(one) for one in fields.read(given)])
                allowed = np.unique(facts.text_of_item[mask & (facts.in_stock > 0)])
                asked = checked(Question(query, k=K, filters=given), fields=fields, has_sold=False, bundle="")
                began = time.perf_counter()
                page = lists.ask(asked)
                took_ms = (time.perf_counter() - began) * 1000
                found = facts.text_of_item[[unit.item for unit in page.units]] if page.units else texts[:0]
                results.setdefault(f"{kind} {share:.1%}", []).append((recall(found, exact, allowed), took_ms))
    return {name: summary(np.array(rows)) for name, rows in results.items()}


def summary(rows: FloatArray) -> dict[str, float]:
    """Mean recall where it is defined, and the slow end of the times."""
    return {
        "recall_at_10": round(float(np.nanmean(rows[:, 0])), 4),
        "p99_ms": round(float(np.quantile(rows[:, 1], 0.99)), 1),
    }


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("bundles", type=Path)
    parser.add_argument("--queries", type=int, default=200)
    parser.add_argument("--seed", type=int, default=0)
    chosen = parser.parse_args()
    bundle = Bundle.open(chosen.bundles)
    cards, engine = bundle.cards(), bundle.engine()
    pipeline = engine.require(Surface.SEARCH)
    if not isinstance(pipeline, Pipeline):
        raise SystemExit("the search of this bundle is none of ours")
    rng = np.random.default_rng(chosen.seed)
    fields = with_lots(cards, rng)
    titles = [cards.brief(int(number)).title for number in rng.choice(len(cards), chosen.queries, replace=False)]
    queries = [" ".join(title.split()[: int(rng.integers(1, 4))]) for title in titles]
    results = {
        name: measured(pipeline, retriever, fields, queries, seed=chosen.seed)
        for name, retriever in retrievers(pipeline).items()
    }
    print(json.dumps({"n_items": len(cards), **results}))


if __name__ == "__main__":
    main()
