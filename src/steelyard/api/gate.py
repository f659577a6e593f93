"""One table of routes behind one gate: shoppers come in, everything else needs the administrator's key.

On an address that only this machine reaches there is no key and nothing is asked. Elsewhere a path that the table does
not know is refused like an administrator's, so that nobody learns what there is by trying.
"""

from __future__ import annotations

import hmac
import ipaddress
import secrets
import threading
import time
from collections import OrderedDict
from collections.abc import Awaitable, Callable, Iterable, Sequence
from dataclasses import dataclass
from enum import StrEnum

from anyio import to_thread
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route, Router
from starlette.types import Message, Receive, Scope, Send

from steelyard.api.admin_key import AdminKey
from steelyard.api.schemas import Problem
from steelyard.errors import ConfigError

__all__ = ["SESSION_COOKIE", "SESSION_S", "Attempts", "Entry", "Gate", "GatedRoute", "Group", "gated_router"]

Handler = Callable[[Request], Awaitable[Response]]
SESSION_COOKIE = "steelyard_session"
SESSION_S = 12 * 3600
_FORWARDED = ("x-forwarded-for", "forwarded", "x-real-ip", "x-forwarded-host")
_CHALLENGE = {"www-authenticate": 'Bearer realm="steelyard"'}


class Group(StrEnum):
    """Whom a route is for."""

    SHOPPER = "shopper"
    """Anybody who reaches the server."""
    ADMINISTRATOR = "administrator"
    """Whoever holds the key."""


@dataclass(frozen=True, slots=True)
class Entry:
    """One path of the table."""

    path: str
    handler: Handler
    group: Group
    methods: tuple[str, ...] = ("GET",)


class Attempts:
    """How many more wrong keys are heard: of each address, and of all together. Its memory is bounded.

    Args:
        each: Wrong keys that one address may send at once; one more every ``again_s``.
        together: The same for all addresses together.
        again_s: After so long one more is heard.
        now: The clock.
    """

    MOST_ADDRESSES = 4096

    def __init__(
        self, *, each: int = 10, together: int = 100, again_s: float = 6.0, now: Callable[[], float] = time.monotonic
    ) -> None:
        self._each, self._together, self._again_s, self._now = each, together, again_s, now
        self._left: OrderedDict[str, tuple[float, float]] = OrderedDict()
        self._all = (float(together), now())

    def wait_s(self, address: str) -> float:
        """How long until a key of this address is heard; 0 for at once."""
        left, _ = self._of(address)
        return 0.0 if left >= 1 else (1 - left) * self._again_s

    def wait_all_s(self) -> float:
        """The same for a key that was never seen before, of any address."""
        left = self._filled(self._all, self._together, speed=10)
        return 0.0 if left >= 1 else (1 - left) * self._again_s / 10

    def spend(self, address: str) -> None:
        """Count a key before it is tried, so that many at once are counted too."""
        left, now = self._of(address)
        self._left[address] = (left - 1, now)
        self._left.move_to_end(address)
        while len(self._left) > self.MOST_ADDRESSES:
            self._left.popitem(last=False)
        self._all = (self._filled(self._all, self._together, speed=10) - 1, now)

    def forget(self, address: str) -> None:
        """The key was right."""
        self._left.pop(address, None)

    def __len__(self) -> int:
        """Addresses that are remembered."""
        return len(self._left)

    def _of(self, address: str) -> tuple[float, float]:
        kept = self._left.get(address, (float(self._each), self._now()))
        return self._filled(kept, self._each, speed=1), self._now()

    def _filled(self, kept: tuple[float, float], most: int, *, speed: int) -> float:
        left, at = kept
        return min(float(most), left + speed * (self._now() - at) / self._again_s)


class Gate:
    """Who may come in, and under whose name.

    Args:
        key: The administrator's; ``None`` where nothing is asked.
        is_behind_proxy: Whether the forwarded headers are the shop's own proxy's, and not the client's invention.
        trusts_user_ids: Whether anybody may ask and store events under any user's identifier.
        is_tls: Whether this server ends TLS itself.
        attempts: Counts wrong keys.
        now: The clock of the sessions.
    """

    def __init__(
        self,
        key: AdminKey | None = None,
        *,
        is_behind_proxy: bool = False,
        trusts_user_ids: bool = False,
        is_tls: bool = False,
        attempts: Attempts | None = None,
        now: Callable[[], float] = time.monotonic,
    ) -> None:
        self._key = key
        self._is_behind_proxy, self._is_tls = is_behind_proxy, is_tls
        self.trusts_user_ids = trusts_user_ids
        self._attempts = Attempts() if attempts is None else attempts  # an empty one is false
        self._now = now
        self._secret = secrets.token_bytes(32)
        self._known: bytes | None = None
        self._one_at_a_time = threading.Lock()

    @property
    def is_guarded(self) -> bool:
        """Whether a key is asked for at all."""
        return self._key is not None

    async def admit(self, request: Request, group: Group) -> None:
        """Let a request in.

        Args:
            request: Not yet handled.
            group: Whom its route is for.

        Raises:
            Problem: It may not come in; 401 without a right key, 429 after too many wrong ones.
        """
        if group is Group.SHOPPER or await self.is_administrator(request):
            return
        if not self.is_guarded:
            raise Problem(
                403, "through_a_proxy",
                "this came through a proxy, and the server believes that only this machine reaches it: start it with "
                "--behind-proxy, and it asks for the administrator's key",
            )  # fmt: skip
        raise _unauthorised("no_key", "this is for the shop's own people: send `Authorization: Bearer KEY`")

    async def is_administrator(self, request: Request) -> bool:
        """Whether the request has the administrator's rights.

        Args:
            request: Its header or its cookie is looked at.

        Returns:
            False where it brings no key. Where nothing is asked: true, unless it came through an undeclared proxy.

        Raises:
            Problem: It brings a wrong key (401), or its address brought too many of them (429).
        """
        if self._key is None:
            return not any(name in request.headers for name in _FORWARDED)
        if self._is_session(request.cookies.get(SESSION_COOKIE, "")):
            return True
        given = request.headers.getlist("authorization")
        if not given:
            return False
        scheme, _, key = given[0].partition(" ")
        if len(given) > 1 or scheme.lower() != "bearer":
            raise _unauthorised("wrong_key", "send the administrator's key as `Authorization: Bearer KEY`, once")
        await self.try_key(request, key.strip())
        return True

    async def try_key(self, request: Request, key: str) -> None:
        """Hold a key against the administrator's.

        Args:
            request: Its address is counted where the key is wrong.
            key: As it was sent.

        Raises:
            Problem: It is wrong, or may not be tried now.
        """
        address = self._address(request)
        wait_s = self._attempts.wait_s(address)
        mark = hmac.digest(self._secret, key.encode("utf-8", "surrogatepass"), "sha256")
        is_known = self._known is not None and hmac.compare_digest(mark, self._known)
        if not wait_s and is_known:
            return
        wait_s = wait_s or self._attempts.wait_all_s()
        if wait_s:
            raise Problem(
                429, "too_many_wrong_keys", "too many wrong keys came from here: wait, then send the right one",
                retry_after_s=max(1, round(wait_s)),
            )  # fmt: skip
        self._attempts.spend(address)
        if not await to_thread.run_sync(self._matches, key):
            raise _unauthorised(
                "wrong_key", "this is not the administrator's key; `steelyard serve --new-admin-key` makes a new one"
            )
        self._known = mark
        self._attempts.forget(address)

    def session(self) -> str:
        """A ticket for a browser that showed the right key: good for a while, and until the server ends."""
        words = f"{int(self._now()) + SESSION_S}.{secrets.token_hex(8)}"
        return f"{words}.{self._seal(words)}"

    def is_https(self, request: Request) -> bool:
        """Whether the browser's side of the connection is encrypted."""
        forwarded = request.headers.get("x-forwarded-proto", "").rpartition(",")[2].strip().lower()
        return self._is_tls or (self._is_behind_proxy and forwarded == "https")

    def _is_session(self, ticket: str) -> bool:
        words, _, seal = ticket.rpartition(".")
        until = words.partition(".")[0]
        is_ours = hmac.compare_digest(seal.encode("utf-8", "surrogatepass"), self._seal(words).encode())
        return is_ours and until.isdigit() and int(until) > self._now()

    def _seal(self, words: str) -> str:
        return hmac.new(self._secret, b"session " + words.encode("utf-8", "surrogatepass"), "sha256").hexdigest()

    def _matches(self, key: str) -> bool:
        with self._one_at_a_time:  # a trial costs 16 MiB and a core
            return self._key is not None and self._key.matches(key)

    def _address(self, request: Request) -> str:
        """Of the client: as the connection has it, or as the shop's own proxy, the last in the row, wrote it."""
        forwarded = request.headers.getlist("x-forwarded-for") if self._is_behind_proxy else []
        named = forwarded[-1].rpartition(",")[2].strip() if forwarded else ""
        text = named or (request.client.host if request.client else "")
        try:
            found = ipaddress.ip_address(text.strip("[]"))
        except ValueError:
            return text[:64]
        if isinstance(found, ipaddress.IPv6Address) and found.ipv4_mapped is None:
            return str(ipaddress.ip_network((found, 64), strict=False))  # a household has so many
        return str(found)


class GatedRoute(Route):
    """A route that asks the gate before anything else, the check of the method too."""

    def __init__(self, entry: Entry, gate: Gate, refuse: Callable[[Request, Problem], Response]) -> None:
        if not isinstance(entry.group, Group):
            raise ConfigError(f"route {entry.path} belongs to no group: say whom it is for, shopper or administrator")
        super().__init__(entry.path, entry.handler, methods=list(entry.methods))
        self.group, self._gate, self._refuse = entry.group, gate, refuse

    async def handle(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Let the request in, or answer with why not."""
        if self.group is Group.ADMINISTRATOR:
            request = Request(scope, receive)
            try:
                await self._gate.admit(request, self.group)
            except Problem as problem:
                await self._refuse(request, problem)(scope, receive, send)
                return
            send = _unstored(send) if self._gate.is_guarded else send
        await super().handle(scope, receive, send)


def gated_router(entries: Sequence[Entry], gate: Gate, refuse: Callable[[Request, Problem], Response]) -> Router:
    """The whole table behind the gate.

    Args:
        entries: The busiest first. Rows of one path must belong to one group.
        gate: Who may come in.
        refuse: The answer to a request that may not.

    Returns:
        Every path it does not know is refused to all but administrators, and is not found for them.

    Raises:
        ConfigError: A route has no group, or a path is in the table twice.
    """
    _check_once(entries)

    async def unknown(scope: Scope, receive: Receive, send: Send) -> None:
        if gate.is_guarded:
            await gate.admit(Request(scope, receive), Group.ADMINISTRATOR)
        raise HTTPException(404)

    routes = [GatedRoute(entry, gate, refuse) for entry in entries]
    return Router(routes=routes, default=unknown, redirect_slashes=False)


def _check_once(entries: Iterable[Entry]) -> None:
    seen: set[str] = set()
    for entry in entries:
        if entry.path in seen:
            raise ConfigError(f"path {entry.path} is in the table of routes twice: which group holds is not said")
        seen.add(entry.path)


def _unauthorised(code: str, message: str) -> Problem:
    problem = Problem(401, code, message)
    problem.headers.update(_CHALLENGE)
    return problem


def _unstored(send: Send) -> Send:
    """No cache on the way keeps an answer that was for an administrator."""

    async def sending(message: Message) -> None:
        if message["type"] == "http.response.start":
            headers: list[tuple[bytes, bytes]] = list(message.get("headers", ()))
            kept = [(name, value) for name, value in headers if name.lower() != b"cache-control"]
            message = {**message, "headers": [*kept, (b"cache-control", b"no-store")]}
        await send(message)

    return sending
