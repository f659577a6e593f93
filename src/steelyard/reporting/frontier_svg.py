"""The frontier as a picture: quality upwards, cost along the beam, the chosen configuration its hanging weight.

Pure: one surface of a decision in, SVG out. The picture stands alone, in a report or a README, on light and dark pages.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace
from itertools import pairwise
from typing import Literal
from xml.sax.saxutils import escape

from steelyard.documents.choice import CandidateRow, SurfaceDecision
from steelyard.reporting.label_places import Box, Dot, Frame, Place, place_labels
from steelyard.reporting.words import Words, words_in

__all__ = ["CostAxis", "floor_quality", "frontier_svg", "linear_ticks", "log_ticks"]

CostAxis = Literal["monthly", "at_capacity"]
_FLOOR_PLACES = (0.2, 0.35, 0.65, 0.8, 0.12, 0.28, 0.42, 0.58, 0.72, 0.88)
"""Where along the beam the floor may be named, after both ends and the middle."""

_WIDTH, _HEIGHT = 860, 470
_FRAME = Frame(62.0, _WIDTH - 24.0, 34.0, _HEIGHT - 78.0)
_SYSTEM_FONTS = (
    "system-ui, 'Segoe UI', Roboto, 'Helvetica Neue', Arial, 'PingFang SC', 'Microsoft YaHei', "
    "'Noto Sans CJK SC', sans-serif"
)
_INK, _SOFT, _FAINT, _PAPER, _BRASS, _BRASS_INK, _RED = (
    "#15181d", "#555b66", "#ecece7", "#ffffff", "#b3841c", "#7d5a0c", "#a3261d",
)  # fmt: skip
_DIGIT_SETS: tuple[tuple[float, ...], ...] = (
    (1,),
    (1, 3),
    (1, 2, 5),
    (1, 1.5, 2, 3, 5, 7),
    (1, 1.2, 1.4, 1.6, 1.8, 2, 2.5, 3, 3.5, 4, 4.5, 5, 6, 7, 8, 9),
)


@dataclass(frozen=True, slots=True)
class _Point:
    row: CandidateRow
    name: str
    cost: float
    quality: float
    low: float
    high: float


@dataclass(frozen=True, slots=True)
class _Scales:
    cost: tuple[float, float]
    """Ends of the beam, as logarithms."""
    quality: tuple[float, float]

    def x(self, cost: float) -> float:
        """Place of a cost along the beam."""
        low, high = self.cost
        return _FRAME.left + (math.log10(cost) - low) / (high - low) * (_FRAME.right - _FRAME.left)

    def y(self, quality: float) -> float:
        """Height of a quality, counted downwards."""
        low, high = self.quality
        return _FRAME.bottom - (quality - low) / (high - low) * (_FRAME.bottom - _FRAME.top)


def frontier_svg(surface: SurfaceDecision, *, currency: str, language: str = "en", axis: CostAxis = "monthly") -> str:
    """The chart of one surface.

    Args:
        surface: A surface of the decision.
        currency: Of its costs; written on the axis.
        language: ``en`` or ``zh``.
        axis: Which cost lies along the beam. Configurations without it are left out, never drawn at zero.

    Returns:
        A whole ``<svg>`` element, without outside resources; the same input gives the same text.
    """
    say = words_in(language)
    points = _points(surface, axis)
    title = say("svg_title", n=len(points), surface=surface.surface, chosen=surface.chosen or "–")
    body = [_text(_FRAME.left, 60, say("svg_nothing"))]
    if points:
        body = _drawing(surface, points, say, say(f"svg_{axis}", currency=currency))
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {_WIDTH} {_HEIGHT}" width="{_WIDTH}" height="{_HEIGHT}" '
        f'role="img" font-family="{_SYSTEM_FONTS}" font-size="12"><title>{escape(title)}</title>'
        f'<rect width="{_WIDTH}" height="{_HEIGHT}" rx="8" fill="{_PAPER}"/>' + "".join(body) + "</svg>"
    )


def floor_quality(surface: SurfaceDecision) -> float | None:
    """The mean quality a configuration must reach, of several floors the highest; ``None`` without a floor."""
    floor = surface.floor
    if floor.quality is not None:  # corrected for choosing the best, which a document of before does not say
        return floor.quality
    found = [] if floor.min_quality is None else [floor.min_quality]
    reference = surface.candidate(surface.reference)
    if floor.min_quality_share is not None and reference and reference.quality.mean is not None:
        found.append(floor.min_quality_share * reference.quality.mean)
    return max(found, default=None)


def log_ticks(low: float, high: float, *, wanted: int) -> list[float]:
    """Round numbers in [low, high] for a logarithmic axis, at least two, about ``wanted``; ``low`` > 0."""
    best: list[float] = []
    exponents = range(math.floor(math.log10(low)), math.ceil(math.log10(high)) + 1)
    for digits in _DIGIT_SETS:
        ticks = [float(f"{digit * 10.0**exponent:.3g}") for exponent in exponents for digit in digits]
        found = [tick for tick in ticks if low * 0.9999 <= tick <= high * 1.0001]
        is_nearer = abs(len(found) - wanted) < abs(len(best) - wanted)
        if len(found) >= 2 and (len(best) < 2 or is_nearer):
            best = found
    return best if len(best) >= 2 else linear_ticks(low, high, wanted=wanted)


def linear_ticks(low: float, high: float, *, wanted: int) -> list[float]:
    """Round numbers in [low, high] for a linear axis, about ``wanted``; ``low`` < ``high``."""
    rough = (high - low) / wanted
    power = 10.0 ** math.floor(math.log10(rough))
    step = next(digit * power for digit in (1, 2, 2.5, 5, 10) if digit * power >= rough * 0.999)
    first, last = math.ceil(low / step - 1e-9), math.floor(high / step + 1e-9)
    return [float(f"{number * step:.8g}") for number in range(first, last + 1)]


def _points(surface: SurfaceDecision, axis: CostAxis) -> list[_Point]:
    found = []
    for row in surface.candidates:
        cost = row.monthly if axis == "monthly" else row.per_1000.at_capacity
        mean = row.quality.mean
        if cost is None or cost <= 0 or mean is None:
            continue
        low, high = (mean if end is None else end for end in (row.quality.low, row.quality.high))
        found.append(_Point(row, row.name, float(cost), mean, low, high))
    return found


def _frontier(points: Sequence[_Point]) -> list[_Point]:
    """Points nothing else beats, cheapest first."""
    found: list[_Point] = []
    for point in sorted(points, key=lambda each: (each.cost, -each.quality)):
        if not found or point.quality > found[-1].quality:
            found.append(point)
    return found


def _drawing(surface: SurfaceDecision, points: list[_Point], say: Words, axis_name: str) -> list[str]:
    scales = _scales(surface, points)
    chosen = next((point for point in points if point.name == surface.chosen), None)
    floor = floor_quality(surface)
    floor_box = _floor_box(points, scales, floor) if floor is not None else None
    ordered = sorted(points, key=lambda each: (_rank(each, surface), each.cost))
    dots = [_dot(point, scales, surface) for point in ordered]
    frame = Frame(_FRAME.left + 2, _FRAME.right + 18, _FRAME.top - 14, _FRAME.bottom + 2)
    places = place_labels(dots, frame, obstacles=_obstacles(points, scales, chosen, floor, floor_box))
    pairs = list(zip(ordered, places, strict=True))
    is_right = chosen is not None and scales.x(chosen.cost) > (_FRAME.left + _FRAME.right) / 2
    return [
        *_grid(scales, say("w_quality")),
        *_floor(scales, floor, floor_box, say("floor_line")),
        _front(surface, points, scales),
        *_beam(scales, axis_name, is_name_left=is_right),
        *(_weight(chosen, scales) if chosen else []),
        *(_leader(point, place, scales) for point, place in pairs if place is not None and place.is_far),
        *(_mark(point, scales, surface) for point, _ in reversed(pairs)),
        *(_label(point, place, surface) for point, place in pairs if place is not None),
        *(_badge(say("synthetic")) if surface.is_synthetic else []),
    ]


def _scales(surface: SurfaceDecision, points: Sequence[_Point]) -> _Scales:
    floor = floor_quality(surface)
    ends = [end for point in points for end in (point.low, point.high)] + ([floor] if floor is not None else [])
    costs = [math.log10(point.cost) for point in points]
    return _Scales(_padded(costs, share=0.09, least=0.02), _padded(ends, share=0.06, least=0.002))


def _padded(values: Sequence[float], *, share: float, least: float) -> tuple[float, float]:
    low, high = min(values), max(values)
    room = max((high - low) * share, least)
    return low - room, high + room


def _rank(point: _Point, surface: SurfaceDecision) -> int:
    """Whose name matters most: 0 for the chosen one."""
    if point.name == surface.chosen:
        return 0
    if point.row.verdict == "feasible":
        return 1
    if point.name == surface.reference:
        return 2
    return 3 if point.row.is_on_frontier else 4


def _dot(point: _Point, scales: _Scales, surface: SurfaceDecision) -> Dot:
    rank = _rank(point, surface)
    width = sum(12.0 if ord(sign) > 0x2E80 else 6.7 for sign in point.name) * (1.13 if rank == 0 else 1)
    return Dot(
        scales.x(point.cost), scales.y(point.quality), scales.y(point.high), scales.y(point.low), width, rank < 4
    )


def _obstacles(
    points: Sequence[_Point], scales: _Scales, chosen: _Point | None, floor: float | None, floor_box: Box | None
) -> list[Box]:
    """What no label may cover: the frontier, the floor with its name, the string of the weight."""
    steps = _frontier(points)
    found = [
        Box(scales.x(last.cost), _FRAME.right, scales.y(last.quality) - 1, scales.y(last.quality) + 1)
        for last in steps[-1:]
    ]
    for step, after in pairwise(steps):
        left, right, at = scales.x(step.cost), scales.x(after.cost), scales.y(step.quality)
        found += [Box(left, right, at - 1, at + 1), Box(right - 1, right + 1, scales.y(after.quality), at)]
    if floor is not None and floor_box is not None:
        found += [Box(_FRAME.left, _FRAME.right, scales.y(floor) - 1, scales.y(floor) + 1), floor_box]
    if chosen is not None:
        found.append(Box(scales.x(chosen.cost) - 1, scales.x(chosen.cost) + 1, scales.y(chosen.quality), _FRAME.bottom))
    return found


def _floor_box(points: Sequence[_Point], scales: _Scales, floor: float) -> Box:
    """Where the floor's name covers no point."""
    at = scales.y(floor)
    lefts = [_FRAME.left + 4, _FRAME.right - 78]
    lefts += [_FRAME.left + share * (_FRAME.right - _FRAME.left) - 37 for share in (0.5, *_FLOOR_PLACES)]
    boxes = [Box(left, left + 74, top, top + 15) for left in lefts for top in (at + 2, at - 17)]
    marks = [Box(scales.x(p.cost) - 8, scales.x(p.cost) + 8, scales.y(p.high) - 6, scales.y(p.low) + 6) for p in points]
    free = (box for box in boxes if not any(box.overlaps(mark) for mark in marks) and box.top > _FRAME.top - 10)
    return next(free, boxes[0])


def _grid(scales: _Scales, name: str) -> list[str]:
    low, high = scales.quality
    ticks = [tick for tick in linear_ticks(low, high, wanted=6) if tick >= 0]
    places = 3 if len(ticks) > 1 and ticks[1] - ticks[0] < 0.01 else 2
    rows = [_text(6, _FRAME.top - 14, name)]
    for tick in ticks:
        at = scales.y(tick)
        rows.append(_path(f"M{_FRAME.left:g} {at:.1f}H{_FRAME.right:g}", stroke=_FAINT))
        rows.append(_text(_FRAME.left - 9, at + 4, f"{tick:.{places}f}", anchor="end"))
    return rows


def _floor(scales: _Scales, floor: float | None, box: Box | None, name: str) -> list[str]:
    if floor is None or box is None:
        return []
    at = scales.y(floor)
    width, height = _FRAME.right - _FRAME.left, max(0.0, _FRAME.bottom - at)
    return [
        f'<rect x="{_FRAME.left:g}" y="{at:.1f}" width="{width:g}" height="{height:.1f}" '
        f'fill="{_RED}" opacity="0.045"/>',
        _path(f"M{_FRAME.left:g} {at:.1f}H{_FRAME.right:g}", stroke=_RED, width=1.5, more=' stroke-dasharray="6 4"'),
        _text(box.left, box.bottom - 4, f"{name} {floor:.3f}", fill=_RED),
    ]


def _front(surface: SurfaceDecision, points: Sequence[_Point], scales: _Scales) -> str:
    """The line at the means corrected for choosing the best: the points stand where they were measured."""
    along = surface.selection.frontier if surface.selection is not None else ()
    corrected = {each.name: each.corrected_mean for each in along}
    steps = [replace(each, quality=corrected.get(each.name, each.quality)) for each in _frontier(points)]
    path = f"M{scales.x(steps[0].cost):.1f} {scales.y(steps[0].quality):.1f}"
    path += "".join(f"H{scales.x(step.cost):.1f}V{scales.y(step.quality):.1f}" for step in steps[1:])
    return _path(f"{path}H{_FRAME.right:g}", stroke=_INK, width=1.5, more=' opacity="0.55"')


def _beam(scales: _Scales, name: str, *, is_name_left: bool) -> list[str]:
    at = _FRAME.bottom + 10
    low, high = (10**end for end in scales.cost)
    rows = [_path(f"M{_FRAME.left:g} {at:g}H{_FRAME.right:g}", stroke=_INK, width=3, more=' stroke-linecap="round"')]
    for tick in log_ticks(low, high, wanted=6):
        x = scales.x(tick)
        rows.append(f'<circle cx="{x:.1f}" cy="{at:g}" r="2.6" fill="{_BRASS}" stroke="{_PAPER}"/>')
        rows.append(_text(x, at + 19, _number(tick), anchor="middle"))
    x, anchor = (_FRAME.left, "start") if is_name_left else (_FRAME.right, "end")
    return [*rows, _text(x, _FRAME.bottom + 60, name, anchor=anchor)]


def _weight(chosen: _Point, scales: _Scales) -> list[str]:
    x, beam = scales.x(chosen.cost), _FRAME.bottom + 10
    is_at_end = x > _FRAME.right - 120
    place, anchor = (x - 16, "end") if is_at_end else (x + 16, "start")
    poise = f"M{x - 6:.1f} {beam + 27:g}h12l4 17a2 2 0 0 1-2 2h-16a2 2 0 0 1-2-2z"
    return [
        _path(f"M{x:.1f} {scales.y(chosen.quality):.1f}V{beam + 27:g}", stroke=_BRASS, width=1.5),
        f'<path d="{poise}" fill="{_BRASS}"/>',
        _text(place, beam + 42, _number(chosen.cost), anchor=anchor, fill=_BRASS_INK, more=' font-weight="700"'),
    ]


def _mark(point: _Point, scales: _Scales, surface: SurfaceDecision) -> str:
    x, y, top, bottom = (
        f"{value:.1f}"
        for value in (scales.x(point.cost), scales.y(point.quality), scales.y(point.high), scales.y(point.low))
    )
    is_chosen, verdict = point.name == surface.chosen, point.row.verdict
    fill = _BRASS if is_chosen else _INK if verdict in ("chosen", "feasible") else _PAPER
    stroke = _INK if is_chosen or verdict in ("chosen", "feasible") else _SOFT
    whisker = f"M{x} {top}V{bottom}m-3 0h6M{x} {top}m-3 0h6"
    circle = (
        f'<circle cx="{x}" cy="{y}" r="{7.5 if is_chosen else 5}" fill="{fill}" stroke="{stroke}" stroke-width="1.7"/>'
    )
    says = f"{point.name}: {point.quality:.4f} [{point.low:.4f}, {point.high:.4f}], {_number(point.cost)}"
    return f"<g><title>{escape(says)}</title>{_path(whisker, stroke=_SOFT, width=1.2)}{circle}</g>"


def _leader(point: _Point, place: Place, scales: _Scales) -> str:
    end = {"start": place.box.left, "end": place.box.right}.get(place.anchor, (place.box.left + place.box.right) / 2)
    middle = (place.box.top + place.box.bottom) / 2
    return _path(
        f"M{scales.x(point.cost):.1f} {scales.y(point.quality):.1f}L{end:.1f} {middle:.1f}", stroke=_SOFT, width=0.7
    )


def _label(point: _Point, place: Place, surface: SurfaceDecision) -> str:
    is_chosen = point.name == surface.chosen
    fill = _INK if is_chosen or point.row.verdict == "feasible" else _SOFT
    more = ' font-size="11.5"' + (' font-weight="700"' if is_chosen else "")
    return _text(place.x, place.y, point.name, anchor=place.anchor, fill=fill, more=more)


def _badge(words: str) -> list[str]:
    width = sum(12.0 if ord(sign) > 0x2E80 else 7.2 for sign in words) + 20
    x = _FRAME.left + 8
    return [
        f'<rect x="{x:.1f}" y="8" width="{width:.1f}" height="20" rx="10" fill="#fbefd3"/>',
        _text(x + width / 2, 22, words, anchor="middle", fill="#7e5300"),
    ]


def _number(value: float) -> str:
    """Without exponent, with the digits it needs and no more."""
    if value >= 100:
        return f"{value:,.2f}".removesuffix(".00")
    return f"{float(f'{value:.4g}'):.12f}".rstrip("0").rstrip(".")


def _text(x: float, y: float, words: str, *, anchor: str = "start", fill: str = _SOFT, more: str = "") -> str:
    return f'<text x="{x:.1f}" y="{y:.1f}" text-anchor="{anchor}" fill="{fill}"{more}>{escape(words)}</text>'


def _path(d: str, *, stroke: str, width: float = 1, more: str = "") -> str:
    return f'<path d="{d}" fill="none" stroke="{stroke}" stroke-width="{width:g}"{more}/>'
