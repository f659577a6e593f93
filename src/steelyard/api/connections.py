"""Connections that end on time. No Python web server cuts a client that sends a byte a second, or never reads."""

from __future__ import annotations

import asyncio
import logging
import resource
from contextlib import suppress
from typing import Any

from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

__all__ = ["Connection", "allow_many_connections", "connection_class"]

_log = logging.getLogger(__name__)
MAX_HEADER_BYTES = 16 * 1024
MAX_HEADERS = 100


def connection_class(deadline_s: float) -> type[Connection]:
    """``Connection`` with another deadline, for ``uvicorn.Config(http=…)``."""
    return type("Connection", (Connection,), {"deadline_s": deadline_s})


def allow_many_connections() -> None:
    """Raise the limit on open files to what this process may have."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    if soft < hard:
        with suppress(ValueError, OSError):
            resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))


class Connection(HttpToolsProtocol):
    """A uvicorn connection with an absolute deadline for each request, and a limit on headers.

    The clock runs from the first byte of a request (from the opening, for the first one) until the client took the
    last byte of the answer. Between requests the server's keep-alive limit holds.
    """

    deadline_s: float = 10.0
    _timer: asyncio.TimerHandle | None = None
    _is_draining = False
    _header_bytes = 0

    def connection_made(self, transport: Any) -> None:
        """Start the clock."""
        super().connection_made(transport)
        self._arm()

    def connection_lost(self, exc: Exception | None) -> None:
        """Stop the clock."""
        self._disarm()
        super().connection_lost(exc)

    def data_received(self, data: bytes) -> None:
        """Start the clock at a request's first byte; cut headers that do not end."""
        if self._timer is None or (self._is_draining and not self.transport.get_write_buffer_size()):
            self._arm()
        super().data_received(data)
        is_waiting = self.cycle is None or self.cycle.response_complete
        self._header_bytes = self._header_bytes + len(data) if is_waiting else 0
        if self._header_bytes > MAX_HEADER_BYTES:
            self.transport.abort()

    def on_header(self, name: bytes, value: bytes) -> None:
        """Refuse too many or too long headers; uvicorn answers 400."""
        if len(self.headers) >= MAX_HEADERS or len(name) + len(value) > MAX_HEADER_BYTES:
            raise ValueError("headers too long")
        super().on_header(name, value)

    def on_response_complete(self) -> None:
        """Stop the clock once the client has taken the answer."""
        has_next = bool(self.pipeline)
        super().on_response_complete()
        self._disarm()
        is_draining = self.transport.get_write_buffer_size() > 0
        if has_next or is_draining:
            self._arm(is_draining=is_draining)

    def _arm(self, *, is_draining: bool = False) -> None:
        self._disarm()
        self._is_draining = is_draining
        self._timer = self.loop.call_later(self.deadline_s, self._cut)

    def _disarm(self) -> None:
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None

    def _cut(self) -> None:
        self._timer = None
        if not self._is_draining or self.transport.get_write_buffer_size():
            _log.info("event=connection_cut client=%s", self.client)
            self.transport.abort()
