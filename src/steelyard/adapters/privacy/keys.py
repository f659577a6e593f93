"""The key of the pseudonyms, and the one before while people are still being carried over."""

from __future__ import annotations

import os
import secrets
from pathlib import Path

from steelyard.errors import ConfigError, StorageError

__all__ = ["Keys"]

_BYTES = 32


class Keys:
    """Key files of one work folder, readable by their owner only.

    Args:
        work: The shop's work folder.
    """

    def __init__(self, work: Path) -> None:
        self.path = work / "secret.key"
        self.previous_path = work / "secret.key.previous"

    def current(self) -> bytes:
        """The key that is used.

        Returns:
            32 bytes.

        Raises:
            StorageError: It has the wrong length or cannot be read.
        """
        return self._read(self.path)

    def previous(self) -> bytes | None:
        """The key before; ``None`` where none is kept."""
        return self._read(self.previous_path) if self.previous_path.is_file() else None

    def rotate(self) -> None:
        """Make a new key and keep the one before beside it; each step leaves a key that can be read.

        Raises:
            ConfigError: The key before the last one is still kept.
            StorageError: The disk refuses.
        """
        if self.previous_path.is_file():
            raise ConfigError(
                f"{self.previous_path} is still kept: first end that change: `steelyard privacy rotate-key --destroy`"
            )
        self._write(self.previous_path, self.current())
        self._write(self.path, secrets.token_bytes(_BYTES))

    def destroy_previous(self) -> bool:
        """Overwrite the key before and delete it.

        Returns:
            Whether there was one.

        Raises:
            StorageError: The disk refuses.
        """
        if not self.previous_path.is_file():
            return False
        try:
            with self.previous_path.open("r+b") as file:
                file.write(secrets.token_bytes(_BYTES))
                file.flush()
                os.fsync(file.fileno())
            self.previous_path.unlink()
        except OSError as error:
            raise StorageError(f"cannot delete {self.previous_path}: {error.strerror}; delete it by hand") from error
        return True

    def _read(self, path: Path) -> bytes:
        try:
            key = path.read_bytes()
        except OSError as error:
            raise StorageError(f"cannot read the pseudonym key {path}: {error.strerror}") from error
        if len(key) != _BYTES:
            raise StorageError(f"{path} holds {len(key)} bytes, not {_BYTES}: restore it; a new key unlinks all users")
        return key

    def _write(self, path: Path, key: bytes) -> None:
        fresh = path.with_name(f".{path.name}.tmp")
        try:
            handle = os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_CLOEXEC, 0o600)
            with os.fdopen(handle, "wb") as file:
                file.write(key)
                file.flush()
                os.fsync(file.fileno())
            fresh.replace(path)
        except OSError as error:
            raise StorageError(f"cannot write the pseudonym key {path}: {error.strerror}") from error
