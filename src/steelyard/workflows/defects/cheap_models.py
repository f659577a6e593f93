"""The two cheap models whose quality says what a defect does: item neighbours (or bestsellers), and lexical search."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from steelyard.data.tables import ShopTables
from steelyard.domain import NONE, Cases, CatalogueFacts, FloatArray, IntArray, Interactions, State, Texts
from steelyard.evaluation.judge import judge_items, metric_names
from steelyard.models.retrieval.lexical import Lexical, fit_lexical
from steelyard.models.retrieval.lexical_fit import unpack
from steelyard.models.retrieval.neighbours import ItemNeighbours
from steelyard.models.retrieval.popularity import Popularity

__all__ = ["Bench", "cheap_bench"]

_MOST_EVENTS = 300_000
_MOST_REQUESTS = 500
_MOST_CANDIDATES = 300


@dataclass(frozen=True, slots=True)
class Bench:
    """What is spoilt, and what judges it."""

    learnt: Interactions
    recommend: Cases
    texts: Texts
    facts: CatalogueFacts
    search: Cases
    recommender: str
    """``item-knn`` or ``popularity``, whichever does better on clean data."""
    is_seen_excluded: bool
    k: int

    @property
    def metric(self) -> str:
        """Name of the metric."""
        return metric_names(self.k)["ndcg"]

    def recommend_ndcg(self, learnt: Interactions, *, seed: int) -> FloatArray:
        """Of each request, by the recommender trained on ``learnt``. Shape (requests,)."""
        return _recommended(self.recommender, learnt, self, seed)

    def search_ndcg(self, texts: Texts) -> FloatArray:
        """Of each query, by lexical search over ``texts``. Shape (queries,)."""
        state = fit_lexical(texts)
        found = Lexical(state, _Held(state)).retrieve(self.search.requests, k=self.k).items
        shown = np.where(found == NONE, NONE, self.facts.representative[np.maximum(found, 0)])
        return judge_items(shown, self.search, k=self.k)[self.metric]


def cheap_bench(tables: ShopTables, *, is_seen_excluded: bool, k: int, seed: int) -> Bench:
    """What the cheap models are trained and judged on.

    Args:
        tables: The prepared data.
        is_seen_excluded: Whether what a user took is not offered again.
        k: Cut-off rank.
        seed: Of the draw of users where the log is long.

    Returns:
        At most some 300,000 events, those of the users who judge among them, and 500 requests of each surface.
    """
    recommend = _first(tables.recommend_test, _MOST_REQUESTS)
    learnt = _sample(tables.learn_all, seed)
    bench = Bench(
        learnt, recommend, tables.texts, tables.facts, _first(tables.search_test, _MOST_REQUESTS),
        "item-knn", is_seen_excluded, k,
    )  # fmt: skip
    if not recommend.requests or not len(learnt.users):
        return bench
    means = {name: np.nanmean(_recommended(name, learnt, bench, seed)) for name in ("item-knn", "popularity")}
    return replace(bench, recommender=max(means, key=lambda name: means[name]))


def _recommended(name: str, learnt: Interactions, bench: Bench, seed: int) -> FloatArray:
    model = ItemNeighbours() if name == "item-knn" else Popularity(None)
    requests = bench.recommend.requests
    if bench.is_seen_excluded:
        kept_away = bench.recommend.kept_away
        requests = tuple(replace(r, exclude=(*r.exclude, *sorted(kept_away(r)))) for r in requests)
    ranked = model.fit(learnt, seed=seed).retrieve(requests, k=bench.k)
    return judge_items(ranked.items, bench.recommend, k=bench.k)[bench.metric]


class _Held:
    """Candidates out of the postings alone: the texts that hold most of the rarest terms."""

    def __init__(self, state: State) -> None:
        self._numbers = {term: number for number, term in enumerate(unpack(state.arrays["terms"]))}
        self._starts, self._documents = state.arrays["starts"], state.arrays["documents"]
        self._n = int(state.facts["n_texts"])

    def candidates(self, terms: Sequence[str], *, k: int) -> IntArray:
        """At most ``k`` texts, best first."""
        weight = np.zeros(self._n)
        for number in {self._numbers[term] for term in terms if term in self._numbers}:
            held = self._documents[self._starts[number] : self._starts[number + 1]]
            weight[held] += np.log1p(self._n / max(len(held), 1))
        found = np.flatnonzero(weight)
        best = found[np.argsort(-weight[found], kind="stable")]
        return best[: max(k, _MOST_CANDIDATES)].astype(np.int64)


def _first(cases: Cases, n: int) -> Cases:
    if len(cases.requests) <= n:
        return cases
    return replace(
        cases, ids=cases.ids[:n], requests=cases.requests[:n], relevant=cases.relevant[:n], gains=cases.gains[:n]
    )


def _sample(learnt: Interactions, seed: int) -> Interactions:
    """Events of users drawn until there are enough."""
    n = len(learnt.users)
    if n <= _MOST_EVENTS:
        return learnt
    order = np.random.default_rng(seed).permutation(learnt.n_users)
    sizes = np.bincount(learnt.users, minlength=learnt.n_users)[order]
    chosen = np.zeros(learnt.n_users, bool)
    chosen[order[: int(np.searchsorted(np.cumsum(sizes), _MOST_EVENTS)) + 1]] = True
    rows = np.flatnonzero(chosen[learnt.users])
    times, weights = learnt.times_s[rows], learnt.weights[rows]
    return replace(learnt, users=learnt.users[rows], items=learnt.items[rows], times_s=times, weights=weights)
