"""What keeps the changes of a catalogue (``steelyard.adapters.change_journal.ChangeJournal``)."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import AbstractContextManager
from typing import Protocol

from steelyard.documents.changes import Batch, Beginning, ItemChange, Standing

__all__ = ["Journal"]


class Journal(Protocol):
    """Batches of changes in one order, on the disk before they are acknowledged; several processes share it."""

    is_behind: bool
    """Whether lines were folded that this object has not given: then all must be taken anew, by another object."""

    @property
    def journal(self) -> str:
        """Sixteen digits that name it; empty while nothing was ever changed."""
        ...

    @property
    def beginning(self) -> Beginning:
        """What came before the first batch, as it was last read."""
        ...

    def key(self, key: str) -> tuple[str, int] | None:
        """What was sent under a key, as a digest, and the number of its last change."""
        ...

    def has_news(self) -> bool:
        """Whether there may be batches that were not given yet; a look, no more."""
        ...

    def news(self) -> list[Batch]:
        """Batches that this object has not given yet, oldest first."""
        ...

    def writing(self) -> AbstractContextManager[None]:
        """Nobody else writes until the block ends."""
        ...

    def append(self, changes: Sequence[ItemChange], *, at: str, key: str = "", digest: str = "") -> Batch:
        """Keep a batch, inside ``writing`` and after ``news``."""
        ...

    def retire(self, upto: int, standing: Sequence[Standing]) -> None:
        """Fold the changes up to a number."""
        ...
