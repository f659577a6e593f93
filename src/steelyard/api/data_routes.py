"""What was found in the shop's data: the page and its JSON, read-only, for the shop's own people.

Only a server that was started with the shop's configuration knows it. It shows the load that models were trained on,
and a later one that was refused: then serving goes on with the earlier models.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import dataclass

import msgspec
from starlette.requests import Request
from starlette.responses import HTMLResponse, Response

from steelyard.api.gate import Entry, Group
from steelyard.api.routes import NoParameters, Operation, json_response
from steelyard.api.schemas import Problem, read_query
from steelyard.documents.quality import QualityReport, quality_builtins
from steelyard.errors import ArtefactError
from steelyard.reporting.data_page import DATA_STYLE, data_page
from steelyard.serving.service import Service

__all__ = ["DataAnswer", "DataOperations", "DataReports"]

_STYLE = "/data-quality.css"
_LINKS = (("/", "shop"), ("/decision", "decision"), ("/promises", "promises"))


@dataclass(frozen=True, slots=True)
class DataReports:
    """What was found in a shop's data."""

    trained: QualityReport | None = None
    """Of the load that models were trained on."""
    refused: QualityReport | None = None
    """Of a later load that was refused."""


class DataAnswer(msgspec.Struct, frozen=True):
    """What was found in the shop's data."""

    data: QualityReport
    """The load that models were trained on."""
    refused: QualityReport | None = None
    """A later load that was refused; serving goes on with the earlier one."""


class DataOperations:
    """The operations on the quality of the data.

    Args:
        service: Knows the shop's name and language.
        read: Gives the reports; left out where the server was given a bundle only.
    """

    def __init__(self, service: Service, read: Callable[[], DataReports] | None) -> None:
        self._service, self._read = service, read

    def table(self) -> tuple[Operation, ...]:
        """One row."""
        return (
            Operation(
                "GET",
                "/v1/data-quality",
                "What was found in the shop's data, and in a later load that was refused",
                self.reports,
                DataAnswer,
                Group.ADMINISTRATOR,
                query=NoParameters,
                errors=((400, "unknown_parameter"), (404, "no_data_report")),
            ),
        )

    def pages(self) -> list[Entry]:
        """The page and its style sheet."""
        return [
            Entry("/data-quality", self.page, Group.ADMINISTRATOR),
            Entry(_STYLE, _style, Group.ADMINISTRATOR),
        ]

    async def reports(self, request: Request) -> Response:
        """Answer with the reports."""
        read_query(request.scope["query_string"], NoParameters)
        found = await self._found()
        if found.trained is None and found.refused is None:
            raise Problem(404, "no_data_report", "no data of this shop was read yet: `steelyard prepare`, or -c here")
        refused = None if found.refused is None else quality_builtins(found.refused)
        return json_response({"data": quality_builtins(found.trained or QualityReport()), "refused": refused})

    async def page(self, _: Request) -> Response:
        """Answer with the page, in both languages."""
        found, shop = await self._found(), self._service.about.shop
        text = data_page(
            found.trained,
            refused=found.refused,
            shop=shop.name or "Steelyard",
            language=shop.language,
            style=_STYLE,
            links=_LINKS,
        )
        return HTMLResponse(text, headers={"cache-control": "private, no-cache"})

    async def _found(self) -> DataReports:
        if self._read is None:
            return DataReports()
        try:
            return await asyncio.to_thread(self._read)
        except ArtefactError as error:
            raise Problem(404, "no_data_report", str(error)) from error


async def _style(_: Request) -> Response:
    return Response(DATA_STYLE, media_type="text/css")
