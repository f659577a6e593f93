"""What each shopper interacted with: from the log the models learnt from, and from events since, at once.

Users are known by pseudonym only. Histories of the log are arrays of the bundle; those since then are read from
the event log when the user next comes, and kept for the users seen last, so that a start takes no time and the
memory does not grow with the number of users.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from typing import Any

import numpy as np
import numpy.typing as npt

from steelyard.domain import NONE, IntArray, Interactions, State, split_history
from steelyard.errors import ArtefactError
from steelyard.models.retrieval.pairs import latest_of_users
from steelyard.serving.recent import Recent

__all__ = [
    "MAX_SEEN",
    "PSEUDONYM_ARRAYS",
    "Histories",
    "LoggedHistories",
    "PseudonymRows",
    "histories_changed",
    "histories_state",
    "rows_by_pseudonym",
    "with_disliked",
]

MAX_SEEN = 10_000
"""Distinct items kept of one user: more are a robot's, and nobody reads a list that long."""
_DISLIKED = "disliked."
"""Begins the names of the arrays that say what users disliked."""
PSEUDONYM_ARRAYS = ("pseudonyms", _DISLIKED + "pseudonyms")
"""Arrays of stored histories that name people."""
_Since = tuple[tuple[int, ...], frozenset[int]]
"""Items interacted with since the log, oldest first, and items of the log that were sent back."""


def histories_state(
    interactions: Interactions,
    pseudonyms: Sequence[str] | npt.NDArray[np.bytes_],
    *,
    max_items: int = MAX_SEEN,
    facts: Mapping[str, Any] | None = None,
) -> State:
    """All items of each user, each once, ready to be stored as ``parts/histories``: four bytes an item of a user.

    Args:
        interactions: What the models learnt from, oldest first.
        pseudonyms: For each user number the keyed pseudonym, hexadecimal, all of one length. Length n_users.
        max_items: Distinct items kept of each user, the latest.
        facts: Stored with the arrays.

    Returns:
        Arrays ``pseudonyms`` (uint8 ASCII, shape (n_users, length), sorted), ``offsets`` (n_users + 1,) and ``items``,
        each item of a user at its last occurrence, oldest first.
    """
    letters, rank = rows_by_pseudonym(pseudonyms)
    rows, n_items = rank[interactions.users], interactions.n_items
    counts, kept = np.zeros(len(rank), np.int64), [np.empty(0, np.int32)]
    for latest in latest_of_users(rows, interactions.items, n_items=n_items, at_most=max_items):
        counts += np.bincount(rows[latest], minlength=len(rank))
        kept.append(interactions.items[latest].astype(np.int32))
    offsets = np.concatenate([[0], np.cumsum(counts)]).astype(np.int64)
    arrays: dict[str, npt.NDArray[Any]] = {"pseudonyms": letters, "offsets": offsets, "items": np.concatenate(kept)}
    return State(arrays, dict(facts or {}))


def rows_by_pseudonym(
    pseudonyms: Sequence[str] | npt.NDArray[np.bytes_],
) -> tuple[npt.NDArray[np.uint8], IntArray]:
    """Pseudonyms in the order in which they are stored, and the row of each user in it.

    Args:
        pseudonyms: For each user number the keyed pseudonym, hexadecimal, all of one length. Length n_users.

    Returns:
        ASCII letters, shape (n_users, length), and rows, shape (n_users,).
    """
    order = np.argsort(np.asarray(pseudonyms, dtype=np.bytes_), kind="stable")
    rank = np.empty(len(order), dtype=np.int64)
    rank[order] = np.arange(len(order))
    names = np.asarray(pseudonyms, dtype=np.bytes_)[order]
    width = names.dtype.itemsize
    letters = names.view(np.uint8).reshape(len(names), width) if len(names) else np.zeros((0, width), np.uint8)
    return letters, rank


def histories_changed(state: State, *, erased: Collection[str], renamed: Mapping[str, str]) -> tuple[State, int]:
    """Stored histories without erased people, and with others under another pseudonym.

    Args:
        state: What ``histories_state`` or ``pasts_state`` made.
        erased: Pseudonyms whose histories go.
        renamed: Pseudonyms by those they are known by now; of the same length.

    Returns:
        Histories as ``histories_state`` makes them, and how many went or were renamed.
    """
    hidden = _disliked_of(state)
    if hidden is not None:
        bare, n_liked = histories_changed(_without_disliked(state), erased=erased, renamed=renamed)
        other, n_hidden = histories_changed(hidden, erased=erased, renamed=renamed)
        return with_disliked(bare, other), n_liked + n_hidden
    letters, offsets = np.ascontiguousarray(state.arrays["pseudonyms"]), state.arrays["offsets"]
    if not letters.size:
        return state, 0
    names = letters.view(f"S{letters.shape[1]}").ravel()
    gone = np.isin(names, np.array([name.encode("ascii", "replace") for name in erased], dtype=names.dtype))
    shown = np.array([renamed.get(name, name) for name in names.astype(str).tolist()], dtype=names.dtype)
    n_changed = int(gone.sum() + (shown != names)[~gone].sum())
    if not n_changed:
        return state, 0
    order = np.flatnonzero(~gone)
    order = order[np.argsort(shown[order], kind="stable")]
    lengths = np.diff(offsets)[order]
    starts = np.concatenate([[0], np.cumsum(lengths)]).astype(np.int64)
    places = np.repeat(offsets[:-1][order] - starts[:-1], lengths) + np.arange(starts[-1])
    kept = shown[order].view(np.uint8).reshape(len(order), letters.shape[1])
    arrays: dict[str, np.ndarray[Any, Any]] = {"pseudonyms": kept, "offsets": starts}
    arrays |= {name: state.arrays[name][places] for name in ("items", "times_s") if name in state.arrays}
    return State(arrays, dict(state.facts)), n_changed


def with_disliked(state: State, disliked: State) -> State:
    """Histories that also say what is to be kept away from whom.

    Args:
        state: What ``histories_state`` made of what people interacted with.
        disliked: What it made of what they disliked.

    Returns:
        One state of both.
    """
    arrays = {**state.arrays, **{_DISLIKED + name: array for name, array in disliked.arrays.items()}}
    return State(arrays, dict(state.facts))


def _disliked_of(state: State) -> State | None:
    """What people disliked; ``None`` in histories of an earlier version."""
    found = {n.removeprefix(_DISLIKED): array for n, array in state.arrays.items() if n.startswith(_DISLIKED)}
    return State(found, {}) if found else None


def _without_disliked(state: State) -> State:
    own = {name: array for name, array in state.arrays.items() if not name.startswith(_DISLIKED)}
    return State(own, dict(state.facts))


class PseudonymRows:
    """Which entries of a state belong to a user. Looked up by halving; no dictionary is built.

    Args:
        state: With ``pseudonyms``, ``offsets`` and ``items``, as ``histories_state`` makes them.
        what: What it holds, for messages.

    Raises:
        ArtefactError: An array is missing, or their lengths do not fit.
    """

    def __init__(self, state: State, *, what: str) -> None:
        try:
            letters = np.ascontiguousarray(state.arrays["pseudonyms"], dtype=np.uint8)
            self.offsets = state.arrays["offsets"]
            n_items = len(state.arrays["items"])
        except KeyError as error:
            raise ArtefactError(f"the {what} have no array {error}: package the bundle again") from error
        if len(self.offsets) != len(letters) + 1 or int(self.offsets[-1]) != n_items:
            raise ArtefactError(f"the {what}' arrays do not fit together: package the bundle again")
        self.names = letters.view(f"S{letters.shape[1]}").ravel() if letters.size else np.zeros(0, "S1")

    def of(self, pseudonym: str) -> slice:
        """The user's entries; none when the pseudonym is not known."""
        wanted = np.bytes_(pseudonym.encode("ascii", "replace"))
        at = int(np.searchsorted(self.names, wanted))
        if at == len(self.names) or self.names[at] != wanted:
            return slice(0)
        return slice(int(self.offsets[at]), int(self.offsets[at + 1]))


class LoggedHistories:
    """Histories of the log, from the bundle's arrays.

    Args:
        state: What ``histories_state`` made.

    Raises:
        ArtefactError: An array is missing, or their lengths do not fit.
    """

    def __init__(self, state: State) -> None:
        self._rows = PseudonymRows(state, what="histories")
        self._items = state.arrays["items"]
        self.facts: Mapping[str, Any] = state.facts
        hidden = _disliked_of(state)
        self.disliked = None if hidden is None else LoggedHistories(hidden)
        """What is kept away from each user; ``None`` in histories of an earlier version."""
        self._state = state

    def of(self, pseudonym: str) -> tuple[int, ...]:
        """Item numbers of the user, oldest first; empty when the log did not know them."""
        return tuple(self._items[self._rows.of(pseudonym)].tolist())

    def without(self, erased: Collection[str]) -> LoggedHistories:
        """The histories of all others; itself where it knows none of these pseudonyms."""
        state, n_changed = histories_changed(self._state, erased=erased, renamed={})
        return LoggedHistories(state) if n_changed else self

    def __len__(self) -> int:
        """How many users the log knows."""
        return len(self._rows.names)

    def between(self, low: int, high: int) -> list[tuple[str, tuple[int, ...]]]:
        """Users of a run of the order of their pseudonyms, each with the item numbers, oldest first."""
        names = self._rows.names[low:high].astype(str).tolist()
        offsets = self._rows.offsets[low : high + 1].tolist()
        items = self._items[offsets[0] : offsets[-1]].tolist() if names else []
        return [
            (name, tuple(items[begin - offsets[0] : end - offsets[0]]))
            for name, begin, end in zip(names, offsets[:-1], offsets[1:], strict=True)
        ]

    def longest(self, n: int) -> tuple[str, ...]:
        """Pseudonyms of ``n`` users with the longest histories, ties in the order of the names."""
        order = np.argsort(-np.diff(self._rows.offsets), kind="stable")[:n]
        return tuple(self._rows.names[order].astype(str).tolist())


class Histories:
    """Log and events together: every distinct item of a user, cut in two where the models stop looking. Thread-safe.

    Args:
        logged: Histories of the log, or ``None``.
        read: From a pseudonym to the item identifiers in the event log, oldest first.
        number: From the shop's identifier to the item number, ``NONE`` when unknown.
        max_history: Distinct items a recommender looks at.
        returned: From a pseudonym to the identifiers of items sent back more often than the event log knows them
            bought: those of the log are undone.
        max_users: Users kept in memory.
        max_numbers: Item numbers kept in memory, of all users together (eight bytes each).
    """

    def __init__(
        self,
        logged: LoggedHistories | None,
        *,
        read: Callable[[str], Sequence[str]],
        number: Callable[[str], int],
        max_history: int,
        returned: Callable[[str], Sequence[str]] = lambda pseudonym: (),
        max_users: int = 20_000,
        max_numbers: int = 4_000_000,
    ) -> None:
        self._logged = logged
        self._read = read
        self._returned = returned
        self._number = number
        self._max_history = max_history
        self._recent: Recent[_Since] = Recent(
            self._since,
            size=lambda since: len(since[0]) + len(since[1]),
            max_users=max_users,
            max_numbers=max_numbers,
        )

    def of(self, pseudonym: str) -> tuple[int, ...]:
        """Distinct item numbers of the user, oldest first, at most ``max_history``; empty for an unknown user."""
        return self.split(pseudonym)[0]

    def split(self, pseudonym: str, *, before: str = "") -> tuple[tuple[int, ...], tuple[int, ...]]:
        """What the models look at (as ``of``), and all that the user interacted with before it.

        Args:
            pseudonym: Under today's key; nobody where it is empty.
            before: The same user under the key before, while that is kept: what is known under it comes first.

        Returns:
            Item numbers, oldest first, in both parts.
        """
        if not pseudonym:
            return (), ()
        names = (before, pseudonym) if before else (pseudonym,)
        logged = tuple(item for name in names for item in self._logged.of(name)) if self._logged is not None else ()
        found = [self._recent.of(name) for name in names]
        since = tuple(item for items, _ in found for item in items)
        undone = frozenset().union(*(items for _, items in found))
        if undone:
            logged = tuple(item for item in logged if item not in undone)
        return split_history(logged + since, max_history=self._max_history)

    def changed(self, pseudonym: str) -> None:
        """Tell that events of this user were stored: their next answer reads them."""
        self._recent.changed(pseudonym)

    def _since(self, pseudonym: str) -> _Since:
        since = self._numbers(self._read(pseudonym))
        return since, frozenset(self._numbers(self._returned(pseudonym)))

    def _numbers(self, item_ids: Sequence[str]) -> tuple[int, ...]:
        numbers = (self._number(item_id) for item_id in item_ids)
        return tuple(number for number in numbers if number != NONE)
