"""Whose history a search may be put in order by, and the histories of lists that have further pages.

A list keeps the order that its first page had: the history of that moment is kept for the pages after it, whatever the
shopper does in between. Where it is no longer kept, the next page is refused by name and asked for anew.
"""

from __future__ import annotations

import hashlib
import threading
from collections import OrderedDict
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from steelyard.errors import AskError

__all__ = ["KeptHistories", "Known", "Searcher", "known_before"]

_MOST_KEPT = 5000
"""Histories, of at most a hundred items each."""


@dataclass(frozen=True, slots=True)
class Known:
    """What was known of a shopper at one moment."""

    tag: str
    """Tells it from what was known of them, or of others, at another."""
    history: tuple[int, ...]
    """Items they interacted with, oldest first."""
    bought: tuple[int, ...]
    """Those of them that they are known to have bought."""


class KeptHistories:
    """The histories that lists were put in order by. Thread-safe.

    Args:
        most: So many are kept, those used last.
    """

    def __init__(self, most: int = _MOST_KEPT) -> None:
        self._most = most
        self._kept: OrderedDict[tuple[str, str], Known] = OrderedDict()
        self._lock = threading.Lock()

    def keep(self, person: str, history: tuple[int, ...], bought: tuple[int, ...]) -> Known | None:
        """Keep what is known of somebody now.

        Args:
            person: Their pseudonym.
            history: Items they interacted with, oldest first.
            bought: Those they bought.

        Returns:
            ``None`` where nothing is known.
        """
        if not (history or bought):
            return None
        content = repr((person, history, bought)).encode("utf-8", "replace")
        known = Known(hashlib.blake2b(content, digest_size=6).hexdigest(), history, bought)
        with self._lock:
            self._kept[(person, known.tag)] = known
            self._kept.move_to_end((person, known.tag))
            while len(self._kept) > self._most:
                self._kept.popitem(last=False)
        return known

    def find(self, person: str, tag: str) -> Known | None:
        """What was known of somebody when a list began; ``None`` where it is no longer kept, or of another person."""
        with self._lock:
            return self._kept.get((person, tag))

    def forget(self) -> None:
        """Keep none of them."""
        with self._lock:
            self._kept.clear()


@dataclass(frozen=True, slots=True)
class Searcher:
    """Somebody who searches, and whose history may be looked at."""

    person: str
    """Pseudonym; empty for somebody who was erased."""
    history: Callable[[], Sequence[tuple[int, ...]]]
    """Gives the latest items they interacted with, oldest first, and those before; takes a while."""
    bought: Callable[[], Sequence[tuple[int, ...]]]
    """The same of what they are known to have bought."""
    kept: KeptHistories

    def now(self) -> Known | None:
        """What is known now, for the first page of a list."""
        return self.kept.keep(self.person, self.history()[0], self.bought()[0]) if self.person else None


def known_before(searcher: Searcher | None, tag: str) -> Known:
    """What was known when a list began, for a later page of it.

    Args:
        searcher: Who asks; ``None`` where nobody's history may be looked at.
        tag: From the cursor.

    Returns:
        The same as for the first page.

    Raises:
        AskError: It is not kept, or another asks than did then.
    """
    known = searcher.kept.find(searcher.person, tag) if searcher is not None else None
    if known is None:
        raise AskError(
            "cursor_of_another_shopper",
            "the list was put in order by a history that is not at hand: send the user it was asked for with "
            "personalise = true, or leave the cursor out for the first page",
        )
    return known
