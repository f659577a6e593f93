"""Does it pay to prefer the kind of product, or the category, that people buy most of what holds the query's words?

For each judged head query of the demo the candidates of hybrid search are fused as they are served, plus a reward
for the share of buyers that a text's kind (its title without numbers and measures) or its category has among all texts
that hold every word of the query. Each line: the reward, then the change of nDCG@10 on the tuning half and on the
judging half, each with its standard error; a weight is worth taking only where both are above 0 by more than that.

    python benchmarks/category_prior.py [--demo demo]
"""

import argparse
from collections.abc import Iterator
from pathlib import Path

import numpy as np

from head_queries import Shop, _judged, _ndcg
from steelyard.adapters.artefacts import Artefacts
from steelyard.adapters.parts import DirectoryParts
from steelyard.data.dividing.split import query_id, split_queries
from steelyard.models.pipeline import open_pipeline
from steelyard.models.retrieval.best_sellers import people_of_texts
from steelyard.models.retrieval.hybrid import HybridRetriever, Pool, fuse
from steelyard.models.retrieval.lexical_derivation import holding_all
from steelyard.models.text.segment import MEASURES, cut
from steelyard.workflows.build import load_configurations

WEIGHTS = (0.03, 0.1, 0.3)
POWERS = (0.5, 1.0)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--demo", type=Path, default=Path(__file__).resolve().parent.parent / "demo")
    parser.add_argument("--configuration", default="hybrid-int8-1bit")
    chosen = parser.parse_args()
    store = Artefacts(chosen.demo / ".steelyard")
    shop = Shop.of(store)
    made = next(each for each in load_configurations(store) if each.name == chosen.configuration)
    hybrid = open_pipeline(made, DirectoryParts(store.path, made.parts)).retriever
    assert isinstance(hybrid, HybridRetriever)
    judged = _judged(shop)
    pools = {query: hybrid.pool(query, n=hybrid.options.candidates) for query in judged}
    scores = {query: fuse(pool, hybrid.options) for query, pool in pools.items()}
    tuning = split_queries([query_id(query) for query in judged], tuning_share=0.5)
    is_tuning = np.array([query_id(query) in tuning for query in judged])

    def quality(rewards: dict[str, np.ndarray]) -> np.ndarray:
        found = []
        for query, grades in judged.items():
            order = np.argsort(-(scores[query] + rewards.get(query, 0.0)), kind="stable")
            found.append(_ndcg(pools[query].texts[order].tolist(), grades))
        return np.array(found)

    base = quality({})
    print(f"as served: {base.mean():.4f}, tuning {base[is_tuning].mean():.4f}, judging {base[~is_tuning].mean():.4f}")
    for name, shares in _shares(shop, hybrid, pools):
        for place in ("upper tier", "all"):
            for weight in WEIGHTS:
                rewards = {
                    query: weight * np.where(pools[query].is_exact | (place == "all"), share, 0.0)
                    for query, share in shares.items()
                }
                change = quality(rewards) - base
                halves = (change[is_tuning], change[~is_tuning])
                print(f"{name}, {place}, {weight}: " + ", ".join(_mean(half) for half in halves))


def _shares(shop: Shop, hybrid: HybridRetriever, pools: dict[str, Pool]) -> Iterator[tuple[str, dict[str, np.ndarray]]]:
    """For each way of counting, the share of each candidate of each query."""
    tables, lexical = shop.tables, hybrid.lexical
    people = people_of_texts(tables.learn_all, tables.facts.text_of_item, n_texts=len(tables.texts))
    kinds = np.unique([_kind(title) for title in tables.texts.title], return_inverse=True)[1]
    categories = np.unique(np.array(tables.texts.category), return_inverse=True)[1]
    holding = {query: holding_all(lexical, lexical.read(query)) for query in pools}
    for name, labels in (("kind", kinds), ("category", categories)):
        for power in POWERS:
            shares = {}
            for query, texts in holding.items():
                if len(texts):
                    bought = np.bincount(labels[texts], people[texts] + 1.0, int(labels.max()) + 1)
                    shares[query] = ((bought / bought.max()) ** power)[labels[pools[query].texts]]
            yield f"{name} ** {power}", shares


def _kind(title: str) -> str:
    return " ".join(unit for unit in cut(title, language="en").units if unit.isalpha() and unit not in MEASURES)


def _mean(changes: np.ndarray) -> str:
    return f"{changes.mean():+.4f} ± {changes.std(ddof=1) / np.sqrt(len(changes)):.4f}"


if __name__ == "__main__":
    main()
