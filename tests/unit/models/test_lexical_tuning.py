"""Tuning: better on queries not seen, or the defaults stay."""

from collections.abc import Sequence

import numpy as np

from steelyard.domain import Cases, IntArray, Request, Surface, Texts
from steelyard.models.retrieval.lexical import Lexical, fit_lexical, options_from, tune_lexical

COLOURS = ("red", "blue", "green", "white", "black")
THINGS = ("lamp", "desk", "chair", "mirror", "shelf", "clock", "stool", "rug", "vase", "bench", "sofa", "bed")


class AllTexts:
    """A first phase that lets everything through."""

    def __init__(self, n: int) -> None:
        self._n = n

    def candidates(self, terms: Sequence[str], *, k: int) -> IntArray:
        return np.arange(min(self._n, k) if terms else 0)


def shop() -> Texts:
    """Titles say what a thing is; descriptions of the wrong things say it more often."""
    titles, descriptions = [], []
    for i, thing in enumerate(THINGS):
        for colour in COLOURS:
            titles += [f"{colour} {thing}", f"{colour} {THINGS[i - 1]} cover"]
            descriptions += ["", f"{thing} {thing} {thing}"]
    empty = ("",) * len(titles)
    return Texts(tuple(titles), tuple(descriptions), empty, empty, empty)


def cases(texts: Texts, *, is_title_right: bool) -> Cases:
    queries = [f"{colour} {thing}" for thing in THINGS for colour in COLOURS]
    right = [2 * (THINGS.index(thing) * 5 + COLOURS.index(colour)) for thing in THINGS for colour in COLOURS]
    relevant = tuple(np.array([number if is_title_right else number + 1]) for number in right)
    return Cases(
        Surface.SEARCH,
        tuple(queries),
        tuple(Request(query=query) for query in queries),
        relevant,
        tuple(np.array([1.0]) for _ in queries),
    )


def lexical(texts: Texts, **options: object) -> Lexical:
    return Lexical(fit_lexical(texts), AllTexts(len(texts)), options=options_from(options))


def mean_rank(retriever: Lexical, judged: Cases) -> float:
    items = retriever.retrieve(judged.requests, k=120).items
    return float(
        np.mean([row.tolist().index(int(right[0])) for row, right in zip(items, judged.relevant, strict=True)])
    )


def test_numbers_that_mislead_are_put_right() -> None:
    texts = shop()
    judged = cases(texts, is_title_right=True)
    misled = lexical(texts, all_units=0, title_units=0, title_order=0, weights={"title": 0.1, "description": 5.0})

    tuned = tune_lexical(misled, judged, seed=0)

    assert tuned["tuning"]["is_adopted"]
    assert tuned["tuning"]["after"] > tuned["tuning"]["before"]
    assert mean_rank(lexical(texts, **tuned), judged) < mean_rank(misled, judged)


def test_where_nothing_is_better_the_options_stay() -> None:
    texts = shop()
    retriever = lexical(texts)

    tuned = tune_lexical(retriever, cases(texts, is_title_right=True), seed=0)

    assert not tuned["tuning"]["is_adopted"]
    assert options_from({**tuned, "candidates": retriever.options.candidates}) == retriever.options


def test_noise_is_not_learnt() -> None:
    texts = shop()
    judged = cases(texts, is_title_right=True)
    adopted = 0

    for seed in range(5):
        rng = np.random.default_rng(seed)
        relevant = tuple(np.sort(rng.choice(len(texts), 3, replace=False)) for _ in judged.ids)
        noise = Cases(judged.surface, judged.ids, judged.requests, relevant, tuple(np.ones(3) for _ in judged.ids))
        adopted += tune_lexical(lexical(texts), noise, seed=seed)["tuning"]["is_adopted"]

    assert adopted <= 2


def test_too_few_cases_leave_the_options_as_they_are() -> None:
    texts = shop()
    judged = cases(texts, is_title_right=False)
    few = Cases(judged.surface, judged.ids[:9], judged.requests[:9], judged.relevant[:9], judged.gains[:9])

    tuned = tune_lexical(lexical(texts), few, seed=0)

    assert tuned["tuning"] == {"cases": 9, "is_adopted": False}
    assert options_from(tuned) == options_from({})


def test_no_cases_at_all_leave_the_options_as_they_are() -> None:
    tuned = tune_lexical(lexical(shop()), Cases(Surface.SEARCH, (), (), (), ()), seed=0)

    assert tuned["tuning"]["cases"] == 0


def test_the_same_seed_gives_the_same_answer() -> None:
    texts = shop()
    judged = cases(texts, is_title_right=False)

    assert tune_lexical(lexical(texts), judged, seed=3) == tune_lexical(lexical(texts), judged, seed=3)


def test_trials_judge_as_retrieval_does() -> None:
    texts = shop()
    judged = cases(texts, is_title_right=False)
    retriever = lexical(texts)

    before = tune_lexical(retriever, judged, seed=0)["tuning"]["before"]

    items = retriever.retrieve(judged.requests, k=10).items
    is_right = items == np.array([int(right[0]) for right in judged.relevant])[:, None]
    assert before == round(float((is_right / np.log2(np.arange(2, 12))).sum(axis=1).mean()), 5)
