"""How far the run has come that makes the bundles: read-only, for the shop's own people."""

from __future__ import annotations

import asyncio
import hashlib
from collections.abc import Callable, Mapping

import msgspec
from starlette.requests import Request
from starlette.responses import Response

from steelyard.api.gate import Group
from steelyard.api.routes import JSON, NoParameters, Operation
from steelyard.api.schemas import Problem, read_query
from steelyard.documents.progress import Progress
from steelyard.errors import ArtefactError, StorageError
from steelyard.serving.service import Service

__all__ = ["ProgressAnswer", "ProgressOperations"]


class ProgressAnswer(msgspec.Struct, frozen=True):
    """How far a run has come, and what is served meanwhile."""

    progress: Progress
    bundle: str
    """Digest of the bundle that answers now."""
    configurations: Mapping[str, str]
    """By surface, the name of the configuration that answers it now."""


class ProgressOperations:
    """The operation on the run's progress.

    Args:
        service: Says what is served.
        read: Gives the progress, or ``None`` where no run has written any; left out where there is no run to ask about.
    """

    def __init__(self, service: Service, read: Callable[[], Progress | None] | None) -> None:
        self._service, self._read = service, read

    def table(self) -> tuple[Operation, ...]:
        """One row."""
        return (
            Operation(
                "GET",
                "/v1/progress",
                "How far the run has come that makes the bundles, and what is served meanwhile",
                self.progress,
                ProgressAnswer,
                Group.ADMINISTRATOR,
                query=NoParameters,
                errors=((400, "unknown_parameter"), (404, "no_progress")),
            ),
        )

    async def progress(self, request: Request) -> Response:
        """Answer with the progress; what the browser has already is not sent again."""
        read_query(request.scope["query_string"], NoParameters)
        found = await self._found()
        about = self._service.about
        body = msgspec.json.encode(ProgressAnswer(found, about.digest, about.configurations))
        tag = f'"{hashlib.sha256(body).hexdigest()[:32]}"'
        headers = {"etag": tag, "cache-control": "private, no-cache"}
        if request.headers.get("if-none-match") == tag:
            return Response(status_code=304, headers=headers)
        return Response(body, media_type=JSON, headers=headers)

    async def exists(self) -> bool:
        """Whether a run has said how far it is."""
        try:
            await self._found()
        except (Problem, StorageError):
            return False
        return True

    async def _found(self) -> Progress:
        if self._read is None:
            raise Problem(
                404, "no_progress",
                "this server was started without a shop's configuration, so it knows of no run: `steelyard serve -c`",
            )  # fmt: skip
        try:
            found = await asyncio.to_thread(self._read)
        except ArtefactError as error:
            raise Problem(404, "no_progress", str(error)) from error
        if found is None:
            raise Problem(404, "no_progress", "no run of this shop has written how far it is: start `steelyard run`")
        return found
