"""How bills are read, made from what was said of them."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from steelyard.cost.exchange import parse_rates
from steelyard.domain.written import read_currency
from steelyard.errors import ConfigError
from steelyard.ledger.invoices.numbers import Notation
from steelyard.workflows.accounting_ports import BillFiles
from steelyard.workflows.accounts.read_bills import BillSource

__all__ = ["NOTATIONS", "BillForm", "bill_source"]

NOTATIONS = tuple(str(each) for each in Notation)
"""Names of the sign that stands before the decimals."""


@dataclass(frozen=True, slots=True, kw_only=True)
class BillForm:
    """What somebody says of the form of bills."""

    kind: str
    """``focus``, the name of a mapping, or ``auto``."""
    encoding: str = "utf-8"
    currency: str = ""
    """Of files that state none; with rates, what to convert to."""
    decimal: str | None = None
    """One of ``NOTATIONS``; each column decides where it is ``None``."""
    any_period: bool = False
    """Whether usage far outside its billing period is booked."""
    mapping: Path | None = None
    """Of a bill's columns."""
    stages: Path | None = None
    """Rules for lines that state no stage."""
    rates: Path | None = None


def bill_source(files: BillFiles, form: BillForm) -> BillSource:
    """How bills of a form are read.

    Args:
        files: Opens them, and the files that the form names.
        form: What was said of them.

    Returns:
        With the files at hand.

    Raises:
        ConfigError: Rates without a currency to convert to, or a file is missing or wrong.
    """
    if form.currency:
        try:
            read_currency(form.currency)
        except ValueError as error:
            raise ConfigError(f"--currency: {error}") from None
    if form.rates is not None and not form.currency:
        raise ConfigError("--rates needs --currency: what to convert to")
    return BillSource(
        files,
        files.stage_rules(form.stages),
        form.kind,
        None if form.mapping is None else files.mapping(form.mapping),
        form.encoding,
        form.currency,
        None if form.rates is None else parse_rates(files.document(form.rates), where=form.rates.name),
        None if form.decimal is None else Notation(form.decimal),
        form.any_period,
    )
