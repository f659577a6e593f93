"""The static encoder's fit, against the formula solved the long way."""

import numpy as np
from scipy import sparse

from steelyard.compression.static import fit_static, fitted_tokens, principal
from steelyard.models.text.encode import bag_means, normalised


def test_principal_axes_keep_the_distances_between_rows():
    vectors = np.random.default_rng(0).standard_normal((30, 5)).astype(np.float32)

    found = principal(vectors, width=5)

    before = np.linalg.norm(vectors[:, None] - vectors[None], axis=2)
    after = np.linalg.norm(found[:, None] - found[None], axis=2)
    np.testing.assert_allclose(after, before, atol=1e-4)
    assert (np.diff(found.var(axis=0)) <= 1e-6).all()


def test_token_vectors_solve_the_ridge_problem():
    random = np.random.default_rng(1)
    bags = sparse.csr_array(np.array([[0.5, 0.5, 0], [1, 0, 0], [0.25, 0.75, 0], [0, 1, 0]], np.float32))
    start = random.standard_normal((3, 2)).astype(np.float32)
    target = random.standard_normal((4, 2)).astype(np.float32)

    found = fitted_tokens(start, bags, target=target, ridge=0.3)

    dense = bags.toarray()
    change = np.linalg.solve(dense.T @ dense + 0.3 * np.eye(3), dense.T @ (target - dense @ start))
    np.testing.assert_allclose(found, start + change, atol=1e-3)


def test_a_token_in_no_text_stays_as_it_was():
    bags = sparse.csr_array(np.array([[1.0, 0.0]], np.float32))
    start = np.array([[1.0], [7.0]], np.float32)

    found = fitted_tokens(start, bags, target=np.array([[3.0]], np.float32), ridge=1.0)

    np.testing.assert_allclose(found, [[2.0], [7.0]], atol=1e-4)


def test_texts_made_of_tokens_get_their_vectors_back():
    random = np.random.default_rng(2)
    tokens = random.standard_normal((40, 8)).astype(np.float32)
    ids = [random.integers(0, 40, random.integers(1, 5)).tolist() for _ in range(600)]
    target = normalised(bag_means(tokens, ids))

    state = fit_static(tokens, np.ones(40, np.int64), ids=ids, target=target, width=8, seed=0)

    found = normalised(bag_means(state.arrays["tokens"], ids) + state.arrays["bias"])
    assert np.mean(np.sum(found * target, axis=1)) > 0.97
    assert state.facts["width"] == 8
    assert state.arrays["tokens"].dtype == np.float16


def test_texts_without_tokens_do_not_break_the_fit():
    tokens = np.eye(3, dtype=np.float32)
    target = np.tile(np.array([[1.0, 0.0, 0.0]], np.float32), (6, 1))

    state = fit_static(tokens, np.zeros(3, np.int64), ids=[[], [0], [], [1], [2], []], target=target, width=3, seed=0)

    assert np.isfinite(state.arrays["tokens"]).all()
