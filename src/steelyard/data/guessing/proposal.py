"""A first steelyard.toml from guesses, with a comment wherever a person should look."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
from typing import Any

from steelyard.config import data_tables, schema
from steelyard.data.guessing.guess import SURE, Guess, RoleGuess
from steelyard.data.guessing.left_columns import (
    ACCEPTED_BY,
    loses_prices,
    no_kind,
    unread_line,
    why_no_price,
    without_role,
)
from steelyard.data.guessing.number_kinds import NumberedKinds
from steelyard.data.guessing.profiles import TableProfile
from steelyard.data.published import read_published

__all__ = ["proposal", "sentences"]

_BARE = re.compile(r"[A-Za-z0-9_-]+")
_LISTS = ("category", "attributes")
_UNSAID = frozenset(
    ("price_divisor", "image_vector", "event_id", "platform", "position", "rating", "parent", "parent_key", "published")
)
"""Roles of which a shop that has none need not hear."""
_CONTROL = re.compile(r"[\x00-\x08\x0a-\x1f\x7f]")
"""What may not stand in a comment; in a text it was escaped before."""


def proposal(guess: Guess, *, name: str, paths: Mapping[str, str]) -> str:
    """The text of a configuration file that reads the guessed tables.

    Args:
        guess: Must have a catalogue.
        name: The shop's name.
        paths: From a table's path to what is written in the file.

    Returns:
        A TOML document; a table that was not found is in it as a comment, and every doubtful line is marked CHECK.
    """
    lines = [
        "# Written by `steelyard init` from what the files look like. Read every line marked CHECK.",
        "# Every setting there is: `steelyard schema`. What is not written here has its default.",
        "",
        "[shop]",
        f"name = {_toml(name)}",
        f"language = {_toml(guess.language)}  # {_doc(schema.Shop, 'language')}",
    ]
    lines += _currency(guess)
    if loses_prices(guess.items, guess.item_roles.get("price")):
        lines += ["", "# CHECK: to go on without the prices that cannot be read, take the marks away", "# [data]"]
        lines += [f'# accept = ["{ACCEPTED_BY}"]']
    lines += ["", *_items(guess, paths)]
    if guess.events:
        lines += ["", *_events(guess, paths)]
    else:
        lines += ["", "# No behaviour log was found: recommendations can only come from the texts.", "# [data.events]"]
    if guess.judgements:
        lines += ["", *_judgements(guess, paths)]
    else:
        lines += ["", "# No relevance judgements were found: queries are made from the catalogue, marked synthetic."]
        lines += ["# [data.judgements]"]
    lines += _further(guess, paths)
    lines += [
        "",
        "# CHECK: the traffic to carry. These are assumptions, not your shop's numbers.",
        *_load("search"),
        *_load("recommend"),
        "",
        "# What the choice must keep: the cheapest configuration that does is taken. These are the defaults; take the",
        "# marks away to set your own.",
        *_floor("search"),
        *_floor("recommend"),
    ]
    return "\n".join(_CONTROL.sub(" ", line) for line in lines) + "\n"


def _currency(guess: Guess) -> list[str]:
    if "price" not in guess.item_roles and "price" not in guess.event_roles:
        return []
    found = guess.currency
    if found.code:
        return [f'currency = "{found.code}"  # CHECK: {found.why}']
    return [
        f"# CHECK: {found.why}: prices are shown without a sign until you set it",
        '# currency = "GBP"  # or EUR, CNY, USD …',
    ]


def _floor(surface: str) -> list[str]:
    floor = getattr(schema.Decide(), surface)
    return [
        f"# [decide.{surface}]",
        f"# min_quality_share = {floor.min_quality_share}  # {_doc(schema.Floor, 'min_quality_share')}",
        f"# max_p99_ms = {floor.max_p99_ms}  # {_doc(schema.Floor, 'max_p99_ms')}",
    ]


def _items(guess: Guess, paths: Mapping[str, str]) -> list[str]:
    assert guess.items is not None
    lines = ["[data.items]", *_file(guess.items, paths[guess.items.path]), *_layout(guess, "items")]
    if guess.is_log:
        lines.append(f"is_log = true  # {_doc(schema.ItemsSource, 'is_log')}")
    lines += ["", "[data.items.columns]", *_roles(guess.item_roles, schema.ItemColumns, guess)]
    if guess.price_unit.divisor != 1:
        lines.append(f"price_divisor = {guess.price_unit.divisor}  # CHECK: {guess.price_unit.why}")
    elif guess.price_unit.why:
        lines.append(f"# price_divisor =  # CHECK: {guess.price_unit.why}")
    return [*lines, *_joins(guess.items, "items", paths)]


def _events(guess: Guess, paths: Mapping[str, str]) -> list[str]:
    assert guess.events is not None
    lines = ["[data.events]", *_file(guess.events, paths[guess.events.path]), *_layout(guess, "events")]
    if "kind" not in guess.event_roles:
        lines.append(f"kind = {_toml(guess.event_kind)}  # CHECK: {_doc(schema.EventsSource, 'kind')}")
    elif guess.kinds:
        pairs = ", ".join(f"{_key(value)} = {_toml(kind)}" for value, kind in guess.kinds.items())
        lines.append(f"kinds = {{ {pairs} }}  # CHECK: values of the kind column, and what they mean")
    if "ignore" in guess.kinds.values():
        lines.append('# "ignore": known and not learnt from')
    if guess.numbered:
        lines += _numbered(guess.numbered)
    elif guess.unmapped:
        listed = ", ".join(f"{value} ({n:,} rows)" for value, n in guess.unmapped.items())
        lines.append(f"# CHECK: not mapped, so these rows are left out: {listed}")
    lines += ["", "[data.events.columns]", *_roles(guess.event_roles, schema.EventColumns)]
    return [*lines, *_joins(guess.events, "events", paths)]


def _numbered(asked: NumberedKinds) -> list[str]:
    """Lines for a person to fill in where the kinds are numbers."""
    blank = ", ".join(f'{_key(value)} = ""' for value in asked.values)
    lines = [f"# CHECK: {asked.question}", f"# kinds = {{ {blank} }}  # click, view, add_to_cart, purchase, ignore …"]
    if asked.kinds:
        pairs = ", ".join(f"{_key(value)} = {_toml(kind)}" for value, kind in asked.kinds.items())
        lines.append(f"# kinds = {{ {pairs} }}  # as in {asked.public}")
    return lines


def _judgements(guess: Guess, paths: Mapping[str, str]) -> list[str]:
    assert guess.judgements is not None
    told = guess.judgements
    lines = ["[data.judgements]", *_file(told, paths[told.path]), *_layout(guess, "judgements")]
    if guess.grades:
        pairs = ", ".join(f"{_key(value)} = {worth:g}" for value, worth in guess.grades.items())
        lines.append(f"grades = {{ {pairs} }}  # CHECK: the grades, and what each is worth")
    if guess.number_grades.says:
        lines.append(f"# {'' if guess.number_grades.is_usual else 'CHECK '}grades: {guess.number_grades.says}")
    if guess.gain_offset:
        lines.append(f"gain_offset = {guess.gain_offset}  # {_doc(schema.JudgementsSource, 'gain_offset')}")
    lines += ["", "[data.judgements.columns]", *_roles(guess.judgement_roles, schema.JudgementColumns)]
    return [*lines, *_joins(told, "judgements", paths)]


def _joins(table: TableProfile, name: str, paths: Mapping[str, str]) -> list[str]:
    """The files that are joined to a table; those that the connector joins by itself as comments."""
    lines = []
    for one in table.joins:
        listed = ", ".join(one.columns[:8]) + (" …" if len(one.columns) > 8 else "")
        if one.is_known:
            lines.append(f"# joined by source: {paths[one.path]} on {' and '.join(one.on)} ({listed})")
            continue
        on, key = (_toml(names[0]) if len(names) == 1 else _toml_list(names) for names in (one.on, one.key))
        lines += ["", f"[[data.{name}.join]]", f"path = {_toml(paths[one.path])}  # CHECK: gives {listed}"]
        lines.append(f"on = {on}  # CHECK: looked up for every row; each of its values is there once")
        lines += [f"key = {key}  # its name in that file"] if one.key != one.on else []
    return lines


def _further(guess: Guess, paths: Mapping[str, str]) -> list[str]:
    """The sections of users' basic information and of questions with answers, where there are such files."""
    lines: list[str] = []
    more = guess.further
    if more.users:
        known = [f"source = {_toml(more.layout[0])}  # {more.layout[1]}, told by its columns"] if more.layout else []
        lines += ["", "[data.users]", *_file(more.users, paths[more.users.path]), *known]
        lines += ["", "[data.users.columns]", *_roles(more.user_roles, schema.UserColumns)]
    if more.same:
        lines += ["", *_same(more.same, more.same_roles, paths)]
    if more.answers:
        lines += ["", "[data.answers]", *_file(more.answers, paths[more.answers.path])]
        lines += ["", "[data.answers.columns]", *_roles(more.answer_roles, schema.AnswerColumns)]
    return lines


def _same(table: TableProfile, roles: Mapping[str, RoleGuess], paths: Mapping[str, str]) -> list[str]:
    """The section of identifiers that are one person, as a comment: joining people is not to be guessed."""
    source = data_tables.SameUsersSource.model_fields["most_ids"]
    lines = ["[data.same_users]", *_file(table, paths[table.path]), f"most_ids = {source.default}"]
    lines[-1] += f"  # {_doc(data_tables.SameUsersSource, 'most_ids')}"
    lines += ["", "[data.same_users.columns]", *_roles(roles, data_tables.SameUserColumns)]
    return [
        "# CHECK: this looks like identifiers that are one person. If they are, take the marks away: a person then has",
        "# one history, and is erased under all of them.",
        *(f"# {line}".rstrip() for line in lines),
    ]


def _toml_list(values: Sequence[str]) -> str:
    return f"[{', '.join(map(_toml, values))}]"


def _roles(roles: Mapping[str, RoleGuess], section: Any, whole: Guess | None = None) -> list[str]:
    lines = []
    unread = whole.unread if whole else {}
    for name in section.model_fields:
        guess = roles.get(name)
        if guess is None:
            if name in unread:
                column, values = unread[name]
                listed = ", ".join(map(_toml, values))
                lines.append(f"# {name} = {_toml(column)}  # CHECK: not one value can be read, for example {listed}")
            elif name not in _UNSAID:
                lines.append(f"# {name} =  # no column looks like it")
            continue
        several = len(guess.columns) > 1 or name in _LISTS
        value = _toml_list(guess.columns) if several else _toml(guess.columns[0])
        cut = f"; levels separated by {whole.separator}" if whole and name == "category" and whole.separator else ""
        lines.append(f"{name} = {value}  # {_how_sure(guess)}{cut}")
        if whole and name == "category" and whole.category_lists:
            lines.append(f"# CHECK {whole.category_lists}")
    return lines


def _how_sure(guess: RoleGuess) -> str:
    others = f"; or {', '.join(guess.alternatives)}" if guess.alternatives else ""
    why = f": {guess.why}" if guess.why else ""
    if guess.unread:
        listed = ", ".join(map(_toml, guess.unread))
        return f"CHECK: by its name; values that cannot be read: {listed} ({guess.sureness:.0%}){others}"
    return f"{'sure' if guess.sureness >= SURE else 'CHECK'} ({guess.sureness:.0%}){why}{others}"


def _file(table: TableProfile, path: str) -> list[str]:
    """Where a table is, and that its first line is data where it is."""
    lines = [f"path = {_toml(path)}  # {table.n_rows:,} rows"]
    if table.names:
        first = ", ".join(table.header_values[:8])
        lines += [
            f"header = false  # CHECK: the first line looks like data: {first}",
            f"names = [{', '.join(map(_toml, table.names))}]  # CHECK: named by what the columns hold",
        ]
    return lines


def _layout(guess: Guess, table: str) -> list[str]:
    known = guess.layouts.get(table)
    return [f"source = {_toml(known[0])}  # {known[1]}, told by its columns"] if known else []


def _load(surface: str) -> list[str]:
    load = schema.SurfaceLoad()
    doc = _doc(schema.SurfaceLoad, "peak_rps")
    return [
        f"[load.{surface}]",
        f"peak_rps = {load.peak_rps}  # {doc}",
        f"requests_per_month = {load.requests_per_month}",
    ]


def _doc(section: Any, name: str) -> str:
    return (section.model_fields[name].description or "").split("\n")[0]


def _toml(value: str) -> str:
    return json.dumps(value, ensure_ascii=False).replace("\x7f", "\\u007f")


def _key(value: str) -> str:
    return value if _BARE.fullmatch(value) else _toml(value)


def sentences(found: Guess) -> list[str]:
    """What was found, in lines for a terminal.

    Args:
        found: The guess.

    Returns:
        One line a table with its roles, then what a person must look at.
    """
    lines = _of_tables(found)
    lines += _drafts(found)
    if (unit := found.price_unit).why:
        lines.append(f"CHECK {f'prices are divided by {unit.divisor:,}: ' if unit.divisor > 1 else ''}{unit.why}")
    if found.events and "kind" not in found.event_roles and "events" not in found.layouts:
        lines.append(f"CHECK {no_kind(found.events, found.event_roles, found.event_kind)}")
    lines += [f"CHECK categories: {found.category_lists}"] if found.category_lists else []
    if found.separator:
        lines.append(f"categories: levels are separated by {found.separator}")
    if found.number_grades.says:
        lines.append(f"{'' if found.number_grades.is_usual else 'CHECK '}grades: {found.number_grades.says}")
    if found.grades:
        lines.append("CHECK grades: " + ", ".join(f"{word} = {worth:g}" for word, worth in found.grades.items()))
    lines += _kinds(found)
    for role, (column, values) in found.unread.items():
        lines.append(f"note: {column} looks like the {role}, and not one value can be read: {', '.join(values)}")
        lines[-1] += why_no_price(values[0]) if role == "price" else ""
    return [_CONTROL.sub(" ", line) for line in (*lines, *(f"note: {note}" for note in found.notes))]


def _kinds(found: Guess) -> list[str]:
    """What the kinds of event mean, and those that nobody knows."""
    pairs = ", ".join(f"{value} = {kind}" for value, kind in found.kinds.items())
    lines = [f"CHECK kinds: {pairs}"] if pairs else []
    if found.numbered:
        return [*lines, f"CHECK kinds: {found.numbered.question}"]
    if found.unmapped:
        listed = ", ".join(f"{value} ({n:,})" for value, n in found.unmapped.items())
        lines.append(f"note: kinds of event that are not mapped, of the rows looked at: {listed}; map them in kinds")
    return lines


def _of_tables(found: Guess) -> list[str]:
    """One line a table with its roles, what is doubtful of them, and the columns that play none."""
    tables = (
        ("catalogue", found.items, found.item_roles, "items"),
        ("behaviour log", found.events, found.event_roles, "events"),
        ("judgements", found.judgements, found.judgement_roles, "judgements"),
        ("users", found.further.users, found.further.user_roles, "users"),
        ("questions and answers", found.further.answers, found.further.answer_roles, "answers"),
    )
    said = {column for column, _ in found.unread.values()}
    lines = []
    for what, table, roles, name in tables:
        if table is None:
            continue
        listed = ", ".join(f"{role} = {'+'.join(one.columns)}" for role, one in roles.items())
        known = f" ({found.layouts[name][1]})" if name in found.layouts else ""
        is_gathered = name == "items" and found.is_log
        lines.append(
            f"{what}: {table.path}, {table.n_rows:,} rows{' (gathered from the log)' if is_gathered else known}"
        )
        lines[-1] += f": {listed}"
        lines += [f"CHECK {one}" for one in _doubts(table, roles)]
        is_whole = known or is_gathered or name in ("users", "answers")
        lines += [f"note: {left}" for left in ([] if is_whole else [without_role(table, roles, said=said)]) if left]
    return lines


def _drafts(found: Guess) -> list[str]:
    """Which values of the columns of what is on show hide an item, and how often they were seen."""
    role = found.item_roles.get("published")
    lines = []
    for column in (found.items.column(name) for name in role.columns) if role and found.items else ():
        hidden = {v: n for v, n in column.counts.items() if read_published(v, is_flag=True) is False} if column else {}
        if column and hidden:
            listed = ", ".join(f"{value} ({n:,})" for value, n in hidden.items())
            lines.append(f"not on show, by {column.name}: {listed}; these items are known and never shown")
    return lines


def _doubts(table: TableProfile, roles: Mapping[str, RoleGuess]) -> list[str]:
    """Guesses that a person must look at, with the runner-up and a value of the column."""
    doubts = []
    if table.names:
        doubts.append(
            f"{table.path}: its first line looks like data ({', '.join(table.header_values[:8])}): read without a "
            f"header line, its columns called {', '.join(table.names)}"
        )
    for role, one in roles.items():
        if one.unread:
            doubts.append(unread_line(table, role, one))
        if one.sureness < SURE:
            column = table.column(one.columns[0])
            example = f", for example {column.values[0][:60]!r}" if column and column.values else ""
            example = "" if one.why and column and repr(column.values[0][:40]) in one.why else example
            others = f"; runner-up {one.alternatives[0]}" if one.alternatives else "; no other column looks like it"
            why = f", since {one.why}" if one.why else ""
            doubts.append(f"{role} = {'+'.join(one.columns)} ({one.sureness:.0%} sure{why}{example}){others}")
    return doubts
