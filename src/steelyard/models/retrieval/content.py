"""Content similarity: items whose words, category and brand are like those the shopper showed interest in.

Needs no behaviour, so it serves items that are new and shops that have just opened.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Annotated, Any, Self

import numpy as np
from pydantic import Field

from steelyard.config.section import Section
from steelyard.domain import (
    Cases,
    CatalogueFacts,
    FloatArray,
    IntArray,
    Interactions,
    Ranked,
    Reason,
    Request,
    State,
    Texts,
)
from steelyard.models.building import Bench, Part
from steelyard.models.fitted import fitted
from steelyard.models.ports import Parts
from steelyard.models.ranking.explain import reasons_from
from steelyard.models.recipe import Companion, FittedRecipe, Need
from steelyard.models.retrieval.links import Links, blocks, capped
from steelyard.models.retrieval.pairs import last_of_pairs
from steelyard.models.retrieval.shortlists import Shortlist, best, excluded_items, interest, mean_ndcg, stacked
from steelyard.models.text.segment import words

if TYPE_CHECKING:
    from scipy import sparse

__all__ = [
    "TEXT_LINKS",
    "Content",
    "ContentRecipe",
    "alike_texts",
    "similar_rows",
    "text_matrix",
    "tune_content",
]

NEIGHBOURS = 50
"""Texts kept for each text."""
ITEMS_PER_TEXT = 3
"""Items of one text that may be offered: more would fill a list with things that read the same."""
MIN_SIMILARITY = 0.05
DECAYS = (0.6, 0.8, 0.9, 1.0)
POPULARITIES = (0.0, 0.25, 0.5, 1.0)
"""What ``tune_content`` tries."""
_FIELDS = {"title": 1.0, "description": 0.4, "attributes": 0.4}
_CATEGORY_WEIGHT = 1.0
_BRAND_WEIGHT = 1.0
_BLOCK_PAIRS = 8_000_000


class Content:
    r"""Items like those of the history or basket, by TF-IDF over words, category levels and brand.

    .. math:: s(i) = \left(\frac{1 + n_i}{1 + \max n}\right)^{popularity} \sum_j decay^{age(j)} \cos(t_i, t_j)

    Interest in a text is the recency-weighted sum over the history; each text has its ``NEIGHBOURS`` most
    similar texts, found once, and itself with similarity 1. :math:`n_i` people interacted with i; with ``popularity``
    0, or without behaviour, only the text counts. Of one text at most ``ITEMS_PER_TEXT`` items are offered.

    Args:
        decay: In (0, 1]; see ``tune_content``.
        popularity: >= 0: how much what is popular is preferred among equally similar items.
    """

    def __init__(self, decay: float = 0.9, *, popularity: float = 0.25) -> None:
        if not 0 < decay <= 1:
            raise ValueError(f"decay must be in (0, 1], got {decay}")
        self.decay = decay
        self.popularity = popularity
        self._links: Links | None = None
        self._text_of_item: IntArray = np.empty(0, np.int64)
        self._standing: IntArray = np.empty(0, np.int64)
        self._n_people: FloatArray = np.empty(0)
        self._shelves: Links | None = None

    @property
    def links_(self) -> Links:
        """Similar texts of each text.

        Raises:
            StageError: There are none: call ``fit_texts`` or ``from_state`` first.
        """
        return fitted(self._links, "the content model is", do="call fit_texts or open a stored part")

    def fit_texts(self, texts: Texts, facts: CatalogueFacts, interactions: Interactions | None) -> Self:
        """Find the similar texts of each text.

        Args:
            texts: Distinct texts of the catalogue.
            facts: Which item has which text.
            interactions: For ``popularity``; ``None`` in a shop that has just opened.

        Returns:
            The model itself.
        """
        matrix = text_matrix(texts)
        self._links = alike_texts(matrix, at_most=NEIGHBOURS)
        self._text_of_item = facts.text_of_item.astype(np.int64)
        self._standing = _standing(facts)
        self._set_popularity(_people(interactions, n_items=len(self._text_of_item)))
        return self

    def fit(self, interactions: Interactions, *, seed: int) -> Self:  # the port's; nothing here is random
        """Count anew how many people interacted with each item; the texts stay.

        Args:
            interactions: What happened.
            seed: Not used; nothing here is random.

        Returns:
            The model itself.

        Raises:
            StageError: ``fit_texts`` was not called before.
        """
        _ = self.links_
        self._set_popularity(_people(interactions, n_items=len(self._text_of_item)))
        return self

    def retrieve(self, requests: Sequence[Request], *, k: int) -> Ranked:
        """The ``k`` items with the highest scores; nothing for a request without a known item."""
        return stacked((self._best(request, k) for request in requests), k=k)

    def explain(self, request: Request, items: IntArray) -> list[list[Reason]]:
        """For each item, the items of the history or basket it is most similar to."""
        sources, weights = interest(request, decay=self.decay, n_items=len(self._text_of_item))
        texts = self._text_of_item[sources]
        ids, parts, lengths = self.links_.parts(texts, weights)
        origin = np.concatenate([np.repeat(sources, lengths), sources])
        ids, parts = np.concatenate([ids, texts]), np.concatenate([parts, weights])
        wanted = self._text_of_item[items].tolist()
        return [reasons_from("similar_content", origin[ids == text], parts[ids == text]) for text in wanted]

    def state(self) -> State:
        """Similar texts as compressed rows, the items of each text, and how many people interacted with each."""
        items = {
            "text_of_item": self._text_of_item.astype(np.int32),
            "standing": self._standing.astype(np.int32),
            "taken": self._n_people.astype(np.float32),
        }
        return State({**self.links_.arrays(), **items}, {"decay": self.decay, "popularity": self.popularity})

    @classmethod
    def from_state(cls, state: State) -> Self:
        """The model back."""
        model = cls(state.facts["decay"], popularity=state.facts["popularity"])
        model._links = Links.from_state(state)
        model._text_of_item = state.arrays["text_of_item"].astype(np.int64)
        model._standing = state.arrays["standing"].astype(np.int64)
        model._set_popularity(state.arrays["taken"].astype(np.float64))
        return model

    def _set_popularity(self, n_people: FloatArray) -> None:
        """Choose the items of each text that may be offered: in stock first, then most popular, then representative."""
        self._n_people = n_people
        texts = self._text_of_item
        order = np.lexsort((np.arange(len(texts)), -(self._standing % 2), -n_people, -(self._standing // 2), texts))
        firsts = np.searchsorted(texts[order], texts[order], side="left")
        kept = order[np.arange(len(order)) - firsts < ITEMS_PER_TEXT]
        starts = np.searchsorted(texts[kept], np.arange(self.links_.n_rows + 1))
        most = n_people.max(initial=0.0)
        shares = (1 + n_people[kept]) / (1 + most)
        self._shelves = Links(starts, kept, shares.astype(np.float32), np.ones(self.links_.n_rows, np.float32))

    def _best(self, request: Request, k: int) -> Shortlist:
        sources, weights = interest(request, decay=self.decay, n_items=len(self._text_of_item))
        if not len(sources) or self._shelves is None:
            return np.empty(0, np.int64), np.empty(0)
        texts, similarities = self._similar_texts(self._text_of_item[sources], weights)
        items, shares, lengths = self._shelves.parts(texts, np.ones(len(texts)))
        scores = np.repeat(similarities, lengths) * shares**self.popularity
        order = np.argsort(items)
        return best(items[order], scores[order], k=k, without=excluded_items(request))

    def _similar_texts(self, texts: IntArray, weights: FloatArray) -> Shortlist:
        """Texts linked to those given, and those given, with their summed similarities; ascending, each once."""
        found, sums = self.links_.totals(texts, weights)
        ids, where = np.unique(np.concatenate([found, texts]), return_inverse=True)
        summed = np.bincount(where, weights=np.concatenate([sums, weights]))
        return ids, np.asarray(summed, dtype=np.float64)


def tune_content(model: Content, cases: Cases) -> dict[str, float]:
    """Decay and popularity with the best nDCG@10 on tuning cases, one after the other.

    Args:
        model: With texts and with what happened before the cases' targets; left as it is.
        cases: Tuning cases of the recommendation surface.

    Returns:
        ``{"decay": …, "popularity": …}``, ready for ``ContentRecipe.open``; the model's own where no case has
        anything to find.
    """
    tried = Content.from_state(model.state())
    for name, values in (("popularity", POPULARITIES), ("decay", DECAYS)):
        found: dict[float, float] = {}
        for value in values:
            setattr(tried, name, value)
            found[value] = mean_ndcg(tried, cases)
        setattr(tried, name, max(found, key=found.__getitem__) if any(found.values()) else getattr(model, name))
    return {"decay": tried.decay, "popularity": tried.popularity}


def text_matrix(texts: Texts) -> sparse.csr_array:
    """TF-IDF of each text over words, category levels and brand, rows of length 1.

    Weight of a feature is log(1 + summed field weights) times log(1 + texts / texts that have it). Features of
    one text only link nothing, those of more than a tenth of the texts (50 at least) say next to nothing: both
    are left out.

    Args:
        texts: Distinct texts of the catalogue.

    Returns:
        Shape (n_texts, features), float32; a row without any feature is empty.
    """
    from scipy import sparse  # noqa: PLC0415 - only learning needs it; a server that loads it starts a second later

    rows, columns, values = [], [], []
    numbers: dict[str, int] = {}
    for row in range(len(texts)):
        for feature, weight in _features(texts, row).items():
            rows.append(row)
            columns.append(numbers.setdefault(feature, len(numbers)))
            values.append(weight)
    shape = (len(texts), len(numbers))
    matrix = sparse.csr_array((np.log1p(np.asarray(values, np.float64)), (rows, columns)), shape=shape)
    frequency = np.bincount(np.asarray(columns, np.int64), minlength=len(numbers))
    is_telling = (frequency > 1) & (frequency <= max(50, 0.1 * len(texts)))
    rarity = np.where(is_telling, np.log1p(len(texts) / np.maximum(frequency, 1)), 0.0)
    matrix.data *= rarity[matrix.indices]
    matrix.eliminate_zeros()
    lengths = np.sqrt(np.asarray(matrix.multiply(matrix).sum(axis=1)).ravel())
    matrix.data /= np.repeat(np.where(lengths > 0, lengths, 1.0), np.diff(matrix.indptr))
    return matrix.astype(np.float32)


def alike_texts(matrix: sparse.csr_array, *, at_most: int) -> Links:
    """The most similar texts of each text, by cosine.

    Args:
        matrix: What ``text_matrix`` gave.
        at_most: Kept of each text.

    Returns:
        Links between texts, without the text itself.
    """
    return Links.stack(capped(block, at_most) for block in similar_rows(matrix))


def _features(texts: Texts, row: int) -> dict[str, float]:
    found: defaultdict[str, float] = defaultdict(float)
    for field, weight in _FIELDS.items():
        for word in words(getattr(texts, field)[row], language=texts.language):
            found[word] += weight
    levels = [level.strip() for level in texts.category[row].split(">") if level.strip()]
    for depth in range(1, len(levels) + 1):
        found["category:" + ">".join(levels[:depth])] = _CATEGORY_WEIGHT
    if texts.brand[row]:
        found["brand:" + texts.brand[row].lower()] = _BRAND_WEIGHT
    return found


def similar_rows(matrix: sparse.csr_array) -> Iterator[sparse.csr_array]:
    """Blocks of rows of cosines between texts, in order, without the text itself and what is hardly similar.

    Args:
        matrix: Rows of length 1. Shape (n_texts, features).

    Yields:
        Shape (texts of the block, n_texts).
    """
    from scipy import sparse  # noqa: PLC0415 - only learning needs it; a server that loads it starts a second later

    turned = matrix.T.tocsr()
    frequency = np.diff(turned.indptr).astype(np.float64)
    links = sparse.csr_array((np.ones(matrix.nnz), matrix.indices, matrix.indptr), shape=matrix.shape)
    for low, high in blocks(np.asarray(links @ frequency, np.float64), limit=_BLOCK_PAIRS):
        cosines = (matrix[low:high] @ turned).tocsr()
        rows = np.repeat(np.arange(low, high), np.diff(cosines.indptr))
        cosines.data[(rows == cosines.indices) | (cosines.data < MIN_SIMILARITY)] = 0.0
        cosines.eliminate_zeros()
        yield cosines


def _standing(facts: CatalogueFacts) -> IntArray:
    """2 for an item in stock, plus 1 for one that represents its text. Shape (n_items,)."""
    standing = 2 * (facts.in_stock > 0).astype(np.int64)
    standing[facts.representative] += 1
    return standing


def _people(interactions: Interactions | None, *, n_items: int) -> FloatArray:
    """How many users interacted with each item. Shape (n_items,)."""
    if interactions is None:
        return np.zeros(n_items)
    counts = np.zeros(n_items)
    for order in last_of_pairs(interactions.users, interactions.items, n_items=n_items):
        counts += np.bincount(interactions.items[order], minlength=n_items)
    return counts


def _link_texts(bench: Bench) -> State:
    return Content().fit_texts(bench.shop.texts, bench.shop.facts, None).state()


TEXT_LINKS = Part("parts/text-links", _link_texts)
"""Which texts are alike, before anybody's behaviour is known."""


class ContentOptions(Section):
    """Table ``[models.content]``."""

    decay: Annotated[float, Field(gt=0, le=1)] | None = None
    """How much each older item of a history counts; tuned on the validation period where left out."""


class ContentRecipe(FittedRecipe):
    """``content``: what the texts say is alike; knows new items too."""

    name = "content"
    options = ContentOptions
    needs = frozenset({Need.TEXT})
    companion = Companion.SUBSTITUTES

    def part(self, options: ContentOptions) -> tuple[Part, Part]:
        """As every fitted recipe, with the links between texts made once for both."""
        settings = options.model_dump(mode="json")
        tuned = Part("tuned/content", lambda bench: self._tuned(bench, options), (TEXT_LINKS,), settings)

        def fit(bench: Bench) -> State:
            return self.fit(bench, options, bench.values(tuned))

        return tuned, Part("parts/recommend/content", fit, (TEXT_LINKS, tuned))

    def _tuned(self, bench: Bench, options: ContentOptions) -> Mapping[str, Any]:
        """Decay and weight of popularity."""
        shop, given = bench.shop, {} if options.decay is None else {"decay": options.decay}
        if not shop.recommend_tuning.requests:
            return given
        model = Content.from_state(bench.state(TEXT_LINKS)).fit(shop.learn, seed=bench.seed)
        return {**tune_content(model, shop.recommend_tuning), **given}

    def fit(self, bench: Bench, options: ContentOptions, tuned: Mapping[str, Any]) -> State:
        """Links between alike texts, and how many people interacted with each item."""
        stored = bench.state(TEXT_LINKS)
        model = Content.from_state(State(stored.arrays, {**stored.facts, **tuned}))
        return model.fit(bench.shop.learn_all, seed=bench.seed).state()

    def open(self, parts: Parts, options: Mapping[str, Any]) -> Content:
        """The part in the role ``model``; options ``decay`` and ``popularity`` win over the stored."""
        model = Content.from_state(parts.state("model"))
        model.decay = float(options.get("decay", model.decay))
        model.popularity = float(options.get("popularity", model.popularity))
        return model
