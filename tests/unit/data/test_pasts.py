"""What a user's past holds: repeats and times, the latest events, nothing from the period that judges."""

import numpy as np
import pytest

from steelyard.data.dividing.periods import Events, HeldOut
from steelyard.data.tables import recommend_cases
from steelyard.domain import MAX_PAST, Past


def cases(users, items, times_s, *, begins_s, asked=(0,)):
    events = Events(np.array(users), np.array(items), np.array(times_s, float), np.ones(len(users)))
    targets = tuple(np.array([9]) for _ in asked)
    held = HeldOut(np.array(asked), targets)
    return recommend_cases(events, held, part="test", begins_s=begins_s, max_history=2, exclude_seen=True)


def test_repeats_and_times_are_kept_and_the_judging_period_is_not():
    found = cases([0, 1, 0, 0, 0], [5, 7, 6, 5, 8], [1, 2, 3, 4, 10], begins_s=10)

    assert found.requests[0].past == Past((5, 6, 5), (1.0, 3.0, 4.0))
    assert found.requests[0].asked_s == 10


def test_history_and_seen_are_the_items_of_the_past_each_once():
    request = cases([0] * 5, [5, 6, 5, 7, 6], range(5), begins_s=9).requests[0]

    assert sorted(request.history + request.seen) == sorted(set(request.past.items))


def test_only_the_latest_events_are_kept():
    n = MAX_PAST + 3
    past = cases([0] * n, range(n), range(n), begins_s=2 * n).requests[0].past

    assert past.items == tuple(range(3, n))
    assert past.times_s[0] == 3


def test_items_without_times_are_refused():
    with pytest.raises(ValueError, match="2 items of a past have 1 times"):
        Past((1, 2), (1.0,))
