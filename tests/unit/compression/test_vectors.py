"""Stored vectors: sizes, and an audit that does not let a poor one through."""

import numpy as np

from steelyard.compression.vectors import audit_vectors, vectors_1bit, vectors_fp16, vectors_fp32
from steelyard.models.text.encode import normalised


def points(n: int, width: int, seed: int = 0) -> np.ndarray:
    return normalised(np.random.default_rng(seed).standard_normal((n, width)))


def test_stored_bytes_of_each_form():
    vectors = points(10, 384)

    exact, half, small = vectors_fp32(vectors), vectors_fp16(vectors), vectors_1bit(vectors)

    assert exact.arrays["vectors"].nbytes == 10 * 1536
    assert half.arrays["vectors"].nbytes == 10 * 768
    assert sum(array.nbytes for array in small.arrays.values()) == 10 * 768


def test_an_audit_raises_oversampling_until_recall_holds():
    vectors = points(2000, 64)
    queries = normalised(vectors[:40] + 1.5 * points(40, 64, 1))

    found = audit_vectors(vectors_fp32(vectors), vectors_1bit(vectors, oversampling=1), queries, k=5)

    audit = found.facts["audit"]
    assert audit["recall"] >= 0.99
    assert audit["trials"]["1"] < 0.99
    assert found.facts["format"] == "1bit"
    assert found.facts["oversampling"] > 1
    assert list(audit["trials"])[-1] == str(found.facts["oversampling"])


def test_an_audit_falls_back_to_16_bits_where_bits_say_too_little():
    vectors = points(300, 8)

    found = audit_vectors(vectors_fp32(vectors), vectors_1bit(vectors, oversampling=2), points(40, 8, 1))

    assert found.facts["format"] == "fp16"
    assert found.facts["audit"]["is_fallback"] is True
    assert "oversampling" not in found.facts
    assert found.facts["audit"]["recall"] >= 0.99


def test_an_audit_of_16_bits_states_its_recall():
    vectors = points(200, 16)

    found = audit_vectors(vectors_fp32(vectors), vectors_fp16(vectors), points(20, 16, 1))

    assert found.facts["format"] == "fp16"
    assert found.facts["audit"]["recall"] >= 0.99


def test_without_queries_nothing_is_audited_and_it_says_so():
    vectors = points(5, 8)

    found = audit_vectors(vectors_fp32(vectors), vectors_1bit(vectors), np.zeros((0, 8), np.float32))

    assert found.facts["audit"] == {"n_queries": 0, "note": "nothing to audit"}
    assert found.facts["format"] == "1bit"
