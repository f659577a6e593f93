"""Tables of token vectors learnt by ranking: the slope is the formula's, and what nobody asked for stays."""

import numpy as np
import pytest

from steelyard.domain import Cases, Request, Surface
from steelyard.models.learning.token_tables import Rates, TableLearner, TokenTables, bags
from steelyard.models.learning.training_queries import Step, Steps, same_texts, training_queries

N_TOKENS, WIDTH = 12, 6


def start(seed=0):
    rng = np.random.default_rng(seed)
    return TokenTables(
        rng.standard_normal((N_TOKENS, WIDTH)).astype(np.float32),
        rng.standard_normal(WIDTH).astype(np.float32) * 0.1,
        np.zeros((N_TOKENS, WIDTH), np.float32),
    )


QUERIES = bags([[0, 1], [2], [3, 3, 4]], n_tokens=N_TOKENS)
TEXTS = bags([[5], [6, 7], [8], [5, 9], [0]], n_tokens=N_TOKENS)
VECTORS = np.random.default_rng(9).standard_normal((5, WIDTH)).astype(np.float32)
STEP = Step(
    np.array([0, 2]),
    np.array([0, 1, 3, 4]),
    np.array([[0.75, 0.25, 0, 0], [0, 0, 1, 0]], np.float32),
    np.array([[False, False, False, True], [False] * 4]),
)
NO_WORDS = np.zeros((2, 4), np.float32)


def learner(tables, **rates):
    chosen = Rates(**{"drop": 0.0, **rates})
    return TableLearner(tables, VECTORS, queries=QUERIES, texts=TEXTS, rates=chosen, seed=0)


def loss_of(tables):
    return learner(tables).step(0, STEP, NO_WORDS, share=1e-9)


def test_shares_of_tokens_add_up_to_one_and_a_token_counts_as_often_as_it_is_said():
    found = bags([[1, 1, 2], []], n_tokens=4).toarray()

    np.testing.assert_allclose(found, [[0, 2 / 3, 1 / 3, 0], [0, 0, 0, 0]])


def test_a_query_without_tokens_is_like_nothing():
    found = start().of_queries(bags([[], [1]], n_tokens=N_TOKENS))

    assert not found[0].any()
    assert np.linalg.norm(found[1]) == pytest.approx(1, abs=1e-6)


@pytest.mark.parametrize("table", ["queries", "texts", "bias"])
def test_a_step_goes_down_along_every_number(table):
    tables = start()
    learnt = learner(tables, queries=1e-4, texts=1e-4, scales=1e-12)
    learnt.step(0, STEP, NO_WORDS, share=1.0)
    moved = getattr(learnt.tables(), table) - getattr(tables, table)
    eps = 1e-2

    for place in zip(*np.nonzero(np.abs(moved) > 5e-5), strict=True):
        values = [getattr(tables, table).copy() for _ in range(2)]
        values[0][place] += eps
        values[1][place] -= eps
        higher, lower = (loss_of(TokenTables(**{**as_dict(tables), table: value})) for value in values)
        if abs(higher - lower) > 1e-4:
            assert np.sign(moved[place]) == -np.sign(higher - lower)


def as_dict(tables):
    return {"queries": tables.queries, "bias": tables.bias, "texts": tables.texts}


def test_tokens_that_nobody_asked_for_stay_as_they_were():
    tables = start()
    learnt = learner(tables)

    learnt.step(0, STEP, NO_WORDS, share=1.0)

    after = learnt.tables()
    np.testing.assert_array_equal(after.queries[5:], tables.queries[5:])
    np.testing.assert_array_equal(after.texts[[8, 10, 11]], tables.texts[[8, 10, 11]])
    assert (after.queries[[0, 1, 3, 4]] != tables.queries[[0, 1, 3, 4]]).all()


def test_the_vectors_of_texts_stay_where_their_tokens_are_not_given():
    tables = start()
    learnt = TableLearner(tables, VECTORS, queries=QUERIES, texts=None, rates=Rates(), seed=0)

    learnt.step(0, STEP, NO_WORDS, share=1.0)

    assert not learnt.tables().texts.any()


def test_what_words_find_already_need_not_be_learnt():
    by_words = np.where(STEP.shares > 0, 1.0, 0.0).astype(np.float32)

    assert learner(start()).step(0, STEP, by_words, share=1e-9) < loss_of(start())


def test_leaving_tokens_out_never_empties_a_query():
    tables = start()
    learnt = learner(tables, drop=0.99)

    losses = [learnt.step(number, STEP, NO_WORDS, share=0.1) for number in range(5)]

    assert np.isfinite(losses).all()
    assert np.isfinite(learnt.tables().queries).all()


@pytest.mark.parametrize("seed", range(3))
def test_what_each_word_means_is_learnt(seed):
    """Eight words, each meaning two of sixteen texts."""
    rng = np.random.default_rng(seed)
    vectors = rng.standard_normal((16, 8)).astype(np.float32)
    relevant = tuple(np.array([2 * n, 2 * n + 1]) for n in range(8))
    names = tuple(f"word {n}" for n in range(8))
    cases = Cases(Surface.SEARCH, names, tuple(Request(query=n) for n in names), relevant, (np.ones(2),) * 8)
    alike = same_texts([f"text {n}" for n in range(16)])
    training = training_queries(cases, [np.arange(16)] * 8, alike=alike)
    tables = TokenTables(
        rng.standard_normal((8, 8)).astype(np.float32), np.zeros(8, np.float32), np.zeros((1, 8), np.float32)
    )
    asked = bags([[n] for n in range(8)], n_tokens=8)
    learnt = TableLearner(tables, vectors, queries=asked, texts=None, rates=Rates(queries=0.05), seed=seed)

    for number in range(150):
        learnt.step(
            number,
            Steps(queries=8, hard=0, others=16, seed=seed).at(number, training),
            np.zeros((8, 16), np.float32),
            share=1.0,
        )

    found = learnt.tables().of_queries(asked) @ vectors.T / np.linalg.norm(vectors, axis=1)
    assert np.mean(found.argmax(axis=1) // 2 == np.arange(8)) == 1.0
