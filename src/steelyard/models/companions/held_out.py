"""How well companions are told: leave-one-out within held-out baskets, and switches that came after."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from steelyard.domain import NONE, FloatArray, IntArray, Interactions, Request
from steelyard.models.companions.switching import Pairs
from steelyard.models.companions.visits import Baskets
from steelyard.models.ports import Retriever

__all__ = [
    "Judged",
    "Question",
    "basket_questions",
    "halves",
    "held_back",
    "information",
    "judged",
    "leader",
    "mean_and_error",
    "switch_questions",
]

_K = 10


@dataclass(frozen=True, slots=True)
class Question:
    """An item, and the texts that are right beside it."""

    item: int
    texts: IntArray
    """Shape (right,), at least one."""


@dataclass(frozen=True, slots=True)
class Judged:
    """Figures of each question, aligned. Shapes (questions,)."""

    ndcg: FloatArray
    """nDCG@10, each right text worth 1."""
    informed: FloatArray
    """nDCG@10, each right text worth its bits: what is in every second basket 1, in one of a thousand 10."""
    recall: FloatArray
    """Right texts among the first ten, as a share of ten or of all where there are fewer."""


def basket_questions(baskets: Baskets, representative: IntArray, *, at_most: int, seed: int) -> list[Question]:
    """Of each basket one product, drawn; the others are to be found.

    Args:
        baskets: That nothing was learnt from.
        representative: The item that stands for each text. Shape (n_texts,).
        at_most: Baskets that are drawn.
        seed: Of both draws.

    Returns:
        None where no basket holds two products.
    """
    random = np.random.default_rng(seed)
    large = np.flatnonzero(baskets.sizes >= 2)
    drawn = np.sort(random.permutation(large)[:at_most])
    questions = []
    for basket in drawn.tolist():
        texts = baskets.products[baskets.starts[basket] : baskets.starts[basket + 1]]
        given = int(random.integers(len(texts)))
        questions.append(Question(int(representative[texts[given]]), np.delete(texts, given)))
    return questions


def switch_questions(switched: Pairs, representative: IntArray, *, at_most: int, seed: int) -> list[Question]:
    """Of each switch what was taken before; what was taken instead is to be found.

    Args:
        switched: Pairs of texts that nothing was learnt from.
        representative: The item that stands for each text. Shape (n_texts,).
        at_most: Switches that are drawn.
        seed: Of the draw.

    Returns:
        None where nobody switched.
    """
    drawn = np.sort(np.random.default_rng(seed).permutation(len(switched.sources))[:at_most])
    return [Question(int(representative[switched.sources[at]]), switched.targets[[at]]) for at in drawn.tolist()]


def information(n_held: FloatArray, n_baskets: int) -> FloatArray:
    """Bits that a product of a basket tells: the rarer it is, the more. Shape of ``n_held``."""
    bits: FloatArray = np.log2((n_baskets + 1.0) / (n_held + 1.0))
    return bits


def judged(model: Retriever, questions: Sequence[Question], text_of_item: IntArray, bits: FloatArray) -> Judged:
    """Figures of a model: of the items of a text the first counts, as lists show it.

    Args:
        model: Answers in items.
        questions: At least one.
        text_of_item: Shape (n_items,).
        bits: What each text is worth. Shape (n_texts,), >= 0.

    Returns:
        The figures.
    """
    discount = 1 / np.log2(np.arange(2, _K + 2))
    rows = []
    for question in questions:
        asked = Request(items=(question.item,), exclude=(question.item,))
        found = model.retrieve([asked], k=3 * _K).items[0]
        texts = text_of_item[found[found != NONE]]
        texts = texts[np.sort(np.unique(texts, return_index=True)[1])]
        texts = texts[texts != text_of_item[question.item]][:_K]
        hits = np.isin(texts, question.texts)
        n = min(_K, len(question.texts))
        worth = np.sort(bits[question.texts])[::-1][:_K]
        ideal = float(worth @ discount[: len(worth)])
        informed = float((hits * bits[texts]) @ discount[: len(texts)])
        ndcg = float(hits @ discount[: len(texts)]) / float(discount[:n].sum())
        rows.append((ndcg, informed / ideal if ideal > 0 else 0.0, float(hits.sum()) / n))
    return Judged(*np.array(rows).T)


def mean_and_error(values: FloatArray) -> tuple[float, float]:
    """Mean, and its standard error; 0 for a single value."""
    error = float(values.std(ddof=1)) / np.sqrt(len(values)) if len(values) > 1 else 0.0
    return float(values.mean()), float(error)


def halves(questions: Sequence[Question]) -> tuple[list[Question], list[Question]]:
    """Every second question to choose by, the others to judge by."""
    return list(questions[::2]), list(questions[1::2])


def leader(
    figures: Mapping[float, FloatArray], *, at: float, is_worse: Callable[[FloatArray, FloatArray], bool]
) -> float:
    """Of the values that the best one does not clearly beat, the nearest to the default.

    Args:
        figures: Of each value its figure of each question.
        at: The default.
        is_worse: Whether the first is clearly worse than the second.

    Returns:
        One of the values.
    """
    best = max(figures.values(), key=lambda each: float(each.sum()))
    level = [value for value, each in figures.items() if not is_worse(each, best)]
    return min(level, key=lambda value: (abs(value - at), -float(figures[value].sum())))


def held_back(events: Interactions, n_learnt: int) -> Interactions:
    """The events after the first so many."""
    return Interactions(
        events.users[n_learnt:],
        events.items[n_learnt:],
        events.times_s[n_learnt:],
        events.weights[n_learnt:],
        events.n_users,
        events.n_items,
    )
