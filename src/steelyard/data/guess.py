"""Guesses what the files of a folder are and which role each column plays, from names and a sample of values.

Nothing here is certain: each guess says how sure it is and what else it might be, and a person reads the result.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field

from steelyard.data.amounts import CurrencyGuess, currency_of
from steelyard.data.normalise import separator
from steelyard.data.roles import ColumnProfile, event_kind_of, fit, name_score
from steelyard.data.stock import read_stock

__all__ = ["LIKELY", "SURE", "Guess", "RoleGuess", "TableProfile", "guess"]

SURE, LIKELY = 0.8, 0.5
_LEAST = 0.3
_MINOR_UNITS = re.compile(r"cents?$|pence$|分$", re.IGNORECASE)
_HAN = re.compile(r"[㐀-鿿]")
_ITEM_ROLES = ("item_id", "title", "category", "brand", "price", "stock", "image", "description", "attributes")
_EVENT_ROLES = (
    *("user", "item_id", "time", "kind", "session", "query", "position", "quantity", "price", "platform", "event_id"),
)
_JUDGEMENT_ROLES = ("query", "item_id", "gain")
_SEVERAL = {"category": 3, "attributes": 6}
"""Roles that several columns can share, and how many."""
_ROLE_WORDS = {
    "item_id": "a column of item ids (one row an item, each id once)",
    "title": "a column of titles",
    "user": "a column of users",
    "time": "a column of times",
    "query": "a column of queries",
    "gain": "a column of grades",
}
_KINDS_BY_FILE = (("click", "click"), ("review", "rating"), ("view", "view"), ("rating", "rating"))


@dataclass(frozen=True, slots=True)
class TableProfile:
    """A file as seen in a sample of its rows."""

    path: str
    n_rows: int
    columns: tuple[ColumnProfile, ...]


@dataclass(frozen=True, slots=True)
class RoleGuess:
    """Which column plays a role."""

    columns: tuple[str, ...]
    sureness: float
    """In [0, 1]: 0.8 and more is sure, 0.5 and more likely."""
    alternatives: tuple[str, ...] = ()
    unread: tuple[str, ...] = ()
    """Values of the column that cannot be read in this role, three at most; a person must look at it then."""


@dataclass(frozen=True, slots=True)
class Guess:
    """What was made of a folder."""

    items: TableProfile | None = None
    events: TableProfile | None = None
    judgements: TableProfile | None = None
    item_roles: Mapping[str, RoleGuess] = field(default_factory=dict)
    event_roles: Mapping[str, RoleGuess] = field(default_factory=dict)
    judgement_roles: Mapping[str, RoleGuess] = field(default_factory=dict)
    is_log: bool = False
    """The catalogue is to be gathered from the log."""
    price_divisor: int = 1
    gain_offset: float = 0.0
    event_kind: str = "purchase"
    kinds: Mapping[str, str] = field(default_factory=dict)
    unmapped: Mapping[str, int] = field(default_factory=dict)
    """Values of the kind column that stand for no known kind, and how often each was seen."""
    unread: Mapping[str, tuple[str, tuple[str, ...]]] = field(default_factory=dict)
    """Roles whose column is there by name though no value of it can be read: the column and some of its values."""
    separator: str = ""
    """What separates the levels of a category in one column."""
    currency: CurrencyGuess = field(default_factory=CurrencyGuess)
    language: str = "en"
    notes: tuple[str, ...] = ()


def guess(tables: Sequence[TableProfile]) -> Guess:
    """What the tables are. Files that look like nothing known are left out, and said so in the notes."""
    judgements = _best(tables, _judgement_score)
    events = _best([t for t in tables if t is not judgements], _event_score)
    items = _best([t for t in tables if t is not judgements and t is not events], _item_score)
    is_log = items is None and events is not None and "title" in _roles(events, _ITEM_ROLES, is_log=True)
    items = events if is_log else items
    item_roles = _roles(items, _ITEM_ROLES, is_log=is_log)
    event_roles = _roles(events, _EVENT_ROLES, is_log=True)
    judgement_roles = _roles(judgements, _JUDGEMENT_ROLES, is_log=True)
    price = item_roles.get("price")
    gain = _column(judgements, judgement_roles.get("gain"))
    titles = _column(items, item_roles.get("title"))
    kind = _column(events, event_roles.get("kind"))
    names = titles.values if titles else ()
    return Guess(
        items=items,
        events=events,
        judgements=judgements,
        item_roles=item_roles,
        event_roles=event_roles,
        judgement_roles=judgement_roles,
        is_log=is_log,
        price_divisor=100 if price and _MINOR_UNITS.search(price.columns[0]) else 1,
        gain_offset=-gain.low if gain and gain.low >= 1 else 0.0,
        event_kind=_event_kind(events),
        kinds=_kinds(kind),
        unmapped={v: n for v, n in kind.counts.items() if event_kind_of(v) is None} if kind else {},
        unread=_unread(items, item_roles),
        separator=_separator(_column(items, item_roles.get("category")), item_roles.get("category")),
        currency=_currency(items, item_roles, events, event_roles, names),
        language=_language(names),
        notes=_notes(tables, (items, events, judgements)),
    )


def _best(tables: Sequence[TableProfile], score: Callable[[TableProfile], float]) -> TableProfile | None:
    scored = [(score(table), -i, table) for i, table in enumerate(tables)]
    best = max(scored, default=(0.0, 0, None), key=lambda found: found[:2])
    return best[2] if best[0] > 0 else None


def _judgement_score(table: TableProfile) -> float:
    """Above 0 where queries, items and gains are there and no time; fewer other columns are better."""
    roles = _roles(table, _JUDGEMENT_ROLES, is_log=True)
    has_time = "time" in _roles(table, ("time",), is_log=True)
    if len(roles) < len(_JUDGEMENT_ROLES) or has_time:
        return 0.0
    return sum(role.sureness for role in roles.values()) - 0.05 * len(table.columns)


def _event_score(table: TableProfile) -> float:
    """Above 0 where users, items and times are there; more rows are better."""
    roles = _roles(table, _EVENT_ROLES, is_log=True)
    if not {"user", "item_id", "time"} <= roles.keys():
        return 0.0
    return sum(role.sureness for role in roles.values()) + min(table.n_rows, 10**6) / 10**6


def _item_score(table: TableProfile) -> float:
    """Above 0 where there is a unique item id and a title."""
    roles = _roles(table, _ITEM_ROLES, is_log=False)
    if not {"item_id", "title"} <= roles.keys():
        return 0.0
    return sum(role.sureness for role in roles.values())


def _roles(table: TableProfile | None, names: Sequence[str], *, is_log: bool) -> dict[str, RoleGuess]:
    """Roles by name, each column used once; the first names choose first."""
    if table is None:
        return {}
    left = list(table.columns)
    found: dict[str, RoleGuess] = {}
    for role in names:
        scored = sorted(((_score(c, role, is_log=is_log), c) for c in left), key=lambda pair: -pair[0])
        scored = [(score, column) for score, column in scored if score >= _LEAST]
        if not scored:
            continue
        taken = [column for score, column in scored if score >= LIKELY][: _SEVERAL.get(role, 1)] or [scored[0][1]]
        if role == "category":
            taken.sort(key=lambda column: column.n_distinct)
        names_taken = tuple(column.name for column in taken)
        others = tuple(column.name for _, column in scored if column not in taken)[:3]
        found[role] = RoleGuess(names_taken, scored[0][0], others, _not_read(taken[0], role))
        left = [column for column in left if column not in taken]
    return found


def _score(column: ColumnProfile, role: str, *, is_log: bool) -> float:
    suits, named = fit(column, role, is_log=is_log), name_score(column.name, role)
    return 0.0 if suits == 0 or named == 0 else 0.75 * named + 0.25 * suits


def _column(table: TableProfile | None, role: RoleGuess | None) -> ColumnProfile | None:
    if table is None or role is None:
        return None
    return next(column for column in table.columns if column.name == role.columns[0])


def _not_read(column: ColumnProfile, role: str) -> tuple[str, ...]:
    """Values that cannot be read, where they are more than a few."""
    if role == "stock":
        unread = tuple(value for value in column.values if not read_stock(value).is_read)
        return unread[:3]
    return column.not_numbers if role == "price" and column.numeric_share < 0.98 else ()


def _unread(items: TableProfile | None, roles: Mapping[str, RoleGuess]) -> dict[str, tuple[str, tuple[str, ...]]]:
    used = {name for role in roles.values() for name in role.columns}
    found = {}
    for role in ("price", "stock"):
        named = [
            c for c in (items.columns if items else ()) if c.name not in used and name_score(c.name, role) >= LIKELY
        ]
        if role not in roles and named and named[0].values:
            found[role] = (named[0].name, named[0].values[:3])
    return found


def _separator(column: ColumnProfile | None, role: RoleGuess | None) -> str:
    """The mark that most of the values with one are cut at; none where several columns are the levels."""
    if column is None or role is None or len(role.columns) > 1:
        return ""
    marks = Counter(mark for value in column.values if (mark := separator(value)) and not value.startswith("["))
    return marks.most_common(1)[0][0] if marks else ""


def _currency(
    items: TableProfile | None,
    item_roles: Mapping[str, RoleGuess],
    events: TableProfile | None,
    event_roles: Mapping[str, RoleGuess],
    titles: Sequence[str],
) -> CurrencyGuess:
    column = _column(items, item_roles.get("price")) or _column(events, event_roles.get("price"))
    return currency_of(column.values, column=column.name, texts=titles) if column else CurrencyGuess()


def _kinds(column: ColumnProfile | None) -> dict[str, str]:
    """Values of the kind column that do not name their kind themselves."""
    found = {value: event_kind_of(value) for value in (column.values if column else ())}
    return {value: kind for value, kind in found.items() if kind and value.lower() != kind}


def _event_kind(events: TableProfile | None) -> str:
    name = events.path.rsplit("/", 1)[-1].lower() if events else ""
    return next((kind for part, kind in _KINDS_BY_FILE if part in name), "purchase")


def _language(titles: Sequence[str]) -> str:
    share = sum(bool(_HAN.search(title)) for title in titles) / max(len(titles), 1)
    has_latin = sum(bool(re.search(r"[A-Za-z]{3}", title)) for title in titles) / max(len(titles), 1)
    if share < 0.05:
        return "en"
    return "mixed" if share < 0.8 or has_latin > 0.8 else "zh"


def _notes(tables: Sequence[TableProfile], used: Sequence[TableProfile | None]) -> tuple[str, ...]:
    what = ("catalogue", "behaviour log", "relevance judgements")
    notes = [f"no {name} found" for name, table in zip(what, used, strict=True) if table is None]
    notes += [_why_unused(table, used) for table in tables if all(table is not one for one in used)]
    return tuple(notes)


def _why_unused(table: TableProfile, used: Sequence[TableProfile | None]) -> str:
    """In one line what the file would have been, and what it lacks or which file was taken in its place."""
    wanted = (
        ("a catalogue", ("item_id", "title"), _roles(table, _ITEM_ROLES, is_log=False), used[0]),
        ("a behaviour log", ("user", "item_id", "time"), _roles(table, _EVENT_ROLES, is_log=True), used[1]),
        ("judgements", _JUDGEMENT_ROLES, _roles(table, _JUDGEMENT_ROLES, is_log=True), used[2]),
    )
    nearest = min(wanted, key=lambda one: sum(role not in one[2] for role in one[1]) / len(one[1]))
    what, needed, roles, other = nearest
    lacks = [_ROLE_WORDS[role] for role in needed if role not in roles]
    columns = ", ".join(column.name for column in table.columns[:12])
    if not lacks and other is not None:
        return f"{table.path} was not used: it looks like {what}, and {other.path} was taken for that; one file is read"
    return f"{table.path} was not used: as {what} it lacks {' and '.join(lacks)} (its columns: {columns})"
