"""The application: a guard outside, then one table of routes behind one gate; the busiest routes come first."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable, Coroutine
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from functools import partial
from typing import Any

from starlette.exceptions import HTTPException
from starlette.middleware.exceptions import ExceptionMiddleware
from starlette.requests import Request
from starlette.responses import HTMLResponse, Response
from starlette.types import ASGIApp

from steelyard import __version__
from steelyard.api.book_routes import BookOperations, Books
from steelyard.api.change_routes import ChangeOperations
from steelyard.api.changing import Changer
from steelyard.api.cost_routes import CostOperations
from steelyard.api.data_routes import DataOperations, DataReports
from steelyard.api.deadline import Guard, Protection
from steelyard.api.gate import Entry, Gate, Group, gated_router
from steelyard.api.login import login_entries, login_page, wants_page
from steelyard.api.openapi import STYLE, describe, reference_page
from steelyard.api.page_routes import page_entries
from steelyard.api.people import Readings
from steelyard.api.progress_routes import ProgressOperations
from steelyard.api.routes import JSON, Operation, Operations, entries_of, json_response
from steelyard.api.schemas import Problem
from steelyard.api.tally import Tally
from steelyard.documents.progress import Progress
from steelyard.errors import AskError, DataError, StageError, StorageError
from steelyard.serving.service import Service

__all__ = ["Work", "create_app", "route_table"]

RETRY_AFTER_S = 2
Refuse = Callable[[Request, Any], Coroutine[Any, Any, Response]]


@dataclass(frozen=True, slots=True)
class Work:
    """What is known of the shop besides the bundle that is served."""

    books: Books | None = None
    """The shop's ledger and what was kept beside it; ``None`` where only a bundle is served."""
    progress: Callable[[], Progress | None] | None = None
    """Gives how far the run has come that makes the bundles; called in another thread."""
    data: Callable[[], DataReports] | None = None
    """Gives what was found in the shop's data; called in another thread."""


def create_app(
    service: Service,
    *,
    protection: Protection | None = None,
    on_start: Callable[[], None] | None = None,
    tally: Tally | None = None,
    work: Work | None = None,
    gate: Gate | None = None,
    readings: Readings | None = None,
    changer: Changer | None = None,
) -> ASGIApp:
    """The ASGI application of one service.

    Args:
        service: Answers; closed when the application stops.
        protection: Deadline, hosts, picture sources; the defaults suit one machine.
        on_start: Called when the application is ready.
        tally: Counts the answers, for the ledger.
        work: The shop's books and the progress of its run; neither where only a bundle is served.
        gate: Who may come in; anybody when left out, which suits an address that only this machine reaches.
        readings: Counts who read people's histories.
        changer: Takes changes of the catalogue; None where it cannot be changed.

    Returns:
        To be run by an ASGI server, with its lifespan events on.
    """
    gate = gate or Gate()

    @asynccontextmanager
    async def life(_: object) -> AsyncIterator[None]:
        if on_start is not None:
            on_start()
        yield
        service.close()

    table = route_table(service, gate=gate, tally=tally, work=work, readings=readings, changer=changer)
    router = gated_router(table, gate, _turned_away)
    router.lifespan_context = life
    return Guard(ExceptionMiddleware(router, handlers=_refusals(service)), protection or Protection())


def route_table(
    service: Service,
    *,
    gate: Gate,
    tally: Tally | None = None,
    work: Work | None = None,
    readings: Readings | None = None,
    changer: Changer | None = None,
) -> list[Entry]:
    """Every path the server answers, and whom it is for; the busiest first.

    Args:
        service: Answers.
        gate: For the operations that depend on who asks.
        tally: Counts the answers.
        work: The shop's books and the progress of its run.
        readings: Counts who read people's histories.
        changer: Takes changes of the catalogue.

    Returns:
        Each path once.
    """
    work = work or Work()
    run, data = ProgressOperations(service, work.progress), DataOperations(service, work.data)
    include = None if changer is None else changer.include
    rows = (
        *Operations(service, tally, gate=gate, has_run=run.exists, readings=readings, include=include).table(),
        *ChangeOperations(lambda: changer).table(),
        *_cost_rows(service),
        *BookOperations(work.books).table(),
        *run.table(),
        *data.table(),
    )
    name = service.about.shop.name or "Steelyard"
    return [*entries_of(rows), *page_entries(), *data.pages(), *_reference(rows, name), *login_entries(gate)]


def _cost_rows(service: Service) -> tuple[Operation, ...]:
    """The operations on the bills of whichever bundle is served when they are asked."""
    opened = [(service.about, CostOperations(service.about).table())]

    async def answer(at: int, request: Request) -> Response:
        about = service.about
        if about is not opened[0][0]:
            opened[0] = (about, CostOperations(about).table())
        return await opened[0][1][at].handler(request)

    return tuple(replace(row, handler=partial(answer, at)) for at, row in enumerate(opened[0][1]))


def _reference(rows: tuple[Operation, ...], title: str) -> list[Entry]:
    """The pages that describe the operations."""
    made: list[dict[str, Any]] = []

    def openapi() -> dict[str, Any]:
        if not made:
            made.append(describe(rows, title=title, version=__version__))
        return made[0]

    async def document(_: Request) -> Response:
        return json_response(openapi())

    async def reference(_: Request) -> Response:
        return HTMLResponse(reference_page(openapi()))

    async def style(_: Request) -> Response:
        return Response(STYLE, media_type="text/css")

    handlers = {"/openapi.json": document, "/docs": reference, "/docs.css": style}
    return [Entry(path, handler, Group.ADMINISTRATOR) for path, handler in handlers.items()]


def _turned_away(request: Request, problem: Problem) -> Response:
    """Why somebody may not come in: in a browser with the form for the key."""
    if problem.status != 403 and wants_page(request):
        query = request.url.query
        return login_page(request.url.path + (f"?{query}" if query else ""), problem)
    return _answer(problem)


def _refusals(service: Service) -> dict[Any, Refuse]:
    async def refuse(_: Request, error: Exception) -> Response:
        return _answer(error if isinstance(error, Problem) else _problem(error, service))

    return dict.fromkeys((Problem, HTTPException, AskError, StageError, StorageError, DataError), refuse)


def _answer(problem: Problem) -> Response:
    return Response(problem.body, status_code=problem.status, headers=problem.headers, media_type=JSON)


def _problem(error: Exception, service: Service) -> Problem:
    if isinstance(error, HTTPException):
        code = {404: "not_found", 405: "method_not_allowed"}.get(error.status_code, "refused")
        problem = Problem(error.status_code, code, f"{error.detail}; what there is: /docs")
        problem.headers.update(error.headers or {})
        return problem
    if isinstance(error, AskError):
        return Problem(410 if error.code == "cursor_of_another_bundle" else 400, error.code, str(error))
    if isinstance(error, StageError):
        return Problem(404, "not_served", str(error))
    if isinstance(error, DataError):
        return Problem(400, "bad_value", str(error))
    code = "read_only" if service.health().read_only else "busy"
    return Problem(503, code, str(error), retry_after_s=RETRY_AFTER_S)
