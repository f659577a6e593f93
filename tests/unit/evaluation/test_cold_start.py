"""New users, new items and short histories, counted by hand."""

from __future__ import annotations

import numpy as np
import pytest

from steelyard.domain import Cases, Request, Surface
from steelyard.evaluation.cold_start import GROUPS, cold_start, history_kind

IS_KNOWN = np.array([True, True, True, False])
"""Item 3 is new."""


def cases(*rows):
    """Of a history and what was wanted."""
    return Cases(
        Surface.RECOMMEND,
        tuple(map(str, range(len(rows)))),
        tuple(Request(history=tuple(range(n))) for n, _ in rows),
        tuple(np.array(wanted, np.int64) for _, wanted in rows),
        tuple(np.ones(len(wanted)) for _, wanted in rows),
    )


def test_histories_are_told_apart_by_their_distinct_items():
    assert [history_kind(n) for n in (0, 1, 2, 3, 5, 6, 20, 21)] == [
        *("none", "upto_2", "upto_2", "upto_5", "upto_5", "upto_20", "upto_20", "longer")
    ]


def test_items_before_the_history_count_as_well():
    asked = cases((1, [0]))
    asked = Cases(asked.surface, asked.ids, (Request(history=(1,), seen=(2, 3)),), asked.relevant, asked.gains)

    found = cold_start(np.array([[0]]), asked, is_known=IS_KNOWN, new_users=(), k=1)

    assert found["history/upto_5"].tolist() == [1.0]


def test_new_and_known_items_are_each_judged_alone():
    items = np.array([[3, 0], [0, 1]])

    found = cold_start(items, cases((1, [0, 3]), (3, [2])), is_known=IS_KNOWN, new_users=(), k=2)

    assert found["wanted/new_items"].tolist() == [1.0]
    assert found["wanted/known_items"] == pytest.approx([1 / np.log2(3), 0])
    assert {name for name in found if name.startswith("history/")} == {"history/upto_2", "history/upto_5"}


def test_all_new_users_are_judged_by_the_one_answer_to_nobody():
    items = np.array([[2, 1], [0, 1]])  # the second is what nobody was shown

    found = cold_start(items, cases((1, [2])), is_known=IS_KNOWN, new_users=(np.array([0]), np.array([3])), k=2)

    assert found["history/none"].tolist() == [1.0, 0.0]
    assert found["history/upto_2"].tolist() == [1.0]


def test_without_an_answer_to_nobody_nothing_is_said_of_new_users():
    found = cold_start(np.array([[0]]), cases((1, [0])), is_known=IS_KNOWN, new_users=(np.array([0]),), k=1)

    assert "history/none" not in found


def test_every_kind_that_is_given_is_one_that_is_shown():
    items = np.array([[0, 3], [1, 2]])

    found = cold_start(items, cases((30, [3, 0])), is_known=IS_KNOWN, new_users=(np.array([1]),), k=2)

    assert set(found) <= {f"{group}/{kind}" for group, kinds in GROUPS.items() for kind in kinds}
