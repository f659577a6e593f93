"""Lexical search in Chinese: tagged words of product titles, short queries, and how it ranks judged pairs.

Every distinct brand, product word and model number that people tagged in the titles is a query. ``found``: share of the
queries of which a title with that tag is among the first ten. ``filled``: share of the first ten places (of as many
titles as hold the words) that titles hold which do. QBQTC: Spearman's rho of the scores with the grades 0 to 2, and AUC
of grade 0 against the others, over all pairs and within the queries that have both.

    python benchmarks/chinese_search.py [--data ../shared/data]
"""

import argparse
import json
import time
from collections import defaultdict
from pathlib import Path

import numpy as np
import pyarrow.parquet as pq
from scipy.stats import spearmanr

from judged_shops import DATA, K, open_shop
from steelyard.domain import FloatArray, Texts
from steelyard.evaluation.classification import auc
from steelyard.models.retrieval.lexical import Lexical
from steelyard.models.text.folding import fold

KINDS = {"HPPX": "brand", "HCCX": "product", "XH": "model"}
TELESCOPE = "望远镜"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--data", type=Path, default=DATA)
    data = parser.parse_args().data / "chinese"
    rows = pq.read_table(data / "product_titles.parquet").to_pydict()
    titles = tuple(dict.fromkeys(rows["text"]))
    shop = open_shop(texts_of(titles))
    tagged = tags(rows["text"], rows["tags"], {title: number for number, title in enumerate(titles)})
    report = {"titles": len(titles), **{kind: asked(shop, titles, of) for kind, of in tagged.items()}}
    every = {word: numbers for of in tagged.values() for word, numbers in of.items()}
    short = {word: numbers for word, numbers in every.items() if len(word) <= 2 and not word.isascii()}
    report["one and two characters"] = asked(shop, titles, short)
    held = {number for number, title in enumerate(titles) if TELESCOPE in title}
    top = shop.best(TELESCOPE, K)[0].tolist()
    report[TELESCOPE] = {"titles": len(held), "found": len(held & set(top))}
    report["qbqtc"] = qbqtc(data / "qbqtc.parquet")
    print(json.dumps(report, ensure_ascii=False, indent=1))


def texts_of(titles: tuple[str, ...]) -> Texts:
    """Titles alone."""
    empty = ("",) * len(titles)
    return Texts(titles, empty, empty, empty, empty, "zh")


def tags(texts: list[str], labels: list[list[str]], numbers: dict[str, int]) -> dict[str, dict[str, set[int]]]:
    """Titles by tagged words, by kind."""
    found: dict[str, dict[str, set[int]]] = {kind: defaultdict(set) for kind in KINDS.values()}
    for text, marks in zip(texts, labels, strict=True):
        word, kind = "", ""
        for letter, mark in zip([*text, ""], [*marks, "O"], strict=False):
            if word and not mark.startswith("I-"):
                if kind in KINDS:
                    found[KINDS[kind]][word.strip()].add(numbers[text])
                word = ""
            if mark.startswith("B-"):
                word, kind = letter, mark[2:]
            elif word:
                word += letter
    return {kind: {word: of for word, of in words.items() if word} for kind, words in found.items()}


def asked(shop: Lexical, titles: tuple[str, ...], of: dict[str, set[int]]) -> dict[str, float]:
    """How many of the words are found."""
    folded = [fold(title).replace(" ", "") for title in titles]
    found, filled, missed, began = [], [], [], time.process_time()
    for word, numbers in of.items():
        top = shop.best(word, K)[0].tolist()
        found.append(bool(numbers & set(top)))
        written = fold(word).replace(" ", "")
        holding = {number for number, title in enumerate(folded) if written in title} | numbers
        filled.append(len(holding & set(top)) / min(K, len(holding)))
        if not found[-1]:
            missed.append(word)
    return {
        "queries": len(of),
        "found": round(float(np.mean(found)), 4),
        "filled": round(float(np.mean(filled)), 4),
        "missed": " ".join(missed[:12]),
        "cpu_s": round(time.process_time() - began, 1),
    }


def qbqtc(path: Path) -> dict[str, float]:
    """How scores of lexical search rank pairs of query and title."""
    rows = pq.read_table(path).to_pydict()
    titles = tuple(dict.fromkeys(rows["title"]))
    number = {title: at for at, title in enumerate(titles)}
    began = time.process_time()
    shop = open_shop(texts_of(titles))
    built_s = time.process_time() - began
    grades = np.array([float(label) for label in rows["label"]])
    began = time.process_time()
    pairs = zip(rows["query"], rows["title"], strict=True)
    scores = np.array([shop.scores(query, np.array([number[title]]))[0] for query, title in pairs])
    # a share of what the query could reach compares between queries
    ceilings = np.array([ceiling(shop, query) for query in rows["query"]])
    shares = scores / np.maximum(ceilings, 1e-9)
    return {
        "pairs": len(grades),
        "spearman": round(float(spearmanr(shares, grades).statistic), 4),
        "auc": round(float(auc(shares, grades > 0)), 4),
        "auc_within": round(within(rows["query"], shares, grades), 4),
        "build_cpu_s": round(built_s, 1),
        "score_cpu_s": round(time.process_time() - began, 1),
        "index_mb": round(sum(array.nbytes for array in shop.state.arrays.values()) / 1e6, 1),
    }


def ceiling(shop: Lexical, query: str) -> float:
    """What a text that holds all of the query could score by words alone; unknown words are as rare as can be."""
    reading = shop.read(query)
    rarest = float(np.log1p(shop.postings.n))
    return float(reading.plan.weights[~reading.plan.is_extra].sum()) + rarest * len(reading.unknown)


def within(queries: list[str], scores: FloatArray, grades: FloatArray) -> float:
    """Mean AUC of the queries that have titles of grade 0 and of others."""
    of: dict[str, list[int]] = defaultdict(list)
    for at, query in enumerate(queries):
        of[query].append(at)
    values = []
    for places in of.values():
        good = grades[places] > 0
        if good.any() and not good.all():
            values.append(float(auc(scores[places], good)))
    return float(np.mean(values)) if values else float("nan")


if __name__ == "__main__":
    main()
