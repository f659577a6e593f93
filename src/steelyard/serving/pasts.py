"""Each shopper's events with repeats and times, for the models that read them: ``Request.past``.

Only the bundle of such a model holds them. They are made, cut, erased and renamed as the histories are.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence

import numpy as np
import numpy.typing as npt

from steelyard.domain import MAX_PAST, NO_PAST, NONE, Interactions, Past, State
from steelyard.errors import ArtefactError
from steelyard.serving.history import PseudonymRows, histories_changed, rows_by_pseudonym
from steelyard.serving.recent import Recent

__all__ = ["LoggedPasts", "Pasts", "pasts_state"]

_Since = tuple[tuple[int, ...], tuple[float, ...], frozenset[int]]
"""Items since the log, oldest first, their times, and items of the log that were sent back."""


def pasts_state(interactions: Interactions, pseudonyms: Sequence[str] | npt.NDArray[np.bytes_]) -> State:
    """The latest events of each user with their times, ready to be stored as ``parts/pasts``: twelve bytes an event.

    Args:
        interactions: What the models learnt from, oldest first.
        pseudonyms: For each user number the keyed pseudonym, hexadecimal, all of one length. Length n_users.

    Returns:
        Arrays ``pseudonyms`` and ``offsets`` as ``histories_state`` makes them, ``items``, repeats kept, and
        ``times_s``; at most ``MAX_PAST`` events of a user.
    """
    letters, rank = rows_by_pseudonym(pseudonyms)
    rows = rank[interactions.users]
    order = np.argsort(rows, kind="stable")
    from_end = np.searchsorted(rows[order], rows[order], side="right") - np.arange(len(order))
    order = order[from_end <= MAX_PAST]
    counts = np.bincount(rows[order], minlength=len(rank))
    return State(
        {
            "pseudonyms": letters,
            "offsets": np.concatenate([[0], np.cumsum(counts)]).astype(np.int64),
            "items": interactions.items[order].astype(np.int32),
            "times_s": interactions.times_s[order].astype(np.float64),
        }
    )


class LoggedPasts:
    """Pasts of the log, from the bundle's arrays.

    Args:
        state: What ``pasts_state`` made.

    Raises:
        ArtefactError: An array is missing, or their lengths do not fit.
    """

    def __init__(self, state: State) -> None:
        self._rows = PseudonymRows(state, what="pasts")
        self._state = state
        if "times_s" not in state.arrays or len(state.arrays["times_s"]) != len(state.arrays["items"]):
            raise ArtefactError("the pasts' items do not have a time each: package the bundle again")

    def of(self, pseudonym: str) -> Past:
        """Events of the user, oldest first; empty when the log did not know them."""
        events = self._rows.of(pseudonym)
        arrays = self._state.arrays
        return Past(tuple(arrays["items"][events].tolist()), tuple(arrays["times_s"][events].tolist()))

    def without(self, erased: Collection[str]) -> LoggedPasts:
        """The pasts of all others; itself where it knows none of these pseudonyms."""
        state, n_changed = histories_changed(self._state, erased=erased, renamed={})
        return LoggedPasts(state) if n_changed else self


class Pasts:
    """Log and events together: every event of a user with its time. Thread-safe.

    Args:
        logged: Pasts of the log, or ``None``.
        read: From a pseudonym to the item identifiers and times in the event log, oldest first.
        number: From the shop's identifier to the item number, ``NONE`` when unknown.
        returned: From a pseudonym to the identifiers of items sent back more often than the event log knows them
            bought: those of the log are undone.
        max_users: Users kept in memory.
        max_numbers: Events kept in memory, of all users together (sixteen bytes each).
    """

    def __init__(
        self,
        logged: LoggedPasts | None,
        *,
        read: Callable[[str], Sequence[tuple[str, float]]],
        number: Callable[[str], int],
        returned: Callable[[str], Sequence[str]] = lambda pseudonym: (),
        max_users: int = 20_000,
        max_numbers: int = 2_000_000,
    ) -> None:
        self._logged = logged
        self._read = read
        self._returned = returned
        self._number = number
        self._recent: Recent[_Since] = Recent(
            self._since,
            size=lambda since: len(since[0]) + len(since[2]),
            max_users=max_users,
            max_numbers=max_numbers,
        )

    def of(self, pseudonym: str, *, before: str = "") -> Past:
        """Events of the user, as offline cases hold them: oldest first, the latest ``MAX_PAST``.

        Args:
            pseudonym: Under today's key; nobody where it is empty.
            before: The same user under the key before, while that is kept.

        Returns:
            An event that both the log and the event log know (the same item within the same second) is there once.
        """
        if not pseudonym:
            return NO_PAST
        names = (before, pseudonym) if before else (pseudonym,)
        since = [self._recent.of(name) for name in names]
        undone = frozenset().union(*(items for _, _, items in since))
        events = [] if self._logged is None else [pair for name in names for pair in _pairs(self._logged.of(name))]
        events = [event for event in events if event[0] not in undone]
        known = {(item, int(time_s)) for item, time_s in events}
        for items, times_s, _ in since:
            events += [(i, t) for i, t in zip(items, times_s, strict=True) if (i, int(t)) not in known]
        events.sort(key=lambda event: event[1])
        return Past(tuple(item for item, _ in events[-MAX_PAST:]), tuple(time for _, time in events[-MAX_PAST:]))

    def changed(self, pseudonym: str) -> None:
        """Tell that events of this user were stored: their next answer reads them."""
        self._recent.changed(pseudonym)

    def _since(self, pseudonym: str) -> _Since:
        events = [(self._number(item_id), time_s) for item_id, time_s in self._read(pseudonym)]
        events = [event for event in events if event[0] != NONE]
        back = (self._number(item_id) for item_id in self._returned(pseudonym))
        return (
            tuple(item for item, _ in events),
            tuple(time_s for _, time_s in events),
            frozenset(item for item in back if item != NONE),
        )


def _pairs(past: Past) -> list[tuple[int, float]]:
    return list(zip(past.items, past.times_s, strict=True))
