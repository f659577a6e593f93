"""Policies judged from another's log: golden numbers of the money design on a bandit whose truth is known."""

import math
from pathlib import Path

import numpy as np
import pytest

from steelyard.errors import DataError
from steelyard.evaluation.offpolicy import (
    Refused,
    direct,
    doubly_robust,
    effective_sample_size,
    importance_weights,
    ips,
    snips,
    valued,
)

OPEN_BANDIT = Path(__file__).parents[3] / "../shared/data/open-bandit"
N_CONTEXTS, N_ACTIONS, N_LOGGED, N_LOGS = 20, 10, 26_850, 250


def softmax(scores):
    shares = np.exp(scores - scores.max(axis=1, keepdims=True))
    return shares / shares.sum(axis=1, keepdims=True)


class Bandit:
    """Twenty contexts, ten actions, clicks; the policy that ran knows nothing, the other knows what is liked.

    The reward model is shrunk towards the mean and, of the other policy, expects .0556 too little.
    """

    def __init__(self):
        generator = np.random.default_rng(2)
        context = generator.standard_normal((N_CONTEXTS, 1))
        liking, whim = generator.standard_normal((2, N_CONTEXTS, N_ACTIONS))
        self.clicks = 1 / (1 + np.exp(2.988 - 0.829 * context - 1.686 * liking))
        self.logging, self.target = softmax(0.584 * whim), softmax(2.647 * liking)
        self.truth = (self.target * self.clicks).sum(axis=1).mean()
        model = 1.075 * self.clicks - 0.075 * self.clicks.mean()
        self.model = model - ((self.target * model).sum(axis=1).mean() - self.truth + 0.0556)

    def estimates(self, seed):
        generator = np.random.default_rng(seed)
        contexts = generator.integers(0, N_CONTEXTS, N_LOGGED)
        below = self.logging.cumsum(axis=1)[contexts, :-1]
        actions = (generator.random((N_LOGGED, 1)) > below).sum(axis=1)
        rewards = (generator.random(N_LOGGED) < self.clicks[contexts, actions]).astype(float)
        weights = importance_weights(self.target[contexts, actions], self.logging[contexts, actions])
        expected = (self.target * self.model).sum(axis=1)[contexts]
        predicted = self.model[contexts, actions]
        return {
            "ips": ips(rewards, weights),
            "clipped": ips(rewards, weights, clip=10.0),
            "snips": snips(rewards, weights),
            "direct": direct(expected),
            "doubly robust": doubly_robust(rewards, weights, predicted=predicted, expected=expected),
        }


@pytest.fixture(scope="module")
def logs():
    bandit = Bandit()
    return bandit.truth, [bandit.estimates(seed) for seed in range(N_LOGS)]


@pytest.mark.parametrize(
    ("name", "bias", "sd"),
    [
        ("ips", 0.0004, 0.0104),
        ("clipped", -0.0376, 0.0085),
        ("snips", 0.0008, 0.0080),
        ("direct", -0.0556, 0.0012),
        ("doubly robust", 0.0008, 0.0074),
    ],
)
def test_bias_and_spread_over_many_logs(logs, name, bias, sd):
    truth, found = logs
    values = np.array([each[name].value for each in found])

    assert values.mean() - truth == pytest.approx(bias, abs=0.002)
    assert values.std(ddof=1) == pytest.approx(sd, rel=0.12)  # of 250 logs, a spread is known to 4.5 %


def test_the_naive_click_rate_belongs_to_the_policy_that_wrote_the_log(logs):
    bandit = Bandit()

    assert (bandit.logging * bandit.clicks).sum(axis=1).mean() < 0.5 * bandit.truth


@pytest.mark.parametrize(
    ("name", "is_honest"), [("ips", True), ("snips", True), ("doubly robust", True), ("direct", False)]
)
def test_intervals_hold_the_truth_where_nothing_is_biased(logs, name, is_honest):
    truth, found = logs
    held = np.mean([abs(each[name].value - truth) <= 1.96 * each[name].standard_error for each in found])

    assert held == (pytest.approx(0.95, abs=0.03) if is_honest else 0.0)


def test_estimates_of_a_log_worked_by_hand():
    rewards, weights = (
        np.array([1.0, 0.0, 1.0, 0.0]),
        importance_weights(np.array([0.5, 0.5, 0.1, 0.1]), np.array([0.25, 0.25, 0.2, 0.2])),
    )

    assert weights.tolist() == [2.0, 2.0, 0.5, 0.5]
    assert ips(rewards, weights).value == 2.5 / 4
    assert ips(rewards, weights, clip=1.0).value == 1.5 / 4
    assert snips(rewards, weights).value == 2.5 / 5
    predicted, expected = np.full(4, 0.5), np.full(4, 0.25)
    # 0.25 + mean of 2 x .5, 2 x -.5, .5 x .5, .5 x -.5
    assert doubly_robust(rewards, weights, predicted=predicted, expected=expected).value == 0.25
    assert direct(expected).value == 0.25


def test_the_policy_that_ran_is_judged_by_its_own_mean():
    rewards, chances = np.array([1.0, 0.0, 0.0]), np.array([0.2, 0.3, 0.9])

    weights = importance_weights(chances, chances)

    assert ips(rewards, weights).value == snips(rewards, weights).value == pytest.approx(1 / 3)


def test_a_right_model_needs_no_right_propensities_and_the_other_way_round(logs):
    bandit, generator = Bandit(), np.random.default_rng(9)
    contexts = generator.integers(0, N_CONTEXTS, 200_000)
    actions = generator.integers(0, N_ACTIONS, 200_000)  # logged at random, so each with a chance of a tenth
    rewards = bandit.clicks[contexts, actions]
    wrong = importance_weights(bandit.target[contexts, actions], np.full(200_000, 0.2))

    found = doubly_robust(
        rewards,
        wrong,
        predicted=bandit.clicks[contexts, actions],
        expected=(bandit.target * bandit.clicks).sum(axis=1)[contexts],
    )

    assert found.value == pytest.approx(bandit.truth, abs=0.003)
    assert ips(rewards, wrong).value < 0.6 * bandit.truth


def test_a_log_that_never_shows_what_the_policy_likes_has_no_self_normalised_estimate():
    assert math.isnan(snips(np.ones(3), np.zeros(3)).value)


def test_propensities_that_cannot_be_are_counted_and_refused():
    with pytest.raises(DataError, match=r"2 rows \(first: 1\) have a logged propensity outside"):
        importance_weights(np.array([0.1, 0.1, 0.1]), np.array([0.5, 0.0, math.nan]))
    with pytest.raises(DataError, match="target propensity outside"):
        importance_weights(np.array([1.5]), np.array([0.5]))
    with pytest.raises(DataError, match="one of each a row"):
        importance_weights(np.array([]), np.array([]))
    with pytest.raises(DataError, match="the same rows in each"):
        ips(np.ones(3), np.ones(2))
    with pytest.raises(DataError, match="no logged row"):
        direct(np.array([]))


@pytest.mark.skipif(not OPEN_BANDIT.exists(), reason=f"the Open Bandit sample is not at {OPEN_BANDIT}")
def test_the_random_policy_is_foretold_from_the_log_of_the_learning_one():
    duckdb = pytest.importorskip("duckdb")
    rows = {
        name: duckdb.connect()
        .execute("select click, propensity_score from read_parquet(?)", [str(OPEN_BANDIT / f"{name}_all.parquet")])
        .fetchnumpy()
        for name in ("bts", "random")
    }
    clicks, logged = rows["bts"]["click"].astype(float), rows["bts"]["propensity_score"]

    weights = importance_weights(np.full(len(logged), 1 / 80), logged)  # 80 items, shown with the same chance
    truth = rows["random"]["click"]

    spread = truth.std() / math.sqrt(len(truth))
    for found in (ips(clicks, weights), snips(clicks, weights)):
        assert abs(found.value - truth.mean()) < 3 * math.hypot(found.standard_error, spread)
    assert weights.mean() == pytest.approx(1, abs=0.2)


def test_effective_rows_by_hand():
    assert effective_sample_size(np.array([2.0, 2.0, 0.5, 0.5])) == 25 / 8.5
    assert effective_sample_size(np.full(7, 3.0)) == pytest.approx(7)
    assert effective_sample_size(np.array([0.0, 5.0, 0.0])) == 1.0
    assert effective_sample_size(np.zeros(3)) == 0.0


def test_a_log_of_the_policy_itself_is_worth_its_mean():
    rewards = np.tile([1.0, 0.0, 0.0, 0.0], 100)
    found = valued(rewards, np.full(400, 0.3), np.full(400, 0.3))
    assert found.estimate.value == pytest.approx(1 / 4)
    assert found.low < 1 / 4 < found.high
    assert (found.effective_rows, found.mean_weight) == (pytest.approx(400), pytest.approx(1))


def test_nineteen_in_twenty_intervals_hold_the_truth():
    bandit = Bandit()
    inside = 0
    for seed in range(40):
        generator = np.random.default_rng(seed)
        contexts = generator.integers(0, N_CONTEXTS, 4000)
        below = bandit.logging.cumsum(axis=1)[contexts, :-1]
        actions = (generator.random((4000, 1)) > below).sum(axis=1)
        rewards = (generator.random(4000) < bandit.clicks[contexts, actions]).astype(float)
        found = valued(rewards, bandit.target[contexts, actions], bandit.logging[contexts, actions], resamples=120)
        inside += found.low <= bandit.truth <= found.high
    assert inside >= 34


@pytest.mark.parametrize(
    ("target", "logged", "why"),
    [
        (np.full(300, 0.5), np.r_[np.full(299, 0.5), np.nan], "no propensity"),
        (np.full(300, 0.5), np.r_[np.full(299, 0.5), 1e-6], "below 0.0001"),
        (np.r_[np.full(50, 1.0), np.zeros(250)], np.full(300, 0.5), "50 effective rows"),
    ],
)
def test_a_log_that_cannot_tell_is_refused(target, logged, why):
    found = valued(np.ones(300), target, logged)
    assert isinstance(found, Refused)
    assert why in found.why
