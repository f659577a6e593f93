"""What the served configurations cost, read-only, from the bills in the bundle.

Like the decision, these answers are for the shop's own people: see docs/howto/serve-to-others.md.
"""

from __future__ import annotations

import difflib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Annotated

import msgspec
from starlette.requests import Request
from starlette.responses import Response

from steelyard.api.gate import Group
from steelyard.api.routes import Operation, json_response
from steelyard.api.schemas import Problem, read_query
from steelyard.documents.bills import BillDocument, BillEntry, Book, ExplainedRow, read_bills
from steelyard.documents.decision import read_decision
from steelyard.domain import LineKey
from steelyard.errors import ArtefactError
from steelyard.serving.service import About

__all__ = ["CostOperations"]

_CODES = ((400, "bad_parameter"), (400, "unknown_parameter"), (404, "no_bills"), (404, "no_such_configuration"))
_MAX_NEAR = 5

Name = Annotated[str, msgspec.Meta(max_length=256, description="Name of a configuration; the chosen ones when empty.")]


class BillAsk(msgspec.Struct, forbid_unknown_fields=True, frozen=True):
    """A month's bill."""

    configuration: Name = ""


class UnitCostAsk(msgspec.Struct, forbid_unknown_fields=True, frozen=True):
    """Costs of 1,000 requests."""

    configuration: Annotated[
        str, msgspec.Meta(max_length=256, description="Name of a configuration; all that were priced when empty.")
    ] = ""


class ExplainAsk(msgspec.Struct, forbid_unknown_fields=True, frozen=True):
    """Where figures of a bill come from."""

    configuration: Name = ""
    line: Annotated[
        str, msgspec.Meta(max_length=256, description="Only lines whose stage or item holds it, in any case.")
    ] = ""


class Amount(msgspec.Struct, frozen=True):
    """Money."""

    amount: str
    """A decimal, to the cent; smaller amounts to four significant digits."""
    currency: str
    """ISO 4217 code."""


class BillLine(msgspec.Struct, frozen=True):
    """Quantity times unit price."""

    stage: str
    """Of the model's life: ``data``, ``training``, ``serving`` …"""
    key: LineKey
    """What it pays for."""
    detail: str
    """Which of several."""
    item: str
    """Both as a sentence."""
    item_zh: str
    quantity: str
    unit: str
    quantity_kind: str
    """``measured``, ``invoiced``, ``quoted``, ``assumed`` or ``derived``."""
    unit_price: Amount | None
    """``null`` when no price is known; it is not free."""
    price_kind: str | None
    cost: Amount | None
    """``null`` when no price is known."""
    is_one_off: bool
    """The whole amount falls once, and this is one month's share of it."""
    source: str
    """Where the price was read, or what was looked for."""
    as_of: str | None
    """Day of the price."""


class MonthlyBill(msgspec.Struct, frozen=True):
    """What one configuration costs a month."""

    surface: str
    configuration: str
    is_chosen: bool
    """Whether this bundle serves it."""
    instance: str | None
    """Machine type; ``null`` where none can serve it."""
    replicas: int | None
    monthly: Amount | None
    """``null`` when a line has no price: a partial sum would read as cheaper."""
    unpriced: list[str]
    """Items without a price."""
    unpriced_zh: list[str]
    lines: list[BillLine]


class BillAnswer(msgspec.Struct, frozen=True):
    """Bills, line by line."""

    book: Book
    bills: list[MonthlyBill]
    bundle: str
    """Digest of the bundle that holds the bills."""


class UnitCost(msgspec.Struct, frozen=True):
    """What 1,000 requests cost, three ways."""

    surface: str
    configuration: str
    is_chosen: bool
    instance: str | None
    replicas: int | None
    marginal: Amount | None
    """Processor time of the requests alone."""
    at_capacity: Amount | None
    """On a machine that is as busy as the limits allow."""
    fully_loaded: Amount | None
    """Idle time, spare machines, people and training included."""


class UnitCostAnswer(msgspec.Struct, frozen=True):
    """Unit costs."""

    book: Book
    units: list[UnitCost]
    bundle: str


class Explanation(msgspec.Struct, frozen=True):
    """A line of a bill and all that it was worked out from."""

    surface: str
    configuration: str
    stage: str
    item: str
    cost: Amount | None
    explained: str
    """A tree in text: each figure with its kind, source and day, down to what was measured, quoted or assumed."""


class ExplainAnswer(msgspec.Struct, frozen=True):
    """Explanations."""

    explanations: list[Explanation]
    bundle: str


@dataclass(frozen=True, slots=True)
class _Found:
    surface: str
    bill: BillEntry
    is_chosen: bool


class CostOperations:
    """The operations on what the bundle's configurations cost.

    Args:
        about: What the bundle says of itself; its bills are read once, here.
    """

    def __init__(self, about: About) -> None:
        self._bundle = about.digest
        self._bills: BillDocument | None = None
        self._chosen: set[tuple[str, str | None]] = set()
        self._trouble = "this bundle holds no bills"
        if about.bills:
            try:
                decision, self._bills = read_decision(about.decision), read_bills(about.bills)
                self._chosen = {(each.surface, each.chosen) for each in decision.surfaces}
            except ArtefactError:
                self._trouble = "the bills in this bundle were made by another version"

    def table(self) -> tuple[Operation, ...]:
        """One row for each operation."""
        return (
            Operation(
                "GET",
                "/v1/cost/bill",
                "The month's bill, line by line",
                self.bill,
                BillAnswer,
                Group.ADMINISTRATOR,
                BillAsk,
                errors=_CODES,
            ),
            Operation(
                "GET",
                "/v1/cost/unit",
                "Cost of 1,000 requests: marginal, at capacity, fully loaded",
                self.unit,
                UnitCostAnswer,
                Group.ADMINISTRATOR,
                UnitCostAsk,
                errors=_CODES,
            ),
            Operation(
                "GET",
                "/v1/cost/explain",
                "Where each figure of a bill comes from",
                self.explain,
                ExplainAnswer,
                Group.ADMINISTRATOR,
                ExplainAsk,
                errors=(*_CODES, (404, "no_such_line")),
            ),
        )

    async def bill(self, request: Request) -> Response:
        """Answer with bills."""
        ask = read_query(request.scope["query_string"], BillAsk)
        bills = self._stored()
        found = [self._monthly(each) for each in self._named(ask.configuration, is_all=False)]
        return json_response(BillAnswer(bills.book, found, self._bundle))

    async def unit(self, request: Request) -> Response:
        """Answer with unit costs."""
        ask = read_query(request.scope["query_string"], UnitCostAsk)
        bills = self._stored()
        found = [self._unit(each) for each in self._named(ask.configuration, is_all=True)]
        return json_response(UnitCostAnswer(bills.book, found, self._bundle))

    async def explain(self, request: Request) -> Response:
        """Answer with explanations."""
        ask = read_query(request.scope["query_string"], ExplainAsk)
        of = self._named(ask.configuration, is_all=False)
        wanted = ask.line.lower()
        lines = [(each, line) for each in of for line in each.bill.lines]
        found = [
            Explanation(each.surface, each.bill.name, line.stage, line.item, self._amount(line.cost), line.explained)
            for each, line in lines
            if wanted in f"{line.stage} {line.item}".lower()
        ]
        if not found and ask.line:
            raise _unknown(
                "no_such_line", f"no line holds {ask.line[:64]!r}", ask.line, (line.item for _, line in lines)
            )
        return json_response(ExplainAnswer(found, self._bundle))

    def _stored(self) -> BillDocument:
        if self._bills is None:
            raise Problem(404, "no_bills", f"{self._trouble}: run `steelyard decide` and `steelyard package` again")
        return self._bills

    def _named(self, name: str, *, is_all: bool) -> Sequence[_Found]:
        """Bills of a name; without one, of all configurations or of the chosen ones."""
        every = [
            _Found(surface, bill, (surface, bill.name) in self._chosen)
            for surface, bills in self._stored().surfaces.items()
            for bill in bills
        ]
        if not name:
            return [each for each in every if is_all or each.is_chosen]
        found = [each for each in every if each.bill.name == name]
        if not found:
            names = (each.bill.name for each in every)
            raise _unknown("no_such_configuration", f"no configuration {name[:64]!r} was priced", name, names)
        return found

    def _monthly(self, found: _Found) -> MonthlyBill:
        bill = found.bill
        return MonthlyBill(
            found.surface,
            bill.name,
            found.is_chosen,
            bill.instance,
            bill.replicas,
            self._amount(bill.monthly),
            list(bill.unpriced),
            list(bill.unpriced_zh),
            [self._line(line) for line in bill.lines],
        )

    def _line(self, line: ExplainedRow) -> BillLine:
        return BillLine(
            stage=line.stage,
            key=line.key,
            detail=line.detail,
            item=line.item,
            item_zh=line.item_zh,
            quantity=f"{line.quantity:f}",
            unit=line.unit,
            quantity_kind=line.quantity_kind,
            unit_price=self._amount(line.unit_price),
            price_kind=line.kind,
            cost=self._amount(line.cost),
            is_one_off=line.is_one_off,
            source=line.source,
            as_of=line.as_of.isoformat() if line.as_of else None,
        )

    def _unit(self, found: _Found) -> UnitCost:
        bill = found.bill
        each = bill.per_1000
        ways = map(self._amount, (each.marginal, each.at_capacity, each.fully_loaded))
        return UnitCost(found.surface, bill.name, found.is_chosen, bill.instance, bill.replicas, *ways)

    def _amount(self, amount: Decimal | None) -> Amount | None:
        return None if amount is None else Amount(f"{amount:f}", self._stored().book.currency)


def _unknown(code: str, what: str, asked: str, known: Iterator[str]) -> Problem:
    """A 404 that offers the nearest names, or all where none is near."""
    names = list(dict.fromkeys(known))
    near = difflib.get_close_matches(asked, names, n=_MAX_NEAR, cutoff=0.5)
    offered = ", ".join(near or names) or "nothing"
    return Problem(404, code, f"{what}; {'did you mean' if near else 'there is'}: {offered}")
