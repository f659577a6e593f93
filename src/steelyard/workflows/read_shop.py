"""Reads and checks the shop's tables: the first steps of ``prepare``, and all that ``check`` does."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from datetime import datetime
from pathlib import Path
from typing import Any

from steelyard.config import Config
from steelyard.config.data_tables import EventsSource, JudgementsSource
from steelyard.data.behaviour import check_events
from steelyard.data.catalogue import Catalogue, check_items, merge_log, number_catalogue, refuse_if_sold_out
from steelyard.data.detectors.looking import detect_events, detect_items
from steelyard.data.expectations import expectations_met
from steelyard.data.judgements import check_judgements
from steelyard.data.privacy import Pseudonyms
from steelyard.data.quality import Checked, Finding, TableReport, report
from steelyard.data.rated import with_rating_column
from steelyard.data.ratings import RatingScale
from steelyard.data.schema import (
    SourcePort,
    Wanted,
    wanted_answers,
    wanted_events,
    wanted_items,
    wanted_judgements,
    wanted_users,
)
from steelyard.documents.quality import ExpectationRow, QualityReport
from steelyard.errors import ConfigError, DataError
from steelyard.workflows.pricing.account_rows import account_rows

__all__ = [
    "Reading",
    "all_wanted",
    "ask_expectations",
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
    scale: RatingScale | None = None
    """What the log's ratings mean, where it has some."""


def all_wanted(config: Config) -> list[Wanted]:
    """The tables of a shop, each with the roles of its columns."""
    data = config.data
    wanted = [wanted_items(data.items)]
    if data.events:
        wanted.append(wanted_events(data.events))
    if data.judgements:
        wanted.append(wanted_judgements(data.judgements))
    if data.users:
        wanted.append(wanted_users(data.users))
    if data.answers:
        wanted.append(wanted_answers(data.answers))
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


def reading_report(run: Reading) -> QualityReport:
    """All that was found so far."""
    made_at = run.now.isoformat(timespec="seconds")
    return report(run.reports, accepted=run.config.data.accept, expectations=run.expected, made_at=made_at)


def read_items(run: Reading) -> Catalogue:
    """Read, check and number the catalogue.

    Args:
        run: Gets what was found.

    Returns:
        The catalogue; its rows are in the scratch tables ``items`` and ``texts``.

    Raises:
        DataError: None of it can be used.
    """
    source = run.config.data.items
    wanted = wanted_items(source)
    words = source.stock_words
    checked = check_items(run.sources, read_rows(run, wanted), wanted, is_log=source.is_log, stock_words=words)
    run.checked["items"] = checked
    frame = merge_log(checked.kept, wanted) if source.is_log else checked.kept
    divisor = source.columns.price_divisor
    hidden = source.not_offered
    catalogue = number_catalogue(
        run.sources, frame, wanted, price_divisor=divisor, stock_words=words, not_offered=hidden
    )
    language = run.config.shop.language
    more = detect_items(run.sources, checked, wanted, catalogue=catalogue, language=language)
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
    source, more = with_rating_column(source, run.sources.columns(source.path))
    wanted = wanted_events(source)
    items = run.sources.table("items")
    checked, run.scale = check_events(
        run.sources, read_rows(run, wanted), wanted, source=source, items=items, now=run.now
    )
    is_rated = any(finding.reason.startswith("rating_") for finding in checked.findings) or run.scale is not None
    looked = detect_events(run.sources, checked, wanted, source=source, now=run.now)
    found = [*(more if is_rated else ()), *looked.findings]
    run.reports.append(account_rows(run.sources, run.folder, wanted, checked, more=found))
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
    wanted = wanted_judgements(source)
    items = run.sources.table("items")
    checked = check_judgements(run.sources, read_rows(run, wanted), wanted, gain_offset=source.gain_offset, items=items)
    run.reports.append(account_rows(run.sources, run.folder, wanted, checked))
    run.checked["judgements"] = checked
    return checked


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
    frame = run.sources.keep(run.sources.scan(wanted, pseudonym=run.hide), f"{wanted.table}_read")
    if not len(frame.head(1).collect()):
        run.sources.count(wanted)  # says so where a quotation mark swallowed them all
        n = len(run.sources.malformed(wanted.table))
        found = f"{n:,} lines that cannot be cut into columns" if n else "no rows"
        raise DataError(f"[data.{wanted.table}] {wanted.path} has a header but {found}: export it again")
    return frame
