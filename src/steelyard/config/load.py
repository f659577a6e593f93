"""Traffic the deployment must carry: the sections ``[load]`` of steelyard.toml."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field, model_validator
from pydantic_core import PydanticCustomError

from steelyard.config.section import KiloBytes, Milliseconds, Rate, Requests, Section

__all__ = ["Beside", "Load", "SurfaceLoad", "contradiction"]

MONTH_S = 730 * 3600
"""Seconds of the billing month, by which machines are billed."""


def contradiction(peak_rps: float, requests_per_month: float) -> str:
    """Why a peak and a month's requests cannot both be right, with the arithmetic; empty where they can.

    Args:
        peak_rps: Requests per second at the busiest moment.
        requests_per_month: Of the same surface.

    Returns:
        The busiest moment is never below the mean of the month.
    """
    mean = requests_per_month / MONTH_S
    if peak_rps >= mean:
        return ""
    return (
        f"a peak of {peak_rps:,g} requests/s is below the mean of the month: {requests_per_month:,.0f} requests / "
        f"(730 h x 3,600 s) = {mean:,.4g} requests/s; raise peak_rps to at least that, or correct requests_per_month"
    )


class SurfaceLoad(Section):
    """Traffic of one surface."""

    peak_rps: Rate = 20.0
    """Requests per second at the busiest moment the shop must survive."""
    requests_per_month: Requests = 3_000_000
    """Requests the whole month brings: the bill is divided by them."""
    response_kb: KiloBytes = 4.0
    """Bytes sent for one answer, in units of 1,000."""

    @model_validator(mode="after")
    def _peak_holds_the_month(self) -> SurfaceLoad:
        """Refuse a busiest moment that is below the mean of the month."""
        if why := contradiction(self.peak_rps, self.requests_per_month):
            raise PydanticCustomError("contradiction", "{why}", {"why": why})
        return self


Times = Annotated[float, Field(ge=0, le=1000)]


class Beside(Section):
    """Requests that come beside searches and recommendations and take the same processors: assumptions, all of them."""

    events_per_request: Times = 0.5
    """Posts of events for each search or recommendation."""
    event_ms: Milliseconds = 0.3
    """Processor time of storing one post of events; HTTP comes on top."""
    similar_per_request: Times = 0.2
    """Lists of similar products for each search or recommendation."""
    similar_ms: Milliseconds = 1.0
    """Processor time of one list of similar products; HTTP comes on top."""

    def seconds(self, http_s: float) -> float:
        """Processor seconds that each search or recommendation brings with it.

        Args:
            http_s: Processor seconds that HTTP adds to any request.

        Returns:
            Seconds, >= 0.
        """
        events = self.events_per_request * (self.event_ms / 1000 + http_s)
        return events + self.similar_per_request * (self.similar_ms / 1000 + http_s)


class Load(Section):
    """Traffic the deployment must carry. These are the shop's own numbers: the defaults are assumptions."""

    search: SurfaceLoad = SurfaceLoad()
    recommend: SurfaceLoad = SurfaceLoad()
    beside: Beside = Beside()
