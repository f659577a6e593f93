"""Choosing the best of many on the same requests flatters it; the correction is held against simulated truths."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from steelyard.evaluation.selection import detectable_loss, shrunken_means, split_optimism


def simulated(seed, *, spread, n=13, requests=200, behind=0):
    generator = np.random.default_rng(seed)
    truth = 0.6 + generator.normal(size=n) * spread
    truth[:behind] -= 0.25
    return truth, truth[:, None] + generator.normal(size=(n, requests)) * 0.2


@pytest.mark.parametrize(("spread", "behind"), [(0.0, 0), (0.01, 0), (0.01, 3)])
def test_the_split_takes_most_of_the_flattery_away_also_where_some_are_far_behind(spread, behind):
    naive, corrected = [], []
    for seed in range(30):
        truth, seen = simulated(seed, spread=spread, behind=behind)
        best = int(seen.mean(axis=1).argmax())
        naive.append(seen.mean(axis=1)[best] - truth[best])
        corrected.append(naive[-1] - split_optimism(seen, seed=seed, repeats=20))

    assert np.mean(naive) > 0.01
    assert abs(np.mean(corrected)) < 0.3 * np.mean(naive)


def test_shrinking_is_right_among_equals_and_helpless_with_some_far_behind():
    left = {}
    for behind in (0, 3):
        errors = []
        for seed in range(30):
            truth, seen = simulated(seed, spread=0.01, behind=behind)
            best = int(seen.mean(axis=1).argmax())
            errors.append((shrunken_means(seen)[best] - truth[best]) / (seen.mean(axis=1)[best] - truth[best]))
        left[behind] = float(np.median(errors))

    assert left[0] < 0.5
    assert left[3] > 0.8


def test_one_that_is_best_by_far_is_hardly_flattered():
    seen = np.random.default_rng(1).normal(size=(3, 400)) * 0.05 + np.array([[0.2], [0.5], [0.9]])

    assert split_optimism(seen, seed=1) < 0.001


@given(st.integers(2, 6), st.integers(0, 30), st.integers(0, 50))
@settings(max_examples=30, deadline=None)
def test_the_correction_is_never_below_zero_and_the_same_seed_gives_the_same(n, requests, seed):
    seen = np.random.default_rng(seed).random((n, requests))

    assert split_optimism(seen, seed=seed, repeats=5) >= 0
    assert split_optimism(seen, seed=seed, repeats=5) == split_optimism(seen, seed=seed, repeats=5)


def test_a_loss_of_the_size_that_can_be_shown_is_shown_four_times_in_five():
    generator, n = np.random.default_rng(3), 400
    reference = np.full(n, 0.8)
    loss = detectable_loss(reference + generator.normal(size=n) * 0.1, reference)

    shown = 0
    for _ in range(400):
        difference = generator.normal(size=n) * 0.1 - loss * 0.8
        shown += difference.mean() + 1.96 * difference.std(ddof=1) / np.sqrt(n) < 0

    assert shown / 400 == pytest.approx(0.8, abs=0.07)
    assert detectable_loss(reference[:1], reference[:1]) is None
    assert detectable_loss(reference, np.zeros(n)) is None
