"""Which file of an export gives which column, where a table is spread over several files.

Nothing is read here. A column of the table's own file comes before one of the same name in a joined file.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

from steelyard.data.schema import Clock, Lookup, Role, Wanted

if TYPE_CHECKING:
    from steelyard.data.schema import SourcePort

__all__ = ["JoinPlan", "Side", "columns_of", "planned"]


@dataclass(frozen=True, slots=True)
class Side:
    """One file of a table, and what is read of it."""

    wanted: Wanted
    """Its own roles, by its own names of columns."""
    lookup: Lookup | None = None
    """How its rows are found; ``None`` for the table's own file."""
    ons: Mapping[int, tuple[str, ...]] = field(default_factory=dict)
    """By the number of a later file, the columns here that hold its keys."""
    clock: Clock | None = None
    """Where the time is added up from its columns."""
    is_used: bool = True
    """Whether anything of it is needed."""


@dataclass(frozen=True, slots=True)
class JoinPlan:
    """The files of a table, its own first."""

    sides: tuple[Side, ...]
    problems: tuple[str, ...] = ()
    """Why they cannot be joined."""

    def owner(self, number: int) -> int:
        """Number of the file whose rows hold the keys of another."""
        return next(i for i, side in enumerate(self.sides) if number in side.ons)


def columns_of(sources: SourcePort, wanted: Wanted) -> tuple[str, ...]:
    """Names of the columns that a table has, those of joined files among them.

    Args:
        sources: Tells the columns of a file.
        wanted: The table.

    Returns:
        The table's own first.
    """
    own = [*sources.columns(wanted.path, wanted.reading), *_made(wanted.clock)]
    for lookup in wanted.joins:
        own += [name for name in _given(lookup, sources.columns(lookup.path, lookup.reading), own) if name not in own]
    return tuple(own)


def planned(wanted: Wanted, columns: Sequence[Sequence[str]]) -> JoinPlan:
    """What is read of each file.

    Args:
        wanted: The table, with the files that are joined.
        columns: Names of the columns of its own file, then of each joined one.

    Returns:
        A side for each file, whether it is needed or not.
    """
    owners: dict[str, tuple[int, str]] = {name: (0, name) for name in (*columns[0], *_made(wanted.clock))}
    problems: list[str] = []
    ons: list[dict[int, tuple[str, ...]]] = [{} for _ in columns]
    for number, lookup in enumerate(wanted.joins, 1):
        there, problem = _on(lookup, owners)
        problems += problem
        ons[there][number] = tuple(owners.get(name, (0, name))[1] for name in lookup.on)
        given = _given(lookup, columns[number], list(owners))
        twice = sorted(name for name in given if name in owners)
        problems += [
            f"{lookup.path}: the table has a column {name!r} already; give it another name, as columns = "
            f'{{ {name}_2 = "{given[name]}" }}'
            for name in twice
        ]
        owners |= {name: (number, own) for name, own in given.items() if name not in owners}
    roles = [_roles_of(wanted, owners, number) for number in range(len(columns))]
    used = _used(roles, ons)
    sides = [_side(wanted, number, roles[number], ons[number], is_used=used[number]) for number in range(len(columns))]
    problems += [problem for side in sides for problem in _clock_misused(side)]
    return JoinPlan(tuple(sides), tuple(problems))


def _made(clock: Clock | None) -> tuple[str, ...]:
    return (clock.column,) if clock else ()


def _given(lookup: Lookup, columns: Sequence[str], there: Sequence[str]) -> Mapping[str, str]:
    """By its name in the table each column that a joined file gives."""
    if lookup.columns is not None:
        return lookup.columns
    return {name: name for name in (*columns, *_made(lookup.clock)) if name not in there}


def _on(lookup: Lookup, owners: Mapping[str, tuple[int, str]]) -> tuple[int, list[str]]:
    """Number of the file that holds the key, and what is wrong with it."""
    files = {owners.get(name, (0, name))[0] for name in lookup.on}
    if len(files) > 1:
        return min(files), [
            f"{lookup.path}: the columns {', '.join(lookup.on)} of on lie in different files; a key lies in one"
        ]
    return files.pop(), []


def _roles_of(wanted: Wanted, owners: Mapping[str, tuple[int, str]], number: int) -> tuple[Role, ...]:
    found = []
    for role in wanted.roles:
        homes = [owners.get(name, (0, name)) for name in role.columns]
        places = tuple(i for i, (home, _) in enumerate(homes) if home == number)
        if places:
            is_part = role.is_list and len(places) < len(homes)
            names = tuple(homes[i][1] for i in places)
            found.append(replace(role, columns=names, places=places if is_part else ()))
    return tuple(found)


def _used(roles: Sequence[Sequence[Role]], ons: Sequence[Mapping[int, object]]) -> list[bool]:
    """Whether a file gives a role, or the key of another that does."""
    used = [bool(one) or not i for i, one in enumerate(roles)]
    for i in range(len(roles) - 1, -1, -1):
        used[i] = used[i] or any(used[number] for number in ons[i])
    return used


def _side(
    wanted: Wanted, number: int, roles: tuple[Role, ...], ons: dict[int, tuple[str, ...]], *, is_used: bool
) -> Side:
    lookup = wanted.joins[number - 1] if number else None
    clock = lookup.clock if lookup else wanted.clock
    if lookup is None:
        return Side(replace(wanted, roles=roles, joins=(), clock=None), None, ons, clock)
    own = replace(
        wanted,
        table=f"{wanted.table}_join{number}",
        path=lookup.path,
        reading=lookup.reading,
        roles=roles,
        joins=(),
        clock=None,
    )
    return Side(own, lookup, ons, clock, is_used)


def _clock_misused(side: Side) -> list[str]:
    made = _made(side.clock)
    return [
        f"{side.wanted.path}: the column {made[0]!r} of relative_time can be the time alone, not {role.name}"
        for role in side.wanted.roles
        if set(made) & set(role.columns) and role.kind != "time"
    ]
