"""Reasons of many items at once are those of each item alone."""

import numpy as np

from steelyard.models.ranking.explain import reasons_from, reasons_of_each


def test_reasons_of_many_items_are_those_of_each_alone():
    draws = np.random.default_rng(0)
    targets, sources = draws.integers(12, size=400), draws.integers(30, size=400)
    contributions = draws.normal(0.2, 1.0, 400)
    items = np.array([3, 11, 0, 99])

    told = reasons_of_each("alike", items, targets=targets, sources=sources, contributions=contributions)

    assert told == [
        reasons_from("alike", sources[targets == item], contributions[targets == item]) for item in items.tolist()
    ]
    assert [len(each) for each in told] == [3, 3, 3, 0]


def test_parts_of_one_source_are_added_and_what_takes_away_explains_nothing():
    told = reasons_of_each(
        "alike", np.array([7]), targets=np.array([7, 7, 7, 8]), sources=np.array([2, 1, 2, 5]),
        contributions=np.array([1.0, -4.0, 2.0, 9.0]),
    )  # fmt: skip

    assert [(one.item, one.contribution) for one in told[0]] == [(2, 1.0)]


def test_of_no_items_there_is_nothing_to_tell():
    none, parts = np.empty(0, np.int64), np.array([1])

    assert reasons_of_each("alike", none, targets=parts, sources=parts, contributions=np.array([1.0])) == []
