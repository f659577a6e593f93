from __future__ import annotations

from itertools import pairwise

import numpy as np
import pytest

from steelyard.models.retrieval.pairs import last_of_pairs, latest_of_users, runs_of_users


@pytest.fixture
def short_runs(monkeypatch):
    """Runs of a few events, as a log of millions has them."""
    run = runs_of_users.__kwdefaults__
    monkeypatch.setitem(run, "at_most", 7)


def events(seed: int, n: int = 200) -> tuple[np.ndarray, np.ndarray]:
    rng = np.random.default_rng(seed)
    return rng.integers(0, 12, n), rng.integers(0, 9, n)


def naive(users: np.ndarray, items: np.ndarray, *, at_most: int) -> list[int]:
    """Places by user, oldest first, of the last event with each item."""
    last = {pair: place for place, pair in enumerate(zip(users.tolist(), items.tolist(), strict=True))}
    found: list[int] = []
    for user in sorted(set(users.tolist())):
        found += sorted(place for (who, _), place in last.items() if who == user)[-at_most:]
    return found


@pytest.mark.parametrize("seed", range(5))
def test_runs_hold_every_event_once_and_all_of_a_user(seed):
    users, _ = events(seed)

    runs = list(runs_of_users(users, at_most=20))

    assert len(runs) > 3
    assert sorted(np.concatenate(runs).tolist()) == list(range(len(users)))
    for earlier, later in pairwise(runs):
        assert users[earlier].max() < users[later].min()


def test_a_user_of_many_events_is_not_cut_in_two():
    runs = list(runs_of_users(np.array([0, 1, 1, 1, 1, 1, 2]), at_most=2))

    assert sum(1 in np.array([0, 1, 1, 1, 1, 1, 2])[run] for run in runs) == 1


@pytest.mark.parametrize("seed", range(5))
@pytest.mark.usefixtures("short_runs")
def test_the_latest_items_are_those_of_a_naive_count_whatever_the_runs(seed):
    users, items = events(seed)

    latest = np.concatenate(list(latest_of_users(users, items, n_items=9, at_most=4)))
    last = np.concatenate(list(last_of_pairs(users, items, n_items=9)))

    assert latest.tolist() == naive(users, items, at_most=4)
    assert last.tolist() == naive(users, items, at_most=9)


def test_a_log_without_events_has_no_runs():
    nobody = np.empty(0, np.int64)

    assert list(last_of_pairs(nobody, nobody, n_items=0)) == []


def test_pairs_of_narrow_numbers_do_not_run_over():
    users, items = np.array([70_000, 70_001, 70_000], np.int32), np.array([69_999, 0, 69_999], np.int32)

    found = np.concatenate(list(last_of_pairs(users, items, n_items=70_000)))

    assert found.tolist() == [2, 1]
