"""Where the next page begins, as text that only this server reads: bound to a bundle and to what was asked."""

from __future__ import annotations

import base64
import binascii
import hashlib

import msgspec

from steelyard.errors import AskError

__all__ = ["read_cursor", "shopper_of_cursor", "written_cursor"]

_LENGTH = 16
_MOST = 10_000_000


class _Cursor(msgspec.Struct, array_like=True, forbid_unknown_fields=True, frozen=True):
    bundle: str
    asked: str
    start: int
    shopper: str = ""


def written_cursor(bundle: str, asked: bytes, start: int, shopper: str = "") -> str:
    """A cursor.

    Args:
        bundle: Digest of the bundle that answers.
        asked: All that the list depends on.
        start: Results before the page.
        shopper: What tells the history that the list was put in order by; empty where it was by none.

    Returns:
        Letters, digits, ``-`` and ``_``.
    """
    packed = msgspec.msgpack.encode((bundle[:_LENGTH], _digest(asked), start, *([shopper] if shopper else [])))
    return base64.urlsafe_b64encode(packed).decode().rstrip("=")


def read_cursor(text: str, bundle: str, asked: bytes) -> int:
    """How many results come before the page.

    Args:
        text: What ``written_cursor`` gave.
        bundle: Digest of the bundle that answers now.
        asked: All that the list depends on, as it is asked now.

    Returns:
        >= 0.

    Raises:
        AskError: It is no cursor, of another bundle, or of another search.
    """
    cursor = _read(text)
    if not 0 <= cursor.start <= _MOST:
        raise AskError("bad_cursor", "cursor is not one that this server gave: leave it out for the first page")
    if cursor.bundle != bundle[:_LENGTH]:
        raise AskError(
            "cursor_of_another_bundle",
            f"the shop was updated (now {bundle[:_LENGTH]}, the cursor is of {cursor.bundle[:_LENGTH]!r}): ask again "
            "for the first page",
        )
    if cursor.asked != _digest(asked):
        raise AskError(
            "cursor_of_another_search",
            "the cursor belongs to another query, other filters or another order: send it with what it was given for, "
            "or leave it out for the first page",
        )
    return cursor.start


def shopper_of_cursor(text: str) -> str:
    """What tells the history that a list was put in order by.

    Args:
        text: What ``written_cursor`` gave.

    Returns:
        Empty where it was by none.

    Raises:
        AskError: It is no cursor.
    """
    return _read(text).shopper


def _read(text: str) -> _Cursor:
    try:
        packed = base64.b64decode(text.encode("ascii") + b"=" * (-len(text) % 4), altchars=b"-_", validate=True)
        return msgspec.msgpack.decode(packed, type=_Cursor)
    except (ValueError, binascii.Error, msgspec.MsgspecError) as error:
        raise AskError(
            "bad_cursor", "cursor is not one that this server gave: leave it out for the first page"
        ) from error


def _digest(asked: bytes) -> str:
    return hashlib.blake2b(asked, digest_size=8).hexdigest()
