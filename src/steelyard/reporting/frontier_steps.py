"""What each step up the frontier costs: money a month for one more point of quality, as a table and as text.

Pure: one surface of a decision in. A point is a hundredth of the metric.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from decimal import Decimal

from steelyard.documents.choice import SurfaceDecision
from steelyard.reporting.page import Html, element, table
from steelyard.reporting.words import Words, words_in

__all__ = ["FrontierStep", "frontier_steps", "steps_table", "steps_text"]

_POINT = 100
_KEYS = ("c_name", "st_quality", "st_p99", "st_monthly", "st_points", "st_more", "st_per_point")
_WIDTHS = (24, 8, 9, 10, 8, 10, 9)
"""Of the columns: 78 letters and a space between none of them, since figures stand to the right."""
_NAMED = 23
_WHOLE = 100_000
"""From here on an amount is shown without cents."""


@dataclass(frozen=True, slots=True)
class FrontierStep:
    """A configuration that nothing beats at its price, beside the one before."""

    name: str
    quality: float
    p99_ms: float | None
    monthly: Decimal
    points: float | None = None
    """More than the step before, in hundredths of the metric; none for the first."""
    more: Decimal | None = None
    """Money a month more than the step before."""

    @property
    def per_point(self) -> Decimal | None:
        """What one more point costs a month from the step before."""
        if self.more is None or not self.points:
            return None
        return self.more / Decimal(str(self.points))


def frontier_steps(surface: SurfaceDecision) -> tuple[FrontierStep, ...]:
    """The frontier, the cheapest first.

    Args:
        surface: Of a decision. What keeps no latency limit is on the frontier of quality and cost all the same, with
            its p99 beside it; what has no price in full is not. What is cheaper on a full machine only is no step where
            a month's machines cost the same.

    Returns:
        One step for each configuration on it.
    """
    found: list[FrontierStep] = []
    on = [row for row in surface.candidates if row.is_on_frontier and row.monthly is not None]
    for row in sorted(on, key=lambda row: (row.monthly, -(row.quality.mean or 0.0), row.name)):
        quality, monthly = row.quality.mean, row.monthly
        if quality is None or monthly is None or (found and quality <= found[-1].quality):
            continue
        points = round((quality - found[-1].quality) * _POINT, 6) if found else None
        more = monthly - found[-1].monthly if found else None
        found.append(FrontierStep(row.name, quality, row.p99_ms, monthly, points, more))
    return tuple(found)


def steps_table(surface: SurfaceDecision, say: Words, money: Callable[[Decimal | None], str]) -> Html | None:
    """The table of the report.

    Args:
        surface: Of a decision.
        say: Words by key.
        money: An amount as it is shown.

    Returns:
        ``None`` where the frontier has fewer than two configurations.
    """
    steps = frontier_steps(surface)
    if len(steps) < 2:
        return None
    rows = [[each.name, *_figures(each), money(each.monthly), *_step(each, money)] for each in steps]
    head = [say(key) for key in _KEYS]
    listed = element("div", table(head, rows, numbers=(1, 2, 3, 4, 5, 6)), class_="wide")
    return element("div", element("h3", say("st_title")), element("p", say("st_says"), class_="quiet"), listed)


def steps_text(surface: SurfaceDecision, *, language: str = "en") -> str:
    """The table for a terminal of 80 columns.

    Args:
        surface: Of a decision.
        language: ``en`` or ``zh``.

    Returns:
        Lines of at most 78 columns; amounts are in the decision's currency.
    """
    say = words_in(language)
    rows = [[say(key) for key in _KEYS]]
    for each in frontier_steps(surface):
        name = each.name if len(each.name) <= _NAMED else f"{each.name[: _NAMED - 1]}…"
        rows.append([name, *_figures(each), _plain(each.monthly), *_step(each, _plain)])
    return "\n".join(_line(row) for row in rows)


def _figures(step: FrontierStep) -> list[str]:
    return [f"{step.quality:.4f}", "–" if step.p99_ms is None else f"{step.p99_ms:.1f}"]


def _step(step: FrontierStep, money: Callable[[Decimal | None], str]) -> list[str]:
    if step.points is None or step.more is None:
        return ["–", "–", "–"]
    return [f"+{step.points:.2f}", f"+{money(step.more)}", money(step.per_point)]


def _plain(amount: Decimal | None) -> str:
    if amount is None:
        return "–"
    return f"{amount:,.2f}" if abs(amount) < _WHOLE else f"{amount:,.0f}"


def _line(cells: Sequence[str]) -> str:
    """The first cell to the left, the others to the right, Chinese letters two columns wide."""
    name, figures = cells[0], cells[1:]
    made = name + " " * max(0, _WIDTHS[0] - _columns(name))
    for cell, width in zip(figures, _WIDTHS[1:], strict=True):
        made += " " * max(1, width - _columns(cell)) + cell
    return made.rstrip()


def _columns(text: str) -> int:
    return sum(2 if unicodedata.east_asian_width(letter) in "WF" else 1 for letter in text)
