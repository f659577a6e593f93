"""Threads that work on one search."""

from __future__ import annotations

import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

__all__ = ["Threads"]


class Threads:
    """Threads at one work, and the lock that they share."""

    def __init__(self) -> None:
        self.lock = threading.Lock()

    def work(self, each: Callable[[], None], *, workers: int) -> None:
        """Have ``workers`` threads call ``each``; a single one is the caller's own.

        Args:
            each: Returns when there is nothing left to do.
            workers: At least 1.
        """
        if workers == 1:
            each()
            return
        with ThreadPoolExecutor(workers, thread_name_prefix="tune") as pool:
            for one in [pool.submit(each) for _ in range(workers)]:
                one.result()
