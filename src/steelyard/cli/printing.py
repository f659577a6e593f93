"""Prints a decision as tables. Takes the decision as data; decides nothing."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from decimal import Decimal

from rich.console import Console
from rich.text import Text

from steelyard.cli.decision_table import decision_table
from steelyard.cli.list_table import print_lists
from steelyard.documents.choice import Promise, SurfaceDecision
from steelyard.documents.decision import Decision
from steelyard.domain import capitalised

__all__ = ["print_decision"]

_WIDTH = 170
_NOTES = 3
"""So many notes are shown; they are sorted by the money they move."""
_SURFACES = {"search": "search", "recommend": "recommendation"}


def print_decision(decision: Decision, *, console: Console | None = None, rows: int = 40) -> None:
    """One table for each surface, the choice in words, the promise, the total, and the weightiest notes.

    Args:
        decision: As stored in the artefact ``decision``.
        console: Where to print; standard output by default.
        rows: At most so many candidates of a surface.
    """
    out = console or _console()
    names = decision.names
    for surface in decision.surfaces:
        _print_surface(out, surface, rows, names)
    _print_total(out, decision, names)
    _print_notes(out, decision.warnings)


def _print_surface(out: Console, surface: SurfaceDecision, rows: int, names: Collection[str]) -> None:
    title = f"{surface.surface} · {surface.metric} · {surface.n_requests:,} requests"
    if surface.is_synthetic:
        title += " · synthetic queries"
    if surface.judged_by:
        title += f" · judged by {surface.judged_by}"
    floor = f"floor: {surface.floor.text} · p99 ≤ {surface.max_p99_ms:g} ms at {surface.peak_rps:g} rps"
    _say(out, title, style="bold")
    _say(out, floor)
    out.print(decision_table(surface, width=out.width, rows=rows))
    left_out = len(surface.candidates) - rows
    if left_out > 0:
        _say(out, f"… and {left_out} more, each worse than these: `steelyard decide --json` has all")
    if any(row.beside is not None for row in surface.candidates):
        _say(out, _beside(surface))
    _say(out, _sentence(surface.why, names), style="bold")
    if surface.baseline is not None:
        _say(out, _sentence(surface.baseline.says, names))
    print_lists(out, surface)
    if surface.promise is not None:
        _say(out, _promise(surface.promise))
    from steelyard.reporting.assumptions import assumption_lines  # noqa: PLC0415 - slow to import

    for line in assumption_lines(surface):
        _say(out, _sentence(line, names))
    out.print()


def _beside(surface: SurfaceDecision) -> str:
    """What made queries say, which decides nothing."""
    asked = [(row.name, row.beside) for row in surface.candidates if row.beside is not None]
    figures = ", ".join(f"{name} {'–' if each.mean is None else f'{each.mean:.4f}'}" for name, each in asked)
    n = max(each.n for _, each in asked)
    return f"beside, on {n:,} queries made from the catalogue (synthetic, they decide nothing): {figures}"


def _print_total(out: Console, decision: Decision, configurations: Collection[str]) -> None:
    total = decision.total
    for row in decision.not_judged:
        _say(out, _sentence(row.says, configurations), style="yellow")
    from steelyard.reporting.not_built import not_built_lines  # noqa: PLC0415 - slow to import

    for line in not_built_lines(decision.not_built):
        _say(out, _sentence(line, configurations))
    names = [_SURFACES.get(each.surface, each.surface) for each in decision.surfaces]
    what = f"Total for {' and '.join(names)}"
    if total.monthly is None:
        _say(out, f"{what}: incomplete, a price is missing.", style="bold")
    else:
        _say(out, f"{what}: {total.monthly:,f} {total.currency} a month.", style="bold")
    if total.note:
        _say(out, _sentence(total.note, configurations))
    for stage in total.stages:
        _say(out, f"  {stage.stage:<14} {_cents(stage.cost):>12}  {100 * stage.share:5.1f} %")
    if total.left_out:
        _say(out, f"Not in this bill: {'; '.join(each.text for each in total.left_out)}.")
        _say(out, "Each has a switch in [cost.include] that prices it; `steelyard cost bill` names them.")


def _print_notes(out: Console, notes: Sequence[str]) -> None:
    for note in notes[:_NOTES]:
        _say(out, f"note: {note}")
    n_more = len(notes) - _NOTES
    if n_more > 0:
        more = f"{n_more} more note{'s' if n_more > 1 else ''}"
        _say(out, f"{more}: on the page /decision, in the report, and in `steelyard decide --json`.")


def _say(out: Console, text: str, *, style: str = "") -> None:
    """A line of plain text, broken between words where it is too long: what looks like markup is none."""
    out.print(Text(text, style=style), highlight=False, soft_wrap=False)


def _sentence(text: str, names: Collection[str]) -> str:
    """With a capital letter, unless it begins with a name, and a full stop."""
    found = capitalised(text, names)
    return found if found.endswith((".", "。")) else f"{found}."


def _cents(value: Decimal) -> str:
    return "< 0.01" if 0 < value < Decimal("0.01") else f"{value:,.2f}"


def _console() -> Console:
    """Standard output; wide where it is a file or a pipe, so that every column is there."""
    console = Console()
    return console if console.is_terminal else Console(width=_WIDTH)


def _promise(promise: Promise) -> str:
    promised = _times("promised", promise.promised_p99_ms, promise.promised_cpu_ms)
    measured = _times("measured", promise.measured_p99_ms, promise.measured_cpu_ms)
    verdict = "limit kept" if promise.is_kept else "limit not kept"
    if not promise.is_valid:
        verdict = promise.note
    return (
        f"Promise at {promise.rate_rps:g} rps: {promised}; {measured} "
        f"({promise.requests:,} requests, {promise.errors:,} errors): {verdict}"
    )


def _times(which: str, p99: float | None, cpu: float | None) -> str:
    shown = ["p99 unknown" if p99 is None else f"p99 {p99:.1f} ms"]
    return f"{which} " + ", ".join([*shown, *([] if cpu is None else [f"{cpu:.2f} CPU ms"])])
