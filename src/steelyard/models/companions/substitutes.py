"""Substitutes: what could be bought instead, by text, category, price and what shoppers take in its place."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Self

import numpy as np

from steelyard.domain import CatalogueFacts, FloatArray, IntArray, Interactions, Ranked, Reason, Request, State, Texts
from steelyard.errors import StageError
from steelyard.models.companions.shelf import Shelf
from steelyard.models.companions.switching import Pairs
from steelyard.models.fitted import fitted
from steelyard.models.ranking.explain import reasons_from
from steelyard.models.retrieval.content import text_matrix
from steelyard.models.retrieval.links import Links, blocks, capped
from steelyard.models.retrieval.shortlists import Shortlist, best, excluded_items, interest, stacked
from steelyard.models.text.amounts import without_amounts

if TYPE_CHECKING:
    from scipy import sparse

__all__ = ["CLOSENESS", "Substitutes", "Wares"]

NEIGHBOURS = 100
"""Texts kept for each text."""
MIN_SIMILARITY = 0.05
MIN_SHARED_WORDS = 0.2
"""Cosine of the words alone from which something of another category can stand in."""
CLOSENESS = (1.0, 0.2, 0.05)
"""By how many levels of the category path must be gone up from the narrower one until both meet: less than these many,
the last; nothing in common, the last squared."""
_DECAY = 0.8
_BLOCK_PAIRS = 8_000_000


@dataclass(frozen=True, slots=True)
class Wares:
    """What substitutes are told by before anybody's behaviour is known."""

    texts: Texts
    facts: CatalogueFacts
    price: FloatArray | None = None
    """Of each item; NaN where it is not known. Shape (n_items,)."""


class Substitutes:
    r"""What could be bought instead of an item.

    .. math:: s(i \mid j) = \frac{w_{ji} + m\,b_{ji} / \sum_i b_{ji}}{\sum_i w_{ji} + m},\quad
              b_{ji} = \cos(t_j, t_i)\,\kappa_{ji}\,e^{-\beta |\log p_i / p_j|}\,(1 + n_i)^{a}

    :math:`w_{ji}` counts how often i was taken where the time before it was j, or both were looked at in one visit, of
    one category only; what lies in one basket is not counted. :math:`\cos` is of TF-IDF vectors of titles without
    amounts, descriptions, category levels and brand; :math:`\kappa` falls with every level of the category that the two
    do not share (``CLOSENESS``); p are prices, 1 where one is not known; :math:`n_i` bought i. Without behaviour the
    texts alone count. Products are distinct texts; those asked about never come back, under whatever number.

    Args:
        popularity: a >= 0.
        price: β >= 0; 0.5 halves the score of what costs four times as much.
        prior: m > 0: how many switches the texts are worth.
    """

    def __init__(self, *, popularity: float = 1.0, price: float = 0.5, prior: float = 20.0) -> None:
        if popularity < 0 or price < 0 or prior <= 0:
            raise ValueError(f"popularity and price must be >= 0 and prior > 0, got {popularity}, {price}, {prior}")
        self.popularity, self.price, self.prior = popularity, price, prior
        self._wares: Wares | None = None
        self._like: Links | None = None
        self._links: Links | None = None
        self._shelf: Shelf | None = None

    @property
    def links_(self) -> Links:
        """Substitutes of each text.

        Raises:
            StageError: There are none: call ``fit`` or ``from_state`` first.
        """
        return fitted(self._links, "the substitutes are", do="call fit_texts and fit, or open a stored part")

    @property
    def shelf_(self) -> Shelf:
        """Texts and items.

        Raises:
            StageError: Nothing was fitted.
        """
        return fitted(self._shelf, "the substitutes are", do="call fit_texts and fit, or open a stored part")

    def fit_texts(self, wares: Wares) -> Self:
        """Find what is alike by text, category and price; nobody's behaviour is read.

        Args:
            wares: The catalogue.

        Returns:
            The model itself, ready to answer.
        """
        self._wares = wares
        titles = tuple(map(without_amounts, wares.texts.title))
        texts, none = replace(wares.texts, title=titles), ("",) * len(titles)
        read = text_matrix(texts), text_matrix(replace(texts, category=none, brand=none))
        rows = _alike(read, _Levels.of(texts.category), _log_prices(wares), self.price)
        self._like = Links.stack(capped(block, NEIGHBOURS) for block in rows)
        return self.learn(np.zeros(len(wares.facts.text_of_item)), None)

    def fit(self, interactions: Interactions, *, seed: int) -> Self:  # the port's; nothing here is random
        """Count how often each item was taken; what was taken instead of what is told by ``learn``.

        Args:
            interactions: What happened.
            seed: Not used; nothing here is random.

        Returns:
            The model itself.

        Raises:
            StageError: ``fit_texts`` was not called before.
        """
        n_items = len(self._told().facts.text_of_item)
        return self.learn(np.bincount(interactions.items, minlength=n_items).astype(np.float64), None)

    def learn(self, n_taken: FloatArray, switched: Pairs | None) -> Self:
        """Weigh what is alike with what shoppers take.

        Args:
            n_taken: How often each item was. Shape (n_items,).
            switched: Pairs of texts, from what was taken to what was taken instead; ``None``: nobody knows of any.

        Returns:
            The model itself.

        Raises:
            StageError: ``fit_texts`` was not called before.
        """
        wares = self._told()
        assert self._like is not None
        self._shelf = Shelf.of(wares.facts, n_taken)
        taken = np.bincount(wares.facts.text_of_item, weights=n_taken, minlength=self._shelf.n_texts)
        popular = np.power(1.0 + taken, self.popularity)
        self._links = _weighed(self._like, popular, switched, prior=self.prior)
        return self

    def retrieve(self, requests: Sequence[Request], *, k: int) -> Ranked:
        """The ``k`` items with the highest scores; nothing for a request without a known item."""
        return stacked((self._best(request, k) for request in requests), k=k)

    def explain(self, request: Request, items: IntArray) -> list[list[Reason]]:
        """For each item, the items asked about or of the history that it can stand in for."""
        sources, weights = interest(request, decay=_DECAY, n_items=len(self.shelf_.text_of_item))
        ids, parts, lengths = self.links_.parts(self.shelf_.text_of_item[sources], weights)
        origin = np.repeat(sources, lengths)
        wanted = self.shelf_.text_of_item[items].tolist()
        return [reasons_from("instead_of", origin[ids == text], parts[ids == text]) for text in wanted]

    def state(self) -> State:
        """Links as compressed rows, and the items of each text."""
        facts = {"popularity": self.popularity, "price": self.price, "prior": self.prior}
        return State({**self.links_.arrays(), **self.shelf_.arrays()}, facts)

    @classmethod
    def from_state(cls, state: State) -> Self:
        """The model back; it answers, and learns nothing more."""
        facts = state.facts
        model = cls(popularity=facts["popularity"], price=facts["price"], prior=facts["prior"])
        model._links, model._shelf = Links.from_state(state), Shelf.from_state(state)
        return model

    def _told(self) -> Wares:
        if self._wares is None or self._like is None:
            raise StageError("the substitutes know no texts: call fit_texts first")
        return self._wares

    def _best(self, request: Request, k: int) -> Shortlist:
        shelf = self.shelf_
        sources, weights = interest(request, decay=_DECAY, n_items=len(shelf.text_of_item))
        texts = shelf.text_of_item[sources]
        found, scores = self.links_.totals(texts, weights)
        kept = ~np.isin(found, texts) if request.items else np.ones(len(found), np.bool_)
        items, values = shelf.placed(found[kept], scores[kept])
        return best(items, values, k=k, without=excluded_items(request))


@dataclass(frozen=True, slots=True)
class _Levels:
    """Category paths as numbers: of each text the number of its path cut after 1, 2, … levels."""

    cut: IntArray
    """Shape (n_texts, depth); -1 beyond the end of a path."""
    depth: IntArray
    """Levels of each path. Shape (n_texts,)."""

    @classmethod
    def of(cls, paths: Sequence[str]) -> _Levels:
        split = [[level.strip() for level in path.split(">") if level.strip()] for path in paths]
        width = max(map(len, split), default=0)
        numbers: dict[tuple[str, ...], int] = {}
        cut = np.full((len(split), max(width, 1)), -1)
        for row, levels in enumerate(split):
            for n in range(1, len(levels) + 1):
                cut[row, n - 1] = numbers.setdefault(tuple(levels[:n]), len(numbers))
        return cls(cut, np.array([len(levels) for levels in split], np.int64))

    def closeness(self, one: IntArray, two: IntArray) -> FloatArray:
        """How near the categories of pairs of texts are; 1 where either has none. Shape (pairs,)."""
        shared = ((self.cut[one] == self.cut[two]) & (self.cut[one] >= 0)).sum(axis=1)
        up = np.maximum(self.depth[one], self.depth[two]) - shared
        near = np.array(CLOSENESS)[np.minimum(up, len(CLOSENESS) - 1)]
        near = np.where(shared == 0, CLOSENESS[-1] ** 2, near)
        return np.where((self.depth[one] == 0) | (self.depth[two] == 0), 1.0, near)


def _log_prices(wares: Wares) -> FloatArray:
    """Mean log price of the items of each text; NaN where none is known. Shape (n_texts,)."""
    n_texts = len(wares.texts)
    if wares.price is None:
        return np.full(n_texts, np.nan)
    known = np.flatnonzero(wares.price > 0)
    texts = wares.facts.text_of_item[known]
    sums = np.bincount(texts, weights=np.log(wares.price[known]), minlength=n_texts)
    counts = np.bincount(texts, minlength=n_texts)
    return np.where(counts > 0, sums / np.maximum(counts, 1), np.nan)


def _alike(
    read: tuple[sparse.csr_array, sparse.csr_array], levels: _Levels, log_price: FloatArray, price: float
) -> Iterator[sparse.csr_array]:
    """Blocks of rows of what texts, categories and prices say of each pair; 0 for the text itself.

    Of another category comes only what shares words: bread is not like milk because both are groceries.
    """
    from scipy import sparse  # noqa: PLC0415 - only learning needs it; a server that loads it starts a second later

    matrix, words = read
    turned, words_turned = matrix.T.tocsr(), words.T.tocsr()
    frequency = np.diff(turned.indptr).astype(np.float64)
    held = sparse.csr_array((np.ones(matrix.nnz), matrix.indices, matrix.indptr), shape=matrix.shape)
    for low, high in blocks(np.asarray(held @ frequency, np.float64), limit=_BLOCK_PAIRS):
        found = (matrix[low:high] @ turned).tocsr()
        rows = np.repeat(np.arange(low, high), np.diff(found.indptr))
        found.data[(rows == found.indices) | (found.data < MIN_SIMILARITY)] = 0.0
        found.eliminate_zeros()
        rows = np.repeat(np.arange(low, high), np.diff(found.indptr))
        apart = np.abs(log_price[rows] - log_price[found.indices])
        near = levels.closeness(rows, found.indices)
        found.data = found.data * near * np.exp(-price * np.nan_to_num(apart, nan=0.0))
        other, shared = found.copy(), (words[low:high] @ words_turned).tocsr()
        shared.data = (shared.data >= MIN_SHARED_WORDS).astype(np.float64)
        other.data[near >= 1.0] = 0.0
        found.data[near < 1.0] = 0.0
        yield (found + other.multiply(shared)).tocsr()


def _weighed(like: Links, popular: FloatArray, switched: Pairs | None, *, prior: float) -> Links:
    """Links of what is alike, preferred by popularity, with what shoppers took: the posterior share of each."""
    from scipy import sparse  # noqa: PLC0415 - only learning needs it; a server that loads it starts a second later

    n = like.n_rows
    rows = np.repeat(np.arange(n), np.diff(like.starts))
    values = like.strengths.astype(np.float64) * popular[like.neighbours]
    sums = np.bincount(rows, weights=values, minlength=n)
    values *= prior / np.where(sums > 0, sums, 1.0)[rows]
    cells = [(values, rows, like.neighbours.astype(np.int64))]
    if switched is not None:
        cells.append((np.ones(len(switched.sources)), switched.sources, switched.targets))
    data, one, two = (np.concatenate(each) for each in zip(*cells, strict=True))
    both = sparse.coo_array((data, (one, two)), shape=(n, n)).tocsr()
    counts = np.zeros(n) if switched is None else np.bincount(switched.sources, minlength=n)
    both.data /= np.repeat(counts + prior, np.diff(both.indptr))
    return Links.stack(iter([capped(both, NEIGHBOURS)]))
