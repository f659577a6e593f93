"""The outermost layer: who may ask, for how long, and what every answer carries.

What the application cannot see (headers that never end, answers that are never read) is cut by ``api.connections``.
"""

from __future__ import annotations

import asyncio
import ipaddress
import logging
from collections.abc import Iterable
from dataclasses import dataclass, field
from functools import lru_cache

from starlette.types import ASGIApp, Message, Receive, Scope, Send

from steelyard.api.schemas import Problem

__all__ = ["Guard", "Protection"]

_log = logging.getLogger(__name__)
_ANSWER_SHARE = 0.8
_LOCAL_NAMES = frozenset({"localhost"})
_SAFE_METHODS = frozenset({"GET", "HEAD"})
_OWN_FETCHES = frozenset({"same-origin", "none"})


@dataclass(frozen=True, slots=True)
class Protection:
    """What the guard allows."""

    deadline_s: float = 10.0
    """From the first byte of a request to the last of its answer; the client is told at 80 % of it."""
    hosts: tuple[str, ...] = ()
    """Host names the server may be asked by, besides addresses and ``localhost``; ``*`` allows any. Foreign names
    are refused, so that no web page can reach the server by pointing its own name at it."""
    image_sources: tuple[str, ...] = field(default=())
    """Where the pages may load pictures from, besides the server itself, for example ``https:``."""

    @property
    def headers(self) -> list[tuple[bytes, bytes]]:
        """Headers of every answer."""
        images = " ".join(("'self'", "data:", *self.image_sources))
        policy = (
            f"default-src 'self'; img-src {images}; object-src 'none'; base-uri 'none'; "
            "form-action 'self'; frame-ancestors 'none'"
        )
        return [
            (b"content-security-policy", policy.encode("ascii")),
            (b"x-content-type-options", b"nosniff"),
            (b"referrer-policy", b"same-origin"),
            (b"cross-origin-resource-policy", b"same-origin"),
        ]


class Guard:
    """Checks host and origin, sets the deadline, adds headers, and turns a crash into an answer.

    Args:
        app: What it guards.
        protection: What is allowed.
    """

    def __init__(self, app: ASGIApp, protection: Protection) -> None:
        self._app = app
        self._answer_within_s = protection.deadline_s * _ANSWER_SHARE
        self._hosts = frozenset(name.lower() for name in protection.hosts)
        self._headers = protection.headers

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Handle one request; other events (start, stop) go through untouched."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        scope["app"] = self._app  # Starlette then raises "method not allowed" instead of writing plain text
        sender = _Sender(send, self._headers)
        try:
            self._check(scope)
            async with asyncio.timeout(self._answer_within_s):
                await self._app(scope, receive, sender)
        except Problem as problem:
            await sender.refuse(problem)
        except TimeoutError:
            if sender.is_started:
                raise
            late = Problem(408, "deadline", f"the request took longer than {self._answer_within_s:g} s")
            await sender.refuse(late, is_last=True)
        except Exception:  # noqa: BLE001 - the edge: whatever failed, the client gets an answer and the log a trace
            _log.exception("event=request_failed path=%r", scope["path"])
            if not sender.is_started:
                await sender.refuse(Problem(500, "internal", "the server failed; it was logged"), is_last=True)

    def _check(self, scope: Scope) -> None:
        if scope["path"] == "/health":
            return
        headers: dict[bytes, bytes] = dict(scope["headers"])
        host = headers.get(b"host", b"").decode("latin-1").lower()
        name = _name_of(host)
        if "*" not in self._hosts and name not in self._hosts and name not in _LOCAL_NAMES and not _is_address(name):
            raise Problem(
                421, "bad_host", f"this server is not {name[:64]!r}: ask by address, or start it with --allow-host"
            )
        if scope["method"] in _SAFE_METHODS:
            return
        origin = headers.get(b"origin")
        is_own = origin is None or origin.decode("latin-1").lower().partition("://")[2] == host
        if not is_own or headers.get(b"sec-fetch-site", b"none").decode("latin-1") not in _OWN_FETCHES:
            raise Problem(403, "foreign_origin", "another site's page may not send this: ask from the same origin")


class _Sender:
    """Adds headers on the way out, and knows whether an answer was begun."""

    def __init__(self, send: Send, headers: Iterable[tuple[bytes, bytes]]) -> None:
        self._send = send
        self._headers = headers
        self.is_started = False

    async def __call__(self, message: Message) -> None:
        if message["type"] == "http.response.start":
            self.is_started = True
            message = {**message, "headers": [*message.get("headers", ()), *self._headers]}
        await self._send(message)

    async def refuse(self, problem: Problem, *, is_last: bool = False) -> None:
        """Answer with a refusal; ``is_last`` ends the connection after it."""
        body = problem.body
        headers = [(b"content-type", b"application/json"), (b"content-length", str(len(body)).encode())]
        headers += [(name.encode(), value.encode()) for name, value in problem.headers.items()]
        if is_last:
            headers.append((b"connection", b"close"))
        await self({"type": "http.response.start", "status": problem.status, "headers": headers})
        await self._send({"type": "http.response.body", "body": body})


def _name_of(host: str) -> str:
    """The host without its port and brackets."""
    if host.startswith("["):
        return host[1:].partition("]")[0]
    return host.partition(":")[0]


@lru_cache(maxsize=256)
def _is_address(name: str) -> bool:
    try:
        ipaddress.ip_address(name)
    except ValueError:
        return False
    return True
