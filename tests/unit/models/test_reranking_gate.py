"""Which queries are worth re-ranking: what gains is told from what does not, and the mean is kept."""

import json

import numpy as np
import pytest

from steelyard.models.reranking.gate import FEATURES, Gate, features, fit_gate

KNOWN = FEATURES.index("words")


def kinds(n=400, seed=5):
    """Every second query has five words and gains; the others have one and lose."""
    rng = np.random.default_rng(seed)
    rows = rng.normal(size=(n, len(FEATURES))) * 0.01
    rows[:, KNOWN] = np.where(np.arange(n) % 2, 5.0, 1.0)
    gains = np.where(np.arange(n) % 2, 0.1, -0.05) + rng.normal(size=n) * 0.02
    return rows, gains, np.full(n, 500)


def taken(gate, rows, tokens):
    return np.array([gate.takes(row, tokens=int(n)) for row, n in zip(rows, tokens, strict=True)])


def test_queries_of_the_kind_that_gains_are_taken_and_the_others_pass():
    rows, gains, tokens = kinds()

    gate = fit_gate(rows, gains, tokens, mean_tokens=10_000)

    assert taken(gate, rows, tokens).tolist() == [bool(row % 2) for row in range(len(rows))]


@pytest.mark.parametrize("mean_tokens", [0.0, 40.0, 125.0, 249.0])
def test_the_mean_stays_within_what_is_allowed(mean_tokens):
    rows, gains, tokens = kinds()

    gate = fit_gate(rows, gains, tokens, mean_tokens=mean_tokens)

    assert (tokens * taken(gate, rows, tokens)).mean() <= mean_tokens


def test_of_two_queries_with_the_same_gain_the_shorter_one_is_taken():
    rows, gains, tokens = kinds()
    tokens = np.where(np.arange(len(rows)) % 4 == 1, 200, 800)

    gate = fit_gate(rows, gains, tokens, mean_tokens=50)

    assert set(tokens[taken(gate, rows, tokens)].tolist()) == {200}


def test_nothing_is_taken_where_nothing_gains():
    rows, gains, tokens = kinds()

    gate = fit_gate(rows, -np.abs(gains), tokens, mean_tokens=10_000)

    assert not taken(gate, rows, tokens).any()


def test_a_gate_comes_back_from_what_was_stored():
    gate = fit_gate(*kinds(), mean_tokens=100)

    assert Gate.of(json.loads(json.dumps(gate.facts()))) == gate


def test_what_is_looked_at_is_known_for_hits_few_or_many():
    none = features(np.empty(0), np.empty(0, bool), n=20, ceiling=1.0, words=(1, 1))
    some = features(np.array([4.0, 3.0, 1.0]), np.array([True, False, False]), n=20, ceiling=8.0, words=(3, 0))

    named = dict(zip(FEATURES, some.tolist(), strict=True))
    assert none.shape == some.shape == (len(FEATURES),)
    assert np.isfinite(none).all()
    assert named["found"] == 3 / 20
    assert (named["gap_to_second"], named["gap_to_tenth"], named["gap_to_last"]) == (0.25, 0.75, 0.75)
    assert named["best_of_ceiling"] == 0.5
    assert named["exact_among_10"] == 0.1
