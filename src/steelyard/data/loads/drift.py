"""Compares a load with the one that was accepted before it: what changed more than chance would have it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from steelyard.data.loads.profile import BINS_A_DECADE
from steelyard.data.quality import Finding
from steelyard.documents.profile import ColumnProfile, TableProfile
from steelyard.domain import FloatArray

__all__ = ["drift_findings"]

LEAST_ROWS = 200
"""Tables with fewer rows are not compared: chance alone moves them."""
ROWS_FACTOR = 1.7
MISSING_RISE, DUPLICATES_RISE = 0.05, 0.02
NEW_VALUE_SHARE = 0.01
DISTRIBUTION_GAP, FORM_GAP, PAIRS_GAP, VALUES_GAP = 0.15, 0.3, 0.25, 0.2
SAME_GAP = 0.3
"""A shifted distribution counts as the same where this part of the gap, or less, is left."""
Z = 5.0
"""Standard errors that a share must have moved by."""
_UNITS = (10, 100, 1000)


@dataclass(frozen=True, slots=True)
class _Pair:
    """A column before and now."""

    name: str
    before: ColumnProfile
    now: ColumnProfile


def drift_findings(before: TableProfile, now: TableProfile, *, table: str) -> list[Finding]:
    """What changed since the load before.

    Args:
        before: Profile of the load that was accepted.
        now: Of this load.
        table: Their table.

    Returns:
        One finding for each change, each of which stops training until it is accepted. Nothing where another file or
        other columns were read, or one of the loads is small.
    """
    if before.wanted != now.wanted or min(before.n_rows, now.n_rows) < LEAST_ROWS:
        return []
    found = [(reason, what, share) for reason, what, share in _changes(before, now)]
    return [
        Finding(
            table,
            reason,
            "error",
            "flag",
            round(share * now.n_rows),
            share,
            f"{_SAYS[reason]}: {what}",
            values={what: round(share * now.n_rows)},
            is_breach=True,
        )
        for reason, what, share in found
    ]


_SAYS = {
    "drift_currency": "the prices are of another currency than in the load before",
    "drift_distribution": "the numbers or values are spread otherwise than in the load before",
    "drift_duplicates": "many more rows are there twice than in the load before",
    "drift_ids": "the ids are written otherwise than in the load before",
    "drift_language": "the texts are of another language than in the load before",
    "drift_missing": "many more values are missing than in the load before",
    "drift_new_values": "there are values that the load before did not have",
    "drift_renamed": "a column that was read in the load before is gone",
    "drift_rows": "the number of rows is far from that of the load before",
    "drift_time_zone": "the hours of the day are moved as a whole since the load before",
    "drift_type": "the values are of another type than in the load before",
    "drift_unit": "the numbers are some power of ten of those of the load before",
}


def _changes(before: TableProfile, now: TableProfile) -> Iterator[tuple[str, str, float]]:
    """Reason, what changed, and the share of rows that it is about."""
    if not before.n_rows / ROWS_FACTOR <= now.n_rows <= before.n_rows * ROWS_FACTOR:
        yield "drift_rows", f"{before.n_rows:,} → {now.n_rows:,}", 1.0
    rise = now.duplicates - before.duplicates
    if rise > max(DUPLICATES_RISE, 2 * before.duplicates) and _is_beyond(
        before.duplicates, now.duplicates, before, now
    ):
        yield "drift_duplicates", f"{before.duplicates:.1%} → {now.duplicates:.1%}", now.duplicates
    for name, column in before.columns.items():
        if name not in now.columns:
            yield "drift_renamed", f"{name} ({', '.join(column.columns)})", 1.0
    for name, column in now.columns.items():
        if name in before.columns:
            yield from _column_changes(_Pair(name, before.columns[name], column), before, now)


def _column_changes(pair: _Pair, before: TableProfile, now: TableProfile) -> Iterator[tuple[str, str, float]]:
    old, new, name = pair.before, pair.now, pair.name
    if new.missing - old.missing > MISSING_RISE and _is_beyond(old.missing, new.missing, before, now):
        yield "drift_missing", f"{name} {old.missing:.1%} → {new.missing:.1%}", new.missing
    if min(old.n, new.n) < LEAST_ROWS:
        return
    is_written = not old.is_typed and not new.is_typed
    if name == "item_id":
        if gap := _form_gap(old, new):
            yield "drift_ids", f"{name} {gap}", 1.0
    elif is_written and not old.marks and not new.marks and abs(old.numeric - new.numeric) > FORM_GAP + 0.2:
        yield "drift_type", f"{name} {_type_of(old)} → {_type_of(new)}", 1.0
    if old.marks or new.marks:
        if changed := _other_marks(old, new):
            yield "drift_currency", f"{name} {changed}", 1.0
    yield from _number_changes(pair)
    yield from _text_changes(pair)
    if sum(old.hours) >= LEAST_ROWS and sum(new.hours) >= LEAST_ROWS and (shift := _hours_moved(old.hours, new.hours)):
        yield "drift_time_zone", f"{name} {shift:+d} h", 1.0


def _number_changes(pair: _Pair) -> Iterator[tuple[str, str, float]]:
    old, new = pair.before.sizes, pair.now.sizes
    if min(sum(old.values()), sum(new.values())) < LEAST_ROWS:
        return
    shift, gap, left = _moved(old, new)
    noise = 1.63 * np.sqrt(1 / sum(old.values()) + 1 / sum(new.values()))
    factor = 10 ** (shift / BINS_A_DECADE)
    is_same = gap > 0 and left <= SAME_GAP * gap + noise
    nearest = min(_UNITS, key=lambda unit: abs(abs(shift) - BINS_A_DECADE * np.log10(unit)))
    if gap > DISTRIBUTION_GAP + noise and is_same and abs(abs(shift) - BINS_A_DECADE * np.log10(nearest)) <= 1.5:
        yield "drift_unit", f"{pair.name} × {nearest if shift > 0 else 1 / nearest:g}", 1.0
    elif gap > DISTRIBUTION_GAP + noise and is_same and pair.name == "price" and abs(shift) >= 2:
        yield "drift_currency", f"{pair.name} × {factor:.3g}", 1.0
    elif gap > DISTRIBUTION_GAP + noise:
        yield "drift_distribution", f"{pair.name} {gap:.0%}", float(min(gap, 1.0))


def _text_changes(pair: _Pair) -> Iterator[tuple[str, str, float]]:
    old, new, name = pair.before, pair.now, pair.name
    if old.pairs and new.pairs:
        gap = _gap(old.pairs, new.pairs)
        n = min(sum(old.pairs.values()), sum(new.pairs.values()))
        noise = np.sqrt(2 * len(old.pairs.keys() | new.pairs.keys()) / (np.pi * n))
        if gap > PAIRS_GAP + noise:
            yield "drift_language", f"{name} {gap:.0%}", 1.0
    if old.values and (new.values or new.n):
        total = sum(new.values.values())
        fresh = {value: count for value, count in new.values.items() if value not in old.values}
        share = sum(fresh.values()) / total if total else 1.0
        if share > NEW_VALUE_SHARE and sum(fresh.values()) > Z:
            most = ", ".join(sorted(fresh, key=lambda value: -fresh[value])[:3]) or "many"
            yield "drift_new_values", f"{name} {most}", share
        elif total and _gap(old.values, new.values) > VALUES_GAP + np.sqrt(2 * len(old.values) / (np.pi * total)):
            yield "drift_distribution", f"{name} {_gap(old.values, new.values):.0%}", 1.0


def _is_beyond(old: float, new: float, before: TableProfile, now: TableProfile) -> bool:
    """Whether a share moved by more than chance has it."""
    both = (old * before.n_rows + new * now.n_rows) / (before.n_rows + now.n_rows)
    error = np.sqrt(max(both * (1 - both), 1e-9) * (1 / before.n_rows + 1 / now.n_rows))
    return bool(abs(new - old) > Z * error)


def _form_gap(old: ColumnProfile, new: ColumnProfile) -> str:
    """How the form of ids changed, or nothing."""
    for name, was, now in (
        ("digits only", old.numeric, new.numeric),
        ("letters", old.letters, new.letters),
        ("leading zeros", old.zeros, new.zeros),
    ):
        if abs(was - now) > FORM_GAP:
            return f"{name} {was:.0%} → {now:.0%}"
    is_other = old.length and abs(new.length - old.length) / old.length > 0.25 and abs(new.length - old.length) > 1
    return f"length {old.length:.1f} → {new.length:.1f}" if is_other else ""


def _type_of(column: ColumnProfile) -> str:
    return "number" if column.numeric > 0.5 else "text"


def _other_marks(old: ColumnProfile, new: ColumnProfile) -> str:
    was, now = (max(each.marks, key=lambda mark: each.marks[mark], default="") for each in (old, new))
    shares = [{mark: count / each.n for mark, count in each.marks.items()} for each in (old, new)]
    gap = max(abs(shares[0].get(mark, 0.0) - shares[1].get(mark, 0.0)) for mark in (*old.marks, *new.marks))
    return f"{was or 'none'} → {now or 'none'}" if gap > FORM_GAP else ""


def _shares(counts: Mapping[str, int], keys: Sequence[str]) -> FloatArray:
    found = np.array([counts.get(key, 0) for key in keys], dtype=float)
    shares: FloatArray = found / max(found.sum(), 1.0)
    return shares


def _gap(old: Mapping[str, int], new: Mapping[str, int]) -> float:
    """Total variation distance, in [0, 1]."""
    keys = sorted(old.keys() | new.keys())
    return float(np.abs(_shares(old, keys) - _shares(new, keys)).sum() / 2)


def _moved(old: Mapping[str, int], new: Mapping[str, int]) -> tuple[int, float, float]:
    """By how many bins the sizes moved, the largest gap of the cumulated shares, and what of it the move leaves."""
    low = min(map(int, (*old, *new)))
    n = max(map(int, (*old, *new))) - low + 1
    was, now = np.zeros(n), np.zeros(n)
    for shares, counts in ((was, old), (now, new)):
        for key, count in counts.items():
            shares[int(key) - low] = count / sum(counts.values())

    def left(shift: int) -> float:
        moved = np.zeros(3 * n)
        moved[n + shift : 2 * n + shift] = was
        there = np.zeros(3 * n)
        there[n : 2 * n] = now
        return float(np.abs(np.cumsum(moved) - np.cumsum(there)).max())

    gap = left(0)
    if gap < DISTRIBUTION_GAP:
        return 0, gap, gap
    middle = int(np.searchsorted(np.cumsum(now), 0.5) - np.searchsorted(np.cumsum(was), 0.5))
    near = [shift for shift in range(middle - 3, middle + 4) if abs(shift) <= n]
    best = min(near, key=left, default=0)
    return best, gap, left(best)


def _hours_moved(old: Sequence[int], new: Sequence[int]) -> int:
    """By how many hours the day moved as a whole; 0 where it did not."""
    was, now = (np.array(each, dtype=float) / max(sum(each), 1) for each in (old, new))
    left = [float(np.abs(np.roll(was, shift) - now).sum() / 2) for shift in range(24)]
    best = int(np.argmin(left))
    noise = np.sqrt(48 / (np.pi * min(sum(old), sum(new))))
    is_moved = best and left[0] > 0.1 + noise and left[best] < 0.5 * left[0]
    return (best if best <= 12 else best - 24) if is_moved else 0
