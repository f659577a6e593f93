"""Branching, text, history and repeats of small logs whose answers are known."""

from __future__ import annotations

import math

import numpy as np
import pytest
from msgspec.structs import replace

from steelyard.documents.hardness import Hardness, HardnessFigure, hardness_builtins, read_hardness
from steelyard.domain import Cases, CatalogueFacts, Interactions, Past, Request, Surface
from steelyard.errors import ArtefactError
from steelyard.evaluation.hardness.history_gain import history_gain, last_visit, ratio_interval
from steelyard.evaluation.hardness.text_likeness import likeness_of_pairs, text_lift
from steelyard.evaluation.hardness.told import hardness_of, some_users
from steelyard.evaluation.hardness.transitions import branching_of, repeat_share, transitions_of
from steelyard.evaluation.hardness.verdict import with_verdict


def log(*rows, n_items=4):
    """Events of (user, item, time), as they stand."""
    users, items, times = (np.array([row[at] for row in rows], np.int64) for at in range(3))
    n_users = int(users.max(initial=-1)) + 1
    return Interactions(users, items, times.astype(float), np.ones(len(rows)), n_users, n_items)


def facts(n_items):
    numbers = np.arange(n_items)
    return CatalogueFacts(numbers, numbers, np.full(n_items, -1), np.ones(n_items, np.int64), ())


def walks(step, *, n_users=60, n_items=30, length=8, seed=0):
    """Users who begin anywhere; ``step`` gives the next item. The last two events of each are held out."""
    rng = np.random.default_rng(seed)
    rows = []
    for user in range(n_users):
        item = int(rng.integers(n_items))
        for at in range(length):
            rows.append((user, item, at))
            item = step(item, rng) % n_items
    rows.sort(key=lambda row: row[2])
    return log(*rows, n_items=n_items), n_users * (length - 2)


def test_a_transition_leads_to_the_next_visit_of_the_same_user():
    found = transitions_of(log((0, 0, 1), (1, 3, 1), (0, 1, 2), (0, 2, 3)), n_learn=3, seed=0)

    assert list(zip(found.sources, found.targets, strict=True)) == [(0, 1), (1, 2)]
    assert found.is_held_out.tolist() == [False, True]


def test_an_event_counts_once_however_large_the_baskets_are():
    first, second = [(0, item, 1) for item in range(3)], [(0, item, 2) for item in range(3, 9)]

    found = transitions_of(log(*first, *second, n_items=9), n_learn=9, seed=0)

    assert found.sources.tolist() == [0, 1, 2]
    assert set(found.targets.tolist()) <= set(range(3, 9))


def test_an_item_that_follows_itself_is_no_transition():
    assert not len(transitions_of(log((0, 1, 1), (0, 1, 2)), n_learn=2, seed=0).sources)


def test_a_log_whose_every_item_has_one_successor_hardly_branches_and_a_random_one_does():
    certain, n_learn = walks(lambda item, rng: item + 1)
    random, _ = walks(lambda item, rng: int(rng.integers(30)))

    narrow = branching_of(transitions_of(certain, n_learn=n_learn, seed=0), n_items=30, seed=0)
    wide = branching_of(transitions_of(random, n_learn=n_learn, seed=0), n_items=30, seed=0)

    assert narrow.successors.mean < 2
    assert narrow.top_hit.mean == 1.0
    assert wide.successors.mean > 25
    assert wide.top_hit.mean < 0.2


def test_branching_is_what_the_formula_says():
    # a leads to b twice and to c once; popularity of the targets (2 + 1)/(3 + 3), (1 + 1)/(3 + 3), 1/(3 + 3)
    rows = [(0, 0, 1), (0, 1, 2), (1, 0, 1), (1, 1, 2), (2, 0, 1), (2, 2, 2), (3, 0, 1), (3, 1, 9)]
    rows.sort(key=lambda row: row[2])

    found = branching_of(transitions_of(log(*rows, n_items=3), n_learn=7, seed=0), n_items=3, seed=0)

    assert found.items.mean == pytest.approx(6 / 3)
    assert found.top_hit.mean == found.popular_hit.mean == 1.0
    assert math.isnan(found.successors.low)  # one user says nothing about the spread


def test_a_log_that_holds_nothing_out_has_no_branching():
    found = branching_of(transitions_of(log((0, 0, 1), (0, 1, 2)), n_learn=2, seed=0), n_items=4, seed=0)

    assert all(math.isnan(each.mean) for each in (found.successors, found.items, found.top_hit, found.popular_hit))


def test_the_repeat_share_counts_items_had_before_by_users_with_a_past():
    events = log((0, 0, 1), (1, 1, 1), (0, 0, 2), (0, 0, 2), (0, 2, 2), (1, 1, 2), (2, 3, 2))

    found = repeat_share(events, n_learn=2, seed=0)

    assert found.mean == pytest.approx((1 / 2 + 1) / 2)  # user 2 has no past
    assert found.n == 2


def test_likeness_is_the_cosine_of_the_words_and_0_without_any():
    words = {0: ["red", "lamp"], 1: ["red", "lamp"], 2: ["blue", "chair"], 3: []}

    found = likeness_of_pairs(words, np.array([0, 0, 0]), np.array([1, 2, 3]))

    assert found == pytest.approx([1, 0, 0])


def test_text_explains_everything_where_followers_share_words_and_nothing_where_no_text_is_known():
    def within_halves(item, rng):
        return (item + 2 * int(rng.integers(1, 15))) % 30

    events, n_learn = walks(within_halves)
    transitions = transitions_of(events, n_learn=n_learn, seed=0)
    parity, none = [["even"] if item % 2 == 0 else ["odd"] for item in range(30)], [[] for _ in range(30)]

    told, unknown = (text_lift(transitions, words, facts(30), seed=0) for words in (parity, none))

    assert told.low > 0.6
    assert math.isnan(unknown.mean)


def test_the_last_visit_is_the_latest_basket_or_else_the_latest_item():
    past = Past((5, 6, 7), (1.0, 2.0, 2.0))

    assert last_visit(Request(history=(5, 6, 7), past=past)) == (6, 7)
    assert last_visit(Request(history=(5, 6))) == (6,)
    assert last_visit(Request()) == ()


def test_a_ratio_is_of_the_means_and_unknown_over_nothing():
    found = ratio_interval(np.full(9, 0.6), np.full(9, 0.5), seed=0)

    assert (found.mean, found.low, found.high) == pytest.approx((0.2, 0.2, 0.2))
    assert math.isnan(ratio_interval(np.ones(3), np.zeros(3), seed=0).mean)


def cases_of(events, n_learn, n_users=60):
    own = [[int(i) for u, i in zip(events.users, events.items, strict=True) if u == user] for user in range(n_users)]
    requests = tuple(Request(history=tuple(dict.fromkeys(items[:-2]))) for items in own)
    targets = tuple(np.array(items[-2:-1]) for items in own)
    ids = tuple(map(str, range(n_users)))
    return Cases(Surface.RECOMMEND, ids, requests, targets, tuple(np.ones(1) for _ in ids))


def test_the_history_adds_nothing_where_the_last_item_says_all():
    events, n_learn = walks(lambda item, rng: item + 1)
    learn = log(*[(u, i, t) for u, i, t in zip(*rows_of(events, n_learn), strict=True)], n_items=30)

    found = history_gain(learn, cases_of(events, n_learn), exclude_seen=True, seed=0)

    assert found.last > 0.9
    assert abs(found.gain.mean) < 0.1


def rows_of(events, n):
    return events.users[:n], events.items[:n], events.times_s[:n]


def test_all_figures_of_a_log_without_anything_are_unknown_and_so_is_the_verdict():
    empty = log(n_items=3)
    none = Cases(Surface.RECOMMEND, (), (), (), ())

    found = hardness_of(empty, empty, none, words=[[], [], []], facts=facts(3), exclude_seen=False)

    assert (found.events, found.verdict, found.reasons) == (0, "unknown", ("few_held_out",))
    assert found.successors.mean is found.text.mean is found.history.mean is found.repeats.mean is None


def test_the_same_log_gives_the_same_document_and_it_comes_back_from_json():
    events, n_learn = walks(lambda item, rng: item + int(rng.integers(1, 4)))
    learn = Interactions(*rows_of(events, n_learn), events.weights[:n_learn], events.n_users, events.n_items)
    words = [[str(item // 5)] for item in range(30)]

    def told():
        return hardness_of(
            events, learn, cases_of(events, n_learn), words=words, facts=facts(30), exclude_seen=True, seed=1
        )

    assert told() == told() == read_hardness(hardness_builtins(told()))
    with pytest.raises(ArtefactError, match="format 9"):
        read_hardness({"format": 9})


def test_users_of_a_long_log_are_drawn_whole(monkeypatch):
    events = log(*[(user, at, at) for at in range(3) for user in range(10)])
    monkeypatch.setattr("steelyard.evaluation.hardness.told.MAX_EVENTS", 12)

    found, n_learn = some_users(events, n_learn=20, seed=0)

    assert np.unique(found.users, return_counts=True)[1].tolist() == [3, 3, 3, 3]
    assert n_learn == 8


def figure(low, high):
    return HardnessFigure(mean=(low + high) / 2, low=low, high=high, n=500)


FOUND = Hardness(
    events=200_000, users=9, items=9, held_out=9, history=figure(0.3, 0.4), order=figure(0.1, 0.2), repeats=figure(0, 0)
)


@pytest.mark.parametrize(
    ("change", "verdict", "reasons"),
    [
        ({}, "worth_a_trial", ("history_much",)),
        ({"order": figure(-0.1, 0.1)}, "open", ("history_much", "order_unsure")),
        ({"order": figure(-0.1, 0.07)}, "unlikely", ("order_little",)),
        ({"order": HardnessFigure()}, "open", ("history_much", "order_unsure")),
        ({"events": 99_999}, "open", ("history_much", "few_events")),
        ({"repeats": figure(0.4, 0.6)}, "open", ("history_much", "repeats_unsure")),
        ({"repeats": HardnessFigure()}, "open", ("history_much", "repeats_unsure")),
        ({"repeats": figure(0.51, 0.6)}, "unlikely", ("repeats",)),
        ({"history": figure(0.01, 0.06)}, "unlikely", ("history_little",)),
        ({"history": figure(0.01, 0.08)}, "open", ("history_as_measured",)),
        ({"history": figure(0.24, 0.9)}, "open", ("history_as_measured",)),
        ({"history": HardnessFigure()}, "unknown", ("few_held_out",)),
        ({"history": replace(figure(0.3, 0.4), n=99)}, "unknown", ("few_held_out",)),
    ],
)
def test_a_verdict_needs_the_whole_interval_and_the_unknown_is_never_favourable(change, verdict, reasons):
    found = with_verdict(replace(FOUND, **change))

    assert (found.verdict, found.reasons) == (verdict, reasons)
