"""``check``: reads and checks the shop's tables as ``prepare`` does, and stores nothing of them."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any

from steelyard.data.behaviour import kinds_of
from steelyard.data.loads.stopping import check_accepted
from steelyard.data.passing import PASSING, passing_config, write_passing
from steelyard.data.privacy import Pseudonyms
from steelyard.data.quality import Finding, TableReport
from steelyard.data.schema import Wanted
from steelyard.documents.quality import QualityReport
from steelyard.errors import DataError, SourceError
from steelyard.workflows.further_tables import read_answers, read_users
from steelyard.workflows.ports import Progress
from steelyard.workflows.read_shop import (
    Reading,
    all_wanted,
    ask_expectations,
    read_events,
    read_items,
    read_judgements,
    reading_report,
)
from steelyard.workflows.same_people import read_same_people
from steelyard.workflows.session import Run
from steelyard.workflows.stored import stored_profile

__all__ = ["check_data"]

_STEPS = 5


def check_data(run: Run, progress: Progress, *, rows: Path | None = None) -> QualityReport:
    """Read and check everything the shop names; what was prepared before stays as it is.

    Args:
        run: Configuration and everything open.
        progress: Told of each table.
        rows: Folder that gets, for each table, the rows that pass and those that fail, with their reasons.

    Returns:
        What was found; a table of which nothing can be used is a finding too.

    Raises:
        SourceError: A file cannot be read.
        ConfigError: An accepted reason is none, or an expectation is about a column that there is not.
    """
    data, folder = run.config.data, run.work / "check"
    check_accepted(data.accept)
    if data.events:
        kinds_of(data.events)
    try:
        with run.sources() as sources:
            reading = Reading(
                run.config,
                sources,
                folder,
                Pseudonyms(run.key),
                run.now,
                before=stored_profile(run.store),
                erased=run.erased,
            )
            progress(0, _STEPS, "look at the files")
            sources.check(all_wanted(run.config))
            progress(1, _STEPS, "read the catalogue")
            has_items = _tried(reading, "items", partial(read_items, reading))
            if data.same_users and has_items:
                _tried(reading, "same_users", partial(read_same_people, reading, data.same_users))
            if data.events and has_items:
                progress(2, _STEPS, "read the behaviour log")
                _tried(reading, "events", partial(read_events, reading, data.events))
            if data.judgements and has_items:
                progress(3, _STEPS, "read the judgements")
                _tried(reading, "judgements", partial(read_judgements, reading, data.judgements))
            if data.users and has_items:
                _tried(reading, "users", partial(read_users, reading))
            if data.answers and has_items:
                _tried(reading, "answers", partial(read_answers, reading))
            progress(4, _STEPS, "ask what the shop expects")
            ask_expectations(reading)
            if rows is not None:
                _write_rows(run, reading, rows)
    finally:
        run.tools.files.remove(folder)
    progress(_STEPS, _STEPS, "done")
    return reading_report(reading)


def _tried(reading: Reading, table: str, read: Callable[[], Any]) -> bool:
    """Whether a table could be read; why not is a finding."""
    try:
        read()
    except SourceError:
        raise
    except DataError as error:
        refused = Finding(table, "table_refused", "error", "quarantine", 0, 1.0, str(error), is_breach=True)
        reading.reports = [report for report in reading.reports if report.table != table]
        reading.reports.append(TableReport(table, 0, 0, 0, findings=(refused,)))
        return False
    return True


def _write_rows(run: Run, reading: Reading, folder: Path) -> None:
    sources = reading.sources
    tables: dict[str, tuple[Wanted, list[str]]] = {}
    for table, checked in reading.checked.items():
        target = folder / table
        wanted = reading.wanted[table]
        write_passing(sources, checked.kept, wanted, target=str(target / PASSING))
        tables[table] = (wanted, checked.kept.collect_schema().names())
        sources.write(checked.quarantined.sort("row"), str(target / "failing.parquet"))
        if checked.n_value_dropped:
            sources.write(checked.value_dropped.sort("row"), str(target / "passing-without-a-value.parquet"))
        malformed = sources.malformed(table)
        if malformed:
            with sources.writing({"line": "int"}, target=str(target / "failing-lines.parquet")) as lines:
                lines.write({"line": list(malformed)})
    if "items" in tables:
        run.tools.files.save_text(folder / "steelyard.toml", passing_config(run.config, tables))
