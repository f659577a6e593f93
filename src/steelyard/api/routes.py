"""The operations: what is asked, what is answered, who does it. Routes and OpenAPI come from one table."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass, replace
from typing import Any, TypeVar

import msgspec
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from steelyard.api.schemas import (
    MAX_BODY_BYTES,
    MAX_EVENTS_BODY_BYTES,
    BrowseAsk,
    Problem,
    RecommendAsk,
    SearchAsk,
    SimilarAsk,
    read_body,
    read_query,
)
from steelyard.api.tally import Tally
from steelyard.domain import Surface
from steelyard.serving.cards import Card
from steelyard.serving.events import MAX_EVENTS, EventIn
from steelyard.serving.service import Answer, EventsAnswer, Health, Service, ShopAnswer

__all__ = ["JSON", "EventsBody", "Operation", "Operations", "json_response"]

JSON = "application/json"
EventsBody = EventIn | list[EventIn]
_QUERY_CODES = ((400, "bad_parameter"), (400, "missing_parameter"), (400, "unknown_parameter"), (404, "not_served"))
_BODY_CODES = (
    (400, "bad_json"),
    (400, "bad_value"),
    (400, "unknown_parameter"),
    (404, "not_served"),
    (413, "body_too_large"),
    (415, "unsupported_media_type"),
)
_EVENT_CODES = (
    (413, "too_many_events"),
    (422, "time_in_future"),
    (422, "time_too_old"),
    (422, "missing_item"),
    (422, "missing_query"),
    (422, "bad_quantity"),
    (503, "read_only"),
    (503, "busy"),
)

T = TypeVar("T")
Handler = Callable[[Request], Awaitable[Response]]


class NoParameters(msgspec.Struct, frozen=True):
    """An operation that takes no parameter."""


@dataclass(frozen=True, slots=True)
class Operation:
    """One method of one path."""

    method: str
    path: str
    summary: str
    handler: Handler
    answer: Any
    """Type of the answer; ``None`` for JSON of a form of its own."""
    query: Any = None
    """Struct whose fields are the query parameters."""
    body: Any = None
    """Type of the body."""
    errors: tuple[tuple[int, str], ...] = ()
    """Status and code of refusals, besides those any request may get."""


def json_response(value: Any, *, status: int = 200) -> Response:
    """A value as a JSON answer."""
    return Response(msgspec.json.encode(value), status_code=status, media_type=JSON)


class Operations:
    """All operations of one service."""

    def __init__(self, service: Service, tally: Tally | None = None) -> None:
        self._service = service
        self._tally = tally or Tally()

    def table(self) -> tuple[Operation, ...]:
        """One row for each method of each path; the busiest first."""
        return (*self._hot(), *self._cold())

    def routes(self, *, is_hot: bool) -> list[Route]:
        """Routes of the hot operations or of the others, the methods of one path together."""
        methods: dict[str, list[str]] = {}
        handlers: dict[str, Handler] = {}
        for row in self._hot() if is_hot else self._cold():
            methods.setdefault(row.path, []).append(row.method)
            handlers[row.path] = row.handler
        return [Route(path, handlers[path], methods=methods[path]) for path in methods]

    async def search(self, request: Request) -> Response:
        """Answer a search."""
        ask = await _ask(request, SearchAsk)
        if not ask.q.strip():
            raise Problem(400, "bad_parameter", "q holds no words")
        answer = await self._service.search(ask.q, k=ask.k, explain=ask.explain, diversify=ask.diversify)
        return self._tally.count(Surface.SEARCH, json_response(answer))

    async def recommend(self, request: Request) -> Response:
        """Answer with items for a user."""
        ask = await _ask(request, RecommendAsk)
        how = {"personalise": ask.personalise, "explain": ask.explain, "diversify": ask.diversify}
        answer = self._service.recommend(ask.user, k=ask.k, **how)
        return self._tally.count(Surface.RECOMMEND, json_response(await answer))

    async def similar(self, request: Request) -> Response:
        """Answer with items that could be taken instead of one item."""
        ask = await _ask(request, SimilarAsk)
        answer = await self._service.similar(ask.item, k=ask.k, explain=ask.explain)
        if answer is None:
            raise _no_such_item(ask.item)
        return self._tally.count(Surface.SIMILAR, json_response(answer))

    async def bought_with(self, request: Request) -> Response:
        """Answer with items that are often bought with one item."""
        ask = await _ask(request, SimilarAsk)
        answer = await self._service.bought_with(ask.item, k=ask.k, explain=ask.explain)
        if answer is None:
            raise _no_such_item(ask.item)
        return self._tally.count(Surface.SIMILAR, json_response(answer))

    async def browse(self, request: Request) -> Response:
        """Answer with a shelf of the catalogue."""
        ask = await _ask(request, BrowseAsk)
        return json_response(await self._service.browse(ask.department, ask.order, k=ask.k))

    async def events(self, request: Request) -> Response:
        """Store events, then acknowledge them."""
        body = await read_body(request, EventsBody, max_bytes=MAX_EVENTS_BODY_BYTES)
        sent = body if isinstance(body, list) else [body]
        if len(sent) > MAX_EVENTS:
            raise Problem(413, "too_many_events", f"{len(sent)} events in one request; send at most {MAX_EVENTS}")
        answer = await self._service.take(sent)
        if answer.refused and len(sent) == 1:
            raise Problem(422, answer.refused[0].code, answer.refused[0].message)
        return json_response(answer)

    async def item(self, request: Request) -> Response:
        """Answer with an item's card."""
        read_query(request.scope["query_string"], NoParameters)
        item_id = request.path_params["id"]
        card = self._service.card(item_id)
        if card is None:
            raise _no_such_item(item_id)
        return json_response(card)

    async def picture(self, request: Request) -> Response:
        """Answer with a picture; browsers keep it for a day and then ask whether it changed."""
        known = request.headers.get("if-none-match", "")
        picture = await self._service.picture(request.path_params["name"], known=known)
        if picture is None:
            raise Problem(404, "no_such_picture", "the folder of pictures has none of this name")
        headers = {"etag": picture.tag, "cache-control": "public, max-age=86400, immutable"}
        if picture.content is None:
            return Response(status_code=304, headers=headers)
        return Response(picture.content, media_type=picture.kind, headers=headers)

    async def shop(self, request: Request) -> Response:
        """Answer with the shop."""
        read_query(request.scope["query_string"], NoParameters)
        return json_response(self._service.shop())

    async def decision(self, request: Request) -> Response:
        """Answer with the decision, as it was packaged."""
        read_query(request.scope["query_string"], NoParameters)
        return Response(self._service.about.decision, media_type=JSON)

    async def health(self, request: Request) -> Response:
        """Answer with the server's own state; status 200 as long as questions are answered."""
        return json_response(self._service.health())

    def _hot(self) -> tuple[Operation, ...]:
        search = Operation("GET", "/v1/search", "Search", self.search, Answer, query=SearchAsk, errors=_QUERY_CODES)
        recommend = Operation(
            "GET", "/v1/recommend", "Items for a user", self.recommend, Answer, query=RecommendAsk, errors=_QUERY_CODES
        )
        return (
            search,
            replace(search, method="POST", query=None, body=SearchAsk, errors=_BODY_CODES),
            recommend,
            replace(recommend, method="POST", query=None, body=RecommendAsk, errors=_BODY_CODES),
            Operation(
                "GET",
                "/v1/similar",
                "Items that could be taken instead of an item",
                self.similar,
                Answer,
                query=SimilarAsk,
                errors=(*_QUERY_CODES, (404, "no_such_item")),
            ),
            Operation(
                "GET",
                "/v1/bought-with",
                "Items that are often bought with an item",
                self.bought_with,
                Answer,
                query=SimilarAsk,
                errors=(*_QUERY_CODES, (404, "no_such_item")),
            ),
            Operation(
                "POST",
                "/v1/events",
                f"Store one event or a list of at most {MAX_EVENTS}; answered once they are on the disk",
                self.events,
                EventsAnswer,
                body=EventsBody,
                errors=(*_BODY_CODES, *_EVENT_CODES),
            ),
        )

    def _cold(self) -> tuple[Operation, ...]:
        return (
            Operation(
                "GET",
                "/v1/items/{id:path}",
                "An item's card",
                self.item,
                Card,
                query=NoParameters,
                errors=((400, "unknown_parameter"), (404, "no_such_item")),
            ),
            Operation(
                "GET",
                "/v1/browse",
                "The catalogue without a question: by department, the latest or by price",
                self.browse,
                Answer,
                query=BrowseAsk,
                errors=_QUERY_CODES[:3],
            ),
            Operation(
                "GET",
                "/pictures/{name:path}",
                "A picture of an item",
                self.picture,
                None,
                query=NoParameters,
                errors=((404, "no_such_picture"),),
            ),
            Operation("GET", "/v1/shop", "What a store front must know first", self.shop, ShopAnswer),
            Operation("GET", "/v1/decision", "The decision behind this bundle, with its bill", self.decision, None),
            Operation("GET", "/health", "Whether the server is well", self.health, Health),
        )


async def _ask(request: Request, wanted: type[T]) -> T:
    if request.method == "POST":
        body: T = await read_body(request, wanted, max_bytes=MAX_BODY_BYTES)
        return body
    return read_query(request.scope["query_string"], wanted)


def _no_such_item(item_id: str) -> Problem:
    return Problem(404, "no_such_item", f"the catalogue of this bundle has no item {item_id[:64]!r}")
