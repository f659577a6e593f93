"""Defects put into clean data on purpose, at a known rate: what the checks and detectors must find.

Columns are numpy arrays of texts, as a shop would export them; nothing here is real data, and everything is drawn from
a seed.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from steelyard.domain import FloatArray, IntArray

__all__ = ["DEFECTS", "Load", "at", "inject", "stamp"]

Column = npt.NDArray[np.object_]
_DAY_S = 86_400.0


@dataclass(frozen=True, slots=True)
class Load:
    """A shop's two tables."""

    items: Mapping[str, Column]
    """``item_id title category brand price``."""
    events: Mapping[str, Column]
    """``user item_id time session quantity price``; ``time`` as ``stamp`` writes it."""


def stamp(times_s: FloatArray) -> Column:
    """Seconds since 1970 as texts ``2024-05-31 18:00:00``."""
    written = np.datetime_as_string(times_s.astype(np.int64).astype("datetime64[s]"))
    return np.char.replace(written, "T", " ").astype(object)


def at(load: Load) -> FloatArray:
    """Times of the events in seconds since 1970; all must be readable."""
    return load.events["time"].astype(str).astype("datetime64[s]").astype(np.int64).astype(np.float64)


def inject(load: Load, kind: str, *, rate: float, seed: int) -> tuple[Load, int]:
    """Put one kind of defect into a load.

    Args:
        load: Clean; it stays as it is.
        kind: One of ``DEFECTS``.
        rate: Share of the table's rows, in (0, 1).
        seed: The same seed gives the same rows.

    Returns:
        The load with the defect, and in how many rows it is: at least one.
    """
    table, make = DEFECTS[kind]
    columns = load.items if table == "items" else load.events
    n = len(next(iter(columns.values())))
    random = np.random.default_rng(seed)
    rows = np.sort(random.choice(n, max(1, round(rate * n)), replace=False))
    changed = make(dict(columns), rows, random)
    return (Load(changed, load.events) if table == "items" else Load(load.items, changed)), len(rows)


_Columns = dict[str, Column]
_Make = Callable[[_Columns, IntArray, np.random.Generator], _Columns]


def _changed(name: str, change: Callable[[str, np.random.Generator], object]) -> _Make:
    """One column's values made into others."""

    def make(columns: _Columns, rows: IntArray, random: np.random.Generator) -> _Columns:
        column = columns[name].copy()
        for row in rows.tolist():
            column[row] = change(str(column[row]), random)
        return {**columns, name: column}

    return make


def _scaled(name: str, factors: tuple[float, ...]) -> _Make:
    def change(value: str, random: np.random.Generator) -> str:
        return f"{float(value) * float(random.choice(factors)):.4f}"

    return _changed(name, change)


def _repeated(columns: _Columns, rows: IntArray, random: np.random.Generator) -> _Columns:
    """The rows once more, at the end."""
    return {name: np.concatenate([column, column[rows]]) for name, column in columns.items()}


def _near(columns: _Columns, rows: IntArray, random: np.random.Generator) -> _Columns:
    """The items once more under a new identifier, written a little otherwise."""
    titles = columns["title"][rows].astype(str)
    ways: tuple[Callable[[str], str], ...] = (
        lambda t: t.upper() if t != t.upper() else t.title(),
        lambda t: f"{t}!",
        lambda t: t.replace(" ", "  ", 1) + " ",
        lambda t: t.replace(" ", "-", 1),
    )
    again = {name: column[rows] for name, column in columns.items()}
    again["item_id"] = np.array([f"{value}-again" for value in again["item_id"]], object)
    again["title"] = np.array([ways[int(random.integers(len(ways)))](t) for t in titles], object)
    return {name: np.concatenate([column, again[name]]) for name, column in columns.items()}


def _mojibake(value: str, random: np.random.Generator) -> str:
    return (value + " é – “ü”").encode().decode("cp1252", "replace").replace("\ufffd", "Å")


def _at_midnight(columns: _Columns, rows: IntArray, random: np.random.Generator) -> _Columns:
    time = columns["time"].copy()
    time[rows] = [f"{value[:10]} 00:00:00" for value in time[rows].astype(str)]
    return {**columns, "time": time}


def _one_visit(columns: _Columns, rows: IntArray, random: np.random.Generator) -> _Columns:
    """As many rows, of users who came on three days or more, under one visit for good each."""
    session, users = columns["session"].copy(), columns["user"].astype(str)
    left = len(rows)
    for user in random.permutation(np.unique(users)).tolist():
        theirs = np.flatnonzero(users == user)[:left]
        if len({str(time)[:10] for time in columns["time"][theirs]}) < 3:
            continue
        session[theirs] = f"forever-{user}"
        left -= len(theirs)
        if not left:
            break
    return {**columns, "session": session}


def _one_user(columns: _Columns, rows: IntArray, random: np.random.Generator) -> _Columns:
    """The rows under the identifier of guests."""
    user = columns["user"].copy()
    user[rows] = "guest"
    return {**columns, "user": user}


def _robots(columns: _Columns, rows: IntArray, random: np.random.Generator) -> _Columns:
    """As many events by accounts that act every four seconds, added at the end."""
    n, per_user = len(rows), 120
    users = np.arange(n) // per_user
    times = columns["time"].astype(str).astype("datetime64[s]").astype(np.int64).astype(np.float64)
    starts = random.uniform(times.min(), times.max() - _DAY_S, users.max() + 1)
    again = {name: column[rows] for name, column in columns.items()}
    again["user"] = np.array([f"robot-{user}" for user in users], object)
    again["item_id"] = random.choice(columns["item_id"], n)
    again["session"] = again["user"]
    again["time"] = stamp(starts[users] + 4.0 * (np.arange(n) % per_user))
    return {name: np.concatenate([column, again[name]]) for name, column in columns.items()}


def _group(columns: _Columns, rows: IntArray, random: np.random.Generator) -> _Columns:
    """As many events by accounts that take one rare item and two others on one day, added at the end."""
    n, per_user = max(len(rows), 36), 3
    users = np.arange(n) // per_user
    times = columns["time"].astype(str).astype("datetime64[s]").astype(np.int64).astype(np.float64)
    distinct, counts = np.unique(columns["item_id"].astype(str), return_counts=True)
    rare = distinct[np.argsort(counts, kind="stable")[: max(1, len(distinct) // 10)]]
    again = {name: random.choice(column, n) for name, column in columns.items()}
    again["user"] = np.array([f"group-{user}" for user in users], object)
    again["session"] = again["user"]
    is_target = np.arange(n) % per_user == 0
    again["item_id"] = np.where(is_target, rare[0], random.choice(columns["item_id"], n)).astype(object)
    day = float(np.floor(random.uniform(times.min(), times.max() - _DAY_S) / _DAY_S) * _DAY_S)
    again["time"] = stamp(day + random.uniform(0, _DAY_S - 3600, users.max() + 1)[users] + np.arange(n) % per_user * 90)
    return {name: np.concatenate([column, again[name]]) for name, column in columns.items()}


def _foreign(value: str, random: np.random.Generator) -> str:
    return str(random.choice(("青花瓷茶壶 500毫升", "Чайник фарфоровый", "陶器の急須 ティーポット", "도자기 찻주전자")))


DEFECTS: Mapping[str, tuple[str, _Make]] = {
    "item_id_missing": ("items", _changed("item_id", lambda value, random: "")),
    "item_id_duplicate": ("items", _repeated),
    "title_missing": ("items", _changed("title", lambda value, random: "")),
    "title_placeholder": ("items", _changed("title", lambda value, random: random.choice(("TODO", "test product")))),
    "items_near_duplicate": ("items", _near),
    "text_encoding_damaged": ("items", _changed("title", _mojibake)),
    "text_replacement": ("items", _changed("title", lambda value, random: f"{value} caf\ufffd")),
    "text_html": ("items", _changed("title", lambda value, random: f"<b>{value}</b><br/>&nbsp;")),
    "language_mixed": ("items", _changed("title", _foreign)),
    "price_not_positive": ("items", _changed("price", lambda value, random: "-1")),
    "price_unit_slip": ("items", _scaled("price", (100.0, 1000.0))),
    "currencies_mixed": ("items", _changed("price", lambda value, random: f"€{value}")),
    "event_item_unknown": ("events", _changed("item_id", lambda value, random: f"gone-{value}")),
    "event_duplicate": ("events", _repeated),
    "event_time_in_future": ("events", _changed("time", lambda value, random: f"2099{value[4:]}")),
    "event_time_unreadable": ("events", _changed("time", lambda value, random: "yesterday")),
    "clock_midnight": ("events", _at_midnight),
    "event_user_missing": ("events", _changed("user", lambda value, random: "")),
    "quantity_outlying": ("events", _scaled("quantity", (10_000.0,))),
    "paid_unit_slip": ("events", _scaled("price", (100.0, 1000.0))),
    "session_too_long": ("events", _one_visit),
    "user_shared": ("events", _one_user),
    "traffic_robots": ("events", _robots),
    "traffic_cohort": ("events", _group),
}
"""By name: the table and what is done to its rows."""
