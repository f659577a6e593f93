"""Seals: receipts that only the holder of the shop's key could have written, and logs of which no line can be changed.

HMAC-SHA256 of the standard library: the shop can prove that a receipt or a log is as it wrote it. A signature of two
keys (Ed25519) could be checked by others too, but needs a library of its own.
"""

from __future__ import annotations

import hashlib
import hmac
import json
from collections.abc import Collection, Iterable, Mapping
from typing import Any

from steelyard.errors import DataError

__all__ = ["NO_LINE", "broken_line", "digest_of", "is_sealed", "seal_of", "sealed_line"]

NO_LINE = "0" * 64
"""Stands for the line before the first one."""


def seal_of(values: Mapping[str, Any], key: bytes) -> str:
    """The seal of a document.

    Args:
        values: JSON's own types; a key ``seal`` in it does not count.
        key: Secret of at least 16 bytes.

    Returns:
        64 hexadecimal digits.

    Raises:
        DataError: The key is too short.
    """
    if len(key) < 16:
        raise DataError(f"the key of the seals has {len(key)} bytes, at least 16 are needed: restore it")
    return hmac.new(key, _content(values), hashlib.sha256).hexdigest()


def is_sealed(values: Mapping[str, Any], key: bytes) -> bool:
    """Whether a document is as it was sealed: nothing in it was changed, added or taken away."""
    return hmac.compare_digest(str(values.get("seal", "")), seal_of(values, key))


def sealed_line(values: Mapping[str, Any], before: str, key: bytes) -> dict[str, Any]:
    """A line of a log that holds the seal of the line before it.

    Args:
        values: What the line says.
        before: Seal of the line before, or ``NO_LINE``.
        key: Secret of at least 16 bytes.

    Returns:
        The line with ``before`` and ``seal``.
    """
    line = {**values, "before": before}
    return {**line, "seal": seal_of(line, key)}


def broken_line(lines: Iterable[Mapping[str, Any]], key: bytes, *, last: str = "") -> int:
    """The first line of a log that is not as it was written.

    Args:
        lines: From the first one on.
        key: With which they were sealed.
        last: Seal of the newest line, as kept apart; empty where it is not known.

    Returns:
        Its number from 1; one more than there are lines where lines are missing at the end; 0 where all is well.
    """
    before, n = NO_LINE, 0
    for n, line in enumerate(lines, start=1):
        if line.get("before") != before or not is_sealed(line, key):
            return n
        before = str(line["seal"])
    return n + 1 if last and last != before else 0


def digest_of(names: Collection[str], key: bytes) -> str:
    """What stands for a set of pseudonyms in a receipt: none of them can be read from it."""
    return hmac.new(key, "\n".join(sorted(names)).encode(), hashlib.sha256).hexdigest()


def _content(values: Mapping[str, Any]) -> bytes:
    kept = {name: value for name, value in values.items() if name != "seal"}
    return json.dumps(kept, sort_keys=True, ensure_ascii=False, separators=(",", ":")).encode("utf-8", "surrogatepass")
