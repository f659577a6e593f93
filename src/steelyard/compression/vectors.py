"""Stored product vectors in three sizes, whole or in fewer directions, and the audit of how far bits may be trusted.

Bytes of one vector of 384 numbers: fp32 1,536; fp16 768; 1bit the same 768, of which only the candidates' are read,
and 56 in memory of the codes that are made of them when they are opened.
"""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import numpy.typing as npt

from steelyard.domain import State, VectorArray
from steelyard.models.retrieval.vectors import OVERSAMPLING, open_vectors

__all__ = ["audit_vectors", "narrowed", "vectors_1bit", "vectors_fp16", "vectors_fp32"]

_GROWTH = 1.5
_GROUP = 8
_LEARNT_FROM = 100_000
"""Vectors that the directions are learnt from."""
_MAX_SHARE = 0.25
"""Re-scoring a larger share of all vectors than this is no faster than looking at all of them."""


def vectors_fp32(vectors: VectorArray) -> State:
    """Vectors as they are.

    Args:
        vectors: Shape (n, width), rows of length 1.

    Returns:
        Array ``vectors``, float32.
    """
    return State({"vectors": np.asarray(vectors, np.float32)}, _facts("fp32", vectors))


def vectors_fp16(vectors: VectorArray) -> State:
    """Vectors rounded to 16 bits: half the bytes, an error of some 1e-4 in a cosine.

    Args:
        vectors: Shape (n, width), rows of length 1.

    Returns:
        Array ``vectors``, float16.
    """
    return State({"vectors": np.asarray(vectors, np.float16)}, _facts("fp16", vectors))


def vectors_1bit(vectors: VectorArray, *, oversampling: int = OVERSAMPLING) -> State:
    """Vectors in 16 bits, to be searched by 1-bit codes and a second look at the candidates.

    Args:
        vectors: Shape (n, width), rows of length 1.
        oversampling: Candidates re-scored for each of the first ten places; ``audit_vectors`` may raise it.

    Returns:
        Array ``vectors``, float16.
    """
    half = np.asarray(vectors, np.float16)
    return State({"vectors": half}, {**_facts("1bit", vectors), "oversampling": oversampling})


def narrowed(vectors: VectorArray, *, share: float) -> tuple[VectorArray, VectorArray]:
    """Vectors in the directions that say most of them, and those directions.

    Inner products in so few directions are nearer to the true ones than in any other as many (Eckart & Young 1936,
    doi:10.1007/BF02288367); nothing is centred, so a query needs no more than the same directions.

    Args:
        vectors: Shape (n, width), rows of length 1.
        share: Of the width that is kept, in (0, 1]; rounded up to whole groups of eight.

    Returns:
        Vectors of shape (n, fewer), rows of length <= 1; directions of shape (width, fewer), orthonormal columns. Both
        float32.
    """
    width = vectors.shape[1]
    fewer = min(width, -(-max(round(width * share), 1) // _GROUP) * _GROUP)
    seen = vectors[:: max(1, len(vectors) // _LEARNT_FROM)].astype(np.float64)
    _, directions = np.linalg.eigh(seen.T @ seen)
    kept = np.ascontiguousarray(directions[:, ::-1][:, :fewer], np.float32)
    return np.asarray(vectors, np.float32) @ kept, kept


def audit_vectors(
    exact: State, approximate: State, queries: VectorArray, *, k: int = 10, min_recall: float = 0.99
) -> State:
    """``approximate`` made trustworthy: oversampling raised until recall holds, or 16 bits where it does not.

    Args:
        exact: From ``vectors_fp32``: the truth.
        approximate: From ``vectors_fp16`` or ``vectors_1bit`` of the same vectors.
        queries: Vectors of queries like those to come. Shape (queries, width).
        k: Places compared.
        min_recall: Mean recall@k that must be reached.

    Returns:
        The state to store. Its facts hold an ``audit``: what was asked for, the recall of each trial, and whether
        16 bits were fallen back to. Without queries or vectors nothing can be audited, and it says so.
    """
    n = int(exact.facts["n"])
    if not len(queries) or not n:
        return replace(approximate, facts={**approximate.facts, "audit": {"n_queries": 0, "note": "nothing to audit"}})
    truth = [set(ids.tolist()) for ids in _lists(exact, queries, k)]
    audit = {"k": k, "min_recall": min_recall, "n_queries": len(queries), "is_fallback": False}
    trials: dict[str, float] = {}
    tried = approximate
    while True:
        recall = _recall(truth, _lists(tried, queries, k))
        trials[str(tried.facts.get("oversampling", "fp16"))] = round(recall, 4)
        if recall >= min_recall or tried.facts["format"] != "1bit":
            break
        wider = int(np.ceil(_GROWTH * int(tried.facts["oversampling"])))
        if wider * k > max(_MAX_SHARE * n, k):
            tried, audit["is_fallback"] = _as_fp16(tried), True
        else:
            tried = replace(tried, facts={**tried.facts, "oversampling": wider})
    return replace(tried, facts={**tried.facts, "audit": {**audit, "recall": round(recall, 4), "trials": trials}})


def _facts(kind: str, vectors: VectorArray) -> dict[str, str | int]:
    return {"format": kind, "n": int(vectors.shape[0]), "width": int(vectors.shape[1])}


def _as_fp16(state: State) -> State:
    facts = {**state.facts, "format": "fp16"}
    facts.pop("oversampling", None)
    return State({"vectors": state.arrays["vectors"]}, facts)


def _lists(state: State, queries: VectorArray, k: int) -> list[npt.NDArray[np.int64]]:
    search = open_vectors(state, {})
    return [search.search(query, k=k)[0] for query in queries]


def _recall(truth: list[set[int]], found: list[npt.NDArray[np.int64]]) -> float:
    shares = [len(wanted.intersection(ids.tolist())) / len(wanted) for wanted, ids in zip(truth, found, strict=True)]
    return float(np.mean(shares))
