"""People's data while the server runs: it hears of erasures and of a new key, and keeps count of who read histories."""

from __future__ import annotations

import logging
import threading
import time
from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from steelyard.data.privacy import Pseudonyms
from steelyard.documents.access_line import AccessLine
from steelyard.errors import SteelyardError
from steelyard.serving.service import Service

__all__ = ["PeopleWatch", "Readings", "RegisterPort", "SecretKeys"]

_log = logging.getLogger(__name__)


class RegisterPort(Protocol):
    """As much of the register as a server needs."""

    def stamp(self) -> tuple[int, int]:
        """What changes whenever somebody is erased or readmitted."""
        ...

    def erased(self) -> frozenset[str]:
        """Pseudonyms of everybody who was erased."""
        ...

    def note(self, said: AccessLine) -> None:
        """Add a line to the log of who read people's data."""
        ...


@dataclass(frozen=True, slots=True)
class SecretKeys:
    """The key of the pseudonyms and the one before, as they are on the disk now."""

    current: Callable[[], bytes]
    previous: Callable[[], bytes | None] = lambda: None


class Readings:
    """Counts who asked for lists that rest on somebody's history: by kind of asker, not request by request."""

    def __init__(self) -> None:
        self._counts: Counter[tuple[str, str]] = Counter()
        self._lock = threading.Lock()

    def count(self, who: str, purpose: str = "recommend") -> None:
        """One list was asked for.

        Args:
            who: ``visitor`` under the name of a browser, ``example``, or ``shop's own servers``.
            purpose: ``recommend`` or ``search``.
        """
        with self._lock:
            self._counts[(who, purpose)] += 1

    def taken(self) -> dict[tuple[str, str], int]:
        """What was counted since the last call."""
        with self._lock:
            found, self._counts = dict(self._counts), Counter()
        return found


class PeopleWatch:
    """Looks several times a second whether somebody was erased or the key was changed, in a thread of its own.

    Args:
        service: Is told.
        register: Knows who was erased, and takes the counts of readings.
        keys: Give the keys as they are now.
        carry: Gives stored events the pseudonyms of today, by those under the key before.
        readings: What was counted.
        now: The clock.
        every_s: From one look to the next.
        note_every_s: From one line of the log of readings to the next.
    """

    def __init__(
        self,
        service: Service,
        register: RegisterPort,
        *,
        keys: SecretKeys,
        carry: Callable[[Mapping[str, str]], object],
        readings: Readings,
        now: Callable[[], datetime],
        every_s: float = 0.25,
        note_every_s: float = 60.0,
    ) -> None:
        self._service, self._register, self._keys, self._carry = service, register, keys, carry
        self._readings, self._now = readings, now
        self._every_s, self._note_every_s = every_s, note_every_s
        self._stamp: tuple[int, int] | None = None
        self._known: tuple[bytes, bytes | None] | None = None
        self._moving: dict[str, str] = {}
        self._unwritten: Counter[tuple[str, str]] = Counter()
        self._ended = threading.Event()
        self._thread = threading.Thread(target=self._watch, name="people", daemon=True)

    def start(self) -> None:
        """Begin to look; the first look is over when this returns, so that nobody erased is known for a moment."""
        self.look()
        self._thread.start()

    def close(self) -> None:
        """Look no more, and write what was counted."""
        self._ended.set()
        if self._thread.is_alive():
            self._thread.join()
        self._note()

    def look(self) -> None:
        """Tell the service what changed since the last look."""
        stamp = self._register.stamp()
        if stamp != self._stamp:
            self._service.forget(self._register.erased())
            self._stamp = stamp
        keys = (self._keys.current(), self._keys.previous())
        if keys != self._known:
            if self._known is not None or keys[1] is not None:
                before = None if keys[1] is None else Pseudonyms(keys[1])
                self._service.rekey(Pseudonyms(keys[0]), before)
                _log.info("event=pseudonym_key_changed is_overlap=%s", before is not None)
            self._known = keys
        self._moving |= self._service.carried()
        if self._moving:
            self._carry(self._moving)  # what the disk refuses is carried by the next look
            moved, self._moving = self._moving, {}
            self._service.moved([*moved, *moved.values()])

    def _watch(self) -> None:
        due = time.monotonic() + self._note_every_s
        while not self._ended.wait(self._every_s):
            try:
                self.look()
                if time.monotonic() >= due:
                    due = time.monotonic() + self._note_every_s
                    self._note()
            except Exception as error:  # noqa: BLE001 - the edge: the server goes on, and the next look tries again
                _log.error("event=people_not_looked_at error=%s", error, exc_info=not isinstance(error, SteelyardError))

    def _note(self) -> None:
        at = self._now().isoformat(timespec="seconds")
        self._unwritten.update(self._readings.taken())
        for who, purpose in sorted(self._unwritten):
            what = f"{self._unwritten[(who, purpose)]} histories"
            self._register.note(AccessLine(at=at, who=who, purpose=purpose, what=what))
            del self._unwritten[(who, purpose)]
