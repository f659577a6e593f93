"""FOCUS rows in and out: a row of any version from 1.0 to 1.4 becomes a charge, a charge becomes a row of 1.2.

A row carries both views: BilledCost is cash, EffectiveCost accrual. A column that FOCUS demands and nobody knows is
filled by a stated convention and named in ``x_Filled``, so that reading the row back leaves it empty again.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import UTC, datetime
from decimal import Decimal, InvalidOperation
from functools import lru_cache
from typing import Any

from steelyard.cost.bills.centres import CENTRE_COLUMNS, Belonging, StageRules, centre_of
from steelyard.cost.bills.charges import Charge, Period
from steelyard.cost.bills.focus_columns import COLUMNS, TOGETHER, ChargeCategory, Level
from steelyard.cost.bills.problems import BillProblems
from steelyard.cost.ledger.entries import View
from steelyard.domain import Money, is_currency

__all__ = ["NEEDED", "header_of", "parse_time", "read_rows", "to_rows"]

Row = Mapping[str, str]

NEEDED = (
    "BillingAccountId", "BillingCurrency", "BillingPeriodEnd", "BillingPeriodStart", "ChargeCategory",
    "ChargePeriodEnd", "ChargePeriodStart", "ProviderName", "ServiceName",
)  # fmt: skip
"""Columns without which a line cannot be booked; and a cost."""
_NOTHING = {"", "NULL", "null"}
_TEXT = {
    "InvoiceId": "invoice",
    "SkuId": "sku",
    "ResourceId": "resource",
    "RegionId": "region",
    "SubAccountId": "sub_account",
    "CommitmentDiscountId": "commitment",
    "CommitmentDiscountStatus": "commitment_status",
    "ChargeDescription": "text",
}
_OWN = {"x_Filled", "x_LineId", "x_Pool", "x_PoolCost", *CENTRE_COLUMNS.values()}
_READ = {
    *NEEDED, *_TEXT, *_OWN, "BilledCost", "EffectiveCost", "ListCost", "PricingQuantity", "PricingUnit", "Tags",
    "ChargeClass", "ServiceCategory",
}  # fmt: skip
_FORMULA = re.compile(r"=|[@+-]\s*[A-Za-z.]+\(")


def read_rows(
    rows: Iterable[tuple[int, Row]],
    *,
    rules: StageRules,
    problems: BillProblems,
    views: Sequence[View] = tuple(View),
) -> Iterator[tuple[int, Charge]]:
    """Charges of the rows that are right.

    Args:
        rows: Line number and values by the names of FOCUS 1.2 (see ``known_as``).
        rules: For lines that state no stage.
        problems: Of the file; what is wrong is added, and the row left out.
        views: What the file tells: billed cost is cash, effective cost accrual.

    Yields:
        Line number and charge.
    """
    for number, row in rows:
        reader = _RowReader(row, number, problems)
        charge = reader.charge(rules, views)
        if charge is not None:
            yield number, charge


class _RowReader:
    """Reads the typed values of one row and notes what does not read."""

    def __init__(self, row: Row, line: int, problems: BillProblems) -> None:
        self.filled = set(row.get("x_Filled", "").split(","))
        self.row = {
            name: text
            for name, value in row.items()
            if name not in self.filled and (text := value.strip()) not in _NOTHING
        }
        self.line = line
        self.problems = problems
        self.is_right = True

    def charge(self, rules: StageRules, views: Sequence[View]) -> Charge | None:
        """The charge, or ``None`` with its problems noted."""
        row = self.row
        self._check_texts()
        tags = self._tags()
        costs = {view: self._cost(name) for view, name in _cost_columns(row).items() if view in views}
        quantity, list_cost = self._number("PricingQuantity"), self._number("ListCost")
        category = self._category()
        charged, billing = self._period("ChargePeriod"), self._period("BillingPeriod")
        self._check_quantity(quantity, category, costs.values())
        currency = self._currency()
        whose = self._whose(tags, rules)
        if not self.is_right or category is None or charged is None or billing is None or whose is None:
            return None
        money = {view: None if cost is None else Money(cost, currency) for view, cost in costs.items()}
        return Charge(
            provider=row["ProviderName"],
            account=row["BillingAccountId"],
            category=category,
            billed=money.get(View.CASH),
            effective=money.get(View.ACCRUAL),
            charged=charged,
            billing=billing,
            service=row["ServiceName"],
            service_category=row.get("ServiceCategory", ""),
            centre=whose.centre,
            list_cost=None if list_cost is None else Money(list_cost, currency),
            is_correction=row.get("ChargeClass") == "Correction",
            quantity=quantity,
            unit=row.get("PricingUnit", ""),
            run=whose.run,
            pool=whose.pool,
            tags=tags,
            other={name: value for name, value in row.items() if name not in _READ} | dict(whose.noted),
            guessed=whose.guessed,
            line=row.get("x_LineId", ""),
            **{name: row.get(column, "") for column, name in _TEXT.items()},
        )

    def wrong(self, reason: str, says: str) -> None:
        self.problems.add(reason, self.line, says)
        self.is_right = False

    def _check_texts(self) -> None:
        for name in NEEDED:
            if name not in self.row:
                self.wrong("a needed value is empty", name)
        if "x_EntryId" in self.row:
            self.wrong("this is a booking of a ledger, exported, and no bill: take it out", self.row["x_EntryId"])
        if self.row.get("ChargeClass", "Correction") != "Correction":
            self.wrong("not Correction or empty", f"ChargeClass {self.row['ChargeClass']!r}")
        for name, value in self.row.items():
            if _FORMULA.match(value):
                self.wrong("a cell holds a spreadsheet formula; export its value", f"{name} {value[:40]!r}")

    def _number(self, name: str) -> Decimal | None:
        if name not in self.row:
            return None
        try:
            found = Decimal(self.row[name]) if "_" not in self.row[name] else Decimal("nan")
        except InvalidOperation:
            found = Decimal("nan")
        if not found.is_finite():
            self.wrong("not a number; write it like -1234.5, without signs of thousands", f"{name} {self.row[name]!r}")
            return None
        return found

    def _cost(self, name: str) -> Decimal | None:
        if name not in self.row and name not in self.filled:
            self.wrong("a needed value is empty", name)
        return self._number(name)

    def _category(self) -> ChargeCategory | None:
        value = self.row.get("ChargeCategory", "")
        if value in set(ChargeCategory):
            return ChargeCategory(value)
        if value:
            self.wrong(f"not one of {', '.join(ChargeCategory)}", f"ChargeCategory {value!r}")
        return None

    def _currency(self) -> str:
        value = self.row.get("BillingCurrency", "")
        if value and not is_currency(value):
            self.wrong("not an ISO 4217 currency like USD", f"BillingCurrency {value!r}")
        return value

    def _period(self, name: str) -> Period | None:
        times = []
        for end in ("Start", "End"):
            value = self.row.get(f"{name}{end}", "")
            try:
                times.append(parse_time(value))
            except ValueError:
                if value:
                    self.wrong("not a time; write it like 2026-11-01T00:00:00Z", f"{name}{end} {value!r}")
        if len(times) < 2:
            return None
        if times[1] <= times[0]:
            self.wrong("a period ends before it begins", f"{name} {times[0]} to {times[1]}")
            return None
        return Period(times[0], times[1])

    def _check_quantity(
        self, quantity: Decimal | None, category: ChargeCategory | None, costs: Iterable[Decimal | None]
    ) -> None:
        """A refund takes back a quantity and its cost. A negative quantity that costs something is a mistake."""
        is_plain = category in (ChargeCategory.USAGE, ChargeCategory.PURCHASE) and "ChargeClass" not in self.row
        if is_plain and quantity is not None and quantity < 0 and not any(cost and cost < 0 for cost in costs):
            self.wrong(
                "a negative quantity without a negative cost; a credit is ChargeCategory Credit, not negative usage",
                f"PricingQuantity {quantity}",
            )

    def _tags(self) -> dict[str, Any]:
        value = self.row.get("Tags", "")
        if not value:
            return {}
        try:
            found = json.loads(value, parse_float=str, parse_int=str)
        except ValueError:
            found = None
        if not isinstance(found, dict):
            self.wrong('tags are not a JSON object like {"team": "search"}', value[:40])
            return {}
        return found

    def _whose(self, tags: Mapping[str, Any], rules: StageRules) -> Belonging | None:
        try:
            return centre_of(self.row, tags, rules)
        except ValueError as error:
            self.wrong("no stage of a model's life", str(error))
            return None


def _cost_columns(row: Row) -> dict[View, str]:
    """Where the costs stand: what went to a pool in a column of ours, since those who used it bear it in their rows."""
    return {View.CASH: "BilledCost", View.ACCRUAL: "x_PoolCost" if row.get("x_Pool") else "EffectiveCost"}


@lru_cache(maxsize=8192)
def parse_time(text: str) -> datetime:
    """A time in UTC. FOCUS writes all times in UTC, so a time without a zone is one.

    Args:
        text: ISO 8601; another zone must be written out (``+08:00``).

    Returns:
        The same instant in UTC.

    Raises:
        ValueError: It is not a time.
    """
    found = datetime.fromisoformat(text)
    return found.replace(tzinfo=UTC) if found.tzinfo is None else found.astimezone(UTC)


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
    return rows


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
        **{column: getattr(charge, name) for column, name in _TEXT.items()},
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
        **{
            column: str(getattr(charge.centre, name)) for name, column in CENTRE_COLUMNS.items() if name != "run"
        },
    }  # fmt: skip
    if charge.pool:
        found |= {"EffectiveCost": "0.00", "x_PoolCost": _plain(charge.effective)}
    for name, period in (("ChargePeriod", charge.charged), ("BillingPeriod", charge.billing)):
        found[f"{name}Start"], found[f"{name}End"] = _time(period.start), _time(period.end)
    return {name: value for name, value in found.items() if value}


def _fill(row: Row, present: set[str]) -> dict[str, str]:
    """What FOCUS demands and the row lacks, by convention; of conditional columns only those the file has."""
    is_priced = row["ChargeCategory"] in ("Usage", "Purchase") and "ChargeClass" not in row
    cost = row.get("BilledCost") or row.get("EffectiveCost") or "0"
    category = row.get("ServiceCategory", "Other")
    always = {
        "BilledCost": "0.00",
        "EffectiveCost": "0.00",
        "ContractedCost": cost if Decimal(cost) else row.get("EffectiveCost", "0.00"),
        "ListCost": cost if Decimal(cost) else row.get("EffectiveCost", "0.00"),
        "InvoiceIssuerName": row["ProviderName"],
        "PublisherName": row["ProviderName"],
        "ServiceCategory": "Other",
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
        sku = row.get("SkuId") or row["ServiceName"]
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
