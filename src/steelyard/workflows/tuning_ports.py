"""What a search of a model's values is handed: who proposes, a journal that outlives the process, and threads."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from contextlib import AbstractContextManager
from pathlib import Path
from typing import Any, Protocol

from steelyard.documents.search_journal import JournalLine
from steelyard.documents.tuning import Value
from steelyard.models.searching import SearchSpace
from steelyard.models.trials import Trial

__all__ = ["Crew", "Proposals", "SearchJournal", "Searching"]


class Proposals(Protocol):
    """Proposes values and gives trials up, by what is known of the others (``steelyard.adapters.tuning``)."""

    def propose(self, number: int, known: Sequence[Trial]) -> Mapping[str, Value]:
        """Values to be tried next.

        Args:
            number: Of the trial to be: the same number and the same known trials give the same values.
            known: All before it, by number.

        Returns:
            A value for each name of the space.
        """
        ...

    def is_hopeless(self, number: int, known: Sequence[Trial]) -> bool:
        """Whether a running trial is to be given up.

        Args:
            number: Of the trial.
            known: All trials, by number, this one among them with its rungs so far.

        Returns:
            False where nothing is given up.
        """
        ...


class SearchJournal(Protocol):
    """Lines that outlive the process: each is on the disk before ``append`` returns."""

    def read(self) -> list[JournalLine]:
        """All whole lines; what was being written when the process ended is left out and cut off."""
        ...

    def append(self, line: JournalLine) -> None:
        """Add a line."""
        ...

    def begin(self, line: JournalLine) -> None:
        """Begin anew with this line."""
        ...


class Crew(Protocol):
    """Threads at one work."""

    @property
    def lock(self) -> AbstractContextManager[Any]:
        """Held by one of them at a time."""
        ...

    def work(self, each: Callable[[], None], *, workers: int) -> None:
        """Have ``workers`` threads call ``each``; the first error is raised when all have ended."""
        ...


class Searching(Protocol):
    """Tools of a search."""

    def proposals(self, space: SearchSpace, *, seed: int, pruning: str) -> Proposals:
        """Who proposes.

        Args:
            space: What is varied.
            seed: Of the proposals.
            pruning: ``median``, ``hyperband`` or ``none``.

        Returns:
            Stateless: all it knows is handed to it.

        Raises:
            MissingExtra: Optuna is not installed.
        """
        ...

    def journal(self, path: Path) -> SearchJournal:
        """The journal in a file, which need not be there."""
        ...

    def crew(self) -> Crew:
        """Threads."""
        ...
