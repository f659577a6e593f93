"""Counts what the server did, for the ledger: answers, bytes, processor time, written to the journal of the meters."""

from __future__ import annotations

import logging
import resource
import secrets
import threading
from collections.abc import Callable, Mapping
from datetime import datetime

from starlette.responses import Response

from steelyard.documents.decision import read_decision
from steelyard.documents.meter_line import MeterLine
from steelyard.domain import Surface
from steelyard.errors import StorageError

__all__ = ["Meter", "Tally", "costs_of", "weights"]

_log = logging.getLogger(__name__)
PERIOD_S = 600.0
"""A server that is killed loses what it did since the last reading: at most so much."""


class Tally:
    """Answers and bytes since the last look. Counted on the event loop only, so that no lock is needed."""

    def __init__(self) -> None:
        self.answers: dict[Surface, int] = dict.fromkeys(Surface, 0)
        self.sent_bytes = 0

    def count(self, surface: Surface, response: Response) -> Response:
        """Count an answer, and hand it on."""
        self.answers[surface] += 1
        self.sent_bytes += len(response.body)
        return response


class Meter:
    """Writes a reading every ten minutes and at the end.

    Args:
        tally: What was counted.
        append: Keeps the line of a reading.
        cpu_ms: By surface, the configuration that answers it and the processor time of one answer.
        now: The clock.
    """

    def __init__(
        self,
        tally: Tally,
        append: Callable[[MeterLine], None],
        cpu_ms: Mapping[Surface, tuple[str, float]],
        *,
        now: Callable[[], datetime],
    ) -> None:
        self._tally, self._append, self._cpu_ms, self._now = tally, append, cpu_ms, now
        self._run = f"{now():%Y%m%dT%H%M%S}-{secrets.token_hex(3)}"
        self._number = 1
        self._began, self._cpu_s = now(), _process_cpu_s()
        self._answers, self._bytes = dict(tally.answers), tally.sent_bytes
        self._borne: dict[str, float] = {}
        self._lock = threading.Lock()
        self._ended = threading.Event()
        self._thread = threading.Thread(target=self._watch, name="meter", daemon=True)

    def start(self) -> None:
        """Begin to write readings."""
        self._thread.start()

    def close(self) -> None:
        """Write the last reading."""
        self._ended.set()
        if self._thread.is_alive():
            self._thread.join()
        self.read()

    def follow(self, cpu_ms: Mapping[Surface, tuple[str, float]]) -> None:
        """Count what comes from now on for the configurations of another bundle.

        Args:
            cpu_ms: By surface, the configuration that answers it now and the processor time of one answer.
        """
        with self._lock:
            answers = dict(self._tally.answers)
            self._borne, self._answers = self._shares(answers), answers
            self._cpu_ms = cpu_ms

    def read(self) -> None:
        """Write what was done since the last reading; a journal that cannot be written costs no shopper an answer."""
        with self._lock:
            self._read()

    def _read(self) -> None:
        now, cpu_s = self._now(), _process_cpu_s()
        answers, sent = dict(self._tally.answers), self._tally.sent_bytes
        reading = MeterLine(
            id=f"{self._run}/serve/{self._number}",
            what="serve",
            began=min(self._began, now).isoformat(timespec="milliseconds"),
            ended=now.isoformat(timespec="milliseconds"),
            cpu_s=round(cpu_s - self._cpu_s, 6),
            sent_bytes=sent - self._bytes,
            shares=self._shares(answers),
        )
        try:
            self._append(reading)
        except StorageError as error:
            _log.warning("event=usage_not_kept error=%s", error)
            return  # the next one has the same id: should this one have been written after all, it counts once
        self._number += 1
        self._began, self._cpu_s, self._answers, self._bytes, self._borne = now, cpu_s, answers, sent, {}

    def _shares(self, answers: Mapping[Surface, int]) -> dict[str, float]:
        """What each configuration bears of the time since the last reading, those of bundles before among them."""
        done = {surface: answers[surface] - self._answers[surface] for surface in Surface}
        now = weights(done, self._cpu_ms)
        return {
            name: round(self._borne.get(name, 0.0) + now.get(name, 0.0), 6)
            for name in dict.fromkeys((*self._borne, *now))
        }

    def _watch(self) -> None:
        while not self._ended.wait(PERIOD_S):
            self.read()


def weights(answers: Mapping[Surface, int], cpu_ms: Mapping[Surface, tuple[str, float]]) -> dict[str, float]:
    """What each configuration bears of the server's time: its answers times what one of them costs."""
    found: dict[str, float] = {}
    for surface, (name, each_ms) in cpu_ms.items():
        if answers[surface]:
            found[name] = round(found.get(name, 0.0) + answers[surface] * each_ms, 6)
    return found


def costs_of(decision: bytes) -> dict[Surface, tuple[str, float]]:
    """The chosen configuration of each surface and its processor time, from a bundle's decision; empty without one."""
    found: dict[Surface, tuple[str, float]] = {}
    for row in read_decision(decision).surfaces:
        winner = row.winner
        if winner is not None and winner.cpu_ms.mean:
            found[Surface(row.surface)] = (winner.name, winner.cpu_ms.mean)
    if Surface.RECOMMEND in found:
        found[Surface.SIMILAR] = found[Surface.RECOMMEND]  # answered by the same parts
    return found


def _process_cpu_s() -> float:
    used = resource.getrusage(resource.RUSAGE_SELF)
    return used.ru_utime + used.ru_stime
