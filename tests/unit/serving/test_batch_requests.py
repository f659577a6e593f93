"""Lists of everybody are asked for as the server asks for them: with what people disliked, and with their past."""

from dataclasses import replace

import numpy as np
import pytest
from test_served_pasts import T0, about

from steelyard.domain import Interactions, Ranked
from steelyard.serving.basics import Basics, basics_state
from steelyard.serving.batch import lists_between
from steelyard.serving.history import LoggedHistories, histories_state, with_disliked
from steelyard.serving.served import Served


class Listening:
    """Answers nothing, and keeps what it was asked."""

    def answer(self, requests, *, k):
        self.requests = list(requests)
        return Ranked(np.full((len(requests), k), -1), np.full((len(requests), k), -np.inf))


def with_dislikes(known):
    """Ann dislikes item 33 and item 7."""
    names = known.logged.between(0, 2)
    ann = max(names, key=lambda one: len(one[1]))[0]
    users, items, ones = np.zeros(2, np.int64), np.array([33, 7]), np.ones(2)
    disliked = histories_state(Interactions(users, items, np.arange(2.0), ones, 1, 200), [ann])
    return replace(known, logged=LoggedHistories(with_disliked(known.logged._state, disliked))), ann


@pytest.mark.parametrize("reads_past", [True, False])
def test_everybody_is_asked_for_as_served(engine, reads_past):
    known, ann = with_dislikes(about(reads_past=reads_past))
    known = replace(known, basics=Basics(basics_state([ann], [("age=old",)])))
    pipeline, now_s = Listening(), T0 + 1e6

    lists = lists_between(pipeline, known, users=(0, 2), k=3, now_s=now_s)

    served = Served(engine, known, events=None)
    asked = dict(zip(lists.users, pipeline.requests, strict=True))
    assert asked == {name: served.request(name, "", now_s=now_s) for name in lists.users}
    assert set(asked[ann].exclude) == {7, 33}
    assert [request.basics for request in asked.values() if request.basics] == [asked[ann].basics] == [("age=old",)]
    assert bool(asked[ann].past.items) is reads_past
