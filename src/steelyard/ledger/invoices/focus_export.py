"""Rows of FOCUS 1.2 from charges, for a file that any tool reads and that reads back as it was.

A row carries both views: BilledCost is cash, EffectiveCost accrual. A column that FOCUS demands and nobody knows is
filled by a stated convention and named in ``x_Filled``, so that reading the row back leaves it empty again. A text that
a spreadsheet would take for a formula gets an apostrophe before it and its column is named in ``x_Escaped``.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Mapping
from datetime import datetime
from decimal import Decimal

from steelyard.domain import Money, Stage
from steelyard.ledger.closing import pools
from steelyard.ledger.entries import Balance, CostCentre, Month
from steelyard.ledger.invoices.centres import CENTRE_COLUMNS
from steelyard.ledger.invoices.charges import Charge, Period
from steelyard.ledger.invoices.focus import MONTH_COLUMNS, TEXTS
from steelyard.ledger.invoices.focus_columns import COLUMNS, TOGETHER, ChargeCategory, Level

__all__ = ["header_of", "pool_rests", "to_rows"]

Row = Mapping[str, str]

_FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠")
"""What a spreadsheet begins a formula with; in Chinese the wide signs too."""
_NUMBER = re.compile(r"[+-]?\d+(\.\d+)?([eE][+-]?\d+)?", re.ASCII)


def to_rows(charges: Iterable[Charge]) -> list[dict[str, str]]:
    """Rows of FOCUS 1.2, a value for each column that a row has; see ``header_of`` for the columns of the file.

    Args:
        charges: As ``read_rows`` or ``charges_of`` give them.

    Returns:
        In the same order.
    """
    rows = [_row(charge) for charge in charges]
    present = _columns_of(rows)
    for row in rows:
        missing = {name: value for name, value in _fill(row, present).items() if name not in row}
        row.update(missing)
        if missing:
            row["x_Filled"] = ",".join(sorted(missing))
        _escape(row)
    return rows


def _escape(row: dict[str, str]) -> None:
    """No cell of any column is a formula to a spreadsheet: those that could be one get an apostrophe, and are named."""
    escaped = sorted(name for name, text in row.items() if text.startswith(_FORMULA) and not _NUMBER.fullmatch(text))
    row.update({name: f"'{row[name]}" for name in escaped})
    if escaped:
        row["x_Escaped"] = json.dumps(escaped, ensure_ascii=False)


def pool_rests(month: Month, found: Iterable[Balance]) -> list[Charge]:
    """Lines of what is left in the pools: paid, and borne by nobody yet. With them a file sums to the month's cost.

    Args:
        month: The month.
        found: Its balances in the accrual view.

    Returns:
        One for each pool and currency that is above zero. What is below was metered and is not invoiced yet; the lines
        of those who used it hold it.
    """
    return [
        Charge(
            provider="Steelyard",
            account=account,
            category=ChargeCategory.USAGE,
            billed=Money(Decimal(0), rest.currency),
            effective=rest,
            charged=Period.of(month),
            billing=Period.of(month),
            service=f"{account}, not allocated",
            service_category="Other",
            centre=CostCentre(Stage.OVERHEAD),
            text=f"what {account} holds of {month}: nobody bears it yet",
            other={"x_PoolRest": account},
        )
        for (account, _), rest in sorted(pools(found).items())
        if rest.amount > 0
    ]


def header_of(rows: Iterable[Row]) -> list[str]:
    """Columns of a file of rows: mandatory and recommended ones, and those any row has; FOCUS's own in their order."""
    present = _columns_of(rows)
    own = [name for name in COLUMNS if name in present]
    custom = [*CENTRE_COLUMNS.values(), *sorted(present - set(own) - set(CENTRE_COLUMNS.values()))]
    return [*own, *custom]


def _columns_of(rows: Iterable[Row]) -> set[str]:
    """Mandatory and recommended columns, those that any row has, and those that FOCUS wants beside them."""
    found = {name for name, column in COLUMNS.items() if column.level is not Level.CONDITIONAL}
    found.update(name for row in rows for name in row)
    return found.union(*(group for group in TOGETHER if found.intersection(group)))


def _row(charge: Charge) -> dict[str, str]:
    known = charge.billed or charge.effective or charge.list_cost
    currency = "" if known is None else known.currency
    found: dict[str, str | None] = {
        **charge.other,
        **{column: getattr(charge, name) for column, name in TEXTS.items()},
        "ProviderName": charge.provider,
        "BillingAccountId": charge.account,
        "BillingCurrency": currency,
        "ChargeCategory": str(charge.category),
        "ChargeClass": "Correction" if charge.is_correction else "",
        "BilledCost": _plain(charge.billed),
        "EffectiveCost": _plain(charge.effective),
        "ListCost": _plain(charge.list_cost),
        "ServiceName": charge.service,
        "ServiceCategory": charge.service_category,
        "PricingQuantity": None if charge.quantity is None else _decimal(charge.quantity),
        "PricingUnit": charge.unit,
        "Tags": json.dumps(dict(charge.tags), ensure_ascii=False) if charge.tags else "",
        "x_RunId": charge.run,
        "x_LineId": charge.line,
        "x_Pool": charge.pool,
        **{column: str(charge.moved.get(view, "")) for view, column in MONTH_COLUMNS.items()},
        **{
            column: str(getattr(charge.centre, name)) for name, column in CENTRE_COLUMNS.items() if name != "run"
        },
    }  # fmt: skip
    if charge.pool and charge.effective is not None:
        found |= {"EffectiveCost": "0.00", "x_PoolCost": _plain(charge.effective)}
    for name, period in (("ChargePeriod", charge.charged), ("BillingPeriod", charge.billing)):
        found[f"{name}Start"], found[f"{name}End"] = _time(period.start), _time(period.end)
    return {name: value for name, value in found.items() if value}


def _fill(row: Row, present: set[str]) -> dict[str, str]:
    """What FOCUS demands and the row lacks, by convention; of conditional columns only those the file has."""
    is_priced = row["ChargeCategory"] in ("Usage", "Purchase") and "ChargeClass" not in row
    cost = row.get("BilledCost") or row.get("EffectiveCost") or "0"
    category = row.get("ServiceCategory", "Other")
    service = row.get("ServiceName") or f"no service named ({category})"
    always = {
        "BilledCost": "0.00",
        "EffectiveCost": "0.00",
        "ContractedCost": cost if Decimal(cost) else row.get("EffectiveCost", "0.00"),
        "ListCost": cost if Decimal(cost) else row.get("EffectiveCost", "0.00"),
        "InvoiceIssuerName": row["ProviderName"],
        "PublisherName": row["ProviderName"],
        "ServiceCategory": "Other",
        "ServiceName": service,
        **({"x_PoolCost": "0.00"} if "x_Pool" in row else {}),
    }
    where_present = {
        "BillingAccountType": "Billing Account",
        "ChargeFrequency": "One-Time" if row["ChargeCategory"] == "Purchase" else "Usage-Based",
        "PricingCurrency": row["BillingCurrency"],
        "PricingCurrencyEffectiveCost": row.get("EffectiveCost", "0.00"),
        "ServiceSubcategory": f"Other ({category})",
        **{name: row[known] for name, known in _NAMES.items() if known in row},
    }
    if is_priced:
        sku = row.get("SkuId") or service
        always |= {"PricingQuantity": "1.00", "PricingUnit": "Entries"} if "PricingQuantity" not in row else {}
        always |= {"PricingUnit": "Units"} if "PricingQuantity" in row else {}
        committed = "CommitmentDiscountId" in row and row["ChargeCategory"] == "Usage"
        where_present |= {
            "SkuId": sku,
            "SkuPriceId": sku,
            "PricingCategory": "Committed" if committed else "Standard",
        }
        if row["ChargeCategory"] == "Usage" and row.get("CommitmentDiscountStatus") != "Unused":
            quantity, unit = row.get("PricingQuantity", "1.00"), row.get("PricingUnit", "Entries")
            where_present |= {"ConsumedQuantity": quantity, "ConsumedUnit": unit}
    return always | {name: value for name, value in where_present.items() if name in present}


_NAMES = {"RegionName": "RegionId", "SubAccountName": "SubAccountId"}
"""Display names that must be there where the id is; the id stands for a name that nobody knows."""


def _plain(amount: Money | None) -> str | None:
    return None if amount is None else _decimal(amount.amount)


def _decimal(number: Decimal) -> str:
    """With at least two decimals, so that a reader that guesses types never takes a column for whole numbers."""
    text = f"{number.normalize():f}"
    whole, _, decimals = text.partition(".")
    return f"{whole}.{decimals:0<2}"


def _time(at: datetime) -> str:
    """As FOCUS writes it; parts of a second only where there are some."""
    return f"{at.replace(tzinfo=None).isoformat(timespec='microseconds' if at.microsecond else 'seconds')}Z"
