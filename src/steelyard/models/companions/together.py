"""Bought together: what lies in the same basket more often than its popularity explains."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Self

import numpy as np

from steelyard.domain import CatalogueFacts, FloatArray, IntArray, Interactions, Ranked, Reason, Request, State
from steelyard.models.companions.shelf import Shelf
from steelyard.models.companions.visits import Baskets
from steelyard.models.fitted import fitted
from steelyard.models.ranking.explain import reasons_from
from steelyard.models.retrieval.links import Links, blocks, capped
from steelyard.models.retrieval.shortlists import Shortlist, best, excluded_items, interest, stacked

if TYPE_CHECKING:
    from scipy import sparse

__all__ = ["NEIGHBOURS", "SHRINKAGE", "BoughtTogether"]

NEIGHBOURS = 100
"""Texts kept for each text."""
SHRINKAGE = 100.0
"""Baskets that are added to the count of what is offered: what was bought twice cannot outdo what was bought often."""
EVIDENCE = 10.0
"""Baskets that are added to the count of what is asked about: an item known from two baskets says little of others."""
_COUNTED = 400
"""Texts whose counts are kept of each text, for every strength of the correction."""
_COUNTED_AT = 0.35
_DECAY = 0.8
_BLOCK_PAIRS = 4_000_000


class BoughtTogether:
    r"""What lies in the baskets of an item, with what is in every basket moved down.

    .. math:: s(i \mid J) = \sum_{j \in J} \frac{c_{ij}}{(n_j + 10)\,(n_i + 100)^{a}}

    :math:`c_{ij}` sums 1/(size - 1) over the baskets that hold both, so that a full trolley says no more of j than a
    small basket; :math:`n_i` hold i. With a = 0 it is how likely the next product of a basket of j
    is i, which puts bananas beside everything; with a = 1 it is the lift, which puts what was bought once beside
    everything. Products are distinct texts, so that the counts of twins are added; the texts asked about never
    come back, under whatever number. A basket is what one user bought in one visit.

    Args:
        popularity: a, in [0, 1]; see ``tune_together``.
    """

    def __init__(self, popularity: float = 0.35) -> None:
        if not 0 <= popularity <= 1:
            raise ValueError(f"popularity must be in [0, 1], got {popularity}")
        self.popularity = popularity
        self._shelf: Shelf | None = None
        self._facts: CatalogueFacts | None = None
        self._links: Links | None = None
        self._counts: Links | None = None
        self._n_baskets: FloatArray = np.empty(0)

    @property
    def links_(self) -> Links:
        """Texts that each text is bought with.

        Raises:
            StageError: There are none: call ``fit`` or ``from_state`` first.
        """
        return fitted(self._links, "what is bought together is")

    @property
    def shelf_(self) -> Shelf:
        """Texts and items.

        Raises:
            StageError: Nothing was fitted.
        """
        return fitted(self._shelf, "what is bought together is")

    @property
    def n_baskets_(self) -> FloatArray:
        """How many baskets hold each text. Shape (n_texts,)."""
        return self._n_baskets

    def of_catalogue(self, facts: CatalogueFacts) -> Self:
        """Say which items share a text; without it each item is a product of its own.

        Args:
            facts: Texts and stock.

        Returns:
            The model itself.
        """
        self._facts = facts
        return self

    def fit(self, interactions: Interactions, *, seed: int) -> Self:  # the port's; nothing here is random
        """Count which texts lie in one basket; linear in the pairs within baskets, memory bounded.

        Args:
            interactions: What was bought, and nothing else.
            seed: Not used; nothing here is random.

        Returns:
            The model itself.
        """
        facts = self._facts or _each_its_own(interactions.n_items)
        n_bought = np.bincount(interactions.items, minlength=len(facts.text_of_item)).astype(np.float64)
        self._shelf = Shelf.of(facts, n_bought)
        baskets = Baskets.of(interactions, facts.text_of_item)
        self._n_baskets = np.bincount(baskets.products, minlength=self._shelf.n_texts).astype(np.float64)
        self._counts = Links.stack(_rows(baskets, self._n_baskets))
        return self.at(self.popularity)

    def at(self, popularity: float) -> Self:
        """Correct for popularity by another strength; the counts stay.

        Args:
            popularity: a, in [0, 1].

        Returns:
            The model itself.

        Raises:
            StageError: ``fit`` was not called before: a stored model has no counts.
        """
        counts = fitted(self._counts, "what is bought together is", do="a stored model keeps the strength it has")
        self.popularity = popularity
        self._links = _weighed(counts, self._n_baskets, popularity)
        return self

    def retrieve(self, requests: Sequence[Request], *, k: int) -> Ranked:
        """The ``k`` items with the highest scores; nothing for a request whose items nobody bought with anything."""
        return stacked((self._best(request, k) for request in requests), k=k)

    def explain(self, request: Request, items: IntArray) -> list[list[Reason]]:
        """For each item, the items of the basket or history that it is bought with."""
        sources, texts, weights = self._asked(request)
        ids, parts, lengths = self.links_.parts(texts, weights)
        origin = np.repeat(sources, lengths)
        wanted = self.shelf_.text_of_item[items].tolist()
        return [reasons_from("bought_together", origin[ids == text], parts[ids == text]) for text in wanted]

    def state(self) -> State:
        """Links as compressed rows, and the items of each text."""
        arrays = {**self.links_.arrays(), **self.shelf_.arrays(), "n_baskets": self._n_baskets.astype(np.float32)}
        return State(arrays, {"popularity": self.popularity})

    @classmethod
    def from_state(cls, state: State) -> Self:
        """The model back."""
        model = cls(state.facts["popularity"])
        model._links, model._shelf = Links.from_state(state), Shelf.from_state(state)
        model._n_baskets = state.arrays["n_baskets"].astype(np.float64)
        return model

    def _asked(self, request: Request) -> tuple[IntArray, IntArray, FloatArray]:
        """Items asked about, their texts, and what each counts."""
        shelf = self.shelf_
        sources, weights = interest(request, decay=_DECAY, n_items=len(shelf.text_of_item))
        return sources, shelf.text_of_item[sources], weights

    def _best(self, request: Request, k: int) -> Shortlist:
        _, texts, weights = self._asked(request)
        found, scores = self.links_.totals(texts, weights)
        is_other = ~np.isin(found, texts) if request.items else np.ones(len(found), np.bool_)
        items, values = self.shelf_.placed(found[is_other], scores[is_other])
        return best(items, values, k=k, without=excluded_items(request))


def _each_its_own(n_items: int) -> CatalogueFacts:
    """A catalogue of which nothing is known but how many items it has."""
    numbers = np.arange(n_items)
    return CatalogueFacts(numbers, numbers, np.full(n_items, -1), np.ones(n_items, np.int64), ())


def _rows(baskets: Baskets, n_baskets: FloatArray) -> Iterator[sparse.csr_array]:
    """Blocks of rows of the counts: row j holds how much lies with it of each text, and nothing of itself."""
    from scipy import sparse  # noqa: PLC0415 - only learning needs it; a server that loads it starts a second later

    shape = (len(baskets), len(n_baskets))
    weights = np.repeat(1.0 / np.maximum(baskets.sizes - 1, 1), baskets.sizes)
    held = np.ones(len(baskets.products))
    by_text = sparse.csr_array((held, baskets.products, baskets.starts), shape=shape).T.tocsr()
    by_basket = sparse.csr_array((weights, baskets.products, baskets.starts), shape=shape)
    rarity = (n_baskets + SHRINKAGE) ** -_COUNTED_AT
    work = np.asarray(by_text @ baskets.sizes.astype(np.float64), np.float64)
    for low, high in blocks(work, limit=_BLOCK_PAIRS):
        together = (by_text[low:high] @ by_basket).tocsr()
        together.data[np.repeat(np.arange(low, high), np.diff(together.indptr)) == together.indices] = 0.0
        together.data = np.asarray(together.data * rarity[together.indices], np.float64)
        kept = capped(together, _COUNTED)
        kept.data = np.asarray(kept.data / rarity[kept.indices], np.float64)
        yield kept


def _weighed(counts: Links, n_baskets: FloatArray, popularity: float) -> Links:
    """Counts as scores, the strongest of each row."""
    from scipy import sparse  # noqa: PLC0415 - only learning needs it; a server that loads it starts a second later

    each = np.repeat(n_baskets + EVIDENCE, np.diff(counts.starts))
    rarity = np.power(n_baskets + SHRINKAGE, -popularity)
    scores = counts.strengths * rarity[counts.neighbours] / each
    shape = (counts.n_rows, counts.n_rows)
    cells = (scores, counts.neighbours.astype(np.int64), counts.starts.copy())  # capping changes all three in place
    rows = sparse.csr_array(cells, shape=shape)
    return Links.stack(iter([capped(rows, NEIGHBOURS)]))
