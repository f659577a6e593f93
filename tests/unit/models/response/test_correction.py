from fractions import Fraction

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from steelyard.models.response.correction import corrected, kept_rows

_SHARES = st.integers(1, 999).map(lambda n: Fraction(n, 1000))


@given(chance=_SHARES, kept=_SHARES, times=st.integers(1, 20))
def test_the_chance_on_the_other_mixture_is_turned_back_exactly(chance, kept, times):
    # of `chance` positives that count `times` and `1 - chance` negatives of which `kept` are left
    sampled = chance * times / (chance * times + (1 - chance) * kept)
    back = corrected(np.array([float(sampled)]), negatives=float(kept), positive_weight=float(times))
    assert back[0] == pytest.approx(float(chance), rel=1e-9)


def test_hand_worked_a_tenth_of_the_negatives_makes_one_in_a_hundred_look_like_ten_in_a_hundred_and_nine():
    sampled = Fraction(1, 100) / (Fraction(1, 100) + Fraction(99, 100) * Fraction(1, 10))
    assert sampled == Fraction(10, 109)
    assert corrected(np.array([10 / 109]), negatives=0.1)[0] == pytest.approx(1 / 100)


def test_certainties_and_the_order_stay():
    before = np.array([0.0, 0.2, 0.5, 0.9, 1.0])
    after = corrected(before, negatives=0.25, positive_weight=3)
    assert after[[0, -1]].tolist() == [0.0, 1.0]
    assert (np.diff(after) > 0).all()


@pytest.mark.parametrize("wrong", [{"negatives": 0.0}, {"negatives": 1.5}, {"positive_weight": 0.0}])
def test_impossible_mixtures_are_refused(wrong):
    with pytest.raises(ValueError, match="must be in"):
        corrected(np.array([0.5]), **wrong)


def test_all_positives_and_about_the_share_of_negatives_are_kept():
    is_positive = np.arange(20_000) % 10 == 0
    kept = kept_rows(is_positive, negatives=0.25, seed=3)
    assert is_positive[kept].sum() == 2000
    assert abs((~is_positive[kept]).sum() - 4500) < 250
    assert kept_rows(is_positive, negatives=1.0, seed=3).tolist() == list(range(20_000))
