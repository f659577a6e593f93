"""Guesses what the files of a folder are and which role each column plays, from names and a sample of values.

Nothing here is certain: each guess says how sure it is and what else it might be, and a person reads the result.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace

from steelyard.data.guessing.assign import LIKELY, SURE, RoleGuess, assign
from steelyard.data.guessing.event_words import event_kind_of, kinds_of_words
from steelyard.data.guessing.item_ids import matched_ids
from steelyard.data.guessing.layouts import Layout, laid_out
from steelyard.data.guessing.minor_units import price_divisor_of
from steelyard.data.guessing.profiles import HAN, ColumnProfile, TableProfile
from steelyard.data.guessing.roles import name_score
from steelyard.data.guessing.sale_price import with_sale_price
from steelyard.data.guessing.unused import Needs, why_unused
from steelyard.data.values.amounts import CurrencyGuess, currency_of
from steelyard.data.values.grades import scale_of_grades
from steelyard.data.values.normalise import separator
from steelyard.data.values.stock import read_stock

__all__ = ["LIKELY", "SURE", "Guess", "RoleGuess", "TableProfile", "guess"]

_SCRIPTS = {
    "Korean": re.compile("[\uac00-\ud7af\u1100-\u11ff]"),
    "Japanese": re.compile("[\u3041-\u30fa\u30fc]"),
}
"""Letters that only one language has, of those whose texts are not cut at blanks alone or hold Chinese characters."""
_LEAST_OF_SCRIPT = 0.1
_ITEM_ROLES = (
    *("item_id", "title", "category", "brand", "price", "stock", "image", "description", "attributes"),
    *("published", "parent"),
)
_EVENT_ROLES = (
    *("user", "item_id", "time", "kind", "session", "query", "position", "quantity", "price", "platform", "event_id"),
)
_JUDGEMENT_ROLES = ("query", "item_id", "gain")
_NEEDS = (
    Needs("a catalogue", ("item_id", "title"), _ITEM_ROLES, is_log=False),
    Needs("a behaviour log", ("user", "item_id", "time"), _EVENT_ROLES, is_log=True),
    Needs("judgements", _JUDGEMENT_ROLES, _JUDGEMENT_ROLES, is_log=True),
)
_KINDS_BY_FILE = (("click", "click"), ("review", "rating"), ("view", "view"), ("rating", "rating"))


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
    grades: Mapping[str, float] = field(default_factory=dict)
    """What each word of the grades is worth; empty where they are numbers."""
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
    layouts: Mapping[str, tuple[str, str]] = field(default_factory=dict)
    """By table the connector that knows its layout, and what it is: ``shopify``, ``a Shopify product export``."""


def guess(tables: Sequence[TableProfile], layouts: Sequence[Layout] = ()) -> Guess:
    """What the tables are. Files that look like nothing known are left out, and said so in the notes.

    Args:
        tables: As their samples show them.
        layouts: Exports whose columns are known.

    Returns:
        Tables, roles, and what a person must look at.
    """
    judgements = _best(tables, lambda table: _judgement_score(table, layouts))
    events = _best([t for t in tables if t is not judgements], lambda table: _event_score(table, layouts))
    items = _best(
        [t for t in tables if t is not judgements and t is not events], lambda table: _item_score(table, layouts)
    )
    is_log = items is None and events is not None and "title" in assign(events, _ITEM_ROLES, is_log=True)
    items = events if is_log else items
    item_roles, items_layout = _roles(items, "items", layouts, is_log=is_log)
    event_roles, events_layout = _roles(events, "events", layouts, is_log=True)
    judgement_roles, judgements_layout = _roles(judgements, "judgements", layouts, is_log=True)
    if not is_log:
        item_roles, event_roles = matched_ids((items, item_roles), (events, event_roles))
    event_roles = _without_basket_ids(events, event_roles)
    found = Guess(
        items=items,
        events=events,
        judgements=judgements,
        item_roles=_useful(items, with_sale_price(items, item_roles)),
        event_roles=event_roles,
        judgement_roles=judgement_roles,
        is_log=is_log,
        notes=_notes(tables, (items, events, judgements)),
        layouts={
            name: (layout.source, layout.what)
            for name, layout in (
                ("items", items_layout), ("events", events_layout), ("judgements", judgements_layout)
            )
            if layout is not None
        },
    )  # fmt: skip
    return _with_values(found, events_layout)


def _with_values(found: Guess, layout: Layout | None) -> Guess:
    """What the values of the chosen columns say."""
    items, item_roles, events = found.items, found.item_roles, found.events
    price = item_roles.get("price")
    gain = _column(found.judgements, found.judgement_roles.get("gain"))
    titles = _column(items, item_roles.get("title"))
    kind = _column(events, found.event_roles.get("kind"))
    names = titles.values if titles else ()
    grades = _grades(gain) if gain and gain.numeric_share < 0.9 else {}
    category = item_roles.get("category")
    return replace(
        found,
        price_divisor=price_divisor_of(items, price.columns[0]) if items and price else 1,
        gain_offset=-gain.low if gain and not grades and gain.low >= 1 else 0.0,
        grades=grades,
        event_kind=(layout.event_kind if layout and layout.event_kind else "") or _event_kind(events),
        kinds=_kinds(kind, layout),
        unmapped={v: n for v, n in kind.counts.items() if not _is_known(v, layout)} if kind else {},
        unread=_unread(items, item_roles),
        separator=_separator(_column(items, category), category),
        currency=_currency(items, item_roles, events, found.event_roles, names),
        language=_language(names),
        notes=(*found.notes, *_language_note(names)),
    )


def _roles(
    table: TableProfile | None, name: str, layouts: Sequence[Layout], *, is_log: bool
) -> tuple[Mapping[str, RoleGuess], Layout | None]:
    """The roles of the table's columns: by the known layout where it has one, else by names and values."""
    if table is None:
        return {}, None
    needs = next(one for one in _NEEDS if one.roles[0] == {"items": "item_id", "events": "user"}.get(name, "query"))
    roles = dict(assign(table, needs.roles, is_log=is_log))
    roles = dict(_sessions_for_users(table, roles)) if name == "events" else roles
    layout = laid_out(table, name, layouts)
    if layout is not None:
        known = layout.roles([column.name for column in table.columns])
        sure = {role: _known(table, role, columns, layout) for role, columns in known.items()}
        used = {column for columns in known.values() for column in columns}
        rest = {role: one for role, one in roles.items() if role not in known and not used & set(one.columns)}
        roles = sure | ({} if layout.is_whole else rest)
    return {role: _read_in(table, role, one) for role, one in roles.items()}, layout


def _known(table: TableProfile, role: str, columns: tuple[str, ...], layout: Layout) -> RoleGuess:
    """A role by the layout; whether reduced prices still hold is for a person to say."""
    if role != "price" or len(columns) == 1:
        return RoleGuess(columns, 0.99, why=f"known: {layout.what}")
    reduced = table.column(columns[0])
    share = f" ({reduced.filled_share:.0%} of the rows)" if reduced else ""
    return RoleGuess(columns, 0.9, columns[1:], why=f"{columns[0]} where it is given{share}, else {columns[1]}")


def _read_in(table: TableProfile, role: str, guessed: RoleGuess) -> RoleGuess:
    column = table.column(guessed.columns[0])
    unread = _not_read(column, role) if column else ()
    return replace(guessed, unread=unread) if unread else guessed


def _best(tables: Sequence[TableProfile], score: Callable[[TableProfile], float]) -> TableProfile | None:
    scored = [(score(table), -i, table) for i, table in enumerate(tables)]
    best = max(scored, default=(0.0, 0, None), key=lambda found: found[:2])
    return best[2] if best[0] > 0 else None


def _judgement_score(table: TableProfile, layouts: Sequence[Layout]) -> float:
    """Above 0 where queries, items and gains are there and no time; fewer other columns are better."""
    if laid_out(table, "judgements", layouts):
        return 10.0
    roles = assign(table, _JUDGEMENT_ROLES, is_log=True)
    if len(roles) < len(_JUDGEMENT_ROLES) or "time" in assign(table, ("time",), is_log=True):
        return 0.0
    item = table.column(roles["item_id"].columns[0])
    query = table.column(roles["query"].columns[0])
    is_catalogue = item is not None and item.distinct_share > 0.99 and len(table.columns) > 4
    if is_catalogue and query is not None and query.distinct_share > 0.5:
        return 0.0
    return sum(role.sureness for role in roles.values()) - 0.05 * len(table.columns)


def _event_score(table: TableProfile, layouts: Sequence[Layout]) -> float:
    """Above 0 where users, items and times are there; more rows are better."""
    more = min(table.n_rows, 10**6) / 10**6
    if laid_out(table, "events", layouts):
        return 10.0 + more
    roles = _sessions_for_users(table, assign(table, _EVENT_ROLES, is_log=True))
    if not {"user", "item_id", "time"} <= roles.keys():
        return 0.0
    catalogue = assign(table, ("item_id", "title"), is_log=False)
    user = table.column(roles["user"].columns[0])
    if len(catalogue) == 2 and roles["user"].sureness < LIKELY and user is not None:
        return 0.0
    return sum(role.sureness for role in roles.values()) + more


def _item_score(table: TableProfile, layouts: Sequence[Layout]) -> float:
    """Above 0 where there is a unique item id and a title."""
    if laid_out(table, "items", layouts):
        return 10.0
    roles = assign(table, _ITEM_ROLES, is_log=False)
    if not {"item_id", "title"} <= roles.keys():
        return 0.0
    return sum(role.sureness for role in roles.values())


def _useful(items: TableProfile | None, roles: Mapping[str, RoleGuess]) -> Mapping[str, RoleGuess]:
    """Without a parent column where no row lacks what it could inherit."""
    if items is None or "parent" not in roles:
        return roles
    parent, title = _column(items, roles["parent"]), _column(items, roles.get("title"))
    if roles["parent"].why or parent is None or title is None:
        return roles
    lacks = title.filled_share < 0.99 and parent.distinct_share < 0.99
    return roles if lacks else {role: one for role, one in roles.items() if role != "parent"}


def _sessions_for_users(table: TableProfile, roles: Mapping[str, RoleGuess]) -> Mapping[str, RoleGuess]:
    """Where no column names people, a session that has several rows stands for one."""
    session = _column(table, roles.get("session"))
    if "user" in roles or session is None or not {"item_id", "time"} <= roles.keys() or session.filled_share < 0.9:
        return roles
    kept = {role: one for role, one in roles.items() if role != "session"}
    why = "no column names people, so a session stands for one"
    return {"user": RoleGuess((session.name,), 0.7, why=why), **kept}


def _without_basket_ids(events: TableProfile | None, roles: Mapping[str, RoleGuess]) -> Mapping[str, RoleGuess]:
    """An id that several rows share is one of a basket: a session's, not an event's."""
    column = _column(events, roles.get("event_id"))
    if column is None or column.distinct_share > 0.95:
        return roles
    kept = {role: one for role, one in roles.items() if role != "event_id"}
    if "session" not in roles:
        why = f"several rows share one {column.name}: {1 / max(column.distinct_share, 1e-9):.1f} rows each"
        kept["session"] = RoleGuess((column.name,), 0.8, why=why)
    return kept


def _column(table: TableProfile | None, role: RoleGuess | None) -> ColumnProfile | None:
    return table.column(role.columns[0]) if table is not None and role is not None else None


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
            column
            for column in (items.columns if items else ())
            if column.name not in used and name_score(column.name, role) >= LIKELY and not _reads(column, role)
        ]
        if role not in roles and named and named[0].values:
            found[role] = (named[0].name, named[0].values[:3])
    return found


def _grades(gain: ColumnProfile) -> dict[str, float]:
    """What the words of the grades are worth, the best first; by the scale that ``prepare`` reads them by."""
    gains = scale_of_grades(gain.counts, grades={}).gains
    return dict(sorted(gains.items(), key=lambda pair: (-pair[1], pair[0])))


def _reads(column: ColumnProfile, role: str) -> bool:
    """Whether some value of a column can play the role, so that it was left out for another reason."""
    if role == "price":
        return column.numeric_share > 0
    return any(read_stock(value).is_read for value in column.values)


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


def _kinds(column: ColumnProfile | None, layout: Layout | None) -> dict[str, str]:
    """Values of the kind column that do not name their kind themselves."""
    known = layout.settings.get("kinds", {}) if layout else {}
    values = column.counts if column else {}
    found = {**kinds_of_words(values), **{value: known[value] for value in values if value in known}}
    return {value: kind for value, kind in found.items() if value.lower() != kind}


def _is_known(value: str, layout: Layout | None) -> bool:
    return event_kind_of(value) is not None or (layout is not None and value in layout.settings.get("kinds", {}))


def _event_kind(events: TableProfile | None) -> str:
    name = events.path.rsplit("/", 1)[-1].lower() if events else ""
    return next((kind for part, kind in _KINDS_BY_FILE if part in name), "purchase")


def _language(titles: Sequence[str]) -> str:
    if _other_script(titles):
        return "mixed"
    share = sum(bool(HAN.search(title)) for title in titles) / max(len(titles), 1)
    has_latin = sum(bool(re.search(r"[A-Za-z]{3}", title)) for title in titles) / max(len(titles), 1)
    if share < 0.05:
        return "en"
    return "mixed" if share < 0.8 or has_latin > 0.8 else "zh"


def _other_script(titles: Sequence[str]) -> str:
    """Name of the language whose letters are in the titles, where it is none whose words are known; else empty."""
    least = _LEAST_OF_SCRIPT * max(len(titles), 1)
    return next((name for name, letter in _SCRIPTS.items() if sum(map(bool, map(letter.search, titles))) > least), "")


def _language_note(titles: Sequence[str]) -> list[str]:
    name = _other_script(titles)
    said = "only English and Chinese words are known: others are found as they are written, or by their letters"
    return [f"CHECK language: the titles are {name}, for example {titles[0]!r}; {said}"] if name else []


def _notes(tables: Sequence[TableProfile], used: Sequence[TableProfile | None]) -> tuple[str, ...]:
    what = ("catalogue", "behaviour log", "relevance judgements")
    notes = [f"no {name} found" for name, table in zip(what, used, strict=True) if table is None]
    notes += [why_unused(table, _NEEDS, used, tables) for table in tables if all(table is not one for one in used)]
    return tuple(notes)
