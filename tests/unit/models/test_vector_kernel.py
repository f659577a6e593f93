"""1-bit search in compiled code: which vectors it finds, and that their products are right."""

import numpy as np
import pytest

from steelyard.models.retrieval.vector_kernel import ScannedVectors, can_scan
from steelyard.models.retrieval.vectors import BinaryVectors, HalfVectors

pytestmark = pytest.mark.skipif(not can_scan(64), reason="no C compiler when it was installed, or another processor")


def made(n: int, width: int, *, seed: int = 0) -> np.ndarray:
    """Vectors of length 1 that are not centred, as those of texts."""
    vectors = np.random.default_rng(seed).normal(0.3, 1.0, (n, width))
    return (vectors / np.linalg.norm(vectors, axis=1, keepdims=True)).astype(np.float16)


def scanned(vectors: np.ndarray, *, oversampling: int = 8) -> ScannedVectors:
    return ScannedVectors(vectors, first_places=10, oversampling=oversampling, further=4)


@pytest.mark.parametrize("width", [8, 64, 200, 384])
@pytest.mark.parametrize("n", [700, 1000, 1024])
def test_it_finds_as_many_of_the_nearest_as_faiss_does(n, width):
    vectors = made(n, width)
    own, faiss, exact = scanned(vectors, oversampling=2), BinaryVectors(vectors, oversampling=2), HalfVectors(vectors)
    queries = made(40, width, seed=1).astype(np.float32)

    shares = np.zeros(2)
    for query in queries:
        nearest = exact.search(query, k=20)[0]
        shares += [len(np.intersect1d(nearest, each.search(query, k=20)[0])) / 20 for each in (own, faiss)]

    assert shares[0] >= shares[1] - 0.02 * len(queries)


def test_what_it_finds_is_in_order_with_exact_products():
    vectors = made(2_000, 96)
    query = made(1, 96, seed=5)[0].astype(np.float32)

    texts, products = scanned(vectors).search(query, k=30)

    np.testing.assert_allclose(products, vectors[texts].astype(np.float64) @ query, atol=1e-6)
    assert (np.diff(products) <= 0).all()
    assert len(set(texts.tolist())) == 30


def test_where_all_are_candidates_it_is_exact():
    vectors = made(150, 64)
    query = made(1, 64, seed=2)[0].astype(np.float32)

    np.testing.assert_array_equal(
        scanned(vectors).search(query, k=150)[0], HalfVectors(vectors).search(query, k=150)[0]
    )


def test_equal_vectors_come_by_number():
    vectors = np.repeat(made(1, 64), 500, axis=0)

    assert scanned(vectors).search(vectors[0].astype(np.float32), k=5)[0].tolist() == [0, 1, 2, 3, 4]


def test_products_of_chosen_texts_are_those_of_16_bits():
    vectors, query = made(90, 200), made(1, 200, seed=3)[0].astype(np.float32)
    chosen = np.array([7, 7, 89, 0])

    np.testing.assert_allclose(
        scanned(vectors).scores(query, chosen), HalfVectors(vectors).scores(query, chosen), atol=1e-6
    )
    assert scanned(vectors).scores(query, chosen[:0]).shape == (0,)


@pytest.mark.parametrize("text", [-1, 90])
def test_a_text_that_is_not_there_is_refused(text):
    with pytest.raises(IndexError, match=f"text {text} is asked for, there are 90"):
        scanned(made(90, 64)).scores(np.ones(64, np.float32), np.array([3, text]))


def test_no_vectors_no_answer():
    assert scanned(np.zeros((0, 64), np.float16)).search(np.ones(64, np.float32), k=3)[0].tolist() == []


@pytest.mark.parametrize("query", [np.zeros(64, np.float32), np.full(64, np.nan, np.float32)])
def test_a_query_without_direction_gives_texts_of_the_shop_or_none(query):
    texts, _ = scanned(made(900, 64)).search(query, k=10)

    assert len(texts) <= 10
    assert ((texts >= 0) & (texts < 900)).all()


def test_a_width_that_is_no_multiple_of_eight_is_left_to_faiss():
    assert not can_scan(100)
    with pytest.raises(ValueError, match="width 100"):
        scanned(made(50, 100))
