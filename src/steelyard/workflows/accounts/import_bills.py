"""Books a provider's bills and lists of hours: all of them are right, or nothing is booked."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal
from enum import StrEnum
from pathlib import Path

from steelyard.cost.prices.prices import PriceBook
from steelyard.domain import Unpriced
from steelyard.errors import ConfigError, DataError
from steelyard.ledger.entering import in_open_month
from steelyard.ledger.entries import Entry, LedgerPort, Month
from steelyard.ledger.invoices.charges import charge_entries
from steelyard.ledger.invoices.people import PEOPLE_COLUMNS, Hours, hours_entries, read_hours
from steelyard.ledger.invoices.problems import BillProblems
from steelyard.workflows.accounts.bill_sums import Imported, check_totals, imported
from steelyard.workflows.accounts.hours import change_of
from steelyard.workflows.accounts.read_bills import BillSource, ReadBills, lines_in_one_notation, read_bills
from steelyard.workflows.accounts.same_bill import EarlierBilling, earlier_billing, two_forms

__all__ = ["ImportedHours", "SameBill", "are_hours", "import_bills", "import_hours", "is_hours"]


class SameBill(StrEnum):
    """What to do where the ledger holds other lines of the same bill."""

    REFUSE = "refuse"
    ADD = "add"
    """The file is a further part of the bill."""
    REPLACE = "replace"
    """The file is a later version: lines that it lacks are reversed."""


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
    """Whether a file is a list of hours, its columns in any case."""
    return set(PEOPLE_COLUMNS) <= {name.casefold() for name in header}


def are_hours(paths: Sequence[Path], source: BillSource) -> bool:
    """Whether files are lists of hours, by what was said of them or by their headers.

    Args:
        paths: The files.
        source: How they are read.

    Returns:
        The same of all of them.

    Raises:
        ConfigError: Some are and some are not.
    """
    if source.kind not in ("auto", "people") or source.own is not None:
        return False
    headers = [source.files.open(path, BillProblems(path.name), encoding=source.encoding).header for path in paths]
    found = {source.kind == "people" or is_hours(header) for header in headers}
    if len(found) > 1:
        raise ConfigError("bills and lists of hours are imported one kind at a time: give them in two commands")
    return found.pop()


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
    found = read_bills(paths, source, is_added=same_bill is SameBill.ADD)
    charges = found.charges
    _check_forms(found, same_bill)
    check_totals(charges, totals or {})
    booked = charge_entries(charges)
    held = earlier_billing(ledger, charges, booked)
    _check_held(held, same_bill)
    back = [EarlierBilling.reversing_entry(entry) for entry in held.stale] if same_bill is SameBill.REPLACE else []
    again = [EarlierBilling.reversing_entry(entry, why="in the bill again") for entry in held.gone]
    entries, moved = _in_open_months([*booked.entries, *back, *again], ledger)
    n_new = ledger.append(entries)
    notes = [*found.notes, *_moved_notes(moved)]
    if same_bill is SameBill.REPLACE and held.beside:
        notes.append(
            f"{len(held.beside)} entries of the same account and month are of another issuer or currency, and stay: "
            f"{held.beside[0].text} ({held.beside[0].id}). If they are the same bill, take them back"
        )
    done = imported(charges, booked)
    return replace(
        done, kinds=found.kinds, n_new=n_new, n_taken_back=len(back), n_restored=len(again), notes=tuple(notes)
    )


def _check_forms(found: ReadBills, same_bill: SameBill) -> None:
    both = two_forms(found.charges, found.files, found.kinds)
    if both is not None and same_bill is not SameBill.ADD:
        raise DataError(
            f"one bill in two forms: {both[2]} is in a file read as {both[0]} and in one read as {both[1]}. Nothing "
            "was booked. Give one of them; or --same-bill add where they are parts of the bill, with no line in both"
        )


def _check_held(held: EarlierBilling, same_bill: SameBill) -> None:
    if same_bill is not SameBill.REFUSE:
        return
    if held.gone:
        first = held.gone[0]
        raise DataError(
            f"these files have {len(held.gone)} entries that were reversed for a later version of the bill, the "
            f"first: {first.text} ({first.id}). Nothing was booked. Is this the latest version? --same-bill replace "
            "books them again"
        )
    stale = [*held.stale, *held.beside]
    if stale:
        first = stale[0]
        raise DataError(
            f"the ledger holds {len(stale)} entries of the same bill that these files do not have, the first: "
            f"{first.text} on {first.on} ({first.id}). Nothing was booked. Are the files a further part of the bill? "
            "--same-bill add. A later version of it, or the bill in another form? --same-bill replace takes the "
            "missing lines back by corrections"
        )


def _in_open_months(entries: Sequence[Entry], ledger: LedgerPort) -> tuple[list[Entry], Counter[tuple[Month, Month]]]:
    """Entries that are not in the ledger yet, those of closed months in the next open one; and how many were moved."""
    known, closed = ledger.find([entry.id for entry in entries]), ledger.closed()
    found: list[Entry] = []
    moved: Counter[tuple[Month, Month]] = Counter()
    for entry in entries:
        there = known.get(entry.id)
        if there is not None and (there.view, there.postings) == (entry.view, entry.postings):
            continue  # its id is a digest of all that its line says; the day may be that of an open month
        open_one = in_open_month(entry, closed)
        moved[entry.month, open_one.month] += entry.month != open_one.month
        found.append(open_one)
    return found, moved


def _moved_notes(moved: Counter[tuple[Month, Month]]) -> list[str]:
    return [
        f"{n:,} entries of {month}, which is closed, are booked in {to}: their texts say so"
        for (month, to), n in sorted(moved.items())
        if n
    ]


def import_hours(
    paths: Sequence[Path],
    *,
    ledger: LedgerPort,
    source: BillSource,
    book: PriceBook,
    same_bill: SameBill = SameBill.REFUSE,
) -> ImportedHours:
    """Book hours of people that have a price.

    Args:
        paths: Lists of hours.
        ledger: Where they are booked.
        source: How they are read.
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
        header = source.files.open(path, BillProblems(path.name), encoding=source.encoding).header
        columns = [name for name in header if name.casefold() == "hours"]
        found += read_hours(lines_in_one_notation(path, columns, source, noted), header, noted)
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
