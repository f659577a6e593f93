"""Starts a run when so much of the catalogue was changed beside the bundle that another one is due.

One run at a time over all servers of the same folder of bundles; a rest between two of them, which is doubled with each
failure in a row, so that what cannot work is not tried for ever. The run is a process of its own and ``steelyard run``
as anybody starts it: it skips what has not changed, goes on where one was stopped, and books its own costs.
"""

from __future__ import annotations

import logging
from collections.abc import Callable
from contextlib import suppress
from datetime import datetime, timedelta
from typing import Protocol

from msgspec.structs import replace

from steelyard.documents.rebuild import Outcome, RebuildRecord
from steelyard.errors import SteelyardError
from steelyard.serving.answers import ChangesState, RebuildState

__all__ = ["LONGEST_REST", "Rebuilds", "RunFolder", "RunProcess"]

_log = logging.getLogger(__name__)
LONGEST_REST = timedelta(days=1)
_STOPPED_BY = {-1: "SIGHUP", -2: "SIGINT", -15: "SIGTERM"}
_KILLED = -9
_MOST_DOUBLED = 17
_CUT = "the run was cut off before anybody could say how it ended"
_LEFT = "the run ended well, but changes that came before it are not in the bundle that answers"


class RunProcess(Protocol):
    """A run in a process of its own."""

    def status(self) -> int | None:
        """None while it runs; afterwards its exit status, below 0 where a signal ended it."""
        ...

    def stop(self) -> int:
        """End it and wait until it has ended; gives its exit status."""
        ...

    def last_lines(self) -> tuple[str, ...]:
        """What it said last."""
        ...


class RunFolder(Protocol):
    """What servers of the same bundles share: a lock, a record of the last run, and what it said."""

    def take(self) -> bool:
        """Take the lock; False where another has it, or a run that was started under it goes on."""
        ...

    def release(self) -> None:
        """Give the lock back; nothing where it was not taken."""
        ...

    def read(self) -> RebuildRecord | None:
        """How the last run has gone; None where there was none."""
        ...

    def write(self, record: RebuildRecord) -> None:
        """Replace the record."""
        ...

    def start(self) -> RunProcess:
        """Start a run; the lock is held as long as it runs, whatever becomes of this process."""
        ...


class Rebuilds:
    """Starts runs and says how they go. ``step`` and ``close`` belong to one thread; ``state`` to any.

    Args:
        folder: Shared with the other servers of these bundles.
        changes: Says what stands beside the bundle that answers.
        is_busy: Whether somebody's own run goes on for this shop.
        now: The clock, with a time zone.
        pause_s: Rest between the end of a run and the start of the next, > 0.
    """

    def __init__(
        self,
        folder: RunFolder,
        changes: Callable[[], ChangesState],
        *,
        is_busy: Callable[[], bool],
        now: Callable[[], datetime],
        pause_s: float,
    ) -> None:
        self._folder, self._changes, self._is_busy, self._now = folder, changes, is_busy, now
        self._pause = timedelta(seconds=pause_s)
        self._process: RunProcess | None = None
        self._own: RebuildRecord | None = None
        self._held_until: datetime | None = None
        self._state = RebuildState("idle")

    @property
    def state(self) -> RebuildState:
        """How it stands."""
        return self._state

    def step(self) -> None:
        """Look once: at the run that goes on, or whether one is due and may be started."""
        if self._process is not None:
            status = self._process.status()
            if status is None:
                return
            self._judge(self._process, status)
        changes, record = self._changes(), self._read()
        if not changes.rebuild_due:
            self._tell("idle", self._forgiven(record))
        elif self._is_resting(record):
            self._tell("resting", record)
        elif self._is_busy():
            self._tell("elsewhere", record)
        else:
            self._try(changes, record)

    def close(self) -> None:
        """End the run that goes on; the next one goes on where it stopped."""
        process = self._process
        if process is None:
            return
        status = process.status()
        if status is None and process.stop() != 0:
            self._process = None
            _log.info("event=rebuild_stopped")
            self._end(Outcome.STOPPED)
        else:
            self._judge(process, status or 0)

    def _try(self, changes: ChangesState, record: RebuildRecord | None) -> None:
        """Start a run, unless another server's goes on."""
        try:
            if not self._folder.take():
                self._tell("elsewhere", record)
                return
            record = self._settled(self._read(), changes)
            if not self._is_resting(record):
                record = self._keep_first(self._begun(record))
                self._process = self._folder.start()
        except SteelyardError as error:
            record = self._fail(self._begun(record), str(error))
        if self._process is None:
            self._folder.release()
            self._tell("resting", record)
            return
        _log.info("event=rebuild_started items=%d changes=%d", changes.items, changes.beside)
        self._tell("running", record)

    def _begun(self, before: RebuildRecord | None) -> RebuildRecord:
        if before is None:
            return RebuildRecord(self._now())
        return replace(before, began=self._now(), outcome=Outcome.RUNNING, ended=None)

    def _judge(self, process: RunProcess, status: int) -> None:
        """Keep how a run has ended by itself."""
        self._process = None
        assert self._own is not None
        if status == 0:
            _log.info("event=rebuild_done seconds=%.0f", (self._now() - self._own.began).total_seconds())
            self._end(Outcome.DONE)
        elif status in _STOPPED_BY:  # by hand, or with the whole machine
            _log.warning("event=rebuild_stopped signal=%s", _STOPPED_BY[status])
            self._held_until = self._now() + self._pause
            self._end(Outcome.STOPPED)
        else:
            how = f"with status {status}" if status > 0 else f"by signal {-status}"
            hint = ": most often the machine was out of memory" if status == _KILLED else ""
            self._fail(self._own, f"the run ended {how}{hint}", process.last_lines())
            self._folder.release()

    def _end(self, outcome: Outcome) -> None:
        """Keep that a run has ended; what failed before it counts until its bundle is seen to hold the changes."""
        assert self._own is not None
        self._keep(replace(self._own, outcome=outcome, ended=self._now()))
        self._folder.release()

    def _fail(self, record: RebuildRecord, trouble: str, last_lines: tuple[str, ...] = ()) -> RebuildRecord:
        failures, ended = record.failures + 1, record.ended or self._now()
        failed = replace(record, outcome=Outcome.FAILED, ended=ended, failures=failures)
        failed = replace(failed, trouble=trouble, last_lines=last_lines)
        self._keep(failed)
        _log.error(
            "event=rebuild_failed failures=%d rest_s=%d why=%s last_lines=%s",
            failures, self._rest(failures).total_seconds(), trouble, " | ".join(last_lines),
        )  # fmt: skip
        return failed

    def _settled(self, record: RebuildRecord | None, changes: ChangesState) -> RebuildRecord | None:
        """The last run, now that it has surely ended: whether the changes that came before it are in the bundle."""
        if record is None or record.outcome not in (Outcome.RUNNING, Outcome.DONE):
            return record
        is_left = bool(changes.since) and datetime.fromisoformat(changes.since) < record.began
        if not is_left:
            return replace(
                record, outcome=Outcome.DONE, ended=record.ended or record.began, failures=0, trouble="", last_lines=()
            )
        return self._fail(record, _CUT if record.outcome is Outcome.RUNNING else _LEFT)

    def _forgiven(self, record: RebuildRecord | None) -> RebuildRecord | None:
        """The last run, without the failures that concern nobody any more: nothing is due."""
        if record is None or not record.failures or record.outcome is Outcome.RUNNING:
            return record
        forgiven = replace(record, failures=0, trouble="", last_lines=())
        with suppress(SteelyardError):
            if self._folder.take():
                self._keep(forgiven)
                self._folder.release()
        return forgiven

    def _read(self) -> RebuildRecord | None:
        """The later one of what the folder holds and of what this server perhaps could not write there."""
        own = self._own
        try:
            found = self._folder.read()
        except SteelyardError as error:
            _log.warning("event=rebuild_record_unread error=%s", error)
            return own
        if own is None or found is None:
            return found or own
        return found if _last_of(found) >= _last_of(own) else own

    def _keep_first(self, record: RebuildRecord) -> RebuildRecord:
        """Keep that a run begins; one of which nothing could be kept is not started."""
        self._folder.write(record)
        self._own = record
        return record

    def _keep(self, record: RebuildRecord) -> None:
        self._own = record
        try:
            self._folder.write(record)
        except SteelyardError as error:
            _log.error("event=rebuild_record_not_kept error=%s", error)

    def _is_resting(self, record: RebuildRecord | None) -> bool:
        until = self._rests_until(record)
        return until is not None and self._now() < until

    def _rests_until(self, record: RebuildRecord | None) -> datetime | None:
        """Until when no run is started; None where one may be, and where the last is not known to have ended."""
        if record is None or record.ended is None or record.outcome is Outcome.STOPPED:
            return self._held_until
        return record.ended + self._rest(record.failures if record.outcome is Outcome.FAILED else 0)

    def _rest(self, failures: int) -> timedelta:
        rest: timedelta = self._pause * 2 ** min(failures, _MOST_DOUBLED)
        return min(rest, max(LONGEST_REST, self._pause))

    def _tell(self, state: str, record: RebuildRecord | None) -> None:
        until = self._rests_until(record) if state == "resting" else None
        if record is None:
            self._state = RebuildState(state, not_before=_written(until))
            return
        self._state = RebuildState(
            state,
            began=_written(record.began),
            ended=_written(record.ended),
            failures=record.failures,
            trouble=record.trouble,
            last_lines=record.last_lines,
            not_before=_written(until),
        )


def _last_of(record: RebuildRecord) -> datetime:
    return record.ended or record.began


def _written(at: datetime | None) -> str:
    return "" if at is None else at.isoformat(timespec="seconds")
