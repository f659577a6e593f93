"""Whether the search that is packaged may put its lists in a shopper's own order: asked of the shop's log.

Searches that led to a click, a cart or a purchase are asked again, each with what was known of the shopper before it
began, and ``models.ranking.personal_fit`` chooses and judges the weights. Without a log of searches there is nothing to
ask, and the search stays as it is.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING

import narwhals.stable.v2 as nw
import numpy as np

from steelyard.config.data_tables import FIXED_WEIGHTS
from steelyard.documents.personal_search import PersonalSearch, personal_search_builtins, read_personal_search
from steelyard.domain import NONE, Configuration, EventKind, FloatArray, IntArray, Request, split_history
from steelyard.models.pipeline import Pipeline, open_pipeline
from steelyard.models.ranking.personal import WINDOW, Traits, taste_of
from steelyard.models.ranking.personal_fit import PersonalFit, Replayed, fit_personal
from steelyard.models.whole import Whole
from steelyard.serving.served import HISTORY_KINDS
from steelyard.workflows.labelling.behaviour_labels import behaviour_events
from steelyard.workflows.stages import key_of

if TYPE_CHECKING:
    from steelyard.data.tables import ShopTables
    from steelyard.workflows.ports import Progress
    from steelyard.workflows.session import Run

__all__ = ["Act", "fitted_search", "personal_line", "replayed", "stored_fit", "traits_of_shop"]

_FITTED = "personal_search"
_TARGETS = (EventKind.CLICK.value, EventKind.ADD_TO_CART.value, EventKind.PURCHASE.value)
_MOST_PEOPLE = 2000
_MOST_SEARCHES = 20
"""Of one person, the latest."""
_QUERIES = 2000
"""Queries whose lists are kept."""
_TOP = max(FIXED_WEIGHTS.values())


@dataclass(frozen=True, slots=True)
class Act:
    """An event of the log."""

    time_s: float
    item: int
    kind: str
    visit: str
    query: str
    """Empty where it came of no search."""


def fitted_search(run: Run, search: Configuration | None, progress: Progress) -> PersonalSearch | None:
    """The fit for the search that is packaged, made anew where what it rests on changed.

    Args:
        run: Configuration and everything open.
        search: What answers queries.
        progress: Told of the replay.

    Returns:
        ``None`` where there is no search, or ``[serve] personal_search`` asks for no fit.
    """
    events = run.config.data.events
    if search is None or run.config.serve.personal_search != "fitted":
        return None
    key = _key(run, search)
    known = stored_fit(run, search)
    if known is not None:
        return known
    if events is None or not events.columns.query:
        fit = fit_personal((), seed=run.config.seed)
    else:
        progress(0, 1, "personal order of searches, asked of the log")
        opened = open_pipeline(search, run.tools.files.parts(run.store.path, search.parts))
        people = _people(run)
        max_history = run.config.models.max_history
        searches = replayed(people, opened, traits_of_shop(run.bench.shop), max_history=max_history)
        fit = fit_personal(list(searches), seed=run.config.seed)
    found = _document(key, search, fit)
    run.store.write_json(_FITTED, personal_search_builtins(found))
    return found


def stored_fit(run: Run, search: Configuration | None) -> PersonalSearch | None:
    """The fit of this search as it was stored; ``None`` where there is none, or it is of something else."""
    if search is None or run.config.serve.personal_search != "fitted" or not run.store.has(_FITTED):
        return None
    found = read_personal_search(run.store.read_json(_FITTED))
    return found if found.key == _key(run, search) else None


def personal_line(fit: PersonalSearch) -> str:
    """What became of it, for whoever packages."""
    figures = (
        f"nDCG@10 {fit.without:.4f}, gain {fit.gain:+.4f} [{fit.low:+.4f}, {fit.high:+.4f}] on {fit.n_people:,} people"
    )
    if fit.is_taken:
        return (
            f"searches are put in each shopper's own order within their tiers (bought before {fit.repeat:g}, like it "
            f"{fit.likeness:g}): {figures}"
        )
    why = {
        "no_searches": (
            f"the log names too few searches of people with a history ({fit.n_searches:,} of {2 * fit.n_people:,} "
            "people); a weight that nobody measured can be set with [serve] personal_search"
        ),
        "no_gain": f"no weight does better than none on half of the people ({fit.n_searches:,} searches)",
    }
    return f"searches stay the same for everybody: {why.get(fit.verdict, f'the gain is not certain ({figures})')}"


def replayed(
    people: Mapping[str, Sequence[Act]], search: Pipeline, traits: Traits, *, max_history: int
) -> Iterator[Replayed]:
    """Searches of the log, asked again with what was known before each.

    A search is what one person typed in one visit; it begins with the first event that names the query. What the
    person did from then on is no history of it, the clicks of the same search among it.

    Args:
        people: Events of each person, positive ones alone, in any order.
        search: Answers.
        traits: Of the catalogue.
        max_history: Latest distinct items that count.

    Yields:
        Replayed: Searches of people with a history, at most the latest twenty of each.
    """
    whole = lru_cache(maxsize=_QUERIES)(lambda query: _head(search.whole(Request(query=query))))
    tiers = lru_cache(maxsize=_QUERIES)(lambda query: search.tiers(Request(query=query), whole(query).items))
    for user, acts in people.items():
        for of_search in _searches(acts):
            before = [act for act in acts if act.time_s < of_search[0].time_s]
            taste = taste_of(*_known(before, max_history=max_history), traits)
            query = of_search[0].query
            head = whole(query)
            if taste is None or not len(head.items):
                continue
            liking = taste.liking(head.of_units, traits).best_of(head.unit, len(head.items))
            yield Replayed(user, head.scores, tiers(query), liking, _gains(of_search, head))


def _searches(acts: Sequence[Act]) -> list[list[Act]]:
    """What came of each of the latest searches of one person, in order of time."""
    asked: dict[tuple[str, str], list[Act]] = defaultdict(list)
    for act in sorted(acts, key=lambda act: act.time_s):
        if act.query and act.kind in _TARGETS:
            asked[(act.visit, act.query)].append(act)
    return sorted(asked.values(), key=lambda of_search: of_search[0].time_s)[-_MOST_SEARCHES:]


def _known(acts: Sequence[Act], *, max_history: int) -> tuple[tuple[int, ...], tuple[int, ...]]:
    """The history of some events, and what was bought by them."""
    in_order = sorted(acts, key=lambda act: act.time_s)
    bought = [act.item for act in in_order if act.kind == EventKind.PURCHASE.value]
    items = [act.item for act in in_order]
    return split_history(items, max_history=max_history)[0], split_history(bought, max_history=max_history)[0]


@dataclass(frozen=True, slots=True, eq=False)
class _Head:
    """The first results of a list; arrays as ``serving.lists.personal.Shown`` has them."""

    items: IntArray
    scores: FloatArray
    of_units: IntArray
    unit: IntArray


def _head(whole: Whole) -> _Head:
    units, first = np.unique(whole.units[: whole.n_matched], return_index=True)
    order = np.argsort(first)[:WINDOW]
    place = {unit: at for at, unit in enumerate(units[order].tolist())}
    of_each = np.array([place.get(unit, NONE) for unit in whole.units.tolist()], np.int64)
    shown = first[order]
    items = whole.items.astype(np.int64)
    return _Head(items[shown], whole.scores[shown], items[of_each != NONE], of_each[of_each != NONE])


def _gains(acts: Sequence[Act], head: _Head) -> FloatArray:
    gains, place = np.zeros(len(head.items)), dict(zip(head.of_units.tolist(), head.unit.tolist(), strict=True))
    for act in acts:
        if act.item in place:
            at = place[act.item]
            gains[at] = max(float(gains[at]), FIXED_WEIGHTS[act.kind] / _TOP)
    return gains


def _people(run: Run) -> dict[str, list[Act]]:
    """Positive events of people who searched, of at most two thousand of them."""
    with run.tools.shop.sources(run.store.path("data"), max_memory_gb=run.config.data.max_memory_gb) as sources:
        events = behaviour_events(sources).filter(~nw.col("user").is_null() & (nw.col("item") >= 0))
        events = events.filter((nw.col("weight") > 0) & nw.col("kind").is_in(HISTORY_KINDS))
        asked = events.filter(~nw.col("query").is_null() & nw.col("kind").is_in(_TARGETS)).select("user").unique()
        users = [user for batch in sources.batches(asked.sort("user")) for user in batch["user"]]
        if len(users) > _MOST_PEOPLE:
            drawn = np.random.default_rng(run.config.seed).choice(len(users), _MOST_PEOPLE, replace=False)
            users = [users[at] for at in sorted(drawn.tolist())]
        found: dict[str, list[Act]] = {user: [] for user in users}
        columns = ("time", "item", "kind", "visit", "query", "user")
        for batch in sources.batches(events.filter(nw.col("user").is_in(users)).select(*columns)):
            for time, item, kind, visit, query, user in zip(*(batch[name] for name in columns), strict=True):
                found[user].append(Act(float(time), int(item), kind, visit or "", query or ""))
    return found


def traits_of_shop(shop: ShopTables) -> Traits:
    """What tastes are made of, from the prepared tables."""
    brands = {brand: number for number, brand in enumerate(sorted({*shop.texts.brand} - {""}))}
    of_text = np.array([brands.get(brand, NONE) for brand in shop.texts.brand], np.int64)
    price = np.full(len(shop.item_ids), np.nan) if shop.price is None else shop.price
    return Traits.of(shop.facts.category, of_text[shop.facts.text_of_item], price)


def _key(run: Run, search: Configuration) -> str:
    parts = {role: [name, run.store.digest(name)] for role, name in search.parts.items()}
    return key_of(_FITTED, 1, [search.name, search.kind, dict(search.options)], parts, run.store.digest("data"))


def _document(key: str, search: Configuration, fit: PersonalFit) -> PersonalSearch:
    return PersonalSearch(
        key=key,
        configuration=search.name,
        verdict=str(fit.verdict),
        repeat=fit.weights.repeat,
        likeness=fit.weights.likeness,
        without=fit.without,
        gain=fit.gain,
        low=fit.low,
        high=fit.high,
        n_searches=fit.n_searches,
        n_people=fit.n_people,
    )
