"""Scores against a naive transcription of the formula in the docstring."""

from collections.abc import Sequence
from itertools import pairwise
from math import log

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from steelyard.domain import IntArray, Request, Texts
from steelyard.models.retrieval.lexical import Lexical, fit_lexical
from steelyard.models.retrieval.lexical_scoring import LexicalOptions

WORDS = ("lamp", "red", "desk", "zoo", "box", "7")
text = st.lists(st.sampled_from(WORDS), max_size=6)
document = st.tuples(text, text, text)
number = st.floats(0, 2)


class AllTexts:
    def __init__(self, n: int) -> None:
        self._n = n

    def candidates(self, terms: Sequence[str], *, k: int) -> IntArray:
        return np.arange(self._n if terms else 0)


def naive(query: list[str], shop: list[tuple[list[str], list[str], list[str]]], options: LexicalOptions) -> list[float]:
    fields = ("title", "brand", "description")
    used = [i for i, name in enumerate(fields) if name == "title" or any(d[i] for d in shop)]
    mean = {i: max(sum(len(d[i]) for d in shop) / len(shop), 1e-9) for i in used}
    n = {t: sum(any(t in d[i] for i in used) for d in shop) for t in WORDS}
    known = [t for t in query if n[t]]
    idf = {t: log(1 + (len(shop) - n[t] + 0.5) / (n[t] + 0.5)) for t in WORDS}
    nouns = [at for at, t in enumerate(query) if n[t] and t.isalpha()]
    stress = [1.25 if nouns and at == nouns[-1] and at > 0 else 1.0 for at, t in enumerate(query) if n[t]]
    ceiling = sum(idf[t] * s for t, s in zip(known, stress, strict=True))
    scores = []
    for d in shop:
        score = 0.0
        for t, s in zip(known, stress, strict=True):
            tf = 0.0
            for i in used:
                b = options.b[fields[i]]
                norm = max((1 - b) + b * len(d[i]) / mean[i], 1e-3)
                tf += options.weights[fields[i]] * d[i].count(t) / norm
            score += s * idf[t] * tf / (options.k1 + tf)
        if known:
            score += ceiling * options.all_units * all(any(t in d[i] for i in used) for t in known)
            score += ceiling * options.title_units * sum(t in d[0] for t in known) / len(known)
        if len(query) > 1 and known:
            side_by_side = sum((a, b) in pairwise(d[0]) for a, b in pairwise(query))
            score += ceiling * options.title_order * side_by_side / (len(query) - 1)
        scores.append(score)
    return scores


@settings(max_examples=80, deadline=None)
@given(
    query=st.lists(st.sampled_from(WORDS), min_size=1, max_size=4),
    shop=st.lists(document, min_size=1, max_size=6),
    k1=st.floats(0.05, 2),
    b=st.tuples(*[st.floats(0, 1)] * 3),
    weights=st.tuples(*[number] * 3),
    rewards=st.tuples(*[number] * 3),
)
def test_scores_follow_the_formula(query, shop, k1, b, weights, rewards):
    base = LexicalOptions()
    fields = ("title", "brand", "description")
    options = LexicalOptions(
        k1=k1,
        b={**base.b, **dict(zip(fields, b, strict=True))},
        weights={**base.weights, **dict(zip(fields, weights, strict=True))},
        all_units=rewards[0],
        title_units=rewards[1],
        title_order=rewards[2],
        extra=0.0,
    )
    title, brand, description = (tuple(" ".join(d[i]) for d in shop) for i in range(3))
    empty = ("",) * len(shop)
    retriever = Lexical(
        fit_lexical(Texts(title, description, empty, brand, empty)), AllTexts(len(shop)), options=options
    )

    scores = retriever.scores(" ".join(query), np.arange(len(shop)))

    assert scores == pytest.approx(naive(query, shop, options), rel=1e-5, abs=1e-6)


@settings(max_examples=40, deadline=None)
@given(
    shop=st.lists(text, min_size=1, max_size=8), queries=st.lists(text, min_size=1, max_size=4), k=st.integers(1, 10)
)
def test_a_batch_equals_its_rows_and_lists_are_sorted(shop, queries, k):
    empty = ("",) * len(shop)
    titles = tuple(" ".join(words) for words in shop)
    retriever = Lexical(fit_lexical(Texts(titles, empty, empty, empty, empty)), AllTexts(len(shop)))
    requests = [Request(query=" ".join(words)) for words in queries]

    ranked = retriever.retrieve(requests, k=k)

    for row, request in enumerate(requests):
        alone = retriever.retrieve([request], k=k)
        np.testing.assert_array_equal(ranked.items[row], alone.items[0])
        filled = ranked.items[row][ranked.items[row] >= 0]
        pairs = list(zip(-ranked.scores[row][: len(filled)], filled, strict=True))
        assert pairs == sorted(pairs)
        assert len(set(filled.tolist())) == len(filled)
