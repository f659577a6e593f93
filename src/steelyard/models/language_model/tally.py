"""What was asked of an endpoint, and what came of it: counted while it is asked, by several threads at once."""

from __future__ import annotations

import threading
from collections import Counter

__all__ = ["BUSY", "LATE", "NAMES", "REFUSED_ITEMS", "UNREAD", "WITHHELD", "Tally"]

LATE = "late"
"""There was no time, or the answer did not come in it."""
BUSY = "busy"
"""The endpoint is busy or broken, or as many questions are under way as may be."""
UNREAD = "unread"
"""The answer named no product."""
WITHHELD = "withheld"
"""The query names a person: it is not sent."""
REFUSED_ITEMS = "speaking_items"
"""Products whose text speaks to the model: they are not sent and keep their place."""
NAMES = (
    "requests",
    "asked",
    "cached",
    "prompt_tokens",
    "completion_tokens",
    "estimated",
    LATE,
    BUSY,
    UNREAD,
    WITHHELD,
    REFUSED_ITEMS,
)
"""What is counted; ``estimated`` are questions whose tokens the endpoint did not count."""


class Tally:
    """Counts, all of them 0 to begin with."""

    def __init__(self) -> None:
        self._counts: Counter[str] = Counter()
        self._lock = threading.Lock()

    def add(self, **counts: int) -> None:
        """Count some more of what ``NAMES`` says."""
        with self._lock:
            self._counts.update(counts)

    def read(self) -> dict[str, int]:
        """All counts so far."""
        with self._lock:
            return {name: self._counts[name] for name in NAMES}
