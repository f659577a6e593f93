import numpy as np
import pytest

from steelyard.data.labels.outcomes import NothingFollows, Outcomes, histories_before, outcomes
from steelyard.data.log_events import LogEvents

KINDS = ("impression", "view", "click", "add_to_cart", "purchase")
DAY_S = 86_400.0


def log_of(*events, n_items=9):
    """Events as (time in seconds, visitor, item, kind), sorted; the log ends ten days later."""
    rows = sorted([*events, (10 * DAY_S, 99, 0, "search")])
    names = (*KINDS, "search")
    time, visitor, item, kind = zip(*rows, strict=True)
    numbers = [names.index(each) for each in kind]
    columns = [np.array(column, np.int64) for column in (visitor, item)]
    return LogEvents(*columns, np.array(time, float), np.array(numbers), np.zeros(len(rows), np.int64), n_items, names)


def reached(found):
    assert isinstance(found, Outcomes)
    return found.reached.astype(int).tolist()


def test_what_follows_an_impression_is_credited_to_it():
    log = log_of(
        (0, 1, 5, "impression"), (10, 1, 5, "click"), (20, 1, 5, "add_to_cart"), (30, 1, 5, "purchase"),
        (0, 2, 5, "impression"), (10, 2, 6, "click"),
        (5, 3, 5, "impression"), (9, 3, 5, "view"),
    )  # fmt: skip
    found = outcomes(log, window_s=DAY_S)
    assert (found.basis, found.stages) == ("impression", ("click", "cart", "buy"))
    assert found.visitors.tolist() == [1, 2, 3]
    assert reached(found) == [[1, 1, 1], [0, 0, 0], [1, 0, 0]]


def test_it_is_credited_to_the_latest_impression_before_it_and_to_none_after_it():
    log = log_of((0, 1, 5, "impression"), (50, 1, 5, "impression"), (60, 1, 5, "click"), (70, 1, 5, "impression"))
    assert reached(outcomes(log, window_s=DAY_S)) == [[0], [1], [0]]


def test_an_event_at_the_instant_of_its_impression_follows_it():
    log = log_of((7, 1, 5, "impression"), (7, 1, 5, "click"))
    assert reached(outcomes(log, window_s=DAY_S)) == [[1]]


def test_what_comes_later_than_the_window_is_not_credited():
    log = log_of((0, 1, 5, "impression"), (101, 1, 5, "click"), (0, 2, 5, "impression"), (100, 2, 5, "click"))
    assert reached(outcomes(log, window_s=100)) == [[0], [1]]


def test_who_bought_has_clicked_though_the_log_does_not_say_so():
    log = log_of((0, 1, 5, "impression"), (9, 1, 5, "purchase"), (0, 2, 5, "impression"), (9, 2, 5, "click"))
    assert reached(outcomes(log, window_s=DAY_S)) == [[1, 1], [1, 0]]


def test_rows_whose_window_had_not_ended_are_left_out_and_counted():
    log = log_of((0, 1, 5, "impression"), (1, 1, 5, "click"), (9.5 * DAY_S, 2, 5, "impression"))
    found = outcomes(log, window_s=DAY_S)
    assert (len(found), found.n_unwatched) == (1, 1)


def test_nobody_s_impressions_are_left_out_and_counted():
    log = log_of((0, -1, 5, "impression"), (1, -1, 5, "click"), (2, 1, 5, "impression"))
    found = outcomes(log, window_s=DAY_S)
    assert (found.visitors.tolist(), found.n_nobody, reached(found)) == ([1], 1, [[0]])


@pytest.mark.parametrize(
    ("kinds", "basis", "stages"),
    [
        (("view", "purchase"), "view", ("buy",)),
        (("view", "click", "add_to_cart", "purchase"), "view", ("cart", "buy")),
        (("add_to_cart", "purchase"), "cart", ("buy",)),
        (("impression", "purchase"), "impression", ("buy",)),
    ],
)
def test_without_impressions_looks_are_the_rows_and_without_looks_carts(kinds, basis, stages):
    found = outcomes(log_of(*((n, 1, 5, kind) for n, kind in enumerate(kinds))), window_s=DAY_S)
    assert (found.basis, found.stages) == (basis, stages)


@pytest.mark.parametrize("kinds", [("purchase",), ("view",), ("impression",), ()])
def test_a_log_that_does_not_say_what_was_not_taken_teaches_nothing(kinds):
    found = outcomes(log_of(*((n, 1, 5, kind) for n, kind in enumerate(kinds))), window_s=DAY_S)
    assert isinstance(found, NothingFollows)
    assert found.kinds == tuple(sorted({*kinds, "search"}))


def test_a_history_holds_what_came_strictly_before_the_latest_first_and_each_item_once():
    log = log_of(
        (0, 1, 3, "view"), (1, 1, 4, "click"), (2, 1, 3, "add_to_cart"), (3, 2, 7, "view"),
        (4, 1, 8, "impression"), (4, 1, 6, "view"), (5, 1, 8, "impression"), (6, 2, 8, "impression"),
    )  # fmt: skip
    found = outcomes(log, window_s=DAY_S)
    history = histories_before(log, found, length=3)
    assert history.tolist() == [[3, 4, -1], [6, 3, 4], [7, -1, -1]]


def test_a_long_history_keeps_its_latest_items():
    views = [(n, 1, n % 9, "view") for n in range(60)]
    log = log_of(*views, (100, 1, 0, "impression"))
    history = histories_before(log, outcomes(log, window_s=DAY_S), length=2)
    assert history.tolist() == [[59 % 9, 58 % 9]]
