"""FOCUS rows in: a row of any version from 1.0 to 1.4 becomes a charge (``focus_export`` is the way back).

A row carries both views: BilledCost is cash, EffectiveCost accrual. What ``x_Filled`` names was filled in by an export,
and is not known.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from functools import lru_cache
from typing import Any

from steelyard.domain import Money, is_currency
from steelyard.errors import DataError
from steelyard.ledger.entries import Month, View
from steelyard.ledger.invoices.centres import CENTRE_COLUMNS, Belonging, StageRules, centre_of
from steelyard.ledger.invoices.charges import Charge, Period
from steelyard.ledger.invoices.focus_columns import ChargeCategory
from steelyard.ledger.invoices.numbers import LARGEST_AMOUNT, LARGEST_QUANTITY, plain_number
from steelyard.ledger.invoices.periods import is_far, is_long, maybe_swapped, outside
from steelyard.ledger.invoices.problems import BillProblems

__all__ = ["MONTH_COLUMNS", "NEEDED", "NUMBERS", "TEXTS", "parse_time", "read_rows"]

Row = Mapping[str, str]

NEEDED = (
    "BillingAccountId", "BillingCurrency", "BillingPeriodEnd", "BillingPeriodStart", "ChargeCategory",
    "ChargePeriodEnd", "ChargePeriodStart", "ProviderName", "ServiceName",
)  # fmt: skip
"""Columns without which a line cannot be booked; and a cost."""
_NOTHING = {"", "NULL", "null"}
NUMBERS = ("BilledCost", "EffectiveCost", "ListCost", "PricingQuantity", "x_PoolCost")
"""Columns whose numbers are read."""
MONTH_COLUMNS = {View.CASH: "x_CashMonth", View.ACCRUAL: "x_AccrualMonth"}
"""Where a line says that it was booked in another month than that it belongs to: that one was closed."""
TEXTS = {
    "InvoiceId": "invoice",
    "SkuId": "sku",
    "ResourceId": "resource",
    "RegionId": "region",
    "SubAccountId": "sub_account",
    "CommitmentDiscountId": "commitment",
    "CommitmentDiscountStatus": "commitment_status",
    "ChargeDescription": "text",
}
OWN = (
    "x_Filled", "x_Escaped", "x_LineId", "x_EntryId", "x_FactKind", "x_Source", "x_Pool", "x_PoolCost", "x_PoolRest",
    *MONTH_COLUMNS.values(), *CENTRE_COLUMNS.values(),
)  # fmt: skip
"""Columns of an export that FOCUS does not have."""
_READ = {
    *NEEDED, *TEXTS, *NUMBERS, *OWN, "PricingUnit", "Tags", "ChargeClass", "ServiceCategory",
} - {"x_EntryId", "x_FactKind", "x_Source"}  # fmt: skip
_FORMULA = re.compile(r"=|[@+-]\s*[A-Za-z.]+\(")


def read_rows(
    rows: Iterable[tuple[int, Row]],
    *,
    rules: StageRules,
    problems: BillProblems,
    views: Sequence[View] = tuple(View),
    is_any_period: bool = False,
) -> Iterator[tuple[int, Charge]]:
    """Charges of the rows that are right.

    Args:
        rows: Line number and values by the names of FOCUS 1.2 (see ``known_as``).
        rules: For lines that state no stage.
        problems: Of the file; what is wrong is added, and the row left out.
        views: What the file tells: billed cost is cash, effective cost accrual.
        is_any_period: Usage far outside its billing period is noted, not refused.

    Yields:
        Line number and charge.
    """
    for number, row in rows:
        if row.get("x_PoolRest"):
            problems.note("the rest of a pool is in the lines that went to it; passed over", number, row["x_PoolRest"])
            continue
        reader = _RowReader(row, number, problems, is_any_period=is_any_period)
        charge = reader.charge(rules, views)
        if charge is not None:
            yield number, charge


class _RowReader:
    """Reads the typed values of one row and notes what does not read."""

    def __init__(self, row: Row, line: int, problems: BillProblems, *, is_any_period: bool) -> None:
        self.filled = set(row.get("x_Filled", "").split(","))
        self.escaped = _escaped(row)
        self.is_any_period = is_any_period
        self.row = {
            name: text
            for name, value in row.items()
            if name not in self.filled and (text := value.strip()) not in _NOTHING
        }
        self.row |= {name: self.row[name].removeprefix("'") for name in self.escaped & set(self.row)}
        self.line = line
        self.problems = problems
        self.is_right = True

    def charge(self, rules: StageRules, views: Sequence[View]) -> Charge | None:
        """The charge, or ``None`` with its problems noted."""
        row = self.row
        self._check_texts()
        tags = self._tags()
        costs = {view: self._cost(name) for view, name in _cost_columns(row).items() if view in views}
        quantity, list_cost = self._number("PricingQuantity", LARGEST_QUANTITY), self._number("ListCost")
        category = self._category()
        charged, billing = self._period("ChargePeriod"), self._period("BillingPeriod")
        self._check_quantity(quantity, category, costs.values())
        self._check_periods(category, charged, billing)
        moved = self._moved()
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
            service=row.get("ServiceName", ""),
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
            moved=moved,
            guessed=whose.guessed,
            line=row.get("x_LineId", ""),
            is_exported="x_LineId" in row or "x_Filled" in row,
            **{name: row.get(column, "") for column, name in TEXTS.items()},
        )

    def wrong(self, reason: str, says: str) -> None:
        self.problems.add(reason, self.line, says)
        self.is_right = False

    def _check_texts(self) -> None:
        for name in NEEDED:
            if name not in self.row and name != "ServiceName":
                self.wrong("a needed value is empty", name)
        if "ServiceName" not in self.row:
            category = self.row.get("ChargeCategory", "")
            self.problems.note("no service is named; booked under the kind of charge", self.line, category)
        if "x_EntryId" in self.row:
            self.wrong("this is a booking of a ledger, exported, and no bill: take it out", self.row["x_EntryId"])
        if self.row.get("ChargeClass", "Correction") != "Correction":
            self.wrong("not Correction or empty", f"ChargeClass {self.row['ChargeClass']!r}")
        for name, value in self.row.items():
            if name not in self.escaped and _FORMULA.match(value):
                self.wrong("a cell holds a spreadsheet formula; export its value", f"{name} {value[:40]!r}")

    def _number(self, name: str, below: Decimal = LARGEST_AMOUNT) -> Decimal | None:
        if name not in self.row:
            return None
        try:
            return plain_number(self.row[name], below=below)
        except ValueError as error:
            self.wrong(str(error), f"{name} {self.row[name][:40]!r}")
            return None

    def _cost(self, name: str) -> Decimal | None:
        if name not in self.row and name not in self.filled:
            self.wrong("a needed value is empty", name)
        return self._number(name)

    def _category(self) -> ChargeCategory | None:
        value = self.row.get("ChargeCategory", "")
        if value in set(ChargeCategory):
            return ChargeCategory(value)
        if value and value == self.row.get("x_ChargeType"):
            self.wrong(
                "a kind of charge that is not known here; say in your own --mapping which of "
                f"{', '.join(ChargeCategory)} it is, in the values of ChargeCategory",
                repr(value),
            )
        elif value:
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
        if times[1] == times[0] and name == "ChargePeriod":
            times[1] += timedelta(seconds=1)  # a fee of an instant
        if times[1] <= times[0]:
            self.wrong("a period ends before it begins", f"{name} {times[0]} to {times[1]}")
            return None
        return Period(times[0], times[1])

    def _check_periods(self, category: ChargeCategory | None, charged: Period | None, billing: Period | None) -> None:
        """Usage lies in its billing period or near it; what is corrected or credited may be older."""
        if charged is None or billing is None:
            return
        if is_long(billing):
            self.problems.note("a billing period longer than a quarter", self.line, str(billing.start.date()))
        if category in (ChargeCategory.PURCHASE, ChargeCategory.TAX):
            charged = replace(charged, end=charged.start)  # what was bought serves for longer
        says, swapped = outside(charged, billing), maybe_swapped(charged, billing)
        hint = "; are day and month swapped?" if swapped else ""
        if "ChargeClass" in self.row or category in (ChargeCategory.ADJUSTMENT, ChargeCategory.CREDIT):
            if is_far(charged, billing):
                self.problems.note("corrected more than a year after or a month before its use", self.line, says)
        elif says and not self.is_any_period:
            self.wrong("more than a month outside its billing period; if it is right, --any-period", f"{says}{hint}")
        elif says or swapped:
            what = "outside its billing period, and booked on the day it was used"
            self.problems.note(what, self.line, f"{says or swapped}{hint}")

    def _moved(self) -> dict[View, Month]:
        found = {}
        for view, name in MONTH_COLUMNS.items():
            if name in self.row:
                try:
                    found[view] = Month.parse(self.row[name])
                except DataError as error:
                    self.wrong("no month", f"{name}: {error}")
        return found

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
            found = centre_of(self.row, tags, rules)
        except ValueError as error:
            self.wrong("no stage of a model's life", str(error))
            return None
        for what, says in found.notes:
            self.problems.note(what, self.line, says)
        return found


def _escaped(row: Row) -> set[str]:
    """Columns whose texts an export put an apostrophe before."""
    try:
        found = json.loads(row.get("x_Escaped") or "[]")
    except ValueError:
        return set()
    return {name for name in found if isinstance(name, str)} if isinstance(found, list) else set()


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
