"""What a sequence network is taught: histories and what came next, sampled items, and what it stops by."""

from dataclasses import replace

import numpy as np
import pytest

from steelyard.domain import NONE, Cases, Interactions, Request, Surface
from steelyard.models.sequence.sequence_lessons import SequenceSettings, shop_sequences
from steelyard.models.sequence.spectral import spectral_factors, word_factors

SETTINGS = SequenceSettings(width=2, length=3, negatives=4, batch=2, epochs=3)


def events(*histories, n_items=10):
    """Place in a history stands for time."""
    users = np.repeat(np.arange(len(histories)), [len(each) for each in histories])
    items = np.array([item for each in histories for item in each], np.int64)
    times = np.array([float(place) for each in histories for place in range(len(each))])
    order = np.argsort(times, kind="stable")
    return Interactions(users[order], items[order], times[order], np.ones(len(items)), len(histories), n_items)


def stopping(*asked):
    requests = tuple(Request(history=history) for history, _ in asked)
    relevant = tuple(np.array(wanted, np.int64) for _, wanted in asked)
    gains = tuple(np.ones(len(each)) for each in relevant)
    return Cases(Surface.RECOMMEND, tuple(map(str, range(len(asked)))), requests, relevant, gains)


def lessons(*histories, asked=(), settings=SETTINGS, **more):
    return shop_sequences(events(*histories), stopping(*asked), settings, seed=5, **more)


def test_every_item_of_a_history_is_followed_by_the_next_one():
    taught = lessons((5, 2, 7), (3,), (1, 4))

    step = taught.step(0)

    rows = {tuple(row): tuple(after) for row, after in zip(step.items.tolist(), step.targets.tolist(), strict=True)}
    assert rows == {(5, 2): (2, 7), (1, NONE): (4, NONE)}


def test_an_item_stands_at_its_last_event_and_only_the_latest_are_read():
    taught = lessons((8, 5, 2, 7, 5, 6))

    step = taught.step(0)

    assert (step.items.tolist(), step.targets.tolist()) == ([[2, 7, 5]], [[7, 5, 6]])


def test_a_step_tells_how_long_before_what_came_next_each_item_was_where_times_count():
    users, items = np.array([0, 1, 0, 0]), np.array([5, 9, 2, 7])
    given = Interactions(users, items, np.array([0.0, 0.0, 180.0, 600.0]), np.ones(4), 2, 10)

    timed = shop_sequences(given, stopping(), replace(SETTINGS, times=True), seed=5)
    plain = shop_sequences(given, stopping(), SETTINGS, seed=5)

    # 2 came 3 minutes after 5, and 7 came 10 minutes after 5 and 7 after 2
    assert timed.step(0).ages.tolist() == [[[2, 0], [3, 3]]]
    assert plain.step(0).ages is None


def test_each_epoch_reads_every_history_once_and_in_another_order():
    taught = lessons(*[(item, item + 1) for item in range(9)])

    epochs = [[taught.step(5 * epoch + place).items[:, 0].tolist() for place in range(5)] for epoch in range(3)]

    assert (taught.steps_in_epoch, taught.n_steps) == (5, 15)
    assert all(sorted(item for some in epoch for item in some) == list(range(9)) for epoch in epochs)
    assert epochs[0] != epochs[1]


def test_a_step_is_the_same_whenever_it_is_asked_for():
    taught = lessons(*[(item, item + 1) for item in range(9)])
    first = taught.step(3)
    taught.step(11)

    again = taught.step(3)

    for name in ("items", "targets", "negatives", "log_expected"):
        np.testing.assert_array_equal(getattr(first, name), getattr(again, name))


def test_half_of_the_sampled_items_are_drawn_evenly_and_half_as_often_as_they_occur():
    taught = lessons((5, 2), (5, 3), (5, 2), (5, 4))

    step = taught.step(0)

    share = {5: 4 / 8, 2: 2 / 8, 3: 1 / 8, 4: 1 / 8}
    assert set(step.negatives.tolist()) <= set(share)
    expected = [2 / 4 + 2 * share[item] for item in step.negatives.tolist()]
    np.testing.assert_allclose(np.exp(step.log_expected), expected, rtol=1e-6)


def test_the_best_is_taught_a_quarter_of_its_steps_longer_on_all_events():
    taught = lessons((5, 2), everything=events((5, 2, 9)))

    assert (taught.n_later(40), lessons((5, 2)).n_later(40)) == (10, 0)
    assert taught.later_step(0).targets.tolist() == [[2, 9]]
    assert np.flatnonzero(taught.known(later=False)).tolist() == [2, 5]
    assert np.flatnonzero(taught.known(later=True)).tolist() == [2, 5, 9]


@pytest.mark.parametrize("histories", [(), ((4,),), ((4,), (4,)), ((4, 4, 4),)])
def test_where_nobody_has_two_items_there_is_nothing_to_learn(histories):
    assert lessons(*histories).n_steps == 0


def test_quality_ranks_the_whole_catalogue_without_what_was_seen():
    taught = lessons((0, 1), asked=[((0,), [2]), ((1,), [3])])
    items = np.array([[9.0], [5.0], [4.0], [3.0]], np.float32)

    found = taught.quality(lambda histories: np.ones((len(histories), 1), np.float32), items)

    # the first shopper saw item 0, so 2 is second behind 1; the second saw 1, so 3 is third behind 0 and 2
    assert found == pytest.approx((1 / np.log2(3) + 1 / np.log2(4)) / 2)


def test_a_tie_counts_against_the_item_and_one_without_a_vector_is_not_found():
    taught = lessons((0, 1), asked=[((0,), [2]), ((0,), [3])])
    items = np.array([[9.0], [4.0], [4.0], [0.0]], np.float32)

    found = taught.quality(lambda histories: np.ones((len(histories), 1), np.float32), items)

    assert found == pytest.approx((1 / np.log2(3) + 0) / 2)


def test_without_anything_to_stop_by_quality_is_0_and_the_epochs_are_few():
    taught = lessons((0, 1), asked=[((), [2])], settings=replace(SETTINGS, epochs=200))

    assert taught.n_steps == 20
    assert taught.quality(lambda histories: np.ones((len(histories), 1), np.float32), np.ones((4, 1))) == 0


def test_training_depends_on_all_that_it_is_made_of():
    known = {
        lessons((5, 2)).key,
        lessons((5, 3)).key,
        lessons((5, 2), settings=replace(SETTINGS, dropout=0.3)).key,
        lessons((5, 2), asked=[((5,), [2])]).key,
        lessons((5, 2), everything=events((5, 2, 1))).key,
        lessons((5, 2), vectors=(np.ones((10, 2), np.float32), None)).key,
        lessons((5, 2), vectors=(None, np.ones((10, 2), np.float32))).key,
    }

    late = replace(events((5, 2)), times_s=np.array([0.0, 99.0]))
    timed = replace(SETTINGS, times=True)
    known |= {shop_sequences(each, stopping(), timed, seed=5).key for each in (events((5, 2)), late)}
    assert len(known) == 9
    assert shop_sequences(late, stopping(), SETTINGS, seed=5).key in known, "nobody looks at times"
    assert lessons((5, 2)).key in known


def test_spectral_factors_of_items_that_go_with_the_same_others_agree():
    together = [(0, 8), (1, 8), (0, 9), (1, 9), (4, 6), (5, 6), (4, 7), (5, 7)] * 6

    factors = spectral_factors(events(*together), width=4, seed=0)

    agreement = factors @ factors.T
    assert factors.shape == (10, 4)
    assert agreement[0, 1] > 0.99
    assert abs(agreement[0, 4]) < 0.01
    np.testing.assert_allclose(np.linalg.norm(factors[[0, 1, 4, 5, 6, 7, 8, 9]], axis=1), 1, rtol=1e-5)
    assert not factors[[2, 3]].any()


def test_spectral_factors_are_zero_where_there_are_no_more_directions():
    factors = spectral_factors(events((0, 1), (1, 0), n_items=2), width=6, seed=0)

    assert factors.shape == (2, 6)
    assert not factors[:, 2:].any()
    assert not spectral_factors(events((3,), n_items=5), width=6, seed=0).any()


def test_the_same_seed_gives_the_same_factors():
    given = events(*[(item, (item + 1) % 10, (item + 3) % 10) for item in range(10)])

    np.testing.assert_array_equal(*(spectral_factors(given, width=3, seed=1) for _ in range(2)))


def test_texts_with_the_same_words_have_the_same_factors_and_those_without_words_none():
    sparse = pytest.importorskip("scipy.sparse")
    words = sparse.csr_array(np.array([[1.0, 1, 0, 0], [1, 1, 0, 0], [0, 0, 2, 1], [0, 0, 0, 0]]))

    factors = word_factors(words, width=6, seed=0)

    agreement = factors @ factors.T
    assert factors.shape == (4, 6)
    np.testing.assert_allclose([agreement[0, 1], agreement[0, 2], agreement[2, 2]], [1, 0, 1], atol=1e-6)
    assert not factors[3].any()
    assert word_factors(sparse.csr_array((3, 0)), width=2, seed=0).tolist() == [[0, 0]] * 3
