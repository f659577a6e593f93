"""Lexical search in Chinese: tagged words of product titles, short queries, and how it ranks judged pairs.

Every distinct brand, product word and model number that people tagged in the titles is a query. ``found``: share of the
queries of which a title with that tag is among the first ten. ``filled``: share of the first ten places (of as many
titles as hold the words) that titles hold which do. QBQTC: Spearman's rho of the scores with the grades 0 to 2, and AUC
of grade 0 against the others, over all pairs and within the queries that have both.

With ``--encoder``, a folder of multilingual-e5-small (``../shared/tools/e5_folder.py``), its vocabulary is cut to what
the titles and the queries of half of them are made of, and forms of it score the same pairs by cosine: ``fp32``,
``int8``, ``6l-int8``, ``static`` (a table of token vectors, no network). Forms and vectors are kept in --work and used
again; processor times are those of the process that made them.

    python benchmarks/chinese_search.py [--data ../shared/data] [--encoder FOLDER --work FOLDER --forms int8 static]
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
from steelyard.adapters.encoders.cut_vocabulary import write_cut
from steelyard.adapters.encoders.encoder_variants import Material, write_static, write_variant
from steelyard.adapters.encoders.onnx_encoder import open_onnx_encoder
from steelyard.adapters.encoders.static_encoder import open_static_encoder
from steelyard.adapters.encoders.torch_encoder import TorchEncoder
from steelyard.domain import FloatArray, Texts
from steelyard.evaluation.classification import auc
from steelyard.models.building import FittedTo
from steelyard.models.retrieval.lexical import Lexical
from steelyard.models.text.folding import fold

KINDS = {"HPPX": "brand", "HCCX": "product", "XH": "model"}
TELESCOPE = "望远镜"
TELESCOPES = ("博冠双筒望远镜高清夜视", "儿童天文望远镜入门款", "望远镜三脚架支架通用", "手机外接望远镜头长焦")
"""Beside the one among the tagged titles; in the last the word is no word of its own."""


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--data", type=Path, default=DATA)
    parser.add_argument("--encoder", type=Path, help="folder of the encoder; only it is looked at then")
    parser.add_argument("--work", type=Path, help="for what is made of the encoder")
    parser.add_argument("--forms", nargs="+", default=["int8", "static"])
    chosen = parser.parse_args()
    data = chosen.data / "chinese"
    if chosen.encoder is not None:
        for form in chosen.forms:
            print(json.dumps(by_meaning(data / "qbqtc.parquet", chosen.encoder, form, chosen.work)), flush=True)
        return
    rows = pq.read_table(data / "product_titles.parquet").to_pydict()
    titles = tuple(dict.fromkeys(rows["text"]))
    shop = open_shop(texts_of(titles))
    tagged = tags(rows["text"], rows["tags"], {title: number for number, title in enumerate(titles)})
    report = {"titles": len(titles), **{kind: asked(shop, titles, of) for kind, of in tagged.items()}}
    every = {word: numbers for of in tagged.values() for word, numbers in of.items()}
    short = {word: numbers for word, numbers in every.items() if len(word) <= 2 and not word.isascii()}
    report["one and two characters"] = asked(shop, titles, short)
    report[TELESCOPE] = telescopes(titles)
    report["qbqtc"] = qbqtc(data / "qbqtc.parquet")
    print(json.dumps(report, ensure_ascii=False, indent=1))


def telescopes(titles: tuple[str, ...]) -> dict[str, int]:
    """How many of four titles that hold the word, each cut otherwise, are found among all others."""
    of = tuple(dict.fromkeys((*titles, *TELESCOPES)))
    held = {number for number, title in enumerate(of) if TELESCOPE in title}
    top = open_shop(texts_of(of)).best(TELESCOPE, K)[0].tolist()
    return {"titles": len(held), "found": len(held & set(top))}


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


def by_meaning(path: Path, source: Path, form: str, work: Path) -> dict[str, float | str]:
    """How cosines of one form of the cut encoder rank the pairs."""
    rows = pq.read_table(path).to_pydict()
    titles, queries = (list(dict.fromkeys(rows[name])) for name in ("title", "query"))
    passages = [f"passage: {title}" for title in titles]
    asked = [f"query: {query}" for query in queries]
    cut = work / "cut"
    if not (cut / "facts.json").is_file():
        cut.mkdir(parents=True, exist_ok=True)
        write_cut(source, cut, texts=passages, queries=asked[::2])
    folder = made(cut, form, work, passages)
    opened = open_static_encoder(folder) if form == "static" else open_onnx_encoder(folder)
    began = time.process_time()
    of_titles = opened.encode(passages)
    titles_s, began = time.process_time() - began, time.process_time()
    of_queries = opened.encode(asked)
    queries_s = time.process_time() - began
    if form != "static" and (form == "fp32" or not (work / "titles.npy").is_file()):
        np.save(work / "titles.npy", of_titles)
        (work / "titles_of").write_text(form, "utf-8")
    at = [{text: number for number, text in enumerate(texts)} for texts in (queries, titles)]
    left = of_queries[[at[0][query] for query in rows["query"]]]
    right = of_titles[[at[1][title] for title in rows["title"]]]
    cosines = np.sum(left * right, axis=1).astype(np.float64)
    grades = np.array([float(label) for label in rows["label"]])
    facts = json.loads((cut / "facts.json").read_text("utf-8"))
    return {
        "form": form,
        "pieces": f"{facts['kept']:,} of {facts['of']:,}",
        "spearman": round(float(spearmanr(cosines, grades).statistic), 4),
        "auc": round(float(auc(cosines, grades > 0)), 4),
        "auc_within": round(within(rows["query"], cosines, grades), 4),
        "mb": round(sum(file.stat().st_size for file in folder.iterdir()) / 1e6, 1),
        "titles_cpu_s": round(titles_s, 1),
        "cpu_ms_a_query": round(queries_s / len(queries) * 1000, 2),
    }


def made(cut: Path, form: str, work: Path, passages: list[str]) -> Path:
    """The folder of a form, made where it is not there."""
    folder = work / form
    if (folder / "facts.json").is_file():
        return folder
    folder.mkdir(parents=True, exist_ok=True)
    if form != "static":
        material = Material(FittedTo(passages), query_prefix="query: ")
        write_variant(TorchEncoder(cut, max_tokens=64), folder, variant=form, material=material)
        return folder
    teacher = open_onnx_encoder(work / (work / "titles_of").read_text("utf-8"))  # a network, which is made before
    vectors = np.load(work / "titles.npy")
    write_static(teacher, folder, material=Material(FittedTo(passages, vectors)))
    return folder


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
