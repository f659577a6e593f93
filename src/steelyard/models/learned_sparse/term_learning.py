r"""What sparse search learns: how far a word of a query stands for a word of a title, and for what a product means.

Of query word u and product d, with the words t of its title and its centred vector :math:`v_d`:

.. math:: z(u, d) = \sum_{t \in d} A_{ut} + \kappa \, e_u \cdot v_d
          \qquad s(q, d) = \frac{b(q, d)}{C_q} + w \sum_{u \in q} \frac{\mathrm{idf}_u}{\sum \mathrm{idf}} \, z^+(u, d)

where b is the lexical score and :math:`C_q` what it cannot exceed; :math:`z^+` is z where d holds u (a learned weight
of the word there, which may be below nothing) and otherwise its positive part (an expansion). A starts from nothing,
so that words start from their IDF; the word vectors e start from what the encoder says of each word, and learn at
fifty times the rate at which the encoder itself would, since at its rate they do not move.

It is learnt by the gradients of LambdaRank over the candidates of lexical search: a softmax over them learns, too, but
moves away from nDCG. On three folds, each query is judged by tables that did not see it; these values say how long to
learn, with which weight w, and whether it pays at all.

Source: Burges 2010, "From RankNet to LambdaRank to LambdaMART", MSR-TR-2010-82; Formal et al. 2021,
doi:10.1145/3404835.3463098 (learned sparse impacts); Nardini et al. 2025,
doi:10.48550/arXiv.2505.01452 (query words looked up in a learned table); Geng et al. 2024,
doi:10.48550/arXiv.2411.04403 (IDF in learned sparse search).
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt

from steelyard.domain import FloatArray, IntArray, VectorArray
from steelyard.models.learned_sparse.asked_queries import Asked, K, discounts, ndcg, titles
from steelyard.models.learning.held_out import Gain, gain_of
from steelyard.models.retrieval.lexical import Lexical

__all__ = ["MEANING", "MOST", "TIER", "Learned", "Meaning", "Tables", "Told", "learn_tables"]

MEANING = 3.0
"""Kappa: what a word's whole cosine counts beside a tenth of all words held."""
TIER = 8.0
"""Above the reach of words and impacts together, so that the tiers cannot mix."""
MOST = 1.0
"""What the impacts of a text come to at most, as much as all words held."""
EPOCHS = 3
FOLDS = 3
_BY_WORDS = 10.0
_WEIGHTS = (0.02, 0.04, 0.06, 0.08, 0.1, 0.13, 0.16, 0.2)
_PAIR_RATE = 0.05
_VECTOR_RATE = 50 * 8e-5
_SHRINK = 1e-3
_LEAST_QUERIES = 10
"""A pair of words that fewer queries meet teaches nothing about others."""
_LEAST_ASKED = 2 * FOLDS

Told = Callable[[int, int, str], None]


@dataclass(frozen=True, slots=True, eq=False)
class Meaning:
    """What an encoder says of words and products."""

    words: VectorArray
    """Of each term, then of each word that only queries hold; zeros where there is none. Shape (words, width)."""
    texts: VectorArray
    """Of each text, their mean taken off. Shape (texts, width)."""


@dataclass(slots=True, eq=False)
class Tables:
    """What is learnt, while it is."""

    pairs: IntArray
    """Query word x number of terms + title word, ascending. Shape (pairs,)."""
    trust: VectorArray
    """A. Shape (pairs,)."""
    words: VectorArray | None
    """e. Shape (terms, width); None without an encoder."""
    _of_pairs: VectorArray = field(init=False)
    _of_words: VectorArray = field(init=False)

    def __post_init__(self) -> None:
        self._of_pairs = np.full(len(self.pairs), 1e-2, np.float32)
        self._of_words = np.full(0 if self.words is None else len(self.words), 1e-4, np.float32)

    def move_pairs(self, at: npt.NDArray[np.integer], gradient: FloatArray) -> None:
        """A step for some pairs, each named once."""
        gradient = gradient + _SHRINK * self.trust[at]
        self._of_pairs[at] += np.square(gradient)
        self.trust[at] -= _PAIR_RATE * gradient / np.sqrt(self._of_pairs[at])

    def move_words(self, units: IntArray, gradient: VectorArray) -> None:
        """A step for the vectors of some words."""
        assert self.words is not None
        self._of_words[units] += np.square(gradient).mean(axis=1)
        self.words[units] -= _VECTOR_RATE * gradient / np.sqrt(self._of_words[units])[:, None]


@dataclass(frozen=True, slots=True)
class Learned:
    """What came of learning."""

    tables: Tables | None
    """None where it does not pay."""
    weight: float
    is_tiered: bool
    """Whether titles with every word of a query stay above the others."""
    gain: Gain
    """On queries that the tables had not seen."""
    parts: dict[str, float]
    """Gain of the weights of held words alone, and of expansion alone."""
    epochs: int


class _School:
    """Queries ready to be learnt from."""

    def __init__(self, asked: Sequence[Asked], table: npt.NDArray[np.int32], meaning: Meaning | None, n: int) -> None:
        self.asked, self.meaning, self.n_terms = asked, meaning, n  # of the catalogue
        found = [np.unique(self._keys(each, table)[0]) for each in asked]
        pairs, counts = np.unique(np.concatenate([*found, np.empty(0, np.int64)]), return_counts=True)
        self.pairs = pairs[counts >= _LEAST_QUERIES]
        self._met = [self._meet(*self._keys(each, table)) for each in asked]

    def _keys(self, each: Asked, table: npt.NDArray[np.int32]) -> tuple[IntArray, IntArray]:
        """Pairs of words of the query and of the candidates' titles, and the cell of each."""
        words = table[each.texts]
        keys = each.units[:, None, None] * self.n_terms + words[None].astype(np.int64)
        cells = np.arange(len(each.units) * len(each.texts)).reshape(len(each.units), -1)
        is_word = np.broadcast_to(words[None] >= 0, keys.shape)
        return keys[is_word], np.broadcast_to(cells[:, :, None], keys.shape)[is_word]

    def _meet(self, keys: IntArray, cells: IntArray) -> tuple[npt.NDArray[np.int32], npt.NDArray[np.int32]]:
        if not len(self.pairs):
            return np.empty(0, np.int32), np.empty(0, np.int32)
        at = np.searchsorted(self.pairs, keys).clip(0, len(self.pairs) - 1)
        is_there = self.pairs[at] == keys
        return at[is_there].astype(np.int32), cells[is_there].astype(np.int32)

    def begin(self) -> Tables:
        """Tables that nothing was learnt into."""
        words = None if self.meaning is None else self.meaning.words.copy()
        return Tables(self.pairs, np.zeros(len(self.pairs), np.float32), words)

    def values(self, row: int, tables: Tables) -> FloatArray:
        """The z of each word and candidate. Shape (units, n)."""
        each, (at, cells) = self.asked[row], self._met[row]
        shape = each.is_held.shape
        values = np.bincount(cells, tables.trust[at], shape[0] * shape[1]).astype(np.float64).reshape(shape)
        if self.meaning is not None and tables.words is not None:
            values += MEANING * (tables.words[each.units] @ self.meaning.texts[each.texts].T)
        return values

    def learn(self, row: int, tables: Tables) -> None:
        """One step on one query."""
        each, (at, cells) = self.asked[row], self._met[row]
        values = self.values(row, tables)
        is_counted = each.is_held | (values >= 0)  # what is nothing yet can still grow
        scores = _BY_WORDS * each.by_words + each.weights @ np.where(is_counted, values, 0.0)
        of_scores = _lambdas(scores, each)
        of_values = np.where(is_counted, each.weights[:, None] * of_scores, 0.0)
        if len(at):
            distinct, places = np.unique(at, return_inverse=True)
            tables.move_pairs(distinct, np.bincount(places, of_values.reshape(-1)[cells]).astype(np.float64))
        if self.meaning is not None:
            of_words = MEANING * (of_values @ self.meaning.texts[each.texts])
            tables.move_words(each.units, np.asarray(of_words, np.float32))

    def quality(self, row: int, values: FloatArray) -> FloatArray:
        """Quality of one query at each weight, with the upper tier and without it. Shape (2, weights)."""
        each = self.asked[row]
        found, tier = each.weights @ values, TIER * each.is_exact
        tried = [each.by_words + np.clip(weight * found, -MOST, MOST) for weight in _WEIGHTS]
        return np.array([[ndcg(scores + tier, each) for scores in tried], [ndcg(scores, each) for scores in tried]])


def learn_tables(
    lexical: Lexical,
    asked: Sequence[Asked],
    *,
    meaning: Meaning | None,
    seed: int,
    progress: Told,
    deciding: Sequence[Asked] = (),
) -> Learned:
    """Tables learnt from judged queries, where queries that they did not see say that it pays.

    Args:
        lexical: Found the candidates.
        asked: Queries with something to find.
        meaning: Of words and texts; None to learn from words alone.
        seed: Draws folds and the order of queries.
        progress: Told how far it has come.
        deciding: Queries that are not learnt from and decide; without any, folds of ``asked`` decide.

    Returns:
        The tables learnt from all of ``asked``.
    """
    if len(deciding or asked) < _LEAST_ASKED:
        none = Gain(0.0, 0.0, len(deciding or asked))
        return Learned(None, 0.0, True, none, {"weights_alone": 0.0, "expansion_alone": 0.0}, 0)
    school = _School([*asked, *deciding], titles(lexical.state), meaning, len(lexical.postings.idf))
    folds = np.array([-1] * len(asked) + [0] * len(deciding)) if deciding else _folds(asked, seed)
    judging = np.flatnonzero(folds >= 0)
    curves = _curves(school, folds, seed=seed, progress=progress)[..., judging]
    before = np.array([ndcg(school.asked[row].by_words, school.asked[row]) for row in judging.tolist()])
    epochs, is_tiered, at = _chosen(curves[:, 0])
    found = curves[epochs - 1, :, 0 if is_tiered else 1, at]
    gain, weight = gain_of(found[0], before), _WEIGHTS[at]
    parts = {
        name: round(float((found[place] - before).mean()), 5)
        for place, name in ((1, "weights_alone"), (2, "expansion_alone"))
    }
    if not gain.is_certain:
        return Learned(None, weight, is_tiered, gain, parts, epochs)
    tables = school.begin()
    for epoch in range(epochs):
        progress(FOLDS * EPOCHS + epoch, (FOLDS + 1) * EPOCHS, "learning weights and expansions of words")
        _learn(school, tables, np.arange(len(asked)), seed=seed + epoch)
    return Learned(tables, weight, is_tiered, gain, parts, epochs)


def _curves(school: _School, folds: IntArray, *, seed: int, progress: Told) -> FloatArray:
    """Quality of each query by tables that did not see it. Shape (epochs, 3, 2, weights, queries).

    By both, weights alone, expansion alone; with and without an upper tier; at each weight.
    """
    curves = np.zeros((EPOCHS, 3, 2, len(_WEIGHTS), len(folds)))
    for fold in range(int(folds.max()) + 1):
        tables = school.begin()
        for epoch in range(EPOCHS):
            progress(fold * EPOCHS + epoch, (FOLDS + 1) * EPOCHS, "learning weights and expansions of words")
            _learn(school, tables, np.flatnonzero(folds != fold), seed=seed + epoch)
            for row in np.flatnonzero(folds == fold).tolist():
                curves[epoch, ..., row] = _judged(school, row, tables)
    return curves


def _chosen(curves: FloatArray) -> tuple[int, bool, int]:
    """Epochs, whether there is an upper tier, and the place of the weight. Of curves (epochs, tiers, weights, queries).

    The tier stays unless it clearly costs: people see at a glance whether what they typed is there.
    """
    means = curves.mean(axis=-1)
    (last, at), (other, place) = (divmod(int(means[:, tier].argmax()), means.shape[2]) for tier in (0, 1))
    if gain_of(curves[other, 1, place], curves[last, 0, at]).is_certain:
        return other + 1, False, place
    return last + 1, True, at


def _folds(asked: Sequence[Asked], seed: int) -> IntArray:
    """The fold of each query; queries of the same words are in one."""
    numbers: dict[bytes, int] = {}
    of_words = np.array([numbers.setdefault(each.units.tobytes(), len(numbers)) for each in asked])
    found: IntArray = np.random.default_rng(seed).permutation(len(numbers))[of_words] % FOLDS
    return found


def _learn(school: _School, tables: Tables, rows: IntArray, *, seed: int) -> None:
    for row in np.random.default_rng(seed).permutation(rows).tolist():
        if school.asked[row].gains.any():
            school.learn(row, tables)


def _judged(school: _School, row: int, tables: Tables) -> FloatArray:
    """Quality by both, by the weights of held words alone, by expansion alone. Shape (3, 2, weights)."""
    values, is_held = school.values(row, tables), school.asked[row].is_held
    expanded = np.maximum(values, 0.0)
    parts = (np.where(is_held, values, expanded), np.where(is_held, values, 0.0), np.where(is_held, 0.0, expanded))
    return np.stack([school.quality(row, part) for part in parts])


def _lambdas(scores: FloatArray, each: Asked) -> FloatArray:
    """Gradient of the loss by each score: what swapping two candidates would change in nDCG@10. Shape (n,)."""
    order = np.argsort(-scores, kind="stable")
    at_rank = np.zeros(len(scores))
    at_rank[order[:K]] = discounts(len(order[:K]))
    good = np.flatnonzero(each.gains > 0)
    better = np.maximum(each.gains[good][:, None] - each.gains[None], 0.0)
    change = better * np.abs(at_rank[good][:, None] - at_rank[None]) / each.ideal
    push = change / (1 + np.exp(np.clip(scores[good][:, None] - scores[None], -30, 30)))
    gradient: FloatArray = push.sum(axis=0)
    gradient[good] -= push.sum(axis=1)
    return gradient
