"""How much the texts of the catalogue explain which items follow one another."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np

from steelyard.domain import CatalogueFacts, FloatArray, IntArray, Interval, Texts
from steelyard.evaluation.compare import bootstrap_interval
from steelyard.evaluation.hardness.transitions import Transitions
from steelyard.models.text.segment import FUNCTION_WORDS, cut

__all__ = ["likeness_of_pairs", "text_lift", "words_of_texts"]

_MAX_PAIRS = 4_000
"""The ends of the interval are then some .015 away."""


def text_lift(
    transitions: Transitions, words: Sequence[Sequence[str]] | Texts, facts: CatalogueFacts, *, seed: int
) -> Interval:
    r"""How often an item's successor has the more similar text than an item of like popularity.

    For each of some transitions :math:`j \to i`, the successor i' of another one, drawn at random, stands for chance:
    it is as popular as successors are.

    .. math:: P(\cos(j, i) > \cos(j, i')) + \tfrac12 P(\cos(j, i) = \cos(j, i'))

    Args:
        transitions: As ``transitions_of`` gave them; those held out are not looked at.
        words: The words of each distinct text, or the texts of a shop.
        facts: Which text an item has.
        seed: Draws the transitions, their partners and the interval.

    Returns:
        In [0, 1]; .5 says that text explains nothing. NaN where no two items with texts of their own follow one
        another.

    Trust:
        Texts are compared by their words. A model of meanings may see more; none sees less than this.
    """
    text = facts.text_of_item
    learnt = ~transitions.is_held_out
    one, other = text[transitions.sources[learnt]], text[transitions.targets[learnt]]
    rng = np.random.default_rng(seed)
    stranger = other[rng.permutation(len(other))]
    is_used = (one != other) & (one != stranger) & (other != stranger)
    places = np.flatnonzero(is_used)
    if len(places) > _MAX_PAIRS:
        places = np.sort(rng.choice(places, _MAX_PAIRS, replace=False))
    one, other, stranger = one[places], other[places], stranger[places]
    needed = np.unique(np.concatenate([one, other, stranger]))
    own = words_of_texts(words, needed) if isinstance(words, Texts) else {i: words[i] for i in needed.tolist()}
    has_words = np.array([bool(own[number]) for number in one.tolist()], bool)
    one, other, stranger = one[has_words], other[has_words], stranger[has_words]
    near, far = likeness_of_pairs(own, one, other), likeness_of_pairs(own, one, stranger)
    return bootstrap_interval((near > far) + 0.5 * (near == far), seed=seed)


def words_of_texts(texts: Texts, numbers: IntArray) -> dict[int, Sequence[str]]:
    """Words of the titles, categories and brands of some texts.

    Args:
        texts: Of the shop.
        numbers: Which of them.

    Returns:
        By number; function words are left out.
    """
    found: dict[int, Sequence[str]] = {}
    for number in numbers.tolist():
        told = " ".join((texts.title[number], texts.category[number], texts.brand[number]))
        units = cut(told, language=texts.language, with_dictionary=False).units
        found[number] = [unit for unit in units if unit not in FUNCTION_WORDS]
    return found


def likeness_of_pairs(words: Mapping[int, Sequence[str]], one: IntArray, other: IntArray) -> FloatArray:
    """Cosine of the words of two texts, rare words counting more.

    Args:
        words: By text.
        one: Numbers of texts. Shape (pairs,).
        other: Likewise.

    Returns:
        In [0, 1]; 0 where one of them has no words. Shape (pairs,).
    """
    counts: dict[str, int] = {}
    sets = {number: frozenset(of_text) for number, of_text in words.items()}
    for of_text in sets.values():
        for word in of_text:
            counts[word] = counts.get(word, 0) + 1
    weight = {word: float(np.log1p(len(sets) / n)) ** 2 for word, n in counts.items()}
    length = {number: sum(weight[word] for word in of_text) ** 0.5 for number, of_text in sets.items()}
    found = np.zeros(len(one))
    for at, (left, right) in enumerate(zip(one.tolist(), other.tolist(), strict=True)):
        both = sum(sorted(weight[word] for word in sets[left] & sets[right]))
        if both:
            found[at] = both / (length[left] * length[right])
    return found
