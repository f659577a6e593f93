import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from steelyard.evaluation.classification import auc

ROWS = st.lists(st.tuples(st.integers(0, 6), st.booleans()), min_size=1, max_size=40)


@settings(deadline=None)
@given(ROWS)
def test_it_counts_pairs(rows):
    scores, classes = np.array([float(score) for score, _ in rows]), np.array([is_one for _, is_one in rows])
    pairs = [(p, n) for p in scores[classes] for n in scores[~classes]]

    found = auc(scores, classes)

    if pairs:
        assert found == sum(2 * (p > n) + (p == n) for p, n in pairs) / (2 * len(pairs))
    else:
        assert math.isnan(found)


@settings(deadline=None)
@given(ROWS)
def test_only_the_order_matters(rows):
    scores, classes = np.array([float(score) for score, _ in rows]), np.array([is_one for _, is_one in rows])

    np.testing.assert_equal(auc(np.exp(scores), classes), auc(scores, classes))
    if classes.any() and not classes.all():
        assert auc(-scores, classes) == pytest.approx(1 - auc(scores, classes))


def test_a_million_scores_are_counted_exactly():
    scores = np.arange(1_000_000, dtype=float)

    assert auc(scores, scores >= 500_000) == 1.0
    assert auc(scores % 2, scores >= 500_000) == 0.5


def test_scores_that_are_no_scores_are_refused():
    with pytest.raises(ValueError, match="no score NaN"):
        auc(np.array([math.nan]), np.array([True]))
    with pytest.raises(ValueError, match="one of each"):
        auc(np.ones(2), np.array([True]))
