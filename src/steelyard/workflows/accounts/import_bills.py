"""Books a provider's bills and lists of hours: all of them are right, or nothing is booked."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal
from enum import StrEnum
from pathlib import Path
from typing import Any

from steelyard.cost.bills.centres import StageRules
from steelyard.cost.bills.charges import Bookings, Charge, bill_key, charge_entries, charges_of, digest_of
from steelyard.cost.bills.focus import read_rows
from steelyard.cost.bills.focus_columns import known_as
from steelyard.cost.bills.mapping import BillMapping, recognise
from steelyard.cost.bills.people import PEOPLE_COLUMNS, Hours, hours_entries, read_hours
from steelyard.cost.bills.problems import BillProblems
from steelyard.cost.book.prices import PriceBook
from steelyard.cost.exchange import RateTable
from steelyard.cost.ledger.entries import Entry, LedgerPort, Month, correction
from steelyard.domain import Money, Unpriced
from steelyard.errors import ConfigError, DataError, PriceError
from steelyard.workflows.accounts.hours import change_of

__all__ = ["BillSource", "Imported", "ImportedHours", "SameBill", "bill_lines", "import_bills", "import_hours"]

_TAKEN_BACK = "/taken-back"
_FOCUS = ("BilledCost", "ChargePeriodStart", "BillingPeriodStart")


class SameBill(StrEnum):
    """What to do where the ledger holds other lines of the same bill."""

    REFUSE = "refuse"
    ADD = "add"
    """The file is a further part of the bill."""
    REPLACE = "replace"
    """The file is a later version: lines that it lacks are taken back by corrections."""


@dataclass(frozen=True, slots=True)
class BillSource:
    """How files of bills are read."""

    files: Any
    """``steelyard.adapters.bill_files.BillFiles``."""
    rules: StageRules
    kind: str = "auto"
    """``focus``, the name of a mapping, or ``auto``."""
    own: BillMapping | None = None
    """The user's own mapping; it wins."""
    encoding: str = "utf-8"
    currency: str = ""
    """Of a file that states none, or to convert to where there are rates."""
    rates: RateTable | None = None


@dataclass(frozen=True, slots=True)
class Imported:
    """What became of the lines."""

    kinds: tuple[str, ...]
    """How each file was read."""
    n_lines: int
    n_entries: int
    n_new: int
    n_free: int
    n_rounded: int
    n_refunds: int
    """Lines that take usage back: quantity and cost below zero."""
    n_taken_back: int
    n_restored: int
    """Entries that were taken back before, and are in the bill again."""
    bills: tuple[tuple[tuple[str, str, str], Money, Money, int], ...]
    """By provider, account and invoice (or month): billed, effective, lines."""
    guessed: Mapping[str, tuple[str, int]]
    """Stage and lines by the rule that chose it, for lines that state none."""


@dataclass(frozen=True, slots=True)
class ImportedHours:
    """What became of the hours."""

    n_lines: int
    n_entries: int
    n_new: int
    unpriced: tuple[tuple[Hours, Unpriced], ...]
    n_taken_back: int = 0
    """Entries of earlier lists that these correct."""


def is_hours(header: Sequence[str]) -> bool:
    """Whether a file is a list of hours."""
    return set(PEOPLE_COLUMNS) <= set(header)


def bill_lines(paths: Sequence[Path], source: BillSource) -> tuple[list[Charge], tuple[str, ...]]:
    """The lines of several files, all right.

    Args:
        paths: Files of one or more bills.
        source: How to read them.

    Returns:
        The lines, each once, and how each file was read.

    Raises:
        DataError: Anything is wrong in any file: all of it is listed.
        SourceError: A file cannot be read.
    """
    problems = [BillProblems(path.name) for path in paths]
    seen: dict[str, tuple[str, int]] = {}
    charges: list[Charge] = []
    kinds: list[str] = []
    for path, noted in zip(paths, problems, strict=True):
        kind, lines = _one_file(path, source, noted)
        kinds.append(kind)
        currencies: Counter[str] = Counter()
        for number, charge in lines:
            currencies[_currency(charge)] += 1
            booked = _converted(charge, source, number, noted)
            digest = digest_of(booked)
            earlier = seen.setdefault(digest, (path.name, number))
            if earlier != (path.name, number):
                noted.add("the same line twice; take one out", number, f"like line {earlier[1]} of {earlier[0]}")
            charges.append(replace(booked, line=digest))
        if len(currencies) > 1 and source.rates is None:
            noted.add(
                "several currencies in one file; give --rates and --currency, or split the file", 0,
                ", ".join(f"{currency} on {n} lines" for currency, n in currencies.items()),
            )  # fmt: skip
        if not any(currencies.values()) and not noted.found:
            noted.add("no lines; was it exported before the month ended?", 0, "only a header")
    BillProblems.refuse(problems)
    return charges, tuple(kinds)


def import_bills(
    paths: Sequence[Path],
    *,
    ledger: LedgerPort,
    source: BillSource,
    same_bill: SameBill = SameBill.REFUSE,
    totals: Mapping[str, Decimal] | None = None,
) -> Imported:
    """Book the lines of bills.

    Args:
        paths: All files of the bills; a bill in several parts is given whole.
        ledger: Where they are booked.
        source: How to read them.
        same_bill: Where the ledger holds other lines of the same bill.
        totals: What invoices ask for, by id: the billed lines must sum to it, to the cent.

    Returns:
        Counts and sums; lines that were booked before are not new.

    Raises:
        DataError: A line, a total or the ledger objects; nothing was booked.
    """
    charges, kinds = bill_lines(paths, source)
    _check_totals(charges, totals or {})
    booked = charge_entries(charges)
    held = _held(ledger, charges, booked)
    stale, gone = _stale(held, charges, booked), _gone(held, booked)
    if gone and same_bill is SameBill.REFUSE:
        raise DataError(
            f"these files have {len(gone)} entries that were taken back for a later version of the bill, the first: "
            f"{gone[0].text} ({gone[0].id}). Nothing was booked. Is this the latest version? --same-bill replace books "
            "them again"
        )
    if stale and same_bill is SameBill.REFUSE:
        first = stale[0]
        raise DataError(
            f"the ledger holds {len(stale)} entries of the same bill that these files do not have, the first: "
            f"{first.text} on {first.on} ({first.id}). Nothing was booked. Are the files a further part of the bill? "
            "--same-bill add. A later version of it? --same-bill replace takes the missing lines back by corrections"
        )
    back = [_taken_back(entry) for entry in stale] if same_bill is SameBill.REPLACE else []
    again = [_taken_back(entry, why="in the bill again") for entry in gone]
    n_new = ledger.append([*booked.entries, *back, *again])
    return _imported(charges, kinds, booked, n_new, (len(back), len(again)))


def import_hours(
    paths: Sequence[Path],
    *,
    ledger: LedgerPort,
    files: Any,
    book: PriceBook,
    same_bill: SameBill = SameBill.REFUSE,
) -> ImportedHours:
    """Book hours of people that have a price.

    Args:
        paths: Lists of hours.
        ledger: Where they are booked.
        files: ``BillFiles``.
        book: Prices of an hour by role; what was booked before keeps its own.
        same_bill: Where the ledger holds other hours of the same day, role, cost centre and note.

    Returns:
        Counts, and the hours without a price, which are not booked.

    Raises:
        DataError: A line is wrong, or an earlier list says otherwise; nothing was booked.
    """
    problems = [BillProblems(path.name) for path in paths]
    found: list[Hours] = []
    for path, noted in zip(paths, problems, strict=True):
        file = files.open(path, noted)
        found += read_hours(file.lines, file.header, noted)
    BillProblems.refuse(problems)
    if not found:
        raise DataError(f"no hours in {', '.join(path.name for path in paths)}; only a header")
    entries, unpriced = hours_entries(found, price=book.person, source="list of hours")
    ids = Counter(entry.id for entry in entries)
    twice = [entry.text for entry in entries if ids[entry.id] > 1]
    if twice:
        raise DataError(f"the same hours are in two files ({twice[0]}); nothing was booked. Give each list once")
    change = change_of(
        entries, ledger, replaces=None if same_bill is SameBill.REFUSE else same_bill is SameBill.REPLACE
    )
    n_new = ledger.append(change.entries) - change.n_taken_back
    return ImportedHours(len(found), len(entries), n_new, tuple(unpriced), change.n_taken_back)


def _one_file(path: Path, source: BillSource, problems: BillProblems) -> tuple[str, Iterable[tuple[int, Charge]]]:
    file = source.files.open(path, problems, encoding=source.encoding)
    mapping = _mapping(file.header, source, path.name)
    if mapping is not None:
        currency = "" if source.rates is not None else source.currency
        rows = mapping.rows(file.lines, file.header, problems, currency=currency)
        return mapping.name, read_rows(rows, rules=source.rules, problems=problems, views=mapping.views)
    names = known_as(file.header)
    missing = [name for name in ("BilledCost", "EffectiveCost") if name not in names]
    for name in missing:
        problems.add("a needed column is missing", 0, name)
    if missing:
        return "focus", []
    renamed = ((number, {names[name]: value for name, value in line.items()}) for number, line in file.lines)
    return "focus", read_rows(renamed, rules=source.rules, problems=problems)


def _mapping(header: Sequence[str], source: BillSource, where: str) -> BillMapping | None:
    """The mapping to read a file with; ``None`` for a file in FOCUS."""
    if source.own is not None:
        return source.own
    is_focus = all(name in header for name in _FOCUS)
    if source.kind == "focus" or (source.kind == "auto" and is_focus):
        return None
    mappings: list[BillMapping] = source.files.mappings()
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


def _check_totals(charges: Sequence[Charge], totals: Mapping[str, Decimal]) -> None:
    sums: dict[str, Decimal] = {}
    for charge in charges:
        if charge.billed is not None:
            sums[charge.invoice] = sums.get(charge.invoice, Decimal(0)) + charge.billed.amount
    wrong = [
        f"invoice {invoice} asks for {total}, its lines sum to {sums.get(invoice, Decimal(0)):.2f}"
        + ("" if invoice in sums else f" (the files have {', '.join(sorted(filter(None, sums))) or 'no invoice ids'})")
        for invoice, total in totals.items()
        if round(sums.get(invoice, Decimal(0)), 2) != round(total, 2) or invoice not in sums
    ]
    if wrong:
        raise DataError(f"{'; '.join(wrong)}. Nothing was booked: lines are missing, or of another invoice")


def _held(ledger: LedgerPort, charges: Sequence[Charge], booked: Bookings) -> list[Entry]:
    """What the ledger holds in the months of the bills."""
    views = {entry.view for entry in booked.entries}
    wanted = {entry.month for entry in booked.entries} | {bill_key(charge)[2] for charge in charges}
    months = sorted(wanted.intersection(ledger.months()))
    return [entry for month in months for view in sorted(views) for entry in ledger.each(month, view=view)]


def _stale(held: Sequence[Entry], charges: Sequence[Charge], booked: Bookings) -> list[Entry]:
    """Entries of the same bills that the files do not have and nobody took back; or what booked them again."""
    bills, wanted = {bill_key(charge) for charge in charges}, {entry.id for entry in booked.entries}
    return [
        entry
        for entry, line, times in _last_of_lines(held)
        if times % 2 == 0 and line not in wanted and _is_of(entry, bills)
    ]


def _gone(held: Sequence[Entry], booked: Bookings) -> list[Entry]:
    """What took back entries that the files have."""
    wanted = {entry.id for entry in booked.entries}
    return [entry for entry, line, times in _last_of_lines(held) if times % 2 and line in wanted]


def _last_of_lines(held: Sequence[Entry]) -> Iterator[tuple[Entry, str, int]]:
    """The last entry of each line of a bill that nobody corrected, the line's first, and how many there are between."""
    corrected = {entry.corrects for entry in held}
    for entry in held:
        line, *times = entry.id.split(_TAKEN_BACK)
        is_by_hand = entry.corrects and not times
        if line.startswith("bill/") and entry.id not in corrected and not is_by_hand:
            yield entry, line, len(times)


def _is_of(entry: Entry, bills: set[tuple[str, str, Month]]) -> bool:
    return any(bill_key(charge) in bills for charge in charges_of([entry]))


def _taken_back(entry: Entry, *, why: str = "not in a later version of the bill") -> Entry:
    """What takes an entry back; taken back itself, it is booked again."""
    text = f"{why}: {entry.text.partition(': ')[2] if entry.corrects else entry.text}"
    return correction(entry, entry_id=f"{entry.id}{_TAKEN_BACK}", on=entry.on, text=text)


def _imported(
    charges: Sequence[Charge], kinds: tuple[str, ...], booked: Bookings, n_new: int, changed: tuple[int, int]
) -> Imported:
    bills: dict[tuple[str, str, str, str], tuple[Decimal, Decimal, int]] = {}
    guessed: Counter[tuple[str, str]] = Counter()
    for charge in charges:
        invoice = charge.invoice or str(Month.of(charge.billing.start.date()))
        key = (charge.provider, charge.account, invoice, _currency(charge))
        billed, effective, n = bills.get(key, (Decimal(0), Decimal(0), 0))
        amounts = [each.amount if each is not None else Decimal(0) for each in (charge.billed, charge.effective)]
        bills[key] = (billed + amounts[0], effective + amounts[1], n + 1)
        if charge.guessed:
            guessed[charge.guessed, f"pool/{charge.pool}" if charge.pool else str(charge.centre.stage)] += 1
    sums = tuple(
        (key[:3], Money(billed, key[3]), Money(effective, key[3]), n) for key, (billed, effective, n) in bills.items()
    )
    rules = {rule: (stage, n) for (rule, stage), n in guessed.most_common()}
    n_refunds = sum(charge.quantity is not None and charge.quantity < 0 for charge in charges)
    return Imported(
        kinds,
        len(charges),
        len(booked.entries),
        n_new,
        booked.n_free,
        booked.n_rounded,
        n_refunds,
        *changed,
        sums,
        rules,
    )
