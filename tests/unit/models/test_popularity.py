import numpy as np
import pytest

from steelyard.domain import NONE, Cases, Interactions, Request, Surface
from steelyard.errors import StageError
from steelyard.models.retrieval.popularity import Popularity, tune_window

DAY_S = 86_400.0


def log(rows, *, n_users=4, n_items=5):
    """Rows of (day, user, item, weight)."""
    days, users, items, weights = (np.array(column) for column in zip(*rows, strict=True))
    return Interactions(users, items, days * DAY_S, weights.astype(float), n_users, n_items)


def test_the_item_most_people_took_comes_first_and_ties_go_to_the_lower_number():
    events = log([(0, 0, 3, 1), (1, 1, 3, 1), (2, 0, 1, 1), (3, 0, 4, 1)])

    ranked = Popularity().fit(events, seed=0).retrieve([Request()], k=6)

    assert ranked.items[0].tolist() == [3, 1, 4, 0, 2, NONE]
    assert ranked.scores[0].tolist() == [2, 1, 1, 0, 0, -np.inf]


def test_one_person_cannot_push_an_item():
    events = log([(0, 0, 2, 1)] * 50 + [(1, 1, 4, 1), (1, 2, 4, 1)])

    ranked = Popularity().fit(events, seed=0).retrieve([Request()], k=1)

    assert ranked.items[0, 0] == 4


def test_an_event_one_half_life_old_counts_half():
    events = log([(0, 0, 0, 1), (0, 1, 0, 1), (0, 2, 0, 1), (10, 0, 1, 1), (10, 1, 1, 1)])

    scores = Popularity(half_life_days=10).fit(events, seed=0).scores_

    np.testing.assert_allclose(scores[:2], [3 / 2, 2])


def test_of_several_events_of_one_person_the_strongest_counts():
    events = log([(0, 0, 0, 5), (10, 0, 0, 1), (10, 1, 1, 2)])

    scores = Popularity(half_life_days=10).fit(events, seed=0).scores_

    np.testing.assert_allclose(scores[:2], [5 / 2, 2])


def test_what_is_excluded_or_asked_about_makes_room_for_the_next():
    events = log([(0, 0, 3, 1), (1, 1, 3, 1), (2, 0, 1, 1)])

    ranked = Popularity().fit(events, seed=0).retrieve([Request(items=(3,), exclude=(0,))], k=3)

    assert ranked.items[0].tolist() == [1, 2, 4]


def test_the_window_is_the_one_in_which_tuning_targets_were_popular():
    old = [(0, user, 0, 1) for user in range(4)]
    new = [(100, user, 1, 1) for user in range(2)]
    cases = Cases(Surface.RECOMMEND, ("a",), (Request(),), (np.array([1]),), (np.ones(1),))

    tuned = tune_window(log(old + new), cases)

    assert tuned == {"half_life_days": 1.0}


def test_without_cases_all_of_time_counts():
    cases = Cases(Surface.RECOMMEND, (), (), (), ())

    assert tune_window(log([(0, 0, 0, 1)]), cases) == {"half_life_days": None}


def test_only_items_somebody_took_are_called_popular():
    model = Popularity().fit(log([(0, 0, 3, 1)]), seed=0)

    taken, untouched = model.explain(Request(), np.array([3, 0]))

    assert [reason.kind for reason in taken] == ["popular"]
    assert untouched == []


def test_an_unfitted_model_says_what_to_do():
    with pytest.raises(StageError, match="call fit"):
        Popularity().retrieve([Request()], k=1)


def test_a_half_life_of_nothing_is_refused():
    with pytest.raises(ValueError, match="above 0"):
        Popularity(half_life_days=0)
