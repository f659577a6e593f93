"""The administrator's key: made once, shown once, kept as a hash that only its owner's account can read."""

from __future__ import annotations

import hashlib
import hmac
import json
import os
import secrets
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any, Self

from steelyard.errors import StorageError

__all__ = ["ADMIN_KEY_FILE", "AdminKey"]

ADMIN_KEY_FILE = "admin.key"
"""In the server's state folder."""
_PREFIX = "steelyard-"
_N, _R, _P = 2**14, 8, 1
"""Cost of one trial: 16 MiB and some 50 ms (RFC 7914)."""
_MOST_MEMORY = 64 * 2**20
_LONGEST = 256


@dataclass(frozen=True, slots=True)
class AdminKey:
    """What is kept of a key: enough to recognise it, not to make it again."""

    salt: bytes
    digest: bytes

    @classmethod
    def make(cls) -> tuple[str, Self]:
        """A new key of 256 random bits, and what to keep of it."""
        key, salt = _PREFIX + secrets.token_urlsafe(32), secrets.token_bytes(16)
        return key, cls(salt, _digest(key, salt))

    @classmethod
    def read(cls, path: Path) -> Self | None:
        """The key kept at ``path``.

        Args:
            path: The file.

        Returns:
            ``None`` where there is none.

        Raises:
            StorageError: It cannot be read, or is no such file.
        """
        try:
            kept: Any = json.loads(path.read_bytes())
            found = cls(bytes.fromhex(kept["salt"]), bytes.fromhex(kept["scrypt"]))
        except FileNotFoundError:
            return None
        except OSError as error:
            raise StorageError(f"cannot read the administrator's key {path}: {error.strerror}") from error
        except (ValueError, TypeError, KeyError) as error:
            raise StorageError(
                f"{path} holds no administrator's key: restore it, or make a new key with --new-admin-key"
            ) from error
        if len(found.salt) < 16 or len(found.digest) != 32:
            raise StorageError(f"{path} holds half a key: restore it, or make a new key with --new-admin-key")
        return found

    def write(self, path: Path, *, now: datetime) -> None:
        """Keep it at ``path``, readable by this account only.

        Args:
            path: The file; its folder is made where it is missing.
            now: When the key was made.

        Raises:
            StorageError: It cannot be written.
        """
        kept = {"salt": self.salt.hex(), "scrypt": self.digest.hex(), "made_at": now.isoformat(timespec="seconds")}
        fresh = path.with_name(f".tmp-{path.name}")
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            fresh.unlink(missing_ok=True)
            handle = os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
            with os.fdopen(handle, "w", encoding="ascii") as file:
                json.dump(kept, file)
                file.flush()
                os.fsync(file.fileno())
            fresh.replace(path)
        except OSError as error:
            raise StorageError(f"cannot write the administrator's key {path}: {error.strerror}") from error

    def matches(self, key: str) -> bool:
        """Whether this is the key; takes the same time whatever is wrong with it."""
        return hmac.compare_digest(_digest(key[:_LONGEST], self.salt), self.digest)


def _digest(key: str, salt: bytes) -> bytes:
    raw = key.encode("utf-8", "surrogatepass")
    return hashlib.scrypt(raw, salt=salt, n=_N, r=_R, p=_P, maxmem=_MOST_MEMORY, dklen=32)
