import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from steelyard.domain import NONE, Ranked
from steelyard.models.blending import weighing
from steelyard.models.blending.choosing import MIN_CASES, choose
from steelyard.models.blending.pool import Pool, pooled
from steelyard.models.blending.weighing import Judged, Material, equal_weights, fit_weights, material_of

N_ITEMS = 12


def untold(done, total, what):
    """Nobody wants to know."""


def ndcg_by_hand(scores, gains, ideal):
    order = sorted(range(len(scores)), key=lambda place: (-scores[place], place))[:10]
    return sum(gains[place] / np.log2(rank + 2) for rank, place in enumerate(order)) / ideal


@settings(max_examples=40, deadline=None)
@given(st.lists(st.tuples(st.integers(0, 3), st.integers(0, 2)), min_size=1, max_size=14))
def test_ndcg_is_that_of_the_sorted_list_ties_to_the_first_place(pairs):
    scores, gains = (np.array([column], float) for column in zip(*pairs, strict=True))

    found = Judged.of(gains, np.array([2.0])).ndcg(scores)

    np.testing.assert_allclose(found, [ndcg_by_hand(scores[0], gains[0], 2.0)])


def lists(right, rng, *, share):
    """Lists of all items; the right one stands first in a share of the rows, anywhere in the others."""
    scores = rng.random((len(right), N_ITEMS))
    knows = rng.random(len(right)) < share
    scores[np.flatnonzero(knows), right[knows]] = 2.0
    order = np.argsort(-scores, axis=1)[:, :6]
    return Ranked(order, np.take_along_axis(scores, order, axis=1))


def world(*shares, n=200):
    """Models that know the right item in a share of the cases, independently of each other."""
    rng = np.random.default_rng(5)
    right = rng.integers(0, N_ITEMS, n)
    pool = pooled([lists(right, rng, share=share) for share in shares])
    gains = (pool.items == right[:, None]).astype(float)
    return pool, gains, np.ones(n)


def test_the_model_that_knows_gets_the_weight():
    pool, gains, ideal = world(0.9, 0.0)
    material = material_of(pool, ["max", "max"], gains, ideal, units=[1.0, 1.0])

    weights = fit_weights(material).weights

    assert weights.sum() == pytest.approx(1)
    assert weights[0] > 0.6
    assert material.ndcg(weights).mean() >= material.ndcg(equal_weights(2)).mean()


def test_without_anything_right_among_the_candidates_all_weigh_the_same():
    pool, gains, ideal = world(0.9, 0.0, n=20)

    found = fit_weights(material_of(pool, ["max", "max"], np.zeros_like(gains), ideal, units=[1.0, 1.0]))

    np.testing.assert_array_equal(found.weights, [1 / 2, 1 / 2])


def test_models_that_know_different_things_are_fused_and_one_that_knows_nothing_is_dropped():
    pool, gains, ideal = world(0.5, 0.5, 0.0)

    found = choose(pool, gains, ideal, names=["one", "two", "noise"], seed=1, progress=untold)

    assert set(found.members) == {0, 1}
    assert found.weights.sum() == pytest.approx(1)
    assert found.note["dropped"] == ["noise"]
    assert "why" not in found.note
    assert found.note["gain"] > 2 * found.note["error"]
    assert found.note["held_out"] == pytest.approx(found.held_out.mean(), abs=1e-5)


def test_where_one_model_knows_all_that_another_knows_fusing_does_not_pay():
    pool, gains, ideal = world(1.0, 0.0, n=80)

    found = choose(pool, gains, ideal, names=["good", "noise"], seed=1, progress=untold)

    assert found.members == (0,)
    assert found.weights.tolist() == [1]
    assert found.note["why"] == "one_member"


def test_the_same_seed_chooses_the_same():
    pool, gains, ideal = world(0.5, 0.4, n=60)

    first, second = (choose(pool, gains, ideal, names=["a", "b"], seed=3, progress=untold) for _ in range(2))

    np.testing.assert_array_equal(first.weights, second.weights)
    assert (first.members, first.scales, first.note) == (second.members, second.scales, second.note)


def test_too_few_cases_leave_equal_weights_and_say_so():
    pool, gains, ideal = world(0.9, 0.0, n=MIN_CASES - 1)

    found = choose(pool, gains, ideal, names=["a", "b"], seed=1, progress=untold)

    np.testing.assert_array_equal(found.weights, [1 / 2, 1 / 2])
    assert found.note["why"] == "few_cases"


def test_without_validation_cases_all_models_are_kept_at_equal_weights():
    nothing = Pool(np.full((0, 1), NONE), np.full((3, 0, 1), np.nan))

    found = choose(nothing, np.zeros((0, 1)), np.zeros(0), names=["a", "b", "c"], seed=1, progress=untold)

    assert found.members == (0, 1, 2)
    assert found.note["why"] == "few_cases"


def test_models_that_offer_nothing_at_all_are_said_to():
    nothing = Pool(np.full((40, 1), NONE), np.full((2, 40, 1), np.nan))

    found = choose(nothing, np.zeros((40, 1)), np.ones(40), names=["a", "b"], seed=1, progress=untold)

    assert found.members == (0, 1)
    assert found.note["why"] == "nothing_offered"


def test_only_candidates_that_can_come_first_are_looked_at_and_all_that_are_worth_anything():
    scores = np.array([[[5, 1, 4, 3, 0, 2]], [[0, 0, 0, 0, 9, 0]]], np.float32)
    material = Material(scores, np.array([[0, 1.0, 0, 0, 0, 0]]), np.ones(1), np.zeros((1, 6), np.float32))

    few = material.contenders(material.fused(np.array([1.0, 0.0])), most=3)

    assert few.scores[0].tolist() == [[5, 1, 4]], "the one that is right, and the two before all others"
    assert few.gains.tolist() == [[0, 1, 0]]
    assert material.contenders(material.fused(np.ones(2)), most=6) is material


def test_weights_are_the_same_whether_all_candidates_are_looked_at_or_those_that_can_come_first(monkeypatch):
    draw = np.random.default_rng(0)
    scores = (draw.gamma(1, 1, (4, 80, 120)) * (draw.random((4, 80, 120)) < 0.5)).astype(np.float32)
    wanted = np.argsort(-(0.6 * scores[0] + 0.4 * scores[2]), axis=1)[:, [1, 3]]
    gains = np.zeros((80, 120))
    np.put_along_axis(gains, wanted, 1.0, axis=1)
    material = Material(scores, gains, np.full(80, 1 + 1 / np.log2(3)), np.zeros((80, 120), np.float32))
    whole = fit_weights(material).weights

    monkeypatch.setattr(weighing, "_CONTENDERS", 40)

    np.testing.assert_allclose(fit_weights(material).weights, whole)
