"""Searches of models' values, as lines for the terminal and as a part of the report."""

from __future__ import annotations

from collections.abc import Sequence
from xml.sax.saxutils import escape

from rich.cells import cell_len

from steelyard.documents.tuning import TriedRow, TuningReport, Value
from steelyard.domain.shown import amount
from steelyard.reporting.page import Html, element, raw, table
from steelyard.reporting.words import Words, words_in

__all__ = ["tuning_lines", "tuning_section"]

_BAR = 24
_MOST_ROWS = 14
_WIDTH, _HEIGHT, _EDGE = 640, 200, 46


def tuning_lines(found: TuningReport, *, language: str) -> list[str]:
    """What a search tried and found.

    Args:
        found: The document.
        language: ``en`` or ``zh``.

    Returns:
        Sentences of any length, and a table of at most 72 cells: the trials after which the best was another, and the
        last one.
    """
    say = words_in(language)
    return [found.model, *(f"  {each}" for each in _sentences(found, say)), *_curve(found, say), *_values(found, say)]


def tuning_section(searches: Sequence[TuningReport], *, language: str) -> Html | None:
    """The same as a part of the report.

    Args:
        searches: The documents.
        language: ``en`` or ``zh``.

    Returns:
        A heading, and for each search its sentences, its curve and its values; ``None`` without a search.
    """
    if not searches:
        return None
    say = words_in(language)
    parts = [_part(found, say) for found in searches]
    return element("div", element("h3", say("tune_title")), element("p", say("tune_curve"), class_="quiet"), parts)


def _part(found: TuningReport, say: Words) -> Html:
    sentences = [element("p", each) for each in _sentences(found, say)]
    head = [say(key) for key in ("tune_c_option", "tune_c_start", "tune_c_chosen")]
    listed = element("div", table(head, [list(row) for row in _rows_of_values(found)], numbers=(1, 2)), class_="scroll")
    picture = element("div", raw(_picture(found)), class_="figure") if _judged(found) else None
    return element("div", element("h4", found.model), sentences, picture, listed)


def _sentences(found: TuningReport, say: Words) -> list[str]:
    states = [row.state for row in found.trials]
    counts = {name: states.count(name) for name in ("complete", "pruned", "failed")}
    lines = [say("tune_size", n=len(states), cases=f"{found.cases:,}", **counts), *_verdict(found, say, counts)]
    last = found.trials[-1] if found.trials else TriedRow(number=0, state="failed")
    money = say("tune_no_price") if last.money is None else f"{amount(last.money)} {found.currency}"
    figures = {"seconds": f"{last.seconds:,.1f}", "cpu": f"{last.cpu_s:,.1f}", "money": money}
    lines.append(say("tune_cost", **figures, ended=say(f"tune_by_{found.stopped_by}")))
    key = "tune_workers" if found.workers > 1 else "tune_one_worker"
    key += "_cut" if found.workers == 1 and found.stopped_by in ("minutes", "money") else ""
    lines.append(say(key, seed=found.seed, workers=found.workers))
    return [*lines, *([say("tune_sessions", n=found.sessions)] if found.sessions > 1 else [])]


def _verdict(found: TuningReport, say: Words, counts: dict[str, int]) -> list[str]:
    start, best = found.start_quality, found.best_quality
    if start is None or best is None:
        return [say("tune_none")]
    if best <= start:
        return [say("tune_nothing")]
    error = "" if found.gain_error is None else say("tune_error", error=f"{found.gain_error:.4f}")
    gained = say("tune_found", start=f"{start:.4f}", best=f"{best:.4f}", gain=f"{best - start:+.4f}", error=error)
    key = "tune_adopted" if found.is_adopted else "tune_kept"
    return [gained, say(key, complete=counts["complete"], flattered=f"{found.flattered or 0.0:.4f}")]


def _judged(found: TuningReport) -> list[TriedRow]:
    return [row for row in found.trials if row.quality is not None]


def _curve(found: TuningReport, say: Words) -> list[str]:
    """The trials after which the best was another, and the last, with a bar as long as the best."""
    rows = [row for row in _judged(found) if row.best is not None]
    steps = [row for place, row in enumerate(rows) if not place or row.best != rows[place - 1].best]
    steps = [*steps[: _MOST_ROWS - 1], *steps[_MOST_ROWS - 1 :][-1:]]
    shown = steps if not rows or rows[-1] in steps else [*steps, rows[-1]]
    if not shown:
        return []
    low, high = shown[0].best or 0.0, max(row.best or 0.0 for row in shown)
    head = [say(f"tune_c_{name}") for name in ("trial", "quality", "best", "seconds", "money")]
    cells = [head, *([_place(row), _number(row.quality), _number(row.best), f"{row.seconds:,.1f}",
                      "–" if row.money is None else amount(row.money)] for row in shown)]  # fmt: skip
    widths = [max(cell_len(row[column]) for row in cells) for column in range(len(head))]
    bars = ["", *(_bar(((row.best or 0.0) - low) / (high - low) if high > low else 1.0) for row in shown)]
    return [
        "  " + "  ".join([*(_right(cell, width) for cell, width in zip(row, widths, strict=True)), bar]).rstrip()
        for row, bar in zip(cells, bars, strict=True)
    ]


def _values(found: TuningReport, say: Words) -> list[str]:
    head = tuple(say(key) for key in ("tune_c_option", "tune_c_start", "tune_c_chosen"))
    rows = [head, *_rows_of_values(found)]
    widths = [max(cell_len(row[column]) for row in rows) for column in range(3)]
    return [
        f"  {name}{' ' * (widths[0] - cell_len(name))}  {_right(start, widths[1])}  {_right(chosen, widths[2])}"
        for name, start, chosen in rows
    ]


def _rows_of_values(found: TuningReport) -> list[tuple[str, str, str]]:
    return [(name, _shown(found.start[name]), _shown(found.chosen[name])) for name in found.start]


def _shown(value: Value) -> str:
    return f"{value:.4g}" if isinstance(value, float) else str(value)


def _place(row: TriedRow) -> str:
    return str(row.number + 1)


def _number(value: float | None) -> str:
    return "–" if value is None else f"{value:.4f}"


def _right(text: str, width: int) -> str:
    return " " * (width - cell_len(text)) + text


def _bar(share: float) -> str:
    return "█" * max(1, round(_BAR * share))


def _picture(found: TuningReport) -> str:
    """The best so far as stairs over processor seconds, every trial a dot."""
    rows = _judged(found)
    values = [value for row in rows for value in (row.quality, row.best) if value is not None]
    low, high, end = min(values), max(values), max(row.cpu_s for row in rows)
    span, length = (high - low) or 1.0, end or 1.0

    def x(cpu_s: float) -> float:
        return _EDGE + cpu_s / length * (_WIDTH - _EDGE - 20)

    def y(value: float) -> float:
        return _HEIGHT - 30 - (value - low) / span * (_HEIGHT - 50)

    path, before = "", 0.0
    for row in rows:
        if row.best is not None:
            path += f"{'L' if path else 'M'}{x(row.cpu_s):.1f} {before if path else y(row.best):.1f}"
            path += f"L{x(row.cpu_s):.1f} {y(row.best):.1f}"
            before = y(row.best)
    dots = "".join(
        f'<circle cx="{x(row.cpu_s):.1f}" cy="{y(row.quality or 0.0):.1f}" r="3" stroke="#555b66" '
        f'fill="{"#555b66" if row.state == "complete" else "none"}"/>'
        for row in rows
    )
    words = "".join(
        f'<text x="{at_x:.1f}" y="{at_y:.1f}" text-anchor="{anchor}" fill="#555b66">{escape(text)}</text>'
        for at_x, at_y, anchor, text in (
            (_EDGE - 6, y(high) + 4, "end", f"{high:.4f}"),
            (_EDGE - 6, y(low) + 4, "end", f"{low:.4f}"),
            (_WIDTH - 20, _HEIGHT - 8, "end", f"{end:,.1f} s"),
        )
    )
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {_WIDTH} {_HEIGHT}" width="{_WIDTH}" '
        f'height="{_HEIGHT}" role="img" font-size="11"><title>{escape(found.model)}</title>'
        f'<rect width="{_WIDTH}" height="{_HEIGHT}" rx="8" fill="#ffffff"/>'
        f'<path d="{path}" fill="none" stroke="#b3841c" stroke-width="2"/>{dots}{words}</svg>'
    )
