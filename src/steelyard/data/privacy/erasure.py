"""Who is no longer to be known, and rows that are no longer to be kept: left out while a log is read."""

from __future__ import annotations

from collections.abc import Callable, Collection
from dataclasses import dataclass
from typing import TYPE_CHECKING

import narwhals.stable.v2 as nw

from steelyard.data.quality import Finding

if TYPE_CHECKING:
    from steelyard.data.schema import Frame, SourcePort

__all__ = ["NOTHING_TO_LEAVE_OUT", "LeaveOut", "Left", "leave_out"]


@dataclass(frozen=True, slots=True)
class LeaveOut:
    """What a load of the log leaves out."""

    people: frozenset[str] = frozenset()
    """Pseudonyms of the erased."""
    before_s: float = float("-inf")
    """Events from before this time (seconds since 1970) are too old to be kept."""


NOTHING_TO_LEAVE_OUT = LeaveOut()


@dataclass(frozen=True, slots=True)
class Left:
    """The rows that stay, and what is said of the others."""

    frame: Frame
    findings: tuple[Finding, ...] = ()

    @property
    def n_rows(self) -> int:
        """Rows that were left out: they are counted, and stored nowhere."""
        return sum(finding.count for finding in self.findings)


def leave_out(sources: SourcePort, frame: Frame, wanted: LeaveOut, *, table: str) -> Left:
    """Rows without those of erased people and without those that are too old.

    Args:
        sources: For intermediate tables.
        frame: Stored; has ``user`` and ``time``.
        wanted: Whom and what to leave out.
        table: Name in the findings.

    Returns:
        With an erased person go the rows of their visits in which nobody is named; visits that others share stay,
        without the name of the visit.
    """
    findings = []
    n_in = _count(sources, frame)
    steps: list[tuple[str, str, Callable[[Frame], Frame]]] = []
    if wanted.people:
        says = "the person was erased: the row is left out and stored nowhere"
        steps.append(("person_erased", says, lambda rows: _without_people(sources, rows, wanted.people)))
    if wanted.before_s > float("-inf"):
        says = "the event is older than [privacy] keep_days: the row is left out and stored nowhere"
        steps.append(("event_too_old", says, lambda rows: rows.filter(~_is_old(wanted.before_s))))
    n_left = n_in
    for reason, says, without in steps:
        frame = sources.keep(without(frame), f"{table}_without_{reason}")
        before, n_left = n_left, _count(sources, frame)
        if before > n_left:
            found = before - n_left
            findings.append(Finding(table, reason, "info", "quarantine", found, found / n_in, says))
    return Left(frame, tuple(findings))


def _is_old(before_s: float) -> nw.Expr:
    return nw.coalesce(nw.col("time") < before_s, nw.lit(value=False))


def _without_people(sources: SourcePort, frame: Frame, people: Collection[str]) -> Frame:
    names = frame.collect_schema().names()
    with sources.writing({"user": "text"}, name="erased_people") as rows:
        rows.write({"user": sorted(people)})
    erased = sources.table("erased_people").with_columns(nw.lit(1).alias("_erased"))
    marked = frame.join(erased, on="user", how="left")
    if "session" not in names:
        return marked.filter(nw.col("_erased").is_null()).select(*names)
    visits = marked.filter((nw.col("_erased") == 1) & ~nw.col("session").is_null()).select("session").unique()
    marked = marked.join(visits.with_columns(nw.lit(1).alias("_visit")), on="session", how="left")
    others = nw.col("_visit").is_null() | ~nw.col("user").is_null()
    kept = marked.filter(nw.col("_erased").is_null() & others)
    nobody = nw.lit(None, dtype=nw.String)
    session = nw.when(nw.col("_visit") == 1).then(nobody).otherwise(nw.col("session"))
    return kept.with_columns(session.alias("session")).select(*names)


def _count(sources: SourcePort, frame: Frame) -> int:
    return int(sources.arrays(frame.select(nw.len().alias("n")))["n"][0])
