"""The rules of a contract as what the shop expects; what cannot be said so is named with the reason."""

from __future__ import annotations

import math
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal
from typing import Any

from steelyard.config.expectations import Expectation, expectation_of
from steelyard.data.contracts.names import CHECKED, said
from steelyard.data.contracts.rules_written import ENGINE
from steelyard.documents.contract import ContractColumn, QualityRule
from steelyard.errors import ConfigError

__all__ = ["Asked", "Left", "asked_by", "expectations_from"]

_METRICS = {
    "nullvalues": "missing", "nullcheck": "missing", "nullcount": "missing", "missingvalues": "missing",
    "missingcount": "missing", "duplicatevalues": "unique", "duplicatecount": "unique", "uniquecheck": "unique",
    "unique": "unique", "invalidvalues": "invalid", "validvalues": "invalid", "invalidcount": "invalid",
    "rowcount": "rows",
}  # fmt: skip
"""Of version 3.1, and what versions before called them."""
_BOUNDS = {
    "must_be": "mustBe", "must_not_be": "mustNotBe", "must_be_greater_than": "mustBeGreaterThan",
    "must_be_greater_or_equal_to": "mustBeGreaterOrEqualTo", "must_be_less_than": "mustBeLessThan",
    "must_be_less_or_equal_to": "mustBeLessOrEqualTo", "must_be_between": "mustBeBetween",
    "must_not_be_between": "mustNotBeBetween",
}  # fmt: skip
_PERCENT = ("percent", "%", "percentage")
_SHARED = ("min", "max", "unique", "in", "matches")
"""Kinds of which ``except_share`` speaks."""
_NOT_EXPRESSED = {
    "text": "it is a text for people",
    "sql": "it is a query, and files answer none",
}


@dataclass(frozen=True, slots=True)
class Asked:
    """One rule that the configuration can say."""

    table: str
    column: str
    kind: str
    value: Any
    except_share: float = 0.0
    doubt: str = ""
    """What a person must look at."""

    @property
    def settings(self) -> dict[str, Any]:
        """As a table ``[[data.expect]]`` has it."""
        shared = {"except_share": self.except_share} if self.except_share else {}
        column = {"column": self.column} if self.column else {}
        return {"table": self.table, **column, self.kind: self.value, **shared}


@dataclass(frozen=True, slots=True)
class Left:
    """One rule that it cannot say, and why."""

    where: str
    what: str
    why: str

    def __str__(self) -> str:
        return f"{self.where}: {self.what} was left out: {self.why}"


def asked_by(table: str, column: ContractColumn | None, rules: Sequence[QualityRule]) -> Iterator[Asked | Left]:
    """What rules ask of a column, or of a whole table.

    Args:
        table: The shop's name of the table.
        column: ``None`` for the rules of the table.
        rules: Of one place of the contract.

    Yields:
        For each rule what it asks, or why the configuration cannot say it; nothing for a check that is made anyway.
    """
    for rule in rules:
        if said(rule.custom_properties, CHECKED) is not None:
            continue
        yield from _valid(_asked(table, column.column if column else "", rule), table, column)
    if column is not None:
        yield from _valid(_of_column(table, column), table, column)


def _valid(found: Iterator[Asked | Left], table: str, column: ContractColumn | None) -> Iterator[Asked | Left]:
    """Each by itself as the configuration would read it."""
    for one in found:
        if isinstance(one, Left):
            yield one
            continue
        try:
            expectation_of(one.settings)
        except ConfigError as error:
            yield Left(
                _place(table, column.column if column else ""), f"the rule {one.kind} = {one.value!r}", str(error)
            )
        else:
            yield one


def _place(table: str, column: str) -> str:
    return f"{table}.{column}" if column else table


def _asked(table: str, column: str, rule: QualityRule) -> Iterator[Asked | Left]:
    what = f"the rule {rule.name or rule.metric or rule.rule or rule.type}"
    left = Left(_place(table, column), what, "")
    if rule.type in _NOT_EXPRESSED:
        yield replace(left, why=_NOT_EXPRESSED[rule.type])
    elif rule.type == "custom":
        yield from _own(table, column, rule, left)
    elif rule.others:
        yield replace(left, why=f"the standard has no {', '.join(rule.others)}")
    else:
        kind = _METRICS.get((rule.metric or rule.rule).lower())
        if kind is None:
            yield replace(left, why=f"there is no metric {rule.metric or rule.rule!r} in the standard's library")
        elif kind == "rows":
            yield from _rows(table, rule, left)
        else:
            yield from _of_rows(table, column, (kind, rule), left)


def _own(table: str, column: str, rule: QualityRule, left: Left) -> Iterator[Asked | Left]:
    """A rule that Steelyard wrote for itself."""
    if rule.engine.lower() != ENGINE or not isinstance(rule.implementation, dict):
        yield replace(left, why=f"it is for another tool ({rule.engine or 'no engine named'})")
        return
    rest = dict(rule.implementation)
    share = rest.pop("except_share", 0.0)
    for kind, value in rest.items():
        yield Asked(table, column, str(kind), value, except_share=share)


def _rows(table: str, rule: QualityRule, left: Left) -> Iterator[Asked | Left]:
    name, bound = _bound(rule)
    if rule.unit.lower() not in ("", "rows", "count"):
        yield replace(left, why=f"rows are not counted in {rule.unit}")
    elif name == "must_be_between" and _is_pair(bound):
        low, high = bound
        yield from _at_least(table, low, left)
        yield replace(left, why=f"an expectation has no upper bound on rows ({high:g}); the lower one is kept")
    elif name == "must_be_greater_than" and _is_number(bound):
        yield from _at_least(table, math.floor(bound) + 1, left)
    elif name == "must_be_greater_or_equal_to" and _is_number(bound):
        yield from _at_least(table, math.ceil(bound), left)
    else:
        yield replace(left, why=f"of rows only the least number can be expected, not {_BOUNDS.get(name, 'nothing')}")


def _at_least(table: str, n: float, left: Left) -> Iterator[Asked | Left]:
    if n >= 1:
        yield Asked(table, "", "min_rows", math.ceil(n))
    else:
        yield replace(left, why="every table has as many rows")


def _of_rows(table: str, column: str, asked: tuple[str, QualityRule], left: Left) -> Iterator[Asked | Left]:
    kind, rule = asked
    doubt = f"{rule.severity} in the contract; here it stops training" if _is_mild(rule.severity) else ""
    share = _share(rule)
    if isinstance(share, str):
        yield replace(left, why=share)
        return
    arguments = dict(rule.arguments)
    if kind == "unique" and not column:
        names = arguments.pop("properties", None)
        if not isinstance(names, list) or len(names) != 1:
            yield replace(left, why="an expectation is about one column, and this is about several together")
            return
        column = str(names[0])
    if not column:
        yield replace(left, why="it names no column")
    elif kind == "unique":
        yield Asked(table, column, "unique", value=True, except_share=share, doubt=doubt)
    elif kind == "missing":
        yield Asked(table, column, "max_missing_share", share, doubt=doubt)
        yield from _other_words(arguments.pop("missingValues", None), left)
    else:
        yield from _invalid(Asked(table, column, "", None, except_share=share, doubt=doubt), rule, arguments, left)
    if kind != "invalid" and arguments:
        yield replace(left, what=f"{left.what}, {', '.join(sorted(arguments))}", why="nothing here is called so")


def _is_mild(severity: str) -> bool:
    return severity.lower() in ("info", "warning", "warn", "low", "medium", "minor")


def _other_words(words: object, left: Left) -> Iterator[Left]:
    """Values that stand for a missing one and are not the usual words for it."""
    listed = words if isinstance(words, list) else []
    unusual = [str(word) for word in listed if word is not None and str(word).strip() not in ("", *_NOTHING)]
    if unusual:
        shown = ", ".join(repr(word) for word in unusual[:10])
        yield replace(left, what=f"{left.what}, of its missingValues {shown}", why="they count as values here")


_NOTHING = frozenset(("null", "NULL", "Null", "N/A", "n/a", "NA", "None", "nan", "NaN"))


def _invalid(asked: Asked, rule: QualityRule, arguments: dict[str, object], left: Left) -> Iterator[Asked | Left]:
    values = arguments.pop("validValues", rule.valid_values)
    pattern = arguments.pop("pattern", None)
    if isinstance(values, list) and values:
        texts = tuple(_text(value) for value in values if value is not None)
        yield replace(asked, kind="in", value=texts)
    if isinstance(pattern, str):
        yield replace(asked, kind="matches", value=_whole_value(pattern))
    if arguments:
        yield replace(left, what=f"{left.what}, {', '.join(sorted(arguments))}", why="nothing here is called so")
    elif not (isinstance(values, list) and values) and not isinstance(pattern, str):
        yield replace(left, why="it names neither validValues nor a pattern")


def _text(value: object) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)


def _whole_value(pattern: str) -> str:
    """A pattern that is found somewhere in a value as one for the whole of it."""
    inside = re.fullmatch(r"\^\(\?:(.*)\)\$", pattern, re.DOTALL)
    if inside and _is_closed(inside[1]):
        return inside[1]
    bare = pattern.removeprefix("^").removesuffix("$")
    if pattern == f"^{bare}$" and "|" not in bare and not bare.endswith("\\"):
        return bare
    return rf"[\s\S]*(?:{pattern})[\s\S]*"


def _is_closed(pattern: str) -> bool:
    try:
        re.compile(pattern)
    except re.error:
        return False
    return True


def _share(rule: QualityRule) -> float | str:
    """Of the rows that may break a rule, or why no share says it."""
    name, bound = _bound(rule)
    if name == "must_be_between" and _is_pair(bound) and bound[0] <= 0:
        name, bound = "must_be_less_or_equal_to", bound[1]
    if not _is_number(bound):
        return f"{_BOUNDS.get(name, 'a bound')} is not one number"
    is_strict = name == "must_be_less_than"
    if name not in ("must_be", "must_be_less_or_equal_to", "must_be_less_than"):
        return f"it asks for rows that break it ({_BOUNDS.get(name, 'no bound')})"
    if rule.unit.lower() in _PERCENT:
        return _of_percent(bound, is_exact=name == "must_be", is_strict=is_strict)
    if rule.unit.lower() not in ("", "rows", "count"):
        return f"nothing here is counted in {rule.unit}"
    if (bound == 0 and not is_strict) or (is_strict and 0 < bound <= 1):
        return 0.0
    return f"{bound:g} rows may break it, and an expectation has a share: write except_share"


def _of_percent(bound: float, *, is_exact: bool, is_strict: bool) -> float | str:
    if is_exact and bound:
        return f"exactly {bound:g} % cannot be expected, only at most so many"
    share = float(Decimal(repr(bound)) / 100)
    if share < 0 or (is_strict and share == 0):
        return "no number of rows is below 0 %"
    return math.nextafter(share, 0.0) if is_strict and share <= 1 else min(share, 1.0)


def _bound(rule: QualityRule) -> tuple[str, Any]:
    return next(((name, value) for name in _BOUNDS if (value := getattr(rule, name)) is not None), ("", None))


def _is_number(value: object) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool) and math.isfinite(value)


def _is_pair(value: object) -> bool:
    return isinstance(value, list | tuple) and len(value) == 2 and all(_is_number(one) for one in value)


def _of_column(table: str, column: ContractColumn) -> Iterator[Asked | Left]:
    """What a column promises beside its rules."""
    name = column.column
    checked = str(said(column.custom_properties, CHECKED) or "").split(", ")
    if column.primary_key or (column.unique and "unique" not in checked):
        yield Asked(table, name, "unique", value=True)
    if column.primary_key or (column.required and "required" not in checked):
        yield Asked(table, name, "max_missing_share", 0.0)
    if column.enum:
        yield Asked(table, name, "in", tuple(_text(one.value) for one in column.enum if one.value is not None))
    yield from _options(table, column)


def _options(table: str, column: ContractColumn) -> Iterator[Asked | Left]:
    options: Mapping[str, Any] = column.logical_type_options
    is_whole = column.logical_type == "integer"
    lengths: dict[str, int] = {}
    for option, value in options.items():
        left = Left(_place(table, column.column), f"the option {option}", "")
        kind = {"minimum": "min", "maximum": "max", "exclusiveMinimum": "min", "exclusiveMaximum": "max"}.get(option)
        if kind and _is_number(value):
            step = 1 if kind == "min" else -1
            beyond = value + step if is_whole else math.nextafter(value, step * math.inf)
            yield Asked(table, column.column, kind, beyond if option.startswith("exclusive") else value)
        elif kind:
            yield replace(left, why=f"bounds are for numbers, and {value!r} is none")
        elif option == "pattern" and isinstance(value, str):
            yield Asked(table, column.column, "matches", _whole_value(value))
        elif option in ("minLength", "maxLength") and isinstance(value, int):
            lengths[option] = value
        else:
            yield replace(left, why=f"an expectation cannot say {option} = {value!r}")
    if lengths:
        most = lengths.get("maxLength", "")
        yield Asked(table, column.column, "matches", f"[\\s\\S]{{{lengths.get('minLength', 0)},{most}}}")


def expectations_from(asked: Sequence[Asked]) -> list[tuple[Expectation, str]]:
    """The rules, those of one column together where they can be.

    Args:
        asked: Each valid by itself.

    Returns:
        In the order of their first rule, each with what a person must look at.
    """
    groups: list[list[Asked]] = []
    for one in asked:
        fitting = (group for group in groups if _fits(one, group))
        group = next(fitting, None)
        if group is None:
            groups.append([one])
        elif one not in group:
            group.append(one)
    found = []
    for group in groups:
        settings: dict[str, Any] = {}
        for one in group:
            settings |= one.settings
        found.append((expectation_of(settings), "; ".join(dict.fromkeys(one.doubt for one in group if one.doubt))))
    return found


def _fits(one: Asked, group: Sequence[Asked]) -> bool:
    """Whether a rule can stand in one table with others: of the same column, of other kinds, with the same share."""
    first = group[0]
    if (one.table, one.column) != (first.table, first.column):
        return False
    if any(other == one for other in group):
        return True
    shares = {other.except_share for other in group if other.kind in _SHARED}
    is_of_rows = one.kind in _SHARED
    is_same = not is_of_rows or not shares or shares == {one.except_share}
    return one.kind not in {other.kind for other in group} and is_same
