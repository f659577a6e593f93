"""Whether personal order helps in a shop's own searches, and how strong it may be: fitted on half of the people.

Searches of the log are put in order again with what was known of the shopper before each of them. Weights are chosen on
half of the people and judged on the other half; they are taken only where the low end of the interval of the gain, with
the people drawn anew, is above 0.

Trust:
    People click on what they were shown. A log of another order than that of this search says less of it, and what was
    shown further down is clicked less whoever asks: gains of both orders are flattered alike, their difference less so.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from enum import StrEnum

import numpy as np

from steelyard.domain import FloatArray, IntArray
from steelyard.models.ranking.personal import Liking, PersonalWeights, reordered

__all__ = ["LEAST_PEOPLE", "PersonalFit", "Replayed", "Verdict", "fit_personal"]

LEAST_PEOPLE = 30
"""People that judge, at least: of fewer an interval says nothing."""
_K = 10
_REPEAT = (0.0, 0.1, 0.25, 0.5, 1.0)
_LIKENESS = (0.0, 0.05, 0.1, 0.25, 0.5)
_RESAMPLES = 2000
_TAIL = 2.5
"""Percent on either side of the interval."""


class Verdict(StrEnum):
    """What a fit came to."""

    TAKEN = "taken"
    NO_SEARCHES = "no_searches"
    """The log names no searches, or of too few people that had a history before them."""
    NO_GAIN = "no_gain"
    """No weight does better than none on the people it was chosen on."""
    NOT_CERTAIN = "not_certain"
    """The chosen weights do not clearly do better on the other people."""


@dataclass(frozen=True, slots=True, eq=False)
class Replayed:
    """One search of the log, asked again: its first results without any taste, and what came of it."""

    user: str
    scores: FloatArray
    """Shape (results,)."""
    tiers: IntArray
    liking: Liking
    """By what was known of the shopper before this search."""
    gains: FloatArray
    """What the shopper then took of each result, >= 0. Shape (results,)."""


@dataclass(frozen=True, slots=True)
class PersonalFit:
    """What was found."""

    verdict: Verdict
    weights: PersonalWeights = field(default_factory=PersonalWeights)
    """Those that were chosen, whether they were taken or not."""
    without: float = 0.0
    """Mean nDCG@10 of the people that judge, without personal order."""
    gain: float = 0.0
    low: float = 0.0
    high: float = 0.0
    """Interval of the gain, 95 %."""
    n_searches: int = 0
    """Of all people."""
    n_people: int = 0
    """That judge."""

    @property
    def taken(self) -> PersonalWeights:
        """The weights to serve with: none where they were not taken."""
        return self.weights if self.verdict is Verdict.TAKEN else PersonalWeights()


def fit_personal(searches: Sequence[Replayed], *, seed: int) -> PersonalFit:
    """Choose weights on half of the people and judge them on the others.

    Args:
        searches: With at least one gain each; the others say nothing and are left out.
        seed: Divides the people, and draws them anew.

    Returns:
        The weights and why they were taken or not. The smallest that do as well as the best are chosen.
    """
    told = [search for search in searches if search.gains.any()]
    people = sorted({search.user for search in told})
    if len(people) < 2 * LEAST_PEOPLE:
        return PersonalFit(Verdict.NO_SEARCHES, n_searches=len(told), n_people=len(people) // 2)
    drawn = np.random.default_rng(seed)
    judges = {people[at] for at in drawn.permutation(len(people))[: len(people) // 2].tolist()}
    tuning, judging = ([s for s in told if (s.user in judges) is side] for side in (False, True))
    before = float(_by_people(tuning, PersonalWeights()).mean())
    tried = [PersonalWeights(repeat, likeness) for repeat in _REPEAT for likeness in _LIKENESS]
    tried = sorted((each for each in tried if each), key=lambda each: each.repeat + each.likeness)
    means = [float(_by_people(tuning, each).mean()) for each in tried]
    chosen = tried[int(np.argmax(means))]
    if max(means) <= before:
        return PersonalFit(Verdict.NO_GAIN, n_searches=len(told), n_people=len(judges))
    plain = _by_people(judging, PersonalWeights())
    gains = _by_people(judging, chosen) - plain
    means_drawn = gains[drawn.integers(0, len(gains), (_RESAMPLES, len(gains)))].mean(axis=1)
    low, high = np.percentile(means_drawn, (_TAIL, 100 - _TAIL)).tolist()
    verdict = Verdict.TAKEN if low > 0 else Verdict.NOT_CERTAIN
    return PersonalFit(verdict, chosen, float(plain.mean()), float(gains.mean()), low, high, len(told), len(judges))


def _by_people(searches: Sequence[Replayed], weights: PersonalWeights) -> FloatArray:
    """nDCG@10 of each person, the mean of their searches, in the order of their names. Shape (people,)."""
    found: dict[str, list[float]] = {}
    for search in searches:
        found.setdefault(search.user, []).append(_ndcg(search, weights))
    return np.array([np.mean(found[user]) for user in sorted(found)])


def _ndcg(search: Replayed, weights: PersonalWeights) -> float:
    gains = search.gains
    if weights:
        gains = gains[reordered(search.scores, search.tiers, search.liking.shares(weights))[0]]
    discounts = 1 / np.log2(np.arange(2, min(_K, len(gains)) + 2))
    ideal = np.sort(gains)[::-1][:_K]
    return float(gains[:_K] @ discounts / (ideal @ discounts))
