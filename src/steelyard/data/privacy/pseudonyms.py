"""Keyed pseudonyms: people are known by what they did, never by who they are."""

from __future__ import annotations

import hashlib

from steelyard.errors import DataError

__all__ = ["Pseudonyms"]

_MIN_KEY_BYTES = 16


class Pseudonyms:
    """From a raw identifier to a pseudonym that only the holder of the key can make again.

    Keyed BLAKE2b of the identifier's UTF-8 bytes, 16 bytes, as 32 hexadecimal digits. Without the key
    an identifier cannot be tried out against a pseudonym; destroying the key cuts the link for good.

    Args:
        key: Secret of at least 16 bytes. Longer than 64 bytes is hashed to 64 first.

    Raises:
        DataError: The key is shorter than 16 bytes.
    """

    def __init__(self, key: bytes) -> None:
        if len(key) < _MIN_KEY_BYTES:
            raise DataError(
                f"the pseudonym key has {len(key)} bytes, at least {_MIN_KEY_BYTES} are needed: make a new one"
            )
        key = key if len(key) <= hashlib.blake2b.MAX_KEY_SIZE else hashlib.blake2b(key).digest()
        self._keyed = hashlib.blake2b(key=key, digest_size=16)
        """Has taken in the key, which is half the work of a short identifier; copied, never changed."""

    def __call__(self, raw: str) -> str:
        """The pseudonym of ``raw``; the same key and identifier give the same one. Empty stays empty."""
        if not raw:
            return ""
        one = self._keyed.copy()
        one.update(raw.encode("utf-8", "surrogatepass"))
        return one.hexdigest()
