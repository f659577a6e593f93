"""``cost calibrate``: what the kernels took on this machine, and what a figure from here means on another machine."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

import msgspec

from steelyard.cost.calibration import (
    Calibration,
    Kernel,
    parse_calibration,
    profile_of,
    rate_there,
    time_ratio,
    unit_cost_there,
)
from steelyard.cost.explain import explain_fact
from steelyard.domain import Fact, FactKind, Money
from steelyard.errors import ConfigError

__all__ = ["CalibratedMachine", "CalibrationRow", "FigureHere", "calibrated_machine", "figure_there"]


class CalibrationRow(msgspec.Struct, frozen=True, kw_only=True):
    """What one kernel took, or another figure of the machine."""

    what: str
    value: Decimal
    low: Decimal | None
    high: Decimal | None
    unit: str


@dataclass(frozen=True, slots=True)
class CalibratedMachine:
    """A machine whose kernels were timed."""

    machine: str
    instruction_set: str
    rows: tuple[CalibrationRow, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class FigureHere:
    """What is known of the machine here, to be told of another one."""

    profile: str
    """Share of each kernel in the pipeline's time; equal where it is empty."""
    rate: Decimal | None
    """Requests a second that it carries within the latency limit."""
    hourly: Decimal | None
    """Price of an hour of the machine there."""
    currency: str
    utilisation: Decimal
    """Share of the rate that really arrives."""


def calibrated_machine(document: Mapping[str, Any]) -> CalibratedMachine:
    """What was timed, as rows.

    Args:
        document: What the kernels gave, as it is written to a file.

    Returns:
        To four digits.
    """
    found = parse_calibration(document, where="this machine")
    rows = [_row(str(kernel), found.seconds[kernel]) for kernel in Kernel]
    rows += [_row("parallel share", found.parallel_share)] if found.parallel_share else []
    return CalibratedMachine(found.machine, found.instruction_set, tuple(rows))


def figure_there(here: Calibration, there: Calibration, asked: FigureHere, *, today: date) -> str:
    """A figure of the machine here, told of the machine there, with where it comes from.

    Args:
        here: The machine that was measured.
        there: The other one.
        asked: What is known here.
        today: The day it is.

    Returns:
        The ratio of times; requests a second where a rate is known; the cost of 1,000 where a price is too.

    Raises:
        ConfigError: A price was given without a rate.
        PriceError: The machines are of different classes.
    """
    shares = profile_of(asked.profile, on=today)
    if asked.rate is None:
        if asked.hourly is not None:
            raise ConfigError("--hourly needs --rate: what the machine HERE carries within the latency limit")
        what = f"time of one core of {there.machine} over one of {here.machine}"
        return explain_fact(what, time_ratio(here, there, shares))
    measured = Fact(asked.rate, "request_per_second", FactKind.MEASURED, f"on {here.machine}", today)
    carried = rate_there(measured, here, there, profile=shares)
    if asked.hourly is None:
        return explain_fact("requests a second there", carried)
    share = Fact(asked.utilisation, "1", FactKind.ASSUMED, "utilisation, as given", today)
    price = Money(asked.hourly, asked.currency)
    return explain_fact("cost of 1,000 requests there", unit_cost_there(price, carried, utilisation=share))


def _row(what: str, fact: Fact) -> CalibrationRow:
    low, high = (None if end is None else _digits(end) for end in (fact.low, fact.high))
    unit = "s" if fact.unit == "second" else ""
    return CalibrationRow(what=what, value=_digits(fact.value), low=low, high=high, unit=unit)


def _digits(value: Decimal) -> Decimal:
    return Decimal(f"{value:.4g}")
