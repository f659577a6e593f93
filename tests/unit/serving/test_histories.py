import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from steelyard.domain import NONE, Interactions, State
from steelyard.errors import ArtefactError
from steelyard.serving.history import Histories, LoggedHistories, histories_state


def learnt(pairs, n_users):
    users = np.array([user for user, _ in pairs], dtype=np.int64)
    items = np.array([item for _, item in pairs], dtype=np.int64)
    return Interactions(users, items, np.arange(float(len(pairs))), np.ones(len(pairs)), n_users, 100)


def number(item_id):
    return int(item_id) if item_id.isdigit() else NONE


def test_a_logged_user_is_found_by_pseudonym():
    state = histories_state(learnt([(0, 5), (1, 6), (0, 7)], 2), ["bb", "aa"])

    logged = LoggedHistories(state)

    assert logged.of("bb") == (5, 7)
    assert logged.of("aa") == (6,)
    assert logged.of("cc") == ()
    assert logged.longest(1) == ("bb",)


@given(st.lists(st.tuples(st.integers(0, 4), st.integers(0, 99)), max_size=40), st.integers(1, 6))
def test_the_stored_histories_are_the_latest_distinct_items_of_each_user(pairs, max_items):
    names = ["d4", "a1", "c3", "e5", "b2"]

    logged = LoggedHistories(histories_state(learnt(pairs, 5), names, max_items=max_items))

    for user, name in enumerate(names):
        distinct = []
        for item in (item for found, item in reversed(pairs) if found == user):
            if item not in distinct:
                distinct.insert(0, item)
        assert logged.of(name) == tuple(distinct[-max_items:])


def test_a_shop_without_users_has_no_histories():
    assert LoggedHistories(histories_state(learnt([], 0), [])).of("aa") == ()


def test_histories_whose_arrays_do_not_fit_are_refused():
    with pytest.raises(ArtefactError, match="do not fit"):
        LoggedHistories(State({"pseudonyms": np.zeros((2, 2), np.uint8), "offsets": np.array([0, 1]), "items": [1]}))
    with pytest.raises(ArtefactError, match="no array"):
        LoggedHistories(State())


def test_events_come_after_the_log_and_the_latest_are_kept():
    logged = LoggedHistories(histories_state(learnt([(0, 1), (0, 2)], 1), ["u"]))

    histories = Histories(logged, read=lambda user: ["3", "gone", "4"], number=number, max_history=3)

    assert histories.of("u") == (2, 3, 4)
    assert histories.of("stranger") == (3, 4)
    assert histories.of("") == ()


def test_a_user_is_read_once_until_something_changed():
    reads = []
    stored = ["1"]

    def read(user):
        reads.append(user)
        return list(stored)

    histories = Histories(None, read=read, number=number, max_history=9)
    first, second = histories.of("u"), histories.of("u")
    stored.append("2")
    histories.changed("u")
    third = histories.of("u")

    assert (first, second, third) == ((1,), (1,), (1, 2))
    assert reads == ["u", "u"]


def test_an_event_that_comes_in_while_a_history_is_read_is_not_lost():
    stored = ["1"]
    histories = Histories(None, read=lambda user: reading(), number=number, max_history=9)

    def reading():
        found = list(stored)
        if len(stored) == 1:
            stored.append("2")
            histories.changed("u")
        return found

    histories.of("u")

    assert histories.of("u") == (1, 2)


def test_memory_holds_only_the_users_seen_last():
    reads = []
    histories = Histories(
        None, read=lambda user: reads.append(user) or ["1"], number=number, max_history=9, max_users=2
    )

    for user in ("a", "b", "a", "c", "a", "b"):
        histories.of(user)

    assert reads == ["a", "b", "c", "b"]
