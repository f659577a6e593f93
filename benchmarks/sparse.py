"""Learned weights and expansions of words on a judged shop, beside tuned lexical search: quality and processor time.

Half of the judged queries tune and teach, the other half judges; each seed draws folds and the order of learning anew.
Encoder and product vectors are made once and kept in --work. Prints a line of JSON for each form and seed, and one for
each form over all seeds: nDCG@10 over the whole catalogue, with weights of held words alone, expansion alone and both,
and the gain with its interval, paired by query.

    python benchmarks/sparse.py --work FOLDER [--shop chorus] [--forms words encoder] [--seeds 0 1 2] [--terms 128]
"""

import argparse
import json
import time
from dataclasses import replace
from pathlib import Path

import numpy as np

from judged_shops import DATA, chorus, halves, home_depot, mean_and_error, ndcg, open_shop
from learning_to_rank import Made, bootstrapped, lists_of, timed
from steelyard.domain import Cases, FloatArray, State
from steelyard.models.learned_sparse.asked_queries import ask, asked_words
from steelyard.models.learned_sparse.impacts import TermImpacts, build_impacts, flops
from steelyard.models.learned_sparse.sparse import SparseRetriever
from steelyard.models.learned_sparse.sparse_recipe import drawn, meaning_of
from steelyard.models.learned_sparse.term_learning import Learned, Meaning, learn_tables
from steelyard.models.learning.lessons import MIN_QUERIES
from steelyard.models.retrieval.lexical import Lexical, options_from, tune_lexical


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--data", type=Path, default=DATA)
    parser.add_argument("--shop", choices=("home-depot", "chorus"), default="home-depot")
    parser.add_argument("--forms", nargs="+", default=["words", "encoder"])
    parser.add_argument("--seeds", nargs="+", type=int, default=[0, 1, 2])
    parser.add_argument("--terms", type=int, default=128)
    parser.add_argument("--work", type=Path, required=True)
    chosen = parser.parse_args()
    texts, cases = (home_depot if chosen.shop == "home-depot" else chorus)(chosen.data)
    tuning, judging = halves(cases)
    opened = open_shop(texts)
    options = options_from(tune_lexical(opened, tuning, seed=0))
    lexical = Lexical(opened.state, opened.index, options=options)
    queries = [request.query for request in judging.requests]
    before = ndcg(lists_of(lexical, judging.requests), judging)
    told = {"shop": chosen.shop, "ndcg@10": mean_and_error(before), "cpu_ms": timed(lexical, queries)}
    print(json.dumps({**told, "form": "lexical"}), flush=True)
    made = Made(chosen.work / chosen.shop, texts)
    for form in chosen.forms:
        has_meaning = form == "encoder"
        meaning = None
        if has_meaning:
            words = asked_words(lexical, tuning)
            meaning = meaning_of(lexical, words, made.vectors(), made.encoder("fp32").encode)
        gains = []
        for seed in chosen.seeds:
            row, learned, state = learnt(lexical, tuning, meaning, seed, chosen.terms)
            if learned.tables is not None and state is not None:
                retriever = SparseRetriever(
                    lexical, TermImpacts.of(state), weight=learned.weight, is_tiered=learned.is_tiered
                )
                after = ndcg(lists_of(retriever, judging.requests), judging)
                gains.append(after - before)
                row |= alone(lexical, state, learned, judging)
                row |= {"ndcg@10": mean_and_error(after), "gain": mean_and_error(gains[-1]),
                        "cpu_ms": timed(retriever, queries)}  # fmt: skip
            print(json.dumps({"shop": chosen.shop, "form": form, "seed": seed, **row}), flush=True)
        if gains:
            mean = np.mean(gains, axis=0)
            low, high = np.percentile(bootstrapped(mean), [2.5, 97.5])
            print(json.dumps({"shop": chosen.shop, "form": form, "seeds": len(gains),
                              "ndcg@10": round(float((before + mean).mean()), 4),
                              "gain": round(float(mean.mean()), 4),
                              "interval": [round(float(low), 4), round(float(high), 4)]}), flush=True)  # fmt: skip


def learnt(lexical: Lexical, tuning: Cases, meaning: Meaning | None, seed: int, terms: int):
    """What was learnt with one seed, what it took, and the impacts."""
    if len(tuning.ids) < MIN_QUERIES:
        raise SystemExit("there are too few queries to learn from: refused")
    cases = drawn(tuning, seed=seed)
    began = time.process_time()
    words = asked_words(lexical, tuning)
    asked = ask(lexical, cases, words=words, k=100)
    learned = learn_tables(lexical, asked, meaning=meaning, seed=seed, progress=lambda *said: None)
    row = {"learn_cpu_s": round(time.process_time() - began, 1), "weight": learned.weight,
           "is_tiered": learned.is_tiered, "epochs": learned.epochs,
           "held_out": [round(learned.gain.mean, 4), round(learned.gain.error, 4)], **learned.parts}  # fmt: skip
    if learned.tables is None:
        return row, learned, None
    began = time.process_time()
    state = build_impacts(
        lexical.state, learned.tables, meaning, asked=list(words), terms=terms, progress=lambda *said: None
    )
    row |= {"expand_cpu_s": round(time.process_time() - began, 1), "postings": len(state.arrays["documents"]),
            "mb": round(sum(array.nbytes for array in state.arrays.values()) / 1e6, 1),
            "read_a_query": flops(state, [each.units for each in asked])}  # fmt: skip
    return row, learned, state


def alone(lexical: Lexical, state: State, learned: Learned, judging: Cases) -> dict[str, list[float]]:
    """Quality of the weights of held words alone, and of expansion alone."""
    arrays = state.arrays
    term = np.repeat(arrays["terms"], np.diff(arrays["starts"]))
    is_held = np.zeros(len(term), bool)
    for unit, begin, end in zip(arrays["terms"].tolist(), arrays["starts"], arrays["starts"][1:], strict=False):
        if unit < len(lexical.postings.idf):
            is_held[begin:end] = np.isin(arrays["documents"][begin:end], lexical.postings.documents(unit))
    found: dict[str, FloatArray] = {}
    for name, kept in (("weights", is_held), ("expansion", ~is_held)):
        part = replace(state, arrays={**arrays, "impacts": np.where(kept, arrays["impacts"], 0).astype(np.int8)})
        retriever = SparseRetriever(lexical, TermImpacts.of(part), weight=learned.weight, is_tiered=learned.is_tiered)
        found[name] = ndcg(lists_of(retriever, judging.requests), judging)
    return {f"{name}_alone": mean_and_error(values) for name, values in found.items()}


if __name__ == "__main__":
    main()
