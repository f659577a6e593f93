"""The store of artefacts, and files that are no artefact by themselves."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Protocol

from steelyard import registry

if TYPE_CHECKING:
    from steelyard.documents.contract import DataContract
    from steelyard.domain import State
    from steelyard.models.ports import CandidateIndex, Parts
    from steelyard.workflows.ports import Store

__all__ = ["Files", "IndexEngine"]


class IndexEngine(Protocol):
    """What an entry point of ``steelyard.indexes`` names: writes term indexes, and opens them."""

    def build(self, folder: Path, documents: Iterable[Sequence[str]]) -> None:
        """Write an index of the documents' terms into an existing folder, numbered 0, 1, 2 …; one may have none."""
        ...

    def open(self, folder: Path) -> CandidateIndex:
        """The index that ``build`` wrote; nothing in the folder is changed, and one without an index is refused."""
        ...


@dataclass(frozen=True, slots=True)
class Files:
    """The store of artefacts, and files that are no artefact by themselves."""

    def artefacts(self, root: Path) -> Store:
        """The store in a folder, which is made where it is missing."""
        from steelyard.adapters.artefacts import Artefacts

        return Artefacts(root)

    def digest(self, path: Path) -> str:
        """SHA-256 of a file's content."""
        from steelyard.adapters.artefacts import file_digest

        return file_digest(path)

    def read_contract(self, path: Path) -> object:
        """What a data contract's YAML or JSON file holds, of JSON's own types."""
        from steelyard.adapters.contract_files import read_contract_file

        return read_contract_file(path)

    def contract_text(self, contract: DataContract) -> str:
        """A data contract as YAML."""
        from steelyard.adapters.contract_files import contract_text
        from steelyard.documents.contract import contract_builtins

        return contract_text(contract_builtins(contract))

    def save_text(self, path: Path, text: str) -> None:
        """Store a text whole or not at all; folders that lead to it are made."""
        from steelyard.adapters.plain_files import write_text

        write_text(path, text)

    def remove(self, folder: Path) -> None:
        """Delete a folder with all in it, where it is there."""
        from steelyard.adapters.plain_files import remove

        remove(folder)

    def read_state(self, folder: Path) -> State:
        """Arrays and facts of a verified folder."""
        from steelyard.adapters.artefacts import read_state

        return read_state(folder)

    def write_state(self, folder: Path, state: State) -> None:
        """Write arrays and facts into a folder that also holds something else."""
        from steelyard.adapters.artefacts import write_state

        write_state(folder, state)

    def save_bytes(self, folder: Path, name: str, content: bytes) -> None:
        """Write a file of a part's own into its folder."""
        from steelyard.adapters.artefacts import write_bytes

        write_bytes(folder, name, content)

    def write_term_index(self, engine: str, folder: Path, documents: Iterable[Sequence[str]]) -> None:
        """Write an index of the documents' terms into a folder.

        Args:
            engine: Name of the index plugin that will open it.
            folder: The part's folder.
            documents: Terms of text 0, 1, 2 …
        """
        found: IndexEngine = registry.load("indexes", engine)
        found.build(folder, documents)

    def parts(self, resolve: Callable[[str], Path], parts: Mapping[str, str]) -> Parts:
        """Stored parts by role.

        Args:
            resolve: From a part's name to its verified folder.
            parts: From role to part name.

        Returns:
            Nothing is opened yet.
        """
        from steelyard.adapters.parts import DirectoryParts

        return DirectoryParts(resolve, parts)
