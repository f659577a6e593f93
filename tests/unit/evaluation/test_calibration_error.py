import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from steelyard.errors import DataError
from steelyard.evaluation.calibration import brier, calibration_error, expected_calibration_error, reliability

_ROWS = st.lists(st.tuples(st.floats(0, 1), st.booleans()), min_size=1, max_size=50)


def test_hand_worked_brier_and_calibration_error():
    p, y = np.array([0.1, 0.2, 0.6, 0.9]), np.array([0.0, 1.0, 1.0, 1.0])
    assert brier(p, y).tolist() == pytest.approx([1 / 100, 64 / 100, 16 / 100, 1 / 100])
    # two bins: |3/20 - 1/2| and |3/4 - 1|, each half of the rows
    assert calibration_error(p, y, bins=2) == pytest.approx((7 / 20 + 1 / 4) / 2)


@given(_ROWS, st.integers(1, 12))
def test_bins_hold_every_row_once_and_ties_are_not_parted(rows, bins):
    p, y = np.array([each for each, _ in rows]), np.array([float(yes) for _, yes in rows])
    table = reliability(p, y, bins=bins)
    assert sum(row.n for row in table) == len(rows)
    assert sum(row.n * row.observed for row in table) == pytest.approx(y.sum())
    assert [row.predicted for row in table] == sorted(row.predicted for row in table)
    assert len(table) <= min(bins, len(set(p.tolist())))
    assert all(row.low - 1e-12 <= row.observed <= row.high + 1e-12 for row in table)


@given(_ROWS)
def test_the_error_is_the_table_s_mean_gap(rows):
    p, y = np.array([each for each, _ in rows]), np.array([float(yes) for _, yes in rows])
    gaps = sum(row.n * abs(row.predicted - row.observed) for row in reliability(p, y)) / len(rows)
    assert calibration_error(p, y) == pytest.approx(gaps)


def test_a_right_model_s_error_is_what_chance_gives_and_a_wrong_one_s_is_not():
    random = np.random.default_rng(0)
    p = random.beta(1, 12, 4000)
    y = (random.random(4000) < p).astype(float)
    right = expected_calibration_error(p, y, seed=1)
    assert right.value < 2 * right.by_chance
    wrong = expected_calibration_error(np.minimum(2 * p, 1), y, seed=1)
    assert wrong.low > 4 * wrong.by_chance
    assert wrong.low <= wrong.value <= wrong.high
    assert expected_calibration_error(p, y, seed=1) == right


@pytest.mark.parametrize("wrong", [([], []), ([0.5], [2.0]), ([float("nan")], [1.0]), ([0.1, 0.2], [1.0])])
def test_what_is_no_chance_or_outcome_is_refused(wrong):
    with pytest.raises(DataError):
        calibration_error(*(np.array(each, float) for each in wrong))
