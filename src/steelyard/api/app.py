"""The application: a guard outside, then the hot operations, then a FastAPI shell with everything else.

The hot operations are plain Starlette routes before the shell, which would double what HTTP costs each of them.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable, Coroutine, Mapping
from contextlib import asynccontextmanager
from typing import Any

from fastapi import FastAPI
from starlette.exceptions import HTTPException
from starlette.middleware.exceptions import ExceptionMiddleware
from starlette.requests import Request
from starlette.responses import HTMLResponse, Response
from starlette.routing import Router
from starlette.types import ASGIApp

from steelyard import __version__
from steelyard.api.book_routes import BookOperations, Books
from steelyard.api.cost_routes import CostOperations
from steelyard.api.deadline import Guard, Protection
from steelyard.api.openapi import STYLE, describe, reference_page
from steelyard.api.page_routes import page_routes
from steelyard.api.routes import JSON, Operations, json_response
from steelyard.api.schemas import Problem
from steelyard.api.tally import Tally
from steelyard.errors import DataError, StageError, StorageError
from steelyard.serving.service import Service

__all__ = ["create_app"]

RETRY_AFTER_S = 2
Refuse = Callable[[Request, Any], Coroutine[Any, Any, Response]]


def create_app(
    service: Service,
    *,
    protection: Protection | None = None,
    on_start: Callable[[], None] | None = None,
    tally: Tally | None = None,
    books: Books | None = None,
) -> ASGIApp:
    """The ASGI application of one service.

    Args:
        service: Answers; closed when the application stops.
        protection: Deadline, hosts, picture sources; the defaults suit one machine.
        on_start: Called when the application is ready.
        tally: Counts the answers, for the ledger.
        books: The shop's ledger and what was kept beside it; ``None`` where only a bundle is served.

    Returns:
        To be run by an ASGI server, with its lifespan events on.
    """
    operations = Operations(service, tally)
    refusals = _refusals(service)
    shell = _shell(service, operations, refusals, books)

    @asynccontextmanager
    async def life(_: object) -> AsyncIterator[None]:
        if on_start is not None:
            on_start()
        yield
        service.close()

    hot = Router(routes=operations.routes(is_hot=True), default=shell, lifespan=life)
    return Guard(ExceptionMiddleware(hot, handlers=refusals), protection or Protection())


def _shell(service: Service, operations: Operations, refusals: Mapping[Any, Refuse], books: Books | None) -> FastAPI:
    """Everything that is not asked many times a second."""
    app = FastAPI(
        title=service.about.shop.name or "Steelyard",
        version=__version__,
        docs_url=None,  # the stock page loads its scripts from another site
        redoc_url=None,
        openapi_url=None,
        exception_handlers={**refusals, Exception: _failed},
    )
    costs, kept = CostOperations(service.about), BookOperations(books)
    app.router.routes.extend([*operations.routes(is_hot=False), *costs.routes(), *kept.routes(), *page_routes()])

    def openapi() -> dict[str, Any]:
        if app.openapi_schema is None:
            app.openapi_schema = describe(
                [*operations.table(), *costs.table(), *kept.table()], title=app.title, version=app.version
            )
        return app.openapi_schema

    async def document(_: Request) -> Response:
        return json_response(openapi())

    async def reference(_: Request) -> Response:
        return HTMLResponse(reference_page(openapi()))

    async def style(_: Request) -> Response:
        return Response(STYLE, media_type="text/css")

    app.openapi = openapi  # type: ignore[method-assign]
    app.add_route("/openapi.json", document)
    app.add_route("/docs", reference)
    app.add_route("/docs.css", style)
    return app


def _refusals(service: Service) -> dict[Any, Refuse]:
    async def refuse(_: Request, error: Exception) -> Response:
        return _answer(error if isinstance(error, Problem) else _problem(error, service))

    return dict.fromkeys((Problem, HTTPException, StageError, StorageError, DataError), refuse)


async def _failed(_: Request, __: Exception) -> Response:
    return _answer(Problem(500, "internal", "the server failed; it was logged"))


def _answer(problem: Problem) -> Response:
    return Response(problem.body, status_code=problem.status, headers=problem.headers, media_type=JSON)


def _problem(error: Exception, service: Service) -> Problem:
    if isinstance(error, HTTPException):
        code = {404: "not_found", 405: "method_not_allowed"}.get(error.status_code, "refused")
        problem = Problem(error.status_code, code, f"{error.detail}; what there is: /docs")
        problem.headers.update(error.headers or {})
        return problem
    if isinstance(error, StageError):
        return Problem(404, "not_served", str(error))
    if isinstance(error, DataError):
        return Problem(400, "bad_value", str(error))
    code = "read_only" if service.health().read_only else "busy"
    return Problem(503, code, str(error), retry_after_s=RETRY_AFTER_S)
