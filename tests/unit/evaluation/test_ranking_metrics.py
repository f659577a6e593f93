import math

import numpy as np
import pytest

from steelyard.domain import NONE, Cases, Ranked, Request, Surface
from steelyard.evaluation.coverage import catalogue_coverage, category_diversity, novelty
from steelyard.evaluation.judge import judge, metric_names
from steelyard.evaluation.ranking import average_precision, ndcg, precision, recall, reciprocal_rank


def a_case(relevant, gains):
    return Cases(
        Surface.SEARCH,
        ("one",),
        (Request(query="one"),),
        (np.array(relevant, dtype=np.int64),),
        (np.array(gains, dtype=np.float64),),
    )


def test_ndcg_of_a_worked_example():
    # Shown: gains 0, 3, 1. The best order: 3, 1, 0.
    value = ndcg(np.array([[0.0, 3.0, 1.0]]), np.array([[3.0, 1.0, 0.0]]), k=3)

    assert value == pytest.approx([(3 / math.log2(3) + 1 / 2) / (3 + 1 / math.log2(3))])


def test_the_other_metrics_of_a_worked_example():
    # Ranks 1 and 4 of 5 are relevant, 3 items are.
    gains, n = np.array([[1.0, 0.0, 0.0, 2.0, 0.0]]), np.array([3])

    assert recall(gains, n, k=5) == pytest.approx([2 / 3])
    assert precision(gains, n, k=5) == pytest.approx([2 / 5])
    assert average_precision(gains, n, k=5) == pytest.approx([(1 / 1 + 2 / 4) / 3])
    assert reciprocal_rank(gains, n, k=5) == pytest.approx([1.0])


def test_nothing_relevant_is_undefined_and_not_zero():
    assert math.isnan(ndcg(np.zeros((1, 3)), np.zeros((1, 3)), k=3)[0])
    assert math.isnan(recall(np.zeros((1, 3)), np.array([0]), k=3)[0])


def test_an_answer_without_places_is_a_miss():
    assert reciprocal_rank(np.zeros((1, 0)), np.array([1]), k=3) == [0.0]


def test_a_metric_prints_itself_with_its_parameters():
    assert metric_names(10)["ndcg"] == "ndcg@10(gain=linear,discount=log2,unjudged=0)"


def test_answers_are_judged_by_item_number():
    ranked = Ranked(np.array([[7, 3, NONE]]), np.array([[2.0, 1.0, -np.inf]]))

    found = judge(ranked, a_case([3, 9], [1.0, 2.0]), k=3)

    assert found[metric_names(3)["ndcg"]] == pytest.approx([(1 / math.log2(3)) / (2 + 1 / math.log2(3))])
    assert found[metric_names(3)["recall"]] == pytest.approx([1 / 2])


def test_an_item_judged_twice_counts_once_with_its_higher_gain():
    found = judge(Ranked(np.array([[3]]), np.zeros((1, 1))), a_case([3, 3], [1.0, 2.0]), k=1)

    assert found[metric_names(1)["ndcg"]] == pytest.approx([1.0])
    assert found[metric_names(1)["recall"]] == pytest.approx([1.0])


def test_a_negative_gain_is_refused():
    with pytest.raises(ValueError, match=r"gain -1\.0"):
        judge(Ranked(np.array([[3]]), np.zeros((1, 1))), a_case([3], [-1.0]), k=1)


def test_answers_and_judgements_must_be_as_many():
    with pytest.raises(ValueError, match="2 answers, but 1"):
        judge(Ranked(np.zeros((2, 1), dtype=np.int64), np.zeros((2, 1))), a_case([3], [1.0]), k=1)


def test_coverage_is_distinct_items_shown_of_those_eligible():
    shown = np.array([[0, 1], [1, 9], [NONE, NONE]])

    assert catalogue_coverage(shown, np.array([0, 1, 2, 3])) == 2 / 4
    assert math.isnan(catalogue_coverage(shown, np.array([], dtype=np.int64)))


def test_novelty_is_the_mean_of_bits():
    # Taken 3, 1, 0 times: shares (3+1)/7, (1+1)/7, (0+1)/7.
    found = novelty(np.array([[0, 2], [1, NONE], [NONE, NONE]]), np.array([3, 1, 0]))

    assert found[:2] == pytest.approx([(math.log2(7 / 4) + math.log2(7)) / 2, math.log2(7 / 2)])
    assert math.isnan(found[2])


def test_diversity_is_the_share_of_unlike_pairs():
    # Categories a, a, b, none, none: of 3 items a, a, b two pairs of three differ.
    category = np.array([0, 0, 1, -1, -1])

    found = category_diversity(np.array([[0, 1, 2], [0, 1, NONE], [3, 4, NONE], [2, NONE, NONE]]), category)

    assert found[:3] == pytest.approx([2 / 3, 0.0, 1.0])
    assert math.isnan(found[3])
