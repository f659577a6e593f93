"""The data-protection report as a page, in English or Chinese."""

from __future__ import annotations

from collections.abc import Iterator

from steelyard.documents.protection import HoldingRow, Protection
from steelyard.reporting.page import Html, element, number, page, table
from steelyard.reporting.words.privacy import HOLDINGS, PRIVACY

__all__ = ["protection_page"]

_POLICY = frozenset({"log", "histories", "events"})
"""Kinds of data that ``keep_days`` is about."""


def protection_page(report: Protection, *, language: str = "en") -> str:
    """One page that a person can read, print and send.

    Args:
        report: The document.
        language: ``en`` or ``zh``.

    Returns:
        HTML that needs nothing from outside.
    """
    said = _Said(report, language)
    return page(said("title", shop=report.shop), said.body(), language=language)


class _Said:
    def __init__(self, report: Protection, language: str) -> None:
        self._report = report
        self._at = 1 if language == "zh" else 0

    def __call__(self, key: str, **values: object) -> str:
        return PRIVACY[key][self._at].format(**values)

    def body(self) -> Iterator[Html]:
        report = self._report
        yield element("h1", self("title", shop=report.shop))
        yield element("p", self("made_at", at=report.made_at), class_="quiet")
        named = [("controller", report.controller), ("contact", report.contact)]
        yield table(["", ""], [[self(key), value or self("not_said")] for key, value in named])
        yield element("h2", self("what"))
        head = [self(key) for key in ("data", "why", "fields", "where", "how_long", "size")]
        yield element("div", table(head, [self._holding(row) for row in report.holdings]), class_="scroll")
        if report.purposes:
            yield element("h3", self("purposes"))
            yield element("ul", [element("li", purpose) for purpose in report.purposes])
        yield element("h2", self("how"))
        yield element("ul", [element("li", line) for line in self._guards()])
        yield element("h2", self("who"))
        yield from self._readings()

    def _holding(self, row: HoldingRow) -> list[str]:
        name, why = HOLDINGS[row.key]
        if row.keep_days is not None:
            how_long = self("days", n=row.keep_days)
        else:
            how_long = self("no_end" if row.key in _POLICY else "until_ended")
        size = "–" if row.n_bytes is None else f"{number(row.n_bytes / 1e6, 1)} MB"
        return [name[self._at], why[self._at], ", ".join(row.columns) or "–", row.where, how_long, size]

    def _guards(self) -> Iterator[str]:
        report = self._report
        yield self("pseudonyms")
        yield self("contacts")
        yield self("models")
        for row in report.private_models:
            yield self(
                "private", model=row.name, epsilon=f"{row.epsilon:.2f}", delta=f"{row.delta:g}", n=f"{row.people:,}"
            )
        yield self("least", n=report.least_people, epsilon=f"{report.epsilon_per_month:g}")
        yield self("no_personal")
        yield self("erasure", n=f"{report.n_erased:,}")
        yield self("guarded" if report.is_guarded else "local")
        if report.has_previous_key:
            yield self("previous")

    def _readings(self) -> Iterator[Html]:
        report = self._report
        if not report.readings:
            yield element("p", self("nobody"))
        else:
            head = [self(key) for key in ("reader", "purpose", "lines", "first", "last")]
            rows = [[row.who, row.purpose, f"{row.n_lines:,}", row.first, row.last] for row in report.readings]
            yield table(head, rows, numbers=[2])
        yield element("p", self("broken", n=report.broken_line) if report.broken_line else self("intact"))
