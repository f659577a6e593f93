"""How long ago each item of a history was, as attention looks at it."""

import numpy as np
import pytest

from steelyard.domain import Past, Request
from steelyard.models.sequence.ages import N_AGES, age_steps, asked_times

MINUTE, DAY = 60.0, 86_400.0


def test_each_step_is_twice_as_long_as_the_one_before():
    minutes = np.array([0, 0.99, 1, 2.99, 3, 6.99, 7, 60 * 24])

    steps = age_steps(np.zeros(8), minutes * MINUTE)[:, 0]

    assert steps.tolist() == [0, 0, 1, 1, 2, 2, 3, 10]


@pytest.mark.parametrize(("age_s", "step"), [(-5 * DAY, 0), (400 * 365 * DAY, N_AGES - 1), (0.0, 0)])
def test_what_is_later_than_the_question_is_of_now_and_there_is_an_end(age_s, step):
    assert age_steps(np.zeros(1), np.array([age_s])).tolist() == [[step]]


def test_rows_are_questions_and_columns_items():
    steps = age_steps(np.array([[0.0, 3 * MINUTE]]), np.array([[3 * MINUTE, 10 * MINUTE]]))

    assert steps.tolist() == [[[2, 0], [3, 3]]]


def test_an_item_is_as_old_as_its_last_event_and_what_came_next_is_when_it_was_asked():
    past = Past((5, 7, 5), (10.0, 20.0, 30.0))

    times, asked = asked_times(Request(history=(7, 5), past=past, asked_s=50.0), np.array([7, 5]))

    assert (times.tolist(), asked.tolist()) == ([20, 30], [30, 50])


def test_an_item_beyond_the_past_is_as_old_as_the_oldest_that_is_known():
    times, asked = asked_times(Request(history=(1, 7), past=Past((7,), (20.0,))), np.array([1, 7]))

    assert (times.tolist(), asked.tolist()) == ([20, 20], [20, 20])


@pytest.mark.parametrize(
    "request_",
    [
        Request(history=(1, 2), asked_s=9 * DAY),
        Request(items=(1, 2), past=Past((1, 2), (0.0, DAY)), asked_s=9 * DAY),
        Request(history=(1, 2), past=Past((8,), (0.0,))),
        Request(history=(1, 2), past=Past((8,), (0.0,)), asked_s=9 * DAY),
    ],
)
def test_where_no_time_is_known_all_are_of_one_time(request_):
    assert not age_steps(*asked_times(request_, np.array([1, 2]))).any()


def test_nothing_read_has_no_ages():
    assert age_steps(*asked_times(Request(), np.empty(0, np.int64))).shape[-1] == 0
