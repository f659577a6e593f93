"""Opens the stored parts of one configuration: the bridge from folders to the models' ``Parts`` port."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from steelyard import registry
from steelyard.adapters.artefacts import read_state
from steelyard.adapters.chat_endpoint import open_chat_model
from steelyard.domain import State
from steelyard.errors import ArtefactError
from steelyard.models.ports import ChatModel

__all__ = ["DirectoryParts"]


class DirectoryParts:
    """Parts that live in folders.

    Args:
        resolve: From a part's name to its verified folder: ``Artefacts.path`` for a store, a bundle's own for a bundle.
        parts: From role to part name, as ``Configuration.parts``.
    """

    def __init__(self, resolve: Callable[[str], Path], parts: Mapping[str, str]) -> None:
        self._resolve = resolve
        self._parts = dict(parts)

    def folder(self, role: str) -> Path:
        """Verified folder of the part in this role.

        Args:
            role: What the retriever calls the part, for example ``encoder``.

        Returns:
            What ``resolve`` gives for the part that plays the role.

        Raises:
            ArtefactError: The configuration names no part for the role.
        """
        if role not in self._parts:
            raise ArtefactError(f"the configuration has no part in the role {role!r}; it has {sorted(self._parts)}")
        return self._resolve(self._parts[role])

    def state(self, role: str) -> State:
        """Arrays and facts of the part in this role."""
        return read_state(self.folder(role))

    def content(self, role: str, name: str) -> bytes:
        """A file of the part's own in this role.

        Args:
            role: What the recipe calls the part.
            name: Of the file, as it was written.

        Returns:
            Its bytes, verified when the part was opened.

        Raises:
            ArtefactError: The part holds no such file.
        """
        path = self.folder(role) / name
        if path.parent != self.folder(role) or not path.is_file():
            raise ArtefactError(f"the part in the role {role!r} holds no file {name!r}: build it again")
        return path.read_bytes()

    def candidate_index(self, role: str) -> Any:
        """The term index stored in the part in this role."""
        return registry.load("indexes", self._engine(role)).open(self.folder(role))

    def encoder(self, role: str) -> Any:
        """The encoder stored in the part in this role."""
        return registry.load("encoders", self._engine(role))(self.folder(role))

    def chat_model(self, role: str) -> ChatModel:
        """The language model that the part in this role names, with the key of the environment."""
        facts = json.loads((self.folder(role) / "facts.json").read_text("utf-8"))
        return open_chat_model(facts)

    def _engine(self, role: str) -> str:
        """Name of the plugin that opens the part."""
        facts = json.loads((self.folder(role) / "facts.json").read_text("utf-8"))
        return str(facts["engine"])
