"""Item neighbours: what people with the items of this history interacted with besides, and afterwards."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Annotated, Any, ClassVar, Literal, Self

import numpy as np
import numpy.typing as npt
from pydantic import Field

from steelyard.config.section import Count, Section
from steelyard.domain import Cases, FloatArray, Interactions, State
from steelyard.models.building import Bench, Part, Work
from steelyard.models.fitted import fitted
from steelyard.models.ports import Parts
from steelyard.models.recipe import REFUSED, Companion, FittedRecipe, Plan, Variant
from steelyard.models.retrieval.doubts import STRENGTHS, kept_shares
from steelyard.models.retrieval.link_batches import TuningCases, link_matrix
from steelyard.models.retrieval.linked import LinkedItems
from steelyard.models.retrieval.links import Links, blocks, capped
from steelyard.models.retrieval.pairs import latest_of_users
from steelyard.models.retrieval.shortlists import nearest_level
from steelyard.models.searching import Real, SearchSpace, Whole

if TYPE_CHECKING:
    from scipy import sparse

__all__ = [
    "DECAYS",
    "ItemKnnRecipe",
    "ItemNeighbours",
    "directed_counts",
    "latest_events",
    "tune_decay",
    "tune_neighbours",
]

Numbers = npt.NDArray[np.int32]
"""A copy of a long log is half as large so."""

COOCCURRENCE_SHRINKAGE = 20.0
DIRECTED_SHRINKAGE = 10.0
STEPS = 5
"""Directed co-occurrence reaches so many steps ahead in a user's sequence."""
_WHOLE = 60
"""Every 1/gap is so many sixtieths, which add up exactly, in whatever order."""
DECAYS = (0.4, 0.5, 0.6, 0.7, 0.8, 0.9, 1.0)
SIZES = (10, 20, 50, 100, 200)
SHRINKAGES = (0.25, 1.0, 4.0)
POPULARITIES = (-0.25, 0.0, 0.25)
"""What ``tune_neighbours`` tries."""
_BLOCK_PAIRS = 4_000_000
"""Pairs of events multiplied at a time: bounds memory to some 150 MB, whatever the log."""


class ItemNeighbours(LinkedItems):
    r"""Items that go with the items of a history, weighted by how recent those are.

    .. math:: s(i) = keep_i^{dislikes} n_i^{popularity} \sum_{j \in history} decay^{age(j)}
              \left[\frac{c_{ij}}{\sqrt{n_i n_j} + 20 \cdot shrinkage}
              + \frac{d_{ji}}{\sqrt{n_i n_j} + 10 \cdot shrinkage}\right]

    :math:`c_{ij}` users interacted with both, :math:`n_i` users with i; :math:`d_{ji}` sums 1/gap over those who
    came to i at most 5 steps after j. The latest item has age 0. A user counts once per item (the last time it
    was interacted with), and with the latest ``max_events`` distinct items only, so that a log of thousands of lines by
    one buyer neither fills the memory nor drowns the others. Items asked about weigh 1 each and win over the
    history; items of the history whose weight falls under 1e-4 are left out. What an event weighs is not used.

    Args:
        decay: In (0, 1]; see ``tune_neighbours``, as for what follows.
        max_neighbours: The strongest so many of each item are kept; ``None`` keeps all.
        max_events: Latest distinct items of a user that count.
        shrinkage: > 0: the larger, the less a link of few people says.
        popularity: Above 0 what many interact with is preferred, below 0 it is held back.
        dislikes: >= 0: how strongly an item is held back that others dislike more than usual (``doubts``); nothing
            where ``with_kept`` was given nothing.
    """

    def __init__(
        self,
        decay: float = 0.6,
        *,
        max_neighbours: int | None = 200,
        max_events: int = 200,
        shrinkage: float = 1.0,
        popularity: float = 0.0,
        dislikes: float = 0.0,
    ) -> None:
        if not 0 < decay <= 1:
            raise ValueError(f"decay must be in (0, 1], got {decay}")
        if not 0 < shrinkage < np.inf:
            raise ValueError(f"shrinkage must be > 0, got {shrinkage}")
        if max_neighbours is not None and max_neighbours < 1:
            raise ValueError(f"max_neighbours must be at least 1, got {max_neighbours}: without any nothing is offered")
        self.decay = decay
        self.max_neighbours = max_neighbours
        self.max_events = max_events
        self.shrinkage = shrinkage
        self.popularity = popularity
        self.dislikes = dislikes
        self._kept: FloatArray | None = None
        self._links: Links | None = None

    @property
    def links_(self) -> Links:
        """What was learnt.

        Raises:
            StageError: Nothing was: call ``fit`` or ``from_state`` first.
        """
        return fitted(self._links, "the item neighbours are")

    def with_kept(self, kept: FloatArray | None) -> Self:
        """Let dislikes count: what each item keeps of its score at strength 1, shape (n_items,); or None."""
        self._kept = kept
        return self

    def fit(self, interactions: Interactions, *, seed: int) -> Self:
        """Count which items go together, and in which order; linear in the pairs within users, memory bounded."""
        users, items = latest_events(interactions, at_most=self.max_events)
        shape = (interactions.n_users, interactions.n_items)
        kept = self._kept**self.dislikes if self._kept is not None and self.dislikes else None
        options = {"shrinkage": self.shrinkage, "popularity": self.popularity}
        rows = _weighted_rows(users, items, shape=shape, kept=kept, **options)
        self._links = Links.stack(capped(block, self.max_neighbours) for block in rows)
        return self

    def state(self) -> State:
        """Neighbours as compressed rows, and the options."""
        names = ("decay", "max_neighbours", "max_events", "shrinkage", "popularity", "dislikes")
        facts = {name: getattr(self, name) for name in names}
        return State(self.links_.arrays(), {**facts, "bits": 8 * self.links_.strengths.dtype.itemsize})

    @classmethod
    def from_state(cls, state: State) -> Self:
        """The model back, whole or pruned (see ``steelyard.compression.neighbours``)."""
        model = cls(**{name: value for name, value in state.facts.items() if name != "bits"})
        model._links = Links.from_state(state)
        return model


def tune_decay(interactions: Interactions, cases: Cases, *, seed: int = 0) -> dict[str, float]:
    """The decay for a shop: of those the best nDCG@10 does not clearly beat, the nearest to the default.

    The model is fitted once; decay only acts when answering.

    Args:
        interactions: What happened before the cases' targets.
        cases: Tuning cases of the recommendation surface; at most ``MOST_CASES`` of them are looked at.
        seed: Draws them.

    Returns:
        ``{"decay": …}``, ready for ``ItemKnnRecipe.open``; the default where no case has anything to find.
    """
    links = ItemNeighbours().fit(interactions, seed=seed).links_
    asked = TuningCases(cases, n_items=interactions.n_items, seed=seed)
    return {"decay": _best_decay(asked, link_matrix(links))}


def tune_neighbours(
    interactions: Interactions,
    cases: Cases,
    *,
    seed: int = 0,
    given: Mapping[str, Any] | None = None,
    kept: FloatArray | None = None,
) -> dict[str, Any]:
    """Decay, neighbours, shrinkage, weight of popularity and of others' dislikes for a shop, one after the other.

    Of each option's values the one nearest to the default is taken that the best one does not clearly beat.

    Args:
        interactions: What happened before the cases' targets.
        cases: Tuning cases of the recommendation surface; at most ``MOST_CASES`` of them are looked at.
        seed: Draws them.
        given: Options that are not to be tuned.
        kept: What each item keeps of its score where others dislike it; None where nobody dislikes any.

    Returns:
        Options of ``ItemNeighbours`` by name, and ``cases``, how many were looked at; the defaults where no case has
        anything to find.
    """
    asked = TuningCases(cases, n_items=interactions.n_items, seed=seed)
    found: dict[str, Any] = dict(given or {})

    def matrix(**more: Any) -> sparse.csr_array:
        model = ItemNeighbours(**{**found, **more}).with_kept(kept)
        return link_matrix(model.fit(interactions, seed=seed).links_)

    def judged(links: sparse.csr_array) -> FloatArray:
        return asked.ndcgs(asked.interests.rows(found["decay"]), links)

    whole = ItemNeighbours(**found).with_kept(kept).fit(interactions, seed=seed).links_
    found.setdefault("decay", _best_decay(asked, link_matrix(whole)))
    if "max_neighbours" not in found:
        sized = {n: judged(link_matrix(whole, at_most=n)) for n in SIZES}
        found["max_neighbours"] = nearest_level(sized, at=200, distance=lambda a, b: abs(np.log(a / b)))
    if "shrinkage" not in found:
        shrunk = {value: judged(matrix(shrinkage=value)) for value in SHRINKAGES}
        found["shrinkage"] = nearest_level(shrunk, at=1.0, distance=lambda a, b: abs(np.log(a / b)))
    if "popularity" not in found:
        found["popularity"] = nearest_level({p: judged(matrix(popularity=p)) for p in POPULARITIES}, at=0.0)
    if "dislikes" not in found and kept is not None:
        found["dislikes"] = nearest_level({s: judged(matrix(dislikes=s)) for s in STRENGTHS}, at=0.0)
    return {**found, "cases": len(asked.requests)}


def _best_decay(asked: TuningCases, links: sparse.csr_array) -> float:
    found = {decay: asked.ndcgs(asked.interests.rows(decay), links) for decay in DECAYS}
    return nearest_level(found, at=ItemNeighbours().decay)


def latest_events(interactions: Interactions, *, at_most: int) -> tuple[Numbers, Numbers]:
    """Users and items of the events that count: each user's last event per item, and the latest ``at_most`` of them.

    Args:
        interactions: Oldest first.
        at_most: Events kept of each user.

    Returns:
        Users ascending, and within a user oldest first. Shapes (kept,).
    """
    users, items = interactions.users, interactions.items
    # Room for all: what is not written to takes no memory, and nothing is held twice.
    found_users, found_items, n = np.empty(len(users), np.int32), np.empty(len(users), np.int32), 0
    for places in latest_of_users(users, items, n_items=interactions.n_items, at_most=at_most):
        part = slice(n, n + len(places))
        found_users[part], found_items[part] = users[places], items[places]
        n += len(places)
    return found_users[:n], found_items[:n]


def _weighted_rows(
    users: Numbers,
    items: Numbers,
    *,
    shape: tuple[int, int],
    shrinkage: float,
    popularity: float,
    kept: FloatArray | None,
) -> Iterator[sparse.csr_array]:
    """Blocks of rows of the link matrix, in order; row j holds what j adds to each item, and 0 for itself."""
    from scipy import sparse  # noqa: PLC0415 - only learning needs it; a server that loads it starts a second later

    columns = sparse.csc_array((np.ones(len(users), np.float32), (users, items)), shape=shape)
    by_item = columns.T  # the same arrays, read as rows
    roots = np.sqrt(np.bincount(items, minlength=shape[1]))
    work = np.asarray(by_item @ np.bincount(users, minlength=shape[0]).astype(np.float64), np.float64)
    for low, high in blocks(work, limit=_BLOCK_PAIRS):
        # The product is symmetric: its columns are the rows wanted, and turning it sorts them in linear time.
        turned = (by_item @ columns[:, low:high].tocsr()).tocsc()
        rows = np.repeat(np.arange(low, high), np.diff(turned.indptr))
        shares = turned.data / (roots[rows] * roots[turned.indices] + shrinkage * COOCCURRENCE_SHRINKAGE)
        shares[rows == turned.indices] = 0.0
        together = sparse.csr_array((shares, turned.indices, turned.indptr), shape=(high - low, shape[1]))
        ahead = directed_counts(users, items, rows=(low, high), n_items=shape[1])
        rows = np.repeat(np.arange(low, high), np.diff(ahead.indptr))
        ahead.data = ahead.data / (roots[rows] * roots[ahead.indices] + shrinkage * DIRECTED_SHRINKAGE)
        found = together + ahead
        if popularity:
            found.data *= roots[found.indices] ** (2 * popularity)
        if kept is not None:
            found.data *= kept[found.indices]
        yield found


def directed_counts(users: Numbers, items: Numbers, *, rows: tuple[int, int], n_items: int) -> sparse.csr_array:
    """Sum over users of 1/gap from each item of a run to those at most ``STEPS`` after it. Shape (run, n_items)."""
    from scipy import sparse  # noqa: PLC0415 - only learning needs it; a server that loads it starts a second later

    low, high = rows
    places = np.flatnonzero((items >= low) & (items < high))
    sources, targets, values = [], [], []
    for gap in range(1, STEPS + 1):
        inside = places[: np.searchsorted(places, len(items) - gap)]
        same = inside[users[inside + gap] == users[inside]]
        sources.append(items[same] - low)
        targets.append(items[same + gap])
        values.append(np.full(len(same), _WHOLE // gap))
    cells = (np.concatenate(values), (np.concatenate(sources), np.concatenate(targets)))
    found = sparse.coo_array(cells, shape=(high - low, n_items)).tocsr()
    found.data = found.data / _WHOLE
    return found


class ItemKnnOptions(Section):
    """Table ``[models.item-knn]``."""

    decay: Annotated[float, Field(gt=0, le=1)] | None = None
    """How much each older item of a history counts; tuned on the validation period where left out."""
    neighbours: Count | None = None
    """The strongest so many of each item are kept; tuned where left out."""
    shrinkage: Annotated[float, Field(gt=0, le=1000)] | None = None
    """The larger, the less a link of few people says; tuned where left out, 1 is usual."""
    popularity: Annotated[float, Field(ge=-2, le=2)] | None = None
    """Above 0 what many interact with is preferred, below 0 it is held back; tuned where left out, 0 is usual."""
    dislikes: Annotated[float, Field(ge=0, le=20)] | None = None
    """How strongly an item is held back from everybody that many dislike (a low rating, a return, a hide); tuned where
    left out, and 0 where the validation period does not clearly gain by it."""
    forms: tuple[Literal["full", "50x8bit", "20x8bit"], ...] = Field(("full", "50x8bit", "20x8bit"), min_length=1)
    """All neighbours that are kept, or of these the best 50 or 20 of each item at 8 bits: each is measured and priced.
    A form is left out where a smaller one holds all that are kept."""


class ItemKnnRecipe(FittedRecipe):
    """``item-knn``: what others interacted with next, after what this shopper did."""

    name = "item-knn"
    options = ItemKnnOptions
    space: ClassVar[SearchSpace] = {
        "decay": Real(0.3, 1.0),
        "max_neighbours": Whole(10, 500, is_log=True),
        "shrinkage": Real(0.05, 50.0, is_log=True),
        "popularity": Real(-1.0, 1.0),
    }
    companion = Companion.BOUGHT_TOGETHER
    forms = ("neighbours", "forms")

    def tune(self, bench: Bench, options: ItemKnnOptions) -> Mapping[str, Any]:
        """All options that the shop does not set."""
        shop = bench.shop
        kept = kept_shares(shop.learn, shop.dislikers[0] if shop.dislikers else None)
        return tune_neighbours(shop.learn, shop.recommend_tuning, seed=bench.seed, given=_given(options), kept=kept)

    def search_space(self, options: ItemKnnOptions) -> SearchSpace:
        """All options that the shop does not set."""
        return {name: dimension for name, dimension in self.space.items() if name not in _given(options)}

    def fit(self, bench: Bench, options: ItemKnnOptions, tuned: Mapping[str, Any]) -> State:
        """Links between items."""
        chosen = {**_given(options), **{name: value for name, value in tuned.items() if name in _TUNED}}
        shop = bench.shop
        kept = kept_shares(shop.learn_all, shop.dislikers[1] if shop.dislikers else None)
        return ItemNeighbours(**chosen).with_kept(kept).fit(shop.learn_all, seed=bench.seed).state()

    def opening(self, tuned: Mapping[str, Any]) -> Mapping[str, Any]:
        """The decay: all else is in the links."""
        return {name: tuned[name] for name in ("decay",) if name in tuned}

    def variants(self, plan: Plan) -> Iterable[Variant]:
        """As every fitted recipe; a form that would hold the same neighbours as a smaller one is refused."""
        sizes = {form: int(form.split("x")[0]) for form in plan.options.forms if form != "full"}
        for variant in super().variants(plan):
            form = variant.name.removeprefix(f"{self.name}-")
            less = [n for n in sizes.values() if n < sizes.get(form, 0)]
            yield replace(variant, tuned=_told(variant.tuned, form, less)) if less and variant.tuned else variant

    def open(self, parts: Parts, options: Mapping[str, Any]) -> ItemNeighbours:
        """The part in the role ``model``; option ``decay`` wins over the stored one."""
        model = ItemNeighbours.from_state(parts.state("model"))
        model.decay = float(options.get("decay", model.decay))
        return model


_TUNED = ("decay", "max_neighbours", "shrinkage", "popularity", "dislikes")


def _given(options: ItemKnnOptions) -> dict[str, Any]:
    """What the shop sets, as ``ItemNeighbours`` calls it."""
    values = (options.decay, options.neighbours, options.shrinkage, options.popularity, options.dislikes)
    return {name: value for name, value in zip(_TUNED, values, strict=True) if value is not None}


def _told(tuned: Part, form: str, less: Sequence[int]) -> Part:
    """The tuned values, with a refusal where a smaller form holds all neighbours that tuning keeps."""

    def make(bench: Bench) -> Mapping[str, Any]:
        values = bench.values(tuned)
        kept = values.get("max_neighbours")
        covering = [n for n in less if kept is not None and n >= kept]
        if not covering:
            return values
        figures = {"kept": kept, "n": min(covering)}
        sentences = {
            "en": "tuning keeps {kept} neighbours of each item, and the form with {n} holds them all".format(**figures),
            "zh": "调优后每个商品只保留 {kept} 个近邻，保留 {n} 个的形式已全部包含".format(**figures),
        }
        return {**values, REFUSED: sentences}

    return Part(f"{tuned.name}.{form}", make, (tuned,), [form, *less], work=Work.COMPRESS, uses_tables=False)
