"""Who reaches an address, and what must then be asked: decided before anything is written or listened on."""

from __future__ import annotations

import errno
import ipaddress
import socket
import ssl
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from steelyard.errors import ConfigError

__all__ = ["Exposure", "check_tls", "exposure_of", "listen"]

_LOCAL = frozenset({"localhost"})


@dataclass(frozen=True, slots=True)
class Exposure:
    """Where a server listens, and whether more than this machine reaches it."""

    host: str
    """As it was given."""
    family: int
    address: Any
    """For the socket."""
    is_loopback: bool
    is_guarded: bool
    """Whether the administrator's key is asked for."""


def exposure_of(host: str, port: int, *, has_tls: bool, is_behind_proxy: bool, names: tuple[str, ...] = ()) -> Exposure:
    """Who reaches an address; refused where keys and shoppers' data would cross a network in the clear.

    Args:
        host: A name or an address of this machine.
        port: 0 picks one.
        has_tls: Whether this server ends TLS itself.
        is_behind_proxy: Whether a proxy of the shop's ends it.
        names: Names the server may be asked by: who gives it one means others to reach it.

    Returns:
        Guarded wherever more than this machine may reach it.

    Raises:
        ConfigError: There is no such address, or it may not be listened on like this.
    """
    try:
        family, _, _, _, address = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE)[0]
    except (OSError, UnicodeError) as error:
        raise ConfigError(f"cannot listen on {host!r}: {error}; use 127.0.0.1 or an address of this machine") from error
    is_loopback = _is_loopback(str(address[0]))
    if not is_loopback and not has_tls and not is_behind_proxy:
        raise ConfigError(
            f"refused to listen on {host or 'every address'}: other machines reach it, and the administrator's key and "
            "what shoppers do would cross the network unencrypted. Give --tls-cert and --tls-key; or --behind-proxy, "
            "where a proxy of yours ends TLS; or leave --host out (127.0.0.1)"
        )
    is_named = any(name.lower() not in _LOCAL for name in names)
    return Exposure(host, family, address, is_loopback, not is_loopback or is_behind_proxy or is_named)


def check_tls(cert: Path | None, key: Path | None) -> bool:
    """Whether there is a certificate to end TLS with.

    Args:
        cert: PEM file of the certificate and those it rests on.
        key: PEM file of its private key.

    Returns:
        False where neither is given.

    Raises:
        ConfigError: One of both is missing, cannot be read, or does not belong to the other.
    """
    if cert is None and key is None:
        return False
    if cert is None or key is None:
        raise ConfigError("--tls-cert and --tls-key belong together: give both PEM files")
    for path in (cert, key):
        if not path.is_file():
            raise ConfigError(f"no file at {path}: --tls-cert and --tls-key name PEM files")
    try:
        ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER).load_cert_chain(cert, key, password=_no_password)
    except (OSError, ValueError) as error:  # an SSLError is an OSError
        raise ConfigError(
            f"{cert} and {key} are no certificate and its key ({error}): both in PEM form, the key without a password"
        ) from error
    return True


def listen(exposure: Exposure, port: int) -> socket.socket:
    """A socket that listens there.

    Args:
        exposure: Where.
        port: For the message.

    Returns:
        To be closed by the caller.

    Raises:
        ConfigError: The port is taken, or the address is not this machine's.
    """
    listener = socket.socket(exposure.family, socket.SOCK_STREAM)
    try:
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listener.bind(exposure.address)
        listener.listen(2048)
        listener.setblocking(False)
    except OSError as error:
        listener.close()
        if error.errno == errno.EADDRINUSE:
            what = (
                f"port {port} on {exposure.host} is taken: stop what uses it, or choose another with --port "
                "(0 picks one)"
            )
        else:
            what = f"cannot listen on {exposure.host}:{port}: {error.strerror}"
        raise ConfigError(what) from error
    return listener


def _is_loopback(text: str) -> bool:
    found = ipaddress.ip_address(text.partition("%")[0])
    mapped = found.ipv4_mapped if isinstance(found, ipaddress.IPv6Address) else None
    return (mapped or found).is_loopback


def _no_password() -> str:
    raise ValueError("the key is locked with a password")
