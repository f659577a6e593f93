"""The register of a shop: who was erased, receipts of it, who read people's data, and the key of their seals."""

from __future__ import annotations

import fcntl
import json
import os
import secrets
from collections.abc import Collection, Iterator, Mapping
from contextlib import contextmanager
from decimal import Decimal
from pathlib import Path
from typing import Any

from steelyard.data.privacy.sealing import NO_LINE, broken_line, sealed_line
from steelyard.documents.access_line import AccessLine, access_line_builtins
from steelyard.documents.erasure import Receipt, erasure_builtins
from steelyard.errors import ArtefactError, DataError, StorageError

__all__ = ["Register"]

_ERASED = "erased.txt"
_ACCESS = "access.jsonl"
_HEAD = "access.head"
_KEY = "seal.key"
_SPENT = "epsilon.jsonl"
_LONGEST_LINE = 1 << 16
_CARRIED = "carried.txt"


class Register:
    """One folder; made when something is first written to it.

    Args:
        folder: Outside the work folder, so that a restored backup does not bring back who was erased.
    """

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def key(self) -> bytes:
        """The key of the seals, made on first use and readable by its owner only.

        Returns:
            32 bytes.

        Raises:
            StorageError: It cannot be written or has the wrong length.
        """
        path = self.folder / _KEY
        with self._locked():
            if not path.is_file():
                self._replace(path, secrets.token_bytes(32))
        key = path.read_bytes()
        if len(key) != 32:
            raise StorageError(
                f"{path} holds {len(key)} bytes, not 32: restore it; receipts cannot be verified without"
            )
        return key

    @property
    def erased_file(self) -> Path:
        """Where the pseudonyms of the erased are kept."""
        return self.folder / _ERASED

    def stamp(self) -> tuple[int, int]:
        """What changes whenever somebody is erased or readmitted."""
        try:
            found = self.erased_file.stat()
        except OSError:
            return 0, 0
        return found.st_mtime_ns, found.st_ino

    def erased(self) -> frozenset[str]:
        """Pseudonyms of everybody who was erased.

        Returns:
            Empty where nobody was.

        Raises:
            ArtefactError: The file is damaged: going on would bring people back.
        """
        try:
            names = self.erased_file.read_text("ascii").split()
        except FileNotFoundError:
            return frozenset()
        except (OSError, UnicodeDecodeError) as error:
            raise ArtefactError(f"{self.erased_file} cannot be read ({error}): restore it") from error
        if any(len(name) != 32 for name in names):
            raise ArtefactError(f"{self.erased_file} is damaged: restore it, else erased people would come back")
        return frozenset(names)

    def erase(self, people: Collection[str]) -> None:
        """Add people, durably: before anything else of them is touched."""
        with self._locked():
            self._keep({*self.erased(), *people})

    def readmit(self, people: Collection[str]) -> int:
        """Take people off the list who agreed to be known again; how many were on it."""
        with self._locked():
            before = self.erased()
            self._keep(before - frozenset(people))
        return len(before & frozenset(people))

    def renew(self, renamed: Mapping[str, str]) -> None:
        """Keep the list under another key."""
        with self._locked():
            self._keep({renamed.get(name, name) for name in self.erased()})

    def keep_carried(self, names: Collection[str]) -> None:
        """Keep the pseudonyms that wait for a new one; nothing is kept of an empty set."""
        with self._locked():
            if names:
                self._replace(self.folder / _CARRIED, "".join(f"{name}\n" for name in sorted(names)).encode("ascii"))
            else:
                (self.folder / _CARRIED).unlink(missing_ok=True)

    def carried(self) -> frozenset[str]:
        """The pseudonyms that wait for a new one."""
        path = self.folder / _CARRIED
        return frozenset(path.read_text("ascii").split()) if path.is_file() else frozenset()

    def write_receipt(self, receipt: Receipt) -> Path:
        """Keep a sealed receipt; its file."""
        path = self.folder / "receipts" / f"{receipt.id}.json"
        path.parent.mkdir(parents=True, exist_ok=True)
        self._replace(path, (json.dumps(erasure_builtins(receipt), ensure_ascii=False, indent=1) + "\n").encode())
        return path

    def spend(self, period: str, epsilon: float, *, most: float, what: str) -> float:
        """Book privacy loss, durably and before anything is shown for it: a crash may waste some and never exceeds it.

        Args:
            period: For example ``2026-11``.
            epsilon: To spend, > 0.
            most: Of the whole period.
            what: For what.

        Returns:
            What is left of the period afterwards.

        Raises:
            DataError: It would exceed the period's limit; nothing was booked.
        """
        path = self.folder / _SPENT
        with self._locked():
            lines = [_line(text) for text in path.read_text("utf-8").splitlines()] if path.is_file() else []
            if any("epsilon" not in line for line in lines):
                raise ArtefactError(f"{path} is damaged: restore it, or nobody knows what was spent")
            spent = sum((Decimal(line["epsilon"]) for line in lines if line["period"] == period), Decimal(0))
            left = Decimal(str(most)) - spent - Decimal(str(epsilon))
            if left < 0:
                raise DataError(
                    f"{spent} of {most} were spent in {period}: {epsilon} more would exceed [privacy] "
                    "epsilon_per_month. Ask for less, or wait for the next month"
                )
            lines.append({"period": period, "epsilon": str(epsilon), "what": what})
            self._replace(path, "".join(json.dumps(line, ensure_ascii=False) + "\n" for line in lines).encode())
        return float(left)

    def note(self, said: AccessLine) -> None:
        """Add a line to the log of who read people's data, durably.

        Args:
            said: What the line says.

        Raises:
            StorageError: It cannot be written.
        """
        key = self.key()
        with self._locked():
            head = self._head()
            line = sealed_line({"n": head[0] + 1, **access_line_builtins(said)}, head[1], key)
            with (self.folder / _ACCESS).open("a", encoding="utf-8") as file:
                file.write(json.dumps(line, ensure_ascii=False) + "\n")
                file.flush()
                os.fsync(file.fileno())
            self._replace(self.folder / _HEAD, f"{line['n']} {line['seal']}\n".encode())

    def notes(self) -> list[AccessLine]:
        """The lines of the log, oldest first; one that cannot be read says ``?``."""
        names = AccessLine.__struct_fields__
        return [AccessLine(**{name: str(line.get(name, "?")) for name in names}) for line in self._lines()]

    def _lines(self) -> list[dict[str, Any]]:
        try:
            text = (self.folder / _ACCESS).read_text("utf-8", "replace")
        except FileNotFoundError:
            return []
        return [_line(each) for each in text.splitlines() if each.strip()]

    def broken_note(self) -> int:
        """Number of the first line that is not as it was written; 0 where all are."""
        lines = self._lines()
        head = self._head()
        if not lines and not head[0]:
            return 0
        return broken_line(lines, self.key(), last=head[1] if head[0] >= len(lines) else "")

    def _head(self) -> tuple[int, str]:
        """Number and seal of the newest line: the file of the log counts where it is ahead by a line after a crash."""
        kept, seal = 0, NO_LINE
        path = self.folder / _HEAD
        if path.is_file():
            number, _, seal = path.read_text("ascii").strip().partition(" ")
            kept = int(number)
        newest = self._newest()
        if newest.get("n") == kept + 1 and newest.get("before") == seal:
            return kept + 1, str(newest.get("seal", ""))
        return kept, seal

    def _newest(self) -> dict[str, Any]:
        """The last line of the log, without reading the rest."""
        path = self.folder / _ACCESS
        if not path.is_file():
            return {}
        with path.open("rb") as file:
            file.seek(max(path.stat().st_size - _LONGEST_LINE, 0))
            lines = file.read().decode("utf-8", "replace").splitlines()
        return _line(lines[-1]) if lines else {}

    def _keep(self, people: Collection[str]) -> None:
        self._replace(self.erased_file, "".join(f"{name}\n" for name in sorted(people)).encode("ascii"))

    def _replace(self, path: Path, content: bytes) -> None:
        fresh = path.with_name(f".{path.name}.tmp")
        try:
            self.folder.mkdir(parents=True, exist_ok=True, mode=0o700)
            handle = os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_CLOEXEC, 0o600)
            with os.fdopen(handle, "wb") as file:
                file.write(content)
                file.flush()
                os.fsync(file.fileno())
            fresh.replace(path)
            _sync(path.parent)
        except OSError as error:
            raise StorageError(f"cannot write {path}: {error.strerror}; free some space or rights there") from error

    @contextmanager
    def _locked(self) -> Iterator[None]:
        try:
            self.folder.mkdir(parents=True, exist_ok=True, mode=0o700)
            handle = os.open(self.folder / "lock", os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        except OSError as error:
            raise StorageError(f"cannot write the register {self.folder}: {error.strerror}") from error
        try:
            fcntl.flock(handle, fcntl.LOCK_EX)
            yield
        finally:
            os.close(handle)


def _line(text: str) -> dict[str, Any]:
    try:
        found = json.loads(text)
    except ValueError:
        return {}
    return found if isinstance(found, dict) else {}


def _sync(folder: Path) -> None:
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
