"""Questions to a model and its answers. One question type for search, personal, similar-item and basket."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import numpy as np
    import numpy.typing as npt

    IntArray = npt.NDArray[np.int64]
    FloatArray = npt.NDArray[np.float64]
    VectorArray = npt.NDArray[np.float32]
else:  # names of types for whoever reads or checks the code; the ledger, which has no arrays, starts without numpy
    IntArray = FloatArray = VectorArray = Any

NONE = -1
"""Item number in the places a short list could not fill."""


class Surface(StrEnum):
    """Where in the shop a question is asked."""

    SEARCH = "search"
    RECOMMEND = "recommend"
    SIMILAR = "similar"


MAX_PAST = 1_000
"""Latest events of one user that ``Past`` holds: some three years of a weekly basket."""


@dataclass(frozen=True, slots=True)
class Past:
    """A user's events in the order of time, repeats kept: what was bought again, how often, and how long ago.

    Events of one time belong together: they are a basket.
    """

    items: tuple[int, ...] = ()
    """Item numbers, oldest first; the latest ``MAX_PAST`` events."""
    times_s: tuple[float, ...] = ()
    """When each of them was, in seconds since 1970 UTC, non-decreasing. As long as ``items``."""

    def __post_init__(self) -> None:
        """Refuse times that do not belong to the items.

        Raises:
            ValueError: There are more or fewer times than items.
        """
        if len(self.items) != len(self.times_s):
            raise ValueError(
                f"{len(self.items)} items of a past have {len(self.times_s)} times: give each item its time"
            )


NO_PAST = Past()
"""Of somebody of whom nothing is known, or whose past nobody looked up."""


@dataclass(frozen=True, slots=True)
class Request:
    """One question. Which fields are filled says which kind it is.

    Search fills ``query``; "for you" fills ``history``; "similar to this" fills ``items`` with one
    item; "goes with this basket" fills ``items`` with several. All of them may be filled at once.
    """

    query: str = ""
    """What the shopper typed; empty for a question without words."""
    history: tuple[int, ...] = ()
    """Item numbers this user interacted with, oldest first; empty for a new or anonymous user."""
    items: tuple[int, ...] = ()
    """Items the answer should go with: the product page's item, or the basket."""
    seen: tuple[int, ...] = ()
    """Items this user interacted with before those of ``history``: no model looks at them, but where the rules exclude
    what was seen they do not come back either."""
    past: Past = NO_PAST
    """All of this user's events with repeats and times, where the model reads them (``Recipe.reads_past``); ``history``
    and ``seen`` hold the same items, each once."""
    asked_s: float | None = None
    """When the question is asked, in seconds since 1970 UTC; None where it is not known."""
    basics: tuple[str, ...] = ()
    """What the shop's table of users says of this user, as ``column=value``, where the model reads it
    (``Recipe.reads_basics``) and enough people share it; empty where nothing is known."""
    exclude: tuple[int, ...] = ()
    """Items that must not be returned, on top of the pipeline's own rules."""
    verbatim: bool = False
    """Whether the query's words are taken as they were typed, and none is guessed."""
    user: str = ""
    """Pseudonym, or empty. Models never read it: it is here to tie answers to people."""

    @property
    def surface(self) -> Surface:
        """The kind of question: words win over items, items over history."""
        if self.query:
            return Surface.SEARCH
        return Surface.SIMILAR if self.items else Surface.RECOMMEND


def split_history(items: Sequence[int], *, max_history: int) -> tuple[tuple[int, ...], tuple[int, ...]]:
    """What a model looks at of what a user interacted with, and the rest. Measuring and serving both cut with this.

    Args:
        items: Item numbers, oldest first; an item may occur several times.
        max_history: Distinct items a model looks at, >= 1.

    Returns:
        The latest ``max_history`` distinct items, each at its last occurrence, oldest first; and the other items, each
        once, likewise (``Request.history`` and ``Request.seen``).
    """
    distinct = tuple(dict.fromkeys(reversed(items)))[::-1]
    return distinct[-max_history:], distinct[:-max_history]


@dataclass(frozen=True, slots=True)
class Ranked:
    """For each request of a batch, items from best to worst."""

    items: IntArray
    """Shape (requests, k); ``NONE`` where there was nothing left to offer."""
    scores: FloatArray
    """Shape (requests, k), non-increasing along a row; -inf where the item is ``NONE``."""


@dataclass(frozen=True, slots=True)
class Reason:
    """Why an item was offered, as data; the page turns it into a sentence in the reader's language."""

    kind: str
    """``bought_together``, ``matches_words``, ``similar_meaning``, ``similar_content``, ``popular`` …"""
    contribution: float
    """Share of the score that this reason explains, in [0, 1]."""
    item: int = NONE
    """The item of the history or basket that led here, where there is one."""
    words: tuple[str, ...] = ()
    """The words of the query that matched, where there are some."""


@dataclass(frozen=True, slots=True)
class State:
    """A fitted model apart from its code: arrays, and facts that JSON can hold. Never pickled."""

    arrays: Mapping[str, npt.NDArray[Any]] = field(default_factory=dict)
    """Named arrays of any fixed-width type."""
    facts: Mapping[str, Any] = field(default_factory=dict)
    """Options, names and counts: str, int, float, bool, None, lists and dicts of these."""
