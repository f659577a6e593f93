"""Processes that work beside a run."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import IO, TYPE_CHECKING

if TYPE_CHECKING:
    from steelyard.adapters.rebuild_folder import RebuildFolder
    from steelyard.workflows.ports import PartWorker

__all__ = ["Workers"]


@dataclass(frozen=True, slots=True)
class Workers:
    """Processes that work beside a run."""

    def parts(self, argv: Sequence[str]) -> PartWorker | None:
        """A process that makes parts into the same store.

        Args:
            argv: Its command.

        Returns:
            To be closed; ``None`` where the machine has no second core or no memory for it.
        """
        from steelyard.adapters.part_worker import PartWorker, has_room

        return PartWorker(argv) if has_room() else None

    def rebuilds(self, folder: Path, argv: Sequence[str]) -> RebuildFolder:
        """What servers share of the runs that they start.

        Args:
            folder: Beside the bundles.
            argv: The command of a run.

        Returns:
            Nothing is made or started yet.
        """
        from steelyard.adapters.rebuild_folder import RebuildFolder

        return RebuildFolder(folder, argv)

    def end_with_parent(self) -> None:
        """Have this process ended with the one that started it."""
        from steelyard.adapters.part_worker import end_with_parent

        end_with_parent()

    def own_output(self) -> IO[str]:
        """This process's output for its words alone; what libraries print goes to standard error."""
        from steelyard.adapters.part_worker import own_output

        return own_output()
