"""From the shop's files to the artefact ``data``: checked, numbered, divided, with nothing lost silently."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from functools import partial
from itertools import islice
from pathlib import Path
from typing import Any

import narwhals.stable.v2 as nw
import numpy as np

from steelyard.config import Config
from steelyard.data.behaviour import check_events, keep_paid, kinds_of, number_events
from steelyard.data.catalogue import Catalogue, check_items, merge_log, number_catalogue, refuse_if_sold_out
from steelyard.data.division import Division, division_document
from steelyard.data.judgements import check_judgements, gains_by_text, queries_of
from steelyard.data.normalise import fold
from steelyard.data.privacy import Pseudonyms
from steelyard.data.privacy.contacts import contact_finding, without_contacts
from steelyard.data.privacy.erasure import NOTHING_TO_LEAVE_OUT, LeaveOut, leave_out
from steelyard.data.privacy.samples import without_names
from steelyard.data.quality import Finding, TableReport, report
from steelyard.data.queries import make_queries
from steelyard.data.rated import with_rating_column
from steelyard.data.ratings import RatingScale
from steelyard.data.schema import (
    QUERY_COLUMNS,
    SourcePort,
    StoredType,
    Wanted,
    wanted_events,
    wanted_items,
    wanted_judgements,
)
from steelyard.data.split import Cuts, Events, HeldOut, cut_times, hold_out, query_id, split_queries
from steelyard.data.vocabulary import representatives
from steelyard.documents.quality import QualityReport, quality_builtins
from steelyard.documents.split import SearchSplit, split_builtins
from steelyard.domain import EventKind, IntArray
from steelyard.errors import DataError
from steelyard.workflows.ports import Progress, Store
from steelyard.workflows.pricing.account_rows import account_rows

__all__ = ["prepare"]

N_EXAMPLES = 12
_STEPS = 6
_EVENT_COLUMNS: Mapping[str, StoredType] = {
    "time": "float",
    "item": "int",
    "user_number": "int",
    "kind": "text",
    "weight": "float",
    "user": "text",
    "period": "text",
}
"""What ``events.parquet`` of a shop without a log holds, without a row: what the later stages read."""
_JUDGEMENT_COLUMNS: dict[str, StoredType] = {"query_id": "text", "text": "int", "gain": "float", "item": "int"}


@dataclass(slots=True)
class _Run:
    """What the steps share."""

    config: Config
    sources: SourcePort
    folder: Path
    hide: Pseudonyms
    now: datetime
    reports: list[TableReport] = field(default_factory=list)
    scale: RatingScale | None = None
    """What the log's ratings mean, where it has some."""
    erased: frozenset[str] = frozenset()
    """Pseudonyms of people who are no longer to be known."""


def prepare(
    config: Config,
    *,
    sources: SourcePort,
    store: Store,
    key: bytes,
    now: datetime,
    progress: Progress,
    erased: frozenset[str] = frozenset(),
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

    Returns:
        The quality report, as in ``quality.json``.

    Raises:
        SourceError: A file cannot be read; nothing was parsed.
        DataError: The data would give wrong answers.
        ConfigError: ``kinds`` maps to something that is not an event kind.
    """
    data = config.data
    if data.events:
        kinds_of(data.events)
    progress(0, _STEPS, "look at the files")
    sources.check(_all_wanted(config))
    with store.writing("data") as folder:
        run = _Run(config, sources, folder, Pseudonyms(key), now, erased=erased)
        progress(1, _STEPS, "read the catalogue")
        catalogue = _items(run)
        progress(2, _STEPS, "read the behaviour log")
        events, cuts = _events(run)
        progress(3, _STEPS, "number the texts")
        n_interactions, representative = _texts(run, catalogue, events.until(cuts.test_s))
        progress(4, _STEPS, "divide users and time")
        held = _recommend(run, events, cuts)
        progress(5, _STEPS, "gather the queries")
        queries, search = _queries(run, catalogue, n_interactions=n_interactions, representative=representative)
        parts = {part: queries.texts(part) for part in ("tuning", "test")}
        division = Division(events, cuts, held["tuning"], held["test"], parts, search)
        split = division_document(config, catalogue, division, scale=run.scale)
        quality = without_names(report(run.reports))
        sources.write_document(split_builtins(split), str(folder / "split.json"))
        sources.write_document(quality_builtins(quality), str(folder / "quality.json"))
        progress(_STEPS, _STEPS, "done")
    return quality


def _all_wanted(config: Config) -> list[Wanted]:
    data = config.data
    wanted = [wanted_items(data.items)]
    if data.events:
        wanted.append(wanted_events(data.events))
    if data.judgements:
        wanted.append(wanted_judgements(data.judgements))
    return wanted


def _read(run: _Run, wanted: Wanted) -> Any:
    scanned = run.sources.scan(wanted, pseudonym=run.hide)
    if wanted.table != "items":
        scanned = without_contacts(scanned, wanted, items=run.sources.table("items"))
    frame = run.sources.keep(scanned, f"{wanted.table}_read")
    if not len(frame.head(1).collect()):
        run.sources.count(wanted)  # says so where a quotation mark swallowed them all
        n = len(run.sources.malformed(wanted.table))
        found = f"{n:,} lines that cannot be cut into columns" if n else "no rows"
        raise DataError(f"[data.{wanted.table}] {wanted.path} has a header but {found}: export it again")
    return frame


def _items(run: _Run) -> Catalogue:
    source = run.config.data.items
    wanted = wanted_items(source)
    words = source.stock_words
    checked = check_items(run.sources, _read(run, wanted), wanted, is_log=source.is_log, stock_words=words)
    frame = merge_log(checked.kept, wanted) if source.is_log else checked.kept
    divisor = source.columns.price_divisor
    hidden = source.not_offered
    catalogue = number_catalogue(
        run.sources, frame, wanted, price_divisor=divisor, stock_words=words, not_offered=hidden
    )
    more = []
    if catalogue.n_not_offered:
        says = "title or category holds a word of not_offered; known, and never shown"
        share = catalogue.n_not_offered / catalogue.n_items
        more.append(Finding("items", "not_offered", "info", "flag", catalogue.n_not_offered, share, says))
    shared = catalogue.n_items - catalogue.n_texts
    if shared:
        says = "the text is equal to another item's; search shows one item for each text"
        share = shared / catalogue.n_items
        more.append(Finding("items", "text_shared", "info", "flag", shared, share, says))
    n_merged = checked.n_in - checked.n_quarantined - catalogue.n_items
    run.reports.append(account_rows(run.sources, run.folder, wanted, checked, n_merged=n_merged, more=more))
    if run.config.rules.exclude_out_of_stock:
        refuse_if_sold_out(catalogue, column=source.columns.stock or "")
    return catalogue


def _events(run: _Run) -> tuple[Events, Cuts]:
    source, config = run.config.data.events, run.config
    target = str(run.folder / "events.parquet")
    if source is None:
        with run.sources.writing(_EVENT_COLUMNS, target=target):
            pass
        none = np.empty(0, dtype=np.int64)
        return Events(none, none, np.empty(0), np.empty(0)), cut_times(
            np.empty(0), test_share=0.1, validation_share=0.1
        )
    source, more = with_rating_column(source, run.sources.columns(source.path))
    wanted = wanted_events(source)
    items = run.sources.table("items")
    frame = _read(run, wanted)
    named = contact_finding(run.sources, frame, table="events")
    left = leave_out(run.sources, frame, _left_out(run), table="events")
    checked, run.scale = check_events(run.sources, left.frame, wanted, source=source, items=items, now=run.now)
    numbered = number_events(run.sources, checked.kept, weights=config.data.event_weights)
    is_rated = any(finding.reason.startswith("rating_") for finding in checked.findings) or run.scale is not None
    said = [*(more if is_rated else ()), *named]
    run.reports.append(account_rows(run.sources, run.folder, wanted, checked, more=said, left_out=left.findings))
    positive = numbered.filter((nw.col("weight") > 0) & (nw.col("user_number") >= 0))
    order = ("time", "user_number", "item", "weight")  # of the content alone: shuffled rows give the same models
    columns = run.sources.arrays(positive.sort(*order).select("user_number", "item", "time", "weight"))
    events = Events(columns["user_number"], columns["item"], columns["time"], columns["weight"])
    split = config.split
    cuts = cut_times(events.times_s, test_share=split.test_share, validation_share=split.validation_share)
    time = nw.col("time")
    test = nw.when(time >= cuts.test_s).then(nw.lit("test"))
    validation = nw.when(time >= cuts.validation_s).then(nw.lit("validation"))
    period = nw.coalesce(test, validation, nw.lit("train")).alias("period")
    ordered = numbered.with_columns(period).sort(*order, "kind", "row")
    run.sources.write(ordered.drop("row"), target)
    if source.columns.price and not config.data.items.columns.price:
        keep_paid(run.sources, numbered, price_is_line_total=source.price_is_line_total)
    if source.columns.query:
        run.sources.keep(numbered.filter(nw.col("kind") == nw.lit(EventKind.SEARCH.value)), "searches")
    return events, cuts


def _left_out(run: _Run) -> LeaveOut:
    """Who was erased, and how old an event may be."""
    days = run.config.privacy.keep_days
    if days is None:
        return replace(NOTHING_TO_LEAVE_OUT, people=run.erased)
    return LeaveOut(run.erased, (run.now - timedelta(days=days)).timestamp())


def _texts(run: _Run, catalogue: Catalogue, learnt: Events) -> tuple[IntArray, IntArray]:
    """Store items and texts with what behaviour says of them; its interactions, and which item stands for each text."""
    n_interactions = np.bincount(learnt.items, minlength=catalogue.n_items)
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


def _recommend(run: _Run, events: Events, cuts: Cuts) -> dict[str, HeldOut]:
    """Draw the users who are asked for, and store their targets: frozen for everything that is measured later."""
    split = run.config.split
    cases_of = partial(
        hold_out,
        events,
        exclude_seen=run.config.rules.exclude_seen,
        max_users=split.max_test_users,
        seed=run.config.seed,
    )
    held = {
        "tuning": cases_of(begins_s=cuts.validation_s, ends_s=cuts.test_s),
        "test": cases_of(begins_s=cuts.test_s, ends_s=float("inf")),
    }
    columns: dict[str, StoredType] = {"part": "text", "user_number": "int", "item": "int"}
    with run.sources.writing(columns, target=str(run.folder / "targets.parquet")) as rows:
        for part, cases in held.items():
            items = [int(item) for targets in cases.targets for item in targets]
            users = [int(u) for u, targets in zip(cases.users, cases.targets, strict=True) for _ in targets]
            rows.write({"part": [part] * len(items), "user_number": users, "item": items})
    return held


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

    def texts(self, part: str) -> list[str]:
        """Queries of one part."""
        return [q for q, p in zip(self.queries["query"], self.queries["part"], strict=True) if p == part]


def _queries(
    run: _Run, catalogue: Catalogue, *, n_interactions: IntArray, representative: IntArray
) -> tuple[_Found, SearchSplit]:
    """Store the queries with their gains: judged ones where there are any, or made ones."""
    found = _judged(run) if run.config.data.judgements else _made(run, catalogue, n_interactions)
    _add_examples(run, found)
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
        gains=len(found.gains["gain"]),
        is_synthetic="synthetic" in found.queries["origin"],
        definition="gain of a text = highest gain of its items; unjudged texts have none",
    )
    return found, facts


def _judged(run: _Run) -> _Found:
    source = run.config.data.judgements
    assert source is not None
    wanted = wanted_judgements(source)
    items = run.sources.table("items")
    frame = _read(run, wanted)
    named = contact_finding(run.sources, frame, table="judgements")
    checked = check_judgements(run.sources, frame, wanted, gain_offset=source.gain_offset, items=items)
    run.reports.append(account_rows(run.sources, run.folder, wanted, checked, more=named))
    found = _Found()
    queries = [q for batch in run.sources.batches(queries_of(checked.kept)) for q in batch["query"]]
    tuning = split_queries([query_id(q) for q in queries], tuning_share=run.config.split.tuning_queries_share)
    for query in queries:
        found.add(query, part="tuning" if query_id(query) in tuning else "test", origin="judged")
    for batch in run.sources.batches(gains_by_text(checked.kept).sort("query_id", "text")):
        for name, column in found.gains.items():
            column.extend(batch[name])
    return found


def _made(run: _Run, catalogue: Catalogue, n_interactions: IntArray) -> _Found:
    split, found = run.config.split, _Found()
    fields: list[tuple[str, str, str]] = []
    for batch in run.sources.batches(run.sources.table("texts").sort("text")):
        fields.extend(zip(batch["title"], batch["brand"], batch["category"], strict=True))
    made = make_queries(
        fields, n_interactions=n_interactions.astype(np.float64), n=split.synthetic_queries, seed=run.config.seed
    )
    tuning = split_queries([query_id(q.query) for q in made], tuning_share=split.tuning_queries_share)
    for query in made:
        name = query_id(query.query)
        found.add(query.query, part="tuning" if name in tuning else "test", origin="synthetic")
        found.gains["query_id"] += [name] * len(query.answers)
        found.gains["text"] += [int(text) for text in query.answers]
        found.gains["gain"] += [1.0] * len(query.answers)
    test = {fold(q) for q in found.texts("test")}
    meant = dict.fromkeys(q.meant for q in made if query_id(q.query) in tuning and fold(q.meant) not in test)
    for example in islice(meant, N_EXAMPLES):
        found.add(example, part="example", origin="synthetic")
    return found


def _add_examples(run: _Run, found: _Found) -> None:
    """Queries for the store front: what many people typed, or else tuning queries that have an answer."""
    test = {fold(q) for q in found.texts("test")}
    logged = [query for query in _popular_queries(run) if fold(query) not in test]
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


def _popular_queries(run: _Run) -> list[str]:
    source = run.config.data.events
    if source is None or source.columns.query is None:
        return []
    counted = (
        run.sources.table("searches")
        .filter(~nw.col("query").is_null() & ~nw.col("user").is_null())
        .select(nw.col("query").str.to_lowercase().alias("typed"), "user")
        .unique()
        .group_by("typed")
        .agg(nw.len().alias("users"))
        .filter(nw.col("users") >= run.config.privacy.least_people)
        .sort("users", "typed", descending=[True, False])
        .head(5 * N_EXAMPLES)
    )
    return list(counted.collect()["typed"].to_list())
