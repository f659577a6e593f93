"""What a workflow is handed of a shop: its configuration, its store, and the tools that touch the world."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from steelyard.config import Config
    from steelyard.workflows.ports import Store, Tools
    from steelyard.workflows.stages import Steps

__all__ = ["USAGE", "AccountsShop", "OpenShop", "ShopFolder"]

USAGE = "usage.jsonl"
"""The journal of the meters, in the work folder; the server keeps one of its own beside its events."""


class ShopFolder(Protocol):
    """Where a shop is, and what it holds."""

    @property
    def config(self) -> Config:
        """The shop's configuration."""
        ...

    @property
    def base(self) -> Path:
        """Folder of the configuration file."""
        ...

    @property
    def work(self) -> Path:
        """Folder for everything that is written."""
        ...

    @property
    def store(self) -> Store:
        """The shop's artefacts."""
        ...


class AccountsShop(ShopFolder, Protocol):
    """As much of a shop as its accounts need."""

    @property
    def tools(self) -> Tools:
        """What the world is touched with."""
        ...


class OpenShop(AccountsShop, Protocol):
    """A shop that was opened (``steelyard.cli.opening.Opened``)."""

    @property
    def steps(self) -> Steps:
        """What was done already."""
        ...

    @property
    def key(self) -> bytes:
        """Secret key of the users' pseudonyms."""
        ...

    @property
    def erased(self) -> frozenset[str]:
        """Pseudonyms of people who were erased."""
        ...
