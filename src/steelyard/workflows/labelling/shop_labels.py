"""``labels shop``: which judgements would settle the choice between two configurations, and what they cost."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass, field
from decimal import Decimal
from pathlib import Path
from typing import TYPE_CHECKING

import narwhals.stable.v2 as nw
import numpy as np

from steelyard.data.schema import Role, Wanted
from steelyard.data.values.normalise import fold
from steelyard.documents.label_plan import LabelPlan, NeededLabels, PairRow, QueryRow
from steelyard.domain import Cases, FloatArray, IntArray, Surface
from steelyard.errors import ConfigError, StageError
from steelyard.evaluation.label_bounds import Lists, shown_lists
from steelyard.evaluation.label_shopping import (
    MOST_QUERIES,
    Prior,
    Rule,
    State,
    differences_drawn,
    gain_prior,
    pairs_needed,
    queries_needed,
    verdict,
    wishes,
)
from steelyard.workflows.labelling.label_price import LabelPrice, label_price
from steelyard.workflows.labelling.plan_words import plan_words
from steelyard.workflows.measure import load_measurements
from steelyard.workflows.stored import stored_decision

if TYPE_CHECKING:
    from steelyard.data.tables import ShopTables
    from steelyard.documents.choice import SurfaceDecision
    from steelyard.domain import Measurement
    from steelyard.workflows.open_shop import OpenShop

__all__ = ["PAIR_COLUMNS", "QUERY_COLUMNS", "Wanting", "further_queries", "plan_labels", "wanting", "write_lists"]

PAIR_COLUMNS = ("query", "item_id", "title", "gain", "worth")
QUERY_COLUMNS = ("query", "people")
_LEAST_PEOPLE = 5
"""A query is listed for judges when so many people typed it: a rare one may tell who did."""
_FORMULA = ("=", "+", "-", "@", "\t", "\r")
"""What a table tool would compute: such a query of the log is not written, such a title gets an apostrophe."""


@dataclass(frozen=True, slots=True)
class Wanting:
    """What is to be settled."""

    first: str = ""
    """The chosen one where it is empty."""
    second: str = ""
    """The best of the others where it is empty."""
    rule: Rule = field(default_factory=Rule)
    draws: int = 100
    rows: int = 1000
    """At most so many pairs and so many queries are listed."""


def wanting(first: str, second: str, *, smallest: Decimal, share: Decimal, confidence: Decimal, rows: int) -> Wanting:
    """What is to be settled, from the options of the command line."""
    rule = Rule(float(smallest), float(confidence), float(share))
    return Wanting(first, second, rule, rows=rows)


@dataclass(frozen=True, slots=True)
class _Choice:
    """Two measured configurations and the queries they answered."""

    tables: ShopTables
    first: Measurement
    second: Measurement
    k: int
    lists: list[Lists]

    @property
    def cases(self) -> Cases:
        """The judged queries."""
        return self.tables.search_test


def plan_labels(shop: OpenShop, wanting: Wanting) -> LabelPlan:
    """Where the choice stands, and the judgements that would settle it.

    Args:
        shop: A shop whose search was measured.
        wanting: The two configurations, and when the choice is called settled.

    Returns:
        The plan with its lists.

    Raises:
        StageError: Search was not measured, or on other queries.
        ConfigError: A configuration is not known, or the two are the same.
    """
    choice = _choice(shop, wanting)
    prior = gain_prior(choice.lists, k=choice.k)
    state = verdict(choice.lists, prior.levels, wanting.rule)
    price, further = label_price(shop), further_queries(shop, choice.cases)
    seed = shop.config.seed
    pairs = pairs_needed(choice.lists, prior, wanting.rule, draws=wanting.draws, seed=seed)
    drawn = differences_drawn(choice.lists, prior, draws=max(wanting.draws, 200), seed=seed)
    needed = queries_needed(drawn, deviation=state.deviation, rule=wanting.rule)
    each = _pairs_of_query(choice.lists)
    plan = LabelPlan(
        first=choice.first.configuration,
        second=choice.second.configuration,
        metric=choice.first.metric,
        **asdict(wanting.rule),
        n_queries=state.n_queries,
        is_synthetic=choice.cases.is_synthetic,
        mean=_finite(state.mean),
        low=_finite(state.low),
        high=_finite(state.high),
        least=_finite(state.least),
        greatest=_finite(state.greatest),
        unjudged_share=_unjudged_share(choice.lists),
        now=state.now.value,
        for_good=state.for_good.value,
        of_these=state.of_these.value,
        pairs=_cost(*pairs, price, each=1.0),
        queries=_further(needed, state, price, each=each),
        pairs_of_query=each,
        queries_at_hand=len(further),
        settles_share=float(np.isfinite(needed).mean()) if len(needed) else 0.0,
        price=price.amount,
        currency=price.currency,
        price_source=price.source,
        says=(),
        says_zh=(),
        pair_rows=tuple(_pair_rows(choice, prior, wanting.rows)),
        query_rows=tuple(row for row in further[: wanting.rows] if row.people >= _LEAST_PEOPLE),
    )
    return plan_words(plan, n_judged=prior.n_judged)


def write_lists(shop: OpenShop, plan: LabelPlan, out: Path) -> list[tuple[Path, int]]:
    """Write the lists as CSV to be filled in.

    Args:
        shop: The shop.
        plan: What ``plan_labels`` gave.
        out: File of the pairs; that of the queries gets ``-queries`` behind its name.

    Returns:
        Each file and its rows; a list without a row is not written.

    Raises:
        StorageError: It cannot be written.
    """
    files = shop.tools.accounting.bill_files()
    pairs = [
        {
            "query": row.query,
            "item_id": row.item_id,
            "title": _plain(row.title),
            "gain": "",
            "worth": f"{row.worth:.6f}",
        }
        for row in plan.pair_rows
    ]
    queries = [{"query": row.query, "people": str(row.people)} for row in plan.query_rows]
    of_queries = out.with_name(f"{out.stem}-queries{out.suffix or '.csv'}")
    return [
        (path, files.write(path, header, rows))
        for path, header, rows in ((out, PAIR_COLUMNS, pairs), (of_queries, QUERY_COLUMNS, queries))
        if rows
    ]


def _plain(title: str) -> str:
    return f"'{title}" if title.startswith(_FORMULA) else title


def _choice(shop: OpenShop, wanting: Wanting) -> _Choice:
    store = shop.store
    if not store.has("data") or not store.has("measurements/search"):
        raise StageError("no configuration of search was measured: run `steelyard measure` first")
    found = {each.configuration: each for each in load_measurements(store, Surface.SEARCH)}
    first, second = _two(shop, wanting, list(found.values()))
    unknown = [name for name in (first, second) if name not in found]
    if unknown:
        raise ConfigError(f"no measured configuration {', '.join(unknown)}; there are {', '.join(found)}")
    tables = shop.tools.shop.tables(store.path("data"), max_history=shop.config.models.max_history)
    cases, ids = tables.search_test, store.read_state("measurements/search").facts["case_ids"]
    if list(ids) != list(cases.ids):
        raise StageError("search was measured on other queries than are prepared now: run `steelyard measure` again")
    k = int(found[first].facts["k"])
    own, other = (_answers(shop, name) for name in (first, second))
    lists = shown_lists(own, other, cases, k=k, share=wanting.rule.share)
    return _Choice(tables, found[first], found[second], k, lists)


def _answers(shop: OpenShop, name: str) -> IntArray:
    items: IntArray = shop.store.read_state(f"measured/{name}").arrays["items"]
    return items


def _two(shop: OpenShop, wanting: Wanting, measured: Sequence[Measurement]) -> tuple[str, str]:
    """The two names: as given, else the chosen one and the best of the others."""
    first = wanting.first
    if not first:
        chosen = [each.chosen for each in _surfaces(shop) if each.surface == Surface.SEARCH.value]
        first = chosen[0] if chosen and chosen[0] else _best(measured, "")
    second = wanting.second or _best(measured, first)
    if not second or first == second:
        raise ConfigError(
            "a choice needs two configurations: name them, as `steelyard labels shop FIRST SECOND`"
            if first == second or len(measured) > 1
            else f"only {first} was measured: there is nothing to choose between"
        )
    return first, second


def _surfaces(shop: OpenShop) -> Sequence[SurfaceDecision]:
    return stored_decision(shop.store).surfaces if shop.store.has("decision") else ()


def _best(measured: Sequence[Measurement], but: str) -> str:
    others = [each for each in measured if each.configuration != but]
    return max(others, key=lambda each: (each.quality.mean, each.configuration)).configuration if others else ""


def further_queries(shop: OpenShop, cases: Cases) -> list[QueryRow]:
    """Queries of the log that are not among the cases, what most people typed first.

    Args:
        shop: A shop that was prepared.
        cases: The judged queries.

    Returns:
        None that a table tool would take for a formula; empty where the log names no queries.
    """
    if shop.config.data.events is None or shop.config.data.events.columns.query is None:
        return []
    known = {fold(request.query) for request in cases.requests}
    people: dict[str, int] = {}
    roles = (Role("query", ("query",)), Role("user", ("user",)))
    with shop.tools.shop.sources(shop.store.path("data")) as sources:
        rows = sources.scan(Wanted("events", "events.parquet", roles), pseudonym=str)
        typed = nw.col("query").str.strip_chars().str.to_lowercase().alias("typed")
        pairs = rows.filter(~nw.col("query").is_null() & ~nw.col("user").is_null()).select(typed, "user").unique()
        for batch in sources.batches(pairs.group_by("typed").agg(nw.len().alias("people"))):
            for query, n in zip(batch["typed"], batch["people"], strict=True):
                if query and not query.startswith(_FORMULA) and fold(query) not in known:
                    people[fold(query)] = people.get(fold(query), 0) + int(n)
    order = sorted(people.items(), key=lambda pair: (-pair[1], pair[0]))
    return [QueryRow(query=query, people=n) for query, n in order]


def _pair_rows(choice: _Choice, prior: Prior, n: int) -> Iterator[PairRow]:
    titles, facts = choice.tables.texts.title, choice.tables.facts
    for wish in wishes(choice.lists, prior)[:n]:
        yield PairRow(
            query=choice.cases.requests[wish.query].query,
            item_id=choice.tables.item_ids[wish.item],
            title=titles[int(facts.text_of_item[wish.item])],
            rank=wish.rank,
            worth=wish.worth,
        )


def _finite(value: float) -> float | None:
    return value if np.isfinite(value) else None


def _unjudged_share(lists: Sequence[Lists]) -> float:
    shown = sum(len(each.items) for each in lists)
    return sum(len(each.unjudged) for each in lists) / shown if shown else 0.0


def _pairs_of_query(lists: Sequence[Lists]) -> float:
    return float(np.mean([len(each.items) for each in lists])) if lists else 0.0


def _cost(expected: float, most: float, price: LabelPrice, *, each: float) -> NeededLabels:
    return NeededLabels(
        expected=round(expected) if np.isfinite(expected) else None,
        likely_most=round(most) if np.isfinite(most) else None,
        cost_expected=price.of(expected * each if np.isfinite(expected) else None),
        cost_likely_most=price.of(most * each if np.isfinite(most) else None),
    )


def _further(needed: FloatArray, state: State, price: LabelPrice, *, each: float) -> NeededLabels:
    if not len(needed):
        return NeededLabels(expected=None, likely_most=None)
    more = np.maximum(np.minimum(needed, MOST_QUERIES * 10.0) - state.n_queries, 0)
    ends = [float(np.quantile(more, share)) for share in (0.5, 0.9)]
    expected, most = (end if end <= MOST_QUERIES else float("inf") for end in ends)
    return _cost(expected, most, price, each=each)
