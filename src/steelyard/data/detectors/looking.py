"""All detectors of one table, in one call each: what ``prepare`` asks."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING

from steelyard.data.detectors.balance import balance_findings
from steelyard.data.detectors.clock import clock_findings, long_sessions
from steelyard.data.detectors.columns import empty_columns
from steelyard.data.detectors.copies import find_copies
from steelyard.data.detectors.prices import item_price_findings, paid_findings
from steelyard.data.detectors.texts import text_findings
from steelyard.data.detectors.traffic import classify_traffic
from steelyard.data.quality import Checked, Finding

if TYPE_CHECKING:
    from steelyard.config.schema import EventsSource
    from steelyard.data.catalogue import Catalogue
    from steelyard.data.schema import Frame, SourcePort, Wanted

__all__ = ["Looked", "detect_events", "detect_items"]


@dataclass(frozen=True, slots=True)
class Looked:
    """The log after the detectors."""

    events: Frame
    """Kept rows, with the column ``traffic``."""
    findings: tuple[Finding, ...]


def detect_items(
    sources: SourcePort, checked: Checked, wanted: Wanted, *, catalogue: Catalogue, language: str
) -> list[Finding]:
    """What is wrong in the catalogue.

    Args:
        sources: Holds the scratch tables ``items`` and ``texts``.
        checked: The rows after their checks.
        wanted: The roles that were read.
        catalogue: What was numbered.
        language: Of the shop.

    Returns:
        Findings; no row is moved.
    """
    kept, n_in = checked.kept, max(checked.n_in, 1)
    found = [*empty_columns(kept, wanted, n_in=n_in), *text_findings(kept, wanted, n_in=n_in, language=language)]
    if wanted.role("price"):
        found += item_price_findings(sources, n_in=n_in)
    return [*found, *find_copies(sources, text_of_item=catalogue.text_of_item, n_in=n_in).findings]


def detect_events(
    sources: SourcePort, checked: Checked, wanted: Wanted, *, source: EventsSource, now: datetime
) -> Looked:
    """What is wrong in the log, and who is behind each event.

    Args:
        sources: Holds the scratch table ``items``.
        checked: The rows after their checks.
        wanted: The roles that were read.
        source: The log's section of the configuration.
        now: With time zone.

    Returns:
        The kept rows with the column ``traffic``, and findings.
    """
    kept, n_in = checked.kept, max(checked.n_in, 1)
    classified = classify_traffic(sources, kept, has_session=wanted.role("session") is not None, n_in=n_in)
    found = [*empty_columns(kept, wanted, n_in=n_in), *classified.findings]
    found += clock_findings(sources.table("acts"), n_in=n_in, now=now)
    if wanted.role("session"):
        found += long_sessions(sources, kept, n_in=n_in)
    if wanted.role("price") or wanted.role("quantity"):
        found += paid_findings(sources, kept, is_line_total=source.price_is_line_total, n_in=n_in)
    return Looked(classified.events, (*found, *balance_findings(kept, classified.paces, n_in=n_in)))
