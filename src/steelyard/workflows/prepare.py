"""From the shop's files to the artefact ``data``: checked, numbered, divided, with nothing lost silently."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from functools import partial
from itertools import islice
from typing import TYPE_CHECKING, Any

import narwhals.stable.v2 as nw
import numpy as np

from steelyard.config import Config
from steelyard.data.behaviour import keep_paid, kinds_of, number_events
from steelyard.data.catalogue import Catalogue
from steelyard.data.changes.applying import CatalogueChanges
from steelyard.data.detectors.future import future_findings
from steelyard.data.detectors.leaks import category_findings, division_findings, repeat_findings
from steelyard.data.disliked import DISLIKED, write_disliked
from steelyard.data.dividing.division import Division, division_document
from steelyard.data.dividing.split import (
    Cuts,
    HeldOut,
    count,
    cut_times,
    leakage,
    query_id,
    split_queries,
    with_period,
)
from steelyard.data.judgements import gains_by_text, queries_of
from steelyard.data.loads.stopping import check_accepted, refuse_if_stopped
from steelyard.data.merged_items import MERGED, write_merged
from steelyard.data.privacy import Pseudonyms
from steelyard.data.quality import Finding, with_findings
from steelyard.data.queries import KnownItemQuery, make_queries
from steelyard.data.schema import (
    POPULAR_COLUMNS,
    POPULAR_QUERIES,
    QUERY_COLUMNS,
    SourcePort,
    StoredType,
    wanted_items,
)
from steelyard.data.values.normalise import fold
from steelyard.data.vocabulary import representatives
from steelyard.documents.changes import held_builtins
from steelyard.documents.people import people_builtins
from steelyard.documents.profile import DataProfile, profile_builtins
from steelyard.documents.quality import QualityReport, quality_builtins
from steelyard.documents.split import PositiveEvents, SearchSplit, split_builtins
from steelyard.domain import EventKind, IntArray
from steelyard.workflows.further_tables import read_further_tables, write_further_tables
from steelyard.workflows.held_out_users import held_out_users
from steelyard.workflows.popular_queries import popular_queries
from steelyard.workflows.ports import Progress, Store
from steelyard.workflows.read_shop import (
    Reading,
    all_wanted,
    ask_expectations,
    catalogue_of,
    read_events,
    read_items,
    read_judgements,
    reading_report,
)
from steelyard.workflows.same_people import read_same_people
from steelyard.workflows.stored import CHANGES, PEOPLE, PROFILE, REFUSED, stored_profile
from steelyard.workflows.teaching_queries import teaching

if TYPE_CHECKING:
    from steelyard.data.schema import Frame

_Parts = Mapping[str, Sequence[str]]
__all__ = ["N_STEPS", "prepare"]

N_EXAMPLES = 12
N_STEPS = 6
_EVENT_COLUMNS: Mapping[str, StoredType] = {
    "time": "float",
    "item": "int",
    "user_number": "int",
    "kind": "text",
    "weight": "float",
    "user": "text",
    "period": "text",
    "traffic": "text",
}
"""What ``events.parquet`` of a shop without a log holds, without a row: what the later stages read."""
_POSITIVE = ("user_number", "item", "time")
"""What dividing the log needs of its positive events."""
_JUDGEMENT_COLUMNS: dict[str, StoredType] = {"query_id": "text", "text": "int", "gain": "float", "item": "int"}


def prepare(
    config: Config,
    *,
    sources: SourcePort,
    store: Store,
    key: bytes,
    now: datetime,
    progress: Progress,
    erased: frozenset[str] = frozenset(),
    changes: CatalogueChanges | None = None,
) -> QualityReport:
    """Read, check, number and divide the shop's tables, and store them as the artefact ``data``.

    Args:
        config: The shop's configuration.
        sources: Opens the files the configuration names.
        store: Gets the artefact; after an error it holds what it held before.
        key: Secret of the pseudonyms, at least 16 bytes.
        now: With time zone; events after it are impossible.
        progress: Told of each of the six steps.
        erased: Pseudonyms of people who were erased: their rows are left out and stored nowhere.
        changes: What of the catalogue was changed since its file was exported.

    Returns:
        The quality report, as in ``quality.json``.

    Raises:
        SourceError: A file cannot be read; nothing was parsed.
        DataError: The data would give wrong answers, or the load loses more than the shop accepts; the report of such
            a load is the artefact ``refused``.
        ConfigError: ``kinds`` maps to something that is not an event kind, an accepted reason is none, or an
            expectation is about a column that there is not.
    """
    data = config.data
    check_accepted(data.accept)
    if data.events:
        kinds_of(data.events)
    progress(0, N_STEPS, "look at the files")
    sources.check(all_wanted(config))
    with store.writing("data") as folder:
        run = Reading(config, sources, folder, Pseudonyms(key), now, before=stored_profile(store), erased=erased)
        run.changes = changes or run.changes
        progress(1, N_STEPS, "read the catalogue")
        catalogue = read_items(run)
        progress(2, N_STEPS, "read the behaviour log")
        quality = _checked(run, store)
        positive, cuts = _events(run)
        progress(3, N_STEPS, "number the texts")
        n_interactions, representative = _texts(run, catalogue, positive)
        progress(4, N_STEPS, "divide users and time")
        held = held_out_users(run, catalogue, positive, cuts)
        progress(5, N_STEPS, "gather the queries")
        queries, search = _queries(run, catalogue, n_interactions=n_interactions, representative=representative)
        write_further_tables(run)
        if data.items.merge_duplicates:
            write_merged(sources, str(folder / MERGED))
        parts = {part: queries.texts(part) for part in ("tuning", "test")}
        found = leakage(sources, positive, cuts, **held, parts=parts)
        division = Division(*_counted(run, positive), cuts, held["tuning"], held["test"], search, found)
        split = division_document(config, catalogue, division, scale=run.scale)
        quality = with_findings(quality, _of_division(run, catalogue, positive, held, parts))
        sources.write_document(split_builtins(split), str(folder / "split.json"))
        sources.write_document(quality_builtins(quality), str(folder / "quality.json"))
        if data.same_users:
            sources.write_document(people_builtins(run.joined.person_of), str(folder / PEOPLE))
        if run.changes.token:
            sources.write_document(held_builtins(run.changes.held()), str(folder / CHANGES))
        sources.write_document(profile_builtins(DataProfile(tables=run.profiles)), str(folder / PROFILE))
        progress(N_STEPS, N_STEPS, "done")
    if store.has(REFUSED):
        store.forget(REFUSED)
    return quality


def _checked(run: Reading, store: Store) -> QualityReport:
    """Check what is left of the tables; a load that loses too much is refused before any work is done with it."""
    data = run.config.data
    if data.same_users:
        read_same_people(run, data.same_users)
    if data.events:
        read_events(run, data.events)
    if data.judgements:
        read_judgements(run, data.judgements)
    read_further_tables(run)
    ask_expectations(run)
    quality = reading_report(run)
    if quality.is_stopped:
        store.write_json(REFUSED, quality_builtins(quality))
    refuse_if_stopped(quality)
    return reading_report(run, is_dated=False)


def _events(run: Reading) -> tuple[Frame, Cuts]:
    """Store the log; its positive events of known users by period, and where time was cut."""
    source = run.config.data.events
    target = str(run.folder / "events.parquet")
    if source is None:
        for place in ({"target": target}, {"name": "events_numbered"}):
            with run.sources.writing(_EVENT_COLUMNS, **place):
                pass
        return run.sources.table("events_numbered").select(*_POSITIVE, "period"), Cuts(float("inf"), float("inf"))
    left_out = ("hostile",) if source.leave_out_hostile else ()
    kept = run.checked["events"].kept
    weighed = run.weighed
    numbered = number_events(run.sources, kept, weights=weighed.kinds, grades=weighed.grades, left_out=left_out)
    numbered = run.sources.keep(numbered, "events_numbered")
    write_disliked(run.sources, items=catalogue_of(run), target=str(run.folder / DISLIKED))
    positive = numbered.filter((nw.col("weight") > 0) & (nw.col("user_number") >= 0)).select(*_POSITIVE)
    split = run.config.split
    cuts = cut_times(run.sources, positive, test_share=split.test_share, validation_share=split.validation_share)
    order = ("time", "user_number", "item", "weight")  # of the content alone: shuffled rows give the same models
    run.sources.write(with_period(numbered, cuts).sort(*order, "kind", "row").drop("row"), target)
    if source.columns.price and not run.config.data.items.columns.price:
        keep_paid(run.sources, numbered, price_is_line_total=source.price_is_line_total)
    if source.columns.query:
        searched = (nw.col("kind") == nw.lit(EventKind.SEARCH.value)) & ~nw.col("traffic").is_in(left_out)
        run.sources.keep(numbered.filter(searched), "searches")
    return with_period(positive, cuts), cuts


def _of_division(
    run: Reading, catalogue: Catalogue, positive: Frame, held: Mapping[str, HeldOut], queries: _Parts
) -> list[Finding]:
    """What the division says of the tests to come."""
    data = run.config.data
    found = division_findings(held["test"], queries if data.judgements else {})
    found += repeat_findings(held["tuning"], run.config.rules)
    found += category_findings(catalogue.categories, run.config.rules)
    if data.items.is_log or data.events is None:
        return found
    kept, wanted = run.checked["items"].kept, wanted_items(data.items, run.config.shop)
    return found + future_findings(run.sources, kept, wanted, positive=positive, n_items=catalogue.n_items)


def _counted(run: Reading, positive: Frame) -> tuple[PositiveEvents, int]:
    """How many positive events each period has, and of how many users."""
    found = positive.group_by("period").agg(nw.len().alias("n")).collect()
    n_of = dict(zip(found["period"].to_list(), found["n"].to_list(), strict=True))
    n_users = count(run.sources, positive.select("user_number").unique())
    return PositiveEvents(**{period: int(n_of.get(period, 0)) for period in ("train", "validation", "test")}), n_users


def _texts(run: Reading, catalogue: Catalogue, positive: Frame) -> tuple[IntArray, IntArray]:
    """Store items and texts with what behaviour says of them; its interactions, and which item stands for each text."""
    learnt = positive.filter(nw.col("period") != nw.lit("test")).group_by("item").agg(nw.len().alias("n"))
    taken = run.sources.arrays(learnt)
    n_interactions = np.zeros(catalogue.n_items, dtype=np.int64)
    n_interactions[taken["item"]] = taken["n"]
    found = representatives(
        catalogue.text_of_item, in_stock=catalogue.in_stock, n_interactions=n_interactions, n_texts=catalogue.n_texts
    )
    sources = run.sources
    with sources.writing({"item": "int", "taken": "int"}, name="taken") as rows:
        rows.write({"item": np.arange(catalogue.n_items), "taken": n_interactions})
    with sources.writing({"text": "int", "representative": "int"}, name="representatives") as rows:
        rows.write({"text": np.arange(catalogue.n_texts), "representative": found})
    items = sources.table("items").join(sources.table("taken"), on="item", how="left")
    data = run.config.data
    if data.events and data.events.columns.price and not data.items.columns.price:
        columns = items.collect_schema().names()
        items = items.drop("price").join(sources.table("paid"), on="item", how="left").select(columns)
    sources.write(items.sort("item"), str(run.folder / "items.parquet"))
    texts = sources.table("texts").join(sources.table("representatives"), on="text", how="left")
    sources.write(texts.sort("text"), str(run.folder / "texts.parquet"))
    of_text = np.bincount(catalogue.text_of_item, weights=n_interactions, minlength=catalogue.n_texts)
    return of_text.astype(np.int64), found


@dataclass(slots=True)
class _Found:
    """Queries gathered: rows of ``queries.parquet``, and of ``judgements.parquet`` but for the item."""

    queries: dict[str, list[str]] = field(default_factory=lambda: {name: [] for name in QUERY_COLUMNS})
    gains: dict[str, list[Any]] = field(default_factory=lambda: {"query_id": [], "text": [], "gain": []})

    def add(self, query: str, *, part: str, origin: str) -> None:
        """One query."""
        row = {"query_id": query_id(query), "query": query, "part": part, "origin": origin}
        for name, value in row.items():
            self.queries[name].append(value)

    def add_made(self, query: KnownItemQuery, *, part: str) -> None:
        """One query made from the catalogue, with its answers."""
        self.add(query.query, part=part, origin="synthetic")
        self.add_gains(query.query, dict.fromkeys(query.answers.tolist(), 1.0))

    def add_gains(self, query: str, gains: Mapping[int, float]) -> None:
        """What texts are worth for a query."""
        self.gains["query_id"] += [query_id(query)] * len(gains)
        self.gains["text"] += list(gains)
        self.gains["gain"] += list(gains.values())

    def texts(self, part: str) -> list[str]:
        """Queries of one part."""
        return [q for q, p in zip(self.queries["query"], self.queries["part"], strict=True) if p == part]


def _queries(
    run: Reading, catalogue: Catalogue, *, n_interactions: IntArray, representative: IntArray
) -> tuple[_Found, SearchSplit]:
    """Store the queries with their gains: judged ones where there are any, or made ones."""
    if run.config.data.judgements:
        found = _judged(run)
        _make_beside(run, n_interactions, found)
    else:
        found = _made(run, n_interactions)
    n_gains = len(found.gains["gain"])
    _add_examples(run, found)
    made = partial(_made_of, run, n_interactions, run.config.split.synthetic_queries)
    for query, origin, gains in teaching(run, catalogue.text_of_item, asked=found.queries, made=made):
        found.add(query, part="teaching", origin=origin)
        found.add_gains(query, gains)
    with run.sources.writing(QUERY_COLUMNS, target=str(run.folder / "queries.parquet")) as rows:
        rows.write(found.queries)
    with run.sources.writing(_JUDGEMENT_COLUMNS, target=str(run.folder / "judgements.parquet")) as rows:
        rows.write({**found.gains, "item": [int(representative[text]) for text in found.gains["text"]]})
    relevant = {i for i, gain in zip(found.gains["query_id"], found.gains["gain"], strict=True) if gain > 0}
    asked = {query_id(q) for part in ("tuning", "test") for q in found.texts(part)}
    facts = SearchSplit(
        tuning_queries=len(found.texts("tuning")),
        test_queries=len(found.texts("test")),
        queries_without_relevant=len(asked - relevant),
        gains=n_gains,
        is_synthetic=not run.config.data.judgements,
        definition="gain of a text = highest gain of its items; unjudged texts have none",
    )
    return found, facts


def _judged(run: Reading) -> _Found:
    checked, found = run.checked["judgements"], _Found()
    queries = [q for batch in run.sources.batches(queries_of(checked.kept)) for q in batch["query"]]
    tuning = split_queries([query_id(q) for q in queries], tuning_share=run.config.split.tuning_queries_share)
    source = run.config.data.judgements
    origin = source.origin if source else "judged"
    for query in queries:
        found.add(query, part="tuning" if query_id(query) in tuning else "test", origin=origin)
    for batch in run.sources.batches(gains_by_text(checked.kept).sort("query_id", "text")):
        for name, column in found.gains.items():
            column.extend(batch[name])
    return found


def _made_of(run: Reading, n_interactions: IntArray, n: int) -> list[KnownItemQuery]:
    """Queries made from the catalogue."""
    fields: list[tuple[str, str, str]] = []
    for batch in run.sources.batches(run.sources.table("texts").sort("text")):
        fields.extend(zip(batch["title"], batch["brand"], batch["category"], strict=True))
    return make_queries(fields, n_interactions=n_interactions.astype(np.float64), n=n, seed=run.config.seed)


def _make_beside(run: Reading, n_interactions: IntArray, found: _Found) -> None:
    """Add made queries that are asked besides those that people judged; none that is judged already."""
    n, judged = run.config.split.synthetic_beside, set(found.queries["query_id"])
    for query in _made_of(run, n_interactions, n) if n else ():
        if query_id(query.query) not in judged:
            found.add_made(query, part="beside")


def _made(run: Reading, n_interactions: IntArray) -> _Found:
    split, found = run.config.split, _Found()
    made = _made_of(run, n_interactions, split.synthetic_queries)
    tuning = split_queries([query_id(q.query) for q in made], tuning_share=split.tuning_queries_share)
    for query in made:
        found.add_made(query, part="tuning" if query_id(query.query) in tuning else "test")
    test = {fold(q) for q in found.texts("test")}
    meant = dict.fromkeys(q.meant for q in made if query_id(q.query) in tuning and fold(q.meant) not in test)
    for example in islice(meant, N_EXAMPLES):
        found.add(example, part="example", origin="synthetic")
    return found


def _add_examples(run: Reading, found: _Found) -> None:
    """Queries for the store front: what many people typed, or else tuning queries that have an answer."""
    test = {fold(q) for q in found.texts("test")}
    popular = popular_queries(run)
    if popular:
        with run.sources.writing(POPULAR_COLUMNS, target=str(run.folder / POPULAR_QUERIES)) as rows:
            rows.write({"query": list(popular), "users": list(popular.values())})
    logged = [query for query in islice(popular, 5 * N_EXAMPLES) if fold(query) not in test]
    if logged:
        places = [at for at, part in enumerate(found.queries["part"]) if part != "example"]
        found.queries = {name: [found.queries[name][at] for at in places] for name in QUERY_COLUMNS}
        for query in logged[:N_EXAMPLES]:
            found.add(query, part="example", origin="log")
    elif not found.texts("example"):
        relevant = {i for i, gain in zip(found.gains["query_id"], found.gains["gain"], strict=True) if gain > 0}
        answered = [q for q in found.texts("tuning") if query_id(q) in relevant]
        for query in answered[:N_EXAMPLES]:
            found.add(query, part="example", origin="judged")
