"""Stored vectors: sizes, and an audit that does not let a poor one through."""

from dataclasses import replace

import numpy as np
import pytest

from steelyard.compression.vectors import audit_vectors, narrowed, vectors_1bit, vectors_fp16, vectors_fp32
from steelyard.models.retrieval.vectors import open_vectors
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


def test_vectors_that_lie_in_few_directions_lose_nothing_when_the_others_are_left_out():
    flat = points(200, 16) @ points(16, 64, 1)

    narrow, directions = narrowed(normalised(flat), share=1 / 4)

    assert narrow.shape == (200, 16)
    assert np.allclose(directions.T @ directions, np.eye(16), atol=1e-5)
    assert np.allclose(narrow @ narrow.T, normalised(flat) @ normalised(flat).T, atol=1e-5)


@pytest.mark.parametrize(
    ("width", "share", "kept"), [(384, 1 / 2, 192), (384, 1 / 4, 96), (20, 1 / 2, 16), (4, 1 / 4, 4)]
)
def test_a_share_of_the_width_is_whole_groups_of_eight_and_no_more_than_there_is(width, share, kept):
    narrow, directions = narrowed(points(50, width), share=share)

    assert narrow.shape == (50, kept)
    assert directions.shape == (width, kept)


@pytest.mark.parametrize("stored", [vectors_fp32, vectors_fp16, vectors_1bit])
def test_narrow_vectors_are_asked_with_whole_queries_and_find_what_is_nearest(stored):
    vectors = normalised(points(300, 16) @ points(16, 64, 1))
    narrow, directions = narrowed(vectors, share=1 / 4)
    state = stored(narrow)

    search = open_vectors(replace(state, arrays={**state.arrays, "directions": directions}), {})

    assert (search.n, search.width) == (300, 64)
    assert [int(search.search(vectors[i], k=3)[0][0]) for i in range(20)] == list(range(20))
    assert np.allclose(search.scores(vectors[0], np.arange(5)), vectors[:5] @ vectors[0], atol=2e-3)


def test_narrow_vectors_without_a_row_can_be_made_and_opened():
    narrow, directions = narrowed(np.zeros((0, 16), np.float32), share=1 / 2)
    state = vectors_fp16(narrow)

    search = open_vectors(replace(state, arrays={**state.arrays, "directions": directions}), {})

    assert len(search.search(np.zeros(16, np.float32), k=5)[0]) == 0
