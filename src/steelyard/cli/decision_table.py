"""The candidates of one surface as a table that fits the terminal: the verdict and why, and more where it fits."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal

from rich.cells import cell_len
from rich.table import Table
from rich.text import Text

from steelyard.documents.choice import CandidateRow, SurfaceDecision, ViolationRow

__all__ = ["apart", "decision_table", "short_verdict"]

_STYLES = {"chosen": "bold green", "feasible": "", "loses": "dim", "set_aside": "dim italic"}
_EDGE = 3
"""What a column takes beside its cells: a border and a space on each side."""
_MOST_PLACES = 6
_NARROWEST = 13
"""A name is folded to no less than this."""


def apart(found: float, wanted: float, *, scale: float = 1.0, places: int = 0) -> tuple[str, str]:
    """Two figures with as many digits as tell them apart.

    Args:
        found: What was found.
        wanted: What it is held against.
        scale: Both are multiplied by it: 100 for percent.
        places: Decimals to begin with.

    Returns:
        ``found`` and ``wanted``, which differ where they are not equal to the last digit that is kept.
    """
    shown = ("", "")
    for more in range(places, _MOST_PLACES + 1):
        shown = f"{found * scale:.{more}f}", f"{wanted * scale:.{more}f}"
        if shown[0] != shown[1]:
            break
    return shown[0], _tidy(shown[1])


def short_verdict(candidate: CandidateRow, chosen: CandidateRow | None = None) -> str:
    """The verdict in a few words: what was found against what is wanted, or how much more it costs.

    Args:
        candidate: A row of the decision.
        chosen: The row of the chosen one.

    Returns:
        Such as ``loses: 98.7 % < 99 %``.
    """
    verdict = candidate.verdict
    broken = "; ".join(_violation(each) for each in candidate.violations)
    if verdict == "set_aside":
        return f"set aside: {'no price' if candidate.monthly is None else broken or 'not compared'}"
    if verdict == "chosen":
        return f"chosen, nearest: {broken}" if broken else "chosen"
    return f"{verdict}: {broken}" if broken else verdict + _more(candidate, chosen)


def _more(candidate: CandidateRow, chosen: CandidateRow | None) -> str:
    """How much more it costs than the chosen one."""
    if chosen is None or candidate.monthly is None or chosen.monthly is None:
        return ""
    more = candidate.monthly - chosen.monthly
    if not more:
        return ": same cost"
    return f": {abs(more):,f} {'more' if more > 0 else 'less'}"


def _violation(broken: ViolationRow) -> str:
    found, wanted, what = broken.found, broken.wanted, broken.what
    if found is None or wanted is None:
        return "too few requests to judge" if what.startswith("quality") else f"{what}: no end to it"
    if what == "quality_share":
        left, right = apart(found, wanted, scale=100, places=1)
        return f"{left} % {_sign(found, wanted)} {right} %"
    if what == "quality":
        left, right = apart(found, wanted, places=4)
        return f"{left} {_sign(found, wanted)} {right}"
    unit = {"p99": "ms", "memory": "GB"}.get(what, "")
    left, right = apart(found, wanted, places=0 if what == "p99" else 1)
    return f"{what} {left} {_sign(found, wanted)} {right} {unit}".rstrip()


def _sign(found: float, wanted: float) -> str:
    return "<" if found < wanted else ">" if found > wanted else "≈"


def _tidy(text: str) -> str:
    return text.rstrip("0").rstrip(".") if "." in text else text


@dataclass(frozen=True, slots=True)
class _Column:
    """One column: what it shows of a row, and how much it is worth when there is little room."""

    header: str
    cell: Callable[[CandidateRow], str]
    rank: int = 0
    """0 is always shown; of the others the lower ones first."""


def _columns(chosen: CandidateRow | None) -> tuple[_Column, ...]:
    return (
        _Column("configuration", lambda row: ("→ " if row.verdict == "chosen" else "  ") + row.name),
        _Column("quality", lambda row: _number(row.quality.mean, ".4f")),
        _Column("95 %", _interval, rank=3),
        _Column("of ref.", lambda row: _percent(row.share_of_reference), rank=1),
        _Column("CPU ms", lambda row: _number(row.cpu_ms.mean, ".2f"), rank=4),
        _Column("p99 ms", lambda row: _number(row.p99_ms, ".1f")),
        _Column("MB", lambda row: f"{row.rss_mb:.0f}", rank=5),
        _Column("disk MB", lambda row: f"{row.disk_mb:.1f}", rank=6),
        _Column("a month", lambda row: _money(row.monthly)),
        _Column("/million", _per_million, rank=2),
        _Column("verdict", lambda row: short_verdict(row, chosen)),
    )


def decision_table(surface: SurfaceDecision, *, width: int, rows: int) -> Table:
    """The candidates of a surface.

    Args:
        surface: As the decision has it.
        width: Of the terminal, in cells.
        rows: At most so many candidates.

    Returns:
        No wider than ``width`` where that is 60 or more; no figure is cut, and no reason within a word.
    """
    shown = surface.candidates[:rows]
    chosen = surface.winner
    columns = _columns(chosen)
    cells = {each.header: [each.cell(row) for row in shown] for each in columns}
    kept = _fitting(columns, cells, width)
    room = (
        width
        - 1
        - sum(_natural(each.header, cells) for each in kept if each.header not in ("configuration", "verdict"))
    )
    table = Table(header_style="bold")
    for each in kept:
        is_text = each.header in ("configuration", "verdict")
        table.add_column(each.header, justify="left" if is_text else "right", no_wrap=not is_text, overflow="fold")
    name, verdict = _share(room, _natural("configuration", cells), _natural("verdict", cells))
    table.columns[0].width, table.columns[-1].width = name - _EDGE, verdict - _EDGE
    for at, row in enumerate(shown):
        line = [_folded(cells[each.header][at], name - _EDGE) if each.header == "configuration" else
                Text(cells[each.header][at]) for each in kept]  # fmt: skip
        table.add_row(*line, style=_STYLES[row.verdict])
    return table


def _fitting(columns: Sequence[_Column], cells: Mapping[str, Sequence[str]], width: int) -> list[_Column]:
    """The columns that are always there, and of the others the worthiest that still fit."""
    kept = {each.header for each in columns if not each.rank}
    left = width - 1 - sum(_natural(header, cells) for header in kept)
    for each in sorted((each for each in columns if each.rank), key=lambda each: each.rank):
        left -= _natural(each.header, cells)
        if left < 0:
            break
        kept.add(each.header)
    return [each for each in columns if each.header in kept]


def _natural(header: str, cells: Mapping[str, Sequence[str]]) -> int:
    return _EDGE + max(cell_len(text) for text in (header, *cells[header]))


def _share(room: int, name: int, verdict: int) -> tuple[int, int]:
    """Room for the names and the verdicts: both as they are, else the name gives way, then both."""
    if name + verdict <= room:
        return name, verdict
    least = _NARROWEST + _EDGE
    name = max(least, min(name, max(room - verdict, room // 2)))
    return name, max(min(least, verdict), room - name)


def _folded(name: str, width: int) -> Text:
    """A name, its further lines set in: it is broken behind a dash where there is one."""
    mark, rest = name[:2], name[2:]
    lines: list[str] = []
    while cell_len(rest) > width - 2:
        piece = rest[: width - 2]
        while cell_len(piece) > width - 2:
            piece = piece[:-1]
        cut = piece.rfind("-") + 1 or len(piece)
        lines.append(rest[:cut])
        rest = rest[cut:]
    return Text("\n".join((mark if not at else "  ") + line for at, line in enumerate([*lines, rest])))


def _interval(row: CandidateRow) -> str:
    quality = row.quality
    if quality.low is None or quality.high is None:
        return "–"  # one request has no interval
    return f"{quality.low:.4f}–{quality.high:.4f}"


def _money(amount: Decimal | None) -> str:
    return "no price" if amount is None else f"{amount:,f}"


def _per_million(row: CandidateRow) -> str:
    """Machine cost of a million requests at full load."""
    of_1000 = row.per_1000.at_capacity
    return "–" if of_1000 is None else f"{1000 * of_1000:.4f}"


def _number(value: float | None, form: str) -> str:
    return "–" if value is None else format(value, form)


def _percent(share: float | None) -> str:
    if share is None:
        return "–"
    return "100 %" if share == 1 else f"{apart(share, 1.0, scale=100, places=1)[0]} %"
