"""What a past says of each item: counts by basket, decays, cycles; and pasts that say little or nothing."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from steelyard.domain import Past, Request
from steelyard.models.repeat.habits import Decay, basket_ages, habits_of

ALIKE = Decay()


def of(items, times_s, *, asked_s=None, decay=ALIKE, n_items=10):
    past = Past(tuple(items), tuple(map(float, times_s)))
    return habits_of(Request(past=past, asked_s=asked_s), decay=decay, n_items=n_items)


def test_an_item_counts_once_a_basket_and_events_of_one_time_are_one_basket():
    found = of([5, 5, 3, 5], [1, 1, 1, 2])

    assert found.items.tolist() == [3, 5]
    assert found.counts.tolist() == [1, 2]


def test_decays_are_those_of_groups():
    decay = Decay(1 / 2, 1 / 4, 2)

    found = of([1, 1, 2, 1], [1, 2, 3, 4], decay=decay)

    # Ages of item 1: 3, 2 and 0: 1/2 * 1/4, 1/4 and 1; of item 2: 1, in the first group.
    assert found.weights.tolist() == [1 / 8 + 1 / 4 + 1, 1 / 2]


def test_a_cycle_is_the_mean_time_between_purchases_and_due_is_one_cycle_after_the_last():
    found = of([1, 1, 1, 2], [0, 10, 30, 30], asked_s=45.0)

    assert found.cycle_s[0] == 15
    assert found.elapsed_s.tolist() == [15, 15]
    assert found.distance(np.array([99.0, 30.0])).tolist() == pytest.approx([0, np.log(2)])


def test_what_was_bought_once_and_has_no_usual_cycle_is_neither_due_nor_far_from_it():
    assert of([2], [0], asked_s=5.0).distance(np.array([np.nan])).tolist() == [1]


def test_without_a_time_of_asking_nothing_is_due():
    found = of([1, 1], [0, 10])

    assert np.isnan(found.elapsed_s).all()
    assert found.distance(np.array([np.nan])).tolist() == [1]


def test_a_past_after_the_time_of_asking_was_bought_just_now():
    found = of([1, 1], [0, 10], asked_s=5.0)

    assert found.elapsed_s.tolist() == [0]
    assert found.distance(np.array([np.nan])).tolist() == pytest.approx([np.log(16)])


def test_equal_times_everywhere_are_one_basket_without_a_cycle():
    found = of([1, 2, 1], [7, 7, 7], asked_s=8.0)

    assert found.counts.tolist() == [1, 1]
    assert np.isnan(found.cycle_s).all()


def test_unknown_items_are_left_out_and_keep_their_place():
    found = of([1, 99, -1], [1, 2, 3], decay=Decay(1, 1 / 2, 1))

    assert found.items.tolist() == [1]
    assert found.weights.tolist() == [1 / 4]


def test_a_history_stands_in_for_a_past_item_by_item_without_times():
    found = habits_of(Request(history=(4, 2), asked_s=3.0), decay=Decay(1, 1 / 2, 1), n_items=5)

    assert found.items.tolist() == [2, 4]
    assert found.weights.tolist() == [1, 1 / 2]
    assert np.isnan(found.elapsed_s).all()
    assert np.isnan(found.cycle_s).all()


def test_nobody_has_no_habits():
    assert not len(habits_of(Request(asked_s=1.0), decay=ALIKE, n_items=3).items)


@given(st.lists(st.tuples(st.integers(0, 4), st.integers(0, 5)), max_size=30))
def test_counts_are_those_of_a_loop_over_baskets(events):
    events = sorted(events, key=lambda event: event[1])
    baskets = [{i for i, t in events if t == time} for time in sorted({t for _, t in events})]

    found = of([i for i, _ in events], [t for _, t in events], decay=Decay(0.9, 0.7, 3), asked_s=6.0)

    for item, count, weight in zip(found.items, found.counts, found.weights, strict=True):
        ages = [age for age, basket in enumerate(reversed(baskets)) if item in basket]
        assert count == len(ages)
        assert weight == pytest.approx(sum(0.9 ** (a % 3) * 0.7 ** (a // 3) for a in ages))
    assert set(found.items.tolist()) == {i for i, _ in events}


def test_ages_of_nothing_are_nothing():
    assert basket_ages(np.empty(0)).tolist() == []
