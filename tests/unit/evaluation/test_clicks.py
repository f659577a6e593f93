"""Clicks that lists would get: worked by hand, and in the order of the truth where the log's own order misleads."""

import numpy as np
import pytest

from steelyard.data.labels.propensity import Shows, attraction, estimate
from steelyard.domain import NONE
from steelyard.evaluation.clicks import expected_clicks

LOOKED = np.array([1.0, 0.5, 0.25])


def test_each_place_counts_as_often_as_it_is_looked_at():
    found = expected_clicks(np.array([[0, 1, 2], [2, 1, 0]]), np.array([0.8, 0.4, 0.1]), LOOKED)

    assert found.clicks == pytest.approx([0.8 + 0.2 + 0.025, 0.1 + 0.2 + 0.2])
    assert found.known == pytest.approx([1.0, 1.0])


def test_what_was_never_shown_counts_nothing_and_is_said():
    found = expected_clicks(np.array([[0, NONE, 1], [NONE, NONE, NONE]]), np.array([0.8, np.nan]), LOOKED)

    assert found.clicks[0] == pytest.approx(0.8)
    assert np.isnan(found.clicks[1])
    assert found.known == pytest.approx([1 / 1.75, 0.0])


def test_places_that_the_log_does_not_know_and_longer_lists_are_left_out():
    found = expected_clicks(np.array([[0, 0, 0, 0]]), np.array([0.5]), np.array([1.0, np.nan]))

    assert found.clicks == pytest.approx([0.5])
    assert found.known == pytest.approx([1.0])


def test_an_item_held_down_by_its_place_is_seen_to_be_worth_more():
    rng = np.random.default_rng(0)
    truth, rows = np.array([0.3, 0.5]), []
    for pair, place, shown in ((0, 0, 8000), (0, 1, 2000), (1, 0, 2000), (1, 1, 8000)):
        rows.append((pair, place, shown, rng.binomial(shown, truth[pair] * LOOKED[place])))
    pair, place, shown, clicked = (np.array(each) for each in zip(*rows, strict=True))
    shows = Shows(pair, place, shown.astype(float), clicked.astype(float))
    known = estimate(shows)

    worth, _ = attraction(shows, known, most=10)
    as_shown, better = expected_clicks(np.array([[0, 1], [1, 0]]), worth, known.of_place).clicks

    assert clicked[pair == 0].sum() > clicked[pair == 1].sum() * 0.85
    assert better > as_shown
    assert better == pytest.approx(truth[1] + truth[0] / 2, abs=0.03)
