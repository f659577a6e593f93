"""What the workflows on people's data are handed."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from pathlib import Path
from typing import Protocol

from steelyard.data.privacy.change import Change, Touched
from steelyard.documents.access_line import AccessLine
from steelyard.documents.erasure import Receipt
from steelyard.workflows.open_shop import ShopFolder
from steelyard.workflows.ports import Clock, ShopFiles

__all__ = ["Holdings", "Keys", "Looked", "PrivacyPort", "PrivacyShop", "PrivacyTools", "Register"]


class Register(Protocol):
    """Who was erased, receipts, the log of readings (``steelyard.adapters.privacy.register.Register``)."""

    @property
    def folder(self) -> Path:
        """Where it lies."""
        ...

    def key(self) -> bytes:
        """The key of the seals."""
        ...

    def stamp(self) -> tuple[int, int]:
        """What changes whenever somebody is erased or readmitted."""
        ...

    def erased(self) -> frozenset[str]:
        """Pseudonyms of everybody who was erased."""
        ...

    def erase(self, people: Collection[str]) -> None:
        """Add people, durably."""
        ...

    def readmit(self, people: Collection[str]) -> int:
        """Take people off; how many were on it."""
        ...

    def renew(self, renamed: Mapping[str, str]) -> None:
        """Keep the list under another key."""
        ...

    def keep_carried(self, names: Collection[str]) -> None:
        """Keep the pseudonyms that wait for a new one."""
        ...

    def carried(self) -> frozenset[str]:
        """The pseudonyms that wait for a new one."""
        ...

    def spend(self, period: str, epsilon: float, *, most: float, what: str) -> float:
        """Book privacy loss before anything is shown for it; what is left afterwards."""
        ...

    def write_receipt(self, receipt: Receipt) -> Path:
        """Keep a sealed receipt; its file."""
        ...

    def note(self, said: AccessLine) -> None:
        """Add a line to the log of who read people's data."""
        ...

    def notes(self) -> list[AccessLine]:
        """The lines of the log."""
        ...

    def broken_note(self) -> int:
        """Number of the first line that is not as it was written; 0 where all are."""
        ...


class Holdings(Protocol):
    """All that is stored of people (``steelyard.adapters.privacy.holdings.Holdings``)."""

    @property
    def is_served(self) -> bool:
        """Whether a server has an event log open."""
        ...

    def people(self) -> frozenset[str]:
        """Pseudonyms of people, visits and events in all that is stored."""
        ...

    def apply(self, change: Change) -> list[Touched]:
        """Change all places."""
        ...

    def logs(self, change: Change) -> list[Touched]:
        """Change the event logs alone."""
        ...


class Looked(Protocol):
    """What a search for people found."""

    @property
    def found(self) -> Mapping[str, int]:
        """Occurrences by file."""
        ...

    @property
    def n_files(self) -> int:
        """Files that were searched."""
        ...

    @property
    def n_bytes(self) -> int:
        """Bytes that were searched."""
        ...

    @property
    def n_too_short(self) -> int:
        """Raw identifiers that were not looked for."""
        ...


class Keys(Protocol):
    """The key of the pseudonyms and the one before (``steelyard.adapters.privacy.keys.Keys``)."""

    def current(self) -> bytes:
        """The key that is used."""
        ...

    def previous(self) -> bytes | None:
        """The key before, while it is kept."""
        ...

    def rotate(self) -> None:
        """Make a new key and keep the one before."""
        ...

    def destroy_previous(self) -> bool:
        """Overwrite and delete the key before; whether there was one."""
        ...


class PrivacyPort(Protocol):
    """Opens what people's data lies in (``steelyard.assembly.privacy.PrivacyFiles``)."""

    def register(self, folder: Path) -> Register:
        """The register in a folder."""
        ...

    def holdings(self, work: Path, states: Sequence[Path] = ()) -> Holdings:
        """All that is stored for a shop."""
        ...

    def keys(self, work: Path) -> Keys:
        """The keys of the pseudonyms."""
        ...

    def people_by(self, folder: Path, column: str, *, most_groups: int | None = None) -> dict[str, int]:
        """Distinct people of each group of the prepared log."""
        ...

    def noise(self, n: int, *, scale: float) -> Sequence[int]:
        """Whole numbers with the discrete Laplace distribution."""
        ...

    def traces(
        self,
        roots: Sequence[Path],
        *,
        pseudonyms: Collection[str] = (),
        raw: Collection[str] = (),
        without: Collection[Path] = (),
    ) -> Looked:
        """Where pseudonyms and raw identifiers stand in files."""
        ...


class PrivacyTools(Protocol):
    """What the world is touched with."""

    @property
    def clock(self) -> Clock:
        """The time."""
        ...

    @property
    def shop(self) -> ShopFiles:
        """The shop's files."""
        ...

    @property
    def privacy(self) -> PrivacyPort:
        """Where people's data lies."""
        ...


class PrivacyShop(ShopFolder, Protocol):
    """A shop that was opened."""

    @property
    def tools(self) -> PrivacyTools:
        """What the world is touched with."""
        ...
