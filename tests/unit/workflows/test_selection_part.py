"""What choosing the best of many does to its mean, as a part of a decision: with hand-made requests and bills."""

from datetime import date
from decimal import Decimal
from math import nan

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from steelyard.config import parse
from steelyard.decision.space import Load
from steelyard.domain import (
    Bill,
    Candidate,
    Configuration,
    CostLine,
    Fact,
    FactKind,
    Interval,
    LineKey,
    Measurement,
    Money,
    Price,
    Stage,
    Surface,
    Unpriced,
)
from steelyard.workflows.deciding.selection import floor_quality, limits_of, on_frontier, selection
from steelyard.workflows.pricing.price import Priced

ON = date(2026, 11, 28)
TOML = """
[data.items]
path = "items.csv"
[data.items.columns]
item_id = "id"
title = "title"
[decide.search]
"""
HIGH, LOW = [0.8, 0.9, 0.7, 0.8], [0.4, 0.5, 0.3, 0.4]
SHARE = 'min_quality_share = 0.9\nreference = "best"\n'


def config(floors=SHARE):
    return parse(TOML + floors, name="steelyard.toml")


def bill(name, cost):
    if cost is None:
        price = Unpriced("x", "hour", "nowhere")
    else:
        price = Price("x", Money(Decimal(cost), "USD"), "hour", FactKind.QUOTED, "a list", ON)
    line = CostLine(Stage.SERVING, LineKey.SERVING_MACHINES, Fact(Decimal(1), "hour", FactKind.ASSUMED, "x", ON), price)
    return Bill(name, (line,), "USD")


def priced(name, per_request, cost="10", *, has_bill=True):
    values = np.array(per_request, dtype=float)
    mean = float(np.nanmean(values)) if not np.isnan(values).all() else nan
    quality, time = Interval(mean, mean, mean, n=len(values)), Interval(0.001, 0.001, 0.001)
    measured = Measurement(name, "ndcg@10", quality, values, time, np.full(4, 0.001), 10**8, 10**7)
    whole = bill(name, cost) if has_bill else None
    candidate = Candidate(Configuration(name, Surface.SEARCH, "lexical", {}), measured, None, whole, None)
    return Priced(candidate, Load(measured.service_s, 20, 50, 10**8), ())


def selected(*rows, floors=SHARE):
    return selection(config(floors), Surface.SEARCH, rows)


def test_the_best_is_the_one_with_the_highest_mean_and_of_equals_the_first_by_name():
    found = selected(priced("b", HIGH), priced("a", HIGH), priced("c", LOW))

    assert (found.best, found.mean) == ("a", 0.8)


def test_of_one_alone_nothing_is_flattered_and_nothing_is_said():
    found = selected(priced("a", HIGH))

    assert (found.flattered_by, found.detectable_loss, found.says, found.says_zh) == (0, None, "", "")
    assert found.corrected_mean == found.mean == 0.8


def test_one_that_wins_on_every_request_is_not_flattered():
    found = selected(priced("a", HIGH), priced("b", [0.1] * 4))

    # Any half's best is the same; what it has more on one half it has less on the other.
    assert found.flattered_by == 0


def test_the_loss_that_can_be_shown_is_that_of_the_one_that_comes_next():
    difference = np.array([-0.1, -0.3, -0.1, -0.3])  # standard deviation 0.2 / sqrt(3)
    found = selected(priced("a", HIGH), priced("b", np.array(HIGH) + difference), priced("c", [0.0] * 4))

    z = 1.959964 + 0.841621  # two-sided 95 %, power 80 %
    assert found.detectable_loss == pytest.approx(z * (0.2 / 3**0.5) / 4**0.5 / 0.8, rel=1e-4)


def test_one_that_answers_as_the_best_does_is_no_evidence_that_any_loss_can_be_shown():
    lower = np.array(HIGH) - [0.1, 0.3, 0.1, 0.3]

    alone = selected(priced("a", HIGH), priced("b", HIGH))
    beside = selected(priced("a", HIGH), priced("b", HIGH), priced("c", lower))

    assert alone.detectable_loss is None
    assert "can be shown" not in alone.says
    assert beside.detectable_loss == selected(priced("a", HIGH), priced("c", lower)).detectable_loss


def test_of_too_few_requests_it_is_not_said_that_the_best_is_flattered_by_nothing():
    few, enough = (selected(priced("a", [1.0] * n), priced("b", [0.5] * n)).says for n in (3, 4))

    assert few == "by how much the best of 2 is flattered cannot be told from fewer than 4 requests (3 here)"
    assert "flattered by 0.0000" in enough


def test_without_a_mean_there_is_none_to_correct():
    found = selected(priced("a", [nan] * 4), priced("b", [nan] * 4))

    assert (found.best, found.mean, found.corrected_mean, found.detectable_loss) == ("a", None, None, None)
    assert found.frontier == ()


def test_what_has_no_mean_or_no_whole_bill_is_on_no_frontier():
    rows = (priced("a", HIGH), priced("free", HIGH, None), priced("nowhere", HIGH, has_bill=False),
            priced("empty", [nan] * 4, "1"))  # fmt: skip

    assert on_frontier(rows) == {"a"}


def test_the_frontier_rises_in_price_and_in_quality():
    found = selected(priced("dear", HIGH, "30"), priced("cheap", LOW, "10"), priced("worse", LOW, "20"))

    assert [(each.name, each.mean) for each in found.frontier] == [("cheap", 0.4), ("dear", 0.8)]
    assert all(each.corrected_mean <= each.mean for each in found.frontier)


@given(st.lists(st.tuples(st.integers(1, 9), st.integers(0, 9)), min_size=1, max_size=6))
def test_nothing_off_the_frontier_beats_what_is_on_it(points):
    rows = [priced(f"c{at}", [quality / 10] * 4, str(cost)) for at, (cost, quality) in enumerate(points)]

    found = on_frontier(rows)

    assert found
    for at, (cost, quality) in enumerate(points):
        is_beaten = any(c <= cost and q >= quality and (c, q) != (cost, quality) for c, q in points)
        assert is_beaten is (f"c{at}" not in found)


@pytest.mark.parametrize(
    ("floors", "floor"),
    [
        ('min_quality_share = 0.5\nreference = "plain"\n', 0.5 * 0.4),
        ('min_quality = 0.3\nmin_quality_share = 0.5\nreference = "plain"\n', 0.3),  # the higher of the two
        ('min_quality = 0.1\nmin_quality_share = 0.5\nreference = "plain"\n', 0.2),
    ],
)
def test_the_floor_is_the_highest_that_is_asked_for(floors, floor):
    rows = (priced("best", HIGH), priced("plain", LOW))

    assert floor_quality(config(floors), Surface.SEARCH, rows, "plain") == pytest.approx(floor)


def test_a_share_of_what_is_not_there_or_was_not_judged_is_no_floor():
    floors = config('min_quality_share = 0.5\nreference = "plain"\n')
    rows = (priced("best", HIGH), priced("empty", [nan] * 4))

    assert floor_quality(floors, Surface.SEARCH, rows, "plain") is None
    assert floor_quality(floors, Surface.SEARCH, rows, "empty") is None


def test_only_a_floor_of_the_best_is_counted_from_a_corrected_mean():
    generator = np.random.default_rng(0)
    rows = [priced(f"c{at}", generator.uniform(0, 1, 40)) for at in range(8)]  # equal but for luck

    of_best = limits_of(config(), Surface.SEARCH, rows)
    of_one = limits_of(config('min_quality_share = 0.9\nreference = "c0"\n'), Surface.SEARCH, rows)

    assert of_best.flattered_by > 0 == of_one.flattered_by
    assert ", and floors are counted from what is left" in selected(*rows).says
    assert "floors" not in selected(*rows, floors='min_quality_share = 0.9\nreference = "c0"\n').says
