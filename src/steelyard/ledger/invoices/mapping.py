"""Mapping files: how a provider's own bill reads as rows of FOCUS. A mapping is data; nothing here knows a provider.

A mapping file names the provider's columns (each with all its spellings) and says, for each column of FOCUS, where its
value comes from: a column, the first of several that is filled, a constant, a list of values, a date, or a sum that
depends on the kind of line. What the provider's header does not have is missing, never invented.
"""

from __future__ import annotations

import difflib
import json
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any, TypeVar

from steelyard.cost.facts import EXACT
from steelyard.errors import ConfigError, DataError
from steelyard.ledger.entries import View
from steelyard.ledger.invoices.focus import NEEDED, NUMBERS, parse_time
from steelyard.ledger.invoices.focus_columns import COLUMNS
from steelyard.ledger.invoices.numbers import LARGEST_QUANTITY, plain_number
from steelyard.ledger.invoices.problems import BillProblems
from steelyard.ledger.invoices.tags import json_tags, pair_tags

__all__ = ["BillMapping", "parse_mapping", "recognise"]

Row = Mapping[str, str]
_Value = Callable[[Row], str]
_T = TypeVar("_T")

FORMAT = 1
_KEYS = {
    "format", "name", "title", "source", "as_of", "note", "views", "names", "recognised_by", "columns", "tags",
    "credits",
}  # fmt: skip
_SPEC_KEYS = {"from", "values", "otherwise", "constant", "by", "sum", "covered", "time", "plus"}
KEEP = "*"
"""As ``otherwise``: a value that is not listed stays. Before a listed one: whatever ends so (``*Discount``)."""


@dataclass(frozen=True, slots=True)
class BillMapping:
    """How one provider's bill reads."""

    name: str
    title: str
    views: tuple[View, ...]
    """What its file tells: cash, accrual, or both."""
    names: Mapping[str, tuple[str, ...]]
    """Spellings of a provider's columns, by the name this mapping uses."""
    recognised_by: tuple[str, ...]
    columns: Mapping[str, Any]
    tags: Mapping[str, Any]
    credits: Mapping[str, str]

    def missing(self, header: Sequence[str]) -> list[str]:
        """First spellings of the columns that would tell this bill and are not in the header."""
        known = _folded(header)
        return [
            self.names[name][0]
            for name in self.recognised_by
            if not any(_fold(spelling) in known for spelling in self.names[name])
        ]

    def number_columns(self, header: Sequence[str]) -> list[str]:
        """Columns of a header that hold numbers."""
        known = _folded(header)
        used = {name for column in NUMBERS for name in _names_in(self.columns.get(column, {}), without_kind=True)}
        spellings = {_fold(spelling) for name in used for spelling in self.names[name]}
        return [name for folded, name in known.items() if folded in spellings]

    def rows(
        self, lines: Iterable[tuple[int, Row]], header: Sequence[str], problems: BillProblems, *, currency: str = ""
    ) -> Iterator[tuple[int, dict[str, str]]]:
        """Rows of FOCUS, one for each line, and one for each credit in a line.

        Args:
            lines: Line number and values by the header's names.
            header: Of the file.
            problems: Of the file; a needed column that is missing is added, and no row is made.
            currency: Of a file that has no column for it.

        Yields:
            Line number and values by column of FOCUS.
        """
        made = _Translation(self, header)
        constant = {"BillingCurrency": currency} if currency and "BillingCurrency" not in made.values else {}
        costs = {View.CASH: "BilledCost", View.ACCRUAL: "EffectiveCost"}
        for name in (*NEEDED, *(costs[view] for view in self.views)):
            if name not in made.values and name not in constant:
                spellings = made.wanted(name)
                problems.add("a needed column is missing", 0, f"{name}, read from {spellings}" if spellings else name)
        if problems.found:
            return
        for number, line in lines:
            row = {name: text for name, value in made.values.items() if (text := value(line))} | constant
            if tags := made.tags(line):
                row["Tags"] = json.dumps(tags, ensure_ascii=False)
            yield number, row
            yield from ((number, {**row, **credit}) for credit in made.credits(line, number, problems))


def parse_mapping(document: Any, *, where: str) -> BillMapping:
    """A mapping from what its file holds.

    Args:
        document: See ``docs/howto/bills.md`` for a worked example.
        where: The file, for messages.

    Returns:
        A mapping whose columns are columns of FOCUS and whose names are declared.

    Raises:
        ConfigError: It is not right; all problems at once.
    """
    if not isinstance(document, Mapping) or not all(
        isinstance(document.get(key), Mapping) for key in ("names", "columns")
    ):
        raise ConfigError(f"{where}: not a mapping of a bill: it needs names and columns")
    problems = [f"{key}: no such part; known: {', '.join(sorted(_KEYS))}" for key in document if key not in _KEYS]
    if document.get("format", FORMAT) != FORMAT:
        problems.append(f"format {document['format']!r} is not known here; this version reads {FORMAT}")
    names = {str(name): tuple(_list(spellings)) for name, spellings in document["names"].items()}
    problems += [f"names: {name} has no spelling" for name, spellings in names.items() if not spellings]
    recognised = tuple(_list(document.get("recognised_by")))
    problems += [f"recognised_by: {name!r} is not among the names" for name in recognised if name not in names]
    if not recognised:
        problems.append("recognised_by: name the columns that tell this bill from others")
    for column, spec in document["columns"].items():
        problems += [f"columns: {column}: {problem}" for problem in _wrong_spec(column, spec, names)]
    problems += _wrong_extras(document, names)
    try:
        views = tuple(View(view) for view in document.get("views", list(View)))
    except ValueError:
        problems.append(f"views: {document['views']!r}; write cash, accrual, or both")
        views = tuple(View)
    if problems:
        raise ConfigError("\n".join(f"{where}: {problem}" for problem in problems))
    name = str(document.get("name") or where)
    return BillMapping(
        name, str(document.get("title") or name), views, names, recognised, document["columns"],
        document.get("tags", {}), document.get("credits", {}),
    )  # fmt: skip


def recognise(header: Sequence[str], mappings: Sequence[BillMapping], *, where: str) -> BillMapping:
    """The one mapping whose telling columns are all in a header.

    Args:
        header: Of the file.
        mappings: To choose from.
        where: The file, for messages.

    Returns:
        It.

    Raises:
        DataError: None fits, or several do; the near ones are named.
    """
    missing = {mapping.name: mapping.missing(header) for mapping in mappings}
    fitting = [mapping for mapping in mappings if not missing[mapping.name]]
    if len(fitting) == 1:
        return fitting[0]
    if fitting:
        names = " or ".join(f"--bill-as {each.name} ({each.title})" for each in fitting)
        raise DataError(f"{where}: its columns are those of several bills; say which: {names}")
    near = sorted(mappings, key=lambda each: (len(missing[each.name]) - len(each.recognised_by), each.name))
    told = "; ".join(f"{each.name} would need {', '.join(missing[each.name])}" for each in near[:3])
    raise DataError(
        f"{where}: no bill of a kind known here. Nearest: {told}. It has: {', '.join(header[:12])} … Give --mapping "
        "FILE with your own mapping, or --bill-as NAME"
    )


class _Translation:
    """A mapping bound to the header of one file."""

    def __init__(self, mapping: BillMapping, header: Sequence[str]) -> None:
        known = _folded(header)
        self.mapping = mapping
        self.header = header
        self.column_of = {
            name: next((known[_fold(spelling)] for spelling in spellings if _fold(spelling) in known), None)
            for name, spellings in mapping.names.items()
        }
        self.values: dict[str, _Value] = {}
        for column, spec in mapping.columns.items():
            value = self._value(spec)
            if value is not None:
                self.values[column] = value

    def wanted(self, column: str) -> str:
        """Spellings of the columns that a column of FOCUS is read from."""
        spec = self.mapping.columns.get(column)
        return ", ".join(repr(self.mapping.names[name][0]) for name in _names_in(spec)) if spec is not None else ""

    def tags(self, line: Row) -> dict[str, Any]:
        """Tags of a line: from a JSON object, from ``key:value`` pairs, or from columns that share a prefix."""
        found: dict[str, Any] = {}
        spec = self.mapping.tags
        column = self.column_of.get(str(spec.get("json", "")))
        if column and line[column].strip():
            found |= json_tags(line[column])
        column = self.column_of.get(str(spec.get("pairs", "")))
        if column and line[column].strip():
            found |= pair_tags(line[column])
        for prefix in _list(spec.get("prefixes")):
            found |= {
                name[len(prefix) :]: line[name]
                for name in self.header
                if _fold(name).startswith(_fold(prefix)) and line[name].strip()
            }
        return found

    def credits(self, line: Row, number: int, problems: BillProblems) -> Iterator[dict[str, str]]:
        """What changes in a row for each credit that a line holds."""
        spec = self.mapping.credits
        column = self.column_of.get(str(spec.get("from", "")))
        text = line[column].strip() if column else ""
        if not text:
            return
        try:
            found = json.loads(text, parse_float=str, parse_int=str)
        except ValueError:
            problems.add("credits are not a JSON list", number, text[:40])
            return
        several = found if isinstance(found, list) else [{spec["amount"]: found}]
        for credit in several if found is not None else []:  # null is a list of none
            if credit is None:
                continue
            if not isinstance(credit, Mapping):
                problems.add("credits are not a JSON list", number, text[:40])
                continue
            told = credit.get(spec["amount"])
            amount = "" if told is None else str(told)
            yield {
                "ChargeCategory": "Credit", "BilledCost": amount, "EffectiveCost": amount, "ListCost": "",
                "PricingQuantity": "", "PricingUnit": "",
                "ChargeDescription": str(credit.get(spec.get("text", ""), "")),
            }  # fmt: skip

    def _value(self, spec: Any) -> _Value | None:
        if isinstance(spec, str):
            spec = {"from": spec}
        if "sum" in spec:
            return self._sum(spec)
        columns = [column for name in _list(spec.get("from")) if (column := self.column_of[name]) is not None]
        constant = spec.get("constant", "")
        if not columns:
            return (lambda _: constant) if constant else None

        def first(line: Row) -> str:
            return next((text for column in columns if (text := line[column].strip())), constant)

        if "time" in spec:
            return _time(first, _list(spec["time"]), spec.get("plus", ""))
        if "values" in spec:
            return _listed(first, spec["values"], spec.get("otherwise"))
        return first

    def _sum(self, spec: Mapping[str, Any]) -> _Value | None:
        by = self.column_of[spec["by"]] if "by" in spec else None
        covered = self._covered(spec.get("covered", {}))
        cases = {kind: self._terms(names) for kind, names in spec["sum"].items()}
        otherwise = self._terms(spec.get("otherwise", []))

        def summed(line: Row) -> str:
            if by and (names := covered.get(line[by].strip())) and line[names].strip():
                return "0"
            terms = _of(cases, line[by].strip(), otherwise) if by else otherwise
            return _added([(line[column].strip(), sign) for column, sign in terms if column]) if terms else "0"

        return summed if any(column for column, _ in otherwise) else None

    def _covered(self, spec: Mapping[str, Mapping[str, str]]) -> dict[str, str]:
        """By kind of line, the column that names what bears its cost, where the file says what that bears."""
        return {
            kind: column
            for kind, each in spec.items()
            if (column := self.column_of[each["names"]]) is not None and self.column_of[each["borne_in"]] is not None
        }

    def _terms(self, names: Sequence[str]) -> list[tuple[str | None, int]]:
        return [(self.column_of[name.removeprefix("-")], -1 if name.startswith("-") else 1) for name in names]


def _added(terms: Sequence[tuple[str, int]]) -> str:
    """Sum of the terms that are filled; nothing where none is, and a text that is no number as it is."""
    filled = [(text, sign) for text, sign in terms if text]
    total = Decimal(0)
    for text, sign in filled:
        try:
            number = plain_number(text, below=LARGEST_QUANTITY)
        except ValueError:
            return text
        total = EXACT.add(total, sign * number)
    return f"{total:f}" if filled else ""


def _listed(first: _Value, values: Mapping[str, str], otherwise: str | None) -> _Value:
    """The value that a list has for another; one that is not listed stays, so that the reader refuses it."""

    def looked_up(line: Row) -> str:
        text = first(line)
        return str(_of(values, text, text if otherwise in (None, KEEP) or not text else str(otherwise)))

    return looked_up


def _of(values: Mapping[str, _T], text: str, otherwise: _T) -> _T:
    """The value listed for a text, or for whatever ends as it does."""
    if text in values:
        return values[text]
    ends = (key for key in values if key.startswith(KEEP) and text.endswith(key[1:]))
    return next((values[key] for key in ends), otherwise)


def _time(first: _Value, forms: Sequence[str], plus: str) -> _Value:
    known: dict[str, str] = {}

    def read(line: Row) -> str:
        text = first(line)
        if text not in known:
            known[text] = _as_time(text, forms, plus)
        return known[text]

    return read


def _as_time(text: str, forms: Sequence[str], plus: str) -> str:
    """The time of a text, or a day or a month later; ``own`` is whichever of the two the text names."""
    for form in forms:
        try:
            at = parse_time(text.removesuffix(" UTC")) if form == "iso" else datetime.strptime(text, form)  # noqa: DTZ007
        except ValueError:
            continue
        is_day = form == "iso" or "%d" in form
        if plus == "month" or (plus == "own" and not is_day):
            at = (at.replace(day=1) + timedelta(days=32)).replace(day=1)
        elif plus:
            at += timedelta(days=1)
        return at.replace(tzinfo=None).isoformat() + "Z"
    return text


def _wrong_extras(document: Mapping[str, Any], names: Mapping[str, Any]) -> Iterator[str]:
    """What is wrong with the parts on tags and credits."""
    for part, needed in (("tags", ()), ("credits", ("from", "amount"))):
        spec = document.get(part, {})
        if not isinstance(spec, Mapping) or (spec and not all(isinstance(spec.get(key), str) for key in needed)):
            yield f"{part}: write a table{' with ' + ' and '.join(needed) if needed else ''}"
            continue
        told = [str(spec[key]) for key in ("json", "pairs", "from") if key in spec]
        yield from (f"{part}: {name!r} is not among the names" for name in told if name not in names)


def _wrong_spec(column: str, spec: Any, names: Mapping[str, Any]) -> list[str]:
    if column not in COLUMNS and not column.startswith("x_"):
        near = difflib.get_close_matches(column, COLUMNS, n=2)
        return [f"not a column of FOCUS{f'; near: {near}' if near else ''}"]
    if isinstance(spec, Mapping) and (unknown := set(spec) - _SPEC_KEYS):
        return [f"{sorted(unknown)} are not known; known: {', '.join(sorted(_SPEC_KEYS))}"]
    if isinstance(spec, Mapping) and not all(isinstance(spec.get(key, {}), Mapping) for key in ("values", "sum")):
        return ["values and sum are tables"]
    covered = spec.get("covered", {}) if isinstance(spec, Mapping) else {}
    each = covered.values() if isinstance(covered, Mapping) else [covered]
    if not all(isinstance(one, Mapping) and set(one) == {"names", "borne_in"} for one in each):
        return ["covered is a table of kinds of line, each with names and borne_in"]
    if not isinstance(spec, (str, Mapping)):
        return ["write the name of a column, or a table with from, constant, values, time or sum"]
    return [f"{name!r} is not among the names" for name in _names_in(spec) if name not in names]


def _names_in(spec: Any, *, without_kind: bool = False) -> list[str]:
    if isinstance(spec, str):
        return [spec]
    summed = [name for names in spec.get("sum", {}).values() for name in names] + (
        _list(spec.get("otherwise")) if "sum" in spec else []
    )
    covered = [name for each in spec.get("covered", {}).values() for name in (each["names"], each["borne_in"])]
    kinds = [] if without_kind else _list(spec.get("by"))
    return [name.removeprefix("-") for name in [*_list(spec.get("from")), *kinds, *summed, *covered]]


def _list(value: Any) -> list[str]:
    if value is None:
        return []
    return [value] if isinstance(value, str) else [str(each) for each in value]


def _fold(name: str) -> str:
    return name.strip().casefold()


def _folded(header: Sequence[str]) -> dict[str, str]:
    return {_fold(name): name for name in header}
