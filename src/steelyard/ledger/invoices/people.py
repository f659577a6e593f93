"""Hours of people, from a list that they keep, priced by role. An hour without a price is listed, never booked as free.

Hours are booked in the accrual view, on the day they were worked. What salaries were paid is not in such a list.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from steelyard.cost.facts import line_kind
from steelyard.domain import CostLine, Fact, FactKind, LineKey, Money, Price, Stage, Unpriced
from steelyard.domain.written import read_day
from steelyard.ledger.entries import DECIMALS, CostCentre, Entry, Posting, View
from steelyard.ledger.invoices.numbers import LARGEST_QUANTITY, plain_number
from steelyard.ledger.invoices.problems import BillProblems

__all__ = ["PEOPLE_COLUMNS", "Hours", "hours_entries", "read_hours"]

PEOPLE_COLUMNS = ("date", "role", "hours", "stage")
"""What a list of hours must have; a cost centre and a note may follow."""
_OPTIONAL = ("model", "configuration", "team", "experiment", "note")
_STAGES = {str(stage): stage for stage in Stage}
_DAY = 24
_UNIT = Decimal(1).scaleb(-DECIMALS)


@dataclass(frozen=True, slots=True)
class Hours:
    """Somebody's work on one thing on one day."""

    on: date
    role: str
    hours: Decimal
    centre: CostCentre
    note: str = ""


def read_hours(
    lines: Iterable[tuple[int, Mapping[str, str]]], header: Sequence[str], problems: BillProblems
) -> list[Hours]:
    """Hours of the lines that are right.

    Args:
        lines: Line number and values by the header's names.
        header: ``date,role,hours,stage`` and, if wanted, ``model,configuration,team,experiment,note``.
        problems: Of the file; what is wrong is added, and the line left out.

    Returns:
        In the file's order, each once.
    """
    known = [name.casefold() for name in header]
    for name in PEOPLE_COLUMNS:
        if name not in known:
            problems.add("a needed column is missing", 0, name)
    for name in known:
        if name not in (*PEOPLE_COLUMNS, *_OPTIONAL):
            problems.add(f"no such column; known: {', '.join((*PEOPLE_COLUMNS, *_OPTIONAL))}", 0, name)
    if problems.found:
        return []
    found: dict[str, tuple[int, Hours]] = {}
    for number, line in lines:
        hours = _hours({name.casefold(): value for name, value in line.items()}, number, problems)
        if hours is None:
            continue
        earlier = found.setdefault(_digest(hours), (number, hours))
        if earlier[0] != number:
            problems.add(
                "the same line twice; if two people did the same, add their hours or tell them apart by a note",
                number, f"like line {earlier[0]}",
            )  # fmt: skip
    return [hours for _, hours in found.values()]


def hours_entries(
    found: Iterable[Hours], *, price: Callable[[str], Price | Unpriced], source: str
) -> tuple[list[Entry], list[tuple[Hours, Unpriced]]]:
    """Entries of hours that have a price, and the hours that have none.

    Args:
        found: Hours.
        price: Price of an hour of a role, as ``PriceBook.person``.
        source: Where the hours come from; the same for every import of them.

    Returns:
        Balanced entries in the accrual view, of the kind their price and hours allow (an assumed price makes an assumed
        cost); and what is unpriced, which is in no entry.
    """
    entries: list[Entry] = []
    unpriced: list[tuple[Hours, Unpriced]] = []
    for hours in found:
        priced = price(hours.role)
        if isinstance(priced, Unpriced):
            unpriced.append((hours, priced))
            continue
        quantity = Fact(hours.hours, "person_hour", FactKind.MEASURED, source, hours.on)
        line = CostLine(hours.centre.stage, LineKey.PEOPLE_ROLE, quantity, priced, detail=hours.role)
        cost, kind = line.cost, line_kind(line)
        if cost is None or kind is None or not cost.amount:
            continue
        amount = Money(cost.amount.quantize(_UNIT), cost.currency)
        account = f"expense/{hours.centre.stage}/people"
        postings = (Posting(account, amount, hours.centre), Posting(f"accrued/people/{_step(hours.role)}", amount * -1))
        text = f"{hours.hours} h of {hours.role} at {priced.per_unit.amount} {priced.per_unit.currency}"
        text += f": {hours.note}" if hours.note else ""
        entry_id = f"people/{_digest(hours)}"
        entries.append(Entry(entry_id, hours.on, View.ACCRUAL, text, kind, source, postings))
    return entries, unpriced


def _hours(line: Mapping[str, str], number: int, problems: BillProblems) -> Hours | None:
    before = problems.n
    try:
        on = read_day(line["date"])
    except ValueError:
        problems.add("not a day; write it like 2026-11-03", number, repr(line["date"]))
    role, stage = line["role"].strip(), line["stage"].strip()
    if not role:
        problems.add("no role", number, "role is empty")
    if stage not in _STAGES:
        problems.add(f"stage is not one of {', '.join(_STAGES)}", number, repr(stage))
    hours = _number(line["hours"])
    if hours is None or not 0 < hours <= _DAY:
        problems.add("hours of one day are above 0 and at most 24", number, repr(line["hours"]))
    if problems.n > before or hours is None:
        return None
    told = {name: line.get(name, "").strip() for name in _OPTIONAL}
    note = told.pop("note")
    return Hours(on, role, hours, CostCentre(_STAGES[stage], **told), note)


def _number(text: str) -> Decimal | None:
    try:
        return plain_number(text.strip(), below=LARGEST_QUANTITY)
    except ValueError:
        return None


def _digest(hours: Hours) -> str:
    centre = hours.centre
    text = json.dumps([
        str(hours.on), hours.role, f"{hours.hours.normalize():f}", str(centre.stage), centre.model,
        centre.configuration, centre.team, centre.experiment, hours.note,
    ], ensure_ascii=False)  # fmt: skip
    return hashlib.sha256(text.encode()).hexdigest()[:24]


def _step(name: str) -> str:
    return name.replace("/", "-")
