"""Bundles, and what a server keeps beside them: the log of events, folders of pictures."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from steelyard.adapters.batch_lists import ListsFile
    from steelyard.adapters.bundle import Bundle
    from steelyard.adapters.change_journal import ChangeJournal
    from steelyard.adapters.exploration_file import ExplorationFile
    from steelyard.adapters.measuring.server_process import ServerProcess
    from steelyard.adapters.progress_file import ProgressFile
    from steelyard.serving.batch import Lists
    from steelyard.serving.events import EventLog
    from steelyard.serving.pictures import PicturePort

__all__ = ["Bundles", "Serving"]


CHANGES = "changes"
"""Folder of the journal of changes, beside the bundles."""
PROGRESS = "progress.json"
"""The progress of a run, in the shop's work folder."""


@dataclass(frozen=True, slots=True)
class Bundles:
    """Writes and opens bundles."""

    def open(self, path: Path) -> Bundle:
        """The bundle at a path, or the newest of a folder of bundles; every byte is checked before it is parsed."""
        from steelyard.adapters.bundle import Bundle

        return Bundle.open(path)

    def write(self, out: Path, *, parts: Mapping[str, Path], documents: Mapping[str, Mapping[str, Any]]) -> Path:
        """Seal parts and documents in one folder and make it the newest of ``out``.

        Args:
            out: Folder of bundles; made when missing.
            parts: Folder of each part by its name.
            documents: JSON documents by name.

        Returns:
            The bundle's folder; the same content gives the same folder.

        Raises:
            StorageError: The disk is full or refuses to write; ``latest`` still means what it meant.
        """
        from steelyard.adapters.bundle_writing import write_bundle

        return write_bundle(out, parts=parts, documents=documents)

    def pointer(self, out: Path) -> str:
        """What tells the newest bundle of a folder from the one before, without opening it."""
        from steelyard.adapters.bundle import Bundle

        return Bundle.pointer(out)

    def has(self, folder: Path) -> bool:
        """Whether there is such a folder."""
        return folder.is_dir()

    def lists(self, bundle: Bundle, *, erased: frozenset[str], k: int, workers: int, now_s: float) -> Iterator[Lists]:
        """The lists of all users of a bundle's log, some users at a time.

        Args:
            bundle: Whose recommendation answers.
            erased: Pseudonyms of people who get no list.
            k: Length of the lists.
            workers: Processes.
            now_s: When they are made, in seconds since 1970 UTC.

        Returns:
            Lists, in the order of the pseudonyms; made as they are asked for.
        """
        from steelyard.adapters.batch_lists import each_part

        return each_part(bundle.folder, erased=erased, k=k, workers=workers, now_s=now_s)

    def writing_lists(
        self, path: Path, bundle: Bundle, *, facts: Mapping[str, Any]
    ) -> AbstractContextManager[ListsFile]:
        """Open a Parquet file of lists, which names the bundle and its configuration.

        Args:
            path: Replaced where it is there already, when all is written.
            bundle: Whose lists they are.
            facts: What else the file's metadata says.

        Returns:
            What is written to.
        """
        from steelyard.adapters.batch_lists import writing_lists

        about = bundle.about()
        named = {"bundle": bundle.digest, "made_at": about.made_at, "configurations": dict(about.configurations)}
        return writing_lists(path, item_ids=tuple(bundle.cards().item_ids()), about={**named, **facts})

    def changes(self, out: Path) -> ChangeJournal:
        """The journal of changes of the catalogue, beside a folder of bundles; made with the first change."""
        from steelyard.adapters.change_journal import ChangeJournal

        return ChangeJournal(out / CHANGES)


@dataclass(frozen=True, slots=True)
class Serving:
    """What a server keeps beside its bundle."""

    def events(self, folder: Path) -> EventLog:
        """The log of events in a folder.

        Args:
            folder: The server's state folder.

        Returns:
            To be closed.

        Raises:
            StorageError: It cannot be written, or another server uses it.
        """
        from steelyard.adapters.sqlite_events import SqliteEvents

        return SqliteEvents(folder)

    def exploration(self, folder: Path, keys: Callable[[], Sequence[bytes]]) -> ExplorationFile:
        """What a place that explores has learnt, in a server's state folder.

        Args:
            folder: The state folder, where the log of events is open.
            keys: Gives the shop's key, and the one before while it is kept.

        Returns:
            Nothing is read or written yet.
        """
        from steelyard.adapters.exploration_file import ExplorationFile

        return ExplorationFile(folder, keys)

    def progress(self, work: Path) -> ProgressFile:
        """The progress of a shop's run, in its work folder."""
        from steelyard.adapters.progress_file import ProgressFile

        return ProgressFile(work / PROGRESS)

    def running(self, argv: Sequence[str], *, port: int) -> ServerProcess:
        """A server in a process of its own, from ``with`` to the end of the block or until it is let go.

        Args:
            argv: Command; ``{port}`` in any argument is replaced by the port.
            port: To listen on; 0 picks a free one.

        Returns:
            Entered, it answers.
        """
        from steelyard.adapters.measuring.server_process import ServerProcess

        return ServerProcess(argv, port=port)

    def is_free(self, port: int) -> bool:
        """Whether a server could listen on a port of this machine now."""
        from steelyard.adapters.measuring.server_process import is_free

        return is_free(port)

    def pictures(self, folder: Path) -> PicturePort:
        """Pictures by name, from a folder."""
        from steelyard.adapters.shop.pictures import PictureFolder

        return PictureFolder(folder)
