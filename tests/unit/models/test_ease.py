from fractions import Fraction

import numpy as np
import pytest

from steelyard.domain import NONE, Interactions, Request
from steelyard.errors import StageError
from steelyard.models.linear import counts as counting
from steelyard.models.linear.counts import counted
from steelyard.models.linear.ease import Ease
from steelyard.models.linear.recipe import text_side, tune_ease
from steelyard.models.linear.solving import DENSE_LIMIT, bytes_needed
from steelyard.models.retrieval.link_batches import MANY
from steelyard.testing import toy_shop


def log(*sequences, n_items):
    users = np.repeat(np.arange(len(sequences)), [len(s) for s in sequences])
    items = np.array([item for s in sequences for item in s], np.int64)
    times = np.concatenate([np.arange(float(len(s))) for s in sequences])
    order = np.argsort(times, kind="stable")
    return Interactions(users[order], items[order], times[order], np.ones(len(items)), len(sequences), n_items)


def weights(model):
    links = model.links_
    table = np.zeros((links.n_rows, links.n_rows))
    rows = np.repeat(np.arange(links.n_rows), np.diff(links.starts))
    table[rows, links.neighbours] = links.strengths
    return table


@pytest.fixture(scope="module")
def shop():
    return toy_shop(seed=3, loyalty=1.0)


@pytest.fixture(scope="module")
def counts(shop):
    return counted(shop.interactions, max_events=200)


def test_two_items_get_the_weight_that_is_solved_by_hand():
    model = Ease(ridge=1, directed=0).fit(log([0, 1], [0, 1], [0], n_items=2), seed=0)

    # from 0 to 1: together 2 times, 0 has 3 users: 2 / (3 + 1); from 1 to 0: 2 / (2 + 1)
    expected = [[0, float(Fraction(2, 4))], [float(Fraction(2, 3)), 0]]
    np.testing.assert_allclose(weights(model), expected, rtol=1e-6)


def test_what_comes_after_counts_more_than_what_came_before():
    model = Ease(ridge=1, directed=3).fit(log([0, 1], [0, 1], n_items=2), seed=0)

    # forward 2 together + 3 x 2 in order, backward 2 together; each item has 2 users and the ridge is 1
    np.testing.assert_allclose(weights(model), [[0, 8 / 3], [2 / 3, 0]], rtol=1e-6)


def test_order_fades_with_each_step_between():
    ahead = counted(log([0, 1, 2], n_items=3), max_events=9).ahead.toarray()

    np.testing.assert_allclose(ahead, [[0, 1, 0.7], [0, 0, 1], [0, 0, 0]], rtol=1e-6)


def test_whole_neighbourhoods_give_the_weights_of_the_inverse():
    rng = np.random.default_rng(2)
    every_pair_is_met = [rng.permutation(6)[: rng.integers(2, 5)].tolist() for _ in range(60)]
    few = counted(log(*every_pair_is_met, n_items=6), max_events=9)
    assert (few.together.toarray() > 0).all()
    options = {"ridge": 5.0, "directed": 0.0, "max_neighbours": None}

    local = weights(Ease(**options, neighbourhood=6).fit_counts(few))
    dense = weights(Ease(**options, neighbourhood=None).fit_counts(few))

    inverse = np.linalg.inv(few.together.toarray() + 5.0 * np.eye(6))
    steck = -inverse / np.diag(inverse)
    np.fill_diagonal(steck, 0)
    np.testing.assert_allclose(dense, np.maximum(steck, 0), atol=1e-6)
    np.testing.assert_allclose(local, np.maximum(steck, 0), atol=1e-6)


def test_rows_outside_the_square_table_are_counted_alike(counts, monkeypatch):
    whole = Ease().fit_counts(counts).state().arrays["strengths"]
    monkeypatch.setattr("steelyard.models.linear.solving._POPULAR", 5)

    np.testing.assert_allclose(Ease().fit_counts(counts).state().arrays["strengths"], whole, rtol=1e-5)


def test_items_nobody_took_are_reached_by_their_texts(shop, counts):
    texts = text_side(shop.texts, shop.facts, seed=0)
    cold = set(shop.cold.tolist())

    without = Ease(text=0.0).with_texts(texts).fit_counts(counts)
    with_texts = Ease(text=20.0).with_texts(texts).fit_counts(counts)

    requests = shop.cases.requests[:20]
    assert not cold & set(without.retrieve(requests, k=20).items.ravel().tolist())
    assert cold & set(with_texts.retrieve(requests, k=20).items.ravel().tolist())


def test_tuning_keeps_what_the_shop_set_and_refuses_texts_that_do_not_pay(shop, counts):
    texts = text_side(shop.texts, shop.facts, seed=0)

    tuned = tune_ease(counts, shop.cases, texts=texts, given={"ridge": 50.0, "decay": 0.9})

    assert tuned["ridge"] == 50.0
    assert tuned["decay"] == 0.9
    assert tuned["text"] == 0.0  # everything that is bought in this shop was bought before


def test_a_log_of_many_pairs_is_cut_to_what_memory_allows(shop, monkeypatch):
    monkeypatch.setattr(counting, "MAX_PAIRS", 2_000)

    few = counted(shop.interactions, max_events=200)

    assert 0 < few.together.sum() <= 2_000


def test_memory_is_told_and_the_inverse_of_too_many_items_refused():
    n_items = DENSE_LIMIT + 1
    one = Interactions(np.zeros(1, np.int64), np.zeros(1, np.int64), np.zeros(1), np.ones(1), 1, n_items)

    with pytest.raises(ValueError, match=r"6\.4 GB; at most 20,000 items"):
        Ease(neighbourhood=None).fit(one, seed=0)
    assert bytes_needed(10**6, n_pairs=10**7, neighbourhood=50) < 10**9


@pytest.mark.parametrize("history", [(), (7,), (0,)])
def test_one_user_with_one_item_has_no_list(history):
    model = Ease().fit(log([0], n_items=1), seed=0)

    assert model.retrieve([Request(history=history)], k=3).items.tolist() == [[NONE] * 3]
    assert model.explain(Request(history=history), np.array([0])) == [[]]


def test_a_large_batch_equals_its_requests_one_by_one_to_the_last_bit(shop, counts):
    model = Ease(0.7).fit_counts(counts)
    asked = (*shop.cases.requests, Request(), Request(items=(1, 2)), Request(history=(10**6, 3), exclude=(4, 10**6)))
    requests = (list(asked) * MANY)[: MANY + 7]

    batch = model.retrieve(requests, k=7)

    for row, request in enumerate(requests):
        alone = model.retrieve([request], k=7)
        np.testing.assert_array_equal(batch.items[row], alone.items[0])
        np.testing.assert_array_equal(batch.scores[row], alone.scores[0])


def test_ties_go_to_the_lower_number():
    model = Ease(directed=0).fit(log([0, 1, 2], [0, 1, 2], n_items=3), seed=0)

    assert model.retrieve([Request(history=(1,))], k=2).items.tolist() == [[0, 2]]


@pytest.mark.parametrize("wrong", [{"decay": 0}, {"ridge": 0}, {"ridge": np.nan}, {"directed": -1}, {"text": np.inf}])
def test_options_out_of_range_are_refused(wrong):
    with pytest.raises(ValueError, match=next(iter(wrong))):
        Ease(**wrong)


def test_an_unfitted_model_says_what_to_do():
    with pytest.raises(StageError, match="call fit"):
        Ease().retrieve([Request(history=(0,))], k=1)
