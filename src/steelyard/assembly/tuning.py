"""What searches of models' values are run with."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from steelyard import registry

if TYPE_CHECKING:
    from steelyard.models.searching import SearchSpace
    from steelyard.workflows.tuning_ports import Crew, Proposals, SearchJournal

__all__ = ["Tuning"]


@dataclass(frozen=True, slots=True)
class Tuning:
    """Proposals, journals and threads."""

    def proposals(self, space: SearchSpace, *, seed: int, pruning: str) -> Proposals:
        """Optuna, as it proposes for a space.

        Args:
            space: What is varied.
            seed: Of the proposals.
            pruning: ``median``, ``hyperband`` or ``none``.

        Returns:
            Stateless.

        Raises:
            MissingExtra: Optuna is not installed.
        """
        with registry.naming_extra("searching with [tune]"):
            from steelyard.adapters.tuning.optuna_proposals import OptunaProposals

        return OptunaProposals(space, seed=seed, pruning=pruning)

    def journal(self, path: Path) -> SearchJournal:
        """The journal in a file, which need not be there."""
        from steelyard.adapters.tuning.journal_file import JournalFile

        return JournalFile(path)

    def crew(self) -> Crew:
        """Threads."""
        from steelyard.adapters.tuning.threads import Threads

        return Threads()
