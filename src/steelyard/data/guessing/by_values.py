"""What tables and columns are by their values alone, where no name tells: always a guess that a person must look at.

Used only for what the names leave open; a column whose name is known for one role is never taken for another.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

from steelyard.data.guessing.columns_by_values import (
    DIGIT,
    PICTURE,
    as_title,
    column_named,
    comes_back,
    example,
    is_graded,
    is_of_people,
    is_open,
    is_priced,
    is_text,
    names_people,
    person_score,
    says_little,
    share_of,
    shared_labels,
)
from steelyard.data.guessing.headless import is_among_kinds, is_id
from steelyard.data.guessing.item_ids import overlap
from steelyard.data.guessing.joined import by_keys
from steelyard.data.guessing.profiles import ColumnProfile, Hint, TableProfile
from steelyard.data.guessing.roles import fit

__all__ = ["Open", "with_hints"]

_FEWEST = 5
"""Rows below which values tell nothing."""
_MEET = 0.5
"""Share of the ids of a log that a catalogue must have for the two to be of one shop."""
_HALF = 0.5
_LONGER = 2.0
"""How many times longer than titles descriptions are."""
_LIKELY, _EVEN, _WEAK = 0.6, 0.5, 0.4
_OF_RATINGS = re.compile("rating|review", re.IGNORECASE)
_TRADE_NUMBER = re.compile(r"\d{8}|\d{12,14}")


@dataclass(frozen=True, slots=True)
class Open:
    """What the names have told of a folder: a table that is ``None`` is looked for by its values."""

    items: TableProfile | None
    item_column: str | None
    events: TableProfile | None
    judgements: TableProfile | None


@dataclass(frozen=True, slots=True)
class _Items:
    """The catalogue, as far as other tables must know it."""

    table: TableProfile
    key: ColumnProfile


def with_hints(tables: Sequence[TableProfile], told: Open) -> list[TableProfile] | None:
    """The tables with what their values tell of their columns, where the names left something open.

    Args:
        tables: Files of a folder.
        told: What the names tell.

    Returns:
        ``None`` where the values tell nothing more.
    """
    taken = {file for one in (told.items, told.events, told.judgements) if one for file in one.files}
    left = [table for table in tables if table.path not in taken and not is_of_people(table)]
    hints: dict[str, dict[str, Hint]] = {}
    items = _items_of(told)
    if told.items is None:
        others = [*left, *(one for one in (told.events, told.judgements) if one)]
        best = _best(left, lambda one: _catalogue(one, [other for other in others if other is not one]))
        if best is not None:
            table, hints[table.path] = best
            left = [one for one in left if one is not table]
            hint = hints[table.path].get("item_id")
            key = table.column(hint.column) if hint else column_named(table, "item_id", is_log=False)
            items = _Items(table, key) if key else None
    elif more := _speaking(told.items):
        hints[told.items.path] = more
    for is_missing, find in ((told.judgements is None, _judgements), (told.events is None, _log)):
        best = _best(left, lambda one: find(one, items)) if is_missing else None  # noqa: B023 - called at once
        if best is None and is_missing:
            best = _joined(left, lambda one: find(one, items))  # noqa: B023 - called at once
        if best is not None:
            table, hints[table.path] = best
            left = [one for one in left if one is not table]
            if items and (moved := _key_of(items, table, hints[table.path])):
                hints.setdefault(items.table.path, {})["item_id"] = moved
    found = {path: hint for path, hint in hints.items() if hint}
    return [replace(one, hints=found.get(one.path, {})) for one in tables] if found else None


def _items_of(told: Open) -> _Items | None:
    if told.items is None or told.item_column is None:
        return None
    key = told.items.column(told.item_column)
    return _Items(told.items, key) if key else None


def _best(
    tables: Sequence[TableProfile], find: Callable[[TableProfile], dict[str, Hint]]
) -> tuple[TableProfile, dict[str, Hint]] | None:
    """The table of which most can be told, then the one with more rows."""
    found = [(table, hints) for table in tables if table.n_rows >= _FEWEST and (hints := find(table))]
    return max(found, default=None, key=lambda one: (sum(h.sureness for h in one[1].values()), one[0].n_rows))


def _joined(
    tables: Sequence[TableProfile], find: Callable[[TableProfile], dict[str, Hint]]
) -> tuple[TableProfile, dict[str, Hint]] | None:
    """The file that is a table only with the columns of others, and what is told of it then."""
    made = by_keys(tables, lambda one: sum(hint.sureness for hint in find(one).values()))
    first = next((one for one in tables if made and one.path == made.path), None)
    return (first, find(made)) if made and first else None


def _catalogue(table: TableProfile, others: Sequence[TableProfile]) -> dict[str, Hint]:
    """The roles of a table with one row an item; none where it has no key or no texts."""
    if any(one.time_share > _HALF for one in table.columns) and not _is_referred_to(table, others):
        return {}
    hints: dict[str, Hint] = {}
    key = column_named(table, "item_id", is_log=False)
    if key is None:
        keys = sorted(_keys(table), key=lambda one: -_key_score(table, one, others))
        if not keys:
            return {}
        key = keys[0]
        shared, where = _referred(key, others)
        why = f"no column is named as one; each of its values is there once, as {example(key)}"
        why += f", and {shared:.0%} of those of {where} are among them" if shared >= _MEET else ""
        hints["item_id"] = _hint(key, keys[1:], _LIKELY if shared >= _MEET else _EVEN, why)
    if column_named(table, "title", is_log=False) is None:
        texts = sorted((one for one in table.columns if one is not key and is_text(one)), key=as_title, reverse=True)
        if not texts:
            return {}
        why = f"no column is named as one; its texts differ most, as {example(texts[0])}"
        hint = _hint(texts[0], texts[1:], _LIKELY if len(texts) == 1 else _EVEN, why)
        hints["title"] = replace(hint, is_stronger=True)
        longer = [one for one in table.columns if one.html_share > _HALF and is_open(one)]
        longer += [one for one in texts[1:] if one.mean_chars > _LONGER * texts[0].mean_chars]
        if longer and column_named(table, "description", is_log=False) is None:
            why = f"no column is named as one; its texts are longer or marked up, as {example(longer[0])}"
            hints["description"] = _hint(longer[0], longer[1:], _EVEN, why)
    return hints | _further_roles(table, used={key.name, *(one.column for one in hints.values())})


def _speaking(table: TableProfile) -> dict[str, Hint]:
    """Roles of a catalogue whose values speak for themselves: prices with signs, paths of categories, pictures."""
    named = {role for role in ("price", "category", "image") if column_named(table, role, is_log=False)}
    return {role: hint for role, hint in _further_roles(table, used=set(), is_loud=True).items() if role not in named}


def _further_roles(table: TableProfile, *, used: set[str], is_loud: bool = False) -> dict[str, Hint]:
    free = [one for one in table.columns if one.name not in used and one.values and is_open(one)]
    found: dict[str, Hint] = {}
    for role, columns, says in (
        ("image", [one for one in free if share_of(one, PICTURE) > 0.8], "its values are addresses of pictures"),
        ("price", [one for one in free if is_priced(one, is_loud=is_loud)], "its values look like prices"),
        ("category", list(shared_labels(free, is_loud=is_loud)), "many rows share its values"),
    ):
        chosen = [one for one in columns if one.name not in {hint.column for hint in found.values()}]
        if chosen and column_named(table, role, is_log=False) is None:
            why = f"no column is named as one; {says}, as {example(chosen[0])}"
            found[role] = _hint(chosen[0], chosen[1:], _EVEN if len(chosen) == 1 else _WEAK, why)
    return found


def _log(table: TableProfile, items: _Items | None) -> dict[str, Hint]:
    """The roles of a log: a time, what comes back in the catalogue, and ids of people that come back."""
    times = [one for one in table.columns if fit(one, "time", is_log=True) > 0.8]
    ids = [one for one in table.columns if comes_back(one) and not is_among_kinds(one)]
    found = _item_in(table, ids, items)
    if not times or found is None:
        return {}
    item, hints = found
    if column_named(table, "user", is_log=True) is None:
        people = [one for one in ids if one is not item and is_open(one, but="user") and one.n_distinct > 2]
        people = people or [one for one in table.columns if one is not item and names_people(one)]
        people.sort(key=lambda one: -person_score(table, one))
        if not people:
            return {}
        rows = 1 / max(people[0].distinct_share, 1e-9)
        why = f"no column is named as one; its values come back, {rows:.1f} rows each, as {example(people[0])}"
        hints["user"] = _hint(people[0], people[1:], _EVEN if len(people) == 1 else _WEAK, why)
    hints |= _stars(table, used={item.name, *(one.column for one in hints.values())})
    if column_named(table, "time", is_log=True) is None:
        free = [one for one in times if is_open(one, but="time")] or times
        hints["time"] = _hint(free[0], free[1:], _LIKELY if len(free) == 1 else _EVEN, f"times, as {example(free[0])}")
    return hints


def _stars(table: TableProfile, *, used: set[str]) -> dict[str, Hint]:
    """The column of stars in a log whose file is called after ratings."""
    free = [one for one in table.columns if one.name not in used and is_open(one) and is_graded(one) and one.high <= 10]
    if not free or not _OF_RATINGS.search(table.path):
        return {}
    listed = ", ".join(list(free[0].counts)[:5])
    return {"rating": _hint(free[0], free[1:], _WEAK, f"few values, of one scale: {listed}")}


def _judgements(table: TableProfile, items: _Items | None) -> dict[str, Hint]:
    """The roles of judgements: texts that come back, items of the catalogue, and grades of a short scale; no time."""
    if any(one.time_share > _HALF for one in table.columns) or column_named(table, "user", is_log=True):
        return {}
    found = _item_in(table, [one for one in table.columns if is_id(one)], items) if items else None
    if found is None:
        return {}
    item, hints = found
    if column_named(table, "query", is_log=True) is None:
        texts = [one for one in table.columns if one is not item and is_text(one) and one.distinct_share < 0.9]
        texts = [one for one in texts if share_of(one, DIGIT) < 0.5 and one.mean_chars <= 60]
        if not texts:
            return {}
        why = f"no column is named as one; its texts come back, as {example(texts[0])}"
        hints["query"] = _hint(texts[0], texts[1:], _EVEN, why)
    if column_named(table, "gain", is_log=True) is None:
        used = {item.name, hints["query"].column if "query" in hints else ""}
        grades = [one for one in table.columns if one.name not in used and is_open(one, but="gain") and is_graded(one)]
        if not grades:
            return {}
        listed = ", ".join(list(grades[0].counts)[:5])
        why = f"no column is named as one; few values, of one scale: {listed}"
        hints["gain"] = _hint(grades[0], grades[1:], _EVEN, why)
    return hints


def _hint(column: ColumnProfile, others: Sequence[ColumnProfile], sureness: float, why: str) -> Hint:
    return Hint(column.name, sureness, why, tuple(one.name for one in others[:3]))


def _keys(table: TableProfile) -> Iterator[ColumnProfile]:
    for column in table.columns:
        is_whole = column.numeric_share < 0.9 or column.whole_share > 0.99
        if is_whole and fit(column, "item_id", is_log=False) == 1 and is_open(column, but="item_id"):
            yield column


def _key_score(table: TableProfile, column: ColumnProfile, others: Sequence[TableProfile]) -> float:
    """How much a column looks like the key: other files name its values, it has digits, it stands early."""
    shared, _ = _referred(column, others)
    is_trade_number = all(_TRADE_NUMBER.fullmatch(value) for value in column.values)
    early = 1 - table.columns.index(column) / len(table.columns)
    return 3.0 * (shared >= _MEET) + (share_of(column, DIGIT) > 0.8) + 0.5 * early - 0.6 * is_trade_number


def _referred(column: ColumnProfile, others: Sequence[TableProfile]) -> tuple[float, str]:
    """The largest share of another table's values that a column has, and whose they are."""
    found = [
        (overlap(theirs, column), f"{theirs.name} in {other.path}")
        for other in others
        for theirs in other.columns
        if theirs.n_distinct >= _FEWEST and is_id(theirs)
    ]
    return max(found, default=(0.0, ""))


def _is_referred_to(table: TableProfile, others: Sequence[TableProfile]) -> bool:
    return any(_referred(key, others)[0] >= _MEET for key in _keys(table))


def _item_in(
    table: TableProfile, ids: Sequence[ColumnProfile], items: _Items | None
) -> tuple[ColumnProfile, dict[str, Hint]] | None:
    """The column of items of a table: by its name, by the catalogue that has its values, or the second of the ids."""
    named = column_named(table, "item_id", is_log=True)
    opened = [one for one in ids if is_open(one, but="item_id")]
    if items is None:
        if named is None and len(opened) < 2:
            return None
        why = (
            f"no column is named as one, and there is no catalogue to tell; as {example(opened[1])}"
            if not named
            else ""
        )
        return (named, {}) if named else (opened[1], {"item_id": _hint(opened[1], opened[:1], _WEAK, why)})
    if named is not None and (share := _met(named, items)) >= _MEET:
        has_rival = any(says_little(one) and one is not named for one in table.columns)
        why = f"{share:.0%} of its values are items of the catalogue, as {example(named)}"
        hint = replace(_hint(named, [], _LIKELY, why), is_stronger=True)
        return named, ({"item_id": hint} if has_rival else {})
    met = [(_met(one, items), one) for one in opened]
    order = [one.name for one in table.columns]
    met.sort(key=lambda pair: (-pair[0], pair[1].name != items.key.name, -order.index(pair[1].name)))
    if not met or met[0][0] < _MEET:
        return (named, {}) if named is not None and not met else None
    share, item = met[0]
    why = f"{share:.0%} of its values are items of the catalogue, as {example(item)}"
    others = [one for part, one in met[1:] if part >= _MEET]
    hint = _hint(item, others, _WEAK if others and item.name != items.key.name else _LIKELY, why)
    return item, {"item_id": replace(hint, is_stronger=True)}


def _met(column: ColumnProfile, items: _Items) -> float:
    """The largest share of a column's values that a column of the catalogue has in which each is there once."""
    keys = [one for one in items.table.columns if one is items.key or fit(one, "item_id", is_log=False) > 0]
    return max(overlap(column, key) for key in keys)


def _key_of(items: _Items, table: TableProfile, hints: Mapping[str, Hint]) -> Hint | None:
    """The column of the catalogue that another table names its items by, where it is not the one taken so far."""
    column = table.column(hints["item_id"].column) if "item_id" in hints else None
    if column is None or overlap(column, items.key) >= _MEET:
        return None
    keys = [one for one in items.table.columns if fit(one, "item_id", is_log=False) > 0]
    best = max(keys, default=None, key=lambda one: overlap(column, one))
    if best is None:
        return None
    why = f"{overlap(column, best):.0%} of the values of {column.name} in {table.path} are in it"
    return replace(_hint(best, [items.key], _LIKELY, why), is_stronger=True)
