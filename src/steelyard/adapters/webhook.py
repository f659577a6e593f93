"""Posts JSON to one address the user configured, and to nothing else that this address might be bent towards.

The name is resolved once; every address it has must be a public one (or in a network the user allowed), and the
connection goes to the address that was checked, so that a second answer of the name server changes nothing. Redirects
are not followed, the answer is read only so far, and the whole exchange has a deadline.
"""

from __future__ import annotations

import hashlib
import hmac
import http.client
import ipaddress
import json
import socket
import ssl
import threading
from collections.abc import Callable, Mapping, Sequence
from contextlib import closing
from datetime import datetime
from typing import Any
from urllib.parse import SplitResult, urlsplit

from steelyard.errors import ConfigError, SteelyardError

__all__ = ["Webhook", "WebhookError", "public_address"]

Address = ipaddress.IPv4Address | ipaddress.IPv6Address
Network = ipaddress.IPv4Network | ipaddress.IPv6Network

_MAX_ANSWER = 4096
_MIN_KEY = 16
_REFUSED = tuple(
    ipaddress.ip_network(each)
    for each in (
        "0.0.0.0/8", "10.0.0.0/8", "100.64.0.0/10", "127.0.0.0/8", "169.254.0.0/16", "172.16.0.0/12", "192.0.0.0/24",
        "192.0.2.0/24", "192.88.99.0/24", "192.168.0.0/16", "198.18.0.0/15", "198.51.100.0/24", "203.0.113.0/24",
        "224.0.0.0/4", "240.0.0.0/4",
        "168.63.129.16/32",  # Azure's host agent, on an address that looks public
    )
)  # fmt: skip
"""IANA's special-purpose IPv4 addresses (iana-ipv4-special-registry), multicast, and one metadata service."""
_GLOBAL_UNICAST = ipaddress.ip_network("2000::/3")
_REFUSED_6 = tuple(
    ipaddress.ip_network(each) for each in ("2001::/23", "2001:db8::/32", "2002::/16", "3fff::/20", "2620:4f:8000::/48")
)
"""Within global unicast: Teredo, ORCHID and other protocols, documentation, 6to4, AS112. Mapped IPv4, NAT64, local and
multicast addresses are outside of it."""


class WebhookError(SteelyardError):
    """Nothing was delivered, or not surely."""


class Webhook:
    """Where alerts are posted.

    Args:
        url: Address the user configured; ``https`` unless plain HTTP is allowed. Its path may be a secret, and is never
            shown.
        allows_http: Whether ``http`` will do.
        networks: Networks that are allowed though they are not public, for example ``10.1.0.0/16``.
        key: Secret that signs the body; at least 16 bytes.
        deadline_s: For the whole exchange once connected, and for each address tried.
        resolve: As ``socket.getaddrinfo``.

    Raises:
        ConfigError: The address or a network is not one, or the key is too short.
    """

    def __init__(
        self,
        url: str,
        *,
        allows_http: bool = False,
        networks: Sequence[str] = (),
        key: bytes | None = None,
        deadline_s: float = 10.0,
        resolve: Callable[..., Any] = socket.getaddrinfo,
    ) -> None:
        self._url = _checked(url, allows_http=allows_http)
        try:
            self._allowed = tuple(ipaddress.ip_network(each) for each in networks)
        except ValueError as error:
            raise ConfigError(f"[cost.alerts] webhook_networks: {error}; write for example 10.1.0.0/16") from error
        if key is not None and len(key) < _MIN_KEY:
            raise ConfigError(f"the key of the webhook has {len(key)} bytes; give a random one of at least {_MIN_KEY}")
        self._key, self._deadline_s, self._resolve = key, deadline_s, resolve

    @property
    def shown(self) -> str:
        """Scheme and host only."""
        return f"{self._url.scheme}://{self._url.hostname}"

    def post(self, value: Mapping[str, Any], *, now: datetime) -> int:
        """Deliver one value.

        Args:
            value: Sent as JSON.
            now: With time zone; it is signed with the body, so that an old message cannot be sent again.

        Returns:
            Status, 200 to 299.

        Raises:
            WebhookError: The address is not allowed, nobody answered in time, or the answer was no success.
        """
        body = json.dumps(value, ensure_ascii=False).encode()
        headers = {"Content-Type": "application/json", "User-Agent": "steelyard", "Connection": "close"}
        if self._key is not None:
            stamp = str(int(now.timestamp()))
            signature = hmac.new(self._key, stamp.encode() + b"." + body, hashlib.sha256).hexdigest()
            headers["Steelyard-Signature"] = f"t={stamp},v1={signature}"
        addresses = self._addresses()
        try:
            status = self._exchange(addresses, body, headers)
        except (OSError, http.client.HTTPException) as error:
            raise WebhookError(f"{self.shown} cannot be reached or did not answer in time: {error}") from error
        if not 200 <= status < 300:
            hint = "redirects are not followed; configure the final address" if 300 <= status < 400 else "look there"
            raise WebhookError(f"{self.shown} answered with status {status}: {hint}")
        return status

    def _addresses(self) -> list[Address]:
        """The checked addresses; no other is ever connected to."""
        host = self._url.hostname or ""
        try:
            found = self._resolve(host, self._port, type=socket.SOCK_STREAM)
        except (OSError, UnicodeError) as error:
            raise WebhookError(f"{self.shown}: the name cannot be resolved: {error}") from error
        addresses = [ipaddress.ip_address(each[4][0]) for each in found]
        refused = [each for each in addresses if not self._may_reach(each)]
        if refused or not addresses:
            raise WebhookError(
                f"{self.shown} resolves to {refused[0] if refused else 'nothing'}, which is no public address: nothing "
                "was sent. If it is meant, add its network to [cost.alerts] webhook_networks"
            )
        return addresses

    @property
    def _port(self) -> int:
        return self._url.port or (443 if self._url.scheme == "https" else 80)

    def _may_reach(self, address: Address) -> bool:
        return public_address(address) or any(
            address.version == network.version and address in network for network in self._allowed
        )

    def _connected(self, addresses: Sequence[Address]) -> socket.socket:
        """A connection to the first address that takes one."""
        for address in addresses[:-1]:
            try:
                return socket.create_connection((str(address), self._port), timeout=self._deadline_s)
            except OSError:
                continue
        return socket.create_connection((str(addresses[-1]), self._port), timeout=self._deadline_s)

    def _exchange(self, addresses: Sequence[Address], body: bytes, headers: Mapping[str, str]) -> int:
        host = self._url.hostname or ""
        with closing(self._connected(addresses)) as plain:
            handle, is_late = plain.dup(), threading.Event()  # TLS takes the socket itself away from us
            cut = threading.Timer(self._deadline_s, _cut, [handle, is_late])
            cut.daemon = True
            cut.start()
            try:
                link = self._wrapped(plain, host)
                connection = http.client.HTTPConnection(host, self._port)
                connection.sock = link
                with closing(connection):
                    target = (self._url.path or "/") + (f"?{self._url.query}" if self._url.query else "")
                    connection.request("POST", target, body=body, headers=dict(headers))
                    answer = connection.getresponse()
                    answer.read(_MAX_ANSWER)
                if is_late.is_set():  # the end of what we cut off ourselves may look like the end of an answer
                    raise TimeoutError(f"no whole answer within {self._deadline_s:g} s")
                return answer.status
            finally:
                cut.cancel()
                handle.close()

    def _wrapped(self, plain: socket.socket, host: str) -> socket.socket:
        if self._url.scheme == "http":
            return plain
        return ssl.create_default_context().wrap_socket(plain, server_hostname=host)


def public_address(address: Address) -> bool:
    """Whether an address is one of the open internet: not this machine, network, or a way around such a check."""
    if isinstance(address, ipaddress.IPv4Address):
        return not any(address in network for network in _REFUSED)
    return (
        address.scope_id is None
        and address in _GLOBAL_UNICAST
        and not any(address in network for network in _REFUSED_6)
    )


def _checked(url: str, *, allows_http: bool) -> SplitResult:
    try:
        found = urlsplit(url)
        port = found.port
    except ValueError as error:
        raise ConfigError(f"[cost.alerts] webhook is no address: {error}") from error
    is_clean = all(33 <= ord(each) < 127 for each in url)
    if found.scheme not in ("https", "http") or not found.hostname or not is_clean or port == 0:
        raise ConfigError("[cost.alerts] webhook must be an address like https://alerts.example.com/path, in ASCII")
    if found.scheme == "http" and not allows_http:
        raise ConfigError("[cost.alerts] webhook is not https: use https, or set webhook_allows_http = true")
    if found.username is not None or found.password is not None or "@" in found.netloc:
        raise ConfigError("[cost.alerts] webhook holds a user or a password: leave them out, and sign with a key")
    return found


def _cut(handle: socket.socket, is_late: threading.Event) -> None:
    """End an exchange that takes too long, whatever it is waiting for."""
    is_late.set()
    try:
        handle.shutdown(socket.SHUT_RDWR)
    except OSError:
        return
