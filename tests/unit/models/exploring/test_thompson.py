import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from steelyard.evaluation.offpolicy import importance_weights, ips
from steelyard.models.exploring.thompson import LinearThompson, drawn, propensities, uniform

_SCORES = st.integers(1, 6).flatmap(
    lambda n: st.lists(st.lists(st.integers(0, 3), min_size=n, max_size=n), min_size=1, max_size=12)
)


@given(_SCORES, st.floats(0.0, 0.6))
def test_propensities_sum_to_one_and_keep_the_floor(scores, floor):
    found = propensities(np.array(scores, float), floor=floor)
    n = found.size
    assert found.sum() == pytest.approx(1)
    assert (found >= min(floor, 1 / n) - 1e-12).all()


def test_hand_worked_shares_of_samples():
    # the first sample likes 0, the second likes 1 and 2 alike, the third 2: shares 1/3, 1/6, 1/2
    scores = np.array([[3.0, 1, 1], [0, 2, 2], [0, 0, 1]])
    assert propensities(scores, floor=0.0).tolist() == pytest.approx([1 / 3, 1 / 6, 1 / 2])
    # floor 1/10: 1/10 + 7/10 of each share
    assert propensities(scores, floor=0.1).tolist() == pytest.approx([1 / 3, 13 / 60, 9 / 20])


@given(st.lists(st.integers(0, 5), min_size=1, max_size=8).filter(any), st.floats(0, 1, exclude_max=True))
def test_what_is_drawn_has_a_chance(counts, at):
    chances = np.array(counts) / sum(counts)
    assert chances[drawn(chances, at)] > 0


def test_what_is_drawn_follows_the_chances():
    chances = np.array([0.5, 0.0, 0.3, 0.2])
    places = [drawn(chances, uniform(7, "slot", n)) for n in range(4000)]
    assert np.bincount(places, minlength=4) / 4000 == pytest.approx(chances, abs=0.03)


def test_a_number_is_decided_by_its_names_alone():
    assert uniform(1, "slot", "r1") == uniform(1, "slot", "r1")
    assert len({uniform(seed, "slot", name) for seed in range(3) for name in "abc"}) == 9
    assert uniform("ab", "c") != uniform("a", "bc")


@settings(max_examples=20)
@given(st.permutations(range(6)))
def test_the_order_of_what_is_learnt_does_not_count(order):
    rows = np.random.default_rng(0).normal(size=(6, 3))
    first, second = LinearThompson(3), LinearThompson(3)
    for model, places in ((first, range(6)), (second, order)):
        for place in places:
            model.show(rows[place])
            if place % 2:
                model.reward(rows[place])
    np.testing.assert_allclose(first.mean, second.mean, atol=1e-9)
    np.testing.assert_allclose(first.chances(rows, floor=0.05), second.chances(rows, floor=0.05), atol=2 / 256)


def test_it_comes_to_show_what_is_rewarded_and_never_stops_showing_the_rest():
    rows, rates = np.eye(4), np.array([0.1, 0.5, 0.2, 0.1])
    model, random = LinearThompson(4, spread=0.5), np.random.default_rng(3)
    before = model.chances(rows, floor=0.02)
    for n in range(1500):
        place = drawn(model.chances(rows, floor=0.02), uniform(3, n))
        model.show(rows[place])
        if random.random() < rates[place]:
            model.reward(rows[place])
    after = model.chances(rows, floor=0.02)
    assert after.argmax() == 1
    assert after[1] > 0.9 > before[1]
    assert after.min() >= 0.02


def test_the_log_it_writes_gives_back_what_every_candidate_is_worth():
    """Over many logs the estimate is the truth, though the policy changed all the time; counting clicks is not."""
    rows, rates = np.eye(3), np.array([0.6, 0.3, 0.1])
    weighed, counted = [], []
    for seed in range(80):
        model, random = LinearThompson(3, samples=32), np.random.default_rng(seed)
        rewards, target, logged = [], [], []
        for n in range(40):
            chances = model.chances(rows, floor=0.1)
            place = drawn(chances, uniform(seed, n))
            reward = float(random.random() < rates[place])
            model.show(rows[place])
            if reward:
                model.reward(rows[place])
            rewards.append(reward)
            target.append(1 / 3)
            logged.append(chances[place])
        found = ips(np.array(rewards), importance_weights(np.array(target), np.array(logged)))
        weighed.append(found.value)
        counted.append(np.mean(rewards))
    error = np.std(weighed) / np.sqrt(len(weighed))
    assert abs(np.mean(weighed) - rates.mean()) < 3 * error
    assert abs(np.mean(counted) - rates.mean()) > 10 * np.std(counted) / np.sqrt(len(counted))
