"""Transition graph with text: a few steps from the latest items, along what followed them and what reads alike."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any, Self

import numpy as np
import numpy.typing as npt

from steelyard.domain import Cases, FloatArray, IntArray, Interactions, Ranked, Reason, Request, State
from steelyard.errors import StageError
from steelyard.models.fitted import fitted
from steelyard.models.graph.text_space import TextSpace
from steelyard.models.graph.walks import Graph, follows, graph_of, walked
from steelyard.models.ranking.explain import MOST_REASONS
from steelyard.models.retrieval.link_batches import MANY, TuningCases, retrieved
from steelyard.models.retrieval.links import Links
from steelyard.models.retrieval.shortlists import Shortlist, best, excluded_items, interest, nearest_level, stacked

if TYPE_CHECKING:
    from scipy import sparse

__all__ = ["AFTER", "ALIKE", "Transitions", "tune_transitions"]

AFTER, ALIKE = "often_after", "similar_content"
"""Kinds of reasons: what people went on to, and what reads alike."""
TEXTS: tuple[float, ...] = (0.1, 0.25, 0.5, 1.0, 2.0)
BACKS: tuple[float, ...] = (0.0, 0.5, 1.0)
STEPS: tuple[float, ...] = (1, 2, 3)
LASTS: tuple[float, ...] = (1, 2, 5, 20)
DECAYS: tuple[float, ...] = (0.3, 0.5, 0.7, 0.9)
"""What ``tune_transitions`` tries."""
MAX_EVENTS = 200
"""Latest distinct items of a user that count."""
_LARGEST_CODE = 255
_NAMES = ("decay", "last", "text", "back", "steps", "further", "newness", "max_links")


class Transitions:
    r"""Items that walks of a few steps from the latest items lead to, along edges and along texts that are alike.

    .. math:: s(i) = \sum_{j \in last\ items} decay^{age(j)} R_{ji}, \quad
              G_{ji} = \tfrac{1}{2} \frac{\log(1 + a_{ji})}{\max_m \log(1 + a_{jm})} + text \cdot \cos(t_j, t_i)

    :math:`a_{ji}` sums 1/gap over people who came to i at most five steps after j, and ``back`` times the same the
    other way round; :math:`R` adds further steps to :math:`G` (see ``walked``). An item that nobody interacted with is
    reached through the texts like its own, and from their neighbours on. Items asked about weigh 1 each and win over
    the history. All walks are taken when the model is fitted: answering adds up rows.

    Args:
        decay: In (0, 1]; the item before the latest counts so much.
        last: Latest items of a history that walks start from, >= 1.
        text: What the likeness of texts counts against edges, >= 0.
        back: What an edge counts against its direction, in [0, 1].
        steps: Of a walk at most, 1 to 3.
        further: What each further step counts against the one before, in [0, 1].
        newness: What likeness counts for an item that nobody interacted with, against 1 for others, >= 0: such an item
            can have no edge, and with 1 stands behind what is as much alike and has one.
        max_links: The strongest so many items are kept for each.

    Source:
        The score of a pair follows a training-free walk described in arXiv 2605.07125.
    """

    def __init__(
        self,
        decay: float = 0.5,
        *,
        last: int = 5,
        text: float = 0.5,
        back: float = 0.5,
        steps: int = 2,
        further: float = 0.5,
        newness: float = 2.0,
        max_links: int = 200,
    ) -> None:
        if not 0 < decay <= 1:
            raise ValueError(f"decay must be in (0, 1], got {decay}")
        if last < 1 or not 1 <= steps <= 3:
            raise ValueError(f"walks start from at least 1 item and have 1 to 3 steps, got {last} and {steps}")
        if not (0 <= text < np.inf and 0 <= newness < np.inf and 0 <= back <= 1 and 0 <= further <= 1):
            found = f"{text}, {newness}, {back}, {further}"
            raise ValueError(f"text and newness must be >= 0, back and further in [0, 1], got {found}")
        self.decay, self.last, self.text, self.back = decay, last, text, back
        self.steps, self.further, self.newness = steps, further, newness
        self.max_links = max_links
        self._space: TextSpace | None = None
        self._links: Links | None = None
        self._alike: npt.NDArray[np.uint8] = np.empty(0, np.uint8)

    @property
    def links_(self) -> Links:
        """Where walks lead from each item.

        Raises:
            StageError: Nothing was learnt: call ``fit`` or ``from_state`` first.
        """
        return fitted(self._links, "the transition graph is")

    def reading(self, space: TextSpace) -> Self:
        """Say how alike texts are, before ``fit``.

        Args:
            space: Of the catalogue.

        Returns:
            The model itself.
        """
        self._space = space
        return self

    def fit(self, interactions: Interactions, *, seed: int) -> Self:  # the port's; nothing here is random
        """Draw the graph and walk it from every item.

        Args:
            interactions: Oldest first.
            seed: Not used; nothing here is random.

        Returns:
            The model itself.

        Raises:
            StageError: ``reading`` was not called before, or the texts are of another catalogue.
        """
        space = self._space
        if space is None:
            raise StageError("the transition graph has no texts: call reading first; a stored model cannot be fitted")
        if space.n_items != interactions.n_items:
            raise StageError(f"texts are of {space.n_items} items, behaviour of {interactions.n_items}: prepare again")
        ahead = follows(interactions, max_events=MAX_EVENTS)
        graph = graph_of(ahead, space, space.near(), back=self.back, lift=self.lift(interactions))
        found = walked(graph, text=self.text, steps=self.steps, further=self.further, n=self.max_links)
        self._links = Links.stack(iter([found]))
        self._alike = _alike(graph, self.text, found)
        return self

    def lift(self, interactions: Interactions) -> FloatArray:
        """What the likeness of its text counts for each item: ``newness`` where nobody interacted with it, else 1.

        Args:
            interactions: What is learnt from.

        Returns:
            Shape (n_items,).
        """
        is_new = np.bincount(interactions.items, minlength=interactions.n_items) == 0
        return np.where(is_new, self.newness, 1.0)

    def retrieve(self, requests: Sequence[Request], *, k: int) -> Ranked:
        """The ``k`` items with the highest scores; nothing for a request without a known item."""
        if len(requests) >= MANY:
            return retrieved(self.links_, requests, decay=self.decay, k=k, last=self.last)
        return stacked((self._best(request, k) for request in requests), k=k)

    def explain(self, request: Request, items: IntArray) -> list[list[Reason]]:
        """For each item, which of the latest items it comes after or reads like, by what that adds to its score."""
        sources, weights = self._interest(request)
        ids, parts, lengths = self.links_.parts(sources, weights)
        alike, _, _ = Links(self.links_.starts, self._alike, self._alike, self.links_.scales).parts(sources, weights)
        origin, shares = np.repeat(sources, lengths), alike / _LARGEST_CODE
        return [_reasons(origin[ids == item], parts[ids == item], shares[ids == item]) for item in items.tolist()]

    def state(self) -> State:
        """Where walks lead as compressed rows, what share of each text alone explains, and the options."""
        arrays = {**self.links_.arrays(), "alike": self._alike}
        return State(arrays, {name: getattr(self, name) for name in _NAMES})

    @classmethod
    def from_state(cls, state: State) -> Self:
        """The model back, ready to answer; to fit it again it must be told how alike texts are."""
        model = cls(**state.facts)
        model._links = Links.from_state(state)
        model._alike = state.arrays["alike"]
        return model

    def _interest(self, request: Request) -> Shortlist:
        n_items = self.links_.n_rows
        if request.items:
            return interest(request, decay=self.decay, n_items=n_items)
        return interest(Request(history=request.history[-self.last :]), decay=self.decay, n_items=n_items)

    def _best(self, request: Request, k: int) -> Shortlist:
        ids, scores = self.links_.totals(*self._interest(request))
        return best(ids, scores, k=k, without=excluded_items(request))


def tune_transitions(
    space: TextSpace,
    interactions: Interactions,
    cases: Cases,
    *,
    seed: int = 0,
    given: Mapping[str, Any] | None = None,
) -> dict[str, Any]:
    """Direction, share of text, steps, how many latest items count and their decay, one after the other.

    Of each option's values the one nearest to the default is taken that the best one does not clearly beat.

    Args:
        space: Of the catalogue.
        interactions: What happened before the cases' targets.
        cases: Tuning cases of the recommendation surface; at most ``MOST_CASES`` of them are looked at.
        seed: Draws them.
        given: Options that are not to be tuned.

    Returns:
        Options of ``Transitions`` by name, and ``cases``, how many were looked at.
    """
    asked = TuningCases(cases, n_items=interactions.n_items, seed=seed)
    model = Transitions(**(given or {}))
    found: dict[str, Any] = {name: getattr(model, name) for name in ("back", "text", "steps", "last", "decay")}
    ahead, near = follows(interactions, max_events=MAX_EVENTS), space.near()
    drawn: dict[float, Graph] = {}

    def links(**tried: Any) -> sparse.csr_array:
        now = {**found, **tried}
        if now["back"] not in drawn:
            drawn[now["back"]] = graph_of(ahead, space, near, back=now["back"], lift=model.lift(interactions))
        options = {"text": now["text"], "steps": now["steps"], "further": model.further, "n": model.max_links}
        return walked(drawn[now["back"]], **options)

    def judged(matrix: sparse.csr_array, **tried: Any) -> FloatArray:
        now = {**found, **tried}
        return asked.ndcgs(asked.interests.rows(now["decay"], last=now["last"]), matrix)

    for name, values in (("back", BACKS), ("text", TEXTS), ("steps", STEPS)):
        if name not in (given or {}):
            found[name] = nearest_level({v: judged(links(**{name: v})) for v in values}, at=found[name])
            drawn = {back: graph for back, graph in drawn.items() if back == found["back"]}
    whole = links()
    for name, values in (("last", LASTS), ("decay", DECAYS)):
        if name not in (given or {}):
            found[name] = nearest_level({v: judged(whole, **{name: v}) for v in values}, at=found[name])
    return {**found, "cases": len(asked.requests)}


def _alike(graph: Graph, text: float, found: sparse.csr_array) -> npt.NDArray[np.uint8]:
    """Of each link, which share of its strength the likeness of the two texts is, in 255ths."""
    n_items = np.int64(found.shape[1])
    keys, wanted = (
        np.repeat(np.arange(each.shape[0]), np.diff(each.indptr)) * n_items + each.indices
        for each in (graph.pairs, found)
    )
    if not len(keys):
        return np.zeros(len(wanted), np.uint8)
    places = np.minimum(np.searchsorted(keys, wanted), len(keys) - 1)
    direct = np.where(keys[places] == wanted, text * graph.cosines[places], 0.0)
    codes: npt.NDArray[np.uint8] = np.rint(np.clip(_LARGEST_CODE * direct / found.data, 0, 255)).astype(np.uint8)
    return codes


def _reasons(sources: IntArray, parts: FloatArray, alike: FloatArray) -> list[Reason]:
    total = float(parts.sum())
    if total <= 0:
        return []
    pairs = zip(sources.tolist(), parts.tolist(), alike.tolist(), strict=True)
    found: dict[tuple[str, int], float] = {}
    for source, part, share in pairs:
        for kind, adds in ((AFTER, part * (1 - share)), (ALIKE, part * share)):
            found[kind, source] = found.get((kind, source), 0.0) + adds / total
    ordered = sorted(found.items(), key=lambda each: (-each[1], each[0]))
    return [Reason(kind, min(share, 1.0), item=source) for (kind, source), share in ordered if share > 0][:MOST_REASONS]
