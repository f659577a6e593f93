"""The record of promises: what was said of each configuration before it was served, and what was measured then."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from decimal import Decimal
from typing import TYPE_CHECKING

from msgspec.structs import replace

from steelyard.documents.bills import BillRow
from steelyard.documents.decision import Decision
from steelyard.documents.promises import PromiseRecord, PromiseRow, promises_builtins, read_promises
from steelyard.documents.readings import Reading
from steelyard.domain import Configuration, Stage
from steelyard.workflows.pricing.bill_rows import bill_rows
from steelyard.workflows.promises.readings import Readings
from steelyard.workflows.session import Run

if TYPE_CHECKING:
    from steelyard.workflows.pricing.price import Pricing

__all__ = ["PROMISES", "complete_records", "machines_decided", "machines_priced", "note_promise", "read_record"]

Machines = Mapping[str, "Decimal | None"]
"""Monthly cost of the machines that serve, by configuration; ``None`` where it has no bill or no price."""

PROMISES = "promises"
"""Artefact with every promise that was checked, oldest first."""


def note_promise(run: Run, readings: Readings, configuration: Configuration, machines: Machines) -> None:
    """Add the newest reading of a configuration to the record, beside what was promised before it.

    Args:
        run: Configuration and everything open.
        readings: Holds the reading.
        configuration: What was served.
        machines: Monthly cost of the machines of each configuration, as it was before the reading.
    """
    rows = [row for row in readings.judging() if row.configuration == configuration.name]
    if not rows:
        return
    row = _row(rows[-1], configuration, machines.get(configuration.name))
    _write(run, [*read_record(run), row])


def complete_records(run: Run, machines: Machines) -> None:
    """Add to the newest row of each configuration what its machines cost with the processor time that was metered.

    Args:
        run: Configuration and everything open.
        machines: As they are priced after the readings, and so by them.
    """
    rows = read_record(run)
    newest = {row.configuration: number for number, row in enumerate(rows)}
    changed = list(rows)
    for name, number in newest.items():
        row = rows[number]
        metered = machines.get(name)
        if row.machines_metered is None and metered is not None:
            error = _relative(row.machines_promised, metered)
            changed[number] = replace(row, machines_metered=metered, machines_error=error)
    if tuple(changed) != rows:
        _write(run, changed)


def machines_decided(decision: Decision) -> dict[str, Decimal | None]:
    """Monthly cost of the machines that serve, of every configuration of a decision; ``None`` where it has none."""
    return {row.name: _machines(row.bill) for row in decision.candidates}


def machines_priced(pricing: Pricing) -> dict[str, Decimal | None]:
    """The same of bills that nothing was chosen by."""
    candidates = [priced.candidate for found in pricing.surfaces.values() for priced in found]
    return {each.name: _machines(bill_rows(each.bill.lines if each.bill else ())) for each in candidates}


def read_record(run: Run) -> tuple[PromiseRow, ...]:
    """Every promise that was checked.

    Args:
        run: Configuration and everything open.

    Returns:
        Oldest first.
    """
    return read_promises(run.store.read_json(PROMISES)).rows if run.store.has(PROMISES) else ()


def _row(reading: Reading, configuration: Configuration, machines: Decimal | None) -> PromiseRow:
    is_valid = not reading.invalid_because
    return PromiseRow(
        at=reading.at,
        surface=str(configuration.surface),
        configuration=configuration.name,
        rate_rps=round(reading.rate_rps, 3),
        requests=reading.requests,
        errors=reading.errors,
        is_valid=is_valid,
        busy_share=round(reading.busy_share, 4),
        p99_promised_ms=round(reading.promised_p99_ms, 3),
        p99_measured_ms=round(reading.p99_ms, 3) if is_valid else None,
        p99_error=_relative(reading.promised_p99_ms, reading.p99_ms) if is_valid else None,
        cpu_promised_ms=round(reading.promised_cpu_s * 1000, 4),
        cpu_measured_ms=round(reading.cpu_s_per_request * 1000, 4),
        cpu_error=_relative(reading.promised_cpu_s, reading.cpu_s_per_request) if is_valid else None,
        machines_promised=machines,
        machines_metered=None,
        machines_error=None,
    )


def _machines(lines: Iterable[BillRow]) -> Decimal | None:
    costs = [line.cost for line in lines if line.stage is Stage.SERVING]
    known = [cost for cost in costs if cost is not None]
    return sum(known, Decimal(0)) if known and len(known) == len(costs) else None


def _write(run: Run, rows: Sequence[PromiseRow]) -> None:
    run.store.write_json(PROMISES, promises_builtins(PromiseRecord(rows=tuple(rows))))


def _relative(promised: float | Decimal | None, found: float | Decimal | None) -> float | None:
    if promised is None or found is None or float(promised) == 0:
        return None
    return round((float(found) - float(promised)) / float(promised), 6)
