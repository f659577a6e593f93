"""Every metric against a naive transcription of its docstring, one request at a time."""

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from steelyard.domain import NONE, Cases, Request, Surface
from steelyard.evaluation import ranking
from steelyard.evaluation.judge import judge_items, metric_names

CASES = st.lists(
    st.tuples(
        st.lists(st.integers(0, 12), unique=True, max_size=10),
        st.dictionaries(st.integers(0, 12), st.sampled_from([0.0, 1.0, 2.0, 3.5]), max_size=10),
    ),
    min_size=1,
    max_size=6,
)


def naive(shown, judged, k):
    gains = [judged.get(item, 0.0) for item in shown[:k]]
    relevant = [item for item, gain in judged.items() if gain > 0]
    if not relevant:
        return dict.fromkeys(["ndcg", "recall", "precision", "map", "mrr", "hit_rate"], math.nan)
    hits = [gain > 0 for gain in gains]
    ideal = sorted(judged.values(), reverse=True)[:k]
    dcg = sum(g / math.log2(i + 1) for i, g in enumerate(gains, start=1))
    best = sum(g / math.log2(i + 1) for i, g in enumerate(ideal, start=1))
    precisions = [sum(hits[: i + 1]) / (i + 1) for i in range(len(hits)) if hits[i]]
    return {
        "ndcg": dcg / best,
        "recall": sum(hits) / len(relevant),
        "precision": sum(hits) / k,
        "map": sum(precisions) / min(len(relevant), k),
        "mrr": 1 / (hits.index(True) + 1) if any(hits) else 0.0,
        "hit_rate": float(any(hits)),
    }


def as_arrays(made):
    width = max(1, *(len(shown) for shown, _ in made))
    items = np.full((len(made), width), NONE)
    for row, (shown, _) in enumerate(made):
        items[row, : len(shown)] = shown
    cases = Cases(
        surface=Surface.SEARCH,
        ids=tuple(str(i) for i in range(len(made))),
        requests=tuple(Request(query=str(i)) for i in range(len(made))),
        relevant=tuple(np.array(list(judged), dtype=np.int64) for _, judged in made),
        gains=tuple(np.array(list(judged.values()), dtype=np.float64) for _, judged in made),
    )
    return items, cases


@given(CASES, st.integers(1, 14))
def test_every_metric_is_its_own_definition(made, k):
    items, cases = as_arrays(made)

    found = judge_items(items, cases, k=k)

    for short, name in metric_names(k).items():
        expected = [naive(shown, judged, k)[short] for shown, judged in made]
        np.testing.assert_allclose(found[name], expected, atol=1e-12, err_msg=name)


@given(CASES, st.integers(1, 14))
def test_every_metric_is_a_share_or_undefined(made, k):
    items, cases = as_arrays(made)

    for values in judge_items(items, cases, k=k).values():
        assert (np.isnan(values) | ((values >= 0) & (values <= 1 + 1e-12))).all()


@given(CASES, st.integers(1, 14))
def test_showing_the_best_items_in_order_of_gain_scores_one(made, k):
    ideal = [(sorted((i for i in judged if judged[i] > 0), key=lambda i: -judged[i]), judged) for _, judged in made]
    items, cases = as_arrays(ideal)

    found = judge_items(items, cases, k=k)

    for short in ("ndcg", "map", "mrr", "hit_rate"):
        values = found[metric_names(k)[short]]
        np.testing.assert_allclose(values[~np.isnan(values)], 1.0)


@given(CASES, st.integers(1, 14))
def test_a_repeated_item_earns_nothing_twice(made, k):
    items, cases = as_arrays(made)
    twice = np.repeat(items, 2, axis=1)

    for name, values in judge_items(twice, cases, k=k).items():
        assert (np.isnan(values) | (values <= 1 + 1e-12)).all(), name


@pytest.mark.parametrize(
    "metric", [ranking.recall, ranking.precision, ranking.average_precision, ranking.reciprocal_rank, ranking.hit_rate]
)
@pytest.mark.parametrize(("k", "n", "message"), [(0, 1, "k must be at least 1"), (3, 2, "judgements have 2")])
def test_impossible_arguments_are_refused(metric, k, n, message):
    with pytest.raises(ValueError, match=message):
        metric(np.ones((1, 3)), np.ones(n, dtype=np.int64), k=k)
