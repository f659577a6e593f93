"""Which of a folder's files tell about the users, which of them are one, and which hold questions with answers."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from steelyard.config.connectors import Layout
from steelyard.data.guessing.assign import LIKELY, RoleGuess, assign
from steelyard.data.guessing.columns_by_values import example, is_open, share_of
from steelyard.data.guessing.item_ids import overlap
from steelyard.data.guessing.layouts import laid_out
from steelyard.data.guessing.profiles import ColumnProfile, TableProfile
from steelyard.data.guessing.roles import folded_name, name_score
from steelyard.data.guessing.same_people import names_people, same_people
from steelyard.data.guessing.words.people import ANSWERS, GROUPING, QUESTIONS

__all__ = ["Further", "further"]

_ASKED = re.compile(r"[?？؟;][\s\"'”»]*$|(?:吗|呢|か|까요?|ไหม)[。.]?$")
_MEET = 0.5
"""Share of the log's people that a table must have for a column of another name to be theirs."""
_SENTENCE = 8
"""Letters that a text has on average, from which it may be a question or an answer."""
_FEW, _MOST = 60, 12
"""Values of a column that groups people; columns that are proposed."""


@dataclass(frozen=True, slots=True)
class Further:
    """The further tables of a folder."""

    users: TableProfile | None = None
    answers: TableProfile | None = None
    user_roles: Mapping[str, RoleGuess] = field(default_factory=dict)
    answer_roles: Mapping[str, RoleGuess] = field(default_factory=dict)
    layout: tuple[str, str] | None = None
    """The connector that knows the users' table, and what it is."""
    notes: tuple[str, ...] = ()
    same: TableProfile | None = None
    """Looks like identifiers that are one person: proposed as a comment, since who is who is not to be guessed."""
    same_roles: Mapping[str, RoleGuess] = field(default_factory=dict)


def further(
    tables: Sequence[TableProfile],
    *,
    events: TableProfile | None,
    user: RoleGuess | None,
    layouts: Sequence[Layout] = (),
) -> Further:
    """Users' basic information, identifiers of one person, and questions with answers.

    Args:
        tables: Files that are none of the other tables.
        events: The behaviour log.
        user: Its column of users.
        layouts: Exports whose columns are known.

    Returns:
        Without those that there are not.
    """
    people = [(found, table) for table in tables if (found := _users(table, events, user, layouts))]
    asked = [(found, table) for table in tables if (found := _answers(table))]
    asked = asked or [(found, table) for table in tables if (found := _answers_by_values(table))]
    users = max(people, default=None, key=lambda one: (one[0]["user"].sureness, len(one[1].columns)))
    answers = max(asked, default=None, key=lambda one: one[1].n_rows)
    layout = laid_out(users[1], "users", layouts) if users else None
    taken = [one[1] for one in (users, answers) if one is not None]
    left = [table for table in tables if all(table is not one for one in taken)]
    same = same_people(left, events=events, user=user)
    return Further(
        users[1] if users else None,
        answers[1] if answers else None,
        users[0] if users else {},
        answers[0] if answers else {},
        (layout.source, layout.what) if layout else None,
        _left_out(users[1]) if users else (),
        *(same or ()),
    )


def _users(
    table: TableProfile, events: TableProfile | None, user: RoleGuess | None, layouts: Sequence[Layout]
) -> dict[str, RoleGuess]:
    """The roles of a table with one row a person; none where it is not one."""
    layout = laid_out(table, "users", layouts)
    if layout is not None:
        known = layout.roles([column.name for column in table.columns])
        return {role: RoleGuess(columns, 0.99, why=f"known: {layout.what}") for role, columns in known.items()}
    named = [one for one in table.columns if _is_person(one, events, user)]
    if not named:
        return {}
    person = named[0]
    attributes = [one for one in table.columns if one is not person and _groups_people(one)]
    attributes = sorted(attributes, key=lambda one: folded_name(one.name) not in GROUPING)[:_MOST]
    if not attributes:
        return {}
    shares = user is not None and person.name == user.columns[0]
    why = "one row each, and the log has the same people" if shares else "one row each"
    known_names = any(folded_name(one.name) in GROUPING for one in attributes)
    in_order = tuple(one.name for one in table.columns if one in attributes)
    return {
        "user": RoleGuess((person.name,), 0.95 if shares and known_names else 0.75, why=why),
        "attributes": RoleGuess(in_order, 0.8 if known_names else 0.6, why="few values each, and none names a person"),
    }


def _is_person(column: ColumnProfile, events: TableProfile | None, user: RoleGuess | None) -> bool:
    if column.distinct_share < 0.98 or column.filled_share < 0.95 or not column.values:
        return False
    log = events.column(user.columns[0]) if events is not None and user is not None else None
    if log is not None and log.all_values and column.all_values & log.all_values:
        is_named = column.name == log.name or name_score(column.name, "user") >= LIKELY
        return is_named or overlap(log, column) >= _MEET
    return name_score(column.name, "user") >= LIKELY and log is None


def _groups_people(column: ColumnProfile) -> bool:
    """Whether a column tells kinds of people and not who they are."""
    name = folded_name(column.name)
    if names_people(column) or column.filled_share < 0.05:
        return False
    return name in GROUPING or (column.n_distinct <= _FEW and column.distinct_share < 0.5 and column.n_distinct > 1)


def _left_out(table: TableProfile) -> tuple[str, ...]:
    names = [column.name for column in table.columns if names_people(column)]
    return (f"{table.path}: {', '.join(names)} left out, since they name people",) if names else ()


def _answers(table: TableProfile) -> dict[str, RoleGuess]:
    """The roles of a table of questions and answers; none where it is not one."""
    question, answer = _worded(table, QUESTIONS), _worded(table, ANSWERS)
    if question is None or answer is None:
        return {}
    roles = {
        "question": RoleGuess((question.name,), 0.96),
        "answer": RoleGuess((answer.name,), 0.96),
    }
    rest = tuple(one for one in table.columns if one not in (question, answer))
    found = assign(TableProfile(table.path, table.n_rows, rest), ("item_id",), is_log=True).get("item_id")
    if found is not None and name_score(found.columns[0], "item_id") >= LIKELY:
        roles["item_id"] = found
    return roles


def _answers_by_values(table: TableProfile) -> dict[str, RoleGuess]:
    """The roles of a table in which one column asks and another holds sentences; none where there is no such pair."""
    texts = [one for one in table.columns if is_open(one) and one.numeric_share < 0.1 and one.mean_chars >= _SENTENCE]
    asks = next((one for one in texts if share_of(one, _ASKED) > 0.5), None)
    told = [one for one in texts if one is not asks and share_of(one, _ASKED) < 0.2]
    if asks is None or not told:
        return {}
    answer = max(told, key=lambda one: one.mean_chars)
    why = f"no column is named as one; most of its values ask, as {example(asks)}"
    says = f"no column is named as one; its texts are long, as {example(answer)}"
    others = tuple(one.name for one in told if one is not answer)
    return {
        "question": RoleGuess((asks.name,), 0.6, why=why),
        "answer": RoleGuess((answer.name,), 0.6 if not others else 0.5, others, why=says),
    }


def _worded(table: TableProfile, names: frozenset[str]) -> ColumnProfile | None:
    """The column of such a name that holds sentences."""
    named = [one for one in table.columns if folded_name(one.name) in names and one.values]
    texts = [one for one in named if one.numeric_share < 0.5 and one.mean_chars >= 4]
    return max(texts, default=None, key=lambda one: one.mean_chars)
