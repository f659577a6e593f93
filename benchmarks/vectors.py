"""Forms of stored vectors side by side: bytes, recall@10 against exact search, time of a search.

Uses the vectors and the fp32 encoder that ``benchmarks/encoders.py`` left in --work. Prints one line of JSON a form.

    python benchmarks/vectors.py --work FOLDER [--shop chorus] [--queries 500]
"""

import argparse
import json
from pathlib import Path

import numpy as np

from encoders import Known, first, timed
from judged_shops import DATA, K, chorus, halves, home_depot
from steelyard.adapters.encoders.onnx_encoder import open_onnx_encoder
from steelyard.compression.vectors import audit_vectors, vectors_1bit, vectors_fp16, vectors_fp32
from steelyard.models.retrieval.vectors import open_vectors


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--data", type=Path, default=DATA)
    parser.add_argument("--shop", choices=("home-depot", "chorus"), default="home-depot")
    parser.add_argument("--queries", type=int, default=500)
    parser.add_argument("--work", type=Path, required=True)
    chosen = parser.parse_args()
    _, cases = (home_depot if chosen.shop == "home-depot" else chorus)(chosen.data)
    auditing, judging = (first(half, chosen.queries) for half in halves(cases))
    vectors = np.load(chosen.work / chosen.shop / "vectors.npy")
    known = Known(open_onnx_encoder(chosen.work / chosen.shop / "fp32"), auditing, judging)
    exact = vectors_fp32(vectors)
    truth = [set(open_vectors(exact, {}).search(query, k=K)[0].tolist()) for query in known.of(judging)]
    forms = {"fp32": exact, "fp16": vectors_fp16(vectors), "1bit": vectors_1bit(vectors)}
    forms["1bit, audited"] = audit_vectors(exact, forms["1bit"], known.of(auditing))
    for name, state in forms.items():
        search = open_vectors(state, {})
        found = [search.search(query, k=K)[0].tolist() for query in known.of(judging)]
        shares = [len(best.intersection(row)) / K for best, row in zip(truth, found, strict=True)]
        row = {
            "shop": chosen.shop,
            "form": name,
            "n": len(vectors),
            "mb": round(sum(array.nbytes for array in state.arrays.values()) / 1e6, 1),
            "oversampling": state.facts.get("oversampling"),
            "recall@10": round(float(np.mean(shares)), 4),
            "top10_ms": timed(lambda query, s=search: s.search(known.encode([query])[0], k=K), judging),
            "top100_ms": timed(lambda query, s=search: s.search(known.encode([query])[0], k=100), judging),
        }
        print(json.dumps(row), flush=True)


if __name__ == "__main__":
    main()
