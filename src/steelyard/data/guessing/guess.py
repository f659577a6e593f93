"""Guesses what the files of a folder are and which role each column plays, from names and a sample of values.

Nothing here is certain: each guess says how sure it is and what else it might be, and a person reads the result.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace

from steelyard.data.guessing.assign import LIKELY, SURE, RoleGuess, assign
from steelyard.data.guessing.by_values import Open, with_hints
from steelyard.data.guessing.category_cells import lists_of, separator_of
from steelyard.data.guessing.columns_by_values import is_of_people
from steelyard.data.guessing.further import Further, further
from steelyard.data.guessing.item_ids import matched_ids
from steelyard.data.guessing.joined import by_keys, by_layouts, why_joined
from steelyard.data.guessing.layouts import Layout, laid_out
from steelyard.data.guessing.log_kinds import is_known_kind, kind_by_file, kinds_of_column
from steelyard.data.guessing.minor_units import PriceUnit, price_unit_of
from steelyard.data.guessing.number_grades import NumberGrades, number_grades
from steelyard.data.guessing.number_kinds import NumberedKinds, numbered_kinds
from steelyard.data.guessing.order_columns import currency_said, with_columns_told, with_currency_column
from steelyard.data.guessing.profiles import ColumnProfile, TableProfile
from steelyard.data.guessing.roles import name_score
from steelyard.data.guessing.sale_price import with_sale_price
from steelyard.data.guessing.title_language import language_note, language_of
from steelyard.data.guessing.unused import Needs, why_unused
from steelyard.data.values.amounts import CurrencyGuess, currency_of
from steelyard.data.values.grades import scale_of_grades
from steelyard.data.values.stock import read_stock

__all__ = ["LIKELY", "SURE", "Guess", "RoleGuess", "TableProfile", "guess"]

_ITEM_ROLES = (
    *("item_id", "title", "category", "brand", "price", "stock", "image", "description", "attributes"),
    *("published", "parent"),
)
_EVENT_ROLES = (
    *("user", "item_id", "time", "kind", "session", "query", "position", "quantity", "price", "platform", "event_id"),
    "rating",
)
_JUDGEMENT_ROLES = ("query", "item_id", "gain")
_NEEDS = (
    Needs("a catalogue", ("item_id", "title"), _ITEM_ROLES, is_log=False),
    Needs("a behaviour log", ("user", "item_id", "time"), _EVENT_ROLES, is_log=True),
    Needs("judgements", _JUDGEMENT_ROLES, _JUDGEMENT_ROLES, is_log=True),
)
_OF_ROWS = frozenset(("id", "_id", "entity_id"))


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
    price_unit: PriceUnit = field(default_factory=PriceUnit)
    gain_offset: float = 0.0
    grades: Mapping[str, float] = field(default_factory=dict)
    """What each word of the grades is worth; empty where they are numbers of which more is better."""
    number_grades: NumberGrades = field(default_factory=NumberGrades)
    """The scale of grades in numbers."""
    event_kind: str = "purchase"
    kinds: Mapping[str, str] = field(default_factory=dict)
    unmapped: Mapping[str, int] = field(default_factory=dict)
    """Values of the kind column that stand for no known kind, and how often each was seen."""
    numbered: NumberedKinds | None = None
    """What to ask where the kinds of event are numbers that nothing explains."""
    unread: Mapping[str, tuple[str, tuple[str, ...]]] = field(default_factory=dict)
    """Roles whose column is there by name though no value of it can be read: the column and some of its values."""
    separator: str = ""
    """What separates the levels of a category in one column."""
    category_lists: str = ""
    """How cells of a category are read that list names without levels."""
    currency: CurrencyGuess = field(default_factory=CurrencyGuess)
    language: str = "en"
    notes: tuple[str, ...] = ()
    further: Further = field(default_factory=Further)
    """Users' basic information, questions and answers."""
    layouts: Mapping[str, tuple[str, str]] = field(default_factory=dict)
    """By table the connector that knows its layout, and what it is: ``shopify``, ``a Shopify product export``."""


def guess(tables: Sequence[TableProfile], layouts: Sequence[Layout] = ()) -> Guess:
    """What the tables are: by names, and where no name tells, by values.

    Files that look like nothing known are left out, and said so in the notes.

    Args:
        tables: As their samples show them.
        layouts: Exports whose columns are known.

    Returns:
        Tables, roles, and what a person must look at.
    """
    found = _guess(tables, layouts)
    item = found.item_roles.get("item_id")
    told = Open(found.items, item.columns[0] if item else None, found.events, found.judgements)
    hinted = with_hints(tables, told)
    return _guess(hinted, layouts) if hinted else found


def _guess(tables: Sequence[TableProfile], layouts: Sequence[Layout]) -> Guess:
    """What the tables are, by their names and what their values were told to hint."""
    judgements = _found(tables, (), layouts, _judgement_score)
    events = _found(tables, (judgements,), layouts, _event_score)
    items = _found(tables, (judgements, events), layouts, _item_score)
    is_log = items is None and events is not None and "title" in assign(events, _ITEM_ROLES, is_log=True)
    items = events if is_log else items
    item_roles, items_layout = _roles(items, "items", layouts, is_log=is_log)
    event_roles, events_layout = _roles(events, "events", layouts, is_log=True)
    judgement_roles, judgements_layout = _roles(judgements, "judgements", layouts, is_log=True)
    if not is_log:
        item_roles, event_roles = matched_ids((items, item_roles), (events, event_roles))
    event_roles = with_columns_told(events, _without_basket_ids(events, event_roles))
    item_roles = item_roles if is_log else with_currency_column(items, item_roles)
    found = Guess(
        items=items,
        events=events,
        judgements=judgements,
        item_roles=_useful(items, with_sale_price(items, item_roles)),
        event_roles=event_roles,
        judgement_roles=judgement_roles,
        is_log=is_log,
        further=_further(tables, (items, events, judgements), event_roles, layouts),
        layouts={
            name: (layout.source, layout.what)
            for name, layout in (
                ("items", items_layout), ("events", events_layout), ("judgements", judgements_layout)
            )
            if layout is not None
        },
    )  # fmt: skip
    found = replace(found, notes=(*_notes(tables, found), *found.further.notes))
    return _with_values(found, events_layout)


def _found(
    tables: Sequence[TableProfile],
    used: Sequence[TableProfile | None],
    layouts: Sequence[Layout],
    score: Callable[[TableProfile, Sequence[Layout]], float],
) -> TableProfile | None:
    """The best table of those left: one file, several files of a known export, or files that share a key."""
    taken = {file for one in used if one is not None for file in one.files}
    left = [table for table in tables if table.path not in taken]
    whole = [one for one in by_layouts(tables, layouts) if not taken & one.files]
    scored: Callable[[TableProfile], float] = lambda table: score(table, layouts)  # noqa: E731
    best = _best([*left, *whole], lambda table: scored(table) + (0.5 * len(table.joins) if scored(table) else 0.0))
    return best or by_keys(left, scored)


def _further(
    tables: Sequence[TableProfile],
    used: Sequence[TableProfile | None],
    event_roles: Mapping[str, RoleGuess],
    layouts: Sequence[Layout],
) -> Further:
    taken = {file for one in used if one is not None for file in (*one.files, *(other.path for other in one.joins))}
    left = [table for table in tables if table.path not in taken]
    return further(left, events=used[1], user=event_roles.get("user"), layouts=layouts)


def _with_values(found: Guess, layout: Layout | None) -> Guess:
    """What the values of the chosen columns say."""
    items, item_roles, events = found.items, found.item_roles, found.events
    price = item_roles.get("price")
    gain = _column(found.judgements, found.judgement_roles.get("gain"))
    titles = _column(items, item_roles.get("title"))
    kind = _column(events, found.event_roles.get("kind"))
    unmapped = {v: n for v, n in kind.counts.items() if not is_known_kind(v, layout)} if kind else {}
    names = titles.values if titles else ()
    words = _grades(gain) if gain and gain.numeric_share < 0.9 else {}
    scale = number_grades(gain) if gain and not words else NumberGrades(is_usual=True)
    category = item_roles.get("category")
    cells = _column(items, category) if category and len(category.columns) == 1 else None
    return replace(
        found,
        price_unit=price_unit_of(items, price.columns[0]) if items and price else PriceUnit(),
        gain_offset=scale.offset,
        grades=words or scale.grades,
        number_grades=scale,
        event_kind=(layout.event_kind if layout else "")
        or kind_by_file(events, is_rated="rating" in found.event_roles),
        kinds=kinds_of_column(kind, layout),
        numbered=numbered_kinds(kind) if unmapped and not kinds_of_column(kind, layout) else None,
        unmapped=unmapped,
        unread=_unread(items, item_roles),
        separator=separator_of(cells) if cells else "",
        category_lists=lists_of(cells) if cells else "",
        currency=_currency(items, item_roles, events, found.event_roles, names),
        language=language_of(names),
        notes=(*found.notes, *language_note(names)),
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
    item = _column(table, roles["item_id"])
    if item is not None and item.name.lower() in _OF_ROWS and item.distinct_share == 1.0 and item.n_distinct > 9:
        return 0.0  # it numbers the rows: orders, and not what was bought
    catalogue = assign(table, ("item_id", "title"), is_log=False)
    user = table.column(roles["user"].columns[0])
    if len(catalogue) == 2 and roles["user"].sureness < LIKELY and user is not None and not table.hints:
        return 0.0
    return sum(role.sureness for role in roles.values()) + more


def _item_score(table: TableProfile, layouts: Sequence[Layout]) -> float:
    """Above 0 where there is a unique item id and a title."""
    if laid_out(table, "items", layouts):
        return 10.0
    roles = assign(table, _ITEM_ROLES, is_log=False)
    if not {"item_id", "title"} <= roles.keys() or is_of_people(table):
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


def _currency(
    items: TableProfile | None,
    item_roles: Mapping[str, RoleGuess],
    events: TableProfile | None,
    event_roles: Mapping[str, RoleGuess],
    titles: Sequence[str],
) -> CurrencyGuess:
    for table, roles in ((items, item_roles), (events, event_roles)):
        if (said := currency_said(_column(table, roles.get("currency")))) is not None:
            return said
    column = _column(items, item_roles.get("price")) or _column(events, event_roles.get("price"))
    return currency_of(column.values, column=column.name, texts=titles) if column else CurrencyGuess()


def _notes(tables: Sequence[TableProfile], found: Guess) -> tuple[str, ...]:
    what = ("catalogue", "behaviour log", "relevance judgements")
    used = (found.items, found.events, found.judgements)
    notes = [f"no {name} found" for name, table in zip(what, used, strict=True) if table is None]
    further_ones = (found.further.users, found.further.answers)
    taken = {file for one in (*used, *further_ones) if one is not None for file in (one.path, *one.files)}
    taken -= {part for one in used if one is not None for part in one.parts}
    for table in tables:
        if table is found.further.same:
            why = found.further.same_roles["user"].why
            notes.append(
                f"{table.path} looks like identifiers that are one person, since {why}: "
                "[data.same_users] is in the configuration as a comment; take the marks away if they are"
            )
        elif table.path not in taken:
            notes.append(why_joined(table, used) or why_unused(table, _NEEDS, used, tables))
    return tuple(notes)
