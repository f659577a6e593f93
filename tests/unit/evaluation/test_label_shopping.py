"""Which judgements settle a choice, and when to stop: hand-worked bounds, and a simulated truth."""

from itertools import product

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from steelyard.domain import Cases, Request, Surface
from steelyard.evaluation.compare import paired_interval
from steelyard.evaluation.judge import judge_items, metric_names
from steelyard.evaluation.label_bounds import Ends, difference, ends_of_mean, query_ends, shown_lists
from steelyard.evaluation.label_shopping import (
    Rule,
    Verdict,
    differences_drawn,
    gain_prior,
    pairs_needed,
    queries_needed,
    verdict,
    wishes,
)

K = 3
SECOND = 1 / np.log2(3)
"""Discount of the second rank."""


def cases_of(judged):
    return Cases(
        surface=Surface.SEARCH,
        ids=tuple(f"q{i}" for i in range(len(judged))),
        requests=tuple(Request(query=f"words {i}") for i in range(len(judged))),
        relevant=tuple(np.array(list(each), np.int64) for each in judged),
        gains=tuple(np.array(list(each.values()), np.float64) for each in judged),
    )


def lists_of(own, other, judged, *, k=K, share=1.0):
    return shown_lists(np.array(own), np.array(other), cases_of(judged), k=k, share=share)


def test_the_difference_is_that_of_the_metric():
    own, other = np.array([[1, 2, 3], [4, 5, -1]]), np.array([[3, 1, 9], [5, 4, 6]])
    judged = [{1: 3.0, 3: 1.0, 7: 2.0, 2: 0.0}, {4: 1.0, 6: 2.0}]

    lists = lists_of(own, other, judged)

    name = metric_names(K)["ndcg"]
    cases = cases_of(judged)
    expected = judge_items(own, cases, k=K)[name] - judge_items(other, cases, k=K)[name]
    found = [difference(each, np.nan_to_num(each.gains)[None, :])[0] for each in lists]
    assert np.allclose(found, expected)


def test_one_unjudged_item_shown_first_by_one_alone_may_be_everything_or_nothing():
    (lists,) = lists_of([[1, 2]], [[2, 3]], [{2: 1.0, 3: 0.0}])

    ends = query_ends(lists, (0.0, 1.0))

    # item 1 irrelevant: the second configuration has item 2 first, the first one has it second
    assert ends.low == pytest.approx(SECOND - 1)
    # item 1 relevant: (1 + 1/log2 3) − 1, over the ideal of two relevant items
    assert ends.high == pytest.approx((1 + SECOND - 1) / (1 + SECOND))
    assert not ends.may_be_undefined


def test_a_query_that_nothing_relevant_is_known_of_may_not_count():
    (lists,) = lists_of([[1, 2]], [[2, 1]], [{}])

    ends = query_ends(lists, (0.0, 1.0))

    assert ends.may_be_undefined
    assert (ends.low, ends.high) == pytest.approx((SECOND - 1, 1 - SECOND))


def test_queries_that_may_not_count_are_taken_in_where_they_move_the_mean():
    sure, maybe = Ends(0.2, 0.4), Ends(-0.5, 0.3, may_be_undefined=True)

    assert ends_of_mean([sure, maybe]) == pytest.approx(((0.2 - 0.5) / 2, 0.4))
    assert np.isnan(ends_of_mean([])).all()


@settings(max_examples=60, deadline=None)
@given(st.data())
def test_no_gains_go_beyond_the_ends(data):
    numbers = st.permutations(range(6)).map(lambda order: list(order[:K]))
    own, other = data.draw(numbers), data.draw(numbers)
    judged = data.draw(st.dictionaries(st.integers(0, 7), st.sampled_from([0.0, 1.0, 3.0]), max_size=4))
    share = data.draw(st.sampled_from([1.0, 0.9]))
    levels = (0.0, 1.0, 3.0)
    (lists,) = lists_of([own], [other], [judged], share=share)

    ends = query_ends(lists, levels, share=share)

    free = lists.unjudged
    gains = np.repeat(np.nan_to_num(lists.gains)[None, :], len(levels) ** len(free), axis=0)
    gains[:, free] = list(product(levels, repeat=len(free)))
    every = difference(lists, gains)
    if np.isnan(every).all():
        assert np.isnan(ends.low) or ends.may_be_undefined
    else:
        assert ends.low <= np.nanmin(every) + 1e-12
        assert ends.high >= np.nanmax(every) - 1e-12


def test_what_settles_most_is_judged_first():
    judged = [{2: 1.0}, {12: 1.0}]
    lists = lists_of([[1, 2, 3], [11, 12, 13]], [[2, 1, 3], [12, 14, 11]], judged)

    order = wishes(lists, gain_prior(lists, k=K))

    assert [wish.worth for wish in order] == sorted((wish.worth for wish in order), reverse=True)
    assert {(wish.query, wish.item) for wish in order} == {(0, 1), (0, 3), (1, 11), (1, 13), (1, 14)}
    assert order[0].item == 14  # the second place of one alone: more than first against third
    assert order[-1].item == 3  # shown third by both


def test_settled_queries_need_nothing():
    lists = lists_of([[1, 2]] * 4, [[2, 1]] * 4, [{1: 1.0, 2: 0.0}] * 4, k=2)

    prior = gain_prior(lists, k=2)

    assert verdict(lists, prior.levels, Rule()).of_these is Verdict.FIRST
    assert pairs_needed(lists, prior, Rule()) == (0.0, 0.0)


def test_ten_queries_that_happen_to_be_alike_settle_nothing():
    lists = lists_of([[1, 2]] * 10, [[1, 2]] * 10, [{1: 1.0, 2: 0.0}] * 10, k=2)

    found = verdict(lists, (0.0, 1.0), Rule())

    assert (found.mean, found.now, found.for_good) == (0.0, Verdict.OPEN, Verdict.OPEN)


def test_below_ten_queries_nothing_is_said_of_others():
    lists = lists_of([[1, 2]] * 9, [[2, 1]] * 9, [{1: 1.0, 2: 0.0}] * 9, k=2)

    found = verdict(lists, (0.0, 1.0), Rule())

    assert found.now is Verdict.OPEN and np.isnan(found.low)


def test_two_that_are_alike_need_no_end_of_queries_unless_small_differences_do_not_matter():
    alike = np.zeros(5)

    strict = queries_needed(alike, deviation=0.3, rule=Rule(smallest=1e-6))
    practical = queries_needed(alike, deviation=0.3, rule=Rule(smallest=0.05))
    apart = queries_needed(np.array([0.2]), deviation=0.3, rule=Rule())

    assert np.isinf(strict).all()
    assert np.isfinite(practical).all()
    assert apart[0] < practical[0]


def shop_of(seed, *, n=40, k=5, better=0.0, judged=0.3):
    """Two rankings of items whose true gains are known, a share of them judged."""
    generator = np.random.default_rng(seed)
    own, other, truth, known = [], [], [], []
    for _ in range(n):
        gains = generator.choice([0.0, 1.0, 3.0], 12, p=[0.6, 0.3, 0.1])
        order = [np.argsort(-(gains * skill + generator.normal(size=12)))[:k] for skill in (0.5 + better, 0.5)]
        own.append(order[0])
        other.append(order[1])
        truth.append(dict(enumerate(gains.tolist())))
        known.append({item: gain for item, gain in truth[-1].items() if generator.random() < judged})
    return np.array(own), np.array(other), truth, known


def test_stopping_when_the_sign_cannot_change_is_always_right():
    """R1.4: judged in the order of the list until it says stop; the truth of these queries is then known."""
    saved = 0
    for seed in range(20):
        own, other, truth, known = shop_of(seed, better=(seed % 3) * 0.4)
        start = lists_of(own, other, known, k=5)
        prior = gain_prior(start, k=5)
        order = wishes(start, prior)
        n = 0
        while verdict(lists_of(own, other, known, k=5), (0.0, 1.0, 3.0), Rule()).of_these is Verdict.OPEN:
            if n >= len(order):
                break
            for wish in order[n : n + 20]:
                known[wish.query][wish.item] = truth[wish.query][wish.item]
            n += 20
        said = verdict(lists_of(own, other, known, k=5), (0.0, 1.0, 3.0), Rule()).of_these
        full = verdict(lists_of(own, other, truth, k=5), (0.0, 1.0, 3.0), Rule())
        assert said in (Verdict.OPEN, Verdict.FIRST if full.mean > 0 else Verdict.SECOND)
        saved += n < len(order)
    assert saved >= 10  # and it stops early, or it would be of no use


def test_looking_after_every_few_queries_stops_right_in_95_of_100_shops():
    """R1.4: looked at again and again; two rankings of equal skill, and a better one."""
    rule, looks = Rule(smallest=0.02), (10, 15, 20, 30, 40, 60, 80, 120, 160, 220, 300)
    wrong = naive_wrong = 0
    n_shops = 40
    for seed in range(n_shops):
        better = 0.0 if seed % 2 else 0.5
        own, other, truth, _ = shop_of(seed, n=300, better=better)
        lists = lists_of(own, other, truth, k=5)
        for n in looks:
            said = verdict(lists[:n], (0.0, 1.0, 3.0), rule).for_good
            if said is not Verdict.OPEN:
                right = {Verdict.FIRST} if better else {Verdict.EQUAL}
                wrong += said not in right
                break
        if not better:
            values = np.array([difference(each, each.gains[None, :])[0] for each in lists])
            naive = [paired_interval(values[:n], np.zeros(n), seed=0, resamples=200) for n in looks]
            naive_wrong += any(look.low > 0 or look.high < 0 for look in naive)

    assert wrong / n_shops <= 0.05
    assert naive_wrong / (n_shops / 2) > 0.05  # an ordinary interval, looked at as often, is wrong more often


def test_an_expectation_rests_on_what_was_judged_at_the_same_rank():
    own = [[1, 2, 3]] * 30
    lists = lists_of(own, own, [{1: 1.0, 2: 0.0}] * 30)

    prior = gain_prior(lists, k=K)

    assert prior.levels == (0.0, 1.0)
    assert prior.n_judged == 60
    assert prior.shares[0, 0, 1] > 0.8 and prior.shares[0, 1, 1] < 0.2
    assert prior.shares[0, 2, 1] == pytest.approx(0.5)  # nobody judged a third one: as all


def test_likely_outcomes_lie_around_the_truth():
    own, other, truth, known = shop_of(1, n=120, better=0.4, judged=0.5)

    drawn = differences_drawn(lists_of(own, other, known, k=5), gain_prior(lists_of(own, other, known, k=5), k=5))

    full = verdict(lists_of(own, other, truth, k=5), (0.0, 1.0, 3.0), Rule()).mean
    assert np.quantile(drawn, 0.005) < full < np.quantile(drawn, 0.995)
