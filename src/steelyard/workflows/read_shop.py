"""Reads and checks the shop's tables: the first steps of ``prepare``, and all that ``check`` does."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import msgspec
import narwhals.stable.v2 as nw

from steelyard.config import Config
from steelyard.config.data_tables import EventsSource, JudgementsSource
from steelyard.data.behaviour import check_events
from steelyard.data.catalogue import (
    Catalogue,
    check_items,
    findings_of,
    merge_log,
    number_catalogue,
    refuse_if_sold_out,
)
from steelyard.data.changes.applying import CatalogueChanges
from steelyard.data.changes.told import findings_of_changes
from steelyard.data.detectors.looking import detect_events, detect_items
from steelyard.data.detectors.traffic import HOSTILE
from steelyard.data.joins import columns_of
from steelyard.data.judgements import check_judgements
from steelyard.data.loads.drift import drift_findings
from steelyard.data.loads.expectations import expectations_met
from steelyard.data.loads.profile import DUPLICATES, profile_of_table
from steelyard.data.merged_items import items_meant, merge_items, without_merged
from steelyard.data.privacy import Pseudonyms
from steelyard.data.privacy.contacts import contact_finding, without_contacts
from steelyard.data.privacy.erasure import NOTHING_TO_LEAVE_OUT, LeaveOut, leave_out
from steelyard.data.privacy.samples import without_names
from steelyard.data.published import Shown
from steelyard.data.quality import Checked, Finding, TableReport, report
from steelyard.data.rated import with_rating_column
from steelyard.data.ratings import RatingScale
from steelyard.data.same_people import Joined, as_one_person
from steelyard.data.schema import (
    SourcePort,
    Wanted,
    wanted_answers,
    wanted_events,
    wanted_items,
    wanted_judgements,
    wanted_same_users,
    wanted_users,
)
from steelyard.data.variants import with_layout_told
from steelyard.documents.profile import DataProfile, TableProfile
from steelyard.documents.quality import ExpectationRow, QualityReport
from steelyard.errors import ConfigError, DataError
from steelyard.workflows.labelling.event_weights import event_weights
from steelyard.workflows.labelling.fitted_weights import Weighed
from steelyard.workflows.pricing.account_rows import account_rows

__all__ = [
    "Reading",
    "account",
    "all_wanted",
    "ask_expectations",
    "catalogue_of",
    "read_events",
    "read_items",
    "read_judgements",
    "read_rows",
    "reading_report",
]


@dataclass(slots=True)
class Reading:
    """What the steps share."""

    config: Config
    sources: SourcePort
    folder: Path
    """Gets what was put in quarantine."""
    hide: Pseudonyms
    now: datetime
    reports: list[TableReport] = field(default_factory=list)
    expected: list[ExpectationRow] = field(default_factory=list)
    checked: dict[str, Checked] = field(default_factory=dict)
    """By table."""
    wanted: dict[str, Wanted] = field(default_factory=dict)
    """The roles that were read, by table."""
    before: DataProfile = field(default_factory=DataProfile)
    """What the load looked like that was accepted before."""
    profiles: dict[str, TableProfile] = field(default_factory=dict)
    """What this one looks like, by table."""
    scale: RatingScale | None = None
    """What the log's ratings mean, where it has some."""
    erased: frozenset[str] = frozenset()
    """Pseudonyms of people who are no longer to be known."""
    joined: Joined = field(default_factory=Joined)
    """Which pseudonyms are one person, once that table was read; nobody who was erased is among them."""
    changes: CatalogueChanges = field(default_factory=CatalogueChanges)
    """What of the catalogue was changed since its file was exported."""
    weighed: Weighed = field(default_factory=Weighed)
    """How much one event of a kind says about interest, once the log was read."""


def all_wanted(config: Config) -> list[Wanted]:
    """The tables of a shop, each with the roles of its columns."""
    data = config.data
    wanted = [wanted_items(data.items, config.shop)]
    if data.events:
        wanted.append(wanted_events(data.events, config.shop))
    if data.judgements:
        wanted.append(wanted_judgements(data.judgements, config.shop))
    if data.users:
        wanted.append(wanted_users(data.users, config.shop))
    if data.same_users:
        wanted.append(wanted_same_users(data.same_users, config.shop))
    if data.answers:
        wanted.append(wanted_answers(data.answers, config.shop))
    return wanted


def ask_expectations(run: Reading) -> None:
    """Ask what the shop expects of its tables.

    Args:
        run: Gets a row for each expectation.

    Raises:
        ConfigError: An expectation is about a table or column that there is not.
    """
    there = {wanted.table: wanted for wanted in all_wanted(run.config)}
    expectations = run.config.data.expect
    for table in dict.fromkeys(each.table for each in expectations):
        if table not in there:
            raise ConfigError(f"[[data.expect]] is about {table!r}, and there is no [data.{table}]: leave it out")
        own = [each for each in expectations if each.table == table]
        run.expected += expectations_met(run.sources, own, there[table], pseudonym=run.hide, now=run.now)


def reading_report(run: Reading, *, is_dated: bool = True) -> QualityReport:
    """All that was found so far.

    Args:
        run: What was read.
        is_dated: Whether it says when; not in an artefact, which is to be the same for the same files.

    Returns:
        The report.
    """
    made_at = run.now.isoformat(timespec="seconds") if is_dated else ""
    found = report(run.reports, accepted=run.config.data.accept, expectations=run.expected, made_at=made_at)
    return without_names(msgspec.structs.replace(found, weights=run.weighed.rows))


def read_items(run: Reading) -> Catalogue:
    """Read, check and number the catalogue.

    Args:
        run: Gets what was found.

    Returns:
        The catalogue; its rows are in the scratch tables ``items`` and ``texts``.

    Raises:
        DataError: None of it can be used.
    """
    asked = run.config.data.items
    configured = wanted_items(asked, run.config.shop)
    source, more = with_layout_told(asked, columns_of(run.sources, configured))
    wanted = wanted_items(source, run.config.shop)
    words, shown = source.stock_words, Shown(source.published_words, run.now)
    checked = check_items(
        run.sources, read_rows(run, wanted), wanted, is_log=source.is_log, stock_words=words, shown=shown
    )
    run.checked["items"] = checked
    frame = merge_log(run.sources, checked.kept, wanted) if source.is_log else checked.kept
    divisor = source.columns.price_divisor
    hidden = source.not_offered
    catalogue = number_catalogue(
        run.sources,
        frame,
        wanted,
        price_divisor=divisor,
        stock_words=words,
        not_offered=hidden,
        changes=run.changes,
    )
    found = detect_items(run.sources, checked, wanted, catalogue=catalogue, language=run.config.shop.language)
    if source.merge_duplicates:
        n_in = checked.n_in
        merging = merge_items(run.sources, frame, wanted, source=source, catalogue=catalogue, n_in=n_in)
        catalogue = merging.catalogue
        found = [*without_merged(found, merging, n_in=n_in), *merging.findings]
    more += found
    n_merged = checked.n_in - checked.n_quarantined - (catalogue.n_items - catalogue.n_beside)
    more += findings_of(catalogue) + findings_of_changes(run.changes, n_in=checked.n_in)
    account(run, wanted, checked, configured=configured, n_merged=n_merged, more=more)
    if run.config.rules.exclude_out_of_stock:
        refuse_if_sold_out(catalogue, column=source.columns.stock or "")
    return catalogue


def read_events(run: Reading, source: EventsSource) -> Checked:
    """Read and check the behaviour log.

    Args:
        run: Has read the catalogue; gets what was found, and the scale of the ratings.
        source: The log's section of the configuration.

    Returns:
        The log, as ``check_events`` leaves it.

    Raises:
        DataError: None of it can be used.
    """
    configured = wanted_events(source, run.config.shop)
    source, more = with_rating_column(source, columns_of(run.sources, configured))
    wanted = wanted_events(source, run.config.shop)
    items = catalogue_of(run)
    rows = read_rows(run, wanted)
    named = contact_finding(run.sources, rows, table="events")
    left = leave_out(run.sources, rows, _left_out(run), table="events")
    frame = as_one_person(run.sources, left.frame, run.joined, table="events")
    checked, run.scale = check_events(run.sources, frame, wanted, source=source, items=items, now=run.now)
    is_rated = any(finding.reason.startswith("rating_") for finding in checked.findings) or run.scale is not None
    looked = detect_events(run.sources, checked, wanted, source=source, now=run.now)
    people = looked.events.filter(nw.coalesce(nw.col("traffic") != nw.lit(HOSTILE), nw.lit(value=True)))
    run.weighed = event_weights(run.config, run.sources, people, scale=run.scale)
    said = [*(more if is_rated else ()), *named, *looked.findings, *run.weighed.findings]
    account(run, wanted, checked, configured=configured, more=said, left_out=left.findings)
    run.checked["events"] = replace(checked, kept=looked.events)
    return run.checked["events"]


def read_judgements(run: Reading, source: JudgementsSource) -> Checked:
    """Read and check the judgements.

    Args:
        run: Has read the catalogue; gets what was found.
        source: Their section of the configuration.

    Returns:
        The judgements, as ``check_judgements`` leaves them.

    Raises:
        DataError: None of them can be used.
    """
    wanted = wanted_judgements(source, run.config.shop)
    items = catalogue_of(run)
    rows = read_rows(run, wanted)
    named = contact_finding(run.sources, rows, table="judgements")
    checked = check_judgements(run.sources, rows, wanted, source=source, items=items)
    account(run, wanted, checked, more=named)
    run.checked["judgements"] = checked
    return checked


def catalogue_of(run: Reading) -> Any:
    """The catalogue as other tables name its items: of an item that was merged, the one that stands for it.

    Args:
        run: Has read the catalogue.

    Returns:
        A lazy frame with ``item_id``, ``item`` and ``text``.
    """
    return items_meant(run.sources) if run.config.data.items.merge_duplicates else run.sources.table("items")


def account(
    run: Reading,
    wanted: Wanted,
    checked: Checked,
    *,
    configured: Wanted | None = None,
    n_merged: int = 0,
    more: Sequence[Finding] = (),
    left_out: Sequence[Finding] = (),
) -> None:
    """Count every row of a table, and compare the table with the load before.

    Args:
        run: Gets what was found.
        wanted: The roles that were read.
        checked: What the table's checks found.
        configured: The roles that the configuration names, where others were read as well.
        n_merged: Rows that became part of another row's item.
        more: Findings of other origin.
        left_out: Findings of rows that were taken away before the checks.
    """
    run.wanted[wanted.table] = wanted
    found = account_rows(run.sources, run.folder, wanted, checked, n_merged=n_merged, more=more, left_out=left_out)
    n_duplicates = sum(finding.count for finding in found.findings if finding.reason in DUPLICATES)
    now = profile_of_table(run.sources, wanted, configured=configured or wanted, n_duplicates=n_duplicates)
    run.profiles[wanted.table] = now
    before = run.before.tables.get(wanted.table)
    changed = drift_findings(before, now, table=wanted.table) if before is not None else []
    run.reports.append(replace(found, findings=(*found.findings, *changed)))


def _left_out(run: Reading) -> LeaveOut:
    """Who was erased, and how old an event may be."""
    days = run.config.privacy.keep_days
    if days is None:
        return replace(NOTHING_TO_LEAVE_OUT, people=run.erased)
    return LeaveOut(run.erased, (run.now - timedelta(days=days)).timestamp())


def read_rows(run: Reading, wanted: Wanted) -> Any:
    """The rows of a table as they were read, stored.

    Args:
        run: Holds them afterwards.
        wanted: The table, with the roles of its columns.

    Returns:
        A lazy frame of at least one row.

    Raises:
        DataError: There is no row.
    """
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
