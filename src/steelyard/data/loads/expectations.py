"""What a shop expects of its own data: each expectation asked of all rows of the file, and what was found."""

from __future__ import annotations

import difflib
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

import narwhals.stable.v2 as nw

from steelyard.data.joins import columns_of
from steelyard.data.quality import MAX_TIME_S
from steelyard.data.schema import Kind, Role, Wanted
from steelyard.documents.quality import ExpectationRow
from steelyard.errors import ConfigError

if TYPE_CHECKING:
    from steelyard.config.expectations import Expectation
    from steelyard.data.schema import Frame, SourcePort

__all__ = ["expectations_met"]

LISTED_VALUES = 10
_OF_ROWS = ("min", "max", "in", "matches")
_DAY_S = 86_400


@dataclass(frozen=True, slots=True)
class _Asked:
    """One expectation, and what is read for it."""

    expectation: Expectation
    text: Role | None
    """The column as it is written; ``None`` where the whole table is meant."""
    value: Role | None
    """The column as numbers or times, where it is asked for as such."""
    shows_values: bool
    """Whether its values may be listed: never of a column that could name people."""


def expectations_met(
    sources: SourcePort,
    expectations: Sequence[Expectation],
    wanted: Wanted,
    *,
    pseudonym: Callable[[str], str],
    now: datetime,
) -> list[ExpectationRow]:
    """Ask what the shop expects of one table.

    Args:
        sources: Reads the file once more, with the columns that are asked for; none of them is stored.
        expectations: Those of this table.
        wanted: The table's file and roles.
        pseudonym: As for reading; not used, since no column is marked as personal here.
        now: With time zone.

    Returns:
        A row for each rule of each expectation, in their order.

    Raises:
        ConfigError: A column is neither one of the file nor a role; all such are listed, each with the nearest.
    """
    if not expectations:
        return []
    asked = _asked(expectations, wanted, columns_of(sources, wanted))
    roles = tuple(role for each in asked for role in (each.text, each.value) if role is not None)
    first = wanted.roles[0]
    read = replace(wanted, table=f"{wanted.table}_expected", roles=roles or (Role("any", first.columns[:1]),))
    frame = sources.scan(read, pseudonym=pseudonym)
    figures = _figures(frame, asked)
    return [
        _row(frame, each, (kind, value), figures, now=now)
        for each in asked
        for kind, value in each.expectation.rules.items()
    ]


def _asked(expectations: Sequence[Expectation], wanted: Wanted, columns: Sequence[str]) -> list[_Asked]:
    wrong = []
    found = []
    for number, each in enumerate(expectations):
        role = wanted.role(each.column)
        if not each.column:
            found.append(_Asked(each, None, None, shows_values=False))
        elif each.column in columns:
            players = [role for role in wanted.roles if each.column in role.columns]
            is_open = bool(players) and not any(role.is_personal for role in players)
            found.append(_Asked(each, *_read(number, each, each.column), shows_values=is_open))
        elif role is not None:
            found.append(_Asked(each, *_read(number, each, role.columns[0]), shows_values=not role.is_personal))
        else:
            wrong.append(_unknown(each, [*columns, *(role.name for role in wanted.roles)]))
    if wrong:
        raise ConfigError("\n".join(wrong))
    return found


def _read(number: int, expectation: Expectation, column: str) -> tuple[Role, Role | None]:
    """The roles that read a column for an expectation."""
    text, kind = Role(f"t{number}", (column,)), _kind(expectation)
    return text, None if kind == "text" else Role(f"v{number}", (column,), kind)


def _kind(expectation: Expectation) -> Kind:
    if expectation.max_age_days is not None:
        return "time"
    return "text" if expectation.min is None and expectation.max is None else "number"


def _unknown(expectation: Expectation, names: Sequence[str]) -> str:
    near = difflib.get_close_matches(expectation.column, names, n=1, cutoff=0.5)
    hint = f"did you mean {near[0]!r}?" if near else f"there are: {', '.join(dict.fromkeys(names))}"
    return f"[[data.expect]] table {expectation.table!r} has no column {expectation.column!r}; {hint}"


def _breaks(asked: _Asked, kind: str, value: Any) -> nw.Expr:
    """True where a row breaks the rule; rows without a value break none but ``max_missing_share``."""
    assert asked.text is not None
    text = nw.col(asked.text.name)
    if kind == "in":
        return ~text.is_null() & ~text.is_in(list(value))
    if kind == "matches":
        return ~text.is_null() & ~text.str.contains(f"^(?:{value})$")
    assert asked.value is not None
    number = nw.col(asked.value.name)
    outside: nw.Expr = number < value if kind == "min" else number > value
    return ~text.is_null() & (number.is_null() | outside)


def _figures(frame: Frame, asked: Sequence[_Asked]) -> Mapping[str, Any]:
    """All that one pass over the rows tells."""
    sums = [nw.len().alias("n")]
    for each in asked:
        if each.text is None:
            continue
        for kind, value in each.expectation.rules.items():
            if kind in _OF_ROWS:
                sums.append(_count(_breaks(each, kind, value)).alias(f"{each.text.name}_{kind}"))
        sums.append(_count(nw.col(each.text.name).is_null()).alias(f"{each.text.name}_missing"))
        if each.value is not None:
            value = nw.col(each.value.name)
            sums += [value.min().alias(f"{each.value.name}_least"), value.max().alias(f"{each.value.name}_most")]
    row = frame.select(*sums).collect()
    return {name: row[name][0] for name in row.columns}


def _count(when: nw.Expr) -> nw.Expr:
    return nw.when(when).then(nw.lit(1)).otherwise(nw.lit(0)).sum()


def _row(
    frame: Frame, asked: _Asked, rule: tuple[str, Any], figures: Mapping[str, Any], *, now: datetime
) -> ExpectationRow:
    kind, value = rule
    n, text, expectation = int(figures["n"]), asked.text, asked.expectation
    told: dict[str, Any] = {"table": expectation.table, "column": expectation.column, "kind": kind}
    told["wanted"] = ", ".join(value) if isinstance(value, tuple) else _shown(value)
    if text is None or kind == "min_rows":
        return ExpectationRow(**told, found=f"{n:,}", is_met=n >= value)
    value_name = asked.value.name if asked.value else ""
    if kind == "max_missing_share":
        missing = int(figures[f"{text.name}_missing"] or 0)
        share = missing / n if n else 0.0
        return ExpectationRow(**told, found=f"{share:.4g}", is_met=share <= value, count=missing, share=share)
    if kind == "max_age_days":
        newest = figures[f"{value_name}_most"]
        age = None if newest is None else (now.timestamp() - newest) / _DAY_S
        found = "" if newest is None else _time(newest)
        return ExpectationRow(**told, found=found, is_met=age is not None and age <= value)
    count = _repeats(frame, text) if kind == "unique" else int(figures[f"{text.name}_{kind}"] or 0)
    share = count / n if n else 0.0
    values = dict(_values(frame, asked, kind, value)) if count and asked.shows_values else {}
    extreme = figures.get(f"{value_name}_{'least' if kind == 'min' else 'most'}")
    found = _shown(extreme) if kind in ("min", "max") and extreme is not None else ""
    is_met = share <= expectation.except_share
    return ExpectationRow(**told, found=found, is_met=is_met, count=count, share=share, values=values)


def _repeats(frame: Frame, text: Role) -> int:
    """Rows beyond the first of their value."""
    there = frame.filter(~nw.col(text.name).is_null()).group_by(text.name).agg(nw.len().alias("n"))
    row = there.select((nw.col("n") - 1).sum().alias("n")).collect()
    return int(row["n"][0] or 0)


def _values(frame: Frame, asked: _Asked, kind: str, value: Any) -> Iterator[tuple[str, int]]:
    assert asked.text is not None
    name = asked.text.name
    broken = frame.filter(~nw.col(name).is_null() if kind == "unique" else _breaks(asked, kind, value))
    counted = broken.group_by(name).agg(nw.len().alias("n")).filter(nw.col("n") > (1 if kind == "unique" else 0))
    rows = counted.sort("n", name, descending=[True, False]).head(LISTED_VALUES).collect()
    for row in rows.rows(named=True):
        yield str(row[name])[:200], int(row["n"])


def _shown(value: Any) -> str:
    return f"{value:.10g}" if isinstance(value, float) else str(value).lower() if value is True else str(value)


def _time(seconds: float) -> str:
    is_one = abs(seconds) < MAX_TIME_S
    return datetime.fromtimestamp(seconds, UTC).isoformat(timespec="seconds") if is_one else f"{seconds:.0f}"
