"""The data-protection report: what is stored of people, why, how long, who read it, and how it is guarded."""

from __future__ import annotations

from typing import Any

import msgspec

from steelyard.documents.encoding import Source, as_builtins, read_document

__all__ = ["HoldingRow", "PrivateModelRow", "Protection", "ReadingRow", "protection_builtins", "read_protection"]


class HoldingRow(msgspec.Struct, frozen=True, kw_only=True):
    """One kind of data that is stored."""

    key: str
    """``log``, ``users``, ``people``, ``histories``, ``events``, ``erased``, ``readings`` or ``key``."""
    where: str
    """Folder or file, relative to the configuration file."""
    columns: tuple[str, ...] = ()
    """What is held of a person's action, in the words of the configuration."""
    keep_days: int | None = None
    """``None`` where no policy deletes it."""
    is_pseudonymous: bool = True
    n_bytes: int | None = None
    """``None`` where it is not known."""


class ReadingRow(msgspec.Struct, frozen=True, kw_only=True):
    """Who read people's data, by purpose."""

    who: str
    purpose: str
    n_lines: int
    """Lines of the log: each is one use of a verb, or a minute of a server."""
    first: str
    last: str


class PrivateModelRow(msgspec.Struct, frozen=True, kw_only=True):
    """A model that was learnt with differential privacy, and what it tells of a person at most."""

    name: str
    epsilon: float
    delta: float
    people: int


class Protection(msgspec.Struct, frozen=True, kw_only=True):
    """The report; what it says comes from the configuration and from what is stored."""

    format: int = 1
    shop: str
    made_at: str
    controller: str
    contact: str
    purposes: tuple[str, ...]
    """Beside search and recommendations."""
    holdings: tuple[HoldingRow, ...]
    n_erased: int
    """People who were erased."""
    has_previous_key: bool
    """Whether the key of the pseudonyms before is still kept."""
    least_people: int
    epsilon_per_month: float
    readings: tuple[ReadingRow, ...]
    broken_line: int
    """First line of the log of readings that was changed; 0 where none was."""
    is_guarded: bool
    """Whether the server asks for the administrator's key, by its configuration."""
    private_models: tuple[PrivateModelRow, ...] = ()


def read_protection(source: Source) -> Protection:
    """The report of a document.

    Args:
        source: JSON, or what was parsed from it.

    Returns:
        The report.

    Raises:
        ArtefactError: It is no such document, or of a later format.
    """
    return read_document(source, Protection, name="data-protection report", migrations=(dict,))


def protection_builtins(report: Protection) -> dict[str, Any]:
    """The report as JSON's own types."""
    return as_builtins(report)
