"""The operations: what is asked, what is answered, who does it. Routes and OpenAPI come from one table."""

from __future__ import annotations

import re
from collections.abc import Awaitable, Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from typing import Any, TypeVar

import msgspec
from starlette.requests import Request
from starlette.responses import Response

from steelyard.api.basket_ask import BoughtWithAsk
from steelyard.api.gate import Entry, Gate, Group
from steelyard.api.people import Readings
from steelyard.api.problem_codes import AFTER_CODES, BODY_CODES, EVENT_CODES, LIST_CODES, NAME_CODES, QUERY_CODES
from steelyard.api.schemas import (
    MAX_BODY_BYTES,
    MAX_EVENTS_BODY_BYTES,
    BrowseAsk,
    ItemAsk,
    Problem,
    RecommendAsk,
    SearchAsk,
    SearchQuery,
    SimilarAsk,
    SuggestAsk,
    read_body,
    read_query,
)
from steelyard.api.tally import Tally
from steelyard.documents.decision import Decision, decision_json, read_decision
from steelyard.documents.promises import PromiseRecord, promises_json, read_promises
from steelyard.domain import Surface
from steelyard.errors import ArtefactError, ConfigError
from steelyard.serving.cards import Card
from steelyard.serving.events import MAX_EVENTS, EventIn
from steelyard.serving.searches import SearchAnswer
from steelyard.serving.service import Answer, EventsAnswer, Health, Service, ShopAnswer, SuggestAnswer

__all__ = ["JSON", "EventsBody", "NoParameters", "Operation", "Operations", "entries_of", "json_response"]

JSON = "application/json"
AFTER = "steelyard-after"
"""Header with the token of a change that the answer must have."""
EventsBody = EventIn | list[EventIn]
_VISITOR = re.compile(r"visitor-[0-9a-z]{12,64}", re.ASCII)
"""What a browser of the store front calls itself: long and random, so that nobody guesses another's."""

T = TypeVar("T", bound=msgspec.Struct)
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
    group: Group
    """Whom it is for."""
    query: Any = None
    """Struct whose fields are the query parameters."""
    body: Any = None
    """Type of the body."""
    errors: tuple[tuple[int, str], ...] = ()
    """Status and code of refusals, besides those any request may get."""


def json_response(value: Any, *, status: int = 200) -> Response:
    """A value as a JSON answer."""
    return Response(msgspec.json.encode(value), status_code=status, media_type=JSON)


def entries_of(operations: Iterable[Operation]) -> list[Entry]:
    """The rows of the table of routes, the methods of one path together."""
    found: dict[str, Entry] = {}
    for row in operations:
        before = found.get(row.path)
        methods = (row.method,) if before is None else (*before.methods, row.method)
        if before is not None and (before.group, before.handler) != (row.group, row.handler):
            raise ConfigError(f"the methods of {row.path} are not for the same people, or not the same handler's")
        found[row.path] = Entry(row.path, row.handler, row.group, methods)
    return list(found.values())


class Operations:
    """The operations on what is served.

    Args:
        service: Answers.
        tally: Counts the answers.
        gate: Says who may ask and tell under another's name.
        has_run: Says whether there is a run whose progress can be asked for.
        readings: Counts who read people's histories.
        include: Returns once answers are of a moment after a token; left out where no changes are taken.
    """

    def __init__(
        self,
        service: Service,
        tally: Tally | None = None,
        *,
        gate: Gate | None = None,
        has_run: Callable[[], Awaitable[bool]] | None = None,
        readings: Readings | None = None,
        include: Callable[[str], Awaitable[None]] | None = None,
    ) -> None:
        self._service = service
        self._include = include or _takes_no_changes
        self._tally = tally or Tally()
        self._gate = gate or Gate()
        self._has_run = has_run
        self._readings = readings or Readings()
        self._documents: tuple[str, bytes, bytes] = ("", b"", b"")

    def table(self) -> tuple[Operation, ...]:
        """One row for each method of each path; the busiest first."""
        return (*self._hot(), *self._cold())

    async def search(self, request: Request) -> Response:
        """Answer a search."""
        wanted: type[SearchQuery | SearchAsk] = SearchQuery if request.method == "GET" else SearchAsk
        ask = await self._ask(request, wanted)
        if not ask.q.strip():
            raise Problem(400, "bad_parameter", "q holds no words")
        question = ask.question
        await self._check_reading(request, question.user, "search")
        if question.is_explained and not await self._gate.is_administrator(request):
            question = replace(question, is_explained=False)
        return self._tally.count(Surface.SEARCH, json_response(await self._service.search(question)))

    async def suggest(self, request: Request) -> Response:
        """Answer with proposals for the search box."""
        ask = await self._ask(request, SuggestAsk)
        return json_response(self._service.suggest(ask.q, k=ask.k))

    async def recommend(self, request: Request) -> Response:
        """Answer with items for a user."""
        ask = await self._ask(request, RecommendAsk)
        await self._check_reading(request, ask.user if ask.personalise else "", "recommend")
        how = {"personalise": ask.personalise, "explain": ask.explain, "diversify": ask.diversify}
        answer = self._service.recommend(ask.user, k=ask.k, request_id=ask.request_id, **how)
        return self._tally.count(Surface.RECOMMEND, json_response(await answer))

    async def similar(self, request: Request) -> Response:
        """Answer with items that could be bought instead of one."""
        ask = await self._ask(request, SimilarAsk)
        answer = await self._service.similar(ask.item, k=ask.k, explain=ask.explain)
        if answer is None:
            raise _no_such_item(ask.item)
        return self._tally.count(Surface.SIMILAR, json_response(answer))

    async def bought_with(self, request: Request) -> Response:
        """Answer with items that are often bought with one item, or go with a basket."""
        ask = await self._ask(request, BoughtWithAsk)
        items = ask.items
        answer = await self._service.bought_with(items, k=ask.k, explain=ask.explain)
        if answer is None:
            raise _no_such_item(items[0])
        return self._tally.count(Surface.SIMILAR, json_response(answer))

    async def browse(self, request: Request) -> Response:
        """Answer with a shelf of the catalogue."""
        ask = await self._ask(request, BrowseAsk)
        return json_response(await self._service.browse(ask.department, ask.order, k=ask.k))

    async def events(self, request: Request) -> Response:
        """Store events, then acknowledge them."""
        body = await read_body(request, EventsBody, max_bytes=MAX_EVENTS_BODY_BYTES)
        sent = body if isinstance(body, list) else [body]
        if len(sent) > MAX_EVENTS:
            raise Problem(413, "too_many_events", f"{len(sent)} events in one request; send at most {MAX_EVENTS}")
        await self._check_names(request, [each.user for each in sent if each.personalise])
        answer = await self._service.take(sent)
        if answer.refused and len(sent) == 1:
            refusal = answer.refused[0]
            raise Problem(409 if refusal.code == "event_id_taken" else 422, refusal.code, refusal.message)
        return json_response(answer)

    async def item(self, request: Request) -> Response:
        """Answer with an item's card."""
        await self._ask(request, ItemAsk)
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
        try:
            may_see_costs = await self._gate.is_administrator(request)
        except Problem:  # a wrong key takes nothing from a shopper
            may_see_costs = False
        has_run = may_see_costs and self._has_run is not None and await self._has_run()
        shop = msgspec.structs.replace(self._service.shop(), may_see_costs=may_see_costs, has_run=has_run)
        return json_response(shop)

    async def decision(self, request: Request) -> Response:
        """Answer with the decision, as it was packaged."""
        read_query(request.scope["query_string"], NoParameters)
        return Response(self._of_bundle()[1], media_type=JSON)

    async def promises(self, request: Request) -> Response:
        """Answer with the record of promises, as it was packaged."""
        read_query(request.scope["query_string"], NoParameters)
        return Response(self._of_bundle()[2], media_type=JSON)

    def _of_bundle(self) -> tuple[str, bytes, bytes]:
        """Digest, decision and promises of the bundle that answers now, in the form of this version."""
        about = self._service.about
        if self._documents[0] != about.digest:
            decision = _of_today(about.decision, lambda stored: decision_json(read_decision(stored)))
            promises = _of_today(about.promises, lambda stored: promises_json(read_promises(stored)))
            self._documents = (about.digest, decision, promises)
        return self._documents

    async def health(self, request: Request) -> Response:
        """Answer with the server's own state; status 200 as long as questions are answered."""
        return json_response(self._service.health())

    async def _ask(self, request: Request, wanted: type[T]) -> T:
        """What is asked; once the answer has the changes that whoever asks knows of."""
        ask = await _ask(request, wanted)
        after = str(getattr(ask, "after", "")) or request.headers.get(AFTER, "")
        if after:
            await self._include(after)
        return ask

    async def _check_reading(self, request: Request, user: str, purpose: str) -> None:
        """Refuse another's history to somebody without rights, and count who reads one."""
        await self._check_names(request, [user])
        if user and (purpose != "search" or self._service.about.personal):
            self._readings.count(self._asker(user), purpose)

    async def _check_names(self, request: Request, users: Sequence[str]) -> None:
        """Refuse another's name from somebody without rights: it would show, or change, what that user is offered."""
        foreign = next((user for user in users if user and not self._is_own(user)), None)
        if foreign is None or self._gate.trusts_user_ids or await self._gate.is_administrator(request):
            return
        if not self._gate.is_guarded:
            await self._gate.admit(request, Group.ADMINISTRATOR)  # says why: it came through a proxy nobody told of
        raise Problem(
            403, "foreign_user",
            f"user {foreign[:64]!r} is no random identifier of a browser (visitor-…): send the administrator's key "
            "with what your own servers ask and tell, or set [serve] trust_user_ids = true",
        )  # fmt: skip

    def _asker(self, user: str) -> str:
        """Who asks for lists under this name."""
        if self._service.is_example(user):
            return "example"
        return "visitor" if _VISITOR.fullmatch(user) else "shop's own servers"

    def _is_own(self, user: str) -> bool:
        return _VISITOR.fullmatch(user) is not None or self._service.is_example(user)

    def _hot(self) -> tuple[Operation, ...]:
        search = Operation(
            "GET", "/v1/search", "Search", self.search, SearchAnswer, Group.SHOPPER, query=SearchQuery,
            errors=(*QUERY_CODES, *LIST_CODES, *NAME_CODES),
        )  # fmt: skip
        recommend = Operation(
            "GET", "/v1/recommend", "Items for a user", self.recommend, Answer, Group.SHOPPER, query=RecommendAsk,
            errors=(*QUERY_CODES, *NAME_CODES),
        )  # fmt: skip
        suggest = Operation(
            "GET", "/v1/suggest", "Proposals while a shopper types", self.suggest, SuggestAnswer, Group.SHOPPER,
            query=SuggestAsk, errors=QUERY_CODES,
        )  # fmt: skip
        return (
            search,
            replace(search, method="POST", query=None, body=SearchAsk, errors=(*BODY_CODES, *LIST_CODES, *NAME_CODES)),
            suggest,
            recommend,
            replace(recommend, method="POST", query=None, body=RecommendAsk, errors=(*BODY_CODES, *NAME_CODES)),
            Operation(
                "GET",
                "/v1/similar",
                "Items that could be bought instead of an item",
                self.similar,
                Answer,
                Group.SHOPPER,
                query=SimilarAsk,
                errors=(*QUERY_CODES, (404, "no_such_item")),
            ),
            Operation(
                "GET",
                "/v1/bought-with",
                "Items that are often bought with an item, or go with a basket",
                self.bought_with,
                Answer,
                Group.SHOPPER,
                query=BoughtWithAsk,
                errors=(*QUERY_CODES, (404, "no_such_item")),
            ),
            Operation(
                "POST",
                "/v1/events",
                f"Store one event or a list of at most {MAX_EVENTS}; answered once they are on the disk",
                self.events,
                EventsAnswer,
                Group.SHOPPER,
                body=EventsBody,
                errors=(*BODY_CODES, *EVENT_CODES, *NAME_CODES),
            ),
        )

    def _cold(self) -> tuple[Operation, ...]:
        item = Operation(
            "GET", "/v1/items/{id:path}", "An item's card", self.item, Card, Group.SHOPPER, query=ItemAsk,
            errors=((400, "unknown_parameter"), (404, "no_such_item"), *AFTER_CODES),
        )  # fmt: skip
        return (
            item,
            Operation(
                "GET",
                "/v1/browse",
                "The catalogue without a question: by department, the latest or by price",
                self.browse,
                Answer,
                Group.SHOPPER,
                query=BrowseAsk,
                errors=(*QUERY_CODES[:3], *AFTER_CODES),
            ),
            Operation(
                "GET",
                "/pictures/{name:path}",
                "A picture of an item",
                self.picture,
                None,
                Group.SHOPPER,
                query=NoParameters,
                errors=((404, "no_such_picture"),),
            ),
            Operation("GET", "/v1/shop", "What a store front must know first", self.shop, ShopAnswer, Group.SHOPPER),
            Operation(
                "GET",
                "/v1/decision",
                "The decision behind this bundle, with its bill",
                self.decision,
                Decision,
                Group.ADMINISTRATOR,
            ),
            Operation(
                "GET",
                "/v1/promises",
                "What was promised of the configurations that were served, and what was found",
                self.promises,
                PromiseRecord,
                Group.ADMINISTRATOR,
            ),
            Operation("GET", "/health", "Whether the server is well", self.health, Health, Group.SHOPPER),
        )


async def _takes_no_changes(after: str) -> None:
    raise Problem(400, "takes_no_changes", f"this server takes no changes of the catalogue: leave {after[:64]!r} out")


async def _ask(request: Request, wanted: type[T]) -> T:
    if request.method == "POST":
        body: T = await read_body(request, wanted, max_bytes=MAX_BODY_BYTES)
        return body
    return read_query(request.scope["query_string"], wanted)


def _of_today(stored: bytes, rewritten: Callable[[bytes], bytes]) -> bytes:
    """A packaged document in the form of this version; as it is where it cannot be read."""
    try:
        return rewritten(stored)
    except ArtefactError:
        return stored


def _no_such_item(item_id: str) -> Problem:
    return Problem(404, "no_such_item", f"the catalogue of this bundle has no item {item_id[:64]!r}")
