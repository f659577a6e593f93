"""What was read of users since the log, kept for those seen last until something of them changes. Thread-safe."""

from __future__ import annotations

import threading
import zlib
from collections import OrderedDict
from collections.abc import Callable
from typing import Generic, TypeVar

__all__ = ["Recent"]

_BUCKETS = 1024
_T = TypeVar("_T")


class Recent(Generic[_T]):
    """Readings by user.

    Args:
        read: From a pseudonym to what is known of the user since the log.
        size: How many numbers such a reading holds.
        max_users: Users kept in memory.
        max_numbers: Numbers kept in memory, of all users together.
    """

    def __init__(
        self, read: Callable[[str], _T], *, size: Callable[[_T], int], max_users: int, max_numbers: int
    ) -> None:
        self._read = read
        self._size = size
        self._max_users = max_users
        self._max_numbers = max_numbers
        self._n_numbers = 0
        self._kept: OrderedDict[str, _T] = OrderedDict()
        self._changes = [0] * _BUCKETS
        self._lock = threading.Lock()

    def of(self, pseudonym: str) -> _T:
        """The reading of a user, made when it is not kept."""
        with self._lock:
            known = self._kept.get(pseudonym)
            if known is not None:
                self._kept.move_to_end(pseudonym)
                return known
            seen = self._changes[_bucket(pseudonym)]
        found = self._read(pseudonym)
        with self._lock:
            if self._changes[_bucket(pseudonym)] == seen:  # else an event came in between: read again next time
                self._forget(pseudonym)
                self._kept[pseudonym] = found
                self._n_numbers += self._size(found)
                while len(self._kept) > self._max_users or (
                    self._n_numbers > self._max_numbers and len(self._kept) > 1
                ):
                    self._forget(next(iter(self._kept)))
        return found

    def changed(self, pseudonym: str) -> None:
        """Tell that events of this user were stored: the next answer reads them."""
        with self._lock:
            self._changes[_bucket(pseudonym)] += 1
            self._forget(pseudonym)

    def _forget(self, pseudonym: str) -> None:
        gone = self._kept.pop(pseudonym, None)
        if gone is not None:
            self._n_numbers -= self._size(gone)


def _bucket(pseudonym: str) -> int:
    return zlib.crc32(pseudonym.encode("utf-8", "replace")) % _BUCKETS
