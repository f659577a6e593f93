"""The operations on changes of the catalogue: for the shop's own people."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from functools import partial
from typing import Annotated, Any

import msgspec
from starlette.requests import Request
from starlette.responses import Response

from steelyard.api.changing import Changer
from steelyard.api.gate import Group
from steelyard.api.problem_codes import CHANGE_CODES
from steelyard.api.routes import NoParameters, Operation, json_response
from steelyard.api.schemas import Problem, read_body, read_query
from steelyard.errors import ArtefactError, StorageError
from steelyard.serving.answers import ChangesState
from steelyard.serving.changes.taking import MAX_KEY, ChangesRefused, Taken

__all__ = ["MAX_CHANGES", "MAX_CHANGES_BODY_BYTES", "ChangeOperations", "ChangesAnswer", "ChangesAsk"]

MAX_CHANGES = 10_000
MAX_CHANGES_BODY_BYTES = 16 * 1024 * 1024
_KEY = "idempotency-key"


class ChangesAsk(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Changes of the catalogue that hold together or not at all."""

    changes: Annotated[
        list[dict[str, Any]],
        msgspec.Meta(
            description="Each with `op` (`upsert`, the whole item; `patch`, some fields; `price`; `stock`; `delete`), "
            "`id`, and of `title`, `description`, `category` (a path, or a list of its levels), `brand`, `price`, "
            "`currency`, `stock` (pieces, true or false, or a word), `image`, `attributes` (an object) what the op "
            "takes. In their order: a later one sees what an earlier one did."
        ),
    ]
    dry_run: Annotated[bool, msgspec.Meta(description="Say what would be done, and do nothing.")] = False
    wait: Annotated[bool, msgspec.Meta(description="Answer only once this server's answers have the changes.")] = False


class ChangesAnswer(msgspec.Struct, frozen=True):
    """What was done; it is on the disk."""

    token: str
    """Sent as `after` with a question, its answer has these changes; empty after a dry run."""
    added: int
    """Items that are new."""
    changed: int
    """Changes of items that there were."""
    deleted: int
    repeated: bool = False
    """Whether the same was sent before under this key: then nothing was done again."""


class ChangeOperations:
    """Takes changes, and says what stands beside the bundle.

    Args:
        changer: Keeps them; gives None where this server takes none.
    """

    def __init__(self, changer: Callable[[], Changer | None]) -> None:
        self._changer = changer

    def table(self) -> tuple[Operation, ...]:
        """A row for each method."""
        path = "/v1/changes"
        return (
            Operation(
                "POST",
                path,
                f"Change the catalogue: at most {MAX_CHANGES:,} changes, all or none; answered once they are on the "
                "disk. Header Idempotency-Key: sent again, they are done once",
                self.changes,
                ChangesAnswer,
                Group.ADMINISTRATOR,
                body=ChangesAsk,
                errors=(*CHANGE_CODES, (404, "takes_no_changes")),
            ),
            Operation(
                "GET",
                path,
                "What of the catalogue was changed since the bundle was made",
                self.changes,
                ChangesState,
                Group.ADMINISTRATOR,
                query=NoParameters,
                errors=((400, "unknown_parameter"), (404, "takes_no_changes")),
            ),
        )

    async def changes(self, request: Request) -> Response:
        """Keep changes, or say what was changed."""
        changer = self._changer()
        if changer is None:
            raise Problem(404, "takes_no_changes", "this server was started without a folder for changes")
        if request.method == "GET":
            read_query(request.scope["query_string"], NoParameters)
            return json_response(changer.state())
        ask: ChangesAsk = await read_body(request, ChangesAsk, max_bytes=MAX_CHANGES_BODY_BYTES)
        if len(ask.changes) > MAX_CHANGES:
            raise Problem(
                413, "too_many_changes",
                f"{len(ask.changes):,} changes in one request; send at most {MAX_CHANGES:,}. Where most of the "
                "catalogue changes, export it anew and run `steelyard run`",
            )  # fmt: skip
        taken = await _taken(changer, ask, request.headers.get(_KEY, ""))
        if ask.wait and taken.token:
            await changer.include(taken.token)
        counted = taken.counted
        answer = ChangesAnswer(taken.token, counted.added, counted.changed, counted.deleted, taken.is_repeated)
        return json_response(answer)


async def _taken(changer: Changer, ask: ChangesAsk, key: str) -> Taken:
    if len(key) > MAX_KEY:
        raise Problem(400, "bad_value", f"the header Idempotency-Key is longer than {MAX_KEY} characters: shorten it")
    try:
        return await asyncio.to_thread(partial(changer.send, ask.changes, key=key, is_trial=ask.dry_run))
    except ChangesRefused as error:
        raise Problem(409 if error.is_key_taken else 422, error.code, str(error)) from error
    except StorageError as error:
        raise Problem(507, "not_stored", str(error)) from error
    except ArtefactError as error:
        raise Problem(503, "changes_unreadable", str(error)) from error
