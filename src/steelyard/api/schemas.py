"""What may be asked, how it is read, and how a refusal looks. Anything that is not expected is refused by name."""

from __future__ import annotations

from typing import Annotated, Any, TypeVar
from urllib.parse import parse_qsl

import msgspec
from starlette.requests import ClientDisconnect, Request

from steelyard.serving.browse import Order
from steelyard.serving.engine import MAX_K
from steelyard.serving.lists.fields import Condition
from steelyard.serving.lists.listing import Question, Sort
from steelyard.serving.suggest import MAX_SUGGESTIONS

__all__ = [
    "MAX_BODY_BYTES",
    "MAX_EVENTS_BODY_BYTES",
    "BrowseAsk",
    "ErrorAnswer",
    "ErrorDetail",
    "ItemAsk",
    "Problem",
    "RecommendAsk",
    "SearchAsk",
    "SearchQuery",
    "SimilarAsk",
    "SuggestAsk",
    "json_in",
    "read_body",
    "read_content",
    "read_query",
]

MAX_BODY_BYTES = 64 * 1024
MAX_EVENTS_BODY_BYTES = 512 * 1024
_MAX_PARAMETERS = 20
_MAX_LETTERS = 256
"""Of a query: who pastes a whole page looks for its beginning."""

K = Annotated[int, msgspec.Meta(ge=1, le=MAX_K, description="Length of the list.")]
Explain = Annotated[
    bool, msgspec.Meta(description="Whether each item brings its reasons; without them an answer costs less.")
]


ExplainAll = Annotated[
    bool | msgspec.UnsetType,
    msgspec.Meta(
        description="Left out: each item brings its reasons. true: also the whole `explanation`, where who asks has "
        "the administrator's rights; it takes longer than the answer itself. false: neither; it costs least."
    ),
]


Diversify = Annotated[
    bool,
    msgspec.Meta(
        description="Laid out for shoppers: one card a product with its sizes as options, and in recommendations at "
        "most three of a category among the first ten. False: the list as it was measured."
    ),
]


Query = Annotated[
    str,
    msgspec.Meta(
        min_length=1,
        max_length=20_000,
        description="What the shopper typed; of a longer one the first 256 letters count.",
    ),
]
User = Annotated[
    str, msgspec.Meta(max_length=256, description="The shop's own identifier; empty or unknown: the list of everybody.")
]
Personalise = Annotated[bool, msgspec.Meta(description="False: no history is read, everybody gets the same list.")]
Verbatim = Annotated[bool, msgspec.Meta(description="Words are taken as they were typed; none is guessed.")]
SortBy = Annotated[
    Sort, msgspec.Meta(description="Another order than by relevance; what is unknown of an item puts it last.")
]
Cursor = Annotated[
    str,
    msgspec.Meta(
        max_length=200,
        description="`next` of the page before, sent with all else that page was asked with; empty for the first page.",
    ),
]
Paged = Annotated[
    bool,
    msgspec.Meta(
        description="Answer from the whole result: with its size and the cursor of the next page. Filters, facets, a "
        "sort, a cursor or highlights imply it."
    ),
]
Highlight = Annotated[
    bool, msgspec.Meta(description="With the title as HTML, escaped, in which <mark> stands round what matches.")
]

After = Annotated[
    str,
    msgspec.Meta(
        max_length=64,
        description="`token` of a change of the catalogue: the answer is of a moment after it. The header "
        "`steelyard-after` says the same.",
    ),
]
RequestId = Annotated[str, msgspec.Meta(max_length=128, description="A name of your own; made where empty.")]
Audience = Annotated[
    str, msgspec.Meta(max_length=200, description="Whose rules of curation hold; empty: those for everybody.")
]


class SearchAsk(msgspec.Struct, forbid_unknown_fields=True, frozen=True):
    """A search."""

    q: Query
    k: K = 10
    explain: ExplainAll = msgspec.UNSET
    diversify: Diversify = False
    verbatim: Verbatim = False
    user: User = ""
    personalise: Personalise = True
    filters: Annotated[
        dict[str, Condition],
        msgspec.Meta(
            description="What each field must be: `category`, `brand`, `price`, `in_stock`, or an attribute. Several "
            "values of a field: any of them; several fields: all of them. A category holds all below it: "
            "`Garden > Chairs`."
        ),
    ] = {}
    facets: Annotated[
        list[str], msgspec.Meta(description="Fields to be counted over the whole result; `*` for those that suit it.")
    ] = []
    sort: SortBy = Sort.RELEVANCE
    cursor: Cursor = ""
    paged: Paged = False
    highlight: Highlight = False
    audience: Audience = ""
    after: After = ""

    @property
    def question(self) -> Question:
        """The search as the service is asked."""
        return _question(self, self.filters, self.facets)


class SearchQuery(msgspec.Struct, forbid_unknown_fields=True, frozen=True):
    """A search in a query string."""

    q: Query
    k: K = 10
    explain: ExplainAll = msgspec.UNSET
    diversify: Diversify = False
    verbatim: Verbatim = False
    user: User = ""
    personalise: Personalise = True
    filters: Annotated[
        str, msgspec.Meta(description='As in the body of a POST, as JSON: `{"brand": ["ACME"], "price": {"max": 20}}`.')
    ] = ""
    facets: Annotated[
        str, msgspec.Meta(description="As in the body of a POST: a list as JSON, or names between commas.")
    ] = ""
    sort: SortBy = Sort.RELEVANCE
    cursor: Cursor = ""
    paged: Paged = False
    highlight: Highlight = False
    audience: Audience = ""
    after: After = ""

    @property
    def question(self) -> Question:
        """The search as the service is asked.

        Raises:
            Problem: Filters or facets are no JSON of the form that is expected.
        """
        is_json = self.facets.lstrip().startswith("[")
        names = [name for part in self.facets.split(",") if (name := part.strip())]
        facets = json_in("facets", self.facets, list[str]) if is_json else names
        filters = json_in("filters", self.filters, dict[str, Condition]) if self.filters.strip() else {}
        return _question(self, filters, facets)


class SuggestAsk(msgspec.Struct, forbid_unknown_fields=True, frozen=True):
    """Proposals while a shopper types."""

    q: Annotated[
        str, msgspec.Meta(max_length=256, description="Typed so far; pinyin finds Chinese; empty: what is asked most.")
    ] = ""
    k: Annotated[int, msgspec.Meta(ge=1, le=MAX_SUGGESTIONS, description="At most so many.")] = 8
    after: After = ""


class RecommendAsk(msgspec.Struct, forbid_unknown_fields=True, frozen=True):
    """Items for a user."""

    user: Annotated[
        str, msgspec.Meta(max_length=256, description="The shop's own identifier; empty or unknown: what is popular.")
    ] = ""
    k: K = 10
    personalise: Personalise = True
    explain: Explain = True
    diversify: Diversify = False
    request_id: RequestId = ""
    after: After = ""


class SimilarAsk(msgspec.Struct, forbid_unknown_fields=True, frozen=True):
    """Items like one item."""

    item: Annotated[str, msgspec.Meta(min_length=1, max_length=256, description="The shop's identifier of the item.")]
    k: K = 10
    explain: Explain = True
    after: After = ""


class ItemAsk(msgspec.Struct, forbid_unknown_fields=True, frozen=True):
    """An item's card."""

    after: After = ""


class BrowseAsk(msgspec.Struct, forbid_unknown_fields=True, frozen=True):
    """A shelf of the catalogue."""

    department: Annotated[
        str, msgspec.Meta(max_length=256, description="A widest category, as /v1/shop names it; empty: all of them.")
    ] = ""
    order: Annotated[Order, msgspec.Meta(description="The latest in the catalogue first, or by price.")] = Order.LATEST
    k: K = 10
    after: After = ""


class ErrorDetail(msgspec.Struct, frozen=True):
    """What was wrong."""

    code: Annotated[str, msgspec.Meta(description="Stable; programs compare this.")]
    message: Annotated[str, msgspec.Meta(description="For people: what was found, and what to do.")]


class ErrorAnswer(msgspec.Struct, frozen=True):
    """A refusal."""

    error: ErrorDetail


class Problem(Exception):
    """A request that is refused.

    Args:
        status: HTTP status.
        code: Stable name of the problem.
        message: For people.
        retry_after_s: Sent as ``Retry-After`` when above 0.
    """

    def __init__(self, status: int, code: str, message: str, *, retry_after_s: int = 0) -> None:
        super().__init__(message)
        self.status = status
        self.code = code
        self.message = message
        self.headers = {"retry-after": str(retry_after_s)} if retry_after_s else {}

    @property
    def body(self) -> bytes:
        """The refusal as JSON."""
        message = self.message.encode("utf-8", "replace").decode()
        return msgspec.json.encode(ErrorAnswer(ErrorDetail(self.code, message)))


T = TypeVar("T", bound=msgspec.Struct)


def read_query(raw: bytes, wanted: type[T]) -> T:
    """The query string as ``wanted``.

    Args:
        raw: As received.
        wanted: A struct; its fields are the known parameters.

    Returns:
        All limits of ``wanted`` hold.

    Raises:
        Problem: A parameter is unknown, given twice, missing, or has a wrong value; the message lists the known ones.
    """
    known = wanted.__struct_fields__
    try:
        pairs = parse_qsl(raw.decode("ascii"), keep_blank_values=True, errors="strict", max_num_fields=_MAX_PARAMETERS)
    except ValueError as error:
        raise Problem(400, "bad_parameter", f"the query string cannot be read: {error}") from error
    given = dict(pairs)
    unknown = [name for name in given if name not in known]
    if unknown:
        raise Problem(400, "unknown_parameter", f"unknown parameter {unknown[0][:64]!r}; known: {_list(known)}")
    if len(given) < len(pairs):
        twice = next(name for name in given if sum(name == other for other, _ in pairs) > 1)
        raise Problem(400, "bad_parameter", f"parameter {twice!r} is given more than once")
    try:
        return msgspec.convert(given, wanted, strict=False)
    except msgspec.ValidationError as error:
        raise _parameter_problem(error, known) from error


async def read_body(request: Request, wanted: Any, *, max_bytes: int) -> Any:
    """The body as ``wanted``.

    Args:
        request: Its content type must be JSON.
        wanted: Type of the whole body.
        max_bytes: A longer body is refused before it is read to its end.

    Returns:
        All limits of ``wanted`` hold.

    Raises:
        Problem: Another content type, too long, not JSON, or not ``wanted``.
    """
    if request.scope["query_string"]:
        raise Problem(400, "unknown_parameter", "a POST takes everything in its body; there is no known parameter")
    content_type = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    if content_type != "application/json" or request.headers.get("content-encoding", "identity") != "identity":
        raise Problem(415, "unsupported_media_type", "send JSON, not compressed, with content-type: application/json")
    content = await read_content(request, max_bytes)
    try:
        return msgspec.json.decode(content, type=wanted)
    except msgspec.ValidationError as error:
        raise Problem(400, "bad_value", str(error)) from error
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        raise Problem(400, "bad_json", f"the body is not JSON: {error}") from error


async def read_content(request: Request, max_bytes: int) -> bytes:
    """The body as it was sent.

    Args:
        request: Not yet read.
        max_bytes: A longer body is refused before it is read to its end.

    Returns:
        All of it.

    Raises:
        Problem: It is too long, or the connection ended before it did.
    """
    too_long = Problem(413, "body_too_large", f"the body is longer than {max_bytes} bytes: send it in parts")
    length = request.headers.get("content-length", "")
    if length.isascii() and length.isdigit() and len(length) < 20 and int(length) > max_bytes:
        raise too_long
    content = bytearray()
    try:
        async for chunk in request.stream():
            content += chunk
            if len(content) > max_bytes:
                raise too_long
    except ClientDisconnect as error:
        raise Problem(400, "disconnected", "the connection ended before the body did") from error
    return bytes(content)


def _question(ask: SearchAsk | SearchQuery, filters: dict[str, Condition], facets: list[str]) -> Question:
    return Question(
        ask.q[:_MAX_LETTERS],
        k=ask.k,
        filters=filters,
        facets=tuple(facets),
        sort=ask.sort,
        cursor=ask.cursor,
        explain=ask.explain is not False,
        diversify=ask.diversify,
        highlight=ask.highlight,
        verbatim=ask.verbatim,
        is_paged=ask.paged,
        user=ask.user if ask.personalise else "",
        audience=ask.audience,
        is_explained=ask.explain is True,
    )


def json_in(name: str, text: str, wanted: Any) -> Any:
    """A parameter that holds JSON."""
    try:
        return msgspec.json.decode(text.encode("utf-8", "replace"), type=wanted)
    except (msgspec.MsgspecError, RecursionError) as error:
        raise Problem(400, "bad_parameter", f"parameter {name!r} is not the JSON that is expected: {error}") from error


def _parameter_problem(error: msgspec.ValidationError, known: tuple[str, ...]) -> Problem:
    text = str(error)
    if text.startswith("Object missing required field"):
        return Problem(400, "missing_parameter", f"{text.replace('Object missing', 'missing')}; known: {_list(known)}")
    return Problem(400, "bad_parameter", text)


def _list(names: tuple[str, ...]) -> str:
    return ", ".join(names)
