"""Prints a decision as tables. Takes the decision as data; decides nothing."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from rich.console import Console
from rich.markup import escape
from rich.table import Table
from rich.text import Text

__all__ = ["print_decision", "print_quality"]

_WIDTH = 170
_VERDICTS = {"chosen": "bold green", "feasible": "", "loses": "dim", "set_aside": "dim italic"}


def print_decision(decision: Mapping[str, Any], *, console: Console | None = None, rows: int = 40) -> None:
    """One table for each surface, the choice in words, the promise, and the bill's total.

    Args:
        decision: As stored in the artefact ``decision``.
        console: Where to print; standard output by default.
        rows: At most so many candidates of a surface.
    """
    out = console or _console()
    for surface in decision["surfaces"]:
        out.print(_table(surface, rows))
        out.print(f"[bold]{surface['why']}[/bold]")
        baseline = surface.get("baseline")
        if baseline:
            out.print(baseline["says"])
            if "why_not" in baseline:
                out.print(baseline["why_not"])
        if surface.get("promise"):
            out.print(_promise(surface["promise"]))
        out.print()
    total = decision["total"]
    amount = f"{total['monthly']} {total['currency']} a month" if total["monthly"] else "incomplete: a price is missing"
    out.print(f"Both together: [bold]{amount}[/bold]. {total.get('note', '')}")
    for stage in total["stages"]:
        out.print(f"  {stage['stage']:<14} {stage['cost']:>12}  {100 * stage['share']:5.1f} %")
    if total.get("left_out"):
        out.print("Not in this bill: " + "; ".join(each["text"] for each in total["left_out"]) + ".")
        out.print("  Each has a switch in \\[cost.include] that prices it; `steelyard cost bill` names them.")
    for warning in decision.get("warnings", []):
        out.print(f"[yellow]note:[/yellow] {escape(warning)}")


def _console() -> Console:
    """Standard output; wide where it is a file or a pipe, so that no figure is cut off."""
    console = Console()
    return console if console.is_terminal else Console(width=_WIDTH)


def _table(surface: Mapping[str, Any], rows: int) -> Table:
    title = f"{surface['surface']} · {surface['metric']} · {surface['n_requests']} requests"
    if surface["is_synthetic"]:
        title += " · synthetic queries"
    floor = f"floor: {surface['floor']['text']} · p99 ≤ {surface['max_p99_ms']:g} ms at {surface['peak_rps']:g} rps"
    table = Table(title=f"{title}\n{floor}", title_justify="left", header_style="bold")
    table.add_column("configuration", no_wrap=True)
    for name in ("quality", "95 %", "of ref.", "CPU ms", "p99 ms", "MB", "disk MB", "a month", "/1,000", "verdict"):
        is_text = name == "verdict"  # the only column that gives way where the table is too wide
        table.add_column(name, justify="left" if is_text else "right", no_wrap=not is_text)
    for candidate in surface["candidates"][:rows]:
        table.add_row(*_cells(candidate), style=_VERDICTS.get(candidate["verdict"], ""))
    return table


def _cells(candidate: Mapping[str, Any]) -> Sequence[Text | str]:
    quality, per_1000 = candidate["quality"], candidate.get("per_1000") or {}
    return (
        ("→ " if candidate["verdict"] == "chosen" else "  ") + candidate["name"],
        _number(quality["mean"], ".4f"),
        "–" if quality["low"] is None else f"{quality['low']:.4f}–{quality['high']:.4f}",  # one request has no interval
        _number(candidate.get("share_of_reference"), ".1%"),
        f"{candidate['cpu_ms']['mean']:.2f}",
        _number(candidate.get("p99_ms"), ".1f"),
        f"{candidate['rss_mb']:.0f}",
        f"{candidate['disk_mb']:.1f}",
        candidate["monthly"] or "no price",
        per_1000.get("at_capacity") or "–",
        candidate["verdict"] + ("" if candidate["verdict"] == "chosen" else _first(candidate)),
    )


def _first(candidate: Mapping[str, Any]) -> str:
    reasons = candidate.get("reasons") or []
    return f": {reasons[0][:60]}" if reasons else ""


def _number(value: float | None, form: str) -> str:
    return "–" if value is None else format(value, form)


def _promise(promise: Mapping[str, Any]) -> str:
    measured = f"measured p99 {promise['measured_p99_ms']:.1f} ms, {promise['measured_cpu_ms']:.2f} CPU ms"
    promised = f"promised p99 {promise['promised_p99_ms']:.1f} ms, {promise['promised_cpu_ms']:.2f} CPU ms"
    verdict = "limit kept" if promise["is_kept"] else "limit not kept"
    if not promise["is_valid"]:
        verdict = f"not judged ({promise['note']})"
    return (
        f"promise at {promise['rate_rps']:g} rps: {promised}; {measured} "
        f"({promise['requests']} requests, {promise['errors']} errors): {verdict}"
    )


def print_quality(quality: Mapping[str, Any], *, console: Console | None = None) -> None:
    """The findings of ``prepare``, one row for each reason code."""
    out = console or _console()
    table = Table(title="data quality", title_justify="left", header_style="bold")
    for name in ("table", "reason", "severity", "rows", "what happened", "meaning"):
        table.add_column(name, justify="right" if name == "rows" else "left")
    for finding in quality["findings"]:
        action = {"quarantine": "to quarantine", "flag": "kept, flagged"}.get(finding["action"], finding["action"])
        row = (finding["table"], finding["reason"], finding["severity"], f"{finding['count']:,}", action)
        table.add_row(*row, finding["says"])
    out.print(table)
    for name, rows in quality["rows"].items():
        merged = f", {rows['merged']:,} merged" if rows["merged"] else ""
        out.print(f"{name}: {rows['in']:,} rows in, {rows['kept']:,} kept, {rows['quarantined']:,} quarantined{merged}")
