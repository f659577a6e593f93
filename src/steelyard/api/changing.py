"""Has the server answer from the catalogue as it is after the changes of the journal, in a thread of its own.

Whoever sends a change is answered once it is on the disk. The thread then makes an engine of the bundle and of all that
stands beside it, and the service takes it as a whole; several batches that come meanwhile are taken together.
"""

from __future__ import annotations

import asyncio
import logging
import threading
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

from msgspec.structs import replace

from steelyard.api.schemas import Problem
from steelyard.data.changes.reading import Terms
from steelyard.documents.changes import read_token
from steelyard.errors import SteelyardError
from steelyard.serving.answers import ChangesState, RebuildState
from steelyard.serving.changes.engine import ChangedEngines
from steelyard.serving.changes.ports import Journal
from steelyard.serving.changes.taking import Standings, Taken
from steelyard.serving.engine import Engine
from steelyard.serving.served import About
from steelyard.serving.service import Service

__all__ = ["Changer", "Pace"]

_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Pace:
    """How often the journal is looked at, and what waits how long."""

    every_s: float = 0.1
    """From one look at the journal to the next, for changes that other processes wrote."""
    rest_s: float = 3.0
    """After an engine was made, so many times as long as that took nothing is made: searches have the processor."""
    most_rest_s: float = 0.3
    patience_s: float = 5.0
    """An answer that must have a change waits for it at most so long."""
    rebuild_share: float = 0.05
    """Share of the catalogue beside the bundle from which on another bundle should be made."""


@dataclass(slots=True)
class _State:
    """A bundle and what stands beside it."""

    engines: ChangedEngines
    standings: Standings
    shown: tuple[str, int] = ("", 0)
    """Journal, and number of the last change that answers have."""


@dataclass(slots=True)
class _Locks:
    """Of the thread that makes engines, and of whoever looks at the journal."""

    making: threading.Lock = field(default_factory=threading.Lock)
    journal: threading.Lock = field(default_factory=threading.Lock)


class Changer:
    """Takes changes, and has the service answer with them.

    Args:
        service: Answers.
        open_journal: Gives the journal, from its first line on.
        terms: How the shop writes.
        now: The time as it is written into the journal.
        pace: How often it looks.
    """

    def __init__(
        self,
        service: Service,
        open_journal: Callable[[], Journal],
        *,
        terms: Terms,
        now: Callable[[], str],
        pace: Pace | None = None,
    ) -> None:
        self._service, self._open, self._terms, self._now = service, open_journal, terms, now
        self._pace = pace or Pace()
        self._locks = _Locks()
        self._trouble = ""
        self.rebuild: Callable[[], RebuildState] | None = None
        """Says how the runs go that this server starts; ``None`` where it starts none."""
        self._poked, self._ended = threading.Event(), threading.Event()
        self._thread = threading.Thread(target=self._watch, name="changes", daemon=True)
        self._state = self._opened(service.engine, service.about)

    def start(self) -> None:
        """Answer with what the journal holds, and begin to look.

        Raises:
            ArtefactError: The journal is damaged: a server does not start without changes that were acknowledged.
        """
        self._make(self._state)
        self._service.changes = self.told
        self._thread.start()

    def close(self) -> None:
        """Look no more."""
        self._ended.set()
        self._poked.set()
        if self._thread.is_alive():
            self._thread.join()

    def swap(self, engine: Engine, about: About) -> None:
        """Answer from another bundle from now on, with the changes that it does not hold.

        Args:
            engine: Of the bundle.
            about: What it says of itself.
        """
        state = self._opened(engine, about)
        state.engines.prepare()
        with self._locks.making:
            with self._locks.journal:
                state.standings.catch_up()
                standing, last = dict(state.standings.standing), state.standings.last
            self._service.swap(state.engines.after(standing), about)
            state.shown = (state.standings.journal.journal, last)
            self._state = state
        self._poked.set()

    def send(self, sent: Sequence[object], *, key: str = "", is_trial: bool = False) -> Taken:
        """Keep a batch of changes, whole or not at all; blocks until it is on the disk.

        Args:
            sent: Objects of named values.
            key: By which it may be sent again.
            is_trial: Whether it is only said what would be done.

        Returns:
            The token, and what was counted.

        Raises:
            ChangesRefused: A part of it cannot be done.
            StorageError: It could not be written; nothing was changed.
        """
        with self._locks.journal:
            standings = self._state.standings
            taken = standings.take(sent, self._terms, at=self._now(), key=key, is_trial=is_trial)
        self._poked.set()
        return taken

    async def include(self, after: str) -> None:
        """Return once answers are of a moment after a token.

        Args:
            after: What the answer to a change gave.

        Raises:
            AskError: It is no token.
            Problem: It took too long.
        """
        token = read_token(after)
        wanted = (token.journal, token.last)
        deadline = time.monotonic() + self._pace.patience_s
        while not self._shows(wanted):
            self._poked.set()
            if time.monotonic() >= deadline:
                shown = self.state().token or "no change"
                raise Problem(
                    504, "not_included_yet",
                    f"the answers of this server are of {shown}, and do not have {after} yet: ask again in a second, "
                    "or leave `after` out",
                    retry_after_s=1,
                )  # fmt: skip
            await asyncio.sleep(0.005)

    def state(self) -> ChangesState:
        """What stands beside the bundle; never waits."""
        state = self._state
        journal, last = state.shown
        standings = state.standings
        share = len(standings.standing) / max(state.engines.base.n_items, 1)
        return ChangesState(
            token=f"{journal}-{last}" if journal else "",
            beside=standings.n_beside,
            items=len(standings.standing),
            since=standings.since,
            waiting=max(standings.last - last, 0),
            without_vector=state.engines.waiting,
            rebuild_due=share > self._pace.rebuild_share,
            trouble=self._trouble,
            rebuild=None if self.rebuild is None else self.rebuild(),
        )

    def told(self) -> ChangesState:
        """The same as anybody may know it: without what a run said last."""
        state = self.state()
        rebuild = state.rebuild
        return state if rebuild is None else replace(state, rebuild=replace(rebuild, last_lines=()))

    def _shows(self, wanted: tuple[str, int]) -> bool:
        journal, last = self._state.shown
        return journal == wanted[0] and last >= wanted[1]

    def _opened(self, engine: Engine, about: About) -> _State:
        inside = engine.inside
        standings = Standings(self._open, cards=inside.cards, ids=inside.ids, held=about.changes)
        return _State(ChangedEngines(engine, not_offered=self._terms.not_offered), standings)

    def _make(self, state: _State) -> None:
        """Have the service answer with all that is known by now."""
        with self._locks.making:
            if state is not self._state:
                return
            with self._locks.journal:
                standing, last = dict(state.standings.standing), state.standings.last
            engine = state.engines.after(standing)
            if engine is not self._service.engine:
                self._service.change(engine)
            state.shown = (state.standings.journal.journal, last)

    def _look(self) -> bool:
        """Whether there is anything that answers do not have."""
        state = self._state
        with self._locks.journal:
            state.standings.catch_up()
        now = (state.standings.journal.journal, state.standings.last)
        return state.shown != now or state.engines.waiting > 0

    def _watch(self) -> None:
        pace, is_ready = self._pace, False
        while not self._ended.is_set():
            self._poked.wait(pace.every_s)
            self._poked.clear()
            if self._ended.is_set():
                return
            try:
                if not is_ready:
                    self._state.engines.prepare()
                    is_ready = True
                if not self._look():
                    continue
                began = time.thread_time()
                self._make(self._state)
                self._trouble = ""
                self._ended.wait(min(pace.rest_s * (time.thread_time() - began), pace.most_rest_s))
            except Exception as error:  # noqa: BLE001 - the edge: answers go on as they are
                if str(error) != self._trouble:
                    _log.error(
                        "event=changes_not_taken error=%s", error, exc_info=not isinstance(error, SteelyardError)
                    )
                self._trouble = str(error)
