"""What the shop's ledger holds and which scenarios, budgets and forecasts were kept, read-only.

Only a server that was started with the shop's configuration knows them; one that was given a bundle says so. Like
bills, they are for the shop's own people: see docs/howto/serve-to-others.md.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import TYPE_CHECKING, Annotated, Any, Protocol

import msgspec
from anyio import to_thread
from starlette.requests import Request
from starlette.responses import Response

from steelyard.api.cost_routes import Amount
from steelyard.api.gate import Group
from steelyard.api.routes import NoParameters, Operation, json_response
from steelyard.api.schemas import Problem, read_query
from steelyard.documents.budgets import BudgetsDocument, budgets_builtins, read_budgets
from steelyard.documents.forecast import ForecastDocument, forecast_builtins, read_forecast
from steelyard.documents.scenario import Scenario, read_scenario, scenario_builtins
from steelyard.errors import DataError

if TYPE_CHECKING:
    from steelyard.ledger.entries import Balance, LedgerPort

__all__ = ["BookOperations", "Books"]

_NO_BOOKS = (404, "no_books")
_PARTS = ("stage", "model", "configuration", "team", "experiment")


class Kept(Protocol):
    """Named JSON values (``steelyard.adapters.artefacts.Artefacts``)."""

    def has(self, name: str) -> bool:
        """Whether the name means something."""
        ...

    def names(self, prefix: str = "") -> list[str]:
        """Names that start with the prefix."""
        ...

    def read_json(self, name: str) -> Any:
        """The value."""
        ...


@dataclass(frozen=True, slots=True)
class Books:
    """A shop's books, opened for each question and shut after it."""

    kept: Kept
    open_ledger: Callable[[], LedgerPort]


class LedgerAsk(msgspec.Struct, forbid_unknown_fields=True, frozen=True):
    """A month of the ledger."""

    month: Annotated[str, msgspec.Meta(pattern=r"^\d{4}-\d{2}$", description="Such as 2026-11.")]
    view: Annotated[str, msgspec.Meta(pattern="^(cash|accrual)$", description="cash (billed) or accrual (used)")] = (
        "accrual"
    )
    by: Annotated[
        str,
        msgspec.Meta(
            pattern="^(account|stage|model|configuration|team|experiment)$",
            description="account, or a part of the cost centre: stage, model, configuration, team, experiment",
        ),
    ] = "account"


class ScenarioAsk(msgspec.Struct, forbid_unknown_fields=True, frozen=True):
    """A scenario that was kept."""

    name: Annotated[str, msgspec.Meta(max_length=100, description="As it was kept.")]


class LedgerRow(msgspec.Struct, frozen=True):
    """A sum."""

    name: str
    """The account, or the part of the cost centre; empty where entries name none."""
    total: Amount
    """Debit above zero, credit below."""
    postings: int


class LedgerAnswer(msgspec.Struct, frozen=True):
    """Sums of a month. By account they are the trial balance: zero in each currency."""

    month: str
    view: str
    by: str
    rows: list[LedgerRow]


class ScenariosAnswer(msgspec.Struct, frozen=True):
    """Names of the scenarios that were kept."""

    scenarios: list[str]


class BookOperations:
    """The operations on a shop's books.

    Args:
        books: ``None`` where the server was given no shop.
    """

    def __init__(self, books: Books | None) -> None:
        self._books = books

    def table(self) -> tuple[Operation, ...]:
        """One row for each operation."""
        bad = ((400, "bad_parameter"), (400, "missing_parameter"), (400, "unknown_parameter"), _NO_BOOKS)
        return (
            Operation(
                "GET", "/v1/cost/ledger", "Sums of a month of the ledger", self.ledger, LedgerAnswer,
                Group.ADMINISTRATOR, LedgerAsk, errors=bad,
            ),
            Operation(
                "GET", "/v1/cost/scenarios", "Scenarios that were kept", self.scenarios, ScenariosAnswer,
                Group.ADMINISTRATOR, NoParameters, errors=(_NO_BOOKS,),
            ),
            Operation(
                "GET", "/v1/cost/scenario", "One scenario, as `steelyard cost scenario` kept it", self.scenario,
                Scenario, Group.ADMINISTRATOR, ScenarioAsk, errors=(*bad, (404, "no_such_scenario")),
            ),
            Operation(
                "GET", "/v1/cost/budgets", "Budgets and commitments that were set", self.budgets, BudgetsDocument,
                Group.ADMINISTRATOR, NoParameters, errors=(_NO_BOOKS, (404, "none_kept")),
            ),
            Operation(
                "GET", "/v1/cost/forecast", "The newest forecast", self.forecast, ForecastDocument,
                Group.ADMINISTRATOR, NoParameters, errors=(_NO_BOOKS, (404, "none_kept")),
            ),
        )  # fmt: skip

    async def ledger(self, request: Request) -> Response:
        """Answer with sums of a month."""
        from steelyard.ledger.entries import Month, View  # noqa: PLC0415 - a server that sells needs no ledger

        ask, books = read_query(request.scope["query_string"], LedgerAsk), self._opened()
        try:
            month = Month.parse(ask.month)
        except DataError as error:
            raise Problem(400, "bad_parameter", str(error)) from error

        def read() -> Sequence[Balance]:
            ledger = books.open_ledger()
            try:
                return ledger.balances(month, view=View(ask.view))
            finally:
                ledger.close()

        found = await to_thread.run_sync(read)
        return json_response(LedgerAnswer(str(month), ask.view, ask.by, _rows(found, ask.by)))

    async def scenarios(self, request: Request) -> Response:
        """Answer with the names of the scenarios."""
        read_query(request.scope["query_string"], NoParameters)
        names = self._opened().kept.names("scenarios/")
        return json_response(ScenariosAnswer([name.removeprefix("scenarios/") for name in names]))

    async def scenario(self, request: Request) -> Response:
        """Answer with one scenario."""
        ask, books = read_query(request.scope["query_string"], ScenarioAsk), self._opened()
        known = [name.removeprefix("scenarios/") for name in books.kept.names("scenarios/")]
        if ask.name not in known:
            there = ", ".join(known) or "none"
            raise Problem(404, "no_such_scenario", f"no scenario {ask.name[:64]!r} was kept; there is: {there}")
        return json_response(scenario_builtins(read_scenario(books.kept.read_json(f"scenarios/{ask.name}"))))

    async def budgets(self, request: Request) -> Response:
        """Answer with the budgets."""
        read_query(request.scope["query_string"], NoParameters)
        found = read_budgets(self._value("budgets", "steelyard cost budget set"))
        return json_response(budgets_builtins(found))

    async def forecast(self, request: Request) -> Response:
        """Answer with the forecast."""
        read_query(request.scope["query_string"], NoParameters)
        found = read_forecast(self._value("forecast", "steelyard cost forecast"))
        return json_response(forecast_builtins(found))

    def _opened(self) -> Books:
        if self._books is None:
            raise Problem(
                404, "no_books", "this server was given a bundle only: start it with `steelyard serve -c FILE`"
            )
        return self._books

    def _value(self, name: str, command: str) -> Any:
        kept = self._opened().kept
        if not kept.has(name):
            raise Problem(404, "none_kept", f"there is none yet: `{command}` makes it")
        return kept.read_json(name)


def _rows(found: Sequence[Balance], by: str) -> list[LedgerRow]:
    """Sums by account, or by one part of the cost centre of what has one."""
    sums: dict[tuple[str, str], tuple[Decimal, int]] = {}
    for each in found:
        is_expense = each.centre is not None and each.account.startswith("expense/")
        if by in _PARTS and not is_expense:
            continue
        name = str(getattr(each.centre, by)) if by in _PARTS else each.account
        total, n = sums.get((name, each.total.currency), (Decimal(0), 0))
        sums[name, each.total.currency] = (total + each.total.amount, n + each.n_postings)
    return [
        LedgerRow(name, Amount(f"{total.normalize():f}", currency), n)
        for (name, currency), (total, n) in sorted(sums.items())
    ]
