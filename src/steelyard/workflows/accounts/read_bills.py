"""Reads the files of bills: each line once, in one notation of numbers, in one currency; what is odd is noted."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from steelyard.cost.exchange import RateTable
from steelyard.domain import Money
from steelyard.errors import ConfigError, PriceError
from steelyard.ledger.invoices.centres import StageRules
from steelyard.ledger.invoices.charges import Charge, digest_of, occurrence
from steelyard.ledger.invoices.focus import NUMBERS, OWN, read_rows
from steelyard.ledger.invoices.focus_columns import known_as
from steelyard.ledger.invoices.mapping import BillMapping, recognise
from steelyard.ledger.invoices.numbers import Notation, decide_notations, in_plain_numbers
from steelyard.ledger.invoices.problems import BillProblems
from steelyard.workflows.accounting_ports import BillFiles

__all__ = ["BillSource", "ReadBills", "bill_lines", "lines_in_one_notation", "read_bills"]

_FOCUS = {"BilledCost", "ChargePeriodStart", "BillingPeriodStart"}


@dataclass(frozen=True, slots=True)
class BillSource:
    """How files of bills are read."""

    files: BillFiles
    """Opens them."""
    rules: StageRules
    kind: str = "auto"
    """``focus``, the name of a mapping, or ``auto``."""
    own: BillMapping | None = None
    """The user's own mapping; it wins."""
    encoding: str = "utf-8"
    currency: str = ""
    """Of a file that states none, or to convert to where there are rates."""
    rates: RateTable | None = None
    decimal: Notation | None = None
    """The sign before the decimals; each column decides when left out."""
    is_any_period: bool = False
    """Usage far outside its billing period is booked."""


@dataclass(frozen=True, slots=True)
class ReadBills:
    """Lines of several files, all right."""

    charges: list[Charge]
    """Each with a digest of its own."""
    kinds: tuple[str, ...]
    """How each file was read."""
    files: tuple[int, ...]
    """By line, the number of its file."""
    notes: tuple[str, ...]
    """What is worth knowing about them."""


@dataclass
class _Seen:
    """Lines that were read: equal ones are legal in a file, and a question between files."""

    is_added: bool
    counts: Counter[str] = field(default_factory=Counter)
    first: dict[str, tuple[str, int]] = field(default_factory=dict)

    def digest(self, charge: Charge, where: str, line: int, problems: BillProblems) -> str:
        """A digest of its own for each line."""
        digest = digest_of(charge)
        first = self.first.setdefault(digest, (where, line))
        self.counts[digest] += 1
        number = self.counts[digest]
        like = f"like line {first[1]} of {first[0]}"
        if number > 1 and charge.line:
            problems.add("a line of an export (x_LineId) twice; take one out", line, like)
        elif first[0] != where and not self.is_added:
            problems.add(
                "a line that is in another file too; give the file once, or --same-bill add where they are parts of "
                "one bill", line, like,
            )  # fmt: skip
        elif number > 1:
            cost = charge.billed or charge.effective
            problems.note("equal lines, which FOCUS allows; each is booked", line, f"{like}, {cost}")
        return digest if charge.line else occurrence(digest, number)


def bill_lines(paths: Sequence[Path], source: BillSource) -> tuple[list[Charge], tuple[str, ...]]:
    """The lines of several files, all right.

    Args:
        paths: Files of one or more bills.
        source: How to read them.

    Returns:
        The lines, and how each file was read.

    Raises:
        DataError: Anything is wrong in any file: all of it is listed.
        SourceError: A file cannot be read.
    """
    found = read_bills(paths, source)
    return found.charges, found.kinds


def read_bills(paths: Sequence[Path], source: BillSource, *, is_added: bool = False) -> ReadBills:
    """The lines of several files, all right, and what is worth knowing about them.

    Args:
        paths: Files of one or more bills.
        source: How to read them.
        is_added: The files are parts of one bill: a line of one may be equal to a line of another.

    Returns:
        Lines, kinds and notes.

    Raises:
        DataError: Anything is wrong in any file: all of it is listed.
        SourceError: A file cannot be read.
    """
    problems = [BillProblems(path.name) for path in paths]
    seen = _Seen(is_added)
    charges: list[Charge] = []
    kinds: list[str] = []
    files: list[int] = []
    for at, (path, noted) in enumerate(zip(paths, problems, strict=True)):
        kind, lines = _one_file(path, source, noted)
        kinds.append(kind)
        currencies: Counter[str] = Counter()
        is_exported = True  # a ledger keeps its currencies apart, and so does what it exports
        for number, charge in lines:
            is_exported = is_exported and charge.is_exported
            currencies[_currency(charge)] += 1
            booked = _converted(charge, source, number, noted)
            charges.append(replace(booked, line=seen.digest(booked, f"{path.name}", number, noted)))
            files.append(at)
        if len(currencies) > 1 and source.rates is None and not is_exported:
            noted.add(
                "several currencies in one file; give --rates and --currency, or split the file", 0,
                ", ".join(f"{currency} on {n} lines" for currency, n in currencies.items()),
            )  # fmt: skip
        if not any(currencies.values()) and not noted.found:
            noted.add("no lines; was it exported before the month ended?", 0, "only a header")
    BillProblems.refuse(problems)
    return ReadBills(charges, tuple(kinds), tuple(files), tuple(note for each in problems for note in each.notes()))


def lines_in_one_notation(
    path: Path, columns: Sequence[str], source: BillSource, problems: BillProblems
) -> Iterable[tuple[int, dict[str, str]]]:
    """Lines of a file whose columns of numbers are written as ``-1234.5``; the file is read twice.

    Args:
        path: Of the file.
        columns: Those that hold numbers.
        source: How it is read.
        problems: Of the file; columns that read two ways are added.

    Returns:
        Line number and values by the header's names.
    """
    file = source.files.open(path, problems, encoding=source.encoding)
    if not file.delimiter:  # the file has types
        typed: Iterable[tuple[int, dict[str, str]]] = file.lines
        return typed
    again = source.files.open(path, BillProblems(path.name), encoding=source.encoding)
    notations = decide_notations(
        again.lines, columns, problems, told=source.decimal, is_comma_separated=file.delimiter == ","
    )
    return in_plain_numbers(file.lines, notations)


def _one_file(path: Path, source: BillSource, problems: BillProblems) -> tuple[str, Iterable[tuple[int, Charge]]]:
    header = source.files.open(path, BillProblems(path.name), encoding=source.encoding).header
    names = known_as(header, own=OWN)
    mapping = _mapping(header, names, source, path.name)
    how: dict[str, Any] = {"rules": source.rules, "problems": problems, "is_any_period": source.is_any_period}
    if mapping is not None:
        currency = "" if source.rates is not None else source.currency
        lines = lines_in_one_notation(path, mapping.number_columns(header), source, problems)
        rows = mapping.rows(lines, header, problems, currency=currency)
        return mapping.name, read_rows(rows, views=mapping.views, **how)
    missing = [name for name in ("BilledCost", "EffectiveCost") if name not in names.values()]
    for name in missing:
        problems.add("a needed column is missing", 0, name)
    if missing:
        return "focus", []
    columns = [name for name, known in names.items() if known in NUMBERS]
    lines = lines_in_one_notation(path, columns, source, problems)
    renamed = ((number, {names[name]: value for name, value in line.items()}) for number, line in lines)
    return "focus", read_rows(renamed, **how)


def _mapping(header: Sequence[str], names: dict[str, str], source: BillSource, where: str) -> BillMapping | None:
    """The mapping to read a file with; ``None`` for a file in FOCUS."""
    if source.own is not None:
        return source.own
    if source.kind == "focus" or (source.kind == "auto" and set(names.values()) >= _FOCUS):
        return None
    mappings = source.files.mappings()
    if source.kind == "auto":
        return recognise(header, mappings, where=where)
    known = {mapping.name: mapping for mapping in mappings}
    if source.kind not in known:
        kinds = ", ".join(("auto", "focus", "people", *known))
        raise ConfigError(f"--bill-as {source.kind}: no such kind of bill; known: {kinds}")
    return known[source.kind]


def _currency(charge: Charge) -> str:
    known = charge.billed or charge.effective
    return known.currency if known is not None else ""


def _converted(charge: Charge, source: BillSource, line: int, problems: BillProblems) -> Charge:
    """The line in the wanted currency; what it was billed in and the rate stay with it."""
    if source.rates is None or _currency(charge) == source.currency:
        return charge
    changed: dict[str, Any] = {}
    on = charge.charged.start.date()
    try:
        for name in ("billed", "effective", "list_cost"):
            amount: Money | None = getattr(charge, name)
            if amount is not None:
                changed[name], rate = source.rates.convert(amount, source.currency, on=on)
                noted = {"x_BilledIn": amount.currency, "x_ExchangeRate": str(rate.value) if rate else "1"}
    except PriceError as error:
        problems.add("no rate of exchange", line, str(error))
        return charge
    return replace(charge, **changed, other={**charge.other, **noted})
