"""Every kind of vector search against the definition, written out plainly."""

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from steelyard.compression.vectors import vectors_1bit, vectors_fp16, vectors_fp32
from steelyard.models.retrieval.vectors import _widened, open_vectors
from steelyard.models.text.encode import batches_by_length

shapes = st.tuples(st.integers(1, 60), st.sampled_from([3, 8, 65]), st.integers(0, 10_000))


def made(n: int, width: int, seed: int) -> tuple[np.ndarray, np.ndarray]:
    """Vectors on a coarse grid, so that ties are common and 16 bits hold them exactly; and a query."""
    random = np.random.default_rng(seed)
    vectors = random.integers(-2, 3, (n, width)).astype(np.float32) / 4
    return vectors, random.integers(-2, 3, width).astype(np.float32) / 4


def naive(scores: list[float], k: int) -> list[int]:
    return sorted(range(len(scores)), key=lambda text: (-scores[text], text))[:k]


@given(shapes, st.integers(1, 70))
@settings(max_examples=60, deadline=None)
def test_exact_search_is_sorting_by_inner_product_then_number(shape, k):
    vectors, query = made(*shape)
    expected = naive((vectors @ query).tolist(), k)

    for state in (vectors_fp32(vectors), vectors_fp16(vectors)):
        texts, scores = open_vectors(state, {}).search(query, k=k)

        assert texts.tolist() == expected
        np.testing.assert_array_equal(scores, (vectors @ query)[expected])


@given(shapes, st.integers(1, 70), st.integers(1, 4))
@settings(max_examples=60, deadline=None)
def test_1_bit_search_gives_true_inner_products_in_order(shape, k, oversampling):
    vectors, query = made(*shape)
    n = oversampling * min(k, 10) + 4 * max(k - 10, 0)

    texts, scores = open_vectors(vectors_1bit(vectors, oversampling=oversampling), {}).search(query, k=k)

    found = texts.tolist()
    assert len(found) == len(set(found)) == min(k, len(vectors))
    np.testing.assert_array_equal(scores, (vectors @ query)[texts])
    assert found == sorted(found, key=lambda text: (-(vectors @ query)[text], text))
    if n >= len(vectors):
        assert found == naive((vectors @ query).tolist(), k)


@given(st.integers(0, 10_000))
@settings(max_examples=20, deadline=None)
def test_1_bit_search_finds_what_clearly_stands_out(seed):
    random = np.random.default_rng(seed)
    vectors = random.standard_normal((500, 64)).astype(np.float32)
    vectors /= np.linalg.norm(vectors, axis=1, keepdims=True)
    place = int(random.integers(500))

    texts, _ = open_vectors(vectors_1bit(vectors, oversampling=2), {}).search(vectors[place], k=5)

    assert texts[0] == place


@given(st.lists(st.integers(1, 6), max_size=40), st.integers(1, 9))
def test_batches_cover_every_row_once_with_one_length_each(lengths, size):
    values = np.array(lengths, np.int64)

    batches = list(batches_by_length(values, size=size))

    assert sorted(row for batch in batches for row in batch.tolist()) == list(range(len(lengths)))
    assert all(len(set(values[batch].tolist())) == 1 and len(batch) <= size for batch in batches)


def test_every_finite_number_of_16_bits_is_widened_exactly():
    numbers = np.arange(2**16, dtype=np.uint16).view(np.float16)
    finite = numbers[np.isfinite(numbers)]

    np.testing.assert_array_equal(_widened(finite), finite.astype(np.float32))
